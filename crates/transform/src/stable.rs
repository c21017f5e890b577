//! Which variables have one value for as long as they live: a task may take a copy of such a variable instead of its address.
//!
//! Stable are parameters that nothing changes, and slots with a single store which stands before every task that mentions
//! them and in no loop of the region that owns the slot, so that it cannot be executed again.

use std::collections::{HashMap, HashSet};

use omply_ir::walk::SlotUse;
use omply_ir::{Block, Func, Op, SlotId, Storage};

/// The slots of a function in phase *Regions* that may change while a task of the function is pending.
pub fn unstable_slots(func: &Func) -> HashSet<SlotId> {
    let mut scan = Scan {
        next: 0,
        owners: HashMap::new(),
        levels: vec![Level::default()],
        stores: HashMap::new(),
        first_task: HashMap::new(),
        unstable: HashSet::new(),
    };
    // A parameter has its value from the start: any store is a second one.
    scan.stores
        .extend(func.params.iter().map(|&param| (param, 0)));
    scan.block(&func.body);
    let mut unstable = scan.unstable;
    for (slot, first) in scan.first_task {
        let local = func.slots[slot.index()].storage == Storage::Local;
        let before = scan.stores.get(&slot).is_some_and(|&store| store < first);
        if !local || !before {
            unstable.insert(slot);
        }
    }
    unstable
}

/// A region that owns slots, with the loops opened in it.
#[derive(Default)]
struct Level {
    loops: u32,
    is_task: bool,
}

struct Scan {
    /// Numbers instructions in the order of the text.
    next: usize,
    /// The level that owns a slot; the outermost one owns the others.
    owners: HashMap<SlotId, usize>,
    levels: Vec<Level>,
    /// Where each slot is stored to, once.
    stores: HashMap<SlotId, usize>,
    /// The first task that mentions a slot from outside.
    first_task: HashMap<SlotId, usize>,
    unstable: HashSet<SlotId>,
}

impl Scan {
    fn block(&mut self, block: &Block) {
        for inst in &block.insts {
            self.next += 1;
            inst.op
                .for_each_slot(&mut |slot, how| self.mention(slot, how));
            match &inst.op {
                Op::Parallel { locals, body, .. } => self.region(locals, false, body),
                Op::Teams(teams) => self.region(&teams.locals, false, &teams.body),
                Op::Task(task) => self.region(&task.locals, true, &task.body),
                Op::For { .. } | Op::While { .. } | Op::Loop(_) => {
                    self.level().loops += 1;
                    inst.op.for_each_block(&mut |nested| self.block(nested));
                    self.level().loops -= 1;
                }
                op => op.for_each_block(&mut |nested| self.block(nested)),
            }
        }
    }

    fn level(&mut self) -> &mut Level {
        self.levels
            .last_mut()
            .expect("the function itself is a level")
    }

    fn region(&mut self, locals: &[SlotId], is_task: bool, body: &Block) {
        self.owners
            .extend(locals.iter().map(|&local| (local, self.levels.len())));
        self.levels.push(Level { loops: 0, is_task });
        self.block(body);
        self.levels.pop();
    }

    fn mention(&mut self, slot: SlotId, how: SlotUse) {
        let owner = self.owners.get(&slot).copied().unwrap_or(0);
        if self.levels[owner + 1..].iter().any(|level| level.is_task) {
            self.first_task.entry(slot).or_insert(self.next);
        }
        match how {
            SlotUse::Read => {}
            SlotUse::Write => {
                let again = self.stores.insert(slot, self.next).is_some();
                let elsewhere = owner + 1 < self.levels.len() || self.levels[owner].loops > 0;
                if again || elsewhere {
                    self.unstable.insert(slot);
                }
            }
            SlotUse::Address => {
                self.unstable.insert(slot);
            }
        }
    }
}
