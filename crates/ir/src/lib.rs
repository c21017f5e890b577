//! Omply's intermediate representation: structured control flow, explicit memory, OpenMP regions as operations.
//! `ir` holds the types; `nest` counts iterations of nests that are not rectangular; `build` makes functions; `walk` visits operands, slots and blocks; `text` prints and
//! parses them; `verify` checks a phase's rules.

pub mod build;
pub mod ir;
pub mod nest;
mod signature;
pub mod text;
pub mod verify;
pub mod walk;

pub use build::FuncBuilder;
pub use ir::*;
