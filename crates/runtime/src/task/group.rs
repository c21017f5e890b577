//! Taskgroups: a count of the tasks in them, and their cancellation.
//!
//! A group counts every task that is generated in it, by the task that encountered the construct or by one of the group's tasks,
//! until that task has completed. The count is a tally (see `sync::tally`) owned by the thread that began the group: tasks that it
//! generates and executes itself cost no atomic operation. A task is counted out only after its parent's count
//! has been updated, so that when a group is over, nobody is about to touch a node of one of its tasks.

use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

use super::graph;
use super::node::{Node, flag};
use super::{block, reduction, wait};
use crate::sync::tally::{INCOMPLETE, Tally};
use crate::thread::Thread;

/// See the module's description.
pub struct Group {
    outer: Cell<*const Group>,
    owner: *const Thread,
    tasks: Tally,
    /// Its tasks that have not begun are not to be executed.
    cancelled: AtomicBool,
    /// Its reduction items (see `reduction`); null: none.
    pub reductions: Cell<*mut reduction::Set>,
    class: u32,
}

impl Group {
    #[inline]
    fn is_owned_by(&self, thread: &Thread) -> bool {
        std::ptr::eq(self.owner, thread)
    }

    /// The group around this one.
    pub fn outer(&self) -> *const Group {
        self.outer.get()
    }

    /// Counts a task in.
    #[inline]
    pub fn add(&self, thread: &Thread) {
        if self.is_owned_by(thread) {
            self.tasks.add_local(INCOMPLETE);
        } else {
            self.tasks.add_remote(INCOMPLETE);
        }
    }

    /// Counts a task out. The group may be gone afterwards.
    #[inline]
    pub fn subtract(&self, thread: Option<&Thread>) {
        if let Some(thread) = thread
            && self.is_owned_by(thread)
        {
            self.tasks.add_local(-INCOMPLETE);
            return;
        }
        let owner = self.owner;
        self.tasks.subtract_remote(INCOMPLETE);
        // SAFETY: threads' descriptors are never freed.
        unsafe { &*owner }.task.event.notify();
    }

    /// Cancels the group.
    pub fn cancel(&self) {
        // Release: whoever sees the flag sees what was done before.
        self.cancelled.store(true, Ordering::Release);
    }

    /// Is the group, or one around it, cancelled?
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        let mut group = self;
        loop {
            if group.cancelled.load(Ordering::Acquire) {
                return true;
            }
            // SAFETY: outer groups last longer.
            match unsafe { group.outer.get().as_ref() } {
                Some(outer) => group = outer,
                None => return false,
            }
        }
    }
}

/// Begins a group in the current task.
pub fn begin(thread: &'static Thread) {
    let task = thread.task.current();
    let (block, class) = block::allocate(thread, size_of::<Group>());
    let group = block.cast::<Group>();
    // SAFETY: the block is large enough and ours.
    unsafe {
        group.write(Group {
            outer: Cell::new(task.group.get()),
            owner: thread,
            tasks: Tally::default(),
            cancelled: AtomicBool::new(false),
            reductions: Cell::new(null_mut()),
            class,
        });
    }
    task.group.set(group);
}

/// Moves a child of the current task that has not been handed over into the group just begun.
pub fn move_in(thread: &'static Thread, node: &Node) {
    let outer = node.group.replace(thread.task.current().group.get());
    if let Some(group) = node.group() {
        group.add(thread);
    }
    // SAFETY: groups around the current one last longer.
    if let Some(outer) = unsafe { outer.as_ref() } {
        outer.subtract(Some(thread));
    }
}

/// Waits for the tasks of the current task's innermost group and ends it. True: the group was cancelled.
pub fn end(thread: &'static Thread) -> bool {
    let task = thread.task.current();
    let Some(group) = task.group() else {
        return false;
    };
    if !group.tasks.is_clear() {
        wait::for_tasks(thread, || !group.tasks.has_any());
    }
    task.group.set(group.outer.get());
    if task.has(flag::RECORDS) {
        // Later steps come after the group's.
        graph::note_wait(task);
        if !group.reductions.get().is_null() {
            graph::spoil(task);
        }
    }
    if !group.reductions.get().is_null() {
        reduction::finish(group);
    }
    let (cancelled, class) = (group.cancelled.load(Ordering::Acquire), group.class);
    // SAFETY: `begin` has taken the block, and no task is left that knows it.
    unsafe {
        block::free(
            Some(thread),
            std::ptr::from_ref(group).cast_mut().cast(),
            class,
        );
    }
    cancelled
}

/// Is `task` in a group that is cancelled?
#[inline]
pub fn is_cancelled(task: &Node) -> bool {
    task.group().is_some_and(Group::is_cancelled)
}

/// Cancels the innermost group of `task`, which has met `cancel taskgroup`. False: there is none.
pub fn cancel(task: &Node) -> bool {
    task.group().map(Group::cancel).is_some()
}
