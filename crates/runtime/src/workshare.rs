//! `single`, `copyprivate`, `critical`, and turns in thread order.
//!
//! # Protocol of `single`
//!
//! Each thread counts the `single` constructs it meets. The team's counter says how many have found their thread. The first
//! thread to move it from k to k + 1 executes construct k; with `nowait`, a thread that comes late finds the counter further
//! on and skips. The exchange is Relaxed: it only elects; what the block writes is published by the construct's barrier.
//!
//! # Protocol of `broadcast`
//!
//! The executor stores its pointer (Release) before a barrier, the others load it after that barrier; the caller makes sure by a
//! second barrier that nobody overwrites it, or what it points to, before all have read.
//!
//! # Protocol of turns
//!
//! `turn` counts completed turns. Thread t in its r-th round waits for r * team size + t, and advances the count by one when
//! it is done; so there is one poster at a time, and its writes are published to the next.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::barrier::barrier;
use crate::stress::point;
use crate::sync::lock::Lock;
use crate::team::Member;
use crate::thread::Thread;
use crate::wait::InRegion;

/// True on the one thread that executes the `single` construct.
#[inline]
pub fn single(member: &Member) -> bool {
    let number = member.singles.get();
    member.singles.set(number + 1);
    if member.team_size.get() == 1 {
        return true;
    }
    let counter = &member.team().singles.0;
    counter.load(Ordering::Relaxed) == number
        && counter
            .compare_exchange(number, number + 1, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

/// Gives all threads the pointer that the executor (the one that passes `Some`) has. `None`: cancelled.
pub fn broadcast(
    thread: &'static Thread,
    member: &'static Member,
    mine: Option<*mut c_void>,
) -> Option<*mut c_void> {
    let slot = &member.team().broadcast.0;
    if let Some(pointer) = mine {
        slot.store(pointer, Ordering::Release);
        point();
    }
    if barrier(thread, member) {
        return None;
    }
    Some(slot.load(Ordering::Acquire))
}

/// A critical section's lock: Clang reserves 32 zeroed bytes for each name, of which the first word is the lock.
///
/// # Safety
/// `name` points to such storage, aligned to 4 bytes and never freed while in use.
pub unsafe fn lock_of<'a>(name: *mut c_void) -> &'a Lock {
    const { assert!(size_of::<Lock>() == size_of::<AtomicU32>()) };
    // SAFETY: the caller's promise; a lock is one 32-bit atomic word that starts as zero.
    unsafe { &*name.cast::<Lock>() }
}

/// Enters a critical section. False: cancelled, the section was not entered.
#[inline]
pub fn critical_enter(thread: &Thread, member: &Member, lock: &Lock) -> bool {
    let entered = lock.lock(&InRegion::new(thread, member));
    if entered {
        thread.task.enter_exclusive();
    }
    entered
}

/// Leaves a critical section.
#[inline]
pub fn critical_exit(thread: &Thread, lock: &Lock) {
    thread.task.leave_exclusive();
    lock.unlock();
}

fn turn_target(member: &Member) -> u32 {
    (member.turns.get() * member.team_size.get() + member.tid.get()) & (u32::MAX >> 1)
}

/// Waits until all threads with lower numbers have had their turn. False: cancelled.
pub fn turn_enter(thread: &Thread, member: &Member) -> bool {
    member.team_size.get() == 1
        || member
            .team()
            .turn
            .0
            .wait(turn_target(member), &InRegion::new(thread, member))
}

/// Ends this thread's turn.
pub fn turn_exit(member: &Member) {
    if member.team_size.get() > 1 {
        member
            .team()
            .turn
            .0
            .open(turn_target(member).wrapping_add(1));
        member.turns.set(member.turns.get() + 1);
    }
}
