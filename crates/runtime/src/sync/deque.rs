//! The work-stealing deque: its owner pushes and pops at the bottom, any thread steals at the top, nobody locks.
//!
//! # Protocol
//!
//! After Chase and Lev ("Dynamic circular work-stealing deque", SPAA 2005) with the orderings of Lê, Pop, Cohen and Zappa
//! Nardelli (PPoPP 2013). `top` and `bottom` count up; the entries are those from `top` to `bottom - 1`, each in slot
//! `index % capacity`. `bottom` is written by the owner only, `top` only ever grows.
//!
//! *Publishing.* `push` writes the slot and then `bottom` (Release). A thief reads `bottom` (Acquire) and then the slot, so it
//! sees the entry, and through it whatever the owner wrote before the push. The owner's other stores to `bottom` are Release, too: a thief
//! may read any of them.
//!
//! *The last entry.* The owner takes an entry by lowering `bottom`, a thief by raising `top`. The owner lowers `bottom` and
//! then reads `top`; a thief reads `top` and then `bottom`; a SeqCst fence stands between the two steps on both sides. One
//! fence comes first: either the thief sees the lowered `bottom` and finds nothing, or the owner sees the raised `top`. When
//! both look at the same last entry, both try to raise `top` by compare-and-exchange, and one succeeds. While the owner
//! sees more than one entry it needs no exchange: a thief that could take the entry at the bottom would first have to
//! read a `bottom` above it, which the fences exclude. On x86 the owner's store and fence are one exchange instruction.
//!
//! *Growing.* The owner copies the entries into a buffer twice as large and publishes it (Release). A thief may read a slot of
//! the old buffer: old buffers are kept until the deque is dropped, their slots are not written again, and if the entry has been taken
//! meanwhile, the thief's exchange on `top` fails and the value it read is not used. A thief that reads the buffer's address after
//! `bottom` sees a buffer that holds the entries below that `bottom`.

use std::cell::Cell;
use std::ptr::null_mut;

#[cfg(any(loom, not(target_arch = "x86_64")))]
use super::atomic::fence;
use super::atomic::{AtomicIsize, AtomicPtr, AtomicUsize, Ordering};
use crate::stress::point;

#[cfg(not(loom))]
const FIRST_CAPACITY: usize = 256;
#[cfg(loom)]
const FIRST_CAPACITY: usize = 2;

struct Buffer {
    slots: Box<[AtomicUsize]>,
    /// The buffer this one replaced.
    previous: *mut Buffer,
}

impl Buffer {
    fn slot(&self, index: isize) -> &AtomicUsize {
        // The capacity is a power of two.
        let mask = self.slots.len() - 1;
        // SAFETY: masked.
        unsafe { self.slots.get_unchecked(index as usize & mask) }
    }
}

/// What an attempt to steal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steal {
    Empty,
    /// The caller's filter refused the entry at the top.
    Refused,
    /// Somebody else was faster.
    Lost,
    Taken(usize),
}

/// See the module's description. Entries are words.
pub struct Deque {
    bottom: Owned,
    top: Contended,
}

/// What the owner writes, on cache lines of its own.
#[repr(align(128))]
struct Owned {
    bottom: AtomicIsize,
    buffer: AtomicPtr<Buffer>,
    /// The owner's copy of the buffer's capacity.
    capacity: Cell<usize>,
}

#[repr(align(128))]
struct Contended(AtomicIsize);

// SAFETY: the cell is the owner's alone (see `push`).
unsafe impl Sync for Deque {}
// SAFETY: nothing in it depends on the thread.
unsafe impl Send for Deque {}

impl Default for Deque {
    fn default() -> Self {
        Self {
            bottom: Owned {
                bottom: AtomicIsize::new(0),
                buffer: AtomicPtr::new(null_mut()),
                capacity: Cell::new(0),
            },
            top: Contended(AtomicIsize::new(0)),
        }
    }
}

impl Deque {
    /// Where the next entry will go. For the owner.
    #[inline]
    pub fn bottom(&self) -> isize {
        self.bottom.bottom.load(Ordering::Relaxed)
    }

    /// Number of entries, for the owner; never too small.
    #[inline]
    pub fn len(&self) -> isize {
        self.bottom() - self.top.0.load(Ordering::Relaxed)
    }

    /// Does the deque look empty? For any thread; no more than a hint.
    #[inline]
    pub fn is_empty(&self) -> bool {
        let top = self.top.0.load(Ordering::Relaxed);
        self.bottom.bottom.load(Ordering::Relaxed) <= top
    }

    /// Adds an entry at the bottom.
    ///
    /// # Safety
    /// Only for the owner.
    #[inline]
    pub unsafe fn push(&self, entry: usize) {
        let bottom = self.bottom();
        // Acquire: a thief has read its slot before it raised `top`, so the slot may be used again.
        let top = self.top.0.load(Ordering::Acquire);
        if (bottom - top) as usize >= self.bottom.capacity.get() {
            self.grow(bottom, top);
        }
        // SAFETY: buffers live as long as the deque; `grow` has made the first.
        let buffer = unsafe { &*self.bottom.buffer.load(Ordering::Relaxed) };
        buffer.slot(bottom).store(entry, Ordering::Relaxed);
        point();
        // Release: publishes the slot and what the entry refers to.
        self.bottom.bottom.store(bottom + 1, Ordering::Release);
    }

    #[cold]
    fn grow(&self, bottom: isize, top: isize) {
        let previous = self.bottom.buffer.load(Ordering::Relaxed);
        let capacity = (self.bottom.capacity.get() * 2).max(FIRST_CAPACITY);
        let buffer = Box::new(Buffer {
            slots: (0..capacity).map(|_| AtomicUsize::new(0)).collect(),
            previous,
        });
        // SAFETY: buffers live as long as the deque.
        if let Some(previous) = unsafe { previous.as_ref() } {
            for index in top..bottom {
                let entry = previous.slot(index).load(Ordering::Relaxed);
                buffer.slot(index).store(entry, Ordering::Relaxed);
            }
        }
        self.bottom.capacity.set(capacity);
        // Release: publishes the copied slots.
        self.bottom
            .buffer
            .store(Box::into_raw(buffer), Ordering::Release);
    }

    /// Lowers `bottom`, so that the read of `top` that follows comes after it in everybody's eyes.
    #[inline]
    fn lower(&self, bottom: isize) {
        #[cfg(all(not(loom), target_arch = "x86_64"))]
        self.bottom.bottom.swap(bottom, Ordering::SeqCst);
        #[cfg(any(loom, not(target_arch = "x86_64")))]
        {
            self.bottom.bottom.store(bottom, Ordering::Release);
            fence(Ordering::SeqCst);
        }
    }

    /// Takes the newest entry, if it was pushed when `bottom()` was at least `base`.
    ///
    /// # Safety
    /// Only for the owner.
    #[inline]
    pub unsafe fn pop(&self, base: isize) -> Option<usize> {
        let bottom = self.bottom() - 1;
        // Nothing that thieves do could put an entry here.
        if bottom < base || self.top.0.load(Ordering::Relaxed) > bottom {
            return None;
        }
        self.lower(bottom);
        point();
        // SeqCst, Relaxed with the fence: see the protocol.
        let top = self.top.0.load(Ordering::SeqCst);
        if top > bottom {
            self.bottom.bottom.store(bottom + 1, Ordering::Release);
            return None;
        }
        // SAFETY: something has been pushed, so there is a buffer.
        let buffer = unsafe { &*self.bottom.buffer.load(Ordering::Relaxed) };
        let entry = buffer.slot(bottom).load(Ordering::Relaxed);
        if top < bottom {
            return Some(entry);
        }
        let won = self
            .top
            .0
            .compare_exchange(top, top + 1, Ordering::SeqCst, Ordering::Relaxed)
            .is_ok();
        self.bottom.bottom.store(bottom + 1, Ordering::Release);
        won.then_some(entry)
    }

    /// Takes the oldest entry, if `wanted` approves of it. For any thread.
    pub fn steal(&self, wanted: impl Fn(usize) -> bool) -> Steal {
        let top = self.top.0.load(Ordering::Acquire);
        // SeqCst: orders the read of `top` before that of `bottom` (see the protocol).
        super::atomic::fence(Ordering::SeqCst);
        let bottom = self.bottom.bottom.load(Ordering::Acquire);
        if bottom <= top {
            return Steal::Empty;
        }
        // SAFETY: `bottom` was raised after the buffer had been published; buffers live as long as the deque.
        let buffer = unsafe { &*self.bottom.buffer.load(Ordering::Acquire) };
        let entry = buffer.slot(top).load(Ordering::Relaxed);
        if !wanted(entry) {
            return Steal::Refused;
        }
        point();
        match self
            .top
            .0
            .compare_exchange(top, top + 1, Ordering::SeqCst, Ordering::Relaxed)
        {
            Ok(_) => Steal::Taken(entry),
            Err(_) => Steal::Lost,
        }
    }

    /// Would [`Deque::steal`] find an entry that `wanted` approves of? A hint.
    pub fn offers(&self, wanted: impl Fn(usize) -> bool) -> bool {
        let top = self.top.0.load(Ordering::Acquire);
        if self.bottom.bottom.load(Ordering::Acquire) <= top {
            return false;
        }
        // SAFETY: as in `steal`.
        let buffer = unsafe { &*self.bottom.buffer.load(Ordering::Acquire) };
        wanted(buffer.slot(top).load(Ordering::Relaxed))
    }
}

impl Drop for Deque {
    fn drop(&mut self) {
        let mut buffer = self.bottom.buffer.load(Ordering::Relaxed);
        while !buffer.is_null() {
            // SAFETY: made by `grow` from a box, and nobody else uses the deque any more.
            buffer = unsafe { Box::from_raw(buffer) }.previous;
        }
    }
}
