//! What blocks do to slots, and whether they meet other threads.

use std::collections::{HashMap, HashSet};

use omply_ir::walk::SlotUse;
use omply_ir::{Block, Func, Op, Routine, SlotId, Storage, ValueId};

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
                | Op::Spawn(_)
                | Op::TaskGroup { .. }
                | Op::TaskWait { .. }
                | Op::TaskYield
                | Op::Routine {
                    routine: Routine::Lock,
                    ..
                }
                | Op::ForkTeams { .. }
                | Op::Offload(_)
                | Op::TargetData(_)
                | Op::TargetMove(_)
                | Op::Barrier
                | Op::Flush { .. }
                | Op::Warn { .. }
                | Op::Watch { .. }
                | Op::Single { .. }
                | Op::CopyPrivate { .. }
                | Op::Critical { .. }
                | Op::Combine { .. }
                | Op::Ordered { .. }
                | Op::Cancel { .. }
                | Op::DoacrossBegin { .. }
                | Op::DoacrossPost { .. }
                | Op::DoacrossWait { .. }
                | Op::DoacrossEnd
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

/// For every loop, by its induction variable or test, the slots that certainly hold a value when it starts. Loading any
/// other one before the program does so itself might read what was never written.
pub fn assigned_before_loops(func: &Func) -> HashMap<ValueId, HashSet<SlotId>> {
    let mut assigned: HashSet<SlotId> = func.params.iter().copied().collect();
    for (index, slot) in func.slots.iter().enumerate() {
        if slot.storage != Storage::Local {
            assigned.insert(SlotId(index as u32));
        }
    }
    let mut loops = HashMap::new();
    assign(&func.body, &mut assigned, &mut loops);
    loops
}

/// Adds to `assigned` what the block certainly assigns.
fn assign(
    block: &Block,
    assigned: &mut HashSet<SlotId>,
    loops: &mut HashMap<ValueId, HashSet<SlotId>>,
) {
    for inst in &block.insts {
        match &inst.op {
            Op::SlotStore { slot, .. } => {
                assigned.insert(*slot);
            }
            Op::If { then, els, .. } => {
                let (mut after_then, mut after_els) = (assigned.clone(), assigned.clone());
                assign(then, &mut after_then, loops);
                assign(els, &mut after_els, loops);
                *assigned = match (then.diverges(), els.diverges()) {
                    (true, _) => after_els,
                    (_, true) => after_then,
                    _ => &after_then & &after_els,
                };
            }
            Op::For { iv, body, .. } => {
                loops.insert(*iv, assigned.clone());
                assign(body, &mut assigned.clone(), loops);
            }
            Op::Loop(ws) => {
                for dim in &ws.dims {
                    loops.insert(dim.iv, assigned.clone());
                }
                assign(&ws.body, &mut assigned.clone(), loops);
            }
            Op::While { cond, test, body } => {
                loops.insert(*test, assigned.clone());
                assign(cond, assigned, loops);
                assign(body, &mut assigned.clone(), loops);
            }
            op => op.for_each_block(&mut |nested| assign(nested, &mut assigned.clone(), loops)),
        }
    }
}
