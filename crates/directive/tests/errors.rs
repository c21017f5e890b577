//! Mistakes in directives, as their author sees them.

use omply_diagnostics::{SourceFile, Style, render};
use omply_directive::{SpanMap, parse, unsupported};
use omply_spec::Mode;

/// The report on each text, which stands in a line of Python.
fn reports(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let before = "    with omp(\"";
        let file = SourceFile::new("program.py", format!("{before}{text}\"):\n"));
        let (_, diagnostics) = parse(text, &SpanMap::at(before.len() as u32));
        assert!(!diagnostics.is_empty(), "no mistake is seen in {text}");
        out.push_str(&render(&diagnostics, &file, Style::Plain));
        out.push('\n');
    }
    out
}

#[test]
fn misspelt_and_misplaced_directives() {
    let shown = reports(&[
        "paralel for",
        "parallel fro schedule(static)",
        "Parallel",
        "banana",
        "",
        "42",
        "end parallel",
        "reduction(+: s)",
        "for parallel",
        "parallel parallel",
        "parallel critical",
        "task taskloop",
        "target data teams",
        "parallel target data map(a)",
        "parallel private(x) for",
        "parallel master",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn misspelt_and_misplaced_clauses() {
    let shown = reports(&[
        "parallel redcution(+: s)",
        "parallel privat(x) frstprivate(y) nwait",
        "parallel banana(x)",
        "parallel schedule(static)",
        "for num_threads(4)",
        "parallel private(x),, shared(y),",
        "parallel private(x) + shared(y)",
        "critical hint",
        "barrier nowait",
        "parallel for if(teams: x)",
        "parallel for private(parallel: x) nowait(parallel: y)",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn wrong_words_and_arguments() {
    let shown = reports(&[
        "for schedule(statik)",
        "for schedule(dynamic: 4)",
        "for schedule(monotone: dynamic)",
        "for schedule(auto, 4)",
        "for schedule()",
        "parallel default(privat)",
        "parallel default",
        "parallel proc_bind(near)",
        "parallel proc_bind(master)",
        "parallel private()",
        "parallel private(x,)",
        "parallel private(x y)",
        "parallel private(a[0], b.c, 3, for)",
        "parallel reduction(s)",
        "parallel reduction(+=: s)",
        "parallel reduction(<>: s)",
        "parallel reduction(+: s.t)",
        "parallel reduction(inscn, +: s)",
        "parallel if(a, b)",
        "parallel if()",
        "parallel if(a $ b)",
        "parallel if(paralell: a)",
        "for collapse",
        "task depend(x)",
        "task depend(ni: x)",
        "task depend(iterator(i), in: a[i])",
        "for order(random)",
        "barrier(x)",
        "threadprivate",
        "ordered doacross(sink: i * 2)",
        "target map(too: a)",
        "declare_reduction(merge)",
        "metadirective when(user=condition(x): parallel)",
        "metadirective when(usr={condition(x)}: paralel)",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn brackets_and_quotes() {
    let shown = reports(&[
        "parallel private(x",
        "parallel private(x reduction(+: s) shared(y)",
        "parallel private(x))",
        "parallel private(x]",
        "parallel if(f(a[0)) private(y)",
        "parallel if(s == 'abc)",
        "parallel ) private(x)",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn rules_between_clauses() {
    let shown = reports(&[
        "parallel num_threads(2) num_threads(4)",
        "parallel for simd if(a) if(b)",
        "parallel if(parallel: a) if(b)",
        "single copyprivate(x) nowait",
        "parallel private(x) shared(x)",
        "parallel private(x, x)",
        "parallel for reduction(+: s) lastprivate(s) firstprivate(s)",
        "for schedule(monotonic, nonmonotonic: dynamic)",
        "for schedule(nonmonotonic: dynamic) ordered",
        "for order(concurrent) ordered",
        "for reduction(task, +: s) nowait",
        "for reduction(inscan, +: s) schedule(static) reduction(+: t)",
        "parallel reduction(inscan, +: s)",
        "distribute parallel for reduction(inscan, +: s)",
        "simd safelen(4) simdlen(8)",
        "for ordered(1) collapse(2)",
        "for linear(i: ref)",
        "atomic read write",
        "atomic read capture",
        "atomic read release",
        "atomic weak",
        "atomic seq_cst relaxed",
        "flush(a) acquire",
        "ordered simd threads",
        "cancel",
        "cancel for parallel",
        "scan",
        "target enter data map(from: a)",
        "target update",
        "target defaultmap(to) defaultmap(from: scalar)",
        "taskloop grainsize(2) num_tasks(3)",
        "taskloop nogroup reduction(+: s)",
        "task depend(in: omp_all_memory)",
        "task depend(iterator(i=0:3), in: i)",
        "depobj update(depobj: o)",
        "depobj(o) destroy(p)",
        "depobj destroy",
        "unroll full partial(2)",
        "tile",
        "distribute parallel for ordered",
        "parallel allocate(h: x)",
        "declare_reduction(merge : list)",
        "reverse apply(barrier)",
        "metadirective otherwise(nothing) when(user={condition(x)}: parallel)",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn literal_values() {
    let shown = reports(&[
        "parallel num_threads(0)",
        "parallel num_threads(4, -2)",
        "for collapse(0)",
        "for collapse(2.0)",
        "for collapse('two')",
        "for schedule(dynamic, -1)",
        "interchange permutation(1, 3)",
        "split counts(2, 3)",
        "teams num_teams(4 : 2)",
        "allocate(x) align(24)",
        "fuse looprange(1)",
        "task priority(-1)",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn removed_spellings_are_accepted_with_a_warning() {
    let texts = [
        "parallel master",
        "simd linear(val(x): 2)",
        "declare_target to(f)",
        "ordered depend(source)",
    ];
    let shown = reports(&texts);
    insta::assert_snapshot!(shown);
    for text in texts {
        let (directive, diagnostics) = parse(text, &SpanMap::at(0));
        assert!(
            directive.is_some() && diagnostics.iter().all(|diagnostic| !diagnostic.is_error()),
            "{text}"
        );
    }
}

#[test]
fn all_mistakes_of_a_text_are_reported_at_once() {
    let (_, diagnostics) = parse(
        "paralel for shedule(statik, 0) privat(x, x) reduction(+: s.t) colapse(0)",
        &SpanMap::at(0),
    );
    let codes: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.to_string())
        .collect();
    assert_eq!(
        codes,
        [
            "OMP0102", "OMP0104", "OMP0109", "OMP0104", "OMP0111", "OMP0104", "OMP0208", "OMP0205"
        ],
        "{diagnostics:#?}"
    );
}

#[test]
fn what_a_mode_cannot_run_yet_is_named_in_its_place() {
    let mut out = String::new();
    for text in [
        "task_iteration if(x)",
        "parallel for lastprivate(conditional: x) reduction(mni: m)",
        "parallel for reduction(+: a[0]) reduction(task, *: p)",
        "parallel num_threads(strict: 4, 2)",
        "for ordered(2)",
        "target teams distribute parallel for simd",
    ] {
        let (directive, diagnostics) = parse(text, &SpanMap::at(0));
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let found = directive
            .map(|directive| unsupported(&directive, Mode::Python))
            .unwrap_or_default();
        out.push_str(&render(
            &found,
            &SourceFile::new("program.py", text),
            Style::Plain,
        ));
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_this_version_runs_is_not_refused() {
    for text in [
        "parallel for simd schedule(monotonic: guided, 4) collapse(2) ordered nowait reduction(max: m) lastprivate(x)",
        "parallel sections private(a) firstprivate(b) num_threads(2) proc_bind(close) copyin(t) default(none) if(n > 1)",
        "single copyprivate(x)",
        "parallel masked filter(1)",
        "critical(a) hint(1)",
        "atomic compare capture seq_cst",
        "flush(a)",
        "simd safelen(8) simdlen(4) aligned(a: 64) linear(k) nontemporal(b) private(c)",
        "threadprivate(t)",
        "barrier",
        "ordered",
        "task default(none) shared(x) depend(inout: a[1:n], x) final(n < 2) priority(3) untied mergeable if(n)",
        "taskgroup",
        "taskwait depend(in: x)",
        "taskyield",
    ] {
        let (directive, diagnostics) = parse(text, &SpanMap::at(0));
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        for mode in [Mode::Native, Mode::Python] {
            let refused = directive
                .as_ref()
                .map(|directive| unsupported(directive, mode))
                .unwrap_or_default();
            assert!(refused.is_empty(), "{text}: {refused:?}");
        }
    }
}
