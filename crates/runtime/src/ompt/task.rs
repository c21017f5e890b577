//! Hooks of explicit tasks. A task's record is part of what its node has beside itself, made when the task is created while a tool
//! is there, and lives as long as the node. Tasks that the runtime makes for itself (that cut a taskloop, say) have none, and
//! what runs in them counts as their thread's last task.

use std::cell::Cell;
use std::ptr::{null, null_mut};

use super::types::{
    Dependence, DispatchChunk, Endpoint, Event, State, SyncRegion, Work, callback,
    dispatch as kind, task_flag, task_status as status,
};
use super::{TaskRecord, callback as find, stack_pointer, sync, watched, work};
use crate::task::depend_location::Type;
use crate::task::depend_table::Item;
use crate::task::event;
use crate::task::node::{Node, flag};
use crate::thread::Thread;

/// Where a task's record hangs; it stays at its address when the slot moves, for the tool keeps pointers into it.
pub struct TaskSlot(Cell<*mut TaskRecord>);

impl Default for TaskSlot {
    fn default() -> Self {
        Self(Cell::new(null_mut()))
    }
}

impl Drop for TaskSlot {
    fn drop(&mut self) {
        if !self.0.get().is_null() {
            // SAFETY: made from a box by `make`.
            drop(unsafe { Box::from_raw(self.0.get()) });
        }
    }
}

/// Makes the record of a task that has not begun.
fn make(node: &Node, flags: i32) -> &TaskRecord {
    let record = Box::into_raw(Box::<TaskRecord>::default());
    let before = node.extra().ompt.0.replace(record);
    // A task is created once.
    debug_assert!(before.is_null());
    // SAFETY: just made; freed with the node.
    let record = unsafe { &*record };
    record.begin(flags, null(), null());
    record
}

/// The record of a task that was announced.
fn record(node: &Node) -> Option<&TaskRecord> {
    let slot = &node.extra_if_any()?.ompt;
    // SAFETY: freed with the slot, which is part of the node.
    unsafe { slot.0.get().as_ref() }
}

/// A task is generated; the calling thread's current task has met its construct.
#[inline]
pub fn task_create(thread: &Thread, node: &Node, has_dependences: bool) {
    if watched() {
        task_create_slow(thread, node, has_dependences);
    }
}

#[cold]
fn task_create_slow(thread: &Thread, node: &Node, has_dependences: bool) {
    let mut flags = task_flag::EXPLICIT;
    for (bit, of_tool) in [
        (flag::FINAL, task_flag::FINAL),
        (flag::UNDEFERRED, task_flag::UNDEFERRED),
    ] {
        if node.has(bit) {
            flags |= of_tool;
        }
    }
    if !node.has(flag::TIED) {
        flags |= task_flag::UNTIED;
    }
    let (task, outer) = (make(node, flags), thread.task_record());
    let Some(create) = find::<callback::TaskCreate>(Event::TaskCreate) else {
        return;
    };
    outer.set_enter(thread.ompt.frame.get());
    // SAFETY: the tool's callback, with the arguments of the event.
    unsafe {
        create(
            outer.data.get(),
            outer.frame.get(),
            task.data.get(),
            flags,
            has_dependences.into(),
            thread.code(),
        )
    };
    outer.set_enter(0);
}

/// A task of a taskloop is generated, for so many logical iterations.
#[inline]
pub fn taskloop_task(thread: &Thread, node: &Node, first: u64, iterations: u64) {
    if watched() {
        task_create_slow(thread, node, false);
        if let Some(task) = record(node) {
            task.work.set(Some((Work::Taskloop, iterations)));
            task.first.set(first);
        }
    }
}

/// What a task depends on.
#[inline]
pub fn dependences(node: &Node, items: impl Iterator<Item = Item>) {
    if watched() {
        dependences_slow(node, items);
    }
}

#[cold]
fn dependences_slow(node: &Node, items: impl Iterator<Item = Item>) {
    let (Some(task), Some(dependences)) = (
        record(node),
        find::<callback::Dependences>(Event::Dependences),
    ) else {
        return;
    };
    let number = |kind: Type| match kind {
        Type::In => 1,
        Type::Out => 3,
        Type::MutexInoutSet => 4,
        Type::InoutSet => 7,
    };
    let list: Vec<Dependence> = items
        .map(|item| match item {
            Item::Address(address, kind) => Dependence {
                variable: address as u64,
                kind: number(kind),
            },
            Item::Area(area, kind) => Dependence {
                variable: area.start() as u64,
                kind: number(kind),
            },
            Item::AllMemory => Dependence {
                variable: 0,
                kind: 35,
            },
        })
        .collect();
    // SAFETY: as above; the list lives until the callback returns.
    unsafe { dependences(task.data.get(), list.as_ptr(), list.len() as i32) };
}

/// A task that is complete has kept another from running until now.
#[inline]
pub fn task_dependence(source: &Node, sink: &Node) {
    if watched() {
        task_dependence_slow(source, sink);
    }
}

#[cold]
fn task_dependence_slow(source: &Node, sink: &Node) {
    if let (Some(source), Some(sink), Some(dependence)) = (
        record(source),
        record(sink),
        find::<callback::TaskDependence>(Event::TaskDependence),
    ) {
        // SAFETY: as above; the sink waits for the source, which is not freed yet.
        unsafe { dependence(source.data.get(), sink.data.get()) };
    }
}

fn schedule(prior: *mut u64, status: i32, next: *mut u64) {
    if let Some(schedule) = find::<callback::TaskSchedule>(Event::TaskSchedule) {
        // SAFETY: as above.
        unsafe { schedule(prior, status, next) };
    }
}

/// A task begins on the thread; the caller is the function that calls its code.
#[inline(always)]
pub fn task_begin(thread: &Thread, node: &Node) {
    if watched() {
        task_begin_slow(thread, node, stack_pointer());
    }
}

#[cold]
fn task_begin_slow(thread: &Thread, node: &Node, exit: usize) {
    let Some(task) = record(node) else { return };
    let outer = thread.task_record();
    let why = if thread.ompt.yields.get() {
        status::YIELD
    } else {
        status::SWITCH
    };
    task.outer.set(outer);
    task.member.set(thread.member());
    schedule(outer.data.get(), why, task.data.get());
    thread.ompt.current.set(task);
    thread.ompt.state.set(State::WorkParallel);
    if let Some((Work::Taskloop, iterations)) = task.work.take() {
        let chunk = DispatchChunk {
            start: task.first.get(),
            iterations,
        };
        work::dispatch(
            thread,
            kind::TASKLOOP_CHUNK,
            (&raw const chunk).addr() as u64,
        );
    }
    task.set_exit(exit);
}

/// The task's group or region was cancelled before it could begin.
#[cold]
pub fn task_discarded(node: &Node) {
    if watched()
        && let Some(task) = record(node)
    {
        task.discarded.set(true);
    }
}

/// The code of the thread's current task has ended.
#[inline]
pub fn task_end(thread: &Thread, node: &Node) {
    if watched() {
        task_end_slow(thread, node);
    }
}

#[cold]
fn task_end_slow(thread: &Thread, node: &Node) {
    let Some(task) = record(node) else { return };
    let why = if task.discarded.get() {
        status::CANCEL
    } else if event::is_awaited(node) {
        status::DETACH
    } else {
        status::COMPLETE
    };
    task.set_exit(0);
    let outer = task.outer.get();
    thread.ompt.current.set(outer);
    // SAFETY: the task below waits for this one to leave its thread.
    let next = unsafe { outer.as_ref() }.map_or(null_mut(), |outer| outer.data.get());
    schedule(task.data.get(), why, next);
}

/// The event of a detachable task is fulfilled, before or after its code has ended.
#[inline]
pub fn event_fulfilled(node: &Node) {
    if watched() {
        event_fulfilled_slow(node);
    }
}

#[cold]
fn event_fulfilled_slow(node: &Node) {
    if let Some(task) = record(node) {
        let why = if event::code_has_ended(node) {
            status::LATE_FULFILL
        } else {
            status::EARLY_FULFILL
        };
        schedule(task.data.get(), why, null_mut());
    }
}

/// The thread is at a `taskyield`.
#[inline]
pub fn around_yield<R>(thread: &Thread, look: impl FnOnce() -> R) -> R {
    if !watched() {
        return look();
    }
    thread.ompt.yields.set(true);
    let result = look();
    thread.ompt.yields.set(false);
    result
}

/// A taskgroup begins.
#[inline]
pub fn taskgroup_begin(thread: &Thread) {
    if watched() {
        sync::region_begins(thread, SyncRegion::Taskgroup);
    }
}

/// A taskgroup ends with the wait for its tasks.
#[inline]
pub fn around_taskgroup_end<R>(thread: &Thread, wait: impl FnOnce() -> R) -> R {
    if watched() {
        sync::observed_end(thread, SyncRegion::Taskgroup, wait)
    } else {
        wait()
    }
}

/// A taskloop of so many iterations generates its tasks.
#[inline]
pub fn around_taskloop(thread: &Thread, count: impl Fn() -> u64, generate: impl FnOnce()) {
    if !watched() {
        return generate();
    }
    let count = count();
    work::event(thread, Work::Taskloop, Endpoint::Begin, count);
    generate();
    work::event(thread, Work::Taskloop, Endpoint::End, count);
}
