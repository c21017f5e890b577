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
mod declare_simd;
mod defer;
mod depend;
pub mod device;
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
mod vector_math;
mod view;
mod worksharing;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use omply_ir::{FuncKind, Inst, Module, Op, SiteId};

use crate::llvm::{Llvm, Ty, Value};
use crate::{CodegenError, Options};

use device::Device;
use func::FuncLower;
use layout::leaves_of;
use ownership::Ownership;
pub use recursion::recursive_functions;
use recursion::{Hidden, hidden_params};
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
    /// The device to generate code for; absent for the host.
    pub device: Option<Device>,
    funcs: Vec<Declared>,
    externals: RefCell<HashMap<String, (Ty, Value)>>,
    /// Vector variants of library functions: named by attributes only, so they must be kept.
    variants: RefCell<Vec<Value>>,
    /// By function: what those with vector versions have.
    callees: Vec<Option<declare_simd::Callee>>,
    versions: RefCell<declare_simd::Versions>,
    /// The loops that are to be vector code, when it is to be explained which are not.
    wanted: Vec<(String, omply_diagnostics::Span, bool)>,
    tbaa: Tbaa,
    ownership: Ownership,
    has_tasks: bool,
    /// Tasks combine their parts of reductions, maybe while threads combine theirs with the same variables.
    tasks_combine: bool,
    /// By function: the entry of the task that it is the body of, null for others.
    entries: Vec<Value>,
    /// Devices: which functions meet barriers, and whether threads ask each other there whether one has failed.
    meeting: Vec<bool>,
    asks: bool,
    /// Devices: what is made when it is first needed.
    flag: Cell<Option<Value>>,
    fail: Cell<Option<(Ty, Value)>>,
    locks: RefCell<HashMap<String, Value>>,
    buffers: RefCell<Vec<Value>>,
    arrays: RefCell<HashMap<(usize, SiteId, u64), Value>>,
    needs_heap: Cell<bool>,
}

/// What lowering has found out.
pub struct Lowered {
    pub ll: Llvm,
    pub needs_heap: bool,
}

/// Translates a module.
pub fn lower(
    ll: Llvm,
    module: &Module,
    options: &Options,
    device: Option<Device>,
) -> Result<Lowered, CodegenError> {
    let tbaa = Tbaa::new(&ll);
    let meeting = match device {
        Some(_) => device::meeting(module),
        None => Vec::new(),
    };
    let mut lower = ModuleLower {
        ll,
        module,
        options,
        device,
        funcs: Vec::new(),
        externals: RefCell::default(),
        variants: RefCell::default(),
        callees: Vec::new(),
        versions: RefCell::default(),
        wanted: if options.explain {
            crate::explain::wanted(module)
        } else {
            Vec::new()
        },
        tbaa,
        // Devices give memory back at the end of a kernel.
        ownership: if device.is_some() {
            Ownership::none(module)
        } else {
            Ownership::of(module)
        },
        entries: Vec::new(),
        asks: device.is_some() && meeting.iter().any(|&meets| meets),
        meeting,
        flag: Cell::default(),
        fail: Cell::default(),
        locks: RefCell::default(),
        buffers: RefCell::default(),
        arrays: RefCell::default(),
        needs_heap: Cell::default(),
        tasks_combine: module.funcs.iter().any(|func| {
            let combines = |inst: &Inst| matches!(inst.op, Op::Reduce { .. } | Op::Combine { .. });
            func.kind == FuncKind::Task && func.body.any(&combines)
        }),
        has_tasks: module.funcs.iter().any(|func| func.kind == FuncKind::Task),
    };
    lower.declare_functions();
    lower.declare_callees();
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
        FuncLower::of(&lower, index, lower.funcs[index]).lower()?;
    }
    lower.finish_callees()?;
    if device.is_none() {
        lower.entry()?;
    }
    lower.ll.keep(&lower.variants.borrow());
    Ok(Lowered {
        needs_heap: lower.needs_heap.get(),
        ll: lower.ll,
    })
}

impl ModuleLower<'_> {
    fn declare_functions(&mut self) {
        let recursive = recursive_functions(self.module);
        let hidden = match self.device {
            None => hidden_params(self.module, &recursive),
            Some(_) => vec![Hidden::default(); recursive.len()],
        };
        for ((func, &recursive), &hidden) in self.module.funcs.iter().zip(&recursive).zip(&hidden) {
            let ll = &self.ll;
            let mut hidden_types = Vec::new();
            if self.device.is_some() {
                hidden_types.push(ll.ptr);
            }
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
                FuncKind::Target if self.device.is_some() => self.kernel_type(func),
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
            let function = match self.device {
                None => {
                    let function = ll.add_function(&format!("omply.{}", func.name), ty);
                    let called_from_outside =
                        matches!(func.kind, FuncKind::Outlined | FuncKind::Target);
                    ll.make_internal(function, !called_from_outside);
                    function
                }
                Some(device) => self.device_function(device, func, ty, recursive),
            };
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
