//! A lock in one 32-bit word. It lives wherever its word lives (the storage that Clang reserves for a critical section's
//! name, an `omp_lock_t`) and needs no initialisation beyond zero.
//!
//! # Protocol
//!
//! Bit 0 of the word: the lock is held. Bit 1 (`WOKEN`): a sleeper has been woken and is on its way. The other bits count
//! the threads that are registered as sleepers.
//!
//! Taking the lock sets `HELD` with Acquire, by whoever finds it clear: threads that come by may overtake sleepers, which
//! costs fairness and saves a context switch per hand-over. Releasing clears `HELD` with Release; if there are sleepers
//! and none is on its way, the releaser sets `WOKEN` and wakes one.
//!
//! A sleeper registers first, then looks at the word, and calls futex-wait only with a value that has `HELD` set and
//! `WOKEN` clear. So whoever releases after that look changes the word and either fails the kernel's comparison or wakes
//! the sleeper. A registered thread that is awake and finds `WOKEN` set takes it upon itself: it takes the lock, or clears
//! `WOKEN` (while `HELD` is set) before it sleeps again, so that the next release wakes someone. It does not matter whether
//! it was the one that was meant: the other is awake too then, and a wake too many is harmless. A sleeper that gives up
//! deregisters, clears `WOKEN`, and, where the lock is free by then, wakes another.

use super::atomic::{AtomicU32, Ordering};
#[cfg(not(loom))]
use super::futex;
use super::{SpinClock, WaitPolicy};
use crate::stress::point;

const HELD: u32 = 1;
const WOKEN: u32 = 2;
const SLEEPER: u32 = 4;
/// Held, with more sleepers than there can be threads.
const RETIRED: u32 = u32::MAX;

/// Pauses between two questions to the policy.
#[cfg(not(loom))]
const POLLS_PER_LOOK: u32 = 128;
#[cfg(loom)]
const POLLS_PER_LOOK: u32 = 1;
/// Most pauses between two looks at the word.
const LONGEST_GAP: u32 = 64;
/// Pauses of a woken thread before it sleeps again: the lock's holder may be about to release it.
#[cfg(not(loom))]
const POLLS_WHEN_WOKEN: u32 = 200;
#[cfg(loom)]
const POLLS_WHEN_WOKEN: u32 = 0;

/// See the module's description.
#[cfg_attr(not(loom), repr(transparent))]
pub struct Lock {
    word: AtomicU32,
    #[cfg(loom)]
    queue: super::futex::Queue,
}

impl Default for Lock {
    #[cfg(not(loom))]
    fn default() -> Self {
        Self::new()
    }

    #[cfg(loom)]
    fn default() -> Self {
        Self {
            word: AtomicU32::new(0),
            queue: super::futex::Queue::new(),
        }
    }
}

impl Lock {
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            word: AtomicU32::new(0),
        }
    }

    #[inline]
    pub fn try_lock(&self) -> bool {
        let taken = self
            .word
            .compare_exchange(0, HELD, Ordering::Acquire, Ordering::Relaxed);
        match taken {
            Ok(_) => true,
            Err(word) => word & HELD == 0 && self.overtake(word),
        }
    }

    /// Takes a free lock that has sleepers.
    fn overtake(&self, word: u32) -> bool {
        self.word
            .compare_exchange(word, word | HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Takes the lock. False: given up because of the policy's stop condition.
    #[inline]
    pub fn lock<P: WaitPolicy>(&self, policy: &P) -> bool {
        self.try_lock() || self.lock_slow(policy)
    }

    #[cold]
    fn lock_slow<P: WaitPolicy>(&self, policy: &P) -> bool {
        policy.before_block();
        let taken = self.spin(policy).unwrap_or_else(|| self.sleep(policy));
        policy.after_block();
        taken
    }

    /// `None`: the time for spinning is over.
    fn spin<P: WaitPolicy>(&self, policy: &P) -> Option<bool> {
        let mut clock = SpinClock::new(POLLS_PER_LOOK);
        while policy.keep_spinning(&mut clock) {
            if self.poll(clock.polls()) && self.try_lock() {
                return Some(true);
            }
            if policy.stop() {
                return Some(false);
            }
        }
        None
    }

    /// Looks whether the lock is free, with pauses in between that grow: each look takes the cache line from the holder, which
    /// needs it to release the lock, and would often take it again itself.
    fn poll(&self, pauses: u32) -> bool {
        let (mut paused, mut gap) = (0, 1);
        while paused < pauses {
            if self.word.load(Ordering::Relaxed) & HELD == 0 {
                return true;
            }
            for _ in 0..gap {
                #[cfg(not(loom))]
                std::hint::spin_loop();
            }
            paused += gap;
            gap = (2 * gap).min(LONGEST_GAP);
        }
        false
    }

    fn sleep<P: WaitPolicy>(&self, policy: &P) -> bool {
        let mut word = self.word.fetch_add(SLEEPER, Ordering::Relaxed) + SLEEPER;
        point();
        loop {
            if word & HELD == 0 {
                let taken = ((word - SLEEPER) | HELD) & !WOKEN;
                match self
                    .word
                    .compare_exchange(word, taken, Ordering::Acquire, Ordering::Relaxed)
                {
                    Ok(_) => return true,
                    Err(now) => word = now,
                }
                continue;
            }
            if policy.stop() {
                self.give_up();
                return false;
            }
            if word & WOKEN != 0 {
                if self.poll(POLLS_WHEN_WOKEN) {
                    word = self.word.load(Ordering::Relaxed);
                    continue;
                }
                let before = self.word.load(Ordering::Relaxed);
                if before & HELD != 0 {
                    let after = before & !WOKEN;
                    let cleared = self.word.compare_exchange(
                        before,
                        after,
                        Ordering::Relaxed,
                        Ordering::Relaxed,
                    );
                    word = cleared.map_or_else(|now| now, |_| after);
                } else {
                    word = before;
                }
                continue;
            }
            self.futex_wait(word, policy);
            word = self.word.load(Ordering::Relaxed);
        }
    }

    #[cfg_attr(loom, allow(unused_variables, reason = "loom has no time"))]
    fn futex_wait<P: WaitPolicy>(&self, word: u32, policy: &P) {
        point();
        #[cfg(not(loom))]
        futex::wait(&self.word, word, policy.sleep_slice());
        #[cfg(loom)]
        self.queue.wait(&self.word, word);
    }

    /// Deregisters a sleeper. A wake may have been meant for it.
    fn give_up(&self) {
        self.word.fetch_sub(SLEEPER, Ordering::Relaxed);
        point();
        self.word.fetch_and(!WOKEN, Ordering::Relaxed);
        point();
        self.wake_one();
    }

    /// Releases the lock, which the caller holds.
    #[inline]
    pub fn unlock(&self) {
        let before = self.word.fetch_sub(HELD, Ordering::Release);
        point();
        if before != HELD {
            self.wake_one();
        }
    }

    /// Wakes a sleeper, unless one is on its way or the lock has a new holder, who will see to it.
    #[cold]
    fn wake_one(&self) {
        let mut word = self.word.load(Ordering::Relaxed);
        point();
        while word >= SLEEPER && word & (HELD | WOKEN) == 0 {
            match self.word.compare_exchange(
                word,
                word | WOKEN,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    #[cfg(not(loom))]
                    futex::wake_one(&self.word);
                    #[cfg(loom)]
                    self.queue.wake_one();
                    return;
                }
                Err(now) => word = now,
            }
        }
    }

    /// The lock's life is over. Whoever tries to take it fails, and can find out why.
    pub fn retire(&self) {
        self.word.store(RETIRED, Ordering::Relaxed);
    }

    /// See [`Lock::retire`].
    pub fn is_retired(&self) -> bool {
        self.word.load(Ordering::Relaxed) == RETIRED
    }

    pub fn is_locked(&self) -> bool {
        self.word.load(Ordering::Relaxed) & HELD != 0
    }

    /// Forgets holder and sleepers: for the child of a fork, where they no longer exist.
    pub fn reset(&self) {
        self.word.store(0, Ordering::Relaxed);
    }
}
