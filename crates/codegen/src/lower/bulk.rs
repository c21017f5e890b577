//! Whole arrays: allocation, copies, fills, elementwise combination.

use omply_ir::{AllocateFrom, BinaryOp, Init, Inst, Layout, ReduceOp, Scalar, SiteId, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, MetaKind, Op2, Value};
use crate::support::SITE_MEMORY;

use super::externals;
use super::func::FuncLower;
use super::layout::{ArrayParts, Leaves, align_of};

impl FuncLower<'_> {
    pub fn alloc(
        &mut self,
        inst: &Inst,
        shape: &[ValueId],
        init: Init,
        from: Option<AllocateFrom>,
        site: SiteId,
    ) -> Result<(), CodegenError> {
        if self.m.device.is_some() {
            return self.device_alloc(inst, shape, init, site);
        }
        let ll = self.ll;
        let full = self.result_type(inst)?;
        let ty = full
            .as_array()
            .ok_or_else(|| self.error("an allocation that is no array"))?;
        if ty.layout == Layout::Strided {
            return Err(self.error("an allocation without a contiguous layout"));
        }
        let mut dims = Leaves::new();
        for (axis, &dim) in shape.iter().enumerate() {
            let dim = self.value(dim)?;
            let negative = ll.icmp(Cmp::LLVMIntSLT, dim, ll.c64(0));
            let axis = ll.c64(axis as i64);
            self.rarely(negative, |this| this.raise_at(site.0, &[dim, axis]));
            dims.push(dim);
        }
        let list_type = ll.array_type(ll.i64, dims.len().max(1) as u64);
        let list = self.stack(list_type, 8);
        for (axis, &dim) in dims.iter().enumerate() {
            ll.store(dim, ll.offset(ll.i64, list, ll.c64(axis as i64)));
        }
        let zeroed = ll.c32((init == Init::Zero) as i32);
        let (rank, element) = (ll.c64(dims.len() as i64), ll.c64(ty.elem.bytes().into()));
        let (owner, data) = match from {
            None => {
                let args = [list, rank, element, zeroed];
                let owner = ll.call(self.m.external(externals::ALLOCATE), &args);
                let failed = ll.icmp(Cmp::LLVMIntEQ, owner, ll.zero(ll.ptr));
                self.rarely(failed, |this| this.raise_at(SITE_MEMORY, &[]));
                let header = ll.c64(crate::support::HEADER_BYTES as i64);
                (owner, ll.offset(ll.i8, owner, header))
            }
            Some(from) => {
                let (allocator, align) = (self.value(from.allocator)?, self.value(from.align)?);
                let place = self.stack(ll.ptr, 8);
                let args = [list, rank, element, zeroed, allocator, align, place];
                let owner = ll.call(self.m.external(externals::ALLOCATE_FROM), &args);
                let failed = ll.icmp(Cmp::LLVMIntEQ, owner, ll.zero(ll.ptr));
                self.rarely(failed, |this| {
                    let why = this.ll.load(this.ll.i64, place);
                    this.raise_at(SITE_MEMORY, &[why, allocator, align]);
                });
                (owner, ll.load(ll.ptr, place))
            }
        };
        let parts = ArrayParts {
            ty,
            data,
            owner,
            dims,
            strides: Leaves::new(),
        };
        let leaves = parts.leaves();
        self.hold_value(full, &leaves);
        self.define_result(inst, leaves);
        Ok(())
    }

    pub fn array_copy(
        &mut self,
        dst: ValueId,
        src: ValueId,
        site: SiteId,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let (to, from) = (self.array(dst)?, self.array(src)?);
        if to.ty.ndim != from.ty.ndim {
            return Err(self.error("a copy between arrays of different numbers of dimensions"));
        }
        for (axis, (a, b)) in to.dims.iter().zip(&from.dims).enumerate() {
            let differ = ll.icmp(Cmp::LLVMIntNE, *a, *b);
            let args = [*b, *a, ll.c64(axis as i64)];
            self.rarely(differ, |this| this.raise_at(site.0, &args));
        }
        let same_type = to.ty.elem == from.ty.elem;
        if same_type && self.same_order(&to, &from) && self.m.device.is_none() {
            let bytes = ll.mul(self.element_count(&to), ll.c64(to.ty.elem.bytes().into()));
            ll.memmove(to.data, from.data, bytes, align_of(to.ty.elem));
            return Ok(());
        }
        // On devices a copy between overlapping parts of one array is the program's own race.
        if same_type && self.m.device.is_none() {
            self.copy_strided(&to, &from);
            return Ok(());
        }
        let (source, target) = (from.ty.elem, to.ty.elem);
        self.for_each_element(&to.dims, to.ty.layout, |this, indices| {
            let value = this.load_element(this.address(&from, indices), source, Some(src));
            let value = this.convert(source, target, &value);
            this.store_element(this.address(&to, indices), target, &value, Some(dst));
            Ok(())
        })
    }

    /// A support function copies, through a buffer where source and target overlap.
    fn copy_strided(&mut self, to: &ArrayParts, from: &ArrayParts) {
        let ll = self.ll;
        let ndim = to.dims.len();
        let list_type = ll.array_type(ll.i64, ndim.max(1) as u64);
        let lists = [&to.dims, &to.all_strides(ll), &from.all_strides(ll)].map(|values| {
            let list = self.stack(list_type, 8);
            for (axis, value) in values.iter().enumerate() {
                ll.store(*value, ll.offset(ll.i64, list, ll.c64(axis as i64)));
            }
            list
        });
        let size = ll.c64(to.ty.elem.bytes().into());
        let args = [
            to.data,
            from.data,
            lists[0],
            lists[1],
            lists[2],
            ll.c64(ndim as i64),
            size,
        ];
        let done = ll.call(self.m.external(externals::COPY), &args);
        let failed = ll.icmp(Cmp::LLVMIntNE, done, ll.c32(0));
        self.rarely(failed, |this| this.raise_at(SITE_MEMORY, &[]));
    }

    pub fn array_fill(&mut self, dst: ValueId, value: ValueId) -> Result<(), CodegenError> {
        let to = self.array(dst)?;
        let leaves = self.leaves(value)?;
        self.for_each_element(&to.dims, to.ty.layout, |this, indices| {
            this.store_element(this.address(&to, indices), to.ty.elem, &leaves, Some(dst));
            Ok(())
        })
    }

    pub fn array_combine(
        &mut self,
        op: ReduceOp,
        dst: ValueId,
        src: ValueId,
    ) -> Result<(), CodegenError> {
        let (to, from) = (self.array(dst)?, self.array(src)?);
        self.combine_arrays(op, &to, &from)
    }

    /// `to[...] = to[...] op from[...]`.
    pub fn combine_arrays(
        &mut self,
        op: ReduceOp,
        to: &ArrayParts,
        from: &ArrayParts,
    ) -> Result<(), CodegenError> {
        let scalar = to.ty.elem;
        let order = if to.ty.layout == from.ty.layout {
            to.ty.layout
        } else {
            Layout::Strided
        };
        self.for_each_element(&to.dims, order, |this, indices| {
            let place = this.address(to, indices);
            let old = this.load_element(place, scalar, None);
            let value = this.load_element(this.address(from, indices), scalar, None);
            let new = this.reduce_values(op, scalar, &old, &value)?;
            this.store_element(place, scalar, &new, None);
            Ok(())
        })
    }

    /// `a op b` of a reduction.
    pub fn reduce_values(
        &mut self,
        op: ReduceOp,
        scalar: Scalar,
        a: &[Value],
        b: &[Value],
    ) -> Result<Leaves, CodegenError> {
        let logical = |this: &Self, leaves: &[Value]| this.convert(scalar, Scalar::Bool, leaves)[0];
        let op = match op {
            ReduceOp::Add if scalar == Scalar::Bool => BinaryOp::Or,
            ReduceOp::Mul if scalar == Scalar::Bool => BinaryOp::And,
            ReduceOp::Add => BinaryOp::Add,
            ReduceOp::Mul => BinaryOp::Mul,
            ReduceOp::And => BinaryOp::And,
            ReduceOp::Or => BinaryOp::Or,
            ReduceOp::Xor => BinaryOp::Xor,
            ReduceOp::Min => BinaryOp::Min,
            ReduceOp::Max => BinaryOp::Max,
            ReduceOp::LogicalAnd | ReduceOp::LogicalOr => {
                let (a, b) = (logical(self, a), logical(self, b));
                let truth = if op == ReduceOp::LogicalAnd {
                    self.ll.and(a, b)
                } else {
                    self.ll.or(a, b)
                };
                return Ok(self.convert(Scalar::Bool, scalar, &[truth]));
            }
        };
        self.arithmetic(op, scalar, a, b, false)
    }

    /// Whether equal shapes mean equal order in memory, without gaps.
    fn same_order(&self, a: &ArrayParts, b: &ArrayParts) -> bool {
        a.ty.layout != Layout::Strided
            && (a.ty.layout == b.ty.layout || (a.ty.ndim <= 1 && b.ty.layout != Layout::Strided))
    }

    fn element_count(&self, parts: &ArrayParts) -> Value {
        parts.dims.iter().fold(self.ll.c64(1), |count, dim| {
            self.ll.bin(Op2::LLVMMul, count, *dim, Flags::NO_WRAP)
        })
    }

    /// Loops over all indices, the ones that lie closest in memory innermost.
    pub fn for_each_element(
        &mut self,
        dims: &[Value],
        order: Layout,
        mut body: impl FnMut(&mut Self, &[Value]) -> Result<(), CodegenError>,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let mut indices = vec![ll.c64(0); dims.len()];
        let axes: Vec<usize> = if order == Layout::F {
            (0..dims.len()).rev().collect()
        } else {
            (0..dims.len()).collect()
        };
        let mut open = Vec::new();
        for axis in axes {
            let (head, inside, after) = (
                self.new_block("each"),
                self.new_block("body"),
                self.new_block("after"),
            );
            let before = ll.here();
            ll.br(head);
            ll.at(head);
            let index = ll.phi(ll.i64, &[(ll.c64(0), before)]);
            ll.cond_br(ll.icmp(Cmp::LLVMIntSLT, index, dims[axis]), inside, after);
            ll.at(inside);
            indices[axis] = index;
            open.push((head, index, after));
        }
        body(self, &indices)?;
        for (head, index, after) in open.into_iter().rev() {
            let next = ll.add_nsw(index, ll.c64(1));
            ll.add_incoming(index, &[(next, ll.here())]);
            let properties =
                ll.distinct_node(&[ll.node(&[ll.meta_text("llvm.loop.mustprogress")])]);
            ll.attach(ll.br(head), MetaKind::Loop, properties);
            ll.at(after);
        }
        Ok(())
    }
}
