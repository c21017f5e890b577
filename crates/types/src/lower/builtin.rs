//! Python's builtin functions.

use super::call::Args;
use super::function::Lowerer;
use crate::promote::unify;
use crate::ty::Ty;
use crate::value::{Range, Val};
use omply_diagnostics::{Code, Span};
use omply_ir::{self as ir, CompareOp, ErrorKind, MathFn, Op, Scalar, Type, UnaryOp};
use omply_spec::ReductionOp;
use omply_syntax::hir::BinaryOp;

impl Lowerer<'_, '_> {
    pub fn builtin(&mut self, name: &str, call: Args<'_>) -> Val {
        if let ("len", [arg], []) = (name, call.args, call.keywords)
            && let Some(array) = self.device_shape(arg)
        {
            return self.len(&array, call.span);
        }
        match name {
            "min" | "max" => return self.min_max(name, call),
            "range" | "enumerate" | "zip" | "reversed" => {
                return self.error_help(
                    Code::NotNative,
                    call.span,
                    format!("native mode has {name}() only as what a `for` runs over"),
                    format!("write `for ... in {name}(...)`"),
                );
            }
            "print" => {
                return self.error_help(
                    Code::NotNative,
                    call.span,
                    "native mode cannot print",
                    "return the value and print it outside, or use `@omp(mode=\"python\")`",
                );
            }
            _ => {}
        }
        let counts = match name {
            "abs" | "len" => 1..=1,
            "int" | "float" | "bool" => 0..=1,
            "complex" => 0..=2,
            "sum" | "round" => 1..=2,
            "divmod" | "pow" => 2..=2,
            _ => return self.unknown_function(name, call.span),
        };
        let Some(values) = self.positional(name, call, counts) else {
            return Val::never();
        };
        let span = call.span;
        match (name, values.as_slice()) {
            ("abs", [value]) => self.abs(value, span),
            ("len", [value]) => self.len(value, span),
            ("int", []) => Val::int(0),
            ("int", [value]) => self.python_int(value, MathFn::Trunc, span),
            ("float", []) => Val::float(0.0),
            ("float", [value]) => self.python_float(value, span),
            ("bool", []) => Val::bool(false),
            ("bool", [value]) => self.truth(value, span),
            ("complex", parts) => self.python_complex(parts, span),
            ("sum", [values]) => self.sum(values, Val::int(0), span),
            ("sum", [values, start]) => self.sum(values, start.clone(), span),
            ("round", [value]) => self.python_int(value, MathFn::Rint, span),
            ("divmod", [a, b]) => {
                let quotient = self.binary(BinaryOp::FloorDiv, a, b, span, false);
                let rest = self.binary(BinaryOp::Mod, a, b, span, false);
                Val::tuple(vec![quotient, rest])
            }
            ("pow", [a, b]) => self.binary(BinaryOp::Pow, a, b, span, false),
            ("round", _) => self.error_help(
                Code::NotNative,
                span,
                "native mode rounds to whole numbers only",
                "scale the value before and after",
            ),
            _ => self.unknown_function(name, span),
        }
    }

    fn wrong_argument(&mut self, name: &str, value: &Val, span: Span) -> Val {
        self.error(
            Code::WrongOperands,
            span,
            format!("{name}() does not take a value of type {}", value.ty),
        )
    }

    pub fn abs(&mut self, value: &Val, span: Span) -> Val {
        match value.ty.scalar() {
            _ if value.ty.array().is_some() => {
                self.map_elements(std::slice::from_ref(value), span, |s, items| {
                    s.abs(&items[0], span)
                })
            }
            None => self.wrong_argument("abs", value, span),
            Some(scalar) => {
                let value = if value.ty == Ty::Bool {
                    self.convert(value, &Ty::Int)
                } else {
                    value.clone()
                };
                if value.ty == Ty::Np(Scalar::Bool) || (scalar.is_int() && !scalar.is_signed_int())
                {
                    return value;
                }
                let ty = match (scalar.is_complex(), value.ty.is_weak()) {
                    (false, _) => value.ty.clone(),
                    (true, true) => Ty::Float,
                    (true, false) => Ty::Np(scalar.real_part()),
                };
                let a = self.id(&value);
                self.check_least(&value.ty, a, span);
                let range = if scalar.is_int() {
                    Range::ALL
                } else {
                    Range {
                        lo: 0.0,
                        ..Range::ALL
                    }
                };
                Val::with_range(ty, self.b.unary(UnaryOp::Abs, a), range)
            }
        }
    }

    fn len(&mut self, value: &Val, span: Span) -> Val {
        match &value.ty {
            Ty::Tuple(items) => Val::int(items.len() as i64),
            Ty::Array(ty) if ty.ndim > 0 => {
                let array = self.id(value);
                let length = self.b.dim(array, 0);
                self.size_val(length)
            }
            _ => self.wrong_argument("len", value, span),
        }
    }

    // ---- conversions -------------------------------------------------------------------------------------------

    /// A number as a Python int, rounded by `rounding`; raises for NaN, infinities and what 64 bits do not hold.
    pub fn python_int(&mut self, value: &Val, rounding: MathFn, span: Span) -> Val {
        match value.ty.scalar() {
            Some(scalar) if scalar.is_int() || scalar == Scalar::Bool => {
                self.convert(value, &Ty::Int)
            }
            Some(scalar) if scalar.is_float() => {
                let value = self.convert(value, &Ty::Float);
                let id = self.id(&value);
                const LIMIT: f64 = 9_223_372_036_854_775_808.0;
                if !(value.range.lo > -LIMIT && value.range.hi < LIMIT) || value.range == Range::ALL
                {
                    self.check_int_range(id, LIMIT, span);
                }
                let rounded = if rounding == MathFn::Trunc {
                    // The cast truncates.
                    id
                } else {
                    self.b.emit(
                        Op::Math {
                            func: rounding,
                            args: vec![id],
                            reassoc: false,
                        },
                        Type::F64,
                    )
                };
                let range = Range {
                    lo: value.range.lo.floor(),
                    hi: value.range.hi.ceil(),
                };
                Val::with_range(Ty::Int, self.b.cast(rounded, Scalar::I64), range)
            }
            _ if value.is_never() => Val::never(),
            _ => self.wrong_argument("int", value, span),
        }
    }

    fn check_int_range(&mut self, id: ir::ValueId, limit: f64, span: Span) {
        let magnitude = self.b.unary(UnaryOp::Abs, id);
        let limit = self.b.float(limit);
        let fits = self.b.compare(CompareOp::Lt, magnitude, limit);
        let els = {
            self.b.open_block();
            let number = self.b.compare(CompareOp::Eq, id, id);
            self.check(
                number,
                ErrorKind::Value,
                "cannot convert float NaN to integer",
                span,
                Vec::new(),
            );
            let infinity = self.b.float(f64::INFINITY);
            let finite = self.b.compare(CompareOp::Lt, magnitude, infinity);
            self.check(
                finite,
                ErrorKind::Overflow,
                "cannot convert float infinity to integer",
                span,
                Vec::new(),
            );
            let site = self.site(
                ErrorKind::Overflow,
                "the float is too large for a 64-bit integer",
                span,
            );
            self.b.effect(Op::Raise {
                site,
                args: Vec::new(),
            });
            self.b.close_block()
        };
        self.b.effect(Op::If {
            cond: fits,
            then: ir::Block::default(),
            els,
        });
    }

    pub fn python_float(&mut self, value: &Val, span: Span) -> Val {
        match value.ty.scalar() {
            Some(scalar) if !scalar.is_complex() => self.convert(value, &Ty::Float),
            _ if value.is_never() => Val::never(),
            _ => self.wrong_argument("float", value, span),
        }
    }

    fn python_complex(&mut self, parts: &[Val], span: Span) -> Val {
        if let Some(part) = parts.iter().find(|part| !part.ty.is_number()) {
            return self.wrong_argument("complex", part, span);
        }
        match parts {
            [] => self.zero(&Ty::Complex),
            [value] => self.convert(value, &Ty::Complex),
            [re, im, ..] => {
                if parts
                    .iter()
                    .any(|part| part.ty.scalar().is_some_and(Scalar::is_complex))
                {
                    return self.error(
                        Code::WrongOperands,
                        span,
                        "native mode's complex(re, im) takes real numbers",
                    );
                }
                let (re, im) = (self.convert(re, &Ty::Float), self.convert(im, &Ty::Float));
                let (re, im) = (self.id(&re), self.id(&im));
                Val::new(
                    Ty::Complex,
                    self.b
                        .emit(Op::ComplexNew { re, im }, Type::Scalar(Scalar::C128)),
                )
            }
        }
    }

    // ---- over several values -----------------------------------------------------------------------------------

    fn sum(&mut self, values: &Val, start: Val, span: Span) -> Val {
        match &values.ty {
            Ty::Tuple(_) => {
                let items = self.items(values);
                items.iter().fold(start, |total, item| {
                    self.binary(BinaryOp::Add, &total, item, span, false)
                })
            }
            Ty::Array(ty) if ty.ndim == 1 => {
                let Some(total) =
                    crate::promote::binary(BinaryOp::Add, &start.ty, &Ty::Np(ty.elem))
                else {
                    return self.wrong_argument("sum", &start, span);
                };
                let start = self.convert(&start, &total);
                self.fold_elements(values, &start, |s, before, item| {
                    let sum = s.binary(BinaryOp::Add, before, item, span, false);
                    s.convert(&sum, &total)
                })
            }
            _ => self.wrong_argument("sum", values, span),
        }
    }

    fn min_max(&mut self, name: &str, call: Args<'_>) -> Val {
        let least = name == "min";
        let Some(values) = self.positional(name, call, 1..=usize::MAX) else {
            return Val::never();
        };
        let span = call.span;
        let wanted = if least {
            ReductionOp::Min
        } else {
            ReductionOp::Max
        };
        let reassoc = !self.options.reproducible
            && call.args.iter().any(|arg| {
                Self::as_var(arg).and_then(|var| self.reduction_of(var)) == Some(wanted)
            });
        if let [only] = values.as_slice() {
            return match &only.ty {
                Ty::Tuple(items) if items.is_empty() => self.error(
                    Code::WrongArguments,
                    span,
                    format!("{name}() of an empty tuple"),
                ),
                Ty::Tuple(_) => {
                    let items = self.items(only);
                    self.extreme_of(&items, least, reassoc, span)
                }
                Ty::Array(ty) if ty.ndim == 1 => {
                    let item = Ty::Np(ty.elem);
                    if ty.elem.is_complex() {
                        return self.wrong_argument(name, only, span);
                    }
                    let array = self.id(only);
                    let (length, zero) = (self.b.dim(array, 0), self.b.int(0));
                    let some = self.b.compare(CompareOp::Gt, length, zero);
                    let message = format!("{name}() arg is an empty sequence");
                    self.check(some, ErrorKind::Value, &message, span, Vec::new());
                    let load = Op::Load {
                        array,
                        indices: vec![zero],
                        check: ir::IndexCheck::None,
                    };
                    let first = Val::new(item, self.b.emit(load, Type::Scalar(ty.elem)));
                    self.fold_elements(only, &first, |s, before, value| {
                        s.extreme_of(&[before.clone(), value.clone()], least, false, span)
                    })
                }
                _ => self.wrong_argument(name, only, span),
            };
        }
        self.extreme_of(&values, least, reassoc, span)
    }

    /// Python's `min` (`max`): the first of the least (greatest) values.
    fn extreme_of(&mut self, values: &[Val], least: bool, reassoc: bool, span: Span) -> Val {
        let name = if least { "min" } else { "max" };
        let mut ty = Ty::Never;
        for value in values {
            let literal = if value.ty == Ty::Int {
                value.as_int()
            } else {
                None
            };
            match unify(&ty, None, &value.ty, literal) {
                Some(joined) if joined.scalar().is_some_and(|scalar| !scalar.is_complex()) => {
                    ty = joined
                }
                _ => return self.wrong_argument(name, value, span),
            }
        }
        let op = if least {
            ir::BinaryOp::Min
        } else {
            ir::BinaryOp::Max
        };
        let Some((first, rest)) = values.split_first() else {
            return Val::never();
        };
        let mut result = self.convert(first, &ty);
        for value in rest {
            let value = self.convert(value, &ty);
            let range = extreme_range(&result, &value, least);
            let (a, b) = (self.id(&result), self.id(&value));
            result = Val::with_range(ty.clone(), self.emit_binary(op, a, b, reassoc), range);
        }
        result
    }
}

/// The range of the lesser (greater) of two values; a second value that is NaN leaves the first.
fn extreme_range(a: &Val, b: &Val, least: bool) -> Range {
    if a.ty != Ty::Int && a.ty != Ty::Float {
        return Range::ALL;
    }
    let certain = a.ty == Ty::Int || matches!(b.repr, crate::value::Repr::Const(_));
    match (least, certain) {
        (true, true) => Range {
            lo: a.range.lo.min(b.range.lo),
            hi: a.range.hi.min(b.range.hi),
        },
        (true, false) => Range {
            lo: a.range.lo.min(b.range.lo),
            hi: a.range.hi,
        },
        (false, true) => Range {
            lo: a.range.lo.max(b.range.lo),
            hi: a.range.hi.max(b.range.hi),
        },
        (false, false) => Range {
            lo: a.range.lo,
            hi: a.range.hi.max(b.range.hi),
        },
    }
}
