//! Reductions that each thread does for itself: of arrays, element by element, and of numbers that a single thread brings.

use omply_ir::*;

/// `shared = shared op private` on numbers; atomically where the variable is not this team's alone.
pub fn numbers(b: &mut FuncBuilder, item: &ReduceItem) {
    let private = b.load_slot(item.private);
    let scalar = b.slot_type(item.shared).as_scalar().unwrap_or(Scalar::I64);
    let (op, value) = as_binary(b, item.op, scalar, private);
    if b.func().slots[item.shared.index()].storage == Storage::Reference {
        atomically(b, Place::Slot(item.shared), scalar, op, value);
    } else {
        let old = b.load_slot(item.shared);
        let new = b.binary(op, old, value);
        b.store_slot(item.shared, new);
    }
}

/// The same in a task, at whose end threads of the team may add to one variable.
pub fn number_of_task(b: &mut FuncBuilder, item: &ReduceItem) {
    let private = b.load_slot(item.private);
    let scalar = b.slot_type(item.shared).as_scalar().unwrap_or(Scalar::I64);
    let (op, value) = as_binary(b, item.op, scalar, private);
    atomically(b, Place::Slot(item.shared), scalar, op, value);
}

/// The same on the elements of arrays, to which all threads of all teams add.
pub fn arrays(b: &mut FuncBuilder, item: &ReduceItem) {
    let (to, from) = (b.load_slot(item.shared), b.load_slot(item.private));
    let Some(ty) = b.value_type(to).as_array() else {
        return;
    };
    element(b, item.op, ty, to, from, &[]);
}

fn element(
    b: &mut FuncBuilder,
    op: ReduceOp,
    ty: ArrayType,
    to: ValueId,
    from: ValueId,
    indices: &[ValueId],
) {
    let axis = indices.len() as u8;
    if axis < ty.ndim {
        let (start, step, stop) = (b.int(0), b.int(1), b.dim(to, axis));
        b.for_(start, stop, step, LoopInfo::default(), |b, index| {
            let mut indices = indices.to_vec();
            indices.push(index);
            element(b, op, ty, to, from, &indices);
        });
        return;
    }
    let load = Op::Load {
        array: from,
        indices: indices.to_vec(),
        check: IndexCheck::None,
    };
    let private = b.emit(load, Type::Scalar(ty.elem));
    let (op, value) = as_binary(b, op, ty.elem, private);
    let place = Place::Element {
        array: to,
        indices: indices.to_vec(),
        check: IndexCheck::None,
    };
    atomically(b, place, ty.elem, op, value);
}

fn atomically(b: &mut FuncBuilder, place: Place, scalar: Scalar, op: BinaryOp, value: ValueId) {
    let ty = Type::Scalar(scalar);
    let update = Op::AtomicUpdate {
        place,
        op,
        value,
        reversed: false,
        order: MemoryOrder::Relaxed,
    };
    b.emit_many(update, [ty.clone(), ty]);
}

/// The operator of a reduction as one on numbers. Of logical ones the result is true or false as it should, but need not be 0 or 1.
fn as_binary(
    b: &mut FuncBuilder,
    op: ReduceOp,
    scalar: Scalar,
    value: ValueId,
) -> (BinaryOp, ValueId) {
    let truth = |b: &mut FuncBuilder| {
        let truth = b.cast(value, Scalar::Bool);
        b.cast(truth, scalar)
    };
    match op {
        ReduceOp::Add if scalar == Scalar::Bool => (BinaryOp::Or, value),
        ReduceOp::Mul if scalar == Scalar::Bool => (BinaryOp::And, value),
        ReduceOp::LogicalAnd if scalar == Scalar::Bool => (BinaryOp::And, value),
        ReduceOp::LogicalOr if scalar == Scalar::Bool => (BinaryOp::Or, value),
        ReduceOp::Add => (BinaryOp::Add, value),
        ReduceOp::Mul => (BinaryOp::Mul, value),
        ReduceOp::And => (BinaryOp::And, value),
        ReduceOp::Or => (BinaryOp::Or, value),
        ReduceOp::Xor => (BinaryOp::Xor, value),
        ReduceOp::Min => (BinaryOp::Min, value),
        ReduceOp::Max => (BinaryOp::Max, value),
        ReduceOp::LogicalAnd => (BinaryOp::Mul, truth(b)),
        ReduceOp::LogicalOr if scalar.is_int() => (BinaryOp::Or, truth(b)),
        ReduceOp::LogicalOr => (BinaryOp::Add, truth(b)),
    }
}
