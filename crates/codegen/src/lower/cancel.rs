//! Cancellation: the question to the runtime, and the ways out of a worksharing loop, however deep in it.

use omply_ir::{Block, CancelKind, Inst, ValueId};

use crate::CodegenError;
use crate::llvm::{Bb, Cmp};

use super::externals;
use super::func::FuncLower;

/// What `LeaveLoop` leaves.
pub struct Leavable {
    after: Bb,
    /// How many scopes were open where it began.
    scopes: usize,
}

impl<'a> FuncLower<'a> {
    pub fn cancel(
        &mut self,
        inst: &Inst,
        kind: CancelKind,
        activate: Option<ValueId>,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        // The numbers that Clang's ABI gives the kinds.
        let kind = match kind {
            CancelKind::Parallel => 1,
            CancelKind::For => 2,
            CancelKind::Sections => 3,
            CancelKind::Taskgroup => 4,
        };
        let activate = match activate {
            Some(condition) => ll.int_cast(self.value(condition)?, ll.i32, false),
            None => ll.c32(0),
        };
        let gtid = self.gtid();
        let answer = ll.call(
            self.m.external(externals::CANCEL),
            &[gtid, ll.c32(kind), activate],
        );
        let leave = ll.icmp(Cmp::LLVMIntNE, answer, ll.c32(0));
        self.define_result(inst, [leave]);
        Ok(())
    }

    pub fn leavable(&mut self, body: &'a Block) -> Result<(), CodegenError> {
        let after = self.new_block("left");
        self.leavables.push(Leavable {
            after,
            scopes: self.scopes.len(),
        });
        self.block(body)?;
        self.leavables.pop();
        if !self.ll.terminated() {
            self.ll.br(after);
        }
        self.ll.at(after);
        Ok(())
    }

    pub fn leave_worksharing(&mut self) -> Result<(), CodegenError> {
        let Some(&Leavable { after, scopes }) = self.leavables.last() else {
            return Err(self.error("the loop to be left is not there"));
        };
        self.release_scopes(scopes);
        self.ll.br(after);
        Ok(())
    }
}
