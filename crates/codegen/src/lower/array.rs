//! Elements of arrays: index checks, addresses, loads and stores.

use omply_ir::{ArrayType, IndexCheck, Inst, Layout, Scalar, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Value};

use super::func::FuncLower;
use super::layout::{ArrayParts, Leaf, Leaves, align_of};

impl FuncLower<'_> {
    pub fn element_load(
        &mut self,
        inst: &Inst,
        array: ValueId,
        indices: &[ValueId],
        check: IndexCheck,
    ) -> Result<(), CodegenError> {
        let parts = self.array(array)?;
        let place = self.element_address(&parts, indices, check)?;
        let leaves = self.load_element(place, parts.ty.elem, Some(array));
        self.define_result(inst, leaves);
        Ok(())
    }

    pub fn element_store(
        &mut self,
        array: ValueId,
        indices: &[ValueId],
        value: ValueId,
        check: IndexCheck,
    ) -> Result<(), CodegenError> {
        let parts = self.array(array)?;
        let place = self.element_address(&parts, indices, check)?;
        let leaves = self.leaves(value)?;
        self.store_element(place, parts.ty.elem, &leaves, Some(array));
        Ok(())
    }

    pub fn element_address(
        &mut self,
        parts: &ArrayParts,
        indices: &[ValueId],
        check: IndexCheck,
    ) -> Result<Value, CodegenError> {
        let mut resolved = Leaves::new();
        for (axis, &index) in indices.iter().enumerate() {
            let index = self.value(index)?;
            resolved.push(self.resolve_index(index, parts.dims[axis], axis, check));
        }
        Ok(self.address(parts, &resolved))
    }

    /// An index that counts from the start and, where that is asked for, lies inside.
    pub fn resolve_index(
        &mut self,
        index: Value,
        dim: Value,
        axis: usize,
        check: IndexCheck,
    ) -> Value {
        let ll = self.ll;
        if check == IndexCheck::None {
            return index;
        }
        let IndexCheck::Python(site) = check else {
            let negative = ll.icmp(Cmp::LLVMIntSLT, index, ll.c64(0));
            return ll.select(negative, ll.add(index, dim), index);
        };
        // One comparison where the index counts from the start. As an unsigned number a negative index is large; what
        // is too large stays so when the size is added.
        let (aside, cold, after) = (
            ll.icmp(Cmp::LLVMIntUGE, index, dim),
            self.new_block("from the end"),
            self.new_block("inside"),
        );
        let branch = self.ll.cond_br(aside, cold, after);
        self.ll.weigh(branch, false);
        let before = self.ll.here();
        self.ll.at(cold);
        let resolved = self.ll.add(index, dim);
        let outside = self.ll.icmp(Cmp::LLVMIntUGE, resolved, dim);
        let axis = self.ll.c64(axis as i64);
        self.rarely(outside, |this| this.raise_at(site.0, &[index, axis, dim]));
        let from_end = self.ll.here();
        self.ll.br(after);
        self.ll.at(after);
        self.ll
            .phi(self.ll.i64, &[(index, before), (resolved, from_end)])
    }

    /// The address of an element, given indices from the start. Those inside cannot make the sums wrap.
    pub fn address(&self, parts: &ArrayParts, indices: &[Value]) -> Value {
        let ll = self.ll;
        let element = element_type(self, parts.ty);
        let fold = |position: Option<Value>, axis: usize| {
            Some(match position {
                None => indices[axis],
                Some(position) => {
                    let row = ll.bin(Op2::LLVMMul, position, parts.dims[axis], Flags::NO_WRAP);
                    ll.bin(Op2::LLVMAdd, row, indices[axis], Flags::NO_WRAP)
                }
            })
        };
        let position = match parts.ty.layout {
            Layout::C => (0..indices.len()).fold(None, fold),
            Layout::F => (0..indices.len()).rev().fold(None, fold),
            Layout::Strided => return self.strided_address(parts, indices),
        };
        position.map_or(parts.data, |position| {
            ll.offset(element, parts.data, position)
        })
    }

    /// Strides are multiples of the alignment. Counted in elements (or parts of complex ones), the vectoriser understands them
    /// and tests at run time whether they are 1.
    fn strided_address(&self, parts: &ArrayParts, indices: &[Value]) -> Value {
        let ll = self.ll;
        let unit = ll.c64(align_of(parts.ty.elem).into());
        let steps = indices.iter().zip(&parts.strides).map(|(index, stride)| {
            let exact = Flags {
                exact: true,
                ..Flags::NONE
            };
            let stride = ll.bin(Op2::LLVMSDiv, *stride, unit, exact);
            ll.bin(Op2::LLVMMul, *index, stride, Flags::NSW)
        });
        let ty = Leaf::Number(parts.ty.elem.real_part()).memory_type(ll);
        let position = steps.reduce(|sum, step| ll.add_nsw(sum, step));
        position.map_or(parts.data, |position| ll.offset(ty, parts.data, position))
    }

    /// Reads an element; `array` is the value it belongs to, for what is known about that.
    pub fn load_element(&self, place: Value, scalar: Scalar, array: Option<ValueId>) -> Leaves {
        let ll = self.ll;
        self.parts_of(place, scalar)
            .into_iter()
            .map(|place| {
                let leaf = Leaf::Number(scalar.real_part());
                let load = ll.load(leaf.memory_type(ll), place);
                self.mark_element(load, scalar, array);
                self.loaded(leaf, load)
            })
            .collect()
    }

    pub fn store_element(
        &self,
        place: Value,
        scalar: Scalar,
        leaves: &[Value],
        array: Option<ValueId>,
    ) {
        let leaf = Leaf::Number(scalar.real_part());
        for (place, value) in self.parts_of(place, scalar).into_iter().zip(leaves) {
            let store = self.ll.store(self.to_memory(leaf, *value), place);
            self.mark_element(store, scalar, array);
        }
    }

    /// The addresses of a number's parts.
    fn parts_of(&self, place: Value, scalar: Scalar) -> Leaves {
        let mut places: Leaves = [place].into_iter().collect();
        if scalar.is_complex() {
            let ty = super::layout::scalar_type(self.ll, scalar.real_part());
            places.push(self.ll.offset(ty, place, self.ll.c64(1)));
        }
        places
    }

    fn mark_element(&self, access: Value, scalar: Scalar, array: Option<ValueId>) {
        self.ll.set_align(access, align_of(scalar));
        self.m.tbaa.element(self.ll, access, scalar);
        if let Some(array) = array {
            self.mark_parallel(access, array);
        }
    }
}

/// The LLVM type that one step of an index spans.
fn element_type(lower: &FuncLower, ty: ArrayType) -> crate::llvm::Ty {
    let ll = lower.ll;
    if ty.elem.is_complex() {
        let part = super::layout::scalar_type(ll, ty.elem.real_part());
        return ll.array_type(part, 2);
    }
    Leaf::Number(ty.elem).memory_type(ll)
}
