//! Tasks of generated code: `omply_task_*`.

#![cfg(not(loom))]

mod common;

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use omply_runtime::abi::omply_task::*;
use omply_runtime::{
    ForkOptions, PANICKED, TaskOptions, TaskloopDivision, TeamThread, fork, take_errors,
};

/// The storage that generated code reserves for a task's record.
#[repr(C, align(16))]
struct Record(MaybeUninit<[u8; 80]>);

impl Record {
    const fn new() -> Self {
        Self(MaybeUninit::uninit())
    }
}

macro_rules! spawn {
    ($gtid:expr, $record:expr, $entry:expr, $captures:expr) => {
        // SAFETY: each test waits before the frame is left.
        unsafe {
            omply_task_spawn(
                $gtid,
                $record.0.as_mut_ptr().cast(),
                $entry,
                std::ptr::from_mut($captures).cast(),
                0,
            )
        }
    };
}

/// Runs `body` on the first thread of a team of that size.
fn on_first(threads: i32, body: impl Fn(i32) -> i32 + Sync) -> Result<(), i32> {
    let options = ForkOptions {
        num_threads: &[threads],
        ..ForkOptions::default()
    };
    fork(&options, |thread: TeamThread| {
        if thread.thread_num == 0 {
            body(thread.gtid)
        } else {
            0
        }
    })
}

struct Fib {
    n: u32,
    result: u64,
}

unsafe extern "C" fn fib(gtid: i32, captures: *mut c_void) -> i32 {
    // SAFETY: the captures are alive until the task is waited for, and its own.
    let this = unsafe { &mut *captures.cast::<Fib>() };
    if this.n < 2 {
        this.result = this.n.into();
        return 0;
    }
    let (mut first, mut second) = (Record::new(), Record::new());
    let mut a = Fib {
        n: this.n - 1,
        result: 0,
    };
    let mut b = Fib {
        n: this.n - 2,
        result: 0,
    };
    spawn!(gtid, first, fib, &mut a);
    spawn!(gtid, second, fib, &mut b);
    if omply_taskwait(gtid) != 0 {
        return -1;
    }
    this.result = a.result + b.result;
    0
}

#[test]
fn a_recursion_with_records_in_frames_gives_the_right_result() {
    for threads in common::SIZES {
        for _ in 0..20 {
            let result = AtomicU64::new(0);
            on_first(threads, |gtid| {
                let mut top = Fib { n: 16, result: 0 };
                // SAFETY: called as generated code does.
                let status = unsafe { fib(gtid, std::ptr::from_mut(&mut top).cast()) };
                result.store(top.result, Ordering::Relaxed);
                status
            })
            .unwrap();
            assert_eq!(result.into_inner(), 987);
        }
    }
}

static DESTROYED: AtomicU32 = AtomicU32::new(0);
static EXECUTED: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn count(_gtid: i32, captures: *mut c_void) -> i32 {
    // SAFETY: the submitter has filled in a number.
    EXECUTED.fetch_add(unsafe { *captures.cast::<u32>() }, Ordering::Relaxed);
    0
}

unsafe extern "C" fn destroy(captures: *mut c_void) {
    // SAFETY: as in `count`.
    DESTROYED.fetch_add(unsafe { *captures.cast::<u32>() }, Ordering::Relaxed);
}

#[test]
fn tasks_that_outlive_the_function_carry_their_captures_and_are_over_when_the_region_is() {
    for threads in common::SIZES {
        EXECUTED.store(0, Ordering::Relaxed);
        DESTROYED.store(0, Ordering::Relaxed);
        on_first(threads, |gtid| {
            for number in 1..=100_u32 {
                let captures = omply_task_new(gtid, count, Some(destroy), 4, 0, 0);
                // SAFETY: there is room for the number.
                unsafe {
                    captures.cast::<u32>().write(number);
                    assert_eq!(omply_task_submit(gtid, captures), 0);
                }
            }
            0
        })
        .unwrap();
        assert_eq!(EXECUTED.load(Ordering::Relaxed), 5050);
        assert_eq!(DESTROYED.load(Ordering::Relaxed), 5050);
    }
}

unsafe extern "C" fn fail(_gtid: i32, _captures: *mut c_void) -> i32 {
    42
}

#[test]
fn an_error_in_a_task_ends_the_region_and_its_waits() {
    for threads in common::SIZES {
        let waited = AtomicI32::new(0);
        let outcome = on_first(threads, |gtid| {
            let mut record = Record::new();
            let spawned = spawn!(gtid, record, fail, &mut 0);
            let status = omply_taskwait(gtid);
            waited.store(spawned.min(status), Ordering::Relaxed);
            status
        });
        assert_eq!(outcome, Err(42));
        assert!(take_errors().iter().any(|error| error.status == 42));
        assert_ne!(waited.into_inner(), 0);
    }
}

#[test]
fn outside_of_regions_the_generator_gets_the_error() {
    let gtid = omply_runtime::abi::kmpc_parallel::__kmpc_global_thread_num(std::ptr::null());
    let mut record = Record::new();
    assert_eq!(spawn!(gtid, record, fail, &mut 0), 42);
    assert_eq!(omply_taskwait(gtid), 0);
    let mut top = Fib { n: 10, result: 0 };
    // SAFETY: called as generated code does.
    assert_eq!(unsafe { fib(gtid, std::ptr::from_mut(&mut top).cast()) }, 0);
    assert_eq!(top.result, 55);
}

static CANCELLED_RAN: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn cancels_its_group(gtid: i32, _captures: *mut c_void) -> i32 {
    CANCELLED_RAN.fetch_add(1, Ordering::Relaxed);
    if omply_taskgroup_cancelled(gtid) == 0 {
        assert_eq!(omply_taskgroup_cancel(gtid), 1);
    }
    0
}

#[test]
fn a_cancelled_group_discards_what_has_not_begun_and_the_region_goes_on() {
    for threads in common::SIZES {
        CANCELLED_RAN.store(0, Ordering::Relaxed);
        on_first(threads, |gtid| {
            omply_taskgroup_begin(gtid);
            for _ in 0..1000 {
                let captures = omply_task_new(gtid, cancels_its_group, None, 0, 0, 0);
                // SAFETY: nothing is captured.
                assert_eq!(unsafe { omply_task_submit(gtid, captures) }, 0);
            }
            omply_taskgroup_end(gtid)
        })
        .unwrap();
        let ran = CANCELLED_RAN.load(Ordering::Relaxed);
        assert!((1..=threads as u32).contains(&ran), "{ran} tasks ran");
    }
}

unsafe extern "C" fn nothing(_gtid: i32, _captures: *mut c_void) -> i32 {
    0
}

#[test]
fn a_detached_task_is_complete_when_its_event_is_fulfilled_by_a_foreign_thread() {
    for threads in common::SIZES {
        on_first(threads, |gtid| {
            let captures = omply_task_new(gtid, nothing, None, 0, 0, 0);
            let event = omply_event_new(gtid);
            // SAFETY: the task has not been handed over.
            unsafe { omply_task_detach(gtid, captures, event) };
            // SAFETY: nothing is captured.
            assert_eq!(unsafe { omply_task_submit(gtid, captures) }, 0);
            let fulfilled = std::sync::Arc::new(AtomicU32::new(0));
            let other = {
                let fulfilled = fulfilled.clone();
                std::thread::spawn(move || {
                    std::thread::sleep(std::time::Duration::from_millis(3));
                    fulfilled.store(1, Ordering::SeqCst);
                    // SAFETY: the event is fulfilled once.
                    unsafe { omply_runtime::abi::kmpc_task::omp_fulfill_event(event) };
                })
            };
            assert_eq!(omply_taskwait(gtid), 0);
            assert_eq!(fulfilled.load(Ordering::SeqCst), 1);
            other.join().unwrap();
            0
        })
        .unwrap();
    }
}

struct Hits {
    hits: Vec<AtomicU32>,
    last: AtomicU64,
    fail_at: Option<u64>,
}

unsafe extern "C" fn hit(
    _gtid: i32,
    captures: *mut c_void,
    first: u64,
    last: u64,
    end: i32,
) -> i32 {
    // SAFETY: the captures are a pointer to hits that outlive the loop.
    let this = unsafe { &**captures.cast::<*const Hits>() };
    for iteration in first..=last {
        this.hits[iteration as usize].fetch_add(1, Ordering::Relaxed);
    }
    if end != 0 {
        this.last.store(last, Ordering::Relaxed);
    }
    match this.fail_at {
        Some(at) if (first..=last).contains(&at) => 7,
        _ => 0,
    }
}

static LOOPS_OVER: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn loop_over(_captures: *mut c_void) {
    LOOPS_OVER.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_taskloop_executes_each_iteration_once_however_it_is_cut() {
    for threads in common::SIZES {
        for (division, amount, flags) in [
            (0, 0, 0),
            (1, 7, 0),
            (1, 64, 4),
            (2, 333, 0),
            (2, 9, 1),
            (0, 0, 2),
        ] {
            let hits = Hits {
                hits: (0..1000).map(|_| AtomicU32::new(0)).collect(),
                last: AtomicU64::new(0),
                fail_at: None,
            };
            LOOPS_OVER.store(0, Ordering::Relaxed);
            let pointer = std::ptr::from_ref(&hits) as usize;
            on_first(threads, |gtid| {
                // Copied: the variable dies before the tasks do.
                let mut captures = pointer;
                let place = std::ptr::from_mut(&mut captures).cast();
                // SAFETY: the hits outlive the region.
                unsafe {
                    omply_taskloop(
                        gtid,
                        hit,
                        place,
                        8,
                        Some(loop_over),
                        1000,
                        division,
                        amount,
                        flags,
                        0,
                    )
                }
            })
            .unwrap();
            assert!(hits.hits.iter().all(|hit| hit.load(Ordering::Relaxed) == 1));
            assert_eq!(hits.last.load(Ordering::Relaxed), 999);
            assert_eq!(LOOPS_OVER.load(Ordering::Relaxed), 1);
        }
    }
}

#[test]
fn an_error_in_a_taskloop_ends_the_region_and_nothing_is_left_over() {
    for threads in common::SIZES {
        let hits = Hits {
            hits: (0..1000).map(|_| AtomicU32::new(0)).collect(),
            last: AtomicU64::new(0),
            fail_at: Some(500),
        };
        let outcome = on_first(threads, |gtid| {
            let mut captures = std::ptr::from_ref(&hits);
            omply_taskgroup_begin(gtid);
            // SAFETY: the captures outlive the group.
            unsafe {
                omply_taskloop(
                    gtid,
                    hit,
                    std::ptr::from_mut(&mut captures).cast(),
                    0,
                    None,
                    1000,
                    2,
                    500,
                    0,
                    0,
                )
            };
            omply_taskgroup_end(gtid)
        });
        assert_eq!(outcome, Err(7));
        take_errors();
    }
}

#[test]
fn rust_closures_are_tasks_that_are_dropped_when_they_are_over() {
    for threads in common::SIZES {
        let counter = std::sync::Arc::new(AtomicU64::new(0));
        on_first(threads, |_| {
            omply_runtime::taskgroup_begin();
            for number in 1..=100 {
                let counter = counter.clone();
                let body = move |_| {
                    counter.fetch_add(number, Ordering::Relaxed);
                    0
                };
                omply_runtime::task(&TaskOptions::default(), body);
            }
            assert_eq!(omply_runtime::taskgroup_end(), Ok(()));
            assert_eq!(counter.load(Ordering::Relaxed), 5050);
            let hits = counter.clone();
            let options = TaskOptions::default();
            let division = TaskloopDivision::NumTasks(30);
            let made =
                omply_runtime::taskloop(&options, 1000, division, move |_, first, last, _| {
                    hits.fetch_add(last - first + 1, Ordering::Relaxed);
                    0
                });
            assert_eq!((made, omply_runtime::taskwait()), (Ok(()), Ok(())));
            assert_eq!(counter.load(Ordering::Relaxed), 6050);
            0
        })
        .unwrap();
        assert_eq!(std::sync::Arc::strong_count(&counter), 1);
    }
}

#[test]
fn a_panic_in_a_task_is_an_error_of_the_region() {
    for threads in common::SIZES {
        let outcome = on_first(threads, |_| {
            omply_runtime::task(&TaskOptions::default(), |_| panic!("meant to be"));
            0
        });
        assert_eq!(outcome, Err(PANICKED));
        take_errors();
    }
}

#[test]
fn an_error_ends_the_wait_for_an_event_that_nobody_fulfils() {
    static EVENT: AtomicU64 = AtomicU64::new(0);
    for threads in common::SIZES {
        let outcome = on_first(threads, |gtid| {
            let captures = omply_task_new(gtid, nothing, None, 0, 0, 0);
            let event = omply_event_new(gtid);
            // SAFETY: the task has not been handed over.
            unsafe { omply_task_detach(gtid, captures, event) };
            EVENT.store(event as u64, Ordering::Relaxed);
            // SAFETY: nothing is captured.
            assert_eq!(unsafe { omply_task_submit(gtid, captures) }, 0);
            let mut record = Record::new();
            spawn!(gtid, record, fail, &mut 0);
            omply_taskwait(gtid)
        });
        assert_eq!(outcome, Err(42));
        take_errors();
        // Too late, and harmless.
        let event = EVENT.load(Ordering::Relaxed) as usize;
        // SAFETY: the event is fulfilled once.
        unsafe { omply_runtime::abi::kmpc_task::omp_fulfill_event(event) };
    }
}

unsafe extern "C" fn nap(_gtid: i32, _captures: *mut c_void) -> i32 {
    std::thread::sleep(Duration::from_millis(100));
    0
}

/// Blocking tasks overlap: on as many threads as there are, not as there are processors.
#[test]
fn tasks_that_block_overlap_on_teams_larger_than_the_machine() {
    const TASKS: i32 = 16;
    for quiet in [Duration::ZERO, Duration::from_millis(30)] {
        let mut times: Vec<Duration> = (0..5)
            .map(|_| {
                let start = Instant::now();
                let result = on_first(TASKS, |gtid| {
                    // The others are asleep by then, or not.
                    std::thread::sleep(quiet);
                    for _ in 0..TASKS {
                        let captures = omply_task_new(gtid, nap, None, 0, 0, 0);
                        // SAFETY: just made.
                        unsafe { omply_task_submit(gtid, captures) };
                    }
                    omply_taskwait(gtid)
                });
                assert_eq!(result, Ok(()));
                start.elapsed() - quiet
            })
            .collect();
        times.sort();
        // One after another on two processors they would take 800 ms.
        assert!(times[2] < Duration::from_millis(190), "{times:?}");
    }
}
