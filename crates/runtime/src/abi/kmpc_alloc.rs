//! Clang's entry points for the `allocate` directive and clauses, and for `uses_allocators`.

use std::ffi::c_void;

use super::omp_alloc::*;
use crate::alloc::TraitPair;

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
