//! Transparent tasks and taskgraphs of generated code.

#![cfg(not(loom))]

mod common;

use std::ffi::c_void;
use std::ptr::{from_mut, from_ref, null_mut};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use omply_runtime::abi::kmpc_graph::*;
use omply_runtime::abi::omply_depend::*;
use omply_runtime::abi::omply_task::*;

const IN: i32 = 1;
const INOUT: i32 = 3;
const UNDEFERRED: u32 = 1;
const IMPORT: i32 = 1;
const EXPORT: i32 = 2;

type Body<'a> = &'a (dyn Fn(i32) + Sync);

unsafe extern "C" fn call(gtid: i32, captures: *mut c_void) -> i32 {
    // SAFETY: written by `submit`; the region outlives the task.
    (unsafe { *captures.cast::<Body>() })(gtid);
    0
}

fn on<T>(cell: &T, kind: i32) -> Dependence {
    Dependence {
        base: from_ref(cell) as usize,
        length: size_of::<T>(),
        rows: 1,
        stride: 0,
        kind,
    }
}

fn submit(gtid: i32, flags: u32, impex: i32, list: &[Dependence], body: Body) {
    let captures = omply_task_new(gtid, call, None, size_of::<Body>(), flags, 0);
    // SAFETY: there is room for the body, which outlives the region.
    unsafe {
        captures
            .cast::<Body<'static>>()
            .write(std::mem::transmute::<Body<'_>, Body<'static>>(body));
        if impex != 0 {
            omply_task_transparent(gtid, captures, impex);
        }
        assert_eq!(
            omply_task_submit_depending(gtid, captures, list.as_ptr(), list.len()),
            0
        );
    }
}

fn on_first(threads: i32, body: impl Fn(i32) + Sync) {
    common::on_team(threads, |thread| {
        if thread.thread_num == 0 {
            body(thread.gtid);
        }
        0
    })
    .unwrap();
}

fn pause() {
    std::thread::sleep(std::time::Duration::from_micros(200));
}

#[test]
fn children_of_an_importing_task_wait_for_tasks_before_it() {
    for threads in common::SIZES {
        for _ in 0..30 {
            let cell = AtomicU32::new(0);
            let seen = AtomicU32::new(0);
            let before: Body = &|_| {
                pause();
                cell.store(7, Ordering::Relaxed);
            };
            let child: Body = &|_| {
                seen.store(cell.load(Ordering::Relaxed), Ordering::Relaxed);
            };
            let importing: Body = &|gtid| {
                submit(gtid, 0, 0, &[on(&cell, IN)], child);
                // What the wait is for is no descendant of the task that waits.
                assert_eq!(omply_taskwait(gtid), 0);
            };
            on_first(threads, |gtid| {
                for _ in 0..4 {
                    submit(gtid, 0, 0, &[on(&cell, INOUT)], before);
                }
                for _ in 0..4 {
                    submit(gtid, 0, IMPORT, &[], importing);
                }
            });
            assert_eq!(seen.load(Ordering::Relaxed), 7);
        }
    }
}

#[test]
fn tasks_after_an_exporting_one_wait_for_its_children() {
    for threads in common::SIZES {
        for flags in [0, UNDEFERRED] {
            for _ in 0..30 {
                let (own, inner) = (AtomicU32::new(0), AtomicU32::new(0));
                let seen = AtomicU32::new(0);
                let grandchild: Body = &|_| {
                    pause();
                    inner.fetch_add(1, Ordering::Relaxed);
                };
                let child: Body = &|gtid| {
                    submit(gtid, 0, 0, &[on(&inner, INOUT)], grandchild);
                    inner.fetch_add(1, Ordering::Relaxed);
                };
                let exporting: Body = &|gtid| {
                    submit(gtid, 0, EXPORT, &[on(&inner, INOUT)], child);
                    own.store(1, Ordering::Relaxed);
                };
                let after: Body = &|_| {
                    assert_eq!(own.load(Ordering::Relaxed), 1);
                    seen.store(inner.load(Ordering::Relaxed), Ordering::Relaxed);
                };
                on_first(threads, |gtid| {
                    submit(gtid, flags, EXPORT, &[on(&own, INOUT)], exporting);
                    // After an undeferred task, its children's locations are enough.
                    let own = if flags == 0 { Some(on(&own, IN)) } else { None };
                    let list: Vec<_> = own.into_iter().chain([on(&inner, IN)]).collect();
                    submit(gtid, 0, 0, &list, after);
                });
                assert_eq!(seen.load(Ordering::Relaxed), 2);
            }
        }
    }
}

struct Step<'a> {
    value: i64,
    sum: &'a AtomicI64,
}

unsafe extern "C" fn add(_gtid: i32, captures: *mut c_void) -> i32 {
    // SAFETY: written below, or by a replay.
    let step = unsafe { &*captures.cast::<Step>() };
    step.sum.fetch_add(step.value, Ordering::Relaxed);
    0
}

unsafe extern "C" fn renew(captures: *mut c_void, environment: *mut c_void) {
    // SAFETY: the environment is the number that the test passes.
    unsafe { (*captures.cast::<Step>()).value = *environment.cast::<i64>() };
}

#[test]
fn a_replay_has_the_saved_captures_unless_they_are_renewed() {
    for threads in common::SIZES {
        let (saved, renewed, once) = (AtomicI64::new(0), AtomicI64::new(0), AtomicI64::new(0));
        let blocks = AtomicU32::new(0);
        on_first(threads, |gtid| {
            let construct: *const c_void = from_ref(&saved).cast();
            for round in 1..=10_i64 {
                let mut now = round;
                let environment = from_mut(&mut now).cast();
                if omply_taskgraph_begin(gtid, construct, 3, 0, environment) != 0 {
                    blocks.fetch_add(1, Ordering::Relaxed);
                    for sum in [&saved, &renewed, &once] {
                        let captures = omply_task_new(gtid, add, None, size_of::<Step>(), 0, 0);
                        // SAFETY: there is room for the captures.
                        unsafe {
                            captures.cast::<Step>().write(Step { value: round, sum });
                            if std::ptr::eq(sum, &renewed) {
                                omply_task_refresh(gtid, captures, renew);
                            }
                            if std::ptr::eq(sum, &once) {
                                omply_task_not_replayable(gtid, captures);
                            }
                            assert_eq!(omply_task_submit(gtid, captures), 0);
                        }
                    }
                }
                assert_eq!(omply_taskgraph_end(gtid, 0), 0);
            }
            // The record is for that id; without a record, or where the clause says so, the block is executed.
            for (id, flags) in [(4, 0), (3, 4), (3, 2)] {
                assert_eq!(
                    omply_taskgraph_begin(gtid, construct, id, flags, null_mut()),
                    1
                );
                assert_eq!(omply_taskgraph_end(gtid, flags), 0);
            }
            // Reset has recorded an empty block.
            assert_eq!(omply_taskgraph_begin(gtid, construct, 3, 0, null_mut()), 0);
            assert_eq!(omply_taskgraph_end(gtid, 0), 0);
            for id in [3, 4] {
                omply_taskgraph_begin(gtid, construct, id, 6, null_mut());
                omply_taskgraph_end(gtid, 6);
            }
        });
        assert_eq!(blocks.load(Ordering::Relaxed), 1);
        assert_eq!(saved.load(Ordering::Relaxed), 10);
        assert_eq!(renewed.load(Ordering::Relaxed), 55);
        assert_eq!(once.load(Ordering::Relaxed), 1);
    }
}
