//! Gathering values along a tree: every thread's value is combined once, in every size of team, round after round.

#![cfg(not(loom))]

mod common;

use std::cell::Cell;
use std::time::Duration;

use common::SIZES;
use omply_runtime::sync::gather::{Outcome, Seat, gather};
use omply_runtime::sync::{SpinClock, WaitPolicy};

/// Yields, then sleeps; is never given up.
struct Patient;

impl WaitPolicy for Patient {
    fn eager(&self) -> bool {
        true
    }
    fn keep_spinning(&self, clock: &mut SpinClock) -> bool {
        clock.give_way(Duration::from_micros(50))
    }
    fn stop(&self) -> bool {
        false
    }
    fn sleep_slice(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn the_first_thread_gets_every_value_once() {
    for size in SIZES {
        let size = size as u32;
        let seats: Vec<Seat> = (0..size).map(|_| Seat::default()).collect();
        std::thread::scope(|scope| {
            for me in 0..size {
                let seats = &seats;
                scope.spawn(move || {
                    for round in 1..=500 {
                        // A bit for each thread: a value that came twice would carry.
                        let value = Cell::new(1u64 << me);
                        let outcome = gather(
                            |tid| &seats[tid as usize],
                            (me, size),
                            round,
                            value.as_ptr().cast(),
                            (&Patient, &Patient),
                            // SAFETY: another thread's value, which waits.
                            |from| value.set(value.get() + unsafe { *from.cast::<u64>() }),
                        );
                        if me == 0 {
                            assert_eq!(outcome, Outcome::All);
                            assert_eq!(value.get(), (1 << size) - 1);
                        } else {
                            assert_eq!(outcome, Outcome::Given);
                        }
                    }
                });
            }
        });
    }
}
