//! Hooks of barriers and other waits, of mutual exclusion, reductions and flushes.

use super::types::{Endpoint, Event, Mutex, State, SyncRegion, callback};
use super::{callback as find, watched, work};
use crate::team::Member;
use crate::thread::{self, Thread};

/// The implementation of locks that `ompt_enumerate_mutex_impls` names.
pub const MUTEX_IMPL: u32 = 1;

fn sync_region(event: Event, thread: &Thread, kind: SyncRegion, endpoint: Endpoint) {
    if let Some(region) = find::<callback::SyncRegion>(event) {
        let task = thread.task_record();
        // SAFETY: the tool's callback, with the arguments of the event.
        unsafe {
            region(
                kind as i32,
                endpoint as i32,
                task.parallel(),
                task.data.get(),
                thread.code(),
            )
        };
    }
}

fn state_of(kind: SyncRegion) -> State {
    match kind {
        SyncRegion::BarrierExplicit => State::WaitBarrierExplicit,
        SyncRegion::BarrierImplementation => State::WaitBarrierImplementation,
        SyncRegion::BarrierWorkshare => State::WaitBarrierWorkshare,
        SyncRegion::BarrierParallel => State::WaitBarrierParallel,
        SyncRegion::BarrierTeams => State::WaitBarrierTeams,
        SyncRegion::Taskwait => State::WaitTaskwait,
        SyncRegion::Taskgroup => State::WaitTaskgroup,
        SyncRegion::Reduction => State::WorkReduction,
    }
}

/// A synchronising region begins whose wait is at its end.
#[cold]
pub(super) fn region_begins(thread: &Thread, kind: SyncRegion) {
    sync_region(Event::SyncRegion, thread, kind, Endpoint::Begin);
}

/// A synchronising region and the wait in it begin.
pub(super) fn wait_begins(thread: &Thread, kind: SyncRegion) {
    sync_region(Event::SyncRegion, thread, kind, Endpoint::Begin);
    thread.ompt.state.set(state_of(kind));
    sync_region(Event::SyncRegionWait, thread, kind, Endpoint::Begin);
}

/// They end.
pub(super) fn wait_ends(thread: &Thread, kind: SyncRegion, next: State) {
    sync_region(Event::SyncRegionWait, thread, kind, Endpoint::End);
    thread.ompt.state.set(next);
    sync_region(Event::SyncRegion, thread, kind, Endpoint::End);
}

/// A wait of the current task; other tasks may run on the thread meanwhile.
#[cold]
pub(super) fn observed_wait<R>(thread: &Thread, kind: SyncRegion, wait: impl FnOnce() -> R) -> R {
    region_begins(thread, kind);
    observed_end(thread, kind, wait)
}

/// The wait at the end of a synchronising region of the current task.
#[cold]
pub(super) fn observed_end<R>(thread: &Thread, kind: SyncRegion, wait: impl FnOnce() -> R) -> R {
    let (task, code) = (thread.task_record(), thread.ompt.code.get());
    let state = thread.ompt.state.replace(state_of(kind));
    task.set_enter(thread.ompt.frame.get());
    sync_region(Event::SyncRegionWait, thread, kind, Endpoint::Begin);
    let result = wait();
    thread.ompt.code.set(code);
    wait_ends(thread, kind, state);
    task.set_enter(0);
    result
}

/// A wait of the current task that the program asked for.
#[inline(always)]
pub fn around_wait<R>(thread: &Thread, kind: SyncRegion, wait: impl FnOnce() -> R) -> R {
    if watched() {
        observed_wait(thread, kind, wait)
    } else {
        wait()
    }
}

/// A barrier of the team; what kind has been announced.
#[cold]
pub fn barrier(thread: &Thread, wait: impl FnOnce() -> bool) -> bool {
    // GCC's code does not say when a `single` block ends, and a cancelled construct is left as it is.
    work::end_open(thread);
    observed_wait(thread, thread.ompt.barrier.take(), wait)
}

/// Flags of Clang's locations: what barrier, what worksharing construct.
const BARRIER_EXPLICIT: i32 = 0x20;
const BARRIER_IMPLICIT: i32 = 0x40;

/// Announces what the next barrier is, by the flags of its location.
#[inline]
pub fn next_barrier(thread: &Thread, flags: impl FnOnce() -> i32) {
    if watched() {
        let flags = flags();
        next_barrier_is(
            thread,
            if flags & BARRIER_EXPLICIT != 0 {
                SyncRegion::BarrierExplicit
            } else if flags & BARRIER_IMPLICIT != 0 {
                SyncRegion::BarrierWorkshare
            } else {
                SyncRegion::BarrierImplementation
            },
        );
    }
}

/// Announces what the next barrier is.
#[inline]
pub fn next_barrier_is(thread: &Thread, kind: SyncRegion) {
    if watched() {
        thread.ompt.barrier.set(kind);
    }
}

/// A reduction of the calling task begins or ends.
#[inline]
pub fn reduction(thread: &Thread, begins: bool) {
    if watched() {
        reduction_slow(thread, begins);
    }
}

#[cold]
fn reduction_slow(thread: &Thread, begins: bool) {
    let (endpoint, state) = if begins {
        (Endpoint::Begin, State::WorkReduction)
    } else {
        (Endpoint::End, thread.work_state())
    };
    thread.ompt.state.set(state);
    sync_region(Event::Reduction, thread, SyncRegion::Reduction, endpoint);
}

/// A flush without a list, or with one.
#[inline]
pub fn flush() {
    if watched() {
        flush_slow();
    }
}

#[cold]
fn flush_slow() {
    let thread = thread::current();
    if let Some(flush) = find::<callback::Flush>(Event::Flush) {
        // SAFETY: as above.
        unsafe { flush(thread.ompt.data.get(), thread.code()) };
    }
}

fn state_while(kind: Mutex) -> State {
    match kind {
        Mutex::Critical => State::WaitCritical,
        Mutex::Ordered => State::WaitOrdered,
        Mutex::Atomic => State::WaitAtomic,
        _ => State::WaitLock,
    }
}

/// What was got by asking for a lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    No,
    First,
    Again,
}

/// Takes a lock, a critical section, an ordered block.
#[inline(always)]
pub fn around_mutex(kind: Mutex, wait_id: usize, hint: u32, take: impl FnOnce()) {
    if watched() {
        observed_mutex(kind, wait_id, hint, || {
            take();
            Taken::First
        });
    } else {
        take();
    }
}

/// The same, where the outcome depends.
#[cold]
pub fn observed_mutex(
    kind: Mutex,
    wait_id: usize,
    hint: u32,
    take: impl FnOnce() -> Taken,
) -> Taken {
    let thread = thread::current();
    let wait_id = wait_id as u64;
    if let Some(acquire) = find::<callback::MutexAcquire>(Event::MutexAcquire) {
        // SAFETY: as above.
        unsafe { acquire(kind as i32, hint, MUTEX_IMPL, wait_id, thread.code()) };
    }
    let state = thread.enter_state(state_while(kind), wait_id);
    let taken = take();
    thread.enter_state(state, 0);
    match taken {
        Taken::No => {}
        Taken::First => mutex(Event::MutexAcquired, thread, kind, wait_id),
        Taken::Again => nest_lock(thread, Endpoint::Begin, wait_id),
    }
    taken
}

fn mutex(event: Event, thread: &Thread, kind: Mutex, wait_id: u64) {
    if let Some(mutex) = find::<callback::Mutex>(event) {
        // SAFETY: as above.
        unsafe { mutex(kind as i32, wait_id, thread.code()) };
    }
}

fn nest_lock(thread: &Thread, endpoint: Endpoint, wait_id: u64) {
    if let Some(nest_lock) = find::<callback::NestLock>(Event::NestLock) {
        // SAFETY: as above.
        unsafe { nest_lock(endpoint as i32, wait_id, thread.code()) };
    }
}

/// It was released.
#[inline]
pub fn mutex_released(kind: Mutex, wait_id: usize) {
    if watched() {
        mutex_released_slow(kind, wait_id);
    }
}

#[cold]
fn mutex_released_slow(kind: Mutex, wait_id: usize) {
    mutex(
        Event::MutexReleased,
        thread::current(),
        kind,
        wait_id as u64,
    );
}

/// A nestable lock was unset once more and is still held.
#[inline]
pub fn nest_lock_unset(wait_id: usize) {
    if watched() {
        nest_lock_unset_slow(wait_id);
    }
}

#[cold]
fn nest_lock_unset_slow(wait_id: usize) {
    nest_lock(thread::current(), Endpoint::End, wait_id as u64);
}

/// A lock was initialised.
#[inline]
pub fn lock_init(kind: Mutex, wait_id: usize, hint: u32) {
    if watched() {
        lock_init_slow(kind, wait_id, hint);
    }
}

#[cold]
fn lock_init_slow(kind: Mutex, wait_id: usize, hint: u32) {
    if let Some(init) = find::<callback::MutexAcquire>(Event::LockInit) {
        let code = thread::current().code();
        // SAFETY: as above.
        unsafe { init(kind as i32, hint, MUTEX_IMPL, wait_id as u64, code) };
    }
}

/// A lock is to be destroyed.
#[inline]
pub fn lock_destroy(kind: Mutex, wait_id: usize) {
    if watched() {
        lock_destroy_slow(kind, wait_id);
    }
}

#[cold]
fn lock_destroy_slow(kind: Mutex, wait_id: usize) {
    mutex(Event::LockDestroy, thread::current(), kind, wait_id as u64);
}

/// The address that stands for the ordered blocks of a team's loop.
#[inline]
pub fn ordered_id(member: &Member) -> usize {
    std::ptr::from_ref(member.team()).addr()
}
