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
//! * `turns` counts the iterations whose `ordered` part is over (`sync::turns`).
//! * Each thread that gets no more iterations calls `leave`. `finished` is incremented with AcqRel, so that the last one
//!   has seen all others' use of the buffer; it zeroes the counters and opens `turn` for loop `i + BUFFERS`.
//!
//! Cancelled loops may lack calls of `leave`; the team's next region calls `reset` while all its threads are idle.

use super::WaitPolicy;
use super::atomic::{AtomicU32, AtomicU64, Ordering};
use super::gate::Gate;
use super::turns::Turns;
use crate::stress::point;

/// Loops that may be under way at the same time.
#[cfg(not(loom))]
pub const BUFFERS: u32 = 8;
/// Small, so that the model reaches the reuse of a buffer.
#[cfg(loom)]
pub const BUFFERS: u32 = 1;

#[repr(align(128))]
struct LoopBuffer {
    next: AtomicU64,
    turn: Gate,
    finished: AtomicU32,
    turns: Turns,
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
                turns: Turns::default(),
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

    /// The `ordered` parts of loop `index`.
    #[inline]
    pub fn turns(&self, index: u32) -> &Turns {
        &self.buffer(index).turns
    }

    /// Lets every thread that waits in this ring look at its stop condition.
    pub fn kick(&self) {
        for buffer in &self.buffers {
            buffer.turn.kick();
            buffer.turns.kick();
        }
    }
}

impl LoopBuffer {
    fn clear(&self) {
        self.next.store(0, Ordering::Relaxed);
        self.finished.store(0, Ordering::Relaxed);
        self.turns.clear();
    }
}
