//! The task that Clang's code knows, which follows its node: entry, part number, pointers to shared variables, private variables.

use std::ffi::c_void;
use std::ptr::null_mut;

use super::node::{Node, flag};
use super::{block, scheduler};
use crate::ompt;
use crate::thread::Thread;

/// Entry of a task: global thread number, the task.
pub type Entry = unsafe extern "C" fn(i32, *mut KmpTask) -> i32;

/// The part of a task that Clang's code knows; its private variables follow, then the pointers to shared ones.
#[repr(C)]
pub struct KmpTask {
    pub shareds: *mut c_void,
    pub entry: Option<Entry>,
    /// The part of an untied task to be executed next.
    part: i32,
    /// Destroys the private variables, if the flags say so.
    destructors: Option<Entry>,
    slot: Slot,
}

/// Clang's code sets the priority before it hands the task over; afterwards the place is ours.
#[repr(C)]
union Slot {
    priority: i32,
    /// Of an undeferred task: the generating task's part of the deque.
    outer_base: isize,
}

/// # Safety
/// `task` came from [`allocate`] or [`duplicate`].
#[inline]
pub unsafe fn node<'a>(task: *mut KmpTask) -> &'a Node {
    // SAFETY: the node stands right before the task.
    unsafe { &*task.cast::<Node>().sub(1) }
}

#[inline]
pub fn task(node: &Node) -> *mut KmpTask {
    std::ptr::from_ref(node).wrapping_add(1).cast_mut().cast()
}

/// What precedes the pointers to shared variables.
#[inline]
fn shareds_at(size: usize) -> usize {
    size.max(size_of::<KmpTask>()).next_multiple_of(8)
}

/// A child of the thread's current task, of `size` bytes (private variables included) with `shareds` bytes of pointers to shared variables.
#[inline]
pub fn allocate(
    thread: &'static Thread,
    flags: i32,
    size: usize,
    shareds: usize,
    entry: Option<Entry>,
) -> *mut KmpTask {
    let shareds_at = shareds_at(size);
    let total = size_of::<Node>()
        .saturating_add(shareds_at)
        .saturating_add(shareds);
    let (memory, class) = block::allocate(thread, total);
    let flags = flags as u32 & flag::CLANGS | class << flag::CLASS_SHIFT;
    // SAFETY: the block holds the node, then the task, then the pointers to shared variables.
    unsafe {
        let node = Node::begin(memory.cast(), thread.task.current(), flags);
        if let Some(group) = node.group() {
            group.add(thread);
        }
        let task = memory.add(size_of::<Node>()).cast::<KmpTask>();
        (*task).entry = entry;
        (*task).part = 0;
        (*task).shareds = if shareds > 0 {
            task.cast::<u8>().add(shareds_at).cast()
        } else {
            null_mut()
        };
        task
    }
}

/// Takes note of the `priority` clause.
///
/// # Safety
/// `node` is that of such a task, which has not begun.
#[cold]
pub unsafe fn keep_priority(node: &Node) {
    // SAFETY: the flag says that Clang's code has set it.
    let priority = unsafe { (*task(node)).slot.priority };
    node.extra().priority.set(priority);
}

/// Begins an undeferred task whose code Clang's code calls itself.
///
/// # Safety
/// `node` is that of such a task, the current one's child.
pub unsafe fn begin_undeferred(thread: &'static Thread, node: &'static Node) {
    node.set(flag::UNDEFERRED);
    if node.has(flag::RECORDS) {
        super::graph::note(thread.task.current(), node, None);
    }
    ompt::task_create(thread, node, false);
    let member = thread.member_static();
    let outer = scheduler::begin(thread, member, node);
    // SAFETY: the caller's promise.
    unsafe { (*task(node)).slot.outer_base = outer.base() };
}

/// Completes it: after the parts of an untied task that are left.
///
/// # Safety
/// [`begin_undeferred`] and the first part have been executed.
pub unsafe fn end_undeferred(thread: &'static Thread, node: &'static Node) {
    // SAFETY: the caller's promise.
    unsafe {
        while node.has(flag::RESUME) {
            node.clear(flag::RESUME);
            call(thread, node);
        }
        let base = (*task(node)).slot.outer_base;
        let member = thread.member_static();
        let outer = scheduler::Outer::of_undeferred(thread, member, node, base);
        scheduler::end(thread, member, node, outer);
    }
}

/// A copy of a task that has not begun, another child of the same parent. `thread` executes that or a child of it.
///
/// # Safety
/// `node` is that of such a task; nobody changes it meanwhile.
pub unsafe fn duplicate(thread: &'static Thread, original: &Node) -> &'static Node {
    let class = original.flags.get() >> flag::CLASS_SHIFT;
    // SAFETY: the caller's promise; both blocks have the same size.
    unsafe {
        let source = std::ptr::from_ref(original).cast::<u8>();
        let size = block::size(source, class);
        let (memory, class) = block::allocate(thread, size);
        let flags = original.flags.get() & flag::CLANGS | class << flag::CLASS_SHIFT;
        let Some(parent) = original.parent() else {
            unreachable!("explicit tasks have parents");
        };
        let node: &'static Node = Node::begin_for(memory.cast(), parent, thread, flags);
        node.group.set(original.group.get());
        if let Some(group) = node.group() {
            group.add(thread);
        }
        let (from, to) = (task(original), task(node));
        to.cast::<u8>()
            .copy_from_nonoverlapping(from.cast(), size - size_of::<Node>());
        if !(*from).shareds.is_null() {
            let offset = (*from).shareds.cast::<u8>().offset_from(from.cast::<u8>());
            (*to).shareds = to.cast::<u8>().offset(offset).cast();
        }
        node
    }
}

/// How far behind the task its pointers to shared variables are, if it has any.
///
/// # Safety
/// `node` is that of such a task.
pub unsafe fn shareds(node: &Node) -> Option<isize> {
    let task = task(node);
    // SAFETY: the caller's promise.
    let shareds = unsafe { (*task).shareds };
    (!shareds.is_null()).then(|| shareds as isize - task as isize)
}

/// Readies a task whose content has been copied from another one: see [`shareds`]. Returns its private variables.
///
/// # Safety
/// `node` is that of such a task.
pub unsafe fn relocate(node: &Node, shareds: Option<isize>) -> *mut c_void {
    let task = task(node);
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(shareds) = shareds {
            (*task).shareds = task.byte_offset(shareds).cast();
        }
        task.add(1).cast()
    }
}

/// Calls the task's code.
///
/// # Safety
/// `node` is that of such a task, which may be executed.
#[inline]
pub unsafe fn call(thread: &Thread, node: &Node) -> i32 {
    let task = task(node);
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(entry) = (*task).entry {
            // What Clang's code returns means nothing.
            entry(thread.gtid.get(), task);
        }
    }
    0
}

/// Destroys the private variables, where they need it.
///
/// # Safety
/// `node` is that of such a task, whose code has ended.
#[cold]
pub unsafe fn destroy_private(thread: &Thread, node: &Node) {
    if node.has(flag::DESTRUCTORS) {
        let task = task(node);
        // SAFETY: the caller's promise.
        unsafe {
            if let Some(destroy) = (*task).destructors {
                destroy(thread.gtid.get(), task);
            }
        }
    }
}
