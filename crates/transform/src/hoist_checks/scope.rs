//! What is known about the values of one loop nest: which are invariant in it, which are linear, and within which
//! bounds its induction variables stay.

use std::collections::{BTreeSet, HashMap, HashSet};

use omply_ir::*;

use super::linear::Linear;
use crate::effects::{changed_slots, meets_others};
use crate::prune::is_pure;
use crate::rename::for_each_definition;

/// Start, stop and step of a `For`.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub start: ValueId,
    pub stop: ValueId,
    pub step: ValueId,
}

/// An integer that bounds an induction variable from one side.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    Linear(Linear),
    /// The smaller (`Min`) or larger (`Max`) of both.
    Either(BinaryOp, Box<Bound>, Box<Bound>),
}

/// The values between which an induction variable stays; meaningless (and unused) when its loop does not run.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// `low` to `high - 1` (step 1 upwards) or any subset of that.
    Up { low: Bound, high: Bound },
    /// `low + 1` to `high`.
    Down { low: Bound, high: Bound },
    /// `start`, `start + step`, ... before `stop`, all invariant: the last value is computed.
    Exact {
        start: ValueId,
        stop: ValueId,
        step: ValueId,
    },
}

/// The function's pure instructions by the value they define.
pub type Definitions = HashMap<ValueId, Op>;

pub fn definitions(func: &Func) -> Definitions {
    let mut definitions = HashMap::new();
    func.body.walk(&mut |inst| {
        if is_pure(&inst.op) {
            definitions.insert(inst.results[0], inst.op.clone());
        }
    });
    definitions
}

pub struct Scope<'a> {
    pub definitions: &'a Definitions,
    slots: &'a [Slot],
    /// Slots that hold a value when the loop starts.
    assigned: HashSet<SlotId>,
    /// Values defined in the loop; every other one exists before it.
    inside: HashSet<ValueId>,
    changed: HashSet<SlotId>,
    meets_others: bool,
    /// The `For` loops of the nest, by induction variable.
    pub loops: HashMap<ValueId, Bounds>,
    /// One load for each invariant slot, one `Dim` for each array and axis.
    same_load: HashMap<SlotId, ValueId>,
    same_dim: HashMap<(ValueId, u8), ValueId>,
}

impl<'a> Scope<'a> {
    /// The scope of the loop that the instruction is.
    pub fn new(
        inst: &Inst,
        slots: &'a [Slot],
        definitions: &'a Definitions,
        assigned: &HashMap<ValueId, HashSet<SlotId>>,
    ) -> Scope<'a> {
        let mut at_start = HashSet::new();
        let mut inside = HashSet::new();
        let mut loops = HashMap::new();
        let mut add = |op: &Op| match op {
            &Op::For {
                iv,
                start,
                stop,
                step,
                ..
            } => {
                loops.insert(iv, Bounds { start, stop, step });
            }
            Op::Loop(ws) => {
                for &LoopDim {
                    iv,
                    start,
                    stop,
                    step,
                    along,
                } in &ws.dims
                {
                    // Where a loop starts that goes along another is known inside of that only.
                    if along.is_none() {
                        loops.insert(iv, Bounds { start, stop, step });
                    }
                }
            }
            _ => {}
        };
        add(&inst.op);
        inst.op.for_each_bound(&mut |iv| {
            inside.insert(iv);
            at_start.extend(assigned.get(&iv).into_iter().flatten().copied());
        });
        let mut changed = HashSet::new();
        let mut others = false;
        inst.op.for_each_block(&mut |body| {
            body.walk(&mut |inst| add(&inst.op));
            for_each_definition(body, &mut |value| {
                inside.insert(value);
            });
            changed.extend(changed_slots(body));
            others |= meets_others(body);
        });
        Scope {
            definitions,
            slots,
            assigned: at_start,
            inside,
            changed,
            meets_others: others,
            loops,
            same_load: HashMap::new(),
            same_dim: HashMap::new(),
        }
    }

    pub fn is_inside(&self, value: ValueId) -> bool {
        self.inside.contains(&value)
    }

    pub fn constant(&self, value: ValueId) -> Option<i64> {
        match self.definitions.get(&value) {
            Some(Op::Const(Const::Int(Scalar::I64, value))) => Some(*value),
            _ => None,
        }
    }

    /// Whether the slot holds one value while the loop runs, from its start on.
    fn is_invariant_slot(&self, slot: SlotId) -> bool {
        let own = self.slots[slot.index()].storage == Storage::Local;
        self.assigned.contains(&slot)
            && !self.changed.contains(&slot)
            && (own || !self.meets_others)
    }

    /// The value as one that can be computed before the loop; equal values where that is plain are made the same.
    pub fn invariant(&mut self, value: ValueId) -> Option<ValueId> {
        if !self.is_inside(value) {
            return Some(value);
        }
        let definitions = self.definitions;
        let op = definitions.get(&value)?;
        match op {
            Op::SlotLoad { slot } => self
                .is_invariant_slot(*slot)
                .then(|| *self.same_load.entry(*slot).or_insert(value)),
            Op::Dim { array, axis } => {
                let array = self.invariant(*array)?;
                Some(*self.same_dim.entry((array, *axis)).or_insert(value))
            }
            // Computed early it would divide by what the program has yet to test.
            Op::Binary {
                op: BinaryOp::FloorDiv | BinaryOp::Mod,
                b,
                ..
            } if self.constant(*b).is_none() => None,
            op => {
                let mut all = true;
                op.for_each_operand(&mut |&operand| all = all && self.invariant(operand).is_some());
                all.then_some(value)
            }
        }
    }

    /// The value as a linear form of the nest's induction variables.
    pub fn linear(&mut self, value: ValueId) -> Option<Linear> {
        if let Some(constant) = self.constant(value) {
            return Some(Linear::constant(constant));
        }
        if self.loops.contains_key(&value) {
            return Some(Linear::variable(value));
        }
        if self.is_inside(value) {
            match self.definitions.get(&value) {
                Some(Op::Binary {
                    op: BinaryOp::Add,
                    a,
                    b,
                    ..
                }) => return self.linear(*a)?.add(&self.linear(*b)?),
                Some(Op::Binary {
                    op: BinaryOp::Sub,
                    a,
                    b,
                    ..
                }) => {
                    return self.linear(*a)?.add(&self.linear(*b)?.neg()?);
                }
                Some(Op::Binary {
                    op: BinaryOp::Mul,
                    a,
                    b,
                    ..
                }) => return self.linear(*a)?.mul(&self.linear(*b)?),
                Some(Op::Unary {
                    op: UnaryOp::Neg,
                    a,
                }) => return self.linear(*a)?.neg(),
                _ => {}
            }
        }
        self.invariant(value).map(Linear::invariant)
    }

    /// Between which values the induction variable stays, if that can be said before the loop.
    pub fn range(&mut self, iv: ValueId) -> Option<Range> {
        let Bounds { start, stop, step } = *self.loops.get(&iv)?;
        let invariants = (
            self.invariant(start),
            self.invariant(stop),
            self.invariant(step),
        );
        let unit = matches!(self.constant(step), Some(1 | -1));
        if let (Some(start), Some(stop), Some(step)) = invariants
            && !unit
        {
            return Some(Range::Exact { start, stop, step });
        }
        match self.constant(step)? {
            step if step > 0 => Some(Range::Up {
                low: self.bound(start, BinaryOp::Min)?,
                high: self.bound(stop, BinaryOp::Max)?,
            }),
            _ => Some(Range::Down {
                low: self.bound(stop, BinaryOp::Min)?,
                high: self.bound(start, BinaryOp::Max)?,
            }),
        }
    }

    /// A bound of `value` from below (`side` is `Min`) or above (`Max`).
    fn bound(&mut self, value: ValueId, side: BinaryOp) -> Option<Bound> {
        if self.is_inside(value)
            && let Some(Op::Binary {
                op: op @ (BinaryOp::Min | BinaryOp::Max),
                a,
                b,
                ..
            }) = self.definitions.get(&value)
        {
            let (a, b) = (self.bound(*a, side), self.bound(*b, side));
            if *op == side {
                return Some(Bound::Either(side, Box::new(a?), Box::new(b?)));
            }
            // The larger of two is bounded from below by either: the one that depends on fewer loops.
            return match (a, b) {
                (Some(a), Some(b)) if b.variables().len() < a.variables().len() => Some(b),
                (Some(a), _) => Some(a),
                (None, b) => b,
            };
        }
        self.linear(value).map(Bound::Linear)
    }

    /// The loops on whose iteration the range depends, through any number of steps.
    pub fn depends_on(&mut self, iv: ValueId) -> Option<BTreeSet<ValueId>> {
        let mut all = BTreeSet::new();
        let mut open = self.range(iv)?.variables();
        while let Some(next) = open.pop_first() {
            if all.insert(next) {
                open.extend(self.range(next)?.variables());
            }
        }
        Some(all)
    }
}

impl Bound {
    fn variables(&self) -> BTreeSet<ValueId> {
        match self {
            Bound::Linear(linear) => linear.variables(),
            Bound::Either(_, a, b) => a.variables().union(&b.variables()).copied().collect(),
        }
    }

    pub fn bits(&self) -> Option<u32> {
        match self {
            Bound::Linear(linear) => linear.bits(),
            Bound::Either(_, a, b) => Some(a.bits()?.min(b.bits()?)),
        }
    }
}

impl Range {
    fn variables(&self) -> BTreeSet<ValueId> {
        match self {
            Range::Up { low, high } | Range::Down { low, high } => {
                low.variables().union(&high.variables()).copied().collect()
            }
            Range::Exact { .. } => BTreeSet::new(),
        }
    }

    pub fn bits(&self) -> Option<u32> {
        match self {
            Range::Up { low, high } | Range::Down { low, high } => {
                Some(low.bits()?.min(high.bits()?))
            }
            Range::Exact { .. } => Some(40),
        }
    }
}
