//! Methods of arrays and numbers, and NumPy's reductions of whole arrays.

use super::call::Args;
use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{BinaryOp, CompareOp, ErrorKind, MathFn, Op, Scalar, Type, UnaryOp};
use omply_syntax::hir::Expr;

impl Lowerer<'_, '_> {
    /// `value.name(...)`
    pub fn method(&mut self, value: &Expr, name: &str, name_span: Span, call: Args<'_>) -> Val {
        let value = self.expr(value);
        match &value.ty {
            Ty::Never => Val::never(),
            Ty::Array(_) => self.array_method(&value, name, name_span, call),
            ty if ty.is_number() => self.number_method(&value, name, name_span, call),
            ty => {
                let message = format!("a value of type {ty} has no method `{name}` in native mode");
                self.error(Code::UnknownAttribute, name_span, message)
            }
        }
    }

    fn number_method(&mut self, value: &Val, name: &str, span: Span, call: Args<'_>) -> Val {
        if self.positional(name, call, 0..=0).is_none() {
            return Val::never();
        }
        match name {
            "conjugate" | "conj" => self.conjugate(value),
            "item" if !value.ty.is_weak() => self.as_python(value),
            "is_integer" if value.ty.scalar().is_some_and(Scalar::is_float) => {
                let value = self.convert(value, &Ty::Float);
                let id = self.id(&value);
                let floor = self.b.emit(
                    Op::Math {
                        func: MathFn::Floor,
                        args: vec![id],
                        reassoc: false,
                    },
                    Type::F64,
                );
                let whole = self.b.compare(CompareOp::Eq, floor, id);
                let finite = self.b.emit(
                    Op::Math {
                        func: MathFn::IsFinite,
                        args: vec![id],
                        reassoc: false,
                    },
                    Type::BOOL,
                );
                Val::new(Ty::Bool, self.b.binary(BinaryOp::And, whole, finite))
            }
            _ => {
                let message = format!(
                    "a value of type {} has no method `{name}` in native mode",
                    value.ty
                );
                self.error(Code::UnknownAttribute, span, message)
            }
        }
    }

    pub fn conjugate(&mut self, value: &Val) -> Val {
        if !value.ty.scalar().is_some_and(Scalar::is_complex) {
            return self.part(value, false);
        }
        let id = self.id(value);
        Val::new(value.ty.clone(), self.b.unary(UnaryOp::Conj, id))
    }

    /// Python's own number of a NumPy scalar.
    fn as_python(&mut self, value: &Val) -> Val {
        let ty = match value.ty.scalar() {
            Some(Scalar::Bool) => Ty::Bool,
            Some(scalar) if scalar.is_int() => Ty::Int,
            Some(scalar) if scalar.is_float() => Ty::Float,
            _ => Ty::Complex,
        };
        self.convert(value, &ty)
    }

    fn array_method(&mut self, array: &Val, name: &str, span: Span, call: Args<'_>) -> Val {
        match name {
            "copy" => match self.positional(name, call, 0..=0) {
                Some(_) => self.array_copy(array, call.span),
                None => Val::never(),
            },
            "fill" => {
                if let Some(values) = self.positional(name, call, 1..=1) {
                    if values[0].ty.is_number() {
                        self.assign_into(array, &values[0], call.span);
                    } else {
                        self.error(
                            Code::WrongOperands,
                            call.span,
                            "an array is filled with a number",
                        );
                    }
                }
                Val::none()
            }
            "astype" => match call.get(0, "dtype") {
                Some(expr) => match self.dtype(expr) {
                    Some(scalar) => self.astype(array, scalar, call.span),
                    None => Val::never(),
                },
                None => self.error(
                    Code::WrongArguments,
                    call.span,
                    "astype() misses its argument `dtype`",
                ),
            },
            "item" if array.ty.array().is_some_and(|ty| ty.ndim == 0) => {
                let value = self.fold_elements_of_scalar(array);
                self.as_python(&value)
            }
            _ => match self.positional(name, call, 0..=0) {
                Some(_) => match self.array_reduction(name, array, call.span) {
                    Some(value) => value,
                    None => {
                        let message = format!("an array has no method `{name}` in native mode");
                        self.error(Code::UnknownAttribute, span, message)
                    }
                },
                None => Val::never(),
            },
        }
    }

    /// The element of an array without axes.
    fn fold_elements_of_scalar(&mut self, array: &Val) -> Val {
        let Some(ty) = array.ty.array() else {
            return Val::never();
        };
        let op = Op::Load {
            array: self.id(array),
            indices: Vec::new(),
            check: omply_ir::IndexCheck::None,
        };
        Val::new(Ty::Np(ty.elem), self.b.emit(op, Type::Scalar(ty.elem)))
    }

    pub fn astype(&mut self, array: &Val, scalar: Scalar, span: Span) -> Val {
        if array.ty.array().is_some_and(|ty| ty.elem == scalar) {
            return self.array_copy(array, span);
        }
        self.map_elements(std::slice::from_ref(array), span, |s, items| {
            s.convert(&items[0], &Ty::Np(scalar))
        })
    }

    /// `sum`, `min` and so on over all elements; `None` when `name` is none of them.
    pub fn array_reduction(&mut self, name: &str, array: &Val, span: Span) -> Option<Val> {
        let ty = array.ty.array()?;
        let elem = ty.elem;
        let reassoc = !self.options.reproducible;
        Some(match name {
            "sum" | "prod" => {
                let ty = Ty::Np(Self::sum_dtype(elem));
                let start = self.number(&ty, i64::from(name == "prod"));
                let op = if name == "sum" {
                    BinaryOp::Add
                } else {
                    BinaryOp::Mul
                };
                self.fold_elements(array, &start, |s, before, item| {
                    let item = s.convert(item, &ty);
                    let (a, b) = (s.id(before), s.id(&item));
                    Val::new(ty.clone(), s.emit_binary(op, a, b, reassoc))
                })
            }
            "min" | "max" => self.array_extreme(array, name == "min", span),
            "mean" => {
                let total_dtype = if elem.is_int() || elem == Scalar::Bool {
                    Scalar::F64
                } else {
                    elem
                };
                let ty = Ty::Np(total_dtype);
                let start = self.zero(&ty);
                let total = self.fold_elements(array, &start, |s, before, item| {
                    let item = s.convert(item, &ty);
                    let (a, b) = (s.id(before), s.id(&item));
                    Val::new(ty.clone(), s.emit_binary(BinaryOp::Add, a, b, reassoc))
                });
                let size = self.array_size(array);
                let size = self.convert(&size, &ty);
                let (a, b) = (self.id(&total), self.id(&size));
                Val::new(ty, self.b.binary(BinaryOp::Div, a, b))
            }
            "any" | "all" => {
                let all = name == "all";
                let start = Val::constant(Ty::Np(Scalar::Bool), omply_ir::Const::Bool(all));
                self.fold_elements(array, &start, |s, before, item| {
                    let truth = s.truth(item, span);
                    let op = if all { BinaryOp::And } else { BinaryOp::Or };
                    let (a, b) = (s.id(before), s.id(&truth));
                    Val::new(Ty::Np(Scalar::Bool), s.b.binary(op, a, b))
                })
            }
            _ => return None,
        })
    }

    /// The least or greatest element; NaN if there is one.
    pub fn array_extreme(&mut self, array: &Val, least: bool, span: Span) -> Val {
        let Some(ty) = array.ty.array() else {
            return Val::never();
        };
        if ty.elem.is_complex() {
            return self.error(Code::WrongOperands, span, "complex numbers have no order");
        }
        let size = self.array_size(array);
        let (size, zero) = (self.id(&size), self.b.int(0));
        let some = self.b.compare(CompareOp::Gt, size, zero);
        self.check(
            some,
            ErrorKind::Value,
            "zero-size array has no minimum or maximum",
            span,
            Vec::new(),
        );
        let item = Ty::Np(ty.elem);
        let first = {
            let indices = (0..ty.ndim).map(|_| self.b.int(0)).collect();
            let array = self.id(array);
            let op = Op::Load {
                array,
                indices,
                check: omply_ir::IndexCheck::None,
            };
            Val::new(item.clone(), self.b.emit(op, Type::Scalar(ty.elem)))
        };
        self.fold_elements(array, &first, |s, before, value| {
            s.numpy_extreme(before, value, least)
        })
    }
}
