//! `lastprivate(conditional: x)`: the value that the sequentially last of the assignments to `x` gave it. Each thread keeps the
//! number of the iteration of its latest assignment with the value; at the end the latest of all goes to the variable outside.

use super::super::function::{Lowerer, ScopeId};
use super::nest::Nest;
use super::sharing::Copies;
use crate::flow::Binding;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{
    ArrayType, CompareOp, ErrorKind, IndexCheck, Init, Layout, Op, Scalar, SlotId, Type, ValueId,
};
use omply_syntax::hir::VarId;

/// What is kept of the assignments to one copy.
#[derive(Clone, Copy)]
pub struct Assignments {
    /// The number of the present iteration, or section.
    number: SlotId,
    /// That of the latest assignment, -1 before the first.
    latest: SlotId,
}

/// The variables of a construct whose last assignment counts.
#[derive(Default)]
pub struct Conditional {
    pub vars: Vec<(VarId, Span)>,
    number: Option<SlotId>,
    /// The team's latest assignments, by the variables' positions; 0 before the first.
    team: Option<SlotId>,
}

const TEAM: ArrayType = ArrayType {
    elem: Scalar::I64,
    ndim: 1,
    layout: Layout::C,
};

impl Lowerer<'_, '_> {
    /// Begins to keep the assignments to a copy that has just been made.
    pub(super) fn open_conditional(&mut self, var: VarId, span: Span, copies: &mut Copies) {
        let number = match copies.conditional.number {
            Some(number) => number,
            None => {
                let number = self.temp("iteration", &Ty::Int);
                let zero = self.b.int(0);
                self.b.store_slot(number, zero);
                *copies.conditional.number.insert(number)
            }
        };
        let scope = self.scope_of[var.index()];
        let name = format!("{}.latest", self.var_name(var));
        let latest = self.slot_of_scope(name, &Ty::Int, scope);
        let none = self.b.int(-1);
        self.b.store_slot(latest, none);
        self.omp
            .assignments
            .insert((var, scope), Assignments { number, latest });
        copies.conditional.vars.push((var, span));
    }

    /// The memory in which the team's threads meet; comes once all copies are made.
    pub(super) fn share_conditional(&mut self, copies: &mut Copies) {
        if copies.conditional.vars.is_empty() {
            return;
        }
        let team = self.temp("latest", &Ty::Array(TEAM));
        let site = self.site(ErrorKind::Memory, "cannot allocate an array", self.b.span());
        let count = copies.conditional.vars.len() as i64;
        self.b.open_block();
        let op = Op::Alloc {
            shape: vec![self.b.int(count)],
            init: Init::Zero,
            from: None,
            site,
        };
        let array = self.b.emit(op, Type::Array(TEAM));
        self.b.store_slot(team, array);
        let body = self.b.close_block();
        let executed = self.b.emit(Op::Single { body }, Type::BOOL);
        self.b.effect(Op::CopyPrivate {
            executed,
            slots: vec![team],
        });
        copies.conditional.team = Some(team);
    }

    /// Notes the number of the iteration that begins.
    pub(super) fn number_iteration(&mut self, nest: &Nest<'_>, copies: &Conditional) {
        if let Some(slot) = copies.number {
            let number = self.iteration_number(nest);
            let number = self.id(&number);
            self.b.store_slot(slot, number);
        }
    }

    /// Notes the number of the section that begins.
    pub(super) fn number_section(&mut self, number: ValueId, copies: &Conditional) {
        if let Some(slot) = copies.number {
            self.b.store_slot(slot, number);
        }
    }

    /// Notes an assignment to a copy that is kept.
    pub fn note_assignment(&mut self, var: VarId, scope: ScopeId, value: &Val) {
        let Some(&Assignments { number, latest }) = self.omp.assignments.get(&(var, scope)) else {
            return;
        };
        if value.ty.scalar().is_none() {
            if !value.is_never() {
                let name = self.var_name(var);
                let message = format!("`{name}` becomes {}; `conditional` takes numbers", value.ty);
                let span = self.b.span();
                self.error(Code::WrongOperands, span, message);
            }
            return;
        }
        let best = self.best_slot(var, scope, &value.ty);
        let [now, before] = [number, latest].map(|slot| self.b.load_slot(slot));
        let later = Val::new(Ty::Bool, self.b.compare(CompareOp::Ge, now, before));
        let value = self.id(value);
        self.if_then(&later, |s| {
            s.b.store_slot(latest, now);
            s.b.store_slot(best, value);
        });
    }

    /// Where the value of the latest assignment is kept.
    fn best_slot(&mut self, var: VarId, scope: ScopeId, ty: &Ty) -> SlotId {
        let key = (var, scope, ty.clone());
        if let Some(&slot) = self.omp.best.get(&key) {
            return slot;
        }
        let name = format!("{}.kept", self.var_name(var));
        let slot = self.slot_of_scope(name, ty, scope);
        self.omp.best.insert(key, slot);
        slot
    }

    /// Gives the variables outside the values of the team's latest assignments.
    pub(super) fn give_conditional(&mut self, copies: &mut Copies) {
        let Some(team) = copies.conditional.team else {
            return;
        };
        let vars = copies.conditional.vars.clone();
        let mut after: Vec<(VarId, Binding)> = Vec::new();
        let branch = self.branch(|s| {
            let team = s.b.load_slot(team);
            for (index, &(var, span)) in vars.iter().enumerate() {
                let scope = s.scope_of[var.index()];
                let Binding::Bound(bound) = s.flow.get(var).clone() else {
                    continue;
                };
                let Some(&Assignments { latest, .. }) = s.omp.assignments.get(&(var, scope)) else {
                    continue;
                };
                if bound.ty.scalar().is_none() {
                    continue;
                }
                let best = s.best_slot(var, scope, &bound.ty);
                let (own, one) = (s.b.load_slot(latest), s.b.int(1));
                let own = s.b.binary(omply_ir::BinaryOp::Add, own, one);
                let indices = vec![s.b.int(index as i64)];
                let op = Op::Load {
                    array: team,
                    indices: indices.clone(),
                    check: IndexCheck::None,
                };
                let known = s.b.emit(op, Type::I64);
                let later = Val::new(Ty::Bool, s.b.compare(CompareOp::Gt, own, known));
                let binding = s.outside(copies, var, |s| {
                    s.if_then(&later, |s| {
                        s.b.effect(Op::Store {
                            array: team,
                            indices,
                            value: own,
                            check: IndexCheck::None,
                        });
                        let value = s.b.load_slot(best);
                        s.bind(var, Val::new(bound.ty, value), span);
                    });
                    s.flow.get(var).clone()
                });
                after.push((var, binding));
            }
        });
        self.b.effect(Op::Combine { body: branch.block });
        for (var, mut binding) in after {
            if let Binding::Bound(bound) = &mut binding {
                bound.value = None;
            }
            self.outer_binding(copies, var, binding);
        }
    }
}
