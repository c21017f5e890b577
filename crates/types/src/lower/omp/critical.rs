//! `critical`: one thread at a time runs the block.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::Region;
use omply_ir::{Block, Op};

impl Lowerer<'_, '_> {
    pub(super) fn critical(&mut self, construct: Construct<'_>, region: &Region) {
        let body = self.straight(construct);
        let name = region.name.clone().unwrap_or_default();
        self.b.effect(Op::Critical { name, body });
    }

    /// The construct's block, which every thread that comes here runs once.
    pub(super) fn straight(&mut self, construct: Construct<'_>) -> Block {
        let branch = self.branch(|s| s.stmts(&construct.directive.body));
        match branch.flow {
            Some(flow) => self.flow = flow,
            None => self.live = false,
        }
        self.b.set_span(construct.directive.head_span);
        branch.block
    }
}
