//! Dependences of tasks of generated code: areas that overlap, empty tasks, waits; compared with the definition.

#![cfg(not(loom))]

mod common;

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

use omply_runtime::abi::omply_depend::*;
use omply_runtime::abi::omply_task::*;

const IN: i32 = 1;
const INOUT: i32 = 3;
const INOUTSET: i32 = 8;
const ALL_MEMORY: i32 = 0x80;

/// When a task began and ended, on a clock that all share.
#[derive(Default)]
struct Span {
    begun: AtomicU32,
    ended: AtomicU32,
}

struct Work<'a> {
    clock: &'a AtomicU32,
    span: &'a Span,
}

unsafe extern "C" fn work(_gtid: i32, captures: *mut c_void) -> i32 {
    // SAFETY: written by `submit`; the region outlives the task.
    let work = unsafe { &*captures.cast::<Work>() };
    let tick = || work.clock.fetch_add(1, Ordering::SeqCst) + 1;
    work.span.begun.store(tick(), Ordering::Relaxed);
    std::hint::spin_loop();
    work.span.ended.store(tick(), Ordering::Relaxed);
    0
}

fn submit(gtid: i32, clock: &AtomicU32, span: &Span, list: &[Dependence]) {
    let captures = omply_task_new(gtid, work, None, size_of::<Work>(), 0, 0);
    // SAFETY: there is room for the captures; the list is one.
    unsafe {
        captures.cast::<Work>().write(Work { clock, span });
        assert_eq!(
            omply_task_submit_depending(gtid, captures, list.as_ptr(), list.len()),
            0
        );
    }
}

fn bytes(item: &Dependence) -> Vec<usize> {
    (0..item.rows as isize)
        .flat_map(|row| {
            let first = item.base.wrapping_add_signed(row * item.stride);
            first..first + item.length
        })
        .collect()
}

fn must_precede(earlier: &[Dependence], later: &[Dependence]) -> bool {
    earlier.iter().any(|a| {
        later.iter().any(|b| {
            if a.kind == ALL_MEMORY || b.kind == ALL_MEMORY {
                return true;
            }
            let together = a.kind == b.kind && a.kind != INOUT;
            !together && bytes(a).iter().any(|byte| bytes(b).contains(byte))
        })
    })
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    fn list(&mut self) -> Vec<Dependence> {
        if self.below(40) == 0 {
            return vec![Dependence {
                base: 0,
                length: 0,
                rows: 0,
                stride: 0,
                kind: ALL_MEMORY,
            }];
        }
        (0..1 + self.below(2))
            .map(|_| Dependence {
                base: 1000 + self.below(64),
                length: 1 + self.below(8),
                rows: 1 + self.below(3),
                stride: self.below(33) as isize - 16,
                kind: [IN, INOUT, INOUTSET][self.below(3)],
            })
            .collect()
    }
}

#[test]
fn tasks_whose_areas_overlap_are_executed_one_after_another() {
    for threads in common::SIZES {
        for seed in 0..6 {
            let lists: Vec<Vec<Dependence>> = {
                let mut random = Random(seed);
                (0..120).map(|_| random.list()).collect()
            };
            let spans: Vec<Span> = (0..lists.len()).map(|_| Span::default()).collect();
            let clock = AtomicU32::new(0);
            common::on_team(threads, |thread| {
                if thread.thread_num == 0 {
                    for (list, span) in lists.iter().zip(&spans) {
                        submit(thread.gtid, &clock, span, list);
                    }
                }
                0
            })
            .unwrap();
            for later in 0..lists.len() {
                assert!(spans[later].ended.load(Ordering::Relaxed) > 0);
                for earlier in 0..later {
                    assert!(
                        !must_precede(&lists[earlier], &lists[later])
                            || spans[earlier].ended.load(Ordering::Relaxed)
                                < spans[later].begun.load(Ordering::Relaxed),
                        "seed {seed}: {earlier} {:?} {later} {:?}",
                        lists[earlier],
                        lists[later]
                    );
                }
            }
        }
    }
}

#[test]
fn a_wait_with_dependences_waits_for_whoever_overlaps() {
    let area = |base: usize, kind: i32| Dependence {
        base,
        length: 8,
        rows: 1,
        stride: 0,
        kind,
    };
    for threads in common::SIZES {
        let clock = AtomicU32::new(0);
        let spans: Vec<Span> = (0..100).map(|_| Span::default()).collect();
        common::on_team(threads, |thread| {
            if thread.thread_num != 0 {
                return 0;
            }
            for pair in spans.chunks(2) {
                submit(thread.gtid, &clock, &pair[0], &[area(4096, INOUT)]);
                let list = [area(4100, IN)];
                // SAFETY: the list has one item.
                let status = unsafe { omply_taskwait_depending(thread.gtid, list.as_ptr(), 1, 0) };
                assert_eq!(status, 0);
                assert!(pair[0].ended.load(Ordering::Relaxed) > 0);
                // An empty task passes the order on.
                submit(thread.gtid, &clock, &pair[1], &[area(8192, INOUT)]);
                let list = [area(8192, IN), area(12288, INOUT)];
                // SAFETY: the list has two items.
                let status = unsafe { omply_taskwait_depending(thread.gtid, list.as_ptr(), 2, 1) };
                assert_eq!(status, 0);
                let list = [area(12290, IN)];
                // SAFETY: the list has one item.
                let status = unsafe { omply_taskwait_depending(thread.gtid, list.as_ptr(), 1, 0) };
                assert_eq!(status, 0);
                assert!(pair[1].ended.load(Ordering::Relaxed) > 0);
            }
            0
        })
        .unwrap();
    }
}
