//! Storage of `allocate` clauses and Fortran's allocatable variables, and the `error` directive.

use std::collections::HashSet;
use std::ffi::{CStr, c_char, c_void};

use super::super::omp_alloc::{omp_aligned_alloc, omp_free};
use crate::message::{fatal, warn};
use crate::process::ForkSafe;

/// # Safety
/// The program has no way to hear of failure, so it ends then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_alloc(
    alignment: usize,
    size: usize,
    allocator: usize,
) -> *mut c_void {
    let memory = omp_aligned_alloc(alignment.max(1), size, allocator);
    if memory.is_null() && size > 0 {
        fatal(format_args!(
            "the {size} bytes of an allocate clause could not be allocated"
        ));
    }
    memory
}

/// # Safety
/// `pointer` is null or came from [`GOMP_alloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_free(pointer: *mut c_void, allocator: usize) {
    // SAFETY: the caller's promise.
    unsafe { omp_free(pointer, allocator) };
}

/// Addresses of Fortran's variables whose storage came from an allocator of OpenMP.
pub static ALLOCATED: ForkSafe<Option<HashSet<usize>>> = ForkSafe::new(None);

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_add_alloc(pointer: *mut c_void) {
    ALLOCATED
        .lock()
        .get_or_insert_default()
        .insert(pointer as usize);
}

/// Did the storage come from an allocator? It is about to be freed, so it is forgotten.
#[unsafe(no_mangle)]
pub extern "C" fn GOMP_is_alloc(pointer: *mut c_void) -> bool {
    let mut allocated = ALLOCATED.lock();
    allocated
        .as_mut()
        .is_some_and(|known| known.remove(&(pointer as usize)))
}

/// The message of an `error` directive: C strings come with a length of all ones, Fortran's with theirs.
///
/// # Safety
/// `text` is null or such a message.
unsafe fn message(text: *const c_char, length: usize) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe {
        if length == usize::MAX {
            CStr::from_ptr(text).to_bytes()
        } else {
            std::slice::from_raw_parts(text.cast(), length)
        }
    };
    String::from_utf8_lossy(bytes).into_owned()
}

/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_warning(text: *const c_char, length: usize) {
    // SAFETY: the caller's promise.
    warn(format_args!("omply: warning: {}", unsafe {
        message(text, length)
    }));
}

/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_error(text: *const c_char, length: usize) {
    // SAFETY: the caller's promise.
    fatal(unsafe { message(text, length) });
}
