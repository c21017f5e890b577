//! Tasks with dependences: their generation, waiting for predecessors, the release of successors.
//!
//! Each task that has a `depend` clause owns a node (`sync::release`), each task that has such children a table of them
//! (`depend_table`). A task whose predecessors are not complete is in no queue: whoever completes the last of them queues it. A task is
//! complete when its code has ended and its event, if it has one, has been fulfilled.
//!
//! A *transparent* task that imports begins with a copy of its parent's table, so its children find the tasks before it; of one that
//! exports, the children that have dependences are complete before its own successors begin (which is more than OpenMP asks for:
//! those of other locations need not be), or, where it is undeferred, are taken over into its parent's table.
//!
//! A task that has to be executed at its generation waits first, and executes other tasks meanwhile. Where every task is executed at its
//! generation, as in a team of one thread, dependences hold by that order, and nothing is noted; unless tasks are detached.

use std::cell::Cell;
use std::mem::offset_of;
use std::ptr::{from_ref, null_mut};

use super::depend_location::Nobody;
use super::depend_table::{Item, Table};
use super::graph::{self, Recording};
use super::image::RefreshSlot;
use super::node::{Extra, Node, flag};
use super::{block, scheduler, wait};
use crate::ompt;
use crate::sync::release::{self, Kind, NodeRef, Sink};
use crate::team::Team;
use crate::thread::{self, Thread};

/// What a task's extra part holds about dependences.
pub struct Depends {
    /// The team whose threads execute the task.
    team: Cell<Option<&'static Team>>,
    /// Of the task's children.
    table: Cell<Option<Box<Table>>>,
    /// The taskgraph that the task records.
    pub recording: Cell<Option<Box<Recording>>>,
    /// What renews the task's data when it is replayed.
    pub refresh: RefreshSlot,
}

impl Default for Depends {
    fn default() -> Self {
        Self {
            team: Cell::new(None),
            table: Cell::default(),
            recording: Cell::default(),
            refresh: Cell::default(),
        }
    }
}

/// A dependent task's node and extra part. The extra part holds a reference to the node.
#[repr(C)]
struct Storage {
    node: release::Node,
    extra: Extra,
}

/// Gives a task that has not been handed over a node among its siblings' dependences.
fn make(thread: &'static Thread, task: &'static Node) -> NodeRef {
    /// Drops the node and frees the storage.
    unsafe fn free(node: *mut release::Node) {
        // SAFETY: nobody uses the node any more, and the extra part, which had a reference, has been dropped.
        unsafe {
            node.drop_in_place();
            block::free(
                thread::current_if_known(),
                node.cast(),
                block::class_of(size_of::<Storage>()),
            );
        }
    }
    let (storage, _) = block::allocate(thread, size_of::<Storage>());
    let storage = storage.cast::<Storage>();
    let known = task.extra.get();
    // SAFETY: the block is large enough and ours; an extra part that is there came from a box, and is the caller's.
    unsafe {
        (&raw mut (*storage).extra).write(if known.is_null() {
            Extra::default()
        } else {
            *Box::from_raw(known)
        });
        task.extra.set(&raw mut (*storage).extra);
        task.set(flag::DEPENDS);
        NodeRef::place(storage.cast(), from_ref(task).cast_mut().cast(), free)
    }
}

fn storage_of(extra: *mut Extra) -> *mut Storage {
    extra.wrapping_byte_sub(offset_of!(Storage, extra)).cast()
}

/// Drops the extra part of a dependent task.
///
/// # Safety
/// `extra` is one that `make` has made, and is not used any more.
pub unsafe fn drop_extra(extra: *mut Extra) {
    // SAFETY: the caller's promise; the reference is the extra part's.
    unsafe {
        extra.drop_in_place();
        drop(NodeRef::from_raw(storage_of(extra).cast()));
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

/// Gives a task another table for its children, those in the old one being complete. Only on the thread that executes the task.
pub fn replace_table(parent: &Node, table: Box<Table>) {
    parent.extra().depends.table.set(Some(table));
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
    ompt::dependences(node, items.clone());
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
    let own = make(thread, node);
    node.extra().depends.team.set(Some(member.team()));
    if node.has(flag::RECORDS) {
        graph::note(parent, node, Some(&own));
    }
    with_table(parent, |table| table.add(&own, items));
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
    wait_until(thread, |waiter| {
        with_table(parent, |table| table.precede(waiter, items));
    });
    if parent.has(flag::RECORDS) {
        graph::note_wait(parent);
    }
}

/// Waits for all of the current task's children that have dependences.
pub fn wait_for_all(thread: &'static Thread) {
    let parent = thread.task.current();
    if has_table(parent) {
        wait_until(thread, |waiter| {
            with_table(parent, |table| table.precede_all(waiter));
        });
    }
}

/// Waits for the nodes that `register` puts before the waiter it is given.
fn wait_until(thread: &'static Thread, register: impl FnOnce(&release::Node)) {
    let waiter = release::Node::new(Kind::Waiter, from_ref(thread).cast_mut().cast());
    register(&waiter);
    waiter.waits();
    if !waiter.is_satisfied() {
        wait::for_tasks(thread, || waiter.is_satisfied());
    }
}

/// `taskwait` with dependences and `nowait`: an empty task that others may depend on.
pub fn add_empty(thread: &'static Thread, items: impl Iterator<Item = Item> + Clone) {
    let parent = thread.task.current();
    let join = NodeRef::new(Kind::Join, null_mut());
    if parent.has(flag::RECORDS) {
        graph::note_empty(parent, &join);
    }
    with_table(parent, |table| table.add(&join, items));
    let _ = join.registered(&mut Nobody);
}

/// A task with dependences, recorded ones included, is complete: its successors have one predecessor less.
///
/// # Safety
/// The task is the caller's, and this is done once.
#[cold]
pub unsafe fn release(thread: Option<&'static Thread>, node: &Node) {
    if node.has(flag::REPLAYED) {
        // SAFETY: the caller's promise.
        return unsafe { graph::release(thread, node) };
    }
    let children = if node.has(flag::EXPORTS) {
        node.extra_if_any()
            .and_then(|extra| extra.depends.table.take())
    } else {
        None
    };
    if let (Some(children), Some(thread)) = (&children, thread)
        && scheduler::must_not_wait(node)
        && let Some(parent) = node.parent().filter(|parent| parent.is_owned_by(thread))
    {
        // Its generating task goes on only now, and generates tasks that depend on its children.
        with_table(parent, |table| table.absorb(children));
    }
    if !node.has(flag::DEPENDS) {
        return;
    }
    // SAFETY: one of the two references that `make` has made; the task's extra part lies in the storage.
    let own = unsafe { NodeRef::from_raw(storage_of(node.extra.get()).cast()) };
    match children {
        Some(children) => complete_after(thread, own, *children),
        None => complete(thread, own, Some(node)),
    }
}

/// What stands for an exporting task until its children are complete.
struct Export {
    join: *const release::Node,
    own: NodeRef,
}

/// Marks the payload of such a node.
const IS_EXPORT: usize = 1;

/// An exporting task has ended: its successors wait for those of its children, too, that have dependences.
fn complete_after(thread: Option<&'static Thread>, own: NodeRef, mut children: Table) {
    let export = Box::into_raw(Box::new(Export {
        join: std::ptr::null(),
        own,
    }));
    let payload = export.cast::<()>().map_addr(|address| address | IS_EXPORT);
    let join = NodeRef::new(Kind::Task, payload);
    children.precede_all(&join);
    // SAFETY: nobody else knows the box before the node is registered.
    unsafe { (*export).join = &raw const *join };
    if join.registered(&mut Nobody) {
        // SAFETY: as above; the node is ready.
        unsafe {
            end_export(
                payload,
                &mut Queue {
                    thread,
                    completed: None,
                },
            )
        };
    }
}

/// # Safety
/// `payload` is that of a ready node which stands for an exporting task.
unsafe fn end_export(payload: *mut (), queue: &mut Queue<'_>) {
    let export = payload.map_addr(|address| address & !IS_EXPORT);
    // SAFETY: the caller's promise: the box and the join's own reference have no other user.
    unsafe {
        let Export { join, own } = *Box::from_raw(export.cast::<Export>());
        drop(NodeRef::from_raw(join));
        own.complete(queue);
    }
}

/// `transparent`: relates the children of a task that has not been handed over to the tasks around it.
pub fn make_transparent(thread: &'static Thread, node: &Node, imports: bool, exports: bool) {
    if imports {
        node.set(flag::IMPORTS);
        let parent = thread.task.current();
        if has_table(parent) {
            let table = with_table(parent, |table| table.snapshot());
            node.extra().depends.table.set(Some(Box::new(table)));
        }
    }
    if exports {
        node.set(flag::EXPORTS);
    }
}

/// A node among the dependences is complete: what waits for it has one predecessor less. `completed`: the task that `thread` has just
/// executed.
pub fn complete(thread: Option<&'static Thread>, own: NodeRef, completed: Option<&Node>) {
    own.complete(&mut Queue { thread, completed });
}

/// Queues successors of a completed task.
struct Queue<'a> {
    thread: Option<&'static Thread>,
    completed: Option<&'a Node>,
}

impl Sink for Queue<'_> {
    fn precedes(&mut self, payload: *mut ()) {
        // What stands for an exporting task, or for the end of a replay, is no task.
        let is_task = !payload.is_null() && payload.addr() & IS_EXPORT == 0;
        if let Some(completed) = self.completed
            && is_task
        {
            // SAFETY: the payload of a task's node is the task, which has not begun.
            ompt::task_dependence(completed, unsafe { &*payload.cast::<Node>() });
        }
    }

    fn ready(&mut self, payload: *mut ()) {
        if payload.addr() & IS_EXPORT != 0 {
            // SAFETY: only such payloads have the mark.
            return unsafe { end_export(payload, self) };
        }
        // SAFETY: the payload of a task's node is the task, which has not begun.
        let node: &'static Node = unsafe { &*payload.cast::<Node>() };
        let Some(team) = node.extra().depends.team.get() else {
            unreachable!("the team is noted before the node is registered");
        };
        // SAFETY: a ready task belongs to whoever made it ready.
        unsafe { scheduler::release(self.thread, team, node, self.completed) };
    }

    fn wake(&mut self, payload: *mut ()) {
        // SAFETY: the payload of a waiter is its thread; threads' descriptors are never freed.
        let thread = unsafe { &*payload.cast::<Thread>() };
        thread.task.event.notify();
    }
}
