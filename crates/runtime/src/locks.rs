//! OpenMP's locks. The owner is remembered by the number of its task, so that misuse is a clear error for Rust callers.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::api::Cancelled;
use crate::sync::lock::Lock;
use crate::thread;
use crate::wait::{Committed, InRegion};

/// Misuse of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockError {
    /// The caller's task already owns the simple lock: waiting for it would never end.
    AlreadyOwned,
    /// The lock is not held.
    NotHeld,
    /// Another task holds the lock.
    HeldByOther,
    /// The wait was given up: the team is cancelled or interrupted.
    Cancelled,
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyOwned => "the lock is already set by this task; setting it again would wait for ever (use a nestable lock)",
            Self::NotHeld => "the lock is not set",
            Self::HeldByOther => "the lock is set by another task; only the task that set it may unset it",
            Self::Cancelled => "the wait for the lock was given up because the region is cancelled",
        })
    }
}

impl std::error::Error for LockError {}

impl From<Cancelled> for LockError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Identifies the calling task among those that exist: the address of its description, never 0.
fn this_task() -> usize {
    thread::current().task.task_id()
}

/// The same folded into 32 bits, for the simple lock. That two tasks share a number is unlikely, and would only blur a message.
fn this_task_short() -> u32 {
    let address = this_task() >> 4;
    ((address ^ address >> 32) as u32).max(1)
}

/// `omp_lock_t`.
#[derive(Default)]
#[repr(C)]
pub struct SimpleLock {
    lock: Lock,
    /// The owner's number; 0: free. Relaxed: a task only compares it with its own number, which only it stores.
    owner: AtomicU32,
}

impl SimpleLock {
    /// `omp_set_lock`.
    pub fn set(&self) -> Result<(), LockError> {
        let me = this_task_short();
        if self.owner.load(Ordering::Relaxed) == me {
            return Err(LockError::AlreadyOwned);
        }
        let thread = thread::current();
        if !self.lock.lock(&InRegion::new(thread, thread.member())) {
            return Err(LockError::Cancelled);
        }
        self.owner.store(me, Ordering::Relaxed);
        Ok(())
    }

    /// `omp_unset_lock`.
    pub fn unset(&self) -> Result<(), LockError> {
        match self.owner.load(Ordering::Relaxed) {
            owner if owner == this_task_short() => {
                self.unset_unchecked();
                Ok(())
            }
            _ if self.lock.is_locked() => Err(LockError::HeldByOther),
            _ => Err(LockError::NotHeld),
        }
    }

    /// `omp_test_lock`.
    pub fn test(&self) -> bool {
        let taken = self.lock.try_lock();
        if taken {
            self.owner.store(this_task_short(), Ordering::Relaxed);
        }
        taken
    }

    /// Unsets without asking who has set it.
    #[inline]
    pub fn unset_unchecked(&self) {
        self.owner.store(0, Ordering::Relaxed);
        self.lock.unlock();
    }
}

/// `omp_nest_lock_t`.
#[derive(Default)]
pub struct NestLock {
    lock: Lock,
    /// The task that has set it; 0: none. Relaxed: a task only compares it with itself, which only it stores.
    owner: AtomicUsize,
    /// How often the owner has set it; the owner's alone.
    count: Cell<i32>,
}

// SAFETY: the count is only touched by the task that holds the lock.
unsafe impl Sync for NestLock {}
// SAFETY: nothing in it is tied to a thread.
unsafe impl Send for NestLock {}

impl NestLock {
    #[inline]
    fn is_owned_by(&self, task: usize) -> bool {
        self.owner.load(Ordering::Relaxed) == task
    }

    /// The caller's task has it once more.
    #[inline]
    fn count_up(&self) -> i32 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    /// `omp_set_nest_lock`.
    pub fn set(&self) -> Result<(), LockError> {
        let me = this_task();
        if !self.is_owned_by(me) {
            let thread = thread::current();
            if !self.lock.lock(&InRegion::new(thread, thread.member())) {
                return Err(LockError::Cancelled);
            }
            self.owner.store(me, Ordering::Relaxed);
        }
        self.count_up();
        Ok(())
    }

    /// For C programs, which cannot be told that a wait was given up.
    #[inline]
    pub fn set_uninterrupted(&self) {
        let me = this_task();
        if !self.is_owned_by(me) {
            if !self.lock.try_lock() {
                self.lock.lock(&Committed::new(thread::current()));
            }
            self.owner.store(me, Ordering::Relaxed);
        }
        self.count_up();
    }

    /// `omp_unset_nest_lock`.
    pub fn unset(&self) -> Result<(), LockError> {
        if self.is_owned_by(this_task()) {
            self.unset_unchecked();
            Ok(())
        } else if self.lock.is_locked() {
            Err(LockError::HeldByOther)
        } else {
            Err(LockError::NotHeld)
        }
    }

    /// For C programs, where it is undefined what happens when another task has set the lock; one that is not set stays as it is.
    /// Returns how often it is still held; below 0: it was not set.
    #[inline]
    pub fn unset_unchecked(&self) -> i32 {
        let left = self.count.get() - 1;
        if left >= 0 {
            self.count.set(left);
        }
        if left == 0 {
            self.owner.store(0, Ordering::Relaxed);
            self.lock.unlock();
        }
        left
    }

    /// How often it is held; for the holder.
    pub(crate) fn depth(&self) -> i32 {
        self.count.get()
    }

    /// `omp_test_nest_lock`: the new count, 0 when another task holds it.
    pub fn test(&self) -> i32 {
        let me = this_task();
        if !self.is_owned_by(me) {
            if !self.lock.try_lock() {
                return 0;
            }
            self.owner.store(me, Ordering::Relaxed);
        }
        self.count_up()
    }
}
