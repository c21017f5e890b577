//! Cancellation of teams, errors of their threads, and the interrupt flag.
//!
//! A team's `cancelled` word is set once per region and cleared by the owner when the region is over. Setting it is
//! followed by `Team::kick`, which wakes every thread that sleeps in one of the team's gates; the gates' protocol makes
//! sure that no waiter misses it. Threads that leave early all meet at the join, which counts regions, not barriers, and is never
//! given up.

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use crate::team::{Member, Team};
use crate::thread::Thread;

/// Status of a thread that left its region because the team was cancelled; never recorded as an error.
pub const CANCELLED: i32 = -1;
/// Status of a region that the interrupt flag ended and in which nobody recorded an error.
pub const INTERRUPTED: i32 = -2;
/// `num_threads` below 1: nothing was run.
pub const BAD_NUM_THREADS: i32 = -3;
/// `num_threads(strict: n)` could not be met: nothing was run.
pub const STRICT_FAILED: i32 = -4;

/// `num_teams` or `thread_limit` below 1: nothing was run.
pub const BAD_NUM_TEAMS: i32 = -6;

/// Bits of `Team::cancelled`: who has cancelled.
pub const BY_ERROR: u32 = 1;
pub const BY_INTERRUPT: u32 = 2;
pub const BY_CONSTRUCT: u32 = 4;
/// An error in another team of the league.
pub const BY_LEAGUE: u32 = 8;

/// An error that a thread of a team recorded. `payload` is whatever the recorder passed.
#[derive(Debug)]
pub struct TeamError {
    pub thread_num: i32,
    pub status: i32,
    pub payload: *mut c_void,
}

/// Cancels the team's region.
#[cold]
pub fn cancel(team: &Team, by: u32) {
    // Release: whoever sees the bit also sees the error recorded before.
    if team.cancelled.fetch_or(by, Ordering::Release) & by == 0 {
        team.kick();
    }
}

/// Records an error of `member`'s thread and cancels its team.
#[cold]
pub fn record(member: &Member, status: i32, payload: *mut c_void) {
    let team = member.team();
    team.errors.lock().push(TeamError {
        thread_num: member.tid.get() as i32,
        status,
        payload,
    });
    cancel(team, BY_ERROR);
}

/// Deals with the nonzero status that a thread's region code has returned: errors of a region it forked itself go up to
/// this team; a positive status that nobody recorded is recorded now.
#[cold]
pub fn code_failed(thread: &Thread, member: &Member, status: i32) {
    let team = member.team();
    let nested: Vec<TeamError> = thread.errors.borrow_mut().drain(..).collect();
    if !nested.is_empty() {
        let thread_num = member.tid.get() as i32;
        team.errors
            .lock()
            .extend(nested.into_iter().map(|error| TeamError {
                thread_num,
                ..error
            }));
        cancel(team, BY_ERROR);
    } else if status == INTERRUPTED {
        cancel(team, BY_INTERRUPT);
    } else if status != CANCELLED && team.cancelled.load(Ordering::Relaxed) == 0 {
        record(member, status, std::ptr::null_mut());
    }
}

/// Ends a cancelled region, after its join, on the encountering thread: returns its status and leaves its errors there.
#[cold]
pub fn settle(thread: &Thread, team: &Team) -> i32 {
    let by = team.cancelled.load(Ordering::Relaxed);
    let mut errors: Vec<TeamError> = team.errors.lock().drain(..).collect();
    errors.sort_by_key(|error| error.thread_num);
    team.tidy_after_cancel();
    let status = match errors.first() {
        Some(first) => first.status,
        None if by & BY_INTERRUPT != 0 => INTERRUPTED,
        None => 0,
    };
    *thread.errors.borrow_mut() = errors;
    status
}
