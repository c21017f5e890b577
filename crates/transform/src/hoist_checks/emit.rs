//! Emits the conditions of a versioned loop in front of it. All arithmetic is in I64 and cannot wrap unnoticed: a
//! number that enters a sum or a product is guarded by a limit that `Linear::bits` derives from the form. Where a
//! bound is compared as it stands no guard is needed: should `stop - 1` wrap, the comparison fails.

use std::collections::{BTreeMap, HashMap};

use omply_ir::*;

use super::linear::{Linear, Poly};
use super::scope::{Bound, Range, Scope};

/// All accesses along one axis of one array whose index is `rest` plus a constant between `min` and `max`.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub array: ValueId,
    pub axis: u8,
    pub rest: Linear,
    pub min: i64,
    pub max: i64,
}

pub struct Emitter<'e, 'a> {
    pub b: &'e mut FuncBuilder,
    pub scope: &'e mut Scope<'a>,
    /// Copies, in front of the loop, of values that the loop defines.
    copies: HashMap<ValueId, ValueId>,
    ints: HashMap<i64, ValueId>,
    known: HashMap<ValueId, i64>,
    binaries: HashMap<(BinaryOp, ValueId, ValueId), ValueId>,
    compares: HashMap<(CompareOp, ValueId, ValueId), ValueId>,
    dims: HashMap<(ValueId, u8), ValueId>,
    /// First and last value of induction variables.
    ranges: HashMap<ValueId, (ValueId, ValueId)>,
    /// Numbers that must stay below a power of two, with its exponent.
    guards: BTreeMap<ValueId, u32>,
    conditions: Vec<ValueId>,
}

impl<'e, 'a> Emitter<'e, 'a> {
    pub fn new(b: &'e mut FuncBuilder, scope: &'e mut Scope<'a>) -> Emitter<'e, 'a> {
        Emitter {
            b,
            scope,
            copies: HashMap::new(),
            ints: HashMap::new(),
            known: HashMap::new(),
            binaries: HashMap::new(),
            compares: HashMap::new(),
            dims: HashMap::new(),
            ranges: HashMap::new(),
            guards: BTreeMap::new(),
            conditions: Vec::new(),
        }
    }

    /// One Bool: every access of the groups is in bounds, for every iteration.
    pub fn all_in_bounds(&mut self, groups: &[Group]) -> ValueId {
        groups.iter().for_each(|group| self.group(group));
        for (value, bits) in std::mem::take(&mut self.guards) {
            let (low, high) = (self.int(-(1 << bits)), self.int(1 << bits));
            self.require(CompareOp::Ge, value, low);
            self.require(CompareOp::Le, value, high);
        }
        let mut conditions = std::mem::take(&mut self.conditions).into_iter();
        let Some(first) = conditions.next() else {
            return self.b.bool(true);
        };
        conditions.fold(first, |all, next| self.b.binary(BinaryOp::And, all, next))
    }

    /// What the negative index `index` means: `dim + index`.
    pub fn index_from_end(&mut self, array: ValueId, axis: u8, index: i64) -> ValueId {
        let (dim, index) = (self.dim(array, axis), self.int(index));
        self.binary(BinaryOp::Add, dim, index)
    }

    fn group(&mut self, group: &Group) {
        let dim = self.dim(group.array, group.axis);
        if group.rest == Linear::default() {
            // Constants; negative ones count from the end.
            let needed = self.int((group.max + 1).max(-group.min));
            self.require(CompareOp::Ge, dim, needed);
            return;
        }
        let (lowest, highest) = match group.rest.single() {
            Some((Some(iv), _)) => self.range(iv),
            Some((None, value)) => {
                let value = self.before(value);
                (value, value)
            }
            None => {
                let bits = group.rest.bits().unwrap_or(0);
                (
                    self.extreme(&group.rest, BinaryOp::Min, bits),
                    self.extreme(&group.rest, BinaryOp::Max, bits),
                )
            }
        };
        let low = self.int(-group.min);
        self.require(CompareOp::Ge, lowest, low);
        let max = self.int(group.max);
        let high = self.binary(BinaryOp::Sub, dim, max);
        self.require(CompareOp::Lt, highest, high);
    }

    // ---- forms -------------------------------------------------------------------------------------------------

    /// The smallest (`Min`) or largest (`Max`) value of the form in the nest.
    fn extreme(&mut self, linear: &Linear, side: BinaryOp, bits: u32) -> ValueId {
        if let Some((iv, value)) = linear.single() {
            return match (iv, side) {
                (Some(iv), BinaryOp::Min) => self.range(iv).0,
                (Some(iv), _) => self.range(iv).1,
                (None, _) => self.before(value),
            };
        }
        let mut sum = self.int(0);
        for (iv, poly) in &linear.0 {
            let factor = self.polynomial(poly, bits);
            let term = match iv {
                None => factor,
                Some(iv) => {
                    let (low, high) = self.range(*iv);
                    self.guard(low, bits);
                    self.guard(high, bits);
                    match poly.as_constant() {
                        Some(constant) => {
                            let lowest = (constant > 0) == (side == BinaryOp::Min);
                            self.binary(BinaryOp::Mul, if lowest { low } else { high }, factor)
                        }
                        None => {
                            let (a, b) = (
                                self.binary(BinaryOp::Mul, low, factor),
                                self.binary(BinaryOp::Mul, high, factor),
                            );
                            self.binary(side, a, b)
                        }
                    }
                }
            };
            sum = self.binary(BinaryOp::Add, sum, term);
        }
        sum
    }

    fn polynomial(&mut self, poly: &Poly, bits: u32) -> ValueId {
        let mut sum = self.int(0);
        for (product, &factor) in &poly.0 {
            let mut term = self.int(factor);
            for &value in product {
                let value = self.before(value);
                self.guard(value, bits);
                term = self.binary(BinaryOp::Mul, value, term);
            }
            sum = self.binary(BinaryOp::Add, sum, term);
        }
        sum
    }

    fn bound(&mut self, bound: &Bound, side: BinaryOp) -> ValueId {
        match bound {
            Bound::Linear(linear) => self.extreme(linear, side, linear.bits().unwrap_or(0)),
            Bound::Either(op, a, b) => {
                let (a, b) = (self.bound(a, side), self.bound(b, side));
                self.binary(*op, a, b)
            }
        }
    }

    /// The smallest and the largest value of an induction variable.
    fn range(&mut self, iv: ValueId) -> (ValueId, ValueId) {
        if let Some(&range) = self.ranges.get(&iv) {
            return range;
        }
        let one = self.int(1);
        let range = match self.scope.range(iv) {
            Some(Range::Up { low, high }) => {
                let (low, high) = (
                    self.bound(&low, BinaryOp::Min),
                    self.bound(&high, BinaryOp::Max),
                );
                (low, self.binary(BinaryOp::Sub, high, one))
            }
            Some(Range::Down { low, high }) => {
                let (low, high) = (
                    self.bound(&low, BinaryOp::Min),
                    self.bound(&high, BinaryOp::Max),
                );
                (self.binary(BinaryOp::Add, low, one), high)
            }
            Some(Range::Exact { start, stop, step }) => self.exact_range(start, stop, step),
            None => unreachable!("groups hold induction variables whose range is known"),
        };
        self.ranges.insert(iv, range);
        range
    }

    /// The last value is `start + (stop - 1 - start) // step * step`, upwards.
    fn exact_range(&mut self, start: ValueId, stop: ValueId, step: ValueId) -> (ValueId, ValueId) {
        let (start, stop, step) = (self.before(start), self.before(stop), self.before(step));
        self.guard(start, 60);
        self.guard(stop, 60);
        let (zero, one) = (self.int(0), self.int(1));
        let ascending = self.constant(step).map(|step| step > 0);
        let last = |emitter: &mut Self, inside: ValueId| {
            let mut span = emitter.binary(BinaryOp::Sub, inside, start);
            if ascending.is_none() {
                // The division must not overflow even where the guards on `start` and `stop` fail.
                let floor = emitter.int(-(1 << 62));
                span = emitter.binary(BinaryOp::Max, span, floor);
            }
            let count = emitter.binary(BinaryOp::FloorDiv, span, step);
            let offset = emitter.binary(BinaryOp::Mul, count, step);
            emitter.binary(BinaryOp::Add, start, offset)
        };
        match ascending {
            Some(true) => {
                let inside = self.binary(BinaryOp::Sub, stop, one);
                (start, last(self, inside))
            }
            Some(false) => {
                let inside = self.binary(BinaryOp::Add, stop, one);
                (last(self, inside), start)
            }
            None => {
                let (below, above) = (
                    self.binary(BinaryOp::Sub, stop, one),
                    self.binary(BinaryOp::Add, stop, one),
                );
                let up = self.b.compare(CompareOp::Gt, step, zero);
                let inside = self.b.select(up, below, above);
                let last = last(self, inside);
                (
                    self.binary(BinaryOp::Min, start, last),
                    self.binary(BinaryOp::Max, start, last),
                )
            }
        }
    }

    // ---- values in front of the loop ---------------------------------------------------------------------------

    /// The invariant value, computed in front of the loop.
    fn before(&mut self, value: ValueId) -> ValueId {
        let value = self.scope.invariant(value).unwrap_or(value);
        if !self.scope.is_inside(value) {
            return value;
        }
        if let Some(constant) = self.scope.constant(value) {
            return self.int(constant);
        }
        if let Some(&copy) = self.copies.get(&value) {
            return copy;
        }
        let mut op = self.scope.definitions[&value].clone();
        op.for_each_operand_mut(&mut |operand| *operand = self.before(*operand));
        let ty = self.b.value_type(value).clone();
        let copy = self.b.emit(op, ty);
        self.copies.insert(value, copy);
        copy
    }

    fn dim(&mut self, array: ValueId, axis: u8) -> ValueId {
        let array = self.before(array);
        if let Some(&dim) = self.dims.get(&(array, axis)) {
            return dim;
        }
        let dim = self.b.dim(array, axis);
        self.dims.insert((array, axis), dim);
        dim
    }

    fn int(&mut self, value: i64) -> ValueId {
        if let Some(&int) = self.ints.get(&value) {
            return int;
        }
        let int = self.b.int(value);
        self.ints.insert(value, int);
        self.known.insert(int, value);
        int
    }

    fn constant(&self, value: ValueId) -> Option<i64> {
        self.known
            .get(&value)
            .copied()
            .or_else(|| self.scope.constant(value))
    }

    /// The operation, folded where that is simple, emitted once.
    fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        let constants = (self.constant(a), self.constant(b));
        match (op, constants) {
            (BinaryOp::Add | BinaryOp::Sub, (_, Some(0))) | (BinaryOp::Mul, (_, Some(1))) => {
                return a;
            }
            (BinaryOp::Add, (Some(0), _)) | (BinaryOp::Mul, (Some(1), _)) => return b,
            (BinaryOp::Min | BinaryOp::Max, _) if a == b => return a,
            (_, (Some(x), Some(y))) => {
                let folded = match op {
                    BinaryOp::Add => x.checked_add(y),
                    BinaryOp::Sub => x.checked_sub(y),
                    BinaryOp::Mul => x.checked_mul(y),
                    BinaryOp::Min => Some(x.min(y)),
                    BinaryOp::Max => Some(x.max(y)),
                    _ => None,
                };
                if let Some(folded) = folded {
                    return self.int(folded);
                }
            }
            _ => {}
        }
        if let Some(&value) = self.binaries.get(&(op, a, b)) {
            return value;
        }
        let value = self.b.binary(op, a, b);
        self.binaries.insert((op, a, b), value);
        value
    }

    fn require(&mut self, op: CompareOp, a: ValueId, b: ValueId) {
        if let (Some(a), Some(b)) = (self.constant(a), self.constant(b)) {
            let holds = match op {
                CompareOp::Ge => a >= b,
                CompareOp::Le => a <= b,
                CompareOp::Lt => a < b,
                _ => false,
            };
            if holds {
                return;
            }
        }
        if !self.compares.contains_key(&(op, a, b)) {
            let value = self.b.compare(op, a, b);
            self.compares.insert((op, a, b), value);
            self.conditions.push(value);
        }
    }

    fn guard(&mut self, value: ValueId, bits: u32) {
        let old = self.guards.get(&value).copied().unwrap_or(u32::MAX);
        self.guards.insert(value, old.min(bits));
    }
}
