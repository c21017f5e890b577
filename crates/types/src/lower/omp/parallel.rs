//! `parallel` and `teams`: a team, or the initial threads of a league, runs the block; shared variables keep one type
//! throughout, copies are made on entry.

use super::super::function::{Lowerer, ScopeId};
use super::super::scan;
use super::Construct;
use super::sharing::Copies;
use crate::flow::Flow;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{self, Region, Sharing, VarFact};
use omply_ir::{
    self as ir, Block, CompareOp, ErrorKind, LeagueClauses, Op, Routine, SlotId, TargetClauses,
    Type, ValueId,
};
use omply_syntax::hir::{Expr, NameRef, VarId};

/// A region under way: the state before it, and the variables that it shares and combines.
struct Entered {
    flow: Flow,
    /// Assigned by the region; what it leaves of them is their state afterwards.
    shared: Vec<VarId>,
    /// Those whose types it was the first to fix.
    pinned: Vec<(VarId, ScopeId)>,
    reduced: Vec<VarId>,
}

impl Lowerer<'_, '_> {
    pub(super) fn parallel(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let num_threads = self.num_threads(region);
        let if_ = region.if_.as_ref().map(|expr| {
            let cond = self.condition(expr);
            self.id(&cond)
        });
        let strict = num_threads.filter(|_| region.num_threads_strict);
        let inner_threads: Vec<ValueId> = region
            .num_threads
            .iter()
            .skip(1)
            .filter_map(|expr| self.positive("num_threads", expr))
            .collect();

        let watched = self.watch_begins(construct);
        let entered = self.enter_region(construct, k);
        let copyin = self.copyin_capture(region);
        self.open_region();
        self.watch_enters(construct, watched);
        if let Some(wanted) = strict {
            self.check_team_size(wanted, if_, construct, region);
        }
        self.copyin_store(&copyin);
        for (level, count) in inner_threads.into_iter().enumerate() {
            let level = self.b.int(level as i64);
            self.b.effect(Op::Routine {
                routine: Routine::NestNumThreads,
                args: vec![level, count],
            });
        }
        let (locals, body, entered) = self.region_body(construct, k, entered);
        self.b.effect(Op::Parallel {
            num_threads,
            if_,
            proc_bind: region.proc_bind.map(proc_bind),
            locals,
            body,
        });
        self.leave_region(entered);
    }

    /// `teams`: the same for the initial threads of a league.
    pub(super) fn teams(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let reduces = |fact: &VarFact| matches!(fact.sharing, Sharing::Reduction { .. });
        if self.options.reproducible
            && let Some(fact) = region.vars.iter().find(|fact| reduces(fact))
        {
            // Teams do not wait for each other, so there is no order in which they could combine.
            self.unsupported_clause("reduction on teams in a reproducible function", fact.span);
        }
        let clauses = match self.omp.league.take() {
            Some(known) => known,
            None => self.league_counts(region, TargetClauses::default()),
        };
        let ([lower, upper], thread_limit) = (clauses.teams, clauses.thread_limit);
        let if_ = region.if_.as_ref().map(|expr| {
            let cond = self.condition(expr);
            self.id(&cond)
        });
        let entered = self.enter_region(construct, k);
        self.open_region();
        let (locals, body, entered) = self.region_body(construct, k, entered);
        self.b.effect(Op::Teams(Box::new(ir::Teams {
            clauses: LeagueClauses {
                lower,
                upper,
                thread_limit,
                if_,
            },
            locals,
            body,
        })));
        self.leave_region(entered);
    }

    /// Adds the values of `num_teams` and `thread_limit`, which must be positive.
    pub(super) fn league_counts(
        &mut self,
        region: &Region,
        mut clauses: TargetClauses,
    ) -> TargetClauses {
        if let Some((lower, upper)) = &region.num_teams {
            let upper = self.positive("num_teams", upper);
            let lower = match lower {
                Some(lower) => self.positive("num_teams", lower),
                None => upper,
            };
            clauses.teams = [lower, upper];
        }
        if let (None, Some(limit)) = (clauses.thread_limit, &region.thread_limit) {
            clauses.thread_limit = self.positive("thread_limit", limit);
        }
        clauses
    }

    /// A count that a clause gives, which must be positive.
    fn positive(&mut self, clause: &str, expr: &Expr) -> Option<ValueId> {
        let count = self.thread_count(expr)?;
        let zero = self.b.int(0);
        let fine = self.b.compare(CompareOp::Gt, count, zero);
        let message = format!("{clause} must be positive, not {{0}}");
        self.check(fine, ErrorKind::Value, &message, expr.span, vec![count]);
        Some(count)
    }

    /// Fixes the types of what the region shares and combines, before it is forked.
    fn enter_region(&mut self, construct: Construct<'_>, k: usize) -> Entered {
        let dir = construct.facts.id;
        let written = scan::assigned(&construct.directive.body);
        let (mut shared, mut pinned) = (Vec::new(), Vec::new());
        for fact in &construct.facts.regions[k].vars {
            if let (NameRef::Var(var), Sharing::Shared) = (fact.name, &fact.sharing)
                && (fact.written_inside || written.contains(&var))
                && !construct.facts.locals.contains(&fact.name)
            {
                self.pin_shared(var, dir, fact.span, &mut pinned);
                shared.push(var);
            }
        }
        for fact in &construct.facts.regions[k].vars {
            if let (NameRef::Var(var), Sharing::Reduction { .. }) = (fact.name, &fact.sharing) {
                self.fix_type(var, dir, fact.span);
            }
        }
        Entered {
            flow: self.flow.clone(),
            shared,
            pinned,
            reduced: Vec::new(),
        }
    }

    fn open_region(&mut self) {
        self.b.open_block();
        self.locals.push(Vec::new());
        self.flow.forget_values();
    }

    /// The block that each thread of the new team runs, which is open, and its own slots.
    fn region_body(
        &mut self,
        construct: Construct<'_>,
        k: usize,
        mut entered: Entered,
    ) -> (Vec<SlotId>, Block, Entered) {
        let region = &construct.facts.regions[k];
        let mut copies = Copies::default();
        self.open_copies(construct.facts.id, region, &mut copies);
        self.enter_locals(construct);
        self.region(construct, k + 1);
        if self.live {
            self.b.set_span(construct.directive.head_span);
            self.combine(&mut copies);
            self.watch_ends(construct, k);
        }
        self.live = true;
        let reduced = copies.reductions.iter().map(|(var, ..)| *var);
        let declared = copies.declared.iter().map(|(var, ..)| *var);
        entered.reduced = reduced.chain(declared).collect();
        self.close_copies(copies);
        let locals = self.locals.pop().unwrap_or_default();
        let body = self.b.close_block();
        self.b.set_span(construct.directive.head_span);
        (locals, body, entered)
    }

    /// The state behind the region.
    fn leave_region(&mut self, entered: Entered) {
        self.after_shared(entered.flow, entered.shared);
        for var in entered.reduced {
            self.flow.forget(var);
        }
        self.unpin(entered.pinned);
    }

    fn num_threads(&mut self, region: &Region) -> Option<ValueId> {
        region
            .num_threads
            .first()
            .and_then(|expr| self.thread_count(expr))
    }

    /// `strict`: a team of any other size is an error, unless `if` asked for no team at all; or a warning, if the clauses say so.
    fn check_team_size(
        &mut self,
        wanted: ValueId,
        if_: Option<ValueId>,
        construct: Construct<'_>,
        region: &Region,
    ) {
        let size = self.b.emit(Op::TeamSize, Type::I64);
        let mut fine = self.b.compare(CompareOp::Eq, size, wanted);
        if let Some(cond) = if_ {
            let alone = self.b.unary(ir::UnaryOp::Not, cond);
            fine = self.b.binary(ir::BinaryOp::Or, fine, alone);
        }
        let message = match &region.message {
            Some(message) => self.constant_text(message),
            None => None,
        };
        if region.warns {
            let text = message.unwrap_or_else(|| "num_threads(strict:) cannot be met".to_owned());
            let text = format!("{}: {text}", self.place_of(construct.directive));
            let own = self.b.emit(Op::ThreadNum, Type::I64);
            let zero = self.b.int(0);
            let first = self.b.compare(CompareOp::Eq, own, zero);
            let wrong = self.b.unary(ir::UnaryOp::Not, fine);
            let tell = self.b.binary(ir::BinaryOp::And, first, wrong);
            self.if_then(&Val::new(Ty::Bool, tell), |s| s.b.effect(Op::Warn { text }));
            return;
        }
        let (message, args) = match message {
            Some(message) => (message, Vec::new()),
            None => (
                "the team has {0} threads instead of the {1} that num_threads(strict:) asks for"
                    .to_owned(),
                vec![size, wanted],
            ),
        };
        self.check(fine, ErrorKind::Runtime, &message, region.span, args);
    }

    pub(super) fn thread_count(&mut self, expr: &Expr) -> Option<ValueId> {
        let value = self.expr(expr);
        let count: Val = self.index_value(&value, expr.span)?;
        // The runtime refuses what is not positive.
        Some(self.id(&count))
    }
}

fn proc_bind(kind: facts::ProcBind) -> ir::ProcBind {
    match kind {
        facts::ProcBind::Primary => ir::ProcBind::Primary,
        facts::ProcBind::Close => ir::ProcBind::Close,
        facts::ProcBind::Spread => ir::ProcBind::Spread,
    }
}
