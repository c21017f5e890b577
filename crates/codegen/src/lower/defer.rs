//! Checks that wait. A branch out of a loop keeps it from becoming vector code. Where iterations are independent (`simd`,
//! worksharing) and nothing else leaves the loop, a check of arithmetic (a division by zero, an argument outside of a function's
//! domain) only notes that it has failed, and the error is raised when the loop ends. What an operation gives whose check has
//! failed is any number; nothing that needs the check to be safe, such as an access to an element, may stand in such a loop.

use std::collections::HashMap;

use omply_ir::{
    BinaryOp, Block, Const, Func, FuncId, IndexCheck, LoopInfo, LoopVersion, Op, SiteId, Type,
    ValueId,
};

use crate::llvm::{Cmp, Value};

use super::ModuleLower;
use super::declare_simd::Callee;
use super::externals;
use super::func::FuncLower;
use super::layout::holds_array;

/// More checks than that would keep too many registers busy.
const MOST: usize = 16;

/// What has failed so far in the loop at hand.
#[derive(Default)]
pub struct Deferred {
    /// By site: a variable that says whether its check has failed.
    flags: Vec<(SiteId, Value)>,
    /// By function whose body stands in the loop: a variable with a bit for each of its sites.
    bits: Vec<(FuncId, Value, Vec<SiteId>)>,
    /// Functions that are called note their errors themselves.
    asks: bool,
    /// How many conditions the loop itself stands under.
    conditions: usize,
}

/// Loops inside with no more iterations than that are unrolled before anything becomes vector code.
const UNROLLED: i64 = 16;

/// What is found in a block that may wait with its checks.
#[derive(Default)]
pub struct Waiting {
    pub sites: Vec<SiteId>,
    calls: Vec<FuncId>,
    ints: HashMap<ValueId, i64>,
}

impl ModuleLower<'_> {
    /// The checks of a block, if all of them can wait: of a loop's body, or of a function, which may return anywhere.
    pub fn waiting(&self, f: &Func, block: &Block, returns: bool) -> Option<Waiting> {
        let mut waiting = Waiting::default();
        f.body.walk(&mut |inst| {
            if let Op::Const(Const::Int(_, value)) = inst.op {
                waiting.ints.insert(inst.results[0], value);
            }
        });
        let fine = self.may_wait(f, block, returns, &mut waiting);
        (fine && waiting.sites.len() <= MOST).then_some(waiting)
    }

    fn may_wait(&self, f: &Func, block: &Block, returns: bool, waiting: &mut Waiting) -> bool {
        block.insts.iter().all(|inst| match &inst.op {
            Op::Const(_)
            | Op::Unary { .. }
            | Op::Compare { .. }
            | Op::Cast { .. }
            | Op::Select { .. }
            | Op::Math { .. }
            | Op::ComplexNew { .. }
            | Op::ComplexPart { .. }
            | Op::TupleNew { .. }
            | Op::TupleGet { .. }
            | Op::Dim { .. }
            | Op::SlotLoad { .. } => true,
            Op::Continue => true,
            Op::Return { .. } => returns,
            Op::Binary { op, a, .. } => {
                let float =
                    matches!(&f.values[a.index()], Type::Scalar(scalar) if !scalar.is_int());
                *op != BinaryOp::Pow || float
            }
            Op::SlotStore { slot, .. } => !holds_array(&f.slots[slot.index()].ty),
            Op::Load { check, .. } | Op::Store { check, .. } => {
                !matches!(check, IndexCheck::Python(_))
            }
            Op::Check { args, site, .. } => {
                if !waiting.sites.contains(site) {
                    waiting.sites.push(*site);
                }
                args.is_empty()
            }
            Op::If { then, els, .. } => {
                self.may_wait(f, then, returns, waiting) && self.may_wait(f, els, returns, waiting)
            }
            Op::For {
                start,
                stop,
                step,
                body,
                ..
            } => {
                let bounds = [start, stop, step].map(|value| waiting.ints.get(value).copied());
                let short = match bounds {
                    [Some(start), Some(stop), Some(step)] => {
                        stop.saturating_sub(start).saturating_div(step) <= UNROLLED
                    }
                    _ => false,
                };
                short && self.may_wait(f, body, returns, waiting)
            }
            Op::Call { func, .. } => {
                if !waiting.calls.contains(func) {
                    waiting.calls.push(*func);
                }
                !returns && self.simd_callee(*func).is_some()
            }
            _ => false,
        })
    }
}

impl FuncLower<'_> {
    /// Begins to wait with the checks of a loop's body, unless a loop around does so already.
    pub fn open_deferred(&mut self, body: &Block, info: &LoopInfo) -> bool {
        if self.deferred.is_some() {
            return false;
        }
        let independent = info.simd || info.independent;
        let wanted = independent && info.version != LoopVersion::Checked && self.m.device.is_none();
        let found = if wanted {
            self.m.waiting(self.f, body, false)
        } else {
            None
        };
        self.deferred = found
            .filter(|found| !found.calls.is_empty() || !found.sites.is_empty())
            .map(|found| Deferred {
                conditions: self.conditions,
                ..self.flags_of(&found)
            });
        self.deferred.is_some()
    }

    /// Variables for the sites, all false.
    pub fn flags_of(&mut self, found: &Waiting) -> Deferred {
        let ll = self.ll;
        let mut deferred = Deferred::default();
        for &site in &found.sites {
            let flag = self.stack(ll.i1, 0);
            ll.store(ll.bool(false), flag);
            deferred.flags.push((site, flag));
        }
        for &func in &found.calls {
            let lane = self.m.simd_callee(func).and_then(Callee::inlined);
            if let Some(lane) = lane.filter(|lane| !lane.sites.is_empty()) {
                let bits = self.stack(ll.i32, 0);
                ll.store(ll.c32(0), bits);
                deferred.bits.push((func, bits, lane.sites.clone()));
            }
        }
        deferred
    }

    /// Behind the loop: raises what has failed in it.
    pub fn close_deferred(&mut self) {
        let Some(deferred) = self.deferred.take() else {
            return;
        };
        let ll = self.ll;
        let mut failed = Vec::new();
        for &(site, flag) in &deferred.flags {
            failed.push((ll.load(ll.i1, flag), site));
        }
        for (_, bits, sites) in &deferred.bits {
            let bits = ll.load(ll.i32, *bits);
            for (bit, &site) in sites.iter().enumerate() {
                let own = ll.and(bits, ll.c32(1 << bit));
                failed.push((ll.icmp(Cmp::LLVMIntNE, own, ll.c32(0)), site));
            }
        }
        let any = failed.iter().map(|(failed, _)| *failed);
        if let Some(any) = any.reduce(|a, b| ll.or(a, b)) {
            self.rarely(any, |this| {
                // In the program's order; one of them it is.
                let last = failed.len() - 1;
                for &(failed, site) in &failed[..last] {
                    this.rarely(failed, |this| this.raise_at(site.0, &[]));
                }
                this.raise_at(failed[last].1.0, &[]);
            });
        }
        if deferred.asks {
            let status = ll.call(self.m.external(externals::FAILURE), &[]);
            self.leave_if_failed(status);
        }
    }

    /// Notes a failure of `site`, if that is to wait.
    pub fn defer(&mut self, site: SiteId, failed: Value) -> bool {
        let ll = self.ll;
        let flags = self.deferred.iter().flat_map(|deferred| &deferred.flags);
        let Some((_, flag)) = flags.into_iter().find(|(known, _)| *known == site) else {
            return false;
        };
        ll.store(ll.or(ll.load(ll.i1, *flag), failed), *flag);
        true
    }

    /// Calls a function with vector versions where checks wait: the leaves of its value. `None` where they do not wait.
    pub fn call_deferred(&mut self, func: FuncId, args: &[Value]) -> Option<Option<Value>> {
        let deferred = self.deferred.as_mut()?;
        let callee = self.m.simd_callee(func)?;
        let ll = self.ll;
        if let Some(lane) = callee.inlined() {
            let result = ll.call((lane.ty, lane.function), args);
            ll.mark_call(result, "alwaysinline");
            if let Some((_, bits, _)) = deferred.bits.iter().find(|(known, ..)| *known == func) {
                let now = ll.extract(result, 0);
                ll.store(ll.or(ll.load(ll.i32, *bits), now), *bits);
            }
            return Some(callee.ret.map(|_| ll.extract(result, 1)));
        }
        deferred.asks |= callee.can_fail;
        let conditional = self.conditions > deferred.conditions;
        let passed: Vec<Value> = args.iter().map(|&arg| self.m.passed(arg)).collect();
        let call = ll.call(callee.entry, &passed);
        let versions = self.m.versions(callee, self.simdlen, conditional);
        if !versions.is_empty() {
            ll.mark_call_text(call, "vector-function-abi-variant", &versions);
        }
        Some(callee.ret.map(|ret| self.m.received(call, ret)))
    }

    /// Whether a function's own checks wait until it returns, which makes its status a set of bits.
    pub fn returns_bits(&self) -> Option<Value> {
        if !self.is_lane {
            return None;
        }
        let ll = self.ll;
        let flags = self.deferred.as_ref().map(|deferred| &deferred.flags)?;
        let bits = flags.iter().enumerate().map(|(bit, (_, flag))| {
            let failed = ll.load(ll.i1, *flag);
            ll.select(failed, ll.c32(1 << bit), ll.c32(0))
        });
        Some(bits.reduce(|a, b| ll.or(a, b)).unwrap_or_else(|| ll.c32(0)))
    }
}
