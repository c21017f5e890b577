//! Constructs on the device that is the host with separate memory, through the C ABI.

mod common;

use common::{Section, item, region, region_named, scalar};
use omply_offload::abi::{
    ENTER, EXIT, UPDATE, omply_target_data, omply_target_enter_exit_update, omply_target_region,
};
use omply_offload::{DEFAULT_DEVICE, DEVICE_FAILED, ErrorKind, Launch, MapItem, map, take_error};
use std::ptr::{null, null_mut};

/// Runs a region on device 0 (or another) with these maps.
fn run(
    region: &omply_offload::Region,
    device: i64,
    maps: &mut [MapItem],
    words: &mut [u64],
) -> i32 {
    // SAFETY: the arrays are as long as said.
    unsafe {
        omply_target_region(
            0,
            region,
            device,
            1,
            maps.as_mut_ptr(),
            maps.len() as u32,
            words.as_mut_ptr(),
            words.len() as u32,
            &Launch::default(),
        )
    }
}

fn move_data(kind: i32, maps: &mut [MapItem]) -> i32 {
    // SAFETY: the array is as long as said.
    unsafe {
        omply_target_enter_exit_update(
            0,
            DEFAULT_DEVICE,
            1,
            kind,
            maps.as_mut_ptr(),
            maps.len() as u32,
            null_mut(),
            0,
        )
    }
}

fn target_data(begin: i32, maps: &mut [MapItem], words: &mut [u64]) -> i32 {
    // SAFETY: the arrays are as long as said.
    unsafe {
        omply_target_data(
            0,
            0,
            1,
            begin,
            maps.as_mut_ptr(),
            maps.len() as u32,
            words.as_mut_ptr(),
            words.len() as u32,
        )
    }
}

fn present(data: &[f64]) -> bool {
    let device = omply_offload::registry::device(0).expect("device 0");
    device.mapped(data.as_ptr().addr()).is_some()
}

/// words: array data, n. Doubles each element.
unsafe extern "C-unwind" fn double(_gtid: i32, words: *const u64) -> i32 {
    // SAFETY: what the tests pass.
    unsafe {
        let data = common::pointer::<f64>(*words);
        for index in 0..*words.add(1) as usize {
            *data.add(index) *= 2.0;
        }
    }
    0
}

/// words: address of a scalar. Writes the device's number, and 100 more on a device.
unsafe extern "C-unwind" fn where_am_i(_gtid: i32, words: *const u64) -> i32 {
    use omply_runtime::routines::{omp_get_device_num, omp_is_initial_device};
    let number = omp_get_device_num() + if omp_is_initial_device() == 0 { 100 } else { 0 };
    // SAFETY: what the tests pass.
    unsafe { *common::pointer::<i32>(*words) = number };
    0
}

unsafe extern "C-unwind" fn fails(_gtid: i32, _words: *const u64) -> i32 {
    17
}

#[test]
fn maps_copy_in_and_out() {
    common::use_host_separate();
    let mut data = vec![1.0f64, 2.0, 3.0];
    let mut maps = [item("a", &mut data, map::TO | map::FROM, 0)];
    let mut words = [0, 3];
    assert_eq!(run(&region(double), 0, &mut maps, &mut words), 0);
    assert_ne!(words[0], data.as_ptr().addr() as u64);
    assert_eq!(data, [2.0, 4.0, 6.0]);
    assert!(!present(&data), "nothing stays");
}

#[test]
fn what_is_only_mapped_to_stays_as_it_was() {
    common::use_host_separate();
    let mut data = vec![1.0f64, 2.0];
    let mut maps = [item("a", &mut data, map::TO, 0)];
    assert_eq!(run(&region(double), 0, &mut maps, &mut [0, 2]), 0);
    assert_eq!(data, [1.0, 2.0]);
    let mut maps = [item("a", &mut data, map::FROM, 0)];
    assert_eq!(run(&region(double), 0, &mut maps, &mut [0, 2]), 0);
    assert_ne!(data, [2.0, 4.0], "fresh memory holds something else");
}

#[test]
fn the_region_knows_where_it_runs() {
    common::use_host_separate();
    let mut number = -1i32;
    let mut maps = [scalar("n", &mut number, map::FROM, 0)];
    assert_eq!(run(&region(where_am_i), 0, &mut maps, &mut [0]), 0);
    assert_eq!(number, 100);
    let mut maps = [scalar("n", &mut number, map::FROM, 0)];
    assert_eq!(run(&region(where_am_i), -1, &mut maps, &mut [0]), 0);
    assert_eq!(number, 1, "the host comes after the devices");
}

#[test]
fn the_regions_own_status_comes_back() {
    common::use_host_separate();
    assert_eq!(run(&region(fails), 0, &mut [], &mut []), 17);
    assert_eq!(take_error(), None);
    assert_eq!(run(&region(fails), -1, &mut [], &mut []), 17);
}

#[test]
fn data_stays_for_the_time_of_target_data() {
    common::use_host_separate();
    let mut data = vec![1.0f64, 2.0];
    let mut maps = [item("a", &mut data, map::TO | map::FROM, 0)];
    assert_eq!(target_data(1, &mut maps, &mut [0]), 0);
    data[0] = 50.0;
    let mut inner = [item("a", &mut data, map::TO | map::FROM | map::IMPLICIT, 0)];
    assert_eq!(run(&region(double), 0, &mut inner, &mut [0, 2]), 0);
    assert_eq!(data, [50.0, 2.0], "present: not copied");
    assert_eq!(run(&region(double), 0, &mut inner, &mut [0, 2]), 0);
    assert_eq!(target_data(0, &mut maps, &mut [0]), 0);
    assert_eq!(data, [4.0, 8.0]);
    assert!(!present(&data));
}

#[test]
fn always_copies_what_is_present() {
    common::use_host_separate();
    let mut data = vec![1.0f64];
    assert_eq!(move_data(ENTER, &mut [item("a", &mut data, map::TO, 0)]), 0);
    data[0] = 5.0;
    let both = map::TO | map::FROM | map::ALWAYS;
    let mut maps = [item("a", &mut data, both, 0)];
    assert_eq!(run(&region(double), 0, &mut maps, &mut [0, 1]), 0);
    assert_eq!(data, [10.0]);
    let mut gone = [item("a", &mut data, map::DELETE, 0)];
    assert_eq!(move_data(EXIT, &mut gone), 0);
    assert!(!present(&data));
}

#[test]
fn counts_decide_when_data_comes_back() {
    common::use_host_separate();
    let mut data = vec![1.0f64];
    for _ in 0..2 {
        assert_eq!(move_data(ENTER, &mut [item("a", &mut data, map::TO, 0)]), 0);
    }
    let mut maps = [item("a", &mut data, map::TO | map::FROM, 0)];
    assert_eq!(run(&region(double), 0, &mut maps, &mut [0, 1]), 0);
    let mut leave = [item("a", &mut data, map::FROM, 0)];
    assert_eq!(move_data(EXIT, &mut leave), 0);
    assert_eq!(data, [1.0], "still mapped once");
    assert_eq!(move_data(EXIT, &mut leave), 0);
    assert_eq!(data, [2.0]);
    assert_eq!(move_data(EXIT, &mut leave), 0, "absent: nothing happens");
}

#[test]
fn release_copies_nothing() {
    common::use_host_separate();
    let mut data = vec![1.0f64];
    assert_eq!(move_data(ENTER, &mut [item("a", &mut data, map::TO, 0)]), 0);
    data[0] = 9.0;
    let mut release = [item("a", &mut data, map::RELEASE, 0)];
    assert_eq!(move_data(EXIT, &mut release), 0);
    assert_eq!(data, [9.0]);
    assert!(!present(&data));
}

#[test]
fn a_hold_outlives_delete() {
    common::use_host_separate();
    let mut data = vec![1.0f64];
    let mut held = [item("a", &mut data, map::TO | map::FROM | map::HOLD, 0)];
    assert_eq!(target_data(1, &mut held, &mut [0]), 0);
    assert_eq!(
        move_data(EXIT, &mut [item("a", &mut data, map::DELETE, 0)]),
        0
    );
    assert!(present(&data));
    assert_eq!(target_data(0, &mut held, &mut [0]), 0);
    assert!(!present(&data));
}

#[test]
fn the_same_array_under_two_names_is_mapped_once() {
    common::use_host_separate();
    let mut data = vec![1.0f64, 2.0];
    let mut maps = [
        item("a", &mut data, map::TO, 0),
        item("b", &mut data, map::FROM, 2),
    ];
    let mut words = [0, 2, 0];
    assert_eq!(run(&region(double), 0, &mut maps, &mut words), 0);
    assert_eq!(words[0], words[2]);
    assert_eq!(data, [2.0, 4.0], "copied in for one, out for the other");
    assert!(!present(&data));
}

#[test]
fn overlapping_sections_of_one_construct_share_storage() {
    common::use_host_separate();
    let mut data: Vec<f64> = (0..8).map(f64::from).collect();
    let mut maps = [
        Section::of(&mut data, 4..8).item("b", map::TO | map::FROM, 2),
        Section::of(&mut data, 0..6).item("a", map::TO | map::FROM, 0),
    ];
    let mut words = [0, 6, 0];
    assert_eq!(run(&region(double), 0, &mut maps, &mut words), 0);
    assert_eq!(words[2] - words[0], 32);
    assert_eq!(data, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 6.0, 7.0]);
}

#[test]
fn a_section_of_what_is_present_is_found_inside() {
    common::use_host_separate();
    let mut data: Vec<f64> = (0..8).map(f64::from).collect();
    let mut whole = [item("a", &mut data, map::TO | map::FROM, 0)];
    assert_eq!(target_data(1, &mut whole, &mut [0]), 0);
    let mut part = [Section::of(&mut data, 2..4).item("p", map::TO | map::FROM, 0)];
    assert_eq!(run(&region(double), 0, &mut part, &mut [0, 2]), 0);
    assert_eq!(target_data(0, &mut whole, &mut [0]), 0);
    assert_eq!(data, [0.0, 1.0, 4.0, 6.0, 4.0, 5.0, 6.0, 7.0]);
}

#[test]
fn partial_overlap_is_an_error_that_changes_nothing() {
    common::use_host_separate();
    let mut data: Vec<f64> = (0..8).map(f64::from).collect();
    let mut other = vec![7.0f64];
    let mut first = [Section::of(&mut data, 0..4).item("a", map::TO, 0)];
    assert_eq!(move_data(ENTER, &mut first), 0);
    let mut wider = [
        item("o", &mut other, map::TO, 0),
        Section::of(&mut data, 2..6).item("b", map::TO, 0),
    ];
    let named = region_named(double, c"heat:12");
    assert_eq!(run(&named, 0, &mut wider, &mut [0, 4]), DEVICE_FAILED);
    let error = take_error().unwrap();
    assert_eq!(error.kind, ErrorKind::Mapping);
    assert_eq!(
        error.text,
        "target region heat:12: `b` (32 bytes) is present on device 0 (the host with separate memory) only in part: it overlaps 32 \
         bytes that are mapped already; map the larger section first, or unmap the smaller one"
    );
    assert!(!present(&other));
    assert_eq!(move_data(EXIT, &mut first), 0);
    assert!(!present(&data));
}

#[test]
fn present_demands_presence() {
    common::use_host_separate();
    let mut data = vec![1.0f64];
    let mut maps = [item("a", &mut data, map::TO | map::PRESENT, 0)];
    assert_eq!(
        run(&region(double), 0, &mut maps, &mut [0, 1]),
        DEVICE_FAILED
    );
    let error = take_error().unwrap();
    assert!(error.text.contains("`a` is not present"), "{error}");
    assert_eq!(move_data(UPDATE, &mut maps), DEVICE_FAILED);
    assert!(take_error().is_some());
    assert_eq!(move_data(ENTER, &mut [item("a", &mut data, map::TO, 0)]), 0);
    assert_eq!(run(&region(double), 0, &mut maps, &mut [0, 1]), 0);
    assert_eq!(
        move_data(EXIT, &mut [item("a", &mut data, map::FROM, 0)]),
        0
    );
    assert_eq!(data, [2.0]);
}

#[test]
fn updates_move_strided_sections_and_no_gaps() {
    common::use_host_separate();
    let mut data: Vec<f64> = (0..12).map(f64::from).collect();
    let mut whole = [item("a", &mut data, map::TO, 0)];
    assert_eq!(move_data(ENTER, &mut whole), 0);
    let mut all = [item("a", &mut data, map::TO | map::IMPLICIT, 0)];
    assert_eq!(run(&region(double), 0, &mut all, &mut [0, 12]), 0);
    // The 2 x 2 block at (1, 1) of a 3 x 4 matrix, columns backwards.
    let (shape, strides) = ([2i64, 2], [32i64, -8]);
    let mut block = [MapItem {
        data: data[6..].as_mut_ptr().cast(),
        low: data[5..].as_mut_ptr().cast(),
        size: 48,
        flags: map::FROM,
        ndim: 2,
        itemsize: 8,
        shape: shape.as_ptr(),
        strides: strides.as_ptr(),
        ..MapItem::default()
    }];
    assert_eq!(move_data(UPDATE, &mut block), 0);
    let mut expected: Vec<f64> = (0..12).map(f64::from).collect();
    for index in [5, 6, 9, 10] {
        expected[index] *= 2.0;
    }
    assert_eq!(data, expected);
    assert_eq!(
        move_data(EXIT, &mut [item("a", &mut data, map::RELEASE, 0)]),
        0
    );
}

#[test]
fn updates_of_what_is_absent_do_nothing() {
    common::use_host_separate();
    let mut data = vec![3.0f64];
    assert_eq!(
        move_data(UPDATE, &mut [item("a", &mut data, map::FROM, 0)]),
        0
    );
    assert_eq!(data, [3.0]);
}

#[test]
fn sections_without_elements_need_no_storage() {
    common::use_host_separate();
    let mut data = vec![3.0f64];
    let mut maps = [Section::of(&mut data, 0..0).item("a", map::TO | map::FROM, 0)];
    let mut words = [1, 0];
    assert_eq!(run(&region(double), 0, &mut maps, &mut words), 0);
    assert_eq!(words[0], 0);
}

#[test]
fn use_device_gives_the_devices_address() {
    common::use_host_separate();
    let mut data = vec![3.0f64, 4.0];
    let mut absent = vec![1.0f64];
    let mut maps = [
        item("a", &mut data, map::TO | map::FROM, u32::MAX),
        item("a", &mut data, map::USE_DEVICE, 0),
        item("b", &mut absent, map::USE_DEVICE, 1),
    ];
    let mut words = [0, 0];
    assert_eq!(target_data(1, &mut maps, &mut words), 0);
    assert_ne!(words[0], data.as_ptr().addr() as u64);
    assert_eq!(words[1], absent.as_ptr().addr() as u64);
    let mut by_address = [item("a", &mut data, map::DEVICE, 0)];
    assert_eq!(
        run(&region(double), 0, &mut by_address, &mut [words[0], 2]),
        0
    );
    assert_eq!(target_data(0, &mut maps, &mut words), 0);
    assert_eq!(data, [6.0, 8.0]);
}

#[test]
fn a_false_condition_runs_on_the_host() {
    common::use_host_separate();
    let mut data = vec![3.0f64];
    let mut maps = [item("a", &mut data, map::TO, 0)];
    let mut words = [0, 1];
    // SAFETY: the arrays are as long as said.
    let status = unsafe {
        omply_target_region(
            0,
            &region(double),
            0,
            0,
            maps.as_mut_ptr(),
            1,
            words.as_mut_ptr(),
            2,
            null(),
        )
    };
    assert_eq!((status, data[0]), (0, 6.0));
}

#[test]
fn other_numbers_are_no_devices() {
    common::use_host_separate();
    for (number, text) in [
        (2, "there is no device 2: there is one device, number 0"),
        (-2, "omp_invalid_device is no device to run on"),
        (-7, "there is no device -7"),
    ] {
        assert_eq!(
            run(&region(double), number, &mut [], &mut [0, 0]),
            DEVICE_FAILED
        );
        let error = take_error().unwrap();
        assert_eq!(error.kind, ErrorKind::Device);
        assert!(error.text.contains(text), "{error}");
    }
}

#[test]
fn memory_that_is_not_there_is_told_by_name() {
    common::use_host_separate();
    let mut nothing: [f64; 0] = [];
    // Where no other test has anything.
    let far = std::ptr::without_provenance_mut(1 << 61);
    let mut huge = [MapItem {
        data: far,
        low: far,
        size: 1 << 60,
        ..item("a", &mut nothing, map::FROM, 0)
    }];
    let named = region_named(double, c"f:3");
    assert_eq!(run(&named, 0, &mut huge, &mut [0, 1]), DEVICE_FAILED);
    let error = take_error().unwrap();
    assert_eq!(error.kind, ErrorKind::Memory);
    assert_eq!(
        error.text,
        "device 0 (the host with separate memory): target region f:3: allocating 1152921504606846976 bytes for `a`: there is no room \
         for 1152921504606846976 bytes"
    );
}

#[test]
fn a_region_has_a_contention_group_of_its_own() {
    use omply_runtime::routines::*;
    /// words: address of three numbers.
    unsafe extern "C-unwind" fn ask(_gtid: i32, words: *const u64) -> i32 {
        let team = std::sync::atomic::AtomicI32::new(0);
        let done = omply_runtime::fork(
            &omply_runtime::ForkOptions {
                num_threads: &[3],
                ..Default::default()
            },
            |thread| {
                team.fetch_max(thread.num_threads, std::sync::atomic::Ordering::Relaxed);
                i32::from(omp_is_initial_device() != 0)
            },
        );
        let numbers = [omp_get_level(), omp_get_num_threads(), team.into_inner()];
        // SAFETY: what the test passes.
        unsafe { common::pointer::<[i32; 3]>(*words).write(numbers) };
        done.err().unwrap_or(0)
    }
    common::use_host_separate();
    let mut numbers = [0i32; 3];
    let inside = omply_runtime::fork(
        &omply_runtime::ForkOptions {
            num_threads: &[2],
            ..Default::default()
        },
        |thread| {
            if thread.thread_num > 0 {
                return 0;
            }
            let mut found = [0i32; 3];
            let mut maps = [item("n", &mut found, map::FROM, 0)];
            let status = run(&region(ask), 0, &mut maps, &mut [0]);
            let level = omp_get_level();
            i32::from((status, found, level) != (0, [0, 1, 3], 1))
        },
    );
    assert_eq!(
        inside,
        Ok(()),
        "level 0, one thread, then a team of three on the device"
    );
    let mut maps = [item("n", &mut numbers, map::FROM, 0)];
    assert_eq!(run(&region(ask), 0, &mut maps, &mut [0]), 0);
    assert_eq!(numbers, [0, 1, 3]);
}
