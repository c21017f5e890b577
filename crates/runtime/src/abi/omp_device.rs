//! `omp_*` routines about devices: the host is the only one.

use std::ffi::{c_char, c_void};

use crate::icv::Icvs;
use crate::thread;

/// Number of the host, and of devices beside it.
const HOST: i32 = 0;
/// `omp_initial_device`.
const INITIAL: i32 = -1;
/// `omp_invalid_device`.
const INVALID: i32 = -2;

pub fn is_host(device: i32) -> bool {
    matches!(device, HOST | INITIAL)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_default_device(device: i32) {
    thread::current()
        .member()
        .set_icvs(|icvs: &mut Icvs| icvs.default_device = device);
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_default_device() -> i32 {
    thread::current().member().icvs().default_device
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_devices() -> i32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_num() -> i32 {
    HOST
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_initial_device() -> i32 {
    HOST
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_is_initial_device() -> i32 {
    1
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_progress_width(_device: i32) -> i32 {
    1
}

pub const HOST_UID: &std::ffi::CStr = c"host";

/// # Safety
/// `uid` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_device_from_uid(uid: *const c_char) -> i32 {
    // SAFETY: the caller's promise.
    if !uid.is_null() && unsafe { std::ffi::CStr::from_ptr(uid) } == HOST_UID {
        HOST
    } else {
        INVALID
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_uid_from_device(device: i32) -> *const c_char {
    if is_host(device) {
        HOST_UID.as_ptr()
    } else {
        std::ptr::null()
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_num_teams(_device: i32) -> i32 {
    super::omp::omp_get_max_teams()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_device_num_teams(num_teams: i32, device: i32) {
    if is_host(device) {
        super::omp::omp_set_num_teams(num_teams);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_teams_thread_limit(_device: i32) -> i32 {
    super::omp::omp_get_teams_thread_limit()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_device_teams_thread_limit(limit: i32, device: i32) {
    if is_host(device) {
        super::omp::omp_set_teams_thread_limit(limit);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_target_alloc(size: usize, device: i32) -> *mut c_void {
    if !is_host(device) {
        return std::ptr::null_mut();
    }
    // SAFETY: any size is allowed.
    unsafe { libc::malloc(size) }
}

/// # Safety
/// `pointer` is null or came from [`omp_target_alloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_target_free(pointer: *mut c_void, device: i32) {
    if is_host(device) {
        // SAFETY: the caller's promise.
        unsafe { libc::free(pointer) };
    }
}

/// Everything is present on the host.
#[unsafe(no_mangle)]
pub extern "C" fn omp_target_is_present(_pointer: *const c_void, device: i32) -> i32 {
    is_host(device).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_target_is_accessible(
    _pointer: *const c_void,
    _size: usize,
    device: i32,
) -> i32 {
    is_host(device).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_mapped_ptr(pointer: *const c_void, device: i32) -> *mut c_void {
    if is_host(device) {
        pointer.cast_mut()
    } else {
        std::ptr::null_mut()
    }
}

/// # Safety
/// Both ranges are valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_target_memcpy(
    destination: *mut c_void,
    source: *const c_void,
    length: usize,
    destination_offset: usize,
    source_offset: usize,
    destination_device: i32,
    source_device: i32,
) -> i32 {
    if !is_host(destination_device) || !is_host(source_device) {
        return libc::EINVAL;
    }
    // SAFETY: the caller's promise; the ranges may overlap.
    unsafe {
        libc::memmove(
            destination.cast::<u8>().add(destination_offset).cast(),
            source.cast::<u8>().add(source_offset).cast(),
            length,
        )
    };
    0
}

/// # Safety
/// The range is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_target_memset(
    pointer: *mut c_void,
    value: i32,
    length: usize,
    device: i32,
) -> *mut c_void {
    if is_host(device) {
        // SAFETY: the caller's promise.
        unsafe { libc::memset(pointer, value, length) };
    }
    pointer
}
