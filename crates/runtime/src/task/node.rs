//! What every task has, implicit or explicit: the node, its place in the tree of tasks.
//!
//! A node lives in a member of a team (implicit tasks), at the head of a block of storage (explicit tasks; the task that Clang's
//! code knows, or the job of Omply's, follows it), or in the frame of the function that generates the task.
//!
//! *Who may touch what.* Until a task is enqueued its node belongs to the generating thread, afterwards to whoever takes it
//! out of a queue; queues publish it. `owner` is the thread that executes the task, null before and after; other threads compare
//! it with themselves, for which any stale value will do. Of a task that runs, other threads touch nothing but `children` (see
//! `sync::tally`) and what `depend` keeps in `extra`. A node stays as long as a descendant does, so the way up through
//! `parent` is always there.

use std::cell::Cell;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::block;
use super::depend::{self, Depends};
use super::event::Event;
use super::group::Group;
use crate::icv::Icvs;
use crate::ompt::TaskSlot;
use crate::stress::point;
use crate::sync::tally::{CHILD, IN_USE, INCOMPLETE, Left, Tally};
use crate::thread::Thread;

/// Bits of [`Node::flags`]. The lower ones are Clang's.
pub mod flag {
    pub const TIED: u32 = 1;
    pub const FINAL: u32 = 2;
    pub const DESTRUCTORS: u32 = 8;
    pub const PRIORITY: u32 = 0x20;
    pub const DETACHABLE: u32 = 0x40;
    /// Those that Clang may pass.
    pub const CLANGS: u32 = 0xff;
    /// `transparent`: its children may depend on tasks that precede it.
    pub const IMPORTS: u32 = 1 << 8;
    /// `transparent`: tasks that come after it wait for its children.
    pub const EXPORTS: u32 = 1 << 9;
    /// Its region or group was cancelled before it could begin.
    pub const DISCARDED: u32 = 1 << 15;
    /// An explicit task.
    pub const EXPLICIT: u32 = 1 << 16;
    /// The task's code has ended a part of it (an untied task) and is to be called again.
    pub const RESUME: u32 = 1 << 17;
    /// A job (see `job`), not a task of Clang's code.
    pub const JOB: u32 = 1 << 18;
    /// The node lives in a frame.
    pub const IN_FRAME: u32 = 1 << 19;
    /// Executed by the generating thread while the generating task waits.
    pub const UNDEFERRED: u32 = 1 << 20;
    /// It has a node among its siblings' dependences (see `depend`).
    pub const DEPENDS: u32 = 1 << 21;
    /// It executes the block of a taskgraph that is being recorded; or it is a new child of such a task (see `graph`).
    pub const RECORDS: u32 = 1 << 22;
    /// It is a step of a taskgraph that is being replayed.
    pub const REPLAYED: u32 = 1 << 23;
    /// Where the block's class stands.
    pub const CLASS_SHIFT: u32 = 24;
}

/// See the module's description.
#[repr(C, align(16))]
pub struct Node {
    pub parent: Cell<*const Node>,
    pub children: Tally,
    pub owner: AtomicPtr<Thread>,
    /// The innermost taskgroup that the task is in.
    pub group: Cell<*const Group>,
    /// The data environment; null while it is the team's or the generating task's (which waits).
    pub icvs: Cell<*const Icvs>,
    pub extra: Cell<*mut Extra>,
    /// Explicit tasks around this one.
    pub depth: Cell<u32>,
    pub flags: Cell<u32>,
}

const _: () = assert!(size_of::<Node>() == 64);

// SAFETY: see the module's description.
unsafe impl Sync for Node {}

/// What only some tasks need. Made on demand by the thread the node belongs to, freed with the node.
pub struct Extra {
    /// The task's own copy of its data environment.
    pub icvs: Cell<Option<Box<Icvs>>>,
    /// The `priority` clause.
    pub priority: Cell<i32>,
    /// The event of a detached task; null: none.
    pub event: Cell<*const Event>,
    pub depends: Depends,
    /// What tools know of the task.
    pub ompt: TaskSlot,
}

impl Default for Extra {
    fn default() -> Self {
        Self {
            icvs: Cell::default(),
            priority: Cell::new(0),
            event: Cell::new(null()),
            depends: Depends::default(),
            ompt: TaskSlot::default(),
        }
    }
}

impl Default for Node {
    /// An implicit task.
    fn default() -> Self {
        Self {
            parent: Cell::new(null()),
            children: Tally::default(),
            owner: AtomicPtr::new(null_mut()),
            group: Cell::new(null()),
            icvs: Cell::new(null()),
            extra: Cell::new(null_mut()),
            depth: Cell::new(0),
            flags: Cell::new(flag::TIED),
        }
    }
}

impl Node {
    /// Readies the node of a child of `parent`, which the calling thread executes, and counts it.
    ///
    /// # Safety
    /// `node` points to storage for it.
    #[inline]
    pub unsafe fn begin<'a>(node: *mut Node, parent: &Node, flags: u32) -> &'a Node {
        parent.children.add_local(CHILD);
        // SAFETY: the caller's promise.
        unsafe { Self::ready(node, parent, flags) }
    }

    /// As [`Node::begin`], for a child that is executed at once and counted only if it leaves something behind.
    ///
    /// # Safety
    /// As for [`Node::begin`].
    #[inline]
    pub unsafe fn uncounted<'a>(node: *mut Node, parent: &Node, flags: u32) -> &'a Node {
        // SAFETY: the caller's promise.
        unsafe { Self::ready(node, parent, flags) }
    }

    /// As [`Node::begin`], for a child that a thread other than the parent's may make (itself executing a child of it).
    ///
    /// # Safety
    /// As for [`Node::begin`].
    pub unsafe fn begin_for<'a>(
        node: *mut Node,
        parent: &Node,
        thread: &Thread,
        flags: u32,
    ) -> &'a Node {
        if parent.is_owned_by(thread) {
            parent.children.add_local(CHILD);
        } else {
            parent.children.add_remote(CHILD);
        }
        // SAFETY: the caller's promise.
        unsafe { Self::ready(node, parent, flags) }
    }

    #[inline]
    unsafe fn ready<'a>(node: *mut Node, parent: &Node, flags: u32) -> &'a Node {
        let inherited = parent.flags.get() & (flag::FINAL | flag::RECORDS);
        // SAFETY: the caller's promise.
        unsafe {
            node.write(Node {
                parent: Cell::new(parent),
                children: Tally::default(),
                owner: AtomicPtr::new(null_mut()),
                group: Cell::new(parent.group.get()),
                icvs: Cell::new(null()),
                extra: Cell::new(null_mut()),
                depth: Cell::new(parent.depth.get() + 1),
                flags: Cell::new(flags | inherited | flag::EXPLICIT),
            });
            &*node
        }
    }

    #[inline]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    #[inline]
    pub fn set(&self, flag: u32) {
        self.flags.set(self.flags.get() | flag);
    }

    #[inline]
    pub fn clear(&self, flag: u32) {
        self.flags.set(self.flags.get() & !flag);
    }

    /// Relaxed: see the module's description.
    #[inline]
    pub fn is_owned_by(&self, thread: &Thread) -> bool {
        std::ptr::eq(self.owner.load(Ordering::Relaxed), thread)
    }

    #[inline]
    pub fn set_owner(&self, thread: *const Thread) {
        self.owner.store(thread.cast_mut(), Ordering::Relaxed);
    }

    /// The generating task.
    #[inline]
    pub fn parent(&self) -> Option<&'static Node> {
        // SAFETY: ancestors outlive their descendants.
        unsafe { self.parent.get().as_ref() }
    }

    #[inline]
    pub fn group(&self) -> Option<&Group> {
        // SAFETY: a group outlives the tasks in it.
        unsafe { self.group.get().as_ref() }
    }

    /// The extra part, made if it is not there.
    pub fn extra(&self) -> &Extra {
        if self.extra.get().is_null() {
            self.extra.set(Box::into_raw(Box::default()));
        }
        // SAFETY: freed with the node.
        unsafe { &*self.extra.get() }
    }

    /// The extra part, if there is one.
    #[inline]
    pub fn extra_if_any(&self) -> Option<&Extra> {
        // SAFETY: freed with the node.
        unsafe { self.extra.get().as_ref() }
    }

    #[cold]
    #[inline(never)]
    pub fn drop_extra(&self) {
        let extra = self.extra.replace(null_mut());
        if self.has(flag::DEPENDS) {
            // SAFETY: the extra part of such a task lies beside its node among the dependences, and nobody uses it any more.
            unsafe { depend::drop_extra(extra) };
        } else if !extra.is_null() {
            // SAFETY: made from a box, and nobody else knows it any more.
            drop(unsafe { Box::from_raw(extra) });
        }
    }

    /// Is this task `ancestor` or a descendant of it?
    pub fn descends_from(&self, ancestor: &Node) -> bool {
        let mut node = self;
        while node.depth.get() > ancestor.depth.get() {
            match node.parent() {
                Some(parent) => node = parent,
                None => return false,
            }
        }
        std::ptr::eq(node, ancestor)
    }
}

/// Ends a task's life as far as it has come: its code has ended, and it counts as complete. Whatever of it and its
/// ancestors is not needed by a descendant is freed, and those who wait for it are told.
///
/// # Safety
/// The task is the caller's, and is not used afterwards. `thread` is the calling one, where it is known.
#[inline]
pub unsafe fn retire(thread: Option<&Thread>, node: &Node) {
    node.set_owner(null());
    point();
    // What is needed of the node has to be read before it may be gone.
    let parent = node.parent.get();
    let mut done = INCOMPLETE;
    if node.children.merge() {
        // SAFETY: nobody is left who knows the node.
        unsafe { release(thread, node) };
        done = CHILD;
    }
    // SAFETY: the parent waits for what is subtracted here.
    unsafe { signal(thread, parent, done) };
}

/// Subtracts from a task's children, and frees it if it is over and that was the last.
///
/// # Safety
/// The task counts a child that has not been subtracted.
#[inline]
unsafe fn signal(thread: Option<&Thread>, node: *const Node, amount: i64) {
    // SAFETY: the caller's promise.
    let parent = unsafe { &*node };
    if let Some(thread) = thread
        && parent.is_owned_by(thread)
    {
        parent.children.add_local(-amount);
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { signal_remote(thread, node, amount) };
}

#[inline(never)]
unsafe fn signal_remote(thread: Option<&Thread>, node: *const Node, mut amount: i64) {
    let mut node = node;
    loop {
        // SAFETY: the task counts a child that has not been subtracted.
        let task = unsafe { &*node };
        let owner = task.owner.load(Ordering::Relaxed);
        point();
        match task.children.subtract_remote(amount) {
            Left::Some => return,
            Left::Owned => {
                // SAFETY: threads' descriptors are never freed. (Null: the owner has just given the task up, and sees for itself.)
                if let Some(owner) = unsafe { owner.as_ref() } {
                    owner.task.event.notify();
                }
                return;
            }
            Left::Nothing => {
                let parent = task.parent.get();
                // SAFETY: its code has ended, and its last descendant was the caller's.
                unsafe { release(thread, task) };
                node = parent;
                amount = IN_USE;
            }
        }
    }
}

/// Frees a task's storage.
///
/// # Safety
/// Nobody uses it any more.
#[inline]
unsafe fn release(thread: Option<&Thread>, node: &Node) {
    if !node.extra.get().is_null() {
        node.drop_extra();
    }
    if !node.has(flag::IN_FRAME) {
        let class = node.flags.get() >> flag::CLASS_SHIFT;
        // SAFETY: explicit tasks that are not in a frame begin a block of that class.
        unsafe { block::free(thread, std::ptr::from_ref(node).cast_mut().cast(), class) };
    }
}
