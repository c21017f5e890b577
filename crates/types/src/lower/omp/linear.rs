//! `linear` and `induction`: variables whose value at the start of an iteration follows from its number.

use super::super::function::Lowerer;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{Reducer, Sharing, VarFact};
use omply_analysis::operators;
use omply_diagnostics::{Code, Span};
use omply_ir::BinaryOp;
use omply_spec::ReductionOp;
use omply_syntax::hir::{BinaryOp as HirBinary, Expr, VarId};
use std::sync::Arc;

/// A variable that follows the iterations: its value before the first one, and how it follows.
pub struct Linear {
    pub var: VarId,
    start: Val,
    step: Val,
    law: Law,
    pub span: Span,
}

#[derive(Clone, Copy)]
enum Law {
    /// `start + number * step`
    Sum,
    /// `start * step ** number`
    Product,
    /// `inductor(start, collector(step, number))`, of the declaration with this index.
    Declared(usize),
}

impl Lowerer<'_, '_> {
    /// What a `linear` or `induction` variable needs; reads its value and its step before the loop.
    pub(super) fn linear(&mut self, var: VarId, fact: &VarFact) -> Option<Linear> {
        let span = fact.span;
        let start = self.read_var(var, span);
        let step = match (&fact.sharing, &fact.step) {
            (_, Some(step)) => self.expr(step),
            (Sharing::Linear { step }, None) => Val::int(step.unwrap_or(1)),
            _ => return None,
        };
        if start.is_never() || step.is_never() {
            return None;
        }
        let law = match fact.sharing {
            Sharing::Induction { op } => self.law(op, &start, span)?,
            _ => Law::Sum,
        };
        let real = |value: &Val| {
            let scalar = value.ty.scalar();
            scalar.is_some_and(|scalar| scalar.is_int() || scalar.is_float())
        };
        if !matches!(law, Law::Declared(_)) && !real(&start) {
            let name = self.var_name(var);
            let message = format!(
                "`{name}` is {}; a linear variable is a real number",
                start.ty
            );
            self.error(Code::WrongOperands, span, message);
            return None;
        }
        if !matches!(law, Law::Declared(_)) && !real(&step) {
            let at = fact.step.as_ref().map_or(span, |step| step.span);
            let message = format!("the step is {}; it must be a real number", step.ty);
            self.error(Code::WrongOperands, at, message);
            return None;
        }
        Some(Linear {
            var,
            start,
            step,
            law,
            span,
        })
    }

    fn law(&mut self, reducer: Reducer, start: &Val, span: Span) -> Option<Law> {
        let hir = Arc::clone(&self.hir);
        let name = reducer.name(&hir);
        let declared: Vec<_> = operators::inductions(&hir, reducer).collect();
        for (operator, ..) in &declared {
            if operator
                .types
                .iter()
                .any(|one| self.is_of_type(&start.ty, &one.expr))
            {
                let index = hir
                    .declared
                    .iter()
                    .position(|one| std::ptr::eq(one, *operator))?;
                return Some(Law::Declared(index));
            }
        }
        match reducer {
            Reducer::Op(ReductionOp::Add | ReductionOp::Sub) => Some(Law::Sum),
            Reducer::Op(ReductionOp::Mul) => Some(Law::Product),
            _ => {
                let message = format!("`{name}` is no induction for {}", start.ty);
                self.error_help(
                    Code::WrongOperands,
                    span,
                    message,
                    "an induction is `+`, `*` or declared with `declare_induction`",
                );
                None
            }
        }
    }

    /// Binds the variable to its value in the iteration of that number.
    pub(super) fn bind_linear(&mut self, linear: &Linear, number: &Val) {
        let Linear {
            var,
            start,
            step,
            law,
            span,
        } = linear;
        let value = match law {
            Law::Sum => {
                let distance = self.binary(HirBinary::Mul, number, step, *span, false);
                self.binary(HirBinary::Add, start, &distance, *span, false)
            }
            Law::Product => {
                let factor = self.natural_power(step, number);
                self.binary(HirBinary::Mul, start, &factor, *span, false)
            }
            Law::Declared(index) => self.induced(*index, start, step, number),
        };
        self.bind(*var, value, *span);
    }

    /// A power whose exponent is not negative.
    fn natural_power(&mut self, base: &Val, exponent: &Val) -> Val {
        let ty = if base.ty.scalar().is_some_and(|scalar| scalar.is_float()) {
            Ty::Float
        } else {
            Ty::Int
        };
        let [x, y] = [base, exponent].map(|value| self.convert(value, &ty));
        let (x, y) = (self.id(&x), self.id(&y));
        Val::new(ty, self.b.binary(BinaryOp::Pow, x, y))
    }

    fn induced(&mut self, index: usize, start: &Val, step: &Val, number: &Val) -> Val {
        let hir = Arc::clone(&self.hir);
        let omply_syntax::hir::DeclaredKind::Induction {
            inductor,
            collector,
        } = &hir.declared[index].kind
        else {
            return Val::never();
        };
        let collector: &Expr = &collector.expr;
        let collected = self.operand_value(&[("omp_step", step), ("omp_idx", number)], collector);
        self.operand_value(
            &[("omp_var", start), ("omp_step", &collected)],
            &inductor.expr,
        )
    }
}
