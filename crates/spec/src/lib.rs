//! OpenMP 6.0, with the published preview of 6.1, as data: directives, clauses, the words of their arguments, and rules over them.
//! The enums every other layer uses are made from these tables, so a directive or clause is listed in one place.

mod clause;
mod compound;
mod conformance;
mod environment;
mod keyword;
mod leaf;
mod nesting;
mod routine;
mod rules;
mod support;
mod version;

pub use clause::{CLAUSES, ClauseKind, ClauseRow, Distribution, Grammar, Value};
pub use compound::{COMPOSITES, CompoundError, check_compound, reorder};
pub use conformance::{Proof, ProofOf, conformance};
pub use environment::{ICVS, IcvRow, Scope, VARIABLES, VariableRow};
pub use keyword::*;
pub use leaf::{Association, Category, LEAVES, LeafArg, LeafKind, LeafRow};
pub use nesting::{FORBIDDEN, Nesting, ORDER_CONCURRENT_NESTABLE, SIMDIZABLE};
pub use routine::{ROUTINES, RoutineRow};
pub use rules::{EXCLUSIVE, Exclusive, REQUIRED, Required};
pub use support::{Form, Mode, Support};
pub use version::Version;
