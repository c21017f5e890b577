//! Tasks, taskloops, task groups, task reductions. How tasks are executed: see `task`.

use std::ffi::c_void;

use super::Ident;
use crate::task::{self, Task, TaskEntry};
use crate::thread;

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_task_alloc(
    _loc: *const Ident,
    _gtid: i32,
    flags: i32,
    size: usize,
    shareds: usize,
    entry: Option<TaskEntry>,
) -> *mut Task {
    task::allocate(flags, size, shareds, entry)
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_target_task_alloc(
    _loc: *const Ident,
    _gtid: i32,
    flags: i32,
    size: usize,
    shareds: usize,
    entry: Option<TaskEntry>,
    _device: i64,
) -> *mut Task {
    task::allocate(flags, size, shareds, entry)
}

/// # Safety
/// `task` came from `__kmpc_omp_task_alloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_omp_task(_loc: *const Ident, gtid: i32, task: *mut Task) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { task::execute(thread::from_gtid(gtid), task) };
    0
}

/// Dependences hold by the order of execution.
///
/// # Safety
/// As [`__kmpc_omp_task`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_omp_task_with_deps(
    loc: *const Ident,
    gtid: i32,
    task: *mut Task,
    _count: i32,
    _list: *const c_void,
    _noalias_count: i32,
    _noalias_list: *const c_void,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { __kmpc_omp_task(loc, gtid, task) }
}

/// # Safety
/// As [`__kmpc_omp_task`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_omp_task_begin_if0(_loc: *const Ident, gtid: i32, task: *mut Task) {
    // SAFETY: the caller's promise.
    unsafe { task::begin(thread::from_gtid(gtid), task) };
}

/// # Safety
/// As [`__kmpc_omp_task`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_omp_task_complete_if0(
    _loc: *const Ident,
    gtid: i32,
    task: *mut Task,
) {
    // SAFETY: the caller's promise.
    unsafe { task::end(thread::from_gtid(gtid), task) };
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_wait_deps(
    _loc: *const Ident,
    _gtid: i32,
    _count: i32,
    _list: *const c_void,
    _noalias_count: i32,
    _noalias_list: *const c_void,
) {
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_taskwait_deps_51(
    _loc: *const Ident,
    _gtid: i32,
    _count: i32,
    _list: *const c_void,
    _noalias_count: i32,
    _noalias_list: *const c_void,
    _nowait: i32,
) {
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_taskwait(_loc: *const Ident, _gtid: i32) -> i32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_taskyield(_loc: *const Ident, _gtid: i32, _end_part: i32) -> i32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_taskgroup(_loc: *const Ident, _gtid: i32) {}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_taskgroup(_loc: *const Ident, _gtid: i32) {}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_omp_reg_task_with_affinity(
    _loc: *const Ident,
    _gtid: i32,
    _task: *mut Task,
    _count: i32,
    _list: *const c_void,
) -> i32 {
    0
}

/// How a taskloop's iterations are cut into tasks: so many tasks, the first `larger` of which have one iteration more.
fn cut(count: u64, schedule: i32, amount: u64, strict: bool) -> (u64, u64, u64) {
    const GRAINSIZE: i32 = 1;
    const NUM_TASKS: i32 = 2;
    let tasks = match (schedule, amount.max(1)) {
        (GRAINSIZE, grain) if strict => return (count.div_ceil(grain), 0, grain),
        (GRAINSIZE, grain) => (count / grain).max(1),
        (NUM_TASKS, tasks) => tasks.min(count),
        _ => 1,
    };
    (tasks, count % tasks, count / tasks)
}

/// # Safety
/// As Clang calls it: `lower` and `upper` lie in the task's private part, which `fill` (if any) readies in copies.
unsafe fn taskloop(
    gtid: i32,
    task: *mut Task,
    bounds: (*mut u64, *mut u64),
    step: i64,
    cutting: (i32, u64, bool),
    fill: Option<Fill>,
) {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    unsafe {
        let (lower, upper) = (*bounds.0, *bounds.1);
        let offset = |pointer: *mut u64| pointer.cast::<u8>().offset_from(task.cast::<u8>());
        let (lower_at, upper_at) = (offset(bounds.0), offset(bounds.1));
        let count =
            crate::schedule::trip_count((lower as i64).into(), (upper as i64).into(), step.into());
        if count == 0 {
            task::begin(thread, task);
            return task::end(thread, task);
        }
        let (schedule, amount, strict) = cutting;
        let (tasks, larger, size) = cut(count, schedule, amount, strict);
        let mut first = 0;
        for number in 0..tasks {
            let length = (size + u64::from(number < larger)).min(count - first);
            let is_last = number + 1 == tasks;
            // The last part uses the task itself.
            let part = if is_last { task } else { task::duplicate(task) };
            let at = |offset: isize| part.cast::<u8>().offset(offset).cast::<u64>();
            *at(lower_at) = lower.wrapping_add((step as u64).wrapping_mul(first));
            *at(upper_at) = lower.wrapping_add((step as u64).wrapping_mul(first + length - 1));
            if let Some(fill) = fill {
                fill(part, task, is_last.into());
            }
            task::execute(thread, part);
            first += length;
        }
    }
}

/// Readies the private variables of a taskloop's part: destination, source, holds the last iteration.
type Fill = unsafe extern "C" fn(*mut Task, *mut Task, i32);

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_taskloop(
    _loc: *const Ident,
    gtid: i32,
    task: *mut Task,
    _if_value: i32,
    lower: *mut u64,
    upper: *mut u64,
    step: i64,
    _nogroup: i32,
    schedule: i32,
    amount: u64,
    fill: Option<Fill>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        taskloop(
            gtid,
            task,
            (lower, upper),
            step,
            (schedule, amount, false),
            fill,
        )
    };
}

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_taskloop_5(
    _loc: *const Ident,
    gtid: i32,
    task: *mut Task,
    _if_value: i32,
    lower: *mut u64,
    upper: *mut u64,
    step: i64,
    _nogroup: i32,
    schedule: i32,
    amount: u64,
    strict: i32,
    fill: Option<Fill>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        taskloop(
            gtid,
            task,
            (lower, upper),
            step,
            (schedule, amount, strict != 0),
            fill,
        )
    };
}

/// The tasks of a group run on its thread one after another, so the original item serves as everybody's copy.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_taskred_init(_gtid: i32, _count: i32, data: *mut c_void) -> *mut c_void {
    data
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_taskred_modifier_init(
    _loc: *const Ident,
    _gtid: i32,
    _worksharing: i32,
    _count: i32,
    data: *mut c_void,
) -> *mut c_void {
    data
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_task_reduction_modifier_fini(
    _loc: *const Ident,
    _gtid: i32,
    _worksharing: i32,
) {
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_task_reduction_get_th_data(
    _gtid: i32,
    _group: *mut c_void,
    data: *mut c_void,
) -> *mut c_void {
    data
}
