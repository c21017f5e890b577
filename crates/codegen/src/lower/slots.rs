//! Variables: where they live, loads and stores, parameters and captures, threadprivate variables.

use std::collections::HashSet;

use omply_ir::{CaptureBy, Const, Func, FuncKind, Inst, Op, SlotId, Storage, Type, ValueId};

use crate::CodegenError;
use crate::llvm::{MetaKind, Ty, Value};

use super::externals::{self, External};
use super::func::FuncLower;
use super::layout::{Leaf, Leaves, leaves_of, memory_struct};

/// The variables that a task shares with the function that generates it, seen from either side.
pub fn shared_with_tasks(f: &Func) -> HashSet<SlotId> {
    let mut shared = HashSet::new();
    if f.kind == FuncKind::Task {
        let by_reference = |slot: &&SlotId| f.slots[slot.index()].storage == Storage::Reference;
        shared.extend(f.params.iter().filter(by_reference).copied());
    }
    f.body.walk(&mut |inst| {
        if let Op::Spawn(spawn) = &inst.op {
            let captures = spawn.captures.iter();
            let by_reference = captures.filter(|capture| capture.by == CaptureBy::Reference);
            shared.extend(by_reference.map(|capture| capture.slot));
        }
    });
    shared
}

impl FuncLower<'_> {
    /// Says that a variable's access touches nothing else. Of a variable that tasks share, the same memory is known under
    /// another name in another function, which may be inlined here.
    fn mark_variable(&self, access: Value, slot: SlotId) {
        if !self.task_shared.contains(&slot) {
            self.m
                .tbaa
                .variable(self.ll, access, self.index, slot.index());
        }
    }

    /// Makes the function's own variables, zeroed: reading one too early must not be undefined, and no array starts with an owner.
    /// The others get their address at the first use.
    pub fn make_slots(&mut self) {
        let f = self.f;
        for (index, slot) in f.slots.iter().enumerate() {
            if slot.storage == Storage::Local && slot.ty != Type::Unit {
                let layout = memory_struct(self.ll, &slot.ty);
                let place = self.ll.alloca(layout, 16);
                self.slots[index] = Some(place);
                for (field, leaf) in leaves_of(&slot.ty).into_iter().enumerate() {
                    let zero = self.ll.zero(leaf.memory_type(self.ll));
                    let store = self.ll.store(zero, self.ll.field(layout, place, field));
                    self.mark_variable(store, SlotId(index as u32));
                }
            }
        }
    }

    /// Stores the arguments, or the captures, into the slots that receive them.
    pub fn receive_params(&mut self) {
        let f = self.f;
        match f.kind {
            FuncKind::Normal => {
                let mut next = 0;
                for &slot in &f.params {
                    let leaves = leaves_of(self.slot_type(slot));
                    let values: Leaves = (next..next + leaves.len())
                        .map(|index| self.ll.param(self.llvm.function, index))
                        .collect();
                    for (offset, leaf) in leaves.iter().enumerate() {
                        if *leaf == Leaf::Dim {
                            self.ll.mark_not_negative(self.llvm.function, next + offset);
                        }
                    }
                    next += leaves.len();
                    self.store_leaves(slot, &values);
                    self.retain_param(slot, &values);
                }
            }
            FuncKind::Target if self.m.device.is_some() => self.receive_kernel_words(),
            FuncKind::Target => self.receive_words(),
            FuncKind::Outlined | FuncKind::Task => {
                let ty = self.captures_type();
                let context = match f.kind {
                    FuncKind::Task => self.ll.param(self.llvm.function, 1),
                    _ => self.ll.param(self.llvm.function, 3),
                };
                let mut field = 0;
                for &slot in &f.params {
                    let by_reference = f.slots[slot.index()].storage == Storage::Reference;
                    if by_reference {
                        let address = self.capture_load(ty, context, &mut field, self.ll.ptr);
                        self.slots[slot.index()] = Some(address);
                        continue;
                    }
                    let values: Leaves = leaves_of(self.slot_type(slot))
                        .into_iter()
                        .map(|leaf| {
                            let value = self.capture_load(
                                ty,
                                context,
                                &mut field,
                                leaf.memory_type(self.ll),
                            );
                            if leaf == Leaf::Dim {
                                self.ll.range_not_negative(value);
                            }
                            self.loaded(leaf, value)
                        })
                        .collect();
                    self.store_leaves(slot, &values);
                    self.retain_param(slot, &values);
                }
            }
        }
    }

    /// The struct in which this outlined function finds its captures.
    fn captures_type(&self) -> Ty {
        let mut fields = Vec::new();
        for &slot in &self.f.params {
            self.m.capture_fields(
                self.slot_type(slot),
                self.f.slots[slot.index()].storage == Storage::Reference,
                &mut fields,
            );
        }
        self.ll.struct_type(&fields)
    }

    fn capture_load(&self, captures: Ty, context: Value, field: &mut usize, ty: Ty) -> Value {
        let load = self.ll.load(ty, self.ll.field(captures, context, *field));
        // The memory of a task's captures is used again by another task.
        if self.f.kind == FuncKind::Outlined {
            self.ll
                .attach(load, MetaKind::InvariantLoad, self.ll.node(&[]));
        }
        self.ll.attach(load, MetaKind::NoUndef, self.ll.node(&[]));
        self.m.tbaa.captures(self.ll, load);
        *field += 1;
        load
    }

    /// The address of a variable.
    pub fn slot_address(&mut self, slot: SlotId) -> Result<Value, CodegenError> {
        if let Some(address) = self.slots[slot.index()] {
            return Ok(address);
        }
        match &self.f.slots[slot.index()].storage {
            Storage::Threadprivate { key, init } => {
                let address = self.replica(externals::THREADPRIVATE, slot, key, *init);
                self.slots[slot.index()] = Some(address);
                Ok(address)
            }
            Storage::Groupprivate { key, init } => {
                let address = self.replica(externals::GROUPPRIVATE, slot, key, *init);
                self.slots[slot.index()] = Some(address);
                Ok(address)
            }
            Storage::Team => Ok(self.team_slot(slot)),
            _ => Err(self.error(format!("slot {} has no place", slot.0))),
        }
    }

    /// Asks once per activation for the copy of the thread, or of its contention group.
    fn replica(&mut self, find: External, slot: SlotId, key: &str, init: Const) -> Value {
        let ty = self.slot_type(slot);
        let leaves = leaves_of(ty);
        self.at_entry(|this| {
            let ll = this.ll;
            let layout = memory_struct(ll, ty);
            let first = ll.alloca(layout, 16);
            for (index, (leaf, value)) in leaves.iter().zip(this.constant_leaves(init)).enumerate()
            {
                ll.store(this.to_memory(*leaf, value), ll.field(layout, first, index));
            }
            let identity = ll.external_global(&format!("{}{key}", externals::THREADPRIVATE_PREFIX));
            let bytes = leaves.iter().map(|leaf| match leaf {
                Leaf::Number(scalar) => i64::from(scalar.bytes()),
                _ => 8,
            });
            // Parts of a complex number follow one another without a gap.
            let size = ll.c64(bytes.sum());
            ll.call(this.m.external(find), &[identity, size, first])
        })
    }

    // ---- loads and stores --------------------------------------------------------------------------------------

    pub fn slot_load(&mut self, inst: &Inst, slot: SlotId) -> Result<(), CodegenError> {
        let leaves = self.load_leaves(slot)?;
        self.keep_loaded(slot, &leaves);
        if let Some(&result) = inst.results.first() {
            self.shared_arrays[result.index()] = self.is_shared_array_slot(slot);
        }
        self.define_result(inst, leaves);
        Ok(())
    }

    pub fn slot_store(&mut self, slot: SlotId, value: ValueId) -> Result<(), CodegenError> {
        let leaves = self.leaves(value)?;
        self.assign(slot, &leaves)
    }

    /// Stores a value with what that means for references.
    pub fn assign(&mut self, slot: SlotId, leaves: &[Value]) -> Result<(), CodegenError> {
        self.slot_address(slot)?;
        let old = self.take_references(slot, leaves)?;
        self.store_leaves(slot, leaves);
        self.release_values(&old);
        Ok(())
    }

    pub fn load_leaves(&mut self, slot: SlotId) -> Result<Leaves, CodegenError> {
        let ty = self.slot_type(slot);
        if *ty == Type::Unit {
            return Ok(Leaves::new());
        }
        let place = self.slot_address(slot)?;
        let layout = memory_struct(self.ll, ty);
        let mut out = Leaves::new();
        for (index, leaf) in leaves_of(ty).into_iter().enumerate() {
            let load = self.ll.load(
                leaf.memory_type(self.ll),
                self.ll.field(layout, place, index),
            );
            self.mark_variable(load, slot);
            if leaf == Leaf::Dim {
                self.ll.range_not_negative(load);
            }
            out.push(self.loaded(leaf, load));
        }
        Ok(out)
    }

    pub fn store_leaves(&mut self, slot: SlotId, values: &[Value]) {
        let ty = self.slot_type(slot);
        let Some(place) = self.slots[slot.index()] else {
            return;
        };
        let layout = memory_struct(self.ll, ty);
        for (index, (leaf, value)) in leaves_of(ty).into_iter().zip(values).enumerate() {
            let store = self.ll.store(
                self.to_memory(leaf, *value),
                self.ll.field(layout, place, index),
            );
            self.mark_variable(store, slot);
        }
    }

    /// Booleans are bytes in memory.
    pub fn loaded(&self, leaf: Leaf, value: Value) -> Value {
        if leaf.ty(self.ll) == self.ll.i1 {
            self.ll
                .icmp(crate::llvm::Cmp::LLVMIntNE, value, self.ll.zero(self.ll.i8))
        } else {
            value
        }
    }

    pub fn to_memory(&self, leaf: Leaf, value: Value) -> Value {
        if leaf.ty(self.ll) == self.ll.i1 {
            self.ll.int_cast(value, self.ll.i8, false)
        } else {
            value
        }
    }
}
