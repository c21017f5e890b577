//! Barriers, `single`, `masked`, `critical`, reductions, flush, `error`.

use std::ffi::{c_char, c_void};
use std::sync::atomic::{Ordering, fence};

use super::{CriticalName, Ident};
use crate::barrier::barrier;
use crate::league;
use crate::message;
use crate::ompt::{self, Mutex, SyncRegion};
use crate::reduction::{self, Method};
use crate::sync::gather::Outcome;
use crate::thread;
use crate::wait::Committed;
use crate::workshare;

/// The flags of a location, where there is one.
pub(super) fn flags(loc: *const Ident) -> i32 {
    // SAFETY: locations are constants of the program.
    unsafe { loc.as_ref() }.map_or(0, |loc| loc.flags)
}

/// Clang's flag for reductions that it can also do with atomics.
const ATOMIC_REDUCTION: i32 = 0x10;

pub extern "C" fn __kmpc_barrier(loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    ompt::next_barrier(thread, || flags(loc));
    barrier(thread, thread.member());
}

pub extern "C" fn __kmpc_flush(_loc: *const Ident) {
    ompt::flush();
    fence(Ordering::SeqCst);
}

pub extern "C" fn __kmpc_single(_loc: *const Ident, gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    let executes = workshare::single(thread.member());
    ompt::single(thread, executes);
    executes.into()
}

pub extern "C" fn __kmpc_end_single(_loc: *const Ident, gtid: i32) {
    ompt::work_end(thread::from_gtid(gtid));
}

/// # Safety
/// `copy(destination, source)` may be called with any two threads' `data`.
pub unsafe extern "C" fn __kmpc_copyprivate(
    _loc: *const Ident,
    gtid: i32,
    _size: usize,
    data: *mut c_void,
    copy: unsafe extern "C" fn(*mut c_void, *mut c_void),
    executed: i32,
) {
    let thread = thread::from_gtid(gtid);
    let member = thread.member();
    ompt::next_barrier_is(thread, SyncRegion::BarrierImplementation);
    let source = workshare::broadcast(thread, member, (executed != 0).then_some(data));
    if let Some(source) = source.filter(|_| executed == 0) {
        // SAFETY: the caller's promise; the executor waits at the next barrier with its data alive.
        unsafe { copy(data, source) };
    }
    ompt::next_barrier_is(thread, SyncRegion::BarrierWorkshare);
    barrier(thread, member);
}

/// # Safety
/// As [`__kmpc_copyprivate`], for one variable of the executor, whose address all others get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_copyprivate_light(
    _loc: *const Ident,
    gtid: i32,
    data: *mut c_void,
) -> *mut c_void {
    let thread = thread::from_gtid(gtid);
    let mine = (!data.is_null()).then_some(data);
    workshare::broadcast(thread, thread.member(), mine).unwrap_or(data)
}

pub extern "C" fn __kmpc_master(_loc: *const Ident, gtid: i32) -> i32 {
    masked(gtid, 0)
}

pub extern "C" fn __kmpc_end_master(_loc: *const Ident, gtid: i32) {
    ompt::masked(thread::from_gtid(gtid), false);
}

pub extern "C" fn __kmpc_masked(_loc: *const Ident, gtid: i32, filter: i32) -> i32 {
    masked(gtid, filter)
}

pub extern "C" fn __kmpc_end_masked(_loc: *const Ident, gtid: i32) {
    ompt::masked(thread::from_gtid(gtid), false);
}

fn masked(gtid: i32, filter: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    let executes = thread.member().tid.get() as i32 == filter;
    if executes {
        ompt::masked(thread, true);
    }
    executes.into()
}

/// # Safety
/// `name` points to the storage that Clang reserves for it.
pub unsafe extern "C" fn __kmpc_critical(loc: *const Ident, gtid: i32, name: *mut CriticalName) {
    // SAFETY: the caller's promise.
    unsafe { __kmpc_critical_with_hint(loc, gtid, name, 0) };
}

/// # Safety
/// As [`__kmpc_critical`].
pub unsafe extern "C" fn __kmpc_critical_with_hint(
    _loc: *const Ident,
    gtid: i32,
    name: *mut CriticalName,
    hint: u32,
) {
    // SAFETY: the caller's promise.
    let lock = unsafe { workshare::lock_of(name) };
    ompt::around_mutex(Mutex::Critical, name.addr(), hint, || {
        // Clang's code enters the section whatever happens, so this wait must not be given up.
        if !lock.try_lock() {
            lock.lock(&Committed::new(thread::from_gtid(gtid)));
        }
    });
    thread::from_gtid(gtid).task.enter_exclusive();
}

/// # Safety
/// As [`__kmpc_critical`]; the caller is in the section.
pub unsafe extern "C" fn __kmpc_end_critical(
    _loc: *const Ident,
    gtid: i32,
    name: *mut CriticalName,
) {
    thread::from_gtid(gtid).task.leave_exclusive();
    // SAFETY: the caller's promise.
    unsafe { workshare::lock_of(name) }.unlock();
    ompt::mutex_released(Mutex::Critical, name.addr());
}

/// Nobody else takes part in the thread's reductions: neither threads of its team nor, in a `teams` region, other teams.
fn is_alone(gtid: i32) -> bool {
    let thread = thread::from_gtid(gtid);
    thread.member().team_size.get() == 1 && !league::shares_with_teams(thread)
}

/// Combines the second thread's values into the first's.
type Combine = unsafe extern "C" fn(*mut c_void, *mut c_void);

/// # Safety
/// The location, where there is one, is Clang's.
unsafe fn method(loc: *const Ident, gtid: i32) -> Method {
    // SAFETY: the caller's promise.
    let atomic = unsafe { loc.as_ref() }.is_some_and(|loc| loc.flags & ATOMIC_REDUCTION != 0);
    reduction::method(thread::from_gtid(gtid).member(), atomic)
}

/// How this thread contributes: 1, by plain code (alone, or under the lock), 2, by atomics, or 0: it has contributed.
///
/// # Safety
/// As Clang calls it.
unsafe fn reduce(
    loc: *const Ident,
    gtid: i32,
    values: *mut c_void,
    combine: Option<Combine>,
    lock: *mut CriticalName,
) -> i32 {
    if is_alone(gtid) {
        return 1;
    }
    // SAFETY: the caller's promise.
    match (unsafe { method(loc, gtid) }, combine) {
        (Method::Atomic, _) => return 2,
        (Method::Tree, Some(combine)) => {
            let thread = thread::from_gtid(gtid);
            // SAFETY: the caller's promise.
            if unsafe { reduction::tree(thread, thread.member(), values, combine) } != Outcome::All
            {
                return 0;
            }
            // Other teams of a league may be at the variable, too.
        }
        _ => {}
    }
    // SAFETY: the lock is storage that Clang reserves.
    unsafe { __kmpc_critical(loc, gtid, lock) };
    1
}

/// # Safety
/// As Clang calls it.
unsafe fn end_reduce(loc: *const Ident, gtid: i32, lock: *mut CriticalName) {
    // SAFETY: the caller's promise.
    if !is_alone(gtid) && unsafe { method(loc, gtid) } != Method::Atomic {
        // SAFETY: `reduce` has taken the lock.
        unsafe { __kmpc_end_critical(loc, gtid, lock) };
    }
}

/// # Safety
/// As Clang calls it.
pub unsafe extern "C" fn __kmpc_reduce_nowait(
    loc: *const Ident,
    gtid: i32,
    _variables: i32,
    _size: usize,
    values: *mut c_void,
    combine: Option<Combine>,
    lock: *mut CriticalName,
) -> i32 {
    // SAFETY: the caller's promise.
    let way = unsafe { reduce(loc, gtid, values, combine, lock) };
    // Clang's code does not say when a reduction by atomics ends.
    if way == 1 {
        ompt::reduction(thread::from_gtid(gtid), true);
    }
    way
}

/// # Safety
/// As Clang calls it.
pub unsafe extern "C" fn __kmpc_end_reduce_nowait(
    loc: *const Ident,
    gtid: i32,
    lock: *mut CriticalName,
) {
    // SAFETY: the caller's promise.
    unsafe { end_reduce(loc, gtid, lock) };
    ompt::reduction(thread::from_gtid(gtid), false);
}

/// # Safety
/// As Clang calls it.
pub unsafe extern "C" fn __kmpc_reduce(
    loc: *const Ident,
    gtid: i32,
    _variables: i32,
    _size: usize,
    values: *mut c_void,
    combine: Option<Combine>,
    lock: *mut CriticalName,
) -> i32 {
    // SAFETY: the caller's promise.
    let way = unsafe { reduce(loc, gtid, values, combine, lock) };
    ompt::reduction(thread::from_gtid(gtid), true);
    if way == 0 {
        ompt::reduction(thread::from_gtid(gtid), false);
        // Clang's code calls the end, where the others wait, only in the other cases.
        __kmpc_barrier(loc, gtid);
    }
    way
}

/// # Safety
/// As Clang calls it.
pub unsafe extern "C" fn __kmpc_end_reduce(loc: *const Ident, gtid: i32, lock: *mut CriticalName) {
    // SAFETY: the caller's promise.
    unsafe { end_reduce(loc, gtid, lock) };
    ompt::reduction(thread::from_gtid(gtid), false);
    __kmpc_barrier(loc, gtid);
}

/// The `error` directive at execution time. Severity 2 is fatal.
///
/// # Safety
/// `message` is null or a C string.
pub unsafe extern "C" fn __kmpc_error(loc: *const Ident, severity: i32, message: *const c_char) {
    // SAFETY: the caller's promise.
    let place = unsafe { Ident::text(loc) };
    let text = if message.is_null() {
        c""
    } else {
        // SAFETY: the caller's promise.
        unsafe { std::ffi::CStr::from_ptr(message) }
    };
    ompt::error(severity, text);
    let text = text.to_string_lossy();
    if severity == 2 {
        message::fatal(format_args!("{place}{text}"));
    }
    message::warn(format_args!("omply: warning: {place}{text}"));
}
