//! The committed conformance matrix says what the tables and the tests say, and no cell is filled without a test.

mod proofs;

use omply_spec::{LEAVES, Mode};
use proofs::Proofs;

fn found() -> Proofs {
    Proofs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests").as_ref())
}

#[test]
fn the_committed_matrix_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let proofs = found();
    assert!(
        committed == omply_spec::conformance(&|leaf, clause, mode| proofs.of(leaf, clause, mode)),
        "print it anew: cargo run -p omply-spec --example conformance > docs/conformance.md"
    );
}

/// Said to run, and shown by no test of a program yet: the matrix says so in their cells. Nothing may be added here.
const WITHOUT_TEST: &[&str] = &["fuse apply"];

#[test]
fn a_test_shows_every_directive_and_clause_that_is_said_to_run() {
    let proofs = found();
    let mut missing = Vec::new();
    let known = |cell: &str| WITHOUT_TEST.contains(&cell);
    for row in LEAVES {
        for mode in [Mode::Native, Mode::Python] {
            let runs = row.kind.support().in_mode(mode) && !known(row.name);
            if runs && proofs.of(row.kind, None, mode).is_none() {
                missing.push(format!("{} ({})", row.name, mode.name()));
            }
            for &clause in row.clauses {
                let runs = row.kind.clause_support(clause).in_mode(mode)
                    && !known(&format!("{} {clause}", row.name));
                if runs && proofs.of(row.kind, Some(clause), mode).is_none() {
                    missing.push(format!("{} {clause} ({})", row.name, mode.name()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no test uses: {}", missing.join(", "));
}
