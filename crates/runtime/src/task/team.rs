//! What the threads of a team share about its tasks: whether there have been any, how many threads look for work or sleep,
//! and a pool of tasks that are in no thread's deque.
//!
//! # Protocol of sleeping and waking
//!
//! A thread that has nothing to do in a wait looks for work for a while and then sleeps on whatever it waits for: a gate or
//! an event. Before that it notes the place in its `asleep` word. Nothing is lost if a sleeper does not learn of a task: every task in a
//! deque is executed, at the latest, by the deque's owner when that waits for it. Waking is there for speed; the waits' own
//! conditions have their own protocols (see `sync::gate` and `sync::event`).
//!
//! *Opening.* As long as no task has been deferred since the team took its present shape, `state` is closed, and waits do not look at
//! deques at all. Whoever defers the first task pushes it, opens the state (SeqCst) and then counts the members that have noted a place
//! of sleep (marking the place `COUNTED`), while a thread that falls asleep notes the place, issues a SeqCst
//! fence and reads the state: it is counted by the opener, or sees the open state and counts itself.
//!
//! *Pushing.* Whoever pushes a task onto a deque then issues a `light` fence and reads the state. If a thread sleeps, more processors
//! are there than the awake threads need, and nobody is already looking for work, it wakes one: it claims a noted place by
//! marking it (`CLAIMED`) and kicks it. Several threads may sleep on one gate, of which a kick wakes any: one that wakes unclaimed takes the
//! claim of one that sleeps on over from it. If the awake threads are enough for the processors, it makes sure that a sleeper watches
//! whether they keep them busy (see `watch`). A thread that falls asleep while the state is open counts itself, issues a
//! `heavy` fence, and looks at the deques once more. So either it sees the task or the pusher sees the sleeper.
//!
//! *Finding.* A thread that was looking, finds a task, and leaves nobody looking wakes another if there is more.
//!
//! *Shape.* Idle workers of a team, too, look for its tasks while they wait for their next order. Before the owner
//! changes the team's size or data environment it closes the state and advances its sequence number, which idle workers compare with
//! the one of their last region, and waits until none of them is about to take a task (`helpers`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering, fence};

use super::node::Node;
use crate::config::config;
use crate::process::{ForkSafe, Held};
use crate::stress::point;
use crate::sync::Place;
use crate::sync::asymmetric;
use crate::sync::event::Event;
use crate::sync::gate::Gate;
use crate::team::Team;
use crate::thread::Thread;
use crate::wait::Uninterrupted;

/// Fields of the state word: threads asleep, threads looking, open, a sleeper watches, one has been called to do so,
/// tasks block, sequence number.
const SLEEPER: u64 = 1;
const SLEEPERS: u64 = 0xffff;
const SEARCHER: u64 = 1 << 16;
const SEARCHERS: u64 = 0xffff << 16;
const OPEN: u64 = 1 << 32;
const WATCHED: u64 = 1 << 33;
const CALLED: u64 = 1 << 34;
const BLOCK: u64 = 1 << 35;
const SEQUENCE_SHIFT: u32 = 36;

/// In a noted place: it is an event, not a gate.
const IS_EVENT: usize = 1;
/// In a noted place: the sleeper is counted in the state.
const COUNTED: usize = 2;
/// In a noted place: the sleeper has been chosen to wake, and is not counted any more.
pub const CLAIMED: usize = 1 << (usize::BITS - 1);

/// See [`TeamTasks::note_look`].
const IDLE_LOOKS: u32 = 3;

/// Tasks by priority, each priority's oldest first.
type Pool = BTreeMap<i32, VecDeque<*const Node>>;

/// See the module's description.
#[repr(align(128))]
pub struct TeamTasks {
    state: AtomicU64,
    /// Tasks in the pool, and how often one has been added.
    pooled: AtomicU32,
    additions: AtomicU32,
    /// The team's size minus the number of processors: with so many asleep, there is a processor for each of the others.
    surplus: AtomicU32,
    /// Looks of watchers, one after another, that have found processors idle.
    idle_looks: AtomicU32,
    /// Claimed places whose threads sleep on: a hint.
    claims: AtomicI32,
    rare: Rare,
}

#[repr(align(128))]
struct Rare {
    pool: ForkSafe<Pool>,
    /// Idle workers that may be taking tasks.
    helpers: AtomicU32,
    helpers_gone: Event,
    /// Events of detached tasks (see `event`), by address.
    events: ForkSafe<BTreeSet<usize>>,
}

impl Default for TeamTasks {
    fn default() -> Self {
        Self {
            state: AtomicU64::new(0),
            pooled: AtomicU32::new(0),
            additions: AtomicU32::new(0),
            surplus: AtomicU32::new(0),
            idle_looks: AtomicU32::new(0),
            claims: AtomicI32::new(0),
            rare: Rare {
                pool: ForkSafe::new(BTreeMap::new()),
                helpers: AtomicU32::new(0),
                helpers_gone: Event::default(),
                events: ForkSafe::new(BTreeSet::new()),
            },
        }
    }
}

/// A shape of the team during which idle workers may take its tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sequence(u64);

impl TeamTasks {
    #[inline]
    fn load(&self) -> u64 {
        self.state.load(Ordering::Relaxed)
    }

    /// Tasks have been deferred since the team took its present shape.
    #[inline]
    pub fn is_open(&self) -> bool {
        // Acquire: whoever sees the open state sees the push before it.
        self.state.load(Ordering::Acquire) & OPEN != 0
    }

    #[inline]
    pub fn sequence(&self) -> Sequence {
        Sequence(self.load() >> SEQUENCE_SHIFT)
    }

    /// The state is open and has the shape that `sequence` stands for.
    #[inline]
    pub fn is_open_in(&self, sequence: Sequence) -> bool {
        let state = self.state.load(Ordering::SeqCst);
        state & OPEN != 0 && state >> SEQUENCE_SHIFT == sequence.0
    }

    /// Somebody would have use for a task.
    #[inline]
    pub fn is_hungry(&self) -> bool {
        let state = self.load();
        let sleepers = state & SLEEPERS;
        state & (SEARCHERS | OPEN) != OPEN
            || sleepers as u32 > self.surplus.load(Ordering::Relaxed)
            || state & BLOCK != 0 && sleepers != 0
    }

    /// To be called after each push onto a deque.
    #[inline]
    pub fn pushed(&self, team: &'static Team) {
        asymmetric::light();
        point();
        let state = self.load();
        if state & OPEN == 0 {
            self.open(team);
        } else if self.should_wake(state) {
            self.wake(team);
        }
    }

    /// Nobody looks for work, and a sleeper should: there is a processor for it, or nobody watches whether there is one.
    #[inline]
    fn should_wake(&self, state: u64) -> bool {
        state & SEARCHERS == 0
            && state & SLEEPERS != 0
            && (state & (WATCHED | CALLED) == 0
                || (state & SLEEPERS) as u32 > self.surplus.load(Ordering::Relaxed))
    }

    /// Wakes a sleeper, or makes one watch.
    #[cold]
    #[inline(never)]
    fn wake(&self, team: &'static Team) {
        if (self.load() & SLEEPERS) as u32 > self.surplus.load(Ordering::Relaxed) {
            self.wake_one(team);
        } else {
            self.call_watcher(team);
        }
    }

    #[cold]
    #[inline(never)]
    fn open(&self, team: &'static Team) {
        let size = team.size.get();
        self.surplus.store(
            size.saturating_sub(config().num_procs as u32),
            Ordering::Relaxed,
        );
        self.claims.store(0, Ordering::Relaxed);
        self.idle_looks.store(0, Ordering::Relaxed);
        if self.state.fetch_or(OPEN, Ordering::SeqCst) & OPEN != 0 {
            return;
        }
        // SeqCst: see the protocol.
        fence(Ordering::SeqCst);
        let sequence = self.sequence();
        for tid in 0..size {
            // SAFETY: threads' descriptors are never freed.
            let thread = unsafe { &*team.member(tid).thread.get() };
            self.count_sleeper(thread, sequence);
        }
        if self.should_wake(self.load()) {
            self.wake(team);
        }
    }

    /// Counts a sleeping thread that is not counted yet.
    fn count_sleeper(&self, thread: &Thread, sequence: Sequence) {
        let asleep = &thread.task.asleep;
        let place = asleep.load(Ordering::Relaxed);
        if place != 0
            && place & (COUNTED | CLAIMED) == 0
            && self.is_for(thread, sequence)
            && asleep
                .compare_exchange(place, place | COUNTED, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            && !self.adjust(sequence, SLEEPER, 0)
        {
            asleep.fetch_and(!COUNTED, Ordering::Relaxed);
        }
    }

    /// Changes the counts, unless the shape is not the one meant any more.
    fn adjust(&self, sequence: Sequence, plus: u64, minus: u64) -> bool {
        self.change(sequence, |state| Some(state + plus - minus))
    }

    /// Changes the state, unless the shape is not the one meant any more, or `new` refuses.
    fn change(&self, sequence: Sequence, new: impl Fn(u64) -> Option<u64>) -> bool {
        let mut state = self.load();
        while state >> SEQUENCE_SHIFT == sequence.0
            && let Some(changed) = new(state)
        {
            // SeqCst: counting a sleeper comes before its last look (see the protocol).
            match self.state.compare_exchange_weak(
                state,
                changed,
                Ordering::SeqCst,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    // ---- watching (see `watch`) ----------------------------------------------------------------------------------

    /// Makes a sleeper watch, unless one does.
    fn call_watcher(&self, team: &'static Team) {
        let called = self.change(self.sequence(), |state| {
            (state & (WATCHED | CALLED) == 0).then_some(state | CALLED)
        });
        if !called {
            return;
        }
        for tid in 0..team.size.get() {
            // SAFETY: threads' descriptors are never freed.
            let thread = unsafe { &*team.member(tid).thread.get() };
            let place = thread.task.asleep.load(Ordering::Relaxed);
            if place & COUNTED != 0 && kick(place) {
                return;
            }
        }
    }

    /// A sleeping thread begins to watch, if nobody does and the team has more threads than there are processors.
    pub fn begin_watch(&self, sequence: Sequence) -> bool {
        self.surplus.load(Ordering::Relaxed) != 0
            && self.change(sequence, |state| {
                (state & (OPEN | WATCHED) == OPEN).then_some(state & !CALLED | WATCHED)
            })
    }

    /// It watches no more.
    pub fn end_watch(&self, sequence: Sequence) {
        self.change(sequence, |state| Some(state & !WATCHED));
    }

    /// What a look has found. Processors that are idle time and again in spite of tasks say that tasks block: threads that sleep are
    /// no reason not to defer tasks then.
    pub fn note_look(&self, sequence: Sequence, idle: bool) {
        if !idle {
            self.idle_looks.store(0, Ordering::Relaxed);
            if self.load() & BLOCK != 0 {
                self.change(sequence, |state| Some(state & !BLOCK));
            }
        } else if self.idle_looks.fetch_add(1, Ordering::Relaxed) + 1 == IDLE_LOOKS {
            self.change(sequence, |state| Some(state | BLOCK));
        }
    }

    /// A sleeper has been called to watch, and none has come yet.
    pub fn wants_watcher(&self) -> bool {
        self.load() & CALLED != 0
    }

    /// A thread that was to watch is awake: another sleeper has to, if there is something to watch.
    #[cold]
    pub fn pass_watch(&self, team: &'static Team, sequence: Sequence) {
        self.change(sequence, |state| Some(state & !CALLED));
        if self.load() & SLEEPERS != 0 && self.has_work(team) {
            self.call_watcher(team);
        }
    }

    /// Wakes one of the team's sleepers.
    #[cold]
    #[inline(never)]
    pub fn wake_one(&self, team: &'static Team) {
        let sequence = self.sequence();
        for tid in 0..team.size.get() {
            // SAFETY: threads' descriptors are never freed.
            let thread = unsafe { &*team.member(tid).thread.get() };
            let asleep = &thread.task.asleep;
            let place = asleep.load(Ordering::Relaxed);
            if place & COUNTED == 0 {
                continue;
            }
            let claimed = place & !COUNTED | CLAIMED;
            if asleep
                .compare_exchange(place, claimed, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                self.claims.fetch_add(1, Ordering::Relaxed);
                self.adjust(sequence, 0, SLEEPER);
                kick(place);
                return;
            }
        }
    }

    /// Wakes all of the team's sleepers.
    pub fn wake_all(&self, team: &'static Team) {
        // SeqCst: orders what the caller has done before the reads of the places.
        fence(Ordering::SeqCst);
        let sequence = self.sequence();
        for tid in 0..team.size.get() {
            // SAFETY: threads' descriptors are never freed.
            let thread = unsafe { &*team.member(tid).thread.get() };
            let asleep = &thread.task.asleep;
            let place = asleep.load(Ordering::Relaxed);
            if place != 0 {
                let claimed = place & !COUNTED | CLAIMED;
                if place & CLAIMED == 0
                    && asleep
                        .compare_exchange(place, claimed, Ordering::AcqRel, Ordering::Relaxed)
                        .is_ok()
                {
                    self.claims.fetch_add(1, Ordering::Relaxed);
                    if place & COUNTED != 0 {
                        self.adjust(sequence, 0, SLEEPER);
                    }
                }
                kick(place);
            }
        }
    }

    /// The thread begins to look for work.
    pub fn begin_search(&self, sequence: Sequence) {
        self.adjust(sequence, SEARCHER, 0);
    }

    /// A thread that was looking has found a task.
    pub fn found(&self, team: &'static Team) {
        if self.should_wake(self.load()) && self.has_work(team) {
            self.wake(team);
        }
    }

    /// The thread stops looking.
    pub fn end_search(&self, sequence: Sequence) {
        self.adjust(sequence, 0, SEARCHER);
    }

    /// Does any deque, or the pool, hold a task? A hint.
    pub fn has_work(&self, team: &Team) -> bool {
        self.pooled.load(Ordering::Relaxed) != 0
            || (0..team.size.get()).any(|tid| !team.member(tid).deque.is_empty())
    }

    /// The thread sleeps in a wait of this team in that shape, not in one that is about to end because of another region.
    fn is_for(&self, thread: &Thread, sequence: Sequence) -> bool {
        let frame = &thread.task;
        frame.asleep_in.load(Ordering::Relaxed) == std::ptr::from_ref(self).addr()
            && frame.asleep_since.load(Ordering::Relaxed) == sequence.0
    }

    /// The thread falls asleep on `place`: the last thing before it asks `settle_sleep` and whatever else ends its wait.
    pub fn note_sleep(&self, thread: &Thread, place: Place, sequence: Sequence) {
        let frame = &thread.task;
        frame
            .asleep_in
            .store(std::ptr::from_ref(self).addr(), Ordering::Relaxed);
        frame.asleep_since.store(sequence.0, Ordering::Relaxed);
        let place = match place {
            Place::Gate(gate) => std::ptr::from_ref(gate) as usize,
            Place::Event(event) => std::ptr::from_ref(event) as usize | IS_EVENT,
        };
        point();
        thread.task.asleep.store(place, Ordering::SeqCst);
        point();
    }

    /// Makes sure that pushes from now on see the sleeper, and that the look at the deques that follows sees earlier ones. A sleeper that
    /// has been claimed, and may have found nothing, is to be counted again.
    pub fn settle_sleep(&self, thread: &Thread, sequence: Sequence) {
        let asleep = &thread.task.asleep;
        let place = asleep.load(Ordering::Relaxed);
        if place & CLAIMED != 0
            && asleep
                .compare_exchange(place, place & !CLAIMED, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        {
            self.claims.fetch_sub(1, Ordering::Relaxed);
        }
        self.count_sleeper(thread, sequence);
        asymmetric::heavy();
    }

    /// The thread is awake again. `take_over` calls [`TeamTasks::take_claim_over`] if the team's shape stays meanwhile.
    pub fn note_awake(
        &self,
        thread: &Thread,
        sequence: Sequence,
        take_over: impl FnOnce(usize) -> bool,
    ) {
        let place = thread.task.asleep.swap(0, Ordering::AcqRel);
        if place & CLAIMED != 0 {
            self.claims.fetch_sub(1, Ordering::Relaxed);
        } else if place & COUNTED != 0
            && !(self.claims.load(Ordering::Relaxed) > 0 && take_over(place))
        {
            self.adjust(sequence, 0, SLEEPER);
        }
    }

    /// Finds a thread that has been claimed on this place and sleeps on, which is counted again then, in place of the caller.
    pub fn take_claim_over(&self, team: &'static Team, place: usize) -> bool {
        let claimed = place & !COUNTED | CLAIMED;
        let taken = (0..team.size.get()).any(|tid| {
            // SAFETY: threads' descriptors are never freed.
            let asleep = unsafe { &(*team.member(tid).thread.get()).task.asleep };
            asleep.load(Ordering::Relaxed) == claimed
                && asleep
                    .compare_exchange(claimed, place, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
        });
        if taken {
            self.claims.fetch_sub(1, Ordering::Relaxed);
        }
        taken
    }

    /// Puts a task into the pool, and wakes everybody.
    pub fn pool(&self, team: &'static Team, node: &Node) {
        let priority = node.extra_if_any().map_or(0, |extra| extra.priority.get());
        {
            let mut pool = self.rare.pool.lock();
            pool.entry(priority).or_default().push_back(node);
            self.pooled.fetch_add(1, Ordering::Relaxed);
            self.additions.fetch_add(1, Ordering::Release);
        }
        if !self.is_open() {
            self.open(team);
        }
        self.wake_all(team);
    }

    /// How often a task has been added to the pool.
    #[inline]
    pub fn additions(&self) -> u32 {
        self.additions.load(Ordering::Acquire)
    }

    /// The pool is not empty.
    #[inline]
    pub fn has_pooled(&self) -> bool {
        self.pooled.load(Ordering::Acquire) != 0
    }

    /// Takes the first task of the highest priority that is `allowed`.
    pub fn take_pooled(&self, allowed: impl Fn(&Node) -> bool) -> Option<&'static Node> {
        let mut pool = self.rare.pool.lock();
        for tasks in pool.values_mut().rev() {
            // SAFETY: tasks in the pool are there until they are taken out.
            let position = tasks.iter().position(|task| allowed(unsafe { &**task }));
            if let Some(node) = position.and_then(|position| tasks.remove(position)) {
                self.pooled.fetch_sub(1, Ordering::Relaxed);
                // SAFETY: as above; the task is the caller's now.
                return Some(unsafe { &*node });
            }
        }
        None
    }

    /// Events of the team's detached tasks.
    pub fn events(&self) -> Held<'_, BTreeSet<usize>> {
        self.rare.events.lock()
    }

    /// An idle worker is about to take tasks of the shape it knows. False: it must not.
    pub fn begin_help(&self, sequence: Sequence) -> bool {
        self.rare.helpers.fetch_add(1, Ordering::SeqCst);
        let allowed = self.is_open_in(sequence);
        if !allowed {
            self.end_help();
        }
        allowed
    }

    /// It is done with that.
    pub fn end_help(&self) {
        if self.rare.helpers.fetch_sub(1, Ordering::SeqCst) == 1 && !self.is_open() {
            self.rare.helpers_gone.notify();
        }
    }

    /// The team is idle and about to change its shape.
    pub fn close(&self, team: &'static Team) {
        let state = self.load();
        self.state.store(
            ((state >> SEQUENCE_SHIFT) + 1) << SEQUENCE_SHIFT,
            Ordering::SeqCst,
        );
        self.rare.helpers_gone.wait(
            || self.rare.helpers.load(Ordering::SeqCst) == 0,
            &Uninterrupted,
        );
        for tid in 1..team.capacity() {
            // SAFETY: threads' descriptors are never freed.
            let thread = unsafe { &*team.member(tid).thread.get() };
            thread
                .task
                .asleep
                .fetch_and(!(COUNTED | CLAIMED), Ordering::Relaxed);
        }
    }

    /// In the child of a fork: nobody else is there.
    pub fn survive_fork(&self) {
        self.state.store(0, Ordering::Relaxed);
        self.rare.helpers.store(0, Ordering::Relaxed);
    }
}

/// Kicks a noted place; false if there is none.
fn kick(place: usize) -> bool {
    let address = place & !(IS_EVENT | COUNTED | CLAIMED);
    if address == 0 {
        return false;
    }
    if place & IS_EVENT != 0 {
        // SAFETY: events and gates that threads sleep on live in descriptors, members and teams, which are never freed.
        unsafe { &*(address as *const Event) }.kick();
    } else {
        // SAFETY: as above.
        unsafe { &*(address as *const Gate) }.kick_one();
    }
    true
}
