//! `ordered`: the blocks run in the order of the iterations.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::Region;
use omply_ir::Op;
use omply_spec::{ClauseKind, LeafKind};

impl Lowerer<'_, '_> {
    pub(super) fn ordered(&mut self, construct: Construct<'_>, region: &Region) {
        let clauses = construct
            .directive
            .directive
            .leaves
            .iter()
            .flat_map(|leaf| &leaf.clauses);
        let simd = clauses
            .clone()
            .any(|clause| clause.kind == ClauseKind::Simd);
        if let Some(doacross) = &region.doacross {
            return self.doacross(region, doacross);
        }
        let threads = clauses
            .clone()
            .any(|clause| clause.kind == ClauseKind::Threads);
        if simd && !threads {
            // One thread runs the loop, and its iterations one after the other: the loop is told so.
            return self.stmts(&construct.directive.body);
        }
        let body = self.straight(construct);
        self.b.effect(Op::Ordered { body });
    }
    /// Whether the iterations of a loop meet in a block that each runs in its turn.
    pub(super) fn has_ordered_block(&self, construct: Construct<'_>) -> bool {
        let facts = &self.facts.directives;
        facts.iter().any(|directive| {
            let mut around = std::iter::successors(directive.parent, |id| facts[id.index()].parent);
            let in_turn =
                |region: &Region| region.leaf == LeafKind::Ordered && region.doacross.is_none();
            directive.regions.iter().any(in_turn) && around.any(|id| id == construct.facts.id)
        })
    }
}
