//! Where paths meet: the joined state of all names, and the conversions each path needs to get there.

use super::function::Lowerer;
use crate::flow::{Binding, Flow};
use crate::ty::Ty;
use crate::value::Val;
use omply_ir::{Block, Op};

/// A block that was lowered, with the state at its end (`None` when its end is never reached).
pub struct Branch {
    pub block: Block,
    pub flow: Option<Flow>,
}

impl Lowerer<'_, '_> {
    /// Lowers a block that starts in the current state; afterwards the state is again the one before it.
    pub fn branch(&mut self, run: impl FnOnce(&mut Self)) -> Branch {
        let entry = self.flow.clone();
        self.b.open_block();
        run(self);
        let block = self.b.close_block();
        let end = std::mem::replace(&mut self.flow, entry);
        let flow = self.live.then(|| end.leave(&self.flow));
        self.live = true;
        Branch { block, flow }
    }

    /// Runs `run` for effect only, in a block that is thrown away: the value it yields tells its type.
    pub fn probe(&mut self, run: impl FnOnce(&mut Self) -> Val) -> Ty {
        let mut ty = Ty::Never;
        self.branch(|s| ty = run(s).ty);
        ty
    }

    /// Makes the join of the branches the current state.
    pub fn join_branches(&mut self, branches: &mut [&mut Branch]) {
        let joined = branches
            .iter()
            .filter_map(|branch| branch.flow.clone())
            .reduce(|a, b| a.join(&b));
        let Some(joined) = joined else {
            self.live = false;
            return;
        };
        for branch in branches {
            if let Some(flow) = branch.flow.take() {
                self.b.open_block();
                self.edge(&flow, &joined);
                let tail = self.b.close_block();
                branch.block.insts.extend(tail.insts);
            }
        }
        self.flow = joined;
    }

    /// An `If` over two lowered branches.
    pub fn emit_if(&mut self, cond: &Val, mut then: Branch, mut els: Branch) {
        let cond = self.id(cond);
        self.join_branches(&mut [&mut then, &mut els]);
        self.b.effect(Op::If {
            cond,
            then: then.block,
            els: els.block,
        });
    }

    /// An `If` without effect on names.
    pub fn if_then(&mut self, cond: &Val, run: impl FnOnce(&mut Self)) {
        let then = self.branch(run);
        let els = self.branch(|_| {});
        self.emit_if(cond, then, els);
    }

    /// Converts names from their types in one state to those of another.
    pub fn edge(&mut self, from: &Flow, to: &Flow) {
        for var in from.vars() {
            match (from.get(var), to.get(var)) {
                (Binding::Bound(a), Binding::Bound(b)) if a.ty != b.ty && a.ty != Ty::Never => {
                    let (a, b) = (a.ty.clone(), b.ty.clone());
                    let value = self.load_var(var, &a);
                    let value = self.convert(&value, &b);
                    self.store_var(var, &value);
                }
                (Binding::Private, Binding::Bound(b)) if b.ty.array().is_none() => {
                    let zero = self.zero(&b.ty.clone());
                    self.store_var(var, &zero);
                }
                _ => {}
            }
        }
    }
}
