//! Which type an operation of two numbers yields: Python's ladder for Python's numbers, NumPy's promotion (NEP 50)
//! as soon as a NumPy scalar takes part, and how types unify where two paths of a program meet.

use crate::ty::Ty;
use omply_ir::{ArrayType, Layout, Scalar};
use omply_syntax::hir::BinaryOp;

/// NumPy's `promote_types`.
pub fn promote_dtypes(a: Scalar, b: Scalar) -> Scalar {
    use Scalar::*;
    if a == b || b == Bool {
        return a;
    }
    if a == Bool {
        return b;
    }
    if a.is_int() && b.is_int() {
        return promote_ints(a, b);
    }
    let real = [a, b].map(float_for).into_iter().max().unwrap_or(F64);
    match (a.is_complex() || b.is_complex(), real) {
        (false, real) => real,
        (true, F64) => C128,
        (true, _) => C64,
    }
}

fn promote_ints(a: Scalar, b: Scalar) -> Scalar {
    use Scalar::*;
    if a.is_signed_int() == b.is_signed_int() {
        return if a.bytes() >= b.bytes() { a } else { b };
    }
    let (signed, unsigned) = if a.is_signed_int() { (a, b) } else { (b, a) };
    if signed.bytes() > unsigned.bytes() {
        return signed;
    }
    match unsigned {
        U8 => I16,
        U16 => I32,
        U32 => I64,
        _ => F64,
    }
}

/// The smallest float that NumPy lets stand for a dtype among floats.
fn float_for(scalar: Scalar) -> Scalar {
    use Scalar::*;
    match scalar {
        Bool | I8 | U8 | F16 => F16,
        I16 | U16 | F32 | C64 => F32,
        _ => F64,
    }
}

/// A Python number meeting a NumPy scalar.
fn promote_weak(weak: &Ty, strong: Scalar) -> Scalar {
    use Scalar::*;
    let exact = strong == Bool || strong.is_int();
    match weak {
        Ty::Int if strong == Bool => I64,
        Ty::Float if exact => F64,
        Ty::Complex if exact => C128,
        Ty::Complex => match strong {
            F16 | F32 => C64,
            F64 => C128,
            complex => complex,
        },
        _ => strong,
    }
}

fn rank(ty: &Ty) -> u8 {
    match ty {
        Ty::Bool => 0,
        Ty::Int => 1,
        Ty::Float => 2,
        _ => 3,
    }
}

/// The common type of two numbers; `None` when one of them is no number.
pub fn promote(a: &Ty, b: &Ty) -> Option<Ty> {
    let (sa, sb) = (a.scalar()?, b.scalar()?);
    Some(match (a.is_weak(), b.is_weak()) {
        (true, true) => {
            if rank(a) >= rank(b) {
                a.clone()
            } else {
                b.clone()
            }
        }
        (true, false) => Ty::Np(promote_weak(a, sb)),
        (false, true) => Ty::Np(promote_weak(b, sa)),
        (false, false) => Ty::Np(promote_dtypes(sa, sb)),
    })
}

fn is_exact(ty: &Ty) -> bool {
    ty.scalar().is_some_and(|s| s == Scalar::Bool || s.is_int())
}

fn is_complex(ty: &Ty) -> bool {
    ty.scalar().is_some_and(Scalar::is_complex)
}

/// The type of `a op b`; `None` when Python has no such operation. The operands compute in that type, but for
/// `np.bool_`, whose `+` and `*` are logical.
pub fn binary(op: BinaryOp, a: &Ty, b: &Ty) -> Option<Ty> {
    let common = promote(a, b)?;
    let np_bool = common == Ty::Np(Scalar::Bool);
    match op {
        BinaryOp::Add | BinaryOp::Mul => Some(arithmetic(common)),
        BinaryOp::Sub => (!np_bool).then(|| arithmetic(common)),
        BinaryOp::Div => Some(match common {
            Ty::Bool | Ty::Int => Ty::Float,
            Ty::Np(s) if s == Scalar::Bool || s.is_int() => Ty::Np(Scalar::F64),
            other => other,
        }),
        BinaryOp::FloorDiv | BinaryOp::Mod | BinaryOp::Pow => match common {
            _ if is_complex(&common) && op != BinaryOp::Pow => None,
            Ty::Np(Scalar::Bool) => Some(Ty::Np(Scalar::I8)),
            other => Some(arithmetic(other)),
        },
        BinaryOp::LShift | BinaryOp::RShift => match common {
            _ if !is_exact(&common) => None,
            Ty::Np(Scalar::Bool) => Some(Ty::Np(Scalar::I8)),
            other => Some(arithmetic(other)),
        },
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => {
            is_exact(&common).then_some(common)
        }
        BinaryOp::MatMul => None,
    }
}

/// Python's bools are ints in arithmetic.
fn arithmetic(common: Ty) -> Ty {
    if common == Ty::Bool { Ty::Int } else { common }
}

/// The type of a name that holds an `a` on one path and a `b` on another. `literal_a`, `literal_b` are the values
/// of integer literals: one that fits a NumPy dtype does not widen it.
pub fn unify(a: &Ty, literal_a: Option<i64>, b: &Ty, literal_b: Option<i64>) -> Option<Ty> {
    if a == b || *b == Ty::Never {
        return Some(a.clone());
    }
    match (a, b) {
        (Ty::Never, _) => Some(b.clone()),
        (Ty::Array(x), Ty::Array(y)) if x.elem == y.elem && x.ndim == y.ndim => {
            Some(Ty::Array(ArrayType {
                layout: Layout::Strided,
                ..*x
            }))
        }
        (Ty::Tuple(x), Ty::Tuple(y)) if x.len() == y.len() => x
            .iter()
            .zip(y)
            .map(|(x, y)| unify(x, None, y, None))
            .collect::<Option<Vec<Ty>>>()
            .map(Ty::Tuple),
        (Ty::Int, Ty::Np(s)) if s.is_int() => Some(widen(*s, literal_a)),
        (Ty::Np(s), Ty::Int) if s.is_int() => Some(widen(*s, literal_b)),
        _ => promote(a, b),
    }
}

/// A Python int stored where a NumPy integer stands elsewhere: nothing may be lost.
fn widen(dtype: Scalar, literal: Option<i64>) -> Ty {
    let fits = literal.is_some_and(|value| fits(value, dtype));
    Ty::Np(if fits {
        dtype
    } else {
        promote_dtypes(
            dtype,
            if dtype == Scalar::U64 {
                dtype
            } else {
                Scalar::I64
            },
        )
    })
}

/// Whether an integer is a value of the dtype.
pub fn fits(value: i64, dtype: Scalar) -> bool {
    let bits = dtype.bytes() * 8;
    match dtype {
        Scalar::U64 => value >= 0,
        _ if bits == 64 => true,
        _ if dtype.is_signed_int() => (-(1i64 << (bits - 1))..1i64 << (bits - 1)).contains(&value),
        _ => (0..1i64 << bits).contains(&value),
    }
}
