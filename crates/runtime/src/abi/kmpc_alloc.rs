//! Entry points for the `allocate` directive and clauses and for `uses_allocators`: Clang's, and Omply's, which report where
//! C's end the program.

use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use super::omp_alloc::*;
use crate::alloc::{self, Failure, TraitPair};

/// # Safety
/// `traits` holds `ntraits` traits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_init_allocator(
    _gtid: i32,
    memspace: usize,
    ntraits: i32,
    traits: *const TraitPair,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { omp_init_allocator(memspace, ntraits, traits) }
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_destroy_allocator(_gtid: i32, allocator: usize) {
    omp_destroy_allocator(allocator);
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_set_default_allocator(_gtid: i32, allocator: usize) {
    omp_set_default_allocator(allocator);
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_get_default_allocator(_gtid: i32) -> usize {
    omp_get_default_allocator()
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_alloc(_gtid: i32, size: usize, allocator: usize) -> *mut c_void {
    omp_alloc(size, allocator)
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_aligned_alloc(
    _gtid: i32,
    alignment: usize,
    size: usize,
    allocator: usize,
) -> *mut c_void {
    omp_aligned_alloc(alignment, size, allocator)
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_calloc(
    _gtid: i32,
    count: usize,
    size: usize,
    allocator: usize,
) -> *mut c_void {
    omp_calloc(count, size, allocator)
}

/// # Safety
/// As [`omp_realloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_realloc(
    _gtid: i32,
    pointer: *mut c_void,
    size: usize,
    allocator: usize,
    free_allocator: usize,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { omp_realloc(pointer, size, allocator, free_allocator) }
}

/// # Safety
/// As [`omp_free`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_free(_gtid: i32, pointer: *mut c_void, allocator: usize) {
    // SAFETY: the caller's promise.
    unsafe { omp_free(pointer, allocator) }
}

/// Allocates for generated code. Returns 0; 1: there is no memory, 2: and the allocator's fallback is `abort_fb`,
/// 3: that is no allocator. `block` is null unless 0 is returned.
///
/// # Safety
/// `block` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_alloc(
    _gtid: i32,
    alignment: usize,
    size: usize,
    allocator: usize,
    block: *mut *mut c_void,
) -> i32 {
    let (pointer, status) = match alloc::allocate(size, alignment, false, allocator) {
        Ok(block) => (block.as_ptr().cast(), 0),
        Err(Failure::Null) => (null_mut(), 1),
        Err(Failure::Abort) => (null_mut(), 2),
        Err(Failure::Unknown(_)) => (null_mut(), 3),
    };
    // SAFETY: the caller's promise.
    unsafe { *block = pointer };
    status
}

/// Frees what [`omply_alloc`] or the routines gave. Null is nothing; nonzero: the block was freed before.
///
/// # Safety
/// As [`omp_free`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_free(_gtid: i32, block: *mut c_void) -> i32 {
    match NonNull::new(block.cast()) {
        // SAFETY: the caller's promise.
        Some(block) => (!unsafe { alloc::free(block) }).into(),
        None => 0,
    }
}
