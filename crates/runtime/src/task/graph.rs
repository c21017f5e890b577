//! Taskgraphs: recording the tasks that a block generates, and replaying them without the block.
//!
//! *Recording.* While a block is executed for the first time, its task has the flag `RECORDS`, which its children inherit; the first
//! thing that happens to a child that is handed over is that it is noted here, and loses the flag. A *step* is noted for each task: a copy
//! of its code and of its private data as they are when it is handed over, which is the saved data environment. The dependences among the
//! tasks are noted by a table of their own (`depend_record`). A wait inside the block becomes a step without a task, which comes
//! after all steps before it and before all after it. What cannot be repeated from a copy (detached and undeferred tasks, data
//! with destructors, reductions of a group inside) spoils the record: such a block is executed every time.
//!
//! *Replaying.* Every step counts the steps it waits for; the ones that wait for none are begun, and each that completes counts its
//! successors down, and begins those that have nothing more to wait for, before it is itself counted out of its parent's children.
//! So the parent's count cannot be zero before the whole graph is complete. The counts are read-modify-writes (AcqRel), so a step
//! sees what all its predecessors wrote. Steps that exclude each other (`mutexinoutset`) are ordered as they were recorded.
//!
//! A graph is replayed once at a time: `busy` is taken by compare-and-exchange (Acquire) and given back by the last step (Release), which
//! also wakes those who wait for it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::depend::{self, with_table};
use super::depend_record::Record;
use super::depend_table::Table;
use super::image::Image;
use super::node::{Node, flag};
use super::{group, scheduler, wait};
use crate::process::ForkSafe;
use crate::stress::point;
use crate::sync::release::{Kind, NodeRef};
use crate::thread::{self, Thread};

/// Tells graphs apart: the construct, and the value of its `graph_id` clause.
pub type Key = (usize, i64);

/// What the construct's clauses say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clauses {
    /// The `if` clause is false: neither record nor replay.
    pub plain: bool,
    pub nogroup: bool,
    /// Discard the record that there is.
    pub reset: bool,
    /// What tasks that are replayed refresh their data from.
    pub environment: *mut c_void,
}

// Recording.

/// A record in the making.
pub struct Recording {
    key: Key,
    record: Record,
    steps: BTreeMap<u32, Image>,
    /// Steps noted since the last wait, and that wait's own step.
    since: Vec<u32>,
    fence: u32,
    spoilt: bool,
    /// Constructs inside this one.
    depth: u32,
}

static GRAPHS: ForkSafe<BTreeMap<Key, Arc<Graph>>> = ForkSafe::new(BTreeMap::new());

/// Begins the construct in the current task. True: its block is to be executed. [`end`] must follow in either case.
pub fn begin(thread: &'static Thread, key: Key, clauses: Clauses) -> bool {
    if !clauses.nogroup {
        group::begin(thread);
    }
    let task = thread.task.current();
    if task.has(flag::RECORDS) {
        with_recording(task, |recording| {
            recording.spoilt = true;
            recording.depth += 1;
        });
        return true;
    }
    if clauses.reset {
        GRAPHS.lock().remove(&key);
    }
    if clauses.plain || task.has(flag::FINAL) {
        return true;
    }
    // Earlier tasks may not be overtaken by what a replay does not compare them with.
    depend::wait_for_all(thread);
    let known = GRAPHS.lock().get(&key).cloned();
    if let Some(graph) = known {
        graph.replay(thread, &clauses);
        return false;
    }
    let slot = &task.extra().depends.recording;
    depend::replace_table(task, Box::new(Table::that_records()));
    slot.set(Some(Box::new(Recording {
        key,
        record: Record::default(),
        steps: BTreeMap::new(),
        since: Vec::new(),
        fence: 0,
        spoilt: false,
        depth: 0,
    })));
    task.set(flag::RECORDS);
    true
}

/// Ends the construct.
pub fn end(thread: &'static Thread, nogroup: bool) {
    let task = thread.task.current();
    if task.has(flag::RECORDS) {
        let inner = with_recording(task, |recording| {
            let inner = recording.depth > 0;
            recording.depth = recording.depth.saturating_sub(1);
            inner
        });
        if !inner {
            finish_recording(task);
        }
    }
    if !nogroup {
        group::end(thread);
    }
}

fn with_recording<R>(task: &Node, run: impl FnOnce(&mut Recording) -> R) -> R {
    let slot = &task.extra().depends.recording;
    let Some(mut recording) = slot.take() else {
        unreachable!("a task that records has a record");
    };
    let result = run(&mut recording);
    slot.set(Some(recording));
    result
}

/// The calling thread's task records, and what it is about to do cannot be repeated.
#[cold]
pub fn spoil(task: &Node) {
    with_recording(task, |recording| recording.spoilt = true);
}

/// The current task is about to generate one that a copy of its bytes does not repeat: what it records is of no use.
pub fn cannot_repeat(thread: &Thread) {
    let task = thread.task.current();
    if task.has(flag::RECORDS) {
        spoil(task);
    }
}

/// A child that has not been handed over is not to be recorded.
pub fn leave_out(child: &Node) {
    child.clear(flag::RECORDS);
}

/// A child of the current task is handed over while that records. `own`: its node among the dependences.
#[cold]
pub fn note(task: &Node, child: &Node, own: Option<&NodeRef>) {
    child.clear(flag::RECORDS);
    // SAFETY: the child has not been handed over.
    let image = unsafe { Image::of(child) };
    let number = with_table(task, |table| match (&mut table.record, own) {
        (Some(record), Some(own)) => record.number(own),
        (Some(record), None) => record.skip(),
        (None, _) => unreachable!("the table of a task that records takes notes"),
    });
    with_recording(task, |recording| match image {
        Some(image) => {
            recording.steps.insert(number, image);
            recording.add(number);
        }
        None => recording.spoilt = true,
    });
}

/// An empty task is generated while the current task records.
#[cold]
pub fn note_empty(task: &Node, own: &NodeRef) {
    let number = with_table(task, |table| {
        table.record.as_mut().map(|record| record.number(own))
    });
    if let Some(number) = number {
        with_recording(task, |recording| recording.add(number));
    }
}

/// The current task has waited for its children while it records.
#[cold]
pub fn note_wait(task: &Node) {
    let number = with_table(task, |table| {
        table.record.as_mut().map(|record| record.skip())
    });
    if let Some(number) = number {
        with_recording(task, |recording| recording.wait(number));
    }
}

impl Recording {
    /// A step comes after the last wait.
    fn add(&mut self, number: u32) {
        if self.fence != 0 {
            self.record.edges.push((self.fence, number));
        }
        self.since.push(number);
    }

    fn wait(&mut self, number: u32) {
        let before = std::mem::take(&mut self.since);
        self.record
            .edges
            .extend(before.iter().map(|&step| (step, number)));
        if self.fence != 0 {
            self.record.edges.push((self.fence, number));
        }
        self.fence = number;
    }
}

fn finish_recording(task: &Node) {
    task.clear(flag::RECORDS);
    let Some(recording) = task.extra().depends.recording.take() else {
        unreachable!("a task that records has a record");
    };
    // Later tasks depend on those of the block. What the table before it held is complete.
    let Some(record) = with_table(task, |table| table.record.take()) else {
        unreachable!("the table of a task that records takes notes");
    };
    if recording.spoilt {
        return;
    }
    let mut edges = recording.record.edges;
    edges.extend(&record.edges);
    edges.extend(record.exclusion_edges());
    let graph = Graph::new(record.nodes, recording.steps, edges);
    GRAPHS.lock().insert(recording.key, Arc::new(graph));
}

// Replaying.

/// A step of a graph, with the steps that wait for it.
struct Step {
    /// `None`: only a point that others pass through.
    image: Option<Image>,
    successors: Vec<u32>,
    /// Steps it waits for, in all and still in this replay.
    predecessors: u32,
    pending: AtomicU32,
}

/// A finished record.
pub struct Graph {
    steps: Vec<Step>,
    busy: AtomicBool,
    /// Steps of the replay under way that are not complete.
    left: AtomicU32,
    waiting: ForkSafe<Vec<&'static Thread>>,
    environment: Cell<*mut c_void>,
    /// What tasks generated after a replay without a group wait for, if they have dependences.
    end: Cell<Option<NodeRef>>,
}

// SAFETY: the cells are written by whoever has taken `busy`, before there are any tasks that read them.
unsafe impl Sync for Graph {}
// SAFETY: as above.
unsafe impl Send for Graph {}

/// Where a replayed task's block says what it is a step of.
#[derive(Clone, Copy)]
pub struct Place {
    /// One reference, which the last step to complete gives back, stands for all of them.
    graph: *const Graph,
    step: u32,
}

impl Graph {
    fn new(count: u32, mut images: BTreeMap<u32, Image>, mut edges: Vec<(u32, u32)>) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let mut steps: Vec<Step> = (1..=count)
            .map(|number| Step {
                image: images.remove(&number),
                successors: Vec::new(),
                predecessors: 0,
                pending: AtomicU32::new(0),
            })
            .collect();
        for (from, to) in edges {
            steps[from as usize - 1].successors.push(to - 1);
            steps[to as usize - 1].predecessors += 1;
        }
        Self {
            steps,
            busy: AtomicBool::new(false),
            left: AtomicU32::new(0),
            waiting: ForkSafe::new(Vec::new()),
            environment: Cell::new(std::ptr::null_mut()),
            end: Cell::new(None),
        }
    }

    fn try_begin(&self) -> bool {
        self.busy
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Executes the recorded tasks as children of the current one.
    fn replay(self: Arc<Self>, thread: &'static Thread, clauses: &Clauses) {
        if !self.try_begin() {
            self.waiting.lock().push(thread);
            let taken = Cell::new(false);
            wait::for_tasks(thread, || {
                taken.set(taken.get() || self.try_begin());
                taken.get()
            });
        }
        if self.steps.is_empty() {
            self.give_back();
            return;
        }
        if scheduler::is_alone(thread, thread.member()) {
            self.execute_in_order(thread, clauses);
            self.give_back();
            return;
        }
        let task = thread.task.current();
        self.environment.set(clauses.environment);
        if clauses.nogroup {
            let end = NodeRef::new(Kind::Task, std::ptr::null_mut());
            with_table(task, |table| table.add_fence(&end));
            self.end.set(Some(end));
        }
        self.left.store(self.steps.len() as u32, Ordering::Relaxed);
        for step in &self.steps {
            step.pending.store(step.predecessors, Ordering::Relaxed);
        }
        let graph = Arc::into_raw(self);
        // SAFETY: the reference is there until the last step is complete, and the last of these steps is not begun before the loop is over.
        let roots: Vec<u32> = unsafe { &*graph }
            .steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.predecessors == 0)
            .map(|(number, _)| number as u32)
            .collect();
        for step in roots {
            // SAFETY: as above: this step is not complete.
            let image = unsafe { (&*graph).steps[step as usize].image.as_ref() };
            let Some(image) = image else {
                // SAFETY: a step without a task that waits for nobody is ready.
                unsafe { complete_step(graph, step, thread, Ready::Of(task)) };
                continue;
            };
            // SAFETY: as above.
            let environment = unsafe { (*graph).environment.get() };
            // SAFETY: the image is one of a task; the current task is the parent.
            unsafe {
                let node = image.make(
                    thread,
                    task,
                    task.group.get(),
                    Some(Place { graph, step }),
                    environment,
                );
                scheduler::keep_icvs(thread.member(), node);
                scheduler::submit(thread, node);
            }
        }
    }

    /// Executes the tasks in the order of their generation, which their dependences allow: where each is executed at once.
    fn execute_in_order(&self, thread: &'static Thread, clauses: &Clauses) {
        let task = thread.task.current();
        for image in self.steps.iter().filter_map(|step| step.image.as_ref()) {
            // SAFETY: the image is one of a task; the current task is the parent.
            unsafe {
                let node = image.make(thread, task, task.group.get(), None, clauses.environment);
                scheduler::submit(thread, node);
            }
        }
    }

    fn give_back(&self) {
        self.busy.store(false, Ordering::Release);
        for thread in self.waiting.lock().drain(..) {
            thread.task.event.notify();
        }
    }
}

/// Where the tasks come from that a completed step makes ready.
#[derive(Clone, Copy)]
enum Ready<'a> {
    /// Children of the current task.
    Of(&'a Node),
    /// Siblings of a task that has just been completed.
    After(&'a Node),
}

impl<'a> Ready<'a> {
    fn completed(self) -> Option<&'a Node> {
        match self {
            Self::Of(_) => None,
            Self::After(node) => Some(node),
        }
    }
}

/// A replayed task is complete.
///
/// # Safety
/// `node` is such a task, and this is done once.
#[cold]
pub unsafe fn release(thread: Option<&'static Thread>, node: &Node) {
    // SAFETY: the caller's promise.
    unsafe {
        let Place { graph, step } = super::image::place(node);
        let thread = thread.unwrap_or_else(|| thread::current());
        complete_step(graph, step, thread, Ready::After(node));
    }
}

/// # Safety
/// The step is ready, and its task, if it has one, complete.
unsafe fn complete_step(graph: *const Graph, step: u32, thread: &'static Thread, from: Ready<'_>) {
    // SAFETY: this step is not counted as complete yet.
    let known = unsafe { &*graph };
    let mut todo = vec![step];
    let mut done = 0;
    while let Some(step) = todo.pop() {
        done += 1;
        for &next in &known.steps[step as usize].successors {
            let successor = &known.steps[next as usize];
            point();
            // AcqRel: see the module's description.
            if successor.pending.fetch_sub(1, Ordering::AcqRel) != 1 {
                continue;
            }
            let Some(image) = &successor.image else {
                todo.push(next);
                continue;
            };
            let place = Some(Place { graph, step: next });
            let (parent, group, completed) = match from {
                Ready::Of(task) => (from_ref(task), task.group.get(), None),
                Ready::After(node) => (node.parent.get(), node.group.get(), Some(node)),
            };
            // SAFETY: the parent waits for the step that is being completed here, or executes this code.
            unsafe {
                let node = image.make(thread, &*parent, group, place, known.environment.get());
                match completed {
                    Some(completed) => scheduler::copy_icvs(completed, node),
                    None => scheduler::keep_icvs(thread.member(), node),
                }
                let team = thread.member().team();
                scheduler::release(Some(thread), team, node, completed);
            }
        }
    }
    // AcqRel: whoever replays the graph next comes after all of this.
    if known.left.fetch_sub(done, Ordering::AcqRel) == done {
        // SAFETY: the reference that `replay` has left; no step is left that uses it.
        let graph = unsafe { Arc::from_raw(graph) };
        if let Some(end) = graph.end.take() {
            depend::complete(Some(thread), end, from.completed());
        }
        graph.give_back();
    }
}
