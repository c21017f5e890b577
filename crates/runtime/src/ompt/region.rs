//! Hooks of threads, parallel regions and implicit tasks.
//!
//! A worker goes on executing tasks of its region until its next order arrives, and does not learn when the region is over. So
//! its implicit task, and the barrier at its end, end for the tool when that order arrives, without the region's word: the
//! region itself may have ended before, and its record be the next one's.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::types::{
    Endpoint, Event, State, SyncRegion, TaskRecord, ThreadKind, callback, parallel_flag, task_flag,
};
use super::{callback as find, stack_pointer, sync, tool, watched, work};
use crate::region::Code;
use crate::team::{Member, Team};
use crate::thread::{self, Order, Thread};

/// A thread begins; an initial one in its initial task.
#[inline]
pub fn thread_begin(thread: &'static Thread, kind: ThreadKind) {
    if watched() && !tool::is_searching() {
        thread_begin_slow(thread, kind);
    }
}

#[cold]
fn thread_begin_slow(thread: &'static Thread, kind: ThreadKind) {
    let record = &thread.ompt;
    // SAFETY: the thread's own.
    unsafe { *record.data.get() = 0 };
    record.announced.set(Some(kind));
    record.state.set(State::Overhead);
    if let Some(begin) = find::<callback::ThreadBegin>(Event::ThreadBegin) {
        // SAFETY: the tool's callback, with the arguments of the event.
        unsafe { begin(kind as i32, record.data.get()) };
    }
    match kind {
        ThreadKind::Initial => {
            let member = thread.member();
            let team = member.team();
            // SAFETY: the initial task's region is this thread's alone.
            unsafe { *team.ompt.word() = 0 };
            member.ompt.begin(task_flag::INITIAL, member, null_mut());
            record.current.set(&member.ompt);
            implicit_task(Endpoint::Begin, team.ompt.word(), &member.ompt, (1, 1));
            record.state.set(State::WorkSerial);
        }
        ThreadKind::Worker => {
            WORKERS.fetch_add(1, Ordering::Relaxed);
            record.state.set(State::Idle);
        }
    }
}

/// A thread ends, in no region.
#[inline]
pub fn thread_end(thread: &Thread) {
    if watched() && thread.ompt.announced.get().is_some() {
        thread_end_slow(thread);
    }
}

#[cold]
fn thread_end_slow(thread: &Thread) {
    let record = &thread.ompt;
    let task = record.current.get();
    // SAFETY: an initial thread's current task is its initial one; a worker has none.
    if let Some(task) = unsafe { task.as_ref() } {
        implicit_task(Endpoint::End, null_mut(), task, (1, 1));
    }
    record.current.set(null_mut());
    record.state.set(State::Undefined);
    record.idle.store(false, Ordering::Relaxed);
    if let Some(end) = find::<callback::ThreadEnd>(Event::ThreadEnd) {
        // SAFETY: as above.
        unsafe { end(record.data.get()) };
    }
    if let Some(ThreadKind::Worker) = record.announced.take() {
        // Release: the thread that ends the tool goes on after the callback.
        WORKERS.fetch_sub(1, Ordering::Release);
    }
}

fn implicit_task(
    endpoint: Endpoint,
    parallel: *mut u64,
    record: &TaskRecord,
    (size, index): (u32, u32),
) {
    if let Some(task) = find::<callback::ImplicitTask>(Event::ImplicitTask) {
        // SAFETY: as above.
        unsafe {
            task(
                endpoint as i32,
                parallel,
                record.data.get(),
                size,
                index,
                record.flags.get(),
            )
        };
    }
}

/// A region begins, before its team gets the orders.
#[inline]
pub fn parallel_begin(thread: &Thread, team: &Team, requested: u32) {
    if watched() {
        parallel_begin_slow(thread, team, requested, parallel_flag::TEAM);
    }
}

/// A league begins.
#[inline]
pub fn league_begin(thread: &Thread, team: &Team, requested: u32) {
    if watched() {
        parallel_begin_slow(thread, team, requested, parallel_flag::LEAGUE);
    }
}

#[cold]
fn parallel_begin_slow(thread: &Thread, team: &Team, requested: u32, kind: i32) {
    let (task, region) = (thread.task_record(), &team.ompt);
    // SAFETY: the team is idle and this thread its owner.
    unsafe { *region.data.get() = 0 };
    region.encountering.set(task);
    region.code.set(thread.ompt.code.get());
    region.flags.set(kind | parallel_flag::INVOKER_RUNTIME);
    task.set_enter(thread.ompt.frame.get());
    thread.ompt.state.set(State::Overhead);
    if let Some(begin) = find::<callback::ParallelBegin>(Event::ParallelBegin) {
        // SAFETY: as above.
        unsafe {
            begin(
                task.data.get(),
                task.frame.get(),
                region.data.get(),
                requested,
                region.flags.get(),
                thread.code(),
            )
        };
    }
}

/// The region is over, on the encountering thread.
#[inline]
pub fn parallel_end(thread: &Thread, team: &Team) {
    if watched() {
        parallel_end_slow(thread, team);
    }
}

#[cold]
fn parallel_end_slow(thread: &Thread, team: &Team) {
    let region = &team.ompt;
    // A tool that started within the region has not seen it begin.
    // SAFETY: the encountering task waits for the region.
    let Some(task) = (unsafe { region.encountering.get().as_ref() }) else {
        return;
    };
    thread.ompt.current.set(task);
    thread.ompt.code.set(region.code.get());
    if let Some(end) = find::<callback::ParallelEnd>(Event::ParallelEnd) {
        // SAFETY: as above.
        unsafe {
            end(
                region.data.get(),
                task.data.get(),
                region.flags.get(),
                thread.code(),
            )
        };
    }
    region.encountering.set(null_mut());
    task.set_enter(0);
    thread.ompt.state.set(thread.work_state());
}

/// An implicit task begins, on its thread.
#[inline]
pub fn implicit_begin(thread: &Thread, member: &Member) {
    if watched() {
        implicit_begin_slow(thread, member);
    }
}

fn of_league(member: &Member) -> bool {
    member.team().ompt.flags.get() & parallel_flag::LEAGUE != 0
}

/// The record of an implicit task. A worker keeps that of its part in the team itself, because the part ends for the tool when the
/// next order arrives, and the member may be another thread's by then.
fn record<'a>(thread: &'a Thread, member: &'a Member) -> &'a TaskRecord {
    if is_worker(thread, member) {
        &thread.ompt.part
    } else {
        &member.ompt
    }
}

/// The thread is the member by order of the team's owner.
fn is_worker(thread: &Thread, member: &Member) -> bool {
    std::ptr::eq(thread.home.get(), member)
}

#[cold]
fn implicit_begin_slow(thread: &Thread, member: &Member) {
    let (region, task) = (&member.team().ompt, record(thread, member));
    task.begin(task_flag::IMPLICIT, member, region.encountering.get());
    thread.ompt.current.set(task);
    thread.ompt.code.set(region.code.get());
    // What carries a league's teams is no task of the program.
    if of_league(member) {
        return;
    }
    thread.ompt.state.set(State::WorkParallel);
    let place = (member.team_size.get(), member.tid.get());
    implicit_task(Endpoint::Begin, region.word(), task, place);
}

/// The caller is the function that calls the code of the thread's current task.
#[inline(always)]
pub fn calls(thread: &Thread) {
    if watched() {
        thread.task_record().set_exit(stack_pointer());
    }
}

/// The code of an implicit task has ended: the barrier at the end of the region begins.
#[inline]
pub fn region_barrier_begin(thread: &Thread, member: &Member) {
    if watched() {
        region_barrier_begin_slow(thread, member);
    }
}

#[cold]
fn region_barrier_begin_slow(thread: &Thread, member: &Member) {
    let task = record(thread, member);
    task.set_exit(0);
    thread.ompt.current.set(task);
    if of_league(member) {
        return;
    }
    work::end_open(thread);
    thread.ompt.code.set(member.team().ompt.code.get());
    sync::wait_begins(thread, SyncRegion::BarrierParallel);
    if is_worker(thread, member) {
        let place = (member.team_size.get(), member.tid.get());
        thread.ompt.ending.set(Some(place));
    }
}

/// It has ended, and with it the implicit task, on the encountering thread.
#[inline]
pub fn implicit_end(thread: &Thread, member: &Member) {
    if watched() {
        implicit_end_slow(thread, member);
    }
}

#[cold]
fn implicit_end_slow(thread: &Thread, member: &Member) {
    thread.ompt.current.set(&member.ompt);
    if !of_league(member) {
        thread.ompt.code.set(member.team().ompt.code.get());
        part_ends(
            thread,
            &member.ompt,
            (member.team_size.get(), member.tid.get()),
        );
    }
    thread.ompt.current.set(null_mut());
}

fn part_ends(thread: &Thread, task: &TaskRecord, place: (u32, u32)) {
    sync::wait_ends(thread, SyncRegion::BarrierParallel, State::Overhead);
    implicit_task(Endpoint::End, null_mut(), task, place);
}

/// A worker is about to wait for its next order, executing tasks of its last team meanwhile: the barrier at the end of the
/// region goes on.
#[inline]
pub fn waits_for_order(thread: &Thread) {
    if watched() {
        thread.ompt.idle.store(true, Ordering::Release);
    }
}

/// An order has arrived: what the worker did before is over, and the region may be, too.
#[inline]
pub fn order_arrived(thread: &Thread) {
    if watched() {
        order_arrived_slow(thread);
    }
}

#[cold]
fn order_arrived_slow(thread: &Thread) {
    thread.ompt.idle.store(false, Ordering::Relaxed);
    if let Some(place) = thread.ompt.ending.take() {
        let part = &thread.ompt.part;
        part.member.set(std::ptr::null());
        thread.ompt.current.set(part);
        part_ends(thread, part, place);
    }
    thread.ompt.current.set(null_mut());
    thread.ompt.state.set(State::Idle);
}

/// The initial task of a team begins on the thread that carries it; `place`: how many teams, and which one.
#[inline]
pub fn team_begin(thread: &Thread, member: &Member, carriers: &'static Team, place: (u32, u32)) {
    if watched() {
        team_begin_slow(thread, member, carriers, place);
    }
}

#[cold]
fn team_begin_slow(thread: &Thread, member: &Member, carriers: &'static Team, place: (u32, u32)) {
    let region = &member.team().ompt;
    region.league.set(&carriers.ompt);
    member
        .ompt
        .begin(task_flag::INITIAL, member, carriers.ompt.encountering.get());
    thread.ompt.current.set(&member.ompt);
    thread.ompt.state.set(State::WorkParallel);
    implicit_task(Endpoint::Begin, region.word(), &member.ompt, place);
}

/// It ends.
#[inline]
pub fn team_end(thread: &Thread, member: &Member, place: (u32, u32)) {
    if watched() {
        team_end_slow(thread, member, place);
    }
}

#[cold]
fn team_end_slow(thread: &Thread, member: &Member, place: (u32, u32)) {
    member.ompt.set_exit(0);
    thread.ompt.current.set(&member.ompt);
    sync::wait_begins(thread, SyncRegion::BarrierTeams);
    sync::wait_ends(thread, SyncRegion::BarrierTeams, State::Overhead);
    implicit_task(Endpoint::End, null_mut(), &member.ompt, place);
}

/// Workers that have begun for the tool and not ended.
static WORKERS: AtomicU32 = AtomicU32::new(0);

/// How long the end of the tool waits for another worker to become idle.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends all workers for the tool, and the calling thread where it is in no region.
///
/// A worker that waits for orders gets one without a team, tells the tool that it ends, and waits on: regions that the program still
/// runs find it as before. Workers that execute a region are waited for only if the calling thread is in none. An owner that gives
/// orders at the same moment may lose one; it must then be running a region while the process ends, and is not waited for.
pub fn end_all(here: Option<&'static Thread>) {
    let order = Order {
        team_size: 0,
        code: Code::omply(goodbye, null_mut()),
    };
    let outside = here.filter(|thread| thread.member().team().level.get() == 0);
    let (mut left, mut since) = (u32::MAX, Instant::now());
    let mut posted = 0;
    loop {
        for thread in thread::all() {
            if thread.ompt.idle.swap(false, Ordering::Acquire) {
                posted += 1;
                // SAFETY: the worker waits for an order.
                unsafe { thread.mail.post(order) };
                std::sync::atomic::fence(Ordering::SeqCst);
                thread.mail.gate.wake_sleepers();
            }
        }
        let now = WORKERS.load(Ordering::Acquire);
        if now != left {
            (left, since) = (now, Instant::now());
        }
        let all_answered = GOODBYES.load(Ordering::Acquire) == posted;
        if left == 0 || all_answered && outside.is_none() || since.elapsed() > PATIENCE {
            break;
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    if let Some(thread) = outside {
        thread_end(thread);
    }
}

/// Goodbyes that workers have answered.
static GOODBYES: AtomicU32 = AtomicU32::new(0);

/// What a goodbye is known by; it is not called.
unsafe extern "C-unwind" fn goodbye(_: i32, _: i32, _: i32, _: *mut c_void) -> i32 {
    0
}

/// An order without a team: true: it was a goodbye, and the worker waits for the next one.
#[cold]
pub fn is_goodbye(thread: &Thread, order: &Order) -> bool {
    if order.code.is_none() {
        return false;
    }
    thread_end(thread);
    GOODBYES.fetch_add(1, Ordering::AcqRel);
    true
}
