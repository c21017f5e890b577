//! Taskloops: cutting iterations into tasks, by several threads where there are many.
//!
//! The task that Clang's code has made for the loop is the *pattern*: each task is a copy of it with its own bounds. A run of task
//! numbers is cut by a *splitter*, itself a task: it hands the upper half of its run to another splitter until few numbers are left,
//! and makes those tasks. All of them, splitters too, are children of the task that encountered the construct, which thus cannot be past a
//! `taskwait` or the end of its group before all tasks have been made (see `sync::tally` for why they may be counted
//! from any thread). The pattern is never executed; the last splitter to end destroys it.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};

use super::kmp::{self, KmpTask};
use super::node::{Node, flag};
use super::{job, scheduler};
use crate::ompt;
use crate::thread::{self, Thread};

/// Tasks that one splitter makes itself.
pub const RUN: u64 = 8;
/// Tasks for each thread when the program says nothing about their number.
const PER_THREAD: u64 = 8;

/// How the iterations are to be divided.
#[derive(Clone, Copy, Debug)]
pub enum Division {
    /// Nothing is said.
    Free,
    Grainsize {
        iterations: u64,
        strict: bool,
    },
    NumTasks(u64),
}

/// So many tasks, of which the first `larger` have one iteration more than `size`; the last one has what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub tasks: u64,
    larger: u64,
    size: u64,
}

impl Cut {
    /// First iteration and number of iterations of task `number`, of `count` in all.
    pub fn range(&self, number: u64, count: u64) -> (u64, u64) {
        let first = number * self.size + number.min(self.larger);
        let length = self.size + u64::from(number < self.larger);
        (first, length.min(count - first))
    }
}

pub fn cut(count: u64, division: Division, threads: u32) -> Cut {
    let tasks = match division {
        Division::Grainsize {
            iterations,
            strict: true,
        } => {
            let size = iterations.max(1);
            return Cut {
                tasks: count.div_ceil(size),
                larger: 0,
                size,
            };
        }
        // Each task has at least that many, but fewer than twice as many iterations.
        Division::Grainsize { iterations, .. } => (count / iterations.max(1)).max(1),
        Division::NumTasks(tasks) => tasks.clamp(1, count),
        Division::Free => (u64::from(threads) * PER_THREAD).min(count),
    };
    Cut {
        tasks,
        larger: count % tasks,
        size: count / tasks,
    }
}

/// Readies the private variables of a copy: destination, source, executes the last iteration.
pub type Fill = unsafe extern "C" fn(*mut KmpTask, *mut KmpTask, i32);

/// What all splitters of one loop share. In a block of its own.
struct Plan {
    pattern: &'static Node,
    /// Where in the task the bounds stand.
    lower_at: isize,
    upper_at: isize,
    lower: u64,
    step: u64,
    count: u64,
    cut: Cut,
    fill: Option<Fill>,
    /// Tasks are executed as they are made.
    undeferred: bool,
    /// Task numbers not dealt with.
    left: AtomicU64,
}

/// A splitter's context.
struct Run {
    plan: *mut Plan,
    first: u64,
    end: u64,
}

/// What the construct says.
pub struct Taskloop {
    pub task: *mut KmpTask,
    pub lower: *mut u64,
    pub upper: *mut u64,
    pub step: i64,
    pub if_cond: bool,
    pub division: Division,
    pub fill: Option<Fill>,
}

impl Taskloop {
    /// How many iterations there are.
    ///
    /// # Safety
    /// As for [`generate`].
    pub unsafe fn count(&self) -> u64 {
        // SAFETY: the caller's promise.
        let (lower, upper) = unsafe { (*self.lower as i64, *self.upper as i64) };
        crate::schedule::trip_count(lower.into(), upper.into(), self.step.into())
    }
}

/// Generates the tasks of a loop.
///
/// # Safety
/// As Clang calls it: the bounds lie in the task's private part, which `fill` (if any) readies in copies.
pub unsafe fn generate(thread: &'static Thread, taskloop: &Taskloop) {
    let task = taskloop.task;
    // SAFETY: the caller's promise.
    let (pattern, lower, upper) = unsafe {
        let pattern: &'static Node = kmp::node(task);
        (pattern, *taskloop.lower, *taskloop.upper)
    };
    let count = crate::schedule::trip_count(
        (lower as i64).into(),
        (upper as i64).into(),
        taskloop.step.into(),
    );
    if count == 0 {
        // SAFETY: the pattern is a task of the caller's.
        return unsafe { discard(thread, pattern) };
    }
    let member = thread.member();
    let offset = |pointer: *mut u64| pointer as isize - task as isize;
    let cut = cut(count, taskloop.division, member.team_size.get());
    let included = pattern
        .parent()
        .is_some_and(|parent| parent.has(flag::FINAL));
    let plan = Box::into_raw(Box::new(Plan {
        pattern,
        lower_at: offset(taskloop.lower),
        upper_at: offset(taskloop.upper),
        lower,
        step: taskloop.step as u64,
        count,
        cut,
        fill: taskloop.fill,
        undeferred: !taskloop.if_cond || included,
        left: AtomicU64::new(cut.tasks),
    }));
    if pattern.has(flag::PRIORITY) {
        // SAFETY: the pattern is Clang's task.
        unsafe { kmp::keep_priority(pattern) };
    }
    // All tasks get the data environment of now.
    scheduler::keep_icvs(member, pattern);
    // SAFETY: the plan is alive until its last task number has been dealt with.
    unsafe { split(thread, plan, 0, cut.tasks) };
}

/// Makes the tasks from `first` to before `end`.
///
/// # Safety
/// The plan counts these tasks.
unsafe fn split(thread: &'static Thread, shared: *mut Plan, first: u64, mut end: u64) {
    // SAFETY: the caller's promise.
    let plan = unsafe { &*shared };
    // A taskgraph records the tasks in their order, on this thread.
    let alone = plan.undeferred || plan.pattern.has(flag::RECORDS);
    while end - first > RUN && !alone {
        let middle = first + (end - first) / 2;
        let run = Run {
            plan: shared,
            first: middle,
            end,
        };
        // SAFETY: the splitter takes these numbers over.
        unsafe { spawn_splitter(thread, plan, run) };
        end = middle;
    }
    for number in first..end {
        // SAFETY: the pattern is alive, and nobody changes it.
        unsafe { make(thread, plan, number) };
    }
    // SAFETY: these numbers have been dealt with.
    unsafe { finish(thread, shared, end - first) };
}

/// So many task numbers have been dealt with.
///
/// # Safety
/// The plan counted them until now.
unsafe fn finish(thread: &'static Thread, plan: *mut Plan, numbers: u64) {
    // SAFETY: the caller's promise.
    let left = unsafe { &(*plan).left };
    // AcqRel: whoever destroys the pattern does so after everybody has read it.
    if left.fetch_sub(numbers, Ordering::AcqRel) == numbers {
        // SAFETY: no numbers are left, so nobody else uses the plan.
        let plan = unsafe { Box::from_raw(plan) };
        // SAFETY: nor the pattern.
        unsafe { discard(thread, plan.pattern) };
    }
}

unsafe fn spawn_splitter(thread: &'static Thread, plan: &Plan, run: Run) {
    unsafe extern "C" fn work(_gtid: i32, context: *mut c_void) -> i32 {
        // SAFETY: the context is the run that was written below.
        let run = unsafe { &mut *context.cast::<Run>() };
        let (first, end) = (run.first, std::mem::replace(&mut run.end, run.first));
        // SAFETY: as in `spawn_splitter`.
        unsafe { split(thread::current(), run.plan, first, end) };
        0
    }
    unsafe extern "C" fn destroy(context: *mut c_void) {
        // SAFETY: as above.
        let run = unsafe { &*context.cast::<Run>() };
        if run.first < run.end {
            // The splitter has been discarded, because its group or team is cancelled.
            // SAFETY: it has made none of its tasks.
            unsafe { finish(thread::current(), run.plan, run.end - run.first) };
        }
    }
    let Some(parent) = plan.pattern.parent() else {
        unreachable!("explicit tasks have parents");
    };
    let place = job::Place {
        parent,
        group: plan.pattern.group.get(),
    };
    let (node, context) = job::allocate_at(thread, place, work, Some(destroy), size_of::<Run>(), 0);
    // SAFETY: the block has room for it.
    unsafe { context.cast::<Run>().write(run) };
    // SAFETY: the splitter is complete.
    unsafe { scheduler::submit(thread, node) };
}

/// Makes task `number` and hands it over.
unsafe fn make(thread: &'static Thread, plan: &Plan, number: u64) {
    let (first, length) = plan.cut.range(number, plan.count);
    // SAFETY: the caller's promise.
    unsafe {
        let node = kmp::duplicate(thread, plan.pattern);
        let task = kmp::task(node);
        let at = |offset: isize| task.cast::<u8>().offset(offset).cast::<u64>();
        *at(plan.lower_at) = plan.lower.wrapping_add(plan.step.wrapping_mul(first));
        *at(plan.upper_at) = plan
            .lower
            .wrapping_add(plan.step.wrapping_mul(first + length - 1));
        if let Some(fill) = plan.fill {
            let is_last = number + 1 == plan.cut.tasks;
            fill(task, kmp::task(plan.pattern), is_last.into());
        }
        scheduler::copy_icvs(plan.pattern, node);
        if plan.undeferred {
            node.set(flag::UNDEFERRED);
        }
        ompt::taskloop_task(thread, node, first, length);
        if let Some(extra) = plan.pattern.extra_if_any() {
            node.extra().priority.set(extra.priority.get());
        }
        scheduler::submit(thread, node);
    }
}

/// Ends the pattern's life.
unsafe fn discard(thread: &'static Thread, pattern: &'static Node) {
    // SAFETY: it has not been handed over.
    unsafe {
        kmp::destroy_private(thread, pattern);
        scheduler::complete(Some(thread), pattern);
    }
}
