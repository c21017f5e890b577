//! Code of a team outside its parallel regions. Whatever only computes, every thread does for itself, all coming to the same values.
//! What changes memory is done by thread 0 between two barriers; values and variables that it leaves behind reach the others
//! through variables of the team. Branches and loops around parallel regions are taken by all.
//!
//! A region without such changes ("SPMD") thereby costs nothing but the computation.

use std::collections::{HashMap, HashSet};

use omply_ir::*;

use super::share::first_thread;
use crate::effects::changed_slots;
use crate::prune::is_pure;
use crate::rename::rename_values;

pub fn run(module: &mut Module) {
    let forks: Vec<bool> = leading_to(module, &|inst| matches!(inst.op, Op::Parallel { .. }));
    let acts: Vec<bool> = leading_to(module, &changes_memory);
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs
        .into_iter()
        .enumerate()
        .map(|(index, func)| {
            if func.kind == FuncKind::Target || forks[index] {
                team(func, &forks, &acts)
            } else {
                func
            }
        })
        .collect();
}

/// The functions that have such an instruction, or call one that has.
pub fn leading_to(module: &Module, test: &dyn Fn(&Inst) -> bool) -> Vec<bool> {
    let mut found: Vec<bool> = module
        .funcs
        .iter()
        .map(|func| func.body.any(test))
        .collect();
    loop {
        let before = found.clone();
        for (found, func) in found.iter_mut().zip(&module.funcs) {
            *found |= func
                .body
                .any(&|inst| matches!(inst.op, Op::Call { func, .. } if before[func.index()]));
        }
        if found == before {
            return found;
        }
    }
}

/// Apart from what calls and stores to variables do.
fn changes_memory(inst: &Inst) -> bool {
    let allocates = matches!(inst.op, Op::Alloc { init, .. } if init != Init::Team);
    allocates
        || matches!(
            inst.op,
            Op::Store { .. }
                | Op::ArrayCopy { .. }
                | Op::ArrayFill { .. }
                | Op::ArrayCombine { .. }
                | Op::AtomicLoad { .. }
                | Op::AtomicStore { .. }
                | Op::AtomicUpdate { .. }
                | Op::AtomicExchange { .. }
                | Op::AtomicCompareExchange { .. }
                | Op::Critical { .. }
        )
}

fn team(mut func: Func, forks: &[bool], acts: &[bool]) -> Func {
    let mut plan = Plan {
        forks,
        acts,
        storage: Vec::new(),
        team: HashSet::new(),
        mentions: HashMap::new(),
        uses: HashMap::new(),
        steps: false,
    };
    plan.storage = func.slots.iter().map(|slot| slot.storage.clone()).collect();
    func.body.walk(&mut |inst| plan.count(inst));
    plan.changed_by_regions(&func.body);
    while plan.spread(&func.body) {}
    plan.steps = !plan.team.is_empty() || plan.reads(&func.body);

    let copies = plan.take_params(&mut func);
    for &slot in &plan.team {
        func.slots[slot.index()].storage = Storage::Team;
    }
    plan.storage = func.slots.iter().map(|slot| slot.storage.clone()).collect();
    let tail = func.kind == FuncKind::Target;
    let (mut b, mut body) = FuncBuilder::resume(func);
    if !copies.is_empty() {
        b.open_block();
        for (param, slot) in copies {
            let value = b.load_slot(param);
            b.store_slot(slot, value);
        }
        let mut start = b.close_block();
        start.insts.append(&mut body.insts);
        body = start;
    }
    let body = plan.block(&mut b, body, tail);
    b.append(body);
    b.finish()
}

struct Plan<'p> {
    forks: &'p [bool],
    acts: &'p [bool],
    storage: Vec<Storage>,
    /// The variables that live once for each team.
    team: HashSet<SlotId>,
    /// How often the function mentions a slot and uses a value.
    mentions: HashMap<SlotId, usize>,
    uses: HashMap<ValueId, usize>,
    /// Threads of a team have to keep step before a parallel region begins: some may still look at what the region changes.
    steps: bool,
}

impl Plan<'_> {
    fn count(&mut self, inst: &Inst) {
        inst.op
            .for_each_slot(&mut |slot, _| *self.mentions.entry(slot).or_default() += 1);
        inst.op
            .for_each_operand(&mut |&value| *self.uses.entry(value).or_default() += 1);
    }

    fn changed_by_regions(&mut self, body: &Block) {
        let mut team = HashSet::new();
        body.walk(&mut |inst| {
            if let Op::Parallel { locals, body, .. } = &inst.op {
                let changed = changed_slots(body);
                team.extend(changed.into_iter().filter(|slot| !locals.contains(slot)));
            }
        });
        team.retain(|slot| self.storage[slot.index()] == Storage::Local);
        self.team.extend(team);
    }

    /// Finds variables that thread 0 assigns for all. Says whether there were new ones.
    fn spread(&mut self, block: &Block) -> bool {
        let before = self.team.len();
        for part in self.parts(block) {
            match part {
                Part::Structure(inst) => {
                    if !matches!(inst.op, Op::Parallel { .. }) {
                        inst.op.for_each_block(&mut |nested| {
                            self.spread(nested);
                        });
                    }
                }
                Part::Run(insts) => {
                    if !insts.iter().any(|inst| self.acts_on(inst)) {
                        continue;
                    }
                    let mut inside = HashMap::new();
                    let mut changed = HashSet::new();
                    let known = self.known(insts);
                    for (inst, known) in insts.iter().zip(known) {
                        if known {
                            continue;
                        }
                        for_each_inst(std::slice::from_ref(inst), &mut |inst| {
                            inst.op.for_each_slot(&mut |slot, how| {
                                *inside.entry(slot).or_insert(0) += 1;
                                if how != walk::SlotUse::Read {
                                    changed.insert(slot);
                                }
                            });
                        });
                    }
                    for slot in changed {
                        let elsewhere = self.mentions[&slot] > inside[&slot];
                        if elsewhere && self.storage[slot.index()] == Storage::Local {
                            self.team.insert(slot);
                        }
                    }
                }
            }
        }
        self.team.len() != before
    }

    /// Whether code outside parallel regions looks at memory.
    fn reads(&self, block: &Block) -> bool {
        block.insts.iter().any(|inst| match &inst.op {
            Op::Parallel { .. } => false,
            Op::Load { .. } | Op::Call { .. } => true,
            Op::SlotLoad { slot } => self.storage[slot.index()] == Storage::Reference,
            op if changes_memory(inst) && !matches!(op, Op::Critical { .. }) => true,
            op => {
                let mut found = false;
                op.for_each_block(&mut |nested| found |= self.reads(nested));
                found
            }
        })
    }

    /// A parameter belongs to the thread; the team's variable starts with its value.
    fn take_params(&mut self, func: &mut Func) -> Vec<(SlotId, SlotId)> {
        let mut copies = Vec::new();
        for &param in &func.params {
            if self.team.remove(&param) {
                let slot = SlotId(func.slots.len() as u32);
                func.slots.push(func.slots[param.index()].clone());
                self.team.insert(slot);
                copies.push((param, slot));
            }
        }
        let map: HashMap<SlotId, SlotId> = copies.iter().copied().collect();
        func.body.walk_mut(&mut |inst| {
            inst.op.for_each_slot_mut(&mut |slot| {
                if let Some(&new) = map.get(slot) {
                    *slot = new;
                }
            });
        });
        copies
    }

    // ---- the parts of a block ----------------------------------------------------------------------------------

    /// Whether all threads have to go through the instruction together.
    fn is_structure(&self, inst: &Inst) -> bool {
        inst.op.is_terminator() || self.forks_inside(inst) || jumps_out(inst, false)
    }

    fn forks_inside(&self, inst: &Inst) -> bool {
        let test = |inst: &Inst| match inst.op {
            Op::Parallel { .. } => true,
            Op::Call { func, .. } => self.forks[func.index()],
            _ => false,
        };
        any(inst, &test)
    }

    fn acts_on(&self, inst: &Inst) -> bool {
        let test = |inst: &Inst| match inst.op {
            Op::Call { func, .. } => self.acts[func.index()],
            Op::SlotStore { slot, .. } => {
                self.team.contains(&slot)
                    || matches!(
                        self.storage[slot.index()],
                        Storage::Team | Storage::Reference
                    )
            }
            _ => changes_memory(inst),
        };
        any(inst, &test)
    }

    fn parts<'b>(&self, block: &'b Block) -> Vec<Part<'b>> {
        let mut parts = Vec::new();
        let mut start = 0;
        for (index, inst) in block.insts.iter().enumerate() {
            if self.is_structure(inst) {
                if start < index {
                    parts.push(Part::Run(&block.insts[start..index]));
                }
                parts.push(Part::Structure(inst));
                start = index + 1;
            }
        }
        if start < block.insts.len() {
            parts.push(Part::Run(&block.insts[start..]));
        }
        parts
    }

    // ---- the new code ------------------------------------------------------------------------------------------

    /// `tail`: the kernel ends behind the block.
    fn block(&self, b: &mut FuncBuilder, block: Block, tail: bool) -> Block {
        b.open_block();
        let parts = self.parts(&block);
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Run(insts) => self.run(b, insts),
                Part::Structure(inst) => {
                    let rest = parts[index + 1..].iter();
                    let last = rest.clone().all(|part| {
                        matches!(
                            part,
                            Part::Structure(Inst {
                                op: Op::Return { value: None },
                                ..
                            })
                        )
                    });
                    self.structure(b, (*inst).clone(), tail && last);
                }
            }
        }
        b.close_block()
    }

    fn structure(&self, b: &mut FuncBuilder, mut inst: Inst, tail: bool) {
        b.set_span(inst.span);
        match inst.op {
            Op::Parallel { body, .. } => {
                if self.steps {
                    b.effect(Op::Barrier);
                }
                b.append(body);
                if !tail {
                    b.effect(Op::Barrier);
                }
            }
            Op::Call { .. } => {
                if self.steps {
                    b.effect(Op::Barrier);
                }
                b.push(inst);
            }
            _ => {
                let tail = tail && matches!(inst.op, Op::If { .. });
                inst.op.for_each_block_mut(&mut |nested| {
                    let old = std::mem::take(nested);
                    *nested = self.block(b, old, tail);
                });
                b.push(inst);
            }
        }
    }

    /// Which instructions of a run that acts every thread does for itself, before thread 0 does the others: what only computes from
    /// what all know, and assignments to variables that the others have nothing to do with.
    fn known(&self, insts: &[Inst]) -> Vec<bool> {
        let mut known: Vec<bool> = insts
            .iter()
            .map(|inst| match inst.op {
                Op::SlotLoad { slot } | Op::SlotStore { slot, .. } => {
                    self.storage[slot.index()] == Storage::Local && !self.team.contains(&slot)
                }
                Op::Alloc { init, .. } => init == Init::Team,
                ref op => is_pure(op),
            })
            .collect();
        loop {
            let mut values = HashSet::new();
            let mut slots = HashSet::new();
            for (inst, _) in insts.iter().zip(&known).filter(|(_, known)| !**known) {
                for_each_inst(std::slice::from_ref(inst), &mut |inst| {
                    values.extend(inst.results.iter().copied());
                    inst.op.for_each_slot(&mut |slot, _| {
                        slots.insert(slot);
                    });
                });
            }
            let stored: HashSet<SlotId> = insts
                .iter()
                .filter_map(|inst| match inst.op {
                    Op::SlotStore { slot, .. } => Some(slot),
                    _ => None,
                })
                .collect();
            let mut same = true;
            for (inst, known) in insts.iter().zip(&mut known).filter(|(_, known)| **known) {
                let mut stays = true;
                inst.op
                    .for_each_operand(&mut |value| stays &= !values.contains(value));
                // Of a variable that both assign or one assigns and the other reads, the order must stay.
                stays &= match inst.op {
                    Op::SlotStore { slot, .. } => !slots.contains(&slot),
                    Op::SlotLoad { slot } => !(slots.contains(&slot) && stored.contains(&slot)),
                    _ => true,
                };
                if !stays {
                    *known = false;
                    same = false;
                }
            }
            if same {
                return known;
            }
        }
    }

    fn run(&self, b: &mut FuncBuilder, insts: &[Inst]) {
        if !insts.iter().any(|inst| self.acts_on(inst)) {
            insts.iter().for_each(|inst| b.push(inst.clone()));
            return;
        }
        let mut rest = Block::default();
        for (inst, known) in insts.iter().zip(self.known(insts)) {
            if known {
                b.push(inst.clone());
            } else {
                rest.insts.push(inst.clone());
            }
        }

        let mut inside: HashMap<ValueId, usize> = HashMap::new();
        for_each_inst(&rest.insts, &mut |inst| {
            inst.op
                .for_each_operand(&mut |&value| *inside.entry(value).or_default() += 1);
        });
        let results = rest.insts.iter().flat_map(|inst| inst.results.iter());
        let told: Vec<ValueId> = results
            .copied()
            .filter(|value| {
                let all = self.uses.get(value).copied().unwrap_or(0);
                all > inside.get(value).copied().unwrap_or(0)
            })
            .collect();
        let own: HashMap<ValueId, ValueId> = told
            .iter()
            .map(|&value| {
                let ty = b.value_type(value).clone();
                (value, b.value(ty))
            })
            .collect();
        rename_values(&mut rest, &own);
        let slots: Vec<SlotId> = told
            .iter()
            .map(|&value| {
                let ty = b.value_type(value).clone();
                let span = b.span();
                b.add_slot(Slot {
                    name: format!("{value}"),
                    ty,
                    storage: Storage::Team,
                    span,
                })
            })
            .collect();

        b.effect(Op::Barrier);
        let first = first_thread(b);
        b.if_(
            first,
            |b| {
                b.append(rest);
                for (value, &slot) in told.iter().zip(&slots) {
                    b.store_slot(slot, own[value]);
                }
            },
            |_| {},
        );
        b.effect(Op::Barrier);
        for (&value, &slot) in told.iter().zip(&slots) {
            b.define(Op::SlotLoad { slot }, vec![value]);
        }
    }
}

enum Part<'b> {
    /// A parallel region, or what holds one, or a jump.
    Structure(&'b Inst),
    Run(&'b [Inst]),
}

fn for_each_inst(insts: &[Inst], each: &mut dyn FnMut(&Inst)) {
    for inst in insts {
        each(inst);
        inst.op.for_each_block(&mut |nested| nested.walk(each));
    }
}

fn any(inst: &Inst, test: &dyn Fn(&Inst) -> bool) -> bool {
    let mut found = test(inst);
    inst.op
        .for_each_block(&mut |nested| found = found || nested.any(test));
    found
}

/// Whether a jump inside leaves the instruction.
fn jumps_out(inst: &Inst, in_loop: bool) -> bool {
    let in_loop = match inst.op {
        Op::Return { .. } => return true,
        Op::Break | Op::Continue => return !in_loop,
        Op::For { .. } | Op::While { .. } => true,
        _ => in_loop,
    };
    let mut found = false;
    inst.op.for_each_block(&mut |nested| {
        found |= nested.insts.iter().any(|inst| jumps_out(inst, in_loop));
    });
    found
}
