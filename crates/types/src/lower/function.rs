//! One function on its way to IR: the state of the walk, its slots and scopes, parameters and result.

use super::loops::LoopCtx;
use super::{Memory, Program};
use crate::env::{FuncHandle, Options};
use crate::flow::{Binding, Bound, Flow};
use crate::promote::unify;
use crate::ty::{Signature, Ty};
use crate::value::Val;
use omply_analysis::facts::{self, Facts};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_ir::{DeclareSimd, Func, FuncBuilder, FuncKind, Op, SimdParam, SlotId, Type};
use omply_syntax::hir::{DirId, Function, ParamKind, VarId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// One set of copies of names: the function's own, or those a construct makes private.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ScopeId(pub u32);

pub struct Lowerer<'p, 'e> {
    pub program: &'p mut Program<'e>,
    pub instance: usize,
    pub handle: FuncHandle,
    pub hir: Arc<Function>,
    pub facts: Arc<Facts>,
    pub options: Options,
    pub memory: Memory,
    pub b: FuncBuilder,
    pub flow: Flow,
    /// Whether control can reach this place.
    pub live: bool,
    /// Which copy of each variable its name means here.
    pub scope_of: Vec<ScopeId>,
    /// How many parallel regions a scope stands in.
    scope_depth: Vec<usize>,
    slots: FxHashMap<(VarId, ScopeId, Ty), SlotId>,
    flags: FxHashMap<(VarId, ScopeId), SlotId>,
    /// The slots that are each thread's own, for every open parallel region.
    pub locals: Vec<Vec<SlotId>>,
    /// Variables whose type is fixed by a construct.
    pub pins: FxHashMap<(VarId, ScopeId), DirId>,
    pub loops: Vec<LoopCtx>,
    /// How many expressions are open.
    pub depth: u32,
    pub omp: super::omp::State,
    /// The join of what this round's returns gave so far, and the type they were converted to.
    ret: Option<Ty>,
    ret_used: Option<Ty>,
    ret_span: Span,
}

impl<'p, 'e> Lowerer<'p, 'e> {
    pub fn new(
        program: &'p mut Program<'e>,
        instance: usize,
        handle: FuncHandle,
        hir: Arc<Function>,
        facts: Arc<Facts>,
        options: Options,
        memory: Memory,
    ) -> Lowerer<'p, 'e> {
        let name = program.instances[instance].name.clone();
        let vars = hir.vars.len();
        Lowerer {
            program,
            instance,
            handle,
            b: FuncBuilder::new(name, FuncKind::Normal, Type::Unit, hir.span),
            hir,
            facts,
            options,
            memory,
            flow: Flow::new(vars),
            live: true,
            scope_of: vec![ScopeId(0); vars],
            scope_depth: vec![0],
            slots: FxHashMap::default(),
            flags: FxHashMap::default(),
            locals: Vec::new(),
            pins: FxHashMap::default(),
            loops: Vec::new(),
            depth: 0,
            omp: super::omp::State::default(),
            ret: None,
            ret_used: None,
            ret_span: Span::default(),
        }
    }

    pub fn function(&mut self, sig: &Signature) {
        let hir = Arc::clone(&self.hir);
        self.refuse_kind(&hir);
        for (i, param) in hir.params.iter().enumerate() {
            if matches!(param.kind, ParamKind::VarArgs | ParamKind::VarKeywords) {
                self.error(
                    Code::NotNative,
                    param.span,
                    "native mode has no `*` and `**` parameters",
                );
                continue;
            }
            let Some(ty) = sig.params.get(i).cloned() else {
                self.error(
                    Code::WrongArguments,
                    param.span,
                    "the call gives no value to this parameter",
                );
                continue;
            };
            self.b.set_span(param.span);
            let mut bound = Bound::new(ty.clone(), param.span);
            if ty != Ty::None {
                let name = hir.vars[param.var.index()].name.clone();
                let slot = self.b.param(name, ty.ir());
                self.slots.insert((param.var, ScopeId(0), ty.clone()), slot);
                // Arrays stay in their slots, which own them.
                if ty.is_number() {
                    bound.value = Some(Val::new(ty, self.b.load_slot(slot)));
                }
            }
            self.flow.set(param.var, Binding::Bound(bound));
        }
        self.b.func_mut().simd = self.declare_simd(sig);
        self.b.set_span(hir.span);
        let mut flagged: Vec<VarId> = self.memory.flagged.iter().copied().collect();
        flagged.sort_unstable();
        for var in flagged {
            let bound = matches!(self.flow.get(var), Binding::Bound(_));
            self.reset_flag(var, bound);
        }
        self.bind_threadprivate();
        self.stmts(&hir.body);
        if self.live {
            self.b.set_span(hir.span);
            self.fall_off_end();
        }
    }

    fn refuse_kind(&mut self, hir: &Function) {
        if hir.is_async {
            self.error(
                Code::NotNative,
                hir.name_span,
                "native mode has no `async` functions",
            );
        }
        if hir.is_generator {
            self.error(
                Code::NotNative,
                hir.name_span,
                "native mode has no generators",
            );
        }
    }

    /// What the program declares of vector versions, by the parameters that are passed.
    fn declare_simd(&self, sig: &Signature) -> Vec<DeclareSimd> {
        let declared = self.facts.simd.iter();
        declared
            .map(|simd| DeclareSimd {
                simdlen: simd.simdlen,
                inbranch: simd.inbranch,
                params: simd
                    .params
                    .iter()
                    .zip(&sig.params)
                    .filter(|(_, ty)| **ty != Ty::None)
                    .map(|(param, _)| match param {
                        facts::SimdParam::Any => SimdParam::Any,
                        facts::SimdParam::Uniform => SimdParam::Uniform,
                        facts::SimdParam::Linear(step) => SimdParam::Linear(*step),
                    })
                    .collect(),
            })
            .collect()
    }

    pub fn finish(mut self) -> (Func, Memory) {
        if self.ret == Some(Ty::Never) && !self.has_failed() {
            let (span, name) = (self.hir.name_span, self.hir.name.clone());
            self.error_help(
                Code::UnknownResult,
                span,
                format!("the type of the result of {name}() cannot be inferred: it only depends on itself"),
                "annotate the result, such as `-> float`",
            );
        }
        if self.ret_used != self.ret {
            self.program.again = true;
        }
        self.b.func_mut().ret = self.ret.as_ref().map_or(Type::Unit, Ty::ir);
        self.memory.ret = self.ret;
        (self.b.finish(), self.memory)
    }

    // ---- results -----------------------------------------------------------------------------------------------

    pub fn return_value(&mut self, value: &Val, span: Span) {
        if self.omp.inside() {
            self.error(Code::NotNative, span, "`return` leaves a construct");
        }
        let before = self.ret.clone();
        let joined = match &before {
            None => Some(value.ty.clone()),
            Some(before) => unify(before, None, &value.ty, None),
        };
        let Some(joined) = joined else {
            let (before, after) = (before.unwrap_or(Ty::Never), value.ty.clone());
            let mut diagnostic = Diagnostic::error(
                Code::ConflictingTypes,
                span,
                format!("the function returns {before} at one place and {after} at another"),
            )
            .label(format!("returns {after}"));
            if !self.ret_span.is_empty() {
                diagnostic = diagnostic.secondary(self.ret_span, format!("returns {before}"));
            }
            self.report(diagnostic);
            self.live = false;
            return;
        };
        self.ret_span = span;
        self.ret = Some(joined.clone());
        // All returns convert to the type that the round before settled on, where there was one.
        let used = self
            .ret_used
            .get_or_insert_with(|| self.memory.ret.clone().unwrap_or(joined));
        let joined = used.clone();
        let value = self.convert(value, &joined);
        let id = (!matches!(value.ty, Ty::None | Ty::Never)).then(|| self.id(&value));
        self.b.effect(Op::Return { value: id });
        self.live = false;
    }

    /// The result's type as far as this round has seen returns.
    pub fn returned_so_far(&self) -> Option<Ty> {
        self.ret.clone()
    }

    fn fall_off_end(&mut self) {
        match self.ret.clone() {
            None | Some(Ty::None) => self.return_value(&Val::none(), Span::default()),
            Some(ty) => {
                let span = self.hir.name_span;
                let mut diagnostic = Diagnostic::error(
                    Code::ConflictingTypes,
                    span,
                    format!("some path through the function ends without returning a value, others return {ty}"),
                )
                .help("end the function with a `return` or a `raise`");
                if !self.ret_span.is_empty() {
                    diagnostic = diagnostic.secondary(self.ret_span, format!("returns {ty}"));
                }
                self.report(diagnostic);
            }
        }
    }

    // ---- scopes and slots --------------------------------------------------------------------------------------

    /// A scope for the copies that a construct makes here.
    pub fn new_scope(&mut self) -> ScopeId {
        let id = ScopeId(self.scope_depth.len() as u32);
        self.scope_depth.push(self.locals.len());
        id
    }

    fn scope(&self, var: VarId) -> ScopeId {
        self.scope_of[var.index()]
    }

    /// The slot that holds `var` while it is a `ty`.
    pub fn slot(&mut self, var: VarId, ty: &Ty) -> SlotId {
        self.slot_in(var, self.scope(var), ty)
    }

    pub fn slot_in(&mut self, var: VarId, scope: ScopeId, ty: &Ty) -> SlotId {
        if let Some(&slot) = self.slots.get(&(var, scope, ty.clone())) {
            return slot;
        }
        let name = self.hir.vars[var.index()].name.clone();
        let slot = self.new_slot(name, ty, self.scope_depth[scope.0 as usize]);
        self.slots.insert((var, scope, ty.clone()), slot);
        slot
    }

    /// A slot that lives as long as the copies of a scope.
    pub fn slot_of_scope(&mut self, name: String, ty: &Ty, scope: ScopeId) -> SlotId {
        self.new_slot(name, ty, self.scope_depth[scope.0 as usize])
    }

    /// A slot without a name of the program.
    pub fn temp(&mut self, name: &str, ty: &Ty) -> SlotId {
        self.new_slot(name.to_owned(), ty, self.locals.len())
    }

    fn new_slot(&mut self, name: String, ty: &Ty, depth: usize) -> SlotId {
        let slot = self.b.slot(name, ty.ir());
        if depth > 0 {
            self.locals[depth - 1].push(slot);
        }
        slot
    }

    // ---- whether a name is bound -------------------------------------------------------------------------------

    /// The flag that says at run time whether `var` is bound, if the function needs it.
    pub fn flag(&mut self, var: VarId) -> Option<SlotId> {
        if !self.memory.flagged.contains(&var) {
            return None;
        }
        let scope = self.scope(var);
        if let Some(&slot) = self.flags.get(&(var, scope)) {
            return Some(slot);
        }
        let name = format!("{}.bound", self.hir.vars[var.index()].name);
        let slot = self.new_slot(name, &Ty::Bool, self.scope_depth[scope.0 as usize]);
        self.flags.insert((var, scope), slot);
        Some(slot)
    }

    pub fn reset_flag(&mut self, var: VarId, bound: bool) {
        if let Some(flag) = self.flag(var) {
            let value = self.b.bool(bound);
            self.b.store_slot(flag, value);
        }
    }
}
