//! `omp_*` lock routines. C programs own the storage: GCC's header gives a simple lock four bytes, Clang's eight, so only the lock
//! word fits; a nestable lock has room for a pointer, which GCC before 4.4 aligned to four bytes only.

use std::ffi::c_void;
use std::ptr::null_mut;

use crate::locks::NestLock;
use crate::message::fatal;
use crate::ompt::{self, Mutex, Taken};
use crate::sync::lock::Lock;
use crate::thread;
use crate::wait::Committed;

/// The lock in a program's storage.
///
/// # Safety
/// `lock` points to an initialised lock variable.
unsafe fn simple<'a>(lock: *mut c_void) -> &'a Lock {
    const { assert!(size_of::<Lock>() == 4) };
    // SAFETY: the caller's promise.
    unsafe { &*lock.cast::<Lock>() }
}

/// # Safety
/// As [`simple`], for a nestable lock: the storage holds a pointer.
unsafe fn nested<'a>(lock: *mut c_void) -> &'a NestLock {
    // SAFETY: the caller's promise.
    match unsafe { lock.cast::<*const NestLock>().read_unaligned().as_ref() } {
        Some(lock) => lock,
        None => fatal(
            "a nestable lock is used before omp_init_nest_lock or after omp_destroy_nest_lock",
        ),
    }
}

/// # Safety
/// `lock` points to storage for a lock.
pub unsafe extern "C" fn omp_init_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { omp_init_lock_with_hint(lock, 0) };
}

/// # Safety
/// As [`omp_init_lock`].
pub unsafe extern "C" fn omp_init_lock_with_hint(lock: *mut c_void, hint: u32) {
    // SAFETY: the caller's promise.
    unsafe { lock.cast::<Lock>().write(Lock::new()) };
    ompt::lock_init(Mutex::Lock, lock.addr(), hint);
}

/// # Safety
/// The lock is initialised.
pub unsafe extern "C" fn omp_destroy_lock(lock: *mut c_void) {
    ompt::lock_destroy(Mutex::Lock, lock.addr());
    // SAFETY: the caller's promise.
    unsafe { simple(lock) }.retire();
}

/// What waiting for a lock that was destroyed would do for ever.
#[cold]
fn refuse_retired(lock: &Lock, routine: &str) {
    if lock.is_retired() {
        fatal(format_args!(
            "{routine}: the lock was destroyed; omp_init_lock makes it usable again"
        ));
    }
}

/// # Safety
/// The lock is initialised.
pub unsafe extern "C" fn omp_set_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    let simple = unsafe { simple(lock) };
    ompt::around_mutex(Mutex::Lock, lock.addr(), 0, || {
        // A C program cannot be told that a wait was given up.
        if !simple.try_lock() {
            refuse_retired(simple, "omp_set_lock");
            simple.lock(&Committed::new(thread::current()));
        }
    });
}

/// # Safety
/// The caller's task holds the lock.
pub unsafe extern "C" fn omp_unset_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { simple(lock) }.unlock();
    ompt::mutex_released(Mutex::Lock, lock.addr());
}

/// # Safety
/// The lock is initialised.
pub unsafe extern "C" fn omp_test_lock(lock: *mut c_void) -> i32 {
    // SAFETY: the caller's promise.
    let simple = unsafe { simple(lock) };
    let test = || {
        let taken = simple.try_lock();
        if !taken {
            refuse_retired(simple, "omp_test_lock");
        }
        taken
    };
    if !ompt::watched() {
        return test().into();
    }
    let taken = ompt::observed_mutex(Mutex::TestLock, lock.addr(), 0, || {
        if test() { Taken::First } else { Taken::No }
    });
    (taken != Taken::No).into()
}

/// # Safety
/// `lock` points to storage for a nestable lock.
pub unsafe extern "C" fn omp_init_nest_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { omp_init_nest_lock_with_hint(lock, 0) };
}

/// # Safety
/// As [`omp_init_nest_lock`].
pub unsafe extern "C" fn omp_init_nest_lock_with_hint(lock: *mut c_void, hint: u32) {
    // SAFETY: the caller's promise.
    unsafe {
        lock.cast::<*mut NestLock>()
            .write_unaligned(Box::into_raw(Box::default()))
    };
    ompt::lock_init(Mutex::NestLock, lock.addr(), hint);
}

/// # Safety
/// The lock is initialised and free.
pub unsafe extern "C" fn omp_destroy_nest_lock(lock: *mut c_void) {
    ompt::lock_destroy(Mutex::NestLock, lock.addr());
    // SAFETY: the caller's promise.
    let inner = std::ptr::from_ref(unsafe { nested(lock) }).cast_mut();
    // SAFETY: the storage is the caller's; the pointer came from `omp_init_nest_lock`.
    unsafe {
        lock.cast::<*mut NestLock>().write_unaligned(null_mut());
        drop(Box::from_raw(inner));
    }
}

/// # Safety
/// The lock is initialised.
pub unsafe extern "C" fn omp_set_nest_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    let nested = unsafe { nested(lock) };
    if !ompt::watched() {
        return nested.set_uninterrupted();
    }
    ompt::observed_mutex(Mutex::NestLock, lock.addr(), 0, || {
        nested.set_uninterrupted();
        again(nested.depth())
    });
}

/// # Safety
/// The caller's task holds the lock.
pub unsafe extern "C" fn omp_unset_nest_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    match unsafe { nested(lock) }.unset_unchecked() {
        0 => ompt::mutex_released(Mutex::NestLock, lock.addr()),
        1.. => ompt::nest_lock_unset(lock.addr()),
        _ => {}
    }
}

/// # Safety
/// The lock is initialised.
pub unsafe extern "C" fn omp_test_nest_lock(lock: *mut c_void) -> i32 {
    // SAFETY: the caller's promise.
    let nested = unsafe { nested(lock) };
    if !ompt::watched() {
        return nested.test();
    }
    let mut depth = 0;
    ompt::observed_mutex(Mutex::TestNestLock, lock.addr(), 0, || {
        depth = nested.test();
        again(depth)
    });
    depth
}

/// What it means that a nestable lock is now held so often.
fn again(depth: i32) -> Taken {
    match depth {
        0 => Taken::No,
        1 => Taken::First,
        _ => Taken::Again,
    }
}
