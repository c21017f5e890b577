//! Checks and raised errors, polling for Ctrl-C, and what an outlined function does with a failure.

use llvm_sys::LLVMAtomicOrdering;
use omply_ir::{SiteId, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Value};
use crate::support::{STATUS_CANCELLED, STATUS_INTERRUPTED, STATUS_RAISED};

use super::externals;
use super::func::FuncLower;

impl FuncLower<'_> {
    pub fn check(
        &mut self,
        cond: ValueId,
        site: SiteId,
        args: &[ValueId],
    ) -> Result<(), CodegenError> {
        let cond = self.value(cond)?;
        let failed = self.ll.not(cond);
        if self.defer(site, failed) {
            return Ok(());
        }
        let args = self.message_args(args)?;
        self.rarely(failed, |this| this.raise_at(site.0, &args));
        Ok(())
    }

    pub fn raise(&mut self, site: SiteId, args: &[ValueId]) -> Result<(), CodegenError> {
        let args = self.message_args(args)?;
        self.raise_at(site.0, &args);
        Ok(())
    }

    /// The values of a message, as words.
    fn message_args(&mut self, args: &[ValueId]) -> Result<Vec<Value>, CodegenError> {
        args.iter()
            .map(|&arg| {
                let (scalar, value) = (self.scalar(arg)?, self.value(arg)?);
                Ok(if scalar.is_float() {
                    self.m.word(value, scalar)
                } else {
                    self.ll.int_cast(value, self.ll.i64, scalar.is_signed_int())
                })
            })
            .collect()
    }

    /// Records an error and leaves.
    pub fn raise_at(&mut self, site: u32, args: &[Value]) {
        if self.m.device.is_some() {
            return self.device_raise(site, args);
        }
        let ll = self.ll;
        let cookie = ll.external_global(externals::COOKIE);
        let arg = |index: usize| args.get(index).copied().unwrap_or_else(|| ll.c64(0));
        let raise = self.m.external(externals::RAISE);
        ll.call(
            raise,
            &[cookie, ll.c32(site as i32), arg(0), arg(1), arg(2)],
        );
        self.leave_with(ll.c32(STATUS_RAISED));
    }

    /// Ctrl-C, and in a region also the team's cancellation.
    pub fn poll(&mut self) -> Result<(), CodegenError> {
        let ll = self.ll;
        // A region for a device need not stand in a team.
        if self.f.kind.is_outlined() && self.f.kind != omply_ir::FuncKind::Target {
            self.leave_if_cancelled();
            return Ok(());
        }
        let flag = ll.load(ll.i32, ll.external_global(externals::INTERRUPT_FLAG));
        ll.set_align(flag, 4);
        ll.set_ordering(flag, LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic);
        let (asked, after) = (self.new_block("asked"), self.new_block("after"));
        let branch = ll.cond_br(ll.icmp(Cmp::LLVMIntNE, flag, ll.c32(0)), asked, after);
        ll.weigh(branch, false);
        ll.at(asked);
        // Asked for here, so that the common path does not pay for it.
        let gtid = match self.team[0] {
            Some(gtid) => gtid,
            None => ll.call(
                self.m.external(externals::GLOBAL_THREAD_NUM),
                &[ll.zero(ll.ptr)],
            ),
        };
        let ours = ll.call(self.m.external(externals::POLL), &[gtid]);
        let leaves = self.new_block("interrupted");
        ll.cond_br(ll.icmp(Cmp::LLVMIntNE, ours, ll.c32(0)), leaves, after);
        ll.at(leaves);
        ll.call(self.m.external(externals::INTERRUPTED), &[]);
        self.leave_with(ll.c32(STATUS_INTERRUPTED));
        ll.at(after);
        Ok(())
    }

    /// Leaves the region when the runtime says that it has ended.
    pub fn leave_if_cancelled(&mut self) {
        let gtid = self.gtid();
        let cancelled = self.ll.call(self.m.external(externals::CANCELLED), &[gtid]);
        self.leave_cancelled_if(cancelled);
    }

    /// Leaves the region when a runtime function answered with nonzero.
    pub fn leave_cancelled_if(&mut self, answer: Value) {
        let ended = self.ll.icmp(Cmp::LLVMIntNE, answer, self.ll.c32(0));
        self.rarely(ended, |this| this.leave_with(this.ll.c32(STATUS_CANCELLED)));
    }

    /// In an outlined function's exit: hands this thread's errors to the team.
    pub fn report_failure(&mut self, status: Value) {
        let ll = self.ll;
        let gtid = self.gtid();
        let (failed, after) = (self.new_block("failed"), self.new_block("done"));
        let branch = ll.cond_br(ll.icmp(Cmp::LLVMIntNE, status, ll.c32(0)), failed, after);
        ll.weigh(branch, false);
        ll.at(failed);
        ll.call(self.m.external(externals::THREAD_FAILED), &[gtid, status]);
        ll.br(after);
        ll.at(after);
    }
}
