//! The functions of `math` on integers.

use super::call::Args;
use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::{Range, Val};
use omply_diagnostics::Span;
use omply_ir::{
    BinaryOp, CompareOp, ErrorKind, LoopInfo, MathFn, Op, Scalar, Type, UnaryOp, ValueId,
};

impl Lowerer<'_, '_> {
    /// `isqrt`, `gcd`, `factorial`; `None` when `name` is none of them.
    pub fn integer_math(&mut self, name: &str, call: Args<'_>) -> Option<Val> {
        let count = match name {
            "isqrt" | "factorial" => 1,
            "gcd" => 2,
            _ => return None,
        };
        let Some(values) = self.positional(&format!("math.{name}"), call, count..=count) else {
            return Some(Val::never());
        };
        let mut ids = Vec::new();
        for (value, arg) in values.iter().zip(call.args) {
            match self.index_value(value, arg.span) {
                Some(value) => ids.push(self.id(&value)),
                None => return Some(Val::never()),
            }
        }
        let (id, range) = match (name, ids.as_slice()) {
            ("isqrt", &[n]) => (
                self.isqrt(n, call.span),
                Range {
                    lo: 0.0,
                    hi: 3_037_000_499.0,
                },
            ),
            ("factorial", &[n]) => (
                self.factorial(n, call.span),
                Range {
                    lo: 1.0,
                    ..Range::ALL
                },
            ),
            (_, &[a, b]) => (self.gcd(a, b), Range::ALL),
            _ => return None,
        };
        Some(Val::with_range(Ty::Int, id, range))
    }

    /// The square root of floats is off by at most one; quotients compare without overflow.
    fn isqrt(&mut self, n: ValueId, span: Span) -> ValueId {
        let (zero, one) = (self.b.int(0), self.b.int(1));
        let natural = self.b.compare(CompareOp::Ge, n, zero);
        self.check(
            natural,
            ErrorKind::Value,
            "isqrt() argument must be nonnegative",
            span,
            Vec::new(),
        );
        let float = self.b.cast(n, Scalar::F64);
        let root = self.b.emit(
            Op::Math {
                func: MathFn::Sqrt,
                args: vec![float],
                reassoc: false,
            },
            Type::F64,
        );
        let guess = self.b.cast(root, Scalar::I64);
        let divisor = self.b.binary(BinaryOp::Max, guess, one);
        let quotient = self.b.binary(BinaryOp::FloorDiv, n, divisor);
        let above = self.b.compare(CompareOp::Gt, guess, quotient);
        let less = self.b.binary(BinaryOp::Sub, guess, one);
        let guess = self.b.select(above, less, guess);
        let next = self.b.binary(BinaryOp::Add, guess, one);
        let quotient = self.b.binary(BinaryOp::FloorDiv, n, next);
        let below = self.b.compare(CompareOp::Le, next, quotient);
        self.b.select(below, next, guess)
    }

    /// Euclid's algorithm.
    fn gcd(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let slots = [self.temp("gcd", &Ty::Int), self.temp("rest", &Ty::Int)];
        for (slot, value) in slots.into_iter().zip([a, b]) {
            let magnitude = self.b.unary(UnaryOp::Abs, value);
            self.b.store_slot(slot, magnitude);
        }
        self.b.while_(
            |b| {
                let (rest, zero) = (b.load_slot(slots[1]), b.int(0));
                b.compare(CompareOp::Ne, rest, zero)
            },
            |b| {
                let (whole, rest) = (b.load_slot(slots[0]), b.load_slot(slots[1]));
                let remainder = b.binary(BinaryOp::Mod, whole, rest);
                b.store_slot(slots[0], rest);
                b.store_slot(slots[1], remainder);
            },
        );
        self.b.load_slot(slots[0])
    }

    fn factorial(&mut self, n: ValueId, span: Span) -> ValueId {
        let (zero, one, limit) = (self.b.int(0), self.b.int(1), self.b.int(20));
        let natural = self.b.compare(CompareOp::Ge, n, zero);
        self.check(
            natural,
            ErrorKind::Value,
            "factorial() not defined for negative values",
            span,
            Vec::new(),
        );
        let small = self.b.compare(CompareOp::Le, n, limit);
        let message = "the factorial of {0} does not fit 64 bits";
        self.check(small, ErrorKind::Overflow, message, span, vec![n]);
        let slot = self.temp("factorial", &Ty::Int);
        self.b.store_slot(slot, one);
        let stop = self.b.binary(BinaryOp::Add, n, one);
        self.b
            .for_(one, stop, one, LoopInfo::default(), |b, factor| {
                let product = b.load_slot(slot);
                let product = b.binary(BinaryOp::Mul, product, factor);
                b.store_slot(slot, product);
            });
        self.b.load_slot(slot)
    }
}
