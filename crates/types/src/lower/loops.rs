//! Serial loops: `while`, `for`, `break`, `continue`, `else`. Names that a loop's body binds enter the loop with
//! the types that all its back edges bring, which earlier rounds found out.

use super::function::Lowerer;
use super::scan::{self, Assigned};
use crate::flow::Flow;
use crate::value::{Range, Val};
use omply_diagnostics::{Code, Span};
use omply_ir::{LoopInfo, Op, SlotId, Type};
use omply_syntax::hir::{Expr, Stmt, StmtId, Target, VarId};
use rustc_hash::FxHashSet;

pub struct LoopCtx {
    stmt: StmtId,
    /// The state at the head.
    head: Flow,
    exit: Exit,
    /// Set by `break`, for an `else`.
    broke: Option<SlotId>,
    assigned: FxHashSet<VarId>,
    /// `break` may not leave a loop that a construct drives.
    pub worksharing: bool,
}

enum Exit {
    /// Through the head's test: in the state after it.
    Test(Flow),
    /// Through `break` only.
    Breaks(Option<Flow>),
}

impl Lowerer<'_, '_> {
    /// Enters a loop: converts names to their types at its head and makes that the current state.
    pub fn open_loop(&mut self, stmt: StmtId, assigned: FxHashSet<VarId>, worksharing: bool) {
        let entry = self.flow.clone();
        let mut head = entry.clone();
        for &var in &assigned {
            head.forget_value(var);
        }
        if let Some(memory) = self.memory.heads.get(&stmt) {
            let joined = head.join(memory);
            for &var in &assigned {
                head.set(var, joined.get(var).clone());
                head.forget_value(var);
            }
        }
        self.edge(&entry, &head);
        self.flow = head.clone();
        self.loops.push(LoopCtx {
            stmt,
            exit: Exit::Test(head.clone()),
            head,
            broke: None,
            assigned,
            worksharing,
        });
    }

    /// Goes back to the head from here; control does not go on.
    pub fn back_edge(&mut self) {
        if let Some(innermost) = self.loops.len().checked_sub(1) {
            self.edge_to_head(innermost);
            self.live = false;
        }
    }

    /// Brings the names into the state that the head of the loop number `depth` expects.
    fn edge_to_head(&mut self, depth: usize) {
        let head = self.loops[depth].head.clone();
        if self.widen(depth) {
            self.program.again = true;
        } else {
            let from = self.flow.clone();
            self.edge(&from, &head);
        }
    }

    /// Leaves the innermost loop that a construct divides, in the state in which its iterations leave it.
    pub fn leave_worksharing(&mut self, span: Span) {
        let Some(depth) = self.loops.iter().rposition(|ctx| ctx.worksharing) else {
            self.error(
                Code::NotNative,
                span,
                "there is no loop here that could be left",
            );
            return;
        };
        self.edge_to_head(depth);
        self.b.effect(Op::LeaveLoop);
        self.live = false;
    }

    /// Joins the current state into what is remembered of the head of the loop number `depth`; whether that changes the head.
    fn widen(&mut self, depth: usize) -> bool {
        let ctx = &self.loops[depth];
        let (head, stmt) = (&ctx.head, ctx.stmt);
        let mut joined = head.clone();
        let met = head.join(&self.flow);
        for &var in &ctx.assigned {
            joined.set(var, met.get(var).clone());
        }
        let changed = !joined.agrees(head);
        if changed {
            let memory = match self.memory.heads.remove(&stmt) {
                Some(before) => before.join(&joined),
                None => joined,
            };
            self.memory.heads.insert(stmt, memory);
        }
        changed
    }

    /// Ends the loop that was entered last; the state is the one behind it, `else` not yet run.
    pub fn close_loop(&mut self) -> Option<SlotId> {
        let ctx = self.loops.pop()?;
        match ctx.exit {
            Exit::Test(flow) => {
                self.flow = flow;
                self.live = true;
            }
            Exit::Breaks(Some(flow)) => {
                self.flow = flow;
                self.live = true;
            }
            Exit::Breaks(None) => self.live = false,
        }
        ctx.broke
    }

    // ---- while -------------------------------------------------------------------------------------------------

    pub fn while_loop(&mut self, stmt: &Stmt, test: &Expr, body: &[Stmt], orelse: &[Stmt]) {
        let mut assigned = Assigned::default();
        assigned.expr(test);
        assigned.stmts(body);
        self.open_loop(stmt.id, assigned.vars, false);
        self.want_else(body, orelse);
        let head = self.flow.clone();
        self.b.open_block();
        let cond = self.condition(test);
        let test_id = self.id(&cond);
        let cond_block = self.b.close_block();
        self.flow = std::mem::replace(&mut self.flow, Flow::new(0)).leave(&head);
        let after_test = self.flow.clone();
        let endless = cond.as_bool() == Some(true);
        if let Some(ctx) = self.loops.last_mut() {
            ctx.exit = if endless {
                Exit::Breaks(
                    self.memory
                        .exits
                        .get(&stmt.id)
                        .filter(|_| scan::has_break(body))
                        .cloned(),
                )
            } else {
                Exit::Test(after_test)
            };
        }
        self.b.open_block();
        self.stmts(body);
        if self.live {
            self.back_edge();
        }
        let body_block = self.b.close_block();
        self.b.set_span(stmt.span);
        self.b.effect(Op::While {
            cond: cond_block,
            test: test_id,
            body: body_block,
        });
        let broke = self.close_loop();
        self.else_clause(broke, orelse);
    }

    // ---- for ---------------------------------------------------------------------------------------------------

    pub fn for_loop(
        &mut self,
        stmt: &Stmt,
        target: &Target,
        iter: &Expr,
        body: &[Stmt],
        orelse: &[Stmt],
    ) {
        let mut assigned = Assigned::default();
        assigned.target(target);
        assigned.stmts(body);
        let Some(plan) = self.iteration(iter, &assigned.vars) else {
            return self.poisoned_loop(stmt, assigned.vars, target, body);
        };
        let range = self.trip_range(&plan);
        let (start, stop, step) = (
            self.int_id(&range.start),
            self.int_id(&range.stop),
            self.int_id(&range.step),
        );
        self.open_loop(stmt.id, assigned.vars, false);
        self.want_else(body, orelse);
        let iv = self.b.value(Type::I64);
        self.b.open_block();
        let index = Val::with_range(crate::ty::Ty::Int, iv, range.of_variable());
        let item = self.item(&plan, &index, iter.span);
        self.assign(target, item);
        self.stmts(body);
        if self.live {
            self.back_edge();
        }
        let block = self.b.close_block();
        self.b.set_span(stmt.span);
        self.b.effect(Op::For {
            iv,
            start,
            stop,
            step,
            body: block,
            info: LoopInfo::default(),
        });
        let broke = self.close_loop();
        self.else_clause(broke, orelse);
    }

    /// A loop over something that is in error: its body is typed for its own errors, and nothing is kept.
    fn poisoned_loop(
        &mut self,
        stmt: &Stmt,
        assigned: FxHashSet<VarId>,
        target: &Target,
        body: &[Stmt],
    ) {
        self.open_loop(stmt.id, assigned, false);
        self.b.open_block();
        self.assign(target, Val::never());
        self.stmts(body);
        if self.live {
            self.back_edge();
        }
        self.b.close_block();
        self.close_loop();
    }

    // ---- break, continue, else ---------------------------------------------------------------------------------

    fn want_else(&mut self, body: &[Stmt], orelse: &[Stmt]) {
        if orelse.is_empty() || !scan::has_break(body) {
            return;
        }
        let slot = self.temp("broke", &crate::ty::Ty::Bool);
        let no = self.b.bool(false);
        self.b.store_slot(slot, no);
        if let Some(ctx) = self.loops.last_mut() {
            ctx.broke = Some(slot);
        }
    }

    fn else_clause(&mut self, broke: Option<SlotId>, orelse: &[Stmt]) {
        if orelse.is_empty() || !self.live {
            return;
        }
        let Some(broke) = broke else {
            return self.stmts(orelse);
        };
        let broke = self.b.load_slot(broke);
        let then = self.branch(|_| {});
        let els = self.branch(|s| s.stmts(orelse));
        self.emit_if(&Val::new(crate::ty::Ty::Bool, broke), then, els);
    }

    pub fn break_(&mut self, span: Span) {
        let Some(ctx) = self.loops.last() else {
            self.error(Code::NotNative, span, "`break` outside of a loop");
            return;
        };
        if ctx.worksharing {
            self.error(
                Code::NotNative,
                span,
                "`break` leaves a loop that a construct divides",
            );
            return;
        }
        if let Some(broke) = ctx.broke {
            let yes = self.b.bool(true);
            self.b.store_slot(broke, yes);
        }
        let from = self.flow.clone();
        let stmt = ctx.stmt;
        match &ctx.exit {
            Exit::Test(exit) => {
                let exit = exit.clone();
                if exit.join(&from).agrees(&exit) {
                    self.edge(&from, &exit);
                } else if self.widen(self.loops.len() - 1) {
                    self.program.again = true;
                }
            }
            Exit::Breaks(exit) => {
                let mut joined = match exit {
                    Some(exit) => exit.join(&from),
                    None => from.clone(),
                };
                joined.forget_values();
                let settled = exit.as_ref().is_none_or(|exit| joined.agrees(exit));
                if !settled {
                    self.program.again = true;
                }
                self.edge(&from, &joined);
                self.memory.exits.insert(stmt, joined.clone());
                if let Some(ctx) = self.loops.last_mut() {
                    ctx.exit = Exit::Breaks(Some(joined));
                }
            }
        }
        self.b.effect(Op::Break);
        self.live = false;
    }

    pub fn continue_(&mut self, span: Span) {
        if self.loops.is_empty() {
            self.error(Code::NotNative, span, "`continue` outside of a loop");
            return;
        }
        self.back_edge();
        self.b.effect(Op::Continue);
        self.live = false;
    }
}

/// A loop's bounds as values.
pub struct TripRange {
    pub start: Val,
    pub stop: Val,
    pub step: Val,
}

impl TripRange {
    /// What is known of the loop variable. A loop would run for centuries before it left 2^61.
    pub fn of_variable(&self) -> Range {
        const FAR: f64 = (1i64 << 61) as f64;
        match self.step.as_int() {
            Some(step) if step > 0 && self.start.range.lo > f64::NEG_INFINITY => Range {
                lo: self.start.range.lo,
                hi: self.stop.range.hi.min(FAR),
            },
            Some(step) if step < 0 && self.stop.range.lo > f64::NEG_INFINITY => Range {
                lo: self.stop.range.lo,
                hi: self.start.range.hi.min(FAR),
            },
            _ => Range::ALL,
        }
    }
}
