//! Orders to the workers of a team, and how they say that they are done.
//!
//! # Protocol
//!
//! The encountering thread (the *owner*) is member 0. It gives the workers their orders by writing one cache line
//! each (`Mail`) and advancing that line's gate; a worker passes the order on to its own children in a tree of branching
//! `BRANCHING`, so that waking a large team that sleeps takes logarithmic time. When a worker has run the region's code
//! and its children are done, it opens its `done` gate and waits for the next order. The region is over when the owner
//! has seen all its children's `done` gates: by induction all members are done, and all they wrote is visible (each gate
//! publishes with Release, each parent reads with Acquire before it opens its own).
//!
//! In a team with more threads than processors (`crowd`) the owner would have to get a processor for each child, and a worker that
//! gets one before its parent would find no order. There, the owner writes all orders itself, and each worker decrements the
//! team's `pending` count (AcqRel, so that the last one has seen what all wrote); the last opens `all_done`. Waking those who sleep
//! still goes down the tree. The owner writes the orders from the highest number down, so that whoever has seen its own
//! order and then fences (SeqCst) sees its children's sleep, or they see their orders (see `sync::gate`).
//!
//! Which generation of a gate to wait for is read before the order is given: the worker is idle then, and its parent saw the last
//! generation when it joined.

use std::sync::atomic::Ordering;

use crate::crowd::InCrowd;
use crate::process;
use crate::stress::point;
use crate::sync::gate::Gate;
use crate::task::wait::TeamWait;
use crate::team::{Member, Team};
use crate::thread::{Order, Thread};
use crate::wait::{Committed, Idle};

/// Children of each member in the tree that orders and completions take.
pub const BRANCHING: u32 = 4;

/// The children that a member has given orders to, and the `done` generation that each will reach.
pub struct Children {
    first: u32,
    count: u32,
    targets: [u32; BRANCHING as usize],
    /// One of them slept and had to be woken.
    woken: bool,
}

/// Gives the children of member `tid` their orders.
///
/// # Safety
/// The children's threads are idle and belong to this team.
#[inline]
pub unsafe fn send_orders(team: &'static Team, tid: u32, order: Order) -> Children {
    let first = tid * BRANCHING + 1;
    let count = order.team_size.saturating_sub(first).min(BRANCHING);
    let mut children = Children {
        first,
        count,
        targets: [0; BRANCHING as usize],
        woken: false,
    };
    if process::crowded(order.team_size) {
        if tid == 0 {
            for member in (1..order.team_size).rev() {
                // SAFETY: descriptors are never freed; the caller's promise.
                unsafe { (*team.member(member).thread.get()).mail.post(order) };
            }
        }
    } else {
        for index in 0..count {
            let child = team.member(first + index);
            children.targets[index as usize] = child.signals.done.generation().wrapping_add(1);
            point();
            // SAFETY: descriptors are never freed; the caller's promise.
            unsafe { (*child.thread.get()).mail.post(order) };
        }
    }
    if count > 0 {
        // SeqCst: settles all the mails' gates at once.
        std::sync::atomic::fence(Ordering::SeqCst);
        for index in 0..count {
            // SAFETY: descriptors are never freed.
            let child = unsafe { &*team.member(first + index).thread.get() };
            children.woken |= child.mail.gate.wake_sleepers();
        }
    }
    children
}

impl Children {
    /// Waits until all of them are done.
    #[inline]
    fn wait(&self, thread: &'static Thread, own: &'static Member) {
        let team = own.team();
        let wait = TeamWait::new(thread, own, || {
            if self.woken {
                Committed::brief(thread)
            } else {
                Committed::new(thread)
            }
        });
        for index in 0..self.count {
            let done: &Gate = &team.member(self.first + index).signals.done;
            wait.wait(done, self.targets[index as usize]);
        }
    }
}

/// How the owner learns that the workers are done.
pub enum Join {
    Children(Children),
    /// By the generation that `all_done` will reach.
    Count(u32),
}

impl Join {
    /// On the owner: until all workers are done.
    #[inline]
    pub fn wait(self, thread: &'static Thread, own: &'static Member) {
        match self {
            Self::Children(children) => children.wait(thread, own),
            Self::Count(target) => {
                let gate = &own.team().all_done.0;
                let arrival = own.team().crowd().arrive(&own.spot, region_round(target));
                let policy = || InCrowd(Committed::new(thread), arrival);
                TeamWait::new(thread, own, policy).wait(gate, target);
            }
        }
    }
}

/// Sets the workers to work.
///
/// # Safety
/// The team is idle.
#[inline]
pub unsafe fn start(team: &'static Team, order: Order) -> Join {
    let crowded = process::crowded(order.team_size);
    let target = team.all_done.0.generation().wrapping_add(1);
    if crowded {
        // Relaxed: the orders publish it.
        team.pending.0.store(order.team_size - 1, Ordering::Relaxed);
    }
    // SAFETY: the caller's promise.
    let children = unsafe { send_orders(team, 0, order) };
    if crowded {
        Join::Count(target)
    } else {
        Join::Children(children)
    }
}

/// Ends a worker's part of a region. Returns how it waits for the next one.
#[inline]
pub fn complete(
    thread: &'static Thread,
    member: &'static Member,
    team_size: u32,
    children: &Children,
) -> Idle {
    let team = member.team();
    let shared = thread.hooks.take().is_some();
    if process::crowded(team_size) {
        let gate = &team.all_done.0;
        let target = gate.generation().wrapping_add(1);
        let arrival = team.crowd().arrive(&member.spot, region_round(target));
        point();
        if team.pending.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            gate.open(target);
        }
        return Idle {
            shared,
            crowd: Some((arrival, &team.member(0).spot)),
        };
    }
    children.wait(thread, member);
    point();
    let done = &member.signals.done;
    done.open(done.generation().wrapping_add(1));
    Idle {
        shared,
        crowd: None,
    }
}

/// A crowd's rounds are barriers, which have even numbers, and regions.
fn region_round(region: u32) -> u32 {
    2 * region + 1
}
