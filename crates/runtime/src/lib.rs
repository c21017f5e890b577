//! OpenMP host runtime.
