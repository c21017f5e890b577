//! Omply's intermediate representation: structured control flow, explicit memory, OpenMP regions as operations.
//! `ir` holds the types; `build` makes functions; `text` prints and parses them; `verify` checks a phase's rules.

pub mod ir;

pub use ir::*;
