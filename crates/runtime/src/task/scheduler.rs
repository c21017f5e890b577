//! Generating, queueing, finding and executing tasks.
//!
//! A generated task is executed at once, like a call, where it must be (its team has one thread, it is included or undeferred)
//! and where deferring it would help nobody: nobody looks for work, and the thread's own deque holds enough for those who will. That is the
//! cheapest way by far, and what most tasks of a recursion come to. Tasks executed so are nested on the stack, so at some depth
//! they are pushed after all.

use std::sync::atomic::Ordering;

use super::node::{Node, flag, retire};
use super::{depend, depth_tag, event, graph, group, job, kmp};
use crate::config::config;
use crate::icv::Icvs;
use crate::ompt;
use crate::sync::deque::Steal;
use crate::sync::tally::CHILD;
use crate::team::{Member, Team};
use crate::thread::Thread;

/// Entries on a thread's own deque that are enough for thieves to come.
const ENOUGH: isize = 4;
/// Entries beyond which tasks are executed at once even if somebody looks for work: thieves have a choice, and memory is bounded.
const PLENTY: isize = 512;
/// Tasks nested on the stack at their generation.
const MAX_NESTING: u32 = 100;

/// A task in a word of the deque: its address, and its depth for a first look without touching it.
fn entry(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize | (depth_tag(node) << 48)
}

fn task_of(entry: usize) -> *const Node {
    (entry & ((1 << 48) - 1)) as *const Node
}

/// Hands over a task that is ready to be executed: the second half of its generation. True: it has been executed.
///
/// # Safety
/// The task is the caller's, a child of the current task of `thread`, the calling one.
#[inline]
pub unsafe fn submit(thread: &'static Thread, node: &'static Node) -> bool {
    let member = thread.member_static();
    if node.has(flag::RECORDS) {
        graph::note(thread.task.current(), node, None);
    }
    let at_once = is_called(thread, member, node.flags.get()) || must_not_wait(node);
    if at_once {
        // SAFETY: the caller's promise.
        unsafe { execute_here(thread, member, node) };
        if has_to_finish(thread, member) {
            finish_alone(thread, member);
        }
    } else {
        // SAFETY: as above.
        unsafe { defer(member, node) };
    }
    at_once
}

/// Is a task with these flags, generated now, to be executed at once?
#[inline]
fn is_called(thread: &Thread, member: &Member, flags: u32) -> bool {
    if thread.task.nesting.get() < MAX_NESTING {
        let length = member.deque.len();
        if length >= ENOUGH
            && flags & flag::PRIORITY == 0
            && !thread.task.is_exclusive()
            && (length >= PLENTY || member.early.get() == 0 && !member.team().tasks.is_hungry())
            || member.team_size.get() == 1
        {
            return true;
        }
    }
    flags & flag::UNDEFERRED != 0
}

/// A thread that is alone executes every task at once, but for those that would be nested too deeply: those come when it is back.
#[cold]
#[inline(never)]
fn finish_alone(thread: &'static Thread, member: &'static Member) {
    let search = Search::new(None);
    while let Some(node) = search.find(thread, member) {
        // SAFETY: the task was in a queue, and is this thread's now.
        unsafe { execute(thread, member, node) };
    }
}

/// See [`finish_alone`].
#[inline]
fn has_to_finish(thread: &Thread, member: &Member) -> bool {
    member.team_size.get() == 1 && thread.task.nesting.get() == 0 && !member.deque.is_empty()
}

/// Generates and, where that is to be done at once, executes a task whose node is to lie in `storage`: with `call`. False: it is to be made
/// ready with [`Node::begin`] and handed over with [`submit`].
///
/// A task executed so is counted nowhere unless it leaves descendants behind: its parent and its group wait for nothing while this
/// thread is busy with it.
///
/// # Safety
/// `storage` can hold a node and lives until the task is complete, with all its descendants; `call` is its code.
#[inline]
pub unsafe fn call_in_frame(
    thread: &'static Thread,
    storage: *mut Node,
    flags: u32,
    call: impl FnOnce() -> i32,
) -> bool {
    let member = thread.member_static();
    let parent = thread.task.current();
    // Tools are told of tasks that have records.
    if ompt::watched() || !is_called(thread, member, flags) && !parent.has(flag::FINAL) {
        return false;
    }
    // SAFETY: the caller's promise.
    let node: &'static Node = unsafe { Node::uncounted(storage, parent, flags | flag::IN_FRAME) };
    if node.has(flag::RECORDS) {
        graph::note(parent, node, None);
    }
    let outer = begin(thread, member, node);
    if !is_discarded(member, node) {
        let status = call();
        if status != 0 {
            crate::cancel::code_failed(thread, member, status);
        }
    }
    thread.task.resume(outer.task);
    member.icvs.set(outer.icvs);
    if !node.children.is_clear() || !node.extra.get().is_null() {
        // SAFETY: the task is over; what it leaves behind is counted from now on.
        unsafe { leave_behind(thread, parent, node) };
    }
    if has_to_finish(thread, member) {
        finish_alone(thread, member);
    }
    true
}

#[cold]
unsafe fn leave_behind(thread: &'static Thread, parent: &Node, node: &'static Node) {
    parent.children.add_local(CHILD);
    // SAFETY: the caller's promise.
    unsafe { retire(Some(thread), node) };
}

/// Every task that the thread generates now is executed at once, and nobody executes any other.
#[inline]
pub fn is_alone(thread: &Thread, member: &Member) -> bool {
    member.team_size.get() == 1 && thread.task.nesting.get() < MAX_NESTING
}

/// The generating thread has to execute the task before it goes on.
#[inline]
pub fn must_not_wait(node: &Node) -> bool {
    node.has(flag::UNDEFERRED) || node.has(flag::FINAL) && parent_is_final(node)
}

/// A child of a final task is included.
fn parent_is_final(node: &Node) -> bool {
    node.parent().is_some_and(|parent| parent.has(flag::FINAL))
}

/// Queues a ready task.
///
/// # Safety
/// As for [`submit`].
#[inline]
unsafe fn defer(member: &'static Member, node: &'static Node) {
    let team = member.team();
    if node.icvs.get().is_null() {
        keep_icvs(member, node);
    }
    if node.has(flag::PRIORITY) && prioritise(node) {
        return team.tasks.pool(team, node);
    }
    member.early.set(member.early.get().saturating_sub(1));
    // SAFETY: this thread executes the member, so it owns its deque.
    unsafe { member.deque.push(entry(node)) };
    team.tasks.pushed(team);
}

/// A task's data environment is its parent's at the time of its generation; the parent may change its own before the task is executed.
#[inline]
pub fn keep_icvs(member: &Member, node: &Node) {
    let current = member.icvs.get();
    if std::ptr::eq(current, member.team().icvs.get()) {
        node.icvs.set(current);
    } else {
        keep_own_icvs(member, node);
    }
}

#[cold]
fn keep_own_icvs(member: &Member, node: &Node) {
    give_icvs(node, member.icvs());
}

/// Gives a task the data environment of another, whose data environment has been kept.
pub fn copy_icvs(from: &Node, to: &Node) {
    if from.extra_if_any().is_some() {
        // SAFETY: it has been kept.
        give_icvs(to, unsafe { &*from.icvs.get() });
    } else {
        to.icvs.set(from.icvs.get());
    }
}

/// Gives a task a data environment of its own.
pub fn give_icvs(node: &Node, icvs: &Icvs) {
    let copy = Box::new(*icvs);
    node.icvs.set(&raw const *copy);
    node.extra().icvs.set(Some(copy));
}

/// Cuts the priority to what the program allows. False: it counts for nothing.
#[cold]
fn prioritise(node: &Node) -> bool {
    let priority = &node.extra().priority;
    priority.set(priority.get().clamp(0, config().max_task_priority));
    priority.get() > 0
}

/// Queues a task that has become ready after its generation. `completed`: the task whose end has made it ready, if `thread` has
/// just executed that.
///
/// # Safety
/// The task is the caller's, its data environment has been kept, and `team` is its team.
pub unsafe fn release(
    thread: Option<&'static Thread>,
    team: &'static Team,
    node: &'static Node,
    completed: Option<&Node>,
) {
    let here = thread
        .map(Thread::member_static)
        .filter(|member| std::ptr::eq(member.team(), team));
    // A sibling of a task executed on top of a suspended one descends from that, as its deque demands.
    let sibling = completed.is_some_and(|done| done.parent.get() == node.parent.get());
    let prior = node.has(flag::PRIORITY) && prioritise(node);
    match here {
        Some(member) if sibling && !prior => {
            // SAFETY: this thread executes the member.
            unsafe { member.deque.push(entry(node)) };
            team.tasks.pushed(team);
        }
        _ => team.tasks.pool(team, node),
    }
}

/// Executes a task on the calling thread.
///
/// # Safety
/// The task is the caller's and ready; `thread` executes `member`.
#[inline(never)]
pub unsafe fn execute(thread: &'static Thread, member: &'static Member, node: &'static Node) {
    // SAFETY: the caller's promise.
    unsafe { execute_here(thread, member, node) };
}

/// The same as part of the caller: for tasks that are executed where they are generated.
///
/// # Safety
/// As for [`execute`].
#[inline(always)]
unsafe fn execute_here(thread: &'static Thread, member: &'static Member, node: &'static Node) {
    let outer = begin(thread, member, node);
    if !is_discarded(member, node) {
        loop {
            // SAFETY: the caller's promise.
            let status = unsafe {
                if node.has(flag::JOB) {
                    job::call(thread, node)
                } else {
                    kmp::call(thread, node)
                }
            };
            if status != 0 {
                crate::cancel::code_failed(thread, member, status);
            }
            if !node.has(flag::RESUME) {
                break;
            }
            node.clear(flag::RESUME);
        }
    } else {
        node.set(flag::DISCARDED);
        ompt::task_discarded(node);
    }
    // SAFETY: its code has ended.
    unsafe { end(thread, member, node, outer) };
}

/// The task's region, team or group has been cancelled before the task could begin.
#[inline]
fn is_discarded(member: &Member, node: &Node) -> bool {
    // Acquire: whoever sees the cancellation sees its reason.
    member.team().cancelled.load(Ordering::Acquire) != 0 || group::is_cancelled(node)
}

/// What [`begin`] has interrupted.
pub struct Outer {
    task: super::Suspended,
    icvs: *const Icvs,
}

impl Outer {
    pub fn base(&self) -> isize {
        self.task.base
    }

    /// What an undeferred task has interrupted: its parent.
    pub fn of_undeferred(
        thread: &Thread,
        member: &'static Member,
        node: &Node,
        base: isize,
    ) -> Self {
        Self {
            task: thread.task.suspended(node.parent.get(), base),
            icvs: member.icvs_of(node.parent()),
        }
    }
}

/// Enters a task.
#[inline]
pub fn begin(thread: &'static Thread, member: &'static Member, node: &'static Node) -> Outer {
    let icvs = member.icvs.get();
    let frame = &thread.task;
    let outer = Outer {
        task: frame.push(node, member.deque.bottom()),
        icvs,
    };
    node.set_owner(thread);
    if node.icvs.get().is_null() {
        // The generating task's, which waits.
        node.icvs.set(icvs);
    } else {
        member.icvs.set(node.icvs.get());
    }
    ompt::task_begin(thread, node);
    outer
}

/// Leaves a task whose code has ended.
///
/// # Safety
/// [`begin`] has given `outer`, and everything begun since has ended.
#[inline]
pub unsafe fn end(
    thread: &'static Thread,
    member: &'static Member,
    node: &'static Node,
    outer: Outer,
) {
    ompt::task_end(thread, node);
    thread.task.resume(outer.task);
    member.icvs.set(outer.icvs);
    if node.flags.get() & (flag::DESTRUCTORS | flag::DETACHABLE) != 0 {
        // SAFETY: the caller's promise.
        unsafe {
            if !node.has(flag::JOB) {
                kmp::destroy_private(thread, node);
            } else if node.has(flag::DESTRUCTORS) {
                job::destroy_context(node);
            }
        }
        if node.has(flag::DETACHABLE) && event::must_wait(node, node.has(flag::DISCARDED)) {
            return;
        }
    }
    // SAFETY: the task is over.
    unsafe { complete(Some(thread), node) };
}

/// Completes a task: releases what depends on it and counts it out.
///
/// # Safety
/// Its code has ended, its event, if it has one, is fulfilled, and it is not used afterwards.
#[inline]
pub unsafe fn complete(thread: Option<&'static Thread>, node: &Node) {
    let group = node.group.get();
    if node.has(flag::DEPENDS | flag::REPLAYED | flag::EXPORTS) {
        // SAFETY: the caller's promise.
        unsafe { depend::release(thread, node) };
    }
    // SAFETY: the caller's promise.
    unsafe { retire(thread, node) };
    // SAFETY: a group outlives the tasks that it still counts.
    if let Some(group) = unsafe { group.as_ref() } {
        group.subtract(thread);
    }
}

/// Which tasks a wait may begin, and what it has learnt about where to find them.
pub struct Search {
    /// Only descendants of this task; `None`: any of the team's.
    pub within: Option<&'static Node>,
    /// Additions to the pool that had been made when nothing fitting was in it.
    pool_seen: std::cell::Cell<Option<u32>>,
    /// Stolen tasks that did not descend from `within`.
    misfits: std::cell::Cell<u32>,
}

/// A wait that has stolen so many tasks it may not begin leaves the others' deques alone.
const MAX_MISFITS: u32 = 4;

impl Search {
    pub fn new(within: Option<&'static Node>) -> Self {
        Self {
            within,
            pool_seen: std::cell::Cell::new(None),
            misfits: std::cell::Cell::new(0),
        }
    }

    /// Could the entry be one that the wait may begin?
    #[inline]
    fn likes(&self, entry: usize) -> bool {
        self.within
            .is_none_or(|task| entry >> 48 > depth_tag(task) || depth_tag(task) == 0xffff)
    }

    fn allows(&self, node: &Node) -> bool {
        self.within.is_none_or(|task| node.descends_from(task))
    }

    fn may_steal(&self) -> bool {
        self.misfits.get() < MAX_MISFITS
    }

    /// Something seems to be there for the wait.
    pub fn sees_work(&self, member: &Member) -> bool {
        let team = member.team();
        if team.tasks.has_pooled() && self.pool_seen.get() != Some(team.tasks.additions()) {
            return true;
        }
        self.may_steal()
            && (0..team.size.get())
                .filter(|tid| *tid != member.tid.get() || self.within.is_none())
                .any(|tid| team.member(tid).deque.offers(|entry| self.likes(entry)))
    }

    /// Takes a task that the wait may begin.
    #[inline]
    pub fn find(&self, thread: &'static Thread, member: &'static Member) -> Option<&'static Node> {
        let team = member.team();
        if team.tasks.has_pooled()
            && let Some(node) = self.find_pooled(team)
        {
            return Some(node);
        }
        let base = if self.within.is_some() {
            thread.task.base()
        } else {
            0
        };
        // SAFETY: the thread executes the member, so it owns its deque.
        if let Some(entry) = unsafe { member.deque.pop(base) } {
            // SAFETY: whoever takes an entry owns the task.
            return Some(unsafe { &*task_of(entry) });
        }
        if member.team_size.get() > 1 && team.tasks.is_open() {
            self.steal(thread, member, team)
        } else {
            None
        }
    }

    #[cold]
    fn find_pooled(&self, team: &'static Team) -> Option<&'static Node> {
        // Read before the search, so that an addition after it counts as new.
        let additions = team.tasks.additions();
        if self.pool_seen.get() == Some(additions) {
            return None;
        }
        let found = team.tasks.take_pooled(|node| self.allows(node));
        if found.is_none() {
            self.pool_seen.set(Some(additions));
        }
        found
    }

    #[inline(never)]
    fn steal(
        &self,
        thread: &'static Thread,
        member: &'static Member,
        team: &'static Team,
    ) -> Option<&'static Node> {
        let size = team.size.get();
        let first = thread.task.victim.get();
        let mut index = 0;
        while index < size && self.may_steal() {
            let tid = (first + index) % size;
            if tid == member.tid.get() {
                index += 1;
                continue;
            }
            match team.member(tid).deque.steal(|entry| self.likes(entry)) {
                Steal::Empty | Steal::Refused => index += 1,
                Steal::Lost => std::hint::spin_loop(),
                Steal::Taken(entry) => {
                    // SAFETY: whoever takes an entry owns the task.
                    let node: &'static Node = unsafe { &*task_of(entry) };
                    thread.task.victim.set(tid);
                    if self.allows(node) {
                        return Some(node);
                    }
                    self.misfits.set(self.misfits.get() + 1);
                    team.tasks.pool(team, node);
                }
            }
        }
        None
    }
}
