//! The functions that generated code calls: the OpenMP runtime, this crate's support functions, the C library.

use crate::llvm::{Llvm, Ty, Value};

use super::ModuleLower;

/// Types in signatures of the C ABI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum C {
    Void,
    I32,
    I64,
    F64,
    Ptr,
}

impl C {
    fn ty(self, ll: &Llvm) -> Ty {
        match self {
            C::Void => ll.void,
            C::I32 => ll.i32,
            C::I64 => ll.i64,
            C::F64 => ll.f64,
            C::Ptr => ll.ptr,
        }
    }
}

/// What LLVM may know of an external function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Reads and writes whatever it likes.
    Any,
    /// Gives the same answer wherever it is called in one activation of a function.
    Constant,
    /// Looks at the runtime's own memory, at no variable.
    Inspects,
    /// Only on paths that fail.
    Cold,
    /// The same, and touches no variable.
    Records,
    /// Returns memory that nothing else points to.
    Allocates,
}

/// One function.
#[derive(Clone, Copy, Debug)]
pub struct External {
    pub name: &'static str,
    pub ret: C,
    pub params: &'static [C],
    pub effect: Effect,
}

const fn external(name: &'static str, ret: C, params: &'static [C], effect: Effect) -> External {
    External {
        name,
        ret,
        params,
        effect,
    }
}

use C::{F64, I32, I64, Ptr, Void};
use Effect::{Allocates, Any, Cold, Constant, Inspects, Records};

// The runtime.
pub const FORK: External = external("omply_fork", I32, &[Ptr, Ptr, Ptr, I32, I32, I32], Any);
pub const TEAMS: External = external(
    "omply_teams",
    I32,
    &[Ptr, Ptr, Ptr, I32, I32, I32, I32],
    Any,
);
pub const BARRIER: External = external("omply_barrier", I32, &[I32], Any);
pub const CANCELLED: External = external("omply_cancelled", I32, &[I32], Inspects);
pub const POLL: External = external("omply_poll", I32, &[I32], Cold);
pub const DOACROSS_INIT: External =
    external("__kmpc_doacross_init", Void, &[Ptr, I32, I32, Ptr], Any);
pub const DOACROSS_POST: External = external("__kmpc_doacross_post", Void, &[Ptr, I32, Ptr], Any);
pub const DOACROSS_WAIT: External = external("__kmpc_doacross_wait", Void, &[Ptr, I32, Ptr], Any);
pub const DOACROSS_FINI: External = external("__kmpc_doacross_fini", Void, &[Ptr, I32], Any);
pub const CANCEL: External = external("omply_cancel", I32, &[I32, I32, I32], Any);
pub const SINGLE: External = external("omply_single", I32, &[I32], Any);
pub const BROADCAST: External = external("omply_broadcast", I32, &[I32, Ptr, Ptr], Any);
pub const CRITICAL_ENTER: External = external("omply_critical_enter", I32, &[I32, Ptr], Any);
pub const CRITICAL_EXIT: External = external("omply_critical_exit", Void, &[I32, Ptr], Any);
pub const ERROR: External = external("__kmpc_error", Void, &[Ptr, I32, Ptr], Cold);
pub const CHECK: External = external("omply_check", I64, &[I32, I64, Ptr, Ptr], Any);
pub const LOOP_BEGIN: External = external("omply_loop_begin", Void, &[I32, I32, I64, I64], Any);
pub const LOOP_NEXT: External = external("omply_loop_next", I32, &[I32, Ptr, Ptr, Ptr], Any);
pub const ORDERED_ENTER: External = external("omply_ordered_enter", I32, &[I32], Any);
pub const ORDERED_EXIT: External = external("omply_ordered_exit", Void, &[I32], Any);
pub const ORDERED_ITERATION_END: External =
    external("omply_ordered_iteration_end", Void, &[I32], Any);
pub const TURN_ENTER: External = external("omply_turn_enter", I32, &[I32], Any);
pub const TURN_EXIT: External = external("omply_turn_exit", Void, &[I32], Any);
pub const TASK_SPAWN: External = external("omply_task_spawn", I32, &[I32, Ptr, Ptr, Ptr, I32], Any);
pub const TASK_NEW: External =
    external("omply_task_new", Ptr, &[I32, Ptr, Ptr, I64, I32, I32], Any);
pub const TASK_SUBMIT: External = external("omply_task_submit", I32, &[I32, Ptr], Any);
pub const TASK_SUBMIT_DEPENDING: External = external(
    "omply_task_submit_depending",
    I32,
    &[I32, Ptr, Ptr, I64],
    Any,
);
pub const EVENT_NEW: External = external("omply_event_new", I64, &[I32], Any);
pub const TASK_DETACH: External = external("omply_task_detach", Void, &[I32, Ptr, I64], Any);
pub const TASK_TRANSPARENT: External =
    external("omply_task_transparent", Void, &[I32, Ptr, I32], Any);
pub const DEPEND_OBJECT_NEW: External = external("omply_depend_object_new", I64, &[Ptr, I64], Any);
pub const DEPEND_OBJECT: External = external("omply_depend_object", I32, &[I64, I32], Any);
pub const TASK_WAIT_DEPENDING: External =
    external("omply_taskwait_depending", I32, &[I32, Ptr, I64, I32], Any);
pub const TASK_WAIT: External = external("omply_taskwait", I32, &[I32], Any);
pub const TASK_YIELD: External = external("omply_taskyield", I32, &[I32], Any);
pub const TASKGROUP_BEGIN: External = external("omply_taskgroup_begin", Void, &[I32], Any);
pub const TASKGROUP_END: External = external("omply_taskgroup_end", I32, &[I32], Any);
pub const GLOBAL_THREAD_NUM: External = external("__kmpc_global_thread_num", I32, &[Ptr], Constant);
pub const THREAD_NUM: External = external("omp_get_thread_num", I32, &[], Constant);
pub const NUM_THREADS: External = external("omp_get_num_threads", I32, &[], Constant);

// The runtime's part for devices.
pub const TARGET_REGION: External = external(
    "omply_target_region",
    I32,
    &[I32, Ptr, I64, I32, Ptr, I32, Ptr, I32, Ptr],
    Any,
);
pub const TARGET_DATA: External = external(
    "omply_target_data",
    I32,
    &[I32, I64, I32, I32, Ptr, I32, Ptr, I32],
    Any,
);
pub const TARGET_MOVE: External = external(
    "omply_target_enter_exit_update",
    I32,
    &[I32, I64, I32, I32, Ptr, I32, Ptr, I32],
    Any,
);
pub const DEVICE_ADDRESS: External = external("omply_target_device_address", I64, &[I64, Ptr], Any);

// This crate's support functions.
pub const TARGET_FAILED: External = external("omply_target_failed", I32, &[Ptr, I32], Cold);
pub const RAISE: External = external("omply_raise", Void, &[Ptr, I32, I64, I64, I64], Records);
pub const FAILURE: External = external("omply_failure", I32, &[], Inspects);
pub const INTERRUPTED: External = external("omply_note_interrupt", Void, &[], Cold);
pub const REGION_FAILED: External = external("omply_region_failed", I32, &[Ptr, I32], Cold);
pub const TASKS_FAILED: External = external("omply_tasks_failed", I32, &[Ptr, I32], Cold);
pub const THREAD_FAILED: External = external("omply_thread_failed", Void, &[I32, I32], Cold);
pub const ALLOCATE: External = external("omply_allocate", Ptr, &[Ptr, I64, I64, I32], Allocates);
pub const ALLOCATE_FROM: External = external(
    "omply_allocate_from",
    Ptr,
    &[Ptr, I64, I64, I32, I64, I64, Ptr],
    Any,
);
pub const RETAIN: External = external("omply_retain", Void, &[Ptr], Any);
pub const RELEASE: External = external("omply_release", Void, &[Ptr], Any);
pub const COPY: External = external(
    "omply_copy_strided",
    I32,
    &[Ptr, Ptr, Ptr, Ptr, Ptr, I64, I64],
    Any,
);
pub const THREADPRIVATE: External = external("omply_threadprivate", Ptr, &[Ptr, I64, Ptr], Any);
pub const GROUPPRIVATE: External = external("omply_groupprivate", Ptr, &[Ptr, I64, Ptr], Any);
pub const ATOMIC_LOCK: External = external("omply_atomic_lock", Void, &[Ptr], Any);
pub const ATOMIC_UNLOCK: External = external("omply_atomic_unlock", Void, &[Ptr], Any);
pub const COMPLEX_POW: External =
    external("omply_complex_pow", Void, &[F64, F64, F64, F64, Ptr], Any);
pub const STACK_LIMIT: External = external("omply_stack_limit", I64, &[], Constant);

/// The flag that asks every region to end.
pub const INTERRUPT_FLAG: &str = "omply_interrupt";
/// Its address is the number that errors of the module carry.
pub const COOKIE: &str = "omply_cookie";
/// Its address is the number by which the devices' runtime knows where the module's regions come from.
pub const SOURCE: &str = "omply_source";
/// Followed by the name: a lock that all modules share.
pub const CRITICAL_PREFIX: &str = "omply_critical.";
/// Followed by the key: stands for a threadprivate or groupprivate variable in all modules.
pub const THREADPRIVATE_PREFIX: &str = "omply_threadprivate.";
/// The function that callers look up.
pub const ENTRY: &str = "omply_entry";

impl ModuleLower<'_> {
    /// Declares an external function at its first use.
    pub fn external(&self, external: External) -> (Ty, Value) {
        let ll = &self.ll;
        *self
            .externals
            .borrow_mut()
            .entry(external.name.into())
            .or_insert_with(|| {
                let params: Vec<Ty> = external.params.iter().map(|param| param.ty(ll)).collect();
                let ty = ll.fn_type(external.ret.ty(ll), &params);
                let function = ll.add_function(external.name, ty);
                ll.mark(function, "nounwind");
                match external.effect {
                    Effect::Any => {}
                    Effect::Constant => self.mark_pure(function),
                    Effect::Inspects => {
                        ll.mark(function, "willreturn");
                        self.mark_memory(function, INACCESSIBLE_MEMORY);
                    }
                    Effect::Cold => ll.mark(function, "cold"),
                    Effect::Records => {
                        ll.mark(function, "cold");
                        ll.mark(function, "willreturn");
                        self.mark_memory(function, INACCESSIBLE_MEMORY);
                    }
                    Effect::Allocates => ll.mark_at(function, 0, "noalias", 0),
                }
                (ty, function)
            })
    }

    /// A function of the C library that computes and does nothing else.
    pub fn library_function(&self, name: &str, ret: Ty, params: &[Ty]) -> (Ty, Value) {
        let ll = &self.ll;
        *self
            .externals
            .borrow_mut()
            .entry(name.into())
            .or_insert_with(|| {
                let ty = ll.fn_type(ret, params);
                let function = ll.add_function(name, ty);
                ll.mark(function, "nounwind");
                self.mark_pure(function);
                (ty, function)
            })
    }

    fn mark_pure(&self, function: Value) {
        self.ll.mark(function, "willreturn");
        self.mark_memory(function, NO_MEMORY);
    }

    fn mark_memory(&self, function: Value, effects: u64) {
        self.ll.mark_at(
            function,
            llvm_sys::LLVMAttributeFunctionIndex,
            "memory",
            effects,
        );
    }
}

/// LLVM's encoding of `memory(none)` and `memory(inaccessiblemem: readwrite)`: two bits for each kind of location.
const NO_MEMORY: u64 = 0;
const INACCESSIBLE_MEMORY: u64 = 0b1100;
