//! Dependences of tasks: lists of areas of memory, each so many rows of bytes at equal distances.

use omply_ir::{DEPEND_WORDS, Depend, DependKind, DependOn, Inst, Layout, ObjectAction, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Ty, Value};

use super::externals;
use super::func::FuncLower;
use super::layout::ArrayParts;

/// The runtime's numbers for types of dependences.
const ALL_MEMORY: i32 = 0x80;
/// Items that stand for those of a list, and for what an object stands for.
const LIST: i32 = 0x100;
const OBJECT: i32 = 0x101;
/// What is done to an object other than giving it a type.
const FIND: i32 = 0;
const DESTROY: i32 = -1;

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
    /// `DEPEND_WORDS` integers.
    fn item_type(&self) -> Ty {
        let ll = self.ll;
        ll.struct_type(&[ll.ptr, ll.i64, ll.i64, ll.i64, ll.i32])
    }

    /// A list as the runtime takes it: its address and the number of its items.
    pub fn dependences(&mut self, depends: &[Depend]) -> Result<[Value; 2], CodegenError> {
        let ll = self.ll;
        let item = self.item_type();
        let list = self.stack(ll.array_type(item, depends.len().max(1) as u64), 16);
        for (index, depend) in depends.iter().enumerate() {
            let place = ll.offset(item, list, ll.c64(index as i64));
            self.dependence(depend, item, place)?;
        }
        Ok([list, ll.c64(depends.len() as i64)])
    }

    /// Fills in an item of a list.
    fn dependence(&mut self, depend: &Depend, item: Ty, place: Value) -> Result<(), CodegenError> {
        let ll = self.ll;
        let area = self.area(&depend.on)?;
        let kind = match depend.on {
            DependOn::AllMemory => ALL_MEMORY,
            DependOn::List(_) => LIST,
            DependOn::Object(_) => OBJECT,
            _ => number(depend.kind),
        };
        let fields = [area.base, area.length, area.rows, area.stride, ll.c32(kind)];
        for (field, value) in fields.into_iter().enumerate() {
            ll.store(value, ll.field(item, place, field));
        }
        Ok(())
    }

    pub fn depend_write(
        &mut self,
        list: ValueId,
        at: ValueId,
        depend: &Depend,
    ) -> Result<(), CodegenError> {
        let item = self.item_type();
        let list = self.array(list)?;
        let place = self.ll.offset(item, list.data, self.value(at)?);
        self.dependence(depend, item, place)
    }

    pub fn depend_object_new(
        &mut self,
        inst: &Inst,
        depends: &[Depend],
    ) -> Result<(), CodegenError> {
        let args = self.dependences(depends)?;
        let object = self
            .ll
            .call(self.m.external(externals::DEPEND_OBJECT_NEW), &args);
        self.define_result(inst, [object]);
        Ok(())
    }

    pub fn depend_object(
        &mut self,
        inst: &Inst,
        object: ValueId,
        action: ObjectAction,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let action = match action {
            ObjectAction::Find => FIND,
            ObjectAction::Update(kind) => number(kind),
            ObjectAction::Destroy => DESTROY,
        };
        let args = [self.value(object)?, ll.c32(action)];
        let found = ll.call(self.m.external(externals::DEPEND_OBJECT), &args);
        let found = ll.icmp(Cmp::LLVMIntNE, found, ll.c32(0));
        self.define_result(inst, [found]);
        Ok(())
    }

    fn area(&mut self, on: &DependOn) -> Result<Area, CodegenError> {
        let ll = self.ll;
        let one_row = |base: Value, length: Value| Area {
            base,
            length,
            rows: ll.c64(1),
            stride: ll.c64(0),
        };
        let stands_for = |base: Value, rows: Value| Area {
            base,
            length: ll.c64(0),
            rows,
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
            DependOn::List(list) => {
                let parts = self.array(*list)?;
                let count = ll.bin(
                    Op2::LLVMUDiv,
                    parts.dims[0],
                    ll.c64(DEPEND_WORDS),
                    Flags::NONE,
                );
                stands_for(parts.data, count)
            }
            DependOn::Object(object) => stands_for(ll.zero(ll.ptr), self.value(*object)?),
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
