//! C programs compiled by clang against the drop-in library. Skipped, with the reason printed, where there is no clang.

#![cfg(not(loom))]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The compiler and the folder of the drop-in library, or why there is none.
fn tools() -> Result<(&'static str, &'static PathBuf), &'static str> {
    let works = |name: &&&str| {
        Command::new(name)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    match ["clang-22", "clang"].iter().find(works) {
        Some(clang) => Ok((clang, common::dropin())),
        None => Err("no clang was found"),
    }
}

/// Compiles and runs tests/c/NAME.c with the environment given, at two levels of optimisation.
fn run(name: &str, environment: &[(&str, &str)]) {
    run_for_status(name, &[], environment, 0);
}

fn run_for_status(name: &str, flags: &[&str], environment: &[(&str, &str)], status: i32) {
    for ran in outputs(name, flags, &[], environment) {
        assert!(
            ran.status.code() == Some(status),
            "{name}: {}
{}",
            ran.status,
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}

/// What the program says at each level of optimisation; nothing where there is no clang.
fn outputs(
    name: &str,
    flags: &[&str],
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Vec<Output> {
    let (clang, folder) = match tools() {
        Ok(tools) => tools,
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return Vec::new();
        }
    };
    let mut outputs = Vec::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/c/{name}.c"));
    for level in ["-O0", "-O2"] {
        // Tests run side by side, some of them with the same program.
        let test = std::thread::current().name().unwrap_or("main").to_owned();
        let program = folder.join(format!("{name}{level}-{test}"));
        let compiled = Command::new(clang)
            .args([
                level,
                "-g",
                "-Wall",
                "-Werror",
                "-Wno-source-uses-openmp",
                "-fopenmp",
                "-o",
            ])
            .arg(&program)
            .arg(&source)
            .arg("-I")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
            .args(flags)
            .arg("-L")
            .arg(folder)
            .output()
            .expect("clang starts");
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        let ran = Command::new("timeout")
            .arg("60")
            .arg(&program)
            .args(arguments)
            .env("LD_LIBRARY_PATH", folder)
            .envs(environment.iter().copied())
            .output()
            .expect("the program starts");
        outputs.push(ran);
    }
    outputs
}

#[test]
fn parallel() {
    run("parallel", &[]);
    run(
        "parallel",
        &[("OMP_PLACES", "threads"), ("OMP_PROC_BIND", "close")],
    );
}

#[test]
fn loops() {
    run("loops", &[]);
}

#[test]
fn sync() {
    run("sync", &[]);
    run("sync", &[("OMP_WAIT_POLICY", "passive")]);
}

#[test]
fn depend() {
    run("depend", &[]);
    run("depend", &[("OMP_WAIT_POLICY", "passive")]);
}

#[test]
fn taskgraph() {
    run("taskgraph", &[]);
}

#[test]
fn task_reduction() {
    run("task_reduction", &[]);
}

#[test]
fn tasks() {
    run("tasks", &[]);
}

#[test]
fn tasks_engine() {
    run("tasks_engine", &[]);
    run("tasks_engine", &[("OMP_WAIT_POLICY", "passive")]);
}

#[test]
fn tasks_cancel() {
    run("tasks_cancel", &[("OMP_CANCELLATION", "true")]);
}

#[test]
fn cancel() {
    run("cancel", &[("OMP_CANCELLATION", "true")]);
}

#[test]
fn routines() {
    run(
        "routines",
        &[
            ("OMP_NUM_THREADS", "3"),
            ("OMP_THREAD_LIMIT", "6"),
            ("OMP_SCHEDULE", "guided,5"),
        ],
    );
}

#[test]
fn teams() {
    run("teams", &[("OMP_NUM_TEAMS", "3")]);
    run(
        "teams",
        &[
            ("OMP_NUM_TEAMS", "3"),
            ("OMP_PLACES", "threads"),
            ("OMP_WAIT_POLICY", "passive"),
        ],
    );
}

#[test]
fn nested() {
    run(
        "nested",
        &[("OMP_NUM_THREADS", "4,3,2"), ("OMP_THREAD_LIMIT", "70")],
    );
}

#[test]
fn strict_numbers_of_threads_are_met_or_answered_as_the_clauses_say() {
    let say = |case: &str| {
        outputs(
            "strict",
            &["-fopenmp-version=60"],
            &[case],
            &[("OMP_THREAD_LIMIT", "4")],
        )
        .into_iter()
        .map(|ran| {
            assert!(ran.stdout.is_empty(), "the region ran");
            let text = String::from_utf8_lossy(&ran.stderr).into_owned();
            // The place in the program depends on where it was compiled.
            let lines: Vec<String> = text
                .lines()
                .map(|line| match line.split_once("strict.c:") {
                    Some((before, after)) => {
                        let kind = before.rfind(' ').map_or("", |end| &before[..end]);
                        let (number, message) = after.split_once(": ").expect("a line number");
                        assert!(number.parse::<u32>().is_ok(), "{line}");
                        format!("{kind} {message}")
                    }
                    None => line.to_owned(),
                })
                .collect();
            (ran.status.code(), lines)
        })
        .collect::<Vec<_>>()
    };
    let own = "there are not 9 threads for num_threads(strict: 9)";
    for (case, status, lines) in [
        ("met", 0, vec![]),
        (
            "warning",
            0,
            vec![
                "omply: warning: only few".to_owned(),
                format!("omply: warning: {own}"),
            ],
        ),
        ("fatal", 1, vec!["omply: error: too few".to_owned()]),
        ("silent", 1, vec![format!("omply: error: {own}")]),
    ] {
        for said in say(case) {
            assert_eq!(said, (Some(status), lines.clone()), "{case}");
        }
    }
}

#[test]
fn devices() {
    run("devices", &[]);
}

#[test]
fn pause() {
    run("pause", &[]);
    run("pause", &[("OMP_WAIT_POLICY", "active")]);
}

#[test]
fn affinity() {
    run(
        "affinity",
        &[
            ("OMP_PLACES", "threads"),
            ("OMP_PROC_BIND", "spread"),
            ("OMP_DISPLAY_AFFINITY", "true"),
        ],
    );
    // In the words of other runtimes.
    for (name, value) in [
        ("GOMP_CPU_AFFINITY", "0-63"),
        ("KMP_AFFINITY", "granularity=fine,proclist=[0-63],explicit"),
    ] {
        run("affinity", &[(name, value), ("OMP_PROC_BIND", "spread")]);
    }
}

#[test]
fn memory() {
    run("alloc", &[]);
    run("alloc_directive", &[]);
    run(
        "alloc_environment",
        &[(
            "OMP_ALLOCATOR",
            "omp_large_cap_mem_space:alignment=256,pool_size=65536,fallback=null_fb",
        )],
    );
}

#[test]
fn an_allocator_whose_fallback_is_abort_ends_the_program() {
    run_for_status("alloc_abort", &[], &[], 1);
}

#[test]
fn every_routine_of_the_header_can_be_linked() {
    let (clang, folder) = match tools() {
        Ok(tools) => tools,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let header = std::fs::read_to_string(include.join("omp.h")).expect("the header");
    // Declarations, of which some begin on a line before the name.
    let names: std::collections::BTreeSet<&str> = header
        .match_indices("omp_")
        .filter_map(|(start, _)| {
            let rest = &header[start..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
            let boundary = header[..start].ends_with([' ', '*', '\n']);
            (boundary && rest[end..].starts_with('(')).then_some(&rest[..end])
        })
        .collect();
    assert!(
        names.len() > 120,
        "only {} routines were found",
        names.len()
    );
    let uses: Vec<String> = names.iter().map(|name| format!("(void *){name}")).collect();
    let source = folder.join("all-routines.c");
    let text = format!(
        "#include <omp.h>\nvoid *volatile all[] = {{{}}};\nint main(void) {{ return !all[0]; }}\n",
        uses.join(", ")
    );
    std::fs::write(&source, text).expect("the folder is writable");
    let linked = Command::new(clang)
        .arg("-fopenmp")
        .arg(&source)
        .arg("-o")
        .arg(folder.join("all-routines"))
        .arg("-I")
        .arg(include)
        .arg("-L")
        .arg(folder)
        .output()
        .expect("clang starts");
    assert!(
        linked.status.success(),
        "{}",
        String::from_utf8_lossy(&linked.stderr)
    );
}

#[test]
fn the_environment_is_displayed_at_the_start() {
    let environment = [
        ("OMP_THREAD_LIMIT", "4"),
        ("OMP_DISPLAY_ENV", "verbose"),
        ("OMP_SCHEDULE", "dynamic,x"),
    ];
    for ran in outputs("strict", &["-fopenmp-version=60"], &["met"], &environment) {
        assert!(ran.status.success());
        let text = String::from_utf8_lossy(&ran.stderr).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("omply: OMP_SCHEDULE='dynamic,x' is ignored: expected "),
            "{text}"
        );
        let shown = |line: &str| lines.iter().filter(|shown| **shown == line).count();
        for line in [
            "OPENMP DISPLAY ENVIRONMENT BEGIN",
            "  _OPENMP='202411'",
            "  [host] OMP_THREAD_LIMIT='4'",
            "  [host] OMP_SCHEDULE='STATIC'",
            "  [host] OMPLY_BLOCKTIME='2000us'",
            "OPENMP DISPLAY ENVIRONMENT END",
        ] {
            assert_eq!(shown(line), 1, "{line} in {text}");
        }
    }
}

#[test]
fn formats() {
    let lines = ["T0 L1 n0/2 a0", "T0 L1 n1/2 a0", "by hand 0", "given 1"];
    for ran in outputs(
        "format",
        &[],
        &[],
        &[
            ("OMP_DISPLAY_AFFINITY", "true"),
            ("OMP_AFFINITY_FORMAT", "T%t L%L n%n/%N a%a"),
        ],
    ) {
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let mut said: Vec<&str> = text.lines().collect();
        said.sort_unstable();
        assert_eq!(said, lines);
    }
}

#[test]
fn the_process_may_end_within_a_region() {
    run_for_status("exit", &[], &[], 7);
}

#[test]
fn threadprivate_without_native_thread_local_storage() {
    run_for_status("threadprivate", &["-fnoopenmp-use-tls"], &[], 0);
}

#[test]
fn atomic_updates_as_functions() {
    run_for_status("kmpc_atomic", &["-lm"], &[], 0);
}

#[test]
fn entry_points_that_clang_does_not_emit() {
    run("kmpc_other", &[]);
}

#[test]
fn routines_under_fortrans_names_and_those_of_other_libraries() {
    run("fortran", &[]);
    run(
        "fortran",
        &[("OMP_PLACES", "threads"), ("OMP_PROC_BIND", "close")],
    );
}

#[test]
fn a_destroyed_lock_is_refused() {
    run_for_status("destroyed_lock", &[], &[], 1);
    run_for_status("destroyed_lock", &[], &[("NESTABLE", "1")], 1);
}

#[test]
fn forked_children_have_regions() {
    run_for_status("fork", &["-Wno-unused-but-set-variable"], &[], 0);
    run_for_status(
        "fork",
        &["-Wno-unused-but-set-variable"],
        &[("OMP_WAIT_POLICY", "passive")],
        0,
    );
}

#[test]
fn many_initial_threads_have_teams() {
    run_for_status("many_threads", &["-lpthread"], &[], 0);
}

#[test]
fn the_process_may_end_while_others_are_at_a_barrier() {
    for size in ["1", "2", "4", "17"] {
        for how in ["exit", "quick_exit", "_exit"] {
            for who in ["first", "last"] {
                let environment = [("OMP_NUM_THREADS", size), ("HOW", how), ("WHO", who)];
                run_for_status("exit_in_barrier", &[], &environment, 7);
            }
        }
    }
}

#[test]
fn loops_over_teams_and_threads_at_once() {
    run("kmpc_distribute", &[]);
}
