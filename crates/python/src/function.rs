//! A decorated function as the compiler sees it: source, HIR and facts, shared by python and native mode.

use crate::errors;
use omply_analysis::facts::Facts;
use omply_diagnostics::{Diagnostic, SourceFile};
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
    let parsed = match omply_syntax::parse_function(&file.text, &request) {
        Ok(parsed) => parsed,
        Err(diagnostics) => {
            return Err(errors::raise(
                py,
                errors::Class::Syntax,
                &diagnostics,
                &file,
            ));
        }
    };
    let (facts, found) = omply_analysis::analyse(&parsed.function, &file.text);
    let mut diagnostics = parsed.warnings;
    diagnostics.extend(found);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(errors::raise(
            py,
            errors::Class::Syntax,
            &diagnostics,
            &file,
        ));
    }
    Ok(Analysis {
        func: Arc::new(parsed.function),
        facts: Arc::new(facts),
        file: Arc::new(file),
        warnings: diagnostics,
    })
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Analysis>()?;
    m.add_function(wrap_pyfunction!(analyse, m)?)
}
