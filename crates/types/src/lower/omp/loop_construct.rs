//! `loop`: iterations that may run in any order, divided among the threads that the construct binds to.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::BindKind;

impl Lowerer<'_, '_> {
    pub(super) fn loop_construct(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        match region.bind {
            Some(BindKind::Parallel) => self.worksharing_loop(construct, k),
            Some(BindKind::Teams) => self.distribute(construct, k),
            Some(BindKind::Thread) | None => self.simd(construct, k),
        }
    }
}
