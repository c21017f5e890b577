//! Calls: what is called decides who lowers the call.

use super::function::Lowerer;
use super::global::describe;
use crate::env::GlobalValue;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_syntax::hir::{Expr, ExprKind, Keyword};

/// Functions that look at the items of a list and keep none.
const LOOKED_THROUGH: &[&str] = &["len", "max", "min", "sum"];

/// The arguments of a call as written.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    pub args: &'a [Expr],
    pub keywords: &'a [Keyword],
    pub span: Span,
}

impl<'a> Args<'a> {
    pub fn keyword(&self, name: &str) -> Option<&'a Expr> {
        self.keywords
            .iter()
            .find(|keyword| keyword.name.as_deref() == Some(name))
            .map(|keyword| &keyword.value)
    }

    /// The argument at a position, or under its name.
    pub fn get(&self, position: usize, name: &str) -> Option<&'a Expr> {
        self.args.get(position).or_else(|| self.keyword(name))
    }
}

impl Lowerer<'_, '_> {
    pub fn call(&mut self, expr: &Expr, func: &Expr, args: &[Expr], keywords: &[Keyword]) -> Val {
        let call = Args {
            args,
            keywords,
            span: expr.span,
        };
        if let Some(starred) = args
            .iter()
            .find(|arg| matches!(arg.kind, ExprKind::Starred(_)))
        {
            return self.not_native(starred.span, "`*` arguments");
        }
        if let Some(keyword) = keywords.iter().find(|keyword| keyword.name.is_none()) {
            return self.not_native(keyword.value.span, "`**` arguments");
        }
        let Some(target) = self.static_value(func) else {
            if let ExprKind::Attribute {
                value,
                attr,
                attr_span,
            } = &func.kind
            {
                return self.method(value, attr, *attr_span, call);
            }
            let value = self.expr(func);
            if value.is_never() {
                return value;
            }
            return self.error(
                Code::WrongArguments,
                func.span,
                format!("a value of type {} is no function", value.ty),
            );
        };
        let dispatch = self.omp.dispatch.take();
        let target = match target {
            GlobalValue::Variants(handle) => match self.variant(handle, dispatch) {
                Ok(target) => target,
                Err(reason) => {
                    return self.error_help(
                        Code::UnknownFunction,
                        func.span,
                        reason,
                        "use `@omp(mode=\"python\")` for this function",
                    );
                }
            },
            target => target,
        };
        match target {
            GlobalValue::Builtin(name) => self.builtin(&name, call),
            GlobalValue::MathFn(name) => self.math_call(&name, call),
            GlobalValue::NumpyFn(name) => self.numpy_call(&name, call),
            GlobalValue::Dtype(scalar) => self.dtype_call(scalar, call),
            GlobalValue::Routine(name) => self.routine(&name, call),
            GlobalValue::OmpFunction(handle) => self.omp_call(handle, call),
            GlobalValue::CmathFn(name) => self.cmath_call(&name, call),
            GlobalValue::Object(name) => self.error_help(
                Code::UnknownFunction,
                func.span,
                format!("native mode cannot call this object of type {name}"),
                "decorate the function with `@omp`, or use `@omp(mode=\"python\")`",
            ),
            GlobalValue::Unbound => {
                let name = self.call_name(func);
                self.error(
                    Code::UnboundName,
                    func.span,
                    format!("`{name}` is not defined"),
                )
            }
            other => self.error(
                Code::UnknownFunction,
                func.span,
                format!("native mode cannot call {}", describe(&other)),
            ),
        }
    }

    /// A function that native mode does not have.
    pub fn unknown_function(&mut self, name: &str, span: Span) -> Val {
        self.error_help(
            Code::UnknownFunction,
            span,
            format!("native mode does not have {name}() for these arguments"),
            "use `@omp(mode=\"python\")`, or write it out",
        )
    }

    /// All positional arguments as values; an error if their number is not in `counts` or keywords are given.
    pub fn positional(
        &mut self,
        name: &str,
        call: Args<'_>,
        counts: std::ops::RangeInclusive<usize>,
    ) -> Option<Vec<Val>> {
        if let Some(keyword) = call.keywords.first() {
            let word = keyword.name.clone().unwrap_or_default();
            self.error(
                Code::WrongArguments,
                keyword.value.span,
                format!("native mode's {name}() does not take the argument `{word}`"),
            );
            return None;
        }
        let through = LOOKED_THROUGH.contains(&name);
        let values: Vec<Val> = call
            .args
            .iter()
            .map(|arg| {
                if through {
                    self.sequence(arg)
                } else {
                    self.expr(arg)
                }
            })
            .collect();
        if !counts.contains(&values.len()) {
            let expected = if counts.start() == counts.end() {
                counts.start().to_string()
            } else {
                format!("{} to {}", counts.start(), counts.end())
            };
            let plural = if expected == "1" { "" } else { "s" };
            let message = format!(
                "{name}() takes {expected} argument{plural}, {} given",
                values.len()
            );
            self.error(Code::WrongArguments, call.span, message);
            return None;
        }
        if values.iter().any(Val::is_never) {
            return None;
        }
        Some(values)
    }

    fn call_name(&self, func: &Expr) -> String {
        match &func.kind {
            ExprKind::Attribute { attr, .. } => attr.clone(),
            ExprKind::Name(name) => self.hir.name_of(*name).to_owned(),
            _ => "this".to_owned(),
        }
    }
}
