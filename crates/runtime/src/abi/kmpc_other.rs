//! Entry points of older compilers and of tools: locks by location, the split barrier, numbers of tasks, questions to the
//! library; and interoperability objects, of which there are none on the host.

use std::ffi::c_void;
use std::ptr::null_mut;

use super::Ident;
use super::kmpc_sync::__kmpc_barrier;
use super::omp::omp_pause_resource;
use super::omp_lock::*;
use crate::config::{TargetOffload, config};
use crate::thread;

macro_rules! locks {
    ($($name:ident = $routine:ident($($hint:ident)?) $(-> $result:ty)?;)*) => {$(
        /// # Safety
        /// As the routine without the location.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            _loc: *const Ident, _gtid: i32, lock: *mut c_void $(, $hint: usize)?
        ) $(-> $result)? {
            // SAFETY: the caller's promise.
            unsafe { $routine(lock $(, $hint as u32)?) }
        }
    )*};
}

locks! {
    __kmpc_init_lock = omp_init_lock();
    __kmpc_init_lock_with_hint = omp_init_lock_with_hint(hint);
    __kmpc_destroy_lock = omp_destroy_lock();
    __kmpc_set_lock = omp_set_lock();
    __kmpc_unset_lock = omp_unset_lock();
    __kmpc_test_lock = omp_test_lock() -> i32;
    __kmpc_init_nest_lock = omp_init_nest_lock();
    __kmpc_init_nest_lock_with_hint = omp_init_nest_lock_with_hint(hint);
    __kmpc_destroy_nest_lock = omp_destroy_nest_lock();
    __kmpc_set_nest_lock = omp_set_nest_lock();
    __kmpc_unset_nest_lock = omp_unset_nest_lock();
    __kmpc_test_nest_lock = omp_test_nest_lock() -> i32;
}

/// A barrier in which the first thread (1) does something when all have arrived; the others (0) go on after
/// [`__kmpc_end_barrier_master`].
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_barrier_master(loc: *const Ident, gtid: i32) -> i32 {
    __kmpc_barrier(loc, gtid);
    if thread::from_gtid(gtid).member().tid.get() == 0 {
        return 1;
    }
    __kmpc_barrier(loc, gtid);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_barrier_master(loc: *const Ident, gtid: i32) {
    __kmpc_barrier(loc, gtid);
}

/// The same where the others do not wait for the first.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_barrier_master_nowait(loc: *const Ident, gtid: i32) -> i32 {
    __kmpc_barrier(loc, gtid);
    (thread::from_gtid(gtid).member().tid.get() == 0).into()
}

/// `scope` needs nothing done at its ends.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_scope(_loc: *const Ident, _gtid: i32, _reserved: *mut c_void) {}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_scope(_loc: *const Ident, _gtid: i32, _reserved: *mut c_void) {}

/// A pushed number of threads is for the next region alone, so there is nothing to take back.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_pop_num_threads(_loc: *const Ident, _gtid: i32) {}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_ok_to_fork(_loc: *const Ident) -> i32 {
    1
}

/// A number that no other task has that exists at the same time.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_get_taskid() -> u64 {
    std::ptr::from_ref(thread::current().task.current()) as u64
}

/// The number of the generating task; 0: none.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_get_parent_taskid() -> u64 {
    let parent = thread::current().task.current().parent.get();
    parent as u64
}

/// May the current task have tasks that other threads execute?
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_has_task_team(gtid: i32) -> i32 {
    (thread::from_gtid(gtid).member().team_size.get() > 1).into()
}

/// 0: disabled, 1: default, 2: mandatory.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_get_target_offload() -> i32 {
    match config().target_offload {
        TargetOffload::Disabled => 0,
        TargetOffload::Default => 1,
        TargetOffload::Mandatory => 2,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_pause_resource(kind: i32, device: i32) -> i32 {
    omp_pause_resource(kind, device)
}

/// `interop init` and `destroy`: without devices the object is `omp_interop_none`.
///
/// # Safety
/// `object` is the address of the program's variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __tgt_interop_init(
    _loc: *const Ident,
    _gtid: i32,
    object: *mut *mut c_void,
    _kind: i32,
    _device: i32,
    _count: i32,
    _list: *const c_void,
    _nowait: i32,
) {
    // SAFETY: the caller's promise.
    unsafe { *object = null_mut() };
}

/// # Safety
/// `object` is the address of the program's variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __tgt_interop_destroy(
    _loc: *const Ident,
    _gtid: i32,
    object: *mut *mut c_void,
    _device: i32,
    _count: i32,
    _list: *const c_void,
    _nowait: i32,
) {
    // SAFETY: the caller's promise.
    unsafe { *object = null_mut() };
}

#[unsafe(no_mangle)]
pub extern "C" fn __tgt_interop_use(
    _loc: *const Ident,
    _gtid: i32,
    _object: *mut *mut c_void,
    _device: i32,
    _count: i32,
    _list: *const c_void,
    _nowait: i32,
) {
}
