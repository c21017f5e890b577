//! `sections`: a loop over the sections' numbers, which count from 1; 0: no more for this thread.

use super::loops::{Bounds, begin, implicit_barrier, leave, next};
use super::{Data, GompFunction, parallel, shared, sync};
use crate::schedule::Schedule;

const ONE_BY_ONE: Schedule = Schedule::Dynamic(1);

pub extern "C" fn GOMP_sections_start(count: u32) -> u32 {
    begin(ONE_BY_ONE, false, Bounds::sections(count));
    GOMP_sections_next()
}

/// The form for task reductions and memory of the team.
///
/// # Safety
/// As GCC calls it.
pub unsafe extern "C" fn GOMP_sections2_start(
    count: u32,
    reductions: *mut usize,
    memory: *mut Data,
) -> u32 {
    begin(ONE_BY_ONE, false, Bounds::sections(count));
    // SAFETY: the caller's promise.
    unsafe { shared::enter(reductions, memory) };
    GOMP_sections_next()
}

pub extern "C" fn GOMP_sections_next() -> u32 {
    let (mut first, mut end) = (0, 0);
    // SAFETY: both are variables of this function.
    if unsafe { next(&raw mut first, &raw mut end) } {
        first as u32 + 1
    } else {
        0
    }
}

pub extern "C" fn GOMP_sections_end() {
    leave();
    implicit_barrier();
    sync::GOMP_barrier();
}

pub extern "C" fn GOMP_sections_end_nowait() {
    leave();
}

/// True: the parallel region is cancelled.
pub extern "C" fn GOMP_sections_end_cancel() -> bool {
    leave();
    implicit_barrier();
    sync::GOMP_barrier_cancel()
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_parallel_sections(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    count: u32,
    flags: u32,
) {
    let bounds = Bounds::sections(count);
    // SAFETY: the caller's promise.
    unsafe { parallel::parallel_with_loop(function, data, num_threads, flags, ONE_BY_ONE, bounds) };
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_parallel_sections_start(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    count: u32,
) {
    let bounds = Bounds::sections(count);
    // SAFETY: the caller's promise.
    unsafe { parallel::parallel_with_loop_start(function, data, num_threads, ONE_BY_ONE, bounds) };
}
