//! A decorated function as the compiler sees it: source, HIR and facts, shared by python and native mode.

use crate::errors;
use omply_analysis::facts::Facts;
use omply_diagnostics::{Diagnostic, SourceFile};
use omply_spec::Mode;
use omply_syntax::hir::Function;
use pyo3::prelude::*;
use std::sync::Arc;

/// The result of `analyse`; immutable.
#[pyclass(frozen, module = "omply._core")]
pub struct Analysis {
    pub func: Arc<Function>,
    pub facts: Arc<Facts>,
    pub file: Arc<SourceFile>,
    /// Findings that do not stop the program.
    pub warnings: Vec<Diagnostic>,
}

#[pymethods]
impl Analysis {
    /// Whether the function holds any directive.
    #[getter]
    fn has_directives(&self) -> bool {
        !self.facts.directives.is_empty()
    }

    /// What does not stop the program but should be told: (code, message, line, column) of each finding.
    #[getter]
    fn warnings(&self) -> Vec<(String, String, u32, u32)> {
        self.warnings
            .iter()
            .map(|warning| {
                let place = self.file.position(warning.primary.span.start);
                let message = warning.message.clone();
                (warning.code.to_string(), message, place.line, place.column)
            })
            .collect()
    }
}

/// Parses the file `source` and analyses the function that CPython says starts at `first_line` (its first decorator's
/// line, 1-based). `omp_names` are the dotted names under which the `omp` object is reachable there.
/// Raises OmplySyntaxError with every error of the function.
#[pyfunction]
fn analyse(
    py: Python<'_>,
    source: String,
    filename: String,
    first_line: u32,
    name: String,
    omp_names: Vec<String>,
) -> PyResult<Analysis> {
    let file = SourceFile::new(filename, source);
    let request = omply_syntax::Request {
        line: first_line,
        name,
        omp: omp_names,
    };
    let checked = omply_syntax::Module::parse(file.text.as_str())
        .and_then(|module| omply_analysis::check(&module, &request));
    let checked = match checked {
        Ok(checked) => checked,
        Err(diagnostics) => {
            return Err(errors::raise(
                py,
                errors::Class::Syntax,
                &diagnostics,
                &file,
            ));
        }
    };
    Ok(Analysis {
        func: Arc::new(checked.parsed.function),
        facts: Arc::new(checked.facts),
        file: Arc::new(file),
        warnings: checked.warnings,
    })
}

impl Analysis {
    /// The error that names everything which python mode cannot run yet.
    pub fn check_python_mode(&self, py: Python<'_>) -> PyResult<()> {
        let found = omply_analysis::unsupported(&self.func, Mode::Python);
        if found.is_empty() {
            return Ok(());
        }
        Err(errors::raise(py, errors::Class::Syntax, &found, &self.file))
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Analysis>()?;
    m.add_function(wrap_pyfunction!(analyse, m)?)
}
