//! The `omply_*` functions as generated code calls them.

#![cfg(not(loom))]

mod common;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering};

use common::with_sizes;
use omply_runtime::abi::omply::*;
use omply_runtime::{BAD_NUM_THREADS, take_errors};

/// What the regions below share.
#[derive(Default)]
struct Shared {
    sum: AtomicU64,
    in_order: AtomicU64,
    name: [u64; 4],
}

fn fork(task: OmplyMicrotask, shared: &mut Shared, nthreads: i32, if_cond: i32) -> i32 {
    // SAFETY: the context is alive until the region is over, and its parts are atomic or locked.
    unsafe {
        omply_fork(
            null(),
            task,
            std::ptr::from_mut(shared).cast(),
            nthreads,
            -1,
            if_cond,
        )
    }
}

unsafe extern "C-unwind" fn work(gtid: i32, tid: i32, nthreads: i32, context: *mut c_void) -> i32 {
    let shared = context.cast::<Shared>();
    // SAFETY: the context is a `Shared`; only atomics are touched, and the name through the functions under test.
    let (sum, in_order, name) = unsafe {
        (
            &(*shared).sum,
            &(*shared).in_order,
            (&raw mut (*shared).name).cast(),
        )
    };
    let (mut first, mut last, mut is_last) = (0, 0, 0);
    // 35 + 32: dynamic, ordered.
    omply_loop_begin(gtid, 67, 100, 3);
    // SAFETY: the pointers are valid.
    while unsafe { omply_loop_next(gtid, &mut first, &mut last, &mut is_last) } != 0 {
        for i in first..=last {
            sum.fetch_add(i, Ordering::Relaxed);
            if omply_ordered_enter(gtid) != 0 {
                return -1;
            }
            assert_eq!(in_order.fetch_add(1, Ordering::Relaxed) % 100, i);
            omply_ordered_exit(gtid);
            omply_ordered_iteration_end(gtid);
        }
        assert_eq!(is_last != 0, last == 99);
    }
    // SAFETY: the name is 32 zeroed bytes.
    unsafe {
        assert_eq!(omply_critical_enter(gtid, name), 0);
        omply_critical_exit(gtid, name);
    }
    assert_eq!(omply_barrier(gtid), 0);
    let mut mine = omply_single(gtid) as u64 * 41;
    let executor = if mine == 41 {
        (&raw mut mine).cast()
    } else {
        null_mut()
    };
    let mut theirs = null_mut();
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { omply_broadcast(gtid, executor, &mut theirs) }, 0);
    // SAFETY: the executor's variable lives at least until the barrier.
    assert_eq!(unsafe { *theirs.cast::<u64>() }, 41);
    assert_eq!(omply_barrier(gtid), 0);
    assert_eq!(omply_turn_enter(gtid), 0);
    assert_eq!(sum.load(Ordering::Relaxed) - 4950, tid as u64);
    sum.fetch_add(1, Ordering::Relaxed);
    omply_turn_exit(gtid);
    assert_eq!(omply_barrier(gtid), 0);
    assert_eq!(sum.load(Ordering::Relaxed), 4950 + nthreads as u64);
    0
}

#[test]
fn a_region_uses_every_function() {
    with_sizes(|size| {
        for _ in 0..30 {
            assert_eq!(fork(work, &mut Shared::default(), size, 1), 0);
        }
    });
    assert_eq!(fork(work, &mut Shared::default(), 5, 0), 0);
}

unsafe extern "C-unwind" fn fail(gtid: i32, tid: i32, nthreads: i32, _: *mut c_void) -> i32 {
    if tid == nthreads - 1 {
        omply_team_error(gtid, 12, 34 as *mut c_void);
        assert_eq!(omply_cancelled(gtid), 1);
        return 12;
    }
    if omply_barrier(gtid) != 0 { -1 } else { 0 }
}

#[test]
fn an_error_status_comes_back() {
    with_sizes(|size| {
        for _ in 0..30 {
            assert_eq!(fork(fail, &mut Shared::default(), size, 1), 12);
            let errors = take_errors();
            assert_eq!(
                (
                    errors.len(),
                    errors[0].thread_num,
                    errors[0].payload as usize
                ),
                (1, size - 1, 34)
            );
        }
    });
}

unsafe extern "C-unwind" fn panics(_: i32, tid: i32, _: i32, _: *mut c_void) -> i32 {
    if tid == 0 {
        panic!("expected by the test")
    } else {
        0
    }
}

#[test]
fn a_panic_becomes_a_status() {
    with_sizes(|size| {
        assert_eq!(
            fork(panics, &mut Shared::default(), size, 1),
            omply_runtime::PANICKED
        )
    });
}

#[test]
fn a_negative_thread_count_runs_nothing() {
    assert_eq!(fork(panics, &mut Shared::default(), -3, 1), BAD_NUM_THREADS);
}
