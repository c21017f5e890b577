//! Barriers, fences, `single` with `copyprivate`, `critical`.

use llvm_sys::LLVMAtomicOrdering;
use omply_ir::{Block, Inst, MemoryOrder, SlotId, ValueId, WatchEvent};

use crate::CodegenError;
use crate::llvm::Cmp;

use super::externals;
use super::func::FuncLower;
use super::layout::{Leaves, leaves_of, memory_struct};

impl<'a> FuncLower<'a> {
    pub fn barrier(&mut self) -> Result<(), CodegenError> {
        if let Some(device) = self.m.device {
            self.step(device);
            return Ok(());
        }
        let gtid = self.gtid();
        let answer = self.ll.call(self.m.external(externals::BARRIER), &[gtid]);
        self.leave_cancelled_if(answer);
        Ok(())
    }

    pub fn warn(&mut self, text: &str) -> Result<(), CodegenError> {
        let text = self.ll.text(text);
        let (nowhere, warning) = (self.ll.zero(self.ll.ptr), self.ll.int(self.ll.i32, 1));
        self.ll
            .call(self.m.external(externals::ERROR), &[nowhere, warning, text]);
        Ok(())
    }

    pub fn watch(
        &mut self,
        inst: &Inst,
        event: WatchEvent,
        region: Option<ValueId>,
        what: &str,
        place: &str,
    ) -> Result<(), CodegenError> {
        let handle = match region {
            Some(region) => self.value(region)?,
            None => self.ll.int(self.ll.i64, 0),
        };
        let event = match event {
            WatchEvent::Begins => 0,
            WatchEvent::Enters => 1,
            WatchEvent::Meets => 2,
            WatchEvent::Ends => 3,
        };
        let event = self.ll.int(self.ll.i32, event);
        let (what, place) = (self.ll.text(what), self.ll.text(place));
        let number = self.ll.call(
            self.m.external(externals::CHECK),
            &[event, handle, what, place],
        );
        self.define_result(inst, [number]);
        Ok(())
    }

    pub fn flush(&mut self, order: MemoryOrder) -> Result<(), CodegenError> {
        self.ll.fence(match order {
            // A flush without a clause is the strongest; there is no relaxed fence.
            MemoryOrder::Relaxed | MemoryOrder::SeqCst => {
                LLVMAtomicOrdering::LLVMAtomicOrderingSequentiallyConsistent
            }
            MemoryOrder::Acquire => LLVMAtomicOrdering::LLVMAtomicOrderingAcquire,
            MemoryOrder::Release => LLVMAtomicOrdering::LLVMAtomicOrderingRelease,
            MemoryOrder::AcqRel => LLVMAtomicOrdering::LLVMAtomicOrderingAcquireRelease,
        });
        Ok(())
    }

    pub fn single(&mut self, inst: &Inst, body: &'a Block) -> Result<(), CodegenError> {
        let ll = self.ll;
        let gtid = self.gtid();
        let answer = ll.call(self.m.external(externals::SINGLE), &[gtid]);
        let ours = ll.icmp(Cmp::LLVMIntNE, answer, ll.c32(0));
        let (then, after) = (self.new_block("single"), self.new_block("after"));
        ll.cond_br(ours, then, after);
        ll.at(then);
        self.block(body)?;
        if !ll.terminated() {
            ll.br(after);
        }
        ll.at(after);
        self.define_result(inst, [ours]);
        Ok(())
    }

    /// The executing thread shows where its variables are; the others copy, and a barrier lets it go on.
    pub fn copy_private(
        &mut self,
        executed: ValueId,
        slots: &[SlotId],
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let executed = self.value(executed)?;
        let gtid = self.gtid();
        let list_type = ll.array_type(ll.ptr, slots.len().max(1) as u64);
        let list = self.stack(list_type, 8);
        let given = self.stack(ll.ptr, 8);
        for (index, &slot) in slots.iter().enumerate() {
            let address = self.slot_address(slot)?;
            ll.store(address, ll.offset(ll.ptr, list, ll.c64(index as i64)));
        }
        let mine = ll.select(executed, list, ll.zero(ll.ptr));
        let answer = ll.call(self.m.external(externals::BROADCAST), &[gtid, mine, given]);
        self.leave_cancelled_if(answer);

        let (copy, after) = (self.new_block("copy"), self.new_block("copied"));
        ll.cond_br(executed, after, copy);
        ll.at(copy);
        let theirs = ll.load(ll.ptr, given);
        for (index, &slot) in slots.iter().enumerate() {
            let ty = self.slot_type(slot);
            let layout = memory_struct(ll, ty);
            let source = ll.load(ll.ptr, ll.offset(ll.ptr, theirs, ll.c64(index as i64)));
            let leaves: Leaves = leaves_of(ty)
                .into_iter()
                .enumerate()
                .map(|(place, leaf)| {
                    let value = ll.load(leaf.memory_type(ll), ll.field(layout, source, place));
                    self.loaded(leaf, value)
                })
                .collect();
            self.assign(slot, &leaves)?;
        }
        ll.br(after);
        ll.at(after);
        self.barrier()
    }

    pub fn critical(&mut self, name: &str, body: &'a Block) -> Result<(), CodegenError> {
        if let Some(device) = self.m.device {
            return self.device_critical(device, name, body);
        }
        let ll = self.ll;
        let lock = ll.external_global(&format!("{}{name}", externals::CRITICAL_PREFIX));
        let gtid = self.gtid();
        let answer = ll.call(self.m.external(externals::CRITICAL_ENTER), &[gtid, lock]);
        self.leave_cancelled_if(answer);
        self.scope(body, externals::CRITICAL_EXIT, &[gtid, lock])?;
        Ok(())
    }
}
