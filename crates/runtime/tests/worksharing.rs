//! Worksharing: every iteration exactly once under every schedule, the chunks the schedules promise, `nowait` runs, ordered,
//! single, broadcast, critical, turns.

#![cfg(not(loom))]

mod common;

use std::cell::UnsafeCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use common::{on_team, pause, with_sizes};
use omply_runtime::sync::turns::Turns;
use omply_runtime::sync::{SpinClock, WaitPolicy};
use omply_runtime::*;

/// A cell that the tests protect by what they test.
struct Bare<T>(UnsafeCell<T>);
// SAFETY: that no two threads touch it at once is what the tests check.
unsafe impl<T> Sync for Bare<T> {}

const SCHEDULES: [Schedule; 11] = [
    Schedule::Static,
    Schedule::StaticChunk(1),
    Schedule::StaticChunk(7),
    Schedule::Dynamic(1),
    Schedule::Dynamic(5),
    Schedule::MonotonicDynamic(1),
    Schedule::MonotonicDynamic(5),
    Schedule::Guided(1),
    Schedule::Guided(4),
    Schedule::Auto,
    Schedule::Runtime,
];

#[test]
fn every_iteration_is_executed_once() {
    with_sizes(|size| {
        for schedule in SCHEDULES {
            for count in [0u64, 1, 2, 16, 17, 100, 1000] {
                let hits: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
                let lasts = AtomicU32::new(0);
                on_team(size, |_| {
                    loop_begin(schedule, false, count);
                    let mut previous = None;
                    let mut had_last = false;
                    while let Some(chunk) = loop_next() {
                        assert!(
                            matches!(schedule, Schedule::Dynamic(_))
                                || previous.is_none_or(|last| chunk.first > last),
                            "chunks come in increasing order"
                        );
                        assert!(!had_last, "nothing comes after the last chunk");
                        had_last = chunk.is_last;
                        previous = Some(chunk.last);
                        for i in chunk.first..=chunk.last {
                            hits[i as usize].fetch_add(1, Ordering::Relaxed);
                        }
                        lasts.fetch_add(chunk.is_last.into(), Ordering::Relaxed);
                        assert_eq!(chunk.is_last, chunk.last == count - 1);
                    }
                    0
                })
                .unwrap();
                assert!(
                    hits.iter().all(|hit| hit.load(Ordering::Relaxed) == 1),
                    "{schedule:?} {count} {size}"
                );
                assert_eq!(lasts.into_inner(), u32::from(count > 0));
            }
        }
    });
}

#[test]
fn static_schedules_give_the_chunks_of_the_specification() {
    with_sizes(|size| {
        let (n, count) = (size as u64, 103u64);
        on_team(size, |me| {
            let t = me.thread_num as u64;
            loop_begin(Schedule::Static, false, count);
            let (q, r) = (count / n, count % n);
            let first = if t < r {
                t * (q + 1)
            } else {
                r * (q + 1) + (t - r) * q
            };
            let length = if t < r { q + 1 } else { q };
            let chunk = loop_next().unwrap();
            assert_eq!((chunk.first, chunk.last), (first, first + length - 1));
            assert_eq!(loop_next(), None);
            loop_begin(Schedule::StaticChunk(4), false, count);
            let mut j = t;
            while let Some(chunk) = loop_next() {
                assert_eq!(
                    (chunk.first, chunk.last),
                    (j * 4, (j * 4 + 3).min(count - 1))
                );
                j += n;
            }
            assert!(j * 4 >= count);
            0
        })
        .unwrap();
    });
}

#[test]
fn a_share_is_taken_over_from_a_thread_that_comes_late_or_is_slow() {
    with_sizes(|size| {
        let done = AtomicU64::new(0);
        let of_the_first = AtomicU64::new(0);
        on_team(size, |me| {
            if me.thread_num == 0 && size > 1 {
                // Comes when all but the last chunk, which a thread may hold back for itself, can be gone.
                while done.load(Ordering::Relaxed) < 999 {
                    std::thread::yield_now();
                }
            }
            loop_begin(Schedule::Dynamic(1), false, 1000);
            while let Some(chunk) = loop_next() {
                done.fetch_add(chunk.last + 1 - chunk.first, Ordering::Relaxed);
                if me.thread_num == 0 {
                    of_the_first.fetch_add(1, Ordering::Relaxed);
                }
            }
            0
        })
        .unwrap();
        assert_eq!(done.into_inner(), 1000);
        assert!(size == 1 || of_the_first.into_inner() <= 1);
    });
}

#[test]
fn shares_survive_hundreds_of_loops_and_changes_of_the_team_size() {
    for round in 0..40 {
        let size = [2, 17, 4, 2][round % 4];
        let sums: Vec<AtomicU64> = (0..300).map(|_| AtomicU64::new(0)).collect();
        on_team(size, |_| {
            for (index, sum) in sums.iter().enumerate() {
                // Loops of other kinds use the same buffers in between.
                let schedule = if index % 5 == round % 5 {
                    Schedule::Guided(1)
                } else {
                    Schedule::Dynamic(2)
                };
                loop_begin(schedule, false, 31);
                while let Some(chunk) = loop_next() {
                    sum.fetch_add((chunk.first..=chunk.last).sum(), Ordering::Relaxed);
                }
            }
            0
        })
        .unwrap();
        for sum in &sums {
            assert_eq!(sum.load(Ordering::Relaxed), 465);
        }
    }
}

#[test]
fn dynamic_loops_may_have_more_chunks_than_a_share_can_number() {
    let count = 1 << 40;
    let (chunks, iterations) = (AtomicU64::new(0), AtomicU64::new(0));
    on_team(2, |_| {
        loop_begin(Schedule::Dynamic(1 << 10), false, count);
        for _ in 0..100 {
            let chunk = loop_next().unwrap();
            assert!(chunk.last < count && chunk.first <= chunk.last);
            chunks.fetch_add(1, Ordering::Relaxed);
            iterations.fetch_add(chunk.last + 1 - chunk.first, Ordering::Relaxed);
        }
        // The loop is left early: the region's end is the end of it.
        0
    })
    .unwrap();
    assert_eq!(chunks.into_inner(), 200);
    assert!(iterations.into_inner() >= 200 << 10);
}

/// Sleeps at once.
struct Asleep;

impl WaitPolicy for Asleep {
    fn eager(&self) -> bool {
        false
    }
    fn keep_spinning(&self, _clock: &mut SpinClock) -> bool {
        false
    }
    fn stop(&self) -> bool {
        false
    }
    fn sleep_slice(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn a_sleeping_turn_may_be_any_number_of_turns_away() {
    const TURN: u64 = 3 << 32;
    let turns = Turns::default();
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(turns.wait(TURN, &Asleep));
            assert_eq!(done.load(Ordering::Relaxed), TURN);
        });
        // What a thread does whose own iterations come one after the other, in large steps: each leaves the low half of the
        // count as it was.
        for count in [1 << 32, 2 << 32, TURN] {
            std::thread::sleep(Duration::from_millis(20));
            done.store(count, Ordering::Relaxed);
            turns.advance_to(count);
        }
    });
}

#[test]
fn guided_chunks_shrink_with_what_remains() {
    with_sizes(|size| {
        let sizes = Mutex::new(Vec::new());
        on_team(size, |_| {
            loop_begin(Schedule::Guided(3), false, 1000);
            while let Some(chunk) = loop_next() {
                sizes
                    .lock()
                    .unwrap()
                    .push((chunk.first, chunk.last + 1 - chunk.first));
            }
            0
        })
        .unwrap();
        let mut sizes = sizes.into_inner().unwrap();
        sizes.sort_unstable();
        for (first, length) in sizes {
            let remaining = 1000 - first;
            assert_eq!(
                length,
                remaining.div_ceil(size as u64).max(3).min(remaining)
            );
        }
    });
}

#[test]
fn many_loops_without_barriers_may_be_outstanding() {
    with_sizes(|size| {
        let sums: Vec<AtomicU64> = (0..100).map(|_| AtomicU64::new(0)).collect();
        on_team(size, |me| {
            let mut seed = me.thread_num as u64 + 1;
            for (index, sum) in sums.iter().enumerate() {
                loop_begin(
                    if index % 3 == 2 {
                        Schedule::Guided(1)
                    } else {
                        Schedule::Dynamic(1)
                    },
                    false,
                    20,
                );
                while let Some(chunk) = loop_next() {
                    sum.fetch_add(
                        (chunk.first..=chunk.last).map(|i| i + 1).sum(),
                        Ordering::Relaxed,
                    );
                    pause(&mut seed);
                }
            }
            0
        })
        .unwrap();
        assert!(sums.iter().all(|sum| sum.load(Ordering::Relaxed) == 210));
    });
}

#[test]
fn ordered_blocks_run_in_iteration_order() {
    with_sizes(|size| {
        for schedule in SCHEDULES {
            let order = Bare(UnsafeCell::new(Vec::new()));
            let order = &order;
            on_team(size, |_| {
                for round in 0..3 {
                    loop_begin(schedule, true, 60);
                    while let Some(chunk) = loop_next() {
                        for i in chunk.first..=chunk.last {
                            // Some iterations have no ordered block.
                            if i % 7 != 3 {
                                ordered_enter().unwrap();
                                // SAFETY: ordered blocks exclude each other.
                                unsafe { (*order.0.get()).push(round * 1000 + i) };
                                ordered_exit();
                            }
                            ordered_iteration_end();
                        }
                    }
                    barrier().unwrap();
                }
                0
            })
            .unwrap();
            // SAFETY: the region is over.
            let order = unsafe { &*order.0.get() };
            let expected: Vec<u64> = (0..3)
                .flat_map(|round| {
                    (0..60)
                        .filter(|i| i % 7 != 3)
                        .map(move |i| round * 1000 + i)
                })
                .collect();
            assert_eq!(*order, expected, "{schedule:?} {size}");
        }
    });
}

#[test]
fn single_is_executed_once_with_and_without_barriers() {
    with_sizes(|size| {
        for with_barrier in [false, true] {
            let counts: Vec<AtomicI32> = (0..500).map(|_| AtomicI32::new(0)).collect();
            on_team(size, |_| {
                for count in &counts {
                    if single() {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    if with_barrier {
                        barrier().unwrap();
                    }
                }
                0
            })
            .unwrap();
            assert!(
                counts
                    .iter()
                    .all(|count| count.load(Ordering::Relaxed) == 1)
            );
        }
    });
}

#[test]
fn broadcast_reaches_all() {
    with_sizes(|size| {
        on_team(size, |_| {
            for round in 0usize..200 {
                let mut value = usize::MAX;
                let mine = single().then(|| {
                    value = round;
                    std::ptr::from_mut(&mut value).cast()
                });
                let theirs = broadcast(mine).unwrap();
                // SAFETY: the executor waits at the barrier with its value alive.
                assert_eq!(unsafe { *theirs.cast::<usize>() }, round);
                barrier().unwrap();
            }
            0
        })
        .unwrap();
    });
}

#[test]
fn critical_sections_of_one_name_exclude_each_other() {
    with_sizes(|size| {
        let counter = Bare(UnsafeCell::new(0u64));
        let counter = &counter;
        on_team(size, |_| {
            for _ in 0..500 {
                critical_enter("a").unwrap();
                // SAFETY: the section excludes the others.
                unsafe { *counter.0.get() += 1 };
                critical_exit("a");
            }
            0
        })
        .unwrap();
        // SAFETY: the region is over.
        assert_eq!(unsafe { *counter.0.get() }, 500 * size as u64);
    });
}

#[test]
fn turns_go_in_thread_order() {
    with_sizes(|size| {
        let order = Bare(UnsafeCell::new(Vec::new()));
        let order = &order;
        on_team(size, |me| {
            for _ in 0..20 {
                turn_enter().unwrap();
                // SAFETY: turns exclude each other.
                unsafe { (*order.0.get()).push(me.thread_num) };
                turn_exit();
            }
            0
        })
        .unwrap();
        // SAFETY: the region is over.
        let order = unsafe { &*order.0.get() };
        let expected: Vec<i32> = (0..20).flat_map(|_| 0..size).collect();
        assert_eq!(*order, expected);
    });
}

#[test]
fn barriers_separate_phases() {
    with_sizes(|size| {
        let cells: Vec<Bare<u64>> = (0..size).map(|_| Bare(UnsafeCell::new(0))).collect();
        on_team(size, |me| {
            let mut seed = me.thread_num as u64 + 7;
            for round in 1..400 {
                // SAFETY: between barriers each thread writes its own cell, and all read after the barrier.
                unsafe { *cells[me.thread_num as usize].0.get() = round };
                pause(&mut seed);
                barrier().unwrap();
                for cell in &cells {
                    // SAFETY: nobody writes between these two barriers.
                    assert_eq!(unsafe { *cell.0.get() }, round);
                }
                barrier().unwrap();
            }
            0
        })
        .unwrap();
    });
}
