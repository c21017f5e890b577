//! `parallel`: a team runs the block; shared variables keep one type throughout, copies are made on entry.

use super::super::function::Lowerer;
use super::super::scan;
use super::Construct;
use super::sharing::Copies;
use crate::value::Val;
use omply_analysis::facts::{self, Region, Sharing};
use omply_diagnostics::Span;
use omply_ir::{self as ir, CompareOp, ErrorKind, Op, Routine, Type, ValueId};
use omply_syntax::hir::{Expr, NameRef};

impl Lowerer<'_, '_> {
    pub(super) fn parallel(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let dir = construct.facts.id;
        let num_threads = self.num_threads(region);
        let if_ = region.if_.as_ref().map(|expr| {
            let cond = self.condition(expr);
            self.id(&cond)
        });
        let strict = num_threads.filter(|_| region.num_threads_strict);
        let inner_threads = region
            .num_threads
            .get(1)
            .and_then(|expr| self.thread_count(expr));

        let written = scan::assigned(&construct.directive.body);
        let mut pinned = Vec::new();
        for fact in &region.vars {
            if let (NameRef::Var(var), Sharing::Shared) = (fact.name, &fact.sharing)
                && (fact.written_inside || written.contains(&var))
                && !construct.facts.locals.contains(&fact.name)
            {
                self.pin_shared(var, dir, fact.span, &mut pinned);
            }
        }
        for fact in &region.vars {
            if let (NameRef::Var(var), Sharing::Reduction { .. }) = (fact.name, &fact.sharing) {
                self.fix_type(var, dir, fact.span);
            }
        }

        let copyin = self.copyin_capture(region);
        let entry = self.flow.clone();
        self.b.open_block();
        self.locals.push(Vec::new());
        self.flow.forget_values();
        if let Some(wanted) = strict {
            self.check_team_size(wanted, if_, region.span);
        }
        self.copyin_store(&copyin);
        if let Some(count) = inner_threads {
            self.b.effect(Op::Routine {
                routine: Routine::SetNumThreads,
                args: vec![count],
            });
        }
        let mut copies = Copies::default();
        self.open_copies(dir, region, &mut copies);
        self.enter_locals(construct);
        self.region(construct, k + 1);
        if self.live {
            self.b.set_span(construct.directive.head_span);
            self.combine(&mut copies);
        }
        self.live = true;
        let reduced: Vec<_> = copies.reductions.iter().map(|(var, ..)| *var).collect();
        self.close_copies(copies);
        let locals = self.locals.pop().unwrap_or_default();
        let body = self.b.close_block();
        self.b.set_span(construct.directive.head_span);
        self.b.effect(Op::Parallel {
            num_threads,
            if_,
            proc_bind: region.proc_bind.map(proc_bind),
            locals,
            body,
        });
        self.after_shared(entry, &pinned);
        for var in reduced {
            self.flow.forget(var);
        }
        self.unpin(pinned);
    }

    fn num_threads(&mut self, region: &Region) -> Option<ValueId> {
        if let Some(third) = region.num_threads.get(2) {
            self.unsupported_clause("num_threads with more than two levels", third.span);
        }
        region
            .num_threads
            .first()
            .and_then(|expr| self.thread_count(expr))
    }

    /// `strict`: a team of any other size is an error, unless `if` asked for no team at all.
    fn check_team_size(&mut self, wanted: ValueId, if_: Option<ValueId>, span: Span) {
        let size = self.b.emit(Op::TeamSize, Type::I64);
        let mut fine = self.b.compare(CompareOp::Eq, size, wanted);
        if let Some(cond) = if_ {
            let alone = self.b.unary(ir::UnaryOp::Not, cond);
            fine = self.b.binary(ir::BinaryOp::Or, fine, alone);
        }
        let message =
            "the team has {0} threads instead of the {1} that num_threads(strict:) asks for";
        self.check(fine, ErrorKind::Runtime, message, span, vec![size, wanted]);
    }

    fn thread_count(&mut self, expr: &Expr) -> Option<ValueId> {
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
