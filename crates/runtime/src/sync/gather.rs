//! Gathering: the values of a team's threads are combined along a binary tree into the first thread's.
//!
//! # Protocol
//!
//! Every thread has a seat. In the step of width w (1, 2, 4, ...) a thread whose number is an odd multiple of w offers its value
//! to the thread w below it, and is done; that one combines it with its own and goes on. Thread 0 ends with everything.
//!
//! *Offering.* The offerer stores the pointer to its value in `value` and opens `ready` with the round's number. The taker waits
//! for `ready` (so the value's contents are visible: the gate publishes with Release), swaps `value` for null, combines, and
//! opens `taken`; the offerer waits for that before its value goes out of scope.
//!
//! *Giving up.* When the team is cancelled, threads may never come. A taker that gives up leaves what is offered alone. An
//! offerer that gives up swaps `value` for null itself: if it gets the pointer back, nobody has seen or will see the value. If
//! not, the taker is combining, and the offerer waits for `taken` after all, which comes for certain.
//!
//! Each gate has one poster: `ready` the seat's thread, `taken` the thread that takes, which is the same in each round of
//! a team. Rounds are counted by the threads.

use std::ffi::c_void;
use std::ptr::null_mut;

use super::WaitPolicy;
use super::atomic::{AtomicPtr, Ordering};
use super::gate::Gate;
use crate::stress::point;

/// One thread's place in the tree.
#[repr(align(128))]
pub struct Seat {
    ready: Gate,
    taken: Gate,
    value: AtomicPtr<c_void>,
}

impl Default for Seat {
    fn default() -> Self {
        Self {
            ready: Gate::default(),
            taken: Gate::default(),
            value: AtomicPtr::new(null_mut()),
        }
    }
}

/// How a thread leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its value is that of all threads together.
    All,
    /// Another thread has its value.
    Given,
    /// The team is cancelled, the values are not complete.
    Cancelled,
}

impl Seat {
    /// The next round is 1. No thread is gathering.
    pub fn reset(&self) {
        self.ready.reset(0);
        self.taken.reset(0);
        self.value.store(null_mut(), Ordering::Relaxed);
    }

    /// Lets those who wait at this seat look at their stop condition.
    pub fn kick(&self) {
        self.ready.kick();
        self.taken.kick();
    }

    fn offer<P: WaitPolicy, Q: WaitPolicy>(
        &self,
        round: u32,
        value: *mut c_void,
        policy: &P,
        to_the_end: &Q,
    ) -> Outcome {
        self.value.store(value, Ordering::Relaxed);
        point();
        self.ready.open(round);
        if self.taken.wait(round, policy) {
            return Outcome::Given;
        }
        point();
        // AcqRel: whoever gets the pointer has seen what the other did before.
        if self.value.swap(null_mut(), Ordering::AcqRel).is_null() {
            self.taken.wait(round, to_the_end);
            return Outcome::Given;
        }
        Outcome::Cancelled
    }

    /// True: what the seat's thread has offered was combined.
    fn take<P: WaitPolicy>(
        &self,
        round: u32,
        policy: &P,
        combine: impl FnOnce(*mut c_void),
    ) -> bool {
        if !self.ready.wait(round, policy) {
            return false;
        }
        point();
        let value = self.value.swap(null_mut(), Ordering::AcqRel);
        if value.is_null() {
            return false;
        }
        combine(value);
        self.taken.open(round);
        true
    }
}

/// Thread `me` of `size` takes part in that round with its value. `combine(from)` adds another thread's value to it.
/// `to_the_end` is a policy that never gives up.
pub fn gather<'a, P: WaitPolicy, Q: WaitPolicy>(
    seats: impl Fn(u32) -> &'a Seat,
    (me, size): (u32, u32),
    round: u32,
    value: *mut c_void,
    (policy, to_the_end): (&P, &Q),
    mut combine: impl FnMut(*mut c_void),
) -> Outcome {
    let mut width = 1;
    while width < size {
        if me & width != 0 {
            return seats(me).offer(round, value, policy, to_the_end);
        }
        if me + width < size && !seats(me + width).take(round, policy, &mut combine) {
            return Outcome::Cancelled;
        }
        width *= 2;
    }
    Outcome::All
}
