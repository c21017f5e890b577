//! Random texts and random edits of valid directives, put through parsing and rendering. The generator is seeded, so a run repeats.

use omply_diagnostics::{SourceFile, Style, render, render_json};
use omply_directive::{SpanMap, parse, unsupported};
use omply_spec::{CLAUSES, LEAVES, Mode};

/// Valid directives that edits start from: every shape of argument is there.
const SEEDS: &[&str] = &[
    "parallel for simd reduction(+: s) schedule(monotonic, simd: dynamic, 4 * n) collapse(2) if(parallel: n > 3 && !done)",
    "parallel num_threads(strict: 4, 2) proc_bind(close) default(none) shared(a, b) copyin(t) private(x)",
    "target teams distribute parallel for map(always, to: a[0:n], b.c[i, ::2]) device(ancestor: 1) firstprivate(x)",
    "task depend(iterator(i = 0:n:2), in: a[i], b) depend(out: omp_all_memory) detach(ev) affinity(a[0:4])",
    "taskloop grainsize(strict: 8) lastprivate(x) in_reduction(max: m) allocate(allocator(h), align(64): x)",
    "atomic compare capture seq_cst fail(acquire) weak hint(1 | 2) memscope(device)",
    "for linear(i: val, step(2)) order(reproducible: concurrent) nowait(flag == \"a,b)\") induction(step(2), *: k)",
    "ordered doacross(sink: i - 1, j + 2)",
    "critical(lock) hint(omp_sync_hint_contended)",
    "metadirective when(user={condition(score(2): n > 4)}, device={kind(host)}: parallel for) otherwise(nothing)",
    "declare_reduction(merge : list, dict : omp_out.update(omp_in)) initializer(omp_priv = lambda x, y: {1: 2})",
    "declare variant(base : fast) match(construct={parallel, for}, implementation={vendor(\"x\")}) adjust_args(nothing: a, 1:2)",
    "tile sizes(4, f(a, b)[0]) apply(grid(1): reverse, unroll partial(2))",
    "interop init(prefer_type(\"cuda\", 3), target, targetsync : obj) nowait",
    "target uses_allocators(memspace(m), traits(t) : a; b(c), d) defaultmap(tofrom: scalar) dyn_groupprivate(cgroup, fallback(null): 64)",
    "depobj(o) update(inout)",
    "split counts(2, omp_fill, n // 3) apply(split(1, 2): nothing, nothing)",
    "requires atomic_default_mem_order(seq_cst) unified_address(true)",
    "cancel for if(true)",
    "sections private(a), nowait, firstprivate(saved: b)",
    "распараллель for private(переменная, é) if(\"漢字\" in s)",
];

/// Bytes that mean something to the parser, as pieces to insert.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    ".",
    "\"",
    "'",
    "\"\"\"",
    "\\",
    "\n",
    "\t",
    " ",
    "=",
    "+",
    "-",
    "*",
    "&&",
    "||",
    "!",
    "...",
    ":=",
    "#",
    "$",
    "\0",
    "é",
    "漢",
    "\u{301}",
    "lambda",
    "lambda x: ",
    "iterator(",
    "0",
    "-1",
    "1e9",
    "0x",
    "99999999999999999999",
    "omp_all_memory",
    "true",
    "do",
    "master",
    "end",
    "if(",
    "private(",
    "reduction(+:",
    "map(",
    "when(",
    "apply(",
    "metadirective ",
];

/// Marsaglia's xorshift, 64 bits.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// A place of the text between two characters.
fn boundary(random: &mut Random, text: &str) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn random_text(random: &mut Random) -> String {
    let length = random.below(60);
    let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn random_words(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(8) + 1 {
        match random.below(4) {
            0 => text.push_str(LEAVES[random.below(LEAVES.len())].name),
            1 => {
                text.push_str(CLAUSES[random.below(CLAUSES.len())].name);
                text.push_str("(x)");
            }
            2 => text.push_str(CLAUSES[random.below(CLAUSES.len())].name),
            _ => text.push_str(random.pick(PIECES)),
        }
        text.push(' ');
    }
    text
}

fn edited(random: &mut Random) -> String {
    let mut text = random.pick(SEEDS).to_owned();
    for _ in 0..random.below(4) + 1 {
        let (a, b) = (boundary(random, &text), boundary(random, &text));
        let (from, to) = (a.min(b), a.max(b));
        match random.below(6) {
            0 => text.insert_str(from, random.pick(PIECES)),
            1 => text.replace_range(
                from..to.min(text.ceil_char_boundary(from + 3)).max(from),
                random.pick(PIECES),
            ),
            2 => text.replace_range(from..to, ""),
            3 => {
                let copy = text[from..to].to_owned();
                let at = boundary(random, &text);
                text.insert_str(at, &copy);
            }
            4 => {
                let other = random.pick(SEEDS);
                let cut = boundary(random, other);
                text.insert_str(from, &other[cut..]);
            }
            _ => {
                let end = text.ceil_char_boundary(from + 1).min(text.len());
                text.replace_range(from..end, "");
            }
        }
        text.truncate(text.floor_char_boundary(600));
    }
    text
}

/// One text; the same for the same state of the generator.
pub fn text(random: &mut Random) -> String {
    match random.below(8) {
        0 => random_text(random),
        1 => random_words(random),
        _ => edited(random),
    }
}

/// Parses and renders one text; fails when a diagnostic points outside of it. Returns the number of diagnostics.
pub fn check(text: &str) -> usize {
    const BEFORE: &str = "with omp(\"";
    let map = SpanMap::at(BEFORE.len() as u32);
    let (directive, mut diagnostics) = parse(text, &map);
    if let Some(directive) = &directive {
        diagnostics.extend(unsupported(directive, Mode::Native));
    }
    for diagnostic in &diagnostics {
        let places = std::iter::once(&diagnostic.primary).chain(&diagnostic.labels);
        for span in places
            .map(|label| label.span)
            .chain(diagnostic.fix.iter().map(|fix| fix.span))
        {
            let (start, end) = (span.start as usize, span.end as usize);
            let inside = BEFORE.len() <= start && start <= end && end <= BEFORE.len() + text.len();
            assert!(inside, "{diagnostic:?} points outside of {text:?}");
            let on_characters = text.is_char_boundary(start - BEFORE.len())
                && text.is_char_boundary(end - BEFORE.len());
            assert!(on_characters, "{diagnostic:?} cuts a character of {text:?}");
        }
    }
    assert!(
        directive.is_some() || !diagnostics.is_empty(),
        "nothing came of {text:?}"
    );
    let file = SourceFile::new("program.py", format!("{BEFORE}{text}\"):\n"));
    let rendered = render(&diagnostics, &file, Style::Plain);
    assert_eq!(rendered.is_empty(), diagnostics.is_empty());
    if text.len().is_multiple_of(8) {
        render(&diagnostics, &file, Style::Coloured);
        render_json(&diagnostics, &file);
    }
    if text.len().is_multiple_of(5) {
        check_in_pieces(text);
    }
    diagnostics.len()
}

/// Parses a text that was put together from two literals, the second with an escape.
fn check_in_pieces(text: &str) {
    let half = text.len() as u32 / 2;
    let map = SpanMap::from_segments([(0, 10), (half, half + 15), (half + 1, half + 19)]);
    let (_, diagnostics) = parse(text, &map);
    for diagnostic in diagnostics {
        let span = diagnostic.primary.span;
        let end = 10 + text.len() as u32 + 8;
        assert!(
            10 <= span.start && span.start <= span.end && span.end <= end,
            "{span:?} of {text:?}"
        );
    }
}
