//! Atomic operations on variables and elements: instructions for integers, compare-and-swap loops for the rest, striped locks
//! for complex numbers (which may lie across cache lines).

use llvm_sys::{LLVMAtomicOrdering, LLVMAtomicRMWBinOp};
use omply_ir::{BinaryOp, CompareOp, Inst, MemoryOrder, Place, Scalar, ValueId};

use crate::CodegenError;
use crate::llvm::{Ty, Value};

use super::device::Spill;
use super::externals;
use super::func::FuncLower;
use super::layout::{Leaf, Leaves};

/// Gives the new value of a place from its old one.
pub type Update<'u, 'a> =
    dyn FnMut(&mut FuncLower<'a>, &[Value]) -> Result<Leaves, CodegenError> + 'u;

fn ordering(order: MemoryOrder) -> LLVMAtomicOrdering {
    match order {
        MemoryOrder::Relaxed => LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic,
        MemoryOrder::Acquire => LLVMAtomicOrdering::LLVMAtomicOrderingAcquire,
        MemoryOrder::Release => LLVMAtomicOrdering::LLVMAtomicOrderingRelease,
        MemoryOrder::AcqRel => LLVMAtomicOrdering::LLVMAtomicOrderingAcquireRelease,
        MemoryOrder::SeqCst => LLVMAtomicOrdering::LLVMAtomicOrderingSequentiallyConsistent,
    }
}

/// What a load may ask for.
fn load_ordering(order: MemoryOrder) -> LLVMAtomicOrdering {
    match order {
        MemoryOrder::Release => LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic,
        MemoryOrder::AcqRel => LLVMAtomicOrdering::LLVMAtomicOrderingAcquire,
        other => ordering(other),
    }
}

/// What a store may ask for.
fn store_ordering(order: MemoryOrder) -> LLVMAtomicOrdering {
    match order {
        MemoryOrder::Acquire => LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic,
        MemoryOrder::AcqRel => LLVMAtomicOrdering::LLVMAtomicOrderingRelease,
        other => ordering(other),
    }
}

impl<'a> FuncLower<'a> {
    /// Address and type of a place.
    fn place(&mut self, place: &Place) -> Result<(Value, Scalar), CodegenError> {
        match place {
            Place::Slot(slot) => {
                let ty = self.slot_type(*slot);
                let scalar = ty
                    .as_scalar()
                    .ok_or_else(|| self.error("an atomic operation on no number"))?;
                Ok((self.slot_address(*slot)?, scalar))
            }
            Place::Element {
                array,
                indices,
                check,
            } => {
                let parts = self.array(*array)?;
                Ok((
                    self.element_address(&parts, indices, *check)?,
                    parts.ty.elem,
                ))
            }
        }
    }

    /// The integer type of a number's bits.
    pub fn bits_type(&self, scalar: Scalar) -> Ty {
        self.ll.int_type(scalar.bytes() * 8)
    }

    pub fn to_bits(&self, scalar: Scalar, value: Value) -> Value {
        let value = self.to_memory(Leaf::Number(scalar), value);
        self.ll.bitcast(value, self.bits_type(scalar))
    }

    pub fn number_of(&self, scalar: Scalar, bits: Value) -> Value {
        let leaf = Leaf::Number(scalar);
        self.loaded(leaf, self.ll.bitcast(bits, leaf.memory_type(self.ll)))
    }

    fn load_bits(&self, place: Value, scalar: Scalar, order: LLVMAtomicOrdering) -> Value {
        let load = self.ll.load(self.bits_type(scalar), place);
        self.ll.set_align(load, scalar.bytes());
        self.ll.set_ordering(load, order);
        load
    }

    pub fn atomic_load(
        &mut self,
        inst: &Inst,
        place: &Place,
        order: MemoryOrder,
    ) -> Result<(), CodegenError> {
        let own = self.is_own(place);
        let (place, scalar) = self.place(place)?;
        let value = if own || scalar.is_complex() {
            self.locked(
                own,
                place,
                |this| Ok(this.load_element(place, scalar, None)),
            )?
        } else {
            let bits = self.load_bits(place, scalar, load_ordering(order));
            [self.number_of(scalar, bits)].into_iter().collect()
        };
        self.define_result(inst, value);
        Ok(())
    }

    pub fn atomic_store(
        &mut self,
        place: &Place,
        value: ValueId,
        order: MemoryOrder,
    ) -> Result<(), CodegenError> {
        let own = self.is_own(place);
        let (place, scalar) = self.place(place)?;
        let leaves = self.leaves(value)?;
        if own || scalar.is_complex() {
            return self.locked(own, place, |this| {
                this.store_element(place, scalar, &leaves, None);
                Ok(())
            });
        }
        if self.is_small(scalar) {
            self.exchange_loop(false, place, scalar, ordering(order), &mut |_, _| {
                Ok(leaves.clone())
            })?;
            return Ok(());
        }
        let store = self.ll.store(self.to_bits(scalar, leaves[0]), place);
        self.ll.set_align(store, scalar.bytes());
        self.ll.set_ordering(store, store_ordering(order));
        Ok(())
    }

    pub fn atomic_update(
        &mut self,
        inst: &Inst,
        place: &Place,
        op: BinaryOp,
        value: ValueId,
        reversed: bool,
        order: MemoryOrder,
    ) -> Result<(), CodegenError> {
        let own = self.is_own(place);
        let (place, scalar) = self.place(place)?;
        let value = self.leaves(value)?;
        let code = instruction(op, scalar, reversed);
        let (old, new) = match code.filter(|_| !own && !self.is_small(scalar)) {
            _ if !own && self.adds_floats(op, scalar, reversed) => {
                self.atomic_float_add(op, place, scalar, &value, ordering(order))?
            }
            Some(code) => {
                let bits = self.ll.atomic_rmw(
                    code,
                    place,
                    self.to_bits(scalar, value[0]),
                    ordering(order),
                );
                let old: Leaves = [self.number_of(scalar, bits)].into_iter().collect();
                let new = self.arithmetic(op, scalar, &old, &value, false)?;
                (old, new)
            }
            None => self.exchange_loop(own, place, scalar, ordering(order), &mut |this, old| {
                if reversed {
                    this.arithmetic(op, scalar, &value, old, false)
                } else {
                    this.arithmetic(op, scalar, old, &value, false)
                }
            })?,
        };
        if let [old_id, ..] = inst.results[..] {
            self.define(old_id, old);
        }
        if let [_, new_id] = inst.results[..] {
            self.define(new_id, new);
        }
        Ok(())
    }

    /// Replaces a place's value by what `update` makes of it, in the order that a reduction needs.
    pub fn update_in_place(
        &mut self,
        place: Value,
        scalar: Scalar,
        update: &mut Update<'_, 'a>,
    ) -> Result<(), CodegenError> {
        self.exchange_loop(
            false,
            place,
            scalar,
            LLVMAtomicOrdering::LLVMAtomicOrderingAcquireRelease,
            update,
        )?;
        Ok(())
    }

    /// Old and new value.
    pub fn exchange_loop(
        &mut self,
        own: bool,
        place: Value,
        scalar: Scalar,
        order: LLVMAtomicOrdering,
        update: &mut Update<'_, 'a>,
    ) -> Result<(Leaves, Leaves), CodegenError> {
        if self.is_small(scalar) && !own {
            return self.exchange_in_word(place, scalar, order, update);
        }
        if own || scalar.is_complex() {
            return self.locked(own, place, |this| {
                let old = this.load_element(place, scalar, None);
                let new = update(this, &old)?;
                this.store_element(place, scalar, &new, None);
                Ok((old, new))
            });
        }
        let ll = self.ll;
        let first = self.load_bits(
            place,
            scalar,
            LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic,
        );
        let before = ll.here();
        let (head, after) = (self.new_block("exchange"), self.new_block("after"));
        ll.br(head);
        ll.at(head);
        let bits = ll.phi(self.bits_type(scalar), &[(first, before)]);
        let old = self.number_of(scalar, bits);
        let new = update(self, &[old])?;
        let new_bits = self.to_bits(scalar, new[0]);
        let relaxed = LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic;
        let pair = ll.cmpxchg(place, bits, new_bits, order, relaxed, true);
        ll.add_incoming(bits, &[(ll.extract(pair, 0), ll.here())]);
        ll.cond_br(ll.extract(pair, 1), after, head);
        ll.at(after);
        Ok(([old].into_iter().collect(), new))
    }

    pub fn atomic_exchange(
        &mut self,
        inst: &Inst,
        place: &Place,
        value: ValueId,
        order: MemoryOrder,
    ) -> Result<(), CodegenError> {
        let own = self.is_own(place);
        let (place, scalar) = self.place(place)?;
        let value = self.leaves(value)?;
        let old = if self.is_small(scalar) && !own {
            let keep = &mut |_: &mut FuncLower<'a>, _: &[Value]| Ok(value.clone());
            self.exchange_loop(false, place, scalar, ordering(order), keep)?
                .0
        } else if own || scalar.is_complex() {
            self.locked(own, place, |this| {
                let old = this.load_element(place, scalar, None);
                this.store_element(place, scalar, &value, None);
                Ok(old)
            })?
        } else {
            let bits = self.to_bits(scalar, value[0]);
            let old = self.ll.atomic_rmw(
                LLVMAtomicRMWBinOp::LLVMAtomicRMWBinOpXchg,
                place,
                bits,
                ordering(order),
            );
            [self.number_of(scalar, old)].into_iter().collect()
        };
        self.define_result(inst, old);
        Ok(())
    }

    pub fn atomic_compare_exchange(
        &mut self,
        inst: &Inst,
        place: &Place,
        [expected, desired]: [ValueId; 2],
        order: MemoryOrder,
        weak: bool,
    ) -> Result<(), CodegenError> {
        let own = self.is_own(place);
        let (place, scalar) = self.place(place)?;
        let (expected, desired) = (self.leaves(expected)?, self.leaves(desired)?);
        let (success, old) = if self.is_small(scalar) && !own {
            let swap = &mut |this: &mut FuncLower<'a>, old: &[Value]| {
                let equal = this.compare_leaves(CompareOp::Eq, scalar, old, &expected);
                Ok([this.ll.select(equal, desired[0], old[0])]
                    .into_iter()
                    .collect())
            };
            let (old, _) = self.exchange_loop(false, place, scalar, ordering(order), swap)?;
            (
                self.compare_leaves(CompareOp::Eq, scalar, &old, &expected),
                old,
            )
        } else if own || scalar.is_complex() {
            self.locked(own, place, |this| {
                let old = this.load_element(place, scalar, None);
                let equal = this.compare_leaves(CompareOp::Eq, scalar, &old, &expected);
                let new: Leaves = (0..old.len())
                    .map(|part| this.ll.select(equal, desired[part], old[part]))
                    .collect();
                this.store_element(place, scalar, &new, None);
                Ok((equal, old))
            })?
        } else if scalar.is_float() {
            self.float_compare_exchange(place, scalar, expected[0], desired[0], order)
        } else {
            let (expected, desired) = (
                self.to_bits(scalar, expected[0]),
                self.to_bits(scalar, desired[0]),
            );
            let pair = self.ll.cmpxchg(
                place,
                expected,
                desired,
                ordering(order),
                load_ordering(order),
                weak,
            );
            let old = self.number_of(scalar, self.ll.extract(pair, 0));
            (self.ll.extract(pair, 1), [old].into_iter().collect())
        };
        if let [success_id, ..] = inst.results[..] {
            self.define(success_id, [success]);
        }
        if let [_, old_id] = inst.results[..] {
            self.define(old_id, old);
        }
        Ok(())
    }

    /// Equal floats may differ in bits, so the bits to exchange are those that were read.
    fn float_compare_exchange(
        &mut self,
        place: Value,
        scalar: Scalar,
        expected: Value,
        desired: Value,
        order: MemoryOrder,
    ) -> (Value, Leaves) {
        let ll = self.ll;
        let first = self.load_bits(place, scalar, load_ordering(order));
        let before = ll.here();
        let (head, equal, after) = (
            self.new_block("compare"),
            self.new_block("equal"),
            self.new_block("after"),
        );
        ll.br(head);
        ll.at(head);
        let bits = ll.phi(self.bits_type(scalar), &[(first, before)]);
        let old = self.number_of(scalar, bits);
        let same = self.compare_leaves(CompareOp::Eq, scalar, &[old], &[expected]);
        ll.cond_br(same, equal, after);
        ll.at(equal);
        let desired = self.to_bits(scalar, desired);
        let pair = ll.cmpxchg(
            place,
            bits,
            desired,
            ordering(order),
            load_ordering(order),
            false,
        );
        ll.add_incoming(bits, &[(ll.extract(pair, 0), equal)]);
        ll.cond_br(ll.extract(pair, 1), after, head);
        ll.at(after);
        let success = ll.phi(ll.i1, &[(ll.bool(false), head), (ll.bool(true), equal)]);
        (success, [old].into_iter().collect())
    }

    /// Runs `body` under the lock that stands for an address, if it is not this thread's `own`.
    fn locked<T: Spill>(
        &mut self,
        own: bool,
        place: Value,
        body: impl FnOnce(&mut Self) -> Result<T, CodegenError>,
    ) -> Result<T, CodegenError> {
        if own {
            return body(self);
        }
        if let Some(device) = self.m.device {
            return self.device_locked(device, body);
        }
        self.ll
            .call(self.m.external(externals::ATOMIC_LOCK), &[place]);
        let made = body(self)?;
        self.ll
            .call(self.m.external(externals::ATOMIC_UNLOCK), &[place]);
        Ok(made)
    }
}

/// The instruction that does an update, if there is one.
fn instruction(op: BinaryOp, scalar: Scalar, reversed: bool) -> Option<LLVMAtomicRMWBinOp> {
    use LLVMAtomicRMWBinOp::*;
    let signed = scalar.is_signed_int();
    if scalar.is_float() || scalar.is_complex() || (reversed && op == BinaryOp::Sub) {
        return None;
    }
    // Boolean bytes stay 0 or 1 under bitwise operations only.
    Some(match op {
        BinaryOp::And => LLVMAtomicRMWBinOpAnd,
        BinaryOp::Or => LLVMAtomicRMWBinOpOr,
        BinaryOp::Xor => LLVMAtomicRMWBinOpXor,
        _ if scalar == Scalar::Bool => return None,
        BinaryOp::Add => LLVMAtomicRMWBinOpAdd,
        BinaryOp::Sub => LLVMAtomicRMWBinOpSub,
        BinaryOp::Min if signed => LLVMAtomicRMWBinOpMin,
        BinaryOp::Min => LLVMAtomicRMWBinOpUMin,
        BinaryOp::Max if signed => LLVMAtomicRMWBinOpMax,
        BinaryOp::Max => LLVMAtomicRMWBinOpUMax,
        _ => return None,
    })
}
