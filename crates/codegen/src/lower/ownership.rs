//! Reference counts of array memory. A value of an array is borrowed: something else keeps its owner alive while the value can
//! be used. That something is a slot (which holds a reference of its own), the caller's argument, or a hidden *temporary*
//! which is released at the end of the block that made it.
//!
//! A module without `Alloc` has no owners at all, and a function that never makes, receives from a call, or reassigns shared
//! arrays borrows everything from its parameters: neither pays anything here.

use omply_ir::{Block, Capture, CaptureBy, Func, Module, Op, Routine, SlotId, Storage, Type};

use crate::llvm::{Cmp, Value};

use super::ModuleLower;
use super::externals;
use super::func::FuncLower;
use super::layout::{Leaf, holds_array, leaves_of, memory_struct};

/// Which functions count references.
pub struct Ownership {
    any: bool,
    counts: Vec<bool>,
}

impl Ownership {
    /// Nobody counts.
    pub fn none(module: &Module) -> Self {
        Self {
            any: false,
            counts: vec![false; module.funcs.len()],
        }
    }

    pub fn of(module: &Module) -> Self {
        let any = module
            .funcs
            .iter()
            .any(|func| func.body.any(&|inst| matches!(inst.op, Op::Alloc { .. })));
        let mut counts: Vec<bool> = module
            .funcs
            .iter()
            .map(|func| any && makes_references(module, func))
            .collect();
        // A function that lends its variables to one that reassigns arrays counts as well.
        loop {
            let before = counts.clone();
            for (index, func) in module.funcs.iter().enumerate() {
                let lent = |func: omply_ir::FuncId, captures: &[Capture]| {
                    before[func.index()]
                        && captures
                            .iter()
                            .any(|capture| capture.by == CaptureBy::Reference)
                };
                let lends = |inst: &omply_ir::Inst| match &inst.op {
                    Op::Fork { func, captures, .. } | Op::ForkTeams { func, captures, .. } => {
                        lent(*func, captures)
                    }
                    Op::Spawn(spawn) => lent(spawn.func, &spawn.captures),
                    Op::Offload(offload) => lent(offload.func, &offload.captures),
                    _ => false,
                };
                counts[index] |= func.body.any(&lends);
            }
            if counts == before {
                return Self { any, counts };
            }
        }
    }
}

fn makes_references(module: &Module, func: &Func) -> bool {
    func.body.any(&|inst| match &inst.op {
        Op::Alloc { .. } => true,
        Op::Call { func, .. } => holds_array(&module.funcs[func.index()].ret),
        Op::SlotStore { slot, .. } => {
            let slot = &func.slots[slot.index()];
            slot.storage == Storage::Reference && holds_array(&slot.ty)
        }
        Op::CopyPrivate { slots, .. } => slots
            .iter()
            .any(|slot| holds_array(&func.slots[slot.index()].ty)),
        _ => false,
    })
}

/// The places of owners among the leaves of a type.
fn owner_places(ty: &Type) -> Vec<usize> {
    leaves_of(ty)
        .iter()
        .enumerate()
        .filter(|(_, leaf)| **leaf == Leaf::Owner)
        .map(|(place, _)| place)
        .collect()
}

fn lent(slot: SlotId, captures: &[Capture]) -> bool {
    captures
        .iter()
        .any(|capture| capture.slot == slot && capture.by == CaptureBy::Reference)
}

/// Whether a block reassigns a slot, or lets somebody else do it: other threads of the team if it is `shared`, tasks if they
/// know it.
fn may_reassign(block: &Block, from: usize, slot: SlotId, shared: bool, tasks: bool) -> bool {
    let test = |inst: &omply_ir::Inst| match &inst.op {
        Op::SlotStore { slot: stored, .. } => *stored == slot,
        Op::CopyPrivate { slots, .. } => slots.contains(&slot),
        Op::Fork { captures, .. } | Op::ForkTeams { captures, .. } => lent(slot, captures),
        Op::Spawn(spawn) => tasks || lent(slot, &spawn.captures),
        Op::Barrier
        | Op::Warn { .. }
        | Op::Critical { .. }
        | Op::Combine { .. }
        | Op::Routine {
            routine: Routine::Lock,
            ..
        } => shared,
        Op::Call { .. } | Op::TaskGroup { .. } | Op::TaskWait { .. } | Op::TaskYield => tasks,
        _ => false,
    };
    block.insts[from..].iter().any(|inst| {
        let mut found = test(inst);
        inst.op
            .for_each_block(&mut |nested| found = found || nested.any(&test));
        found
    })
}

impl ModuleLower<'_> {
    /// The places of owners among the captures of an outlined function, as fields of their struct.
    pub fn owners_among_captures(&self, func: &Func) -> Vec<usize> {
        let mut owners = Vec::new();
        if !self.ownership.any {
            return owners;
        }
        let mut field = 0;
        for &param in &func.params {
            let slot = &func.slots[param.index()];
            if slot.storage == Storage::Reference {
                field += 1;
                continue;
            }
            for leaf in leaves_of(&slot.ty) {
                if leaf == Leaf::Owner {
                    owners.push(field);
                }
                field += 1;
            }
        }
        owners
    }
}

impl FuncLower<'_> {
    fn counts(&self) -> bool {
        self.m.ownership.counts[self.index]
    }

    /// Whether a slot holds references of its own.
    fn owns(&self, slot: SlotId) -> bool {
        if !self.counts() || !holds_array(self.slot_type(slot)) {
            return false;
        }
        let is_param = self.f.params.contains(&slot);
        match self.f.slots[slot.index()].storage {
            Storage::Reference | Storage::Team => true,
            Storage::Threadprivate { .. } | Storage::Groupprivate { .. } => false,
            Storage::Local => !is_param || self.is_reassigned(slot),
        }
    }

    fn is_reassigned(&self, slot: SlotId) -> bool {
        may_reassign(&self.f.body, 0, slot, false, false)
    }

    /// An array that other threads of the team see too, or that the caller passed: it is not a private copy.
    pub fn is_shared_array_slot(&self, slot: SlotId) -> bool {
        self.slot_type(slot).as_array().is_some()
            && match self.f.slots[slot.index()].storage {
                Storage::Reference | Storage::Team => true,
                Storage::Threadprivate { .. } | Storage::Groupprivate { .. } => false,
                Storage::Local => self.f.params.contains(&slot) && !self.is_reassigned(slot),
            }
    }

    /// A parameter that is reassigned later holds its own reference from the start.
    pub fn retain_param(&mut self, slot: SlotId, leaves: &[Value]) {
        if self.owns(slot) {
            for owner in owner_places(self.slot_type(slot)) {
                self.retain(leaves[owner]);
            }
        }
    }

    /// Takes the references that a task's captures, which travel, hold.
    pub fn retain_captures(&mut self, captures: &[Capture]) -> Result<(), crate::CodegenError> {
        for capture in captures {
            let places = owner_places(self.slot_type(capture.slot));
            if capture.by == CaptureBy::Value && !places.is_empty() {
                let leaves = self.load_leaves(capture.slot)?;
                places
                    .into_iter()
                    .for_each(|owner| self.retain(leaves[owner]));
            }
        }
        Ok(())
    }

    /// Retains the owners of a value about to be stored; gives those to release after the store.
    pub fn take_references(
        &mut self,
        slot: SlotId,
        leaves: &[Value],
    ) -> Result<Vec<Value>, crate::CodegenError> {
        if !self.owns(slot) {
            return Ok(Vec::new());
        }
        let old = self.load_leaves(slot)?;
        let places = owner_places(self.slot_type(slot));
        for &owner in &places {
            self.retain(leaves[owner]);
        }
        Ok(places.into_iter().map(|owner| old[owner]).collect())
    }

    /// A value loaded from a slot that changes while the value can still be used needs its own reference.
    pub fn keep_loaded(&mut self, slot: SlotId, leaves: &[Value]) {
        if !self.owns(slot) {
            return;
        }
        let Some(&(block, place)) = self.open_blocks.last() else {
            return;
        };
        let shared = self.f.slots[slot.index()].storage == Storage::Reference;
        let tasks = self.task_shared.contains(&slot) || shared && self.m.has_tasks;
        if may_reassign(block, place + 1, slot, shared, tasks) {
            for owner in owner_places(self.slot_type(slot)) {
                self.retain(leaves[owner]);
                self.hold(leaves[owner]);
            }
        }
    }

    /// Makes the current block hold the reference that came with a value.
    pub fn hold_value(&mut self, ty: &Type, leaves: &[Value]) {
        if self.counts() {
            for owner in owner_places(ty) {
                self.hold(leaves[owner]);
            }
        }
    }

    fn hold(&mut self, owner: Value) {
        let place = self.at_entry(|this| {
            let place = this.ll.alloca(this.ll.ptr, 0);
            this.ll.store(this.ll.zero(this.ll.ptr), place);
            place
        });
        // Still set when a jump left the block on the way round a loop.
        let old = self.ll.load(self.ll.ptr, place);
        self.ll.store(owner, place);
        self.release(old);
        self.temporaries.push(place);
        if let Some(open) = self.block_temporaries.last_mut() {
            open.push(place);
        }
    }

    /// The end of a block.
    pub fn release_temporaries(&mut self, places: &[Value]) {
        for &place in places {
            let owner = self.ll.load(self.ll.ptr, place);
            self.ll.store(self.ll.zero(self.ll.ptr), place);
            self.release(owner);
        }
    }

    /// References that a function's result carries to the caller.
    pub fn retain_result(&mut self, leaves: &[Value]) {
        if self.m.ownership.any {
            for owner in owner_places(&self.f.ret) {
                self.retain(leaves[owner]);
            }
        }
    }

    /// The end of the function.
    pub fn release_all(&mut self) {
        let places = std::mem::take(&mut self.temporaries);
        self.release_temporaries(&places);
        for index in 0..self.f.slots.len() {
            let slot = SlotId(index as u32);
            if self.f.slots[index].storage != Storage::Local || !self.owns(slot) {
                continue;
            }
            let Some(place) = self.slots[index] else {
                continue;
            };
            let ty = self.slot_type(slot);
            let layout = memory_struct(self.ll, ty);
            for owner in owner_places(ty) {
                let value = self
                    .ll
                    .load(self.ll.ptr, self.ll.field(layout, place, owner));
                self.release(value);
            }
        }
    }

    pub fn release_values(&mut self, owners: &[Value]) {
        for &owner in owners {
            self.release(owner);
        }
    }

    fn retain(&mut self, owner: Value) {
        self.unless_null(owner, externals::RETAIN);
    }

    fn release(&mut self, owner: Value) {
        self.unless_null(owner, externals::RELEASE);
    }

    fn unless_null(&mut self, owner: Value, function: externals::External) {
        let ll = self.ll;
        let some = self.new_block("owned");
        let after = self.new_block("counted");
        ll.cond_br(ll.icmp(Cmp::LLVMIntNE, owner, ll.zero(ll.ptr)), some, after);
        ll.at(some);
        ll.call(self.m.external(function), &[owner]);
        ll.br(after);
        ll.at(after);
    }
}
