//! `**` and `pow()`.

use super::arith::OVERFLOW;
use super::function::Lowerer;
use crate::env::ErrorModel;
use crate::ty::Ty;
use crate::value::{Range, Repr, Val};
use omply_diagnostics::Span;
use omply_ir::{self as ir, CompareOp, Const, ErrorKind, MathFn, Op, Scalar};

impl Lowerer<'_, '_> {
    pub fn power(&mut self, left: &Val, right: &Val, ty: &Ty, span: Span) -> Val {
        let scalar = ty.scalar().unwrap_or(Scalar::F64);
        if scalar.is_int() {
            return self.int_power(left, right, ty, span);
        }
        let base = self.convert(left, ty);
        if let Some(exponent) = small_exponent(right) {
            return self.repeated(&base, exponent);
        }
        let exponent = self.convert(right, ty);
        if scalar.is_float() {
            return self.float_power(&base, &exponent, ty, span);
        }
        let (x, y) = (self.id(&base), self.id(&exponent));
        Val::new(ty.clone(), self.b.binary(ir::BinaryOp::Pow, x, y))
    }

    fn int_power(&mut self, left: &Val, right: &Val, ty: &Ty, span: Span) -> Val {
        let (a, b) = self.both(left, right, ty);
        if let Some(exponent) = b.as_int() {
            if exponent < 0 && *ty == Ty::Int {
                let (base, exponent) = (
                    self.convert(left, &Ty::Float),
                    self.convert(right, &Ty::Float),
                );
                return self.power(&base, &exponent, &Ty::Float, span);
            }
            if (1..=4).contains(&exponent) && !self.options.overflow_raise {
                return self.repeated(&a, exponent);
            }
        }
        let (x, y) = (self.id(&a), self.id(&b));
        if b.range.lo < 0.0 && ty.scalar().is_some_and(Scalar::is_signed_int) {
            let zero = self.zero(ty);
            let zero = self.id(&zero);
            let natural = self.b.compare(CompareOp::Ge, y, zero);
            let message = if ty.is_weak() {
                "int ** negative int: native mode gives an int here; write float(base) ** exponent for a float"
            } else {
                "Integers to negative integer powers are not allowed."
            };
            self.check(natural, ErrorKind::Value, message, span, Vec::new());
        }
        if self.options.overflow_raise && *ty == Ty::Int {
            // A power a little beyond 64 bits wraps to the other sign; one far beyond shows in floats.
            let power = self.b.binary(ir::BinaryOp::Pow, x, y);
            let (a, b) = (self.b.cast(x, Scalar::F64), self.b.cast(y, Scalar::F64));
            let estimate = self.b.binary(ir::BinaryOp::Pow, a, b);
            let magnitude = self.b.unary(ir::UnaryOp::Abs, estimate);
            let limit = self.b.float(1.25 * 9_223_372_036_854_775_808.0);
            let near = self.b.compare(CompareOp::Lt, magnitude, limit);
            let (zero, none) = (self.b.float(0.0), self.b.int(0));
            let expected = self.b.compare(CompareOp::Lt, estimate, zero);
            let negative = self.b.compare(CompareOp::Lt, power, none);
            let same = self.b.compare(CompareOp::Eq, expected, negative);
            let fits = self.b.binary(ir::BinaryOp::And, near, same);
            self.check(fits, ErrorKind::Overflow, OVERFLOW, span, Vec::new());
            return Val::new(ty.clone(), power);
        }
        Val::new(ty.clone(), self.b.binary(ir::BinaryOp::Pow, x, y))
    }

    fn float_power(&mut self, base: &Val, exponent: &Val, ty: &Ty, span: Span) -> Val {
        let (x, y) = (self.id(base), self.id(exponent));
        if ty.is_weak() && self.options.error_model == ErrorModel::Python {
            let zero = self.b.float(0.0);
            if base.range.lo <= 0.0 && exponent.range.lo < 0.0 {
                let nonzero = self.b.compare(CompareOp::Ne, x, zero);
                let negative = self.b.compare(CompareOp::Lt, y, zero);
                let infinity = self.b.float(f64::NEG_INFINITY);
                let finite = self.b.compare(CompareOp::Gt, y, infinity);
                let pole = self.b.binary(ir::BinaryOp::And, negative, finite);
                let natural = self.b.unary(ir::UnaryOp::Not, pole);
                let fine = self.b.binary(ir::BinaryOp::Or, nonzero, natural);
                let message = "0.0 cannot be raised to a negative power";
                self.check(fine, ErrorKind::ZeroDivision, message, span, Vec::new());
            }
            let whole =
                matches!(exponent.repr, Repr::Const(Const::Float(_, e)) if e.fract() == 0.0);
            if base.range.lo < 0.0 && !whole {
                // Python would go on with a complex number here.
                let natural = self.b.compare(CompareOp::Ge, x, zero);
                let floor = self.b.emit(
                    Op::Math {
                        func: MathFn::Floor,
                        args: vec![y],
                        reassoc: false,
                    },
                    ir::Type::F64,
                );
                let fraction = self.b.compare(CompareOp::Lt, floor, y);
                let is_whole = self.b.unary(ir::UnaryOp::Not, fraction);
                // NaN and minus infinity keep to the floats.
                let infinity = self.b.float(f64::NEG_INFINITY);
                let finite = self.b.compare(CompareOp::Gt, x, infinity);
                let special = self.b.unary(ir::UnaryOp::Not, finite);
                let fine = self.b.binary(ir::BinaryOp::Or, natural, is_whole);
                let fine = self.b.binary(ir::BinaryOp::Or, fine, special);
                let message = "negative float ** fraction: native mode has no complex result here; write complex(base) ** exponent";
                self.check(fine, ErrorKind::Value, message, span, Vec::new());
            }
        }
        let range = if base.range.lo >= 0.0 {
            Range {
                lo: 0.0,
                ..Range::ALL
            }
        } else {
            Range::ALL
        };
        Val::with_range(ty.clone(), self.b.binary(ir::BinaryOp::Pow, x, y), range)
    }

    /// A small power by multiplication.
    fn repeated(&mut self, base: &Val, exponent: i64) -> Val {
        if exponent == 1 {
            return base.clone();
        }
        let x = self.id(base);
        let square = self.b.binary(ir::BinaryOp::Mul, x, x);
        let known = matches!(base.ty.scalar(), Some(Scalar::F64));
        let range = if known {
            base.range.square()
        } else {
            Range::ALL
        };
        let (id, range) = match exponent {
            3 => (self.b.binary(ir::BinaryOp::Mul, square, x), Range::ALL),
            4 => (
                self.b.binary(ir::BinaryOp::Mul, square, square),
                range.square(),
            ),
            _ => (square, range),
        };
        Val::with_range(base.ty.clone(), id, if known { range } else { Range::ALL })
    }
}

/// Exponents for which multiplication gives what `pow` gives.
fn small_exponent(exponent: &Val) -> Option<i64> {
    match exponent.repr {
        Repr::Const(Const::Float(_, 2.0)) | Repr::Const(Const::Int(_, 2)) => Some(2),
        Repr::Const(Const::Int(_, 1)) => Some(1),
        _ => None,
    }
}
