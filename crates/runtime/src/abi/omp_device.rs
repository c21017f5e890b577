//! `omp_*` routines about devices: the host, and those that a library has made known (see `devices`).
//!
//! The host answers to the number that follows those of the devices, to `omp_initial_device`, and to `omp_default_device` where that
//! is the host. Numbers that belong to nobody, `omp_invalid_device` among them, get the answer that stands for failure (0, NULL, a
//! nonzero status); setting something of such a device has no effect.

use std::ffi::{CStr, c_char};

use super::omp;
use crate::config::devices::INVALID_DEVICE;
use crate::devices::{self, Devices};
use crate::thread;

/// `omp_default_device`, of OpenMP 6.1.
const DEFAULT_DEVICE: i32 = -5;

/// Whom the number stands for: `Some(None)` is the host; `None`: nobody.
pub(crate) fn located(device: i32) -> Option<Option<i32>> {
    match device {
        DEFAULT_DEVICE => devices::locate(omp_get_default_device()),
        _ => devices::locate(device),
    }
}

/// Does the number stand for the host?
pub fn is_host(device: i32) -> bool {
    located(device) == Some(None)
}

/// What a number's owner answers: the host, a device, or nobody.
fn answer<T>(
    device: i32,
    host: impl FnOnce() -> T,
    other: impl FnOnce(&dyn Devices, i32) -> T,
    nobody: T,
) -> T {
    match (located(device), devices::known()) {
        (Some(None), _) => host(),
        (Some(Some(number)), Some(known)) => other(known, number),
        _ => nobody,
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
    match thread::current().member().icvs().default_device {
        devices::UNRESOLVED => devices::default_device(),
        device => device,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_devices() -> i32 {
    devices::count()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_num() -> i32 {
    devices::current().unwrap_or_else(devices::count)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_initial_device() -> i32 {
    devices::count()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_is_initial_device() -> i32 {
    devices::current().is_none().into()
}

/// Each of the host's hardware threads makes progress by itself.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_progress_width(device: i32) -> i32 {
    answer(
        device,
        || 1,
        |known, number| known.progress_width(number),
        0,
    )
}

pub const HOST_UID: &CStr = c"host";

/// # Safety
/// `uid` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_device_from_uid(uid: *const c_char) -> i32 {
    if uid.is_null() {
        return INVALID_DEVICE;
    }
    // SAFETY: the caller's promise.
    let wanted = unsafe { CStr::from_ptr(uid) };
    if wanted == HOST_UID {
        return devices::count();
    }
    let is_wanted = |known: &dyn Devices, device: i32| {
        let uid = known.uid(device);
        // SAFETY: uids are null or C strings that live for ever.
        !uid.is_null() && unsafe { CStr::from_ptr(uid) } == wanted
    };
    devices::known()
        .and_then(|known| (0..known.count()).find(|&device| is_wanted(known, device)))
        .unwrap_or(INVALID_DEVICE)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_uid_from_device(device: i32) -> *const c_char {
    answer(
        device,
        || HOST_UID.as_ptr(),
        |known, number| known.uid(number),
        std::ptr::null(),
    )
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_num_teams(device: i32) -> i32 {
    let of_device = |_: &dyn Devices, number| devices::limits(number, |_| {}).num_teams;
    answer(device, || omp::omp_get_max_teams(), of_device, 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_device_num_teams(num_teams: i32, device: i32) {
    let of_device = |_: &dyn Devices, number| {
        devices::limits(number, |limits| limits.num_teams = num_teams.max(0));
    };
    answer(device, || omp::omp_set_num_teams(num_teams), of_device, ());
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_device_teams_thread_limit(device: i32) -> i32 {
    let of_device = |_: &dyn Devices, number| devices::limits(number, |_| {}).thread_limit;
    answer(device, || omp::omp_get_teams_thread_limit(), of_device, 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_device_teams_thread_limit(limit: i32, device: i32) {
    let of_device = |_: &dyn Devices, number| {
        devices::limits(number, |limits| limits.thread_limit = limit.max(0));
    };
    let host = || omp::omp_set_teams_thread_limit(limit);
    answer(device, host, of_device, ());
}
