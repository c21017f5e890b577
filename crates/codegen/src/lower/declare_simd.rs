//! Functions of which the program declares vector versions (`declare_simd`). Each has a *lane*, its body with checks that wait (see
//! `defer`), if it is simple enough; an *entry* for one call, which loops call; and versions for several calls at once, which
//! LLVM's vectoriser puts in the place of calls of the entry. A version is a loop over its lanes, which becomes vector code itself.
//! The lanes of small functions stand in the calling loop and become vector code with it.

use std::collections::BTreeMap;

use omply_ir::{Block, FuncId, FuncKind, Op, SimdParam, SiteId, Type};

use crate::llvm::{Cmp, Conversion, Flags, MetaKind, Op2, Ty, Value};

use super::externals;
use super::func::FuncLower;
use super::layout::leaves_of;
use super::{Declared, ModuleLower};
use crate::CodegenError;

/// Lanes with no more instructions than that stand in the loop that calls.
const SMALL: usize = 64;

/// A function with vector versions.
pub struct Callee {
    func: usize,
    name: String,
    /// The function for one call.
    pub entry: (Ty, Value),
    params: Vec<Param>,
    /// The type of the result's only leaf, if there is a result.
    pub ret: Option<Ty>,
    pub can_fail: bool,
    lane: Option<Lane>,
    small: bool,
}

/// A body with checks that wait: the status is a set of bits, one for each site that has failed.
pub struct Lane {
    pub ty: Ty,
    pub function: Value,
    pub sites: Vec<SiteId>,
}

/// One leaf of a parameter, as calls pass it.
#[derive(Clone, Copy)]
struct Param {
    ty: Ty,
    own: Ty,
    /// By `declare_simd`, which the function may have several of; see `declared`.
    place: usize,
    array: bool,
}

/// One vector version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    func: usize,
    /// Which `declare_simd`.
    declared: usize,
    lanes: u32,
    masked: bool,
}

/// Versions that calls name, with the functions that they are.
#[derive(Default)]
pub struct Versions(BTreeMap<Version, Value>);

impl Callee {
    /// The lane that stands in the calling loop.
    pub fn inlined(&self) -> Option<&Lane> {
        self.lane.as_ref().filter(|_| self.small)
    }
}

impl ModuleLower<'_> {
    pub fn simd_callee(&self, func: FuncId) -> Option<&Callee> {
        self.callees.get(func.index())?.as_ref()
    }

    /// Declares what every function with vector versions has.
    pub fn declare_callees(&mut self) {
        self.callees = (0..self.module.funcs.len())
            .map(|index| self.callee(index))
            .collect();
    }

    fn callee(&self, index: usize) -> Option<Callee> {
        let ll = &self.ll;
        let f = &self.module.funcs[index];
        let declared = self.funcs[index];
        let possible = f.kind == FuncKind::Normal
            && !f.simd.is_empty()
            && !declared.recursive
            && self.device.is_none()
            && is_plain(&f.body);
        if !possible {
            return None;
        }
        let ret = match &f.ret {
            Type::Unit => None,
            Type::Scalar(scalar) if !scalar.is_complex() => {
                leaves_of(&f.ret).first().map(|leaf| leaf.ty(ll))
            }
            _ => return None,
        };
        let mut params = Vec::new();
        for (place, &slot) in f.params.iter().enumerate() {
            let ty = &f.slots[slot.index()].ty;
            let array = match ty {
                Type::Scalar(scalar) if !scalar.is_complex() => false,
                Type::Array(_) => true,
                _ => return None,
            };
            params.extend(leaves_of(ty).into_iter().map(|leaf| Param {
                ty: self.passed_as(leaf.ty(ll)),
                own: leaf.ty(ll),
                place,
                array,
            }));
        }
        let types: Vec<Ty> = params.iter().map(|param| param.ty).collect();
        let ty = ll.fn_type(ret.map_or(ll.void, |ret| self.passed_as(ret)), &types);
        let entry = ll.add_function(&format!("omply.{}.simd", f.name), ty);
        ll.make_internal(entry, false);
        ll.mark(entry, "nounwind");
        // The vectoriser is to find the call.
        ll.mark(entry, "noinline");
        let lane = self.waiting(f, &f.body, true).map(|waiting| {
            let function = ll.add_function(&format!("omply.{}.lane", f.name), declared.ty);
            ll.make_internal(function, false);
            ll.mark(function, "nounwind");
            Lane {
                ty: declared.ty,
                function,
                sites: waiting.sites,
            }
        });
        let can_fail = match &lane {
            Some(lane) => !lane.sites.is_empty(),
            None => true,
        };
        Some(Callee {
            func: index,
            name: f.name.clone(),
            entry: (ty, entry),
            params,
            ret,
            can_fail,
            small: size(&f.body) <= SMALL,
            lane,
        })
    }

    /// The bodies of lanes, entries and the versions that calls named.
    pub fn finish_callees(&self) -> Result<(), CodegenError> {
        for callee in self.callees.iter().flatten() {
            if let Some(lane) = &callee.lane {
                let declared = Declared {
                    function: lane.function,
                    ..self.funcs[callee.func]
                };
                FuncLower::of(self, callee.func, declared).lower_lane()?;
            }
            self.entry_body(callee);
        }
        let versions: Vec<(Version, Value)> = {
            let versions = self.versions.borrow();
            versions
                .0
                .iter()
                .map(|(one, &function)| (*one, function))
                .collect()
        };
        for (version, function) in &versions {
            if let Some(callee) = &self.callees[version.func] {
                self.version_body(callee, *version, *function);
            }
        }
        // Entries too: nobody may change the parameters of one and not those of the versions.
        let entries = self.callees.iter().flatten().map(|callee| callee.entry.1);
        let functions = versions.iter().map(|(_, function)| *function);
        self.variants.borrow_mut().extend(functions.chain(entries));
        Ok(())
    }

    // ---- how values are passed ---------------------------------------------------------------------------------

    /// Memory is passed as a number, or LLVM would suspect the call of changing it; truth values as bytes.
    fn passed_as(&self, ty: Ty) -> Ty {
        let ll = &self.ll;
        if ty == ll.ptr {
            ll.i64
        } else if ty == ll.i1 {
            ll.i8
        } else {
            ty
        }
    }

    pub fn passed(&self, value: Value) -> Value {
        let ll = &self.ll;
        let ty = ll.type_of(value);
        if ty == ll.ptr {
            ll.cast(Conversion::LLVMPtrToInt, value, ll.i64)
        } else if ty == ll.i1 {
            ll.cast(Conversion::LLVMZExt, value, ll.i8)
        } else {
            value
        }
    }

    pub fn received(&self, value: Value, own: Ty) -> Value {
        let ll = &self.ll;
        if own == ll.ptr {
            ll.cast(Conversion::LLVMIntToPtr, value, own)
        } else if own == ll.i1 {
            ll.cast(Conversion::LLVMTrunc, value, own)
        } else {
            value
        }
    }

    // ---- versions ----------------------------------------------------------------------------------------------

    /// What a declaration says of a leaf.
    fn declared(&self, callee: &Callee, declared: usize, param: &Param) -> SimdParam {
        if param.array {
            return SimdParam::Uniform;
        }
        let simd = &self.module.funcs[callee.func].simd[declared];
        match simd.params.get(param.place) {
            Some(SimdParam::Linear(_)) if param.ty == self.ll.f64 || param.ty == self.ll.f32 => {
                SimdParam::Any
            }
            Some(one) => *one,
            None => SimdParam::Any,
        }
    }

    /// The versions that a call may become, as LLVM's attribute spells them.
    pub fn versions(&self, callee: &Callee, simdlen: Option<u32>, conditional: bool) -> String {
        let ll = &self.ll;
        let mut names = Vec::new();
        for (declared, simd) in self.module.funcs[callee.func].simd.iter().enumerate() {
            if conditional && simd.inbranch == Some(false) {
                continue;
            }
            let masked = conditional || simd.inbranch == Some(true);
            for lanes in self.lanes(callee, simd.simdlen, simdlen) {
                let version = Version {
                    func: callee.func,
                    declared,
                    lanes,
                    masked,
                };
                let kind = if masked { 'M' } else { 'N' };
                let name = format!("omply.{}.simd.{kind}{lanes}.{declared}", callee.name);
                let mut operands = String::new();
                for param in &callee.params {
                    operands += &match self.declared(callee, declared, param) {
                        SimdParam::Any => "v".to_owned(),
                        SimdParam::Uniform => "u".to_owned(),
                        SimdParam::Linear(1) => "l".to_owned(),
                        SimdParam::Linear(step) if step < 0 => format!("ln{}", -step),
                        SimdParam::Linear(step) => format!("l{step}"),
                    };
                }
                self.versions
                    .borrow_mut()
                    .0
                    .entry(version)
                    .or_insert_with(|| {
                        let function = ll.add_function(&name, self.version_type(callee, version));
                        ll.make_internal(function, false);
                        ll.mark(function, "nounwind");
                        function
                    });
                names.push(format!(
                    "_ZGV_LLVM_{kind}{lanes}{operands}_omply.{}.simd({name})",
                    callee.name
                ));
            }
        }
        names.join(",")
    }

    /// How many calls at once: what the function says, else what the loop says, and what this machine's registers hold.
    fn lanes(&self, callee: &Callee, own: Option<u32>, of_loop: Option<u32>) -> Vec<u32> {
        let usable = |lanes: &u32| lanes.is_power_of_two() && (2..=64).contains(lanes);
        if let Some(own) = own {
            return Some(own).filter(usable).into_iter().collect();
        }
        let ll = &self.ll;
        let vectors = callee.params.iter().filter(|param| !param.array);
        let types = callee.ret.into_iter().chain(vectors.map(|param| param.ty));
        let widest = types
            .map(|ty| if ty == ll.f64 || ty == ll.i64 { 8 } else { 4 })
            .max();
        let mut lanes: Vec<u32> = crate::support::vector_bytes()
            .iter()
            .map(|bytes| bytes / widest.unwrap_or(8))
            .collect();
        lanes.extend(
            of_loop
                .filter(usable)
                .filter(|wanted| !lanes.contains(wanted)),
        );
        lanes
    }

    fn version_type(&self, callee: &Callee, version: Version) -> Ty {
        let ll = &self.ll;
        let vector = |ty| ll.vector_type(ty, version.lanes);
        let mut params: Vec<Ty> = callee
            .params
            .iter()
            .map(
                |param| match self.declared(callee, version.declared, param) {
                    SimdParam::Any => vector(param.ty),
                    SimdParam::Uniform | SimdParam::Linear(_) => param.ty,
                },
            )
            .collect();
        if version.masked {
            params.push(vector(ll.i1));
        }
        let ret = callee
            .ret
            .map_or(ll.void, |ret| vector(self.passed_as(ret)));
        ll.fn_type(ret, &params)
    }

    /// One call: the lane, or the function itself, which notes its errors.
    fn entry_body(&self, callee: &Callee) {
        let ll = &self.ll;
        let (_, entry) = callee.entry;
        ll.at(ll.block(entry, "entry"));
        let args: Vec<Value> = callee
            .params
            .iter()
            .enumerate()
            .map(|(index, param)| self.received(ll.param(entry, index), param.own))
            .collect();
        let result = self.call_body(callee, &args);
        if let Some(lane) = &callee.lane {
            self.raise_bits(entry, ll.extract(result, 0), &lane.sites);
        }
        match callee.ret {
            Some(_) => ll.ret(self.passed(ll.extract(result, 1))),
            None => ll.ret_void(),
        }
    }

    fn call_body(&self, callee: &Callee, args: &[Value]) -> Value {
        let ll = &self.ll;
        match &callee.lane {
            Some(lane) => {
                let call = ll.call((lane.ty, lane.function), args);
                ll.mark_call(call, "alwaysinline");
                call
            }
            None => {
                let declared = self.funcs[callee.func];
                let call = ll.call((declared.ty, declared.function), args);
                ll.set_fast_call(call);
                call
            }
        }
    }

    /// A loop over the lanes, which LLVM makes vector code of.
    fn version_body(&self, callee: &Callee, version: Version, function: Value) {
        let ll = &self.ll;
        let lanes = version.lanes;
        ll.at(ll.block(function, "entry"));
        let spread = |value: Value, ty: Ty| {
            let place = ll.alloca(ll.vector_type(ty, lanes), 64);
            ll.store(value, place);
            place
        };
        let params: Vec<(Param, SimdParam, Value)> = callee
            .params
            .iter()
            .enumerate()
            .map(|(index, param)| {
                let value = ll.param(function, index);
                let how = self.declared(callee, version.declared, param);
                let held = match how {
                    SimdParam::Any => spread(value, param.ty),
                    SimdParam::Uniform | SimdParam::Linear(_) => value,
                };
                (*param, how, held)
            })
            .collect();
        let mask = version.masked.then(|| {
            let mask = ll.param(function, callee.params.len());
            let bytes = ll.vector_type(ll.i8, lanes);
            spread(ll.cast(Conversion::LLVMZExt, mask, bytes), ll.i8)
        });
        let ret = callee.ret.map(|ret| self.passed_as(ret));
        let results = ret.map(|ret| ll.alloca(ll.vector_type(ret, lanes), 64));
        let bits = ll.alloca(ll.i32, 0);
        ll.store(ll.c32(0), bits);
        let before = ll.here();
        let [head, inside, next, done] =
            ["lane", "inside", "next", "done"].map(|name| ll.block(function, name));
        ll.br(head);
        ll.at(head);
        let number = ll.phi(ll.i64, &[(ll.c64(0), before)]);
        match mask {
            Some(mask) => {
                let wanted = ll.load(ll.i8, ll.offset(ll.i8, mask, number));
                let wanted = ll.icmp(Cmp::LLVMIntNE, wanted, ll.zero(ll.i8));
                ll.cond_br(wanted, inside, next);
            }
            None => {
                ll.br(inside);
            }
        }
        ll.at(inside);
        let args: Vec<Value> = params
            .iter()
            .map(|(param, how, held)| {
                let value = match how {
                    SimdParam::Any => ll.load(param.ty, ll.offset(param.ty, *held, number)),
                    SimdParam::Uniform => *held,
                    SimdParam::Linear(step) => {
                        let number = ll.int_cast(number, param.ty, true);
                        ll.add(*held, ll.mul(number, ll.int(param.ty, *step)))
                    }
                };
                self.received(value, param.own)
            })
            .collect();
        let result = self.call_body(callee, &args);
        if callee.lane.is_some() {
            let now = ll.extract(result, 0);
            ll.store(ll.or(ll.load(ll.i32, bits), now), bits);
        }
        if let (Some(results), Some(ret)) = (results, ret) {
            let value = self.passed(ll.extract(result, 1));
            ll.store(value, ll.offset(ret, results, number));
        }
        ll.br(next);
        ll.at(next);
        let after = ll.bin(Op2::LLVMAdd, number, ll.c64(1), Flags::NO_WRAP);
        ll.add_incoming(number, &[(after, next)]);
        let more = ll.icmp(Cmp::LLVMIntULT, after, ll.c64(lanes.into()));
        ll.attach(
            ll.cond_br(more, head, done),
            MetaKind::Loop,
            self.lanes_loop(lanes),
        );
        ll.at(done);
        if let Some(lane) = &callee.lane {
            self.raise_bits(function, ll.load(ll.i32, bits), &lane.sites);
        }
        match (results, ret) {
            (Some(results), Some(ret)) => ll.ret(ll.load(ll.vector_type(ret, lanes), results)),
            _ => ll.ret_void(),
        }
    }

    fn lanes_loop(&self, lanes: u32) -> crate::llvm::Meta {
        let ll = &self.ll;
        let property =
            |name: &str, value: Value| ll.node(&[ll.meta_text(name), ll.meta_value(value)]);
        ll.distinct_node(&[
            ll.node(&[ll.meta_text("llvm.loop.mustprogress")]),
            property("llvm.loop.vectorize.enable", ll.bool(true)),
            property("llvm.loop.vectorize.width", ll.c32(lanes as i32)),
            property("llvm.loop.interleave.count", ll.c32(1)),
            ll.node(&[ll.meta_text("llvm.loop.unroll.disable")]),
        ])
    }

    /// Notes the errors of the sites whose bits are set; they are raised behind the loop that calls.
    fn raise_bits(&self, function: Value, bits: Value, sites: &[SiteId]) {
        if sites.is_empty() {
            return;
        }
        let ll = &self.ll;
        let (failed, after) = (ll.block(function, "failed"), ll.block(function, "after"));
        let any = ll.icmp(Cmp::LLVMIntNE, bits, ll.c32(0));
        ll.weigh(ll.cond_br(any, failed, after), false);
        ll.at(failed);
        for (bit, site) in sites.iter().enumerate() {
            let (raise, next) = (ll.block(function, "raise"), ll.block(function, "next"));
            let own = ll.and(bits, ll.c32(1 << bit));
            ll.cond_br(ll.icmp(Cmp::LLVMIntNE, own, ll.c32(0)), raise, next);
            ll.at(raise);
            let zero = ll.c64(0);
            let cookie = ll.external_global(externals::COOKIE);
            ll.call(
                self.external(externals::RAISE),
                &[cookie, ll.c32(site.0 as i32), zero, zero, zero],
            );
            ll.br(next);
            ll.at(next);
        }
        ll.br(after);
        ll.at(after);
    }
}

/// How many instructions a block has, with those inside.
fn size(block: &Block) -> usize {
    let mut count = 0;
    block.walk(&mut |_| count += 1);
    count
}

/// Whether a function only computes: no constructs, no threads, no memory of its own.
fn is_plain(block: &Block) -> bool {
    let strange = |inst: &omply_ir::Inst| {
        !matches!(
            &inst.op,
            Op::Const(_)
                | Op::Unary { .. }
                | Op::Binary { .. }
                | Op::Compare { .. }
                | Op::Cast { .. }
                | Op::Select { .. }
                | Op::Math { .. }
                | Op::ComplexNew { .. }
                | Op::ComplexPart { .. }
                | Op::TupleNew { .. }
                | Op::TupleGet { .. }
                | Op::SlotLoad { .. }
                | Op::SlotStore { .. }
                | Op::Dim { .. }
                | Op::Load { .. }
                | Op::Store { .. }
                | Op::If { .. }
                | Op::While { .. }
                | Op::For { .. }
                | Op::Break
                | Op::Continue
                | Op::Return { .. }
                | Op::Check { .. }
                | Op::Raise { .. }
                | Op::Poll
        )
    };
    !block.any(&strange)
}
