//! Waiting while executing tasks: for counts of tasks, for gates of a team's barriers and joins, for a worker's next order.
//!
//! Each wait repeats: is the condition met? is there a task to execute? If neither, it blocks as `sync` describes, with a policy
//! that also ends the blocking when there seems to be a task. What blocks is the wait for one gate or for the thread's own event, so nothing
//! is added to a wait that finds no tasks but a test of the team's state every few dozen polls.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::event;
use super::graph;
use super::node::flag;
use super::scheduler::{Search, execute};
use super::team::{CLAIMED, Sequence};
use super::watch::Watch;
use crate::sync::gate::Gate;
use crate::sync::{Place, SpinClock, WaitPolicy};
use crate::team::{Member, Team};
use crate::thread::Thread;
use crate::wait::{Committed, InRegion};

/// A wait of `P`'s kind that ends, too, when there seems to be a task for the thread.
pub struct Helping<'a, P> {
    inner: P,
    thread: &'static Thread,
    member: &'static Member,
    search: &'a Search,
    /// The shape of the team that this wait takes tasks of.
    sequence: Sequence,
    /// This wait is counted among those that look for work.
    searching: Cell<bool>,
    asleep: Cell<bool>,
    settled: Cell<bool>,
    /// It has ended because of a task.
    tempted: Cell<bool>,
    watch: Watch,
    /// The thread is between regions: the team may change its shape.
    idle: bool,
}

impl<'a, P> Helping<'a, P> {
    fn new(
        inner: P,
        thread: &'static Thread,
        member: &'static Member,
        search: &'a Search,
        sequence: Sequence,
    ) -> Self {
        Self {
            inner,
            thread,
            member,
            search,
            sequence,
            searching: Cell::new(false),
            asleep: Cell::new(false),
            settled: Cell::new(false),
            tempted: Cell::new(false),
            watch: Watch::default(),
            idle: false,
        }
    }

    fn team(&self) -> &'static Team {
        self.member.team()
    }

    fn is_open(&self) -> bool {
        self.team().tasks.is_open_in(self.sequence)
    }

    /// A thread that may take any task counts as looking for work.
    fn begin_search(&self) {
        if self.search.within.is_none() && self.is_open() {
            self.team().tasks.begin_search(self.sequence);
            self.searching.set(true);
        }
    }

    fn end_search(&self) {
        if self.searching.take() {
            self.team().tasks.end_search(self.sequence);
        }
    }

    /// A sleeper that watches stays asleep in spite of tasks while the threads that are awake keep the processors busy.
    fn watches_on(&self) -> bool {
        let tasks = &self.team().tasks;
        (self.watch.is_on() || self.watch.begin(tasks, self.sequence))
            && self.with_shape(|team| self.watch.goes_on(team, self.sequence)) == Some(true)
    }

    /// Runs `look`, which needs the team's shape to stay. `None`: the shape is not the one the wait knows.
    fn with_shape<R>(&self, look: impl FnOnce(&'static Team) -> R) -> Option<R> {
        let team = self.team();
        if !self.idle {
            return self.is_open().then(|| look(team));
        }
        if !team.tasks.begin_help(self.sequence) {
            return None;
        }
        let result = look(team);
        team.tasks.end_help();
        Some(result)
    }
}

impl<P: WaitPolicy> WaitPolicy for Helping<'_, P> {
    #[inline]
    fn eager(&self) -> bool {
        self.inner.eager()
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        self.inner.keep_spinning(clock)
    }
    fn stop(&self) -> bool {
        if self.inner.stop() {
            return true;
        }
        if !self.is_open() {
            return false;
        }
        if self.asleep.get() {
            let tasks = &self.team().tasks;
            let claimed = self.thread.task.asleep.load(Ordering::Relaxed) & CLAIMED != 0;
            if !self.settled.replace(true) || claimed {
                tasks.settle_sleep(self.thread, self.sequence);
                // Who waits for certain tasks sleeps for a short time only, and would have to be replaced.
                if self.search.within.is_none() && !claimed {
                    self.watch.begin(tasks, self.sequence);
                }
            } else if self.watches_on() {
                self.tempted.set(false);
                return false;
            }
        }
        let sees_work = self.with_shape(|_| self.search.sees_work(self.member));
        self.tempted.set(sees_work == Some(true));
        self.tempted.get()
    }
    fn sleep_slice(&self) -> Option<Duration> {
        let slice = self.inner.sleep_slice();
        match self.watch.slice() {
            Some(tick) if self.is_open() => Some(slice.map_or(tick, |slice| slice.min(tick))),
            _ => slice,
        }
    }
    fn before_block(&self) {
        self.inner.before_block();
        self.begin_search();
    }
    fn after_block(&self) {
        self.end_search();
        if self.tempted.get() {
            self.with_shape(|team| team.tasks.found(team));
        }
        self.inner.after_block();
    }
    fn falls_asleep(&self, place: Place) {
        self.end_search();
        self.settled.set(false);
        self.asleep.set(true);
        self.team()
            .tasks
            .note_sleep(self.thread, place, self.sequence);
    }
    fn woke_up(&self) {
        self.asleep.set(false);
        let tasks = &self.team().tasks;
        tasks.note_awake(self.thread, self.sequence, |place| {
            self.with_shape(|team| tasks.take_claim_over(team, place)) == Some(true)
        });
        if self.watch.end(tasks, self.sequence) || tasks.wants_watcher() {
            self.with_shape(|team| tasks.pass_watch(team, self.sequence));
        }
    }
}

/// Waits for a condition that other threads announce through this thread's event, executing tasks that descend from the current one meanwhile.
/// The wait is not given up: a cancelled team discards its tasks, so it is short.
pub fn for_tasks(thread: &'static Thread, done: impl Fn() -> bool) {
    let mut within = thread.task.current();
    // What an importing task's children depend on is not among its descendants.
    while within.has(flag::IMPORTS)
        && let Some(parent) = within.parent()
    {
        // SAFETY: ancestors of a task that is being executed stay.
        within = unsafe { &*std::ptr::from_ref(parent) };
    }
    let search = Search::new(Some(within));
    for_condition(thread, &search, done);
}

/// Where the implicit task may not go on before all tasks below it are complete.
#[inline]
pub fn at_region_end(thread: &'static Thread, member: &'static Member) {
    if !member.node.children.is_clear() {
        for_own_tasks(thread, member);
    }
    if !member.node.extra.get().is_null() {
        // An implicit task's extra part holds the dependences of its children, who are complete.
        member.node.drop_extra();
        // A cancelled region may have left a taskgraph.
        member.node.clear(flag::RECORDS);
    }
}

/// Waits until all tasks below the implicit task are complete, executing any of the team's.
#[cold]
fn for_own_tasks(thread: &'static Thread, member: &'static Member) {
    let search = Search::new(None);
    for_condition(thread, &search, || !member.node.children.has_any());
}

fn for_condition(thread: &'static Thread, search: &Search, done: impl Fn() -> bool) {
    let member = thread.member_static();
    let sequence = member.team().tasks.sequence();
    while !done() {
        if let Some(node) = search.find(thread, member) {
            // SAFETY: the task was in a queue, and is this thread's now.
            unsafe { execute(thread, member, node) };
            continue;
        }
        let policy = Helping::new(
            Interruptible(Committed::new(thread), thread, member),
            thread,
            member,
            search,
            sequence,
        );
        thread.task.event.wait(&done, &policy);
    }
}

/// A wait that is not given up, but notices an interrupt, and cancels the team then.
struct Interruptible<'a>(Committed<'a>, &'static Thread, &'static Member);

impl WaitPolicy for Interruptible<'_> {
    fn eager(&self) -> bool {
        self.0.eager()
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        self.0.keep_spinning(clock)
    }
    fn stop(&self) -> bool {
        // The tasks waited for end early then, but those whose code has ended already.
        if self.2.must_leave(self.1) && event::used() {
            event::abandon(self.1, self.2.team());
        }
        false
    }
    fn sleep_slice(&self) -> Option<Duration> {
        InRegion::new(self.1, self.2).sleep_slice()
    }
    fn before_block(&self) {
        self.0.before_block();
    }
    fn after_block(&self) {
        self.0.after_block();
    }
}

/// The waits of one barrier or join, whose thread executes the team's tasks meanwhile.
pub struct TeamWait<F> {
    thread: &'static Thread,
    member: &'static Member,
    search: Search,
    policy: F,
}

impl<F, P> TeamWait<F>
where
    F: Fn() -> P,
    P: WaitPolicy,
{
    /// `policy` makes the policy for each time the wait blocks.
    #[inline]
    pub fn new(thread: &'static Thread, member: &'static Member, policy: F) -> Self {
        Self {
            thread,
            member,
            search: Search::new(None),
            policy,
        }
    }

    /// May the wait poll before it blocks?
    #[inline]
    pub fn eager(&self) -> bool {
        (self.policy)().eager()
    }

    /// Waits for the gate. False: given up because of the policy's own stop condition.
    #[inline]
    pub fn wait(&self, gate: &Gate, target: u32) -> bool {
        if self.eager() && gate.poll_briefly(target) || gate.reached(target) {
            return true;
        }
        self.wait_slow(gate, target)
    }

    /// The part of [`TeamWait::wait`] after the first polls.
    #[cold]
    #[inline(never)]
    pub fn wait_slow(&self, gate: &Gate, target: u32) -> bool {
        let sequence = self.member.team().tasks.sequence();
        loop {
            let policy = Helping::new(
                (self.policy)(),
                self.thread,
                self.member,
                &self.search,
                sequence,
            );
            if gate.wait_slow(target, &policy) {
                return true;
            }
            if policy.inner.stop() {
                return false;
            }
            while !gate.reached(target)
                && let Some(node) = self.search.find(self.thread, self.member)
            {
                // SAFETY: the task was in a queue, and is this thread's now.
                unsafe { execute(self.thread, self.member, node) };
            }
        }
    }
}

/// An idle worker's wait for its next order, in which it executes tasks of the team that it was in last.
pub fn for_order<P: WaitPolicy>(
    thread: &'static Thread,
    target: u32,
    team: Option<(&'static Member, Sequence)>,
    policy: impl Fn() -> P,
) {
    let gate = &thread.mail.gate;
    let Some((member, sequence)) = team else {
        gate.wait(target, &policy());
        return;
    };
    let search = Search::new(None);
    loop {
        let helping = Helping {
            idle: true,
            ..Helping::new(policy(), thread, member, &search, sequence)
        };
        if gate.wait(target, &helping) {
            return;
        }
        helping.with_shape(|_| {
            while !gate.reached(target)
                && let Some(node) = search.find(thread, member)
            {
                // SAFETY: the task was in a queue, and is this thread's now.
                unsafe { execute(thread, member, node) };
            }
        });
    }
}

/// A task scheduling point: the thread may execute one of the tasks that descend from the current one. False: it has found none.
pub fn yield_once(thread: &'static Thread) -> bool {
    let search = Search::new(Some(thread.task.current()));
    let member = thread.member_static();
    let found = search.find(thread, member);
    if let Some(node) = found {
        // SAFETY: the task was in a queue, and is this thread's now.
        unsafe { execute(thread, member, node) };
    }
    found.is_some()
}

/// Until the current task's children and all their descendants are complete. False: there were none.
#[inline]
pub fn for_descendants(thread: &'static Thread) -> bool {
    let task = thread.task.current();
    let children = &task.children;
    let some = !children.is_clear();
    if some {
        for_tasks(thread, || !children.has_any());
    }
    if task.has(flag::RECORDS) {
        graph::note_wait(task);
    }
    some
}

/// `taskwait`: until the current task's children are complete.
#[inline]
pub fn for_children(thread: &'static Thread) {
    let task = thread.task.current();
    let children = &task.children;
    if !children.is_clear() {
        for_tasks(thread, || !children.has_incomplete());
        // Where nothing at all is left, the next test is cheap again.
        children.has_any();
    }
    if task.has(flag::RECORDS) {
        graph::note_wait(task);
    }
}
