//! What OpenMP allows of collapsed loops beyond a rectangular, perfect nest: bounds along the variable of one outer loop,
//! and code between the loops.

use super::{Finder, first_line, targets};
use crate::facts::{CanonicalLoop, IterSpace};
use crate::names::{blocks, expr_uses, stmt_exprs};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_spec::ClauseKind;
use omply_syntax::hir::*;

/// Clauses that divide or number iterations before it is known where an inner loop starts.
const RECTANGULAR_ONLY: &[ClauseKind] = &[
    ClauseKind::Schedule,
    ClauseKind::DistSchedule,
    ClauseKind::Grainsize,
    ClauseKind::NumTasks,
    ClauseKind::Induction,
    ClauseKind::Linear,
];

impl<'f> Finder<'_, 'f> {
    /// The outer loop whose variable the bounds of `one` depend on, by its place in the nest; what cannot be followed is
    /// reported.
    pub(super) fn along(&mut self, one: &CanonicalLoop, outer: &[CanonicalLoop]) -> Option<usize> {
        let mut found: Vec<(usize, NameRef, Span)> = Vec::new();
        let mut look = |expr: &Expr| {
            expr_uses(expr, &mut |name, span, _| {
                let depends = outer
                    .iter()
                    .position(|other| targets(&other.target).any(|(target, _)| target == name));
                if let Some(place) = depends {
                    found.push((place, name, span));
                }
            });
        };
        let bounds = match &one.iter {
            IterSpace::Range { start, stop, step } => {
                start.iter().chain([stop]).for_each(&mut look);
                step.iter().for_each(&mut look);
                Some((start.as_ref(), stop, step.as_ref()))
            }
            other => {
                parts(other).into_iter().for_each(&mut look);
                None
            }
        };
        let &(place, name, span) = found.first()?;
        let variable = (outer[place].var).filter(|&var| NameRef::Var(var) == name);
        let reason = match (bounds, variable) {
            _ if found.iter().any(|&(other, ..)| other != place) => {
                Some("the bounds depend on more than one outer loop")
            }
            (None, _) => Some("only the bounds of a `range` may depend on an outer loop"),
            (_, None) => Some("the outer loop's variable is not a plain name"),
            _ if !matches!(outer[place].iter, IterSpace::Range { .. }) => {
                Some("the outer loop does not run over a `range`")
            }
            (Some((_, _, Some(step))), _) if mentions(step, name) => {
                Some("a step must not depend on an outer loop")
            }
            (Some((start, stop, _)), _) => start
                .into_iter()
                .chain([stop])
                .any(|bound| !is_affine(bound, name))
                .then_some("the bound is not of the form `a * outer + b`"),
        };
        if let Some(reason) = reason {
            let text = self.function.name_of(name);
            let error = Diagnostic::error(
                Code::DependentBounds,
                span,
                "the bounds of these loops depend on each other in a way that cannot be collapsed",
            )
            .label(format!("depends on `{text}`"))
            .secondary(outer[place].target.span(), "the outer loop's variable")
            .note(reason);
            self.report(error);
            return None;
        }
        let forbidden = RECTANGULAR_ONLY
            .iter()
            .find_map(|&kind| self.construct.clause(kind))
            .or_else(|| {
                let clause = self.construct.clause(ClauseKind::Ordered)?;
                matches!(
                    clause.args,
                    omply_directive::ClauseArgs::OptionalExpr(Some(_))
                )
                .then_some(clause)
            });
        if let Some(clause) = forbidden {
            let error = Diagnostic::error(
                Code::NonRectangular,
                clause.span,
                format!(
                    "`{}` needs loops whose bounds do not depend on each other",
                    clause.kind
                ),
            )
            .secondary(span, "this bound depends on an outer loop");
            self.report(error);
        }
        Some(place)
    }

    /// Code between two affected loops.
    pub(super) fn intervening(&mut self, stmt: &Stmt, clause: Span) {
        let perfect = self
            .construct
            .clause(ClauseKind::Ordered)
            .is_some_and(|clause| {
                matches!(
                    clause.args,
                    omply_directive::ClauseArgs::OptionalExpr(Some(_))
                )
            });
        let reason = if perfect {
            Some((
                first_line(stmt),
                "loops whose iterations wait for each other hold nothing between them",
            ))
        } else {
            self.unfit(stmt)
        };
        let Some((span, reason)) = reason else {
            return;
        };
        self.diagnostics.push(
            Diagnostic::error(
                Code::InterveningCode,
                span,
                "this cannot stand between collapsed loops",
            )
            .label(reason)
            .secondary(clause, "the loops are collapsed here")
            .help("move it into the innermost loop"),
        );
    }

    /// What of a statement may not be executed an unknown number of times.
    fn unfit(&self, stmt: &Stmt) -> Option<(Span, &'static str)> {
        match &stmt.kind {
            StmtKind::For { .. } | StmtKind::While { .. } => {
                return Some((first_line(stmt), "a loop beside the affected one"));
            }
            StmtKind::Directive(_) => return Some((first_line(stmt), "a directive")),
            _ => {}
        }
        let mut found = None;
        for expr in stmt_exprs(stmt) {
            expr_uses(expr, &mut |name, span, _| {
                if self.function.name_of(name).starts_with("omp_") {
                    found = found.or(Some((span, "a routine of the runtime")));
                }
            });
        }
        found.or_else(|| {
            blocks(stmt)
                .into_iter()
                .flatten()
                .find_map(|stmt| self.unfit(stmt))
        })
    }
}

/// The expressions that an iteration space is made of.
fn parts(space: &IterSpace) -> Vec<&Expr> {
    match space {
        IterSpace::Range { start, stop, step } => start.iter().chain([stop]).chain(step).collect(),
        IterSpace::Sequence(expr) | IterSpace::Iterable(expr) => vec![expr],
        IterSpace::Reversed(inner) => parts(inner),
        IterSpace::Enumerate { iter, start } => parts(iter).into_iter().chain(start).collect(),
        IterSpace::Zip(spaces) => spaces.iter().flat_map(parts).collect(),
    }
}

fn mentions(expr: &Expr, name: NameRef) -> bool {
    let mut found = false;
    expr_uses(expr, &mut |other, _, _| found |= other == name);
    found
}

/// Whether an expression is of the form `a * name + b`.
fn is_affine(expr: &Expr, name: NameRef) -> bool {
    if !mentions(expr, name) {
        return true;
    }
    match &expr.kind {
        ExprKind::Name(other) => *other == name,
        ExprKind::Unary {
            op: UnaryOp::Plus | UnaryOp::Minus,
            operand,
        } => is_affine(operand, name),
        ExprKind::Binary {
            op: BinaryOp::Add | BinaryOp::Sub,
            left,
            right,
        } => is_affine(left, name) && is_affine(right, name),
        ExprKind::Binary {
            op: BinaryOp::Mul,
            left,
            right,
        } => {
            (is_affine(left, name) && !mentions(right, name))
                || (is_affine(right, name) && !mentions(left, name))
        }
        _ => false,
    }
}
