//! How threads wait, by occasion: within a region, where no escape is possible, idle between regions, for the runtime's own locks.
//! Spinning is bounded by blocktime and stops when more threads run than there are processors.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use crate::config::config;
use crate::crowd::{Arrival, Spot, YIELDING};
use crate::process;
use crate::settings;
use crate::sync::{SpinClock, WaitPolicy};
use crate::team::Member;
use crate::thread::Thread;

/// Interrupts must be noticed within 0.1 s; signal handlers can only store a flag, so sleepers look by themselves.
const INTERRUPT_SLICE: Duration = Duration::from_millis(40);

/// Set to nonzero: regions of the main thread's contention group are to end. Signal handlers may store to it.
#[allow(non_upper_case_globals, reason = "its C name")]
#[unsafe(no_mangle)]
pub static omply_interrupt: AtomicI32 = AtomicI32::new(0);

/// Called around a wait that does not succeed at once, on the thread that waits. While hooks are set the thread does
/// not spin before `before` has run.
#[derive(Clone, Copy, Debug)]
pub struct BlockHooks {
    pub before: unsafe fn(*mut c_void),
    pub after: unsafe fn(*mut c_void),
    pub data: *mut c_void,
}

/// An interrupt is pending and meant for this thread.
#[inline]
pub fn interrupted(thread: &Thread) -> bool {
    // Relaxed: the flag carries no data.
    omply_interrupt.load(Ordering::Relaxed) != 0 && thread.group().is_main.load(Ordering::Relaxed)
}

fn before_block(thread: &Thread, active: &Cell<Option<BlockHooks>>) {
    active.set(thread.hooks.take());
    if let Some(hooks) = active.get() {
        // SAFETY: whoever set the hooks promised that they may be called around any wait of this thread.
        unsafe { (hooks.before)(hooks.data) };
    }
}

fn after_block(thread: &Thread, active: &Cell<Option<BlockHooks>>) {
    if let Some(hooks) = active.take() {
        // SAFETY: as in `before_block`.
        unsafe { (hooks.after)(hooks.data) };
        thread.hooks.set(Some(hooks));
    }
}

/// A thread with hooks shares an interpreter with others, which want the processor it would spin on; so may threads
/// that have just been woken.
const SHARED_SPIN: Duration = Duration::from_micros(10);

/// So long a thread spins where other processes want the processors.
const UNDER_LOAD: Duration = Duration::from_micros(20);

/// Whether other processes want the processors that this one's threads would spin on. It is found out by offering one now and then.
mod load {
    use crate::at_fork;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Instant;

    /// For so long a finding holds: asking again costs a time slice.
    const HOLDS_MS: u64 = 100;

    /// Milliseconds on `clock` until when the last finding holds. Relaxed: a hint.
    static UNTIL: AtomicU64 = AtomicU64::new(0);

    fn clock() -> u64 {
        static START: OnceLock<Instant> = OnceLock::new();
        at_fork::once(&START, Instant::now).elapsed().as_millis() as u64
    }

    pub fn is_high() -> bool {
        let until = UNTIL.load(Ordering::Relaxed);
        until != 0 && clock() < until
    }

    #[cold]
    pub fn note() {
        UNTIL.store(clock() + HOLDS_MS, Ordering::Relaxed);
    }
}

fn spin(clock: &mut SpinClock, shared: bool) -> bool {
    let limit = if shared {
        SHARED_SPIN
    } else {
        settings::blocktime()
    };
    if process::oversubscribed() {
        return clock.give_way(config().blocktime.min(YIELDING));
    }
    if load::is_high() {
        return clock.within(limit.min(UNDER_LOAD));
    }
    if clock.probe() {
        load::note();
        return false;
    }
    clock.within(limit)
}

/// A wait inside a region: ends early when the team is cancelled or an interrupt is pending.
pub struct InRegion<'a> {
    thread: &'a Thread,
    member: &'a Member,
    hooks: Cell<Option<BlockHooks>>,
}

impl<'a> InRegion<'a> {
    #[inline]
    pub fn new(thread: &'a Thread, member: &'a Member) -> Self {
        Self {
            thread,
            member,
            hooks: Cell::new(None),
        }
    }
}

impl WaitPolicy for InRegion<'_> {
    #[inline]
    fn eager(&self) -> bool {
        self.thread.hooks.get().is_none() && !process::oversubscribed()
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        spin(clock, self.hooks.get().is_some())
    }
    fn stop(&self) -> bool {
        self.member.must_leave(self.thread)
    }
    fn sleep_slice(&self) -> Option<Duration> {
        self.thread
            .group()
            .is_main
            .load(Ordering::Relaxed)
            .then_some(INTERRUPT_SLICE)
    }
    fn before_block(&self) {
        before_block(self.thread, &self.hooks);
    }
    fn after_block(&self) {
        after_block(self.thread, &self.hooks);
    }
}

/// A wait that must not be given up: for the team at the end of a region, and for locks that a C program takes.
pub struct Committed<'a> {
    thread: &'a Thread,
    hooks: Cell<Option<BlockHooks>>,
    brief: bool,
}

impl<'a> Committed<'a> {
    #[inline]
    pub fn new(thread: &'a Thread) -> Self {
        Self {
            thread,
            hooks: Cell::new(None),
            brief: false,
        }
    }

    /// A wait for threads that have just been woken: the kernel may have queued one of them on the processor that
    /// the wait would spin on, so that it spins for a short time only.
    pub fn brief(thread: &'a Thread) -> Self {
        Self {
            brief: true,
            ..Self::new(thread)
        }
    }
}

impl WaitPolicy for Committed<'_> {
    #[inline]
    fn eager(&self) -> bool {
        self.thread.hooks.get().is_none() && !process::oversubscribed()
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        spin(clock, self.brief || self.hooks.get().is_some())
    }
    fn stop(&self) -> bool {
        false
    }
    fn sleep_slice(&self) -> Option<Duration> {
        None
    }
    fn before_block(&self) {
        before_block(self.thread, &self.hooks);
    }
    fn after_block(&self) {
        after_block(self.thread, &self.hooks);
    }
}

/// A worker's wait for its next order.
#[derive(Clone, Copy, Default)]
pub struct Idle {
    /// It had hooks there.
    pub shared: bool,
    /// The team was a crowd: how this thread has left it, and where its owner is.
    pub crowd: Option<(Arrival<'static>, &'static Spot)>,
}

impl WaitPolicy for Idle {
    #[inline]
    fn eager(&self) -> bool {
        self.crowd.is_none()
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        match &self.crowd {
            Some((arrival, owner)) => arrival.keep_spinning(clock, Some(owner)),
            None => spin(clock, self.shared),
        }
    }
    fn stop(&self) -> bool {
        false
    }
    fn sleep_slice(&self) -> Option<Duration> {
        None
    }
}

/// A wait for one of the runtime's own, shortly held locks.
pub struct Uninterrupted;

impl WaitPolicy for Uninterrupted {
    fn eager(&self) -> bool {
        true
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        clock.within(Duration::from_micros(20))
    }
    fn stop(&self) -> bool {
        false
    }
    fn sleep_slice(&self) -> Option<Duration> {
        None
    }
}
