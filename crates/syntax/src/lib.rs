//! Python source to HIR: finds a decorated function in its file, resolves its names and attaches its directives.

mod dump;
pub mod hir;
mod python;

pub use dump::{dump, dump_expr};

use hir::Function;
use omply_diagnostics::Diagnostic;
use omply_directive::Directive;

/// Which function to read, and what is known of its environment.
#[derive(Clone, Debug)]
pub struct Request {
    /// The line of its first decorator, or of `def`, from 1: CPython's `co_firstlineno`.
    pub line: u32,
    pub name: String,
    /// The dotted paths through which the function's globals or closure reach the `omp` object: `omp`, `omply.omp`.
    pub omp: Vec<String>,
}

/// A function with the directives around it.
#[derive(Clone, Debug)]
pub struct ParsedFunction {
    pub function: Function,
    /// Directives that decorate the function: `@omp("declare_simd")`.
    pub decorators: Vec<Directive>,
    /// Directives at the module's top: `omp("threadprivate(x)")`.
    pub declarations: Vec<Directive>,
    /// What is allowed but should be told, such as a spelling that OpenMP has removed.
    pub warnings: Vec<Diagnostic>,
}

/// A file, parsed once for all of its functions.
pub struct Module {
    source: String,
    tree: python::Tree,
}

impl Module {
    /// Reads a file.
    pub fn parse(source: impl Into<String>) -> Result<Module, Vec<Diagnostic>> {
        let source = source.into();
        let tree = python::parse(&source)?;
        Ok(Module { source, tree })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// Converts one of its functions as far as it can be understood, and tells every error. When there are any, the function
    /// lacks the directives and clauses that could not be read.
    pub fn read(&self, request: &Request) -> (Option<ParsedFunction>, Vec<Diagnostic>) {
        python::function(&self.source, &self.tree, request)
    }

    /// Converts one of its functions.
    pub fn function(&self, request: &Request) -> Result<ParsedFunction, Vec<Diagnostic>> {
        match self.read(request) {
            (Some(function), errors) if errors.is_empty() => Ok(function),
            (_, errors) => Err(errors),
        }
    }
}

/// Reads one function of a file; a caller that wants several keeps the `Module`.
pub fn parse_function(source: &str, request: &Request) -> Result<ParsedFunction, Vec<Diagnostic>> {
    Module::parse(source)?.function(request)
}
