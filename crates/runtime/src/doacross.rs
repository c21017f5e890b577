//! Loops with `ordered(n)`: an iteration may wait for earlier ones by their position in the iteration space.
//!
//! # Protocol
//!
//! Each loop has a bitmap with one bit per iteration, made by the first thread that comes (a compare-exchange elects it;
//! Release publishes the bitmap, Acquire reads it). `post` sets its iteration's bit with Release and notifies the team's
//! event, `wait` waits until the bit is seen with Acquire. Loops take slots in turn as in `sync::ring`: slot `i % SLOTS` serves
//! loop `i` when its gate has reached `i`; the last thread to leave frees the bitmap and opens the gate for loop `i + SLOTS`.

use std::cell::RefCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::schedule::trip_count;
use crate::stress::point;
use crate::sync::event::Event;
use crate::sync::gate::Gate;
use crate::team::Member;
use crate::thread::Thread;
use crate::wait::InRegion;

/// Loops that may be under way at the same time.
const SLOTS: u32 = 8;

type Bitmap = Vec<AtomicU32>;

#[derive(Default)]
struct Slot {
    turn: Gate,
    bitmap: AtomicPtr<Bitmap>,
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
            // SAFETY: made by `bitmap` from a box; no thread uses it any more.
            drop(unsafe { Box::from_raw(bitmap) });
        }
    }

    /// The loop's bitmap, made now if nobody has.
    fn bitmap(&self, iterations: u64) -> &Bitmap {
        let mut bitmap = self.bitmap.load(Ordering::Acquire);
        if bitmap.is_null() {
            let words = iterations.div_ceil(32) as usize;
            let mine = Box::into_raw(Box::new(
                (0..words).map(|_| AtomicU32::new(0)).collect::<Bitmap>(),
            ));
            match self.bitmap.compare_exchange(
                null_mut(),
                mine,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => bitmap = mine,
                Err(theirs) => {
                    bitmap = theirs;
                    // SAFETY: made here, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(mine) });
                }
            }
        }
        // SAFETY: alive until the last thread has left the loop.
        unsafe { &*bitmap }
    }
}

/// One loop of the nest, as Clang describes it: bounds inclusive.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Dimension {
    pub lower: i64,
    pub upper: i64,
    pub step: i64,
}

impl Dimension {
    fn count(&self) -> u64 {
        trip_count(self.lower.into(), self.upper.into(), self.step.into())
    }
}

/// The doacross loop a member is in.
#[derive(Default)]
pub struct DoacrossState {
    entered: std::cell::Cell<u32>,
    dimensions: RefCell<Vec<Dimension>>,
}

impl DoacrossState {
    /// For a new region. Returns whether the last one used doacross loops.
    pub fn restart(&self) -> bool {
        self.entered.replace(0) != 0
    }

    fn index(&self) -> u32 {
        self.entered.get() - 1
    }

    /// Position of an iteration in the nest's sequential order; `None`: outside the space.
    fn position(&self, iteration: impl Iterator<Item = i64>) -> Option<u64> {
        let mut position = 0;
        for (dimension, value) in self.dimensions.borrow().iter().zip(iteration) {
            let along =
                (i128::from(value) - i128::from(dimension.lower)) / i128::from(dimension.step);
            let along = u64::try_from(along)
                .ok()
                .filter(|&along| along < dimension.count())?;
            // A value before the first rounds to zero.
            if (value < dimension.lower) == (dimension.step > 0) && value != dimension.lower {
                return None;
            }
            position = position * dimension.count() + along;
        }
        Some(position)
    }

    fn iterations(&self) -> u64 {
        self.dimensions
            .borrow()
            .iter()
            .map(Dimension::count)
            .product()
    }
}

/// Enters a doacross loop.
pub fn enter(thread: &Thread, member: &Member, dimensions: &[Dimension]) {
    let state = &member.doacross;
    state.entered.set(state.entered.get() + 1);
    state.dimensions.replace(dimensions.to_vec());
    if member.team_size.get() > 1 {
        // Given up: the team is cancelled, and every wait in the loop will find that.
        member
            .team()
            .doacross
            .slot(state.index())
            .turn
            .wait(state.index(), &InRegion::new(thread, member));
    }
}

/// The calling thread's iteration has executed its source part.
pub fn post(thread: &Thread, member: &Member, iteration: impl Iterator<Item = i64>) {
    if member.team_size.get() == 1 || member.must_leave(thread) {
        return;
    }
    let (ring, state) = (&member.team().doacross, &member.doacross);
    if let Some(position) = state.position(iteration) {
        let bitmap = ring.slot(state.index()).bitmap(state.iterations());
        point();
        bitmap[(position / 32) as usize].fetch_or(1 << (position % 32), Ordering::Release);
        ring.event.notify();
    }
}

/// Waits until that iteration has posted; iterations outside the space count as having done so.
pub fn wait(thread: &Thread, member: &Member, iteration: impl Iterator<Item = i64>) {
    if member.team_size.get() == 1 || member.must_leave(thread) {
        return;
    }
    let (ring, state) = (&member.team().doacross, &member.doacross);
    if let Some(position) = state.position(iteration) {
        let bitmap = ring.slot(state.index()).bitmap(state.iterations());
        let word = &bitmap[(position / 32) as usize];
        ring.event.wait(
            || word.load(Ordering::Acquire) & 1 << (position % 32) != 0,
            &InRegion::new(thread, member),
        );
    }
}

/// Leaves the loop.
pub fn leave(member: &Member) {
    let (ring, index) = (&member.team().doacross, member.doacross.index());
    let slot = ring.slot(index);
    // AcqRel: the last one has seen all others' use of the bitmap.
    if member.team_size.get() > 1
        && slot.finished.fetch_add(1, Ordering::AcqRel) + 1 == member.team_size.get()
    {
        slot.clear();
        point();
        slot.turn.open(index + SLOTS);
    }
}
