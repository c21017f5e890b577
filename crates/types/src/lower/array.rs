//! Attributes of arrays and numbers.

use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span, nearest};
use omply_ir::{ArrayType, BinaryOp, Op, Scalar, Type};
use omply_syntax::hir::Expr;

const ARRAY_ATTRIBUTES: &[&str] = &["shape", "ndim", "size", "itemsize", "nbytes", "T"];

/// Attributes that say nothing of the elements.
const OF_SHAPE: &[&str] = &["shape", "ndim", "size", "itemsize", "nbytes"];

impl Lowerer<'_, '_> {
    /// `value.attr`
    pub fn attribute(&mut self, expr: &Expr, value: &Expr, attr: &str, attr_span: Span) -> Val {
        if let Some(found) = self.static_value(expr) {
            if found == crate::env::GlobalValue::Unbound {
                return self.error(
                    Code::UnknownAttribute,
                    attr_span,
                    format!("there is no `{attr}` in this module"),
                );
            }
            return self.constant_value(&found, attr, expr.span);
        }
        let value = match self.device_shape(value) {
            Some(array) if OF_SHAPE.contains(&attr) => array,
            _ => self.expr(value),
        };
        match &value.ty {
            Ty::Never => Val::never(),
            Ty::Array(_) => self.array_attribute(&value, attr, attr_span),
            ty if ty.is_number() && attr == "real" => self.part(&value, false),
            ty if ty.is_number() && attr == "imag" => self.part(&value, true),
            ty => self.error(
                Code::UnknownAttribute,
                attr_span,
                format!("a value of type {ty} has no attribute `{attr}` in native mode"),
            ),
        }
    }

    fn array_attribute(&mut self, array: &Val, attr: &str, span: Span) -> Val {
        let Some(ty) = array.ty.array() else {
            return Val::never();
        };
        match attr {
            "shape" => {
                let id = self.id(array);
                let lengths = (0..ty.ndim).map(|axis| {
                    let length = self.b.dim(id, axis);
                    self.size_val(length)
                });
                Val::tuple(lengths.collect())
            }
            "ndim" => Val::int(i64::from(ty.ndim)),
            "size" => self.array_size(array),
            "itemsize" => Val::int(i64::from(ty.elem.bytes())),
            "nbytes" => {
                let size = self.array_size(array);
                self.int_op(BinaryOp::Mul, &size, &Val::int(i64::from(ty.elem.bytes())))
            }
            "T" if ty.ndim <= 1 => array.clone(),
            "T" => {
                let ty = ArrayType {
                    layout: ty.layout.reversed(),
                    ..ty
                };
                let id = self.id(array);
                let id = self.b.emit(Op::Transpose { array: id }, Type::Array(ty));
                Val::new(Ty::Array(ty), id)
            }
            _ => {
                let message = format!("an array has no attribute `{attr}` in native mode");
                match nearest(attr, ARRAY_ATTRIBUTES.iter().copied()) {
                    Some(near) => self.error_help(
                        Code::UnknownAttribute,
                        span,
                        message,
                        format!("did you mean `{near}`?"),
                    ),
                    None => self.error(Code::UnknownAttribute, span, message),
                }
            }
        }
    }

    pub fn array_size(&mut self, array: &Val) -> Val {
        let ndim = array.ty.array().map_or(0, |ty| ty.ndim);
        let id = self.id(array);
        let mut size = Val::int(1);
        for axis in 0..ndim {
            let length = self.b.dim(id, axis);
            let length = self.size_val(length);
            size = self.int_op(BinaryOp::Mul, &size, &length);
        }
        size
    }

    /// The real or imaginary part of a number.
    pub fn part(&mut self, value: &Val, imag: bool) -> Val {
        let Some(scalar) = value.ty.scalar() else {
            return Val::never();
        };
        if scalar.is_complex() {
            let a = self.id(value);
            let real = scalar.real_part();
            let ty = if value.ty.is_weak() {
                Ty::Float
            } else {
                Ty::Np(real)
            };
            return Val::new(
                ty,
                self.b.emit(Op::ComplexPart { a, imag }, Type::Scalar(real)),
            );
        }
        let value = if value.ty == Ty::Bool {
            self.convert(value, &Ty::Int)
        } else {
            value.clone()
        };
        if imag {
            self.zero(&value.ty.clone())
        } else {
            value
        }
    }

    /// The NumPy scalar that NumPy makes of a number.
    pub fn as_numpy(&mut self, value: &Val) -> Val {
        match value.ty.scalar() {
            Some(scalar) => self.convert(value, &Ty::Np(scalar)),
            None => value.clone(),
        }
    }

    /// Whether sums of this dtype are taken in a wider one: NumPy widens to the platform's integers.
    pub fn sum_dtype(scalar: Scalar) -> Scalar {
        match scalar {
            Scalar::Bool | Scalar::I8 | Scalar::I16 | Scalar::I32 => Scalar::I64,
            Scalar::U8 | Scalar::U16 | Scalar::U32 => Scalar::U64,
            other => other,
        }
    }
}
