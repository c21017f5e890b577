//! `threadprivate` variables without native thread-local storage.

use std::ffi::c_void;
use std::sync::atomic::AtomicPtr;

use super::Ident;
use crate::threadprivate::{self, Makers};

/// The thread's copy of a variable. Clang's `cache`, where not null, speeds up the search.
///
/// # Safety
/// `data` points to `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_threadprivate_cached(
    _loc: *const Ident,
    gtid: i32,
    data: *mut c_void,
    size: usize,
    cache: *mut AtomicPtr<c_void>,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { threadprivate::copy_of(gtid, data.cast(), size, cache.as_ref()).cast() }
}

/// # Safety
/// `data` points to `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_threadprivate(
    _loc: *const Ident,
    gtid: i32,
    data: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { threadprivate::copy_of(gtid, data.cast(), size, None).cast() }
}

/// How the copies of a C++ variable are made and destroyed.
///
/// # Safety
/// The functions fit the variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_threadprivate_register(
    _loc: *const Ident,
    data: *mut c_void,
    construct: Option<unsafe extern "C" fn(*mut c_void) -> *mut c_void>,
    copy: Option<unsafe extern "C" fn(*mut c_void, *mut c_void) -> *mut c_void>,
    destroy: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    threadprivate::register(
        data as usize,
        Makers::One {
            construct,
            copy,
            destroy,
        },
    );
}

/// The same for an array of `length` objects.
///
/// # Safety
/// The functions fit the variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_threadprivate_register_vec(
    _loc: *const Ident,
    data: *mut c_void,
    construct: Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>,
    copy: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> *mut c_void>,
    destroy: Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>,
    length: usize,
) {
    threadprivate::register(
        data as usize,
        Makers::Array {
            construct,
            copy,
            destroy,
            length,
        },
    );
}
