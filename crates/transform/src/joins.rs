//! Finds the tasks that the function itself waits for: on every path on which nothing fails, a `TaskWait` for all children,
//! the end of a `TaskGroup` or a `Barrier` follows before the function returns or generates the task again. Such a task may live in the
//! function's frame, and so may what it shares.
//!
//! The search goes from a `Spawn` down its block, then on in the blocks around. It gives up where control may go another
//! way (`Break`, `Continue`, `Return`, `LeaveLoop`) and at the end of a loop's body, whose next round would generate the task again.

use omply_ir::{Block, Module, Op};

pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        block(&mut func.body, false);
    }
}

/// `after`: the code behind the block waits for all that the block generates.
fn block(block: &mut Block, after: bool) {
    let mut joined = after;
    // Between here and a wait for all children nothing happens.
    let mut next = false;
    for inst in block.insts.iter_mut().rev() {
        let waits_next = next;
        next = match &inst.op {
            Op::TaskWait { depends, .. } => depends.is_empty(),
            Op::Const(_) => next,
            _ => false,
        };
        match &mut inst.op {
            Op::TaskWait { depends, .. } if depends.is_empty() => joined = true,
            op if branches(op) => joined = false,
            // A detached task is complete when somebody says so, which may be after a wait that is cut short.
            Op::Spawn(spawn) => {
                spawn.joined = joined && spawn.clauses.detach.is_none();
                spawn.at_once = spawn.joined && waits_next;
            }
            // Tasks of the team are complete behind a barrier.
            Op::Barrier => joined = true,
            Op::TaskGroup { body } => self::block(body, true),
            op @ (Op::For { .. } | Op::While { .. }) => {
                op.for_each_block_mut(&mut |nested| self::block(nested, false));
                joined &= !leaves(op);
            }
            op => {
                op.for_each_block_mut(&mut |nested| self::block(nested, joined));
                joined &= !leaves(op);
            }
        }
    }
}

/// Whether control goes elsewhere, other than by failing.
fn branches(op: &Op) -> bool {
    op.is_terminator() && !matches!(op, Op::Raise { .. } | Op::LeaveRegion | Op::LeaveTask)
}

/// Whether a branch inside of the instruction may lead past the code behind it.
fn leaves(op: &Op) -> bool {
    let is_loop = matches!(op, Op::For { .. } | Op::While { .. });
    let mut found = false;
    op.for_each_block(&mut |nested| {
        found |= nested.insts.iter().any(|inst| match &inst.op {
            Op::Break | Op::Continue => !is_loop,
            inner => branches(inner) || leaves(inner),
        });
    });
    found
}
