//! Explicit tasks, in their simplest conforming form: every task is undeferred, executed by the thread that generates
//! it, at once. Dependences hold because tasks run in the order they are generated; `taskwait`, `taskgroup` and `taskyield` have
//! nothing to wait for; task reductions work on the original item, because the tasks of one group share one thread.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ffi::c_void;

use crate::thread::Thread;

/// What a thread has to know about the explicit task it executes.
#[derive(Default)]
pub struct TaskFrame {
    /// Explicit tasks on the thread's stack.
    pub depth: Cell<u32>,
    /// The current one is final.
    pub in_final: Cell<bool>,
}

/// Entry of a task: global thread number, the task.
pub type TaskEntry = unsafe extern "C" fn(i32, *mut Task) -> i32;

/// The part of a task that Clang's code knows; its private variables follow.
#[repr(C)]
pub struct Task {
    pub shareds: *mut c_void,
    entry: Option<TaskEntry>,
    part: i32,
    /// Destroys the private variables, if the flags say so.
    destructors: Option<TaskEntry>,
    priority: *mut c_void,
}

/// Clang's task flags.
pub mod flag {
    pub const FINAL: i32 = 2;
    pub const DESTRUCTORS: i32 = 8;
}

/// Stands before each [`Task`].
#[repr(C, align(16))]
struct Header {
    layout: Layout,
    task_size: usize,
    flags: i32,
    /// Executions under way: the parts of an untied task are nested calls.
    running: Cell<u32>,
    /// in-final of the generating task, for tasks that Clang's code begins and completes itself.
    outer_final: Cell<bool>,
}

/// # Safety
/// `task` came from [`allocate`].
unsafe fn header<'a>(task: *mut Task) -> &'a Header {
    // SAFETY: the header stands right before the task.
    unsafe { &*task.cast::<Header>().sub(1) }
}

/// Makes a task of `size` bytes (private variables included) with `shareds` bytes of pointers to shared variables.
pub fn allocate(flags: i32, size: usize, shareds: usize, entry: Option<TaskEntry>) -> *mut Task {
    let size = size.max(size_of::<Task>()).next_multiple_of(16);
    let total = size_of::<Header>() + size + shareds;
    let Ok(layout) = Layout::from_size_align(total, 16) else {
        handle_alloc_error(Layout::new::<Header>())
    };
    // SAFETY: the size is not zero.
    let base = unsafe { alloc_zeroed(layout) };
    if base.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: the block holds the header, then the task, then the pointers to shared variables.
    unsafe {
        base.cast::<Header>().write(Header {
            layout,
            task_size: size,
            flags,
            running: Cell::new(0),
            outer_final: Cell::new(false),
        });
        let task = base.add(size_of::<Header>()).cast::<Task>();
        (*task).entry = entry;
        (*task).shareds = if shareds > 0 {
            task.cast::<u8>().add(size).cast()
        } else {
            std::ptr::null_mut()
        };
        task
    }
}

/// A copy of a task, for another part of a taskloop.
///
/// # Safety
/// `task` came from [`allocate`].
pub unsafe fn duplicate(task: *mut Task) -> *mut Task {
    // SAFETY: the caller's promise; both blocks have the same size.
    unsafe {
        let header = header(task);
        let shareds = header.layout.size() - size_of::<Header>() - header.task_size;
        let copy = allocate(header.flags, header.task_size, shareds, (*task).entry);
        let own_shareds = (*copy).shareds;
        copy.cast::<u8>()
            .copy_from_nonoverlapping(task.cast::<u8>(), header.task_size + shareds);
        (*copy).shareds = own_shareds;
        copy
    }
}

/// Enters a task on its thread.
///
/// # Safety
/// `task` came from [`allocate`].
pub unsafe fn begin(thread: &Thread, task: *mut Task) {
    let frame = &thread.task;
    // SAFETY: the caller's promise.
    let header = unsafe { header(task) };
    frame.depth.set(frame.depth.get() + 1);
    let running = header.running.get();
    header.running.set(running + 1);
    let outer = frame.in_final.get();
    if running == 0 {
        header.outer_final.set(outer);
    }
    frame.in_final.set(outer || header.flags & flag::FINAL != 0);
}

/// Leaves a task, which is freed when none of its parts runs any more.
///
/// # Safety
/// As [`begin`], which has been called.
pub unsafe fn end(thread: &Thread, task: *mut Task) {
    let frame = &thread.task;
    // SAFETY: the caller's promise.
    let header = unsafe { header(task) };
    frame.depth.set(frame.depth.get() - 1);
    header.running.set(header.running.get() - 1);
    if header.running.get() > 0 {
        return;
    }
    frame.in_final.set(header.outer_final.get());
    let (layout, flags) = (header.layout, header.flags);
    // SAFETY: nobody uses the task any more.
    unsafe {
        if let Some(destroy) = (*task)
            .destructors
            .filter(|_| flags & flag::DESTRUCTORS != 0)
        {
            destroy(thread.gtid.get(), task);
        }
        dealloc(task.cast::<u8>().sub(size_of::<Header>()), layout);
    }
}

/// Executes a task.
///
/// # Safety
/// `task` came from [`allocate`] and its entry may be called.
pub unsafe fn execute(thread: &Thread, task: *mut Task) {
    // SAFETY: the caller's promise.
    unsafe {
        let entry = (*task).entry;
        begin(thread, task);
        if let Some(entry) = entry {
            entry(thread.gtid.get(), task);
        }
        end(thread, task);
    }
}
