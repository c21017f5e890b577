//! Numbers of threads and teams, barriers, memory of a team.

use omply_ir::{Inst, Routine, SlotId};

use llvm_sys::LLVMAtomicOrdering;

use crate::CodegenError;
use crate::llvm::{Op2, Ty, Value};

use super::super::func::FuncLower;
use super::super::layout::memory_struct;
use super::{Device, Kind, TEAM};

/// What the hardware knows about the current thread.
#[derive(Clone, Copy)]
enum Register {
    Thread,
    TeamSize,
    Team,
    Teams,
}

impl FuncLower<'_> {
    pub fn device_thread_num(&mut self, device: Device) -> Value {
        let number = self.cached(1, device, Register::Thread);
        self.ll.int_cast(number, self.ll.i64, false)
    }

    pub fn device_team_size(&mut self, device: Device) -> Value {
        let size = self.cached(2, device, Register::TeamSize);
        self.ll.int_cast(size, self.ll.i64, false)
    }

    fn cached(&mut self, place: usize, device: Device, register: Register) -> Value {
        if let Some(value) = self.team[place] {
            return value;
        }
        let value = self.at_entry(|this| this.register(device, register));
        self.team[place] = Some(value);
        value
    }

    /// An i32, or an i64 where the device gives one: drivers for processors know their work-item's number through no conversion.
    fn register(&mut self, device: Device, register: Register) -> Value {
        let ll = self.ll;
        match device.kind {
            Kind::Nvptx => {
                let name = match register {
                    Register::Thread => "llvm.nvvm.read.ptx.sreg.tid.x",
                    Register::TeamSize => "llvm.nvvm.read.ptx.sreg.ntid.x",
                    Register::Team => "llvm.nvvm.read.ptx.sreg.ctaid.x",
                    Register::Teams => "llvm.nvvm.read.ptx.sreg.nctaid.x",
                };
                ll.call(ll.intrinsic(name, &[]), &[])
            }
            Kind::Amdgpu => match register {
                Register::Thread => ll.call(ll.intrinsic("llvm.amdgcn.workitem.id.x", &[]), &[]),
                Register::Team => ll.call(ll.intrinsic("llvm.amdgcn.workgroup.id.x", &[]), &[]),
                // The hidden arguments of code objects of version 5 and 6: `block_count_x`, `group_size_x`.
                Register::Teams => self.hidden_argument(0, ll.i32),
                Register::TeamSize => self.hidden_argument(12, ll.i16),
            },
            Kind::Spirv => {
                let name = match register {
                    Register::Thread => "_Z12get_local_idj",
                    Register::TeamSize => "_Z14get_local_sizej",
                    Register::Team => "_Z12get_group_idj",
                    Register::Teams => "_Z14get_num_groupsj",
                };
                let function = self.m.library_function(name, ll.i64, &[ll.i32]);
                let value = ll.call(function, &[ll.c32(0)]);
                ll.range_below(value, 1 << 32);
                value
            }
        }
    }

    fn hidden_argument(&mut self, offset: i64, ty: Ty) -> Value {
        let ll = self.ll;
        let base = ll.call(ll.intrinsic("llvm.amdgcn.implicitarg.ptr", &[]), &[]);
        let value = ll.load(ty, ll.offset(ll.i8, base, ll.c64(offset)));
        ll.int_cast(value, ll.i32, false)
    }

    /// All threads of the team come here before any goes on, and see what the others have written.
    pub fn hardware_barrier(&mut self, device: Device) {
        let ll = self.ll;
        match device.kind {
            Kind::Nvptx => {
                let barrier = ll.intrinsic("llvm.nvvm.barrier.cta.sync.aligned.all", &[]);
                ll.call(barrier, &[ll.c32(0)]);
            }
            Kind::Amdgpu => {
                ll.fence_of("workgroup", LLVMAtomicOrdering::LLVMAtomicOrderingRelease);
                ll.call(ll.intrinsic("llvm.amdgcn.s.barrier", &[]), &[]);
                ll.fence_of("workgroup", LLVMAtomicOrdering::LLVMAtomicOrderingAcquire);
            }
            Kind::Spirv => {
                // Of local and of global memory.
                let flags = ll.c32(3);
                let function = self.m.device_library("_Z7barrierj", ll.void, &[ll.i32]);
                ll.call(function, &[flags]);
            }
        }
    }

    /// Memory that the team's threads share.
    pub fn team_memory(&mut self, ty: Ty, align: u32) -> Value {
        self.at_entry(|this| {
            let global = this.ll.global_in("omply.team", ty, align, TEAM, false);
            this.ll.generic(global)
        })
    }

    pub fn team_slot(&mut self, slot: SlotId) -> Value {
        let layout = memory_struct(self.ll, self.slot_type(slot));
        let place = self.team_memory(layout, 16);
        self.slots[slot.index()] = Some(place);
        place
    }

    pub fn device_routine(
        &mut self,
        device: Device,
        inst: &Inst,
        routine: Routine,
    ) -> Result<(), CodegenError> {
        let register = match routine {
            Routine::GetTeamNum => Register::Team,
            Routine::GetNumTeams => Register::Teams,
            other => return Err(self.error(format!("the routine {other:?} on a device"))),
        };
        let value = self.at_entry(|this| {
            let value = this.register(device, register);
            this.ll.int_cast(value, this.ll.i64, false)
        });
        self.define_result(inst, [value]);
        Ok(())
    }

    /// Whether this is the first thread of its team.
    pub fn is_first_thread(&mut self, device: Device) -> Value {
        let me = self.device_thread_num(device);
        self.ll
            .icmp(crate::llvm::Cmp::LLVMIntEQ, me, self.ll.c64(0))
    }

    /// `value >> 1`, unsigned.
    pub fn half(&self, value: Value) -> Value {
        let one = self.ll.int(self.ll.type_of(value), 1);
        self.ll
            .bin(Op2::LLVMLShr, value, one, crate::llvm::Flags::NONE)
    }
}
