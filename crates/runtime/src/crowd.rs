//! Crowds: teams with more threads than processors, and how their threads wait for each other.
//!
//! In a crowd nobody gets on unless somebody gives a processor up, and the cheapest way to give it up is `sched_yield`: the
//! thread stays runnable, nobody has to wake it, and the next of its processor's threads runs at once. So a thread of a crowd
//! that waits yields, for a bounded time, before it sleeps.
//!
//! What a barrier of n threads on p processors costs is then a matter of how often threads switch. n/p - 1 switches per
//! processor are enough: the last thread to arrive on a processor passes the barrier without ever leaving it, goes on
//! to the next barrier, and the others of that processor follow one by one. For this, a thread must know whether it is the last:
//! if it is, others on its processor can do nothing for it, and yielding to them would cost two switches; it is the other
//! processors that it waits for, and it spins (for a short time: then it yields after all).
//!
//! # Protocol
//!
//! All of this is advice: a wrong answer costs a switch or some microseconds of spinning, never correctness, which lies with
//! the gates. Each processor has a slot. Its `members` counts the team's threads that were last seen there: every thread
//! registers at the slot of the processor it runs on when it begins to wait, and leaves the one it was registered at before. Its
//! `here` holds a round (a barrier's or a region's number) and how many of them have come to its end. Rounds only
//! grow; whoever finds another round begins the count anew. All accesses are Relaxed, and mostly hit the processor's own cache.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::config::config;
use crate::sync::{Place, SpinClock, WaitPolicy};

/// So long a thread of a crowd offers its processor to others before it sleeps.
pub const YIELDING: Duration = Duration::from_micros(200);
/// So long the last thread of a processor spins before it offers the processor to others.
const SPINNING: Duration = Duration::from_micros(20);
/// Pauses between two looks at the clock while spinning.
const POLLS: u32 = 8;

/// One processor, as a crowd sees it.
#[repr(align(64))]
#[derive(Default)]
struct Slot {
    members: AtomicU32,
    /// round << 32 | threads that have come to its end.
    here: AtomicU64,
}

/// The processors of a team.
pub struct Crowd {
    slots: Vec<Slot>,
}

/// The processor where a member was last seen. Written by its thread.
pub struct Spot(AtomicU32);

const NOWHERE: u32 = u32::MAX;

impl Default for Spot {
    fn default() -> Self {
        Self(AtomicU32::new(NOWHERE))
    }
}

impl Spot {
    /// See [`Crowd::clear`].
    pub fn forget(&self) {
        self.0.store(NOWHERE, Ordering::Relaxed);
    }

    fn is_with(&self, other: &Spot) -> bool {
        self.0.load(Ordering::Relaxed) == other.0.load(Ordering::Relaxed)
    }
}

impl Default for Crowd {
    fn default() -> Self {
        let processors = config().num_procs.clamp(1, 256) as usize;
        Self {
            slots: (0..processors.next_power_of_two())
                .map(|_| Slot::default())
                .collect(),
        }
    }
}

impl Crowd {
    /// Forgets all members, whose spots the caller forgets too. Nobody waits.
    pub fn clear(&self) {
        for slot in &self.slots {
            slot.members.store(0, Ordering::Relaxed);
            slot.here.store(0, Ordering::Relaxed);
        }
    }

    fn slot(&self, spot: u32) -> &Slot {
        &self.slots[spot as usize & (self.slots.len() - 1)]
    }

    /// The calling thread, whose spot it is, has come to the end of that round.
    pub fn arrive<'a>(&'a self, spot: &'a Spot, round: u32) -> Arrival<'a> {
        let now = processor();
        let before = spot.0.load(Ordering::Relaxed);
        let slot = self.slot(now);
        if before != now {
            if before != NOWHERE {
                self.slot(before).members.fetch_sub(1, Ordering::Relaxed);
            }
            slot.members.fetch_add(1, Ordering::Relaxed);
            spot.0.store(now, Ordering::Relaxed);
        }
        let mut here = slot.here.load(Ordering::Relaxed);
        loop {
            let next = if (here >> 32) as u32 == round {
                here + 1
            } else {
                u64::from(round) << 32 | 1
            };
            match slot
                .here
                .compare_exchange_weak(here, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Arrival { slot, spot, round },
                Err(seen) => here = seen,
            }
        }
    }
}

/// A thread's arrival at the end of a round.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    slot: &'a Slot,
    spot: &'a Spot,
    round: u32,
}

impl Arrival<'_> {
    /// All of the crowd's threads on this processor have come.
    fn is_complete(&self) -> bool {
        let here = self.slot.here.load(Ordering::Relaxed);
        (here >> 32) as u32 != self.round
            || here as u32 >= self.slot.members.load(Ordering::Relaxed)
    }

    /// For a policy's `keep_spinning`. `waits_for`: whose thread must run for the wait to end, if that is known.
    pub fn keep_spinning(&self, clock: &mut SpinClock, waits_for: Option<&Spot>) -> bool {
        let blocktime = config().blocktime;
        if self.is_complete()
            && !waits_for.is_some_and(|other| self.spot.is_with(other))
            && clock.within(blocktime.min(SPINNING))
        {
            clock.poll_for(POLLS);
            return true;
        }
        clock.give_way(blocktime.min(YIELDING))
    }
}

/// A wait of `P`'s kind in a crowd.
pub struct InCrowd<'a, P>(pub P, pub Arrival<'a>);

impl<P: WaitPolicy> WaitPolicy for InCrowd<'_, P> {
    fn eager(&self) -> bool {
        false
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        self.1.keep_spinning(clock, None)
    }
    fn stop(&self) -> bool {
        self.0.stop()
    }
    fn sleep_slice(&self) -> Option<Duration> {
        self.0.sleep_slice()
    }
    fn before_block(&self) {
        self.0.before_block();
    }
    fn after_block(&self) {
        self.0.after_block();
    }
    fn falls_asleep(&self, place: Place) {
        self.0.falls_asleep(place);
    }
    fn woke_up(&self) {
        self.0.woke_up();
    }
}

/// The processor that the calling thread runs on.
fn processor() -> u32 {
    // SAFETY: takes no arguments. A failure (-1) is a processor like others.
    let processor = unsafe { libc::sched_getcpu() };
    processor.max(0) as u32
}
