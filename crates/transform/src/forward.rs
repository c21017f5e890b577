//! Forwards what a slot holds to its loads, as far as that is plain from the block structure. LLVM would find it out
//! as well; the passes after this one need it to recognise loop variables, bounds and indices, which lowering keeps
//! in slots.
//!
//! Only slots of this thread and this function take part: none that a task shares. A value is forwarded only while the slot still holds it,
//! so an array stays owned by a slot wherever it is used.

use std::collections::{HashMap, HashSet};

use omply_ir::*;

use crate::effects::changed_slots;

pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        let mut local: HashSet<SlotId> = (0..func.slots.len())
            .filter(|&index| func.slots[index].storage == Storage::Local)
            .map(|index| SlotId(index as u32))
            .collect();
        func.body.walk(&mut |inst| {
            if let Op::Spawn(spawn) = &inst.op {
                let shared = spawn
                    .captures
                    .iter()
                    .filter(|capture| capture.by == CaptureBy::Reference);
                shared.for_each(|capture| {
                    local.remove(&capture.slot);
                });
            }
        });
        let mut forward = Forward {
            local,
            renamed: HashMap::new(),
        };
        forward.block(&mut func.body, &mut Held::new());
    }
}

/// What each slot is known to hold.
type Held = HashMap<SlotId, ValueId>;

struct Forward {
    local: HashSet<SlotId>,
    /// Results of loads that went away.
    renamed: HashMap<ValueId, ValueId>,
}

impl Forward {
    fn block(&mut self, block: &mut Block, held: &mut Held) {
        block.insts.retain_mut(|inst| self.inst(inst, held));
    }

    /// Whether the instruction stays.
    fn inst(&mut self, inst: &mut Inst, held: &mut Held) -> bool {
        // The test of a `While` is defined in its condition, which comes first.
        if !matches!(inst.op, Op::While { .. }) {
            self.rename(&mut inst.op);
        }
        match &mut inst.op {
            Op::SlotLoad { slot } if self.local.contains(slot) => {
                let result = inst.results[0];
                if let Some(&value) = held.get(slot) {
                    self.renamed.insert(result, value);
                    return false;
                }
                held.insert(*slot, result);
            }
            Op::SlotStore { slot, value } => {
                held.insert(*slot, *value);
            }
            Op::If { then, els, .. } => {
                self.block(then, &mut held.clone());
                self.block(els, &mut held.clone());
                for branch in [&*then, &*els] {
                    if !branch.diverges() {
                        forget_changed(held, branch);
                    }
                }
            }
            Op::While { cond, body, .. } => {
                forget_changed(held, cond);
                forget_changed(held, body);
                let mut inside = held.clone();
                self.block(cond, &mut inside);
                self.block(body, &mut inside);
                self.rename(&mut inst.op);
            }
            op => {
                op.for_each_slot(&mut |slot, how| {
                    if how != walk::SlotUse::Read {
                        held.remove(&slot);
                    }
                });
                op.for_each_block(&mut |nested| forget_changed(held, nested));
                op.for_each_block_mut(&mut |nested| self.block(nested, &mut held.clone()));
            }
        }
        true
    }

    fn rename(&self, op: &mut Op) {
        op.for_each_operand_mut(&mut |value| {
            if let Some(&new) = self.renamed.get(value) {
                *value = new;
            }
        });
    }
}

fn forget_changed(held: &mut Held, block: &Block) {
    for slot in changed_slots(block) {
        held.remove(&slot);
    }
}
