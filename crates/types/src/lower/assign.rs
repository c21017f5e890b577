//! Names and assignment: reading and binding variables, unpacking, augmented assignment, `del`.

use super::Pin;
use super::function::Lowerer;
use crate::flow::{Binding, Bound};
use crate::promote::unify;
use crate::ty::Ty;
use crate::value::{Repr, Val};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_ir::{Const, ErrorKind};
use omply_syntax::hir::{BinaryOp, Expr, ExprKind, NameRef, Target, VarId, VarKind};

impl Lowerer<'_, '_> {
    pub fn var_name(&self, var: VarId) -> String {
        self.hir.vars[var.index()].name.clone()
    }

    /// The value in the slot of `var` while it is a `ty`.
    pub fn load_var(&mut self, var: VarId, ty: &Ty) -> Val {
        if matches!(ty, Ty::None | Ty::Never) {
            return Val {
                ty: ty.clone(),
                ..Val::none()
            };
        }
        let slot = self.slot(var, ty);
        Val::new(ty.clone(), self.b.load_slot(slot))
    }

    /// Stores into the slot of `var` for the value's type, without telling the flow.
    pub fn store_var(&mut self, var: VarId, value: &Val) {
        if matches!(value.ty, Ty::None | Ty::Never) {
            return;
        }
        let slot = self.slot(var, &value.ty);
        let id = self.id(value);
        self.b.store_slot(slot, id);
    }

    // ---- reading -----------------------------------------------------------------------------------------------

    pub fn read_var(&mut self, var: VarId, span: Span) -> Val {
        if self.is_global(var) {
            let name = self.var_name(var);
            if self.is_threadprivate(var) {
                return self.read_threadprivate(&name, span);
            }
            let value = self.program.env.global(self.handle, &name);
            return self.constant_value(&value, &name, span);
        }
        match self.flow.get(var).clone() {
            Binding::Bound(bound) => {
                if bound.maybe_unbound && bound.ty != Ty::Never {
                    self.check_bound(var, span);
                }
                match bound.value {
                    Some(value) => value,
                    None => self.load_var(var, &bound.ty),
                }
            }
            Binding::Unbound => {
                let name = self.var_name(var);
                self.error(
                    Code::UnboundName,
                    span,
                    format!("`{name}` has no value here"),
                );
                self.poison(var, span)
            }
            Binding::Private => {
                let name = self.var_name(var);
                self.error_help(
                    Code::UnboundName,
                    span,
                    format!("`{name}` is private here and has no value yet"),
                    format!("assign it first, or write `firstprivate({name})`"),
                );
                self.poison(var, span)
            }
            Binding::Conflict { a, b } => {
                let name = self.var_name(var);
                self.report(
                    Diagnostic::error(
                        Code::ConflictingTypes,
                        span,
                        format!("`{name}` may be {} or {} here", a.0, b.0),
                    )
                    .secondary(a.1, format!("{} here", a.0))
                    .secondary(b.1, format!("{} here", b.0))
                    .help("use two names, or values of one type"),
                );
                self.poison(var, span)
            }
        }
    }

    /// Whether the name means the module's variable here.
    pub fn is_global(&self, var: VarId) -> bool {
        self.hir.vars[var.index()].kind == VarKind::DeclaredGlobal
            && self.scope_of[var.index()].0 == 0
    }

    /// The type of a variable that must have a value here.
    pub fn type_of_var(&mut self, var: VarId, span: Span) -> Ty {
        match self.flow.get(var).clone() {
            Binding::Bound(bound) => {
                if bound.maybe_unbound && bound.ty != Ty::Never {
                    self.check_bound(var, span);
                }
                bound.ty
            }
            _ => self.read_var(var, span).ty,
        }
    }

    /// One error for a name is enough.
    fn poison(&mut self, var: VarId, span: Span) -> Val {
        self.flow
            .set(var, Binding::Bound(Bound::new(Ty::Never, span)));
        Val::never()
    }

    /// Raises `UnboundLocalError` unless the name's flag is set; a name's flag exists from the next round on.
    fn check_bound(&mut self, var: VarId, span: Span) {
        let Some(flag) = self.flag(var) else {
            self.memory.flagged.insert(var);
            self.program.again = true;
            return;
        };
        let bound = self.b.load_slot(flag);
        let message = format!(
            "cannot access local variable '{}' where it is not associated with a value",
            self.var_name(var)
        );
        self.check(bound, ErrorKind::UnboundLocal, &message, span, Vec::new());
        // Another thread may unbind a shared name, but not by anything a correct program does.
        if let Some(bound) = self.flow.bound_mut(var) {
            bound.maybe_unbound = false;
        }
    }

    // ---- binding -----------------------------------------------------------------------------------------------

    pub fn bind(&mut self, var: VarId, value: Val, span: Span) {
        if self.bind_global(var, &value, span) {
            return;
        }
        if matches!(self.hir.vars[var.index()].kind, VarKind::DeclaredNonlocal) {
            let name = self.var_name(var);
            self.error(
                Code::NotNative,
                span,
                format!("native mode cannot bind the enclosing function's `{name}`"),
            );
            return;
        }
        if let Some(flag) = self.flag(var) {
            let yes = self.b.bool(true);
            self.b.store_slot(flag, yes);
        }
        let scope = self.scope_of[var.index()];
        if let Some(&dir) = self.pins.get(&(var, scope)) {
            let Some(ty) = self.pinned_type(var, dir, &value.ty, span) else {
                return;
            };
            let value = self.convert(&value, &ty);
            self.store_var(var, &value);
            self.flow.set(var, Binding::Bound(Bound::new(ty, span)));
            self.note_assignment(var, scope, &value);
            return;
        }
        let mut value = value;
        if matches!(value.repr, Repr::Items(_)) {
            value = Val::new(value.ty.clone(), self.id(&value));
        }
        self.store_var(var, &value);
        let literal = match value.repr {
            Repr::Const(Const::Int(_, literal)) if value.ty == Ty::Int => Some(literal),
            _ => None,
        };
        // Arrays stay in their slots, which own them.
        let keep = value.ty.is_number();
        self.flow.set(
            var,
            Binding::Bound(Bound {
                literal,
                value: keep.then(|| value.clone()),
                ..Bound::new(value.ty, span)
            }),
        );
    }

    /// The type of a pinned variable once it also takes a `ty`.
    pub fn pinned_type(
        &mut self,
        var: VarId,
        dir: omply_syntax::hir::DirId,
        ty: &Ty,
        span: Span,
    ) -> Option<Ty> {
        let Some(before) = self.memory.pins.get(&(dir, var)).cloned() else {
            self.memory.pins.insert(
                (dir, var),
                Pin {
                    ty: ty.clone(),
                    literal: None,
                },
            );
            return Some(ty.clone());
        };
        let Some(joined) = unify(&before.ty, before.literal, ty, None) else {
            let name = self.var_name(var);
            self.error_help(
                Code::ConflictingTypes,
                span,
                format!(
                    "`{name}` is {} throughout this construct and cannot become {ty}",
                    before.ty
                ),
                format!("use another name, or make `{name}` private"),
            );
            return None;
        };
        if joined != before.ty {
            self.memory.pins.insert(
                (dir, var),
                Pin {
                    ty: joined.clone(),
                    literal: None,
                },
            );
            self.program.again = true;
        }
        Some(joined)
    }

    pub fn unbind(&mut self, var: VarId) {
        self.reset_flag(var, false);
        self.flow.set(var, Binding::Unbound);
    }

    // ---- targets -----------------------------------------------------------------------------------------------

    pub fn assign(&mut self, target: &Target, value: Val) {
        match target {
            Target::Name { name, span } => self.assign_name(*name, value, *span),
            Target::Subscript {
                value: base,
                index,
                span,
            } => {
                let base = self.expr(base);
                self.store_subscript(&base, index, value, *span);
            }
            Target::Attribute { attr, span, .. } => {
                self.not_native(*span, &format!("assignment to an attribute (`.{attr}`)"));
            }
            Target::Tuple { items, span } => {
                let values = self.unpack(&value, items.len(), *span);
                for (item, value) in items.iter().zip(values) {
                    self.assign(item, value);
                }
            }
            Target::Starred { span, .. } => {
                self.not_native(*span, "starred assignment targets");
            }
        }
    }

    pub fn assign_name(&mut self, name: NameRef, value: Val, span: Span) {
        match name {
            NameRef::Var(var) => self.bind(var, value, span),
            NameRef::Global(_) => {
                let name = self.hir.name_of(name).to_owned();
                self.error(
                    Code::NotNative,
                    span,
                    format!("native mode cannot bind the global `{name}`"),
                );
            }
        }
    }

    /// `count` values out of a tuple or a one-dimensional array.
    fn unpack(&mut self, value: &Val, count: usize, span: Span) -> Vec<Val> {
        match &value.ty {
            Ty::Tuple(items) if items.len() == count => self.items(value),
            Ty::Tuple(items) => {
                let found = items.len();
                let message = format!("{found} values are unpacked into {count} names");
                vec![self.error(Code::WrongOperands, span, message); count]
            }
            Ty::Array(array) if array.ndim >= 1 => self.unpack_array(value, count, span),
            Ty::Never => vec![Val::never(); count],
            other => {
                let message = format!("{other} cannot be unpacked");
                vec![self.error(Code::WrongOperands, span, message); count]
            }
        }
    }

    pub fn assign_all(&mut self, targets: &[Target], value: &Expr) {
        // `a, b = b, a`: every item is evaluated before the first name changes.
        let value = self.assigned_value(targets, |s| s.expr(value));
        for target in targets {
            self.assign(target, value.clone());
        }
    }

    pub fn aug_assign(&mut self, target: &Target, op: BinaryOp, value: &Expr, span: Span) {
        match target {
            Target::Name {
                name: NameRef::Var(var),
                span: name_span,
            } => {
                let left = self.read_var(*var, *name_span);
                if left.ty.array().is_some() {
                    self.aug_assign_array(&left, op, value, span);
                    return;
                }
                let right = self.expr(value);
                let reassoc = self.reduction_operand(*var, op);
                let result = self.binary(op, &left, &right, span, reassoc);
                self.bind(*var, result, *name_span);
            }
            Target::Subscript {
                value: base,
                index,
                span: place,
            } => {
                self.aug_assign_element(base, index, op, value, *place);
            }
            Target::Name {
                name,
                span: name_span,
            } => self.assign_name(*name, Val::never(), *name_span),
            other => self.assign(other, Val::never()),
        }
    }

    pub fn delete(&mut self, target: &Target) {
        match target {
            Target::Name {
                name: NameRef::Var(var),
                span,
            } => {
                self.read_var(*var, *span);
                self.unbind(*var);
            }
            Target::Tuple { items, .. } => items.iter().for_each(|item| self.delete(item)),
            other => {
                self.not_native(other.span(), "`del` of anything but a name");
            }
        }
    }

    /// The variable a name expression means.
    pub fn as_var(expr: &Expr) -> Option<VarId> {
        match expr.kind {
            ExprKind::Name(NameRef::Var(var)) => Some(var),
            _ => None,
        }
    }
}
