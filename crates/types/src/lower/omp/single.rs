//! `single`: one thread of the team runs the block; `copyprivate` hands its values to the others.

use super::super::function::Lowerer;
use super::Construct;
use super::sharing::Copies;
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use omply_analysis::facts::Region;
use omply_diagnostics::Code;
use omply_ir::{Op, Type};
use omply_syntax::hir::NameRef;

impl Lowerer<'_, '_> {
    pub(super) fn single(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let mut copies = Copies::default();
        let dir = construct.facts.id;
        let mut inner = None;
        let branch = self.branch(|s| {
            s.open_copies(dir, region, &mut copies);
            s.region(construct, k + 1);
            let copies = std::mem::take(&mut copies);
            if s.live {
                inner = Some(s.flow.clone());
            }
            s.close_copies(copies);
        });
        let (body, end) = (branch.block, branch.flow);
        let mut then = super::super::merge::Branch {
            block: body,
            flow: end,
        };
        let mut els = self.empty_branch();
        self.join_branches(&mut [&mut then, &mut els]);
        self.b.set_span(construct.directive.head_span);
        // Threads that do not run the block take the other branch's conversions.
        let executed = self.b.emit(Op::Single { body: then.block }, Type::BOOL);
        if !els.block.insts.is_empty() {
            self.b.effect(Op::If {
                cond: executed,
                then: omply_ir::Block::default(),
                els: els.block,
            });
        }
        if !region.copyprivate.is_empty() {
            return self.copyprivate(region, executed, inner.as_ref());
        }
        if !self.nowait(region) {
            self.b.effect(Op::Barrier);
        }
    }

    fn copyprivate(
        &mut self,
        region: &Region,
        executed: omply_ir::ValueId,
        end: Option<&crate::flow::Flow>,
    ) {
        let mut slots = Vec::new();
        for (name, span) in &region.copyprivate {
            let NameRef::Var(var) = *name else {
                let name = self.hir.name_of(*name).to_owned();
                if let Some((slot, _)) = self.threadprivate_slot(&name, *span) {
                    slots.push(slot);
                }
                continue;
            };
            let Some(Binding::Bound(bound)) = end.map(|end| end.get(var).clone()) else {
                let name = self.var_name(var);
                self.error(
                    Code::UnboundName,
                    *span,
                    format!("`{name}` has no value at the end of this construct"),
                );
                continue;
            };
            if matches!(bound.ty, Ty::None | Ty::Never) {
                continue;
            }
            slots.push(self.slot(var, &bound.ty));
            if let Some(flag) = self.flag(var) {
                slots.push(flag);
            }
            let maybe_unbound = bound.maybe_unbound;
            self.flow.set(
                var,
                Binding::Bound(Bound {
                    maybe_unbound,
                    ..Bound::new(bound.ty, *span)
                }),
            );
        }
        self.b.effect(Op::CopyPrivate { executed, slots });
    }
}
