//! Reductions: the threads of a team halve their number until one holds the result, which it adds to the variable; where that is not
//! the team's alone, atomically.

use omply_ir::{ReduceItem, ReduceOp, Scalar, Storage};

use llvm_sys::{LLVMAtomicOrdering, LLVMAtomicRMWBinOp};

use crate::CodegenError;
use crate::llvm::{Cmp, Op2, Ty, Value};

use super::super::func::FuncLower;
use super::super::layout::{Leaf, Leaves, leaves_of};
use super::{Device, MOST_THREADS, TEAM};

/// Where each thread's part of one number lies.
struct Buffer {
    leaf: Leaf,
    ty: Ty,
    base: Value,
}

impl FuncLower<'_> {
    pub fn device_reduce(
        &mut self,
        device: Device,
        items: &[ReduceItem],
    ) -> Result<(), CodegenError> {
        for item in items {
            self.reduce_number(device, item)?;
        }
        Ok(())
    }

    fn reduce_number(&mut self, device: Device, item: &ReduceItem) -> Result<(), CodegenError> {
        let ll = self.ll;
        let Some(scalar) = self.slot_type(item.shared).as_scalar() else {
            return Err(self.error("a reduction of no number"));
        };
        let private = self.load_leaves(item.private)?;
        let buffers: Vec<Buffer> = leaves_of(self.slot_type(item.private))
            .into_iter()
            .enumerate()
            .map(|(part, leaf)| {
                let ty = leaf.memory_type(ll);
                let base = self.reduction_memory(part);
                Buffer { leaf, ty, base }
            })
            .collect();
        let me = self.device_thread_num(device);
        let size = self.device_team_size(device);

        // The first thread may still read what an earlier reduction has left here.
        self.hardware_barrier(device);
        self.put(&buffers, me, &private);
        self.hardware_barrier(device);

        // The largest power of two below the team's size, or 0.
        let below = ll.sub(size, ll.c64(1));
        let zeros = ll.call(
            ll.intrinsic("llvm.ctlz", &[ll.i64]),
            &[below, ll.bool(false)],
        );
        let shift = ll.sub(ll.c64(63), zeros);
        let power = ll.bin(Op2::LLVMShl, ll.c64(1), shift, crate::llvm::Flags::NONE);
        let alone = ll.icmp(Cmp::LLVMIntEQ, below, ll.c64(0));
        let first = ll.select(alone, ll.c64(0), power);
        let [head, halve, add, added, done] =
            ["tree", "halve", "add", "added", "whole"].map(|name| self.new_block(name));
        let before = ll.here();
        ll.br(head);
        ll.at(head);
        let half = ll.phi(ll.i64, &[(first, before)]);
        ll.cond_br(ll.icmp(Cmp::LLVMIntNE, half, ll.c64(0)), halve, done);
        ll.at(halve);
        let other = ll.add(me, half);
        let lower = ll.icmp(Cmp::LLVMIntULT, me, half);
        let there = ll.icmp(Cmp::LLVMIntULT, other, size);
        ll.cond_br(ll.and(lower, there), add, added);
        ll.at(add);
        let mine = self.get(&buffers, me);
        let theirs = self.get(&buffers, other);
        let sum = self.reduce_values(item.op, scalar, &mine, &theirs)?;
        self.put(&buffers, me, &sum);
        ll.br(added);
        ll.at(added);
        self.hardware_barrier(device);
        let next = self.half(half);
        ll.add_incoming(half, &[(next, ll.here())]);
        ll.br(head);

        ll.at(done);
        let is_first = self.is_first_thread(device);
        let (store, after) = (self.new_block("store"), self.new_block("reduced"));
        ll.cond_br(is_first, store, after);
        ll.at(store);
        let sum = self.get(&buffers, ll.c64(0));
        self.add_to_shared(device, item, scalar, &sum)?;
        ll.br(after);
        ll.at(after);
        Ok(())
    }

    /// Memory for a part of a number (8 bytes at most) of each thread; all reductions use the same.
    fn reduction_memory(&mut self, part: usize) -> Value {
        let known = self.m.buffers.borrow().get(part).copied();
        let memory = known.unwrap_or_else(|| {
            let ty = self.ll.array_type(self.ll.i64, MOST_THREADS);
            let memory = self.ll.global_in("omply.reduce", ty, 16, TEAM, false);
            self.m.buffers.borrow_mut().push(memory);
            memory
        });
        self.at_entry(|this| this.ll.generic(memory))
    }

    fn add_to_shared(
        &mut self,
        device: Device,
        item: &ReduceItem,
        scalar: Scalar,
        sum: &Leaves,
    ) -> Result<(), CodegenError> {
        let op: ReduceOp = item.op;
        if self.f.slots[item.shared.index()].storage != Storage::Reference {
            let old = self.load_leaves(item.shared)?;
            let new = self.reduce_values(op, scalar, &old, sum)?;
            return self.assign(item.shared, &new);
        }
        let place = self.slot_address(item.shared)?;
        if op == ReduceOp::Add && scalar.is_complex() {
            for (part, value) in sum.iter().enumerate() {
                let part = self
                    .ll
                    .offset(self.ll.type_of(*value), place, self.ll.c64(part as i64));
                self.add_float(device, part, scalar.real_part(), *value)?;
            }
            return Ok(());
        }
        if op == ReduceOp::Add && matches!(scalar, Scalar::F32 | Scalar::F64) {
            return self.add_float(device, place, scalar, sum[0]);
        }
        self.update_in_place(place, scalar, &mut |this, old| {
            this.reduce_values(op, scalar, old, sum)
        })
    }

    /// Atomic addition of a float.
    pub fn add_float(
        &mut self,
        device: Device,
        place: Value,
        scalar: Scalar,
        value: Value,
    ) -> Result<(), CodegenError> {
        if device.float_atomics {
            let relaxed = LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic;
            let add = LLVMAtomicRMWBinOp::LLVMAtomicRMWBinOpFAdd;
            self.ll.atomic_rmw(add, place, value, relaxed);
            return Ok(());
        }
        self.update_in_place(place, scalar, &mut |this, old| {
            this.reduce_values(ReduceOp::Add, scalar, old, &[value])
        })
    }

    fn put(&self, buffers: &[Buffer], index: Value, leaves: &[Value]) {
        for (buffer, leaf) in buffers.iter().zip(leaves) {
            let place = self.ll.offset(buffer.ty, buffer.base, index);
            self.ll.store(self.to_memory(buffer.leaf, *leaf), place);
        }
    }

    fn get(&self, buffers: &[Buffer], index: Value) -> Leaves {
        buffers
            .iter()
            .map(|buffer| {
                let place = self.ll.offset(buffer.ty, buffer.base, index);
                self.loaded(buffer.leaf, self.ll.load(buffer.ty, place))
            })
            .collect()
    }
}
