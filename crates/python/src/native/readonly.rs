//! Read-only arrays: compiled code writes through plain pointers, so a signature with read-only arguments is
//! compiled only when no write can reach their memory. Arrays are followed from the entry's parameters through
//! slots, views, tuples, calls and parallel regions, without regard to control flow.

use omply_diagnostics::Span;
use omply_ir::{Block, FuncId, MapFlags, MapItem, Module, Op, Place, SlotId, Type, ValueId};
use std::collections::HashSet;

/// What may be, or hold, a view of read-only memory.
#[derive(Default)]
struct Marks {
    slots: HashSet<(FuncId, SlotId)>,
    values: HashSet<(FuncId, ValueId)>,
    returns: HashSet<FuncId>,
}

impl Marks {
    fn len(&self) -> usize {
        self.slots.len() + self.values.len() + self.returns.len()
    }
}

/// The first place found where memory of a read-only parameter may be written. `read_only` tells of each parameter
/// of the entry function (in the order of its slots) whether it is or holds a read-only array.
pub fn first_write(module: &Module, read_only: &[bool]) -> Option<(FuncId, Span)> {
    let entry = module.entry?;
    let mut marks = Marks::default();
    let params = &module.funcs.get(entry.index())?.params;
    for (&slot, _) in params.iter().zip(read_only).filter(|(_, marked)| **marked) {
        marks.slots.insert((entry, slot));
    }
    // Marks only grow, and there are finitely many, so this ends.
    loop {
        let before = marks.len();
        for (i, func) in module.funcs.iter().enumerate() {
            spread(module, FuncId(i as u32), &func.body, &mut marks);
        }
        if marks.len() == before {
            break;
        }
    }
    module.funcs.iter().enumerate().find_map(|(i, func)| {
        let id = FuncId(i as u32);
        write_in(module, id, &func.body, &marks).map(|span| (id, span))
    })
}

fn spread(module: &Module, func: FuncId, body: &Block, marks: &mut Marks) {
    body.walk(&mut |inst| {
        let marked = |marks: &Marks, value: &ValueId| marks.values.contains(&(func, *value));
        let result = match &inst.op {
            Op::SlotLoad { slot } => marks.slots.contains(&(func, *slot)),
            Op::SlotStore { slot, value } => {
                if marked(marks, value) {
                    marks.slots.insert((func, *slot));
                }
                false
            }
            Op::View { array, .. } | Op::ArrayCast { array } | Op::Transpose { array } => {
                marked(marks, array)
            }
            Op::TupleNew { items } => items.iter().any(|item| marked(marks, item)),
            Op::TupleGet { tuple, .. } => marked(marks, tuple),
            Op::Select { then, els, .. } => marked(marks, then) || marked(marks, els),
            Op::Return { value: Some(value) } => {
                if marked(marks, value) {
                    marks.returns.insert(func);
                }
                false
            }
            Op::Call { func: callee, args } => {
                let params = module
                    .funcs
                    .get(callee.index())
                    .map_or(&[][..], |f| &f.params);
                for (param, arg) in params.iter().zip(args) {
                    if marked(marks, arg) {
                        marks.slots.insert((*callee, *param));
                    }
                }
                marks.returns.contains(callee)
            }
            _ => false,
        };
        if result {
            marks
                .values
                .extend(inst.results.iter().map(|value| (func, *value)));
        }
    });
}

fn write_in(module: &Module, func: FuncId, body: &Block, marks: &Marks) -> Option<Span> {
    let marked = |value: &ValueId| marks.values.contains(&(func, *value));
    let place_marked =
        |place: &Place| matches!(place, Place::Element { array, .. } if marked(array));
    // Without a clause, what a region only reads is not copied back.
    let copied_back = |maps: &[MapItem]| {
        maps.iter().any(|item| {
            item.flags.has(MapFlags::FROM)
                && !item.flags.has(MapFlags::IMPLICIT)
                && marks.slots.contains(&(func, item.on.slot()))
        })
    };
    let mut found = None;
    body.walk(&mut |inst| {
        let writes = match &inst.op {
            Op::Store { array, .. } => marked(array),
            Op::ArrayCopy { dst, .. }
            | Op::ArrayFill { dst, .. }
            | Op::ArrayCombine { dst, .. } => marked(dst),
            Op::AtomicStore { place, .. }
            | Op::AtomicUpdate { place, .. }
            | Op::AtomicExchange { place, .. }
            | Op::AtomicCompareExchange { place, .. } => place_marked(place),
            Op::Reduce { items } => items.iter().any(|item| {
                let slots = module.funcs.get(func.index()).map_or(&[][..], |f| &f.slots);
                let array = slots
                    .get(item.shared.index())
                    .is_some_and(|slot| matches!(slot.ty, Type::Array(_)));
                array && marks.slots.contains(&(func, item.shared))
            }),
            Op::Target(target) => copied_back(&target.maps),
            Op::TargetData(data) => copied_back(&data.maps),
            Op::TargetMove(moved) => copied_back(&moved.maps),
            _ => false,
        };
        if writes && found.is_none() {
            found = Some(inst.span);
        }
    });
    found
}
