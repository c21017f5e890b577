//! Hooks of worksharing constructs, `masked`, cancellation, errors and tool control.

use std::ffi::{CStr, c_void};

use super::types::{DispatchChunk, Endpoint, Event, Work, callback, cancel_flag, dispatch as kind};
use super::{callback as find, tool, watched};
use crate::dispatch::Chunk;
use crate::league;
use crate::schedule::{Schedule, balanced, raw};
use crate::team::Member;
use crate::thread::{self, Thread};

/// Flags of Clang's locations.
const WORK_SECTIONS: i32 = 0x400;
const WORK_DISTRIBUTE: i32 = 0x800;

/// One end of a construct.
pub(super) fn event(thread: &Thread, work: Work, endpoint: Endpoint, count: u64) {
    if let Some(callback) = find::<callback::Work>(Event::Work) {
        let task = thread.task_record();
        // SAFETY: the tool's callback, with the arguments of the event.
        unsafe {
            callback(
                work as i32,
                endpoint as i32,
                task.parallel(),
                task.data.get(),
                count,
                thread.code(),
            )
        };
    }
}

fn begin(thread: &Thread, what: Work, count: u64) {
    end_open(thread);
    thread.task_record().work.set(Some((what, count)));
    event(thread, what, Endpoint::Begin, count);
}

/// Ends the construct that the task is in; a cancelled one is left without being told.
pub(super) fn end_open(thread: &Thread) {
    if let Some((what, count)) = thread.task_record().work.take() {
        event(thread, what, Endpoint::End, count);
    }
}

/// A construct begins, on this thread.
#[inline]
pub fn work_begin(thread: &Thread, what: Work, count: u64) {
    if watched() {
        work_begin_slow(thread, what, count);
    }
}

#[cold]
fn work_begin_slow(thread: &Thread, what: Work, count: u64) {
    begin(thread, what, count);
}

/// It ends.
#[inline]
pub fn work_end(thread: &Thread) {
    if watched() {
        work_end_slow(thread);
    }
}

#[cold]
fn work_end_slow(thread: &Thread) {
    end_open(thread);
}

/// A `single` construct was met; the thread that does not execute it is done with it.
#[inline]
pub fn single(thread: &Thread, executes: bool) {
    if watched() {
        single_slow(thread, executes);
    }
}

#[cold]
fn single_slow(thread: &Thread, executes: bool) {
    if executes {
        begin(thread, Work::SingleExecutor, 1);
    } else {
        begin(thread, Work::SingleOther, 1);
        end_open(thread);
    }
}

/// A loop (or sections) whose share the thread gets at once: flags of its location, Clang's schedule and chunk size.
#[cold]
pub fn static_loop(thread: &Thread, flags: i32, (schedule, chunk_size): (i32, i64), count: u64) {
    let number = schedule & !raw::MODIFIERS;
    let distribute = matches!(number, raw::DISTRIBUTE | raw::DISTRIBUTE_CHUNKED);
    let (schedule, _) = Schedule::from_raw(number, chunk_size);
    let what = if flags & WORK_SECTIONS != 0 {
        Work::Sections
    } else if distribute || flags & WORK_DISTRIBUTE != 0 {
        Work::Distribute
    } else {
        Work::LoopStatic
    };
    begin(thread, what, count);
    // Which chunks follow the first is computed by the program's own code.
    if matches!(schedule, Schedule::StaticChunk(_)) {
        return;
    }
    let member = thread.member();
    let (tid, threads) = match what {
        Work::Distribute => league::place_in_league(thread),
        _ => (member.tid.get(), member.team_size.get()),
    };
    let (first, length) = balanced(count, threads.into(), tid.into());
    if length > 0 {
        chunk(thread, what, first, length);
    }
}

/// What is dispatched next are sections.
#[inline]
pub fn sections(thread: &Thread) {
    if watched() {
        thread.ompt.sections.set(true);
    }
}

/// A loop whose chunks the runtime hands out.
#[inline]
pub fn dispatch_begin(thread: &Thread, member: &Member, schedule: Schedule, count: u64) {
    if watched() {
        dispatch_begin_slow(thread, member, schedule, count);
    }
}

#[cold]
fn dispatch_begin_slow(thread: &Thread, member: &Member, schedule: Schedule, count: u64) {
    let what = match schedule.resolved(member.icvs().schedule) {
        _ if thread.ompt.sections.take() => Work::Sections,
        Schedule::Dynamic(_) | Schedule::MonotonicDynamic(_) => Work::LoopDynamic,
        Schedule::Guided(_) => Work::LoopGuided,
        Schedule::Static | Schedule::StaticChunk(_) => Work::LoopStatic,
        Schedule::Auto | Schedule::Runtime | Schedule::MonotonicRuntime => Work::LoopOther,
    };
    begin(thread, what, count);
}

/// The thread has been given a chunk, or there is none left.
#[inline]
pub fn dispatched(thread: &Thread, chunk: Option<Chunk>) {
    if watched() {
        dispatched_slow(thread, chunk);
    }
}

#[cold]
fn dispatched_slow(thread: &Thread, given: Option<Chunk>) {
    let what = thread.task_record().work.get().map(|(what, _)| what);
    match (given, what) {
        (Some(given), Some(what)) => {
            chunk(thread, what, given.first, given.last - given.first + 1);
        }
        (None, Some(_)) => end_open(thread),
        (_, None) => {}
    }
}

fn chunk(thread: &Thread, what: Work, start: u64, iterations: u64) {
    let chunk = DispatchChunk { start, iterations };
    let (kind, instance) = match what {
        // What a section is known by is its code's address.
        Work::Sections => (kind::SECTION, thread.code().addr() as u64),
        Work::Distribute => (kind::DISTRIBUTE_CHUNK, (&raw const chunk).addr() as u64),
        _ => (kind::LOOP_CHUNK, (&raw const chunk).addr() as u64),
    };
    dispatch(thread, kind, instance);
}

/// A section or a chunk was given to the current task.
pub(super) fn dispatch(thread: &Thread, kind: i32, instance: u64) {
    if let Some(dispatch) = find::<callback::Dispatch>(Event::Dispatch) {
        let task = thread.task_record();
        // SAFETY: as above; what the instance points to lives until the callback returns.
        unsafe { dispatch(task.parallel(), task.data.get(), kind, instance) };
    }
}

/// A thread begins or ends the block of a `masked` construct.
#[inline]
pub fn masked(thread: &Thread, begins: bool) {
    if watched() {
        masked_slow(thread, begins);
    }
}

#[cold]
fn masked_slow(thread: &Thread, begins: bool) {
    if let Some(masked) = find::<callback::Masked>(Event::Masked) {
        let endpoint = if begins {
            Endpoint::Begin
        } else {
            Endpoint::End
        };
        let task = thread.task_record();
        // SAFETY: as above.
        unsafe {
            masked(
                endpoint as i32,
                task.parallel(),
                task.data.get(),
                thread.code(),
            )
        };
    }
}

/// A construct of Clang's kind is cancelled by this task, or found to be.
#[inline]
pub fn cancel(thread: &Thread, construct: i32, activates: bool) {
    if watched() {
        cancel_slow(thread, construct, activates);
    }
}

#[cold]
fn cancel_slow(thread: &Thread, construct: i32, activates: bool) {
    let Some(cancel) = find::<callback::Cancel>(Event::Cancel) else {
        return;
    };
    let construct = match construct {
        1 => cancel_flag::PARALLEL,
        2 => cancel_flag::LOOP,
        3 => cancel_flag::SECTIONS,
        _ => cancel_flag::TASKGROUP,
    };
    let how = if activates {
        cancel_flag::ACTIVATED
    } else {
        cancel_flag::DETECTED
    };
    // SAFETY: as above.
    unsafe {
        cancel(
            thread.task_record().data.get(),
            construct | how,
            thread.code(),
        )
    };
}

/// The `error` directive was executed.
#[inline]
pub fn error(severity: i32, message: &CStr) {
    if watched() {
        error_slow(severity, message);
    }
}

#[cold]
fn error_slow(severity: i32, message: &CStr) {
    if let Some(error) = find::<callback::Error>(Event::Error) {
        let code = thread::current().code();
        // SAFETY: as above.
        unsafe { error(severity, message.as_ptr(), message.count_bytes(), code) };
    }
}

/// `omp_control_tool`: -2: there is no tool; -1: it has no callback; else what the callback returns.
pub fn control_tool(command: i32, modifier: i32, argument: *mut c_void) -> i32 {
    let thread = thread::current();
    if !watched() || !tool::is_running() {
        return -2;
    }
    let Some(control) = find::<callback::ControlTool>(Event::ControlTool) else {
        return -1;
    };
    let task = thread.task_record();
    task.set_enter(thread.ompt.frame.get());
    // SAFETY: as above; both numbers are bit patterns for the tool.
    let answer = unsafe { control(command as u64, modifier as u64, argument, thread.code()) };
    task.set_enter(0);
    answer
}
