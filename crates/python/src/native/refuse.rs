//! What happens when native code cannot take a call: in native mode a diagnostic that names the argument or the
//! line, in auto mode a warning, once, and python mode from then on.

use super::args::Reject;
use super::dispatcher::Inner;
use crate::errors;
use omply_diagnostics::{Code, Diagnostic};
use pyo3::ffi;
use pyo3::prelude::*;

impl Inner {
    /// Makes the function's python mode, which warns with the reason.
    pub fn give_up(&self, py: Python<'_>, diagnostics: &[Diagnostic]) -> PyResult<()> {
        let Some(fallback) = &self.fallback else {
            return Ok(());
        };
        if self.python.get().is_some() {
            return Ok(());
        }
        let first = diagnostics
            .iter()
            .filter(|d| d.is_error())
            .min_by_key(|d| d.primary.span);
        let file = &self.analysis.get().file;
        let (code, reason, span) = match first {
            Some(d) => {
                let label = &d.primary.message;
                let reason = if label.is_empty() {
                    d.message.clone()
                } else {
                    format!("{}: {label}", d.message)
                };
                (d.code.to_string(), reason, d.primary.span)
            }
            None => (
                String::new(),
                String::new(),
                self.analysis.get().func.name_span,
            ),
        };
        let position = file.position(span.start);
        let python = fallback.call1(py, (code, reason, position.line, position.column))?;
        // Another thread may have been quicker; both made the same.
        let _ = self.python.set(python);
        Ok(())
    }

    /// An argument that native code cannot take.
    #[cold]
    pub fn reject(
        &self,
        py: Python<'_>,
        index: usize,
        why: Reject,
    ) -> PyResult<Option<*mut ffi::PyObject>> {
        let param = &self.analysis.get().func.params[index];
        let name = &self.params.names[index];
        let (code, text, help) = match why {
            Reject::HugeInt => (
                Code::ArgumentType,
                format!("argument `{name}` does not fit 64 bits"),
                "native integers are 64-bit; use mode=\"python\" for larger ones".to_owned(),
            ),
            Reject::Array(bad) => (
                Code::ArgumentType,
                format!(
                    "argument `{name}` is an array that native mode cannot take: {}",
                    bad.reason()
                ),
                "convert it, for example with `numpy.ascontiguousarray(x, dtype=float)`".to_owned(),
            ),
            Reject::Memory(reason) => (
                Code::ArgumentType,
                format!("argument `{name}` cannot be used: {reason}"),
                "pass a NumPy array, or memory of a device that `omply devices` lists".to_owned(),
            ),
            Reject::Class(class) => {
                // SAFETY: the class of a live argument.
                let class = unsafe { Bound::from_borrowed_ptr(py, class.cast()) };
                let class: String = class.getattr("__name__")?.extract()?;
                let help = match class.as_str() {
                    "list" => "pass a NumPy array (`numpy.asarray(x)`), or use mode=\"python\"",
                    _ => {
                        "native mode takes int, float, complex, bool, NumPy arrays and scalars, and tuples of them; use mode=\"python\" for other objects"
                    }
                };
                (
                    Code::ArgumentType,
                    format!(
                        "argument `{name}` is of type `{class}`, which native mode cannot take"
                    ),
                    help.to_owned(),
                )
            }
        };
        let diagnostic = Diagnostic::error(code, param.span, text).help(help);
        self.refuse(py, diagnostic)
    }

    #[cold]
    pub fn reject_variadic(&self, py: Python<'_>) -> PyResult<Option<*mut ffi::PyObject>> {
        let span = self.analysis.get().func.name_span;
        let text = "native mode does not support `*args` and `**kwargs` yet";
        let diagnostic = Diagnostic::error(Code::ArgumentType, span, text)
            .help("name the parameters, or use mode=\"python\"");
        self.refuse(py, diagnostic)
    }

    /// In auto mode python mode takes the call (`None`), in native mode it is an error.
    fn refuse(
        &self,
        py: Python<'_>,
        diagnostic: Diagnostic,
    ) -> PyResult<Option<*mut ffi::PyObject>> {
        if self.fallback.is_some() {
            self.give_up(py, &[diagnostic])?;
            return Ok(None);
        }
        Err(errors::raise(
            py,
            errors::Class::Type,
            &[diagnostic],
            &self.analysis.get().file,
        ))
    }
}
