//! The conformance matrix: what of OpenMP each mode runs today, printed from the tables.

use crate::environment::VARIABLES;
use crate::leaf::{Category, LEAVES, LeafRow};
use crate::routine::ROUTINES;
use crate::support::{Form, Support};
use crate::version::Version;
use std::fmt::Write;

const HEAD: &str = "\
# Conformance

What of OpenMP 6.0, and of the published preview of 6.1, runs today. Printed from the tables of `crates/spec` by
`cargo run -p omply-spec --example conformance`; a test keeps it up to date.

Every directive and clause below is parsed and checked in every mode. What a mode cannot run yet is an error that names it and its
place; nothing is ignored silently. Compound directives follow from their leaves: `parallel for simd` runs where `parallel`, `for` and
`simd` do.
";

/// The matrix as Markdown.
pub fn conformance() -> String {
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
            directive(&mut out, row);
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

fn directive(out: &mut String, row: &LeafRow) {
    let support = row.kind.support();
    let runs = |clause: &crate::ClauseKind| row.kind.clause_support(*clause) != Support::NONE;
    let running = row
        .clauses
        .iter()
        .filter(|clause| runs(clause))
        .map(|clause| {
            let only = match row.kind.clause_support(*clause) {
                Support {
                    native: true,
                    python: false,
                } => " (native)",
                Support {
                    native: false,
                    python: true,
                } => " (python)",
                _ => "",
            };
            format!("`{clause}`{only}")
        });
    let missing = row
        .clauses
        .iter()
        .filter(|clause| !runs(clause))
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
        mark(support.native),
        mark(support.python),
        list(running),
        list(missing)
    );
}

fn mark(supported: bool) -> &'static str {
    if supported { "yes" } else { "–" }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
