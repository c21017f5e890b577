//! Initial tasks on the encountering thread: a target region that the host executes on behalf of a device, or with a thread limit of
//! its own. While it runs, the thread is the initial thread of another contention group, with a team of one at level 0, teams of
//! its own for the regions inside, and another league.
//!
//! What such a task needs is kept with the thread, one *seat* for each depth of nesting, and is used again.

use std::cell::Cell;
use std::ptr::null;
use std::sync::atomic::Ordering;

use crate::cancel;
use crate::icv::{Icvs, new_version};
use crate::league::{self, League};
use crate::process;
use crate::task;
use crate::team::{self, Team};
use crate::thread::{self, Group, Thread};
use crate::wait;

/// See the module's description. Its cells belong to the thread.
pub struct Seat {
    group: &'static Group,
    team: &'static Team,
    league: Cell<*const League>,
}

/// Runs `body` as an initial task and waits for the tasks it has generated. `device`: the number of the device on whose behalf it
/// runs, whose data environment then begins with the initial values of all ICVs; `None`: it has the encountering task's.
/// `thread_limit` below 1: no limit. The result is the body's, or that of a task that has failed.
pub fn initial_task(device: Option<i32>, thread_limit: i32, body: impl FnOnce() -> i32) -> i32 {
    let thread = thread::current();
    let parent = thread.member_static();
    let base = match device {
        Some(_) => Icvs::initial(),
        None => *parent.icvs(),
    };
    let icvs = Icvs {
        version: new_version(),
        thread_limit: match thread_limit {
            limit if limit > 0 => limit.min(base.thread_limit),
            _ => base.thread_limit,
        },
        ..base
    };
    let known = thread.seats.borrow_mut().pop();
    let seat = known.unwrap_or_else(|| {
        Box::leak(Box::new(Seat {
            group: Box::leak(Box::default()),
            team: Team::solo(thread),
            league: Cell::new(null()),
        }))
    });
    let outer = thread.group.get();
    // SAFETY: groups are never freed.
    let group = unsafe { &*outer };
    let of_device = device.map_or(group.device.load(Ordering::Relaxed), |number| number + 1);
    // Relaxed: the orders of the team's regions publish all of it to its workers.
    seat.group.busy.store(1, Ordering::Relaxed);
    seat.group
        .is_main
        .store(group.is_main.load(Ordering::Relaxed), Ordering::Relaxed);
    seat.group.device.store(of_device, Ordering::Relaxed);
    let generation = process::generation();
    let own = seat.team.member(0);
    own.begin(1);
    own.begin_initial(thread, icvs);
    own.place.set(thread.place.get());
    thread.group.set(seat.group);
    let league = thread.league.replace(seat.league.get());
    thread.member.set(own);
    let suspended = thread.task.enter(own);
    let mut status = body();
    task::wait::at_region_end(thread, own);
    thread.task.resume(suspended);
    seat.team.tidy(own);
    if seat.team.cancelled.load(Ordering::Relaxed) != 0 {
        let of_tasks = cancel::settle(thread, seat.team);
        if status == 0 {
            status = of_tasks;
        }
    }
    seat.league.set(thread.league.replace(league));
    thread.member.set(parent);
    thread.group.set(outer);
    if generation == process::generation() {
        thread.seats.borrow_mut().push(seat);
    } else {
        // The child of a fork inside: what was kept belongs to threads that do not exist here.
        thread.league.set(null());
        team::forget_inner_teams(parent);
    }
    if status == 0 && wait::interrupted(thread) {
        return cancel::INTERRUPTED;
    }
    status
}

/// Hands the workers that `thread` keeps for initial tasks back to the process; none of them runs.
pub fn dismiss(thread: &Thread) {
    for seat in thread.seats.borrow().iter() {
        seat.team.dismiss_workers();
        league::dismiss_one(seat.league.get());
    }
}
