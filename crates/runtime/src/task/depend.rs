//! Tasks with dependences: their generation, waiting for predecessors, the release of successors.
//!
//! Each task that has a `depend` clause owns a node (`sync::release`), each task that has such children a table of them
//! (`depend_table`). A task whose predecessors are not complete is in no queue: whoever completes the last of them queues it. A task is
//! complete when its code has ended and its event, if it has one, has been fulfilled.
//!
//! A task that has to be executed at its generation waits first, and executes other tasks meanwhile. Where every task is executed at its
//! generation, as in a team of one thread, dependences hold by that order, and nothing is noted; unless tasks are detached.

use std::cell::Cell;
use std::ptr::{from_ref, null};

use super::depend_table::{Item, Table};
use super::node::{Node, flag};
use super::{scheduler, wait};
use crate::sync::release::{self, Kind, NodeRef, Sink};
use crate::team::Team;
use crate::thread::Thread;

/// What a task's extra part holds about dependences.
pub struct Depends {
    /// The task's own node. The reference is the task's.
    own: Cell<*const release::Node>,
    /// The team whose threads execute the task.
    team: Cell<Option<&'static Team>>,
    /// Of the task's children.
    table: Cell<Option<Box<Table>>>,
}

impl Default for Depends {
    fn default() -> Self {
        Self {
            own: Cell::new(null()),
            team: Cell::new(None),
            table: Cell::default(),
        }
    }
}

/// Incomplete children of a task beyond which their generation pauses while there is something to execute.
const MANY_CHILDREN: i32 = 1 << 14;

/// Uses the table of a task's children. Only on the thread that executes the task.
pub fn with_table<R>(parent: &Node, run: impl FnOnce(&mut Table) -> R) -> R {
    let slot = &parent.extra().depends.table;
    let mut table = slot.take().unwrap_or_default();
    let result = run(&mut table);
    slot.set(Some(table));
    result
}

fn has_table(parent: &Node) -> bool {
    parent.extra_if_any().is_some_and(|extra| {
        let table = extra.depends.table.take();
        let there = table.is_some();
        extra.depends.table.set(table);
        there
    })
}

/// Hands over a task with dependences: the second half of its generation.
///
/// # Safety
/// As for [`scheduler::submit`].
pub unsafe fn submit(
    thread: &'static Thread,
    node: &'static Node,
    items: impl Iterator<Item = Item> + Clone,
) {
    let member = thread.member_static();
    let parent = thread.task.current();
    let must_not_wait = scheduler::must_not_wait(node);
    if must_not_wait || scheduler::is_alone(thread, member) {
        if !super::event::used() && !has_table(parent) {
            // SAFETY: the caller's promise.
            unsafe { scheduler::submit(thread, node) };
            return;
        }
        if must_not_wait {
            wait_for(thread, items.clone());
        }
    }
    // Whoever queues the task cannot ask for the data environment of now.
    if node.icvs.get().is_null() {
        scheduler::keep_icvs(member, node);
    }
    let own = NodeRef::new(Kind::Task, from_ref(node).cast_mut().cast());
    with_table(parent, |table| table.add(&own, items));
    let depends = &node.extra().depends;
    depends.own.set(&raw const *own);
    depends.team.set(Some(member.team()));
    node.set(flag::DEPENDS);
    // From here on the task is others' unless it is ready.
    if own.registered(&mut Nobody) {
        // SAFETY: the caller's promise.
        unsafe { scheduler::submit(thread, node) };
    } else if parent.children.estimate() > MANY_CHILDREN {
        pause(thread, parent);
    }
}

/// Executes tasks until fewer children are incomplete, or none is to be found.
#[cold]
fn pause(thread: &'static Thread, parent: &Node) {
    while parent.children.estimate() > MANY_CHILDREN / 2 && wait::yield_once(thread) {}
}

/// `taskwait` with dependences: until the predecessors that a task with these dependences would have are complete.
pub fn wait_for(thread: &'static Thread, items: impl Iterator<Item = Item>) {
    let parent = thread.task.current();
    if !has_table(parent) {
        return;
    }
    let waiter = release::Node::new(Kind::Waiter, from_ref(thread).cast_mut().cast());
    with_table(parent, |table| table.precede(&waiter, items));
    waiter.waits();
    if !waiter.is_satisfied() {
        wait::for_tasks(thread, || waiter.is_satisfied());
    }
}

/// `taskwait` with dependences and `nowait`: an empty task that others may depend on.
pub fn add_empty(thread: &'static Thread, items: impl Iterator<Item = Item> + Clone) {
    let join = NodeRef::new(Kind::Join, null::<()>().cast_mut());
    with_table(thread.task.current(), |table| table.add(&join, items));
    let _ = join.registered(&mut Nobody);
}

/// A task with dependences is complete: its successors have one predecessor less.
///
/// # Safety
/// The task is the caller's, and this is done once.
#[cold]
pub unsafe fn release(thread: Option<&'static Thread>, node: &Node) {
    let own = node.extra().depends.own.replace(null());
    // SAFETY: the task's own reference.
    let own = unsafe { NodeRef::from_raw(own) };
    own.complete(&mut Queue {
        thread,
        completed: node,
    });
}

/// Queues successors of a completed task.
struct Queue<'a> {
    thread: Option<&'static Thread>,
    completed: &'a Node,
}

impl Sink for Queue<'_> {
    fn ready(&mut self, payload: *mut ()) {
        // SAFETY: the payload of a task's node is the task, which has not begun.
        let node: &'static Node = unsafe { &*payload.cast::<Node>() };
        let Some(team) = node.extra().depends.team.get() else {
            unreachable!("the team is noted before the node is registered");
        };
        // SAFETY: a ready task belongs to whoever made it ready.
        unsafe { scheduler::release(self.thread, team, node, Some(self.completed)) };
    }

    fn wake(&mut self, payload: *mut ()) {
        // SAFETY: the payload of a waiter is its thread; threads' descriptors are never freed.
        let thread = unsafe { &*payload.cast::<Thread>() };
        thread.task.event.notify();
    }
}

/// For registrations: a new node has no successors yet.
struct Nobody;

impl Sink for Nobody {
    fn ready(&mut self, _payload: *mut ()) {
        unreachable!("a new node has made another one ready");
    }
    fn wake(&mut self, _payload: *mut ()) {
        unreachable!("a new node has woken a waiter");
    }
}
