//! `omply_task_*`: tasks of code that Omply's own compiler lowers. Described in the crate's `README.md`.
//!
//! Where the compiler can prove that a function waits for a task before it returns, the task's record lies in the function's
//! frame and its captures are a pointer into it: generating such a task is a dozen stores and a push on the thread's deque, and
//! `omply_taskwait` takes the tasks that nobody has stolen from there and calls them. Other tasks carry copies of their captures.

use std::ffi::c_void;

use crate::cancel::{self, CANCELLED, INTERRUPTED};
use crate::ompt::{self, SyncRegion};
use crate::task::job::{self, Destroy, Entry, Job};
use crate::task::loop_job::{self, Loop};
use crate::task::node::{Node, flag};
use crate::task::taskloop::Division;
use crate::task::{event, group, scheduler, wait};
use crate::thread::{self, Thread};
use crate::wait::interrupted;

/// Flags of the `omply_task_*` functions: the `if` clause is false; the `final` clause is true.
pub const UNDEFERRED: u32 = 1;
pub const FINAL: u32 = 2;
/// Of a taskloop: `grainsize(strict: ...)`.
pub const STRICT: u32 = 4;

fn node_flags(flags: u32) -> u32 {
    let undeferred = if flags & UNDEFERRED != 0 {
        flag::UNDEFERRED
    } else {
        0
    };
    undeferred | flags & FINAL
}

/// What a function that may have executed tasks returns: 0, or why the caller is to leave. Outside of all regions nobody but the
/// caller can be told of a task's error.
#[inline]
pub(super) fn outcome(thread: &'static Thread) -> i32 {
    let member = thread.member();
    let team = member.team();
    if team.level.get() > 0 {
        return if member.must_leave(thread) {
            CANCELLED
        } else {
            0
        };
    }
    outcome_outside(thread)
}

#[cold]
fn outcome_outside(thread: &'static Thread) -> i32 {
    let team = thread.member().team();
    if team.cancelled.load(std::sync::atomic::Ordering::Relaxed) != 0 {
        cancel::settle(thread, team)
    } else if interrupted(thread) {
        INTERRUPTED
    } else {
        0
    }
}

/// Hands over a task that tools are told of.
///
/// # Safety
/// As for [`scheduler::submit`].
unsafe fn submit(thread: &'static Thread, node: &'static Node) -> bool {
    ompt::task_create(thread, node, false);
    // SAFETY: the caller's promise.
    unsafe { scheduler::submit(thread, node) }
}

/// Generates a task whose record lies in the caller's frame.
///
/// # Safety
/// `job` points to 80 bytes of storage aligned to 16, which, like what `context` points to, stays until an
/// [`omply_taskwait`] or an enclosing [`omply_taskgroup_end`] of the same task has returned; `entry` may be called with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_spawn(
    gtid: i32,
    job: *mut Job,
    entry: Entry,
    context: *mut c_void,
    flags: u32,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    let flags = node_flags(flags) | job::IN_FRAME;
    // SAFETY: the caller's promise.
    let executed = unsafe {
        scheduler::call_in_frame(thread, job.cast(), flags, || entry(gtid, context))
            || submit(thread, job::in_frame(thread, job, entry, context, flags))
    };
    if executed { outcome(thread) } else { 0 }
}

/// Makes a task that carries its captures; returns room for `size` bytes of them, aligned to 16. `destroy`, where not null, is called with that
/// address when the task is over, executed or not. [`omply_task_submit`] must follow.
#[unsafe(no_mangle)]
pub extern "C" fn omply_task_new(
    gtid: i32,
    entry: Entry,
    destroy: Option<Destroy>,
    size: usize,
    flags: u32,
    priority: i32,
) -> *mut c_void {
    let thread = thread::from_gtid(gtid);
    let prior = if priority > 0 { flag::PRIORITY } else { 0 };
    let (node, context) = job::allocate(thread, entry, destroy, size, node_flags(flags) | prior);
    if priority > 0 {
        node.extra().priority.set(priority);
    }
    context
}

/// Hands over a task made by [`omply_task_new`].
///
/// # Safety
/// `captures` came from there, on this thread and in the same task, and is filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_submit(gtid: i32, captures: *mut c_void) -> i32 {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    let executed = unsafe { submit(thread, job::of_context(captures)) };
    if executed { outcome(thread) } else { 0 }
}

/// Generates the tasks of a taskloop over iterations 0 to `count - 1`, without a group around them. `division` 1: `amount` is the
/// grainsize, 2: the number of tasks, else neither is said. `copied`: 0, or the size of the captures, which are then copied once for all
/// tasks, `destroy`, where not null, is called with the copy when all tasks are over.
///
/// # Safety
/// `entry` may be called with the captures, which stay until the tasks are over unless they are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_taskloop(
    gtid: i32,
    entry: loop_job::Entry,
    captures: *mut c_void,
    copied: usize,
    destroy: Option<Destroy>,
    count: u64,
    division: i32,
    amount: u64,
    flags: u32,
    priority: i32,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    let division = match division {
        1 => Division::Grainsize {
            iterations: amount,
            strict: flags & STRICT != 0,
        },
        2 => Division::NumTasks(amount),
        _ => Division::Free,
    };
    let request = Loop {
        entry,
        captures,
        copied,
        destroy,
        count,
        division,
        flags: node_flags(flags),
        priority,
    };
    // SAFETY: the caller's promise.
    unsafe { loop_job::generate(thread, &request) };
    outcome(thread)
}

/// An event (the `detach` clause), for `omp_fulfill_event`. [`omply_task_detach`] gives it to its task.
#[unsafe(no_mangle)]
pub extern "C" fn omply_event_new(gtid: i32) -> usize {
    event::new(thread::from_gtid(gtid))
}

/// The task is complete when the event is fulfilled, too.
///
/// # Safety
/// `captures` came from [`omply_task_new`], and the task has not been handed over; `event` came from [`omply_event_new`] and
/// has been given to no task.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_detach(_gtid: i32, captures: *mut c_void, event: usize) {
    // SAFETY: the caller's promise.
    unsafe { event::give(job::of_context(captures), event) };
}

/// Fulfils an event. 0: that is none, or it has been fulfilled before. The number 0 stands for the event of a construct
/// that makes no tasks.
#[unsafe(no_mangle)]
pub extern "C" fn omply_event_fulfill(event: usize) -> i32 {
    (event == 0 || event::fulfil_if_there(event)).into()
}

/// Waits for the current task's children, and for all descendants of those whose records lie in a frame.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskwait(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    if ompt::around_wait(thread, SyncRegion::Taskwait, || {
        wait::for_descendants(thread)
    }) {
        outcome(thread)
    } else {
        0
    }
}

/// A task scheduling point.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskyield(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    ompt::around_yield(thread, || wait::yield_once(thread));
    outcome(thread)
}

/// Begins a taskgroup.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskgroup_begin(gtid: i32) {
    let thread = thread::from_gtid(gtid);
    ompt::taskgroup_begin(thread);
    group::begin(thread);
}

/// Waits for the tasks of the group begun last, and for their descendants, and ends it. It must be called on every way out of the group.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskgroup_end(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    ompt::around_taskgroup_end(thread, || group::end(thread));
    outcome(thread)
}

/// `cancel taskgroup`: tasks of the innermost group that have not begun do not begin. Nonzero: the calling task is to end.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskgroup_cancel(gtid: i32) -> i32 {
    group::cancel(thread::from_gtid(gtid).task.current()).into()
}

/// `cancellation point taskgroup`. Nonzero: the group, or the region, is cancelled, and the calling task is to end with status 0.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskgroup_cancelled(gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    (group::is_cancelled(thread.task.current()) || thread.member().must_leave(thread)).into()
}

/// 1: the current task is final.
#[unsafe(no_mangle)]
pub extern "C" fn omply_in_final(gtid: i32) -> i32 {
    crate::task::in_final(thread::from_gtid(gtid)).into()
}
