//! Views by basic indexing, and views with a weaker layout.

use omply_ir::{IndexCheck, Inst, Layout, ValueId, ViewIndex};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Value};

use super::func::FuncLower;
use super::layout::{ArrayParts, Leaves};

impl FuncLower<'_> {
    pub fn view(
        &mut self,
        inst: &Inst,
        array: ValueId,
        spec: &[ViewIndex],
        check: IndexCheck,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let source = self.array(array)?;
        let source_strides = source.all_strides(ll);
        let ty = self
            .result_type(inst)?
            .as_array()
            .ok_or_else(|| self.error("a view that is no array"))?;
        let (mut dims, mut strides) = (Leaves::new(), Leaves::new());
        let mut offset = ll.c64(0);
        let mut axis = 0;
        for item in spec {
            match item {
                ViewIndex::Index(index) => {
                    let index = self.value(*index)?;
                    let index = self.resolve_index(index, source.dims[axis], axis, check);
                    offset = ll.add(offset, ll.mul(index, source_strides[axis]));
                    axis += 1;
                }
                ViewIndex::Slice { start, stop, step } => {
                    let bounds = [*start, *stop, *step];
                    let mut values = [None; 3];
                    for (value, bound) in values.iter_mut().zip(bounds) {
                        *value = bound.map(|bound| self.value(bound)).transpose()?;
                    }
                    let (first, count, step) = self.slice(values, source.dims[axis]);
                    // An empty slice may begin behind the end: its address is never read, but must not leave the array.
                    let empty = ll.icmp(Cmp::LLVMIntEQ, count, ll.c64(0));
                    let first = ll.select(empty, ll.c64(0), first);
                    offset = ll.add(offset, ll.mul(first, source_strides[axis]));
                    dims.push(count);
                    strides.push(self.stride_product(source_strides[axis], step));
                    axis += 1;
                }
                ViewIndex::NewAxis => {
                    dims.push(ll.c64(1));
                    strides.push(ll.c64(0));
                }
            }
        }
        dims.extend(source.dims[axis..].iter().copied());
        strides.extend(source_strides[axis..].iter().copied());
        if dims.len() != ty.ndim as usize {
            return Err(self.error("a view of another number of dimensions than its type"));
        }
        let data = ll.byte_offset(source.data, offset);
        let strides = if ty.layout == Layout::Strided {
            strides
        } else {
            Leaves::new()
        };
        let parts = ArrayParts {
            ty,
            data,
            owner: source.owner,
            dims,
            strides,
        };
        self.define_result(inst, parts.leaves());
        self.derive_shared(inst, array);
        Ok(())
    }

    pub fn array_cast(&mut self, inst: &Inst, array: ValueId) -> Result<(), CodegenError> {
        let source = self.array(array)?;
        let ty = self
            .result_type(inst)?
            .as_array()
            .ok_or_else(|| self.error("a cast to what is no array"))?;
        let strides = if ty.layout == Layout::Strided {
            source.all_strides(self.ll)
        } else {
            Leaves::new()
        };
        let parts = ArrayParts {
            ty,
            strides,
            ..source
        };
        self.define_result(inst, parts.leaves());
        self.derive_shared(inst, array);
        Ok(())
    }

    pub fn transpose(&mut self, inst: &Inst, array: ValueId) -> Result<(), CodegenError> {
        let mut parts = self.array(array)?;
        parts.ty = self
            .result_type(inst)?
            .as_array()
            .ok_or_else(|| self.error("a transposition to what is no array"))?;
        parts.dims.reverse();
        parts.strides.reverse();
        self.define_result(inst, parts.leaves());
        self.derive_shared(inst, array);
        Ok(())
    }

    /// A view is as shared as what it shows.
    fn derive_shared(&mut self, inst: &Inst, array: ValueId) {
        if let Some(result) = inst.results.first() {
            self.shared_arrays[result.index()] = self.shared_arrays[array.index()];
        }
    }

    /// A view's stride. With a huge step (and so at most one element) the product may wrap.
    fn stride_product(&self, stride: Value, step: Value) -> Value {
        let small = self
            .ll
            .as_const_int(step)
            .is_some_and(|step| i32::try_from(step).is_ok());
        let flags = if small { Flags::NSW } else { Flags::NONE };
        self.ll.bin(Op2::LLVMMul, stride, step, flags)
    }

    /// First index, length and step of `start:stop:step` on an axis, clipped as Python does.
    fn slice(
        &mut self,
        [start, stop, step]: [Option<Value>; 3],
        dim: Value,
    ) -> (Value, Value, Value) {
        let ll = self.ll;
        let zero = ll.c64(0);
        let step = step.unwrap_or_else(|| ll.c64(1));
        let up = ll.icmp(Cmp::LLVMIntSGT, step, zero);
        // Going down, positions run from dim - 1 to -1.
        let low = ll.select(up, zero, ll.c64(-1));
        let high = ll.select(up, dim, ll.sub(dim, ll.c64(1)));
        let clip = |bound: Value| {
            let negative = ll.icmp(Cmp::LLVMIntSLT, bound, zero);
            let bound = ll.select(negative, ll.add(bound, dim), bound);
            let bound = ll.call_intrinsic("llvm.smax", &[bound, low]);
            ll.call_intrinsic("llvm.smin", &[bound, high])
        };
        let first = start.map_or_else(|| ll.select(up, zero, high), clip);
        let last = stop.map_or_else(|| ll.select(up, dim, low), clip);
        let distance = ll.select(up, ll.sub(last, first), ll.sub(first, last));
        let stride = ll.select(up, step, ll.neg(step));
        // A step of zero was refused before.
        let stride = ll.call_intrinsic("llvm.umax", &[stride, ll.c64(1)]);
        let full = ll.bin(
            Op2::LLVMUDiv,
            ll.sub(distance, ll.c64(1)),
            stride,
            Flags::NONE,
        );
        let some = ll.icmp(Cmp::LLVMIntSGT, distance, zero);
        let count = ll.select(some, ll.add(full, ll.c64(1)), zero);
        (first, count, step)
    }
}
