//! No source makes the parser or the conversion panic.

use omply_syntax::{Module, Request};

const SOURCE: &str = r#"
@omp
def f(a, *b, c: int = 1, **d):
    global g
    with omp("parallel for reduction(+: \
s) if(a[1:2] > (x := 3))" ''' schedule(static,
        a)'''):
        for i, (j, k) in enumerate(zip(a, b)):
            s += [i for i in a if (lambda q, r=j: q)(i)][0]
            try:
                match a:
                    case [x, {"k": y, **z}] | C(v=w) if w: pass
            except* E as e: del e
    with omp("at\x6fmic"): s += 1
    return f"{a!r:>{c}}" + b"x", yield
"#;

fn run(source: &str) {
    if let Ok(module) = Module::parse(source) {
        let request = Request {
            line: 2,
            name: "f".to_owned(),
            omp: vec!["omp".to_owned()],
        };
        let (parsed, _) = module.read(&request);
        if let Some(parsed) = parsed {
            omply_syntax::dump(&parsed.function);
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
fn edits_of_a_source_do_not_panic() {
    let pieces = [
        "(", ")", "\"", "'", "\\", "\n", "    ", ":", "omp(", ",", "é", "{", "}", "*", ":=", "\0",
        "lambda", " ",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3000 {
        let mut text = SOURCE.to_owned();
        for _ in 0..1 + next(&mut state) % 3 {
            let from = next(&mut state) % text.len();
            let to = (from + next(&mut state) % 4).min(text.len());
            if text.is_char_boundary(from) && text.is_char_boundary(to) {
                text.replace_range(from..to, pieces[next(&mut state) % pieces.len()]);
            }
        }
        run(&text);
    }
}

#[test]
fn prefixes_of_a_source_do_not_panic() {
    for end in (0..SOURCE.len()).filter(|&end| SOURCE.is_char_boundary(end)) {
        run(&SOURCE[..end]);
    }
}
