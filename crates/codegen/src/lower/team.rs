//! Forking a team or a league, and who the current thread is.

use omply_ir::{Capture, CaptureBy, FuncId, LeagueClauses, ProcBind, Storage, Type, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Ty, Value};

use super::ModuleLower;
use super::externals;
use super::func::FuncLower;
use super::layout::leaves_of;

impl ModuleLower<'_> {
    /// The fields that one capture takes in the struct that a region receives.
    pub fn capture_fields(&self, ty: &Type, by_reference: bool, fields: &mut Vec<Ty>) {
        if by_reference {
            fields.push(self.ll.ptr);
        } else {
            fields.extend(
                leaves_of(ty)
                    .into_iter()
                    .map(|leaf| leaf.memory_type(&self.ll)),
            );
        }
    }
}

impl FuncLower<'_> {
    pub fn fork(
        &mut self,
        func: FuncId,
        captures: &[Capture],
        num_threads: Option<ValueId>,
        if_: Option<ValueId>,
        proc_bind: Option<ProcBind>,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let ty = self.captures_of(func, captures)?;
        let context = self.stack(ty, 16);
        self.fill_captures(func, captures, ty, context)?;
        let threads = match num_threads {
            // Below 1 is an error that the runtime reports; 0 would mean "not given" to it.
            Some(value) => {
                let value = self.value(value)?;
                let most = ll.call_intrinsic("llvm.smin", &[value, ll.c64(i32::MAX.into())]);
                let invalid = ll.icmp(Cmp::LLVMIntSLT, most, ll.c64(1));
                ll.int_cast(ll.select(invalid, ll.c64(-1), most), ll.i32, true)
            }
            None => ll.c32(0),
        };
        let cond = match if_ {
            Some(value) => ll.int_cast(self.value(value)?, ll.i32, false),
            None => ll.c32(1),
        };
        let bind = ll.c32(match proc_bind {
            None => -1,
            Some(ProcBind::Primary) => 2,
            Some(ProcBind::Close) => 3,
            Some(ProcBind::Spread) => 4,
        });
        let task = self.m.funcs[func.index()].function;
        let args = [ll.zero(ll.ptr), task, context, threads, bind, cond];
        let status = ll.call(self.m.external(externals::FORK), &args);
        self.leave_failed_region(status);
        Ok(())
    }

    /// The counts are positive: that has been checked.
    pub fn fork_teams(
        &mut self,
        func: FuncId,
        captures: &[Capture],
        clauses: &LeagueClauses,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let ty = self.captures_of(func, captures)?;
        let context = self.stack(ty, 16);
        self.fill_captures(func, captures, ty, context)?;
        let mut counts = [ll.c32(0); 3];
        for (count, value) in
            counts
                .iter_mut()
                .zip([clauses.lower, clauses.upper, clauses.thread_limit])
        {
            if let Some(value) = value {
                let value = self.value(value)?;
                let most = ll.call_intrinsic("llvm.smin", &[value, ll.c64(i32::MAX.into())]);
                *count = ll.int_cast(most, ll.i32, true);
            }
        }
        let cond = match clauses.if_ {
            Some(value) => ll.int_cast(self.value(value)?, ll.i32, false),
            None => ll.c32(1),
        };
        let task = self.m.funcs[func.index()].function;
        let [lower, upper, limit] = counts;
        let args = [ll.zero(ll.ptr), task, context, lower, upper, limit, cond];
        let status = ll.call(self.m.external(externals::TEAMS), &args);
        self.leave_failed_region(status);
        Ok(())
    }

    fn leave_failed_region(&mut self, status: Value) {
        let ll = self.ll;
        let failed = ll.icmp(Cmp::LLVMIntNE, status, ll.c32(0));
        self.rarely(failed, |this| {
            let cookie = ll.external_global(externals::COOKIE);
            let status = ll.call(this.m.external(externals::REGION_FAILED), &[cookie, status]);
            this.leave_with(status);
        });
    }

    /// The type of the struct that takes captures.
    pub fn captures_of(&self, func: FuncId, captures: &[Capture]) -> Result<Ty, CodegenError> {
        let outlined = &self.m.module.funcs[func.index()];
        let mut fields = Vec::new();
        for (capture, param) in captures.iter().zip(&outlined.params) {
            let by_reference = outlined.slots[param.index()].storage == Storage::Reference;
            if by_reference != (capture.by == CaptureBy::Reference) {
                return Err(self.error(format!("a capture that {} takes otherwise", outlined.name)));
            }
            self.m
                .capture_fields(self.slot_type(capture.slot), by_reference, &mut fields);
        }
        if self.m.funcs[func.index()].hidden.limit {
            fields.extend([self.ll.i64, self.ll.i32]);
        }
        Ok(self.ll.struct_type(&fields))
    }

    /// Fills the struct of captures: with copies, or the addresses of variables.
    pub fn fill_captures(
        &mut self,
        func: FuncId,
        captures: &[Capture],
        ty: Ty,
        context: Value,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let mut field = 0;
        let mut put = |value: Value| {
            let store = ll.store(value, ll.field(ty, context, field));
            self.m.tbaa.captures(ll, store);
            field += 1;
        };
        let mut all = Vec::new();
        for capture in captures {
            match capture.by {
                CaptureBy::Reference => all.push(self.slot_address(capture.slot)?),
                CaptureBy::Value => {
                    let leaves = self.load_leaves(capture.slot)?;
                    for (leaf, value) in leaves_of(self.slot_type(capture.slot))
                        .into_iter()
                        .zip(leaves)
                    {
                        all.push(self.to_memory(leaf, value));
                    }
                }
            }
        }
        // The thread that generates a task may execute it, too: it need not ask again how far its stack reaches.
        if self.m.funcs[func.index()].hidden.limit {
            all.extend([self.stack_limit(), self.gtid()]);
        }
        all.into_iter().for_each(&mut put);
        Ok(())
    }

    /// The thread's number in the whole process, which the runtime's functions want.
    pub fn gtid(&mut self) -> Value {
        self.team_value(0, externals::GLOBAL_THREAD_NUM)
    }

    /// Thread number in the innermost team, I64.
    pub fn thread_num(&mut self) -> Value {
        if let Some(device) = self.m.device {
            return self.device_thread_num(device);
        }
        let number = self.team_value(1, externals::THREAD_NUM);
        self.ll.int_cast(number, self.ll.i64, false)
    }

    /// Team size, I64.
    pub fn team_size(&mut self) -> Value {
        if let Some(device) = self.m.device {
            return self.device_team_size(device);
        }
        let size = self.team_value(2, externals::NUM_THREADS);
        self.ll.int_cast(size, self.ll.i64, false)
    }

    /// A parameter of outlined functions; elsewhere the runtime is asked once.
    fn team_value(&mut self, index: usize, ask: externals::External) -> Value {
        if let Some(value) = self.team[index] {
            return value;
        }
        let value = self.at_entry(|this| {
            let args = vec![this.ll.zero(this.ll.ptr); ask.params.len()];
            this.ll.call(this.m.external(ask), &args)
        });
        self.team[index] = Some(value);
        value
    }
}
