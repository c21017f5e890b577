//! `scan`: where it stands in the body of a loop, and that it and the `inscan` reductions of the loop name the same variables.

use crate::constructs::{Construct, Constructs, significant};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{Clause, ClauseArgs};
use omply_spec::{ClauseKind, LeafKind, ReductionModifier};
use omply_syntax::hir::{DirectiveStmt, Stmt, StmtKind};

/// The parts of a scanned loop's body.
#[derive(Clone, Copy)]
pub struct Phases<'a> {
    /// Computes what an iteration contributes.
    pub input: &'a [Stmt],
    /// Uses what the iterations up to here (`inclusive`), or before this one (`exclusive`), contributed.
    pub scan: &'a [Stmt],
    pub exclusive: bool,
}

/// The phases of a body that a `scan` separates.
pub fn phases(body: &[Stmt]) -> Option<Phases<'_>> {
    let (at, dir) = body.iter().enumerate().find_map(|(at, stmt)| {
        let dir = separator(stmt)?;
        (!is_initialisation(dir)).then_some((at, dir))
    })?;
    let exclusive = dir.directive.leaves[0]
        .clause(ClauseKind::Exclusive)
        .is_some();
    let (before, after) = (&body[..at], &body[at + 1..]);
    Some(if exclusive {
        Phases {
            input: after,
            scan: before,
            exclusive,
        }
    } else {
        Phases {
            input: before,
            scan: after,
            exclusive,
        }
    })
}

fn separator(stmt: &Stmt) -> Option<&DirectiveStmt> {
    match &stmt.kind {
        StmtKind::Directive(dir) if dir.directive.has(LeafKind::Scan) => Some(dir),
        _ => None,
    }
}

fn is_initialisation(dir: &DirectiveStmt) -> bool {
    dir.directive.leaves[0]
        .clause(ClauseKind::InitComplete)
        .is_some()
}

pub(crate) fn check(constructs: &Constructs, diagnostics: &mut Vec<Diagnostic>) {
    for construct in &constructs.all {
        if construct.innermost() == LeafKind::Scan {
            diagnostics.extend(placement(construct, constructs));
        } else {
            scanned_loop(construct, diagnostics);
        }
    }
}

/// Directly in the body of the innermost loop of a construct with an `inscan` reduction.
fn placement(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let around = construct.parent.map(|id| constructs.get(id));
    let error = |message: &str| {
        Diagnostic::error(Code::ScanPlacement, construct.dir.head_span, message)
            .help("it separates the statements of the loop of `for` or `simd` with `reduction(inscan, ...)`")
    };
    match around {
        Some(around) if inscan(around).is_empty() => Some(
            error("`scan` stands in a loop that scans nothing").secondary(
                around.dir.head_span,
                format!("`{}` has no `inscan` reduction", around.name()),
            ),
        ),
        Some(around) => (!std::ptr::eq(innermost_body(around), construct.block)).then(|| {
            error("`scan` does not stand among the statements of the loop itself")
                .secondary(around.dir.head_span, "the loop of this construct")
        }),
        None => Some(error("`scan` stands outside of a loop construct")),
    }
}

/// The statements of the innermost loop that the construct affects.
fn innermost_body<'f>(construct: &Construct<'f>) -> &'f [Stmt] {
    let collapse = construct
        .clause(ClauseKind::Collapse)
        .and_then(|clause| match &clause.args {
            ClauseArgs::Expr(text) => text.as_integer(),
            _ => None,
        })
        .unwrap_or(1);
    let mut body = &construct.dir.body[..];
    for _ in 0..collapse {
        let inner = significant(body)
            .into_iter()
            .find_map(|stmt| match &stmt.kind {
                StmtKind::For { body, .. } => Some(&body[..]),
                _ => None,
            });
        match inner {
            Some(inner) => body = inner,
            None => return body,
        }
    }
    body
}

/// The `inscan` reductions of a construct.
fn inscan<'f>(construct: &Construct<'f>) -> Vec<&'f Clause> {
    let clauses = construct.leaves().iter().flat_map(|leaf| &leaf.clauses);
    clauses
        .filter(|clause| match &clause.args {
            ClauseArgs::Reduction(reduction) => {
                reduction.modifier.map(|word| word.value) == Some(ReductionModifier::Inscan)
            }
            _ => false,
        })
        .collect()
}

/// A loop that scans has one separator, which lists what the reductions list.
fn scanned_loop(construct: &Construct, diagnostics: &mut Vec<Diagnostic>) {
    let reductions = inscan(construct);
    let Some(first) = reductions.first() else {
        return;
    };
    let body = innermost_body(construct);
    let separators: Vec<&DirectiveStmt> = body.iter().filter_map(separator).collect();
    let phases: Vec<&&DirectiveStmt> = separators
        .iter()
        .filter(|dir| !is_initialisation(dir))
        .collect();
    let scan = match phases[..] {
        [scan] => scan,
        [] => {
            diagnostics.push(
                Diagnostic::error(
                    Code::ScanPlacement,
                    first.span,
                    "an `inscan` reduction needs a `scan` in its loop",
                )
                .label("nothing says where its value is used")
                .help("put `omp(\"scan inclusive(...)\")` or `omp(\"scan exclusive(...)\")` between the two halves of the body"),
            );
            return;
        }
        [one, two, ..] => {
            diagnostics.push(
                Diagnostic::error(Code::ScanPlacement, two.head_span, "a loop is scanned once")
                    .label("the second `scan`")
                    .secondary(one.head_span, "the first one"),
            );
            return;
        }
    };
    for late in separators
        .iter()
        .filter(|dir| is_initialisation(dir) && dir.head_span.start > scan.head_span.start)
    {
        let exclusive = scan.directive.leaves[0]
            .clause(ClauseKind::Exclusive)
            .is_some();
        if !exclusive {
            diagnostics.push(
                Diagnostic::error(
                    Code::ScanPlacement,
                    late.head_span,
                    "the initialisation phase comes before the input phase",
                )
                .secondary(scan.head_span, "the input phase ends here"),
            );
        }
    }
    let listed: Vec<(&str, Span)> = scan.directive.leaves[0]
        .clauses
        .iter()
        .flat_map(|clause| clause.items())
        .filter_map(|item| Some((item.name()?, item.span())))
        .collect();
    let reduced: Vec<(&str, Span)> = reductions
        .iter()
        .flat_map(|clause| clause.items())
        .filter_map(|item| Some((item.name()?, item.span())))
        .collect();
    for (name, span) in &listed {
        if !reduced.iter().any(|(other, _)| other == name) {
            diagnostics.push(
                Diagnostic::error(
                    Code::ScanItems,
                    *span,
                    format!("`{name}` is in no `inscan` reduction of the loop"),
                )
                .secondary(first.span, "the loop scans these"),
            );
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (name, span) in &reduced {
        if !listed.iter().any(|(other, _)| other == name) && !seen.contains(name) {
            seen.push(name);
            diagnostics.push(
                Diagnostic::error(
                    Code::ScanItems,
                    *span,
                    format!("`{name}` is not in the loop's `scan`"),
                )
                .secondary(scan.head_span, "what it lists is scanned"),
            );
        }
    }
}
