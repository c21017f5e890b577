//! What a kind of device does not do, said with the place in the source before any code is made: the back ends would end the process.

use omply_diagnostics::Span;
use omply_ir::{Module, Op, Scalar, Type};
use omply_transform::device::Unsupported;

use super::DeviceTarget;
use crate::lower;

/// Whether the device can run the kernel; `sources` are its functions' numbers for errors.
pub fn check(kernel: &Module, sources: &[usize], target: &DeviceTarget) -> Result<(), Unsupported> {
    let DeviceTarget::Spirv {
        fp64,
        int64_atomics,
        ..
    } = target
    else {
        return Ok(());
    };
    let recursive = lower::recursive_functions(kernel);
    for (index, func) in kernel.funcs.iter().enumerate() {
        let refuse = |what: &str, span: Span| {
            Err(Unsupported {
                what: format!("{what}, on OpenCL devices"),
                func: sources[index],
                span,
            })
        };
        if recursive[index] {
            return refuse("functions that call themselves", func.span);
        }
        let mut found = None;
        func.body.walk(&mut |inst| {
            if found.is_some() {
                return;
            }
            let doubles = inst
                .results
                .iter()
                .any(|&result| holds_doubles(&func.values[result.index()]));
            if !fp64 && doubles {
                found = Some(("numbers of double precision", inst.span));
            }
            if !int64_atomics && atomic_of_eight_bytes(func, &inst.op) {
                found = Some(("atomic operations on eight bytes", inst.span));
            }
        });
        if let Some((what, span)) = found {
            return refuse(what, span);
        }
    }
    Ok(())
}

fn holds_doubles(ty: &Type) -> bool {
    match ty {
        Type::Scalar(scalar) => matches!(scalar, Scalar::F64 | Scalar::C128),
        Type::Tuple(items) => items.iter().any(holds_doubles),
        Type::Unit | Type::Array(_) => false,
    }
}

fn atomic_of_eight_bytes(func: &omply_ir::Func, op: &Op) -> bool {
    let Some(place) = op.place() else {
        return false;
    };
    let scalar = match place {
        omply_ir::Place::Slot(slot) => func.slots[slot.index()].ty.as_scalar(),
        omply_ir::Place::Element { array, .. } => func.values[array.index()]
            .as_array()
            .map(|array| array.elem),
    };
    scalar.is_some_and(|scalar| scalar.bytes() == 8 && !scalar.is_complex())
}
