//! Loops that walk through arrays by variables of their own: `while a[i] < pivot: i += 1`, or the two indices of a merge. How far
//! they go is known to no test in front, but each iteration can be asked at its start whether all that it may access is in
//! bounds: one unsigned comparison for each variable, in place of a check, with its way round for negative indices, for every access.
//!
//! ```text
//!                                     for k in lo, hi {
//! for k in lo, hi {                     if not (0 <= i < size(a) and 0 <= j < size(a)) { rest = k; break }
//!   if ... {                            if ... {
//!     b[k] = a[i] check                   b[k] = a[i]
//!     i += 1                        ->    i += 1
//!   } else {                            ...
//!     b[k] = a[j] check               }
//!     j += 1                          if left { for k in rest, hi { ... unchanged ... } }
//!   }
//! }
//! ```
//!
//! The first iteration that may leave the bounds, and all after it, run as they were written. This file finds the variables and
//! treats `For` loops; a `While` is treated where polls are inserted (`poll::walk`), since its bounds also say how long it runs.

use std::collections::{BTreeMap, HashMap, HashSet};

use omply_ir::*;

use crate::effects::{assigned_before_loops, changed_slots, meets_others};
use crate::hoist_checks::{checked_access, uncheck};
use crate::rename::{copy_block, for_each_definition};

/// Larger loops are not written twice.
const MAX_INSTRUCTIONS: usize = 200;

/// Constants beside the variable up to here leave room for the arithmetic of the tests.
const MAX_CONSTANT: i64 = 1 << 16;

/// More tests than this cost what they save.
const MAX_GUARDS: usize = 3;

pub fn run(module: &mut Module) {
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs
        .into_iter()
        .map(|func| {
            if func.kind == FuncKind::Target {
                return func;
            }
            let facts = Facts::of(&func);
            FuncBuilder::rebuild(func, &mut |b, inst| match facts.walking_for(&inst) {
                Some(walk) => split_for(b, inst, &walk),
                None => b.push(inst),
            })
        })
        .collect();
}

/// What is known about a function's values and slots.
pub struct Facts {
    ints: HashMap<ValueId, i64>,
    sums: HashMap<ValueId, (BinaryOp, ValueId, ValueId)>,
    loads: HashMap<ValueId, SlotId>,
    /// Slots of this thread and this function.
    local: HashSet<SlotId>,
    /// By induction variable or test: the slots that hold a value when the loop starts.
    assigned: HashMap<ValueId, HashSet<SlotId>>,
    /// Loops in clones with checks, which are rarely run.
    rare: HashSet<ValueId>,
}

/// An array of a loop, which the loop does not change.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Value(ValueId),
    Slot(SlotId),
}

/// The accesses along one axis whose index is what the slot holds when an iteration starts, plus `min` to `max`.
struct Guard {
    array: Source,
    axis: u8,
    slot: SlotId,
    min: i64,
    max: i64,
}

/// A loop that walks.
pub struct Walk {
    guards: Vec<Guard>,
    /// The accesses that the guards cover, as `uncheck` takes them.
    covered: BTreeMap<usize, Vec<(usize, ValueId)>>,
    /// Whether each complete iteration moves a guarded slot by the same constant.
    moves: bool,
}

impl Facts {
    pub fn of(func: &Func) -> Facts {
        let mut facts = Facts {
            ints: HashMap::new(),
            sums: HashMap::new(),
            loads: HashMap::new(),
            local: local_slots(func),
            assigned: assigned_before_loops(func),
            rare: HashSet::new(),
        };
        func.body.walk(&mut |inst| match &inst.op {
            Op::Const(Const::Int(_, value)) => {
                facts.ints.insert(inst.results[0], *value);
            }
            Op::Binary { op, a, b, .. } => {
                facts.sums.insert(inst.results[0], (*op, *a, *b));
            }
            Op::SlotLoad { slot } => {
                facts.loads.insert(inst.results[0], *slot);
            }
            Op::For { iv, body, info, .. } if info.version == LoopVersion::Checked => {
                facts.rare.insert(*iv);
                body.walk(&mut |inst| match &inst.op {
                    Op::For { iv, .. } => {
                        facts.rare.insert(*iv);
                    }
                    Op::While { test, .. } => {
                        facts.rare.insert(*test);
                    }
                    _ => {}
                });
            }
            _ => {}
        });
        facts
    }

    fn walking_for(&self, inst: &Inst) -> Option<Walk> {
        let Op::For { iv, body, info, .. } = &inst.op else {
            return None;
        };
        let plain = !info.simd && !info.independent && info.unroll.is_none();
        (plain && !breaks(body))
            .then(|| self.walk(inst, *iv))
            .flatten()
    }

    /// The innermost loop `key` as one that walks with every iteration.
    pub fn walking_while(&self, inst: &Inst) -> Option<Walk> {
        let Op::While { test, .. } = &inst.op else {
            return None;
        };
        let walk = self.walk(inst, *test)?;
        walk.moves.then_some(walk)
    }

    fn walk(&self, inst: &Inst, key: ValueId) -> Option<Walk> {
        if self.rare.contains(&key) {
            return None;
        }
        let mut scan = Scan {
            facts: self,
            assigned: self.assigned.get(&key)?,
            inside: HashSet::new(),
            changed: HashSet::new(),
            forms: HashMap::new(),
            stored: HashSet::new(),
            stores: HashMap::new(),
            accesses: 0,
            guards: Vec::new(),
            covered: BTreeMap::new(),
        };
        let (mut size, mut innermost) = (0, true);
        inst.op.for_each_block(&mut |block| {
            block.walk(&mut |inst| {
                size += 1;
                let mut nests = false;
                inst.op.for_each_block(&mut |_| nests = true);
                innermost &= !nests || matches!(inst.op, Op::If { .. });
            });
            innermost &= !meets_others(block);
            for_each_definition(block, &mut |value| {
                scan.inside.insert(value);
            });
            scan.changed.extend(changed_slots(block));
        });
        if !innermost || size > MAX_INSTRUCTIONS {
            return None;
        }
        inst.op.for_each_block(&mut |block| scan.block(block, true));
        let mut continues = false;
        inst.op.for_each_block(&mut |block| {
            continues |= block.any(&|inst| matches!(inst.op, Op::Continue));
        });
        let moves = !continues
            && scan.guards.iter().any(|guard| {
                let stores = scan.stores.get(&guard.slot).map(Vec::as_slice);
                matches!(stores, Some([Some(step)]) if *step != 0)
            });
        let found = !scan.guards.is_empty() && scan.guards.len() <= MAX_GUARDS;
        found.then_some(Walk {
            guards: scan.guards,
            covered: scan.covered,
            moves,
        })
    }
}

/// Slots that neither another thread nor a task can see.
fn local_slots(func: &Func) -> HashSet<SlotId> {
    let mut local: HashSet<SlotId> = (0..func.slots.len())
        .filter(|&index| func.slots[index].storage == Storage::Local)
        .map(|index| SlotId(index as u32))
        .collect();
    func.body.walk(&mut |inst| {
        inst.op.for_each_slot(&mut |slot, how| {
            if how == walk::SlotUse::Address {
                local.remove(&slot);
            }
        });
    });
    local
}

/// Goes through an iteration in its order.
struct Scan<'a> {
    facts: &'a Facts,
    assigned: &'a HashSet<SlotId>,
    inside: HashSet<ValueId>,
    /// Slots that the loop may change.
    changed: HashSet<SlotId>,
    /// Values that are what a slot held when the iteration started, plus a constant.
    forms: HashMap<ValueId, (SlotId, i64)>,
    /// Slots that the iteration may have changed so far.
    stored: HashSet<SlotId>,
    /// For each slot its stores: by how much they move it, if they do in each complete iteration.
    stores: HashMap<SlotId, Vec<Option<i64>>>,
    accesses: usize,
    guards: Vec<Guard>,
    covered: BTreeMap<usize, Vec<(usize, ValueId)>>,
}

impl Scan<'_> {
    fn block(&mut self, block: &Block, always: bool) {
        for inst in &block.insts {
            if let Some((array, indices)) = checked_access(&inst.op) {
                self.access(array, &indices);
            }
            match &inst.op {
                Op::SlotLoad { slot } => {
                    let known = self.changed.contains(slot)
                        && !self.stored.contains(slot)
                        && self.facts.local.contains(slot)
                        && self.assigned.contains(slot);
                    if known {
                        self.forms.insert(inst.results[0], (*slot, 0));
                    }
                }
                Op::Binary { op, a, b, .. } => {
                    if let Some(form) = self.sum(*op, *a, *b) {
                        self.forms.insert(inst.results[0], form);
                    }
                }
                Op::SlotStore { slot, value } => {
                    let by = match self.forms.get(value) {
                        Some((from, by)) if from == slot && always => Some(*by),
                        _ => None,
                    };
                    self.stores.entry(*slot).or_default().push(by);
                    self.stored.insert(*slot);
                }
                Op::If { then, els, .. } => {
                    let before = self.stored.clone();
                    self.block(then, false);
                    let after_then = std::mem::replace(&mut self.stored, before);
                    self.block(els, false);
                    self.stored.extend(after_then);
                }
                op => op.for_each_slot(&mut |slot, how| {
                    if how != walk::SlotUse::Read {
                        self.stores.entry(slot).or_default().push(None);
                        self.stored.insert(slot);
                    }
                }),
            }
        }
    }

    fn sum(&self, op: BinaryOp, a: ValueId, b: ValueId) -> Option<(SlotId, i64)> {
        let int = |value: ValueId| self.facts.ints.get(&value).copied();
        let ((slot, base), by) = match (op, self.forms.get(&a), self.forms.get(&b)) {
            (BinaryOp::Add, Some(&form), None) => (form, int(b)?),
            (BinaryOp::Add, None, Some(&form)) => (form, int(a)?),
            (BinaryOp::Sub, Some(&form), None) => (form, int(b)?.checked_neg()?),
            _ => return None,
        };
        let sum = base.checked_add(by)?;
        (sum.unsigned_abs() <= MAX_CONSTANT as u64).then_some((slot, sum))
    }

    fn access(&mut self, array: ValueId, indices: &[(u8, ValueId)]) {
        let access = self.accesses;
        self.accesses += 1;
        let Some(array) = self.source(array) else {
            return;
        };
        let forms: Option<Vec<(u8, SlotId, i64)>> = indices
            .iter()
            .map(|&(axis, index)| {
                let &(slot, by) = self.forms.get(&index)?;
                Some((axis, slot, by))
            })
            .collect();
        let Some(forms) = forms else {
            return;
        };
        for (axis, slot, by) in forms {
            let same =
                |guard: &&mut Guard| (guard.array, guard.axis, guard.slot) == (array, axis, slot);
            match self.guards.iter_mut().find(same) {
                Some(guard) => {
                    guard.min = guard.min.min(by);
                    guard.max = guard.max.max(by);
                }
                None => self.guards.push(Guard {
                    array,
                    axis,
                    slot,
                    min: by,
                    max: by,
                }),
            }
        }
        self.covered.insert(access, Vec::new());
    }

    fn source(&self, array: ValueId) -> Option<Source> {
        if !self.inside.contains(&array) {
            return Some(Source::Value(array));
        }
        let &slot = self.facts.loads.get(&array)?;
        let known = self.facts.local.contains(&slot)
            && self.assigned.contains(&slot)
            && !self.changed.contains(&slot);
        known.then_some(Source::Slot(slot))
    }
}

impl Walk {
    /// In front of the loop: for each guard the size that it compares with, which is never negative. With `longest`, 0 where the
    /// array is longer than that.
    pub fn sizes(&self, b: &mut FuncBuilder, longest: Option<i64>) -> Vec<ValueId> {
        self.guards
            .iter()
            .map(|guard| {
                let array = match guard.array {
                    Source::Value(array) => array,
                    Source::Slot(slot) => b.load_slot(slot),
                };
                let dim = b.dim(array, guard.axis);
                let mut size = dim;
                let zero = b.int(0);
                if guard.max != guard.min {
                    let spread = b.int(guard.max - guard.min);
                    size = b.binary(BinaryOp::Sub, size, spread);
                    size = b.binary(BinaryOp::Max, size, zero);
                }
                if let Some(longest) = longest {
                    let longest = b.int(longest);
                    let near = b.compare(CompareOp::Le, dim, longest);
                    size = b.select(near, size, zero);
                }
                size
            })
            .collect()
    }

    /// Whether the iteration that begins stays in bounds.
    pub fn inside(&self, b: &mut FuncBuilder, sizes: &[ValueId]) -> ValueId {
        let mut all = None;
        for (guard, &size) in self.guards.iter().zip(sizes) {
            let mut lowest = b.load_slot(guard.slot);
            if guard.min != 0 {
                let min = b.int(guard.min);
                lowest = b.binary(BinaryOp::Add, lowest, min);
            }
            // Both together are one unsigned comparison, as the size is not negative. Should the sum wrap, one of them fails.
            let zero = b.int(0);
            let (from, to) = (
                b.compare(CompareOp::Ge, lowest, zero),
                b.compare(CompareOp::Lt, lowest, size),
            );
            let inside = b.binary(BinaryOp::And, from, to);
            all = Some(match all {
                Some(all) => b.binary(BinaryOp::And, all, inside),
                None => inside,
            });
        }
        all.unwrap_or_else(|| b.bool(true))
    }

    /// A copy of the loop without the checks that the guards make unnecessary.
    pub fn unchecked(&self, b: &mut FuncBuilder, inst: &Inst) -> Op {
        let whole = Block {
            insts: vec![inst.clone()],
        };
        let mut copy = copy_block(b, &whole).insts.remove(0);
        uncheck(&mut copy, &self.covered);
        copy.op
    }
}

fn split_for(b: &mut FuncBuilder, inst: Inst, walk: &Walk) {
    let (
        Op::For {
            iv: first,
            start,
            stop,
            step,
            body: fast,
            info,
        },
        Op::For {
            iv,
            body,
            info: checked,
            ..
        },
    ) = (walk.unchecked(b, &inst), inst.op)
    else {
        return;
    };
    let sizes = walk.sizes(b, None);
    let (left, rest) = (b.slot("left", Type::BOOL), b.slot("rest", Type::I64));
    let no = b.bool(false);
    b.store_slot(left, no);
    b.store_slot(rest, start);
    let body_of_fast = b.block(|b| {
        let inside = walk.inside(b, &sizes);
        b.if_(
            inside,
            |_| {},
            |b| {
                let yes = b.bool(true);
                b.store_slot(left, yes);
                b.store_slot(rest, first);
                b.effect(Op::Break);
            },
        );
        b.append(fast);
    });
    b.effect(Op::For {
        iv: first,
        start,
        stop,
        step,
        body: body_of_fast,
        info,
    });
    let left = b.load_slot(left);
    b.if_(
        left,
        |b| {
            let start = b.load_slot(rest);
            b.effect(Op::For {
                iv,
                start,
                stop,
                step,
                body,
                info: checked,
            });
        },
        |_| {},
    );
}

/// Whether the body leaves its loop by `Break`.
pub fn breaks(body: &Block) -> bool {
    body.insts.iter().any(|inst| match &inst.op {
        Op::Break => true,
        Op::If { then, els, .. } => breaks(then) || breaks(els),
        _ => false,
    })
}
