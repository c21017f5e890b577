//! Arrays in a device's memory: a `target` region on that device has them as they are, and nothing else can use them but their shape.

use super::super::function::Lowerer;
use super::sharing::Copies;
use crate::flow::Binding;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{ArrayType, MapFlags, MapItem, MapOn};
use omply_syntax::hir::{Expr, ExprKind, NameRef, VarId};

impl Lowerer<'_, '_> {
    /// A name's value where the host uses it: what is in a device's memory is an error.
    pub fn host_value(&mut self, value: Val, var: VarId, span: Span) -> Val {
        if !matches!(value.ty, Ty::Device(..)) {
            return value;
        }
        let message = format!(
            "`{}` is {}, and is used outside of a `target` region",
            self.var_name(var),
            value.ty
        );
        self.error_help(
            Code::NotNative,
            span,
            message,
            "use it in a `target` region on its device, or pass what `copy_to_host()` returns",
        )
    }

    /// The variable that an expression names, where it is in a device's memory.
    fn in_device_memory(&self, expr: &Expr) -> Option<(VarId, ArrayType, i32)> {
        let ExprKind::Name(NameRef::Var(var)) = expr.kind else {
            return None;
        };
        match self.flow.get(var) {
            Binding::Bound(bound) => match bound.ty {
                Ty::Device(array, device) => Some((var, array, device)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Such a variable for those who only look at its shape.
    pub fn device_shape(&mut self, expr: &Expr) -> Option<Val> {
        let (var, array, _) = self.in_device_memory(expr)?;
        let value = self.read_var(var, expr.span);
        Some(self.as_array(&value, array))
    }

    /// An argument of a function that may use it in a region.
    pub fn argument(&mut self, expr: &Expr) -> Val {
        match self.in_device_memory(expr) {
            Some((var, ..)) => self.read_var(var, expr.span),
            None => self.expr(expr),
        }
    }

    fn as_array(&mut self, value: &Val, array: ArrayType) -> Val {
        Val::new(Ty::Array(array), self.id(value))
    }

    /// In a region the name means the array.
    pub(super) fn device_array(
        &mut self,
        var: VarId,
        (array, device): (ArrayType, i32),
        span: Span,
        copies: &mut Copies,
    ) -> MapItem {
        let value = self.read_var(var, span);
        let value = self.as_array(&value, array);
        self.enter_scope(var, copies);
        self.bind(var, value, span);
        MapItem {
            name: self.var_name(var),
            flags: MapFlags::memory_of(device),
            on: MapOn::Array(self.slot(var, &Ty::Array(array))),
        }
    }

    pub(super) fn no_copy_of_device_array(&mut self, var: VarId, span: Span) {
        let name = self.var_name(var);
        self.error_help(
            Code::NotNative,
            span,
            format!("`{name}` is in a device's memory: a region cannot have a copy of its own"),
            "make the copy before the call, or leave the clause out",
        );
    }
}
