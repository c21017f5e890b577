//! Arithmetic: the operators with Python's rounding, NumPy's promotion, and the errors CPython raises.

use super::function::Lowerer;
use crate::env::ErrorModel;
use crate::promote;
use crate::ty::Ty;
use crate::value::{Range, Repr, Val};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_ir::{self as ir, CompareOp, Const, ErrorKind, Op, Scalar, ValueId};
use omply_syntax::hir::{BinaryOp, Expr, UnaryOp};

/// The text of `OverflowError` under `overflow="raise"`.
pub const OVERFLOW: &str = "integer result does not fit 64 bits";

pub fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::LShift => "<<",
        BinaryOp::RShift => ">>",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::MatMul => "@",
    }
}

impl Lowerer<'_, '_> {
    // ---- one operand -------------------------------------------------------------------------------------------

    pub fn unary(&mut self, op: UnaryOp, operand: &Expr, span: Span) -> Val {
        if op == UnaryOp::Not {
            let truth = self.condition(operand);
            return self.not(&truth);
        }
        let value = self.expr(operand);
        self.unary_value(op, &value, span)
    }

    fn unary_value(&mut self, op: UnaryOp, value: &Val, span: Span) -> Val {
        if value.is_never() {
            return Val::never();
        }
        if value.ty.array().is_some() {
            return self.map_elements(std::slice::from_ref(value), span, |s, items| {
                s.unary_value(op, &items[0], span)
            });
        }
        let Some(scalar) = value.ty.scalar() else {
            return self.wrong_unary(op, value, span);
        };
        let np_bool = value.ty == Ty::Np(Scalar::Bool);
        if (scalar == Scalar::Bool && op != UnaryOp::Invert && np_bool)
            || (op == UnaryOp::Invert && !scalar.is_int() && scalar != Scalar::Bool)
        {
            return self.wrong_unary(op, value, span);
        }
        let value = if value.ty == Ty::Bool {
            self.convert(value, &Ty::Int)
        } else {
            value.clone()
        };
        match op {
            UnaryOp::Plus => value,
            UnaryOp::Minus => self.negate(&value, span),
            _ if np_bool => self.not(&value),
            _ => {
                let id = self.id(&value);
                Val::new(value.ty.clone(), self.b.unary(ir::UnaryOp::Invert, id))
            }
        }
    }

    fn wrong_unary(&mut self, op: UnaryOp, value: &Val, span: Span) -> Val {
        let sign = match op {
            UnaryOp::Plus => "+",
            UnaryOp::Minus => "-",
            UnaryOp::Invert => "~",
            UnaryOp::Not => "not",
        };
        self.error(
            Code::WrongOperands,
            span,
            format!("unary `{sign}` does not take a value of type {}", value.ty),
        )
    }

    pub fn not(&mut self, truth: &Val) -> Val {
        match truth.as_bool() {
            _ if truth.is_never() => Val::never(),
            Some(known) => Val::constant(truth.ty.clone(), Const::Bool(!known)),
            None => {
                let id = self.id(truth);
                Val::new(truth.ty.clone(), self.b.unary(ir::UnaryOp::Not, id))
            }
        }
    }

    pub fn negate(&mut self, value: &Val, span: Span) -> Val {
        let folded = match value.repr {
            Repr::Const(Const::Int(scalar, v)) if scalar == Scalar::I64 => {
                Some(Const::Int(scalar, v.wrapping_neg()))
            }
            Repr::Const(Const::Float(scalar, v)) => Some(Const::Float(scalar, -v)),
            Repr::Const(Const::Complex(scalar, re, im)) => Some(Const::Complex(scalar, -re, -im)),
            _ => None,
        };
        if let Some(constant) = folded {
            return Val::constant(value.ty.clone(), constant);
        }
        let id = self.id(value);
        self.check_least(&value.ty, id, span);
        let id = self.b.unary(ir::UnaryOp::Neg, id);
        Val::with_range(value.ty.clone(), id, value.range.neg().wrapped())
    }

    // ---- two operands ------------------------------------------------------------------------------------------

    /// `left op right`. `reassoc`: an update of a reduction variable, which may be reordered.
    pub fn binary(
        &mut self,
        op: BinaryOp,
        left: &Val,
        right: &Val,
        span: Span,
        reassoc: bool,
    ) -> Val {
        if left.is_never() || right.is_never() {
            return Val::never();
        }
        if op == BinaryOp::MatMul {
            return self.not_native(span, "`@` yet");
        }
        if left.ty.array().is_some() || right.ty.array().is_some() {
            return self.array_binary(op, left, right, span);
        }
        if let Some(value) = self.tuple_op(op, left, right) {
            return value;
        }
        let Some(ty) = promote::binary(op, &left.ty, &right.ty) else {
            let message = format!(
                "`{}` does not take values of types {} and {}",
                symbol(op),
                left.ty,
                right.ty
            );
            self.report(
                Diagnostic::error(Code::WrongOperands, span, message).label(format!(
                    "{} {} {}",
                    left.ty,
                    symbol(op),
                    right.ty
                )),
            );
            return Val::never();
        };
        if let Some(value) = fold(op, left, right, &ty) {
            return value;
        }
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => {
                self.ring(op, left, right, &ty, span, reassoc)
            }
            BinaryOp::Div => self.true_div(left, right, &ty, span, reassoc),
            BinaryOp::FloorDiv | BinaryOp::Mod => self.floor_div(op, left, right, &ty, span),
            BinaryOp::Pow => self.power(left, right, &ty, span),
            BinaryOp::LShift | BinaryOp::RShift => self.shift(op, left, right, &ty, span),
            BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => {
                let op = match op {
                    BinaryOp::BitAnd => ir::BinaryOp::And,
                    BinaryOp::BitOr => ir::BinaryOp::Or,
                    _ => ir::BinaryOp::Xor,
                };
                let (a, b) = self.both(left, right, &ty);
                let (a, b) = (self.id(&a), self.id(&b));
                Val::new(ty.clone(), self.emit_binary(op, a, b, reassoc))
            }
            BinaryOp::MatMul => Val::never(),
        }
    }

    pub fn emit_binary(
        &mut self,
        op: ir::BinaryOp,
        a: ValueId,
        b: ValueId,
        reassoc: bool,
    ) -> ValueId {
        let ty = self.b.value_type(a).clone();
        self.b.emit(Op::Binary { op, a, b, reassoc }, ty)
    }

    pub fn both(&mut self, left: &Val, right: &Val, ty: &Ty) -> (Val, Val) {
        (self.convert(left, ty), self.convert(right, ty))
    }

    /// Concatenation of tuples.
    fn tuple_op(&mut self, op: BinaryOp, left: &Val, right: &Val) -> Option<Val> {
        match (op, &left.ty, &right.ty) {
            (BinaryOp::Add, Ty::Tuple(_), Ty::Tuple(_)) => {
                let mut items = self.items(left);
                items.extend(self.items(right));
                Some(Val::tuple(items))
            }
            _ => None,
        }
    }

    fn ring(
        &mut self,
        op: BinaryOp,
        left: &Val,
        right: &Val,
        ty: &Ty,
        span: Span,
        reassoc: bool,
    ) -> Val {
        let (a, b) = self.both(left, right, ty);
        let np_bool = *ty == Ty::Np(Scalar::Bool);
        let op = match op {
            BinaryOp::Add if np_bool => ir::BinaryOp::Or,
            BinaryOp::Mul if np_bool => ir::BinaryOp::And,
            BinaryOp::Add => ir::BinaryOp::Add,
            BinaryOp::Sub => ir::BinaryOp::Sub,
            _ => ir::BinaryOp::Mul,
        };
        let range = match op {
            ir::BinaryOp::Add => a.range.add(b.range),
            ir::BinaryOp::Sub => a.range.sub(b.range),
            ir::BinaryOp::Mul if a.same_as(&b) => a.range.square(),
            _ => a.range.mul(b.range),
        };
        let range = match ty.scalar() {
            Some(Scalar::I64) => range.wrapped(),
            Some(Scalar::F64) => range,
            _ => Range::ALL,
        };
        let (x, y) = (self.id(&a), self.id(&b));
        let id = self.emit_binary(op, x, y, reassoc);
        if self.options.overflow_raise && *ty == Ty::Int {
            self.check_overflow(op, x, y, id, span);
        }
        Val::with_range(ty.clone(), id, range)
    }

    /// Raises `OverflowError` for the least integer, which has no positive counterpart.
    pub fn check_least(&mut self, ty: &Ty, id: ValueId, span: Span) {
        if self.options.overflow_raise && *ty == Ty::Int {
            let least = self.b.int(i64::MIN);
            let fits = self.b.compare(CompareOp::Ne, id, least);
            self.check(fits, ErrorKind::Overflow, OVERFLOW, span, Vec::new());
        }
    }

    /// Raises `OverflowError` where the 64-bit result `r` of `x op y` has wrapped.
    fn check_overflow(&mut self, op: ir::BinaryOp, x: ValueId, y: ValueId, r: ValueId, span: Span) {
        let zero = self.b.int(0);
        let fine = match op {
            ir::BinaryOp::Mul => {
                // Where x is not 0, the product must divide back; -1 times the least integer also divides back.
                let x_zero = self.b.compare(CompareOp::Eq, x, zero);
                let one = self.b.int(1);
                let divisor = self.b.select(x_zero, one, x);
                let back = self.b.binary(ir::BinaryOp::FloorDiv, r, divisor);
                let rest = self.b.binary(ir::BinaryOp::Mod, r, divisor);
                let same = self.b.compare(CompareOp::Eq, back, y);
                let even = self.b.compare(CompareOp::Eq, rest, zero);
                let divides = self.b.binary(ir::BinaryOp::And, same, even);
                let minus = self.b.int(-1);
                let least = self.b.int(i64::MIN);
                let x_minus = self.b.compare(CompareOp::Eq, x, minus);
                let y_least = self.b.compare(CompareOp::Eq, y, least);
                let wrapped = self.b.binary(ir::BinaryOp::And, x_minus, y_least);
                let unwrapped = self.b.unary(ir::UnaryOp::Not, wrapped);
                let fits = self.b.binary(ir::BinaryOp::And, divides, unwrapped);
                self.b.binary(ir::BinaryOp::Or, fits, x_zero)
            }
            _ => {
                // Overflow leaves a sign that differs from both operands' (for `-`: the second one negated).
                let other = if op == ir::BinaryOp::Sub {
                    self.b.binary(ir::BinaryOp::Xor, x, y)
                } else {
                    self.b.binary(ir::BinaryOp::Xor, y, r)
                };
                let first = self.b.binary(ir::BinaryOp::Xor, x, r);
                let both = self.b.binary(ir::BinaryOp::And, first, other);
                self.b.compare(CompareOp::Ge, both, zero)
            }
        };
        self.check(fine, ErrorKind::Overflow, OVERFLOW, span, Vec::new());
    }

    /// Raises `ZeroDivisionError` unless the divisor is known not to be zero.
    fn check_divisor(&mut self, divisor: &Val, original: &Val, message: &str, span: Span) {
        if self.options.error_model == ErrorModel::Numpy || divisor.range.excludes_zero() {
            return;
        }
        // The number before its conversion tests more cheaply, and means the same.
        let tested = if original.is_never() || !original.ty.is_number() {
            divisor
        } else {
            original
        };
        let zero = self.zero(&tested.ty.clone());
        let (a, b) = (self.id(tested), self.id(&zero));
        let nonzero = self.b.compare(CompareOp::Ne, a, b);
        self.check(nonzero, ErrorKind::ZeroDivision, message, span, Vec::new());
    }

    fn true_div(&mut self, left: &Val, right: &Val, ty: &Ty, span: Span, reassoc: bool) -> Val {
        let (a, b) = self.both(left, right, ty);
        let exact = |v: &Val| {
            v.ty.scalar()
                .is_some_and(|s| s.is_int() || s == Scalar::Bool)
        };
        let message = match ty.scalar() {
            Some(s) if s.is_complex() => "complex division by zero",
            _ if exact(left) && exact(right) => "division by zero",
            _ => "float division by zero",
        };
        self.check_divisor(&b, right, message, span);
        let range = match (a.range.lo >= 0.0, b.range.lo > 0.0) {
            (true, true) if ty.scalar() == Some(Scalar::F64) => Range {
                lo: 0.0,
                ..Range::ALL
            },
            _ => Range::ALL,
        };
        let (x, y) = (self.id(&a), self.id(&b));
        Val::with_range(
            ty.clone(),
            self.emit_binary(ir::BinaryOp::Div, x, y, reassoc),
            range,
        )
    }

    fn floor_div(&mut self, op: BinaryOp, left: &Val, right: &Val, ty: &Ty, span: Span) -> Val {
        let (a, b) = self.both(left, right, ty);
        let float = ty.scalar().is_some_and(Scalar::is_float);
        let message = match (op, float) {
            (BinaryOp::FloorDiv, false) => "integer division or modulo by zero",
            (BinaryOp::FloorDiv, true) => "float floor division by zero",
            (_, false) => "integer modulo by zero",
            (_, true) => "float modulo",
        };
        self.check_divisor(&b, right, message, span);
        let range = match (op, b.as_int()) {
            (BinaryOp::Mod, Some(modulus)) if modulus > 0 => Range {
                lo: 0.0,
                hi: (modulus - 1) as f64,
            },
            (BinaryOp::FloorDiv, Some(divisor)) if divisor > 0 && a.range.lo >= 0.0 => Range {
                lo: 0.0,
                hi: a.range.hi,
            },
            _ => Range::ALL,
        };
        let op = if op == BinaryOp::FloorDiv {
            ir::BinaryOp::FloorDiv
        } else {
            ir::BinaryOp::Mod
        };
        let (x, y) = (self.id(&a), self.id(&b));
        if op == ir::BinaryOp::FloorDiv && self.options.overflow_raise && *ty == Ty::Int {
            let (least, minus) = (self.b.int(i64::MIN), self.b.int(-1));
            let other = self.b.compare(CompareOp::Ne, x, least);
            let positive = self.b.compare(CompareOp::Ne, y, minus);
            let fits = self.b.binary(ir::BinaryOp::Or, other, positive);
            self.check(fits, ErrorKind::Overflow, OVERFLOW, span, Vec::new());
        }
        Val::with_range(ty.clone(), self.b.binary(op, x, y), range)
    }

    fn shift(&mut self, op: BinaryOp, left: &Val, right: &Val, ty: &Ty, span: Span) -> Val {
        let (a, b) = self.both(left, right, ty);
        let (x, y) = (self.id(&a), self.id(&b));
        if ty.is_weak() && b.range.lo < 0.0 {
            let zero = self.b.int(0);
            let natural = self.b.compare(CompareOp::Ge, y, zero);
            self.check(
                natural,
                ErrorKind::Value,
                "negative shift count",
                span,
                Vec::new(),
            );
        }
        if op == BinaryOp::RShift {
            return Val::new(ty.clone(), self.b.binary(ir::BinaryOp::RShift, x, y));
        }
        let id = self.b.binary(ir::BinaryOp::LShift, x, y);
        if self.options.overflow_raise && *ty == Ty::Int {
            let back = self.b.binary(ir::BinaryOp::RShift, id, y);
            let fits = self.b.compare(CompareOp::Eq, back, x);
            self.check(fits, ErrorKind::Overflow, OVERFLOW, span, Vec::new());
        }
        Val::new(ty.clone(), id)
    }
}

/// Constant operands of Python's own types.
fn fold(op: BinaryOp, left: &Val, right: &Val, ty: &Ty) -> Option<Val> {
    if *ty == Ty::Int {
        let (a, b) = (left.as_int()?, right.as_int()?);
        let result = match op {
            BinaryOp::Add => a.checked_add(b),
            BinaryOp::Sub => a.checked_sub(b),
            BinaryOp::Mul => a.checked_mul(b),
            BinaryOp::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            BinaryOp::FloorDiv if b != 0 => a.checked_div_euclid(b).filter(|_| b > 0),
            BinaryOp::Mod if b > 0 => a.checked_rem_euclid(b),
            BinaryOp::LShift if (0..63).contains(&b) => a.checked_mul(1 << b),
            _ => None,
        };
        return result.map(Val::int);
    }
    if *ty != Ty::Float {
        return None;
    }
    let number = |value: &Val| match value.repr {
        Repr::Const(Const::Float(_, v)) => Some(v),
        Repr::Const(Const::Int(_, v)) => Some(v as f64),
        _ => None,
    };
    let (a, b) = (number(left)?, number(right)?);
    match op {
        BinaryOp::Add => Some(Val::float(a + b)),
        BinaryOp::Sub => Some(Val::float(a - b)),
        BinaryOp::Mul => Some(Val::float(a * b)),
        BinaryOp::Div if b != 0.0 => Some(Val::float(a / b)),
        _ => None,
    }
}
