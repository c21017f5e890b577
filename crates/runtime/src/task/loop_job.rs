//! Taskloops of Omply's own code: a function is called with ranges of iterations, by tasks that are made by several threads where there
//! are many, as `taskloop` does it for Clang's. All tasks are children of the task that encountered the construct.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};

use super::job::{self, Destroy, Place};
use super::node::flag;
use super::scheduler;
use super::taskloop::{Cut, Division, RUN, cut};
use crate::thread::{self, Thread};

/// Code of a taskloop: global thread number, captures, first and last iteration, and whether it is the last one of all → 0 or an error
/// status. It does not unwind.
pub type Entry = unsafe extern "C" fn(i32, *mut c_void, u64, u64, i32) -> i32;

/// What the construct says.
pub struct Loop {
    pub entry: Entry,
    pub captures: *mut c_void,
    /// Bytes of captures to be copied, and what ends the copy's life; 0: the captures stay where they are.
    pub copied: usize,
    pub destroy: Option<Destroy>,
    pub count: u64,
    pub division: Division,
    pub flags: u32,
    pub priority: i32,
}

/// What all tasks of one loop share.
struct Plan {
    entry: Entry,
    captures: *mut c_void,
    /// The copied captures.
    _copy: Vec<u128>,
    destroy: Option<Destroy>,
    count: u64,
    cut: Cut,
    flags: u32,
    priority: i32,
    place: Place,
    /// Task numbers whose tasks are not over.
    left: AtomicU64,
}

/// A task's context: the numbers it has to deal with. One number is a range of iterations; more are to be split.
struct Run {
    plan: *mut Plan,
    first: u64,
    end: u64,
}

/// Generates the tasks of a loop.
///
/// # Safety
/// The captures stay where they are until the tasks are complete, or can be copied bytewise; `entry` may be called with them.
pub unsafe fn generate(thread: &'static Thread, request: &Loop) {
    if request.count == 0 {
        if let Some(destroy) = request.destroy.filter(|_| request.copied > 0) {
            // SAFETY: the captures are ours.
            unsafe { destroy(request.captures) };
        }
        return;
    }
    let mut copy = vec![0_u128; request.copied.div_ceil(size_of::<u128>())];
    let mut captures = request.captures;
    if request.copied > 0 {
        // SAFETY: the vector is as long.
        unsafe {
            copy.as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(captures.cast(), request.copied);
        }
        captures = copy.as_mut_ptr().cast();
    }
    let current = thread.task.current();
    let cut = cut(
        request.count,
        request.division,
        thread.member().team_size.get(),
    );
    let plan = Box::into_raw(Box::new(Plan {
        entry: request.entry,
        captures,
        _copy: copy,
        destroy: request.destroy.filter(|_| request.copied > 0),
        count: request.count,
        cut,
        flags: request.flags,
        priority: request.priority,
        place: Place {
            parent: current,
            group: current.group.get(),
        },
        left: AtomicU64::new(cut.tasks),
    }));
    let run = Run {
        plan,
        first: 0,
        end: cut.tasks,
    };
    // SAFETY: the plan counts these numbers.
    unsafe { split(thread, run) };
}

/// Makes tasks for the numbers of a run.
///
/// # Safety
/// The plan counts the numbers, and nobody else deals with them.
unsafe fn split(thread: &'static Thread, mut run: Run) {
    // SAFETY: the plan is there as long as it counts something.
    let plan = unsafe { &*run.plan };
    let undeferred = plan.flags & flag::UNDEFERRED != 0 || plan.place.parent.has(flag::FINAL);
    while run.end - run.first > RUN && !undeferred {
        let middle = run.first + (run.end - run.first) / 2;
        let upper = Run {
            plan: run.plan,
            first: middle,
            end: run.end,
        };
        // SAFETY: the caller's promise.
        unsafe { spawn(thread, plan, upper) };
        run.end = middle;
    }
    for number in run.first..run.end {
        let one = Run {
            plan: run.plan,
            first: number,
            end: number + 1,
        };
        // SAFETY: the caller's promise. The last call may end the plan's life.
        unsafe { spawn(thread, &*one.plan, one) };
    }
}

unsafe fn spawn(thread: &'static Thread, plan: &Plan, run: Run) {
    let is_splitter = run.end - run.first > 1;
    let flags = if is_splitter { 0 } else { plan.flags };
    let (node, context) = job::allocate_at(
        thread,
        plan.place,
        work,
        Some(destroy),
        size_of::<Run>(),
        flags,
    );
    // SAFETY: the block has room for it.
    unsafe { context.cast::<Run>().write(run) };
    if plan.priority > 0 {
        node.set(flag::PRIORITY);
        node.extra().priority.set(plan.priority);
    }
    // SAFETY: the task is complete.
    unsafe { scheduler::submit(thread, node) };
}

unsafe extern "C" fn work(gtid: i32, context: *mut c_void) -> i32 {
    // SAFETY: the context is the run that `spawn` has written.
    let run = unsafe { &mut *context.cast::<Run>() };
    if run.end - run.first > 1 {
        // The tasks made now deal with the numbers.
        let all = Run {
            plan: run.plan,
            first: run.first,
            end: std::mem::replace(&mut run.end, run.first),
        };
        // SAFETY: the plan counts the numbers.
        unsafe { split(thread::from_gtid(gtid), all) };
        return 0;
    }
    // SAFETY: the plan counts this number until the task is over.
    let plan = unsafe { &*run.plan };
    let (first, length) = plan.cut.range(run.first, plan.count);
    let is_last = run.end == plan.cut.tasks;
    // SAFETY: `generate`'s promise.
    unsafe {
        (plan.entry)(
            gtid,
            plan.captures,
            first,
            first + length - 1,
            is_last.into(),
        )
    }
}

/// A task is over, executed or discarded.
unsafe extern "C" fn destroy(context: *mut c_void) {
    // SAFETY: the context is the run that `spawn` has written.
    let run = unsafe { &*context.cast::<Run>() };
    let numbers = run.end - run.first;
    if numbers == 0 {
        return;
    }
    // SAFETY: the plan counts these numbers until now.
    let left = unsafe { &(*run.plan).left };
    // AcqRel: whoever ends the plan's life does so after everybody has used it.
    if left.fetch_sub(numbers, Ordering::AcqRel) == numbers {
        // SAFETY: nobody is left who uses it.
        let plan = unsafe { Box::from_raw(run.plan) };
        if let Some(destroy) = plan.destroy {
            // SAFETY: the captures are the plan's copy.
            unsafe { destroy(plan.captures) };
        }
    }
}
