//! `omp_*` routines of OpenMP 6.1 about leagues and teams of several dimensions, and about distances of devices. Leagues and teams have one
//! dimension here: in all others they have the size 1, and everybody has the number 0.

use super::omp;
use super::omp_device::{is_host, located};
use crate::thread::MAX_THREADS;

/// What holds in the first dimension, and in the others.
fn in_dimension(dimension: i32, first: extern "C" fn() -> i32, others: i32) -> i32 {
    if dimension == 0 { first() } else { others }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_teams_dim(dimension: i32) -> i32 {
    in_dimension(dimension, omp::omp_get_num_teams, 1)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_team_num_dim(dimension: i32) -> i32 {
    in_dimension(dimension, omp::omp_get_team_num, 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_threads_dim(dimension: i32) -> i32 {
    in_dimension(dimension, omp::omp_get_num_threads, 1)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_thread_num_dim(dimension: i32) -> i32 {
    in_dimension(dimension, omp::omp_get_thread_num, 0)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_thread_limit_dim(dimension: i32) -> i32 {
    in_dimension(dimension, omp::omp_get_thread_limit, 1)
}

/// 0 for numbers that are no device's.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_supported_active_league_dims(device: i32, _native: bool) -> i32 {
    is_host(device).into()
}

/// 0 for numbers that are no device's.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_supported_active_team_dims(device: i32, _native: bool) -> i32 {
    is_host(device).into()
}

/// How many teams a league may have in a dimension; 0 for numbers that are no device's.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_supported_teams_dim(device: i32, dimension: i32) -> i32 {
    if is_host(device) {
        if dimension == 0 { i32::MAX } else { 1 }
    } else {
        0
    }
}

/// How many threads a team may have in a dimension; 0 for numbers that are no device's.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_supported_threads_dim(device: i32, dimension: i32) -> i32 {
    if is_host(device) {
        if dimension == 0 {
            MAX_THREADS as i32
        } else {
            1
        }
    } else {
        0
    }
}

/// The distance of the calling thread to each device: 0 to the host, 1 to others, -1 for numbers that are no device's.
///
/// # Safety
/// Both arrays hold `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_device_distances(
    count: i32,
    devices: *const i32,
    distances: *mut i32,
) {
    for index in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: the caller's promise.
        unsafe {
            *distances.add(index) = match located(*devices.add(index)) {
                Some(None) => 0,
                Some(Some(_)) => 1,
                None => -1,
            }
        };
    }
}
