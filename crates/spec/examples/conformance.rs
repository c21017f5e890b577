//! Prints the conformance matrix: `cargo run -p omply-spec --example conformance > docs/conformance.md`.

fn main() {
    print!("{}", omply_spec::conformance());
}
