//! Removes what nothing uses: instructions without effect whose results are unused, and slots that no instruction
//! mentions (outlining leaves behind the slots that moved into the region's function).

use std::collections::HashMap;

use omply_ir::{Block, Func, Module, Op, SlotId};

pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        dead_values(func);
        unused_slots(func);
    }
}

/// Removes pure instructions that nothing uses, and then those that only they used.
fn dead_values(func: &mut Func) {
    loop {
        let mut used = vec![false; func.values.len()];
        func.body.walk(&mut |inst| {
            inst.op
                .for_each_operand(&mut |value| used[value.index()] = true)
        });
        let removed = remove_unused(&mut func.body, &used);
        if !removed {
            return;
        }
    }
}

fn remove_unused(block: &mut Block, used: &[bool]) -> bool {
    let before = block.insts.len();
    block.insts.retain(|inst| {
        !is_pure(&inst.op) || inst.results.iter().any(|result| used[result.index()])
    });
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
        if let Op::Parallel { locals, .. } = &inst.op {
            locals.iter().for_each(|slot| used[slot.index()] = true);
        }
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
