//! The functions of `math` (with CPython's domain errors) and some of `cmath`.

use super::call::Args;
use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::{Range, Val};
use omply_diagnostics::Span;
use omply_ir::{BinaryOp, CompareOp, ErrorKind, MathFn, Op, Type, ValueId};

/// Arguments for which CPython raises `ValueError`.
#[derive(Clone, Copy, PartialEq)]
enum Domain {
    All,
    /// `x >= bound`
    AtLeast(f64),
    /// `x > bound`
    Above(f64),
    /// `abs(x) <= 1`
    Unit,
    /// `abs(x) < 1`
    InsideUnit,
    /// No infinity.
    Finite,
    /// Neither zero nor a negative integer; `-inf` counts as one.
    NoPole,
    /// The same, where `-inf` is no pole.
    FiniteNoPole,
}

/// The functions of one float that are one instruction.
const UNARY: &[(&str, MathFn, Domain)] = &[
    ("sqrt", MathFn::Sqrt, Domain::AtLeast(0.0)),
    ("cbrt", MathFn::Cbrt, Domain::All),
    ("exp", MathFn::Exp, Domain::All),
    ("exp2", MathFn::Exp2, Domain::All),
    ("expm1", MathFn::Expm1, Domain::All),
    ("log2", MathFn::Log2, Domain::Above(0.0)),
    ("log10", MathFn::Log10, Domain::Above(0.0)),
    ("log1p", MathFn::Log1p, Domain::Above(-1.0)),
    ("sin", MathFn::Sin, Domain::Finite),
    ("cos", MathFn::Cos, Domain::Finite),
    ("tan", MathFn::Tan, Domain::Finite),
    ("asin", MathFn::Asin, Domain::Unit),
    ("acos", MathFn::Acos, Domain::Unit),
    ("atan", MathFn::Atan, Domain::All),
    ("sinh", MathFn::Sinh, Domain::All),
    ("cosh", MathFn::Cosh, Domain::All),
    ("tanh", MathFn::Tanh, Domain::All),
    ("asinh", MathFn::Asinh, Domain::All),
    ("acosh", MathFn::Acosh, Domain::AtLeast(1.0)),
    ("atanh", MathFn::Atanh, Domain::InsideUnit),
    ("fabs", MathFn::Fabs, Domain::All),
    ("erf", MathFn::Erf, Domain::All),
    ("erfc", MathFn::Erfc, Domain::All),
    ("gamma", MathFn::Gamma, Domain::NoPole),
    ("lgamma", MathFn::LogGamma, Domain::FiniteNoPole),
];

const BINARY: &[(&str, MathFn)] = &[
    ("atan2", MathFn::Atan2),
    ("copysign", MathFn::CopySign),
    ("hypot", MathFn::Hypot),
    ("nextafter", MathFn::NextAfter),
    ("fmod", MathFn::Fmod),
    ("remainder", MathFn::Remainder),
];

impl Lowerer<'_, '_> {
    pub fn math_call(&mut self, name: &str, call: Args<'_>) -> Val {
        if let Some(value) = self.integer_math(name, call) {
            return value;
        }
        let span = call.span;
        let counts = match name {
            "log" => 1..=2,
            "atan2" | "copysign" | "hypot" | "nextafter" | "fmod" | "remainder" | "pow" => 2..=2,
            "fma" => 3..=3,
            _ => 1..=1,
        };
        let Some(values) = self.positional(name, call, counts) else {
            return Val::never();
        };
        if let ("floor" | "ceil" | "trunc", [value]) = (name, values.as_slice()) {
            let rounding = match name {
                "floor" => MathFn::Floor,
                "ceil" => MathFn::Ceil,
                _ => MathFn::Trunc,
            };
            return self.python_int(value, rounding, span);
        }
        let mut floats = Vec::new();
        for value in &values {
            let value = self.python_float(value, span);
            if value.is_never() {
                return value;
            }
            floats.push(value);
        }
        match (name, floats.as_slice()) {
            ("log", [x]) => self.log(x, span),
            ("log", [x, base]) => {
                let (a, b) = (self.log(x, span), self.log(base, span));
                self.binary(omply_syntax::hir::BinaryOp::Div, &a, &b, span, false)
            }
            ("pow", [x, y]) => {
                self.check_pow_pole(x, y, span);
                let value = self.math_or_domain_error(MathFn::Pow, x, y, span);
                self.check_range(&value, &[x, y], span);
                value
            }
            ("fma", [x, y, z]) => self.math_op(MathFn::Fma, &[x, y, z]),
            ("isnan" | "isinf" | "isfinite", [x]) => {
                let func = match name {
                    "isnan" => MathFn::IsNan,
                    "isinf" => MathFn::IsInf,
                    _ => MathFn::IsFinite,
                };
                let args = vec![self.id(x)];
                Val::new(
                    Ty::Bool,
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
            ("degrees", [x]) => self.scaled(x, 180.0 / std::f64::consts::PI),
            ("radians", [x]) => self.scaled(x, std::f64::consts::PI / 180.0),
            (_, [x]) => match UNARY.iter().find(|(other, ..)| *other == name) {
                Some(&(_, func, domain)) => {
                    self.check_domain(x, domain, span);
                    let mut value = self.math_op(func, &[x]);
                    if let Some(limit) = overflow_limit(func)
                        && !(x.range.lo >= -limit && x.range.hi <= limit)
                        && !(x.range.hi <= limit && grows_upwards(func))
                    {
                        self.check_range(&value, &[x], span);
                    }
                    if matches!(
                        func,
                        MathFn::Sqrt | MathFn::Exp | MathFn::Exp2 | MathFn::Fabs | MathFn::Cosh
                    ) {
                        value.range = Range {
                            lo: 0.0,
                            ..Range::ALL
                        };
                    }
                    value
                }
                None => self.unknown_function(&format!("math.{name}"), span),
            },
            (_, [x, y]) => match BINARY.iter().find(|(other, _)| *other == name) {
                Some(&(_, func)) => {
                    if matches!(func, MathFn::Fmod | MathFn::Remainder) {
                        return self.math_or_domain_error(func, x, y, span);
                    }
                    self.math_op(func, &[x, y])
                }
                None => self.unknown_function(&format!("math.{name}"), span),
            },
            _ => self.unknown_function(&format!("math.{name}"), span),
        }
    }

    /// A function of F64 values.
    fn math_op(&mut self, func: MathFn, args: &[&Val]) -> Val {
        let args = args.iter().map(|arg| self.id(arg)).collect();
        Val::new(
            Ty::Float,
            self.b.emit(
                Op::Math {
                    func,
                    args,
                    reassoc: false,
                },
                Type::F64,
            ),
        )
    }

    fn scaled(&mut self, x: &Val, factor: f64) -> Val {
        let (x, factor) = (self.id(x), self.b.float(factor));
        Val::new(Ty::Float, self.b.binary(BinaryOp::Mul, x, factor))
    }

    fn log(&mut self, x: &Val, span: Span) -> Val {
        self.check_domain(x, Domain::Above(0.0), span);
        self.math_op(MathFn::Log, &[x])
    }

    /// A function for which a NaN that no argument explains is a domain error.
    fn math_or_domain_error(&mut self, func: MathFn, x: &Val, y: &Val, span: Span) -> Val {
        let value = self.math_op(func, &[x, y]);
        let (x, y, id) = (self.id(x), self.id(y), self.id(&value));
        let number = self.b.compare(CompareOp::Eq, id, id);
        let x_nan = self.b.compare(CompareOp::Ne, x, x);
        let y_nan = self.b.compare(CompareOp::Ne, y, y);
        let explained = self.b.binary(BinaryOp::Or, x_nan, y_nan);
        let fine = self.b.binary(BinaryOp::Or, number, explained);
        self.domain_error(fine, span);
        value
    }

    /// Raises `OverflowError` where finite arguments gave an infinity.
    fn check_range(&mut self, value: &Val, args: &[&Val], span: Span) {
        let infinity = self.b.float(f64::INFINITY);
        let is_infinite = |s: &mut Self, value: &Val| {
            let id = s.id(value);
            let magnitude = s.b.unary(omply_ir::UnaryOp::Abs, id);
            s.b.compare(CompareOp::Eq, magnitude, infinity)
        };
        let infinite = is_infinite(self, value);
        let mut fine = self.b.unary(omply_ir::UnaryOp::Not, infinite);
        for arg in args {
            let explained = is_infinite(self, arg);
            fine = self.b.binary(BinaryOp::Or, fine, explained);
        }
        self.check(
            fine,
            ErrorKind::Overflow,
            "math range error",
            span,
            Vec::new(),
        );
    }

    /// Zero to a negative power is a domain error, but for minus infinity.
    fn check_pow_pole(&mut self, x: &Val, y: &Val, span: Span) {
        if x.range.excludes_zero() || y.range.lo >= 0.0 {
            return;
        }
        let (x, y) = (self.id(x), self.id(y));
        let (zero, infinity) = (self.b.float(0.0), self.b.float(f64::NEG_INFINITY));
        let at_zero = self.b.compare(CompareOp::Eq, x, zero);
        let negative = self.b.compare(CompareOp::Lt, y, zero);
        let finite = self.b.compare(CompareOp::Gt, y, infinity);
        let pole = self.b.binary(BinaryOp::And, negative, finite);
        let pole = self.b.binary(BinaryOp::And, pole, at_zero);
        let fine = self.b.unary(omply_ir::UnaryOp::Not, pole);
        self.domain_error(fine, span);
    }

    fn domain_error(&mut self, fine: ValueId, span: Span) {
        self.check(
            fine,
            ErrorKind::Value,
            "math domain error",
            span,
            Vec::new(),
        );
    }

    /// Raises outside of the domain; NaN is inside every domain.
    fn check_domain(&mut self, x: &Val, domain: Domain, span: Span) {
        let known = match domain {
            Domain::All => true,
            Domain::AtLeast(bound) => x.range.lo >= bound,
            Domain::Above(bound) => x.range.lo > bound,
            Domain::Unit => x.range.lo >= -1.0 && x.range.hi <= 1.0,
            Domain::InsideUnit => x.range.lo > -1.0 && x.range.hi < 1.0,
            Domain::Finite => x.range.lo > f64::NEG_INFINITY && x.range.hi < f64::INFINITY,
            Domain::NoPole | Domain::FiniteNoPole => x.range.lo > 0.0,
        };
        if known {
            return;
        }
        let id = self.id(x);
        let outside = match domain {
            Domain::All => return,
            Domain::AtLeast(bound) => {
                let bound = self.b.float(bound);
                self.b.compare(CompareOp::Lt, id, bound)
            }
            Domain::Above(bound) => {
                let bound = self.b.float(bound);
                self.b.compare(CompareOp::Le, id, bound)
            }
            Domain::Finite => {
                let magnitude = self.b.unary(omply_ir::UnaryOp::Abs, id);
                let infinity = self.b.float(f64::INFINITY);
                self.b.compare(CompareOp::Eq, magnitude, infinity)
            }
            Domain::NoPole | Domain::FiniteNoPole => {
                let floor = self.math_op(MathFn::Floor, &[x]);
                let (floor, zero) = (self.id(&floor), self.b.float(0.0));
                let whole = self.b.compare(CompareOp::Eq, floor, id);
                let low = self.b.compare(CompareOp::Le, id, zero);
                let pole = self.b.binary(BinaryOp::And, whole, low);
                if domain == Domain::NoPole {
                    pole
                } else {
                    let infinity = self.b.float(f64::NEG_INFINITY);
                    let finite = self.b.compare(CompareOp::Gt, id, infinity);
                    self.b.binary(BinaryOp::And, pole, finite)
                }
            }
            Domain::Unit | Domain::InsideUnit => {
                let magnitude = self.b.unary(omply_ir::UnaryOp::Abs, id);
                let one = self.b.float(1.0);
                let op = if domain == Domain::Unit {
                    CompareOp::Gt
                } else {
                    CompareOp::Ge
                };
                self.b.compare(op, magnitude, one)
            }
        };
        let inside = self.b.unary(omply_ir::UnaryOp::Not, outside);
        self.domain_error(inside, span);
    }

    /// The parts of `cmath` that need no complex elementary functions.
    pub fn cmath_call(&mut self, name: &str, call: Args<'_>) -> Val {
        let Some(values) = self.positional(name, call, 1..=1) else {
            return Val::never();
        };
        let value = self.convert(&values[0], &Ty::Complex);
        let span = call.span;
        match name {
            _ if !values[0].ty.is_number() => self.unknown_function(&format!("cmath.{name}"), span),
            "phase" => {
                let (re, im) = (self.part(&value, false), self.part(&value, true));
                self.math_op(MathFn::Atan2, &[&im, &re])
            }
            "polar" => {
                let radius = self.abs(&value, span);
                let (re, im) = (self.part(&value, false), self.part(&value, true));
                let phase = self.math_op(MathFn::Atan2, &[&im, &re]);
                Val::tuple(vec![radius, phase])
            }
            "exp" => {
                let (re, im) = (self.part(&value, false), self.part(&value, true));
                let radius = self.math_op(MathFn::Exp, &[&re]);
                let (cos, sin) = (
                    self.math_op(MathFn::Cos, &[&im]),
                    self.math_op(MathFn::Sin, &[&im]),
                );
                let (radius, cos, sin) = (self.id(&radius), self.id(&cos), self.id(&sin));
                let re = self.b.binary(BinaryOp::Mul, radius, cos);
                let im = self.b.binary(BinaryOp::Mul, radius, sin);
                let ty = Type::Scalar(omply_ir::Scalar::C128);
                Val::new(Ty::Complex, self.b.emit(Op::ComplexNew { re, im }, ty))
            }
            "isnan" | "isinf" | "isfinite" => {
                let func = match name {
                    "isnan" => MathFn::IsNan,
                    "isinf" => MathFn::IsInf,
                    _ => MathFn::IsFinite,
                };
                let parts = [self.part(&value, false), self.part(&value, true)];
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
                    BinaryOp::And
                } else {
                    BinaryOp::Or
                };
                Val::new(Ty::Bool, self.b.binary(op, a, b))
            }
            _ => self.unknown_function(&format!("cmath.{name}"), span),
        }
    }
}

/// For functions whose results can leave the floats: arguments up to this size keep them inside.
fn overflow_limit(func: MathFn) -> Option<f64> {
    Some(match func {
        MathFn::Exp | MathFn::Expm1 | MathFn::Sinh | MathFn::Cosh => 709.0,
        MathFn::Exp2 => 1023.0,
        MathFn::Gamma | MathFn::LogGamma => 0.0,
        _ => return None,
    })
}

/// Whether only large positive arguments lead out of the floats.
fn grows_upwards(func: MathFn) -> bool {
    matches!(func, MathFn::Exp | MathFn::Expm1 | MathFn::Exp2)
}
