//! Canonical loops, data sharing and nesting rules: HIR to facts, with every broken rule reported.

pub mod facts;
