//! Trip counts, as Python's `range` has them.

use omply_ir::*;

/// How often the loop runs: 0 when `stop` is not ahead of `start`. The comparison comes before the subtraction,
/// which may wrap. `int` knows the function's constants.
pub fn trip_count(
    b: &mut FuncBuilder,
    dim: &LoopDim,
    int: &dyn Fn(ValueId) -> Option<i64>,
) -> ValueId {
    let LoopDim {
        start, stop, step, ..
    } = *dim;
    if int(start) == Some(0) && int(step) == Some(1) {
        let zero = b.int(0);
        return b.binary(BinaryOp::Max, stop, zero);
    }
    match int(step) {
        Some(1) => distance(b, start, stop),
        Some(-1) => distance(b, stop, start),
        Some(step) if step > 0 => {
            let span = distance(b, start, stop);
            let step = b.int(step);
            rounded_up(b, span, step)
        }
        Some(step) => {
            let span = distance(b, stop, start);
            let step = b.int(step.wrapping_neg());
            rounded_up(b, span, step)
        }
        None => {
            let zero = b.int(0);
            let up = b.compare(CompareOp::Gt, step, zero);
            let low = b.select(up, start, stop);
            let high = b.select(up, stop, start);
            let span = distance(b, low, high);
            let negated = b.unary(UnaryOp::Neg, step);
            let size = b.select(up, step, negated);
            rounded_up(b, span, size)
        }
    }
}

/// `max(high - low, 0)`.
fn distance(b: &mut FuncBuilder, low: ValueId, high: ValueId) -> ValueId {
    let ahead = b.compare(CompareOp::Lt, low, high);
    let span = b.binary(BinaryOp::Sub, high, low);
    let zero = b.int(0);
    b.select(ahead, span, zero)
}

/// `ceil(span / step)` for `span >= 0` and `step > 0`, without overflow: floor division makes 0 of `span == 0`.
fn rounded_up(b: &mut FuncBuilder, span: ValueId, step: ValueId) -> ValueId {
    let one = b.int(1);
    let below = b.binary(BinaryOp::Sub, span, one);
    let quotient = b.binary(BinaryOp::FloorDiv, below, step);
    b.binary(BinaryOp::Add, quotient, one)
}
