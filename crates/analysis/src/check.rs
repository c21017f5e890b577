//! Source to facts in one step, with the errors of all layers together.

use crate::facts::Facts;
use omply_diagnostics::{Code, Diagnostic};
use omply_directive::Directive;
use omply_spec::{LeafKind, Support};
use omply_syntax::{Module, ParsedFunction, Request};

/// A function without errors, and its facts.
#[derive(Clone, Debug)]
pub struct Checked {
    pub parsed: ParsedFunction,
    pub facts: Facts,
    pub warnings: Vec<Diagnostic>,
}

/// Reads and analyses one function; what is wrong with its text and with its structure is reported together.
pub fn check(module: &Module, request: &Request) -> Result<Checked, Vec<Diagnostic>> {
    let (parsed, mut diagnostics) = module.read(request);
    let Some(parsed) = parsed else {
        return Err(diagnostics);
    };
    let (mut facts, mut found) = crate::analyse(&parsed.function, module.source());
    facts.simd = crate::declare_simd::declared(&parsed, &mut found);
    if diagnostics.is_empty() {
        diagnostics = found;
    } else {
        diagnostics.extend(
            found
                .into_iter()
                .filter(|diagnostic| stands_for_itself(diagnostic.code)),
        );
    }
    diagnostics.extend(
        parsed
            .decorators
            .iter()
            .filter_map(|directive| not_yet(directive, Diagnostic::error)),
    );
    diagnostics.extend(
        parsed
            .declarations
            .iter()
            .filter_map(|directive| not_yet(directive, Diagnostic::warning)),
    );
    diagnostics.extend(parsed.declarations.iter().flat_map(refused));
    diagnostics.extend(parsed.warnings.iter().cloned());
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code));
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    Ok(Checked {
        parsed,
        facts,
        warnings: diagnostics,
    })
}

/// Errors that do not follow from a directive or clause that could not be read.
fn stands_for_itself(code: Code) -> bool {
    matches!(
        code,
        Code::MissingBlock
            | Code::UnexpectedBlock
            | Code::BranchOut
            | Code::SuspendedRegion
            | Code::NoLoop
            | Code::ShallowNest
            | Code::LoopElse
            | Code::LoopTarget
            | Code::LoopVariableAssigned
            | Code::InvalidNesting
            | Code::AtomicForm
            | Code::LoopIterable
    )
}

/// What a file requires and cannot have.
fn refused(directive: &Directive) -> Vec<Diagnostic> {
    let leaf = directive.leaf(LeafKind::Requires);
    let clauses = leaf.iter().flat_map(|leaf| &leaf.clauses);
    clauses
        .filter(|clause| LeafKind::Requires.clause_support(clause.kind) == Support::NONE)
        .map(|clause| {
            Diagnostic::error(
                Code::UnsupportedClause,
                clause.span,
                format!(
                    "this file requires `{}`, which is not to be had",
                    clause.kind
                ),
            )
            .note("no device shares the host's memory, and none calls back")
        })
        .collect()
}

/// A directive outside of the function's body that no mode runs yet.
fn not_yet(
    directive: &Directive,
    severity: fn(Code, omply_diagnostics::Span, String) -> Diagnostic,
) -> Option<Diagnostic> {
    let leaf = directive
        .leaves
        .iter()
        .find(|leaf| leaf.kind.support() == Support::NONE)?;
    Some(severity(
        Code::UnsupportedDirective,
        leaf.name_span,
        format!("`{}` is not supported yet and has no effect", leaf.kind),
    ))
}
