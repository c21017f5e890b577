//! Locks that are known by numbers, as native code has no storage of its own for them. A number says where its lock is and how often
//! the place has been used, so what a lock was is told from what it is: a destroyed lock is found out, whatever became of its place.
//!
//! Places stand in chunks, each twice as long as the one before, that are never given back: a lock is found without waiting. A chunk is
//! published once (Release), and read (Acquire) by whoever has a number that leads into it. A place's count of uses is odd while
//! there is a lock in it; whoever uses a lock while another thread destroys it may be told either.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use crate::locks::{LockError, NestLock, SimpleLock};
use crate::process::ForkSafe;

#[derive(Default)]
struct Place {
    uses: AtomicU32,
    nestable: AtomicBool,
    simple: SimpleLock,
    nest: NestLock,
}

/// Places in the first chunk, and the number of chunks.
const FIRST: u32 = 64;
const CHUNKS: usize = 24;

static PLACES: [AtomicPtr<Place>; CHUNKS] = [const { AtomicPtr::new(null_mut()) }; CHUNKS];

/// Places without a lock, and how many have been used at all.
#[derive(Debug)]
pub struct Free {
    places: Vec<u32>,
    used: u32,
}

pub static FREE: ForkSafe<Free> = ForkSafe::new(Free {
    places: Vec::new(),
    used: 0,
});

/// What is wrong with the use of a lock.
const NO_LOCK: &str = "this is no lock, or it has been destroyed";
const HELD: &str = "a lock that is set cannot be destroyed";
const NESTABLE: &str = "this is a nestable lock, and the routine one for simple locks";
const SIMPLE: &str = "this is a simple lock, and the routine one for nestable locks";

fn chunk_of(index: u32) -> (usize, usize) {
    let number = index + FIRST;
    let chunk = number.ilog2() - FIRST.ilog2();
    (chunk as usize, (number - (FIRST << chunk)) as usize)
}

fn place(index: u32) -> Option<&'static Place> {
    let (chunk, offset) = chunk_of(index);
    let first = PLACES.get(chunk)?.load(Ordering::Acquire);
    // SAFETY: a chunk that is there has so many places, and stays.
    (!first.is_null()).then(|| unsafe { &*first.add(offset) })
}

/// A new lock; 0: there are as many as can be.
pub fn new(nestable: bool) -> i64 {
    let mut free = FREE.lock();
    let index = match free.places.pop() {
        Some(index) => index,
        None => {
            let index = free.used;
            let (chunk, offset) = chunk_of(index);
            if chunk == CHUNKS {
                return 0;
            }
            if offset == 0 {
                let places: Box<[Place]> = (0..FIRST << chunk).map(|_| Place::default()).collect();
                PLACES[chunk].store(Box::leak(places).as_mut_ptr(), Ordering::Release);
            }
            free.used += 1;
            index
        }
    };
    let Some(place) = place(index) else {
        unreachable!("the place of a used number is there");
    };
    place.nestable.store(nestable, Ordering::Relaxed);
    // Release: who finds the count has the kind of the lock.
    let uses = place.uses.fetch_add(1, Ordering::Release) + 1;
    i64::from(index) << 32 | i64::from(uses)
}

/// What is done to a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Set,
    Unset,
    Test,
    Destroy,
}

/// The result: of a test whether the lock has been set, of a nestable one how often it is.
pub fn work(lock: i64, nestable: bool, action: Action) -> Result<i32, String> {
    let uses = lock as u32;
    let place = u32::try_from(lock >> 32).ok().and_then(place);
    let known = |place: &&Place| uses % 2 == 1 && place.uses.load(Ordering::Acquire) == uses;
    let Some(place) = place.filter(known) else {
        return Err(NO_LOCK.to_owned());
    };
    if place.nestable.load(Ordering::Relaxed) != nestable {
        return Err(if nestable { SIMPLE } else { NESTABLE }.to_owned());
    }
    let done =
        |result: Result<(), LockError>| result.map(|()| 0).map_err(|error| error.to_string());
    match (action, nestable) {
        (Action::Set, false) => done(place.simple.set()),
        (Action::Set, true) => done(place.nest.set()),
        (Action::Unset, false) => done(place.simple.unset()),
        (Action::Unset, true) => done(place.nest.unset()),
        (Action::Test, false) => Ok(place.simple.test().into()),
        (Action::Test, true) => Ok(place.nest.test()),
        (Action::Destroy, _) => destroy(place, (lock >> 32) as u32),
    }
}

fn destroy(place: &Place, index: u32) -> Result<i32, String> {
    let nestable = place.nestable.load(Ordering::Relaxed);
    let count = if nestable {
        place.nest.test()
    } else {
        place.simple.test().into()
    };
    if count > 1 {
        // It was this task's already.
        place.nest.unset().map_err(|error| error.to_string())?;
    }
    if count != 1 {
        return Err(HELD.to_owned());
    }
    place.uses.fetch_add(1, Ordering::Release);
    let freed = if nestable {
        place.nest.unset()
    } else {
        place.simple.unset()
    };
    freed.map_err(|error| error.to_string())?;
    FREE.lock().places.push(index);
    Ok(0)
}
