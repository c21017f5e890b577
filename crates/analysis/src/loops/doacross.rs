//! Iterations that `ordered doacross` names: they have values, and come before the iteration that waits for them.

use super::LoopNest;
use crate::constructs::Constructs;
use crate::facts::{CanonicalLoop, IterSpace};
use omply_diagnostics::{Code, Diagnostic};
use omply_directive::{Clause, ClauseArgs, Doacross, DoacrossStep};
use omply_spec::{ClauseKind, LeafKind};
use omply_syntax::hir::{Expr, ExprKind, UnaryOp};

/// Cross-iteration dependences name iterations by the values of loop variables, which only `range` gives in order.
pub(crate) fn named_iterations(
    constructs: &Constructs,
    nests: &[Option<LoopNest>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for construct in &constructs.all {
        let Some(clause) = construct.clause(ClauseKind::Doacross) else {
            continue;
        };
        let nest = constructs
            .outward(construct.parent)
            .find(|outer| outer.has(LeafKind::For))
            .and_then(|outer| nests[outer.dir.id.index()].as_ref());
        let loops = nest.map_or(&[][..], |nest| &nest.loops[..]);
        if let ClauseArgs::Doacross(Doacross::Sink(steps)) = &clause.args {
            diagnostics.extend(backwards(clause, steps, loops));
        }
        let other = loops
            .iter()
            .find(|one| one.var.is_none() || !matches!(one.iter, IterSpace::Range { .. }));
        if let Some(other) = other {
            diagnostics.push(
                Diagnostic::error(
                    Code::OrderedBinding,
                    clause.span,
                    "the iterations of this loop have no values that could be named",
                )
                .secondary(other.target.span(), "not a variable that follows a `range`")
                .help("loop over `range(...)`"),
            );
        }
    }
}

/// What an iteration waits for comes before it; otherwise it waits for ever. Only what literals say is looked at.
fn backwards(
    clause: &Clause,
    steps: &[DoacrossStep],
    loops: &[CanonicalLoop],
) -> Option<Diagnostic> {
    if steps.len() != loops.len() {
        return None;
    }
    let mut way = 0;
    for (step, one) in steps.iter().zip(loops) {
        let offset = match &step.offset {
            None => 0,
            Some(text) => text.text.replace(' ', "").parse::<i64>().ok()?,
        };
        let stride = match &one.iter {
            IterSpace::Range { step: None, .. } => 1,
            IterSpace::Range {
                step: Some(step), ..
            } => literal(step)?,
            _ => return None,
        };
        way = offset.signum() * stride.signum();
        if way != 0 {
            break;
        }
    }
    (way >= 0).then(|| {
        let (message, label) = if way == 0 {
            ("an iteration waits for itself", "it never begins")
        } else {
            (
                "an iteration waits for one that comes after it",
                "neither ever begins",
            )
        };
        Diagnostic::error(Code::OrderedBinding, clause.span, message)
            .label(label)
            .help("a `sink` names an iteration that the serial program executes before")
    })
}

fn literal(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Int(value) => *value,
        ExprKind::Unary {
            op: UnaryOp::Minus,
            operand,
        } => literal(operand)?.checked_neg(),
        _ => None,
    }
}
