//! Directive text to typed directives: every mistake of a text is reported at once, and nothing makes the parser panic.
//!
//! The way of a text: `lexer` (tokens, brackets paired) → `name` (leaves) → `directive` (clauses, each read by a function of `clauses`)
//! → `split` (clauses handed to leaves) → `rules` (checks between clauses).

pub mod ast;
mod clauses;
pub mod context;
mod cursor;
mod directive;
mod expr;
mod leaf_argument;
mod lexer;
mod list;
mod modifiers;
mod name;
mod query;
mod rules;
mod span_map;
mod split;
mod unsupported;

pub use ast::*;
pub use span_map::{Segment, SpanMap};
pub use unsupported::unsupported;

use cursor::Parser;
use omply_diagnostics::Diagnostic;

/// Reads the text of a directive. `base` tells where the text stands in the file; all spans are the file's.
///
/// A directive comes back also when there are errors, as far as its name could be read; it must not be run then.
pub fn parse(text: &str, base: &SpanMap) -> (Option<Directive>, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, base);
    let directive = parser.directive(parser.whole());
    (directive, parser.diagnostics)
}
