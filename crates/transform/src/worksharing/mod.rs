//! Expands worksharing loops: the trip count from Python's `range`, the division of the iterations among the
//! threads, and plain `For` loops over each piece.
//!
//! | schedule | expansion |
//! |---|---|
//! | `static`, `auto` | `StaticInit`, then one piece |
//! | `static` with a chunk | `StaticInit`, then a `For` over this thread's chunks, or iterations with `chunk(1)` |
//! | `dynamic`, `guided`, `runtime`, and every loop that is `ordered` or can be cancelled | `DispatchInit`, then a `While` over `DispatchNext` |
//!
//! A piece is a range of iteration numbers. `piece` turns it into loops whose induction variables stay affine, so
//! that later passes see them: with step 1 the `For` runs over the loop variable itself, and a collapsed nest stays
//! a nest (its innermost loop does no division). `sloped` does so for nests that are not rectangular.

mod piece;
mod sloped;

use std::collections::{HashMap, HashSet};

use omply_ir::*;

use crate::trip::trip_count;

pub fn run(module: &mut Module) {
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs.into_iter().map(expand_func).collect();
}

fn expand_func(func: Func) -> Func {
    let mut ints = HashMap::new();
    let mut used = HashSet::new();
    let mut loops = false;
    func.body.walk(&mut |inst| {
        match inst.op {
            Op::Const(Const::Int(_, value)) => {
                ints.insert(inst.results[0], value);
            }
            Op::Loop(_) => loops = true,
            _ => {}
        }
        inst.op.for_each_operand(&mut |&value| {
            used.insert(value);
        });
    });
    if !loops {
        return func;
    }
    FuncBuilder::rebuild(func, &mut |b, inst| match inst.op {
        Op::Loop(ws) => {
            let last = inst.results[0];
            let last = used.contains(&last).then_some(last);
            Expansion { ints: &ints, last }.expand(b, *ws);
        }
        _ => b.push(inst),
    })
}

pub(crate) struct Expansion<'a> {
    /// The function's integer constants.
    pub ints: &'a HashMap<ValueId, i64>,
    /// The result, if anything uses it.
    pub last: Option<ValueId>,
}

/// A range of iteration numbers.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub lower: ValueId,
    pub upper: ValueId,
    /// Between two iterations; 1 where it is not given.
    pub stride: Option<ValueId>,
}

impl Expansion<'_> {
    pub(crate) fn int(&self, value: ValueId) -> Option<i64> {
        self.ints.get(&value).copied()
    }

    /// How often each loop of a rectangular nest runs, and the iterations of the nest.
    pub(crate) fn trips(&self, b: &mut FuncBuilder, ws: &Worksharing) -> (Vec<ValueId>, ValueId) {
        if !nest::is_rectangular(&ws.dims) {
            return (Vec::new(), b.nest_trip(&ws.dims, &[]));
        }
        let trips: Vec<ValueId> = ws
            .dims
            .iter()
            .map(|dim| trip_count(b, dim, &|value| self.int(value)))
            .collect();
        let mut trip = trips[0];
        for &factor in &trips[1..] {
            trip = b.binary(BinaryOp::Mul, trip, factor);
        }
        (trips, trip)
    }

    pub(crate) fn expand(&self, b: &mut FuncBuilder, ws: Worksharing) {
        let (trips, mut trip) = self.trips(b, &ws);
        if let Some(range) = ws.range {
            if range.alone {
                return self.alone(b, ws, &trips, trip, range);
            }
            let length = b.binary(BinaryOp::Sub, range.upper, range.lower);
            let zero = b.int(0);
            trip = b.binary(BinaryOp::Max, length, zero);
        }
        match (ws.schedule, ws.chunk) {
            // A thread that goes on asking for chunks is told of the cancellation.
            _ if ws.ordered || can_be_left(&ws.body) => self.dispatched(b, ws, &trips, trip),
            (ScheduleKind::Static, Some(chunk)) => self.chunked(b, ws, &trips, trip, chunk),
            (ScheduleKind::Static | ScheduleKind::Auto, _) => self.one_piece(b, ws, &trips, trip),
            _ => self.dispatched(b, ws, &trips, trip),
        }
    }

    /// The whole range for the encountering thread.
    fn alone(
        &self,
        b: &mut FuncBuilder,
        ws: Worksharing,
        trips: &[ValueId],
        trip: ValueId,
        range: IterationRange,
    ) {
        if let Some(last) = self.last {
            let some = b.compare(CompareOp::Lt, range.lower, range.upper);
            let ends = b.compare(CompareOp::Eq, range.upper, trip);
            b.define(
                Op::Binary {
                    op: BinaryOp::And,
                    a: some,
                    b: ends,
                    reassoc: false,
                },
                vec![last],
            );
        }
        let piece = Piece {
            lower: range.lower,
            upper: range.upper,
            stride: None,
        };
        self.piece(b, Worksharing { range: None, ..ws }, trips, piece);
    }

    fn one_piece(&self, b: &mut FuncBuilder, ws: Worksharing, trips: &[ValueId], trip: ValueId) {
        let [lower, upper, _] = self.static_init(b, trip, None);
        self.piece(
            b,
            ws,
            trips,
            Piece {
                lower,
                upper,
                stride: None,
            },
        );
    }

    fn chunked(
        &self,
        b: &mut FuncBuilder,
        ws: Worksharing,
        trips: &[ValueId],
        trip: ValueId,
        chunk: ValueId,
    ) {
        let single = self.int(chunk) == Some(1) && ws.dims.len() == 1;
        let chunk = self.bounded_chunk(b, chunk, trip);
        let [lower, upper, stride] = self.static_init(b, trip, Some(chunk));
        if single {
            self.piece(
                b,
                ws,
                trips,
                Piece {
                    lower,
                    upper: trip,
                    stride: Some(stride),
                },
            );
            return;
        }
        let width = b.binary(BinaryOp::Sub, upper, lower);
        let info = LoopInfo {
            independent: ws.info.independent,
            ..LoopInfo::default()
        };
        b.for_(lower, trip, stride, info, |b, lower| {
            let upper = b.binary(BinaryOp::Add, lower, width);
            let upper = b.binary(BinaryOp::Min, upper, trip);
            self.piece(
                b,
                ws,
                trips,
                Piece {
                    lower,
                    upper,
                    stride: None,
                },
            );
        });
    }

    /// The chunk size, no larger than the loop, so that its multiples do not wrap.
    fn bounded_chunk(&self, b: &mut FuncBuilder, chunk: ValueId, trip: ValueId) -> ValueId {
        if self.int(chunk).is_some_and(|chunk| chunk < 1 << 32) {
            return chunk;
        }
        let one = b.int(1);
        let trip = b.binary(BinaryOp::Max, trip, one);
        b.binary(BinaryOp::Min, chunk, trip)
    }

    /// Lower and upper bound of the first piece, and the stride to the next; defines the loop's result.
    fn static_init(
        &self,
        b: &mut FuncBuilder,
        trip: ValueId,
        chunk: Option<ValueId>,
    ) -> [ValueId; 3] {
        let [lower, upper, stride] = [Type::I64, Type::I64, Type::I64].map(|ty| b.value(ty));
        let last = self.last.unwrap_or_else(|| b.value(Type::BOOL));
        b.define(
            Op::StaticInit { trip, chunk },
            vec![lower, upper, stride, last],
        );
        [lower, upper, stride]
    }

    fn dispatched(
        &self,
        b: &mut FuncBuilder,
        mut ws: Worksharing,
        trips: &[ValueId],
        trip: ValueId,
    ) {
        let (schedule, chunk, monotonic, ordered) =
            (ws.schedule, ws.chunk, ws.monotonic, ws.ordered);
        if ordered {
            end_each_iteration(&mut ws.body);
        }
        let flag = self.last.map(|_| {
            let flag = b.slot("is last", Type::BOOL);
            let no = b.bool(false);
            b.store_slot(flag, no);
            flag
        });
        b.effect(Op::DispatchInit {
            trip,
            schedule,
            chunk,
            monotonic,
            ordered,
        });
        let leavable = can_be_left(&ws.body);
        if leavable {
            b.open_block();
        }
        let [more, lower, upper, last] =
            [Type::BOOL, Type::I64, Type::I64, Type::BOOL].map(|ty| b.value(ty));
        b.while_(
            |b| {
                b.define(Op::DispatchNext { ordered }, vec![more, lower, upper, last]);
                more
            },
            |b| {
                if let Some(flag) = flag {
                    // A thread may get further chunks after the last one.
                    let before = b.load_slot(flag);
                    let after = b.binary(BinaryOp::Or, before, last);
                    b.store_slot(flag, after);
                }
                self.piece(
                    b,
                    ws,
                    trips,
                    Piece {
                        lower,
                        upper,
                        stride: None,
                    },
                );
            },
        );
        if leavable {
            let body = b.close_block();
            b.effect(Op::Leavable { body });
        }
        b.effect(Op::DispatchEnd);
        if let (Some(flag), Some(result)) = (flag, self.last) {
            b.define(Op::SlotLoad { slot: flag }, vec![result]);
        }
    }
}

/// Whether a construct in the body cancels the loop.
fn can_be_left(body: &Block) -> bool {
    body.any(&|inst| matches!(inst.op, Op::LeaveLoop))
}

/// Appends `OrderedIterationEnd` to every way through the body of an `ordered` loop.
fn end_each_iteration(body: &mut Block) {
    end_before_continue(body);
    if !body.diverges() {
        let span = body.insts.last().map(|inst| inst.span).unwrap_or_default();
        body.insts.push(Inst {
            results: Vec::new(),
            op: Op::OrderedIterationEnd,
            span,
        });
    }
}

/// `Continue` of the loop whose body this is: not of loops nested in it.
fn end_before_continue(block: &mut Block) {
    let ends_iteration = matches!(
        block.insts.last(),
        Some(Inst {
            op: Op::Continue,
            ..
        })
    );
    if ends_iteration {
        let at = block.insts.len() - 1;
        let span = block.insts[at].span;
        block.insts.insert(
            at,
            Inst {
                results: Vec::new(),
                op: Op::OrderedIterationEnd,
                span,
            },
        );
    }
    for inst in &mut block.insts {
        if let Op::If { then, els, .. } = &mut inst.op {
            end_before_continue(then);
            end_before_continue(els);
        }
    }
}
