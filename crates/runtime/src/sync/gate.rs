//! The gate: a generation counter that one thread advances and others wait for, spinning first, then asleep.
//!
//! # Protocol
//!
//! `word` holds `generation << KICK_BITS | kicks`. Only the gate's *poster* advances the generation, with a plain store; it is
//! the only writer of the generation, so no read-modify-write is needed. Waiters poll `word`. Generations wrap; they
//! are compared by signed distance, so a waiter may be at most 2^22 generations away.
//!
//! *Publishing.* `post` stores with Release, `reached` loads with Acquire: what the poster wrote before is visible to
//! a waiter that has seen the generation.
//!
//! *Sleeping.* A waiter that gives up spinning increments `sleepers`, issues a SeqCst fence, reads `word` again, and
//! only then calls futex-wait with the value it has read. The poster stores `word`, issues a SeqCst fence (in
//! `settle`), and reads `sleepers`. Of the two fences one comes first in the single total order: either the waiter's
//! second read sees the new generation, or the poster's read sees the sleeper and wakes it; when the store falls
//! between the waiter's read and its system call, the kernel's comparison fails and the call returns at once.
//! `post` and `settle` are separate, because the fence waits for the store to leave the store buffer, about as long as
//! the cache line needs to travel: a barrier polls its peers in that time. Every `post` must be followed by `settle`
//! before the poster runs code whose length is unknown, or sleeps.
//!
//! *Cancelling.* Whoever wants waiters to look at their stop condition sets that condition first and then calls
//! `kick`, which counts a kick in the lowest bits and wakes all, or `kick_one`, which wakes one. A waiter reads `word` before it
//! asks `stop`: if the kick came before the read, the Acquire read makes the condition visible; if it came after,
//! futex-wait sees another value (unless 256 kicks came between a waiter's read and its system call). A `post` that
//! overwrites the kick changes the word as well.

use super::atomic::{AtomicU32, Ordering, fence};
use super::{Place, SpinClock, WaitPolicy};
use crate::stress::point;

/// Polls without a pause instruction: covers the flight time of a cache line between two cores.
#[cfg(not(loom))]
const FAST_POLLS: u32 = 800;
#[cfg(loom)]
const FAST_POLLS: u32 = 1;
/// Polls, with a pause each, between two looks at the clock and the stop condition.
#[cfg(not(loom))]
const POLLS_PER_LOOK: u32 = 32;
#[cfg(loom)]
const POLLS_PER_LOOK: u32 = 1;

/// Width of the count of kicks.
const KICK_BITS: u32 = 8;
const KICKS: u32 = (1 << KICK_BITS) - 1;

/// See the module's description.
pub struct Gate {
    word: AtomicU32,
    sleepers: AtomicU32,
    #[cfg(loom)]
    queue: super::futex::Queue,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            word: AtomicU32::new(0),
            sleepers: AtomicU32::new(0),
            #[cfg(loom)]
            queue: super::futex::Queue::new(),
        }
    }
}

impl Gate {
    /// The generation as its poster knows it (for others: some recent one).
    #[inline]
    pub fn generation(&self) -> u32 {
        self.word.load(Ordering::Relaxed) >> KICK_BITS
    }

    /// Sets the generation while nobody waits here.
    pub fn reset(&self, generation: u32) {
        self.word.store(generation << KICK_BITS, Ordering::Relaxed);
    }

    #[inline]
    fn passed(word: u32, target: u32) -> bool {
        (word & !KICKS).wrapping_sub(target << KICK_BITS) as i32 >= 0
    }

    /// Has the gate reached `target`? Then everything before the `post` is visible.
    #[inline]
    pub fn reached(&self, target: u32) -> bool {
        // Acquire: pairs with the Release in `post`.
        Self::passed(self.word.load(Ordering::Acquire), target)
    }

    /// Advances to `generation`. [`Gate::settle`] must follow.
    #[inline]
    pub fn post(&self, generation: u32) {
        // Release: publishes the poster's writes to whoever sees the generation.
        #[cfg(not(loom))]
        self.word.store(generation << KICK_BITS, Ordering::Release);
        // Loom lets a kick that comes later read an older value than a plain store's.
        #[cfg(loom)]
        self.word.swap(generation << KICK_BITS, Ordering::Release);
        point();
    }

    /// Wakes those who fell asleep before they could see the last `post`.
    #[inline]
    pub fn settle(&self) {
        // SeqCst: orders the store of `post` before the read of `sleepers` (see the protocol).
        fence(Ordering::SeqCst);
        point();
        self.wake_sleepers();
    }

    /// The second half of [`Gate::settle`], for callers that post several gates and fence once. Tells whether there
    /// were sleepers.
    #[inline]
    pub fn wake_sleepers(&self) -> bool {
        let sleepers = self.sleepers.load(Ordering::Relaxed) != 0;
        if sleepers {
            self.wake();
        }
        sleepers
    }

    /// `post` and `settle`.
    #[inline]
    pub fn open(&self, generation: u32) {
        self.post(generation);
        self.settle();
    }

    /// Makes all waiters ask their stop condition, which the caller has set before.
    pub fn kick(&self) {
        self.count_kick();
        point();
        self.wake();
    }

    /// The same for one of the waiters, whichever.
    pub fn kick_one(&self) {
        self.count_kick();
        #[cfg(not(loom))]
        super::futex::wake_one(&self.word);
        #[cfg(loom)]
        self.queue.wake_one();
    }

    fn count_kick(&self) {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let kicked = word & !KICKS | word.wrapping_add(1) & KICKS;
            // Release: whoever reads the new word also sees the stop condition.
            match self.word.compare_exchange_weak(
                word,
                kicked,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    #[cold]
    fn wake(&self) {
        #[cfg(not(loom))]
        super::futex::wake_all(&self.word);
        #[cfg(loom)]
        self.queue.wake_all();
    }

    /// Polls for about the time a cache line needs to travel.
    #[inline]
    pub fn poll_briefly(&self, target: u32) -> bool {
        for _ in 0..FAST_POLLS {
            if self.reached(target) {
                return true;
            }
        }
        false
    }

    /// Waits for `target`. False: given up because of the policy's stop condition.
    #[inline]
    pub fn wait<P: WaitPolicy>(&self, target: u32, policy: &P) -> bool {
        if policy.eager() {
            self.poll_briefly(target) || self.wait_slow(target, policy)
        } else {
            self.reached(target) || self.wait_slow(target, policy)
        }
    }

    /// The part of [`Gate::wait`] after the first polls.
    #[cold]
    #[inline(never)]
    pub fn wait_slow<P: WaitPolicy>(&self, target: u32, policy: &P) -> bool {
        policy.before_block();
        let reached = loop {
            let over = self
                .spin(target, policy)
                .or_else(|| self.sleep(target, policy));
            if let Some(reached) = over {
                break reached;
            }
        };
        policy.after_block();
        reached
    }

    /// `None`: the time for spinning is over.
    fn spin<P: WaitPolicy>(&self, target: u32, policy: &P) -> Option<bool> {
        let mut clock = SpinClock::new(POLLS_PER_LOOK);
        while policy.keep_spinning(&mut clock) {
            for _ in 0..clock.polls() {
                if self.reached(target) {
                    return Some(true);
                }
                #[cfg(not(loom))]
                std::hint::spin_loop();
                #[cfg(loom)]
                loom::thread::yield_now();
            }
            if policy.stop() {
                return Some(false);
            }
        }
        None
    }

    /// `None`: the gate has come closer to the target. The poster wakes all sleepers at each step, so it is better to be awake
    /// for the next ones than to be woken for each.
    fn sleep<P: WaitPolicy>(&self, target: u32, policy: &P) -> Option<bool> {
        policy.falls_asleep(Place::Gate(self));
        point();
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        // SeqCst: orders the increment before the read of `word` (see the protocol).
        fence(Ordering::SeqCst);
        point();
        let mut first = None;
        let reached = loop {
            let seen = self.word.load(Ordering::Acquire);
            if Self::passed(seen, target) {
                break Some(true);
            }
            if policy.stop() {
                break Some(false);
            }
            if *first.get_or_insert(seen & !KICKS) != seen & !KICKS {
                break None;
            }
            point();
            #[cfg(not(loom))]
            super::futex::wait(&self.word, seen, policy.sleep_slice());
            #[cfg(loom)]
            self.queue.wait(&self.word, seen);
        };
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
        policy.woke_up();
        reached
    }
}
