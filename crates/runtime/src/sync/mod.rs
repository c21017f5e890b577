//! Building blocks of all waiting: futex calls, the gate (sleep/wake protocol) and the futex lock.
//! Under `cfg(loom)` the atomics are loom's, so that the protocols can be model-checked.

pub mod asymmetric;
pub mod deque;
pub mod event;
pub mod futex;
pub mod gate;
pub mod gather;
pub mod lock;
pub mod release;
pub mod ring;
pub mod shares;
pub mod tally;
pub mod turns;

#[cfg(loom)]
pub(crate) use loom::sync::atomic;
#[cfg(not(loom))]
pub(crate) use std::sync::atomic;

use std::time::{Duration, Instant};

/// A spinning thread asks so often whether others want its processor.
const BETWEEN_PROBES: Duration = Duration::from_micros(50);
/// A yield that takes no longer has run nobody else.
const EMPTY_YIELD: Duration = Duration::from_micros(10);

/// How one wait behaves: whether it may spin, when it gives up, how long it sleeps between looks.
pub trait WaitPolicy {
    /// May the wait poll at all before it blocks? (Not while the caller holds something others need, like a GIL.)
    fn eager(&self) -> bool;
    /// Called every few dozen polls with the state of this wait's clock; false ends the spinning.
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool;
    /// The wait is to be given up: the team is cancelled or an interrupt is pending.
    fn stop(&self) -> bool;
    /// Longest sleep before `stop` is asked again; `None`: until woken.
    fn sleep_slice(&self) -> Option<Duration>;
    /// Called before the wait leaves its fast path, and after it.
    fn before_block(&self) {}
    /// See [`WaitPolicy::before_block`].
    fn after_block(&self) {}
    /// Called before the wait looks for the last time and then sleeps, and when it sleeps no more. Whoever wants the sleeper to
    /// ask `stop` kicks the place.
    fn falls_asleep(&self, _place: Place) {}
    /// See [`WaitPolicy::falls_asleep`].
    fn woke_up(&self) {}
}

/// What a thread sleeps on.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    Gate(&'a gate::Gate),
    Event(&'a event::Event),
}

/// When a wait's spinning ends. The clock is read only once spinning has lasted a while.
pub struct SpinClock {
    start: Option<Instant>,
    /// When `probe` has last asked, counted from the start.
    probed: Duration,
    /// Polls between two questions to the policy.
    polls: u32,
}

impl SpinClock {
    /// A clock for a wait that polls so many times between two questions to its policy.
    pub fn new(polls: u32) -> Self {
        Self {
            start: None,
            probed: Duration::ZERO,
            polls,
        }
    }

    /// Starts the clock at the first call; true until `budget` has passed since.
    pub fn within(&mut self, budget: Duration) -> bool {
        self.elapsed() < budget
    }

    fn elapsed(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(*self.start.get_or_insert(now))
    }

    /// Now and then offers the processor to others. True: one has taken it.
    pub fn probe(&mut self) -> bool {
        let before = self.elapsed();
        if before - self.probed < BETWEEN_PROBES {
            return false;
        }
        std::thread::yield_now();
        self.probed = self.elapsed();
        self.probed - before > EMPTY_YIELD
    }

    /// Lets another thread have the processor, if one wants it, and from now on after each poll. True until `budget` has passed
    /// since the clock was started.
    pub fn give_way(&mut self, budget: Duration) -> bool {
        self.polls = 1;
        let goes_on = self.within(budget);
        if goes_on {
            std::thread::yield_now();
        }
        goes_on
    }

    /// Polls until the next question.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// From now on so many.
    pub fn poll_for(&mut self, polls: u32) {
        self.polls = polls;
    }
}
