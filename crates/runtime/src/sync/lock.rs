//! A lock in one 32-bit word: free, held, or held with sleepers. It lives wherever its word lives (the storage that
//! Clang reserves for a critical section's name, an `omp_lock_t`) and needs no initialisation beyond zero.
//!
//! Taking it is an Acquire exchange, releasing it a Release exchange. A thread that has to sleep leaves
//! `HELD_WITH_SLEEPERS` behind, so that the next release makes the wake call; a woken thread takes the lock in that same
//! state, because others may still be asleep. A wake that goes to a thread which gives up (cancelled) is passed on.

use super::atomic::{AtomicU32, Ordering};
use super::{SpinClock, WaitPolicy, futex};

const FREE: u32 = 0;
const HELD: u32 = 1;
const HELD_WITH_SLEEPERS: u32 = 2;

/// Polls before the policy is asked whether spinning still makes sense.
const POLLS_PER_LOOK: u32 = 64;

/// See the module's description.
#[repr(transparent)]
#[derive(Default)]
pub struct Lock(AtomicU32);

impl Lock {
    pub const fn new() -> Self {
        Self(AtomicU32::new(FREE))
    }

    #[inline]
    pub fn try_lock(&self) -> bool {
        self.0
            .compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed)
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

    fn spin<P: WaitPolicy>(&self, policy: &P) -> Option<bool> {
        let mut clock = SpinClock::default();
        while policy.keep_spinning(&mut clock) {
            for _ in 0..POLLS_PER_LOOK {
                match self.0.load(Ordering::Relaxed) {
                    FREE if self.try_lock() => return Some(true),
                    // Others sleep already: queue up behind them instead of overtaking them for ever.
                    HELD_WITH_SLEEPERS => return None,
                    _ => std::hint::spin_loop(),
                }
            }
            if policy.stop() {
                return Some(false);
            }
        }
        None
    }

    fn sleep<P: WaitPolicy>(&self, policy: &P) -> bool {
        while self.0.swap(HELD_WITH_SLEEPERS, Ordering::Acquire) != FREE {
            if policy.stop() {
                // The release that woke this thread may have been meant for another sleeper.
                futex::wake_one(&self.0);
                return false;
            }
            futex::wait(&self.0, HELD_WITH_SLEEPERS, policy.sleep_slice());
        }
        true
    }

    /// Releases the lock, which the caller holds.
    #[inline]
    pub fn unlock(&self) {
        if self.0.swap(FREE, Ordering::Release) == HELD_WITH_SLEEPERS {
            futex::wake_one(&self.0);
        }
    }

    pub fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != FREE
    }

    /// Forgets the holder: for the child of a fork, where it no longer exists.
    pub fn reset(&self) {
        self.0.store(FREE, Ordering::Relaxed);
    }
}
