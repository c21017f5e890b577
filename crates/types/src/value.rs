//! A typed value during lowering: constants stay constants and tuples stay apart as long as nothing needs them
//! whole, and the known range of a number is carried along to spare checks.

use crate::ty::Ty;
use omply_ir::{Const, Scalar, ValueId};

#[derive(Clone, Debug, PartialEq)]
pub struct Val {
    pub ty: Ty,
    pub repr: Repr,
    /// What is known of a real number (NaN aside).
    pub range: Range,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Repr {
    /// `None`, and values in error.
    Unit,
    Const(Const),
    Id(ValueId),
    /// A tuple whose items are at hand.
    Items(Vec<Val>),
}

/// A closed interval of real numbers that holds the value, if the value is no NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub lo: f64,
    pub hi: f64,
}

impl Range {
    pub const ALL: Range = Range {
        lo: f64::NEG_INFINITY,
        hi: f64::INFINITY,
    };

    pub fn excludes_zero(self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }

    fn new(lo: f64, hi: f64) -> Range {
        if lo.is_nan() || hi.is_nan() {
            Range::ALL
        } else {
            Range { lo, hi }
        }
    }

    pub fn add(self, other: Range) -> Range {
        Range::new(self.lo + other.lo, self.hi + other.hi)
    }

    pub fn sub(self, other: Range) -> Range {
        Range::new(self.lo - other.hi, self.hi - other.lo)
    }

    pub fn mul(self, other: Range) -> Range {
        let ends = [
            self.lo * other.lo,
            self.lo * other.hi,
            self.hi * other.lo,
            self.hi * other.hi,
        ];
        if ends.iter().any(|e| e.is_nan()) {
            // An infinite end times zero: only the signs are known.
            return if self.lo >= 0.0 && other.lo >= 0.0 {
                Range {
                    lo: 0.0,
                    ..Range::ALL
                }
            } else {
                Range::ALL
            };
        }
        Range {
            lo: ends.iter().copied().fold(f64::INFINITY, f64::min),
            hi: ends.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    pub fn square(self) -> Range {
        Range {
            lo: 0.0,
            hi: self.mul(self).hi,
        }
    }

    pub fn neg(self) -> Range {
        Range {
            lo: -self.hi,
            hi: -self.lo,
        }
    }

    /// What remains of a range of integers after an operation that may have wrapped.
    pub fn wrapped(self) -> Range {
        const SAFE: f64 = (1i64 << 62) as f64;
        if self.lo >= -SAFE && self.hi <= SAFE {
            self
        } else {
            Range::ALL
        }
    }
}

impl Val {
    pub fn new(ty: Ty, id: ValueId) -> Val {
        Val {
            ty,
            repr: Repr::Id(id),
            range: Range::ALL,
        }
    }

    pub fn with_range(ty: Ty, id: ValueId, range: Range) -> Val {
        Val {
            ty,
            repr: Repr::Id(id),
            range,
        }
    }

    pub fn none() -> Val {
        Val {
            ty: Ty::None,
            repr: Repr::Unit,
            range: Range::ALL,
        }
    }

    /// Of an expression in error.
    pub fn never() -> Val {
        Val {
            ty: Ty::Never,
            repr: Repr::Unit,
            range: Range::ALL,
        }
    }

    pub fn int(value: i64) -> Val {
        Val::constant(Ty::Int, Const::Int(Scalar::I64, value))
    }

    pub fn float(value: f64) -> Val {
        Val::constant(Ty::Float, Const::Float(Scalar::F64, value))
    }

    pub fn bool(value: bool) -> Val {
        Val::constant(Ty::Bool, Const::Bool(value))
    }

    pub fn constant(ty: Ty, constant: Const) -> Val {
        let range = match constant {
            Const::Int(_, v) => Range {
                lo: v as f64,
                hi: v as f64,
            },
            Const::Float(_, v) if !v.is_nan() => Range { lo: v, hi: v },
            _ => Range::ALL,
        };
        Val {
            ty,
            repr: Repr::Const(constant),
            range,
        }
    }

    pub fn tuple(items: Vec<Val>) -> Val {
        Val {
            ty: Ty::Tuple(items.iter().map(|item| item.ty.clone()).collect()),
            repr: Repr::Items(items),
            range: Range::ALL,
        }
    }

    pub fn is_never(&self) -> bool {
        self.ty == Ty::Never
    }

    /// The integer, if it is a constant of an integer type.
    pub fn as_int(&self) -> Option<i64> {
        match self.repr {
            Repr::Const(Const::Int(_, value)) => Some(value),
            Repr::Const(Const::Bool(value)) => Some(i64::from(value)),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.repr {
            Repr::Const(Const::Bool(value)) => Some(value),
            Repr::Const(Const::Int(_, value)) => Some(value != 0),
            _ => None,
        }
    }

    /// Whether both are the same computed value.
    pub fn same_as(&self, other: &Val) -> bool {
        match (&self.repr, &other.repr) {
            (Repr::Id(a), Repr::Id(b)) => a == b,
            _ => false,
        }
    }
}
