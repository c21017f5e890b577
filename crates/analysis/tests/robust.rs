//! No source makes the analysis panic, and a function with errors in its directives is analysed all the same.

use omply_analysis::{analyse, dump, unsupported};
use omply_spec::Mode;
use omply_syntax::{Module, Request};

const SOURCE: &str = r#"
omp("threadprivate(g)")
@omp
def f(a, n, *b):
    global g
    s = x = 0
    with omp("parallel for collapse(2) reduction(+: s) lastprivate(x) default(none) shared(a, n) ordered"):
        for i in range(1, n, 2):
            for j, k in enumerate(zip(a, reversed(b))):
                s += [x := i for i in a][0]
                with omp("ordered"):
                    g = s
    with omp("parallel private(x) copyin(g) num_threads(n)"):
        with omp("sections firstprivate(s) nowait"):
            x = 1
            with omp("section"):
                x = s
        with omp("single copyprivate(x)"):
            x = 2
        with omp("atomic capture"):
            y = s; s += 1
        with omp("atomic compare"):
            if s == n: s = x
        with omp("for simd schedule(dynamic, n) linear(s: 2)"):
            for i in a:
                try:
                    while i: break
                except E as e: continue
        with omp("critical(name)"): omp("flush(s)")
        with omp("masked filter(n)"):
            with omp("task firstprivate(x)"):
                def h(): return x
        omp("barrier")
    return s, x, lambda: y
"#;

#[test]
fn the_source_that_is_edited_can_be_read() {
    let request = Request {
        line: 3,
        name: "f".to_owned(),
        omp: vec!["omp".to_owned()],
    };
    let (parsed, errors) = Module::parse(SOURCE).unwrap().read(&request);
    assert_eq!(errors, []);
    assert_eq!(parsed.unwrap().function.directives, 14);
}

fn run(source: &str) {
    if let Ok(module) = Module::parse(source) {
        let request = Request {
            line: 3,
            name: "f".to_owned(),
            omp: vec!["omp".to_owned()],
        };
        if let (Some(parsed), _) = module.read(&request) {
            let (facts, _) = analyse(&parsed.function, source);
            dump(&parsed.function, &facts);
            unsupported(&parsed.function, Mode::Native);
        }
    }
}

/// A small generator, so that every run tries the same.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as usize
}

#[test]
fn edits_of_words_do_not_panic() {
    let words: Vec<&str> = SOURCE
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut state = 0x2545_f491_4f6c_dd1d;
    for _ in 0..1000 {
        let mut text = SOURCE.to_owned();
        for _ in 0..1 + next(&mut state) % 4 {
            let from = words[next(&mut state) % words.len()];
            let to = words[next(&mut state) % words.len()];
            let at: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
            if !at.is_empty() {
                let at = at[next(&mut state) % at.len()];
                text.replace_range(at..at + from.len(), to);
            }
        }
        run(&text);
    }
}

#[test]
fn functions_without_some_of_their_lines_do_not_panic() {
    let lines: Vec<&str> = SOURCE.lines().collect();
    for skipped in 4..lines.len() {
        for count in 1..4 {
            let kept = lines
                .iter()
                .enumerate()
                .filter(|(at, _)| !(skipped..skipped + count).contains(at));
            run(&kept
                .map(|(_, line)| format!("{line}\n"))
                .collect::<String>());
        }
    }
}
