//! Subscripts.

use super::function::Lowerer;
use crate::value::Val;
use omply_diagnostics::Span;
use omply_ir::{ArrayType, IndexCheck, ValueId};
use omply_syntax::hir::{BinaryOp, Expr};

impl Lowerer<'_, '_> {
    pub fn subscript(&mut self, _base: &Val, _index: &Expr, span: Span) -> Val {
        self.not_native(span, "x")
    }
    pub fn store_subscript(&mut self, _base: &Val, _index: &Expr, _value: Val, span: Span) {
        self.not_native(span, "x");
    }
    pub fn aug_assign_element(
        &mut self,
        _base: &Expr,
        _index: &Expr,
        _op: BinaryOp,
        _value: &Expr,
        span: Span,
    ) {
        self.not_native(span, "x");
    }
    pub fn aug_assign_array(&mut self, _a: &Val, _op: BinaryOp, _value: &Expr, span: Span) {
        self.not_native(span, "x");
    }
    pub fn unpack_array(&mut self, _value: &Val, _count: usize, _span: Span) -> Vec<Val> {
        Vec::new()
    }
    pub fn row(&mut self, _a: ValueId, _t: ArrayType, _i: ValueId, _c: IndexCheck) -> Val {
        Val::never()
    }
}
