//! The committed conformance matrix says what the tables say.

#[test]
fn the_committed_matrix_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == omply_spec::conformance(),
        "print it anew: cargo run -p omply-spec --example conformance > docs/conformance.md"
    );
}
