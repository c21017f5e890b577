//! Fork and join of parallel regions: how many threads a region gets, the team that is kept for them, the region's beginning and
//! end on the encountering thread (the *owner*), serialized regions. How the workers get their orders and say that they are
//! done is told in `orders`.
//!
//! Everything else a region needs (size, data environment, places) stands in the team, is written by the owner before the orders go
//! out and only when it differs from the last region's, so that in the steady state the workers' copies of those cache lines stay
//! valid and a region costs two cache lines per worker, one each way.

use crate::affinity;
use crate::cancel::{self, BAD_NUM_THREADS, STRICT_FAILED};
use crate::config::config;
use crate::icv::Bind;
use crate::ompt;
use crate::orders::{Join, start};
use crate::pool;
use crate::process;
use crate::region::Code;
use crate::task::Suspended;
use crate::task::wait;
use crate::team::{Member, Team};
use crate::thread::{Order, Pushed, Thread};
use std::sync::atomic::Ordering;

/// What the clauses of a `parallel` construct ask for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The `num_threads` list; empty: nthreads-var decides.
    pub num_threads: &'a [i32],
    pub strict: bool,
    pub proc_bind: Option<Bind>,
    pub if_cond: bool,
}

/// Runs `code` on a team and waits for it. Returns the region's status.
///
/// # Safety
/// `code` may be called by every thread of the team until the region is over.
pub unsafe fn fork(thread: &'static Thread, code: Code, request: &Request) -> i32 {
    let parent = thread.member_static();
    let size = match team_size(thread, parent, request) {
        Ok(size) => size,
        Err(status) => return status,
    };
    if size == 1 {
        // SAFETY: the caller's promise.
        return unsafe { serialized(thread, code, request) };
    }
    let team = hot_team(thread, parent);
    let reserved = size;
    let size = prepare(thread, parent, team, size, request);
    if size < reserved {
        give_back(thread, parent, reserved - size);
    }
    // Smaller than before: the system refused to start threads.
    if request.strict && size < requested(parent, request) {
        give_back(thread, parent, size - 1);
        return STRICT_FAILED;
    }
    if size == 1 {
        // SAFETY: the caller's promise.
        return unsafe { serialized(thread, code, request) };
    }
    ompt::parallel_begin(thread, team, requested(parent, request));
    // SAFETY: the caller's promise.
    unsafe {
        run(
            thread,
            parent,
            team,
            Order {
                team_size: size,
                code,
            },
            thread_limit(parent).is_some(),
        )
    }
}

/// Runs a region on the prepared team. `reserved`: its threads are counted in the contention group already.
///
/// # Safety
/// As for [`fork`].
#[inline]
pub unsafe fn run(
    thread: &'static Thread,
    parent: &'static Member,
    team: &'static Team,
    order: Order,
    reserved: bool,
) -> i32 {
    let size = order.team_size;
    // SAFETY: the caller's promise.
    let open = unsafe { begin(thread, parent, team, order, reserved) };
    ompt::calls(thread);
    // SAFETY: the caller's promise.
    let status = unsafe { order.code.call(thread.gtid.get(), 0, size as i32) };
    end(thread, open, status)
}

/// A region that this thread has begun and has yet to end.
pub struct Open {
    parent: &'static Member,
    team: &'static Team,
    size: u32,
    nested: bool,
    generation: u32,
    join: Join,
    suspended: Suspended,
}

/// Sets the workers to work and makes the thread the region's member 0.
///
/// # Safety
/// As for [`fork`]; the team is prepared.
#[inline]
unsafe fn begin(
    thread: &'static Thread,
    parent: &'static Member,
    team: &'static Team,
    order: Order,
    reserved: bool,
) -> Open {
    let size = order.team_size;
    let generation = process::generation();
    let nested = parent.team().active_level.get() > 0;
    count_in(thread, size as i32, nested, reserved);
    // SAFETY: the workers are idle and take orders from this team only.
    let join = unsafe { start(team, order) };
    let own = team.member(0);
    thread.member.set(own);
    let suspended = thread.task.enter(own);
    own.begin(size);
    ompt::implicit_begin(thread, own);
    if team.announces.get() {
        affinity::announce(thread, own);
    }
    Open {
        parent,
        team,
        size,
        nested,
        generation,
        join,
        suspended,
    }
}

/// Waits for the workers and leaves the region; `status` is what the thread's own part has come to.
#[inline]
fn end(thread: &'static Thread, open: Open, status: i32) -> i32 {
    let team = open.team;
    let own = team.member(0);
    if status != 0 {
        cancel::code_failed(thread, own, status);
    }
    if open.generation != process::generation() {
        // The child of a fork inside the region: the others do not exist here.
        thread.member.set(open.parent);
        thread.task.resume(open.suspended);
        return status;
    }
    ompt::region_barrier_begin(thread, own);
    wait::at_region_end(thread, own);
    open.join.wait(thread, own);
    ompt::implicit_end(thread, own);
    thread.member.set(open.parent);
    thread.task.resume(open.suspended);
    count_out(thread, open.size as i32, open.nested);
    team.tidy(own);
    ompt::parallel_end(thread, team);
    // Relaxed: the join has made the workers' writes visible.
    if team.cancelled.load(Ordering::Relaxed) != 0 {
        cancel::settle(thread, team)
    } else {
        0
    }
}

/// Begins a region in which the calling thread's part is not a function, but what follows up to [`close`]. `None`: the team has one
/// member, this thread.
///
/// # Safety
/// As for [`fork`].
pub unsafe fn open(thread: &'static Thread, code: Code, request: &Request) -> Option<Open> {
    let parent = thread.member_static();
    let size = team_size(thread, parent, request).unwrap_or(1);
    let size = if size > 1 {
        let got = prepare(thread, parent, hot_team(thread, parent), size, request);
        give_back(thread, parent, size - got);
        got
    } else {
        1
    };
    if size == 1 {
        enter_serialized(thread, request);
        return None;
    }
    let order = Order {
        team_size: size,
        code,
    };
    let team = hot_team(thread, parent);
    ompt::parallel_begin(thread, team, requested(parent, request));
    // SAFETY: the caller's promise.
    Some(unsafe {
        let reserved = thread_limit(parent).is_some();
        begin(thread, parent, team, order, reserved)
    })
}

/// Ends a region that [`open`] has begun.
pub fn close(thread: &'static Thread, open: Option<Open>) {
    match open {
        Some(open) => end(thread, open, 0),
        None => leave_serialized(thread),
    };
}

/// The `num_threads` clause's first item, or nthreads-var's.
fn requested(parent: &Member, request: &Request) -> u32 {
    request
        .num_threads
        .first()
        .copied()
        .unwrap_or_else(|| parent.icvs().first_nthreads())
        .max(1) as u32
}

/// Algorithm 12.1 of the specification: how many threads the region gets.
fn team_size(thread: &Thread, parent: &Member, request: &Request) -> Result<u32, i32> {
    let icvs = parent.icvs();
    if request.num_threads.iter().any(|&n| n < 1) {
        return Err(BAD_NUM_THREADS);
    }
    if !request.if_cond {
        return Ok(1);
    }
    let wanted = requested(parent, request);
    let mut size = wanted;
    if parent.team().active_level.get() as i32 >= icvs.max_active_levels {
        size = 1;
    } else {
        if icvs.dynamic && !request.strict {
            let idle = config().num_procs - process::running()
                + i32::from(parent.team().active_level.get() > 0);
            size = size.min(idle.max(1) as u32);
        }
        if let Some(limit) = thread_limit(parent) {
            size = reserve(thread, limit, size);
        }
    }
    if request.strict && size < wanted {
        give_back(thread, parent, size - 1);
        Err(STRICT_FAILED)
    } else {
        Ok(size)
    }
}

/// structured-thread-limit-var, if there is a limit: what thread-limit-var leaves beside the free agents' share.
#[inline]
fn thread_limit(parent: &Member) -> Option<i32> {
    let limit = parent.icvs().thread_limit;
    (limit != i32::MAX).then(|| (limit - config().reserved.free_agent).max(1))
}

/// Counts up to `wanted - 1` more threads in the contention group, as many as the limit has room for; returns the size of
/// the team that they make. Regions that begin side by side share the room: each takes its part in one exchange. Relaxed: it only counts.
fn reserve(thread: &Thread, limit: i32, wanted: u32) -> u32 {
    let busy = &thread.group().busy;
    let mut size = 1;
    let _ = busy.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |busy| {
        let room = limit.saturating_sub(busy).max(0) as u32;
        size = wanted.min(room.saturating_add(1));
        Some(busy + size as i32 - 1)
    });
    size
}

/// Takes threads that [`reserve`] has counted out of the group again.
fn give_back(thread: &Thread, parent: &Member, threads: u32) {
    if threads > 0 && thread_limit(parent).is_some() {
        thread
            .group()
            .busy
            .fetch_sub(threads as i32, Ordering::Relaxed);
    }
}

/// The team kept for the regions that `parent`'s thread encounters.
#[inline]
fn hot_team(thread: &'static Thread, parent: &Member) -> &'static Team {
    if parent.inner.get().is_null() {
        parent.inner.set(Team::solo(thread));
    }
    // SAFETY: teams are never freed.
    unsafe { &*parent.inner.get() }
}

/// Brings the idle team into the state that the region needs; returns its size, which is smaller than asked for only when the
/// system refuses to start threads.
pub fn prepare(
    thread: &'static Thread,
    parent: &'static Member,
    team: &'static Team,
    size: u32,
    request: &Request,
) -> u32 {
    let same_icvs = team.icv_source.get() == parent.icvs().version && request.num_threads.len() < 2;
    let placement = affinity::placement(thread, parent, request.proc_bind);
    if team.size.get() == size && same_icvs && team.placement.get() == placement {
        return size;
    }
    prepare_slow(thread, parent, team, size, request)
}

#[cold]
fn prepare_slow(
    thread: &'static Thread,
    parent: &'static Member,
    team: &'static Team,
    size: u32,
    request: &Request,
) -> u32 {
    team.tasks.close(team);
    while team.capacity() < size {
        let Some(worker) = pool::take_worker() else {
            break;
        };
        team.add_member(worker);
    }
    let size = size.min(team.capacity());
    if size != team.size.get() {
        team.level_members(team.size.get().min(size));
        team.size.set(size);
    }
    for tid in 1..size {
        let member = team.member(tid);
        // SAFETY: descriptors are never freed; the worker is idle, so its cells are this thread's.
        let worker = unsafe { &*member.thread.get() };
        worker.home.set(member);
        worker.group.set(thread.group.get());
    }
    inherit(parent, team, request);
    team.active_level.set(parent.team().active_level.get() + 1);
    affinity::assign(
        team,
        parent,
        size,
        affinity::placement(thread, parent, request.proc_bind),
    );
    size
}

/// Sets what depends on the encountering task alone: parent, levels, the data environment.
fn inherit(parent: &'static Member, team: &Team, request: &Request) {
    team.parent.set(parent);
    team.level.set(parent.team().level.get() + 1);
    let lists_differ = request.num_threads.len() > 1;
    if lists_differ || team.icv_source.get() != parent.icvs().version {
        // SAFETY: the team is idle: nobody reads its data environment.
        unsafe { *team.icvs.get() = parent.icvs().for_children(request.num_threads) };
        team.icv_source.set(if lists_differ {
            0
        } else {
            parent.icvs().version
        });
    }
}

/// Counts the region's threads in. The owner's group is touched by nobody else unless regions are nested.
#[inline]
fn count_in(thread: &Thread, size: i32, nested: bool, reserved: bool) {
    let busy = &thread.group().busy;
    if nested {
        if !reserved {
            busy.fetch_add(size - 1, Ordering::Relaxed);
        }
        process::add_running(size - 1);
    } else {
        busy.store(size, Ordering::Relaxed);
        process::add_running(size);
    }
}

#[inline]
fn count_out(thread: &Thread, size: i32, nested: bool) {
    let busy = &thread.group().busy;
    if nested {
        busy.fetch_sub(size - 1, Ordering::Relaxed);
        process::add_running(1 - size);
    } else {
        busy.store(1, Ordering::Relaxed);
        process::add_running(-size);
    }
}

/// Runs the code as a team of one.
///
/// # Safety
/// The code may be called.
unsafe fn serialized(thread: &'static Thread, code: Code, request: &Request) -> i32 {
    enter_serialized(thread, request);
    ompt::calls(thread);
    // SAFETY: the caller's promise.
    let status = unsafe { code.call(thread.gtid.get(), 0, 1) };
    if status != 0 {
        cancel::code_failed(thread, thread.member(), status);
    }
    leave_serialized(thread)
}

/// Makes the thread the only member of a new, inactive region.
pub fn enter_serialized(thread: &'static Thread, request: &Request) {
    let parent: &'static Member = thread.member_static();
    let spare = thread.spare_solo.get();
    // SAFETY: teams are never freed.
    let team = match unsafe { spare.as_ref() } {
        Some(team) => {
            thread.spare_solo.set(team.next_spare.get());
            team
        }
        None => Team::solo(thread),
    };
    inherit(parent, team, request);
    team.active_level.set(parent.team().active_level.get());
    let own = team.member(0);
    own.thread.set(thread);
    own.partition.set(parent.partition.get());
    own.place.set(parent.place.get());
    ompt::parallel_begin(thread, team, requested(parent, request));
    thread.member.set(own);
    team.suspended.set(thread.task.enter(own));
    own.begin(1);
    ompt::implicit_begin(thread, own);
}

/// Ends the region that [`enter_serialized`] has begun; returns its status.
pub fn leave_serialized(thread: &'static Thread) -> i32 {
    let own = thread.member_static();
    let team = own.team();
    ompt::region_barrier_begin(thread, own);
    wait::at_region_end(thread, own);
    ompt::implicit_end(thread, own);
    team.tidy(own);
    thread.member.set(team.parent.get());
    thread.task.resume(team.suspended.get());
    ompt::parallel_end(thread, team);
    team.next_spare.set(thread.spare_solo.get());
    thread.spare_solo.set(team);
    // Relaxed: only this thread is in the team.
    if team.cancelled.load(Ordering::Relaxed) != 0 {
        cancel::settle(thread, team)
    } else {
        0
    }
}

/// Takes the clauses announced by `__kmpc_push_*` and runs `then` with the request they make.
pub fn with_pushed<R>(
    thread: &'static Thread,
    if_cond: bool,
    then: impl FnOnce(&Request) -> R,
) -> R {
    let pushed = thread.pushed.get();
    if pushed.is_empty() {
        return then(&Request {
            num_threads: &[],
            strict: false,
            proc_bind: None,
            if_cond,
        });
    }
    thread.pushed.set(Pushed::default());
    let one = [pushed.num_threads];
    let list = pushed.has_list.then(|| thread.pushed_list.take());
    let num_threads: &[i32] = match &list {
        Some(list) => list,
        None if pushed.num_threads != 0 => &one,
        None => &[],
    };
    then(&Request {
        num_threads,
        strict: pushed.strict,
        proc_bind: pushed.proc_bind,
        if_cond,
    })
}
