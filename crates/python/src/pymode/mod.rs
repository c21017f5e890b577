//! Python mode's entry points: teams of attached threads, worksharing and synchronisation for CPython code.

use pyo3::prelude::*;

/// Adds python mode's functions to `omply._core`.
pub fn register(_m: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
