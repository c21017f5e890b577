//! `parallel`, alone and with the loop or the sections in it, in today's form (one call) and that of GCC before 4.9 (the calling
//! thread executes its part between `..._start` and `GOMP_parallel_end`).

use std::ffi::c_void;

use super::loops::{Bounds, begin};
use super::{Data, GompFunction, current, proc_bind};
use crate::cancel::BAD_NUM_THREADS;
use crate::fork::{self, Request};
use crate::message::fatal;
use crate::region::Code;
use crate::schedule::Schedule;

/// A region's code with the loop that each thread begins before it calls the code.
#[derive(Clone, Copy)]
pub struct WithLoop {
    function: GompFunction,
    data: Data,
    schedule: Schedule,
    bounds: Bounds,
}

impl WithLoop {
    fn code(&self) -> Code {
        Code::omply(run_with_loop, std::ptr::from_ref(self).cast_mut().cast())
    }
}

unsafe extern "C-unwind" fn run_with_loop(_: i32, _: i32, _: i32, context: *mut c_void) -> i32 {
    // SAFETY: the encountering thread keeps the context alive until the region is over.
    let context = unsafe { &*context.cast::<WithLoop>() };
    begin(context.schedule, false, context.bounds);
    // SAFETY: the program's own function and data.
    unsafe { (context.function)(context.data) };
    0
}

/// GCC passes 0 for no `num_threads` clause, and 1 when the `if` clause is false.
fn with_request<R>(num_threads: u32, flags: u32, then: impl FnOnce(&Request) -> R) -> R {
    let one = [num_threads as i32];
    then(&Request {
        num_threads: if num_threads == 0 { &[] } else { &one },
        strict: false,
        proc_bind: proc_bind(flags),
        if_cond: true,
    })
}

/// # Safety
/// The code may be called by every thread of the team until the region is over.
pub(super) unsafe fn fork_code(code: Code, num_threads: u32, flags: u32) {
    let status = with_request(num_threads, flags, |request| {
        // SAFETY: the caller's promise.
        unsafe { fork::fork(current(), code, request) }
    });
    if status == BAD_NUM_THREADS {
        fatal("the num_threads clause needs a positive number");
    }
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_parallel(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    flags: u32,
) {
    // SAFETY: the caller's promise.
    unsafe { fork_code(Code::gomp(function, data), num_threads, flags) };
}

/// # Safety
/// As GCC calls it.
pub(super) unsafe fn parallel_with_loop(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    flags: u32,
    schedule: Schedule,
    bounds: Bounds,
) {
    let context = WithLoop {
        function,
        data,
        schedule,
        bounds,
    };
    // SAFETY: the context lives until the region is over.
    unsafe { fork_code(context.code(), num_threads, flags) };
}

/// Begins a region; the calling thread's part ends with [`GOMP_parallel_end`].
///
/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_parallel_start(
    function: GompFunction,
    data: Data,
    num_threads: u32,
) {
    let thread = current();
    let open = with_request(num_threads, 0, |request| {
        // SAFETY: the caller's promise.
        unsafe { fork::open(thread, Code::gomp(function, data), request) }
    });
    thread.open_regions.borrow_mut().push((open, None));
}

/// # Safety
/// As GCC calls it.
pub(super) unsafe fn parallel_with_loop_start(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    schedule: Schedule,
    bounds: Bounds,
) {
    let thread = current();
    let context = Box::new(WithLoop {
        function,
        data,
        schedule,
        bounds,
    });
    let open = with_request(num_threads, 0, |request| {
        // SAFETY: the context lives until the region is over.
        unsafe { fork::open(thread, context.code(), request) }
    });
    begin(schedule, false, bounds);
    thread.open_regions.borrow_mut().push((open, Some(context)));
}

/// A call without a region begun before is ignored.
pub extern "C-unwind" fn GOMP_parallel_end() {
    let thread = current();
    let open = thread.open_regions.borrow_mut().pop();
    if let Some((open, _context)) = open {
        fork::close(thread, open);
    }
}
