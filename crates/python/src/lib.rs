//! The extension module omply._core.
