//! Barriers, `single`, `masked`, `critical`, reductions, flush, `error`.

use std::ffi::{c_char, c_void};
use std::sync::atomic::{Ordering, fence};

use super::{CriticalName, Ident};
use crate::barrier::barrier;
use crate::league;
use crate::message;
use crate::reduction::{self, Method};
use crate::sync::gather::Outcome;
use crate::thread;
use crate::wait::Committed;
use crate::workshare;

/// Clang's flag for reductions that it can also do with atomics.
const ATOMIC_REDUCTION: i32 = 0x10;

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_barrier(_loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    barrier(thread, thread.member());
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_flush(_loc: *const Ident) {
    fence(Ordering::SeqCst);
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_single(_loc: *const Ident, gtid: i32) -> i32 {
    workshare::single(thread::from_gtid(gtid).member()).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_single(_loc: *const Ident, _gtid: i32) {}

/// # Safety
/// `copy(destination, source)` may be called with any two threads' `data`.
#[unsafe(no_mangle)]
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
    let source = workshare::broadcast(thread, member, (executed != 0).then_some(data));
    if let Some(source) = source.filter(|_| executed == 0) {
        // SAFETY: the caller's promise; the executor waits at the next barrier with its data alive.
        unsafe { copy(data, source) };
    }
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

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_master(_loc: *const Ident, gtid: i32) -> i32 {
    (thread::from_gtid(gtid).member().tid.get() == 0).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_master(_loc: *const Ident, _gtid: i32) {}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_masked(_loc: *const Ident, gtid: i32, filter: i32) -> i32 {
    (thread::from_gtid(gtid).member().tid.get() as i32 == filter).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end_masked(_loc: *const Ident, _gtid: i32) {}

/// # Safety
/// `name` points to the storage that Clang reserves for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_critical(_loc: *const Ident, gtid: i32, name: *mut CriticalName) {
    // Clang's code enters the section whatever happens, so this wait must not be given up.
    // SAFETY: the caller's promise.
    let lock = unsafe { workshare::lock_of(name) };
    if !lock.try_lock() {
        lock.lock(&Committed::new(thread::from_gtid(gtid)));
    }
}

/// # Safety
/// As [`__kmpc_critical`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_critical_with_hint(
    loc: *const Ident,
    gtid: i32,
    name: *mut CriticalName,
    _hint: u32,
) {
    // SAFETY: the caller's promise.
    unsafe { __kmpc_critical(loc, gtid, name) };
}

/// # Safety
/// As [`__kmpc_critical`]; the caller is in the section.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_end_critical(
    _loc: *const Ident,
    _gtid: i32,
    name: *mut CriticalName,
) {
    // SAFETY: the caller's promise.
    unsafe { workshare::lock_of(name) }.unlock();
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
#[unsafe(no_mangle)]
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
    unsafe { reduce(loc, gtid, values, combine, lock) }
}

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_end_reduce_nowait(
    loc: *const Ident,
    gtid: i32,
    lock: *mut CriticalName,
) {
    // SAFETY: the caller's promise.
    unsafe { end_reduce(loc, gtid, lock) };
}

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
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
    if way == 0 {
        // Clang's code calls the end, where the others wait, only in the other cases.
        __kmpc_barrier(loc, gtid);
    }
    way
}

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_end_reduce(loc: *const Ident, gtid: i32, lock: *mut CriticalName) {
    // SAFETY: the caller's promise.
    unsafe { end_reduce(loc, gtid, lock) };
    __kmpc_barrier(loc, gtid);
}

/// The `error` directive at execution time. Severity 2 is fatal.
///
/// # Safety
/// `message` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_error(loc: *const Ident, severity: i32, message: *const c_char) {
    // SAFETY: the caller's promise.
    let place = unsafe { Ident::text(loc) };
    let text = if message.is_null() {
        "".into()
    } else {
        // SAFETY: the caller's promise.
        unsafe { std::ffi::CStr::from_ptr(message) }.to_string_lossy()
    };
    if severity == 2 {
        message::fatal(format_args!("{place}{text}"));
    }
    message::warn(format_args!("omply: warning: {place}{text}"));
}
