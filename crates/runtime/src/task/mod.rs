//! Explicit tasks: deferred execution by work stealing.
//!
//! | file | holds |
//! |---|---|
//! | `node` | what every task has: parent, children, group, flags; how a task's life ends |
//! | `block` | storage for tasks |
//! | `kmp` | the task that Clang's code knows |
//! | `job` | the task of Omply's own code |
//! | `closure` | tasks of Rust code |
//! | `scheduler` | generating, queueing, finding, executing tasks |
//! | `team` | what a team's threads share: who looks for work, who sleeps, tasks of no thread's queue |
//! | `wait` | waiting while executing tasks |
//! | `watch` | finding out that tasks block while others are queued |
//! | `group` | taskgroups |
//! | `taskloop`, `loop_job` | cutting loops into tasks, of Clang's code and of Omply's |
//! | `event` | detached tasks |
//! | `depend`, `depend_*` | dependences: generation and release, what a table knows of locations and areas |
//! | `reduction` | task reductions |
//! | `graph`, `image` | taskgraphs: record and replay; copies of tasks |
//!
//! # The way of a task
//!
//! The generating thread makes the node, counts it in the parent's and the group's tally, and hands it to
//! `scheduler::submit`, which executes it at once or pushes it on the deque of the thread's member of the team. It is
//! taken from there, newest first, by the same thread when it waits, or, oldest first, by another thread of the team that waits in
//! a barrier, at the end of the region, or for children of its own. When its code has ended, `node::retire` counts it out.
//!
//! # Which tasks a waiting thread may begin
//!
//! OpenMP lets a thread begin a tied task only if it descends from every tied task that is suspended on that thread outside of
//! a barrier. Tasks begun on top of a suspended one descend from it, so it is enough to look at the innermost (`Search`).
//! Everything on a thread's own deque above the level where the innermost task began (`TaskFrame::base`) descends
//! from it: it was pushed by that task, by one on top of it, or is the successor of a task executed on top of it, which has
//! the same parent. Untied tasks are treated in the same way, which is allowed; a part of an untied task that ends at a scheduling point is
//! followed by the next part on the same thread.
//!
//! # When the tasks of a team are complete
//!
//! A tally's upper half counts children whose storage is in use, and a task's storage is in use as long as that of a
//! descendant. So an implicit task's tally is zero when all explicit tasks below it are complete. A member arrives at a barrier, or at
//! the end of the region, only then; when all have arrived, all tasks of the team are complete.
//! A region that has generated no tasks pays for this one test per member.
//!
//! # Hooks around blocking
//!
//! A thread with block hooks (an interpreter's lock) has called `after` whenever a task's code runs on it: waits leave their blocking part
//! first. So a task runs as its waiting thread ran when the wait began. A worker whose region code has ended has no hooks any
//! more; a task that needs the interpreter must attach itself when it finds the thread detached.

pub mod block;
pub mod closure;
pub mod depend;
pub mod depend_location;
pub mod depend_object;
pub mod depend_range;
mod depend_record;
pub mod depend_table;
pub mod event;
pub mod graph;
pub mod group;
pub mod image;
pub mod job;
pub mod kmp;
pub mod loop_job;
pub mod node;
pub mod reduction;
pub mod scheduler;
pub mod taskloop;
pub mod team;
pub mod wait;
mod watch;

use std::cell::Cell;
use std::ptr::null;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};

use crate::sync::event::Event;
use crate::team::Member;
use crate::thread::Thread;
use node::{Node, flag};

/// A thread's part of the task engine.
pub struct TaskFrame {
    /// The task that the thread executes.
    current: Cell<*const Node>,
    /// Where on the deque the entries begin that were pushed since the current task began.
    base: Cell<isize>,
    /// Tasks executed on the stack at their generation, one within another.
    nesting: Cell<u32>,
    /// Critical sections that the thread is in.
    exclusive: Cell<u32>,
    pub blocks: block::Blocks,
    /// Announces to the thread that the count it may be waiting for has changed.
    pub event: Event,
    /// What the thread sleeps on (see `team`).
    pub asleep: AtomicUsize,
    /// The team, and its shape, in whose wait it sleeps.
    pub asleep_in: AtomicUsize,
    pub asleep_since: AtomicU64,
    /// The kernel's number of the thread.
    pub kernel_id: AtomicI32,
    /// Where the last theft succeeded.
    pub victim: Cell<u32>,
}

impl Default for TaskFrame {
    fn default() -> Self {
        Self {
            current: Cell::new(null()),
            base: Cell::new(0),
            nesting: Cell::new(0),
            exclusive: Cell::new(0),
            blocks: block::Blocks::default(),
            event: Event::default(),
            asleep: AtomicUsize::new(0),
            asleep_in: AtomicUsize::new(0),
            asleep_since: AtomicU64::new(0),
            kernel_id: AtomicI32::new(0),
            victim: Cell::new(0),
        }
    }
}

/// What a thread executes, to be restored when it comes back to it.
#[derive(Clone, Copy)]
pub struct Suspended {
    current: *const Node,
    base: isize,
    nesting: u32,
}

impl Default for Suspended {
    fn default() -> Self {
        Self {
            current: null(),
            base: 0,
            nesting: 0,
        }
    }
}

impl TaskFrame {
    /// The task that the thread executes.
    #[inline]
    pub fn current(&self) -> &'static Node {
        // SAFETY: a thread gets its first task before it can be asked; a task stays while it is being executed. No caller
        // keeps the reference beyond the task's execution.
        unsafe { &*self.current.get() }
    }

    /// The thread goes on as an implicit task, whose member's deque is empty.
    #[inline]
    pub fn enter(&self, implicit: &'static Member) -> Suspended {
        let before = self.suspended(self.current.get(), self.base.get());
        self.current.set(&implicit.node);
        self.base.set(0);
        before
    }

    /// The thread executes `task`, for which the deque holds nothing yet.
    #[inline]
    fn push(&self, task: &Node, bottom: isize) -> Suspended {
        let before = self.suspended(self.current.get(), self.base.get());
        self.current.set(task);
        self.base.set(bottom);
        self.nesting.set(before.nesting + 1);
        before
    }

    #[inline]
    fn suspended(&self, current: *const Node, base: isize) -> Suspended {
        Suspended {
            current,
            base,
            nesting: self.nesting.get(),
        }
    }

    #[inline]
    fn base(&self) -> isize {
        self.base.get()
    }

    /// Back to what [`TaskFrame::enter`] has left.
    #[inline]
    pub fn resume(&self, before: Suspended) {
        self.current.set(before.current);
        self.base.set(before.base);
        self.nesting.set(before.nesting);
    }

    /// The thread enters a critical section: a task generated there may need it, too, and so is not executed before it is left.
    #[inline]
    pub fn enter_exclusive(&self) {
        self.exclusive.set(self.exclusive.get() + 1);
    }

    #[inline]
    fn is_exclusive(&self) -> bool {
        self.exclusive.get() != 0
    }

    /// It leaves the section.
    #[inline]
    pub fn leave_exclusive(&self) {
        self.exclusive.set(self.exclusive.get().saturating_sub(1));
    }

    /// In the child of a fork: the tasks that the current one and those around it wait for are executed in the parent process.
    pub fn survive_fork(&self) {
        let mut task = Some(self.current());
        while let Some(node) = task {
            node.children.reset();
            task = node.parent();
        }
        self.asleep.store(0, Ordering::Relaxed);
        self.note_kernel_id();
    }

    /// To be called by the thread itself, once it has the descriptor.
    pub fn note_kernel_id(&self) {
        self.kernel_id
            .store(crate::process::kernel_id(), Ordering::Relaxed);
    }

    /// A number that tells the task being executed from all others that exist.
    pub fn task_id(&self) -> usize {
        self.current.get() as usize
    }
}

/// A task's depth as far as an entry of a deque can tell it.
#[inline]
fn depth_tag(node: &Node) -> usize {
    (node.depth.get() as usize).min(0xffff)
}

/// The thread executes an explicit task.
pub fn in_explicit_task(thread: &Thread) -> bool {
    thread.task.current().has(flag::EXPLICIT)
}

/// The thread executes a final task.
pub fn in_final(thread: &Thread) -> bool {
    thread.task.current().has(flag::FINAL)
}
