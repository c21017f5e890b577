//! `for`: the team divides the iterations of a loop nest; also `for simd`, and `loop` bound to the team.

use super::super::function::Lowerer;
use super::Construct;
use super::scan::scans;
use super::sharing::Copies;
use crate::flow::{Binding, Bound};
use omply_analysis::facts::{self, Region, Schedule};
use omply_diagnostics::Span;
use omply_ir::{
    self as ir, CompareOp, ErrorKind, LoopInfo, Op, ScheduleKind, Type, ValueId, Worksharing,
};
use omply_spec::LeafKind;
use omply_syntax::hir::VarId;

impl Lowerer<'_, '_> {
    pub(super) fn worksharing_loop(&mut self, construct: Construct<'_>, k: usize) {
        let regions = &construct.facts.regions;
        let region = &regions[k];
        if regions[k..].iter().flat_map(|one| &one.vars).any(scans) {
            return self.scanned_loop(construct, k);
        }
        let simd = regions
            .get(k + 1)
            .filter(|inner| inner.leaf == LeafKind::Simd);
        if let Some(other) = regions.get(k + 1 + usize::from(simd.is_some())) {
            return self.unsupported_directive(other.leaf, other.span);
        }
        let depth = region.ordered.filter(|_| self.has_doacross(construct));
        let simd_wanted = simd
            .and_then(|simd| simd.if_.as_ref())
            .is_none_or(|expr| self.condition(expr).as_bool() == Some(true));
        let range = self.take_range();
        let outer = match depth {
            Some(depth) => match self.begin_doacross(construct, depth.max(1)) {
                Some(outer) => Some(outer),
                None => return,
            },
            None => None,
        };
        let Some(nest) = self.nest(construct, region.collapse.max(1)) else {
            return;
        };
        let (schedule, chunk, monotonic) = self.schedule(region.schedule.as_ref());
        let dir = construct.facts.id;
        let mut copies = Copies::default();
        for region in &regions[k..] {
            self.open_copies(dir, region, &mut copies);
        }
        self.private_loop_names(&nest, &mut copies);
        if !range.is_some_and(|range| range.alone) {
            self.all_have_read(&copies);
        }

        let body = self.iteration_block(construct, &nest, &copies);
        let dependent = self.has_array_copies(&copies) || self.has_ordered_block(construct);
        let last = self.b.emit(
            Op::Loop(Box::new(Worksharing {
                dims: nest.dims,
                range,
                schedule,
                chunk,
                monotonic,
                ordered: region.ordered.is_some() && depth.is_none(),
                info: loop_info(simd.filter(|_| simd_wanted), region, dependent),
                body,
            })),
            Type::BOOL,
        );
        if let Some(outer) = outer {
            self.end_doacross(outer);
        }
        let alone = range.is_some_and(|range| range.alone);
        self.finish_copies(copies, last);
        if !alone {
            self.end_barrier(construct, region, k);
        }
    }

    /// Whether iterations of one thread may meet in an element of a copy that is combined.
    pub(super) fn has_array_copies(&self, copies: &Copies) -> bool {
        !copies.sections.is_empty()
            || copies
                .reductions
                .iter()
                .any(|(var, ..)| self.is_array(*var))
            || copies.declared.iter().any(|(var, ..)| self.is_array(*var))
    }

    /// Whether the name holds an array here.
    pub(super) fn is_array(&self, var: VarId) -> bool {
        matches!(self.flow.get(var), Binding::Bound(bound) if bound.ty.array().is_some())
    }

    /// Reductions and lastprivates of a worksharing construct, in whose last part `last` says this thread ran.
    pub(super) fn finish_copies(&mut self, mut copies: Copies, last: ValueId) {
        self.combine(&mut copies);
        self.lastprivates(&mut copies, last);
        self.give_conditional(&mut copies);
        self.close_copies(copies);
    }

    /// The thread that ran the last part gives its copies to the variables outside.
    fn lastprivates(&mut self, copies: &mut Copies, last: ValueId) {
        let items = std::mem::take(&mut copies.lastprivates);
        for (var, span) in items {
            let Binding::Bound(bound) = self.flow.get(var).clone() else {
                continue;
            };
            let value_ty = bound.ty;
            let cond = crate::value::Val::new(crate::ty::Ty::Bool, last);
            let inner_slot = match value_ty {
                crate::ty::Ty::None | crate::ty::Ty::Never => continue,
                _ => self.slot(var, &value_ty),
            };
            let after = self.outside(copies, var, |s| {
                // The variable outside may be the team's: a thread without the last part leaves it alone.
                if matches!(s.flow.get(var), Binding::Private) && value_ty.array().is_none() {
                    s.flow
                        .set(var, Binding::Bound(Bound::new(value_ty.clone(), span)));
                }
                s.if_then(&cond, |s| {
                    let id = s.b.load_slot(inner_slot);
                    s.give_out(var, crate::value::Val::new(value_ty, id), span);
                });
                s.flow.get(var).clone()
            });
            self.outer_binding(copies, var, after);
        }
    }

    /// Assigns a copy's value outside; an array that exists there is overwritten, not replaced.
    fn give_out(&mut self, var: VarId, value: crate::value::Val, span: Span) {
        if value.ty.array().is_some() && self.is_array(var) {
            let target = self.read_var(var, span);
            let site = self.site(
                ErrorKind::Value,
                "the arrays of a lastprivate variable differ in shape",
                span,
            );
            let (dst, src) = (self.id(&target), self.id(&value));
            self.b.effect(Op::ArrayCopy { dst, src, site });
        } else {
            self.bind(var, value, span);
        }
    }

    /// The barrier at the end of a worksharing construct, where its parallel region does not end with it.
    pub(super) fn end_barrier(&mut self, construct: Construct<'_>, region: &Region, k: usize) {
        let nowait = self.nowait(region);
        let combined = k > 0 && construct.facts.regions[k - 1].leaf == LeafKind::Parallel;
        if !nowait && !combined {
            self.b.effect(Op::Barrier);
        }
    }

    fn schedule(
        &mut self,
        schedule: Option<&Schedule>,
    ) -> (ScheduleKind, Option<ValueId>, Option<bool>) {
        let Some(schedule) = schedule else {
            return (ScheduleKind::Static, None, None);
        };
        let chunk = schedule.chunk.as_ref().and_then(|expr| {
            let value = self.expr(expr);
            let chunk = self.index_value(&value, expr.span)?;
            let id = self.id(&chunk);
            if chunk.range.lo < 1.0 {
                let zero = self.b.int(0);
                let positive = self.b.compare(CompareOp::Gt, id, zero);
                self.check(
                    positive,
                    ErrorKind::Value,
                    "the chunk size must be positive",
                    expr.span,
                    Vec::new(),
                );
            }
            Some(id)
        });
        let kind = match schedule.kind {
            facts::ScheduleKind::Static => ir::ScheduleKind::Static,
            facts::ScheduleKind::Dynamic => ir::ScheduleKind::Dynamic,
            facts::ScheduleKind::Guided => ir::ScheduleKind::Guided,
            facts::ScheduleKind::Auto => ir::ScheduleKind::Auto,
            facts::ScheduleKind::Runtime => ir::ScheduleKind::Runtime,
        };
        (kind, chunk, schedule.monotonic)
    }
}

/// What the clauses promise of a loop's iterations: nothing where these are `dependent`, since a reduction over an array lets
/// those of one thread meet in the same element, or an ordered block makes them take turns.
pub(super) fn loop_info(simd: Option<&Region>, region: &Region, dependent: bool) -> LoopInfo {
    LoopInfo {
        simd: simd.is_some() && !dependent,
        simdlen: simd.and_then(|simd| simd.simdlen),
        safelen: simd.and_then(|simd| simd.safelen),
        wanted: simd.map(|simd| simd.span),
        independent: !dependent
            && (region.order_concurrent
                || region.leaf == LeafKind::Loop
                || simd.is_some_and(|simd| simd.order_concurrent)),
        ..LoopInfo::default()
    }
}
