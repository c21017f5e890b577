//! Worksharing loops. `long` and `unsigned long long` loops travel as the same bits: only the number of iterations is computed
//! by type, from then on a chunk is a range of logical iterations.
//!
//! GCC's compiled code does not say when an iteration of a loop with an `ordered` clause is over, only when it enters an `ordered`
//! block and when it asks for the next chunk. So a whole chunk is one turn: the first `ordered` block in it waits until all
//! earlier chunks are over, and asking for the next chunk passes the turn on, after waiting for it where no block has.

use super::{Data, GompFunction, current, doacross, parallel, shared};
use crate::dispatch;
use crate::ompt::{self, SyncRegion};
use crate::schedule::{Schedule, trip_count};

/// A loop in the program's terms, and how many iterations that makes.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub start: i64,
    pub end: i64,
    pub step: i64,
    pub count: u64,
    /// The iterations are sections.
    pub are_sections: bool,
}

impl Bounds {
    /// A loop over `long`, up to but without `end`.
    pub fn signed(start: i64, end: i64, step: i64) -> Self {
        let last = i128::from(end) - i128::from(step.signum());
        Self {
            start,
            end,
            step,
            count: trip_count(start.into(), last, step.into()),
            are_sections: false,
        }
    }

    /// A loop over `unsigned long long`; `step` is a negative number's bits when the loop counts down.
    pub fn unsigned(up: bool, start: u64, end: u64, step: u64) -> Self {
        let step = step as i64;
        let (stride, last) = if up {
            (i128::from(step as u64), i128::from(end) - 1)
        } else {
            (i128::from(step), i128::from(end) + 1)
        };
        Self {
            start: start as i64,
            end: end as i64,
            step,
            count: trip_count(start.into(), last, stride),
            are_sections: false,
        }
    }

    /// Logical iterations `0..count`.
    pub fn logical(count: u64) -> Self {
        Self {
            start: 0,
            end: count as i64,
            step: 1,
            count,
            are_sections: false,
        }
    }

    /// As many sections.
    pub fn sections(count: u32) -> Self {
        Self {
            are_sections: true,
            ..Self::logical(count.into())
        }
    }
}

/// GCC's numbers for schedules.
pub(super) mod kind {
    pub const RUNTIME: i64 = 0;
    pub const STATIC: i64 = 1;
    pub const DYNAMIC: i64 = 2;
    pub const GUIDED: i64 = 3;
    /// Added for `monotonic`. The names of entry points say the opposite where it holds.
    pub const MONOTONIC: i64 = 0x8000_0000;
}

/// A schedule by its number.
pub(super) fn numbered(number: i64, chunk: i64) -> Schedule {
    let size = chunk.max(1) as u64;
    let monotonic = number & kind::MONOTONIC != 0;
    match number & !kind::MONOTONIC & 0xffff_ffff {
        kind::RUNTIME if monotonic => Schedule::MonotonicRuntime,
        kind::RUNTIME => Schedule::Runtime,
        kind::STATIC if chunk > 0 => Schedule::StaticChunk(size),
        kind::DYNAMIC if monotonic => Schedule::MonotonicDynamic(size),
        kind::DYNAMIC => Schedule::Dynamic(size),
        kind::GUIDED => Schedule::Guided(size),
        _ => Schedule::Static,
    }
}

/// Begins a loop in this thread.
pub(super) fn begin(schedule: Schedule, ordered: bool, bounds: Bounds) {
    let thread = current();
    let member = thread.member();
    if bounds.are_sections {
        ompt::sections(thread);
    }
    dispatch::begin(thread, member, schedule, ordered, bounds.count);
    member.loop_state.bounds.set((bounds.start, bounds.step));
    member.gomp.loop_end.set(bounds.end);
    member.gomp.chunk.set(ordered.then_some((0, 0)));
    member.gomp.has_turn.set(false);
}

/// The next chunk of the current loop.
///
/// # Safety
/// The pointers are valid.
pub(super) unsafe fn next(start: *mut i64, end: *mut i64) -> bool {
    let thread = current();
    let member = thread.member();
    let state = &member.gomp;
    if let Some((first, last)) = state.chunk.get()
        && last > first
    {
        if state.has_turn.replace(false) || dispatch::turn_enter(thread, member, first) {
            dispatch::turn_exit(member, last);
        }
        state.chunk.set(Some((0, 0)));
    }
    let Some(chunk) = dispatch::next(thread, member) else {
        return false;
    };
    if state.chunk.get().is_some() {
        state.chunk.set(Some((chunk.first, chunk.last + 1)));
    }
    let (base, step) = member.loop_state.bounds.get();
    // Wrapping: unsigned bounds travel as their bits.
    let at = |iteration: u64| base.wrapping_add(step.wrapping_mul(iteration as i64));
    // SAFETY: the caller's promise.
    unsafe {
        *start = at(chunk.first);
        *end = if chunk.is_last {
            state.loop_end.get()
        } else {
            at(chunk.last + 1)
        };
    }
    true
}

/// Begins an `ordered` block.
pub(super) fn ordered_enter() {
    let thread = current();
    let member = thread.member();
    if let Some((first, last)) = member.gomp.chunk.get()
        && last > first
        && !member.gomp.has_turn.get()
    {
        let has_turn = dispatch::turn_enter(thread, member, first);
        member.gomp.has_turn.set(has_turn);
    }
}

/// The next barrier is the one at the end of the construct.
pub(super) fn implicit_barrier() {
    ompt::next_barrier_is(current(), SyncRegion::BarrierWorkshare);
}

/// Leaves the current loop or sections construct.
pub(super) fn leave() {
    let thread = current();
    let member = thread.member();
    ompt::work_end(thread);
    dispatch::finish(member);
    member.gomp.chunk.set(None);
    if member.gomp.doacross.replace(false) {
        crate::doacross::leave(member);
    }
    shared::leave(member);
}

pub extern "C" fn GOMP_loop_end() {
    leave();
    implicit_barrier();
    super::sync::GOMP_barrier();
}

pub extern "C" fn GOMP_loop_end_nowait() {
    leave();
}

/// True: the parallel region is cancelled.
pub extern "C" fn GOMP_loop_end_cancel() -> bool {
    leave();
    implicit_barrier();
    super::sync::GOMP_barrier_cancel()
}

macro_rules! chunked {
    ($($start:ident $ull_start:ident $ordered:literal $kind:expr;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $start(
            start: i64, end: i64, step: i64, chunk: i64, first: *mut i64, last: *mut i64,
        ) -> bool {
            begin(numbered($kind, chunk), $ordered, Bounds::signed(start, end, step));
            // SAFETY: the caller's promise.
            unsafe { next(first, last) }
        }

        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $ull_start(
            up: bool, start: u64, end: u64, step: u64, chunk: u64, first: *mut u64, last: *mut u64,
        ) -> bool {
            let chunk = i64::try_from(chunk).unwrap_or(i64::MAX);
            begin(numbered($kind, chunk), $ordered, Bounds::unsigned(up, start, end, step));
            // SAFETY: the caller's promise.
            unsafe { next(first.cast(), last.cast()) }
        }
    )*};
}

chunked! {
    GOMP_loop_static_start GOMP_loop_ull_static_start false kind::STATIC;
    GOMP_loop_dynamic_start GOMP_loop_ull_dynamic_start false kind::DYNAMIC | kind::MONOTONIC;
    GOMP_loop_guided_start GOMP_loop_ull_guided_start false kind::GUIDED;
    GOMP_loop_nonmonotonic_dynamic_start GOMP_loop_ull_nonmonotonic_dynamic_start false kind::DYNAMIC;
    GOMP_loop_nonmonotonic_guided_start GOMP_loop_ull_nonmonotonic_guided_start false kind::GUIDED;
    GOMP_loop_ordered_static_start GOMP_loop_ull_ordered_static_start true kind::STATIC;
    GOMP_loop_ordered_dynamic_start GOMP_loop_ull_ordered_dynamic_start true kind::DYNAMIC | kind::MONOTONIC;
    GOMP_loop_ordered_guided_start GOMP_loop_ull_ordered_guided_start true kind::GUIDED;
}

macro_rules! runtime {
    ($($start:ident $ull_start:ident $ordered:literal $kind:expr;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $start(
            start: i64, end: i64, step: i64, first: *mut i64, last: *mut i64,
        ) -> bool {
            begin(numbered($kind, 0), $ordered, Bounds::signed(start, end, step));
            // SAFETY: the caller's promise.
            unsafe { next(first, last) }
        }

        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $ull_start(
            up: bool, start: u64, end: u64, step: u64, first: *mut u64, last: *mut u64,
        ) -> bool {
            begin(numbered($kind, 0), $ordered, Bounds::unsigned(up, start, end, step));
            // SAFETY: the caller's promise.
            unsafe { next(first.cast(), last.cast()) }
        }
    )*};
}

runtime! {
    GOMP_loop_runtime_start GOMP_loop_ull_runtime_start false kind::RUNTIME | kind::MONOTONIC;
    GOMP_loop_nonmonotonic_runtime_start GOMP_loop_ull_nonmonotonic_runtime_start false kind::RUNTIME;
    GOMP_loop_maybe_nonmonotonic_runtime_start GOMP_loop_ull_maybe_nonmonotonic_runtime_start false kind::RUNTIME;
    GOMP_loop_ordered_runtime_start GOMP_loop_ull_ordered_runtime_start true kind::RUNTIME;
}

macro_rules! next {
    ($($next:ident $ull_next:ident;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $next(first: *mut i64, last: *mut i64) -> bool {
            // SAFETY: the caller's promise.
            unsafe { next(first, last) }
        }

        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $ull_next(first: *mut u64, last: *mut u64) -> bool {
            // SAFETY: the caller's promise.
            unsafe { next(first.cast(), last.cast()) }
        }
    )*};
}

next! {
    GOMP_loop_static_next GOMP_loop_ull_static_next;
    GOMP_loop_dynamic_next GOMP_loop_ull_dynamic_next;
    GOMP_loop_guided_next GOMP_loop_ull_guided_next;
    GOMP_loop_runtime_next GOMP_loop_ull_runtime_next;
    GOMP_loop_nonmonotonic_dynamic_next GOMP_loop_ull_nonmonotonic_dynamic_next;
    GOMP_loop_nonmonotonic_guided_next GOMP_loop_ull_nonmonotonic_guided_next;
    GOMP_loop_nonmonotonic_runtime_next GOMP_loop_ull_nonmonotonic_runtime_next;
    GOMP_loop_maybe_nonmonotonic_runtime_next GOMP_loop_ull_maybe_nonmonotonic_runtime_next;
    GOMP_loop_ordered_static_next GOMP_loop_ull_ordered_static_next;
    GOMP_loop_ordered_dynamic_next GOMP_loop_ull_ordered_dynamic_next;
    GOMP_loop_ordered_guided_next GOMP_loop_ull_ordered_guided_next;
    GOMP_loop_ordered_runtime_next GOMP_loop_ull_ordered_runtime_next;
}

/// The forms for loops with task reductions or memory of the team. Where `first` is null, the loop's chunks are inline code and
/// only the reductions and the memory are readied.
macro_rules! general {
    ($($start:ident $ull_start:ident $ordered:literal;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $start(
            start: i64, end: i64, step: i64, schedule: i64, chunk: i64, first: *mut i64, last: *mut i64,
            reductions: *mut usize, memory: *mut Data,
        ) -> bool {
            begin(numbered(schedule, chunk), $ordered, Bounds::signed(start, end, step));
            // SAFETY: the caller's promise.
            unsafe {
                shared::enter(reductions, memory);
                first.is_null() || next(first, last)
            }
        }

        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C" fn $ull_start(
            up: bool, start: u64, end: u64, step: u64, schedule: i64, chunk: u64, first: *mut u64, last: *mut u64,
            reductions: *mut usize, memory: *mut Data,
        ) -> bool {
            let chunk = i64::try_from(chunk).unwrap_or(i64::MAX);
            begin(numbered(schedule, chunk), $ordered, Bounds::unsigned(up, start, end, step));
            // SAFETY: the caller's promise.
            unsafe {
                shared::enter(reductions, memory);
                first.is_null() || next(first.cast(), last.cast())
            }
        }
    )*};
}

general! {
    GOMP_loop_start GOMP_loop_ull_start false;
    GOMP_loop_ordered_start GOMP_loop_ull_ordered_start true;
}

macro_rules! parallel_loop {
    ($($name:ident $kind:expr;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C-unwind" fn $name(
            function: GompFunction, data: Data, num_threads: u32, start: i64, end: i64, step: i64, chunk: i64, flags: u32,
        ) {
            let bounds = Bounds::signed(start, end, step);
            // SAFETY: the caller's promise.
            unsafe { parallel::parallel_with_loop(function, data, num_threads, flags, numbered($kind, chunk), bounds) };
        }
    )*};
}

parallel_loop! {
    GOMP_parallel_loop_static kind::STATIC;
    GOMP_parallel_loop_dynamic kind::DYNAMIC | kind::MONOTONIC;
    GOMP_parallel_loop_guided kind::GUIDED;
    GOMP_parallel_loop_nonmonotonic_dynamic kind::DYNAMIC;
    GOMP_parallel_loop_nonmonotonic_guided kind::GUIDED;
}

macro_rules! parallel_runtime {
    ($($name:ident $kind:expr;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C-unwind" fn $name(
            function: GompFunction, data: Data, num_threads: u32, start: i64, end: i64, step: i64, flags: u32,
        ) {
            let bounds = Bounds::signed(start, end, step);
            // SAFETY: the caller's promise.
            unsafe { parallel::parallel_with_loop(function, data, num_threads, flags, numbered($kind, 0), bounds) };
        }
    )*};
}

parallel_runtime! {
    GOMP_parallel_loop_runtime kind::RUNTIME | kind::MONOTONIC;
    GOMP_parallel_loop_nonmonotonic_runtime kind::RUNTIME;
    GOMP_parallel_loop_maybe_nonmonotonic_runtime kind::RUNTIME;
}

macro_rules! parallel_loop_start {
    ($($name:ident $kind:expr;)*) => {$(
        /// # Safety
        /// As GCC calls it.
        pub unsafe extern "C-unwind" fn $name(
            function: GompFunction, data: Data, num_threads: u32, start: i64, end: i64, step: i64, chunk: i64,
        ) {
            let bounds = Bounds::signed(start, end, step);
            // SAFETY: the caller's promise.
            unsafe { parallel::parallel_with_loop_start(function, data, num_threads, numbered($kind, chunk), bounds) };
        }
    )*};
}

parallel_loop_start! {
    GOMP_parallel_loop_static_start kind::STATIC;
    GOMP_parallel_loop_dynamic_start kind::DYNAMIC | kind::MONOTONIC;
    GOMP_parallel_loop_guided_start kind::GUIDED;
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_parallel_loop_runtime_start(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    start: i64,
    end: i64,
    step: i64,
) {
    let bounds = Bounds::signed(start, end, step);
    // SAFETY: the caller's promise.
    unsafe {
        parallel::parallel_with_loop_start(function, data, num_threads, Schedule::Runtime, bounds)
    };
}

/// Logical iterations of a doacross loop's outermost dimension.
pub(super) fn begin_doacross(schedule: Schedule, counts: &[u64]) {
    begin(
        schedule,
        false,
        Bounds::logical(counts.first().copied().unwrap_or(0)),
    );
    doacross::enter(counts);
    current().member().gomp.doacross.set(true);
}
