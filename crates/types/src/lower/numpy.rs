//! NumPy's functions: elementwise ones on scalars and arrays, casts, and reductions of whole arrays.

use super::call::Args;
use super::function::Lowerer;
use crate::env::ErrorModel;
use crate::promote::promote;
use crate::ty::Ty;
use crate::value::{Repr, Val};
use omply_diagnostics::{Code, Span};
use omply_ir::{self as ir, CompareOp, Const, MathFn, Op, Scalar, Type};
use omply_syntax::hir::{BinaryOp, CompareOp as HirCompare};

const UNARY: &[(&str, MathFn)] = &[
    ("sqrt", MathFn::Sqrt),
    ("cbrt", MathFn::Cbrt),
    ("exp", MathFn::Exp),
    ("exp2", MathFn::Exp2),
    ("expm1", MathFn::Expm1),
    ("log", MathFn::Log),
    ("log2", MathFn::Log2),
    ("log10", MathFn::Log10),
    ("log1p", MathFn::Log1p),
    ("sin", MathFn::Sin),
    ("cos", MathFn::Cos),
    ("tan", MathFn::Tan),
    ("arcsin", MathFn::Asin),
    ("asin", MathFn::Asin),
    ("arccos", MathFn::Acos),
    ("acos", MathFn::Acos),
    ("arctan", MathFn::Atan),
    ("atan", MathFn::Atan),
    ("sinh", MathFn::Sinh),
    ("cosh", MathFn::Cosh),
    ("tanh", MathFn::Tanh),
    ("arcsinh", MathFn::Asinh),
    ("asinh", MathFn::Asinh),
    ("arccosh", MathFn::Acosh),
    ("acosh", MathFn::Acosh),
    ("arctanh", MathFn::Atanh),
    ("atanh", MathFn::Atanh),
    ("fabs", MathFn::Fabs),
    ("floor", MathFn::Floor),
    ("ceil", MathFn::Ceil),
    ("trunc", MathFn::Trunc),
    ("fix", MathFn::Trunc),
    ("rint", MathFn::Rint),
];

const BINARY: &[(&str, MathFn)] = &[
    ("arctan2", MathFn::Atan2),
    ("atan2", MathFn::Atan2),
    ("hypot", MathFn::Hypot),
    ("copysign", MathFn::CopySign),
    ("nextafter", MathFn::NextAfter),
];

const PREDICATES: &[(&str, MathFn)] = &[
    ("isnan", MathFn::IsNan),
    ("isinf", MathFn::IsInf),
    ("isfinite", MathFn::IsFinite),
    ("signbit", MathFn::SignBit),
];

const OPERATORS: &[(&str, BinaryOp)] = &[
    ("add", BinaryOp::Add),
    ("subtract", BinaryOp::Sub),
    ("multiply", BinaryOp::Mul),
    ("divide", BinaryOp::Div),
    ("true_divide", BinaryOp::Div),
    ("floor_divide", BinaryOp::FloorDiv),
    ("mod", BinaryOp::Mod),
    ("remainder", BinaryOp::Mod),
    ("power", BinaryOp::Pow),
    ("left_shift", BinaryOp::LShift),
    ("right_shift", BinaryOp::RShift),
    ("bitwise_and", BinaryOp::BitAnd),
    ("bitwise_or", BinaryOp::BitOr),
    ("bitwise_xor", BinaryOp::BitXor),
];

const COMPARISONS: &[(&str, HirCompare)] = &[
    ("equal", HirCompare::Eq),
    ("not_equal", HirCompare::NotEq),
    ("less", HirCompare::Lt),
    ("less_equal", HirCompare::LtE),
    ("greater", HirCompare::Gt),
    ("greater_equal", HirCompare::GtE),
];

fn row<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, value)| *value)
}

impl Lowerer<'_, '_> {
    pub fn numpy_call(&mut self, name: &str, call: Args<'_>) -> Val {
        if let Some(array) = self.new_array(name, call) {
            return array;
        }
        let known = "where clip dot vdot inner sum prod min max amin amax mean any all copy asarray ascontiguousarray";
        let arity = match name {
            _ if known.split(' ').any(|other| other == name) => 1..=3,
            _ => 1..=2,
        };
        let Some(values) = self.positional(&format!("np.{name}"), call, arity) else {
            return Val::never();
        };
        let span = call.span;
        if let Some(bad) = values
            .iter()
            .find(|value| !value.ty.is_number() && value.ty.array().is_none())
        {
            let message = format!(
                "native mode's np.{name}() does not take a value of type {}",
                bad.ty
            );
            return self.error(Code::WrongOperands, span, message);
        }
        if let [array] = values.as_slice()
            && array.ty.array().is_some()
            && let Some(value) = self.array_function(name, array, span)
        {
            return value;
        }
        if let ("dot" | "vdot" | "inner", [a, b]) = (name, values.as_slice()) {
            return self.dot(name, a, b, span);
        }
        if values.iter().any(|value| value.ty.array().is_some()) {
            return self.map_elements(&values, span, |s, items| s.elementwise(name, items, span));
        }
        // NumPy's functions give infinities and NaN where Python's operators raise.
        let model = std::mem::replace(&mut self.options.error_model, ErrorModel::Numpy);
        let result = self.elementwise(name, &values, span);
        self.options.error_model = model;
        result
    }

    /// A function of a whole array.
    fn array_function(&mut self, name: &str, array: &Val, span: Span) -> Option<Val> {
        match name {
            "copy" => Some(self.array_copy(array, span)),
            "asarray" => Some(array.clone()),
            "ascontiguousarray"
                if array
                    .ty
                    .array()
                    .is_some_and(|ty| ty.layout == ir::Layout::C) =>
            {
                Some(array.clone())
            }
            "amin" => self.array_reduction("min", array, span),
            "amax" => self.array_reduction("max", array, span),
            _ => self.array_reduction(name, array, span),
        }
    }

    /// The sum of the products of two vectors' elements.
    fn dot(&mut self, name: &str, a: &Val, b: &Val, span: Span) -> Val {
        let (Some(x), Some(y)) = (a.ty.array(), b.ty.array()) else {
            return self.unknown_function(&format!("np.{name}"), span);
        };
        if x.ndim != 1 || y.ndim != 1 || name == "vdot" && x.elem.is_complex() {
            return self.unknown_function(&format!("np.{name}"), span);
        }
        let (x, y) = (self.id(a), self.id(b));
        let (x, y) = (self.b.dim(x, 0), self.b.dim(y, 0));
        let same = self.b.compare(CompareOp::Eq, x, y);
        let message = "shapes ({0},) and ({1},) not aligned";
        self.check(same, ir::ErrorKind::Value, message, span, vec![x, y]);
        let products = self.array_binary(BinaryOp::Mul, a, b, span);
        let Some(elem) = products.ty.array().map(|ty| ty.elem) else {
            return Val::never();
        };
        let total = Ty::Np(elem);
        let start = self.zero(&total);
        let reassoc = !self.options.reproducible;
        self.fold_elements(&products, &start, |s, before, item| {
            s.binary(BinaryOp::Add, before, item, span, reassoc)
        })
    }

    /// A function of numbers.
    fn elementwise(&mut self, name: &str, values: &[Val], span: Span) -> Val {
        let values: Vec<Val> = values.to_vec();
        match values.as_slice() {
            [value] => self.elementwise1(name, value, span),
            [a, b] => self.elementwise2(name, a, b, span),
            [a, b, c] => match name {
                "where" => self.numpy_where(a, b, c, span),
                "clip" => {
                    let raised = self.numpy_min_max(a, b, false, span);
                    self.numpy_min_max(&raised, c, true, span)
                }
                _ => self.unknown_function(&format!("np.{name}"), span),
            },
            _ => self.unknown_function(&format!("np.{name}"), span),
        }
    }

    fn elementwise1(&mut self, name: &str, value: &Val, span: Span) -> Val {
        if let Some(func) = row(UNARY, name) {
            return self.ufunc(name, func, std::slice::from_ref(value), span);
        }
        if let Some(func) = row(PREDICATES, name) {
            return self.predicate(name, func, value, span);
        }
        match name {
            "abs" | "absolute" => {
                let value = self.as_numpy(value);
                self.abs(&value, span)
            }
            "square" => {
                let value = self.as_numpy(value);
                self.binary(BinaryOp::Mul, &value, &value, span, false)
            }
            "negative" => {
                let value = self.as_numpy(value);
                self.negate(&value, span)
            }
            "reciprocal" => {
                let value = self.as_numpy(value);
                self.binary(BinaryOp::Div, &Val::float(1.0), &value, span, false)
            }
            "conj" | "conjugate" => {
                let value = self.as_numpy(value);
                self.conjugate(&value)
            }
            "real" => self.part(value, false),
            "imag" => self.part(value, true),
            "sign" => self.sign(value, span),
            "deg2rad" | "radians" => self.angle(value, std::f64::consts::PI / 180.0, span),
            "rad2deg" | "degrees" => self.angle(value, 180.0 / std::f64::consts::PI, span),
            "logical_not" => {
                let truth = self.truth(value, span);
                let truth = self.not(&truth);
                self.convert(&truth, &Ty::Np(Scalar::Bool))
            }
            _ => self.unknown_function(&format!("np.{name}"), span),
        }
    }

    fn elementwise2(&mut self, name: &str, a: &Val, b: &Val, span: Span) -> Val {
        if let Some(func) = row(BINARY, name) {
            return self.ufunc(name, func, &[a.clone(), b.clone()], span);
        }
        if let Some(op) = row(OPERATORS, name) {
            let (a, b) = self.numpy_pair(a, b);
            return self.binary(op, &a, &b, span, false);
        }
        if let Some(op) = row(COMPARISONS, name) {
            let (a, b) = self.numpy_pair(a, b);
            return self.compare(op, &a, &b, span);
        }
        match name {
            "minimum" | "maximum" => self.numpy_min_max(a, b, name == "minimum", span),
            "fmod" => self.ufunc(name, MathFn::Fmod, &[a.clone(), b.clone()], span),
            "logical_and" | "logical_or" | "logical_xor" => {
                let (a, b) = (self.truth(a, span), self.truth(b, span));
                let op = match name {
                    "logical_and" => ir::BinaryOp::And,
                    "logical_or" => ir::BinaryOp::Or,
                    _ => ir::BinaryOp::Xor,
                };
                let (a, b) = (self.id(&a), self.id(&b));
                Val::new(Ty::Np(Scalar::Bool), self.b.binary(op, a, b))
            }
            _ => self.unknown_function(&format!("np.{name}"), span),
        }
    }

    /// Two Python numbers become NumPy's; one beside a NumPy scalar stays weak.
    fn numpy_pair(&mut self, a: &Val, b: &Val) -> (Val, Val) {
        if a.ty.is_weak() && b.ty.is_weak() {
            (self.as_numpy(a), self.as_numpy(b))
        } else {
            (a.clone(), b.clone())
        }
    }

    /// A function of floats: integers compute in the float that NumPy picks for their width.
    fn ufunc(&mut self, name: &str, func: MathFn, values: &[Val], span: Span) -> Val {
        let mut common: Option<Ty> = None;
        for value in values {
            common = match common {
                None => Some(value.ty.clone()),
                Some(before) => promote(&before, &value.ty),
            };
        }
        let Some(scalar) = common
            .as_ref()
            .and_then(Ty::scalar)
            .filter(|scalar| !scalar.is_complex())
        else {
            return self.unknown_function(&format!("np.{name} of complex numbers"), span);
        };
        let rounding = matches!(
            func,
            MathFn::Floor | MathFn::Ceil | MathFn::Trunc | MathFn::Rint
        );
        if rounding && scalar.is_int() && name != "rint" && name != "fix" {
            return self.convert(&values[0], &Ty::Np(scalar));
        }
        let result = match scalar {
            Scalar::F16 | Scalar::F32 | Scalar::F64 => scalar,
            _ if common.as_ref().is_some_and(Ty::is_weak) => Scalar::F64,
            Scalar::Bool | Scalar::I8 | Scalar::U8 => Scalar::F16,
            Scalar::I16 | Scalar::U16 => Scalar::F32,
            _ => Scalar::F64,
        };
        // Half precision computes in single, as NumPy does.
        let compute = if result == Scalar::F16 {
            Scalar::F32
        } else {
            result
        };
        let mut args = Vec::new();
        for value in values {
            let value = self.convert(value, &Ty::Np(result));
            let value = self.convert(&value, &Ty::Np(compute));
            args.push(self.id(&value));
        }
        let id = self.b.emit(
            Op::Math {
                func,
                args,
                reassoc: false,
            },
            Type::Scalar(compute),
        );
        self.convert(&Val::new(Ty::Np(compute), id), &Ty::Np(result))
    }

    fn predicate(&mut self, name: &str, func: MathFn, value: &Val, span: Span) -> Val {
        let result = Ty::Np(Scalar::Bool);
        match value.ty.scalar() {
            Some(scalar) if scalar.is_float() => {
                let ty = if scalar == Scalar::F16 {
                    Ty::Np(Scalar::F32)
                } else {
                    value.ty.clone()
                };
                let value = self.convert(value, &ty);
                let args = vec![self.id(&value)];
                Val::new(
                    result,
                    self.b.emit(
                        Op::Math {
                            func,
                            args,
                            reassoc: false,
                        },
                        Type::BOOL,
                    ),
                )
            }
            Some(scalar) if scalar.is_int() || scalar == Scalar::Bool => match func {
                MathFn::SignBit => self.unknown_function(&format!("np.{name} of integers"), span),
                _ => Val::constant(result, Const::Bool(func == MathFn::IsFinite)),
            },
            Some(_) if func != MathFn::SignBit => {
                let parts = [self.part(value, false), self.part(value, true)];
                let [a, b] = parts.map(|part| {
                    let args = vec![self.id(&part)];
                    self.b.emit(
                        Op::Math {
                            func,
                            args,
                            reassoc: false,
                        },
                        Type::BOOL,
                    )
                });
                let op = if func == MathFn::IsFinite {
                    ir::BinaryOp::And
                } else {
                    ir::BinaryOp::Or
                };
                Val::new(result, self.b.binary(op, a, b))
            }
            _ => self.unknown_function(&format!("np.{name}"), span),
        }
    }

    fn angle(&mut self, value: &Val, factor: f64, span: Span) -> Val {
        let value = self.as_numpy(value);
        self.binary(BinaryOp::Mul, &value, &Val::float(factor), span, false)
    }

    fn sign(&mut self, value: &Val, span: Span) -> Val {
        let value = self.as_numpy(value);
        let scalar = value.ty.scalar().unwrap_or(Scalar::F64);
        if scalar.is_complex() || scalar == Scalar::Bool {
            return self.unknown_function("np.sign of these values", span);
        }
        let (zero, one) = (self.zero(&value.ty), self.number(&value.ty, 1));
        let (x, zero, one) = (self.id(&value), self.id(&zero), self.id(&one));
        let above = self.b.compare(CompareOp::Gt, x, zero);
        let below = self.b.compare(CompareOp::Lt, x, zero);
        let rest = if scalar.is_float() {
            // Zeros and NaN are their own sign.
            let nan = self.b.compare(CompareOp::Ne, x, x);
            self.b.select(nan, x, zero)
        } else {
            zero
        };
        let upper = self.b.select(above, one, rest);
        if !scalar.is_float() && !scalar.is_signed_int() {
            return Val::new(value.ty, upper);
        }
        let minus = self.b.unary(ir::UnaryOp::Neg, one);
        Val::new(value.ty, self.b.select(below, minus, upper))
    }

    fn numpy_where(&mut self, cond: &Val, a: &Val, b: &Val, span: Span) -> Val {
        let cond = self.truth(cond, span);
        let (a, b) = self.numpy_pair(a, b);
        let Some(ty) = promote(&a.ty, &b.ty) else {
            return Val::never();
        };
        let (a, b) = (self.convert(&a, &ty), self.convert(&b, &ty));
        let (cond, a, b) = (self.id(&cond), self.id(&a), self.id(&b));
        Val::new(ty, self.b.select(cond, a, b))
    }

    fn numpy_min_max(&mut self, a: &Val, b: &Val, least: bool, span: Span) -> Val {
        let (a, b) = self.numpy_pair(a, b);
        match promote(&a.ty, &b.ty) {
            Some(ty) if !ty.scalar().is_some_and(Scalar::is_complex) => {
                let (a, b) = (self.convert(&a, &ty), self.convert(&b, &ty));
                self.numpy_extreme(&a, &b, least)
            }
            _ => self.unknown_function(if least { "np.minimum" } else { "np.maximum" }, span),
        }
    }

    /// `np.minimum` (`np.maximum`) of values of one type: NaN if either is.
    pub fn numpy_extreme(&mut self, a: &Val, b: &Val, least: bool) -> Val {
        let scalar = a.ty.scalar().unwrap_or(Scalar::F64);
        let (x, y) = (self.id(a), self.id(b));
        if matches!(scalar, Scalar::F32 | Scalar::F64) {
            let func = if least { MathFn::Fmin } else { MathFn::Fmax };
            let op = Op::Math {
                func,
                args: vec![x, y],
                reassoc: false,
            };
            return Val::new(a.ty.clone(), self.b.emit(op, Type::Scalar(scalar)));
        }
        if scalar == Scalar::F16 {
            let wide = Ty::Np(Scalar::F32);
            let (a, b) = (self.convert(a, &wide), self.convert(b, &wide));
            let value = self.numpy_extreme(&a, &b, least);
            return self.convert(&value, &Ty::Np(Scalar::F16));
        }
        let op = match (scalar, least) {
            (Scalar::Bool, true) => ir::BinaryOp::And,
            (Scalar::Bool, false) => ir::BinaryOp::Or,
            (_, true) => ir::BinaryOp::Min,
            (_, false) => ir::BinaryOp::Max,
        };
        Val::new(a.ty.clone(), self.b.binary(op, x, y))
    }

    /// `np.float32(x)` and its like.
    pub fn dtype_call(&mut self, scalar: Scalar, call: Args<'_>) -> Val {
        let Some(values) = self.positional(crate::ty::dtype_name(scalar), call, 0..=1) else {
            return Val::never();
        };
        let ty = Ty::Np(scalar);
        let Some(value) = values.first() else {
            return self.zero(&ty);
        };
        if value.ty.array().is_some() {
            return self.astype(value, scalar, call.span);
        }
        let complex = value.ty.scalar().is_some_and(Scalar::is_complex) && !scalar.is_complex();
        if !value.ty.is_number() || complex {
            let message = format!("{ty} is not made from a value of type {}", value.ty);
            return self.error(Code::WrongOperands, call.span, message);
        }
        if let (Repr::Const(Const::Int(_, known)), true) = (&value.repr, scalar.is_int())
            && value.ty == Ty::Int
            && !crate::promote::fits(*known, scalar)
        {
            let message = format!("{known} is out of bounds for {ty}");
            return self.error(Code::WrongOperands, call.span, message);
        }
        self.convert(value, &ty)
    }
}
