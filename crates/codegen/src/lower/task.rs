//! Tasks: generating them, waiting for them, groups of them.

use omply_ir::{Block, Depend, Spawn};

use crate::CodegenError;
use crate::llvm::Value;

use super::func::FuncLower;
use super::layout::Leaves;

impl<'a> FuncLower<'a> {
    pub fn spawn(&mut self, spawn: &'a Spawn) -> Result<(), CodegenError> {
        self.retain_captures(&spawn.captures)?;
        let context = self.make_captures(spawn.func, &spawn.captures)?;
        self.run_at_once(spawn, context);
        Ok(())
    }

    /// Runs the task's body here and now.
    fn run_at_once(&mut self, spawn: &Spawn, context: Value) {
        let ll = self.ll;
        let body = self.m.funcs[spawn.func.index()];
        let mut args = Leaves::new();
        args.extend([self.gtid(), context]);
        self.push_hidden(body.hidden, &mut args);
        let status = ll.call((body.ty, body.function), &args);
        ll.set_fast_call(status);
        self.leave_if_failed(status);
    }

    pub fn task_wait(&mut self, _depends: &[Depend]) -> Result<(), CodegenError> {
        Ok(())
    }

    pub fn task_yield(&mut self) -> Result<(), CodegenError> {
        Ok(())
    }

    pub fn task_group(&mut self, body: &'a Block) -> Result<(), CodegenError> {
        self.block(body)
    }
}
