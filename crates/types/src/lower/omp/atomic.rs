//! `atomic` in all its forms, on variables and array elements.

use super::super::function::Lowerer;
use super::Construct;
use super::barrier::memory_order;
use crate::flow::{Binding, Bound};
use crate::promote::{self, unify};
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{AtomicKind, AtomicOp, CompareCapture, Region, Update};
use omply_diagnostics::{Code, Span};
use omply_ir::{self as ir, CompareOp, ErrorKind, MemoryOrder, Op, Place, Type};
use omply_syntax::hir::{BinaryOp, Expr, ExprKind, NameRef, Target, VarId};

/// A location with the type of what it holds.
struct Location {
    place: Place,
    ty: Ty,
}

impl Lowerer<'_, '_> {
    pub(super) fn atomic(&mut self, construct: Construct<'_>, region: &Region) {
        let Some(atomic) = &region.atomic else {
            return;
        };
        let mut order = memory_order(atomic.order);
        if let Some(fail) = atomic.fail {
            order = stronger(order, memory_order(fail));
        }
        let span = construct
            .directive
            .body
            .first()
            .map_or(region.span, |stmt| stmt.span);
        match &atomic.kind {
            AtomicKind::Read { v, x } => self.atomic_read(v, x, order),
            AtomicKind::Write { x, e } => self.atomic_write(x, e, order),
            AtomicKind::Update(update) => {
                self.atomic_update(update, order, span);
            }
            AtomicKind::Capture { v, update, old } => {
                if let Some((before, after)) = self.atomic_update(update, order, span) {
                    self.assign(v, if *old { before } else { after });
                }
            }
            AtomicKind::Exchange { v, x, e } => {
                let value = self.expr(e);
                if let Some(location) = self.location(x, &value.ty) {
                    let value = self.convert(&value, &location.ty);
                    let value = self.id(&value);
                    let op = Op::AtomicExchange {
                        place: location.place,
                        value,
                        order,
                    };
                    let old = self.b.emit(op, location.ty.ir());
                    self.assign(v, Val::new(location.ty, old));
                }
            }
            AtomicKind::Compare {
                x,
                expected,
                desired,
                capture,
            } => {
                self.atomic_compare(x, expected, desired, capture.as_ref(), order, atomic.weak);
            }
        }
    }

    fn atomic_read(&mut self, v: &Target, x: &Expr, order: MemoryOrder) {
        let Some(location) = self.location_of_expr(x) else {
            return;
        };
        let id = self.b.emit(
            Op::AtomicLoad {
                place: location.place,
                order,
            },
            location.ty.ir(),
        );
        self.assign(v, Val::new(location.ty, id));
    }

    fn atomic_write(&mut self, x: &Target, e: &Expr, order: MemoryOrder) {
        let value = self.expr(e);
        let Some(location) = self.location(x, &value.ty) else {
            return;
        };
        let value = self.convert(&value, &location.ty);
        let value = self.id(&value);
        self.b.effect(Op::AtomicStore {
            place: location.place,
            value,
            order,
        });
    }

    /// The values before and after.
    fn atomic_update(
        &mut self,
        update: &Update,
        order: MemoryOrder,
        span: Span,
    ) -> Option<(Val, Val)> {
        let value = self.expr(&update.e);
        if value.is_never() {
            return None;
        }
        let current = self.location_type(&update.x);
        let result = match (update.op, &current) {
            (_, None) => value.ty.clone(),
            (AtomicOp::Binary(op), Some(current)) => {
                let pair = if update.reversed {
                    (&value.ty, current)
                } else {
                    (current, &value.ty)
                };
                match promote::binary(op, pair.0, pair.1) {
                    Some(result) => result,
                    None => {
                        let message = format!(
                            "this operation does not take values of types {} and {}",
                            pair.0, pair.1
                        );
                        self.error(Code::WrongOperands, span, message);
                        return None;
                    }
                }
            }
            (AtomicOp::Min | AtomicOp::Max, Some(current)) => {
                unify(current, None, &value.ty, None)?
            }
        };
        let location = self.location(&update.x, &result)?;
        let value = self.convert(&value, &location.ty);
        let op = match update.op {
            AtomicOp::Min => ir::BinaryOp::Min,
            AtomicOp::Max => ir::BinaryOp::Max,
            AtomicOp::Binary(op) => {
                self.check_atomic_operand(op, &value, update.reversed, span);
                ir_op(op)?
            }
        };
        let value = self.id(&value);
        let ty = location.ty.ir();
        let op = Op::AtomicUpdate {
            place: location.place,
            op,
            value,
            reversed: update.reversed,
            order,
        };
        let [before, after] = self.b.emit_many(op, [ty.clone(), ty]);
        Some((
            Val::new(location.ty.clone(), before),
            Val::new(location.ty, after),
        ))
    }

    /// The errors of the operation itself, as far as the operand decides them.
    fn check_atomic_operand(&mut self, op: BinaryOp, value: &Val, reversed: bool, span: Span) {
        let python = self.options.error_model == crate::env::ErrorModel::Python;
        let divides = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod);
        if divides && !reversed && python && !value.range.excludes_zero() {
            let zero = self.zero(&value.ty.clone());
            let (a, b) = (self.id(value), self.id(&zero));
            let nonzero = self.b.compare(CompareOp::Ne, a, b);
            self.check(
                nonzero,
                ErrorKind::ZeroDivision,
                "division by zero",
                span,
                Vec::new(),
            );
        }
        let signed = value.ty.scalar().is_some_and(ir::Scalar::is_signed_int);
        if matches!(op, BinaryOp::Pow | BinaryOp::LShift | BinaryOp::RShift)
            && signed
            && !reversed
            && value.range.lo < 0.0
        {
            let zero = self.zero(&value.ty.clone());
            let (a, b) = (self.id(value), self.id(&zero));
            let natural = self.b.compare(CompareOp::Ge, a, b);
            self.check(
                natural,
                ErrorKind::Value,
                "negative exponent or shift count",
                span,
                Vec::new(),
            );
        }
    }

    fn atomic_compare(
        &mut self,
        x: &Target,
        expected: &Expr,
        desired: &Expr,
        capture: Option<&CompareCapture>,
        order: MemoryOrder,
        weak: bool,
    ) {
        let (expected_value, desired_value) = (self.expr(expected), self.expr(desired));
        let Some(location) = self.location(x, &desired_value.ty) else {
            return;
        };
        if unify(
            &location.ty,
            None,
            &expected_value.ty,
            expected_value.as_int(),
        )
        .and_then(|ty| ty.scalar())
            != location.ty.scalar()
        {
            let message = format!(
                "a value of type {} is compared with one of type {}",
                location.ty, expected_value.ty
            );
            self.error_help(
                Code::WrongOperands,
                expected.span,
                message,
                "convert it before the construct",
            );
            return;
        }
        let expected_value = self.convert(&expected_value, &location.ty);
        let desired_value = self.convert(&desired_value, &location.ty);
        let (expected, desired) = (self.id(&expected_value), self.id(&desired_value));
        let op = Op::AtomicCompareExchange {
            place: location.place,
            expected,
            desired,
            order,
            weak,
        };
        let [success, old] = self.b.emit_many(op, [Type::BOOL, location.ty.ir()]);
        let Some(capture) = capture else {
            return;
        };
        if let Some(result) = &capture.result {
            self.assign(result, Val::new(Ty::Bool, success));
        }
        if let Some(v) = &capture.v {
            let id = if capture.old {
                old
            } else {
                self.b.select(success, desired, old)
            };
            self.assign(v, Val::new(location.ty, id));
        }
    }

    // ---- locations ---------------------------------------------------------------------------------------------

    /// The type that a location holds before a value is stored; its subscript is not evaluated.
    fn location_type(&mut self, x: &Target) -> Option<Ty> {
        match x {
            Target::Name {
                name: NameRef::Var(var),
                span,
            } => {
                let (var, span) = (*var, *span);
                match self.flow.get(var) {
                    Binding::Unbound | Binding::Private if !self.is_global(var) => None,
                    _ => Some(self.probe(|s| s.read_var(var, span))),
                }
            }
            Target::Subscript { value, .. } => {
                let ty = self.probe(|s| s.expr(value));
                ty.array().map(|array| Ty::Np(array.elem))
            }
            _ => None,
        }
    }

    /// The location that takes a value of type `stored`.
    fn location(&mut self, x: &Target, stored: &Ty) -> Option<Location> {
        if *stored == Ty::Never {
            return None;
        }
        if !stored.is_number() {
            self.error(
                Code::WrongOperands,
                x.span(),
                format!("atomic operations work on numbers, not on {stored}"),
            );
            return None;
        }
        match x {
            Target::Name {
                name: NameRef::Var(var),
                span,
            } => self.variable_location(*var, Some(stored), *span),
            Target::Subscript { value, index, span } => {
                let base = self.expr(value);
                let location = self.element_location(&base, index, *span)?;
                let elem = location.ty.scalar()?;
                let kept = unify(&location.ty, None, stored, None).and_then(|ty| ty.scalar());
                let loses = kept.is_some_and(|kept| kind(kept) > kind(elem));
                if loses {
                    let message = format!(
                        "a value of type {stored} cannot be stored atomically in a {} array",
                        location.ty
                    );
                    self.error_help(
                        Code::WrongOperands,
                        *span,
                        message,
                        "convert the value first",
                    );
                    return None;
                }
                Some(location)
            }
            other => {
                self.error(
                    Code::NotNative,
                    other.span(),
                    "native atomic operations work on variables and array elements",
                );
                None
            }
        }
    }

    fn location_of_expr(&mut self, x: &Expr) -> Option<Location> {
        match &x.kind {
            ExprKind::Name(NameRef::Var(var)) => self.variable_location(*var, None, x.span),
            ExprKind::Subscript { value, index } => {
                let base = self.expr(value);
                self.element_location(&base, index, x.span)
            }
            _ => {
                self.error(
                    Code::NotNative,
                    x.span,
                    "native atomic operations work on variables and array elements",
                );
                None
            }
        }
    }

    fn element_location(&mut self, base: &Val, index: &Expr, span: Span) -> Option<Location> {
        let (ty, indices, check) = self.element_place(base, index, span)?;
        let array = self.id(base);
        Some(Location {
            place: Place::Element {
                array,
                indices,
                check,
            },
            ty: Ty::Np(ty.elem),
        })
    }

    /// The slot of a variable, whose type widens to take a `stored`.
    fn variable_location(
        &mut self,
        var: VarId,
        stored: Option<&Ty>,
        span: Span,
    ) -> Option<Location> {
        let scope = self.scope_of[var.index()];
        if self.is_global(var) {
            let name = self.var_name(var);
            let (slot, ty) = self.threadprivate_slot(&name, span)?;
            return Some(Location {
                place: Place::Slot(slot),
                ty,
            });
        }
        let before = match self.flow.get(var).clone() {
            // A store may be the first binding.
            Binding::Unbound | Binding::Private if stored.is_some() => None,
            _ => {
                let ty = self.type_of_var(var, span);
                if ty == Ty::Never {
                    return None;
                }
                Some(ty)
            }
        };
        let ty = match (&before, stored) {
            (Some(before), Some(stored)) => match unify(before, None, stored, None) {
                Some(ty) if ty.is_number() => ty,
                _ => {
                    let message = format!(
                        "`{}` is {before} and cannot become {stored}",
                        self.var_name(var)
                    );
                    self.error(Code::ConflictingTypes, span, message);
                    return None;
                }
            },
            (Some(before), None) => before.clone(),
            (None, Some(stored)) => stored.clone(),
            (None, None) => return None,
        };
        if !ty.is_number() {
            self.error(
                Code::WrongOperands,
                span,
                format!("atomic operations work on numbers, not on {ty}"),
            );
            return None;
        }
        let ty = match self.pins.get(&(var, scope)).copied() {
            Some(dir) => self.pinned_type(var, dir, &ty, span)?,
            None => {
                if let Some(before) = before.filter(|before| *before != ty) {
                    let value = self.load_var(var, &before);
                    let value = self.convert(&value, &ty);
                    self.store_var(var, &value);
                }
                ty
            }
        };
        if let Some(flag) = self.flag(var) {
            let yes = self.b.bool(true);
            self.b.store_slot(flag, yes);
        }
        self.flow
            .set(var, Binding::Bound(Bound::new(ty.clone(), span)));
        Some(Location {
            place: Place::Slot(self.slot(var, &ty)),
            ty,
        })
    }
}

fn ir_op(op: BinaryOp) -> Option<ir::BinaryOp> {
    Some(match op {
        BinaryOp::Add => ir::BinaryOp::Add,
        BinaryOp::Sub => ir::BinaryOp::Sub,
        BinaryOp::Mul => ir::BinaryOp::Mul,
        BinaryOp::Div => ir::BinaryOp::Div,
        BinaryOp::FloorDiv => ir::BinaryOp::FloorDiv,
        BinaryOp::Mod => ir::BinaryOp::Mod,
        BinaryOp::Pow => ir::BinaryOp::Pow,
        BinaryOp::LShift => ir::BinaryOp::LShift,
        BinaryOp::RShift => ir::BinaryOp::RShift,
        BinaryOp::BitAnd => ir::BinaryOp::And,
        BinaryOp::BitOr => ir::BinaryOp::Or,
        BinaryOp::BitXor => ir::BinaryOp::Xor,
        BinaryOp::MatMul => return None,
    })
}

fn stronger(a: MemoryOrder, b: MemoryOrder) -> MemoryOrder {
    use MemoryOrder::*;
    match (a, b) {
        (SeqCst, _) | (_, SeqCst) => SeqCst,
        (AcqRel, _) | (_, AcqRel) | (Acquire, Release) | (Release, Acquire) => AcqRel,
        (Relaxed, other) => other,
        (other, _) => other,
    }
}

/// Bools, integers, floats, complex numbers: each kind loses values of the next.
fn kind(scalar: ir::Scalar) -> u8 {
    match scalar {
        ir::Scalar::Bool => 0,
        _ if scalar.is_int() => 1,
        _ if scalar.is_float() => 2,
        _ => 3,
    }
}
