//! `reduction`: copies that start with the operator's identity, and their combination at the construct's end.

use super::super::function::Lowerer;
use super::declared::Operator;
use super::sharing::Copies;
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{Reducer, VarFact};
use omply_diagnostics::{Code, Span};
use omply_ir::{ArrayType, BinaryOp, Const, Init, Layout, Op, ReduceItem, ReduceOp, Scalar};
use omply_spec::ReductionOp;
use omply_syntax::hir::{BinaryOp as HirBinary, DirId, Expr, ExprKind, NameRef, VarId};

impl Lowerer<'_, '_> {
    pub(super) fn open_reduction(
        &mut self,
        var: VarId,
        reducer: Reducer,
        dir: DirId,
        span: Span,
        copies: &mut Copies,
    ) {
        // The variable outside must exist and have the type that the copies have.
        let outer = self.read_var(var, span);
        if outer.is_never() {
            return;
        }
        let Some(ty) = self.fix_type(var, dir, span) else {
            return;
        };
        let Some(op) = self.operator_for(reducer, &ty, var, span) else {
            return;
        };
        let op = match op {
            Operator::Own(op) => op,
            Operator::Declared(declared) => {
                return self.open_declared(var, declared, dir, span, copies);
            }
        };
        let elem = match &ty {
            Ty::Array(array) => Some(array.elem),
            other => other.scalar(),
        };
        let Some(identity) = elem.and_then(|scalar| identity(op, scalar)) else {
            let name = self.var_name(var);
            self.error(
                Code::WrongOperands,
                span,
                format!(
                    "`{}` is no reduction for `{name}`, which is {ty}",
                    op.name()
                ),
            );
            return;
        };
        let outer = self.read_var(var, span);
        self.enter_scope(var, copies);
        let scope = self.scope_of[var.index()];
        self.omp.reductions.insert((var, scope), op);
        match ty.array() {
            Some(array) => {
                let init = if is_zero(identity) {
                    Init::Zero
                } else {
                    Init::Uninit
                };
                let copy = self.like(&outer, init);
                if init == Init::Uninit {
                    let dst = self.id(&copy);
                    let value = self.b.constant(identity);
                    self.b.effect(Op::ArrayFill { dst, value });
                }
                // The combination wants both under one type.
                let copy = self.convert(&copy, &Ty::Array(array));
                self.bind(var, copy, span);
            }
            None => {
                self.pins.insert((var, scope), dir);
                self.bind(var, Val::constant(ty, identity), span);
            }
        }
        copies.reductions.push((var, op, span));
    }

    /// A section of an array: the copy is an array of the same shape, of which only the section is ever touched.
    pub(super) fn open_section(
        &mut self,
        var: VarId,
        reducer: Reducer,
        section: &Expr,
        fact: &VarFact,
        copies: &mut Copies,
    ) {
        let ExprKind::Subscript { index, .. } = &section.kind else {
            return;
        };
        let span = fact.span;
        let outer = self.read_var(var, span);
        let Ty::Array(array) = outer.ty else {
            if !outer.is_never() {
                let name = self.var_name(var);
                let message = format!("`{name}` is {}, not an array", outer.ty);
                self.error(Code::WrongOperands, span, message);
            }
            return;
        };
        let op = match self.operator_for(reducer, &outer.ty.clone(), var, span) {
            Some(Operator::Own(op)) => op,
            Some(Operator::Declared(_)) => {
                return self.unsupported_clause(
                    "a section of an array in a reduction with a declared operator",
                    span,
                );
            }
            None => return,
        };
        let Some(identity) = identity(op, array.elem) else {
            let message = format!("`{}` is no reduction for {}", op.name(), outer.ty);
            self.error(Code::WrongOperands, span, message);
            return;
        };
        if fact.written_inside {
            let name = self.var_name(var);
            self.error_help(
                Code::ConflictingTypes,
                span,
                format!("the section's array `{name}` becomes another one in the construct"),
                format!("assign to the elements of `{name}` instead: `{name}[:] = ...`"),
            );
            return;
        }
        let copy = self.like(&outer, Init::Uninit);
        // One evaluation of the bounds serves both arrays, which have the same shape.
        let [shared, private] = self.views([&outer, &copy], index, span);
        if shared.is_never() || private.is_never() {
            return;
        }
        let (dst, value) = (self.id(&private), self.b.constant(identity));
        self.b.effect(Op::ArrayFill { dst, value });
        // The combination wants both under one type.
        let ty = match (shared.ty.array(), shared.ty == private.ty) {
            (Some(ty), false) => Ty::Array(ArrayType {
                layout: Layout::Strided,
                ..ty
            }),
            _ => shared.ty.clone(),
        };
        let [shared, private] = [shared, private].map(|view| {
            let view = self.convert(&view, &ty);
            let slot = self.temp("section", &view.ty);
            let id = self.id(&view);
            self.b.store_slot(slot, id);
            slot
        });
        copies.sections.push(ReduceItem {
            op: reduce_op(op),
            shared,
            private,
        });
        self.enter_scope(var, copies);
        let copy = self.convert(&copy, &Ty::Array(array));
        self.bind(var, copy, span);
    }

    /// Combines this thread's copies into the variables outside.
    pub(super) fn combine(&mut self, copies: &mut Copies) {
        let mut items = std::mem::take(&mut copies.sections);
        for (var, op, place) in copies.reductions.clone() {
            let Binding::Bound(bound) = self.flow.get(var).clone() else {
                continue;
            };
            if self.became_another(copies, var, &bound.ty, place) {
                continue;
            }
            if let Some((shared, private)) = self.slot_pair(copies, var, &bound.ty) {
                items.push(ReduceItem {
                    op: reduce_op(op),
                    shared,
                    private,
                });
            }
            // Another thread may change it any time now.
            let ty = bound.ty;
            let span = bound.span;
            self.outer_binding(copies, var, Binding::Bound(Bound::new(ty, span)));
        }
        if !items.is_empty() {
            self.b.effect(Op::Reduce { items });
        }
        self.combine_declared(copies);
        self.combine_contributions(copies);
    }

    /// Reports a copy that was bound to another array, and so may differ from the variable it is combined into.
    pub(super) fn became_another(
        &mut self,
        copies: &Copies,
        var: VarId,
        ty: &Ty,
        place: Span,
    ) -> bool {
        let Some(outer) = copies.outer_type(var).filter(|outer| outer != ty) else {
            return false;
        };
        let name = self.var_name(var);
        self.error_help(
            Code::ConflictingTypes,
            place,
            format!("`{name}` is {outer}, its copy becomes {ty}"),
            format!("assign to the elements of `{name}` instead: `{name}[:] = ...`"),
        );
        true
    }

    /// Two numbers of one type, combined.
    pub(super) fn combined_numbers(
        &mut self,
        op: ReductionOp,
        a: &Val,
        b: &Val,
        span: Span,
    ) -> Val {
        let operator = match op {
            ReductionOp::Add | ReductionOp::Sub => BinaryOp::Add,
            ReductionOp::Mul => BinaryOp::Mul,
            ReductionOp::BitAnd => BinaryOp::And,
            ReductionOp::BitOr => BinaryOp::Or,
            ReductionOp::BitXor => BinaryOp::Xor,
            ReductionOp::Min => BinaryOp::Min,
            ReductionOp::Max => BinaryOp::Max,
            ReductionOp::And | ReductionOp::Or => {
                let [a, b] = [a, b].map(|value| self.truth(value, span));
                let (a, b) = (self.id(&a), self.id(&b));
                let operator = if op == ReductionOp::And {
                    BinaryOp::And
                } else {
                    BinaryOp::Or
                };
                return Val::new(Ty::Bool, self.b.binary(operator, a, b));
            }
        };
        let (left, right) = (self.id(a), self.id(b));
        Val::new(a.ty.clone(), self.b.binary(operator, left, right))
    }

    // ---- reordering --------------------------------------------------------------------------------------------

    /// Whether `var = var op ...` may be reordered: it updates the copy that a reduction combines.
    pub fn reduction_operand(&self, var: VarId, op: HirBinary) -> bool {
        !self.options.reproducible
            && self.reduction_of(var).is_some_and(|reduction| {
                matches!(
                    (reduction, op),
                    (
                        ReductionOp::Add | ReductionOp::Sub,
                        HirBinary::Add | HirBinary::Sub
                    ) | (ReductionOp::Mul, HirBinary::Mul)
                        | (ReductionOp::BitAnd, HirBinary::BitAnd)
                        | (ReductionOp::BitOr, HirBinary::BitOr)
                        | (ReductionOp::BitXor, HirBinary::BitXor)
                )
            })
    }

    pub fn reduction_of(&self, var: VarId) -> Option<ReductionOp> {
        self.omp
            .reductions
            .get(&(var, self.scope_of[var.index()]))
            .copied()
    }

    /// Whether the operation is part of an update such as `s = s + a + b`.
    pub fn reduction_chain(&self, op: HirBinary, left: &Expr, right: &Expr) -> bool {
        if self.omp.reductions.is_empty() {
            return false;
        }
        let own = |expr: &Expr| match &expr.kind {
            ExprKind::Name(NameRef::Var(var)) => self.reduction_operand(*var, op),
            ExprKind::Binary { op, left, right } => self.reduction_chain(*op, left, right),
            _ => false,
        };
        own(left) || (own(right) && op != HirBinary::Sub)
    }
}

fn reduce_op(op: ReductionOp) -> ReduceOp {
    match op {
        ReductionOp::Add | ReductionOp::Sub => ReduceOp::Add,
        ReductionOp::Mul => ReduceOp::Mul,
        ReductionOp::BitAnd => ReduceOp::And,
        ReductionOp::BitOr => ReduceOp::Or,
        ReductionOp::BitXor => ReduceOp::Xor,
        ReductionOp::And => ReduceOp::LogicalAnd,
        ReductionOp::Or => ReduceOp::LogicalOr,
        ReductionOp::Min => ReduceOp::Min,
        ReductionOp::Max => ReduceOp::Max,
    }
}

fn is_zero(constant: Const) -> bool {
    match constant {
        Const::Bool(value) => !value,
        Const::Int(_, value) => value == 0,
        Const::Float(_, value) => value == 0.0 && value.is_sign_positive(),
        Const::Complex(_, re, im) => re == 0.0 && im == 0.0,
    }
}

/// The value that changes nothing when combined; `None` where the operator does not take the type.
pub(super) fn identity(op: ReductionOp, scalar: Scalar) -> Option<Const> {
    let number = |value| super::super::convert::constant(scalar, value);
    let exact = scalar == Scalar::Bool || scalar.is_int();
    match op {
        ReductionOp::Add | ReductionOp::Sub | ReductionOp::Or => Some(number(0)),
        ReductionOp::Mul | ReductionOp::And => Some(number(1)),
        ReductionOp::BitOr | ReductionOp::BitXor => exact.then(|| number(0)),
        ReductionOp::BitAnd => exact.then(|| {
            if scalar == Scalar::Bool {
                number(1)
            } else {
                number(-1)
            }
        }),
        ReductionOp::Min => extreme(scalar, true),
        ReductionOp::Max => extreme(scalar, false),
    }
}

/// The greatest (or least) value of a type.
fn extreme(scalar: Scalar, greatest: bool) -> Option<Const> {
    if scalar.is_complex() {
        return None;
    }
    if scalar.is_float() {
        return Some(Const::Float(
            scalar,
            if greatest {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            },
        ));
    }
    if scalar == Scalar::Bool {
        return Some(Const::Bool(greatest));
    }
    let bits = scalar.bytes() * 8;
    let value = match (scalar.is_signed_int(), greatest) {
        (true, true) => i64::MAX >> (64 - bits),
        (true, false) => i64::MIN >> (64 - bits),
        // All bits set; constants are wrapped to their width.
        (false, true) => -1,
        (false, false) => 0,
    };
    Some(Const::Int(scalar, value))
}
