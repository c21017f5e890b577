//! The only module that knows the Python parser: source text to its tree, and from there to the HIR.

mod bindings;
mod clauses;
mod declared;
mod directive;
mod expr;
mod find;
mod function;
mod literal;
mod meta;
mod scope;
mod stmt;

use crate::{ParsedFunction, Request};
use omply_diagnostics::{Code, Diagnostic, Span};
use ruff_python_ast::{ModModule, PythonVersion};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::TextRange;

fn span(range: TextRange) -> Span {
    Span::new(range.start().into(), range.end().into())
}

/// The tree of a whole file.
pub(crate) struct Tree(ModModule);

/// Reads a file; what Python's grammar does not allow is reported.
pub(crate) fn parse(source: &str) -> Result<Tree, Vec<Diagnostic>> {
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY314);
    let parsed = ruff_python_parser::parse_unchecked(source, options);
    let mut diagnostics: Vec<Diagnostic> = parsed
        .errors()
        .iter()
        .map(|error| {
            let message = format!("invalid Python: {}", error.error);
            Diagnostic::error(Code::PythonSyntax, span(error.location), message)
        })
        .collect();
    match parsed.try_into_module() {
        Some(module) if diagnostics.is_empty() => Ok(Tree(module.into_syntax())),
        _ => {
            diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
            Err(diagnostics)
        }
    }
}

/// Finds and converts one function; every error is told, and what could be understood is returned all the same.
pub(crate) fn function(
    source: &str,
    tree: &Tree,
    request: &Request,
) -> (Option<ParsedFunction>, Vec<Diagnostic>) {
    let Some(found) = find::find(source, &tree.0.body, request) else {
        let message = format!(
            "no function `{}` is defined at line {}",
            request.name, request.line
        );
        let error = Diagnostic::error(
            Code::FunctionNotFound,
            find::line_span(source, request.line),
            message,
        )
        .help("the file may have changed since it was imported");
        return (None, vec![error]);
    };
    let (function, errors) = function::convert(source, &tree.0.body, found, request);
    (Some(function), errors)
}
