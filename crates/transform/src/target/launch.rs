//! How much of a device a region wants, as far as that is known before it begins: one team where it has no `teams` construct, and
//! the number of iterations of its outermost loop, where that follows from what the region captures.

use std::collections::{HashMap, HashSet};

use omply_ir::walk::SlotUse;
use omply_ir::*;

/// The largest team that there is: so many times a team's work, in iterations, is enough work for as many teams.
const MOST_THREADS: i64 = 1024;

/// Completes the clauses of a region with that body, whose own slots are `own`. Appends what computes them.
pub(super) fn complete(
    b: &mut FuncBuilder,
    clauses: &mut TargetClauses,
    body: &Block,
    own: &HashSet<SlotId>,
) {
    if !body.any(&|inst| matches!(inst.op, Op::Teams(_))) {
        let one = b.int(1);
        clauses.teams = [Some(one); 2];
    }
    let mut before = Before::new(body, own);
    if clauses.num_threads.is_none() {
        clauses.num_threads = threads(b, body, &mut before);
    }
    let Some(ws) = outermost_loop(body) else {
        return;
    };
    let mut trip = None;
    for dim in &ws.dims {
        let mut bound = |value| before.value(b, value);
        let (Some(start), Some(stop), Some(step)) =
            (bound(dim.start), bound(dim.stop), bound(dim.step))
        else {
            return;
        };
        let length = range_length(b, start, stop, step);
        trip = Some(match trip {
            Some(trip) => b.binary(BinaryOp::Mul, trip, length),
            None => length,
        });
    }
    // Iterations that teams share and threads do not are a team's work each.
    let by_teams = ws.body.any(&|inst| matches!(inst.op, Op::Parallel { .. }));
    clauses.trip = trip.map(|trip| match by_teams {
        true => {
            let threads = b.int(MOST_THREADS);
            b.binary(BinaryOp::Mul, trip, threads)
        }
        false => trip,
    });
}

/// As many threads as the parallel regions ask for, where all of them ask: no team needs more.
fn threads(b: &mut FuncBuilder, body: &Block, before: &mut Before) -> Option<ValueId> {
    let mut asked = Vec::new();
    outermost_regions(body, &mut asked);
    let mut most = None;
    for num_threads in asked {
        let wanted = before.value(b, num_threads?)?;
        most = Some(match most {
            Some(most) => b.binary(BinaryOp::Max, most, wanted),
            None => wanted,
        });
    }
    most
}

fn outermost_regions(block: &Block, asked: &mut Vec<Option<ValueId>>) {
    for inst in &block.insts {
        match &inst.op {
            Op::Parallel { num_threads, .. } => asked.push(*num_threads),
            op => op.for_each_block(&mut |nested| outermost_regions(nested, asked)),
        }
    }
}

/// The first loop that is divided among the threads or teams.
fn outermost_loop(block: &Block) -> Option<&Worksharing> {
    block.insts.iter().find_map(|inst| match &inst.op {
        Op::Loop(ws) => Some(&**ws),
        Op::Teams(teams) => outermost_loop(&teams.body),
        Op::Parallel { body, .. } => outermost_loop(body),
        // The chunks of a `distribute`.
        Op::For { body, .. } => outermost_loop(body),
        _ => None,
    })
}

/// `len(range(start, stop, step))`; a step of zero is an error that the region itself finds.
fn range_length(b: &mut FuncBuilder, start: ValueId, stop: ValueId, step: ValueId) -> ValueId {
    let (zero, one, minus) = (b.int(0), b.int(1), b.int(-1));
    let none = b.compare(CompareOp::Eq, step, zero);
    let step = select(b, none, one, step);
    let down = b.compare(CompareOp::Lt, step, zero);
    let sign = select(b, down, minus, one);
    let distance = b.binary(BinaryOp::Sub, stop, start);
    let last = b.binary(BinaryOp::Sub, step, sign);
    let sum = b.binary(BinaryOp::Add, distance, last);
    let length = b.binary(BinaryOp::FloorDiv, sum, step);
    b.binary(BinaryOp::Max, length, zero)
}

fn select(b: &mut FuncBuilder, cond: ValueId, then: ValueId, els: ValueId) -> ValueId {
    b.emit(Op::Select { cond, then, els }, Type::I64)
}

/// Computes values of the region's body before the region, where nothing that happens in it can change them.
struct Before<'b> {
    body: HashMap<ValueId, &'b Inst>,
    /// For each slot that the body writes: the one value that it writes, if there is just one.
    written: HashMap<SlotId, Option<ValueId>>,
    own: &'b HashSet<SlotId>,
    /// Variables of loops in the body, which are no results of instructions.
    bound: HashSet<ValueId>,
    made: HashMap<ValueId, ValueId>,
}

impl<'b> Before<'b> {
    fn new(body: &'b Block, own: &'b HashSet<SlotId>) -> Before<'b> {
        let mut before = Before {
            body: HashMap::new(),
            written: HashMap::new(),
            own,
            bound: HashSet::new(),
            made: HashMap::new(),
        };
        body.walk(&mut |inst| {
            for &result in &inst.results {
                before.body.insert(result, inst);
            }
            inst.op.for_each_bound(&mut |iv| {
                before.bound.insert(iv);
            });
            inst.op.for_each_slot(&mut |slot, how| {
                let value = match (&inst.op, how) {
                    (_, SlotUse::Read) => return,
                    (Op::SlotStore { value, .. }, _) => Some(*value),
                    _ => None,
                };
                let again = before.written.contains_key(&slot);
                before.written.insert(slot, value.filter(|_| !again));
            });
        });
        before
    }

    fn value(&mut self, b: &mut FuncBuilder, value: ValueId) -> Option<ValueId> {
        if let Some(&made) = self.made.get(&value) {
            return Some(made);
        }
        let made = match self.body.get(&value).copied() {
            // It comes from outside.
            None if !self.bound.contains(&value) => value,
            None => return None,
            Some(inst) => self.inst(b, inst)?,
        };
        self.made.insert(value, made);
        Some(made)
    }

    fn inst(&mut self, b: &mut FuncBuilder, inst: &Inst) -> Option<ValueId> {
        let ty = b.value_type(*inst.results.first()?).clone();
        match &inst.op {
            Op::SlotLoad { slot } => match self.written.get(slot).copied() {
                Some(Some(stored)) if self.own.contains(slot) => self.value(b, stored),
                Some(_) => None,
                None if self.own.contains(slot) => None,
                None => Some(b.load_slot(*slot)),
            },
            Op::Const(_)
            | Op::Unary { .. }
            | Op::Compare { .. }
            | Op::Cast { .. }
            | Op::Select { .. }
            | Op::Dim { .. } => self.again(b, inst, ty),
            Op::Binary { op, .. } if !matches!(op, BinaryOp::FloorDiv | BinaryOp::Mod) => {
                self.again(b, inst, ty)
            }
            _ => None,
        }
    }

    fn again(&mut self, b: &mut FuncBuilder, inst: &Inst, ty: Type) -> Option<ValueId> {
        let mut op = inst.op.clone();
        let mut operands = Vec::new();
        inst.op.for_each_operand(&mut |&value| operands.push(value));
        let mut made = Vec::new();
        for value in operands {
            made.push(self.value(b, value)?);
        }
        let mut made = made.into_iter();
        op.for_each_operand_mut(&mut |value| {
            if let Some(new) = made.next() {
                *value = new;
            }
        });
        Some(b.emit(op, ty))
    }
}
