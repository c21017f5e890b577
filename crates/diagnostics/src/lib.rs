//! Spans, diagnostic codes, diagnostics and their rendering as text, coloured text and JSON. Knows nothing of Python or OpenMP.

mod code;
mod diagnostic;
mod json;
mod render;
mod source;
mod span;
mod suggest;
mod width;

pub use code::Code;
pub use diagnostic::{Diagnostic, Fix, Label, Severity};
pub use json::render_json;
pub use render::{Style, render};
pub use source::{Position, SourceFile};
pub use span::Span;
pub use suggest::nearest;
