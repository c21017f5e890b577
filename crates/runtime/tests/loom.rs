//! Models of the sleep/wake protocol, the all-to-all barrier and the worksharing ring, explored by loom:
//! `RUSTFLAGS="--cfg loom" cargo test -p omply-runtime --release --test loom`.

#![cfg(loom)]

use std::time::Duration;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};
use loom::thread;

use omply_runtime::sync::event::Event;
use omply_runtime::sync::gate::Gate;
use omply_runtime::sync::gather::{Outcome, Seat, gather};
use omply_runtime::sync::lock::Lock;
use omply_runtime::sync::ring::Ring;
use omply_runtime::sync::shares::{Range, Share};
use omply_runtime::sync::turns::Turns;
use omply_runtime::sync::{SpinClock, WaitPolicy};

/// Explores all runs with up to three pre-emptions: more take hours and have never shown more.
fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// Never spins: every wait that does not succeed at once sleeps.
struct Asleep<'a>(Option<&'a AtomicBool>);

impl WaitPolicy for Asleep<'_> {
    fn eager(&self) -> bool {
        false
    }
    fn keep_spinning(&self, _clock: &mut SpinClock) -> bool {
        false
    }
    fn stop(&self) -> bool {
        self.0.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
    fn sleep_slice(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn a_sleeper_is_always_woken_and_sees_what_was_written() {
    model(|| {
        let shared = Arc::new((Gate::default(), UnsafeCell::new(0)));
        let poster = {
            let shared = shared.clone();
            thread::spawn(move || {
                // SAFETY: the waiter reads only after the gate has opened.
                shared.1.with_mut(|value| unsafe { *value = 7 });
                shared.0.open(1);
            })
        };
        assert!(shared.0.wait(1, &Asleep(None)));
        // SAFETY: the gate has opened.
        shared.1.with(|value| assert_eq!(unsafe { *value }, 7));
        poster.join().unwrap();
    });
}

#[test]
fn two_sleepers_are_woken_across_two_generations() {
    model(|| {
        let gate = Arc::new(Gate::default());
        let waiters: Vec<_> = (1..=2)
            .map(|target| {
                let gate = gate.clone();
                thread::spawn(move || assert!(gate.wait(target, &Asleep(None))))
            })
            .collect();
        gate.open(1);
        gate.open(2);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

#[test]
fn a_kick_reaches_a_sleeper() {
    model(|| {
        let shared = Arc::new((Gate::default(), AtomicBool::new(false)));
        let canceller = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.store(true, Ordering::Relaxed);
                shared.0.kick();
            })
        };
        assert!(!shared.0.wait(1, &Asleep(Some(&shared.1))));
        canceller.join().unwrap();
    });
}

#[test]
fn a_kick_and_a_post_may_cross() {
    model(|| {
        let shared = Arc::new((Gate::default(), AtomicBool::new(false)));
        let poster = {
            let shared = shared.clone();
            thread::spawn(move || shared.0.open(1))
        };
        let canceller = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.store(true, Ordering::Relaxed);
                shared.0.kick();
            })
        };
        // Either answer is right; never waking is not.
        shared.0.wait(1, &Asleep(Some(&shared.1)));
        poster.join().unwrap();
        canceller.join().unwrap();
    });
}

/// The barrier's all-to-all part: post, wait for the other, settle late.
fn meet(own: &Gate, other: &Gate, count: u32) {
    own.post(count);
    if !other.reached(count) {
        own.settle();
        assert!(other.wait_slow(count, &Asleep(None)));
    } else {
        own.settle();
    }
}

#[test]
fn two_threads_meet_at_two_barriers() {
    model(|| {
        let shared = Arc::new((
            [Gate::default(), Gate::default()],
            [UnsafeCell::new(0), UnsafeCell::new(0)],
        ));
        let run = |shared: &([Gate; 2], [UnsafeCell<u32>; 2]), me: usize| {
            // SAFETY: each thread writes its own cell before the first barrier and reads the other's after it.
            shared.1[me].with_mut(|value| unsafe { *value = 1 });
            meet(&shared.0[me], &shared.0[1 - me], 1);
            // SAFETY: nobody writes between the barriers.
            shared.1[1 - me].with(|value| assert_eq!(unsafe { *value }, 1));
            meet(&shared.0[me], &shared.0[1 - me], 2);
            // SAFETY: the other has read before the second barrier.
            shared.1[me].with_mut(|value| unsafe { *value = 2 });
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || run(&shared, 1))
        };
        run(&shared, 0);
        other.join().unwrap();
    });
}

/// The counted barrier of crowds: the last to arrive opens the gate for all.
fn meet_by_count(arrivals: &AtomicU32, release: &Gate, count: u32) {
    if arrivals.fetch_add(1, Ordering::AcqRel) + 1 == 2 {
        arrivals.store(0, Ordering::Relaxed);
        release.open(count);
    } else {
        assert!(release.wait(count, &Asleep(None)));
    }
}

#[test]
fn two_threads_meet_at_two_counted_barriers() {
    model(|| {
        let shared = Arc::new((
            (AtomicU32::new(0), Gate::default()),
            [UnsafeCell::new(0), UnsafeCell::new(0)],
        ));
        let run = |shared: &((AtomicU32, Gate), [UnsafeCell<u32>; 2]), me: usize| {
            let (arrivals, release) = &shared.0;
            // SAFETY: each thread writes its own cell before the first barrier and reads the other's after it.
            shared.1[me].with_mut(|value| unsafe { *value = 1 });
            meet_by_count(arrivals, release, 1);
            // SAFETY: nobody writes between the barriers.
            shared.1[1 - me].with(|value| assert_eq!(unsafe { *value }, 1));
            meet_by_count(arrivals, release, 2);
            // SAFETY: the other has read before the second barrier.
            shared.1[me].with_mut(|value| unsafe { *value = 2 });
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || run(&shared, 1))
        };
        run(&shared, 0);
        other.join().unwrap();
    });
}

#[test]
fn orders_written_by_one_thread_are_announced_by_another() {
    // The owner writes both orders, the farther one first, and wakes the nearer worker only, which wakes the other.
    model(|| {
        let shared = Arc::new(([Gate::default(), Gate::default()], UnsafeCell::new(0)));
        let near = {
            let shared = shared.clone();
            thread::spawn(move || {
                assert!(shared.0[0].wait(1, &Asleep(None)));
                fence(Ordering::SeqCst);
                shared.0[1].wake_sleepers();
            })
        };
        let far = {
            let shared = shared.clone();
            thread::spawn(move || {
                assert!(shared.0[1].wait(1, &Asleep(None)));
                // SAFETY: written before the order.
                shared.1.with(|order| assert_eq!(unsafe { *order }, 7));
            })
        };
        // SAFETY: nobody reads before the orders are there.
        shared.1.with_mut(|order| unsafe { *order = 7 });
        shared.0[1].post(1);
        shared.0[0].open(1);
        near.join().unwrap();
        far.join().unwrap();
    });
}

#[test]
fn two_loops_in_one_buffer_hand_out_every_iteration_once() {
    // The model's ring has one buffer, so that the second loop must wait for the first.
    model(|| {
        let shared = Arc::new((Ring::default(), [AtomicU32::new(0), AtomicU32::new(0)]));
        let run = |shared: &(Ring, [AtomicU32; 2])| {
            for index in 0..2 {
                assert!(shared.0.enter(index, &Asleep(None)));
                while shared.0.take(index, 1) < 2 {
                    shared.1[index as usize].fetch_add(1, Ordering::Relaxed);
                }
                shared.0.leave(index, 2);
            }
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || run(&shared))
        };
        run(&shared);
        other.join().unwrap();
        assert_eq!(
            (
                shared.1[0].load(Ordering::Relaxed),
                shared.1[1].load(Ordering::Relaxed)
            ),
            (2, 2)
        );
    });
}

/// One thread's part in gathering the sum of two values, of which the second is offered.
fn add_up(
    seats: &[Seat; 2],
    values: &[UnsafeCell<u32>; 2],
    me: u32,
    stop: Option<&AtomicBool>,
) -> Outcome {
    let own = &values[me as usize];
    gather(
        |tid| &seats[tid as usize],
        (me, 2),
        1,
        std::ptr::from_ref(own).cast_mut().cast(),
        (&Asleep(stop), &Asleep(None)),
        |from| {
            // SAFETY: the offerer's cell, which lives until its thread is told that it was taken.
            let from = unsafe { &*from.cast::<UnsafeCell<u32>>() };
            // SAFETY: the offerer waits, and the own cell is this thread's.
            let other = from.with(|value| unsafe { *value });
            // SAFETY: as above.
            own.with_mut(|value| unsafe { *value += other });
        },
    )
}

#[test]
fn what_is_offered_is_combined_before_its_thread_goes_on() {
    model(|| {
        let shared = Arc::new((
            [Seat::default(), Seat::default()],
            [UnsafeCell::new(1), UnsafeCell::new(2)],
        ));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                assert_eq!(add_up(&shared.0, &shared.1, 1, None), Outcome::Given);
                // SAFETY: the value was taken.
                shared.1[1].with_mut(|value| unsafe { *value = 9 });
            })
        };
        assert_eq!(add_up(&shared.0, &shared.1, 0, None), Outcome::All);
        // SAFETY: this thread's own.
        shared.1[0].with(|value| assert_eq!(unsafe { *value }, 3));
        other.join().unwrap();
    });
}

#[test]
fn an_offer_is_withdrawn_or_taken_when_the_team_is_cancelled() {
    model(|| {
        let shared = Arc::new((
            [Seat::default(), Seat::default()],
            [UnsafeCell::new(1), UnsafeCell::new(2)],
            AtomicBool::new(false),
        ));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                let outcome = add_up(&shared.0, &shared.1, 1, Some(&shared.2));
                // SAFETY: the value was taken or withdrawn.
                shared.1[1].with_mut(|value| unsafe { *value = 9 });
                outcome
            })
        };
        let canceller = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.2.store(true, Ordering::Relaxed);
                shared.0[1].kick();
            })
        };
        let outcome = add_up(&shared.0, &shared.1, 0, Some(&shared.2));
        let others = other.join().unwrap();
        canceller.join().unwrap();
        assert_eq!(outcome == Outcome::All, others == Outcome::Given);
        // SAFETY: this thread's own.
        shared.1[0].with(|value| assert_eq!(unsafe { *value } == 3, outcome == Outcome::All));
    });
}

#[test]
fn every_chunk_of_two_shares_is_taken_once() {
    const INITIAL: [Range; 2] = [Range { next: 0, end: 2 }, Range { next: 2, end: 3 }];
    /// One thread's way through a loop: its own chunks, then the other's.
    fn work(shares: &[Share; 2], taken: &[AtomicU32; 3], me: usize, tag: u8) {
        shares[me].enter(tag, INITIAL[me]);
        loop {
            let chunk = shares[me].take().or_else(|| {
                let range = shares[1 - me].rob(tag, INITIAL[1 - me])?;
                shares[me].refill(
                    tag,
                    Range {
                        next: range.next + 1,
                        ..range
                    },
                );
                Some(range.next)
            });
            let Some(chunk) = chunk else {
                break;
            };
            taken[chunk as usize].fetch_add(1, Ordering::Relaxed);
        }
    }
    model(|| {
        let shared = Arc::new((
            [Share::default(), Share::default()],
            [AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0)],
        ));
        // What an earlier loop has left behind.
        for share in &shared.0 {
            share.refill(1, Range { next: 4, end: 3 });
        }
        let other = {
            let shared = shared.clone();
            thread::spawn(move || work(&shared.0, &shared.1, 1, 2))
        };
        work(&shared.0, &shared.1, 0, 2);
        other.join().unwrap();
        for taken in &shared.1 {
            assert_eq!(taken.load(Ordering::Relaxed), 1);
        }
    });
}

#[test]
fn ordered_parts_follow_each_other() {
    model(|| {
        let shared = Arc::new((Turns::default(), UnsafeCell::new(0u64)));
        let part = |shared: &(Turns, UnsafeCell<u64>), iteration: u64| {
            assert!(shared.0.wait(iteration, &Asleep(None)));
            // SAFETY: ordered parts exclude each other.
            shared.1.with_mut(|next| unsafe {
                assert_eq!(*next, iteration);
                *next += 1;
            });
            shared.0.advance_to(iteration + 1);
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || part(&shared, 1))
        };
        part(&shared, 0);
        part(&shared, 2);
        other.join().unwrap();
    });
}

#[test]
fn a_lock_excludes_and_wakes_its_sleepers() {
    model(|| {
        let shared = Arc::new((Lock::default(), UnsafeCell::new(0)));
        let add = |shared: &(Lock, UnsafeCell<u32>)| {
            assert!(shared.0.lock(&Asleep(None)));
            // SAFETY: the lock is held.
            shared.1.with_mut(|value| unsafe { *value += 1 });
            shared.0.unlock();
        };
        let others: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || add(&shared))
            })
            .collect();
        add(&shared);
        for other in others {
            other.join().unwrap();
        }
        // SAFETY: all others have ended.
        shared.1.with(|value| assert_eq!(unsafe { *value }, 3));
    });
}

#[test]
fn a_sleeper_that_gives_up_passes_its_wake_on() {
    model(|| {
        let shared = Arc::new((Lock::default(), AtomicBool::new(false)));
        assert!(shared.0.try_lock());
        let patient = {
            let shared = shared.clone();
            thread::spawn(move || {
                assert!(shared.0.lock(&Asleep(None)));
                shared.0.unlock();
            })
        };
        let hasty = {
            let shared = shared.clone();
            thread::spawn(move || {
                if shared.0.lock(&Asleep(Some(&shared.1))) {
                    shared.0.unlock();
                }
            })
        };
        shared.1.store(true, Ordering::Relaxed);
        shared.0.unlock();
        patient.join().unwrap();
        hasty.join().unwrap();
    });
}

#[test]
fn whoever_waits_for_an_event_sees_the_change() {
    model(|| {
        let shared = Arc::new((Event::default(), AtomicU32::new(0)));
        let others: Vec<_> = (0..2)
            .map(|bit| {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.1.fetch_or(1 << bit, Ordering::Release);
                    shared.0.notify();
                })
            })
            .collect();
        assert!(
            shared
                .0
                .wait(|| shared.1.load(Ordering::Acquire) == 3, &Asleep(None))
        );
        for other in others {
            other.join().unwrap();
        }
    });
}
