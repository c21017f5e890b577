//! Names beyond the function: constants become values, modules and functions are resolved where they are used.

use super::function::Lowerer;
use crate::env::{GlobalValue, NumpyValue};
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{Const, Scalar, Slot, SlotId, Storage};
use omply_syntax::hir::{Expr, ExprKind, NameRef, VarId, VarKind};
use std::sync::Arc;

impl Lowerer<'_, '_> {
    /// The value of a chain of names that starts beyond the function: a module's attribute, a builtin.
    pub fn static_value(&mut self, expr: &Expr) -> Option<GlobalValue> {
        match &expr.kind {
            ExprKind::Name(NameRef::Global(global)) => {
                let entry = &self.hir.globals[global.index()];
                if entry.threadprivate {
                    return None;
                }
                Some(self.program.env.global(self.handle, &entry.name.clone()))
            }
            ExprKind::Attribute { value, attr, .. } => {
                let base = self.static_value(value)?;
                has_attributes(&base).then(|| self.program.env.attribute(&base, attr))
            }
            _ => None,
        }
    }

    pub fn read_global(&mut self, expr: &Expr, name: NameRef) -> Val {
        if let NameRef::Global(global) = name
            && self.hir.globals[global.index()].threadprivate
        {
            let name = self.hir.globals[global.index()].name.clone();
            return self.read_threadprivate(&name, expr.span);
        }
        let Some(value) = self.static_value(expr) else {
            return Val::never();
        };
        let name = self.hir.name_of(name).to_owned();
        self.constant_value(&value, &name, expr.span)
    }

    /// A value known at compile time as an operand.
    pub fn constant_value(&mut self, value: &GlobalValue, name: &str, span: Span) -> Val {
        if let Some(value) = self.as_constant(value) {
            return value;
        }
        let what = describe(value);
        match value {
            GlobalValue::Unbound => self.error(Code::UnboundName, span, format!("`{name}` is not defined")),
            GlobalValue::Object(_) => self.error_help(
                Code::NotNative,
                span,
                format!("`{name}` is {what}, which native mode cannot type"),
                "pass it as an argument if it is an array or a number, or use `@omp(mode=\"python\")`",
            ),
            _ => self.error(Code::NotNative, span, format!("`{name}` is {what}, not a value native mode can use here")),
        }
    }

    fn as_constant(&mut self, value: &GlobalValue) -> Option<Val> {
        Some(match value {
            GlobalValue::None => Val::none(),
            GlobalValue::Bool(value) => Val::bool(*value),
            GlobalValue::Int(value) => Val::int(*value),
            GlobalValue::Float(value) => Val::float(*value),
            GlobalValue::Complex(re, im) => {
                Val::constant(Ty::Complex, Const::Complex(Scalar::C128, *re, *im))
            }
            GlobalValue::NumpyScalar(scalar, value) => Val::constant(
                Ty::Np(*scalar),
                match value {
                    NumpyValue::Bool(value) => Const::Bool(*value),
                    NumpyValue::Int(value) => Const::Int(*scalar, *value),
                    NumpyValue::Float(value) => Const::Float(*scalar, *value),
                    NumpyValue::Complex(re, im) => Const::Complex(*scalar, *re, *im),
                },
            ),
            GlobalValue::Tuple(items) => Val::tuple(
                items
                    .iter()
                    .map(|item| self.as_constant(item))
                    .collect::<Option<Vec<Val>>>()?,
            ),
            _ => return None,
        })
    }

    // ---- threadprivate -----------------------------------------------------------------------------------------

    /// Gives every threadprivate global that the function binds its slot.
    pub fn bind_threadprivate(&mut self) {
        let hir = Arc::clone(&self.hir);
        for (i, var) in hir.vars.iter().enumerate() {
            let id = VarId(i as u32);
            if var.kind == VarKind::DeclaredGlobal && self.is_threadprivate(id) {
                let Some((_, ty)) = self.threadprivate_slot(&var.name, var.span) else {
                    continue;
                };
                self.flow.set(id, Binding::Bound(Bound::new(ty, var.span)));
            }
        }
    }

    /// The slot and type of a threadprivate global: the type of the value it has now.
    pub fn threadprivate_slot(&mut self, name: &str, span: Span) -> Option<(SlotId, Ty)> {
        let value = self.program.env.global(self.handle, name);
        let value = self.constant_value(&value, name, span);
        let (crate::value::Repr::Const(init), true) = (&value.repr, value.ty.is_number()) else {
            if !value.is_never() {
                self.error(
                    Code::NotNative,
                    span,
                    format!("the threadprivate variable `{name}` is not a number, as native mode needs it"),
                );
            }
            return None;
        };
        let key = self.program.env.threadprivate_key(self.handle, name);
        let init = *init;
        let storage = if self.is_groupprivate(name) {
            Storage::Groupprivate { key, init }
        } else {
            Storage::Threadprivate { key, init }
        };
        let slots = &self.b.func().slots;
        let found = slots.iter().position(|slot| slot.storage == storage);
        let slot = match found {
            Some(index) => SlotId(index as u32),
            None => self.b.add_slot(Slot {
                name: name.to_owned(),
                ty: value.ty.ir(),
                storage,
                span,
            }),
        };
        Some((slot, value.ty))
    }

    fn is_groupprivate(&self, name: &str) -> bool {
        let (globals, vars) = (&self.hir.globals, &self.hir.vars);
        globals
            .iter()
            .any(|one| one.groupprivate && one.name == name)
            || vars.iter().any(|one| one.groupprivate && one.name == name)
    }

    pub fn read_threadprivate(&mut self, name: &str, span: Span) -> Val {
        match self.threadprivate_slot(name, span) {
            Some((slot, ty)) => Val::new(ty, self.b.load_slot(slot)),
            None => Val::never(),
        }
    }

    /// Binds a name declared `global`; whether it was one.
    pub fn bind_global(&mut self, var: VarId, value: &Val, span: Span) -> bool {
        if !self.is_global(var) {
            return false;
        }
        let name = self.var_name(var);
        if !self.is_threadprivate(var) {
            self.error_help(
                Code::NotNative,
                span,
                format!("native mode cannot bind the global `{name}`"),
                "return the value, or make it `threadprivate`",
            );
            return true;
        }
        if let Some((slot, ty)) = self.threadprivate_slot(&name, span) {
            if crate::promote::unify(&ty, None, &value.ty, None).as_ref() != Some(&ty) {
                let message = format!(
                    "`{name}` is threadprivate and {ty}; it cannot become {}",
                    value.ty
                );
                self.error(Code::ConflictingTypes, span, message);
                return true;
            }
            let value = self.convert(value, &ty);
            let id = self.id(&value);
            self.b.store_slot(slot, id);
        }
        true
    }
}

fn has_attributes(value: &GlobalValue) -> bool {
    matches!(
        value,
        GlobalValue::Module(_)
            | GlobalValue::Object(_)
            | GlobalValue::NumpyFn(_)
            | GlobalValue::Dtype(_)
            | GlobalValue::ExceptionClass { .. }
    )
}

/// What a value is, in words.
pub fn describe(value: &GlobalValue) -> String {
    match value {
        GlobalValue::Module(name) => format!("the module {name}"),
        GlobalValue::Builtin(name) => format!("the builtin {name}"),
        GlobalValue::MathFn(name) => format!("the function math.{name}"),
        GlobalValue::CmathFn(name) => format!("the function cmath.{name}"),
        GlobalValue::NumpyFn(name) => format!("the function numpy.{name}"),
        GlobalValue::Dtype(scalar) => format!("the dtype {}", crate::ty::dtype_name(*scalar)),
        GlobalValue::Routine(name) => format!("the routine {name}"),
        GlobalValue::OmpFunction(_) => "an @omp function".to_owned(),
        GlobalValue::Variants(_) => "a function with variants".to_owned(),
        GlobalValue::ExceptionClass { name, .. } => format!("the exception class {name}"),
        GlobalValue::Object(name) => format!("an object of type {name}"),
        GlobalValue::Str(_) => "a string".to_owned(),
        GlobalValue::Unbound => "not defined".to_owned(),
        _ => "a constant".to_owned(),
    }
}
