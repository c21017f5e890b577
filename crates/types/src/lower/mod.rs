//! The walk over functions: types and IR come from the same pass. What only later code can tell (a loop's back edge
//! widens a type, a callee's result is not known yet) is remembered, and the whole walk is repeated with that
//! memory until nothing changes. Types only ever widen, so it ends.

mod arith;
mod array;
mod array_new;
mod assign;
mod builtin;
mod call;
mod compare;
mod convert;
mod elementwise;
mod expr;
mod function;
mod global;
mod index;
mod intmath;
mod iter;
mod loops;
mod math;
mod merge;
mod methods;
mod numpy;
mod omp;
mod omp_call;
mod power;
mod raise;
mod report;
mod scan;
mod stmt;
mod tuple;

use crate::env::{Env, Failure, FuncHandle, Lowered, OmpFunction, Options};
use crate::flow::Flow;
use crate::ty::{Signature, Ty};
use function::Lowerer;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_ir as ir;
use omply_syntax::hir::{DirId, StmtId, VarId};
use rustc_hash::{FxHashMap, FxHashSet};

/// More rounds than any program needs: each one widens some type.
const MAX_ROUNDS: usize = 200;

/// Everything that is lowered together.
struct Program<'e> {
    env: &'e dyn Env,
    instances: Vec<Instance>,
    index: FxHashMap<(FuncHandle, Signature), usize>,
    /// By instance, kept from round to round.
    memory: FxHashMap<(FuncHandle, Signature), Memory>,
    sites: Vec<ir::Site>,
    site_functions: Vec<FuncHandle>,
    classes: Vec<u64>,
    failures: Vec<Failure>,
    /// Something that earlier code relied on has changed.
    again: bool,
}

/// One function for one signature.
struct Instance {
    handle: FuncHandle,
    sig: Signature,
    name: String,
    func: Option<ir::Func>,
    /// The result's type as the round before found it.
    ret_before: Option<Ty>,
    /// The result's type that callers saw before the instance was finished, once one asked.
    ret_seen: Option<Ty>,
}

/// What a round learns about an instance for the next one.
#[derive(Clone, Default)]
struct Memory {
    /// The join of all returned types, once one is known.
    ret: Option<Ty>,
    /// Names that need a flag at run time that says whether they are bound.
    flagged: FxHashSet<VarId>,
    /// The state at a loop's head as its back edges widened it.
    heads: FxHashMap<StmtId, Flow>,
    /// The state behind a loop that only `break` leaves.
    exits: FxHashMap<StmtId, Flow>,
    /// The one type a variable has throughout a construct that shares it.
    pins: FxHashMap<(DirId, VarId), Pin>,
}

/// The type that a variable has throughout a construct.
#[derive(Clone, PartialEq)]
struct Pin {
    ty: Ty,
    /// The integer literal that is all it was bound to so far.
    literal: Option<i64>,
}

pub fn lower(
    entry: FuncHandle,
    sig: &Signature,
    env: &dyn Env,
    options: &Options,
) -> Result<Lowered, Vec<Failure>> {
    let mut memory = FxHashMap::default();
    let mut failures = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let mut program = Program::new(env, std::mem::take(&mut memory));
        let main = program.instance(entry, sig.clone());
        program.lower_instance(main, Some(options));
        if !program.again {
            return program.finish(main);
        }
        memory = program.memory;
        failures = program.failures;
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    Err(vec![Failure {
        function: entry,
        diagnostic: Diagnostic::error(
            Code::ConflictingTypes,
            Span::default(),
            "the types of this function cannot be settled: annotate its parameters and result",
        ),
    }])
}

impl<'e> Program<'e> {
    fn new(env: &'e dyn Env, memory: FxHashMap<(FuncHandle, Signature), Memory>) -> Program<'e> {
        Program {
            env,
            instances: Vec::new(),
            index: FxHashMap::default(),
            memory,
            sites: Vec::new(),
            site_functions: Vec::new(),
            classes: Vec::new(),
            failures: Vec::new(),
            again: false,
        }
    }

    /// The instance for a signature, made when first asked for.
    fn instance(&mut self, handle: FuncHandle, sig: Signature) -> usize {
        if let Some(&known) = self.index.get(&(handle, sig.clone())) {
            return known;
        }
        let index = self.instances.len();
        self.instances.push(Instance {
            handle,
            sig: sig.clone(),
            name: String::new(),
            func: None,
            ret_before: None,
            ret_seen: None,
        });
        self.index.insert((handle, sig), index);
        index
    }

    fn lower_instance(&mut self, index: usize, options: Option<&Options>) {
        let (handle, sig) = (
            self.instances[index].handle,
            self.instances[index].sig.clone(),
        );
        let Some(function) = self.env.function(handle) else {
            return;
        };
        let OmpFunction {
            hir,
            facts,
            options: own,
        } = function;
        self.instances[index].name = self.unique_name(&hir.name);
        let key = (handle, sig.clone());
        let memory = self.memory.remove(&key).unwrap_or_default();
        self.instances[index].ret_before = memory.ret.clone();
        let options = options.cloned().unwrap_or(own);
        let mut lowerer = Lowerer::new(self, index, handle, hir, facts, options, memory);
        lowerer.function(&sig);
        let (func, memory) = lowerer.finish();
        let instance = &mut self.instances[index];
        instance.func = Some(func);
        let ret = memory.ret.clone().unwrap_or(Ty::Never);
        if instance.ret_seen.as_ref().is_some_and(|seen| *seen != ret) {
            self.again = true;
        }
        self.memory.insert(key, memory);
    }

    fn unique_name(&self, base: &str) -> String {
        let taken = |name: &str| self.instances.iter().any(|instance| instance.name == name);
        if !taken(base) {
            return base.to_owned();
        }
        (1..)
            .map(|k| format!("{base}.{k}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    }

    fn finish(self, main: usize) -> Result<Lowered, Vec<Failure>> {
        if !self.failures.is_empty() {
            return Err(self.failures);
        }
        let key = (
            self.instances[main].handle,
            self.instances[main].sig.clone(),
        );
        let ret = self
            .memory
            .get(&key)
            .and_then(|m| m.ret.clone())
            .unwrap_or(Ty::None);
        let functions = self
            .instances
            .iter()
            .map(|instance| instance.handle)
            .collect();
        Ok(Lowered {
            module: ir::Module {
                name: self.instances[main].name.clone(),
                funcs: self
                    .instances
                    .into_iter()
                    .filter_map(|instance| instance.func)
                    .collect(),
                sites: self.sites,
                entry: Some(ir::FuncId(main as u32)),
            },
            ret,
            classes: self.classes,
            site_functions: self.site_functions,
            functions,
        })
    }
}
