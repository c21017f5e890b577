//! An event count: any thread may announce that something has changed, any thread may wait for a condition to hold.
//!
//! # Protocol
//!
//! The announcer makes its change, issues a SeqCst fence (in `notify`), and reads `sleepers`; only when there are some
//! does it advance `word` and wake them. A waiter that gives up spinning increments `sleepers`, issues a SeqCst fence,
//! reads `word`, tests its condition, and only then calls futex-wait with the value it has read. Of the two fences one comes
//! first: either the waiter's test sees the change, or the announcer sees the sleeper. In the second case `word` has
//! changed by the time the wake call is made, so a sleeper that has not reached the kernel yet does not sleep.

use super::atomic::{AtomicU32, Ordering, fence};
use super::{Place, SpinClock, WaitPolicy};
use crate::stress::point;

#[cfg(not(loom))]
const POLLS_PER_LOOK: u32 = 64;
#[cfg(loom)]
const POLLS_PER_LOOK: u32 = 1;

/// See the module's description.
pub struct Event {
    word: AtomicU32,
    sleepers: AtomicU32,
    #[cfg(loom)]
    queue: super::futex::Queue,
}

impl Default for Event {
    fn default() -> Self {
        Self {
            word: AtomicU32::new(0),
            sleepers: AtomicU32::new(0),
            #[cfg(loom)]
            queue: super::futex::Queue::new(),
        }
    }
}

impl Event {
    /// Something has changed: whoever sleeps tests its condition again.
    #[inline]
    pub fn notify(&self) {
        // SeqCst: orders the caller's change before the read (see the protocol).
        fence(Ordering::SeqCst);
        point();
        if self.sleepers.load(Ordering::Relaxed) != 0 {
            self.kick();
        }
    }

    /// [`Event::notify`] for a change that is itself a SeqCst read-modify-write of what the sleepers' condition reads with SeqCst: these
    /// accesses have the order that fences would give them.
    #[inline]
    pub fn notify_exchanged(&self) {
        // Loom gives such an order to fences only.
        #[cfg(loom)]
        fence(Ordering::SeqCst);
        point();
        if self.sleepers.load(Ordering::SeqCst) != 0 {
            self.kick();
        }
    }

    /// Makes all sleepers test their condition and their stop condition, one of which the caller has changed before.
    pub fn kick(&self) {
        self.word.fetch_add(1, Ordering::Release);
        point();
        #[cfg(not(loom))]
        super::futex::wake_all(&self.word);
        #[cfg(loom)]
        self.queue.wake_all();
    }

    /// Waits until `holds`. False: given up because of the policy's stop condition.
    pub fn wait<P: WaitPolicy>(&self, holds: impl Fn() -> bool, policy: &P) -> bool {
        if holds() {
            return true;
        }
        policy.before_block();
        let done = self
            .spin(&holds, policy)
            .unwrap_or_else(|| self.sleep(&holds, policy));
        policy.after_block();
        done
    }

    /// `None`: the time for spinning is over.
    pub(super) fn spin<P: WaitPolicy>(
        &self,
        holds: &impl Fn() -> bool,
        policy: &P,
    ) -> Option<bool> {
        let mut clock = SpinClock::new(POLLS_PER_LOOK);
        while policy.keep_spinning(&mut clock) {
            for _ in 0..clock.polls() {
                if holds() {
                    return Some(true);
                }
                #[cfg(not(loom))]
                std::hint::spin_loop();
            }
            if policy.stop() {
                return Some(false);
            }
        }
        None
    }

    /// Sleeps until `holds`. False: given up.
    pub(super) fn sleep<P: WaitPolicy>(&self, holds: &impl Fn() -> bool, policy: &P) -> bool {
        policy.falls_asleep(Place::Event(self));
        point();
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        // SeqCst: orders the increment before the test (see the protocol; the increment for `notify_exchanged`).
        fence(Ordering::SeqCst);
        point();
        let done = loop {
            let seen = self.word.load(Ordering::Acquire);
            if holds() {
                break true;
            }
            if policy.stop() {
                break false;
            }
            point();
            #[cfg(not(loom))]
            super::futex::wait(&self.word, seen, policy.sleep_slice());
            #[cfg(loom)]
            self.queue.wait(&self.word, seen);
        };
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
        policy.woke_up();
        done
    }
}
