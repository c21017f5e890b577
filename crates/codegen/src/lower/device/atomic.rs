//! Atomic operations where devices differ: variables that no other thread can see, additions of floats by instructions, numbers of one
//! and two bytes by the word that they lie in, complex numbers under a lock.

use llvm_sys::{LLVMAtomicOrdering, LLVMAtomicRMWBinOp};
use omply_ir::{BinaryOp, Place, Scalar, Storage};

use crate::CodegenError;
use crate::llvm::{Conversion, Flags, Op2, Value};

use super::super::atomic::Update;
use super::super::func::FuncLower;
use super::super::layout::Leaves;
use super::{Device, GLOBAL};

/// What code under a lock makes, to be carried out of it.
pub trait Spill {
    fn each(&mut self, f: &mut dyn FnMut(&mut Value));
}

impl Spill for () {
    fn each(&mut self, _: &mut dyn FnMut(&mut Value)) {}
}

impl Spill for Leaves {
    fn each(&mut self, f: &mut dyn FnMut(&mut Value)) {
        self.iter_mut().for_each(f);
    }
}

impl Spill for (Leaves, Leaves) {
    fn each(&mut self, f: &mut dyn FnMut(&mut Value)) {
        self.0.iter_mut().chain(&mut self.1).for_each(f);
    }
}

impl Spill for (Value, Leaves) {
    fn each(&mut self, f: &mut dyn FnMut(&mut Value)) {
        f(&mut self.0);
        self.1.iter_mut().for_each(f);
    }
}

impl<'a> FuncLower<'a> {
    /// A variable of a device's thread, in memory for which there are no atomic operations.
    pub fn is_own(&self, place: &Place) -> bool {
        let local = |slot: &omply_ir::SlotId| self.f.slots[slot.index()].storage == Storage::Local;
        self.m.device.is_some() && matches!(place, Place::Slot(slot) if local(slot))
    }

    /// Whether a number is too small for the device's atomic operations.
    pub fn is_small(&self, scalar: Scalar) -> bool {
        let lacks = |device: Device| !device.small_atomics;
        scalar.bytes() < 4 && self.m.device.is_some_and(lacks)
    }

    pub fn adds_floats(&self, op: BinaryOp, scalar: Scalar, reversed: bool) -> bool {
        let has = |device: Device| device.float_atomics;
        let adds = op == BinaryOp::Add || (op == BinaryOp::Sub && !reversed);
        adds && matches!(scalar, Scalar::F32 | Scalar::F64) && self.m.device.is_some_and(has)
    }

    pub fn atomic_float_add(
        &mut self,
        op: BinaryOp,
        place: Value,
        scalar: Scalar,
        value: &[Value],
        order: LLVMAtomicOrdering,
    ) -> Result<(Leaves, Leaves), CodegenError> {
        let added = match op {
            BinaryOp::Sub => self.ll.fneg(value[0]),
            _ => value[0],
        };
        let code = LLVMAtomicRMWBinOp::LLVMAtomicRMWBinOpFAdd;
        let old: Leaves = [self.ll.atomic_rmw(code, place, added, order)]
            .into_iter()
            .collect();
        let new = self.arithmetic(op, scalar, &old, value, false)?;
        Ok((old, new))
    }

    /// Changes a small number by exchanging the four bytes around it. Memory of devices begins and ends at multiples of four.
    pub fn exchange_in_word(
        &mut self,
        place: Value,
        scalar: Scalar,
        order: LLVMAtomicOrdering,
        update: &mut Update<'_, 'a>,
    ) -> Result<(Leaves, Leaves), CodegenError> {
        let ll = self.ll;
        let address = ll.cast(Conversion::LLVMPtrToInt, place, ll.i64);
        let low = ll.and(address, ll.c64(3));
        let word = ll.byte_offset(place, ll.neg(low));
        let bits = ll.mul(low, ll.c64(8));
        let shift = ll.int_cast(bits, ll.i32, false);
        let narrow = self.bits_type(scalar);
        let ones = ll.c32(((1u64 << (scalar.bytes() * 8)) - 1) as i32);
        let mask = ll.bin(Op2::LLVMShl, ones, shift, Flags::NONE);
        let relaxed = LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic;
        let first = ll.load(ll.i32, word);
        ll.set_align(first, 4);
        ll.set_ordering(first, relaxed);
        let before = ll.here();
        let (head, after) = (self.new_block("exchange"), self.new_block("after"));
        ll.br(head);
        ll.at(head);
        let whole = ll.phi(ll.i32, &[(first, before)]);
        let shifted = ll.bin(Op2::LLVMLShr, whole, shift, Flags::NONE);
        let old = self.number_of(scalar, ll.int_cast(shifted, narrow, false));
        let new = update(self, &[old])?;
        let new_bits = ll.int_cast(self.to_bits(scalar, new[0]), ll.i32, false);
        let placed = ll.bin(Op2::LLVMShl, new_bits, shift, Flags::NONE);
        let rest = ll.and(whole, ll.not(mask));
        let pair = ll.cmpxchg(word, whole, ll.or(rest, placed), order, relaxed, false);
        ll.add_incoming(whole, &[(ll.extract(pair, 0), ll.here())]);
        ll.cond_br(ll.extract(pair, 1), after, head);
        ll.at(after);
        Ok(([old].into_iter().collect(), new))
    }

    /// Runs `body` while no other thread runs what stands under the lock for addresses.
    pub fn device_locked<T: Spill>(
        &mut self,
        device: Device,
        body: impl FnOnce(&mut Self) -> Result<T, CodegenError>,
    ) -> Result<T, CodegenError> {
        let lock = self.lock("omply.atomic");
        let mut made = None;
        let mut places = Vec::new();
        self.in_turn(device, lock, |this| {
            let mut values = body(this)?;
            values.each(&mut |value| {
                let ty = this.ll.type_of(*value);
                let place = this.stack(ty, 0);
                this.ll.store(*value, place);
                places.push((ty, place));
            });
            made = Some(values);
            Ok(())
        })?;
        let mut made = made.ok_or_else(|| self.error("nothing was made under a lock"))?;
        let mut places = places.into_iter();
        made.each(&mut |value| {
            if let Some((ty, place)) = places.next() {
                *value = self.ll.load(ty, place);
            }
        });
        Ok(made)
    }

    /// A lock of the module.
    pub fn lock(&mut self, name: &str) -> Value {
        let known = self.m.locks.borrow().get(name).copied();
        let lock = known.unwrap_or_else(|| {
            let lock = self.ll.global_in(name, self.ll.i32, 4, GLOBAL, true);
            self.m.locks.borrow_mut().insert(name.to_owned(), lock);
            lock
        });
        self.at_entry(|this| this.ll.generic(lock))
    }
}
