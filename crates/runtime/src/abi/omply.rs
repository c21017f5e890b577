//! `omply_*`: what Clang's ABI lacks (errors, cancellation, interrupts). Described in the crate's `README.md`.

use std::ffi::c_void;

use super::{CriticalName, Ident};
use crate::barrier::barrier;
use crate::cancel;
use crate::dispatch;
use crate::fork::{self, Request, with_pushed};
use crate::icv::Bind;
use crate::league::{self, LeagueRequest};
use crate::region::Code;
use crate::schedule::{Schedule, raw};
use crate::thread;
use crate::workshare;

pub use crate::region::OmplyMicrotask;
pub use crate::wait::omply_interrupt;

/// Runs `task` on a team.
///
/// # Safety
/// `task` may be called with `context` by every thread of the team until this returns.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omply_fork(
    _loc: *const Ident,
    task: OmplyMicrotask,
    context: *mut c_void,
    nthreads: i32,
    proc_bind: i32,
    if_cond: i32,
) -> i32 {
    let thread = thread::current();
    let code = Code::omply(task, context);
    with_pushed(thread, if_cond != 0, |pushed| {
        let clause = [nthreads];
        let request = Request {
            num_threads: if nthreads != 0 {
                &clause
            } else {
                pushed.num_threads
            },
            proc_bind: Bind::from_raw(proc_bind).or(pushed.proc_bind),
            ..*pushed
        };
        // SAFETY: the caller's promise.
        unsafe { fork::fork(thread, code, &request) }
    })
}

/// `num_threads` with a list: regions that the current task forks have `num_threads` threads at this level below it, from 0.
#[unsafe(no_mangle)]
pub extern "C" fn omply_nest_num_threads(level: i32, num_threads: i32) {
    if num_threads > 0 {
        thread::current().member().set_icvs(|icvs| {
            let mut list = icvs.nthreads.to_vec();
            list.truncate(level.max(0) as usize);
            list.push(num_threads);
            icvs.nthreads = crate::icv::interned(&list);
        });
    }
}

/// Runs `task` as the region of a `teams` construct.
///
/// # Safety
/// `task` may be called with `context` by the initial threads of all teams until this returns.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omply_teams(
    _loc: *const Ident,
    task: OmplyMicrotask,
    context: *mut c_void,
    lower: i32,
    upper: i32,
    thread_limit: i32,
    if_cond: i32,
) -> i32 {
    let request = LeagueRequest {
        lower,
        upper,
        thread_limit,
        if_cond: if_cond != 0,
    };
    // SAFETY: the caller's promise.
    unsafe { league::run(thread::current(), Code::omply(task, context), &request) }
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_team_error(gtid: i32, status: i32, payload: *mut c_void) {
    cancel::record(thread::from_gtid(gtid).member(), status, payload);
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_cancelled(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    thread.member().must_leave(thread).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_barrier(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    barrier(thread, thread.member()).into()
}

/// # Safety
/// `name` points to 32 bytes of zeroed storage, aligned to 4 bytes, never freed while in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_critical_enter(gtid: i32, name: *mut CriticalName) -> i32 {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    let entered =
        workshare::critical_enter(thread, thread.member(), unsafe { workshare::lock_of(name) });
    (!entered).into()
}

/// # Safety
/// As [`omply_critical_enter`], which the caller has passed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_critical_exit(gtid: i32, name: *mut CriticalName) {
    // SAFETY: the caller's promise.
    workshare::critical_exit(thread::from_gtid(gtid), unsafe { workshare::lock_of(name) });
}

/// `cancel` where `activate` is nonzero, else `cancellation point`. 1: the thread goes to the end of the region of that kind
/// (Clang's numbers: 1 parallel, 2 for, 3 sections).
#[unsafe(no_mangle)]
pub extern "C" fn omply_cancel(gtid: i32, kind: i32, activate: i32) -> i32 {
    if activate != 0 {
        super::kmpc_cancel::__kmpc_cancel(std::ptr::null(), gtid, kind)
    } else {
        super::kmpc_cancel::__kmpc_cancellationpoint(std::ptr::null(), gtid, kind)
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_single(gtid: i32) -> i32 {
    workshare::single(thread::from_gtid(gtid).member()).into()
}

/// # Safety
/// `out` is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_broadcast(
    gtid: i32,
    mine: *mut c_void,
    out: *mut *mut c_void,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    match workshare::broadcast(thread, thread.member(), (!mine.is_null()).then_some(mine)) {
        Some(pointer) => {
            // SAFETY: the caller's promise.
            unsafe { *out = pointer };
            0
        }
        None => 1,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_loop_begin(gtid: i32, schedule: i32, count: u64, chunk: i64) {
    let thread = thread::from_gtid(gtid);
    // OpenMP's rule since 5.0: dynamic schedules are nonmonotonic where nothing else is said.
    let schedule = if schedule & raw::MODIFIERS == 0 {
        schedule | raw::NONMONOTONIC
    } else {
        schedule
    };
    let (schedule, ordered) = Schedule::from_raw(schedule, chunk);
    dispatch::begin(thread, thread.member(), schedule, ordered, count);
}

/// # Safety
/// The pointers are valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_loop_next(
    gtid: i32,
    first: *mut u64,
    last: *mut u64,
    is_last: *mut i32,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    let Some(chunk) = dispatch::next(thread, thread.member()) else {
        return 0;
    };
    // SAFETY: the caller's promise.
    unsafe {
        *first = chunk.first;
        *last = chunk.last;
        *is_last = chunk.is_last.into();
    }
    1
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_ordered_enter(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    (!dispatch::ordered_enter(thread, thread.member())).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_ordered_exit(gtid: i32) {
    dispatch::ordered_exit(thread::from_gtid(gtid).member());
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_ordered_iteration_end(gtid: i32) {
    let thread = thread::from_gtid(gtid);
    dispatch::ordered_iteration_end(thread, thread.member());
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_turn_enter(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    (!workshare::turn_enter(thread, thread.member())).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_turn_exit(gtid: i32) {
    workshare::turn_exit(thread::from_gtid(gtid).member());
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_poll(gtid: i32) -> i32 {
    crate::wait::interrupted(thread::from_gtid(gtid)).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_set_main_thread() {
    crate::process::set_main_thread();
}
