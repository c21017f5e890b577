//! `masked`: one chosen thread of the team runs the block.

use super::super::function::Lowerer;
use super::Construct;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::Region;
use omply_ir::{CompareOp, Op, Type};

impl Lowerer<'_, '_> {
    pub(super) fn masked(&mut self, construct: Construct<'_>, region: &Region, k: usize) {
        let chosen = match &region.filter {
            Some(expr) => {
                let value = self.expr(expr);
                match self.index_value(&value, expr.span) {
                    Some(value) => self.id(&value),
                    None => return,
                }
            }
            None => self.b.int(0),
        };
        let own = self.b.emit(Op::ThreadNum, Type::I64);
        let cond = self.b.compare(CompareOp::Eq, own, chosen);
        self.if_then(&Val::new(Ty::Bool, cond), |s| s.region(construct, k + 1));
    }
}
