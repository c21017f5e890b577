//! Loops cut into strips, with a poll between two strips: the hot part keeps its shape, and a loop that is over
//! before the first strip is pays a comparison or two and does not poll.

use omply_ir::*;

use crate::trip::trip_count;
use crate::walks::breaks;

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
pub fn cut_for(b: &mut FuncBuilder, inst: Inst, step_value: i64, length: i64) {
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

/// The loop as one over iteration numbers, with step 1.
pub fn counted(b: &mut FuncBuilder, inst: Inst, int: &dyn Fn(ValueId) -> Option<i64>) -> Inst {
    let Op::For {
        iv,
        start,
        stop,
        step,
        mut body,
        info,
    } = inst.op
    else {
        return inst;
    };
    let (zero, one) = (b.int(0), b.int(1));
    let trip = trip_count(
        b,
        &LoopDim {
            iv,
            start,
            stop,
            step,
            along: None,
        },
        int,
    );
    let number = b.value(Type::I64);
    let head = b.block(|b| {
        let offset = b.binary(BinaryOp::Mul, number, step);
        b.define(
            Op::Binary {
                op: BinaryOp::Add,
                a: start,
                b: offset,
                reassoc: false,
            },
            vec![iv],
        );
    });
    body.insts.splice(0..0, head.insts);
    Inst {
        op: Op::For {
            iv: number,
            start: zero,
            stop: trip,
            step: one,
            body,
            info,
        },
        ..inst
    }
}

/// ```text
/// done = false
/// while true {
///   for _ in 0, length {
///     cond;  if test { } else { done = true; break }
///     ...
///   }
///   if done { break }
///   poll
/// }
/// ```
pub fn cut_while(b: &mut FuncBuilder, inst: Inst, length: i64, version: LoopVersion) {
    let Op::While {
        cond,
        test,
        mut body,
    } = inst.op
    else {
        return b.push(inst);
    };
    let done = b.slot("done", Type::BOOL);
    let no = b.bool(false);
    b.store_slot(done, no);
    flag_breaks(b, &mut body, done);
    b.while_(
        |b| b.bool(true),
        |b| {
            let (zero, one, length) = (b.int(0), b.int(1), b.int(length));
            let info = LoopInfo {
                version,
                ..LoopInfo::default()
            };
            b.for_(zero, length, one, info, |b, _| {
                b.append(cond);
                b.if_(
                    test,
                    |_| {},
                    |b| {
                        let yes = b.bool(true);
                        b.store_slot(done, yes);
                        b.effect(Op::Break);
                    },
                );
                b.append(body);
            });
            let done = b.load_slot(done);
            b.if_(done, |b| b.effect(Op::Break), |_| {});
            b.effect(Op::Poll);
        },
    );
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
