//! `barrier` and `flush`.

use super::super::function::Lowerer;
use omply_analysis::facts::{self, Region};
use omply_ir::{MemoryOrder, Op};

impl Lowerer<'_, '_> {
    pub(super) fn barrier(&mut self) {
        self.b.effect(Op::Barrier);
    }

    /// The list of a `flush` narrows what must be made visible; all of memory is.
    pub(super) fn flush(&mut self, region: &Region) {
        let order = region
            .memory_order
            .map_or(MemoryOrder::SeqCst, memory_order);
        self.b.effect(Op::Flush { order });
    }
}

pub(super) fn memory_order(order: facts::MemoryOrder) -> MemoryOrder {
    match order {
        facts::MemoryOrder::Relaxed => MemoryOrder::Relaxed,
        facts::MemoryOrder::Acquire => MemoryOrder::Acquire,
        facts::MemoryOrder::Release => MemoryOrder::Release,
        facts::MemoryOrder::AcqRel => MemoryOrder::AcqRel,
        facts::MemoryOrder::SeqCst => MemoryOrder::SeqCst,
    }
}
