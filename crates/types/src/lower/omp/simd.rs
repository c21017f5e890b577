//! `simd`: a serial loop whose iterations may run side by side in vector lanes; also `loop` bound to one thread, whose
//! iterations may run in any order.

use super::super::function::Lowerer;
use super::Construct;
use super::declared::Operator;
use super::scan::scans;
use super::sharing::Copies;
use super::worksharing::loop_info;
use crate::flow::{Binding, Bound};
use omply_analysis::facts::{Origin, Region, Sharing};
use omply_ir::{LoopInfo, Op, SlotId};
use omply_spec::LeafKind;
use omply_syntax::hir::{DirId, NameRef, VarId};

impl Lowerer<'_, '_> {
    pub(super) fn simd(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        if let Some(other) = construct.facts.regions.get(k + 1) {
            return self.unsupported_directive(other.leaf, other.span);
        }
        // `if` is evaluated once, before the loop; where it is not certain, nothing is promised of the iterations.
        let wanted = region
            .if_
            .as_ref()
            .is_none_or(|expr| self.condition(expr).as_bool() == Some(true));
        let Some(nest) = self.nest(construct, region.collapse.max(1)) else {
            return;
        };
        let mut copies = Copies::default();
        let dir = construct.facts.id;
        let accumulators = self.open_simd_copies(dir, region, &mut copies);
        let has_array_copies = region.vars.iter().any(
            |fact| matches!((fact.name, &fact.sharing), (NameRef::Var(var), Sharing::Reduction { .. }) if self.is_array(var)),
        );
        let dependent = has_array_copies || self.has_ordered_block(construct);
        let mut body = self.iteration_block(construct, &nest, &copies);
        let simd = (region.leaf == LeafKind::Simd).then_some(region);
        let info = if wanted {
            loop_info(simd, region, dependent)
        } else {
            LoopInfo::default()
        };
        let inner = nest.dims.len() - 1;
        for (depth, dim) in nest.dims.iter().enumerate().rev() {
            let info = if depth == inner {
                info.clone()
            } else {
                LoopInfo::default()
            };
            let nested = depth > 0;
            if nested {
                self.b.open_block();
            }
            let outer: Vec<_> = nest.dims[..depth].iter().map(|dim| dim.iv).collect();
            let [start, stop] = self.b.dim_bounds(dim, &outer);
            self.b.effect(Op::For {
                iv: dim.iv,
                start,
                stop,
                step: dim.step,
                body: std::mem::take(&mut body),
                info,
            });
            if nested {
                body = self.b.close_block();
            }
        }
        if let Some(generated) = nest.generated.take() {
            self.last_values(&nest, &generated);
        }
        for (var, outer) in accumulators {
            let Binding::Bound(bound) = self.flow.get(var).clone() else {
                continue;
            };
            let value = self.load_var(var, &bound.ty);
            let id = self.id(&value);
            self.b.store_slot(outer, id);
            self.outer_binding(
                &mut copies,
                var,
                Binding::Bound(Bound::new(bound.ty, bound.span)),
            );
        }
        self.close_copies(copies);
    }

    /// One thread runs the loop: a reduction only needs a copy that nobody else sees, starting with the
    /// variable's value, and lastprivate variables can stay what they are.
    fn open_simd_copies(
        &mut self,
        dir: DirId,
        region: &Region,
        copies: &mut Copies,
    ) -> Vec<(VarId, SlotId)> {
        let mut accumulators = Vec::new();
        for fact in &region.vars {
            let NameRef::Var(var) = fact.name else {
                continue;
            };
            match &fact.sharing {
                Sharing::Private => self.private(var, copies),
                Sharing::Reduction { op, .. } => {
                    let value = self.read_var(var, fact.span);
                    if value.is_never() || value.ty.array().is_some() {
                        continue;
                    }
                    let Some(ty) = self.fix_type(var, dir, fact.span) else {
                        continue;
                    };
                    let Some(operator) = self.operator_for(*op, &ty, var, fact.span) else {
                        continue;
                    };
                    let value = self.read_var(var, fact.span);
                    let outer = self.slot(var, &ty);
                    self.enter_scope(var, copies);
                    let key = (var, self.scope_of[var.index()]);
                    // A scanned variable's value counts in every iteration.
                    if let Operator::Own(op) = operator
                        && !scans(fact)
                    {
                        self.omp.reductions.insert(key, op);
                    }
                    self.pins.insert(key, dir);
                    self.bind(var, value, fact.span);
                    accumulators.push((var, outer));
                }
                // One thread: the variable itself can follow the iterations.
                Sharing::Linear { .. } | Sharing::Induction { .. }
                    if fact.origin == Origin::Explicit =>
                {
                    copies.linears.extend(self.linear(var, fact));
                }
                _ => {}
            }
        }
        accumulators
    }
}
