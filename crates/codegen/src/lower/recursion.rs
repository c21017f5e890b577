//! Functions that may call themselves check the stack first, so that endless recursion is an error and no crash. They hand on
//! the lowest address that the thread's stack may reach as a hidden last parameter.

use omply_ir::{Module, Op};

use crate::llvm::{Cmp, Conversion, Value};
use crate::support::SITE_RECURSION;

use super::externals;
use super::func::FuncLower;

/// For each function, whether a chain of calls leads back to it.
pub fn recursive_functions(module: &Module) -> Vec<bool> {
    let count = module.funcs.len();
    let mut calls = vec![vec![false; count]; count];
    for (caller, func) in module.funcs.iter().enumerate() {
        func.body.walk(&mut |inst| {
            if let Op::Call { func, .. } | Op::Fork { func, .. } = &inst.op {
                calls[caller][func.index()] = true;
            }
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

impl FuncLower<'_> {
    /// In the prologue of a recursive function.
    pub fn check_stack(&mut self) {
        if !self.llvm.recursive {
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
        if self.llvm.recursive {
            let last = super::layout::leaf_count_of_params(self.f);
            return self.ll.param(self.llvm.function, last);
        }
        self.ll.call(self.m.external(externals::STACK_LIMIT), &[])
    }
}
