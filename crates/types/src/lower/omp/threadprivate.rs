//! `threadprivate` variables and `copyin`.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::{Region, Sharing};
use omply_ir::SlotId;
use omply_spec::LeafKind;
use omply_syntax::hir::{NameRef, VarId};

impl Lowerer<'_, '_> {
    /// Whether a name declared `global` is threadprivate.
    pub fn is_threadprivate(&self, var: VarId) -> bool {
        let name = NameRef::Var(var);
        let spelt = &self.hir.vars[var.index()].name;
        self.hir
            .globals
            .iter()
            .any(|global| global.threadprivate && global.name == *spelt)
            || self
                .facts
                .directives
                .iter()
                .flat_map(|directive| &directive.regions)
                .any(|region| {
                    region
                        .vars
                        .iter()
                        .any(|fact| fact.name == name && fact.sharing == Sharing::Threadprivate)
                        || region.copyin.iter().any(|(item, _)| *item == name)
                        || (region.leaf == LeafKind::Threadprivate
                            && region.flush.iter().any(|(item, _)| *item == name))
                })
    }

    /// The directive itself declares; uses of its names carry the attribute.
    pub(super) fn threadprivate(&mut self, _: Construct<'_>) {}

    /// Saves the primary thread's values: threadprivate slot and temporary, one pair for each variable.
    pub(super) fn copyin_capture(&mut self, region: &Region) -> Vec<(SlotId, SlotId)> {
        let mut pairs = Vec::new();
        for (name, span) in &region.copyin {
            let name = self.hir.name_of(*name).to_owned();
            if let Some((slot, ty)) = self.threadprivate_slot(&name, *span) {
                let value = self.b.load_slot(slot);
                let temp = self.temp("copyin", &ty);
                self.b.store_slot(temp, value);
                pairs.push((slot, temp));
            }
        }
        pairs
    }

    /// Gives this thread's variables the saved values.
    pub(super) fn copyin_store(&mut self, pairs: &[(SlotId, SlotId)]) {
        for &(slot, temp) in pairs {
            let value = self.b.load_slot(temp);
            self.b.store_slot(slot, value);
        }
    }
}
