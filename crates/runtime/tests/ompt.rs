//! OMPT: a tool compiled from C (`ompt/tool.c`) is loaded in each way there is and logs the events of programs
//! (`ompt/program.c`), which are checked here: order, matching ends, identities, numbers of threads. Skipped, with the reason
//! printed, where there is no clang.

#![cfg(not(loom))]

mod common;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Folder of the compiled tool (`tool.so`) and programs (`program`; `linked` holds the tool, too).
fn folder() -> Option<&'static PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(compile).as_ref()
}

fn compile() -> Option<PathBuf> {
    let works = |name: &&&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let Some(clang) = ["clang-22", "clang"].iter().find(works) else {
        eprintln!("skipped: no clang was found");
        return None;
    };
    let dropin = common::dropin();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ompt");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ompt");
    let compile = |output: &str, flags: &[&str], files: &[&str]| {
        let output = Command::new(clang)
            .args(["-O0", "-g", "-Wall", "-Werror", "-Wno-source-uses-openmp"])
            .args(["-fopenmp", "-fopenmp-version=60", "-I"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
            .args(flags)
            .arg("-o")
            .arg(folder.join(output))
            .args(files.iter().map(|file| sources.join(file)))
            .arg("-L")
            .arg(dropin)
            .output()
            .expect("clang starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    compile("tool.so", &["-shared", "-fPIC", "-fno-openmp"], &["tool.c"]);
    compile("program", &[], &["program.c"]);
    compile("linked", &[], &["program.c", "tool.c"]);
    Some(folder)
}

/// How the tool gets into the program.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Linked,
    Preloaded,
    Named,
}

/// Runs a program; the log is `None` where the tool has not written one.
fn run(
    name: &str,
    threads: i32,
    way: Way,
    environment: &[(&str, &str)],
) -> Option<(Output, Option<Vec<Line>>)> {
    let folder = folder()?;
    let log = folder.join(format!(
        "{name}-{threads}-{way:?}-{}.log",
        environment.len()
    ));
    let _ = std::fs::remove_file(&log);
    let tool = folder.join("tool.so");
    let program = match way {
        Way::Linked => "linked",
        _ => "program",
    };
    let mut command = Command::new("timeout");
    command
        .arg("60")
        .arg(folder.join(program))
        .args([name, &threads.to_string()])
        .env("LD_LIBRARY_PATH", common::dropin())
        .env("OMPT_LOG", &log)
        .envs(environment.iter().copied());
    match way {
        Way::Linked => {}
        Way::Preloaded => {
            command.env("LD_PRELOAD", &tool);
        }
        Way::Named => {
            let list = format!("/nowhere/tool.so:{}", tool.display());
            command.env("OMP_TOOL_LIBRARIES", list);
        }
    }
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{name} {threads} {way:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&log).ok();
    Some((
        output,
        text.map(|text| text.lines().map(Line::parse).collect()),
    ))
}

/// A line of the log: the thread, the event, and its arguments.
#[derive(Clone, Debug)]
struct Line {
    text: String,
    thread: u64,
    event: String,
    fields: HashMap<String, String>,
}

impl Line {
    fn parse(text: &str) -> Self {
        let mut words = text.split(' ');
        let thread = words.next().and_then(|word| word.parse().ok());
        Self {
            thread: thread.unwrap_or_else(|| panic!("a line without a thread: {text}")),
            event: words.next().unwrap_or_default().to_owned(),
            fields: words
                .filter_map(|word| word.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            text: text.to_owned(),
        }
    }

    fn get(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in: {}", self.text))
    }

    fn number(&self, name: &str) -> u64 {
        self.get(name)
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number in: {}", self.text))
    }

    fn is(&self, event: &str, fields: &[(&str, &str)]) -> bool {
        self.event == event && fields.iter().all(|(name, value)| self.get(name) == *value)
    }
}

/// The events of a log, and questions to them.
struct Events(Vec<Line>);

impl Events {
    fn count(&self, event: &str, fields: &[(&str, &str)]) -> usize {
        self.all(event, fields).count()
    }

    fn all(&self, event: &str, fields: &[(&str, &str)]) -> impl Iterator<Item = &Line> + use<'_> {
        let lines: Vec<&Line> = self
            .0
            .iter()
            .filter(|line| line.is(event, fields))
            .collect();
        lines.into_iter()
    }

    fn position(&self, event: &str, fields: &[(&str, &str)]) -> usize {
        self.0
            .iter()
            .position(|line| line.is(event, fields))
            .unwrap_or_else(|| panic!("no {event} {fields:?}"))
    }
}

/// Runs a program with the tool linked to it, checks what holds for every program, and hands the events on.
fn with_events(name: &str, threads: i32, check: impl FnOnce(&Events)) {
    let Some((_, log)) = run(name, threads, Way::Linked, &[]) else {
        return;
    };
    let events = Events(log.expect("the tool has written its log"));
    let shown = || {
        events
            .0
            .iter()
            .map(|line| format!("{}\n", line.text))
            .collect::<String>()
    };
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        well_formed(&events);
        check(&events);
    }));
    if let Err(payload) = result {
        eprintln!("{name} with {threads} threads:\n{}", shown());
        std::panic::resume_unwind(payload);
    }
}

const SIZES: [i32; 4] = common::SIZES;

/// What is told in pairs, on the same thread and properly nested: first and last event.
const PAIRS: [(&str, &str); 8] = [
    ("thread_begin", "thread_end"),
    ("parallel_begin", "parallel_end"),
    ("implicit_task_begin", "implicit_task_end"),
    ("sync_begin", "sync_end"),
    ("wait_begin", "wait_end"),
    ("work_begin", "work_end"),
    ("masked_begin", "masked_end"),
    ("reduction_begin", "reduction_end"),
];

fn well_formed(events: &Events) {
    let (first, last) = (&events.0[0], events.0.last().unwrap());
    assert!(
        first
            .text
            .starts_with("0 start version 202411 runtime Omply"),
        "{}",
        first.text
    );
    assert_eq!(last.text, "0 finalize data 42");
    assert!(
        !events
            .0
            .iter()
            .any(|line| ["missing", "found"].contains(&line.event.as_str()))
    );
    let told = &events.0[3..events.0.len() - 1];
    let mut stacks: HashMap<u64, Vec<&Line>> = HashMap::new();
    for line in told {
        assert_ne!(
            line.thread, 0,
            "an event on a thread that has not begun: {}",
            line.text
        );
        let stack = stacks.entry(line.thread).or_default();
        assert_eq!(
            stack.is_empty(),
            line.event == "thread_begin",
            "outside the thread's life: {}",
            line.text
        );
        if PAIRS.iter().any(|(begin, _)| *begin == line.event) {
            stack.push(line);
        } else if let Some((begin, _)) = PAIRS.iter().find(|(_, end)| *end == line.event) {
            let opened = stack.pop().unwrap();
            assert_eq!(opened.event, *begin, "{} ends {}", line.text, opened.text);
            for same in ["kind", "task", "parallel", "data", "index"] {
                // A worker does not know its region any more when it leaves it.
                if line.fields.contains_key(same) && !(same == "parallel" && line.get(same) == "0")
                {
                    assert_eq!(
                        opened.get(same),
                        line.get(same),
                        "{} ends {}",
                        line.text,
                        opened.text
                    );
                }
            }
        }
        // Where the program has called, but for waits at the end of regions, which belong to the region's own call.
        if let Some(code) = line.fields.get("code") {
            assert_eq!(code, "linked", "{}", line.text);
        }
    }
    for (thread, stack) in stacks {
        assert!(
            stack.is_empty(),
            "thread {thread} has not ended {:?}",
            stack.last()
        );
    }
    for begin in events.all("parallel_begin", &[]) {
        region(events, begin);
    }
}

/// A region's implicit tasks: one for each number, each with a word of its own, within the region's time.
fn region(events: &Events, begin: &Line) {
    let id = begin.get("parallel");
    let (from, to) = (
        events.position("parallel_begin", &[("parallel", id)]),
        events.position("parallel_end", &[("parallel", id)]),
    );
    for (index, line) in events.0.iter().enumerate() {
        if line
            .fields
            .get("parallel")
            .is_some_and(|parallel| parallel == id)
        {
            assert!(
                (from..=to).contains(&index),
                "outside its region: {}",
                line.text
            );
        }
    }
    let tasks: Vec<&Line> = events
        .all("implicit_task_begin", &[("parallel", id)])
        .collect();
    let size = tasks[0].number("size");
    assert_eq!(tasks.len() as u64, size, "region {id}");
    let distinct = |name: &str| {
        tasks
            .iter()
            .map(|task| task.number(name))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(distinct("index"), (0..size).collect());
    assert_eq!(distinct("task").len() as u64, size);
    for task in &tasks {
        // Workers leave when they are asked to do something else.
        let end = events.position("implicit_task_end", &[("task", task.get("task"))]);
        assert!(
            end < to || task.get("index") != "0",
            "the region ends before {}",
            task.text
        );
    }
}

#[test]
fn the_tool_is_found_in_each_way() {
    for way in [Way::Linked, Way::Preloaded, Way::Named] {
        let Some((output, log)) = run("parallel", 2, way, &[("OMP_TOOL_VERBOSE_INIT", "stderr")])
        else {
            return;
        };
        let log = Events(log.unwrap_or_else(|| panic!("{way:?}: the tool was not started")));
        assert_eq!(log.count("parallel_begin", &[]), 3, "{way:?}");
        assert_eq!(log.0.last().unwrap().text, "0 finalize data 42");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines: Vec<&str> = told.lines().collect();
        assert!(
            lines.iter().all(|line| line.starts_with("omply: tool: ")),
            "{told}"
        );
        assert_eq!(lines.last(), Some(&"omply: tool: the tool is started"));
        assert_eq!(
            lines
                .iter()
                .any(|line| line.contains("opening /nowhere/tool.so")),
            way == Way::Named,
            "{told}"
        );
    }
}

#[test]
fn the_tool_is_told_what_the_runtime_can_do() {
    with_events("parallel", 1, |events| {
        assert_eq!(
            events.0[1].text,
            "0 states 16 impls 1 procs 1 proc 1 devices 0 host 0 target 0 memory 0 data 0 thread 0"
        );
        assert_eq!(
            events.0[2].text,
            "0 set error 0 never 8 9 10 12 13 14 15 22 33 34 35 36 got 0 1 1"
        );
    });
}

#[test]
fn a_tool_that_is_not_wanted_or_does_not_want_hears_nothing() {
    for way in [Way::Linked, Way::Preloaded, Way::Named] {
        let Some((_, log)) = run("parallel", 2, way, &[("OMP_TOOL", "disabled")]) else {
            return;
        };
        assert!(log.is_none(), "{way:?}");
        let (_, log) = run("parallel", 2, way, &[("OMPT_DECLINE", "1"), ("A", "B")]).unwrap();
        assert_eq!(log.unwrap().len(), 3, "{way:?}");
    }
}

#[test]
fn the_search_is_written_to_a_file() {
    let Some(folder) = folder() else { return };
    let file = folder.join("search.txt");
    let name = file.to_string_lossy().into_owned();
    let environment = [
        ("OMP_TOOL_VERBOSE_INIT", name.as_str()),
        ("A", "B"),
        ("C", "D"),
    ];
    run("parallel", 1, Way::Linked, &environment);
    let text = std::fs::read_to_string(&file).expect("the file is there");
    assert!(
        text.ends_with("omply: tool: the tool is started\n"),
        "{text}"
    );
}

#[test]
fn regions_and_their_implicit_tasks() {
    for n in SIZES {
        with_events("parallel", n, |events| {
            assert_eq!(
                events.count("parallel_begin", &[("requested", &n.to_string())]),
                3
            );
            assert_eq!(events.count("implicit_task_begin", &[]), 3 * n as usize + 1);
            // The implicit barrier at the end of each.
            assert_eq!(
                events.count("wait_end", &[("kind", "9"), ("state", "11")]),
                3 * n as usize
            );
            assert_eq!(events.count("thread_begin", &[("kind", "1")]), 1);
            assert_eq!(
                events.count("thread_begin", &[("kind", "2")]),
                n as usize - 1
            );
            assert!(
                events
                    .all("parallel_begin", &[])
                    .all(|begin| begin.get("enter") == "1")
            );
        });
    }
}

#[test]
fn nested_regions_know_those_around() {
    for n in SIZES {
        with_events("nested", n, |events| {
            let outer = events
                .all("parallel_begin", &[])
                .next()
                .unwrap()
                .get("parallel");
            assert_eq!(events.count("parallel_begin", &[]), n as usize + 1);
            for masked in events.all("masked_begin", &[]) {
                let around = masked.text.split_once("around ").unwrap().1;
                let (tasks, regions) = around.split_once(" | ").unwrap();
                let tasks: Vec<Vec<&str>> = tasks
                    .split(' ')
                    .map(|task| task.split('/').collect())
                    .collect();
                // The thread's implicit task, which runs the program's code; the one around, which has called the
                // runtime; the initial task.
                assert_eq!(tasks.len(), 3, "{around}");
                assert_eq!(
                    (tasks[0][0], tasks[0][1]),
                    (masked.get("task"), masked.get("parallel"))
                );
                assert_eq!((tasks[0][2], tasks[0][3], tasks[0][4]), ("2", "0", "10"));
                assert_eq!((tasks[1][1], tasks[1][2], tasks[1][4]), (outer, "2", "11"));
                assert_eq!((tasks[2][2], tasks[2][4]), ("1", "01"));
                let expected = format!("{}/2 {outer}/{n} 0/1", masked.get("parallel"));
                assert_eq!(regions, expected);
            }
            assert_eq!(events.count("masked_begin", &[]), n as usize);
        });
    }
}

#[test]
fn a_region_that_is_not_parallel_is_a_region() {
    for n in SIZES {
        with_events("serialized", n, |events| {
            assert_eq!(events.count("parallel_begin", &[]), 1);
            assert_eq!(
                events.count("implicit_task_begin", &[("size", "1"), ("index", "0")]),
                1
            );
            assert_eq!(events.count("masked_begin", &[]), 1);
        });
    }
}

/// In each barrier of the kind, no thread leaves before all have arrived.
fn barriers_hold(events: &Events, kind: &str, rounds: usize, n: i32) {
    let n = n as usize;
    let (mut begun, mut ended) = (0, 0);
    for line in &events.0 {
        if line.is("wait_begin", &[("kind", kind)]) {
            begun += 1;
        }
        if line.is("wait_end", &[("kind", kind)]) {
            assert!(begun >= (ended / n + 1) * n, "{}", line.text);
            ended += 1;
        }
    }
    assert_eq!(
        (begun, ended),
        (rounds * n, rounds * n),
        "barriers of kind {kind}"
    );
}

#[test]
fn explicit_barriers_and_those_of_worksharing() {
    for n in SIZES {
        with_events("barrier", n, |events| {
            barriers_hold(events, "3", 2, n);
            barriers_hold(events, "8", 1, n);
            assert_eq!(
                events.count("wait_begin", &[("kind", "3"), ("state", "14")]),
                2 * n as usize
            );
            assert_eq!(
                events.count("wait_begin", &[("kind", "8"), ("state", "12")]),
                n as usize
            );
        });
    }
}

#[test]
fn loops_by_schedule_and_the_chunks_handed_out() {
    for n in SIZES {
        with_events("loops", n, |events| {
            for (kind, count) in [("10", "100"), ("11", "100"), ("12", "300"), ("10", "400")] {
                let begun = events.count("work_begin", &[("kind", kind), ("count", count)]);
                assert_eq!(begun, n as usize, "schedule {kind}, {count} iterations");
            }
            // The dispatched chunks of each loop make up the loop; those of the chunked static one are the program's.
            let mut chunks: HashMap<String, Vec<(u64, u64)>> = HashMap::new();
            let mut current: HashMap<u64, String> = HashMap::new();
            for line in &events.0 {
                if line.event == "work_begin" {
                    let name = format!("{} {}", line.get("kind"), line.get("count"));
                    current.insert(line.thread, name);
                } else if line.event == "dispatch" {
                    assert_eq!(line.get("kind"), "3");
                    let chunk = (line.number("start"), line.number("iterations"));
                    chunks
                        .entry(current[&line.thread].clone())
                        .or_default()
                        .push(chunk);
                }
            }
            for (name, total) in [("10 100", 100), ("11 100", 100), ("12 300", 300)] {
                let list = chunks.get_mut(name).unwrap();
                list.sort_unstable();
                let mut next = 0;
                for &(start, iterations) in list.iter() {
                    assert_eq!(start, next, "{name}");
                    next += iterations;
                }
                assert_eq!(next, total, "{name}");
            }
            assert!(!chunks.contains_key("10 400"));
        });
    }
}

#[test]
fn sections() {
    for n in SIZES {
        with_events("sections", n, |events| {
            assert_eq!(
                events.count("work_begin", &[("kind", "2"), ("count", "3")]),
                n as usize
            );
            assert_eq!(
                events.count("dispatch", &[("kind", "2")]),
                3.min(n as usize)
            );
            barriers_hold(events, "8", 1, n);
        });
    }
}

#[test]
fn single_has_one_executor() {
    for n in SIZES {
        with_events("single", n, |events| {
            assert_eq!(events.count("work_begin", &[("kind", "3")]), 2);
            assert_eq!(
                events.count("work_begin", &[("kind", "4")]),
                2 * (n as usize - 1)
            );
            // Of the first single, and of the second after its values were copied.
            barriers_hold(events, "8", 2, n);
            barriers_hold(events, "4", 1, n);
        });
    }
}

#[test]
fn masked_is_told_on_the_thread_that_executes() {
    for n in SIZES {
        with_events("masked", n, |events| {
            let executors: Vec<&str> = events
                .all("masked_begin", &[])
                .map(|masked| {
                    let task = [("task", masked.get("task"))];
                    events
                        .all("implicit_task_begin", &task)
                        .next()
                        .unwrap()
                        .get("index")
                })
                .collect();
            let last = (n - 1).to_string();
            assert_eq!(executors.len(), 2);
            assert!(executors.contains(&"0") && executors.contains(&last.as_str()));
        });
    }
}

#[test]
fn mutual_exclusion() {
    for n in SIZES {
        with_events("mutexes", n, |events| {
            let n = n as usize;
            assert_eq!(
                events.count("lock_init", &[("kind", "1"), ("hint", "2")]),
                1
            );
            assert_eq!(events.count("lock_init", &[("kind", "3")]), 1);
            assert_eq!(events.count("lock_destroy", &[]), 2);
            for kind in ["1", "2", "4", "5"] {
                assert_eq!(
                    events.count("mutex_acquired", &[("kind", kind)]),
                    n,
                    "kind {kind}"
                );
            }
            assert_eq!(events.count("mutex_acquire", &[("kind", "3")]), 2 * n);
            assert_eq!(events.count("mutex_acquired", &[("kind", "3")]), n);
            assert_eq!(events.count("nest_lock_begin", &[]), n);
            assert_eq!(events.count("nest_lock_end", &[]), n);
            // Released by unsetting, whether set or tested.
            assert_eq!(events.count("mutex_released", &[("kind", "1")]), 2 * n);
            assert_eq!(events.count("mutex_released", &[("kind", "3")]), 2 * n);
            assert_eq!(events.count("mutex_released", &[("kind", "5")]), n);
            held_by_one(events);
        });
    }
}

/// Between being acquired and released on one thread, what is exclusive is not acquired on another. The release is told after
/// it has happened, so another thread may have acquired by then: the order is checked per thread.
fn held_by_one(events: &Events) {
    let mut held: HashMap<(u64, &str), bool> = HashMap::new();
    for line in &events.0 {
        if let "mutex_acquire" | "mutex_acquired" | "mutex_released" = line.event.as_str() {
            let held = held.entry((line.thread, line.get("wait"))).or_default();
            match line.event.as_str() {
                "mutex_acquired" => assert!(!std::mem::replace(held, true), "{}", line.text),
                "mutex_released" => assert!(std::mem::replace(held, false), "{}", line.text),
                _ => {}
            }
        }
    }
    assert!(held.values().all(|held| !held));
}

#[test]
fn ordered_blocks() {
    for n in SIZES {
        with_events("ordered", n, |events| {
            for event in ["mutex_acquire", "mutex_acquired", "mutex_released"] {
                assert_eq!(events.count(event, &[("kind", "7")]), 20);
            }
            held_by_one(events);
        });
    }
}

#[test]
fn reductions() {
    for n in SIZES {
        with_events("reduction", n, |events| {
            assert_eq!(
                events.count("reduction_begin", &[("kind", "7")]),
                n as usize
            );
        });
    }
}

#[test]
fn flushes() {
    for n in SIZES {
        with_events("flush", n, |events| {
            let flushes: Vec<&Line> = events.all("flush", &[]).collect();
            assert_eq!(flushes.len(), n as usize);
            assert!(
                flushes
                    .iter()
                    .all(|flush| flush.number("data") == flush.thread)
            );
        });
    }
}

#[test]
fn cancellation() {
    for n in SIZES {
        let Some((_, log)) = run("cancel", n, Way::Linked, &[("OMP_CANCELLATION", "true")]) else {
            return;
        };
        let events = Events(log.unwrap());
        // Activated once for the loop, once for the region; found by whoever looks.
        assert_eq!(events.count("cancel", &[("flags", "14")]), 1);
        assert_eq!(events.count("cancel", &[("flags", "11")]), 1);
        for found in events
            .all("cancel", &[])
            .filter(|line| line.get("flags").starts_with('2'))
        {
            assert!(["24", "21"].contains(&found.get("flags")), "{}", found.text);
        }
        let (begun, ended) = (
            events.count("work_begin", &[]),
            events.count("work_end", &[]),
        );
        assert_eq!((begun, ended), (n as usize, n as usize));
    }
}

#[test]
fn errors_are_told_before_they_are_shown() {
    with_events("error", 1, |events| {
        let error = events
            .all("error", &[("severity", "1"), ("length", "17")])
            .next()
            .unwrap();
        assert!(
            error.text.ends_with("message=a word of warning"),
            "{}",
            error.text
        );
    });
}

#[test]
fn the_program_controls_the_tool_and_the_tool_can_end_itself() {
    for n in SIZES {
        let Some((_, log)) = run("control", n, Way::Linked, &[]) else {
            return;
        };
        let events = Events(log.unwrap());
        let controls: Vec<(&str, &str)> = events
            .all("control_tool", &[])
            .map(|line| (line.get("command"), line.get("argument")))
            .collect();
        assert_eq!(controls, [("2", "1"), ("4", "0")]);
        assert_eq!(events.count("parallel_begin", &[]), 1);
        assert_eq!(events.0.last().unwrap().text, "0 finalize data 42");
    }
}

#[test]
fn pausing_ends_the_tool() {
    for n in SIZES {
        with_events("stop", n, |events| {
            assert_eq!(events.count("parallel_begin", &[]), 1);
            assert_eq!(events.count("thread_end", &[]), n as usize);
        });
    }
}

#[test]
fn the_tool_ends_with_a_process_that_ends_in_a_region() {
    for n in SIZES {
        let Some((_, log)) = run("quit", n, Way::Linked, &[]) else {
            return;
        };
        let events = Events(log.unwrap());
        assert_eq!(events.count("parallel_begin", &[]), 1);
        assert_eq!(events.0.last().unwrap().text, "0 finalize data 42");
    }
}

#[test]
fn leagues() {
    for n in SIZES {
        with_events("teams", n, |events| {
            let league = events
                .all("parallel_begin", &[("flags", "40000002")])
                .next()
                .unwrap();
            assert_eq!(league.get("requested"), "2");
            let id = league.get("parallel");
            let initial = [("parallel", id), ("flags", "1"), ("size", "2")];
            assert_eq!(events.count("implicit_task_begin", &initial), 2);
            assert_eq!(
                events.count("work_begin", &[("kind", "6"), ("parallel", id)]),
                2
            );
            assert_eq!(
                events.count("wait_end", &[("kind", "10"), ("parallel", id)]),
                2
            );
            assert_eq!(events.count("parallel_begin", &[("flags", "80000002")]), 2);
        });
    }
}

/// What holds for the tasks of every program: each is created once, begins and completes once, on one thread, after what created it has
/// begun; between the two the thread's events are those of the task, or of tasks that run on top of it.
fn tasks_are_well_formed(events: &Events) -> usize {
    let created = events
        .all("task_create", &[])
        .map(|line| line.get("task"))
        .collect::<Vec<_>>();
    assert_eq!(created.iter().collect::<BTreeSet<_>>().len(), created.len());
    let mut running: HashMap<u64, Vec<String>> = HashMap::new();
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for line in &events.0 {
        let stack = running.entry(line.thread).or_default();
        match line.event.as_str() {
            "implicit_task_begin" => stack.push(line.get("task").to_owned()),
            "implicit_task_end" => assert_eq!(stack.pop().as_deref(), Some(line.get("task"))),
            "task_create" => {
                assert_eq!(
                    stack.last().map(String::as_str),
                    Some(line.get("encountering"))
                );
            }
            "task_schedule" => {
                let (prior, next) = (line.get("prior"), line.get("next"));
                match line.get("status") {
                    // To a task that begins.
                    "7" | "2" => {
                        assert_eq!(
                            stack.last().map(String::as_str),
                            Some(prior),
                            "{}",
                            line.text
                        );
                        assert!(begun.insert(next.to_owned()), "{}", line.text);
                        stack.push(next.to_owned());
                    }
                    // From one that ends, back to the one below.
                    "1" | "3" | "4" => {
                        assert_eq!(stack.pop().as_deref(), Some(prior), "{}", line.text);
                        assert_eq!(
                            stack.last().map(String::as_str),
                            Some(next),
                            "{}",
                            line.text
                        );
                        assert!(ended.insert(prior.to_owned()), "{}", line.text);
                    }
                    "5" | "6" => assert_eq!(next, "0", "{}", line.text),
                    other => panic!("status {other}: {}", line.text),
                }
            }
            _ => {}
        }
    }
    let all = created
        .iter()
        .map(ToString::to_string)
        .collect::<BTreeSet<_>>();
    assert_eq!(begun, all);
    assert_eq!(ended, all);
    created.len()
}

#[test]
fn tasks_are_created_begin_and_complete() {
    for n in SIZES {
        with_events("tasks", n, |events| {
            assert_eq!(tasks_are_well_formed(events), 23);
            assert_eq!(events.count("task_create", &[("flags", "10000004")]), 20);
            assert_eq!(events.count("task_create", &[("flags", "8000004")]), 1);
            assert_eq!(events.count("task_create", &[("flags", "20000004")]), 2);
            assert!(
                events
                    .all("task_create", &[])
                    .all(|line| line.get("enter") == "1")
            );
            assert_eq!(
                events.count("wait_begin", &[("kind", "5"), ("state", "20")]),
                1
            );
            // Nothing of the twenty is left after the taskwait.
            let wait = events.position("wait_end", &[("kind", "5")]);
            for task in events.all("task_create", &[("flags", "10000004")]) {
                let done = [("prior", task.get("task")), ("status", "1")];
                assert!(events.position("task_schedule", &done) < wait);
            }
        });
    }
}

#[test]
fn tasks_within_tasks() {
    for n in SIZES {
        with_events("recursion", n, |events| {
            assert_eq!(tasks_are_well_formed(events), 3 + 9 + 27 + 81 + 243);
            assert_eq!(
                events.count("wait_end", &[("kind", "5")]),
                1 + 3 + 9 + 27 + 81
            );
        });
    }
}

#[test]
fn taskgroups() {
    for n in SIZES {
        with_events("taskgroup", n, |events| {
            assert_eq!(tasks_are_well_formed(events), 5);
            let (begin, end) = (
                events.position("sync_begin", &[("kind", "6")]),
                events.position("sync_end", &[("kind", "6")]),
            );
            for (index, line) in events.0.iter().enumerate() {
                if line.is("task_schedule", &[("status", "1")]) {
                    assert!((begin..end).contains(&index), "{}", line.text);
                }
            }
        });
    }
}

#[test]
fn taskloops() {
    for n in SIZES {
        with_events("taskloop", n, |events| {
            assert_eq!(tasks_are_well_formed(events), 7);
            assert_eq!(
                events.count("work_begin", &[("kind", "7"), ("count", "100")]),
                1
            );
            let mut chunks: Vec<(u64, u64)> = events
                .all("dispatch", &[("kind", "4")])
                .map(|line| (line.number("start"), line.number("iterations")))
                .collect();
            chunks.sort_unstable();
            let next = chunks.iter().fold(0, |next, &(start, iterations)| {
                assert_eq!(start, next);
                next + iterations
            });
            assert_eq!((chunks.len(), next), (7, 100));
        });
    }
}

#[test]
fn dependences_between_tasks() {
    for n in SIZES {
        with_events("depend", n, |events| {
            assert_eq!(tasks_are_well_formed(events), 2);
            let tasks: Vec<&Line> = events.all("task_create", &[("dependences", "1")]).collect();
            assert_eq!(tasks.len(), 2);
            let lists: Vec<&Line> = events.all("dependences", &[]).collect();
            assert_eq!(lists[0].get("task"), tasks[0].get("task"));
            assert!(
                lists[0].text.contains("count=1 list 3:"),
                "{}",
                lists[0].text
            );
            assert!(
                lists[1].text.contains("count=2 list 1:"),
                "{}",
                lists[1].text
            );
            assert!(lists[1].text.contains(" 4:"), "{}", lists[1].text);
            // The first waits for the second to exist; alone it has been executed before that.
            let edge = [
                ("source", tasks[0].get("task")),
                ("sink", tasks[1].get("task")),
            ];
            assert_eq!(events.count("task_dependence", &edge), usize::from(n > 1));
        });
    }
}

#[test]
fn detached_tasks() {
    for n in SIZES {
        with_events("detach", n, |events| {
            assert_eq!(tasks_are_well_formed(events), 1);
            assert_eq!(events.count("task_schedule", &[("status", "5")]), 1);
        });
    }
}

#[test]
fn tasks_that_are_cancelled_before_they_begin() {
    for n in SIZES {
        let Some((_, log)) = run("cancelled", n, Way::Linked, &[("OMP_CANCELLATION", "true")])
        else {
            return;
        };
        let events = Events(log.unwrap());
        assert_eq!(tasks_are_well_formed(&events), 2);
        assert_eq!(events.count("cancel", &[("flags", "18")]), 1);
        assert_eq!(events.count("task_schedule", &[("status", "3")]), 1);
    }
}
