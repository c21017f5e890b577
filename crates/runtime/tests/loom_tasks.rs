//! Models of the task engine's protocols, explored by loom: the deque, the tally of children, sleeping and waking.
//! `RUSTFLAGS="--cfg loom" cargo test -p omply-runtime --release --test loom_tasks`.

#![cfg(loom)]

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use omply_runtime::sync::asymmetric::{heavy, light};
use omply_runtime::sync::deque::{Deque, Steal};
use omply_runtime::sync::event::Event;
use omply_runtime::sync::tally::{CHILD, IN_USE, INCOMPLETE, Left, Tally};
use omply_runtime::sync::{SpinClock, WaitPolicy};

fn model(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(body);
}

/// Takes at the top until there is nothing left; the entries taken.
fn thieve(deque: &Deque, attempts: usize) -> Vec<usize> {
    let mut taken = Vec::new();
    for _ in 0..attempts {
        if let Steal::Taken(entry) = deque.steal(|_| true) {
            taken.push(entry);
        }
    }
    taken
}

/// Every entry is taken exactly once, and what its pusher wrote is visible to the taker.
fn each_once(entries: usize, pops: usize, thieves: usize, attempts: usize) {
    let deque = Arc::new(Deque::default());
    let written = Arc::new(
        (0..entries)
            .map(|_| AtomicUsize::new(0))
            .collect::<Vec<_>>(),
    );
    let others: Vec<_> = (0..thieves)
        .map(|_| {
            let (deque, written) = (deque.clone(), written.clone());
            thread::spawn(move || {
                let taken = thieve(&deque, attempts);
                for entry in &taken {
                    assert_eq!(written[entry - 1].load(Ordering::Relaxed), *entry);
                }
                taken
            })
        })
        .collect();
    let mut taken = Vec::new();
    for entry in 1..=entries {
        written[entry - 1].store(entry, Ordering::Relaxed);
        // SAFETY: this thread is the owner.
        unsafe { deque.push(entry) };
    }
    for _ in 0..pops {
        // SAFETY: as above.
        taken.extend(unsafe { deque.pop(0) });
    }
    for other in others {
        taken.extend(other.join().unwrap());
    }
    // SAFETY: as above.
    while let Some(entry) = unsafe { deque.pop(0) } {
        taken.push(entry);
    }
    taken.sort_unstable();
    assert_eq!(taken, (1..=entries).collect::<Vec<_>>());
}

#[test]
fn owner_and_thief_never_take_the_same_entry() {
    model(4, || each_once(2, 2, 1, 2));
}

#[test]
fn two_thieves_and_the_owner_share_the_last_entry() {
    model(3, || each_once(1, 1, 2, 1));
}

#[test]
fn an_entry_stolen_while_the_buffer_grows_is_the_right_one() {
    // The first buffer has room for two.
    model(4, || each_once(3, 0, 1, 2));
}

#[test]
fn a_refused_entry_stays() {
    model(3, || {
        let deque = Arc::new(Deque::default());
        // SAFETY: this thread is the owner.
        unsafe { deque.push(1) };
        let thief = {
            let deque = deque.clone();
            thread::spawn(move || deque.steal(|entry| entry != 1))
        };
        // SAFETY: as above.
        unsafe { deque.push(2) };
        assert!(matches!(thief.join().unwrap(), Steal::Refused));
        // SAFETY: as above.
        assert_eq!(unsafe { (deque.pop(0), deque.pop(0)) }, (Some(2), Some(1)));
    });
}

#[test]
fn a_pop_above_a_base_leaves_what_lies_below_to_thieves() {
    model(3, || {
        let deque = Arc::new(Deque::default());
        // SAFETY: this thread is the owner.
        unsafe { deque.push(1) };
        let base = deque.bottom();
        let thief = {
            let deque = deque.clone();
            thread::spawn(move || thieve(&deque, 1))
        };
        // SAFETY: as above.
        unsafe { deque.push(2) };
        // SAFETY: as above.
        let own = unsafe { [deque.pop(base), deque.pop(base)] };
        let stolen = thief.join().unwrap();
        assert_eq!(own[1], None);
        assert!(own[0] == Some(2));
        assert!(stolen == [1] || stolen.is_empty());
    });
}

/// A task's tally with what its children do to it.
struct Parent {
    tally: Tally,
    freed: AtomicUsize,
    done: [AtomicBool; 2],
}

impl Parent {
    fn with_children(children: i64) -> Arc<Self> {
        let parent = Parent {
            tally: Tally::default(),
            freed: AtomicUsize::new(0),
            done: [AtomicBool::new(false), AtomicBool::new(false)],
        };
        parent.tally.add_local(children * CHILD);
        Arc::new(parent)
    }

    fn free(&self) {
        // Relaxed: whoever frees must see everything that was done.
        assert!(self.done.iter().all(|done| done.load(Ordering::Relaxed)));
        assert_eq!(self.freed.fetch_add(1, Ordering::Relaxed), 0);
    }

    fn subtract(&self, amount: i64) {
        if self.tally.subtract_remote(amount) == Left::Nothing {
            self.free();
        }
    }
}

#[test]
fn the_storage_of_a_task_is_freed_once_by_whoever_is_last() {
    model(4, || {
        let parent = Parent::with_children(2);
        let children: Vec<_> = (0..2)
            .map(|number| {
                let parent = parent.clone();
                thread::spawn(move || {
                    parent.done[number].store(true, Ordering::Relaxed);
                    if number == 0 {
                        parent.subtract(CHILD);
                    } else {
                        // It has a child itself: complete first, freed later.
                        parent.subtract(INCOMPLETE);
                        parent.subtract(IN_USE);
                    }
                })
            })
            .collect();
        if parent.tally.merge() {
            parent.free();
        }
        for child in children {
            child.join().unwrap();
        }
        assert_eq!(parent.freed.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_zero_sum_means_that_all_children_are_complete_and_their_work_visible() {
    model(4, || {
        let parent = Parent::with_children(2);
        let child = {
            let parent = parent.clone();
            thread::spawn(move || {
                // Part of a split loop: makes another child of the same parent before it is over.
                parent.tally.add_remote(CHILD);
                parent.done[0].store(true, Ordering::Relaxed);
                parent.subtract(CHILD);
                parent.done[1].store(true, Ordering::Relaxed);
                parent.subtract(CHILD);
            })
        };
        // One child is executed here.
        parent.tally.add_local(-CHILD);
        if !parent.tally.has_incomplete() {
            assert!(parent.done.iter().all(|done| done.load(Ordering::Relaxed)));
            assert!(!parent.tally.has_any() && parent.tally.is_clear());
        }
        child.join().unwrap();
        assert!(!parent.tally.has_any() && parent.tally.is_clear());
    });
}

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
fn the_owner_asleep_is_woken_by_its_last_child() {
    model(3, || {
        let shared = Arc::new((Parent::with_children(1), Event::default()));
        let child = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.0.done[0].store(true, Ordering::Relaxed);
                shared.0.subtract(CHILD);
                shared.1.notify();
            })
        };
        shared.1.wait(|| !shared.0.tally.has_any(), &Asleep);
        assert!(shared.0.done[0].load(Ordering::Relaxed));
        child.join().unwrap();
    });
}

/// A thread that looks for work: as `task::team` describes, with one deque and one word for the sleeper's place.
#[test]
fn a_task_pushed_while_a_thread_falls_asleep_is_seen_or_wakes_it() {
    struct Idle<'a>(&'a Deque, &'a AtomicUsize);
    impl WaitPolicy for Idle<'_> {
        fn eager(&self) -> bool {
            false
        }
        fn keep_spinning(&self, _clock: &mut SpinClock) -> bool {
            false
        }
        fn stop(&self) -> bool {
            heavy();
            self.0.offers(|_| true)
        }
        fn sleep_slice(&self) -> Option<Duration> {
            None
        }
        fn falls_asleep(&self, _place: omply_runtime::sync::Place) {
            self.1.store(1, Ordering::Relaxed);
        }
        fn woke_up(&self) {
            self.1.store(0, Ordering::Relaxed);
        }
    }
    model(3, || {
        let shared = Arc::new((Deque::default(), AtomicUsize::new(0), Event::default()));
        let idle = {
            let shared = shared.clone();
            thread::spawn(move || {
                // The wait's own condition never holds.
                shared.2.wait(|| false, &Idle(&shared.0, &shared.1));
                assert_eq!(shared.0.steal(|_| true), Steal::Taken(1));
            })
        };
        // SAFETY: this thread is the owner.
        unsafe { shared.0.push(1) };
        light();
        if shared.1.swap(0, Ordering::AcqRel) == 1 {
            shared.2.kick();
        }
        idle.join().unwrap();
    });
}
