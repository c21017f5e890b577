//! OpenMP as data: directives, clauses, rules.
