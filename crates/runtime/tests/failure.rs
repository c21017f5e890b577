//! Errors, cancellation, interrupts, block hooks: nothing hangs, nothing is lost, and the next region works.

#![cfg(not(loom))]

mod common;

use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::{on_team, with_sizes};
use omply_runtime::routines::*;
use omply_runtime::*;

/// The interrupt flag is one for the process: tests that set it, or would be disturbed, take turns.
static INTERRUPT_TESTS: Mutex<()> = Mutex::new(());

/// Ways in which the other threads wait while one fails. Each returns once the team is cancelled.
fn wait_somewhere(place: u32, tid: i32) {
    match place {
        0 => assert_eq!(barrier(), Err(Cancelled)),
        1 => assert_eq!(broadcast(None), Err(Cancelled)),
        2 => {
            // Iteration 0 belongs to the failing thread, which never finishes it.
            loop_begin(Schedule::StaticChunk(1), true, 64);
            while let Some(chunk) = loop_next() {
                if chunk.first > 0 && ordered_enter().is_err() {
                    return;
                }
            }
            assert!(cancelled());
        }
        3 => assert_eq!(turn_enter(), Err(Cancelled)),
        4 => {
            // More loops than the ring has buffers: waits for the one who never comes.
            for _ in 0..20 {
                loop_begin(Schedule::Dynamic(1), false, 3);
                while loop_next().is_some() {}
            }
            assert!(cancelled());
        }
        5 => {
            // Held by the failing thread until it has failed.
            if critical_enter("failing").is_ok() {
                critical_exit("failing");
            }
        }
        _ => {
            while !cancelled() {
                std::thread::sleep(Duration::from_micros(50 * (tid as u64 + 1)));
            }
        }
    }
}

#[test]
fn an_error_releases_threads_that_wait_anywhere() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    with_sizes(|size| {
        for place in 0..7 {
            for delay in [0, 0, 0, 3] {
                let failed = on_team(size, |me| {
                    if me.thread_num > 0 {
                        wait_somewhere(place, me.thread_num);
                        return CANCELLED;
                    }
                    if place == 5 {
                        critical_enter("failing").unwrap();
                    }
                    std::thread::sleep(Duration::from_millis(delay));
                    report_error(7, 77 as *mut c_void);
                    if place == 5 {
                        critical_exit("failing");
                    }
                    7
                });
                assert_eq!(failed, Err(7), "place {place}");
                let errors = take_errors();
                assert_eq!(errors.len(), 1);
                assert_eq!(
                    (
                        errors[0].thread_num,
                        errors[0].status,
                        errors[0].payload as usize
                    ),
                    (0, 7, 77)
                );
                // The team works again, with everything the failed region may have left half done.
                let hits = AtomicU32::new(0);
                on_team(size, |_| {
                    loop_begin(Schedule::Dynamic(1), true, 40);
                    while loop_next().is_some() {
                        hits.fetch_add(1, Ordering::Relaxed);
                        ordered_enter().unwrap();
                        ordered_exit();
                        ordered_iteration_end();
                    }
                    barrier().unwrap();
                    hits.fetch_add(single().into(), Ordering::Relaxed);
                    turn_enter().unwrap();
                    turn_exit();
                    barrier().unwrap();
                    0
                })
                .unwrap();
                assert_eq!(hits.into_inner(), 41);
            }
        }
    });
}

#[test]
fn the_lowest_thread_number_wins_and_all_errors_are_kept() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    with_sizes(|size| {
        for _ in 0..50 {
            let failed = on_team(size, |me| {
                report_error(100 + me.thread_num, std::ptr::null_mut());
                100 + me.thread_num
            });
            assert_eq!(failed, Err(100));
            let numbers: Vec<i32> = take_errors().iter().map(|error| error.thread_num).collect();
            assert_eq!(numbers, (0..size).collect::<Vec<_>>());
        }
    });
}

#[test]
fn an_unrecorded_status_is_recorded() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    with_sizes(|size| {
        assert_eq!(
            on_team(size, |me| if me.thread_num == size - 1 { 9 } else { 0 }),
            Err(9)
        );
        let errors = take_errors();
        assert_eq!((errors.len(), errors[0].thread_num), (1, size - 1));
    });
}

#[test]
fn errors_of_nested_regions_come_out() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    omp_set_max_active_levels(2);
    for _ in 0..50 {
        let failed = on_team(3, |outer| {
            let inner = on_team(2, |inner| {
                if outer.thread_num == 1 && inner.thread_num == 1 {
                    report_error(5, 55 as *mut c_void);
                    return 5;
                }
                if barrier().is_err() { CANCELLED } else { 0 }
            });
            match inner {
                Err(status) => status,
                Ok(()) => {
                    if barrier().is_err() {
                        CANCELLED
                    } else {
                        0
                    }
                }
            }
        });
        assert_eq!(failed, Err(5));
        let errors = take_errors();
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].thread_num, errors[0].payload as usize), (1, 55));
    }
}

#[test]
fn an_interrupt_ends_waits_within_a_tenth_of_a_second() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    set_main_thread();
    for size in [2, 4, 17] {
        for place in 0..7 {
            let began = Mutex::new(None);
            let failed = on_team(size, |me| {
                if me.thread_num > 0 {
                    wait_somewhere(if place == 5 { 6 } else { place }, me.thread_num);
                    return CANCELLED;
                }
                std::thread::sleep(Duration::from_millis(10));
                *began.lock().unwrap() = Some(Instant::now());
                set_interrupt(true);
                while !cancelled() {
                    std::hint::spin_loop();
                }
                CANCELLED
            });
            let took = began.lock().unwrap().unwrap().elapsed();
            set_interrupt(false);
            assert_eq!(failed, Err(INTERRUPTED));
            assert!(take_errors().is_empty());
            assert!(
                took < Duration::from_millis(400),
                "{took:?} at {place} with {size}"
            );
        }
    }
    assert!(!poll());
    on_team(4, |_| i32::from(barrier().is_err())).unwrap();
}

#[test]
fn an_interrupt_is_not_meant_for_other_initial_threads() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    set_main_thread();
    set_interrupt(true);
    let other = std::thread::spawn(|| {
        on_team(4, |_| {
            i32::from(barrier().is_err() || cancelled() || poll())
        })
    });
    let result = other.join().unwrap();
    assert!(poll() && cancelled());
    set_interrupt(false);
    assert_eq!(result, Ok(()));
    assert!(!cancelled());
}

/// Counts how deep in hooks the thread is; -1 means that a hook was called out of order.
static INSIDE: AtomicI32 = AtomicI32::new(0);
static CALLS: AtomicI32 = AtomicI32::new(0);

unsafe fn before(_: *mut c_void) {
    assert_eq!(INSIDE.fetch_add(1, Ordering::SeqCst), 0);
    CALLS.fetch_add(1, Ordering::SeqCst);
}

unsafe fn after(_: *mut c_void) {
    assert_eq!(INSIDE.fetch_sub(1, Ordering::SeqCst), 1);
}

#[test]
fn block_hooks_surround_waits_that_do_not_succeed_at_once() {
    let _turn = INTERRUPT_TESTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    const HOOKS: BlockHooks = BlockHooks {
        before,
        after,
        data: std::ptr::null_mut(),
    };
    on_team(2, |me| {
        if me.thread_num == 0 {
            set_thread_block_hooks(Some(HOOKS));
            barrier().unwrap();
            set_thread_block_hooks(None);
        } else {
            std::thread::sleep(Duration::from_millis(5));
            barrier().unwrap();
        }
        0
    })
    .unwrap();
    assert_eq!(
        (CALLS.load(Ordering::SeqCst), INSIDE.load(Ordering::SeqCst)),
        (1, 0)
    );
    // The join is such a wait, too.
    set_thread_block_hooks(Some(HOOKS));
    on_team(2, |me| {
        if me.thread_num == 1 {
            std::thread::sleep(Duration::from_millis(5));
        }
        0
    })
    .unwrap();
    set_thread_block_hooks(None);
    assert_eq!(
        (CALLS.load(Ordering::SeqCst), INSIDE.load(Ordering::SeqCst)),
        (2, 0)
    );
}
