//! `task`, `taskgroup`, `taskwait`, `taskyield`: work that runs now or later. A task's private variables take their values
//! where the task is generated; a variable that it shares and assigns keeps one type from there on, because nobody can
//! tell when the task runs.

use super::super::function::{Lowerer, ScopeId};
use super::super::scan;
use super::Construct;
use super::sharing::Copies;
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{Nowait, Origin, Region, Sharing, Transparent, VarFact};
use omply_diagnostics::Span;
use omply_ir::{Op, Task, TaskClauses, Type, ValueId};
use omply_syntax::hir::{DirId, Expr, NameRef, VarId};

/// What a task's own variable starts from.
pub(super) struct Start {
    var: VarId,
    span: Span,
    /// Nothing where the variable certainly has no value yet.
    value: Option<Val>,
    /// Whether the variable has a value at all, where that is only known at run time.
    bound: Option<ValueId>,
}

impl Start {
    /// Of a variable that begins without a value.
    pub(super) fn unbound(var: VarId, span: Span) -> Start {
        Start {
            var,
            span,
            value: None,
            bound: None,
        }
    }
}

impl Lowerer<'_, '_> {
    pub(super) fn task(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let mut clauses = self.task_clauses(region);
        clauses.detach = self.detach(region);
        let mut pinned = self.pin_task_shared(construct, k);
        self.pin_reductions(construct.facts.id, region, &mut pinned);
        let starts = self.starts(region);

        let entry = self.flow.clone();
        self.b.open_block();
        self.locals.push(Vec::new());
        self.flow.forget_values();
        let mut copies = Copies::default();
        self.open_starts(starts, &mut copies);
        self.open_copies(construct.facts.id, region, &mut copies);
        self.enter_locals(construct);
        self.region(construct, k + 1);
        self.live = true;
        let last = self.b.bool(false);
        self.finish_copies(copies, last);
        let locals = self.locals.pop().unwrap_or_default();
        let body = self.b.close_block();
        self.b.set_span(construct.directive.head_span);
        self.b.effect(Op::Task(Box::new(Task {
            clauses,
            locals,
            body,
        })));
        self.after_shared(entry, pinned.iter().map(|(var, _)| *var));
    }

    pub(super) fn taskgroup(&mut self, construct: Construct<'_>) {
        // What the group reduces takes the parts itself.
        let reduced = &construct.facts.regions[0].task_reductions;
        let keys = reduced.iter().filter_map(|(name, _)| match name {
            NameRef::Var(var) => Some((*var, self.scope_of[var.index()])),
            NameRef::Global(_) => None,
        });
        let keys: Vec<_> = keys.collect();
        let parts: Vec<_> = keys
            .into_iter()
            .filter_map(|key| Some((key, self.omp.parts.remove(&key)?)))
            .collect();
        let body = self.straight(construct);
        self.omp.parts.extend(parts);
        self.b.effect(Op::TaskGroup { body });
    }

    /// The block is executed every time, which generates the tasks with what their variables hold then.
    pub(super) fn taskgraph(&mut self, construct: Construct<'_>, region: &Region) {
        if let Some(id) = &region.graph_id {
            let value = self.expr(id);
            self.index_value(&value, id.span);
        }
        for clause in [&region.graph_reset, &region.if_].into_iter().flatten() {
            self.condition(clause);
        }
        if matches!(region.nogroup, Nowait::Yes) {
            self.stmts(&construct.directive.body);
        } else {
            self.taskgroup(construct);
        }
    }

    pub(super) fn taskwait(&mut self, region: &Region) {
        let nowait = self.nowait(region);
        let depends = self.depends(region);
        self.b.effect(Op::TaskWait { depends, nowait });
    }

    /// What a construct depends on is complete before it, whatever it says of its own end.
    pub(super) fn await_depends(&mut self, region: &Region) {
        if !region.depends.is_empty() {
            let depends = self.depends(region);
            let nowait = false;
            self.b.effect(Op::TaskWait { depends, nowait });
        }
    }

    pub(super) fn taskyield(&mut self) {
        self.b.effect(Op::TaskYield);
    }

    pub(super) fn task_clauses(&mut self, region: &Region) -> TaskClauses {
        let mut condition = |expr: &Option<Expr>| {
            expr.as_ref().map(|expr| {
                let cond = self.condition(expr);
                self.id(&cond)
            })
        };
        let (if_, final_) = (condition(&region.if_), condition(&region.final_));
        let priority = region.priority.as_ref().and_then(|expr| {
            let value = self.expr(expr);
            let value = self.index_value(&value, expr.span)?;
            Some(self.id(&value))
        });
        TaskClauses {
            if_,
            final_,
            priority,
            depends: self.depends(region),
            detach: None,
            transparent: self.transparent(region),
        }
    }

    /// Gives the variable of a `detach` clause an event.
    fn detach(&mut self, region: &Region) -> Option<ValueId> {
        let &(name, span) = region.detach.as_ref()?;
        let NameRef::Var(var) = name else {
            self.not_native(span, "events in variables of the module");
            return None;
        };
        let event = self.b.emit(Op::TaskEvent, Type::I64);
        self.bind(var, Val::new(Ty::Int, event), span);
        Some(event)
    }

    fn transparent(&mut self, region: &Region) -> Option<ValueId> {
        match &region.transparent {
            Transparent::No => None,
            Transparent::Both => Some(self.b.int(3)),
            Transparent::As(expr) => {
                let value = self.expr(expr);
                let value = self.index_value(&value, expr.span)?;
                Some(self.id(&value))
            }
        }
    }

    // ---- data --------------------------------------------------------------------------------------------------

    /// Fixes the types of the variables that a task shares and assigns, for the rest of their lives.
    pub(super) fn pin_task_shared(
        &mut self,
        construct: Construct<'_>,
        k: usize,
    ) -> Vec<(VarId, ScopeId)> {
        let written = scan::assigned(&construct.directive.body);
        let mut pinned = Vec::new();
        for fact in &construct.facts.regions[k].vars {
            if let (NameRef::Var(var), Sharing::Shared) = (fact.name, &fact.sharing)
                && (fact.written_inside || written.contains(&var))
                && !construct.facts.locals.contains(&fact.name)
            {
                let key = (var, self.scope_of[var.index()]);
                self.pin_shared(var, construct.facts.id, fact.span, &mut pinned);
                self.flow.forget(var);
                if !pinned.contains(&key) {
                    pinned.push(key);
                }
            }
        }
        pinned
    }

    /// The same for those that the task's reductions are combined into.
    pub(super) fn pin_reductions(
        &mut self,
        dir: DirId,
        region: &Region,
        pinned: &mut Vec<(VarId, ScopeId)>,
    ) {
        for fact in &region.vars {
            if let (NameRef::Var(var), Sharing::Reduction { .. }) = (fact.name, &fact.sharing) {
                self.fix_type(var, dir, fact.span);
                self.flow.forget(var);
                pinned.push((var, self.scope_of[var.index()]));
            }
        }
    }

    /// The values with which the task's own variables start, as they are now.
    pub(super) fn starts(&mut self, region: &Region) -> Vec<Start> {
        let mut starts: Vec<Start> = Vec::new();
        for fact in &region.vars {
            if let (NameRef::Var(var), Sharing::Firstprivate) = (fact.name, &fact.sharing)
                && !starts.iter().any(|start| start.var == var)
            {
                starts.push(self.with_clause(fact, |s| s.start(var, fact)));
            }
        }
        starts
    }

    pub(super) fn start(&mut self, var: VarId, fact: &VarFact) -> Start {
        let span = fact.span;
        if fact.origin == Origin::Explicit {
            let value = self.read_var(var, span);
            let value = if value.ty.array().is_some() {
                self.array_copy(&value, span)
            } else {
                value
            };
            return Start {
                var,
                span,
                value: Some(value),
                bound: None,
            };
        }
        // What no clause lists is bound as it is: an array stays the same array.
        let Binding::Bound(bound) = self.flow.get(var).clone() else {
            return Start {
                var,
                span,
                value: None,
                bound: None,
            };
        };
        let flag = bound.maybe_unbound.then(|| self.flag(var)).flatten();
        let flag = flag.map(|flag| self.b.load_slot(flag));
        let value = match bound.value {
            Some(value) => value,
            None => self.load_var(var, &bound.ty),
        };
        Start {
            var,
            span,
            value: Some(value),
            bound: flag,
        }
    }

    /// Gives the task its own variables; runs in the task.
    pub(super) fn open_starts(&mut self, starts: Vec<Start>, copies: &mut Copies) {
        for Start {
            var,
            span,
            value,
            bound,
        } in starts
        {
            let Some(value) = value else {
                self.private(var, copies);
                continue;
            };
            let certain = !matches!(
                self.flow.get(var),
                Binding::Bound(Bound {
                    maybe_unbound: true,
                    ..
                })
            );
            self.enter_scope(var, copies);
            self.bind(var, value, span);
            if let (Some(bound), Some(flag)) = (bound, self.flag(var)) {
                self.b.store_slot(flag, bound);
            }
            if let Some(inner) = self.flow.bound_mut(var) {
                inner.maybe_unbound = !certain;
            }
        }
    }
}
