//! Prints the conformance matrix: `cargo run -p omply-spec --example conformance > docs/conformance.md`.

#[path = "../tests/proofs/mod.rs"]
mod proofs;

fn main() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests");
    let proofs = proofs::Proofs::read(tests.as_ref());
    print!(
        "{}",
        omply_spec::conformance(&|leaf, clause, mode| proofs.of(leaf, clause, mode))
    );
}
