//! Failing checks. The first thread that fails writes the launch's error record. Code that meets no barrier is then simply left. In
//! code that does, a failing thread leaves the instruction at hand only, with zeros for its results; before the team takes its next
//! step together (a barrier, a branch or loop around one), its threads ask each other whether one has failed, and all leave.

use llvm_sys::LLVMAtomicOrdering;
use omply_ir::{Block, FuncKind, IndexCheck, Init, Inst, Module, Op, Place};

use crate::CodegenError;
use crate::llvm::{Bb, Cmp, Ty, Value};
use crate::support::STATUS_RAISED;

use super::super::func::FuncLower;
use super::super::layout::{Leaves, leaves_of};
use super::{Device, GLOBAL, Kind};

/// Where in the error record things are, in bytes; `devices.md` of the documentation shows it whole.
const RECORD_SITE: i64 = 4;
const RECORD_ARGS: i64 = 8;
const ARGS: usize = 3;

#[derive(Default)]
pub struct Steps {
    /// The address of the error record.
    record: Option<Value>,
    /// Where failing paths go, if not to the function's exit.
    escapes: Vec<Bb>,
    /// The function meets barriers.
    meets: bool,
    /// Some thread may have failed since the team last asked.
    pending: bool,
    /// How many conditions and loops stand around that threads need not enter together.
    pub apart: usize,
}

impl Steps {
    pub fn escape(&self) -> Option<Bb> {
        self.escapes.last().copied()
    }

    /// The address of the error record; each function receives it.
    pub fn record(&self) -> Value {
        self.record.unwrap_or(std::ptr::null_mut())
    }
}

/// Whether the functions of a module meet barriers.
pub fn meeting(module: &Module) -> Vec<bool> {
    let mut meeting = vec![false; module.funcs.len()];
    loop {
        let before = meeting.clone();
        for (meets, func) in meeting.iter_mut().zip(&module.funcs) {
            *meets = block_meets(&func.body, &before);
        }
        if meeting == before {
            return meeting;
        }
    }
}

fn block_meets(block: &Block, meeting: &[bool]) -> bool {
    block.any(&|inst| match &inst.op {
        Op::Barrier | Op::Reduce { .. } => true,
        Op::Call { func, .. } => meeting[func.index()],
        _ => false,
    })
}

fn inst_meets(inst: &Inst, meeting: &[bool]) -> bool {
    let mut meets = match &inst.op {
        Op::Barrier | Op::Reduce { .. } => true,
        Op::Call { func, .. } => meeting[func.index()],
        _ => false,
    };
    inst.op
        .for_each_block(&mut |block| meets |= block_meets(block, meeting));
    meets
}

fn may_fail(inst: &Inst) -> bool {
    let fails = |inst: &Inst| match &inst.op {
        Op::Check { .. } | Op::Raise { .. } | Op::Call { .. } | Op::ArrayCopy { .. } => true,
        Op::Alloc { init, .. } => *init != Init::Team,
        Op::Load { check, .. } | Op::Store { check, .. } | Op::View { check, .. } => {
            matches!(check, IndexCheck::Python(_))
        }
        op => matches!(
            op.place(),
            Some(Place::Element {
                check: IndexCheck::Python(_),
                ..
            })
        ),
    };
    let mut found = fails(inst);
    inst.op
        .for_each_block(&mut |block| found = found || block.any(&fails));
    found
}

impl<'a> FuncLower<'a> {
    /// At the start of a function.
    pub fn begin_device(&mut self) {
        let last = match self.f.kind {
            FuncKind::Target => {
                let last = self.ll.param_count(self.llvm.function) - 1;
                let word = self.ll.param(self.llvm.function, last);
                self.global_address(word)
            }
            _ => self.ll.param(self.llvm.function, self.own_params()),
        };
        self.steps.record = Some(last);
        self.steps.meets = self.m.meeting[self.index];
    }

    /// Translates an instruction with what its failure means here.
    pub fn device_inst(&mut self, inst: &'a Inst) -> Result<(), CodegenError> {
        if !self.steps.meets || self.steps.apart > 0 {
            return self.inst(inst);
        }
        let Some(device) = self.m.device else {
            return self.inst(inst);
        };
        if inst_meets(inst, &self.m.meeting) {
            if self.steps.pending && !matches!(inst.op, Op::Barrier) {
                self.step(device);
            }
            if matches!(inst.op, Op::Call { .. }) {
                return self.contained(inst);
            }
            return self.inst(inst);
        }
        if inst.op.is_terminator() {
            if self.steps.pending && !matches!(inst.op, Op::Return { .. } | Op::Raise { .. }) {
                self.step(device);
            }
            return self.inst(inst);
        }
        if may_fail(inst) {
            return self.contained(inst);
        }
        self.apart(inst)
    }

    /// Failing paths of `body` go to `escape`.
    pub fn escape_to(
        &mut self,
        escape: Bb,
        body: impl FnOnce(&mut Self) -> Result<(), CodegenError>,
    ) -> Result<(), CodegenError> {
        self.steps.escapes.push(escape);
        let done = body(self);
        self.steps.escapes.pop();
        done
    }

    fn apart(&mut self, inst: &'a Inst) -> Result<(), CodegenError> {
        self.steps.apart += 1;
        let done = self.inst(inst);
        self.steps.apart -= 1;
        done
    }

    /// The end of a block whose instructions threads take together: what they have to tell each other, they tell here.
    pub fn end_of_steps(&mut self) {
        if let Some(device) = self.m.device
            && self.steps.meets
            && self.steps.apart == 0
            && self.steps.pending
            && self.open_blocks.len() > 1
            && !self.ll.terminated()
        {
            self.step(device);
        }
    }

    /// An instruction that is left, when it fails, for the next one.
    fn contained(&mut self, inst: &'a Inst) -> Result<(), CodegenError> {
        let ll = self.ll;
        let escape = self.new_block("failed");
        let places: Vec<Vec<(Ty, Value)>> = inst
            .results
            .iter()
            .map(|&result| {
                leaves_of(self.ty(result))
                    .into_iter()
                    .map(|leaf| {
                        let ty = leaf.ty(ll);
                        let place = self.stack(ty, 0);
                        (ty, place)
                    })
                    .collect()
            })
            .collect();
        // Here and not in the entry block: an earlier iteration may have left something.
        for &(ty, place) in places.iter().flatten() {
            ll.store(ll.zero(ty), place);
        }
        if self.steps.pending {
            let go = self.new_block("go");
            let status = ll.load(ll.i32, self.status);
            ll.cond_br(ll.icmp(Cmp::LLVMIntEQ, status, ll.c32(0)), go, escape);
            ll.at(go);
        }
        self.escape_to(escape, |this| this.apart(inst))?;
        if !ll.terminated() {
            for (&result, places) in inst.results.iter().zip(&places) {
                let leaves = self.leaves(result)?;
                for (leaf, &(_, place)) in leaves.iter().zip(places) {
                    ll.store(*leaf, place);
                }
            }
            ll.br(escape);
        }
        ll.at(escape);
        for (&result, places) in inst.results.iter().zip(&places) {
            let leaves: Leaves = places
                .iter()
                .map(|&(ty, place)| ll.load(ty, place))
                .collect();
            self.define(result, leaves);
        }
        self.steps.pending = true;
        Ok(())
    }

    /// A barrier, at which the team leaves if one of its threads has failed.
    pub fn step(&mut self, device: Device) {
        if !self.steps.pending {
            return self.hardware_barrier(device);
        }
        self.steps.pending = false;
        let ll = self.ll;
        let status = ll.load(ll.i32, self.status);
        let failed = ll.icmp(Cmp::LLVMIntNE, status, ll.c32(0));
        let any = if device.kind == Kind::Nvptx {
            let ask = ll.intrinsic("llvm.nvvm.barrier.cta.red.or.aligned.all", &[]);
            ll.call(ask, &[ll.c32(0), failed])
        } else {
            // The flag is set for good, so that it need not be cleared; but nobody may set it before all have read it.
            let flag = self.flag();
            let (set, after) = (self.new_block("set"), self.new_block("ask"));
            ll.cond_br(failed, set, after);
            ll.at(set);
            ll.store(ll.c32(1), flag);
            ll.br(after);
            ll.at(after);
            self.hardware_barrier(device);
            let any = ll.load(ll.i32, flag);
            self.hardware_barrier(device);
            ll.icmp(Cmp::LLVMIntNE, any, ll.c32(0))
        };
        let exit = self.exit;
        self.rarely(any, |this| {
            ll.store(ll.c32(STATUS_RAISED), this.status);
            ll.br(exit);
        });
    }

    fn flag(&mut self) -> Value {
        let flag = self.m.flag.get();
        let flag = flag.unwrap_or_else(|| {
            let flag = self
                .ll
                .global_in("omply.failed", self.ll.i32, 4, super::TEAM, false);
            self.m.flag.set(Some(flag));
            flag
        });
        self.at_entry(|this| this.ll.generic(flag))
    }

    /// In the kernel, before anything else: nobody has failed.
    pub fn clear_flag(&mut self) {
        let Some(device) = self.m.device else { return };
        if self.f.kind != FuncKind::Target || !self.m.asks || device.kind == Kind::Nvptx {
            return;
        }
        let ll = self.ll;
        let flag = self.flag();
        let first = self.is_first_thread(device);
        let (clear, after) = (self.new_block("clear"), self.new_block("start"));
        ll.cond_br(first, clear, after);
        ll.at(clear);
        ll.store(ll.c32(0), flag);
        ll.br(after);
        ll.at(after);
        self.hardware_barrier(device);
    }

    /// Writes the error record, if no other thread has, and leaves.
    pub fn device_raise(&mut self, site: u32, args: &[Value]) {
        let ll = self.ll;
        let record = self.steps.record();
        let mut values = vec![record, ll.c32(site as i32)];
        values.extend((0..ARGS).map(|index| args.get(index).copied().unwrap_or(ll.c64(0))));
        let fail = self.fail_function();
        ll.call(fail, &values);
        self.leave_with(ll.c32(STATUS_RAISED));
    }

    /// `fail(record, site, arg, arg, arg)`.
    fn fail_function(&mut self) -> (Ty, Value) {
        let ll = self.ll;
        if let Some(known) = self.m.fail.get() {
            return known;
        }
        let mut params = vec![ll.ptr, ll.i32];
        params.extend([ll.i64; ARGS]);
        let ty = ll.fn_type(ll.void, &params);
        let function = ll.add_function("omply.fail", ty);
        ll.make_internal(function, false);
        ll.mark(function, "noinline");
        ll.mark(function, "cold");
        ll.mark(function, "nounwind");
        let here = ll.here();
        ll.at(ll.block(function, "entry"));
        // The record is in global memory, which a callee does not see otherwise.
        let record = ll.in_space(ll.param(function, 0), GLOBAL);
        let relaxed = LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic;
        let pair = ll.cmpxchg(
            record,
            ll.c32(0),
            ll.c32(STATUS_RAISED),
            relaxed,
            relaxed,
            false,
        );
        let (first, after) = (ll.block(function, "first"), ll.block(function, "after"));
        ll.cond_br(ll.extract(pair, 1), first, after);
        ll.at(first);
        let place = |offset: i64| ll.offset(ll.i8, record, ll.c64(offset));
        ll.store(ll.param(function, 1), place(RECORD_SITE));
        for index in 0..ARGS {
            let store = ll.store(
                ll.param(function, 2 + index),
                place(RECORD_ARGS + 8 * index as i64),
            );
            ll.set_align(store, 8);
        }
        ll.br(after);
        ll.at(after);
        ll.ret_void();
        ll.at(here);
        self.m.fail.set(Some((ty, function)));
        (ty, function)
    }
}
