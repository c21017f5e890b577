//! C entry points.

pub mod omply;
