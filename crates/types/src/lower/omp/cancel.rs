//! `cancel` and `cancellation_point`: a thread asks whether its region is cancelled, and leaves it, or its task, if so.

use super::super::function::Lowerer;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{CancelKind, Region};
use omply_ir::{self as ir, Op, Type};
use omply_spec::LeafKind;

impl Lowerer<'_, '_> {
    pub(super) fn cancel(&mut self, region: &Region) {
        let kind = match region.cancel {
            Some(CancelKind::Parallel) => ir::CancelKind::Parallel,
            Some(CancelKind::For) => ir::CancelKind::For,
            Some(CancelKind::Sections) => ir::CancelKind::Sections,
            Some(CancelKind::Taskgroup) => ir::CancelKind::Taskgroup,
            None => return,
        };
        let activate = (region.leaf == LeafKind::Cancel).then(|| match &region.if_ {
            Some(expr) => {
                let condition = self.condition(expr);
                self.id(&condition)
            }
            None => self.b.bool(true),
        });
        let leave = self.b.emit(Op::Cancel { kind, activate }, Type::BOOL);
        self.if_then(&Val::new(Ty::Bool, leave), |s| match kind {
            ir::CancelKind::Parallel => {
                s.b.effect(Op::LeaveRegion);
                s.live = false;
            }
            ir::CancelKind::Taskgroup => {
                s.b.effect(Op::LeaveTask);
                s.live = false;
            }
            ir::CancelKind::For | ir::CancelKind::Sections => s.leave_worksharing(region.span),
        });
    }
}
