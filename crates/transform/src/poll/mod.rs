//! Inserts `Poll`, so that Ctrl-C and cancellation act within a tenth of a second, at a cost below one in a hundred.
//!
//! - An innermost loop must stay as tight as it is, and a `For` a loop that LLVM vectorises: it is cut into strips
//!   of some ten thousand iterations, with a poll between two strips (`strips`). A `While` that walks through an array is
//!   bounded by the array's length (`walk`).
//! - A loop around innermost loops is cut into strips of `OUTER_STRIP` iterations.
//! - A call of a function with vector versions (`declare_simd`) is as long as that function's body: a loop that may become vector
//!   code must not poll in each iteration.
//! - Every other loop polls in each iteration: it calls functions, meets other threads, or holds deeper nests.
//! - A loop known to be short (a constant trip count or one of a tile, little work) counts as straight-line code.
//! - Loops of a clone with checks are rarely run; they poll in their body instead of being cut.
//! - A function that may call itself polls on entry.

mod strips;
mod walk;

use std::collections::{HashMap, HashSet};

use omply_ir::*;

use crate::walks::{Facts, Walk};

/// Work between two polls, in units of a simple instruction: well below a millisecond.
const STRIP_WORK: u64 = 1 << 18;
const MIN_STRIP: u64 = 1 << 8;
const MAX_STRIP: u64 = 1 << 16;

/// Iterations between two polls of a loop whose inner loops may each run for a strip without a poll.
const OUTER_STRIP: i64 = 64;

/// A strip of steps up to this size spans a number that fits; other loops are made to count first.
const MAX_STEP: u64 = 1 << 32;

/// A loop with at most this much work in all is straight-line code.
const SHORT_WORK: u64 = 1 << 12;

const CALL_WORK: u64 = 8;

pub fn run(module: &mut Module) {
    let recursive = recursive_functions(module);
    let called: Vec<Shape> = module
        .funcs
        .iter()
        .map(|func| {
            if func.simd.is_empty() {
                Shape::Deep
            } else {
                shapes_of(func, &[]).1
            }
        })
        .collect();
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs
        .into_iter()
        .zip(recursive)
        .map(|(func, recursive)| {
            let mut func = poll_func(func, &called);
            // The runtime starts no task of a cancelled team.
            if recursive && func.kind != FuncKind::Task {
                let span = func.span;
                func.body.insts.insert(0, poll(span));
            }
            func
        })
        .collect();
}

/// Whether each function can reach itself through calls, forks and tasks.
fn recursive_functions(module: &Module) -> Vec<bool> {
    let callees: Vec<Vec<FuncId>> = module
        .funcs
        .iter()
        .map(|func| {
            let mut callees = Vec::new();
            func.body.walk(&mut |inst| match &inst.op {
                Op::Call { func, .. } | Op::Fork { func, .. } | Op::ForkTeams { func, .. } => {
                    callees.push(*func);
                }
                Op::Spawn(spawn) => callees.push(spawn.func),
                Op::Offload(offload) => callees.push(offload.func),
                _ => {}
            });
            callees
        })
        .collect();
    let reaches_itself = |index: usize| {
        let mut seen = HashSet::new();
        let mut open = callees[index].clone();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(&callees[next.index()]);
            }
        }
        seen.contains(&FuncId(index as u32))
    };
    (0..module.funcs.len()).map(reaches_itself).collect()
}

fn poll(span: omply_diagnostics::Span) -> Inst {
    Inst {
        results: Vec::new(),
        op: Op::Poll,
        span,
    }
}

/// The cadences of a function's loops, and the shape of its body. `called` has the shape of each function of the module.
fn shapes_of<'c>(func: &Func, called: &'c [Shape]) -> (Shapes<'c>, Shape) {
    let mut ints = HashMap::new();
    let mut binaries = HashMap::new();
    func.body.walk(&mut |inst| match inst.op {
        Op::Const(Const::Int(_, value)) => {
            ints.insert(inst.results[0], value);
        }
        Op::Binary { op, a, b, .. } => {
            binaries.insert(inst.results[0], (op, a, b));
        }
        _ => {}
    });
    let mut shapes = Shapes {
        ints,
        binaries,
        cadences: HashMap::new(),
        called,
        facts: Facts::of(func),
        walks: HashMap::new(),
    };
    let shape = shapes.block(&func.body);
    (shapes, shape)
}

fn poll_func(func: Func, called: &[Shape]) -> Func {
    let (shapes, _) = shapes_of(&func, called);
    FuncBuilder::rebuild(func, &mut |b, mut inst| {
        let span = inst.span;
        match &mut inst.op {
            Op::While { test, body, .. } => match shapes.cadences[test] {
                Cadence::Never => {}
                Cadence::Strip(length) => {
                    return match shapes.walks.get(test) {
                        Some(walk) => walk::walk_while(b, inst, walk, length),
                        None => strips::cut_while(b, inst, length, LoopVersion::Only),
                    };
                }
                Cadence::Each => body.insts.insert(0, poll(span)),
            },
            Op::For { iv, step, body, .. } => match (shapes.cadences[iv], shapes.ints.get(step)) {
                (Cadence::Never, _) => {}
                (Cadence::Strip(length), Some(&step)) if step.unsigned_abs() <= MAX_STEP => {
                    return strips::cut_for(b, inst, step, length);
                }
                (Cadence::Strip(length), _) => {
                    let inst = strips::counted(b, inst, &|value| shapes.ints.get(&value).copied());
                    return strips::cut_for(b, inst, 1, length);
                }
                (Cadence::Each, _) => body.insts.insert(0, poll(span)),
            },
            _ => {}
        }
        b.push(inst);
    })
}

/// How often a loop polls.
#[derive(Clone, Copy)]
enum Cadence {
    Never,
    /// Once in so many iterations.
    Strip(i64),
    Each,
}

/// How long a block may run, as far as polls care.
#[derive(Clone, Copy)]
enum Shape {
    /// Straight-line code, branches and short loops: this much work.
    Straight(u64),
    /// Holds innermost loops.
    Loops,
    /// Holds anything else.
    Deep,
}

impl Shape {
    fn then(self, next: Shape) -> Shape {
        match (self, next) {
            (Shape::Straight(a), Shape::Straight(b)) => Shape::Straight(a.saturating_add(b)),
            (Shape::Deep, _) | (_, Shape::Deep) => Shape::Deep,
            _ => Shape::Loops,
        }
    }
}

/// The cadence of every loop of a function, by induction variable or test.
struct Shapes<'c> {
    ints: HashMap<ValueId, i64>,
    binaries: HashMap<ValueId, (BinaryOp, ValueId, ValueId)>,
    cadences: HashMap<ValueId, Cadence>,
    called: &'c [Shape],
    facts: Facts,
    /// The `While` loops that walk, by test.
    walks: HashMap<ValueId, Walk>,
}

impl Shapes<'_> {
    /// The most that a loop over a tile can run: from `start` to `start + size` or a nearer end.
    fn tile_trips(&self, start: ValueId, stop: ValueId, step: ValueId) -> Option<u64> {
        let step = *self.ints.get(&step)?;
        let nearer = if step > 0 {
            BinaryOp::Min
        } else {
            BinaryOp::Max
        };
        let &(op, a, b) = self.binaries.get(&stop)?;
        let size = |end: ValueId| {
            let &(op, a, b) = self.binaries.get(&end)?;
            (op == BinaryOp::Add && a == start)
                .then(|| self.ints.get(&b).copied())
                .flatten()
        };
        if op != nearer {
            return None;
        }
        constant_trips([Some(0), size(a).or_else(|| size(b)), Some(step)])
    }

    fn block(&mut self, block: &Block) -> Shape {
        block.insts.iter().fold(Shape::Straight(1), |shape, inst| {
            shape.then(self.inst(inst))
        })
    }

    fn inst(&mut self, inst: &Inst) -> Shape {
        match &inst.op {
            Op::Const(_) | Op::SlotLoad { .. } | Op::SlotStore { .. } => Shape::Straight(0),
            Op::Math { .. } => Shape::Straight(20),
            Op::If { then, els, .. } => {
                let (then, els) = (self.block(then), self.block(els));
                then.then(els)
            }
            Op::For {
                iv,
                start,
                stop,
                step,
                body,
                info,
            } => {
                let shape = self.block(body);
                let known = [*start, *stop, *step].map(|value| self.ints.get(&value).copied());
                let trips = constant_trips(known).or_else(|| self.tile_trips(*start, *stop, *step));
                if let (Shape::Straight(work), Some(trips)) = (shape, trips)
                    && work.saturating_mul(trips) <= SHORT_WORK
                {
                    self.cadences.insert(*iv, Cadence::Never);
                    return Shape::Straight(work * trips);
                }
                let checked = info.version == LoopVersion::Checked;
                self.cadences.insert(
                    *iv,
                    if checked {
                        Cadence::Each
                    } else {
                        cadence(shape)
                    },
                );
                around(shape)
            }
            Op::While { cond, test, body } => {
                let shape = self.block(cond).then(self.block(body));
                self.cadences.insert(*test, cadence(shape));
                let walk = self.facts.walking_while(inst);
                match (shape, walk) {
                    (Shape::Straight(_), Some(walk)) => {
                        self.walks.insert(*test, walk);
                        Shape::Deep
                    }
                    _ => around(shape),
                }
            }
            Op::Call { func, .. } => match self.called.get(func.index()) {
                Some(&shape) => Shape::Straight(CALL_WORK).then(shape),
                None => Shape::Deep,
            },
            Op::Fork { .. }
            | Op::Spawn(_)
            | Op::TaskWait { .. }
            | Op::TaskYield
            | Op::ForkTeams { .. }
            | Op::Offload(_)
            | Op::TargetMove(_)
            | Op::DoacrossWait { .. }
            | Op::Poll
            | Op::Alloc { .. }
            | Op::ArrayCopy { .. }
            | Op::ArrayFill { .. }
            | Op::ArrayCombine { .. }
            | Op::Barrier
            | Op::CopyPrivate { .. }
            | Op::Reduce { .. }
            | Op::DispatchInit { .. }
            | Op::DispatchNext { .. }
            | Op::OrderedIterationEnd => Shape::Deep,
            op => {
                let mut deep = false;
                op.for_each_block(&mut |nested| {
                    self.block(nested);
                    deep = true;
                });
                if deep {
                    Shape::Deep
                } else {
                    Shape::Straight(1)
                }
            }
        }
    }
}

/// The cadence of a loop with such a body.
fn cadence(body: Shape) -> Cadence {
    match body {
        Shape::Straight(work) => Cadence::Strip(
            (STRIP_WORK / work)
                .next_power_of_two()
                .clamp(MIN_STRIP, MAX_STRIP) as i64,
        ),
        Shape::Loops => Cadence::Strip(OUTER_STRIP),
        Shape::Deep => Cadence::Each,
    }
}

/// The shape of a loop with such a body.
fn around(body: Shape) -> Shape {
    match body {
        Shape::Straight(_) => Shape::Loops,
        Shape::Loops | Shape::Deep => Shape::Deep,
    }
}

fn constant_trips([start, stop, step]: [Option<i64>; 3]) -> Option<u64> {
    let (start, stop, step) = (start?, stop?, step?);
    let span = if step > 0 {
        stop.checked_sub(start)?
    } else {
        start.checked_sub(stop)?
    };
    (step != 0).then(|| (span.max(0) as u64).div_ceil(step.unsigned_abs()))
}
