//! `parallel`: a team runs the block; shared variables keep one type throughout, copies are made on entry.

use super::super::function::Lowerer;
use super::super::scan;
use super::Construct;
use super::sharing::Copies;
use crate::value::Val;
use omply_analysis::facts::{self, Region, Sharing};
use omply_ir::{self as ir, CompareOp, ErrorKind, Op, Routine, ValueId};
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
        if region.num_threads_strict {
            self.unsupported_clause("num_threads(strict:)", region.span);
        }
        if let Some(third) = region.num_threads.get(2) {
            self.unsupported_clause("num_threads with more than two levels", third.span);
        }
        region
            .num_threads
            .first()
            .and_then(|expr| self.thread_count(expr))
    }

    fn thread_count(&mut self, expr: &Expr) -> Option<ValueId> {
        let value = self.expr(expr);
        let count: Val = self.index_value(&value, expr.span)?;
        let id = self.id(&count);
        if count.range.lo < 1.0 {
            let zero = self.b.int(0);
            let positive = self.b.compare(CompareOp::Gt, id, zero);
            self.check(
                positive,
                ErrorKind::Value,
                "num_threads must be positive",
                expr.span,
                Vec::new(),
            );
        }
        Some(id)
    }
}

fn proc_bind(kind: facts::ProcBind) -> ir::ProcBind {
    match kind {
        facts::ProcBind::Primary => ir::ProcBind::Primary,
        facts::ProcBind::Close => ir::ProcBind::Close,
        facts::ProcBind::Spread => ir::ProcBind::Spread,
    }
}
