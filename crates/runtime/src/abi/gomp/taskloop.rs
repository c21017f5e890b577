//! `taskloop`: tasks whose data begin with the bounds of their part of the iterations, the end exclusive.

use super::loops::Bounds;
use super::reduction::{self, GOMP_taskgroup_reduction_register};
use super::task::{Construct, CopyFunction, GOMP_taskgroup_end, GOMP_taskgroup_start, flag, spawn};
use super::{Data, GompFunction, current};

/// How `count` iterations are cut into tasks: so many tasks, the first `larger` of which have one iteration more than `size`. With a
/// strict grain size all but the last have exactly `size`.
fn cut(count: u64, flags: u32, amount: u64, threads: u32) -> (u64, u64, u64) {
    let tasks = if flags & flag::GRAINSIZE == 0 {
        let wanted = if amount == 0 { threads.into() } else { amount };
        wanted.min(count)
    } else {
        let grain = amount.max(1);
        if flags & flag::STRICT != 0 {
            return (count.div_ceil(grain), 0, grain);
        }
        (count / grain).max(1)
    };
    (tasks, count % tasks, count / tasks)
}

/// # Safety
/// As GCC calls it.
unsafe fn taskloop(construct: Construct, amount: u64, bounds: Bounds) {
    let thread = current();
    let flags = construct.flags;
    let grouped = flags & flag::NOGROUP == 0;
    let with_reductions = grouped && flags & flag::REDUCTION != 0;
    // SAFETY: the description of the reductions stands behind the bounds.
    let arrays = || unsafe { *construct.data.cast::<*mut usize>().add(2) };
    if bounds.count == 0 {
        if with_reductions {
            // SAFETY: tells the program that there is nothing to be combined and freed.
            unsafe { reduction::none_registered(arrays()) };
        }
        return;
    }
    if grouped {
        GOMP_taskgroup_start();
        if with_reductions {
            // SAFETY: the caller's promise.
            unsafe { GOMP_taskgroup_reduction_register(arrays()) };
        }
    }
    let (tasks, larger, size) = cut(bounds.count, flags, amount, thread.member().team_size.get());
    let mut first = 0;
    for number in 0..tasks {
        let length = (size + u64::from(number < larger)).min(bounds.count - first);
        let at = |iteration: u64| {
            bounds
                .start
                .wrapping_add(bounds.step.wrapping_mul(iteration as i64))
        };
        let (from, to) = (at(first), at(first + length));
        let to = if tasks == 1 { bounds.end } else { to };
        let set = |data: Data| {
            let part = data.cast::<i64>();
            // SAFETY: the data begin with the bounds.
            unsafe {
                *part = from;
                *part.add(1) = to;
            }
        };
        // SAFETY: the caller's promise.
        unsafe {
            if flags & flag::IF == 0 {
                construct.undeferred(thread, set);
            } else {
                let (task, data) = construct.deferred(thread);
                set(data);
                spawn(thread, task);
            }
        }
        first += length;
    }
    if grouped {
        GOMP_taskgroup_end();
    }
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_taskloop(
    function: GompFunction,
    data: Data,
    copy: Option<CopyFunction>,
    size: isize,
    alignment: isize,
    flags: u32,
    amount: u64,
    priority: i32,
    start: i64,
    end: i64,
    step: i64,
) {
    let construct = Construct {
        function,
        data,
        copy,
        size: size.max(0) as usize,
        alignment: alignment.max(1) as usize,
        flags,
        priority,
    };
    // SAFETY: the caller's promise.
    unsafe { taskloop(construct, amount, Bounds::signed(start, end, step)) };
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_taskloop_ull(
    function: GompFunction,
    data: Data,
    copy: Option<CopyFunction>,
    size: isize,
    alignment: isize,
    flags: u32,
    amount: u64,
    priority: i32,
    start: u64,
    end: u64,
    step: u64,
) {
    let construct = Construct {
        function,
        data,
        copy,
        size: size.max(0) as usize,
        alignment: alignment.max(1) as usize,
        flags,
        priority,
    };
    let bounds = Bounds::unsigned(flags & flag::UP != 0, start, end, step);
    // SAFETY: the caller's promise.
    unsafe { taskloop(construct, amount, bounds) };
}
