//! Tasks, `taskwait`, `taskyield`, task groups. How they are executed: see `task`.

use std::ffi::c_void;

use super::Ident;
use crate::ompt::{self, SyncRegion};
use crate::task::kmp::{self, Entry, KmpTask};
use crate::task::node::flag;
use crate::task::{event, group, scheduler, wait};
use crate::thread;

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_task_alloc(
    _loc: *const Ident,
    gtid: i32,
    flags: i32,
    size: usize,
    shareds: usize,
    entry: Option<Entry>,
) -> *mut KmpTask {
    kmp::allocate(thread::from_gtid(gtid), flags, size, shareds, entry)
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_target_task_alloc(
    _loc: *const Ident,
    gtid: i32,
    flags: i32,
    size: usize,
    shareds: usize,
    entry: Option<Entry>,
    _device: i64,
) -> *mut KmpTask {
    kmp::allocate(thread::from_gtid(gtid), flags, size, shareds, entry)
}

/// Hands a task over; also called by an untied task for itself, where a part of it ends.
///
/// # Safety
/// `task` came from `__kmpc_omp_task_alloc`.
pub unsafe extern "C" fn __kmpc_omp_task(_loc: *const Ident, gtid: i32, task: *mut KmpTask) -> i32 {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    unsafe {
        let node = kmp::node(task);
        if node.flags.get() & (flag::TIED | flag::PRIORITY) != flag::TIED {
            if std::ptr::eq(node, thread.task.current()) {
                node.set(flag::RESUME);
                return 0;
            }
            if node.has(flag::PRIORITY) {
                kmp::keep_priority(node);
            }
        }
        ompt::task_create(thread, node, false);
        scheduler::submit(thread, node);
    }
    0
}

/// # Safety
/// As [`__kmpc_omp_task`].
pub unsafe extern "C" fn __kmpc_omp_task_parts(
    loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { __kmpc_omp_task(loc, gtid, task) }
}

/// Begins an undeferred task, whose code the caller calls.
///
/// # Safety
/// As [`__kmpc_omp_task`].
pub unsafe extern "C" fn __kmpc_omp_task_begin_if0(
    _loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
) {
    // SAFETY: the caller's promise.
    unsafe { kmp::begin_undeferred(thread::from_gtid(gtid), kmp::node(task)) };
}

/// # Safety
/// As [`__kmpc_omp_task_begin_if0`], which has been called.
pub unsafe extern "C" fn __kmpc_omp_task_complete_if0(
    _loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
) {
    // SAFETY: the caller's promise.
    unsafe { kmp::end_undeferred(thread::from_gtid(gtid), kmp::node(task)) };
}

pub extern "C" fn __kmpc_omp_taskwait(_loc: *const Ident, gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    ompt::around_wait(thread, SyncRegion::Taskwait, || wait::for_children(thread));
    0
}

pub extern "C" fn __kmpc_omp_taskyield(_loc: *const Ident, gtid: i32, _end_part: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    ompt::around_yield(thread, || wait::yield_once(thread));
    0
}

pub extern "C" fn __kmpc_taskgroup(_loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    ompt::taskgroup_begin(thread);
    group::begin(thread);
}

pub extern "C" fn __kmpc_end_taskgroup(_loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    ompt::around_taskgroup_end(thread, || group::end(thread));
}

/// The event of a `detach` clause: its handle.
///
/// # Safety
/// `task` came from `__kmpc_omp_task_alloc` and has not been handed over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_task_allow_completion_event(
    _loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
) -> usize {
    // SAFETY: the caller's promise.
    event::allow(thread::from_gtid(gtid), unsafe { kmp::node(task) })
}

/// # Safety
/// `event` is the handle of an event that has not been fulfilled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_fulfill_event(event: usize) {
    // SAFETY: the caller's promise.
    unsafe { event::fulfil(event) };
}

/// Affinity is a hint; the thread that generates a task is as near to its data as we know.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_reg_task_with_affinity(
    _loc: *const Ident,
    _gtid: i32,
    _task: *mut KmpTask,
    _count: i32,
    _list: *const c_void,
) -> i32 {
    0
}
