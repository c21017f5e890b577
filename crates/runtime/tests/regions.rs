//! Regions: team sizes, thread numbers, levels, nesting, several initial threads, what the master sees after the join.

#![cfg(not(loom))]

mod common;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use common::{on_team, with_sizes};
use omply_runtime::routines::*;
use omply_runtime::{BAD_NUM_THREADS, ForkOptions, STRICT_FAILED, barrier, fork};

#[test]
fn every_thread_runs_once_with_its_own_number() {
    with_sizes(|size| {
        for _ in 0..200 {
            let seen = AtomicU64::new(0);
            on_team(size, |me| {
                assert_eq!(
                    (me.num_threads, omp_get_num_threads(), omp_get_thread_num()),
                    (size, size, me.thread_num)
                );
                assert_eq!(
                    seen.fetch_or(1 << me.thread_num, Ordering::Relaxed) & (1 << me.thread_num),
                    0
                );
                0
            })
            .unwrap();
            assert_eq!(seen.into_inner(), (1 << size) - 1);
        }
    });
}

#[test]
fn writes_of_all_threads_are_visible_after_the_join() {
    with_sizes(|size| {
        let mut cells: Vec<u64> = vec![0; size as usize];
        for round in 1..300 {
            let base = cells.as_mut_ptr() as usize;
            on_team(size, |me| {
                // SAFETY: each thread writes its own element.
                unsafe { *(base as *mut u64).add(me.thread_num as usize) = round };
                0
            })
            .unwrap();
            assert!(cells.iter().all(|cell| *cell == round));
        }
    });
}

#[test]
fn team_sizes_may_alternate() {
    for round in 0..300 {
        let size = [2, 1, 4, 3, 17, 2][round % 6];
        let count = AtomicI32::new(0);
        on_team(size, |_| {
            barrier().unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            barrier().unwrap();
            assert_eq!(count.load(Ordering::Relaxed), size);
            0
        })
        .unwrap();
    }
}

#[test]
fn a_false_if_clause_makes_a_team_of_one() {
    let options = ForkOptions {
        num_threads: &[4],
        if_cond: false,
        ..ForkOptions::default()
    };
    let count = AtomicI32::new(0);
    fork(&options, |me| {
        assert_eq!(
            (
                me.num_threads,
                omp_get_level(),
                omp_get_active_level(),
                omp_in_parallel()
            ),
            (1, 1, 0, 0)
        );
        count.fetch_add(1, Ordering::Relaxed);
        0
    })
    .unwrap();
    assert_eq!(count.into_inner(), 1);
}

#[test]
fn nested_regions_are_serialized_unless_levels_allow_them() {
    on_team(2, |_| {
        on_team(2, |inner| {
            assert_eq!(
                (inner.num_threads, omp_get_level(), omp_get_active_level()),
                (1, 2, 1)
            );
            0
        })
        .unwrap();
        0
    })
    .unwrap();
}

#[test]
fn nested_regions_work_to_depth_three() {
    omp_set_max_active_levels(3);
    for _ in 0..50 {
        let leaves = Mutex::new(HashSet::new());
        on_team(2, |outer| {
            on_team(3, |middle| {
                on_team(2, |inner| {
                    assert_eq!((omp_get_level(), omp_get_active_level()), (3, 3));
                    let path = (
                        omp_get_ancestor_thread_num(1),
                        omp_get_ancestor_thread_num(2),
                        omp_get_ancestor_thread_num(3),
                    );
                    assert_eq!(
                        path,
                        (outer.thread_num, middle.thread_num, inner.thread_num)
                    );
                    assert_eq!(
                        (
                            omp_get_team_size(0),
                            omp_get_team_size(1),
                            omp_get_team_size(2),
                            omp_get_team_size(3)
                        ),
                        (1, 2, 3, 2)
                    );
                    assert_eq!(
                        (omp_get_ancestor_thread_num(4), omp_get_team_size(-1)),
                        (-1, -1)
                    );
                    barrier().unwrap();
                    assert!(leaves.lock().unwrap().insert(path));
                    0
                })
                .unwrap();
                barrier().unwrap();
                0
            })
            .unwrap();
            0
        })
        .unwrap();
        assert_eq!(leaves.into_inner().unwrap().len(), 12);
    }
}

#[test]
fn a_num_threads_list_reaches_the_inner_levels() {
    omp_set_max_active_levels(2);
    let options = ForkOptions {
        num_threads: &[2, 3],
        ..ForkOptions::default()
    };
    for _ in 0..20 {
        fork(&options, |_| {
            assert_eq!(omp_get_max_threads(), 3);
            fork(&ForkOptions::default(), |inner| {
                assert_eq!(inner.num_threads, 3);
                0
            })
            .unwrap();
            0
        })
        .unwrap();
    }
}

#[test]
fn icvs_belong_to_the_task_that_sets_them() {
    let before = omp_get_max_threads();
    on_team(4, |me| {
        assert_eq!(omp_get_max_threads(), before);
        omp_set_num_threads(5 + me.thread_num);
        barrier().unwrap();
        assert_eq!(omp_get_max_threads(), 5 + me.thread_num);
        0
    })
    .unwrap();
    assert_eq!(omp_get_max_threads(), before);
    omp_set_num_threads(3);
    on_team(2, |_| {
        assert_eq!(omp_get_max_threads(), 3);
        0
    })
    .unwrap();
}

#[test]
fn num_threads_below_one_is_refused() {
    let refused = fork(
        &ForkOptions {
            num_threads: &[0],
            ..ForkOptions::default()
        },
        |_| 0,
    );
    assert_eq!(refused, Err(BAD_NUM_THREADS));
}

#[test]
fn strict_refuses_what_nesting_would_serialize() {
    on_team(2, |_| {
        let strict = ForkOptions {
            num_threads: &[2],
            strict: true,
            ..ForkOptions::default()
        };
        assert_eq!(fork(&strict, |_| 0), Err(STRICT_FAILED));
        0
    })
    .unwrap();
}

#[test]
fn several_initial_threads_have_teams_of_their_own() {
    let roots: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(|| {
                for _ in 0..100 {
                    let count = AtomicI32::new(0);
                    on_team(3, |_| {
                        count.fetch_add(1, Ordering::Relaxed);
                        barrier().unwrap();
                        assert_eq!(count.load(Ordering::Relaxed), 3);
                        0
                    })
                    .unwrap();
                }
            })
        })
        .collect();
    for root in roots {
        root.join().unwrap();
    }
}

#[test]
fn ended_initial_threads_give_their_workers_back() {
    for _ in 0..200 {
        std::thread::spawn(|| on_team(4, |_| 0).unwrap())
            .join()
            .unwrap();
    }
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    assert!(threads < 150, "{threads} threads are alive");
}

#[test]
fn a_panic_reaches_the_thread_that_forked() {
    with_sizes(|size| {
        let caught = std::panic::catch_unwind(|| {
            on_team(size, |me| {
                if me.thread_num == size - 1 {
                    panic!("boom")
                } else {
                    0
                }
            })
        });
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"boom"));
        on_team(size, |_| 0).unwrap();
    });
}
