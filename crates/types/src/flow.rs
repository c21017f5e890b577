//! What names stand for along the control flow: the type a name has at one place, whether it is bound there, and
//! how two such states meet.

use crate::promote::unify;
use crate::ty::Ty;
use crate::value::{Repr, Val};
use omply_diagnostics::Span;
use omply_syntax::hir::VarId;

/// The state of one name at one place.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// Certainly not bound.
    Unbound,
    /// The private copy of a construct, on entry: certainly no value yet; zero where only some path leads to a read.
    Private,
    Bound(Bound),
    /// Holds values of types that do not unify; an error only if it is read.
    Conflict {
        a: (Ty, Span),
        b: (Ty, Span),
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    pub ty: Ty,
    /// Some path leads here on which the name is not bound.
    pub maybe_unbound: bool,
    /// Where it was bound.
    pub span: Span,
    /// The value of an integer literal it was bound to.
    pub literal: Option<i64>,
    /// The value itself, where no other thread or iteration can have changed it.
    pub value: Option<Val>,
}

impl Bound {
    pub fn new(ty: Ty, span: Span) -> Bound {
        Bound {
            ty,
            maybe_unbound: false,
            span,
            literal: None,
            value: None,
        }
    }
}

/// The state of every name at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    vars: Vec<Binding>,
}

impl Flow {
    pub fn new(vars: usize) -> Flow {
        Flow {
            vars: vec![Binding::Unbound; vars],
        }
    }

    pub fn get(&self, var: VarId) -> &Binding {
        &self.vars[var.index()]
    }

    pub fn set(&mut self, var: VarId, binding: Binding) {
        self.vars[var.index()] = binding;
    }

    pub fn bound_mut(&mut self, var: VarId) -> Option<&mut Bound> {
        match &mut self.vars[var.index()] {
            Binding::Bound(bound) => Some(bound),
            _ => None,
        }
    }

    pub fn vars(&self) -> impl Iterator<Item = VarId> + use<> {
        (0..self.vars.len() as u32).map(VarId)
    }

    /// The state after a block that was entered in state `entry`: values computed inside it are out of reach.
    pub fn leave(mut self, entry: &Flow) -> Flow {
        for (binding, before) in self.vars.iter_mut().zip(&entry.vars) {
            if let Binding::Bound(bound) = binding {
                let kept = match (&bound.value, before) {
                    (Some(value), Binding::Bound(before)) => {
                        is_constant(value) || before.value.as_ref() == Some(value)
                    }
                    (Some(value), _) => is_constant(value),
                    (None, _) => true,
                };
                if !kept {
                    bound.value = None;
                }
            }
        }
        self
    }

    /// The state where two paths meet.
    pub fn join(&self, other: &Flow) -> Flow {
        Flow {
            vars: self
                .vars
                .iter()
                .zip(&other.vars)
                .map(|(a, b)| join_bindings(a, b))
                .collect(),
        }
    }

    /// Whether both states give every name the same type and certainty.
    pub fn agrees(&self, other: &Flow) -> bool {
        self.vars
            .iter()
            .zip(&other.vars)
            .all(|(a, b)| match (a, b) {
                (Binding::Bound(a), Binding::Bound(b)) => {
                    a.ty == b.ty && a.maybe_unbound == b.maybe_unbound
                }
                (Binding::Unbound, Binding::Unbound)
                | (Binding::Private, Binding::Private)
                | (Binding::Conflict { .. }, Binding::Conflict { .. }) => true,
                _ => false,
            })
    }

    /// Forgets computed values, keeping constants: they cannot be reached from the code that follows.
    pub fn forget_values(&mut self) {
        for binding in &mut self.vars {
            if let Binding::Bound(bound) = binding
                && bound
                    .value
                    .as_ref()
                    .is_some_and(|value| !is_constant(value))
            {
                bound.value = None;
            }
        }
    }

    /// Forgets all that is known of `var` beside its type: another thread may change it.
    pub fn forget(&mut self, var: VarId) {
        if let Some(bound) = self.bound_mut(var) {
            bound.value = None;
            bound.literal = None;
        }
    }

    /// Forgets what is known of `var`'s value.
    pub fn forget_value(&mut self, var: VarId) {
        if let Some(bound) = self.bound_mut(var) {
            bound.value = None;
        }
    }
}

fn is_constant(value: &Val) -> bool {
    match &value.repr {
        Repr::Unit | Repr::Const(_) => true,
        Repr::Id(_) => false,
        Repr::Items(items) => items.iter().all(is_constant),
    }
}

fn join_bindings(a: &Binding, b: &Binding) -> Binding {
    match (a, b) {
        (Binding::Conflict { .. }, _) => a.clone(),
        (_, Binding::Conflict { .. }) => b.clone(),
        (Binding::Unbound, Binding::Unbound) => Binding::Unbound,
        (Binding::Private, Binding::Private | Binding::Unbound)
        | (Binding::Unbound, Binding::Private) => Binding::Private,
        (Binding::Private, Binding::Bound(bound)) | (Binding::Bound(bound), Binding::Private) => {
            Binding::Bound(Bound {
                value: None,
                literal: None,
                ..bound.clone()
            })
        }
        (Binding::Unbound, Binding::Bound(bound)) | (Binding::Bound(bound), Binding::Unbound) => {
            Binding::Bound(Bound {
                maybe_unbound: true,
                value: None,
                ..bound.clone()
            })
        }
        (Binding::Bound(x), Binding::Bound(y)) => match unify(&x.ty, x.literal, &y.ty, y.literal) {
            Some(ty) => Binding::Bound(Bound {
                maybe_unbound: x.maybe_unbound || y.maybe_unbound,
                span: if x.ty == ty { x.span } else { y.span },
                literal: if x.literal == y.literal {
                    x.literal
                } else {
                    None
                },
                value: if x.value == y.value && x.ty == y.ty {
                    x.value.clone()
                } else {
                    None
                },
                ty,
            }),
            None => Binding::Conflict {
                a: (x.ty.clone(), x.span),
                b: (y.ty.clone(), y.span),
            },
        },
    }
}
