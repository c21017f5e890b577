//! Programs that are checked while they run: what each thread of a team comes to is told to the runtime, which fails when the
//! threads of a team come to different constructs.

use super::super::function::Lowerer;
use super::Construct;
use omply_ir::{CompareOp, ErrorKind, Op, Type, ValueId, WatchEvent};
use omply_spec::{BindKind, LeafKind};
use omply_syntax::hir::DirectiveStmt;

impl Lowerer<'_, '_> {
    /// Where a directive stands, for messages that are made when the program runs.
    pub(super) fn place_of(&self, directive: &DirectiveStmt) -> String {
        format!("line {} in {}()", directive.line, self.hir.name)
    }

    pub(super) fn watch_begins(&mut self, construct: Construct<'_>) -> Option<ValueId> {
        self.options
            .check
            .then(|| self.watch(construct, WatchEvent::Begins, None))
    }

    pub(super) fn watch_enters(&mut self, construct: Construct<'_>, region: Option<ValueId>) {
        if region.is_some() {
            self.watch(construct, WatchEvent::Enters, region);
        }
    }

    pub(super) fn watch_ends(&mut self, construct: Construct<'_>, k: usize) {
        if self.options.check && construct.facts.regions[k].leaf == LeafKind::Parallel {
            self.watch_and_check(construct, WatchEvent::Ends);
        }
    }

    /// A construct that all threads of a team have to meet.
    pub(super) fn watch_meets(&mut self, construct: Construct<'_>) {
        let Some(region) = construct.facts.regions.first() else {
            return;
        };
        let together = match region.leaf {
            LeafKind::Barrier
            | LeafKind::For
            | LeafKind::Sections
            | LeafKind::Single
            | LeafKind::Scope => true,
            LeafKind::Loop => region.bind == Some(BindKind::Parallel),
            _ => false,
        };
        if self.options.check && together {
            self.watch_and_check(construct, WatchEvent::Meets);
        }
    }

    fn watch_and_check(&mut self, construct: Construct<'_>, event: WatchEvent) {
        let number = self.watch(construct, event, None);
        let none = self.b.int(0);
        let fine = self.b.compare(CompareOp::Eq, number, none);
        let span = construct.directive.head_span;
        self.check(fine, ErrorKind::Check, "{0}", span, vec![number]);
    }

    fn watch(
        &mut self,
        construct: Construct<'_>,
        event: WatchEvent,
        region: Option<ValueId>,
    ) -> ValueId {
        self.b.set_span(construct.directive.head_span);
        let what = construct.directive.directive.name.clone();
        let place = self.place_of(construct.directive);
        let op = Op::Watch {
            event,
            region,
            what,
            place,
        };
        self.b.emit(op, Type::I64)
    }
}
