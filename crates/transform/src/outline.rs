//! Turns the body of every `Parallel`, `Teams` and `Task` into a function of its own, reached by `Fork`, `ForkTeams` or `Spawn`.
//!
//! Slots of the region (`locals`) move into the new function; threadprivate slots are declared there again. Every
//! other slot that the body mentions is captured: by value when nothing can change it while the region runs, else
//! by reference. Values of the enclosing function that the body uses go through new slots, captured by value;
//! constants are made again. Nested regions are outlined first, so that an enclosing region sees their captures as
//! uses of its own.
//!
//! A task may run long after the place that generates it. It takes a slot by value only if the slot has had its one
//! value by then (`stable`), and to everything that may run beside it, what it changes is volatile.

use std::collections::{HashMap, HashSet};

use omply_diagnostics::Span;
use omply_ir::*;

use crate::effects::changed_slots;
use crate::rename::{for_each_definition, rename_values};
use crate::stable;

pub fn run(module: &mut Module) {
    let mut outlined = Vec::new();
    let first = module.funcs.len();
    let funcs = std::mem::take(&mut module.funcs);
    for func in funcs {
        let mut outliner = Outliner {
            outlined: &mut outlined,
            first,
            parent: func.name.clone(),
            regions: 0,
            constants: constants(&func.body),
            spills: HashSet::new(),
            unstable: stable::unstable_slots(&func),
        };
        let (mut b, body) = FuncBuilder::resume(func);
        let volatile = changed_by_tasks(&body);
        let body = outliner.block(&mut b, body, &volatile);
        b.append(body);
        module.funcs.push(b.finish());
    }
    module.funcs.extend(outlined);
}

/// The values that are constants.
pub(crate) fn constants(block: &Block) -> HashMap<ValueId, Const> {
    let mut constants = HashMap::new();
    block.walk(&mut |inst| {
        if let Op::Const(constant) = inst.op {
            constants.insert(inst.results[0], constant);
        }
    });
    constants
}

/// Slots that the bodies of tasks change: whatever runs beside these tasks has to look at the variables themselves.
fn changed_by_tasks(block: &Block) -> HashSet<SlotId> {
    let mut changed = HashSet::new();
    block.walk(&mut |inst| {
        if let Op::Task(task) = &inst.op {
            changed.extend(changed_slots(&task.body));
        }
    });
    changed
}

struct Outliner<'m> {
    outlined: &'m mut Vec<Func>,
    /// The index that the first outlined function will have in the module.
    first: usize,
    parent: String,
    regions: usize,
    constants: HashMap<ValueId, Const>,
    /// Slots made here to carry values; each belongs to the region around the fork that it serves.
    spills: HashSet<SlotId>,
    /// Slots that a task may not take by value.
    unstable: HashSet<SlotId>,
}

/// A region without its body.
struct Region<'r> {
    what: &'static str,
    kind: FuncKind,
    locals: &'r [SlotId],
    /// Slots that something else may change while the region runs.
    volatile: &'r HashSet<SlotId>,
    span: Span,
}

impl Outliner<'_> {
    /// `volatile`: slots that other threads of enclosing regions may change at any time.
    fn block(&mut self, b: &mut FuncBuilder, block: Block, volatile: &HashSet<SlotId>) -> Block {
        b.open_block();
        for mut inst in block.insts {
            b.set_span(inst.span);
            match inst.op {
                Op::Parallel {
                    num_threads,
                    if_,
                    proc_bind,
                    locals,
                    body,
                } => {
                    let body = self.team_body(b, body, &locals, volatile);
                    let region = Region {
                        what: "parallel",
                        kind: FuncKind::Outlined,
                        locals: &locals,
                        volatile,
                        span: inst.span,
                    };
                    let (func, captures) = self.outline(b, region, body);
                    b.effect(Op::Fork {
                        func,
                        captures,
                        num_threads,
                        if_,
                        proc_bind,
                    });
                }
                Op::Teams(teams) => {
                    let Teams {
                        clauses,
                        locals,
                        body,
                    } = *teams;
                    let mut body = self.team_body(b, body, &locals, volatile);
                    alone_in_team(&mut body);
                    let region = Region {
                        what: "teams",
                        kind: FuncKind::Outlined,
                        locals: &locals,
                        volatile,
                        span: inst.span,
                    };
                    let (func, captures) = self.outline(b, region, body);
                    b.effect(Op::ForkTeams {
                        func,
                        captures,
                        clauses,
                    });
                }
                Op::Task(task) => {
                    let Task {
                        clauses,
                        locals,
                        body,
                    } = *task;
                    let mut inner = volatile | &self.unstable;
                    locals.iter().for_each(|local| {
                        inner.remove(local);
                    });
                    let body = self.block(b, body, &inner);
                    let region = Region {
                        what: "task",
                        kind: FuncKind::Task,
                        locals: &locals,
                        volatile: &(volatile | &self.unstable),
                        span: inst.span,
                    };
                    let (func, captures) = self.outline(b, region, body);
                    b.effect(Op::Spawn(Box::new(Spawn {
                        func,
                        captures,
                        clauses,
                        joined: false,
                        at_once: false,
                    })));
                }
                _ => {
                    inst.op.for_each_block_mut(&mut |nested| {
                        let old = std::mem::take(nested);
                        *nested = self.block(b, old, volatile);
                    });
                    b.push(inst);
                }
            }
        }
        b.close_block()
    }

    /// The body of a region that several threads run, regions in it being outlined.
    fn team_body(
        &mut self,
        b: &mut FuncBuilder,
        body: Block,
        locals: &[SlotId],
        volatile: &HashSet<SlotId>,
    ) -> Block {
        let mut inner = volatile.clone();
        inner.extend(changed_slots(&body));
        locals.iter().for_each(|local| {
            inner.remove(local);
        });
        self.block(b, body, &inner)
    }

    fn outline(
        &mut self,
        b: &mut FuncBuilder,
        region: Region<'_>,
        body: Block,
    ) -> (FuncId, Vec<Capture>) {
        self.regions += 1;
        let name = format!("{}.{}.{}", self.parent, region.what, self.regions);
        let callee = FuncBuilder::new(name, region.kind, Type::Unit, region.span);
        let changed = changed_slots(&body);
        let spills = &self.spills;
        let how = |slot: SlotId| {
            if region.locals.contains(&slot) || spills.contains(&slot) {
                None
            } else if changed.contains(&slot) || region.volatile.contains(&slot) {
                Some(CaptureBy::Reference)
            } else {
                Some(CaptureBy::Value)
            }
        };
        let mut made = Vec::new();
        let (func, captures) = extract(b, callee, body, &self.constants, &how, &mut made);
        self.spills.extend(made);
        let id = FuncId((self.first + self.outlined.len()) as u32);
        self.outlined.push(func);
        (id, captures)
    }
}

/// Moves a block into a function of its own. `how` says of each slot how the function gets it; without an answer it becomes the
/// function's own. Values from outside go through new slots, which `spills` takes.
pub(crate) fn extract(
    b: &mut FuncBuilder,
    mut callee: FuncBuilder,
    mut body: Block,
    constants: &HashMap<ValueId, Const>,
    how: &dyn Fn(SlotId) -> Option<CaptureBy>,
    spills: &mut Vec<SlotId>,
) -> (Func, Vec<Capture>) {
    let mut captures = Vec::new();
    let mut slots = HashMap::new();
    for slot in mentioned(&body) {
        let mut decl = b.func().slots[slot.index()].clone();
        let threadprivate = matches!(
            decl.storage,
            Storage::Threadprivate { .. } | Storage::Groupprivate { .. }
        );
        let Some(by) = how(slot).filter(|_| !threadprivate) else {
            slots.insert(slot, callee.add_slot(decl));
            continue;
        };
        decl.storage = match by {
            CaptureBy::Reference => Storage::Reference,
            // What is the encountering thread's variable there, is a copy here.
            CaptureBy::Value => Storage::Local,
        };
        let param = callee.add_slot(decl);
        callee.func_mut().params.push(param);
        slots.insert(slot, param);
        captures.push(Capture { slot, by });
    }

    // Values from outside.
    let mut values = HashMap::new();
    for value in free_values(&body) {
        let new = match constants.get(&value) {
            Some(&constant) => callee.constant(constant),
            None => {
                let ty = b.value_type(value).clone();
                let spill = b.slot(format!("{value}"), ty.clone());
                b.store_slot(spill, value);
                spills.push(spill);
                captures.push(Capture {
                    slot: spill,
                    by: CaptureBy::Value,
                });
                let param = callee.param(format!("{value}"), ty);
                callee.load_slot(param)
            }
        };
        values.insert(value, new);
    }

    // The body, in the new function's ids.
    for_each_definition(&body, &mut |value| {
        let ty = b.value_type(value).clone();
        values.insert(value, callee.value(ty));
    });
    rename_values(&mut body, &values);
    body.walk_mut(&mut |inst| inst.op.for_each_slot_mut(&mut |slot| *slot = slots[slot]));
    callee.append(body);
    (callee.finish(), captures)
}

/// The code of a `teams` region, parallel regions in it being outlined already, runs on a team of one; the numbers that its
/// function receives are those of the league.
fn alone_in_team(body: &mut Block) {
    body.walk_mut(&mut |inst| match inst.op {
        Op::ThreadNum => inst.op = Op::Const(Const::Int(Scalar::I64, 0)),
        Op::TeamSize => inst.op = Op::Const(Const::Int(Scalar::I64, 1)),
        _ => {}
    });
}

/// Slots that the block mentions, in order.
fn mentioned(block: &Block) -> Vec<SlotId> {
    let mut seen = HashSet::new();
    let mut slots = Vec::new();
    block.walk(&mut |inst| {
        inst.op.for_each_slot(&mut |slot, _| {
            if seen.insert(slot) {
                slots.push(slot);
            }
        });
    });
    slots
}

/// Values that the block uses and does not define, in order.
fn free_values(block: &Block) -> Vec<ValueId> {
    let mut seen = HashSet::new();
    for_each_definition(block, &mut |value| {
        seen.insert(value);
    });
    let mut free = Vec::new();
    block.walk(&mut |inst| {
        inst.op.for_each_operand(&mut |&value| {
            if seen.insert(value) {
                free.push(value);
            }
        });
    });
    free
}
