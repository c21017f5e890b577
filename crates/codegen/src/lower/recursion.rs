//! Functions that may call themselves check the stack first, so that endless recursion is an error and no crash. What they
//! would have to ask the runtime for again and again is handed on as hidden parameters behind their own: the lowest address
//! that the thread's stack may reach, and the global thread number where the function, or one that it calls, generates or
//! awaits tasks. Bodies of tasks get their thread number anyway, and the address if they call such functions.

use omply_ir::{FuncKind, Module, Op};

use crate::llvm::{Cmp, Conversion, Value};
use crate::support::SITE_RECURSION;

use super::externals;
use super::func::FuncLower;
use super::layout::Leaves;

/// For each function, whether a chain of calls leads back to it.
pub fn recursive_functions(module: &Module) -> Vec<bool> {
    let count = module.funcs.len();
    let mut calls = vec![vec![false; count]; count];
    for (caller, func) in module.funcs.iter().enumerate() {
        func.body.walk(&mut |inst| match &inst.op {
            Op::Call { func, .. } | Op::Fork { func, .. } | Op::ForkTeams { func, .. } => {
                calls[caller][func.index()] = true;
            }
            Op::Spawn(spawn) => calls[caller][spawn.func.index()] = true,
            Op::Offload(offload) => calls[caller][offload.func.index()] = true,
            _ => {}
        });
    }
    for middle in 0..count {
        let onward = calls[middle].clone();
        for reached in calls.iter_mut().filter(|reached| reached[middle]) {
            for (to, through) in reached.iter_mut().zip(&onward) {
                *to |= through;
            }
        }
    }
    let normal = |index: usize| module.funcs[index].kind == omply_ir::FuncKind::Normal;
    (0..count)
        .map(|index| calls[index][index] && normal(index))
        .collect()
}

/// The hidden parameters of a function.
#[derive(Clone, Copy, Default)]
pub struct Hidden {
    /// The lowest address that the stack may reach.
    pub limit: bool,
    /// The global thread number.
    pub gtid: bool,
}

/// Which functions take which hidden parameters, given which of them may call themselves.
pub fn hidden_params(module: &Module, recursive: &[bool]) -> Vec<Hidden> {
    let mut hidden: Vec<Hidden> = recursive
        .iter()
        .map(|&recursive| Hidden {
            limit: recursive,
            gtid: false,
        })
        .collect();
    loop {
        let mut changed = false;
        for (index, func) in module.funcs.iter().enumerate() {
            let mut wants = Hidden::default();
            func.body.walk(&mut |inst| match &inst.op {
                Op::Spawn(spawn) => {
                    wants.limit |= hidden[spawn.func.index()].limit;
                    wants.gtid = true;
                }
                Op::TaskWait { .. } | Op::TaskGroup { .. } | Op::TaskYield | Op::TaskEvent => {
                    wants.gtid = true
                }
                Op::Call { func, .. } => {
                    wants.limit |= hidden[func.index()].limit;
                    wants.gtid |= hidden[func.index()].gtid;
                }
                _ => {}
            });
            let own = &mut hidden[index];
            let now = Hidden {
                limit: own.limit || wants.limit && func.kind == FuncKind::Task,
                gtid: own.gtid || wants.gtid && recursive[index],
            };
            changed |= now.limit != own.limit || now.gtid != own.gtid;
            *own = now;
        }
        if !changed {
            return hidden;
        }
    }
}

impl FuncLower<'_> {
    /// In the prologue of a recursive function.
    pub fn check_stack(&mut self) {
        if !self.llvm.recursive || self.m.device.is_some() {
            return;
        }
        let ll = self.ll;
        let limit = self.stack_limit();
        let frame = ll.call(ll.intrinsic("llvm.frameaddress", &[ll.ptr]), &[ll.c32(0)]);
        let here = ll.cast(Conversion::LLVMPtrToInt, frame, ll.i64);
        let below = ll.icmp(Cmp::LLVMIntULT, here, limit);
        self.rarely(below, |this| this.raise_at(SITE_RECURSION, &[]));
    }

    /// The lowest address that this thread's stack may reach.
    pub fn stack_limit(&mut self) -> Value {
        if self.llvm.hidden.limit {
            return self.ll.param(self.llvm.function, self.own_params());
        }
        self.ll.call(self.m.external(externals::STACK_LIMIT), &[])
    }

    /// The number of LLVM parameters before the hidden ones.
    pub fn own_params(&self) -> usize {
        match self.f.kind {
            FuncKind::Normal => super::layout::leaf_count_of_params(self.f),
            FuncKind::Task | FuncKind::Target => 2,
            FuncKind::Outlined => 4,
        }
    }

    /// What a call of `callee` has to hand on.
    pub fn push_hidden(&mut self, callee: Hidden, args: &mut Leaves) {
        if self.m.device.is_some() {
            args.push(self.steps.record());
        }
        if callee.limit {
            args.push(self.stack_limit());
        }
        if callee.gtid {
            args.push(self.gtid());
        }
    }
}
