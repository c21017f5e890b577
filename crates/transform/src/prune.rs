//! Removes what nothing uses: instructions without effect whose results are unused, stores to slots of this thread
//! that nothing reads, and slots that no instruction mentions (outlining leaves behind the slots that moved into the
//! region's function).

use std::collections::HashMap;

use omply_ir::walk::SlotUse;
use omply_ir::{Block, Func, Inst, Module, Op, SlotId, Storage, Type};

pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        dead_values(func);
        unused_slots(func);
    }
}

/// Removes pure instructions that nothing uses and stores that nothing reads, and then those that only they used.
fn dead_values(func: &mut Func) {
    loop {
        let mut used = Used {
            values: vec![false; func.values.len()],
            slots: vec![false; func.slots.len()],
        };
        for (used, slot) in used.slots.iter_mut().zip(&func.slots) {
            // A slot that holds an array keeps it alive, read or not; others may read what is not this thread's.
            *used = slot.storage != Storage::Local || !matches!(slot.ty, Type::Scalar(_));
        }
        func.body.walk(&mut |inst| {
            inst.op
                .for_each_operand(&mut |value| used.values[value.index()] = true);
            inst.op
                .for_each_slot(&mut |slot, how| used.slots[slot.index()] |= how != SlotUse::Write);
        });
        let removed = remove_unused(&mut func.body, &used);
        if !removed {
            return;
        }
    }
}

struct Used {
    values: Vec<bool>,
    slots: Vec<bool>,
}

impl Used {
    fn needs(&self, inst: &Inst) -> bool {
        match &inst.op {
            Op::SlotStore { slot, .. } => self.slots[slot.index()],
            op => {
                !is_pure(op)
                    || inst
                        .results
                        .iter()
                        .any(|result| self.values[result.index()])
            }
        }
    }
}

fn remove_unused(block: &mut Block, used: &Used) -> bool {
    let before = block.insts.len();
    block.insts.retain(|inst| used.needs(inst));
    let mut removed = block.insts.len() != before;
    for inst in &mut block.insts {
        inst.op
            .for_each_block_mut(&mut |nested| removed |= remove_unused(nested, used));
    }
    removed
}

/// Whether the instruction does nothing but define its results.
pub fn is_pure(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::Unary { .. }
            | Op::Binary { .. }
            | Op::Compare { .. }
            | Op::Cast { .. }
            | Op::Select { .. }
            | Op::Math { .. }
            | Op::ComplexNew { .. }
            | Op::ComplexPart { .. }
            | Op::TupleNew { .. }
            | Op::TupleGet { .. }
            | Op::SlotLoad { .. }
            | Op::Dim { .. }
            | Op::ArrayCast { .. }
            | Op::Transpose { .. }
            | Op::ThreadNum
            | Op::TeamSize
    )
}

fn unused_slots(func: &mut Func) {
    let mut used = vec![false; func.slots.len()];
    func.params
        .iter()
        .for_each(|param| used[param.index()] = true);
    func.body.walk(&mut |inst| {
        inst.op
            .for_each_slot(&mut |slot, _| used[slot.index()] = true);
        let locals: &[SlotId] = match &inst.op {
            Op::Parallel { locals, .. } => locals,
            Op::Teams(teams) => &teams.locals,
            _ => &[],
        };
        locals.iter().for_each(|slot| used[slot.index()] = true);
    });
    if used.iter().all(|&used| used) {
        return;
    }
    let mut map = HashMap::new();
    let mut next = 0;
    let mut index = 0;
    func.slots.retain(|_| {
        let keep = used[index];
        if keep {
            map.insert(SlotId(index as u32), SlotId(next));
            next += 1;
        }
        index += 1;
        keep
    });
    func.params.iter_mut().for_each(|param| *param = map[param]);
    func.body
        .walk_mut(&mut |inst| inst.op.for_each_slot_mut(&mut |slot| *slot = map[slot]));
}
