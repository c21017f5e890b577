//! The conformance matrix: what of OpenMP each mode runs today, printed from the tables.

use crate::clause::ClauseKind;
use crate::environment::VARIABLES;
use crate::leaf::{Category, LEAVES, LeafKind, LeafRow};
use crate::routine::ROUTINES;
use crate::support::{Form, Mode};
use crate::version::Version;
use std::fmt::Write;

const HEAD: &str = "\
# Conformance

What of OpenMP 6.0, and of the published preview of 6.1, runs today. Printed from the tables of `crates/spec` by
`cargo run -p omply-spec --example conformance`; a test keeps it up to date. What runs links the file of a test that shows it, in both
modes or in each; the link's title names the test. Nothing is said to run without one.

Every directive and clause below is parsed and checked in every mode. What a mode cannot run yet is an error that names it and its
place; nothing is ignored silently. Compound directives follow from their leaves: `parallel for simd` runs where `parallel`, `for` and
`simd` do.
";

/// A test that shows that something runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Its file, below `tests`.
    pub file: String,
    pub test: String,
}

/// Tells the test for a directive, or for one of its clauses, in a mode.
pub type ProofOf<'a> = dyn Fn(LeafKind, Option<ClauseKind>, Mode) -> Option<Proof> + 'a;

/// The matrix as Markdown.
pub fn conformance(proof: &ProofOf<'_>) -> String {
    let mut out = String::from(HEAD);
    let headings = [
        ("Executable directives", Category::Executable),
        ("Subsidiary directives", Category::Subsidiary),
        ("Declarative directives", Category::Declarative),
        ("Informational directives", Category::Informational),
        ("Utility directives", Category::Utility),
        ("Metadirectives", Category::Meta),
    ];
    for (heading, category) in headings {
        let _ = write!(
            out,
            "\n## {heading}\n\n| directive | since | native | python | clauses that run | clauses that do not yet |\n|---|---|---|---|---|---|\n"
        );
        for row in LEAVES.iter().filter(|row| row.category == category) {
            directive(&mut out, row, proof);
        }
    }
    out.push_str("\n## Forms of clauses\n\nForms that are decided apart from their clause.\n\n| form | native | python |\n|---|---|---|\n");
    for form in Form::ALL {
        let support = form.support();
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            form.name(),
            mark(support.native),
            mark(support.python)
        );
    }
    out.push_str("\n## Environment variables\n\n| variable | since | values | has its effect |\n|---|---|---|---|\n");
    for row in VARIABLES {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            row.name,
            row.since,
            row.values,
            mark(row.supported)
        );
    }
    out.push_str("\n## Routines\n\n| group | in the runtime | not yet |\n|---|---|---|\n");
    let mut groups: Vec<&str> = ROUTINES.iter().map(|row| row.group).collect();
    groups.dedup();
    for group in groups {
        let names = |supported| {
            let names = ROUTINES
                .iter()
                .filter(|row| row.group == group && row.supported == supported);
            list(names.map(|row| format!("`{}`", row.name)))
        };
        let _ = writeln!(out, "| {group} | {} | {} |", names(true), names(false));
    }
    out
}

fn directive(out: &mut String, row: &LeafRow, proof: &ProofOf<'_>) {
    let kind = row.kind;
    let runs = |clause: ClauseKind, mode| kind.clause_support(clause).in_mode(mode);
    let cell = |mode| match (kind.support().in_mode(mode), proof(kind, None, mode)) {
        (true, Some(proof)) => link("yes", &proof),
        (true, None) => String::from("no test"),
        (false, _) => String::from("–"),
    };
    let running = row.clauses.iter().filter_map(|&clause| {
        let name = format!("`{clause}`");
        let shown = |mode| match proof(kind, Some(clause), mode) {
            Some(proof) => link(&name, &proof),
            None => format!("{name} (no test)"),
        };
        let (native, python) = (runs(clause, Mode::Native), runs(clause, Mode::Python));
        match (native, python) {
            (true, true) if shown(Mode::Native) == shown(Mode::Python) => Some(shown(Mode::Native)),
            (true, true) => {
                let (native, python) = (shown(Mode::Native), shown(Mode::Python));
                Some(format!("{native} (native), {python} (python)"))
            }
            (true, false) => Some(format!("{} (native only)", shown(Mode::Native))),
            (false, true) => Some(format!("{} (python only)", shown(Mode::Python))),
            (false, false) => None,
        }
    });
    let missing = row
        .clauses
        .iter()
        .filter(|&&clause| !runs(clause, Mode::Native) && !runs(clause, Mode::Python))
        .map(|clause| format!("`{clause}`"));
    let preview = if row.since > Version::CURRENT {
        " preview"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "| `{}` | {}{preview} | {} | {} | {} | {} |",
        row.name,
        row.since,
        cell(Mode::Native),
        cell(Mode::Python),
        list(running),
        list(missing)
    );
}

/// A link whose title is the test's name.
fn link(text: &str, proof: &Proof) -> String {
    format!("[{text}](../tests/{} \"{}\")", proof.file, proof.test)
}

fn mark(supported: bool) -> &'static str {
    if supported { "yes" } else { "–" }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
