//! `scope`: every thread of the team runs the block once, with copies of its own; reductions are combined at its end.

use super::super::function::Lowerer;
use super::Construct;
use super::sharing::Copies;

impl Lowerer<'_, '_> {
    pub(super) fn scope_construct(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let mut copies = Copies::default();
        self.open_copies(construct.facts.id, region, &mut copies);
        self.region(construct, k + 1);
        self.b.set_span(construct.directive.head_span);
        if self.live {
            self.combine(&mut copies);
        }
        self.close_copies(copies);
        if self.live {
            self.end_barrier(construct, region, k);
        }
    }
}
