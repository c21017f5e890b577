//! Every symbol that an object may refer to, by name.

use std::ffi::{CStr, CString};

use omply_offload::abi::*;
use omply_runtime::abi::omply::*;
use omply_runtime::abi::omply_depend::*;
use omply_runtime::abi::omply_lock::*;
use omply_runtime::abi::omply_task::*;

use super::{atomics, complex, errors, library, memory, stack, threadprivate};
use crate::lower::externals;

// Entry points of the runtime that this file has no Rust path for.
macro_rules! runtime_functions {
    ($($name:ident)*) => {
        unsafe extern "C" {
            $(fn $name();)*
        }
        fn runtime_function(name: &str) -> Option<usize> {
            match name {
                $(stringify!($name) => Some($name as *const () as usize),)*
                _ => None,
            }
        }
    };
}

runtime_functions! {
    __kmpc_global_thread_num __kmpc_error
    __kmpc_doacross_init __kmpc_doacross_post __kmpc_doacross_wait __kmpc_doacross_fini
    omp_get_thread_num omp_get_num_threads omp_get_max_threads omp_get_num_procs omp_get_thread_limit omp_in_parallel
    omp_get_level omp_get_active_level omp_get_ancestor_thread_num omp_get_team_size omp_get_max_active_levels
    omp_get_supported_active_levels omp_get_dynamic omp_get_cancellation omp_get_proc_bind omp_get_num_places
    omp_get_place_num omp_get_num_teams omp_get_team_num omp_get_num_devices omp_get_default_device
    omp_is_initial_device omp_get_initial_device omp_in_final omp_in_explicit_task omp_get_wtime omp_get_wtick
    omp_set_num_threads omp_set_dynamic omp_set_max_active_levels omp_set_schedule
}

/// What stands for a module in its own code.
#[derive(Clone, Copy, Default)]
pub struct Identity {
    /// What its errors carry.
    pub cookie: usize,
    /// Where devices get its regions from.
    pub source: u64,
}

/// The address of a symbol in the module that refers to it.
pub fn address(name: &CStr, module: Identity) -> Option<usize> {
    let text = name.to_str().ok()?;
    if let Some(critical) = text.strip_prefix(externals::CRITICAL_PREFIX) {
        return Some(omply_runtime::critical_storage(critical) as usize);
    }
    if let Some(key) = text.strip_prefix(externals::THREADPRIVATE_PREFIX) {
        return Some(threadprivate::identity(key));
    }
    if text == externals::COOKIE {
        return Some(module.cookie);
    }
    if text == externals::SOURCE {
        return Some(module.source as usize);
    }
    own_function(text)
        .or_else(|| runtime_function(text))
        .or_else(|| library::find(name))
}

/// Functions that lie in this program, by Rust path.
fn own_function(name: &str) -> Option<usize> {
    Some(match name {
        externals::INTERRUPT_FLAG => &raw const omply_interrupt as usize,
        "omply_fork" => omply_fork as *const () as usize,
        "omply_nest_num_threads" => omply_nest_num_threads as *const () as usize,
        "omply_check" => omply_runtime::check::omply_check as *const () as usize,
        "omply_teams" => omply_teams as *const () as usize,
        "omply_barrier" => omply_barrier as *const () as usize,
        "omply_cancelled" => omply_cancelled as *const () as usize,
        "omply_poll" => omply_poll as *const () as usize,
        "omply_single" => omply_single as *const () as usize,
        "omply_broadcast" => omply_broadcast as *const () as usize,
        "omply_critical_enter" => omply_critical_enter as *const () as usize,
        "omply_critical_exit" => omply_critical_exit as *const () as usize,
        "omply_loop_begin" => omply_loop_begin as *const () as usize,
        "omply_loop_next" => omply_loop_next as *const () as usize,
        "omply_cancel" => omply_cancel as *const () as usize,
        "omply_ordered_enter" => omply_ordered_enter as *const () as usize,
        "omply_ordered_exit" => omply_ordered_exit as *const () as usize,
        "omply_ordered_iteration_end" => omply_ordered_iteration_end as *const () as usize,
        "omply_turn_enter" => omply_turn_enter as *const () as usize,
        "omply_turn_exit" => omply_turn_exit as *const () as usize,
        "omply_task_spawn" => omply_task_spawn as *const () as usize,
        "omply_task_new" => omply_task_new as *const () as usize,
        "omply_task_submit" => omply_task_submit as *const () as usize,
        "omply_event_new" => omply_event_new as *const () as usize,
        "omply_lock" => omply_lock as *const () as usize,
        "omply_lock_new" => omply_lock_new as *const () as usize,
        "omply_event_fulfill" => omply_event_fulfill as *const () as usize,
        "omply_task_detach" => omply_task_detach as *const () as usize,
        "omply_task_transparent" => omply_task_transparent as *const () as usize,
        "omply_depend_object" => omply_depend_object as *const () as usize,
        "omply_depend_object_new" => omply_depend_object_new as *const () as usize,
        "omply_task_submit_depending" => omply_task_submit_depending as *const () as usize,
        "omply_taskwait_depending" => omply_taskwait_depending as *const () as usize,
        "omply_taskwait" => omply_taskwait as *const () as usize,
        "omply_taskyield" => omply_taskyield as *const () as usize,
        "omply_taskgroup_begin" => omply_taskgroup_begin as *const () as usize,
        "omply_taskgroup_end" => omply_taskgroup_end as *const () as usize,
        "omply_target_region" => omply_target_region as *const () as usize,
        "omply_target_data" => omply_target_data as *const () as usize,
        "omply_target_enter_exit_update" => omply_target_enter_exit_update as *const () as usize,
        "omply_target_device_address" => omply_target_device_address as *const () as usize,
        "omply_interop_init" => omply_offload::interop::omply_interop_init as *const () as usize,
        "omply_interop_end" => omply_offload::interop::omply_interop_end as *const () as usize,
        "omply_target_failed" => errors::target_failed as *const () as usize,
        "omply_tasks_failed" => errors::tasks_failed as *const () as usize,
        "omply_raise" => errors::raise as *const () as usize,
        "omply_failure" => errors::failure as *const () as usize,
        "omply_note_interrupt" => errors::note_interrupt as *const () as usize,
        "omply_region_failed" => errors::region_failed as *const () as usize,
        "omply_thread_failed" => errors::thread_failed as *const () as usize,
        "omply_allocate" => memory::allocate as *const () as usize,
        "omply_allocate_from" => memory::allocate_from as *const () as usize,
        "omply_retain" => memory::retain as *const () as usize,
        "omply_release" => memory::release as *const () as usize,
        "omply_copy_strided" => memory::copy_strided as *const () as usize,
        "omply_threadprivate" => threadprivate::address as *const () as usize,
        "omply_groupprivate" => threadprivate::group_address as *const () as usize,
        "omply_atomic_lock" => atomics::lock as *const () as usize,
        "omply_atomic_unlock" => atomics::unlock as *const () as usize,
        "omply_complex_pow" => complex::power as *const () as usize,
        "omply_stack_limit" => stack::limit as *const () as usize,
        _ => return None,
    })
}

/// As [`address`], for names that are no C strings yet.
pub fn address_of(name: &str) -> Option<usize> {
    address(&CString::new(name).ok()?, Identity::default())
}
