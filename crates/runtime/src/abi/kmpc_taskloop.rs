//! `taskloop`. Clang's code surrounds it with a taskgroup itself, unless there is a `nogroup` clause.

use super::Ident;
use crate::ompt;
use crate::task::group;
use crate::task::kmp::{self, KmpTask};
use crate::task::taskloop::{self, Division, Fill, Taskloop};
use crate::thread;

/// Clang's names for the clauses.
const GRAINSIZE: i32 = 1;
const NUM_TASKS: i32 = 2;

/// # Safety
/// As Clang calls it: `lower` and `upper` lie in the task's private part, which `fill` (if any) readies in copies.
pub unsafe extern "C" fn __kmpc_taskloop(
    loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
    if_value: i32,
    lower: *mut u64,
    upper: *mut u64,
    step: i64,
    nogroup: i32,
    schedule: i32,
    amount: u64,
    fill: Option<Fill>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        __kmpc_taskloop_5(
            loc, gtid, task, if_value, lower, upper, step, nogroup, schedule, amount, 0, fill,
        )
    };
}

/// # Safety
/// As [`__kmpc_taskloop`].
pub unsafe extern "C" fn __kmpc_taskloop_5(
    _loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
    if_value: i32,
    lower: *mut u64,
    upper: *mut u64,
    step: i64,
    nogroup: i32,
    schedule: i32,
    amount: u64,
    strict: i32,
    fill: Option<Fill>,
) {
    let thread = thread::from_gtid(gtid);
    let division = match schedule {
        GRAINSIZE => Division::Grainsize {
            iterations: amount,
            strict: strict != 0,
        },
        // With `strict`, too, so many tasks; they differ by one iteration at most.
        NUM_TASKS => Division::NumTasks(amount),
        _ => Division::Free,
    };
    if nogroup == 0 {
        ompt::taskgroup_begin(thread);
        group::begin(thread);
        // SAFETY: the task has not been handed over.
        group::move_in(thread, unsafe { kmp::node(task) });
    }
    let taskloop = Taskloop {
        task,
        lower,
        upper,
        step,
        if_cond: if_value != 0,
        division,
        fill,
    };
    // SAFETY: the caller's promise.
    let count = || unsafe { taskloop.count() };
    // SAFETY: the caller's promise.
    ompt::around_taskloop(thread, count, || unsafe {
        taskloop::generate(thread, &taskloop);
    });
    if nogroup == 0 {
        ompt::around_taskgroup_end(thread, || group::end(thread));
    }
}
