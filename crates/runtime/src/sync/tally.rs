//! A count that one thread changes without atomic operations and others with them: of a task's children.
//!
//! # Protocol
//!
//! A tally counts two things in one 64-bit number: in the low half children that are not complete, in the high half children
//! whose storage (or that of one of their descendants) is still in use. A child's storage outlives its completion while
//! the child has children itself. So the low half tells when a `taskwait` is over, and both tell when all descendants are done.
//!
//! The number is the sum of `local`, which only the tally's *owner* (the thread that executes the task) changes, with plain
//! loads and stores, and `remote`, which all others change, with read-modify-writes. Either may be negative.
//! Others subtract with Release (and Acquire, see below); when the owner reads a zero sum with Acquire, all that was done by whoever
//! took part is visible to it.
//!
//! *A zero is never read too early.* A child is counted before it, or anything that descends from it, can be completed; who
//! counts a child from elsewhere (part of a split taskloop) is a child of the same task and not complete yet. So whoever sees a child's
//! subtraction has also seen its addition, the sum that the owner sees is the number of children it knows to be there, and it is
//! zero only when there are none.
//!
//! *Giving up ownership.* When the task's own code has ended while children remain, the owner adds `local` and a mark to `remote`
//! (`merge`) and no longer counts as owner. From then on everybody uses `remote`, and whoever brings it down to the bare
//! mark has seen (Acquire) everything and frees the task. If `merge` itself finds the sum zero, the owner frees it.

use std::cell::Cell;

use super::atomic::{AtomicI64, Ordering};

/// A child that has not completed.
pub const INCOMPLETE: i64 = 1;
/// A child whose storage is in use.
pub const IN_USE: i64 = 1 << 32;
/// A new child.
pub const CHILD: i64 = INCOMPLETE + IN_USE;
/// Set in `remote` once there is no owner any more.
const MERGED: i64 = 1 << 62;

/// See the module's description.
pub struct Tally {
    local: Cell<i64>,
    remote: AtomicI64,
}

// SAFETY: the cell is the owner's alone.
unsafe impl Sync for Tally {}

impl Default for Tally {
    fn default() -> Self {
        Self {
            local: Cell::new(0),
            remote: AtomicI64::new(0),
        }
    }
}

/// What a subtraction from elsewhere has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// There is an owner, who looks itself; it may have to be woken.
    Owned,
    /// There is no owner, and something is left.
    Some,
    /// There is no owner and nothing is left: the caller frees the task.
    Nothing,
}

impl Tally {
    /// Adds (or, negative, subtracts); for the owner.
    #[inline]
    pub fn add_local(&self, amount: i64) {
        self.local.set(self.local.get() + amount);
    }

    /// Adds from elsewhere. Relaxed: the adder is itself counted, and subtracts itself later in the same order.
    #[inline]
    pub fn add_remote(&self, amount: i64) {
        self.remote.fetch_add(amount, Ordering::Relaxed);
    }

    /// Subtracts from elsewhere.
    #[inline]
    pub fn subtract_remote(&self, amount: i64) -> Left {
        // AcqRel: publishes the child's work, and for the one who ends it all collects everybody's. SeqCst: so that a sleeping owner is
        // either seen by the caller or sees the subtraction.
        let left = self.remote.fetch_sub(amount, Ordering::SeqCst) - amount;
        if left == MERGED {
            Left::Nothing
        } else if left > MERGED / 2 {
            Left::Some
        } else {
            Left::Owned
        }
    }

    #[inline]
    fn sum(&self) -> i64 {
        // Acquire: pairs with `subtract_remote`.
        self.local.get() + self.remote.load(Ordering::Acquire)
    }

    /// Nothing has been counted that is not gone, or surely not all of it is. For the owner; the cheapest test.
    #[inline]
    pub fn is_clear(&self) -> bool {
        (self.local.get() | self.remote.load(Ordering::Acquire)) == 0
    }

    /// Some child is not complete. For the owner.
    #[inline]
    pub fn has_incomplete(&self) -> bool {
        self.sum() as i32 != 0
    }

    /// How many children are not complete, more or less. For the owner.
    #[inline]
    pub fn estimate(&self) -> i32 {
        (self.local.get() + self.remote.load(Ordering::Relaxed)) as i32
    }

    /// Some descendant is not complete. For the owner. When there is none, both parts become zero again.
    #[inline]
    pub fn has_any(&self) -> bool {
        if self.sum() != 0 {
            return true;
        }
        if self.local.get() != 0 {
            // Nobody is left who could change it.
            self.local.set(0);
            self.remote.store(0, Ordering::Relaxed);
        }
        false
    }

    /// Ends the ownership. True: nothing is left, the caller frees the task.
    #[inline]
    pub fn merge(&self) -> bool {
        self.is_clear() || self.merge_slow()
    }

    #[cold]
    fn merge_slow(&self) -> bool {
        let local = self.local.replace(0);
        // AcqRel: see `subtract_remote`.
        self.remote.fetch_add(local + MERGED, Ordering::AcqRel) + local == 0
    }

    /// Forgets everything: for a thread that is alone after a fork, and for new tasks in used storage.
    #[inline]
    pub fn reset(&self) {
        self.local.set(0);
        self.remote.store(0, Ordering::Relaxed);
    }
}
