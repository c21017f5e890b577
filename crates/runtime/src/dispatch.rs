//! Worksharing loops whose chunks the runtime hands out, with or without an `ordered` clause. The shared counters live in the
//! team's ring (`sync::ring`, where their protocol is described); what a thread knows by itself is here.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use crate::schedule::{Schedule, balanced, guided};
use crate::team::Member;
use crate::thread::Thread;
use crate::wait::InRegion;

/// Consecutive logical iterations that this thread is to execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub first: u64,
    pub last: u64,
    /// Holds the sequentially last iteration.
    pub is_last: bool,
}

/// The loop that a member is in.
#[derive(Default)]
pub struct LoopState {
    plan: Cell<Option<Plan>>,
    /// Chunks this thread has been given (static schedules).
    given: Cell<u64>,
    /// The iteration whose `ordered` part comes next in the current chunk.
    ordered_next: Cell<u64>,
    /// The current iteration's `ordered` block has been executed.
    ordered_done: Cell<bool>,
    /// Bounds in the program's terms, for Clang's loops: lower bound and step.
    pub bounds: Cell<(i64, i64)>,
}

impl LoopState {
    /// Forgets a loop that the last region left without finishing it; the team has cleaned its ring.
    #[inline]
    pub fn abandon(&self) {
        self.plan.set(None);
    }
}

#[derive(Clone, Copy)]
struct Plan {
    schedule: Schedule,
    count: u64,
    /// Number of the worksharing construct, from 1.
    workshare: u32,
    /// Number in the ring, for loops that share a counter.
    ring: Option<u32>,
}

/// Begins a loop of `count` logical iterations.
pub fn begin(thread: &Thread, member: &Member, schedule: Schedule, ordered: bool, count: u64) {
    let state = &member.loop_state;
    finish(member);
    member.workshares.set(member.workshares.get() + 1);
    let team_size = member.team_size.get();
    let mut schedule = schedule.resolved(member.icvs().schedule);
    if team_size == 1 {
        // Nobody to share with: the same chunks, without the shared counter.
        schedule = match schedule {
            Schedule::Dynamic(size) => Schedule::StaticChunk(size),
            Schedule::Guided(_) => Schedule::Static,
            other => other,
        };
    }
    let shared =
        ordered && team_size > 1 || matches!(schedule, Schedule::Dynamic(_) | Schedule::Guided(_));
    let ring = shared.then(|| {
        let index = member.loops.get();
        member.loops.set(index + 1);
        // When this is given up, the team is cancelled, and `next` will say so.
        member
            .team()
            .ring
            .enter(index, &InRegion::new(thread, member));
        index
    });
    state.given.set(0);
    state.ordered_done.set(false);
    state.plan.set(Some(Plan {
        schedule,
        count,
        workshare: member.workshares.get(),
        ring,
    }));
}

/// The next chunk of the current loop. `None`: no more for this thread, or cancelled.
#[inline]
pub fn next(thread: &Thread, member: &Member) -> Option<Chunk> {
    let plan = member.loop_state.plan.get()?;
    let team = member.team();
    // Relaxed: a cancelled loop is seen at some later chunk; no data travels with it.
    if member.must_leave(thread)
        || team.cancelled_workshare.load(Ordering::Relaxed) == plan.workshare
    {
        finish(member);
        return None;
    }
    match chunk(member, &plan) {
        Some((first, length)) => {
            member.loop_state.ordered_next.set(first);
            let last = first + (length - 1);
            Some(Chunk {
                first,
                last,
                is_last: last == plan.count - 1,
            })
        }
        None => {
            finish(member);
            None
        }
    }
}

#[inline]
fn chunk(member: &Member, plan: &Plan) -> Option<(u64, u64)> {
    let (threads, tid) = (
        u64::from(member.team_size.get()),
        u64::from(member.tid.get()),
    );
    let ring = &member.team().ring;
    let sized = |number: u64, size: u64| {
        let first = number
            .checked_mul(size)
            .filter(|&first| first < plan.count)?;
        Some((first, size.min(plan.count - first)))
    };
    let given = &member.loop_state.given;
    match (plan.schedule, plan.ring) {
        (Schedule::StaticChunk(size), _) => {
            let number = given.get();
            given.set(number + 1);
            sized(number * threads + tid, size)
        }
        (Schedule::Dynamic(size), Some(index)) => sized(ring.take(index, 1), size),
        (Schedule::Guided(size), Some(index)) => {
            ring.take_with(index, |taken| guided(plan.count, taken, threads, size))
        }
        _ => {
            let (first, length) = balanced(plan.count, threads, tid);
            (given.replace(1) == 0 && length > 0).then_some((first, length))
        }
    }
}

/// Leaves the current loop, if any: after the last chunk, or when the program has left a cancelled loop early.
pub fn finish(member: &Member) {
    if let Some(Plan {
        ring: Some(index), ..
    }) = member.loop_state.plan.take()
    {
        member.team().ring.leave(index, member.team_size.get());
    }
}

/// Begins the `ordered` block of the current iteration. False: cancelled.
pub fn ordered_enter(thread: &Thread, member: &Member) -> bool {
    let Some(Plan {
        ring: Some(index), ..
    }) = member.loop_state.plan.get()
    else {
        return !member.must_leave(thread);
    };
    let iteration = member.loop_state.ordered_next.get();
    member
        .team()
        .ring
        .ordered_wait(index, iteration, &InRegion::new(thread, member))
}

/// Ends it.
pub fn ordered_exit(member: &Member) {
    let state = &member.loop_state;
    if let Some(Plan {
        ring: Some(index), ..
    }) = state.plan.get()
    {
        state.ordered_done.set(true);
        let iteration = state.ordered_next.get();
        state.ordered_next.set(iteration + 1);
        member.team().ring.ordered_advance(index, iteration);
    }
}

/// Ends an iteration of a loop with an `ordered` clause: one that did not execute its block passes the turn on.
pub fn ordered_iteration_end(thread: &Thread, member: &Member) {
    if !member.loop_state.ordered_done.replace(false) && ordered_enter(thread, member) {
        ordered_exit(member);
        member.loop_state.ordered_done.set(false);
    }
}
