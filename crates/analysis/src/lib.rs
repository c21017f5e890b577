//! Canonical loops, data sharing, nesting rules.
