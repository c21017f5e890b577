//! Inserts `Poll`, so that Ctrl-C and cancellation act within a tenth of a second, at a cost below one in a hundred.
//!
//! - The body of every `While`, and of every `For` that holds another loop or a call, polls once per iteration.
//! - An innermost `For` must stay a loop that LLVM vectorises: it is cut into strips of some ten thousand
//!   iterations, with a poll between two strips. `break` out of it is passed on through a flag. (Where the step is
//!   known only at run time it polls in its body.)
//! - A loop known to be short (a constant trip count, little work) counts as straight-line code.
//! - Loops of a clone with checks are rarely run; they poll in their body instead.
//! - A function that may call itself polls on entry.

use std::collections::{HashMap, HashSet};

use omply_ir::*;

/// Work between two polls, in units of a simple instruction: well below a millisecond.
const STRIP_WORK: u64 = 1 << 20;
const MIN_STRIP: u64 = 1 << 8;
const MAX_STRIP: u64 = 1 << 16;

/// A strip of steps up to this size spans a number that fits.
const MAX_STEP: i64 = 1 << 32;

/// A loop with at most this much work in all is straight-line code.
const SHORT_WORK: u64 = 1 << 12;

pub fn run(module: &mut Module) {
    let recursive = recursive_functions(module);
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs
        .into_iter()
        .zip(recursive)
        .map(|(func, recursive)| {
            let mut func = poll_func(func);
            if recursive {
                let span = func.span;
                func.body.insts.insert(0, poll(span));
            }
            func
        })
        .collect();
}

/// Whether each function can reach itself through calls and forks.
fn recursive_functions(module: &Module) -> Vec<bool> {
    let callees: Vec<Vec<FuncId>> = module
        .funcs
        .iter()
        .map(|func| {
            let mut callees = Vec::new();
            func.body.walk(&mut |inst| match inst.op {
                Op::Call { func, .. } | Op::Fork { func, .. } => callees.push(func),
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

fn poll_func(func: Func) -> Func {
    let mut ints = HashMap::new();
    func.body.walk(&mut |inst| {
        if let Op::Const(Const::Int(_, value)) = inst.op {
            ints.insert(inst.results[0], value);
        }
    });
    // Bottom up: whether a loop is long is asked before polls are put into the loops around it.
    FuncBuilder::rebuild(func, &mut |b, mut inst| {
        let span = inst.span;
        match &mut inst.op {
            Op::While { body, .. } => body.insts.insert(0, poll(span)),
            Op::For {
                start,
                stop,
                step,
                body,
                info,
                ..
            } => {
                let known = [*start, *stop, *step].map(|value| ints.get(&value).copied());
                match (tight_work(body, &ints), constant_trips(known), known[2]) {
                    (Some(work), Some(trips), _) if work.saturating_mul(trips) <= SHORT_WORK => {}
                    (Some(work), _, Some(step))
                        if info.version != LoopVersion::Checked && step.abs() <= MAX_STEP =>
                    {
                        return strips(b, inst, step, work);
                    }
                    _ => body.insts.insert(0, poll(span)),
                }
            }
            _ => {}
        }
        b.push(inst);
    })
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

/// The work of one iteration, when the body is straight-line code (with branches and short loops).
fn tight_work(body: &Block, ints: &HashMap<ValueId, i64>) -> Option<u64> {
    let mut work: u64 = 1;
    for inst in &body.insts {
        let inner = match &inst.op {
            Op::Math { .. } => 20,
            Op::Const(_) | Op::SlotLoad { .. } | Op::SlotStore { .. } => 0,
            Op::If { then, els, .. } => tight_work(then, ints)?.max(tight_work(els, ints)?),
            Op::For {
                start,
                stop,
                step,
                body,
                ..
            } => {
                let trips =
                    constant_trips([*start, *stop, *step].map(|value| ints.get(&value).copied()))?;
                let work = tight_work(body, ints)?.saturating_mul(trips);
                if work > SHORT_WORK {
                    return None;
                }
                work
            }
            Op::While { .. }
            | Op::Call { .. }
            | Op::Fork { .. }
            | Op::Poll
            | Op::Alloc { .. }
            | Op::ArrayCopy { .. }
            | Op::ArrayFill { .. }
            | Op::ArrayCombine { .. }
            | Op::Barrier
            | Op::Single { .. }
            | Op::CopyPrivate { .. }
            | Op::Critical { .. }
            | Op::Ordered { .. }
            | Op::Reduce { .. }
            | Op::DispatchInit { .. }
            | Op::DispatchNext { .. }
            | Op::OrderedIterationEnd => return None,
            _ => 1,
        };
        work += inner;
    }
    Some(work)
}

/// Cuts the loop into strips, with a poll before each but the last: a loop that fits one strip does not poll, and
/// pays two comparisons.
///
/// ```text
/// at = start
/// while at < stop {
///   more = stop - at > stride;  end = more ? at + stride : stop
///   if more { poll }
///   for iv in at, end, step { ... }
///   at = end
/// }
/// ```
///
/// Should `stop - at` wrap, the strip takes the whole rest; `at + stride` is used only where it cannot wrap.
fn strips(b: &mut FuncBuilder, inst: Inst, step_value: i64, work: u64) {
    let Op::For {
        iv,
        start,
        stop,
        step,
        mut body,
        info,
    } = inst.op
    else {
        return b.push(inst);
    };
    let length = (STRIP_WORK / work)
        .next_power_of_two()
        .clamp(MIN_STRIP, MAX_STRIP) as i64;
    let left = breaks(&body).then(|| {
        let left = b.slot("left the loop", Type::BOOL);
        let no = b.bool(false);
        b.store_slot(left, no);
        flag_breaks(b, &mut body, left);
        left
    });
    let at = b.slot("strip", Type::I64);
    b.store_slot(at, start);
    let (size, stride) = (b.int(length * step_value.abs()), b.int(length * step_value));
    let up = step_value > 0;
    let first = b.value(Type::I64);
    b.while_(
        |b| {
            b.define(Op::SlotLoad { slot: at }, vec![first]);
            b.compare(if up { CompareOp::Lt } else { CompareOp::Gt }, first, stop)
        },
        |b| {
            let (high, low) = if up { (stop, first) } else { (first, stop) };
            let rest = b.binary(BinaryOp::Sub, high, low);
            let more = b.compare(CompareOp::Gt, rest, size);
            let full = b.binary(BinaryOp::Add, first, stride);
            let end = b.select(more, full, stop);
            b.store_slot(at, end);
            b.if_(more, |b| b.effect(Op::Poll), |_| {});
            b.effect(Op::For {
                iv,
                start: first,
                stop: end,
                step,
                body,
                info,
            });
            if let Some(left) = left {
                let left = b.load_slot(left);
                b.if_(left, |b| b.effect(Op::Break), |_| {});
            }
        },
    );
}

/// Whether the body leaves its loop by `Break`.
fn breaks(body: &Block) -> bool {
    body.insts.iter().any(|inst| match &inst.op {
        Op::Break => true,
        Op::If { then, els, .. } => breaks(then) || breaks(els),
        _ => false,
    })
}

/// Sets the flag before every `Break` of the loop whose body this is.
fn flag_breaks(b: &mut FuncBuilder, block: &mut Block, flag: SlotId) {
    for inst in &mut block.insts {
        if let Op::If { then, els, .. } = &mut inst.op {
            flag_breaks(b, then, flag);
            flag_breaks(b, els, flag);
        }
    }
    if let Some(Inst {
        op: Op::Break,
        span,
        ..
    }) = block.insts.last()
    {
        let span = *span;
        let yes = b.value(Type::BOOL);
        let at = block.insts.len() - 1;
        let set = [
            Inst {
                results: vec![yes],
                op: Op::Const(Const::Bool(true)),
                span,
            },
            Inst {
                results: Vec::new(),
                op: Op::SlotStore {
                    slot: flag,
                    value: yes,
                },
                span,
            },
        ];
        block.insts.splice(at..at, set);
    }
}
