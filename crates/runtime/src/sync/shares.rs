//! Shares: how the chunks of a dynamically scheduled loop are handed out without a counter that all threads fight over.
//!
//! # Protocol
//!
//! The chunks are numbered, and each thread begins with an equal, contiguous share of them. A share is one word on its
//! thread's own cache line: `tag | end | next`, the chunks `next..end` being left. Its thread takes the first by adding one;
//! when none is left it takes the upper half of another thread's share by a compare-exchange of that thread's word, which
//! becomes its own new share. A chunk is in one word only, so equal words mean equal work, and a compare-exchange that succeeds
//! late takes nothing twice. A thread that adds one to an empty share leaves `next` above `end`, which is as empty.
//!
//! A word belongs to the loop whose tag it has. A word with another tag is of an earlier loop: its thread has not come yet,
//! and its share is what every thread can compute for itself. Whoever comes first (the thread, or one that wants to take
//! from it) sets the word by a compare-exchange from the old one. So a thread that is late does not keep its share from
//! the others, and nobody has to clear anything. All threads of the team enter the loop; so when it is over, all words have its tag,
//! and the next loop with the same words takes the next tag.
//!
//! All operations are Relaxed: they only have to be atomic; no data travels through the words. That a loop with the same
//! words begins only after all threads have left the last one is the ring's concern (`sync::ring`).
//!
//! A chunk that is on its way from one share to another is in no word; threads that see none leave, and the one that
//! has taken it executes it.

use super::atomic::{AtomicU64, Ordering};
use crate::stress::point;

/// Chunks that a loop may have at most.
pub const MOST_CHUNKS: u64 = 1 << BITS;

const BITS: u32 = 28;
const MASK: u64 = (1 << BITS) - 1;

/// Tells a loop's words from those of the loops before it.
pub type Tag = u8;

/// Chunks `next..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub next: u64,
    pub end: u64,
}

/// One thread's share of one loop.
#[derive(Default)]
pub struct Share(AtomicU64);

fn pack(tag: Tag, range: Range) -> u64 {
    u64::from(tag) << (2 * BITS) | range.end << BITS | range.next
}

fn unpack(word: u64) -> (Tag, Range) {
    let range = Range {
        next: word & MASK,
        end: word >> BITS & MASK,
    };
    ((word >> (2 * BITS)) as Tag, range)
}

impl Share {
    /// Forgets all loops, while no thread is in one. The first loop has tag 1.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// On the share's own thread, as it enters the loop: the share is `initial`, or what others have left of it.
    #[inline]
    pub fn enter(&self, tag: Tag, initial: Range) {
        let old = self.0.load(Ordering::Relaxed);
        if unpack(old).0 != tag {
            // When it fails, another thread has set the word for this loop, and perhaps taken some.
            let _ = self.0.compare_exchange(
                old,
                pack(tag, initial),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// On the share's own thread: its next chunk.
    #[inline]
    pub fn take(&self) -> Option<u64> {
        point();
        let (_, range) = unpack(self.0.fetch_add(1, Ordering::Relaxed));
        (range.next < range.end).then_some(range.next)
    }

    /// On another thread: the upper half of what is left, at least one chunk. `initial`: what the share begins with.
    pub fn rob(&self, tag: Tag, initial: Range) -> Option<Range> {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (seen, range) = unpack(word);
            let range = if seen == tag { range } else { initial };
            let left = range.end.saturating_sub(range.next);
            if left == 0 {
                return None;
            }
            let middle = range.end - left.div_ceil(2);
            let kept = Range {
                next: range.next,
                end: middle,
            };
            point();
            match self.0.compare_exchange_weak(
                word,
                pack(tag, kept),
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    return Some(Range {
                        next: middle,
                        end: range.end,
                    });
                }
                Err(now) => word = now,
            }
        }
    }

    /// On the share's own thread, when it is empty: keeps what was taken from another. Nobody else changes an empty word.
    #[inline]
    pub fn refill(&self, tag: Tag, range: Range) {
        point();
        self.0.store(pack(tag, range), Ordering::Relaxed);
    }
}
