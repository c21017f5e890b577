//! `omply_*`: what Clang's ABI lacks. Described in the crate's `README.md`.

use std::ffi::c_void;
use std::sync::atomic::AtomicI32;

/// Code of a region. Arguments: global thread number, thread number, team size, context. 0 or an error status.
pub type OmplyMicrotask = unsafe extern "C-unwind" fn(i32, i32, i32, *mut c_void) -> i32;

#[allow(non_upper_case_globals, reason = "C name")]
#[unsafe(no_mangle)]
pub static omply_interrupt: AtomicI32 = AtomicI32::new(0);

/// Runs `task` on a team.
///
/// # Safety
/// `task` must be callable with `ctx` from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omply_fork(
    _loc: *const c_void,
    task: OmplyMicrotask,
    ctx: *mut c_void,
    _nthreads: i32,
    _proc_bind: i32,
    _if_cond: i32,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { task(0, 0, 1, ctx) }
}
