//! Turns: the `ordered` parts of a loop's iterations, one after the other.
//!
//! # Protocol
//!
//! `done` counts the iterations whose part is over. Whoever is at turn is its only writer: it stores the next count with
//! Release, and whoever is next loads it with Acquire, so writes inside the parts are seen by the parts that follow, and one
//! thread's store comes before the next thread's. The count is 64 bits wide and never wraps.
//!
//! A hand-over is one exchange that the next thread polls for, and nothing else may touch that cache line: it would have to travel
//! once more. It is an exchange, though there is only one writer: the line arrives sooner when the store does not lie in the
//! store buffer while this thread begins to poll, and when the one who polls leaves the line alone for some cycles between two
//! looks. And an exchange with SeqCst is all the fence that an event (`sync::event`) asks of who announces a change: the
//! sleepers' side lies on a line that is read only, as long as nobody sleeps. A sleeper that wakes to find the turn nearer
//! than it was stays awake for a while, because every turn wakes all that sleep.

use super::WaitPolicy;
use super::atomic::{AtomicU64, Ordering};
use super::event::Event;
use crate::stress::point;

/// Polls before a wait asks its policy.
#[cfg(not(loom))]
const FAST_POLLS: u32 = 200;
#[cfg(loom)]
const FAST_POLLS: u32 = 1;
/// Cycles between two of them, about: less than a pause instruction takes.
const GAP: u32 = 20;

#[repr(align(128))]
#[derive(Default)]
struct Count(AtomicU64);

#[repr(align(128))]
#[derive(Default)]
struct Sleep(Event);

/// See the module's description.
#[derive(Default)]
pub struct Turns {
    done: Count,
    changed: Sleep,
}

impl Turns {
    #[inline]
    fn done(&self) -> u64 {
        // Acquire: pairs with the Release in `advance_to`; SeqCst for sleepers.
        self.done.0.load(Ordering::SeqCst)
    }

    /// Waits until the parts of all iterations before `iteration` are over. False: cancelled.
    #[inline]
    pub fn wait<P: WaitPolicy>(&self, iteration: u64, policy: &P) -> bool {
        let polls = if policy.eager() { FAST_POLLS } else { 1 };
        for _ in 0..polls {
            if self.done() >= iteration {
                return true;
            }
            for cycle in 0..GAP {
                std::hint::black_box(cycle);
            }
        }
        self.wait_slow(iteration, policy)
    }

    #[cold]
    #[inline(never)]
    fn wait_slow<P: WaitPolicy>(&self, iteration: u64, policy: &P) -> bool {
        let event = &self.changed.0;
        let come = || self.done() >= iteration;
        policy.before_block();
        let come = loop {
            if let Some(come) = event.spin(&come, policy) {
                break come;
            }
            let seen = self.done();
            if seen >= iteration {
                break true;
            }
            if !event.sleep(&|| self.done() != seen, policy) {
                break false;
            }
        };
        policy.after_block();
        come
    }

    /// The parts of all iterations before `count` are over. Only the thread at turn calls this.
    #[inline]
    pub fn advance_to(&self, count: u64) {
        point();
        // Release: publishes the part to whoever sees the count; SeqCst for sleepers.
        self.done.0.swap(count, Ordering::SeqCst);
        self.changed.0.notify_exchanged();
    }

    /// Makes all who wait look at their stop condition.
    pub fn kick(&self) {
        self.changed.0.kick();
    }

    /// Back to the first iteration, while nobody waits.
    pub fn clear(&self) {
        // Most loops leave this cache line alone.
        if self.done.0.load(Ordering::Relaxed) != 0 {
            self.done.0.store(0, Ordering::Relaxed);
        }
    }
}
