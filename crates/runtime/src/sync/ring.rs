//! The worksharing ring: shared state of the loops a team has under way.
//!
//! # Protocol
//!
//! All threads of a team meet the same worksharing loops in the same order, and each numbers them 0, 1, 2, … by itself.
//! Loop `i` uses buffer `i % BUFFERS`. With `nowait`, threads may be several loops apart, so a buffer may still be in
//! use when the fastest thread meets the loop after next; it then waits.
//!
//! * `turn` is a gate whose generation is the number of the loop that may use the buffer. `enter` waits for it.
//! * `next` is the count of iterations (or chunks) already handed out. It starts at zero, and all that the threads must
//!   know besides (bounds, chunk size, team size) each computes for itself: nobody has to initialise anything.
//!   The additions are Relaxed: they only have to be atomic; no data travels through `next`.
//! * `ordered.gate` counts the iterations whose `ordered` part is over. Whoever is at turn is its only poster, and the
//!   turn passes through the gate (Release/Acquire), so writes inside the `ordered` blocks are seen by the next, and
//!   one thread's post comes before the next thread's. The 64-bit count beside it is for waits that are further
//!   away than a gate can compare, or that have looked away while the turns went that far: it is written after the post, before
//!   sleepers are woken (Release), so whoever goes on because of it also posts later, and no sleeper misses it.
//! * Each thread that gets no more iterations calls `leave`. `finished` is incremented with AcqRel, so that the last one
//!   has seen all others' use of the buffer; it zeroes the counters and opens `turn` for loop `i + BUFFERS`.
//!
//! Cancelled loops may lack calls of `leave`; the team's next region calls `reset` while all its threads are idle.

use std::time::Duration;

use super::atomic::{AtomicU32, AtomicU64, Ordering};
use super::gate::Gate;
use super::{SpinClock, WaitPolicy};
use crate::stress::point;

/// Loops that may be under way at the same time.
#[cfg(not(loom))]
pub const BUFFERS: u32 = 8;
/// Small, so that the model reaches the reuse of a buffer.
#[cfg(loom)]
pub const BUFFERS: u32 = 1;

/// An ordered wait sleeps for at most this many iterations at a time: gates compare by distance below 2^22.
const ORDERED_STRIDE: u64 = 1 << 20;

#[repr(align(128))]
struct LoopBuffer {
    next: AtomicU64,
    turn: Gate,
    finished: AtomicU32,
    ordered: OrderedCount,
}

#[repr(align(64))]
#[derive(Default)]
struct OrderedCount {
    done: AtomicU64,
    gate: Gate,
}

/// See the module's description.
pub struct Ring {
    buffers: Vec<LoopBuffer>,
}

impl Default for Ring {
    fn default() -> Self {
        let buffer = |index| {
            let turn = Gate::default();
            turn.reset(index);
            LoopBuffer {
                next: AtomicU64::new(0),
                turn,
                finished: AtomicU32::new(0),
                ordered: OrderedCount::default(),
            }
        };
        Self {
            buffers: (0..BUFFERS).map(buffer).collect(),
        }
    }
}

impl Ring {
    #[inline]
    fn buffer(&self, index: u32) -> &LoopBuffer {
        &self.buffers[(index % BUFFERS) as usize]
    }

    /// Back to loop 0, while no thread uses the ring. `used`: how many loops have been entered since the last reset.
    pub fn reset(&self, used: u32) {
        for index in 0..used.min(BUFFERS) {
            let buffer = self.buffer(index);
            buffer.clear();
            buffer.turn.reset(index);
        }
    }

    /// Waits until the buffer of loop `index` is free for it. False: cancelled.
    #[inline]
    pub fn enter<P: WaitPolicy>(&self, index: u32, policy: &P) -> bool {
        self.buffer(index).turn.wait(index, policy)
    }

    /// Takes `amount` from the loop's counter; returns where it stood.
    #[inline]
    pub fn take(&self, index: u32, amount: u64) -> u64 {
        point();
        self.buffer(index).next.fetch_add(amount, Ordering::Relaxed)
    }

    /// Takes a part that depends on how much is gone: `part(taken)`, `None` ends. Returns where the counter stood and the part.
    #[inline]
    pub fn take_with(&self, index: u32, part: impl Fn(u64) -> Option<u64>) -> Option<(u64, u64)> {
        let next = &self.buffer(index).next;
        let mut taken = next.load(Ordering::Relaxed);
        loop {
            let amount = part(taken)?;
            point();
            match next.compare_exchange_weak(
                taken,
                taken + amount,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some((taken, amount)),
                Err(now) => taken = now,
            }
        }
    }

    /// This thread takes no more iterations of loop `index`; `team_size` threads will say so.
    #[inline]
    pub fn leave(&self, index: u32, team_size: u32) {
        let buffer = self.buffer(index);
        point();
        if buffer.finished.fetch_add(1, Ordering::AcqRel) + 1 == team_size {
            buffer.clear();
            point();
            buffer.turn.open(index.wrapping_add(BUFFERS));
        }
    }

    /// Waits until the `ordered` parts of all iterations before `iteration` are over. False: cancelled.
    #[inline]
    pub fn ordered_wait<P: WaitPolicy>(&self, index: u32, iteration: u64, policy: &P) -> bool {
        let ordered = &self.buffer(index).ordered;
        loop {
            // Acquire: pairs with the Release in `ordered_advance`, for a turn that has come further than the gate can tell.
            let done = ordered.done.load(Ordering::Acquire);
            if done >= iteration {
                return true;
            }
            let target = done.saturating_add(ORDERED_STRIDE).min(iteration);
            let policy = Passing {
                policy,
                done: &ordered.done,
                target,
            };
            let reached = ordered.gate.wait(generation(target), &policy);
            if reached && target == iteration {
                return true;
            }
            if !reached && !policy.has_passed() {
                return false;
            }
        }
    }

    /// The `ordered` part of `iteration` is over. Only the thread at turn calls this.
    #[inline]
    pub fn ordered_advance(&self, index: u32, iteration: u64) {
        let ordered = &self.buffer(index).ordered;
        let count = iteration + 1;
        ordered.gate.post(generation(count));
        // Release, and after the post: whoever sees the count may post next.
        ordered.done.store(count, Ordering::Release);
        ordered.gate.settle();
    }

    /// The same for all iterations from `first` up to but without `end`: waits compare by bounded distance, so a long way is
    /// gone in several steps.
    pub fn ordered_advance_over(&self, index: u32, first: u64, end: u64) {
        let mut next = first;
        while next < end {
            next = next.saturating_add(ORDERED_STRIDE).min(end);
            self.ordered_advance(index, next - 1);
        }
    }

    /// Lets every thread that waits in this ring look at its stop condition.
    pub fn kick(&self) {
        for buffer in &self.buffers {
            buffer.turn.kick();
            buffer.ordered.gate.kick();
        }
    }
}

/// A wait for a gate that also ends when the count it stands for has passed the target: a gate compares by bounded distance, and the
/// turns may go further than that while a waiter does not look.
struct Passing<'a, P> {
    policy: &'a P,
    done: &'a AtomicU64,
    target: u64,
}

impl<P> Passing<'_, P> {
    fn has_passed(&self) -> bool {
        self.done.load(Ordering::Acquire) >= self.target
    }
}

impl<P: WaitPolicy> WaitPolicy for Passing<'_, P> {
    #[inline]
    fn eager(&self) -> bool {
        self.policy.eager()
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        self.policy.keep_spinning(clock)
    }
    fn stop(&self) -> bool {
        self.has_passed() || self.policy.stop()
    }
    fn sleep_slice(&self) -> Option<Duration> {
        self.policy.sleep_slice()
    }
    fn before_block(&self) {
        self.policy.before_block();
    }
    fn after_block(&self) {
        self.policy.after_block();
    }
}

/// A count of iterations as a gate's generation.
fn generation(count: u64) -> u32 {
    count as u32 & (u32::MAX >> 1)
}

impl LoopBuffer {
    fn clear(&self) {
        self.next.store(0, Ordering::Relaxed);
        self.finished.store(0, Ordering::Relaxed);
        // Most loops leave this cache line alone.
        if self.ordered.done.load(Ordering::Relaxed) != 0 {
            self.ordered.done.store(0, Ordering::Relaxed);
            self.ordered.gate.reset(0);
        }
    }
}
