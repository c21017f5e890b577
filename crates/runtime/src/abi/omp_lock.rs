//! `omp_*` lock routines. C programs own the storage: GCC's header gives a simple lock four bytes, Clang's eight, so only the lock
//! word fits; a nestable lock has room for a pointer, which GCC before 4.4 aligned to four bytes only.

use std::ffi::c_void;
use std::ptr::null_mut;

use crate::locks::NestLock;
use crate::message::fatal;
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
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { lock.cast::<Lock>().write(Lock::new()) };
}

/// # Safety
/// As [`omp_init_lock`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_lock_with_hint(lock: *mut c_void, _hint: u32) {
    // SAFETY: the caller's promise.
    unsafe { omp_init_lock(lock) };
}

/// # Safety
/// The lock is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_destroy_lock(lock: *mut c_void) {
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
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_set_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    let lock = unsafe { simple(lock) };
    // A C program cannot be told that a wait was given up.
    if !lock.try_lock() {
        refuse_retired(lock, "omp_set_lock");
        lock.lock(&Committed::new(thread::current()));
    }
}

/// # Safety
/// The caller's task holds the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_unset_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { simple(lock) }.unlock();
}

/// # Safety
/// The lock is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_test_lock(lock: *mut c_void) -> i32 {
    // SAFETY: the caller's promise.
    let lock = unsafe { simple(lock) };
    let taken = lock.try_lock();
    if !taken {
        refuse_retired(lock, "omp_test_lock");
    }
    taken.into()
}

/// # Safety
/// `lock` points to storage for a nestable lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_nest_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe {
        lock.cast::<*mut NestLock>()
            .write_unaligned(Box::into_raw(Box::default()))
    };
}

/// # Safety
/// As [`omp_init_nest_lock`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_nest_lock_with_hint(lock: *mut c_void, _hint: u32) {
    // SAFETY: the caller's promise.
    unsafe { omp_init_nest_lock(lock) };
}

/// # Safety
/// The lock is initialised and free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_destroy_nest_lock(lock: *mut c_void) {
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
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_set_nest_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { nested(lock) }.set_uninterrupted();
}

/// # Safety
/// The caller's task holds the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_unset_nest_lock(lock: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { nested(lock) }.unset_unchecked();
}

/// # Safety
/// The lock is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_test_nest_lock(lock: *mut c_void) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { nested(lock) }.test()
}
