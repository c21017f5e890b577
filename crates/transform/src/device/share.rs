//! Worksharing loops among the threads of a team.
//!
//! | schedule | expansion |
//! |---|---|
//! | `static`, `auto`, `runtime` | thread `t` of `n` takes the iterations `t`, `t + n`, ...: neighbours touch neighbouring memory |
//! | `static` with a chunk | the same with chunks |
//! | `dynamic`, `guided` | chunks from a counter of the team |
//!
//! A collapsed nest keeps one number for each dimension and adds the step to them with carries: no division in the loop.

use std::collections::{HashMap, HashSet};

use omply_ir::*;

use crate::worksharing::{Expansion, Piece};

pub fn run(module: &mut Module) {
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs.into_iter().map(func).collect();
}

fn func(func: Func) -> Func {
    let mut ints = HashMap::new();
    let mut used = HashSet::new();
    func.body.walk(&mut |inst| {
        if let Op::Const(Const::Int(_, value)) = inst.op {
            ints.insert(inst.results[0], value);
        }
        inst.op.for_each_operand(&mut |&value| {
            used.insert(value);
        });
    });
    FuncBuilder::rebuild(func, &mut |b, inst| match inst.op {
        Op::Loop(ws) => {
            let last = inst.results[0];
            let last = used.contains(&last).then_some(last);
            let expansion = Expansion { ints: &ints, last };
            Share { expansion }.expand(b, *ws);
        }
        _ => b.push(inst),
    })
}

/// Whether this thread is the first of its team.
pub fn first_thread(b: &mut FuncBuilder) -> ValueId {
    let me = b.emit(Op::ThreadNum, Type::I64);
    let first = b.int(0);
    b.compare(CompareOp::Eq, me, first)
}

struct Share<'a> {
    expansion: Expansion<'a>,
}

/// The iterations to share: `base .. end`, `count` of them.
#[derive(Clone, Copy)]
struct Work {
    base: ValueId,
    end: ValueId,
    count: ValueId,
}

impl Share<'_> {
    fn expand(&self, b: &mut FuncBuilder, mut ws: Worksharing) {
        let (trips, count) = self.expansion.trips(b, &ws);
        let work = match ws.range.take() {
            Some(range) => {
                let length = b.binary(BinaryOp::Sub, range.upper, range.lower);
                let zero = b.int(0);
                Work {
                    base: range.lower,
                    end: range.upper,
                    count: b.binary(BinaryOp::Max, length, zero),
                }
            }
            None => Work {
                base: b.int(0),
                end: count,
                count,
            },
        };
        let single = ws.chunk.and_then(|chunk| self.expansion.int(chunk)) == Some(1);
        match (ws.schedule, ws.chunk) {
            (ScheduleKind::Dynamic | ScheduleKind::Guided, _) => {
                self.dispatched(b, ws, &trips, work);
            }
            (ScheduleKind::Static, Some(chunk)) if !single => {
                self.chunked(b, ws, &trips, work, chunk);
            }
            _ => self.cyclic(b, ws, &trips, work),
        }
    }

    fn cyclic(&self, b: &mut FuncBuilder, ws: Worksharing, trips: &[ValueId], work: Work) {
        let me = b.emit(Op::ThreadNum, Type::I64);
        let size = b.emit(Op::TeamSize, Type::I64);
        if let Some(last) = self.expansion.last {
            has_last(b, work.count, size, me, last);
        }
        let first = b.binary(BinaryOp::Add, work.base, me);
        let number = b.slot("number", Type::I64);
        b.store_slot(number, first);
        if let [dim] = &ws.dims[..] {
            self.iterations(b, number, work.end, size, |b, at| {
                self.variable(b, dim, at);
                b.append(ws.body);
            });
            return;
        }
        if !nest::is_rectangular(&ws.dims) {
            self.iterations(b, number, work.end, size, |b, at| {
                let zero = b.int(0);
                let values = b.nest_locate(&ws.dims, at);
                for (dim, value) in ws.dims.iter().zip(values) {
                    b.define(
                        Op::Binary {
                            op: BinaryOp::Add,
                            a: value,
                            b: zero,
                            reassoc: false,
                        },
                        vec![dim.iv],
                    );
                }
                b.append(ws.body);
            });
            return;
        }
        // A dimension without iterations can divide nothing.
        let some = b.compare(CompareOp::Lt, first, work.end);
        b.if_(
            some,
            |b| {
                let starts = digits(b, first, trips);
                let steps = digits(b, size, trips);
                let places: Vec<SlotId> = starts
                    .iter()
                    .map(|&start| {
                        let place = b.slot("place", Type::I64);
                        b.store_slot(place, start);
                        place
                    })
                    .collect();
                self.iterations(b, number, work.end, size, |b, _| {
                    let now: Vec<ValueId> =
                        places.iter().map(|&place| b.load_slot(place)).collect();
                    // Before the body, which may end early.
                    let mut carry = None;
                    for axis in (0..now.len()).rev() {
                        let mut next = b.binary(BinaryOp::Add, now[axis], steps[axis]);
                        if let Some(carry) = carry {
                            next = b.binary(BinaryOp::Add, next, carry);
                        }
                        if axis > 0 {
                            let over = b.compare(CompareOp::Ge, next, trips[axis]);
                            let less = b.binary(BinaryOp::Sub, next, trips[axis]);
                            next = b.select(over, less, next);
                            carry = Some(b.cast(over, Scalar::I64));
                        }
                        b.store_slot(places[axis], next);
                    }
                    for (dim, &at) in ws.dims.iter().zip(&now) {
                        self.variable(b, dim, at);
                    }
                    b.append(ws.body);
                });
            },
            |_| {},
        );
    }

    /// Runs `body` for the iterations `number`, `number + step`, ... before `end`.
    fn iterations(
        &self,
        b: &mut FuncBuilder,
        number: SlotId,
        end: ValueId,
        step: ValueId,
        body: impl FnOnce(&mut FuncBuilder, ValueId),
    ) {
        b.open_block();
        let now = b.load_slot(number);
        let test = b.compare(CompareOp::Lt, now, end);
        let cond = b.close_block();
        let body = b.block(|b| {
            let next = b.binary(BinaryOp::Add, now, step);
            b.store_slot(number, next);
            body(b, now);
        });
        b.effect(Op::While { cond, test, body });
    }

    /// Defines the loop variable of the iteration `at` of its dimension.
    fn variable(&self, b: &mut FuncBuilder, dim: &LoopDim, at: ValueId) {
        let offset = match self.expansion.int(dim.step) {
            Some(1) => at,
            _ => b.binary(BinaryOp::Mul, at, dim.step),
        };
        b.define(
            Op::Binary {
                op: BinaryOp::Add,
                a: dim.start,
                b: offset,
                reassoc: false,
            },
            vec![dim.iv],
        );
    }

    fn chunked(
        &self,
        b: &mut FuncBuilder,
        ws: Worksharing,
        trips: &[ValueId],
        work: Work,
        chunk: ValueId,
    ) {
        let chunk = bounded(b, chunk, work.count);
        let me = b.emit(Op::ThreadNum, Type::I64);
        let size = b.emit(Op::TeamSize, Type::I64);
        if let Some(last) = self.expansion.last {
            let one = b.int(1);
            let below = b.binary(BinaryOp::Sub, work.count, one);
            let chunks = b.binary(BinaryOp::FloorDiv, below, chunk);
            let chunks = b.binary(BinaryOp::Add, chunks, one);
            has_last(b, chunks, size, me, last);
        }
        let first = b.binary(BinaryOp::Mul, me, chunk);
        let stride = b.binary(BinaryOp::Mul, size, chunk);
        let number = b.slot("number", Type::I64);
        b.store_slot(number, first);
        self.iterations(b, number, work.count, stride, |b, at| {
            self.piece(b, ws, trips, work, at, chunk);
        });
    }

    /// The iterations `at .. at + chunk` of the work, as far as there are so many.
    fn piece(
        &self,
        b: &mut FuncBuilder,
        ws: Worksharing,
        trips: &[ValueId],
        work: Work,
        at: ValueId,
        chunk: ValueId,
    ) {
        let upper = b.binary(BinaryOp::Add, at, chunk);
        let upper = b.binary(BinaryOp::Min, upper, work.count);
        let piece = Piece {
            lower: b.binary(BinaryOp::Add, work.base, at),
            upper: b.binary(BinaryOp::Add, work.base, upper),
            stride: None,
        };
        self.expansion.piece(b, ws, trips, piece);
    }

    fn dispatched(&self, b: &mut FuncBuilder, ws: Worksharing, trips: &[ValueId], work: Work) {
        let one = b.int(1);
        let least = match ws.chunk {
            Some(chunk) => bounded(b, chunk, work.count),
            None => one,
        };
        let span = b.span();
        let counter = b.add_slot(Slot {
            name: "counter".into(),
            ty: Type::I64,
            storage: Storage::Team,
            span,
        });
        let flag = self.expansion.last.map(|_| {
            let flag = b.slot("is last", Type::BOOL);
            let no = b.bool(false);
            b.store_slot(flag, no);
            flag
        });
        // Nobody still draws from an earlier loop, and nobody draws before the counter is set.
        b.effect(Op::Barrier);
        let first = first_thread(b);
        b.if_(
            first,
            |b| {
                let zero = b.int(0);
                b.store_slot(counter, zero);
            },
            |_| {},
        );
        b.effect(Op::Barrier);
        let guided = ws.schedule == ScheduleKind::Guided;
        b.open_block();
        let chunk = if guided {
            let load = Op::AtomicLoad {
                place: Place::Slot(counter),
                order: MemoryOrder::Relaxed,
            };
            let given = b.emit(load, Type::I64);
            let left = b.binary(BinaryOp::Sub, work.count, given);
            let size = b.emit(Op::TeamSize, Type::I64);
            let twice = b.binary(BinaryOp::Add, size, size);
            let share = b.binary(BinaryOp::FloorDiv, left, twice);
            b.binary(BinaryOp::Max, share, least)
        } else {
            least
        };
        let draw = Op::AtomicUpdate {
            place: Place::Slot(counter),
            op: BinaryOp::Add,
            value: chunk,
            reversed: false,
            order: MemoryOrder::Relaxed,
        };
        let [at, _] = b.emit_many(draw, [Type::I64, Type::I64]);
        let test = b.compare(CompareOp::Lt, at, work.count);
        let cond = b.close_block();
        let body = b.block(|b| {
            if let Some(flag) = flag {
                let upper = b.binary(BinaryOp::Add, at, chunk);
                let ends = b.compare(CompareOp::Ge, upper, work.count);
                b.store_slot(flag, ends);
            }
            self.piece(b, ws, trips, work, at, chunk);
        });
        b.effect(Op::While { cond, test, body });
        if let Some((flag, last)) = flag.zip(self.expansion.last) {
            b.define(Op::SlotLoad { slot: flag }, vec![last]);
        }
    }
}

/// Between 1 and what the work needs, so that sums of it do not wrap.
fn bounded(b: &mut FuncBuilder, chunk: ValueId, count: ValueId) -> ValueId {
    let one = b.int(1);
    let most = b.binary(BinaryOp::Max, count, one);
    let chunk = b.binary(BinaryOp::Max, chunk, one);
    b.binary(BinaryOp::Min, chunk, most)
}

/// `last`: the last of `count` pieces, dealt out in turn, is this thread's.
fn has_last(b: &mut FuncBuilder, count: ValueId, size: ValueId, me: ValueId, last: ValueId) {
    let (zero, one) = (b.int(0), b.int(1));
    let some = b.compare(CompareOp::Gt, count, zero);
    let end = b.binary(BinaryOp::Sub, count, one);
    let owner = b.binary(BinaryOp::Mod, end, size);
    let mine = b.compare(CompareOp::Eq, owner, me);
    let (op, reassoc) = (BinaryOp::And, false);
    b.define(
        Op::Binary {
            op,
            a: some,
            b: mine,
            reassoc,
        },
        vec![last],
    );
}

/// The place of an iteration in each dimension; of the first dimension without bound.
fn digits(b: &mut FuncBuilder, number: ValueId, trips: &[ValueId]) -> Vec<ValueId> {
    let mut rest = number;
    let mut digits = Vec::new();
    for &trip in trips[1..].iter().rev() {
        digits.push(b.binary(BinaryOp::Mod, rest, trip));
        rest = b.binary(BinaryOp::FloorDiv, rest, trip);
    }
    digits.push(rest);
    digits.reverse();
    digits
}
