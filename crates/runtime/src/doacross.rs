//! Loops with `ordered(n)`: an iteration may wait for earlier ones by their position in the iteration space.
//!
//! # Protocol
//!
//! Each loop has a bitmap with one bit per iteration, made by the first thread that enters (a compare-exchange elects it;
//! Release publishes the bitmap, Acquire reads it). `post` sets its iteration's bit with Release and notifies the team's
//! event, `wait` waits until the bit is seen with Acquire. Loops take slots in turn as in `sync::ring`: slot `i % SLOTS` serves
//! loop `i` when its gate has reached `i`; the last thread to leave frees the bitmap and opens the gate for loop `i + SLOTS`.
//! The bitmap is fresh zeroed memory, of which the system provides what is touched.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use crate::schedule::trip_count;
use crate::stress::point;
use crate::sync::WaitPolicy;
use crate::sync::event::Event;
use crate::sync::gate::Gate;
use crate::team::Member;
use crate::thread::Thread;
use crate::wait::InRegion;

/// Loops that may be under way at the same time.
const SLOTS: u32 = 8;

/// Looks at a bit before a wait asks its policy anything: about the time that a cache line needs to travel twice.
const POLLS: u32 = 300;

#[derive(Default)]
struct Slot {
    turn: Gate,
    bitmap: AtomicPtr<AtomicU32>,
    /// Words of the bitmap; written by the thread that made it, read by the one that frees it.
    words: AtomicUsize,
    finished: AtomicU32,
}

/// A team's doacross loops.
pub struct DoacrossRing {
    slots: Vec<Slot>,
    pub event: Event,
}

impl Default for DoacrossRing {
    fn default() -> Self {
        let ring = Self {
            slots: (0..SLOTS).map(|_| Slot::default()).collect(),
            event: Event::default(),
        };
        ring.reset();
        ring
    }
}

impl DoacrossRing {
    fn slot(&self, index: u32) -> &Slot {
        &self.slots[(index % SLOTS) as usize]
    }

    /// Back to loop 0, while no thread uses the ring.
    pub fn reset(&self) {
        for (index, slot) in self.slots.iter().enumerate() {
            slot.clear();
            slot.turn.reset(index as u32);
        }
    }

    /// Lets every thread that waits here look at its stop condition.
    pub fn kick(&self) {
        self.slots.iter().for_each(|slot| slot.turn.kick());
        self.event.notify();
    }
}

impl Slot {
    fn clear(&self) {
        self.finished.store(0, Ordering::Relaxed);
        let bitmap = self.bitmap.swap(null_mut(), Ordering::Relaxed);
        if !bitmap.is_null() {
            let layout = layout(self.words.load(Ordering::Relaxed));
            // SAFETY: made by `bitmap` with this layout; no thread uses it any more.
            unsafe { dealloc(bitmap.cast(), layout) };
        }
    }

    /// The loop's bitmap, made now if nobody has.
    fn bitmap(&self, iterations: u64) -> *const AtomicU32 {
        let bitmap = self.bitmap.load(Ordering::Acquire);
        if !bitmap.is_null() {
            return bitmap;
        }
        let words = usize::try_from(iterations / 32).unwrap_or(usize::MAX - 1) + 1;
        let layout = layout(words);
        // SAFETY: the layout's size is not zero.
        let mine = unsafe { alloc_zeroed(layout) }.cast::<AtomicU32>();
        if mine.is_null() {
            handle_alloc_error(layout);
        }
        match self
            .bitmap
            .compare_exchange(null_mut(), mine, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => {
                self.words.store(words, Ordering::Relaxed);
                mine
            }
            Err(theirs) => {
                // SAFETY: made here, and nobody else has seen it.
                unsafe { dealloc(mine.cast(), layout) };
                theirs
            }
        }
    }
}

fn layout(words: usize) -> Layout {
    Layout::array::<AtomicU32>(words).unwrap_or_else(|_| {
        crate::message::fatal(
            "a loop nest with ordered(n) has more iterations than memory can hold a bit for",
        )
    })
}

/// One loop of the nest, as Clang describes it: bounds inclusive.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Dimension {
    pub lower: i64,
    pub upper: i64,
    pub step: i64,
}

/// The same, ready for finding an iteration's position.
#[derive(Clone, Copy, Debug)]
struct Axis {
    lower: i64,
    step: i64,
    count: u64,
}

impl Axis {
    fn new(dimension: &Dimension) -> Self {
        let Dimension { lower, upper, step } = *dimension;
        Self {
            lower,
            step,
            count: trip_count(lower.into(), upper.into(), step.into()),
        }
    }

    /// Which iteration has that value. `None`: none before or after has it.
    #[inline]
    fn along(&self, value: i64) -> Option<u64> {
        let upwards = self.step > 0;
        if value != self.lower && (value < self.lower) == upwards {
            return None;
        }
        let distance = if upwards {
            value.wrapping_sub(self.lower)
        } else {
            self.lower.wrapping_sub(value)
        } as u64;
        let along = match self.step.unsigned_abs() {
            1 => distance,
            step => distance / step,
        };
        (along < self.count).then_some(along)
    }
}

/// The doacross loop a member is in.
#[derive(Default)]
pub struct DoacrossState {
    entered: Cell<u32>,
    axes: RefCell<Vec<Axis>>,
    /// Null: there is nobody to wait for.
    bitmap: Cell<*const AtomicU32>,
}

impl DoacrossState {
    /// For a new region. Returns whether the last one used doacross loops.
    pub fn restart(&self) -> bool {
        self.bitmap.set(null());
        self.entered.replace(0) != 0
    }

    fn index(&self) -> u32 {
        self.entered.get() - 1
    }

    /// The word and the bit of an iteration; `None`: outside the space, or nobody else is there.
    #[inline]
    fn bit(&self, iteration: impl Iterator<Item = i64>) -> Option<(&AtomicU32, u32)> {
        let bitmap = self.bitmap.get();
        if bitmap.is_null() {
            return None;
        }
        let mut position = 0;
        for (axis, value) in self.axes.borrow().iter().zip(iteration) {
            position = position * axis.count + axis.along(value)?;
        }
        // SAFETY: the bitmap has a bit for every position and lives until all threads have left the loop.
        let word = unsafe { &*bitmap.add((position / 32) as usize) };
        Some((word, 1 << (position % 32)))
    }
}

/// Enters a doacross loop.
pub fn enter(thread: &Thread, member: &Member, dimensions: &[Dimension]) {
    let state = &member.doacross;
    state.entered.set(state.entered.get() + 1);
    let mut axes = state.axes.borrow_mut();
    axes.clear();
    axes.extend(dimensions.iter().map(Axis::new));
    if member.team_size.get() == 1 {
        return;
    }
    let iterations = axes
        .iter()
        .try_fold(1u64, |product, axis| product.checked_mul(axis.count));
    let slot = member.team().doacross.slot(state.index());
    // Given up: the team is cancelled, and no wait in the loop waits.
    if slot
        .turn
        .wait(state.index(), &InRegion::new(thread, member))
    {
        state
            .bitmap
            .set(slot.bitmap(iterations.unwrap_or(u64::MAX)));
    }
}

/// The calling thread's iteration has executed its source part.
#[inline]
pub fn post(_thread: &Thread, member: &Member, iteration: impl Iterator<Item = i64>) {
    if let Some((word, bit)) = member.doacross.bit(iteration) {
        point();
        word.fetch_or(bit, Ordering::Release);
        point();
        member.team().doacross.event.notify();
    }
}

/// Waits until that iteration has posted; iterations outside the space count as having done so.
#[inline]
pub fn wait(thread: &Thread, member: &Member, iteration: impl Iterator<Item = i64>) {
    if let Some((word, bit)) = member.doacross.bit(iteration) {
        let posted = || word.load(Ordering::Acquire) & bit != 0;
        if !posted() {
            wait_for(thread, member, posted);
        }
    }
}

#[cold]
fn wait_for(thread: &Thread, member: &Member, posted: impl Fn() -> bool) {
    let policy = InRegion::new(thread, member);
    if policy.eager() && (0..POLLS).any(|_| posted()) {
        return;
    }
    member.team().doacross.event.wait(posted, &policy);
}

/// Leaves the loop.
pub fn leave(member: &Member) {
    let (ring, index) = (&member.team().doacross, member.doacross.index());
    let slot = ring.slot(index);
    member.doacross.bitmap.set(null());
    // AcqRel: the last one has seen all others' use of the bitmap.
    if member.team_size.get() > 1
        && slot.finished.fetch_add(1, Ordering::AcqRel) + 1 == member.team_size.get()
    {
        slot.clear();
        point();
        slot.turn.open(index + SLOTS);
    }
}
