//! `error` directives that are met before the program runs.

use crate::constructs::Construct;
use omply_diagnostics::{Code, Diagnostic};
use omply_directive::{ClauseArgs, ExprText};
use omply_spec::{ClauseKind, ErrorTime, SeverityLevel};
use omply_syntax::hir::ExprKind;

/// Whether an `error` is left for the running program.
pub(crate) fn at_execution(construct: &Construct) -> bool {
    matches!(
        construct.clause(ClauseKind::At).map(|clause| &clause.args),
        Some(ClauseArgs::At(word)) if word.value == ErrorTime::Execution
    )
}

/// What an `error` says before the program runs.
pub(crate) fn met(construct: &Construct) -> Option<Diagnostic> {
    if at_execution(construct) {
        return None;
    }
    let message = construct.clause(ClauseKind::Message);
    let message = match message.map(|clause| &clause.args) {
        Some(ClauseArgs::Expr(text)) => match text_of(construct, text) {
            Some(message) => message,
            None => {
                return Some(
                    Diagnostic::error(
                        Code::InvalidValue,
                        text.span,
                        "the message of an `error` at compilation is not a text",
                    )
                    .label("expected a string literal")
                    .help("`at(execution)` evaluates its message when the program comes here"),
                );
            }
        },
        _ => "an `error` directive stands here".to_owned(),
    };
    let severity = construct.clause(ClauseKind::Severity);
    let warns = matches!(
        severity.map(|clause| &clause.args),
        Some(ClauseArgs::Severity(word)) if word.value == SeverityLevel::Warning
    );
    let span = construct.dir.directive.span;
    Some(if warns {
        Diagnostic::warning(Code::ErrorDirective, span, message)
    } else {
        Diagnostic::error(Code::ErrorDirective, span, message)
    })
}

fn text_of(construct: &Construct, text: &ExprText) -> Option<String> {
    match &construct.dir.exprs.get(&text.span.start)?.kind {
        ExprKind::Str(text) => Some(text.clone()),
        _ => None,
    }
}
