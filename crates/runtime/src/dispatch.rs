//! Worksharing loops whose chunks the runtime hands out, with or without an `ordered` clause. What the threads share lives in the
//! team's ring (`sync::ring`) and, for dynamic schedules, in the members' shares (`sync::shares`); both describe their
//! protocols. What a thread knows by itself is here.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use crate::ompt;
use crate::schedule::{Schedule, balanced, guided};
use crate::sync::ring::BUFFERS;
use crate::sync::shares::{MOST_CHUNKS, Range, Share, Tag};
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

/// How a loop's chunks find their threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Handing {
    /// The member is in no loop.
    #[default]
    Out,
    /// One piece per thread.
    Piece,
    RoundRobin,
    /// In increasing order, from the ring's counter.
    Counter,
    Guided,
    /// From the thread's own share, then from others'.
    Shares,
    /// No more for this thread.
    Done,
}

/// The loop that a member is in.
#[derive(Default)]
pub struct LoopState {
    handing: Cell<Handing>,
    count: Cell<u64>,
    /// Chunk size.
    size: Cell<u64>,
    /// Number of the last chunk (shares).
    last_chunk: Cell<u64>,
    /// Number of the worksharing construct, from 1.
    workshare: Cell<u32>,
    /// Number in the ring, for loops that use it.
    ring: Cell<Option<u32>>,
    /// Chunks this thread has been given (static schedules).
    given: Cell<u64>,
    /// The iteration whose `ordered` part comes next in the current chunk.
    ordered_next: Cell<u64>,
    /// The current iteration's `ordered` block has been executed.
    ordered_done: Cell<bool>,
    /// Bounds in the program's terms, for Clang's loops: lower bound and step.
    pub bounds: Cell<(i64, i64)>,
    /// For each of the ring's buffers, the last loop that used its shares. The same in all members of the team.
    tags: [Cell<Tag>; BUFFERS as usize],
}

/// A member's shares in the loops that may be under way, by the ring's buffers: on a cache line that the others take from.
#[derive(Default)]
#[repr(align(128))]
pub struct Shares([Share; BUFFERS as usize]);

impl LoopState {
    /// Forgets a loop that the last region left without finishing it; the team has cleaned its ring.
    #[inline]
    pub fn abandon(&self) {
        self.handing.set(Handing::Out);
        self.ring.set(None);
    }
}

/// Forgets which loops have used the member's shares: all members of an idle team at once, when they may have counted differently.
pub fn forget_shares(member: &Member) {
    member.shares.0.iter().for_each(Share::reset);
    member.loop_state.tags.iter().for_each(|tag| tag.set(0));
}

/// Begins a loop of `count` logical iterations.
pub fn begin(thread: &Thread, member: &Member, schedule: Schedule, ordered: bool, count: u64) {
    let state = &member.loop_state;
    finish(member);
    let workshare = member.workshares.get() + 1;
    member.workshares.set(workshare);
    let alone = member.team_size.get() == 1;
    let (handing, size) = match schedule.resolved(member.icvs().schedule) {
        // Nobody to share with: the same chunks, without anything shared.
        Schedule::StaticChunk(size) => (Handing::RoundRobin, size),
        Schedule::Dynamic(size) | Schedule::MonotonicDynamic(size) if alone => {
            (Handing::RoundRobin, size)
        }
        Schedule::Guided(_) if alone => (Handing::Piece, 1),
        Schedule::MonotonicDynamic(size) => (Handing::Counter, size),
        // An ordered part waits for those before it: no thread may be given chunks out of their order.
        Schedule::Dynamic(size) if ordered => (Handing::Counter, size),
        Schedule::Dynamic(size) => (Handing::Shares, shared_size(count, size)),
        Schedule::Guided(size) => (Handing::Guided, size),
        Schedule::Static | Schedule::Auto | Schedule::Runtime | Schedule::MonotonicRuntime => {
            (Handing::Piece, 1)
        }
    };
    ompt::dispatch_begin(thread, member, schedule, count);
    state.handing.set(handing);
    state.count.set(count);
    state.size.set(size);
    state.workshare.set(workshare);
    state.given.set(0);
    state.ordered_done.set(false);
    let shared = ordered && !alone
        || matches!(
            handing,
            Handing::Counter | Handing::Guided | Handing::Shares
        );
    if !shared {
        return;
    }
    let index = member.loops.get();
    member.loops.set(index.wrapping_add(1));
    // When this is given up, the team is cancelled, and `next` will say so.
    member
        .team()
        .ring
        .enter(index, &InRegion::new(thread, member));
    state.ring.set(Some(index));
    if handing == Handing::Shares {
        let buffer = (index % BUFFERS) as usize;
        state.last_chunk.set(count.div_ceil(size).saturating_sub(1));
        let tag = state.tags[buffer].get().wrapping_add(1);
        state.tags[buffer].set(tag);
        member.shares.0[buffer].enter(tag, initial_share(member, member.tid.get()));
    }
}

/// A chunk size with which the chunks can be numbered in a share. Where it is larger than asked for, consecutive chunks go to
/// the same thread.
fn shared_size(count: u64, size: u64) -> u64 {
    size.max(count.div_ceil(MOST_CHUNKS - 2))
}

/// The chunks that thread `tid`'s share of the current loop begins with: its part of all but the last.
fn initial_share(member: &Member, tid: u32) -> Range {
    let state = &member.loop_state;
    let (next, length) = balanced(
        state.last_chunk.get(),
        member.team_size.get().into(),
        tid.into(),
    );
    Range {
        next,
        end: next + length,
    }
}

/// The next chunk of the current loop. `None`: no more for this thread, or cancelled.
#[inline]
pub fn next(thread: &Thread, member: &Member) -> Option<Chunk> {
    let chunk = take(thread, member);
    ompt::dispatched(thread, chunk);
    chunk
}

#[inline]
fn take(thread: &Thread, member: &Member) -> Option<Chunk> {
    let state = &member.loop_state;
    if state.handing.get() == Handing::Out {
        return None;
    }
    // Relaxed: a cancelled loop is seen at some later chunk; no data travels with it.
    if member.must_leave(thread)
        || member.team().cancelled_workshare.load(Ordering::Relaxed) == state.workshare.get()
    {
        finish(member);
        return None;
    }
    let Some((first, length)) = chunk(member) else {
        finish(member);
        return None;
    };
    state.ordered_next.set(first);
    let last = first + (length - 1);
    Some(Chunk {
        first,
        last,
        is_last: last == state.count.get() - 1,
    })
}

#[inline]
fn chunk(member: &Member) -> Option<(u64, u64)> {
    let state = &member.loop_state;
    let (count, size) = (state.count.get(), state.size.get());
    let sized = |number: u64| {
        let first = number.checked_mul(size).filter(|&first| first < count)?;
        Some((first, size.min(count - first)))
    };
    if state.handing.get() == Handing::Shares {
        return shared_chunk(member).and_then(sized);
    }
    let (threads, tid) = (
        u64::from(member.team_size.get()),
        u64::from(member.tid.get()),
    );
    let ring = &member.team().ring;
    match (state.handing.get(), state.ring.get()) {
        (Handing::Done, _) => None,
        (Handing::RoundRobin, _) => {
            let number = state.given.get();
            state.given.set(number + 1);
            sized(number.checked_mul(threads)?.checked_add(tid)?)
        }
        (Handing::Counter, Some(index)) => sized(ring.take(index, 1)),
        (Handing::Guided, Some(index)) => {
            ring.take_with(index, |taken| guided(count, taken, threads, size))
        }
        _ => {
            let (first, length) = balanced(count, threads, tid);
            (state.given.replace(1) == 0 && length > 0).then_some((first, length))
        }
    }
}

/// The number of the next chunk: from the thread's own share, else from another's, else the loop's last chunk.
///
/// The last chunk is in no share: the first thread that finds no other has it, by the ring's counter, and executes nothing
/// after it, because what its private variables hold in the end is what `lastprivate` copies. Nor does it wait behind other chunks
/// of a thread while others find nothing to do.
#[inline]
fn shared_chunk(member: &Member) -> Option<u64> {
    let state = &member.loop_state;
    let index = state.ring.get()?;
    let buffer = (index % BUFFERS) as usize;
    let own = &member.shares.0[buffer];
    own.take().or_else(|| rob(member, buffer)).or_else(|| {
        // Nothing appears again where there was nothing: no need to look once more.
        state.handing.set(Handing::Done);
        let first_here = state.count.get() > 0 && member.team().ring.take(index, 1) == 0;
        first_here.then(|| state.last_chunk.get())
    })
}

/// Takes half of what another thread has left: the first of it to be executed now, the others as this thread's share.
#[cold]
fn rob(member: &Member, buffer: usize) -> Option<u64> {
    let (team, size, tid) = (member.team(), member.team_size.get(), member.tid.get());
    let tag = member.loop_state.tags[buffer].get();
    let range = (1..size)
        .map(|distance| (tid + distance) % size)
        .find_map(|other| {
            team.member(other).shares.0[buffer].rob(tag, initial_share(member, other))
        })?;
    member.shares.0[buffer].refill(
        tag,
        Range {
            next: range.next + 1,
            ..range
        },
    );
    Some(range.next)
}

/// Leaves the current loop, if any: after the last chunk, or when the program has left a cancelled loop early.
pub fn finish(member: &Member) {
    member.loop_state.handing.set(Handing::Out);
    if let Some(index) = member.loop_state.ring.take() {
        member.team().ring.leave(index, member.team_size.get());
    }
}

/// Begins the `ordered` block of the current iteration. False: cancelled.
pub fn ordered_enter(thread: &Thread, member: &Member) -> bool {
    let Some(index) = member.loop_state.ring.get() else {
        return !member.must_leave(thread);
    };
    let iteration = member.loop_state.ordered_next.get();
    member
        .team()
        .ring
        .turns(index)
        .wait(iteration, &InRegion::new(thread, member))
}

/// Ends it.
pub fn ordered_exit(member: &Member) {
    let state = &member.loop_state;
    if let Some(index) = state.ring.get() {
        state.ordered_done.set(true);
        let iteration = state.ordered_next.get();
        state.ordered_next.set(iteration + 1);
        member.team().ring.turns(index).advance_to(iteration + 1);
    }
}

/// Ends an iteration of a loop with an `ordered` clause: one that did not execute its block passes the turn on.
pub fn ordered_iteration_end(thread: &Thread, member: &Member) {
    if !member.loop_state.ordered_done.replace(false) && ordered_enter(thread, member) {
        ordered_exit(member);
        member.loop_state.ordered_done.set(false);
    }
}

/// Waits until all iterations before `first` are over. False: cancelled. For loops in which a whole chunk is one turn.
pub fn turn_enter(thread: &Thread, member: &Member, first: u64) -> bool {
    let Some(index) = member.loop_state.ring.get() else {
        return !member.must_leave(thread);
    };
    member
        .team()
        .ring
        .turns(index)
        .wait(first, &InRegion::new(thread, member))
}

/// The turn of the iterations before `end` is over.
pub fn turn_exit(member: &Member, end: u64) {
    if let Some(index) = member.loop_state.ring.get() {
        member.team().ring.turns(index).advance_to(end);
    }
}
