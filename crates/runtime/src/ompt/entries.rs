//! The C entry points that tools want to know the caller of. Each notes its return address and frame when somebody is watching,
//! and goes on to the function that does the work, with all arguments where they were; otherwise it is a test and a jump.
//!
//! `__kmpc_fork_call` and `__kmpc_fork_teams` have shims of their own and note it themselves.

use std::arch::naked_asm;

use super::{WATCHED, entered};

unsafe extern "C" fn note(code: usize, frame: usize) {
    entered(code, frame);
}

#[cfg(target_arch = "x86_64")]
macro_rules! entry {
    ($name:ident, $function:path) => {
        /// See the module's description.
        ///
        /// # Safety
        /// As for the function it goes on to.
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name() {
            naked_asm!(
                ".cfi_startproc",
                "cmp byte ptr [rip + {watched}], 0",
                "jne 2f",
                "jmp {function}",
                "2:",
                "push rdi",
                "push rsi",
                "push rdx",
                "push rcx",
                "push r8",
                "push r9",
                "sub rsp, 8",
                ".cfi_def_cfa_offset 64",
                "mov rdi, [rsp + 56]",
                "lea rsi, [rsp + 64]",
                "call {note}",
                "add rsp, 8",
                "pop r9",
                "pop r8",
                "pop rcx",
                "pop rdx",
                "pop rsi",
                "pop rdi",
                ".cfi_def_cfa_offset 8",
                "jmp {function}",
                ".cfi_endproc",
                watched = sym WATCHED,
                note = sym note,
                function = sym $function,
            )
        }
    };
}

#[cfg(target_arch = "aarch64")]
macro_rules! entry {
    ($name:ident, $function:path) => {
        /// See the module's description.
        ///
        /// # Safety
        /// As for the function it goes on to.
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name() {
            naked_asm!(
                ".cfi_startproc",
                "adrp x16, {watched}",
                "ldrb w16, [x16, :lo12:{watched}]",
                "cbnz w16, 2f",
                "b {function}",
                "2:",
                "stp x29, x30, [sp, #-80]!",
                ".cfi_def_cfa_offset 80",
                ".cfi_offset x30, -72",
                ".cfi_offset x29, -80",
                "stp x0, x1, [sp, #16]",
                "stp x2, x3, [sp, #32]",
                "stp x4, x5, [sp, #48]",
                "stp x6, x7, [sp, #64]",
                "mov x0, x30",
                "add x1, sp, #80",
                "bl {note}",
                "ldp x0, x1, [sp, #16]",
                "ldp x2, x3, [sp, #32]",
                "ldp x4, x5, [sp, #48]",
                "ldp x6, x7, [sp, #64]",
                "ldp x29, x30, [sp], #80",
                ".cfi_def_cfa_offset 0",
                "b {function}",
                ".cfi_endproc",
                watched = sym WATCHED,
                note = sym note,
                function = sym $function,
            )
        }
    };
}

macro_rules! entries {
    ($($($module:ident)::+: $($name:ident)*;)*) => { $(entries!(@of [$($module)::+] $($name)*);)* };
    (@of $module:tt $($name:ident)*) => { $(entries!(@one $module $name);)* };
    (@one [$($module:ident)::+] $name:ident) => { entry!($name, crate::abi::$($module)::+::$name); };
}

entries! {
    kmpc_parallel: __kmpc_fork_call_if __kmpc_serialized_parallel __kmpc_end_serialized_parallel;
    kmpc_sync:
        __kmpc_barrier __kmpc_flush __kmpc_single __kmpc_end_single __kmpc_copyprivate
        __kmpc_master __kmpc_end_master __kmpc_masked __kmpc_end_masked
        __kmpc_critical __kmpc_critical_with_hint __kmpc_end_critical
        __kmpc_reduce __kmpc_reduce_nowait __kmpc_end_reduce __kmpc_end_reduce_nowait __kmpc_error;
    kmpc_loop:
        __kmpc_for_static_init_4 __kmpc_for_static_init_4u __kmpc_for_static_init_8 __kmpc_for_static_init_8u
        __kmpc_for_static_fini
        __kmpc_dispatch_init_4 __kmpc_dispatch_init_4u __kmpc_dispatch_init_8 __kmpc_dispatch_init_8u
        __kmpc_dispatch_next_4 __kmpc_dispatch_next_4u __kmpc_dispatch_next_8 __kmpc_dispatch_next_8u
        __kmpc_dispatch_deinit __kmpc_ordered __kmpc_end_ordered;
    kmpc_cancel: __kmpc_cancel __kmpc_cancellationpoint __kmpc_cancel_barrier;
    omp_lock:
        omp_init_lock omp_init_lock_with_hint omp_destroy_lock omp_set_lock omp_unset_lock omp_test_lock
        omp_init_nest_lock omp_init_nest_lock_with_hint omp_destroy_nest_lock
        omp_set_nest_lock omp_unset_nest_lock omp_test_nest_lock;
    omp: omp_control_tool;
    kmpc_task:
        __kmpc_omp_task __kmpc_omp_task_parts __kmpc_omp_task_begin_if0 __kmpc_omp_task_complete_if0
        __kmpc_omp_taskwait __kmpc_omp_taskyield __kmpc_taskgroup __kmpc_end_taskgroup;
    kmpc_depend: __kmpc_omp_task_with_deps __kmpc_omp_wait_deps __kmpc_omp_taskwait_deps_51;
    kmpc_taskloop: __kmpc_taskloop __kmpc_taskloop_5;
    gomp::loops:
        GOMP_loop_dynamic_next GOMP_loop_dynamic_start GOMP_loop_end GOMP_loop_end_cancel
        GOMP_loop_end_nowait GOMP_loop_guided_next GOMP_loop_guided_start
        GOMP_loop_maybe_nonmonotonic_runtime_next GOMP_loop_maybe_nonmonotonic_runtime_start
        GOMP_loop_nonmonotonic_dynamic_next GOMP_loop_nonmonotonic_dynamic_start
        GOMP_loop_nonmonotonic_guided_next GOMP_loop_nonmonotonic_guided_start
        GOMP_loop_nonmonotonic_runtime_next GOMP_loop_nonmonotonic_runtime_start
        GOMP_loop_ordered_dynamic_next GOMP_loop_ordered_dynamic_start GOMP_loop_ordered_guided_next
        GOMP_loop_ordered_guided_start GOMP_loop_ordered_runtime_next GOMP_loop_ordered_runtime_start
        GOMP_loop_ordered_start GOMP_loop_ordered_static_next GOMP_loop_ordered_static_start
        GOMP_loop_runtime_next GOMP_loop_runtime_start GOMP_loop_start GOMP_loop_static_next
        GOMP_loop_static_start GOMP_loop_ull_dynamic_next GOMP_loop_ull_dynamic_start
        GOMP_loop_ull_guided_next GOMP_loop_ull_guided_start GOMP_loop_ull_maybe_nonmonotonic_runtime_next
        GOMP_loop_ull_maybe_nonmonotonic_runtime_start GOMP_loop_ull_nonmonotonic_dynamic_next
        GOMP_loop_ull_nonmonotonic_dynamic_start GOMP_loop_ull_nonmonotonic_guided_next
        GOMP_loop_ull_nonmonotonic_guided_start GOMP_loop_ull_nonmonotonic_runtime_next
        GOMP_loop_ull_nonmonotonic_runtime_start GOMP_loop_ull_ordered_dynamic_next
        GOMP_loop_ull_ordered_dynamic_start GOMP_loop_ull_ordered_guided_next
        GOMP_loop_ull_ordered_guided_start GOMP_loop_ull_ordered_runtime_next
        GOMP_loop_ull_ordered_runtime_start GOMP_loop_ull_ordered_start GOMP_loop_ull_ordered_static_next
        GOMP_loop_ull_ordered_static_start GOMP_loop_ull_runtime_next GOMP_loop_ull_runtime_start
        GOMP_loop_ull_start GOMP_loop_ull_static_next GOMP_loop_ull_static_start GOMP_parallel_loop_dynamic
        GOMP_parallel_loop_dynamic_start GOMP_parallel_loop_guided GOMP_parallel_loop_guided_start
        GOMP_parallel_loop_maybe_nonmonotonic_runtime GOMP_parallel_loop_nonmonotonic_dynamic
        GOMP_parallel_loop_nonmonotonic_guided GOMP_parallel_loop_nonmonotonic_runtime
        GOMP_parallel_loop_runtime GOMP_parallel_loop_runtime_start GOMP_parallel_loop_static
        GOMP_parallel_loop_static_start;
    gomp::parallel:
        GOMP_parallel GOMP_parallel_end GOMP_parallel_start;
    gomp::sections:
        GOMP_parallel_sections GOMP_parallel_sections_start GOMP_sections2_start GOMP_sections_end
        GOMP_sections_end_cancel GOMP_sections_end_nowait GOMP_sections_next GOMP_sections_start;
    gomp::sync:
        GOMP_atomic_end GOMP_atomic_start GOMP_barrier GOMP_barrier_cancel GOMP_barrier_cancel_ext
        GOMP_barrier_ext GOMP_cancel GOMP_cancellation_point GOMP_critical_end GOMP_critical_name_end
        GOMP_critical_name_start GOMP_critical_start GOMP_has_masked_thread_num GOMP_ordered_end
        GOMP_ordered_start GOMP_single_copy_end GOMP_single_copy_start GOMP_single_start;
    gomp::task:
        GOMP_task GOMP_taskwait GOMP_taskwait_depend GOMP_taskwait_depend_nowait GOMP_taskyield
        GOMP_taskgroup_start GOMP_taskgroup_end;
    gomp::taskloop: GOMP_taskloop GOMP_taskloop_ull;
}
