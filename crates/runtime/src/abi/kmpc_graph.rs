//! Taskgraphs: LLVM's entry points, and those of code that Omply's own compiler lowers (described in the crate's `README.md`).

use std::ffi::c_void;

use super::Ident;
use super::omply_task::outcome;
use crate::task::graph::{self, Clauses};
use crate::task::image::Refresh;
use crate::task::job;
use crate::thread;

const NOGROUP: u32 = 1;
const RESET: u32 = 2;
const PLAIN: u32 = 4;

fn clauses(flags: u32, environment: *mut c_void) -> Clauses {
    Clauses {
        plain: flags & PLAIN != 0,
        nogroup: flags & NOGROUP != 0,
        reset: flags & RESET != 0,
        environment,
    }
}

/// Begins a taskgraph. 1: its block is to be executed, and is recorded. `__kmpc_end_record_task` must follow in either case.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_start_record_task(
    _loc: *const Ident,
    gtid: i32,
    flags: i32,
    id: i32,
) -> i32 {
    // LLVM's flags are the first two of ours.
    let clauses = clauses(flags as u32 & (NOGROUP | RESET), std::ptr::null_mut());
    graph::begin(thread::from_gtid(gtid), (0, id.into()), clauses).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_record_task(_loc: *const Ident, gtid: i32, flags: i32, _id: i32) {
    graph::end(thread::from_gtid(gtid), flags as u32 & NOGROUP != 0);
}

/// Begins a taskgraph. 1: its block is to be executed. `omply_taskgraph_end` must follow in either case.
#[unsafe(no_mangle)]
pub extern "C" fn omply_taskgraph_begin(
    gtid: i32,
    construct: *const c_void,
    id: i64,
    flags: u32,
    environment: *mut c_void,
) -> i32 {
    let key = (construct as usize, id);
    graph::begin(thread::from_gtid(gtid), key, clauses(flags, environment)).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omply_taskgraph_end(gtid: i32, flags: u32) -> i32 {
    let thread = thread::from_gtid(gtid);
    graph::end(thread, flags & NOGROUP != 0);
    outcome(thread)
}

/// Has `refresh` renew the task's captures whenever it is replayed: it gets their address and the construct's environment.
///
/// # Safety
/// `captures` came from `omply_task_new`, and the task has not been handed over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_refresh(_gtid: i32, captures: *mut c_void, refresh: Refresh) {
    // SAFETY: the caller's promise.
    let node = unsafe { job::of_context(captures) };
    node.extra().depends.refresh.set(Some(refresh));
}

/// The task is not replayable: it is executed where the block is, and not recorded.
///
/// # Safety
/// As for [`omply_task_refresh`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_not_replayable(_gtid: i32, captures: *mut c_void) {
    // SAFETY: the caller's promise.
    graph::leave_out(unsafe { job::of_context(captures) });
}
