//! Nests whose inner bounds depend on outer loop variables: how many iterations they have, and where a given one is.
//! Iterations are numbered in the order of the serial program. Counting takes a pass over the rows, one addition each.

use crate::{BinaryOp, CompareOp, FuncBuilder, LoopDim, LoopInfo, Op, Type, UnaryOp, ValueId};

/// Whether the bounds of some dimension depend on those around it.
pub fn is_rectangular(dims: &[LoopDim]) -> bool {
    dims.iter().all(|dim| dim.along.is_none())
}

impl FuncBuilder {
    /// Where a dimension starts and stops, for the values that the variables of those around it have.
    pub fn dim_bounds(&mut self, dim: &LoopDim, outer: &[ValueId]) -> [ValueId; 2] {
        let Some(along) = dim.along else {
            return [dim.start, dim.stop];
        };
        let at = outer[along.outer as usize];
        let start = self.binary(BinaryOp::Mul, along.start, at);
        let stop = self.binary(BinaryOp::Mul, along.stop, at);
        [
            self.binary(BinaryOp::Add, dim.start, start),
            self.binary(BinaryOp::Add, dim.stop, stop),
        ]
    }

    /// `len(range(start, stop, step))`
    fn range_len(&mut self, [start, stop]: [ValueId; 2], step: ValueId) -> ValueId {
        let (zero, one) = (self.int(0), self.int(1));
        let up = self.compare(CompareOp::Gt, step, zero);
        let low = self.select(up, start, stop);
        let high = self.select(up, stop, start);
        let negated = self.unary(UnaryOp::Neg, step);
        let size = self.select(up, step, negated);
        let some = self.compare(CompareOp::Lt, low, high);
        let distance = self.binary(BinaryOp::Sub, high, low);
        let below = self.binary(BinaryOp::Sub, distance, one);
        let quotient = self.binary(BinaryOp::FloorDiv, below, size);
        let count = self.binary(BinaryOp::Add, quotient, one);
        self.select(some, count, zero)
    }

    /// How many iterations the dimensions from number `outer.len()` on have, inside of `outer`.
    pub fn nest_trip(&mut self, dims: &[LoopDim], outer: &[ValueId]) -> ValueId {
        let depth = outer.len();
        let Some(dim) = dims.get(depth) else {
            return self.int(1);
        };
        let bounds = self.dim_bounds(dim, outer);
        let own = self.range_len(bounds, dim.step);
        if depth + 1 == dims.len() {
            return own;
        }
        let inner = dims[depth + 1..]
            .iter()
            .any(|dim| dim.along.is_some_and(|along| along.outer as usize >= depth));
        if !inner {
            let within = [outer, &[bounds[0]]].concat();
            let rest = self.nest_trip(dims, &within);
            return self.binary(BinaryOp::Mul, own, rest);
        }
        let total = self.slot("iterations", Type::I64);
        let (zero, one) = (self.int(0), self.int(1));
        self.store_slot(total, zero);
        self.for_(zero, own, one, LoopInfo::default(), |b, number| {
            let within = b.inside(dim, outer, bounds[0], number);
            let row = b.nest_trip(dims, &within);
            let before = b.load_slot(total);
            let after = b.binary(BinaryOp::Add, before, row);
            b.store_slot(total, after);
        });
        self.load_slot(total)
    }

    /// The values of the loop variables in iteration `number`, which the nest has.
    pub fn nest_locate(&mut self, dims: &[LoopDim], number: ValueId) -> Vec<ValueId> {
        let mut found: Vec<ValueId> = Vec::new();
        let mut number = number;
        for (depth, dim) in dims.iter().enumerate() {
            let bounds = self.dim_bounds(dim, &found);
            if depth + 1 == dims.len() {
                let distance = self.binary(BinaryOp::Mul, number, dim.step);
                found.push(self.binary(BinaryOp::Add, bounds[0], distance));
                break;
            }
            let (left, row) = (
                self.slot("iterations left", Type::I64),
                self.slot("row", Type::I64),
            );
            let (zero, one) = (self.int(0), self.int(1));
            self.store_slot(left, number);
            self.store_slot(row, bounds[0]);
            let rows = self.range_len(bounds, dim.step);
            let outer = found.clone();
            self.for_(zero, rows, one, LoopInfo::default(), |b, index| {
                let within = b.inside(dim, &outer, bounds[0], index);
                b.store_slot(row, within[depth]);
                let length = b.nest_trip(dims, &within);
                let before = b.load_slot(left);
                let here = b.compare(CompareOp::Lt, before, length);
                b.if_(here, |b| b.effect(Op::Break), |_| {});
                let after = b.binary(BinaryOp::Sub, before, length);
                b.store_slot(left, after);
            });
            found.push(self.load_slot(row));
            number = self.load_slot(left);
        }
        found
    }

    /// The loop variables, with that of iteration `number` of `dim` as the innermost.
    fn inside(
        &mut self,
        dim: &LoopDim,
        outer: &[ValueId],
        start: ValueId,
        number: ValueId,
    ) -> Vec<ValueId> {
        let distance = self.binary(BinaryOp::Mul, number, dim.step);
        let value = self.binary(BinaryOp::Add, start, distance);
        [outer, &[value]].concat()
    }
}
