//! `omp_*` routines about devices: the host is the only one.
//!
//! The host answers to the numbers 0 (there are no others), `omp_initial_device`, and `omp_default_device` where that is the
//! host. Any other number, `omp_invalid_device` among them, gets the answer that stands for failure (0, NULL, a nonzero status);
//! setting something of such a device has no effect.

use std::ffi::{CStr, c_char};

use super::omp;
use crate::config::devices::{INITIAL_DEVICE, INVALID_DEVICE};
use crate::thread;

/// Number of the host, and of devices beside it.
const HOST: i32 = 0;
/// `omp_default_device`, of OpenMP 6.1.
const DEFAULT_DEVICE: i32 = -5;

/// Does the number stand for the host?
pub fn is_host(device: i32) -> bool {
    match device {
        DEFAULT_DEVICE => matches!(omp_get_default_device(), HOST | INITIAL_DEVICE),
        _ => matches!(device, HOST | INITIAL_DEVICE),
    }
}

/// Numbers below `omp_invalid_device` mean nothing and leave the value as it is.
#[unsafe(no_mangle)]
pub extern "C" fn omp_set_default_device(device: i32) {
    if device >= INVALID_DEVICE {
        thread::current()
            .member()
            .set_icvs(|icvs| icvs.default_device = device);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_default_device() -> i32 {
    thread::current().member().icvs().default_device
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_devices() -> i32 {
    HOST
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

/// Each of the host's hardware threads makes progress by itself.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_progress_width(device: i32) -> i32 {
    is_host(device).into()
}

pub const HOST_UID: &CStr = c"host";

/// # Safety
/// `uid` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_device_from_uid(uid: *const c_char) -> i32 {
    // SAFETY: the caller's promise.
    if !uid.is_null() && unsafe { CStr::from_ptr(uid) } == HOST_UID {
        HOST
    } else {
        INVALID_DEVICE
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
pub extern "C" fn omp_get_device_num_teams(device: i32) -> i32 {
    if is_host(device) {
        omp::omp_get_max_teams()
    } else {
        0
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_device_num_teams(num_teams: i32, device: i32) {
    if is_host(device) {
        omp::omp_set_num_teams(num_teams);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_teams_thread_limit(device: i32) -> i32 {
    if is_host(device) {
        omp::omp_get_teams_thread_limit()
    } else {
        0
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_device_teams_thread_limit(limit: i32, device: i32) {
    if is_host(device) {
        omp::omp_set_teams_thread_limit(limit);
    }
}
