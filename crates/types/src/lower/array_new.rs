//! New arrays: `np.zeros` and its like, and dtype arguments.

use super::call::Args;
use super::function::Lowerer;
use crate::env::GlobalValue;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{
    ArrayType, BinaryOp, CompareOp, ErrorKind, IndexCheck, Init, Layout, Op, Scalar, Type, ValueId,
};
use omply_syntax::hir::{Expr, ExprKind};

/// What a new array holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    Nothing,
    Zeros,
    Ones,
    Value,
}

impl Lowerer<'_, '_> {
    /// The array-making functions of NumPy; `None` when `name` is none.
    pub fn new_array(&mut self, name: &str, call: Args<'_>) -> Option<Val> {
        let (fill, like) = match name {
            "empty" => (Fill::Nothing, false),
            "zeros" => (Fill::Zeros, false),
            "ones" => (Fill::Ones, false),
            "full" => (Fill::Value, false),
            "empty_like" => (Fill::Nothing, true),
            "zeros_like" => (Fill::Zeros, true),
            "ones_like" => (Fill::Ones, true),
            "full_like" => (Fill::Value, true),
            "array" => return Some(self.array_of(call).unwrap_or_else(Val::never)),
            "arange" => return Some(self.arange(call).unwrap_or_else(Val::never)),
            _ => return None,
        };
        Some(
            self.make_array(name, fill, like, call)
                .unwrap_or_else(Val::never),
        )
    }

    fn make_array(&mut self, name: &str, fill: Fill, like: bool, call: Args<'_>) -> Option<Val> {
        let first = if like {
            if fill == Fill::Value {
                "a"
            } else {
                "prototype"
            }
        } else {
            "shape"
        };
        let dtype_position = if fill == Fill::Value { 2 } else { 1 };
        let known: &[&str] = &[first, "a", "fill_value", "dtype", "order"];
        if let Some(keyword) = call
            .keywords
            .iter()
            .find(|k| !known.contains(&k.name.as_deref().unwrap_or_default()))
        {
            let word = keyword.name.clone().unwrap_or_default();
            let message = format!("native mode's np.{name}() does not take `{word}`");
            self.error(Code::WrongArguments, keyword.value.span, message);
            return None;
        }
        let Some(source) = call.get(0, first) else {
            self.error(
                Code::WrongArguments,
                call.span,
                format!("np.{name}() misses its argument `{first}`"),
            );
            return None;
        };
        let source_value = if like {
            self.expr(source)
        } else {
            self.sequence(source)
        };
        let value = match fill {
            Fill::Value => {
                let Some(expr) = call.get(1, "fill_value") else {
                    self.error(
                        Code::WrongArguments,
                        call.span,
                        format!("np.{name}() misses its argument `fill_value`"),
                    );
                    return None;
                };
                let value = self.expr(expr);
                if !value.ty.is_number() && !value.is_never() {
                    self.error(
                        Code::WrongOperands,
                        expr.span,
                        "an array is filled with a number",
                    );
                }
                Some(value.ty.is_number().then_some(value)?)
            }
            _ => None,
        };
        let dtype = match call.get(dtype_position, "dtype") {
            Some(expr) if !matches!(expr.kind, ExprKind::None) => Some(self.dtype(expr)?),
            _ => None,
        };
        let order = match call.keyword("order") {
            Some(expr) => Some(self.order(expr)?),
            None => None,
        };
        let (shape, ty) = if like {
            let Some(ty) = source_value.ty.array() else {
                if !source_value.is_never() {
                    self.error(
                        Code::WrongArguments,
                        source.span,
                        format!("np.{name}() takes an array"),
                    );
                }
                return None;
            };
            let array = self.id(&source_value);
            let shape: Vec<_> = (0..ty.ndim).map(|axis| self.b.dim(array, axis)).collect();
            let layout = order.unwrap_or(if ty.layout == Layout::F {
                Layout::F
            } else {
                Layout::C
            });
            (
                shape,
                ArrayType {
                    elem: dtype.unwrap_or(ty.elem),
                    ndim: ty.ndim,
                    layout,
                },
            )
        } else {
            let lengths = match &source_value.ty {
                Ty::Tuple(_) => self.items(&source_value),
                _ => vec![source_value],
            };
            let mut shape = Vec::new();
            for length in &lengths {
                let length = self.index_value(length, source.span)?;
                shape.push(self.id(&length));
            }
            let default = value
                .as_ref()
                .and_then(|value| value.ty.scalar())
                .unwrap_or(Scalar::F64);
            let layout = order.unwrap_or(Layout::C);
            let ndim = shape.len() as u8;
            (
                shape,
                ArrayType {
                    elem: dtype.unwrap_or(default),
                    ndim,
                    layout,
                },
            )
        };
        let layout = if ty.ndim <= 1 { Layout::C } else { ty.layout };
        let ty = ArrayType { layout, ..ty };
        let init = if fill == Fill::Zeros {
            Init::Zero
        } else {
            Init::Uninit
        };
        let site = self.site(
            ErrorKind::Value,
            "negative dimensions are not allowed",
            call.span,
        );
        let op = Op::Alloc {
            shape,
            init,
            from: self.omp.allocate,
            site,
        };
        let array = Val::new(Ty::Array(ty), self.b.emit(op, Type::Array(ty)));
        let value = match fill {
            Fill::Ones => Some(self.number(&Ty::Np(ty.elem), 1)),
            _ => value,
        };
        if let Some(value) = value {
            let value = self.element_value(&value, ty, call.span)?;
            let (dst, value) = (self.id(&array), self.id(&value));
            self.b.effect(Op::ArrayFill { dst, value });
        }
        Some(array)
    }

    /// `np.array` of numbers written out, or of an array.
    fn array_of(&mut self, call: Args<'_>) -> Option<Val> {
        let (values, dtype) = self.values_and_dtype("array", call, 1)?;
        let (source, source_expr) = (&values[0], &call.args[0]);
        if source.ty.array().is_some() {
            return Some(match dtype {
                Some(dtype) => self.astype(source, dtype, call.span),
                None => self.array_copy(source, call.span),
            });
        }
        let items = match &source.ty {
            Ty::Tuple(_) => self.items(source),
            _ => Vec::new(),
        };
        let mut common = Ty::Never;
        for item in &items {
            match crate::promote::unify(&common, None, &item.ty, None) {
                Some(joined) if joined.is_number() => common = joined,
                _ => {
                    common = Ty::None;
                    break;
                }
            }
        }
        let Some(elem) = dtype.or(common.scalar()).filter(|_| common.is_number()) else {
            if !source.is_never() {
                self.error_help(
                    Code::NotNative,
                    source_expr.span,
                    "native mode makes arrays of numbers that are written out in one row",
                    "make an array with np.zeros() and assign its elements",
                );
            }
            return None;
        };
        let length = self.b.int(items.len() as i64);
        let array = self.vector(elem, length, call.span);
        let ty = array.ty.array()?;
        let id = self.id(&array);
        for (i, item) in items.iter().enumerate() {
            let value = self.element_value(item, ty, source_expr.span)?;
            let (index, value) = (self.b.int(i as i64), self.id(&value));
            self.b.effect(Op::Store {
                array: id,
                indices: vec![index],
                value,
                check: IndexCheck::None,
            });
        }
        Some(array)
    }

    /// `np.arange` of integers.
    fn arange(&mut self, call: Args<'_>) -> Option<Val> {
        let (values, dtype) = self.values_and_dtype("arange", call, 3)?;
        let mut bounds = Vec::new();
        for (value, expr) in values.iter().zip(call.args) {
            bounds.push(self.index_value(value, expr.span)?);
        }
        let (start, stop, step) = match bounds.as_slice() {
            [stop] => (Val::int(0), stop.clone(), Val::int(1)),
            [start, stop] => (start.clone(), stop.clone(), Val::int(1)),
            [start, stop, step] => (start.clone(), stop.clone(), step.clone()),
            _ => return None,
        };
        if !step.range.excludes_zero() {
            let (id, zero) = (self.id(&step), self.b.int(0));
            let nonzero = self.b.compare(CompareOp::Ne, id, zero);
            self.check(
                nonzero,
                ErrorKind::ZeroDivision,
                "division by zero",
                call.span,
                Vec::new(),
            );
        }
        let length = self.range_len(&start, &stop, &step);
        let length = self.id(&length);
        let array = self.vector(dtype.unwrap_or(Scalar::I64), length, call.span);
        let ty = array.ty.array()?;
        self.for_each_index(&[length], Layout::C, |s, indices| {
            let index = Val::new(Ty::Int, indices[0]);
            let distance = s.int_op(BinaryOp::Mul, &index, &step);
            let value = s.int_op(BinaryOp::Add, &start, &distance);
            let value = s.convert(&value, &Ty::Np(ty.elem));
            let (array, value) = (s.id(&array), s.id(&value));
            s.b.effect(Op::Store {
                array,
                indices: indices.to_vec(),
                value,
                check: IndexCheck::None,
            });
        });
        Some(array)
    }

    /// Positional arguments, one to `count`, and a `dtype`.
    fn values_and_dtype(
        &mut self,
        name: &str,
        call: Args<'_>,
        count: usize,
    ) -> Option<(Vec<Val>, Option<Scalar>)> {
        let dtype = match call.keyword("dtype") {
            Some(expr) => Some(self.dtype(expr)?),
            None => None,
        };
        let other = call
            .keywords
            .iter()
            .find(|keyword| keyword.name.as_deref() != Some("dtype"));
        if other.is_some() || call.args.is_empty() || call.args.len() > count {
            let message =
                format!("native mode's np.{name}() takes 1 to {count} arguments and a `dtype`");
            self.error(Code::WrongArguments, call.span, message);
            return None;
        }
        let values: Vec<Val> = call.args.iter().map(|arg| self.sequence(arg)).collect();
        if values.iter().any(Val::is_never) {
            None
        } else {
            Some((values, dtype))
        }
    }

    fn vector(&mut self, elem: Scalar, length: ValueId, span: Span) -> Val {
        let ty = ArrayType {
            elem,
            ndim: 1,
            layout: Layout::C,
        };
        let site = self.site(
            ErrorKind::Value,
            "negative dimensions are not allowed",
            span,
        );
        let op = Op::Alloc {
            shape: vec![length],
            init: Init::Uninit,
            from: self.omp.allocate,
            site,
        };
        let array = Val::new(Ty::Array(ty), self.b.emit(op, Type::Array(ty)));
        self.hold(&array);
        array
    }

    fn order(&mut self, expr: &Expr) -> Option<Layout> {
        match &expr.kind {
            ExprKind::Str(text) if text == "C" => Some(Layout::C),
            ExprKind::Str(text) if text == "F" => Some(Layout::F),
            _ => {
                self.error(
                    Code::WrongArguments,
                    expr.span,
                    "the order is \"C\" or \"F\"",
                );
                None
            }
        }
    }

    /// A dtype argument: a dtype, one of Python's number types, a name, or an array's `dtype`.
    pub fn dtype(&mut self, expr: &Expr) -> Option<Scalar> {
        let found = match &expr.kind {
            ExprKind::Str(text) => dtype_of_name(text),
            ExprKind::Attribute { value, attr, .. }
                if attr == "dtype" && self.static_value(expr).is_none() =>
            {
                let value = self.expr(value);
                match &value.ty {
                    Ty::Array(array) => Some(array.elem),
                    Ty::Np(scalar) => Some(*scalar),
                    Ty::Never => return None,
                    _ => None,
                }
            }
            _ => match self.static_value(expr) {
                Some(GlobalValue::Dtype(scalar)) => Some(scalar),
                Some(GlobalValue::Str(text)) => dtype_of_name(&text),
                Some(GlobalValue::Builtin(name)) => match name.as_str() {
                    "bool" => Some(Scalar::Bool),
                    "int" => Some(Scalar::I64),
                    "float" => Some(Scalar::F64),
                    "complex" => Some(Scalar::C128),
                    _ => None,
                },
                _ => None,
            },
        };
        if found.is_none() {
            self.unknown_dtype(expr.span);
        }
        found
    }

    fn unknown_dtype(&mut self, span: Span) {
        self.error_help(
            Code::NotNative,
            span,
            "native mode does not know this dtype",
            "name one when the function is compiled: `dtype=np.float64`",
        );
    }
}

fn dtype_of_name(name: &str) -> Option<Scalar> {
    Some(match name.trim_start_matches(['=', '<', '|']) {
        "bool" | "?" | "b1" => Scalar::Bool,
        "int8" | "i1" | "b" => Scalar::I8,
        "int16" | "i2" | "h" => Scalar::I16,
        "int32" | "i4" | "i" => Scalar::I32,
        "int64" | "i8" | "int" | "q" | "l" => Scalar::I64,
        "uint8" | "u1" | "B" => Scalar::U8,
        "uint16" | "u2" | "H" => Scalar::U16,
        "uint32" | "u4" | "I" => Scalar::U32,
        "uint64" | "u8" | "uint" | "Q" | "L" => Scalar::U64,
        "float16" | "f2" | "e" => Scalar::F16,
        "float32" | "f4" | "f" => Scalar::F32,
        "float64" | "f8" | "d" | "float" => Scalar::F64,
        "complex64" | "c8" | "F" => Scalar::C64,
        "complex128" | "c16" | "D" | "complex" => Scalar::C128,
        _ => return None,
    })
}
