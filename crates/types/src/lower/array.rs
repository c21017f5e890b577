//! stub
use super::call::Args;
use super::function::Lowerer;
use crate::value::Val;
use omply_diagnostics::Span;
use omply_ir::Scalar;
use omply_syntax::hir::Expr;
impl Lowerer<'_, '_> {
    pub fn attribute(&mut self, _e: &Expr, _v: &Expr, _a: &str, span: Span) -> Val {
        self.not_native(span, "x")
    }
    pub fn method(&mut self, _v: &Expr, _a: &str, span: Span, _c: Args<'_>) -> Val {
        self.not_native(span, "x")
    }
    pub fn builtin(&mut self, _v: &str, c: Args<'_>) -> Val {
        self.not_native(c.span, "x")
    }
    pub fn math_call(&mut self, _v: &str, c: Args<'_>) -> Val {
        self.not_native(c.span, "x")
    }
    pub fn cmath_call(&mut self, _v: &str, c: Args<'_>) -> Val {
        self.not_native(c.span, "x")
    }
    pub fn numpy_call(&mut self, _v: &str, c: Args<'_>) -> Val {
        self.not_native(c.span, "x")
    }
    pub fn dtype_call(&mut self, _v: Scalar, c: Args<'_>) -> Val {
        self.not_native(c.span, "x")
    }
}
