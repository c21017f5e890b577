//! Branches, calls and the ways out of a function. A region that must be left in order (critical, ordered) is a *scope*: a
//! path that fails inside it goes through the scope's own unwinding block, which releases it and goes on outward.

use omply_ir::{Block, FuncId, Inst, LoopVersion, Op, ValueId};

use crate::CodegenError;
use crate::llvm::{Bb, Cmp, Value};

use super::externals::External;
use super::func::FuncLower;
use super::layout::Leaves;

/// Where `Break` and `Continue` go.
pub struct LoopTargets {
    pub on_break: Bb,
    pub on_continue: Bb,
    /// How many scopes were open where the loop began.
    pub scopes: usize,
}

/// A region that has to be left by a call.
pub struct Scope {
    /// Made when the first failing path needs it.
    unwind: Option<Bb>,
    release: (External, Vec<Value>),
}

impl<'a> FuncLower<'a> {
    pub fn if_(
        &mut self,
        cond: ValueId,
        then: &'a Block,
        els: &'a Block,
    ) -> Result<(), CodegenError> {
        let cond = self.value(cond)?;
        let (then_bb, after) = (self.new_block("then"), self.new_block("after"));
        let els_bb = if els.insts.is_empty() {
            after
        } else {
            self.new_block("else")
        };
        let branch = self.ll.cond_br(cond, then_bb, els_bb);
        // A loop whose checks were taken out runs unless they fail.
        if has_checked_loop(els) && !has_checked_loop(then) {
            self.ll.weigh(branch, true);
        }
        self.ll.at(then_bb);
        self.conditions += 1;
        self.block(then)?;
        if !self.ll.terminated() {
            self.ll.br(after);
        }
        if els_bb != after {
            self.ll.at(els_bb);
            self.block(els)?;
            if !self.ll.terminated() {
                self.ll.br(after);
            }
        }
        self.conditions -= 1;
        self.ll.at(after);
        Ok(())
    }

    pub fn return_(&mut self, value: Option<ValueId>) -> Result<(), CodegenError> {
        if let Some(value) = value {
            let leaves = self.leaves(value)?;
            self.retain_result(&leaves);
            for (&(_, place), leaf) in self.results.iter().zip(leaves) {
                self.ll.store(leaf, place);
            }
        }
        let out = self.way_out();
        self.ll.br(out);
        Ok(())
    }

    pub fn call(
        &mut self,
        inst: &Inst,
        func: FuncId,
        args: &[ValueId],
    ) -> Result<(), CodegenError> {
        let callee = self.m.funcs[func.index()];
        let mut values = Leaves::new();
        for &arg in args {
            values.extend(self.leaves(arg)?);
        }
        if let Some(value) = self.call_deferred(func, &values) {
            self.define_result(inst, value);
            return Ok(());
        }
        self.push_hidden(callee.hidden, &mut values);
        let result = self.ll.call((callee.ty, callee.function), &values);
        if self.m.device.is_none() {
            self.ll.set_fast_call(result);
        }
        let status = self.ll.extract(result, 0);
        self.leave_if_failed(status);
        if let Some(&defined) = inst.results.first() {
            let ty = self.ty(defined);
            let leaves: Leaves = (1..=super::layout::leaf_count(ty))
                .map(|index| self.ll.extract(result, index))
                .collect();
            self.hold_value(ty, &leaves);
            self.define(defined, leaves);
        }
        Ok(())
    }

    // ---- ways out ----------------------------------------------------------------------------------------------

    /// Where a path that leaves the function goes from here.
    pub fn way_out(&mut self) -> Bb {
        let Some(scope) = self.scopes.last() else {
            return self.steps.escape().unwrap_or(self.exit);
        };
        if let Some(unwind) = scope.unwind {
            return unwind;
        }
        let unwind = self.new_block("unwind");
        if let Some(scope) = self.scopes.last_mut() {
            scope.unwind = Some(unwind);
        }
        unwind
    }

    /// Leaves the function with `status`.
    pub fn leave_with(&mut self, status: Value) {
        self.ll.store(status, self.status);
        let out = self.way_out();
        self.ll.br(out);
    }

    /// Leaves the function with `status` unless that is 0.
    pub fn leave_if_failed(&mut self, status: Value) {
        let failed = self.ll.icmp(Cmp::LLVMIntNE, status, self.ll.c32(0));
        self.rarely(failed, |this| this.leave_with(status));
    }

    /// Goes aside into code that leaves the function when `cond` holds, which is seldom.
    pub fn rarely(&mut self, cond: Value, aside: impl FnOnce(&mut Self)) {
        let (cold, after) = (self.new_block("cold"), self.new_block("after"));
        let branch = self.ll.cond_br(cond, cold, after);
        self.ll.weigh(branch, false);
        self.ll.at(cold);
        aside(self);
        self.ll.at(after);
    }

    // ---- scopes ------------------------------------------------------------------------------------------------

    /// Translates a block that is left by calling `release`, however it is left. Gives what that answers where control goes on.
    pub fn scope(
        &mut self,
        body: &'a Block,
        release: External,
        args: &[Value],
    ) -> Result<Option<Value>, CodegenError> {
        self.open_scope(release, args);
        self.block(body)?;
        Ok(self.close_scope())
    }

    pub fn open_scope(&mut self, release: External, args: &[Value]) {
        self.scopes.push(Scope {
            unwind: None,
            release: (release, args.to_vec()),
        });
    }

    /// Calls what the scopes above the `keep` outermost ones are left by, innermost first.
    pub fn release_scopes(&mut self, keep: usize) {
        for scope in self.scopes[keep..].iter().rev() {
            let (release, args) = &scope.release;
            self.ll.call(self.m.external(*release), args);
        }
    }

    /// Gives what the release answers where control goes on behind the scope.
    pub fn close_scope(&mut self) -> Option<Value> {
        let scope = self.scopes.pop()?;
        let (release, args) = scope.release;
        let function = self.m.external(release);
        let goes_on = !self.ll.terminated();
        let after = self.new_block("released");
        let answer = goes_on.then(|| {
            let answer = self.ll.call(function, &args);
            self.ll.br(after);
            answer
        });
        if let Some(unwind) = scope.unwind {
            self.ll.at(unwind);
            self.ll.call(function, &args);
            let out = self.way_out();
            self.ll.br(out);
        }
        self.ll.at(after);
        answer
    }
}

/// Whether the block runs a clone with checks, which may be cut into strips.
fn has_checked_loop(block: &Block) -> bool {
    block.insts.iter().any(|inst| match &inst.op {
        Op::For { info, .. } => info.version == LoopVersion::Checked,
        Op::While { body, .. } => has_checked_loop(body),
        _ => false,
    })
}
