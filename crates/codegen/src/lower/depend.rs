//! Dependences of tasks: lists of areas of memory, each so many rows of bytes at equal distances.

use omply_ir::{Depend, DependKind, DependOn, Layout};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Value};

use super::func::FuncLower;
use super::layout::ArrayParts;

/// The runtime's numbers for types of dependences.
const ALL_MEMORY: i32 = 0x80;

fn number(kind: DependKind) -> i32 {
    match kind {
        DependKind::In => 1,
        DependKind::Out => 2,
        DependKind::InOut => 3,
        DependKind::MutexInOutSet => 4,
        DependKind::InOutSet => 8,
    }
}

/// First byte, bytes of a row, rows, distance of rows.
struct Area {
    base: Value,
    length: Value,
    rows: Value,
    stride: Value,
}

impl FuncLower<'_> {
    /// A list as the runtime takes it: its address and the number of its items.
    pub fn dependences(&mut self, depends: &[Depend]) -> Result<[Value; 2], CodegenError> {
        let ll = self.ll;
        let item = ll.struct_type(&[ll.ptr, ll.i64, ll.i64, ll.i64, ll.i32]);
        let list = self.stack(ll.array_type(item, depends.len().max(1) as u64), 16);
        for (index, depend) in depends.iter().enumerate() {
            let area = self.area(&depend.on)?;
            let kind = match depend.on {
                DependOn::AllMemory => ALL_MEMORY,
                _ => number(depend.kind),
            };
            let place = ll.offset(item, list, ll.c64(index as i64));
            let fields = [area.base, area.length, area.rows, area.stride, ll.c32(kind)];
            for (field, value) in fields.into_iter().enumerate() {
                ll.store(value, ll.field(item, place, field));
            }
        }
        Ok([list, ll.c64(depends.len() as i64)])
    }

    fn area(&mut self, on: &DependOn) -> Result<Area, CodegenError> {
        let ll = self.ll;
        let one_row = |base: Value, length: Value| Area {
            base,
            length,
            rows: ll.c64(1),
            stride: ll.c64(0),
        };
        Ok(match on {
            DependOn::AllMemory => one_row(ll.zero(ll.ptr), ll.c64(0)),
            DependOn::Variable(slot) => one_row(self.slot_address(*slot)?, ll.c64(1)),
            DependOn::Element {
                array,
                indices,
                check,
            } => {
                let parts = self.array(*array)?;
                let address = self.element_address(&parts, indices, *check)?;
                one_row(address, ll.c64(parts.ty.elem.bytes().into()))
            }
            DependOn::Array(array) => {
                let parts = self.array(*array)?;
                self.area_of_array(&parts)
            }
        })
    }

    fn area_of_array(&mut self, parts: &ArrayParts) -> Area {
        let ll = self.ll;
        let elem = ll.c64(parts.ty.elem.bytes().into());
        let mul = |a: Value, b: Value| ll.bin(Op2::LLVMMul, a, b, Flags::NONE);
        let whole = || parts.dims.iter().fold(elem, |size, &dim| mul(size, dim));
        if parts.ty.layout != Layout::Strided {
            return Area {
                base: parts.data,
                length: whole(),
                rows: ll.c64(1),
                stride: ll.c64(0),
            };
        }
        if let ([rows], [stride]) = (&parts.dims[..], &parts.strides[..]) {
            return Area {
                base: parts.data,
                length: elem,
                rows: *rows,
                stride: *stride,
            };
        }
        let around = self.interval(parts, whole());
        let ([rows, columns], [stride, inner]) = (&parts.dims[..], &parts.strides[..]) else {
            return around;
        };
        // The rows of a block, where they are contiguous.
        let dense = ll.icmp(Cmp::LLVMIntEQ, *inner, elem);
        Area {
            base: ll.select(dense, parts.data, around.base),
            length: ll.select(dense, mul(*columns, elem), around.length),
            rows: ll.select(dense, *rows, around.rows),
            stride: ll.select(dense, *stride, around.stride),
        }
    }

    /// Where the first byte of a strided array lies, and how many there are to its last one; `size` is that of its elements.
    pub fn extent(&mut self, parts: &ArrayParts, size: Value) -> (Value, Value) {
        let area = self.interval(parts, size);
        (area.base, area.length)
    }

    /// From the first to the last byte.
    fn interval(&mut self, parts: &ArrayParts, size: Value) -> Area {
        let ll = self.ll;
        let zero = ll.c64(0);
        let (mut below, mut above) = (zero, ll.c64(parts.ty.elem.bytes().into()));
        for (&dim, &stride) in parts.dims.iter().zip(&parts.strides) {
            let last = ll.bin(Op2::LLVMSub, dim, ll.c64(1), Flags::NONE);
            let reach = ll.bin(Op2::LLVMMul, last, stride, Flags::NONE);
            let down = ll.call_intrinsic("llvm.smin", &[reach, zero]);
            let up = ll.call_intrinsic("llvm.smax", &[reach, zero]);
            below = ll.add(below, down);
            above = ll.add(above, up);
        }
        let length = ll.bin(Op2::LLVMSub, above, below, Flags::NONE);
        let empty = ll.icmp(Cmp::LLVMIntEQ, size, zero);
        Area {
            base: ll.offset(ll.i8, parts.data, below),
            length: ll.select(empty, zero, length),
            rows: ll.c64(1),
            stride: zero,
        }
    }
}
