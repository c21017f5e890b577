//! The barrier of a team.
//!
//! # Protocol
//!
//! Every member counts the barriers it arrives at in its `arrived` gate; all members of a team arrive at the same
//! barriers, so the counts agree. Up to `ALL_TO_ALL` members, each advances its own count and then waits until all the
//! others have reached it: the information travels one way only, in parallel. A thread that is fast may already be at
//! the next barrier (count + 1) while others still look for count; it cannot get further, since it needs their count + 1.
//!
//! In teams with more threads than there are processors (`crowd`) a thread that watches several others would have to get a
//! processor for each. They count arrivals instead: the last thread to increment the team's `arrivals` (AcqRel, so that it
//! has seen what all others wrote) zeroes it and advances the team's `release` gate, with one wake call for all that sleep.
//!
//! Other large teams gather along the tree that fork and join use, and member 0 then advances the team's `release` gate.
//!
//! Everything written before the barrier by anyone is visible after it to all: each `arrived` gate publishes with Release and is read
//! with Acquire by everyone (or by the parent, which then publishes its own, up to `release`, which everyone reads).
//!
//! When a team is cancelled, members may leave at different counts; the owner levels the counts after the join.

use std::sync::atomic::Ordering;

use crate::crowd::InCrowd;
use crate::ompt;
use crate::orders::BRANCHING;
use crate::process;
use crate::stress::point;
use crate::task::wait::{self, TeamWait};
use crate::team::Member;
use crate::thread::Thread;
use crate::wait::InRegion;

/// Largest team whose members watch each other directly.
const ALL_TO_ALL: u32 = 4;

/// Waits for all threads of the team. True: the team is cancelled, everyone is to leave the region.
#[inline]
pub fn barrier(thread: &'static Thread, member: &'static Member) -> bool {
    if ompt::watched() {
        return ompt::barrier(thread, || meet(thread, member));
    }
    meet(thread, member)
}

#[inline]
fn meet(thread: &'static Thread, member: &'static Member) -> bool {
    let size = member.team_size.get();
    if member.must_leave(thread) {
        return true;
    }
    wait::at_region_end(thread, member);
    if size > 1 {
        let policy = TeamWait::new(thread, member, || InRegion::new(thread, member));
        let passed = if process::crowded(size) {
            counted(thread, member, size)
        } else if size <= ALL_TO_ALL {
            all_to_all(member, size, &policy)
        } else {
            tree(member, size, &policy)
        };
        if !passed {
            return true;
        }
    }
    // Relaxed would do: whoever cancelled before arriving is seen through the gates.
    member.team().cancelled.load(Ordering::Relaxed) != 0
}

#[inline]
fn all_to_all<'a, F>(member: &Member, size: u32, wait: &TeamWait<F>) -> bool
where
    F: Fn() -> InRegion<'a>,
{
    let team = member.team();
    let own = &member.signals.arrived;
    let count = own.generation().wrapping_add(1);
    own.post(count);
    let mut settled = false;
    for tid in (0..size).filter(|tid| *tid != member.tid.get()) {
        let other = &team.member(tid).signals.arrived;
        if wait.eager() && other.poll_briefly(count) || other.reached(count) {
            continue;
        }
        if !settled {
            // Someone may be asleep waiting for this thread, which may now sleep itself.
            own.settle();
            settled = true;
        }
        if !wait.wait_slow(other, count) {
            return false;
        }
    }
    if !settled {
        own.settle();
    }
    true
}

fn counted(thread: &'static Thread, member: &'static Member, size: u32) -> bool {
    let team = member.team();
    let own = &member.signals.arrived;
    let count = own.generation().wrapping_add(1);
    let arrival = team.crowd().arrive(&member.spot, 2 * count);
    // Nobody watches this gate now; it keeps the count.
    own.post(count);
    point();
    if team.arrivals.0.fetch_add(1, Ordering::AcqRel) + 1 == size {
        team.arrivals.0.store(0, Ordering::Relaxed);
        point();
        team.release.0.open(count);
        return true;
    }
    let policy = || InCrowd(InRegion::new(thread, member), arrival);
    TeamWait::new(thread, member, policy).wait(&team.release.0, count)
}

fn tree<'a, F>(member: &Member, size: u32, wait: &TeamWait<F>) -> bool
where
    F: Fn() -> InRegion<'a>,
{
    let team = member.team();
    let own = &member.signals.arrived;
    let count = own.generation().wrapping_add(1);
    let first = member.tid.get() * BRANCHING + 1;
    for tid in first..size.min(first + BRANCHING) {
        if !wait.wait(&team.member(tid).signals.arrived, count) {
            return false;
        }
    }
    own.open(count);
    if member.tid.get() == 0 {
        team.release.0.open(count);
        return true;
    }
    wait.wait(&team.release.0, count)
}
