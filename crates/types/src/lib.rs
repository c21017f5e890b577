//! Types, inference and lowering to IR.
