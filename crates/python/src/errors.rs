//! Diagnostics as Python exceptions: one exception carries all errors of a function, rendered as the user sees them.

use omply_diagnostics::{Diagnostic, SourceFile, Style, render};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Which exception class of `omply._errors` reports the findings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Syntax,
    #[cfg_attr(not(feature = "native"), expect(dead_code))]
    Type,
}

/// The exception for `diagnostics`: `omply._errors.report(class, text, filename, line, column, source line, code)`
/// makes it, so that the classes stay plain Python.
pub fn raise(py: Python<'_>, class: Class, diagnostics: &[Diagnostic], file: &SourceFile) -> PyErr {
    build(py, class, diagnostics, file, "").unwrap_or_else(|error| error)
}

/// The same for findings about several files; place and code are those of the first.
#[cfg(feature = "native")]
pub fn raise_all(
    py: Python<'_>,
    class: Class,
    found: &[(std::sync::Arc<SourceFile>, Vec<Diagnostic>)],
) -> PyErr {
    let Some((file, diagnostics)) = found.first() else {
        return pyo3::exceptions::PyRuntimeError::new_err("omply: an error without a reason");
    };
    let rest: String = found[1..]
        .iter()
        .map(|(file, more)| render(more, file, Style::Plain))
        .collect();
    build(py, class, diagnostics, file, &rest).unwrap_or_else(|error| error)
}

fn build(
    py: Python<'_>,
    class: Class,
    diagnostics: &[Diagnostic],
    file: &SourceFile,
    rest: &str,
) -> PyResult<PyErr> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.is_error()).collect();
    sorted.sort_by_key(|d| d.primary.span);
    let text = render(diagnostics, file, Style::Plain) + rest;
    let kwargs = PyDict::new(py);
    if let Some(first) = sorted.first() {
        let position = file.position(first.primary.span.start);
        kwargs.set_item("line", position.line)?;
        kwargs.set_item("column", position.column)?;
        kwargs.set_item("code", first.code.to_string())?;
        kwargs.set_item("reason", &first.message)?;
    }
    kwargs.set_item("filename", &file.name)?;
    let name = match class {
        Class::Syntax => "OmplySyntaxError",
        Class::Type => "OmplyTypeError",
    };
    let module = py.import("omply._errors")?;
    let error = module
        .getattr("report")?
        .call((name, text), Some(&kwargs))?;
    Ok(PyErr::from_value(error))
}
