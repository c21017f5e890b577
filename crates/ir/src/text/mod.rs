//! The IR's text form, for file tests and for people. `Display` prints without spans; `with_spans` keeps them.
//! `parse` reads both back.
//!
//! ```text
//! module demo
//! site !0 index @"sum" "index {0} is out of bounds"
//! func @0 "sum"($0) -> f64 {
//!   slot $0 "a": array<f64, 1, C>
//!   slot $1 "s": f64
//!   v0: array<f64, 1, C> = load $0.a
//!   v1: i64 = dim v0, 0
//!   for v3 in v2, v1, v4 {
//!     v5: f64 = load v0[v3] check !0
//!   }
//!   return v6
//! }
//! entry @0
//! ```
//!
//! Values are `vN`, slots `$N` (a name may follow a dot and is ignored), functions `@N`, sites `!N`, spans
//! `#START:END`, comments `//`.

mod lex;
mod names;
mod parse;
mod print;

pub use parse::{ParseError, parse};
pub use print::with_spans;
