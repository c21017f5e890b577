//! IR of phase Flat to LLVM IR. `ModuleLower` declares the functions and holds what they share; `FuncLower` translates one
//! function. Each file beside this one adds the methods for one family of operations.

mod array;
mod atomic;
mod bulk;
mod cancel;
mod cast;
mod complex;
mod contract;
mod control;
mod depend;
mod doacross;
mod entry;
mod errors;
pub mod externals;
mod float;
mod func;
mod integer;
mod layout;
mod loops;
mod math;
mod ownership;
mod recursion;
mod reduce;
mod routine;
mod scalar;
mod slots;
mod sync;
mod target;
mod task;
mod tbaa;
mod team;
mod view;
mod worksharing;

use std::cell::RefCell;
use std::collections::HashMap;

use omply_ir::{FuncKind, Module};

use crate::llvm::{Llvm, Ty, Value};
use crate::{CodegenError, Options};

use func::FuncLower;
use layout::leaves_of;
use ownership::Ownership;
use recursion::{Hidden, hidden_params, recursive_functions};
use tbaa::Tbaa;

/// A function of the module as LLVM knows it.
#[derive(Clone, Copy)]
pub(crate) struct Declared {
    ty: Ty,
    function: Value,
    /// It can call itself.
    recursive: bool,
    hidden: Hidden,
}

pub struct ModuleLower<'m> {
    ll: Llvm,
    module: &'m Module,
    options: &'m Options,
    funcs: Vec<Declared>,
    externals: RefCell<HashMap<String, (Ty, Value)>>,
    /// Vector variants of library functions: named by attributes only, so they must be kept.
    variants: RefCell<Vec<Value>>,
    tbaa: Tbaa,
    ownership: Ownership,
    has_tasks: bool,
    /// By function: the entry of the task that it is the body of, null for others.
    entries: Vec<Value>,
}

/// Translates a module.
pub fn lower(module: &Module, options: &Options) -> Result<Llvm, CodegenError> {
    let ll = Llvm::new(&module.name);
    let tbaa = Tbaa::new(&ll);
    let mut lower = ModuleLower {
        ll,
        module,
        options,
        funcs: Vec::new(),
        externals: RefCell::default(),
        variants: RefCell::default(),
        tbaa,
        ownership: Ownership::of(module),
        entries: Vec::new(),
        has_tasks: module.funcs.iter().any(|func| func.kind == FuncKind::Task),
    };
    lower.declare_functions();
    lower.entries = module
        .funcs
        .iter()
        .zip(&lower.funcs)
        .map(|(func, &body)| match func.kind {
            FuncKind::Task => lower.task_entry(func, body),
            _ => lower.ll.zero(lower.ll.ptr),
        })
        .collect();
    for index in 0..module.funcs.len() {
        FuncLower::new(&lower, index)?.lower()?;
    }
    lower.entry()?;
    lower.ll.keep(&lower.variants.borrow());
    Ok(lower.ll)
}

impl ModuleLower<'_> {
    fn declare_functions(&mut self) {
        let recursive = recursive_functions(self.module);
        let hidden = hidden_params(self.module, &recursive);
        for ((func, &recursive), &hidden) in self.module.funcs.iter().zip(&recursive).zip(&hidden) {
            let ll = &self.ll;
            let mut hidden_types = Vec::new();
            if hidden.limit {
                hidden_types.push(ll.i64);
            }
            if hidden.gtid {
                hidden_types.push(ll.i32);
            }
            let ty = match func.kind {
                // The runtime's microtask: global thread number, thread number, team size, captures.
                FuncKind::Outlined => ll.fn_type(ll.i32, &[ll.i32, ll.i32, ll.i32, ll.ptr]),
                // Global thread number, words.
                FuncKind::Target => ll.fn_type(ll.i32, &[ll.i32, ll.ptr]),
                // Global thread number, captures.
                FuncKind::Task => {
                    let mut params = vec![ll.i32, ll.ptr];
                    params.extend(hidden_types);
                    ll.fn_type(ll.i32, &params)
                }
                FuncKind::Normal => {
                    let mut params: Vec<Ty> = func
                        .params
                        .iter()
                        .flat_map(|slot| leaves_of(&func.slots[slot.index()].ty))
                        .map(|leaf| leaf.ty(ll))
                        .collect();
                    params.extend(hidden_types);
                    ll.fn_type(self.result_type(&func.ret), &params)
                }
            };
            let function = ll.add_function(&format!("omply.{}", func.name), ty);
            let called_from_outside = matches!(func.kind, FuncKind::Outlined | FuncKind::Target);
            ll.make_internal(function, !called_from_outside);
            ll.mark(function, "nounwind");
            self.funcs.push(Declared {
                ty,
                function,
                recursive,
                hidden,
            });
        }
    }

    /// A function returns its status and the leaves of its value.
    fn result_type(&self, ret: &omply_ir::Type) -> Ty {
        let mut fields = vec![self.ll.i32];
        fields.extend(leaves_of(ret).into_iter().map(|leaf| leaf.ty(&self.ll)));
        self.ll.struct_type(&fields)
    }
}
