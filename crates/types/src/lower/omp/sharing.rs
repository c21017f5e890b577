//! Data sharing: the copies of variables that a construct makes, and the types that shared variables keep.

use super::super::Pin;
use super::super::function::{Lowerer, ScopeId};
use super::Construct;
use super::conditional::Conditional;
use super::declared::Declared;
use super::everyone::Contribution;
use super::linear::Linear;
use super::scan::scans;
use crate::flow::{Binding, Bound, Flow};
use crate::promote::unify;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{Origin, ReductionModifier, Region, Sharing, VarFact};
use omply_diagnostics::Span;
use omply_ir::{ArrayType, ErrorKind, Init, Layout, Op, ReduceItem, SlotId, Type};
use omply_spec::{LeafKind, ReductionOp};
use omply_syntax::hir::{DirId, NameRef, VarId};

/// A name that means something else inside a construct, and what it meant before.
pub struct Saved {
    var: VarId,
    scope: ScopeId,
    binding: Binding,
}

/// What a construct has to do with its copies at its end.
#[derive(Default)]
pub struct Copies {
    saved: Vec<Saved>,
    pub reductions: Vec<(VarId, ReductionOp, Span)>,
    /// Reductions whose operators are declared.
    pub declared: Vec<(VarId, Declared, Span)>,
    /// Reductions of array sections: views of the array outside and of the copy.
    pub sections: Vec<ReduceItem>,
    pub lastprivates: Vec<(VarId, Span)>,
    pub linears: Vec<Linear>,
    /// A variable outside that some thread changes at the end is read at the start by all.
    pub read_first: bool,
    /// Of `lastprivate(conditional: ...)`.
    pub conditional: Conditional,
    /// Of `reduction(original(private), ...)`.
    pub contributions: Vec<Contribution>,
}

impl Copies {
    pub fn has(&self, var: VarId) -> bool {
        self.saved.iter().any(|saved| saved.var == var)
    }

    /// The type of the variable that `var` is a copy of.
    pub fn outer_type(&self, var: VarId) -> Option<Ty> {
        match &self.saved.iter().find(|saved| saved.var == var)?.binding {
            Binding::Bound(bound) => Some(bound.ty.clone()),
            _ => None,
        }
    }
}

impl Lowerer<'_, '_> {
    /// Gives names that are bound only inside a construct a life of their own.
    pub fn open_locals(&mut self, construct: Construct<'_>) -> Vec<Saved> {
        let mut saved = Vec::new();
        for name in &construct.facts.locals {
            if let NameRef::Var(var) = *name
                && matches!(self.flow.get(var), Binding::Unbound)
            {
                saved.push(Saved {
                    var,
                    scope: self.scope_of[var.index()],
                    binding: self.flow.get(var).clone(),
                });
            }
        }
        saved
    }

    /// Starts the local names' own scope; inside the parallel region where there is one.
    pub fn enter_locals(&mut self, construct: Construct<'_>) {
        let mut scope = None;
        for name in &construct.facts.locals {
            if let NameRef::Var(var) = *name
                && matches!(self.flow.get(var), Binding::Unbound)
            {
                let scope = *scope.get_or_insert_with(|| self.new_scope());
                self.scope_of[var.index()] = scope;
                self.reset_flag(var, false);
            }
        }
    }

    pub fn close_locals(&mut self, saved: Vec<Saved>) {
        self.restore(saved);
    }

    fn restore(&mut self, saved: Vec<Saved>) {
        for Saved {
            var,
            scope,
            binding,
        } in saved.into_iter().rev()
        {
            self.scope_of[var.index()] = scope;
            self.flow.set(var, binding);
        }
    }

    // ---- shared variables --------------------------------------------------------------------------------------

    /// Fixes the type of `var` for a construct: what it is now, joined with all that the construct assigns to it
    /// (as earlier rounds found). Converts it here if need be.
    pub fn fix_type(&mut self, var: VarId, dir: DirId, span: Span) -> Option<Ty> {
        let known = self.memory.pins.get(&(dir, var)).cloned();
        let Binding::Bound(bound) = self.flow.get(var).clone() else {
            return known.map(|known| known.ty);
        };
        let joined = match &known {
            Some(known) => unify(&known.ty, known.literal, &bound.ty, bound.literal),
            None => Some(bound.ty.clone()),
        };
        let Some(joined) = joined else {
            // Reported where the conflicting value is assigned.
            return known.map(|known| known.ty);
        };
        let literal = bound
            .literal
            .filter(|_| known.is_none_or(|known| known.literal == bound.literal));
        self.memory.pins.insert(
            (dir, var),
            Pin {
                ty: joined.clone(),
                literal,
            },
        );
        if joined != bound.ty {
            let value = match &bound.value {
                Some(value) => value.clone(),
                None => self.load_var(var, &bound.ty),
            };
            let value = self.convert(&value, &joined);
            let maybe_unbound = bound.maybe_unbound;
            if maybe_unbound {
                self.store_var(var, &value);
                self.flow.set(
                    var,
                    Binding::Bound(Bound {
                        maybe_unbound,
                        ..Bound::new(joined.clone(), span)
                    }),
                );
            } else {
                self.bind(var, value, span);
            }
        }
        Some(joined)
    }

    /// Pins a shared variable that the construct assigns.
    pub fn pin_shared(
        &mut self,
        var: VarId,
        dir: DirId,
        span: Span,
        pinned: &mut Vec<(VarId, ScopeId)>,
    ) {
        let key = (var, self.scope_of[var.index()]);
        if self.pins.contains_key(&key) {
            return;
        }
        self.fix_type(var, dir, span);
        self.flow.forget(var);
        self.pins.insert(key, dir);
        pinned.push(key);
    }

    pub fn unpin(&mut self, pinned: Vec<(VarId, ScopeId)>) {
        for key in pinned {
            self.pins.remove(&key);
        }
    }

    /// The state after a construct whose copies are gone: what stands in `entry`, with what the construct did to
    /// the variables it shares.
    pub fn after_shared(&mut self, entry: Flow, shared: impl IntoIterator<Item = VarId>) {
        let end = std::mem::replace(&mut self.flow, entry);
        for var in shared {
            self.flow.set(var, end.get(var).clone());
        }
    }

    // ---- copies ------------------------------------------------------------------------------------------------

    /// Makes the copies of a leaf's variables. Runs where each thread runs.
    pub fn open_copies(&mut self, dir: DirId, region: &Region, copies: &mut Copies) {
        let conditionals = copies.conditional.vars.len();
        for fact in &region.vars {
            let NameRef::Var(var) = fact.name else {
                self.global_copy(fact);
                continue;
            };
            if copies.has(var) {
                continue;
            }
            self.with_clause(fact, |s| s.open_copy(dir, region, var, fact, copies));
        }
        if copies.conditional.vars.len() > conditionals {
            self.share_conditional(copies);
        }
    }

    /// Makes the copy of one variable.
    fn open_copy(
        &mut self,
        dir: DirId,
        region: &Region,
        var: VarId,
        fact: &VarFact,
        copies: &mut Copies,
    ) {
        match &fact.sharing {
            Sharing::Shared | Sharing::Threadprivate => {}
            Sharing::Private => self.private(var, copies),
            Sharing::Firstprivate => self.firstprivate(var, fact.span, copies),
            Sharing::Lastprivate { first, conditional } => {
                if *first {
                    copies.read_first = true;
                    self.firstprivate(var, fact.span, copies);
                } else {
                    self.private(var, copies);
                }
                self.pins.insert((var, self.scope_of[var.index()]), dir);
                self.seed_pin(var, dir);
                if *conditional {
                    self.open_conditional(var, fact.span, copies);
                } else {
                    copies.lastprivates.push((var, fact.span));
                }
            }
            // The loop itself deals with it.
            Sharing::Reduction { .. } if scans(fact) => {}
            Sharing::Reduction {
                op,
                original_private: true,
                ..
            } if is_worksharing(region.leaf) && fact.section.is_none() => {
                self.open_contribution(var, *op, dir, fact.span, copies);
            }
            Sharing::Reduction { op, modifier, .. } => {
                let outer = self.scope_of[var.index()];
                let parts = self.omp.parts.get(&(var, outer)).copied();
                if parts.is_some() && fact.section.is_some() {
                    let what = "a section of an array in a reduction of a region's tasks";
                    self.unsupported_clause(what, fact.span);
                }
                match &fact.section {
                    Some(section) => self.open_section(var, *op, section, fact, copies),
                    None => self.open_reduction(var, *op, dir, fact.span, copies),
                }
                // Tasks of a task may end after it: their parts go where its own does.
                let of_task = matches!(region.leaf, LeafKind::Task | LeafKind::Taskloop);
                if *modifier == ReductionModifier::Task || of_task || parts.is_some() {
                    let inner = self.scope_of[var.index()];
                    self.omp.parts.insert((var, inner), parts.unwrap_or(outer));
                }
            }
            // A loop's own variable follows its loop.
            Sharing::Linear { .. } if fact.origin != Origin::Explicit => {}
            Sharing::Linear { .. } | Sharing::Induction { .. } => {
                copies.read_first = true;
                let linear = self.linear(var, fact);
                self.firstprivate(var, fact.span, copies);
                self.pins.insert((var, self.scope_of[var.index()]), dir);
                self.seed_pin(var, dir);
                copies.lastprivates.push((var, fact.span));
                copies.linears.extend(linear);
            }
        }
    }

    /// Where the team's threads make copies of what one of them overwrites, all have made theirs before that.
    pub(super) fn all_have_read(&mut self, copies: &Copies) {
        if copies.read_first {
            self.b.effect(Op::Barrier);
        }
    }

    pub fn global_copy(&mut self, fact: &VarFact) {
        if !matches!(
            fact.sharing,
            Sharing::Shared | Sharing::Threadprivate | Sharing::Firstprivate
        ) {
            self.error_help(
                omply_diagnostics::Code::NotNative,
                fact.span,
                "native mode makes no private copies of module globals",
                "assign the global to a local name before the construct",
            );
        }
    }

    /// A lastprivate copy that starts with a value fixes its type by it.
    fn seed_pin(&mut self, var: VarId, dir: DirId) {
        if let Binding::Bound(bound) = self.flow.get(var).clone() {
            self.pinned_type(var, dir, &bound.ty, bound.span);
        }
    }

    /// From here on, until `close_copies`, the name means a copy.
    pub fn enter_scope(&mut self, var: VarId, copies: &mut Copies) {
        copies.saved.push(Saved {
            var,
            scope: self.scope_of[var.index()],
            binding: self.flow.get(var).clone(),
        });
        self.scope_of[var.index()] = self.new_scope();
    }

    /// A copy without a value; an array copy has memory of its own.
    pub fn private(&mut self, var: VarId, copies: &mut Copies) {
        let outer = self.flow.get(var).clone();
        let array = match &outer {
            Binding::Bound(Bound {
                ty: ty @ Ty::Array(_),
                maybe_unbound: false,
                ..
            }) => {
                let ty = ty.clone();
                Some(self.load_var(var, &ty))
            }
            _ => None,
        };
        self.enter_scope(var, copies);
        match array {
            Some(array) => {
                let copy = self.like(&array, Init::Uninit);
                self.bind(var, copy, Span::default());
            }
            None => {
                self.reset_flag(var, false);
                self.flow.set(var, Binding::Private);
            }
        }
    }

    pub fn firstprivate(&mut self, var: VarId, span: Span, copies: &mut Copies) {
        let value = self.read_var(var, span);
        let copy = if value.ty.array().is_some() {
            self.array_copy(&value, span)
        } else {
            value
        };
        self.enter_scope(var, copies);
        self.bind(var, copy, span);
    }

    /// Gives the names their meaning outside back; the flow's state of them is the one before the construct.
    pub fn close_copies(&mut self, copies: Copies) {
        for saved in &copies.saved {
            let key = (saved.var, self.scope_of[saved.var.index()]);
            self.pins.remove(&key);
            self.omp.reductions.remove(&key);
            self.omp.assignments.remove(&key);
        }
        self.restore(copies.saved);
    }

    /// Runs `run` with `var` meaning what it means outside of the copies.
    pub fn outside<T>(
        &mut self,
        copies: &Copies,
        var: VarId,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let inner = self.scope_of[var.index()];
        let inner_binding = self.flow.get(var).clone();
        if let Some(saved) = copies.saved.iter().find(|saved| saved.var == var) {
            self.scope_of[var.index()] = saved.scope;
            self.flow.set(var, saved.binding.clone());
        }
        let result = run(self);
        self.scope_of[var.index()] = inner;
        self.flow.set(var, inner_binding);
        result
    }

    /// Remembers what the construct did to the variable outside.
    pub fn outer_binding(&mut self, copies: &mut Copies, var: VarId, binding: Binding) {
        if let Some(saved) = copies.saved.iter_mut().find(|saved| saved.var == var) {
            saved.binding = binding;
        }
    }

    /// The slot of the variable outside, and that of the copy, both of type `ty`.
    pub fn slot_pair(&mut self, copies: &Copies, var: VarId, ty: &Ty) -> Option<(SlotId, SlotId)> {
        let outer = copies.saved.iter().find(|saved| saved.var == var)?.scope;
        // The copy of a region's thread is that thread's; what tasks make goes to the variable outside.
        let outer = self.omp.parts.get(&(var, outer)).copied().unwrap_or(outer);
        let shared = self.slot_in(var, outer, ty);
        Some((shared, self.slot(var, ty)))
    }

    // ---- arrays ------------------------------------------------------------------------------------------------

    /// New memory of an array's shape and dtype.
    pub fn like(&mut self, array: &Val, init: Init) -> Val {
        let Some(ty) = array.ty.array() else {
            return Val::never();
        };
        let ty = ArrayType {
            layout: if ty.layout == Layout::F {
                Layout::F
            } else {
                Layout::C
            },
            ..ty
        };
        let id = self.id(array);
        let shape = (0..ty.ndim).map(|axis| self.b.dim(id, axis)).collect();
        let site = self.site(ErrorKind::Memory, "cannot allocate an array", self.b.span());
        let op = Op::Alloc {
            shape,
            init,
            from: self.omp.allocate,
            site,
        };
        Val::new(Ty::Array(ty), self.b.emit(op, Type::Array(ty)))
    }

    pub fn array_copy(&mut self, array: &Val, span: Span) -> Val {
        let copy = self.like(array, Init::Uninit);
        let site = self.site(ErrorKind::Value, "arrays differ in shape", span);
        let (dst, src) = (self.id(&copy), self.id(array));
        self.b.effect(Op::ArrayCopy { dst, src, site });
        copy
    }
}

/// Whether the threads of a team divide the construct's work.
fn is_worksharing(leaf: LeafKind) -> bool {
    matches!(leaf, LeafKind::For | LeafKind::Sections | LeafKind::Scope)
}
