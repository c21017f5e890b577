//! The `omp_*` routines about devices, with one that is the host with separate memory.

mod common;

use omply_runtime::routines::*;
use std::ffi::CStr;
use std::ptr::{null, null_mut};

/// Memory on the device, freed in the end.
struct Block(*mut std::ffi::c_void);

impl Block {
    fn new(bytes: usize) -> Self {
        let block = omp_target_alloc(bytes, 0);
        assert!(!block.is_null());
        Self(block)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated for device 0.
        unsafe { omp_target_free(self.0, 0) };
    }
}

#[test]
fn the_host_comes_after_the_devices() {
    common::use_host_separate();
    assert_eq!(omp_get_num_devices(), 1);
    assert_eq!(omp_get_initial_device(), 1);
    assert_eq!((omp_get_device_num(), omp_is_initial_device()), (1, 1));
    // SAFETY: C strings.
    unsafe {
        let uid = CStr::from_ptr(omp_get_uid_from_device(0));
        assert_eq!(uid, c"host-separate-0");
        assert_eq!(omp_get_device_from_uid(uid.as_ptr()), 0);
        assert_eq!(omp_get_device_from_uid(c"host".as_ptr()), 1);
        assert_eq!(omp_get_device_from_uid(c"other".as_ptr()), -2);
    }
    assert!(omp_get_uid_from_device(2).is_null());
}

#[test]
fn memory_is_copied_between_host_and_device() {
    common::use_host_separate();
    let block = Block::new(32);
    let data = [1i64, 2, 3, 4];
    let mut back = [0i64; 4];
    // SAFETY: ranges within the arrays and the block.
    unsafe {
        assert_eq!(
            omp_target_memcpy(block.0, data.as_ptr().cast(), 32, 0, 0, 0, 1),
            0
        );
        assert_eq!(omp_target_memcpy(block.0, block.0, 8, 0, 24, 0, 0), 0);
        assert_eq!(
            omp_target_memcpy(back.as_mut_ptr().cast(), block.0, 16, 16, 0, -1, 0),
            0
        );
        assert_eq!(back, [0, 0, 4, 2]);
        assert_ne!(
            omp_target_memcpy(block.0, data.as_ptr().cast(), 32, 0, 0, 2, 1),
            0
        );
        assert_eq!(omp_target_memset(block.0, 0x101, 16, 0), block.0);
        assert_eq!(
            omp_target_memcpy(back.as_mut_ptr().cast(), block.0, 32, 0, 0, 1, 0),
            0
        );
    }
    assert_eq!(back, [0x0101_0101_0101_0101, 0x0101_0101_0101_0101, 3, 4]);
}

#[test]
fn rectangles_are_copied_with_both_pitches() {
    common::use_host_separate();
    let data: Vec<u8> = (0..60).collect();
    let block = Block::new(24);
    let mut back = vec![0u8; 60];
    let (volume, whole) = ([2usize, 3, 2], [3usize, 4, 5]);
    let (at, zero, small) = ([1usize, 1, 2], [0usize; 3], [2usize, 3, 4]);
    let shift = [0usize, 0, 1];
    // SAFETY: the rectangles lie within the arrays and the block.
    unsafe {
        let done = omp_target_memcpy_rect(
            block.0,
            data.as_ptr().cast(),
            1,
            3,
            volume.as_ptr(),
            shift.as_ptr(),
            at.as_ptr(),
            small.as_ptr(),
            whole.as_ptr(),
            0,
            1,
        );
        assert_eq!(done, 0);
        let done = omp_target_memcpy_rect(
            back.as_mut_ptr().cast(),
            block.0,
            1,
            3,
            volume.as_ptr(),
            zero.as_ptr(),
            shift.as_ptr(),
            whole.as_ptr(),
            small.as_ptr(),
            1,
            0,
        );
        assert_eq!(done, 0);
    }
    let mut expected = vec![0u8; 60];
    for (i, j, k) in (0..12).map(|n| (n / 6, n / 2 % 3, n % 2)) {
        expected[i * 20 + j * 5 + k] = data[(i + 1) * 20 + (j + 1) * 5 + k + 2];
    }
    assert_eq!(back, expected);
}

#[test]
fn asynchronous_copies_are_tasks() {
    common::use_host_separate();
    let block = Block::new(8);
    let (data, mut back) = (7i64, 0i64);
    // SAFETY: ranges within the variables and the block; the tasks are waited for.
    unsafe {
        let source = (&raw const data).cast();
        assert_eq!(
            omp_target_memcpy_async(block.0, source, 8, 0, 0, 0, 1, 0, null()),
            0
        );
        assert!(omply_runtime::taskwait().is_ok());
        let target = (&raw mut back).cast();
        assert_eq!(
            omp_target_memcpy_async(target, block.0, 8, 0, 0, 1, 0, 0, null()),
            0
        );
        assert!(omply_runtime::taskwait().is_ok());
        assert_eq!(back, 7);
        omp_target_memset_async(block.0, 0, 8, 0, 0, null());
        assert!(omply_runtime::taskwait().is_ok());
        assert_eq!(omp_target_memcpy(target, block.0, 8, 0, 0, 1, 0), 0);
    }
    assert_eq!(back, 0);
}

#[test]
fn associations_are_present_until_they_are_removed() {
    common::use_host_separate();
    let data = [0u8; 64];
    let host = data.as_ptr().cast();
    let block = Block::new(128);
    assert_eq!(omp_target_is_present(host, 0), 0);
    assert_eq!(omp_target_associate_ptr(host, block.0, 64, 32, 0), 0);
    assert_eq!(
        omp_target_associate_ptr(host, block.0, 64, 32, 0),
        0,
        "the same again"
    );
    assert_ne!(
        omp_target_associate_ptr(host, block.0, 64, 0, 0),
        0,
        "another address"
    );
    assert_eq!(omp_target_is_present(host, 0), 1);
    let inner = host.wrapping_byte_add(10);
    assert_eq!(omp_get_mapped_ptr(inner, 0), block.0.wrapping_byte_add(42));
    assert_ne!(omp_target_disassociate_ptr(inner, 0), 0);
    assert_eq!(omp_target_disassociate_ptr(host, 0), 0);
    assert_ne!(omp_target_disassociate_ptr(host, 0), 0);
    assert!(omp_get_mapped_ptr(host, 0).is_null());
}

#[test]
fn separate_memory_is_not_accessible() {
    common::use_host_separate();
    let data = [0u8; 64];
    assert_eq!(omp_target_is_accessible(data.as_ptr().cast(), 64, 0), 0);
    assert_eq!(omp_target_is_accessible(data.as_ptr().cast(), 64, 1), 1);
    assert_eq!(omp_target_is_accessible(null_mut(), 64, 1), 0);
}

#[test]
fn a_devices_limits_are_its_own() {
    common::use_host_separate();
    omp_set_device_num_teams(9, 0);
    omp_set_device_teams_thread_limit(5, 0);
    assert_eq!(omp_get_device_num_teams(0), 9);
    assert_eq!(omp_get_device_teams_thread_limit(0), 5);
    assert_eq!((omp_get_max_teams(), omp_get_teams_thread_limit()), (0, 0));
    assert_eq!(omp_get_device_num_teams(2), 0);
}
