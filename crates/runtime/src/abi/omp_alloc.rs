//! `omp_*` routines about memory: allocators, allocation, memory spaces, memory partitioners, and the groupprivate memory
//! that the host has none of. Handles are pointer-sized numbers, as in the C headers.

use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use crate::abi::omp_device::is_host;
use crate::alloc::partition::{self, ComputeProc, Lifetime, Partitioner, ReleaseProc};
use crate::alloc::space::{self, NULL_SPACE, Space};
use crate::alloc::{self, Failure, NULL_ALLOCATOR, TraitPair};
use crate::message;

/// What C code gets: a pointer, or null; the program ends where the allocator's fallback says so.
pub(super) fn for_c(
    routine: &str,
    size: usize,
    block: Result<NonNull<u8>, Failure>,
) -> *mut c_void {
    match block {
        Ok(block) => block.as_ptr().cast(),
        Err(Failure::Null) => null_mut(),
        Err(Failure::Abort) => message::fatal(format_args!(
            "{routine}: there are no {size} bytes, and the allocator's fallback is abort_fb"
        )),
        Err(Failure::Unknown(handle)) => {
            message::warn(format_args!(
                "omply: {routine}: {handle:#x} is not an allocator: pass a predefined one or what omp_init_allocator returned"
            ));
            null_mut()
        }
    }
}

/// Bytes of `count` elements; too many for a number: more than there can be.
fn bytes(count: usize, size: usize) -> usize {
    count.saturating_mul(size)
}

/// # Safety
/// `traits` holds `ntraits` traits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_allocator(
    memspace: usize,
    ntraits: i32,
    traits: *const TraitPair,
) -> usize {
    let count = usize::try_from(ntraits).unwrap_or(0);
    if count == 0 {
        return alloc::init_allocator(memspace, &[]);
    }
    if traits.is_null() {
        return NULL_ALLOCATOR;
    }
    // SAFETY: the caller's promise.
    alloc::init_allocator(memspace, unsafe {
        std::slice::from_raw_parts(traits, count)
    })
}

/// Predefined allocators stay.
#[unsafe(no_mangle)]
pub extern "C" fn omp_destroy_allocator(allocator: usize) {
    alloc::destroy_allocator(allocator);
}

/// What is not an allocator leaves the default as it is.
#[unsafe(no_mangle)]
pub extern "C" fn omp_set_default_allocator(allocator: usize) {
    alloc::set_default_allocator(allocator);
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_default_allocator() -> usize {
    alloc::default_allocator()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_alloc(size: usize, allocator: usize) -> *mut c_void {
    for_c(
        "omp_alloc",
        size,
        alloc::allocate(size, 1, false, allocator),
    )
}

/// An alignment that is no power of two gives null.
#[unsafe(no_mangle)]
pub extern "C" fn omp_aligned_alloc(
    alignment: usize,
    size: usize,
    allocator: usize,
) -> *mut c_void {
    for_c(
        "omp_aligned_alloc",
        size,
        alloc::allocate(size, alignment, false, allocator),
    )
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_calloc(count: usize, size: usize, allocator: usize) -> *mut c_void {
    let size = bytes(count, size);
    for_c(
        "omp_calloc",
        size,
        alloc::allocate(size, 1, true, allocator),
    )
}

/// An alignment that is no power of two gives null.
#[unsafe(no_mangle)]
pub extern "C" fn omp_aligned_calloc(
    alignment: usize,
    count: usize,
    size: usize,
    allocator: usize,
) -> *mut c_void {
    let size = bytes(count, size);
    for_c(
        "omp_aligned_calloc",
        size,
        alloc::allocate(size, alignment, true, allocator),
    )
}

/// The block knows its allocator, so `free_allocator` is not needed.
///
/// # Safety
/// `pointer` is null or came from these routines and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_realloc(
    pointer: *mut c_void,
    size: usize,
    allocator: usize,
    free_allocator: usize,
) -> *mut c_void {
    let Some(block) = NonNull::new(pointer.cast()) else {
        return omp_alloc(size, allocator);
    };
    if size == 0 {
        // SAFETY: the caller's promise.
        unsafe { omp_free(pointer, free_allocator) };
        return null_mut();
    }
    // SAFETY: the caller's promise.
    for_c("omp_realloc", size, unsafe {
        alloc::reallocate(block, size, allocator)
    })
}

/// The block knows its allocator, so the argument is not needed.
///
/// # Safety
/// `pointer` is null or came from these routines and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_free(pointer: *mut c_void, _allocator: usize) {
    if let Some(block) = NonNull::new(pointer.cast()) {
        // SAFETY: the caller's promise.
        if !unsafe { alloc::free(block) } {
            message::warn(format_args!(
                "omply: omp_free: {pointer:p} is left alone: it was freed before, or did not come from omp_alloc and its kin"
            ));
        }
    }
}

/// The space, where all devices are the host, which reaches all of it.
fn host_space(devices_are_host: bool, memspace: usize) -> usize {
    if devices_are_host && space::predefined(memspace).is_some() {
        memspace
    } else {
        NULL_SPACE
    }
}

fn host_allocator(devices_are_host: bool, memspace: usize) -> usize {
    match devices_are_host {
        true => alloc::predefined_for(memspace).unwrap_or(NULL_ALLOCATOR),
        false => NULL_ALLOCATOR,
    }
}

/// Are all devices of the list the host?
///
/// # Safety
/// The list holds `count` numbers.
unsafe fn all_host(count: i32, devices: *const i32) -> bool {
    let Ok(count) = usize::try_from(count) else {
        return false;
    };
    if count == 0 || devices.is_null() {
        return false;
    }
    // SAFETY: the caller's promise.
    let devices = unsafe { std::slice::from_raw_parts(devices, count) };
    devices.iter().all(|&device| is_host(device))
}

macro_rules! of_devices {
    ($($one:ident, $with_host:ident, $list:ident, $list_with_host:ident, $all:ident = $answer:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $one(device: i32, memspace: usize) -> usize {
            $answer(is_host(device), memspace)
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn $with_host(device: i32, memspace: usize) -> usize {
            $answer(is_host(device), memspace)
        }

        /// # Safety
        /// The list holds `count` numbers.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $list(count: i32, devices: *const i32, memspace: usize) -> usize {
            // SAFETY: the caller's promise.
            $answer(unsafe { all_host(count, devices) }, memspace)
        }

        /// # Safety
        /// The list holds `count` numbers.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $list_with_host(count: i32, devices: *const i32, memspace: usize) -> usize {
            // SAFETY: the caller's promise.
            $answer(count == 0 || unsafe { all_host(count, devices) }, memspace)
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn $all(memspace: usize) -> usize {
            $answer(true, memspace)
        }
    )*};
}

of_devices! {
    omp_get_device_memspace, omp_get_device_and_host_memspace, omp_get_devices_memspace,
        omp_get_devices_and_host_memspace, omp_get_devices_all_memspace = host_space;
    omp_get_device_allocator, omp_get_device_and_host_allocator, omp_get_devices_allocator,
        omp_get_devices_and_host_allocator, omp_get_devices_all_allocator = host_allocator;
}

/// 0: not a memory space.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_memspace_num_resources(memspace: usize) -> i32 {
    Space::find(memspace).map_or(0, |space| space.nodes().len() as i32)
}

/// 0: not a memory space.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_memspace_pagesize(memspace: usize) -> usize {
    Space::find(memspace).map_or(0, |_| space::page_size())
}

/// # Safety
/// `resources` holds `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_submemspace(
    memspace: usize,
    count: i32,
    resources: *const i32,
) -> usize {
    let count = usize::try_from(count).unwrap_or(0);
    if count == 0 || resources.is_null() {
        return NULL_SPACE;
    }
    // SAFETY: the caller's promise.
    let resources = unsafe { std::slice::from_raw_parts(resources, count) };
    Space::find(memspace)
        .and_then(|space| space.subspace(resources))
        .map_or(NULL_SPACE, |space| space.handle)
}

/// Without a `compute_proc`, or with an unknown lifetime, the partitioner stays uninitialised (0).
///
/// # Safety
/// `partitioner` can be written; the procedures live as long as it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_mempartitioner(
    partitioner: *mut usize,
    lifetime: i32,
    compute_proc: Option<ComputeProc>,
    release_proc: Option<ReleaseProc>,
) {
    let made = Lifetime::from_raw(lifetime)
        .zip(compute_proc)
        .and_then(|(lifetime, compute)| {
            partition::PARTITIONERS.insert(Partitioner {
                lifetime,
                compute,
                release: release_proc,
            })
        });
    // SAFETY: the caller's promise.
    unsafe { *partitioner = made.unwrap_or(0) };
}

/// # Safety
/// `partitioner` was initialised, and no allocator uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_destroy_mempartitioner(partitioner: *const usize) {
    // SAFETY: the caller's promise.
    partition::PARTITIONERS.remove(unsafe { *partitioner });
}

/// Outside a `compute_proc` the partition stays uninitialised (0).
///
/// # Safety
/// `partition` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_mempartition(
    partition: *mut usize,
    parts: usize,
    user_data: *const c_void,
) {
    // SAFETY: the caller's promise.
    unsafe { *partition = partition::init_partition(parts, user_data).unwrap_or(0) };
}

/// # Safety
/// `partition` was initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_destroy_mempartition(partition: *const usize) {
    // SAFETY: the caller's promise.
    partition::destroy_partition(unsafe { *partition });
}

/// -1: there is no such part or resource, or the size is 0 or not that of whole pages.
///
/// # Safety
/// `partition` was initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_mempartition_set_part(
    partition: *mut usize,
    part: usize,
    resource: i32,
    size: usize,
) -> i32 {
    // SAFETY: the caller's promise.
    if partition::set_part(unsafe { *partition }, part, resource, size) {
        0
    } else {
        -1
    }
}

/// # Safety
/// `partition` was initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_mempartition_get_user_data(partition: *const usize) -> *mut c_void {
    // SAFETY: the caller's promise.
    partition::user_data(unsafe { *partition }).cast_mut()
}

/// The host has no groupprivate memory, and no other memory stands in for it.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_dyn_gprivate_ptr(_offset: usize, _access_group: i32) -> *mut c_void {
    null_mut()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_dyn_gprivate_nofb_ptr(_offset: usize, _access_group: i32) -> *mut c_void {
    null_mut()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_dyn_gprivate_size(_access_group: i32) -> usize {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_dyn_gprivate_memspace(_access_group: i32) -> usize {
    NULL_SPACE
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_gprivate_limit(_device: i32, _access_group: i32) -> usize {
    0
}
