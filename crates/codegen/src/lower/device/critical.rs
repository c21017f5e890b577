//! Critical regions and locks. Threads of one warp cannot wait for each other in a loop, so the threads of a team take turns; the
//! lock keeps the teams apart.

use llvm_sys::{LLVMAtomicOrdering, LLVMAtomicRMWBinOp};
use omply_ir::Block;

use crate::CodegenError;
use crate::llvm::{Cmp, Value};

use super::super::func::FuncLower;
use super::Device;

impl<'a> FuncLower<'a> {
    pub fn device_critical(
        &mut self,
        device: Device,
        name: &str,
        body: &'a Block,
    ) -> Result<(), CodegenError> {
        let lock = self.lock(&format!("omply.critical.{name}"));
        let after = self.new_block("out");
        self.in_turn(device, lock, |this| {
            this.escape_to(after, |this| {
                this.block(body)?;
                if !this.ll.terminated() {
                    this.ll.br(after);
                }
                Ok(())
            })?;
            this.ll.at(after);
            Ok(())
        })?;
        let status = self.ll.load(self.ll.i32, self.status);
        self.leave_if_failed(status);
        Ok(())
    }

    /// Each thread of the team that comes here runs `body`, one after another, holding the lock.
    pub fn in_turn(
        &mut self,
        device: Device,
        lock: Value,
        body: impl FnOnce(&mut Self) -> Result<(), CodegenError>,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let me = self.device_thread_num(device);
        let size = self.device_team_size(device);
        let [head, turn, try_, inside, next, after] =
            ["turns", "turn", "try", "inside", "next", "after"].map(|name| self.new_block(name));
        let before = ll.here();
        ll.br(head);
        ll.at(head);
        let whose = ll.phi(ll.i64, &[(ll.c64(0), before)]);
        ll.cond_br(ll.icmp(Cmp::LLVMIntULT, whose, size), turn, after);
        ll.at(turn);
        ll.cond_br(ll.icmp(Cmp::LLVMIntEQ, whose, me), try_, next);
        ll.at(try_);
        let pair = ll.cmpxchg(
            lock,
            ll.c32(0),
            ll.c32(1),
            LLVMAtomicOrdering::LLVMAtomicOrderingAcquire,
            LLVMAtomicOrdering::LLVMAtomicOrderingMonotonic,
            false,
        );
        ll.cond_br(ll.extract(pair, 1), inside, try_);
        ll.at(inside);
        body(self)?;
        ll.atomic_rmw(
            LLVMAtomicRMWBinOp::LLVMAtomicRMWBinOpXchg,
            lock,
            ll.c32(0),
            LLVMAtomicOrdering::LLVMAtomicOrderingRelease,
        );
        ll.br(next);
        ll.at(next);
        ll.add_incoming(whose, &[(ll.add(whose, ll.c64(1)), next)]);
        ll.br(head);
        ll.at(after);
        Ok(())
    }
}
