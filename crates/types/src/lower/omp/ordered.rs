//! `ordered`: the blocks run in the order of the iterations.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::Region;
use omply_ir::Op;
use omply_spec::ClauseKind;

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
            return self.unsupported_clause("ordered simd", region.span);
        }
        let body = self.straight(construct);
        self.b.effect(Op::Ordered { body });
    }
}
