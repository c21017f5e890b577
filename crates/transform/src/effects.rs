//! What a block may do to slots, and whether it meets other threads.

use std::collections::HashSet;

use omply_ir::walk::SlotUse;
use omply_ir::{Block, Op, SlotId};

/// Slots that the block may change, or hands on by address.
pub fn changed_slots(block: &Block) -> HashSet<SlotId> {
    let mut changed = HashSet::new();
    block.walk(&mut |inst| {
        inst.op.for_each_slot(&mut |slot, how| {
            if how != SlotUse::Read {
                changed.insert(slot);
            }
        });
    });
    changed
}

/// Whether other code may run in the middle of the block: another thread's, ordered by synchronisation, or a
/// callee's. What they share with this function may then change.
pub fn meets_others(block: &Block) -> bool {
    block.any(&|inst| {
        matches!(
            inst.op,
            Op::Call { .. }
                | Op::Fork { .. }
                | Op::Barrier
                | Op::Flush { .. }
                | Op::Single { .. }
                | Op::CopyPrivate { .. }
                | Op::Critical { .. }
                | Op::Ordered { .. }
                | Op::Reduce { .. }
                | Op::AtomicLoad { .. }
                | Op::AtomicStore { .. }
                | Op::AtomicUpdate { .. }
                | Op::AtomicExchange { .. }
                | Op::AtomicCompareExchange { .. }
                | Op::DispatchNext { .. }
                | Op::OrderedIterationEnd
                | Op::DispatchEnd
        )
    })
}
