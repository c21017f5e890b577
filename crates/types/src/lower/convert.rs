//! Values as instructions, and their conversion to another type.

use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::{Range, Repr, Val};
use omply_ir::{CompareOp, Const, Op, Scalar, ValueId};

impl Lowerer<'_, '_> {
    /// The value as an instruction's result in the open block.
    pub fn id(&mut self, value: &Val) -> ValueId {
        match &value.repr {
            Repr::Id(id) => *id,
            Repr::Const(constant) => self.b.constant(*constant),
            // Stands for `None` in a tuple, and for values in error.
            Repr::Unit => self.b.bool(false),
            Repr::Items(items) => {
                let ids = items.iter().map(|item| self.id(item)).collect();
                self.b.emit(Op::TupleNew { items: ids }, value.ty.ir())
            }
        }
    }

    /// The value as one of type `ty`, which must be able to hold it.
    pub fn convert(&mut self, value: &Val, ty: &Ty) -> Val {
        if value.ty == *ty || value.is_never() || *ty == Ty::Never {
            return value.clone();
        }
        if let (Some(from), Some(to)) = (value.ty.scalar(), ty.scalar()) {
            return self.convert_scalar(value, ty, from, to);
        }
        match (&value.ty, ty) {
            (Ty::Array(_), Ty::Array(_)) => {
                let array = self.id(value);
                Val::new(ty.clone(), self.b.emit(Op::ArrayCast { array }, ty.ir()))
            }
            (Ty::Tuple(_), Ty::Tuple(types)) => {
                let items = self.items(value);
                Val::tuple(
                    items
                        .iter()
                        .zip(types)
                        .map(|(item, ty)| self.convert(item, ty))
                        .collect(),
                )
            }
            _ => value.clone(),
        }
    }

    fn convert_scalar(&mut self, value: &Val, ty: &Ty, from: Scalar, to: Scalar) -> Val {
        let exact = to.is_float() || to == Scalar::I64;
        if from == to {
            return Val {
                ty: ty.clone(),
                ..value.clone()
            };
        }
        if let Repr::Const(constant) = value.repr
            && let Some(constant) = fold_cast(constant, to)
        {
            return Val::constant(ty.clone(), constant);
        }
        let a = self.id(value);
        let range = if exact && to != Scalar::F16 && !from.is_float() {
            value.range
        } else {
            Range::ALL
        };
        let range = if to == Scalar::F64 && from == Scalar::F32 {
            value.range
        } else {
            range
        };
        Val::with_range(ty.clone(), self.b.cast(a, to), range)
    }

    /// The items of a tuple.
    pub fn items(&mut self, tuple: &Val) -> Vec<Val> {
        match &tuple.repr {
            Repr::Items(items) => items.clone(),
            _ => {
                let Ty::Tuple(types) = &tuple.ty else {
                    return Vec::new();
                };
                let id = self.id(tuple);
                let types = types.clone();
                types
                    .into_iter()
                    .enumerate()
                    .map(|(i, ty)| self.tuple_get(id, i as u32, ty))
                    .collect()
            }
        }
    }

    fn tuple_get(&mut self, tuple: ValueId, index: u32, ty: Ty) -> Val {
        if matches!(ty, Ty::None) {
            return Val::none();
        }
        let id = self.b.emit(Op::TupleGet { tuple, index }, ty.ir());
        Val::new(ty, id)
    }

    /// The value's truth as `if` sees it; an error for arrays.
    pub fn truth(&mut self, value: &Val, span: omply_diagnostics::Span) -> Val {
        match &value.ty {
            Ty::Never => Val::never(),
            Ty::None => Val::bool(false),
            Ty::Tuple(items) => Val::bool(!items.is_empty()),
            Ty::Array(_) => self.error_help(
                omply_diagnostics::Code::WrongOperands,
                span,
                "the truth of an array is ambiguous",
                "compare one of its elements",
            ),
            Ty::Bool => value.clone(),
            Ty::Np(Scalar::Bool) => self.convert(value, &Ty::Bool),
            _ => {
                if let Some(truth) = value.as_bool() {
                    return Val::bool(truth);
                }
                let zero = self.zero(&value.ty);
                let (a, b) = (self.id(value), self.id(&zero));
                Val::new(Ty::Bool, self.b.compare(CompareOp::Ne, a, b))
            }
        }
    }

    /// The number 0 (or what stands for nothing) of a type.
    pub fn zero(&mut self, ty: &Ty) -> Val {
        self.number(ty, 0)
    }

    /// A small integer as a constant of type `ty`.
    pub fn number(&mut self, ty: &Ty, value: i64) -> Val {
        match ty {
            Ty::Tuple(items) => {
                Val::tuple(items.iter().map(|item| self.number(item, value)).collect())
            }
            _ => match ty.scalar() {
                Some(scalar) => Val::constant(ty.clone(), constant(scalar, value)),
                None => Val::none(),
            },
        }
    }

    /// An I64 as an instruction's result.
    pub fn int_id(&mut self, value: &Val) -> ValueId {
        let value = self.convert(value, &Ty::Int);
        self.id(&value)
    }

    /// A size or index: an I64 that is not negative.
    pub fn size_val(&self, id: ValueId) -> Val {
        Val::with_range(
            Ty::Int,
            id,
            Range {
                lo: 0.0,
                hi: (1i64 << 61) as f64,
            },
        )
    }
}

/// A small integer as a constant.
pub fn constant(scalar: Scalar, value: i64) -> Const {
    match scalar {
        Scalar::Bool => Const::Bool(value != 0),
        _ if scalar.is_int() => Const::Int(scalar, value),
        _ if scalar.is_float() => Const::Float(scalar, value as f64),
        _ => Const::Complex(scalar, value as f64, 0.0),
    }
}

/// A cast of a constant, where it loses nothing that the cast at run time would treat differently.
fn fold_cast(from: Const, to: Scalar) -> Option<Const> {
    match from {
        Const::Bool(value) => Some(constant(to, i64::from(value))),
        Const::Int(scalar, value) if scalar != Scalar::U64 => {
            if to == Scalar::Bool {
                return Some(Const::Bool(value != 0));
            }
            if to.is_int() && !crate::promote::fits(value, to) {
                return None;
            }
            Some(constant(to, value))
        }
        Const::Float(_, value) if to.is_float() => {
            let value = if to == Scalar::F32 {
                f64::from(value as f32)
            } else {
                value
            };
            (to != Scalar::F16).then_some(Const::Float(to, value))
        }
        Const::Float(_, value) if to == Scalar::C128 => Some(Const::Complex(to, value, 0.0)),
        _ => None,
    }
}
