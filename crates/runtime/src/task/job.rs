//! The task of Omply's own code: a function and a context. Its node lives in the frame of the generating function, which then waits for it
//! before it returns, or in a block with a copy of the context.

use std::ffi::c_void;

use super::block;
use super::group::Group;
use super::node::{Node, flag};
use crate::thread::Thread;

/// Code of a job: global thread number, context → 0 or an error status. It does not unwind.
pub type Entry = unsafe extern "C" fn(i32, *mut c_void) -> i32;

/// A job. The generating function may only reserve storage for it.
#[repr(C, align(16))]
pub struct Job {
    node: Node,
    entry: Entry,
    context: *mut c_void,
}

/// A job in a block; the copied context follows.
#[repr(C, align(16))]
struct Boxed {
    job: Job,
    /// Ends the life of what the context holds, whether the job has been executed or discarded.
    destroy: Option<Destroy>,
}

/// Destroys a context.
pub type Destroy = unsafe extern "C" fn(*mut c_void);

/// Where the context begins in a block.
const CONTEXT_AT: usize = size_of::<Boxed>();

/// The job whose context [`allocate`] has given.
///
/// # Safety
/// `context` came from [`allocate`].
pub unsafe fn of_context<'a>(context: *mut c_void) -> &'a Node {
    // SAFETY: the context follows the job in its block.
    unsafe { &*context.cast::<u8>().sub(CONTEXT_AT).cast::<Node>() }
}

/// Destroys the context of a job that has ended.
///
/// # Safety
/// `node` is that of a job in a block.
#[cold]
pub unsafe fn destroy_context(node: &Node) {
    // SAFETY: the caller's promise.
    unsafe {
        let boxed = std::ptr::from_ref(node).cast::<Boxed>();
        if let Some(destroy) = (*boxed).destroy {
            destroy((*boxed).job.context);
        }
    }
}

/// Readies a job in a block whose content has been copied from another one. Returns its captures.
///
/// # Safety
/// `node` is that of such a job.
pub unsafe fn relocate(node: &Node) -> *mut c_void {
    let job = std::ptr::from_ref(node).cast_mut().cast::<Job>();
    // SAFETY: the caller's promise.
    unsafe {
        let context = job.byte_add(CONTEXT_AT).cast();
        (*job).context = context;
        context
    }
}

/// Calls a job's code.
///
/// # Safety
/// `node` is a job's, which may be executed.
#[inline]
pub unsafe fn call(thread: &Thread, node: &Node) -> i32 {
    // SAFETY: the node is the job's first field.
    let job = unsafe { &*std::ptr::from_ref(node).cast::<Job>() };
    // SAFETY: the caller's promise.
    unsafe { (job.entry)(thread.gtid.get(), job.context) }
}

/// Flags of jobs in frames.
pub const IN_FRAME: u32 = flag::TIED | flag::JOB | flag::IN_FRAME;

/// Readies the job in `storage` as a child of the current task.
///
/// # Safety
/// `storage` can hold a job and lives until the job is complete, with all its descendants; `entry` may be called with `context` until then.
#[inline]
pub unsafe fn in_frame(
    thread: &'static Thread,
    storage: *mut Job,
    entry: Entry,
    context: *mut c_void,
    flags: u32,
) -> &'static Node {
    // SAFETY: the caller's promise.
    unsafe {
        let flags = IN_FRAME | flags;
        let node = Node::begin(storage.cast(), thread.task.current(), flags);
        (&raw mut (*storage).entry).write(entry);
        (&raw mut (*storage).context).write(context);
        if let Some(group) = node.group() {
            group.add(thread);
        }
        node
    }
}

/// A job in a block with room for `size` bytes of context, and that room.
#[inline]
pub fn allocate(
    thread: &'static Thread,
    entry: Entry,
    destroy: Option<Destroy>,
    size: usize,
    flags: u32,
) -> (&'static Node, *mut c_void) {
    // SAFETY: the memory is large enough.
    allocate_with(
        thread,
        entry,
        destroy,
        size,
        flags,
        |memory, flags| unsafe { Node::begin(memory, thread.task.current(), flags) },
    )
}

/// `begin` readies the node in storage that is large enough.
#[inline]
fn allocate_with(
    thread: &'static Thread,
    entry: Entry,
    destroy: Option<Destroy>,
    size: usize,
    flags: u32,
    begin: impl FnOnce(*mut Node, u32) -> &'static Node,
) -> (&'static Node, *mut c_void) {
    let (memory, class) = block::allocate(thread, CONTEXT_AT.saturating_add(size));
    let destroyed = if destroy.is_some() {
        flag::DESTRUCTORS
    } else {
        0
    };
    let flags = flag::TIED | flag::JOB | destroyed | flags | class << flag::CLASS_SHIFT;
    // SAFETY: the block holds the job and its context.
    unsafe {
        let boxed = memory.cast::<Boxed>();
        let context = memory.add(CONTEXT_AT).cast::<c_void>();
        let node = begin(memory.cast(), flags);
        (&raw mut (*boxed).destroy).write(destroy);
        (&raw mut (*boxed).job.entry).write(entry);
        (&raw mut (*boxed).job.context).write(context);
        if let Some(group) = node.group() {
            group.add(thread);
        }
        (node, context)
    }
}

/// Where a task belongs that is not a child of the thread's current task.
#[derive(Clone, Copy)]
pub struct Place {
    pub parent: &'static Node,
    pub group: *const Group,
}

/// A job in a block, as a child of a task that this thread executes, or of one that the current task is a child of.
pub fn allocate_at(
    thread: &'static Thread,
    place: Place,
    entry: Entry,
    destroy: Option<Destroy>,
    size: usize,
    flags: u32,
) -> (&'static Node, *mut c_void) {
    // SAFETY: the caller's promise about the parent.
    allocate_with(
        thread,
        entry,
        destroy,
        size,
        flags,
        |memory, flags| unsafe {
            let node = Node::begin_for(memory, place.parent, thread, flags);
            node.group.set(place.group);
            node
        },
    )
}
