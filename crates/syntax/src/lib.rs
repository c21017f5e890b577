//! Python source to HIR: finds a decorated function in its file, resolves its names and attaches its directives.

pub mod hir;
