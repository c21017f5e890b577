//! Arrays that a kernel makes: small ones on the thread's own stack where nothing else can come to know them, others from a heap that
//! the launch brings along in its error record and takes back whole.

use llvm_sys::{LLVMAtomicOrdering, LLVMAtomicRMWBinOp};
use omply_ir::{FuncKind, Init, Inst, Layout, SiteId, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Conversion, Flags, Op2, Value};
use crate::support::SITE_MEMORY;

use super::super::func::FuncLower;
use super::super::layout::{ArrayParts, Leaves, holds_array};
use super::{GLOBAL, TEAM};

/// Where the record tells of the heap, in bytes.
const RECORD_HEAP: i64 = 32;
const RECORD_HEAP_BYTES: i64 = 40;
const RECORD_HEAP_USED: i64 = 48;

/// Bytes of an array that may lie on a thread's stack.
const MOST_STACK: i64 = 1024;

impl FuncLower<'_> {
    pub fn device_alloc(
        &mut self,
        inst: &Inst,
        shape: &[ValueId],
        init: Init,
        site: SiteId,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let ty = self
            .result_type(inst)?
            .as_array()
            .ok_or_else(|| self.error("an allocation that is no array"))?;
        if ty.layout == Layout::Strided {
            return Err(self.error("an allocation without a contiguous layout"));
        }
        let mut dims = Leaves::new();
        let mut bytes = ll.c64(ty.elem.bytes().into());
        let mut fits = ll.bool(true);
        for (axis, &dim) in shape.iter().enumerate() {
            let dim = self.value(dim)?;
            dims.push(dim);
            if init == Init::Team {
                bytes = ll.mul(bytes, dim);
                continue;
            }
            let negative = ll.icmp(Cmp::LLVMIntSLT, dim, ll.c64(0));
            let axis = ll.c64(axis as i64);
            self.rarely(negative, |this| this.raise_at(site.0, &[dim, axis]));
            let product = ll.call(
                ll.intrinsic("llvm.umul.with.overflow", &[ll.i64]),
                &[bytes, dim],
            );
            bytes = ll.extract(product, 0);
            fits = ll.and(fits, ll.not(ll.extract(product, 1)));
        }
        if init != Init::Team {
            self.rarely(ll.not(fits), |this| this.raise_at(SITE_MEMORY, &[]));
        }

        let data = if init == Init::Team {
            let constant = ll
                .as_const_int(bytes)
                .and_then(|bytes| u64::try_from(bytes).ok());
            let bytes = constant.ok_or_else(|| self.error("memory of a team of no known size"))?;
            self.team_array(site, bytes)
        } else if self.is_own_array() {
            let stack = self.stack(ll.array_type(ll.i8, MOST_STACK as u64), 16);
            let (large, after) = (self.new_block("large"), self.new_block("placed"));
            let small = ll.icmp(Cmp::LLVMIntULE, bytes, ll.c64(MOST_STACK));
            let before = ll.here();
            ll.cond_br(small, after, large);
            ll.at(large);
            let heap = self.heap_memory(bytes);
            let end = ll.here();
            ll.br(after);
            ll.at(after);
            ll.phi(ll.ptr, &[(stack, before), (heap, end)])
        } else {
            self.heap_memory(bytes)
        };
        let parts = ArrayParts {
            ty,
            data,
            owner: ll.zero(ll.ptr),
            dims,
            strides: Leaves::new(),
        };
        if init == Init::Zero {
            let zeros: Leaves = (0..=usize::from(ty.elem.is_complex()))
                .map(|_| ll.zero(super::super::layout::scalar_type(ll, ty.elem.real_part())))
                .collect();
            self.for_each_element(&parts.dims, ty.layout, |this, indices| {
                this.store_element(this.address(&parts, indices), ty.elem, &zeros, None);
                Ok(())
            })?;
        }
        self.define_result(inst, parts.leaves());
        Ok(())
    }

    /// Memory for the array that is made at this place; copies of the code there have the same.
    fn team_array(&mut self, site: SiteId, bytes: u64) -> Value {
        let key = (self.index, site, bytes);
        let known = self.m.arrays.borrow().get(&key).copied();
        let memory = known.unwrap_or_else(|| {
            let ty = self.ll.array_type(self.ll.i8, bytes);
            let memory = self.ll.global_in("omply.array", ty, 16, TEAM, false);
            self.m.arrays.borrow_mut().insert(key, memory);
            memory
        });
        self.at_entry(|this| this.ll.generic(memory))
    }

    /// Whether an array made here is made once in the function's activation, and this thread's alone: what thread 0 makes for its
    /// team stands under a condition.
    fn is_own_array(&self) -> bool {
        self.loops.is_empty()
            && self.conditions == 0
            && (self.f.kind == FuncKind::Target || !holds_array(&self.f.ret))
    }

    fn heap_memory(&mut self, bytes: Value) -> Value {
        let ll = self.ll;
        self.m.needs_heap.set(true);
        let record = ll.in_space(self.steps.record(), GLOBAL);
        let place = |offset: i64| ll.offset(ll.i8, record, ll.c64(offset));
        let rounded = ll.and(ll.add(bytes, ll.c64(15)), ll.c64(-16));
        let old = ll.atomic_rmw(
            LLVMAtomicRMWBinOp::LLVMAtomicRMWBinOpAdd,
            place(RECORD_HEAP_USED),
            rounded,
            LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic,
        );
        let end = ll.bin(Op2::LLVMAdd, old, rounded, Flags::NONE);
        let all = ll.load(ll.i64, place(RECORD_HEAP_BYTES));
        let beyond = ll.icmp(Cmp::LLVMIntUGT, end, all);
        let wraps = ll.icmp(Cmp::LLVMIntULT, end, old);
        self.rarely(ll.or(beyond, wraps), |this| this.raise_at(SITE_MEMORY, &[]));
        let base = ll.load(ll.i64, place(RECORD_HEAP));
        let pointer = ll.cast(
            Conversion::LLVMIntToPtr,
            ll.add(base, old),
            ll.pointer_in(GLOBAL),
        );
        ll.generic(pointer)
    }
}
