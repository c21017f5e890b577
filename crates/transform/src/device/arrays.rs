//! Arrays that code of a team makes outside its parallel regions. A small one, of a size that is known and with nothing that could
//! make it outlive its variable, lies in the team's own memory: each thread knows its address, nothing need be told. An array that is
//! filled is filled by all threads.

use std::collections::{HashMap, HashSet};

use omply_ir::*;

/// Bytes of such arrays in one kernel.
const MOST: i64 = 24 << 10;

/// `leads`: the functions that code of a team calls with all its threads.
pub fn run(module: &mut Module, leads: &[bool]) {
    let mut left = MOST;
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs
        .into_iter()
        .enumerate()
        .map(|(index, func)| {
            if func.kind == FuncKind::Target || leads[index] {
                team(func, &mut left)
            } else {
                func
            }
        })
        .collect();
}

fn team(func: Func, left: &mut i64) -> Func {
    let mut ints = HashMap::new();
    func.body.walk(&mut |inst| {
        if let Op::Const(Const::Int(_, value)) = inst.op {
            ints.insert(inst.results[0], value);
        }
    });
    let mut made = HashMap::new();
    func.body.walk(&mut |inst| {
        if let Op::Alloc { site, .. } = inst.op {
            made.insert(inst.results[0], site);
        }
    });
    let mut shared = HashSet::new();
    let mut placed: HashSet<SiteId> = HashSet::new();
    outside_regions(&func.body, &mut |inst| {
        let Op::Alloc {
            shape,
            site,
            from: None,
            ..
        } = &inst.op
        else {
            return;
        };
        let array = inst.results[0];
        let Some(ty) = func.values[array.index()].as_array() else {
            return;
        };
        let bytes = shape
            .iter()
            .try_fold(i64::from(ty.elem.bytes()), |bytes, dim| {
                let &dim = ints.get(dim)?;
                (dim >= 0).then(|| bytes.checked_mul(dim)).flatten()
            });
        if let Some(bytes) = bytes
            && (bytes <= *left || placed.contains(site))
            && stays(&func, array, &made)
        {
            // Copies of the same code, of which one runs, make the same array.
            if placed.insert(*site) {
                *left -= (bytes + 15) & !15;
            }
            shared.insert(array);
        }
    });
    let (mut b, body) = FuncBuilder::resume(func);
    let body = block(&mut b, body, &shared);
    b.append(body);
    b.finish()
}

fn outside_regions(block: &Block, each: &mut dyn FnMut(&Inst)) {
    for inst in &block.insts {
        each(inst);
        if !matches!(inst.op, Op::Parallel { .. }) {
            inst.op
                .for_each_block(&mut |nested| outside_regions(nested, each));
        }
    }
}

/// Whether the array is known by one variable only, which always holds the one that was made last, and nothing holds on to an earlier
/// one while it is made again. `made`: all new arrays of the function, and where they are made.
fn stays(func: &Func, array: ValueId, made: &HashMap<ValueId, SiteId>) -> bool {
    let mut home = None;
    let mut fine = true;
    func.body.walk(&mut |inst| {
        if let Op::SlotStore { slot, value } = inst.op
            && value == array
        {
            fine &= home.is_none() && func.slots[slot.index()].storage == Storage::Local;
            home = Some(slot);
        }
    });
    let mut known: HashSet<ValueId> = [array].into();
    func.body.walk(&mut |inst| {
        let mut mentions = false;
        inst.op
            .for_each_slot(&mut |slot, _| mentions |= Some(slot) == home);
        let mut uses = false;
        inst.op
            .for_each_operand(&mut |value| uses |= known.contains(value));
        if !mentions && !uses {
            return;
        }
        match inst.op {
            Op::SlotStore { value, .. } => fine &= made.contains_key(&value),
            Op::SlotLoad { .. } | Op::View { .. } | Op::ArrayCast { .. } | Op::Transpose { .. } => {
                known.extend(&inst.results);
            }
            Op::Dim { .. }
            | Op::Load { .. }
            | Op::Store { .. }
            | Op::ArrayCopy { .. }
            | Op::ArrayFill { .. }
            | Op::ArrayCombine { .. }
            | Op::AtomicLoad { .. }
            | Op::AtomicStore { .. }
            | Op::AtomicUpdate { .. }
            | Op::AtomicExchange { .. }
            | Op::AtomicCompareExchange { .. } => fine &= !mentions,
            _ => fine = false,
        }
    });
    func.body.walk(&mut |inst| {
        if matches!(inst.op, Op::For { .. } | Op::While { .. } | Op::Loop(_)) {
            let (mut defined, mut used) = (HashSet::new(), HashSet::new());
            inst.op.for_each_block(&mut |nested| {
                nested.walk(&mut |inst| {
                    defined.extend(inst.results.iter().copied());
                    inst.op.for_each_operand(&mut |&value| {
                        used.insert(value);
                    });
                });
            });
            let kept = |value: &ValueId| known.contains(value) && !defined.contains(value);
            let again = defined
                .iter()
                .any(|value| made.contains_key(value) && made.get(value) == made.get(&array));
            fine &= !again || !used.iter().any(kept);
        }
    });
    fine
}

fn block(b: &mut FuncBuilder, old: Block, shared: &HashSet<ValueId>) -> Block {
    b.open_block();
    for mut inst in old.insts {
        b.set_span(inst.span);
        match inst.op {
            Op::Alloc {
                shape, init, site, ..
            } if shared.contains(&inst.results[0]) => {
                let array = inst.results[0];
                let team = Op::Alloc {
                    shape,
                    init: Init::Team,
                    from: None,
                    site,
                };
                b.define(team, inst.results);
                let Some(ty) = b.value_type(array).as_array() else {
                    continue;
                };
                if init == Init::Zero {
                    let zero = b.emit(Op::Const(zero(ty.elem)), Type::Scalar(ty.elem));
                    fill(b, array, ty, zero);
                }
            }
            Op::ArrayFill { dst, value } => match b.value_type(dst).as_array() {
                Some(ty) => fill(b, dst, ty, value),
                None => b.push(inst),
            },
            Op::Parallel { .. } => b.push(inst),
            ref mut op => {
                op.for_each_block_mut(&mut |nested| {
                    let old = std::mem::take(nested);
                    *nested = block(b, old, shared);
                });
                b.push(inst);
            }
        }
    }
    b.close_block()
}

fn zero(scalar: Scalar) -> Const {
    match scalar {
        Scalar::Bool => Const::Bool(false),
        Scalar::F16 | Scalar::F32 | Scalar::F64 => Const::Float(scalar, 0.0),
        Scalar::C64 | Scalar::C128 => Const::Complex(scalar, 0.0, 0.0),
        _ => Const::Int(scalar, 0),
    }
}

/// A parallel region that stores `value` to all elements.
fn fill(b: &mut FuncBuilder, array: ValueId, ty: ArrayType, value: ValueId) {
    let dims: Vec<LoopDim> = (0..ty.ndim)
        .map(|axis| LoopDim {
            iv: b.value(Type::I64),
            start: b.int(0),
            stop: b.dim(array, axis),
            step: b.int(1),
            along: None,
        })
        .collect();
    let indices: Vec<ValueId> = dims.iter().map(|dim| dim.iv).collect();
    let store = |b: &mut FuncBuilder| {
        b.effect(Op::Store {
            array,
            indices,
            value,
            check: IndexCheck::None,
        });
    };
    let body = if dims.is_empty() {
        // Every thread stores the same.
        b.block(store)
    } else {
        b.block(|b| {
            let body = b.block(store);
            let ws = Worksharing {
                dims,
                range: None,
                schedule: ScheduleKind::Static,
                chunk: None,
                monotonic: None,
                ordered: false,
                info: LoopInfo::default(),
                body,
            };
            let last = b.value(Type::BOOL);
            b.define(Op::Loop(Box::new(ws)), vec![last]);
        })
    };
    b.effect(Op::Parallel {
        num_threads: None,
        if_: None,
        proc_bind: None,
        locals: Vec::new(),
        body,
    });
}
