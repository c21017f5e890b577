//! Copies of blocks: every value that the copy defines gets a new id.

use std::collections::HashMap;

use omply_ir::{Block, FuncBuilder, ValueId};

/// Calls `define` for every value that the block or a nested one defines, induction variables included.
pub fn for_each_definition(block: &Block, define: &mut dyn FnMut(ValueId)) {
    block.walk(&mut |inst| {
        inst.results.iter().for_each(|&result| define(result));
        inst.op.for_each_bound(define);
    });
}

/// Renames the values that `map` names, wherever the block defines or uses them.
pub fn rename_values(block: &mut Block, map: &HashMap<ValueId, ValueId>) {
    let rename = |value: &mut ValueId| {
        if let Some(&new) = map.get(value) {
            *value = new;
        }
    };
    block.walk_mut(&mut |inst| {
        inst.results.iter_mut().for_each(rename);
        inst.op.for_each_bound_mut(&mut |value| rename(value));
        inst.op.for_each_operand_mut(&mut |value| rename(value));
    });
}

/// A copy of the block for the same function.
pub fn copy_block(b: &mut FuncBuilder, block: &Block) -> Block {
    let mut map = HashMap::new();
    for_each_definition(block, &mut |value| {
        let ty = b.value_type(value).clone();
        map.insert(value, b.value(ty));
    });
    let mut copy = block.clone();
    rename_values(&mut copy, &map);
    copy
}
