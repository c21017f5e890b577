//! Tasks of Rust code: a closure that the runtime calls once, or drops if the task is discarded.

use std::ffi::c_void;

use crate::api::Cancelled;
use crate::cancel::CANCELLED;
use crate::thread;

use crate::abi::omply_task::*;

/// What a `task` construct asks for.
#[derive(Clone, Copy, Debug)]
pub struct TaskOptions<'a> {
    /// The `if` clause.
    pub if_cond: bool,
    /// The `final` clause.
    pub final_: bool,
    /// The `priority` clause.
    pub priority: i32,
    pub depends: &'a [Depend],
}

impl Default for TaskOptions<'_> {
    fn default() -> Self {
        Self {
            if_cond: true,
            final_: false,
            priority: 0,
            depends: &[],
        }
    }
}

/// Types of dependences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependKind {
    In,
    Out,
    InOut,
    MutexInOutSet,
    InOutSet,
}

/// A dependence on an interval of addresses.
#[derive(Clone, Copy, Debug)]
pub struct Depend {
    pub kind: DependKind,
    pub address: usize,
    pub length: usize,
}

/// Generates a task that calls `body` with the number of the thread that executes it. A nonzero return of `body` is an error, as a
/// region's is.
pub fn task<F: FnOnce(i32) -> i32 + Send + 'static>(options: &TaskOptions, body: F) {
    const { assert!(align_of::<F>() <= 16) };

    unsafe extern "C" fn call<F: FnOnce(i32) -> i32>(gtid: i32, context: *mut c_void) -> i32 {
        // SAFETY: the context holds the closure until it is called or destroyed.
        let body = unsafe { (*context.cast::<Option<F>>()).take() };
        let number = thread::from_gtid(gtid).member().tid.get();
        body.map_or(0, |body| body(number as i32))
    }
    unsafe extern "C" fn destroy<F>(context: *mut c_void) {
        // SAFETY: as above; nobody uses the context afterwards.
        unsafe { context.cast::<Option<F>>().drop_in_place() };
    }

    if !options.depends.is_empty() {
        // Every task with dependences waits for all that were generated before it.
        let _cancelled = taskwait();
    }
    let flags = u32::from(!options.if_cond) | u32::from(options.final_) << 1;
    let gtid = thread::current().gtid.get();
    let size = size_of::<Option<F>>();
    let context = omply_task_new(
        gtid,
        call::<F>,
        Some(destroy::<F>),
        size,
        flags,
        options.priority,
    );
    // SAFETY: the context has room for the closure; it is handed over filled in.
    unsafe {
        context.cast::<Option<F>>().write(Some(body));
        omply_task_submit(gtid, context);
    }
}

fn unless_left(answer: i32) -> Result<(), Cancelled> {
    if answer == CANCELLED {
        Err(Cancelled)
    } else {
        Ok(())
    }
}

/// Waits for the current task's children.
pub fn taskwait() -> Result<(), Cancelled> {
    unless_left(omply_taskwait(thread::current().gtid.get()))
}

/// Waits for the children that a task with these dependences would wait for.
pub fn taskwait_depend(_depends: &[Depend]) -> Result<(), Cancelled> {
    taskwait()
}

/// A task scheduling point.
pub fn taskyield() -> Result<(), Cancelled> {
    unless_left(omply_taskyield(thread::current().gtid.get()))
}

/// Begins a taskgroup.
pub fn taskgroup_begin() {
    omply_taskgroup_begin(thread::current().gtid.get());
}

/// Waits for the tasks of the group begun last, and for their descendants, and ends it.
pub fn taskgroup_end() -> Result<(), Cancelled> {
    unless_left(omply_taskgroup_end(thread::current().gtid.get()))
}
