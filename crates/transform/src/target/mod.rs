//! Takes the bodies of `target` regions out of their functions, before anything inside of them is outlined: a device compiles them
//! from their regions, the host goes on with the same functions.
//!
//! Whatever a region mentions of its function is captured by value, mapped scalars excepted. An array's memory is mapped even where
//! no item says so, as for views that the function made before the region; one that the region only reads is not copied back.

mod launch;

use std::collections::{HashMap, HashSet};

use omply_ir::*;

use crate::outline::{constants, extract};

/// Outlines every target region.
pub fn run(module: &mut Module) {
    let first = module.funcs.len();
    let mut outlined = Vec::new();
    let funcs = std::mem::take(&mut module.funcs);
    for func in funcs {
        let has_targets = func.body.any(&|inst| matches!(inst.op, Op::Target(_)));
        if !has_targets {
            module.funcs.push(func);
            continue;
        }
        let mut taker = Taker {
            first,
            parent: func.name.clone(),
            regions: 0,
            constants: constants(&func.body),
            outlined: &mut outlined,
        };
        let (mut b, body) = FuncBuilder::resume(func);
        let body = taker.block(&mut b, body, &mut Vec::new());
        b.append(body);
        module.funcs.push(b.finish());
    }
    module.funcs.extend(outlined);
}

/// Outlines every target region and gives a module of these functions, in their order, and of those that they call; nothing where
/// there are none.
pub fn split(module: &mut Module) -> Option<Module> {
    run(module);
    let mut wanted: Vec<FuncId> = targets(module).collect();
    if wanted.is_empty() {
        return None;
    }
    let mut next = 0;
    while let Some(&id) = wanted.get(next) {
        next += 1;
        module.funcs[id.index()].body.walk(&mut |inst| {
            if let Op::Call { func, .. } = inst.op
                && !wanted.contains(&func)
            {
                wanted.push(func);
            }
        });
    }
    let places: HashMap<FuncId, FuncId> = wanted
        .iter()
        .enumerate()
        .map(|(place, &id)| (id, FuncId(place as u32)))
        .collect();
    let mut funcs: Vec<Func> = wanted
        .iter()
        .map(|id| module.funcs[id.index()].clone())
        .collect();
    for func in &mut funcs {
        func.body.walk_mut(&mut |inst| {
            if let Op::Call { func, .. } = &mut inst.op {
                *func = places[func];
            }
        });
    }
    Some(Module {
        name: module.name.clone(),
        funcs,
        sites: module.sites.clone(),
        entry: None,
    })
}

/// The functions of target regions; the place in this order is the region's number.
pub fn targets(module: &Module) -> impl Iterator<Item = FuncId> {
    let funcs = module.funcs.iter().enumerate();
    funcs
        .filter(|(_, func)| func.kind == FuncKind::Target)
        .map(|(index, _)| FuncId(index as u32))
}

struct Taker<'m> {
    /// The index that the first outlined function will have in the module.
    first: usize,
    parent: String,
    regions: usize,
    constants: HashMap<ValueId, Const>,
    outlined: &'m mut Vec<Func>,
}

impl Taker<'_> {
    /// `spills`: the new slots of the innermost region around.
    fn block(&mut self, b: &mut FuncBuilder, block: Block, spills: &mut Vec<SlotId>) -> Block {
        b.open_block();
        for mut inst in block.insts {
            b.set_span(inst.span);
            match inst.op {
                Op::Target(target) => {
                    let mut target = *target;
                    let mut own = Vec::new();
                    target.body = self.block(b, target.body, &mut own);
                    target.locals.extend(own);
                    self.target(b, target, inst.span, spills);
                }
                ref mut op => {
                    let mut own = Vec::new();
                    let makes_own = matches!(op, Op::Parallel { .. } | Op::Teams(_) | Op::Task(_));
                    let inner = if makes_own { &mut own } else { &mut *spills };
                    op.for_each_block_mut(&mut |nested| {
                        let old = std::mem::take(nested);
                        *nested = self.block(b, old, inner);
                    });
                    match op {
                        Op::Parallel { locals, .. } => locals.extend(own),
                        Op::Teams(teams) => teams.locals.extend(own),
                        Op::Task(task) => task.locals.extend(own),
                        _ => {}
                    }
                    b.push(inst);
                }
            }
        }
        b.close_block()
    }

    fn target(
        &mut self,
        b: &mut FuncBuilder,
        target: Target,
        span: omply_diagnostics::Span,
        spills: &mut Vec<SlotId>,
    ) {
        let Target {
            mut clauses,
            mut maps,
            locals,
            mut body,
        } = target;
        let own = own_slots(locals, &mut body);
        launch::complete(b, &mut clauses, &body, &own);
        self.regions += 1;
        let name = format!("{}.target.{}", self.parent, self.regions);
        let callee = FuncBuilder::new(name, FuncKind::Target, Type::Unit, span);
        let scalars: HashSet<SlotId> = maps
            .iter()
            .filter(|item| matches!(item.on, MapOn::Scalar(_)))
            .map(|item| item.on.slot())
            .collect();
        let how = |slot: SlotId| {
            if own.contains(&slot) {
                None
            } else if scalars.contains(&slot) {
                Some(CaptureBy::Reference)
            } else {
                Some(CaptureBy::Value)
            }
        };
        let (func, captures) = extract(b, callee, body, &self.constants, &how, spills);
        for (place, capture) in captures.iter().enumerate() {
            if !holds_array(b.slot_type(capture.slot)) {
                continue;
            }
            let implicit = match maps.iter().position(|item| item.on.slot() == capture.slot) {
                None => {
                    maps.push(MapItem {
                        name: b.func().slots[capture.slot.index()].name.clone(),
                        flags: MapFlags::TOFROM | MapFlags::IMPLICIT,
                        on: MapOn::Array(capture.slot),
                    });
                    maps.len() - 1
                }
                Some(index) => index,
            };
            let item = &mut maps[implicit];
            let copied = item.flags.has(MapFlags::IMPLICIT | MapFlags::FROM);
            if copied && only_read(&func, func.params[place]) {
                item.flags = item.flags.without(MapFlags::FROM);
            }
        }
        let id = FuncId((self.first + self.outlined.len()) as u32);
        self.outlined.push(func);
        b.effect(Op::Offload(Box::new(Offload {
            func: id,
            captures,
            maps,
            clauses,
        })));
    }
}

/// The slots that the region, or one inside of it, has for itself. Those that nothing mentions are taken off the lists inside.
fn own_slots(locals: Vec<SlotId>, body: &mut Block) -> HashSet<SlotId> {
    let mut mentioned = HashSet::new();
    body.walk(&mut |inst| {
        inst.op.for_each_slot(&mut |slot, _| {
            mentioned.insert(slot);
        });
    });
    let mut own: HashSet<SlotId> = locals.into_iter().collect();
    body.walk_mut(&mut |inst| {
        let locals = match &mut inst.op {
            Op::Parallel { locals, .. } => locals,
            Op::Teams(teams) => &mut teams.locals,
            Op::Task(task) => &mut task.locals,
            _ => return,
        };
        locals.retain(|slot| mentioned.contains(slot));
        own.extend(locals.iter());
    });
    own
}

fn holds_array(ty: &Type) -> bool {
    match ty {
        Type::Array(_) => true,
        Type::Tuple(items) => items.iter().any(holds_array),
        Type::Unit | Type::Scalar(_) => false,
    }
}

/// Whether nothing writes to the memory of the array in `slot`, as far as the function itself shows.
fn only_read(func: &Func, slot: SlotId) -> bool {
    let mut views: HashSet<ValueId> = HashSet::new();
    let mut fine = true;
    func.body.walk(&mut |inst| {
        let mut uses = false;
        inst.op
            .for_each_operand(&mut |value| uses |= views.contains(value));
        let mut touched = false;
        inst.op
            .for_each_slot(&mut |other, _| touched |= other == slot);
        match &inst.op {
            Op::SlotLoad { slot: loaded } if *loaded == slot => {
                views.extend(&inst.results);
            }
            Op::View { .. } | Op::ArrayCast { .. } | Op::Transpose { .. } if uses => {
                views.extend(&inst.results);
            }
            Op::Load { .. } | Op::Dim { .. } => {}
            Op::ArrayCopy { dst, .. } | Op::ArrayCombine { dst, .. } => {
                fine &= !views.contains(dst) && !touched;
            }
            _ => fine &= !uses && !touched,
        }
    });
    fine
}
