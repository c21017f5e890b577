//! Worksharing loops: bounds of static schedules, chunks of all others.

use super::Ident;
use super::kmpc_sync::flags;
use crate::dispatch;
use crate::doacross::{self, Dimension};
use crate::league;
use crate::ompt::{self, Mutex};
use crate::schedule::{Schedule, balanced, raw, trip_count};
use crate::thread::{self, Thread};

/// One thread's share of a statically scheduled loop, before it is cut to the loop variable's type.
struct Share {
    lower: i128,
    upper: i128,
    stride: i128,
    is_last: bool,
}

/// `lower..=upper` by `step`, scheduled as Clang's number says.
fn static_share(
    thread: &Thread,
    schedule: i32,
    lower: i128,
    upper: i128,
    step: i128,
    chunk: i128,
) -> Share {
    let member = thread.member();
    let number = schedule & !raw::MODIFIERS;
    let distribute = matches!(number, raw::DISTRIBUTE | raw::DISTRIBUTE_CHUNKED);
    let (threads, tid) = if distribute {
        let (team, teams) = league::place_in_league(thread);
        (teams.into(), team.into())
    } else {
        (member.team_size.get().into(), member.tid.get().into())
    };
    if !distribute {
        member.workshares.set(member.workshares.get() + 1);
    }
    let count = trip_count(lower, upper, step);
    let whole = step * i128::from(count);
    if count == 0 {
        return Share {
            lower,
            upper,
            stride: step,
            is_last: false,
        };
    }
    match Schedule::from_raw(number, i64::try_from(chunk).unwrap_or(i64::MAX)).0 {
        Schedule::StaticChunk(size) => {
            let span = step * i128::from(size);
            let first = lower + span * i128::from(tid);
            let last_thread = (count - 1) / size % threads;
            Share {
                lower: first,
                upper: first + span - step,
                stride: span * i128::from(threads),
                is_last: tid == last_thread,
            }
        }
        _ => {
            let (first, length) = balanced(count, threads, tid);
            let start = lower + step * i128::from(first);
            let end = start + step * (i128::from(length) - 1);
            Share {
                lower: start,
                upper: end,
                stride: whole,
                is_last: length > 0 && first + length == count,
            }
        }
    }
}

macro_rules! static_init {
    ($name:ident, $bound:ty, $signed:ty) => {
        /// # Safety
        /// As Clang calls it: the pointers are valid and distinct.
        pub unsafe extern "C" fn $name(
            loc: *const Ident,
            gtid: i32,
            schedule: i32,
            is_last: *mut i32,
            lower: *mut $bound,
            upper: *mut $bound,
            stride: *mut $signed,
            step: $signed,
            chunk: $signed,
        ) {
            let thread = thread::from_gtid(gtid);
            if ompt::watched() {
                // SAFETY: the caller's promise.
                let count = unsafe { trip_count((*lower).into(), (*upper).into(), step.into()) };
                ompt::static_loop(thread, flags(loc), (schedule, chunk.into()), count);
            }
            // SAFETY: the caller's promise.
            unsafe {
                let share = static_share(
                    thread,
                    schedule,
                    (*lower).into(),
                    (*upper).into(),
                    step.into(),
                    chunk.into(),
                );
                let fits =
                    |value: i128| value >= <$bound>::MIN.into() && value <= <$bound>::MAX.into();
                if !is_last.is_null() {
                    *is_last = share.is_last.into();
                }
                if fits(share.lower) {
                    *lower = share.lower as $bound;
                    // A chunk's end may lie beyond the type; Clang cuts it to the loop's end anyway.
                    *upper = share
                        .upper
                        .clamp(<$bound>::MIN.into(), <$bound>::MAX.into())
                        as $bound;
                    if !fits(share.upper) && (share.upper > share.lower) != (step > 0) {
                        // An empty share whose end would have wrapped.
                        (*lower, *upper) = if step > 0 {
                            (<$bound>::MAX, <$bound>::MIN)
                        } else {
                            (<$bound>::MIN, <$bound>::MAX)
                        };
                    }
                } else {
                    (*lower, *upper) = if step > 0 {
                        (<$bound>::MAX, <$bound>::MIN)
                    } else {
                        (<$bound>::MIN, <$bound>::MAX)
                    };
                }
                *stride = share
                    .stride
                    .clamp(<$signed>::MIN.into(), <$signed>::MAX.into())
                    as $signed;
            }
        }
    };
}

static_init!(__kmpc_for_static_init_4, i32, i32);
static_init!(__kmpc_for_static_init_4u, u32, i32);
static_init!(__kmpc_for_static_init_8, i64, i64);
static_init!(__kmpc_for_static_init_8u, u64, i64);

pub extern "C" fn __kmpc_for_static_fini(_loc: *const Ident, gtid: i32) {
    ompt::work_end(thread::from_gtid(gtid));
}

macro_rules! dispatch {
    ($init:ident, $next:ident, $fini:ident, $bound:ty, $signed:ty) => {
        pub extern "C" fn $init(
            _loc: *const Ident,
            gtid: i32,
            schedule: i32,
            lower: $bound,
            upper: $bound,
            step: $signed,
            chunk: $signed,
        ) {
            let thread = thread::from_gtid(gtid);
            let member = thread.member();
            let (schedule, ordered) = Schedule::from_raw(schedule, chunk.into());
            let count = trip_count(lower.into(), upper.into(), step.into());
            dispatch::begin(thread, member, schedule, ordered, count);
            member.loop_state.bounds.set((lower as i64, step.into()));
        }

        /// # Safety
        /// As Clang calls it: the pointers are valid; `is_last` and `stride` may be null.
        pub unsafe extern "C" fn $next(
            _loc: *const Ident,
            gtid: i32,
            is_last: *mut i32,
            lower: *mut $bound,
            upper: *mut $bound,
            stride: *mut $signed,
        ) -> i32 {
            let thread = thread::from_gtid(gtid);
            let member = thread.member();
            let Some(chunk) = dispatch::next(thread, member) else {
                return 0;
            };
            let (base, step) = member.loop_state.bounds.get();
            // Wrapping: 64-bit unsigned bounds travel as their bits.
            let at =
                |iteration: u64| base.wrapping_add(step.wrapping_mul(iteration as i64)) as $bound;
            // SAFETY: the caller's promise.
            unsafe {
                *lower = at(chunk.first);
                *upper = at(chunk.last);
                // Never cleared: nonmonotonic schedules may give the thread other chunks after the last one.
                if chunk.is_last && !is_last.is_null() {
                    *is_last = 1;
                }
                if !stride.is_null() {
                    *stride = step as $signed;
                }
            }
            1
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn $fini(_loc: *const Ident, gtid: i32) {
            let thread = thread::from_gtid(gtid);
            dispatch::ordered_iteration_end(thread, thread.member());
        }
    };
}

dispatch!(
    __kmpc_dispatch_init_4,
    __kmpc_dispatch_next_4,
    __kmpc_dispatch_fini_4,
    i32,
    i32
);
dispatch!(
    __kmpc_dispatch_init_4u,
    __kmpc_dispatch_next_4u,
    __kmpc_dispatch_fini_4u,
    u32,
    i32
);
dispatch!(
    __kmpc_dispatch_init_8,
    __kmpc_dispatch_next_8,
    __kmpc_dispatch_fini_8,
    i64,
    i64
);
dispatch!(
    __kmpc_dispatch_init_8u,
    __kmpc_dispatch_next_8u,
    __kmpc_dispatch_fini_8u,
    u64,
    i64
);

pub extern "C" fn __kmpc_dispatch_deinit(_loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    dispatch::finish(thread.member());
    ompt::work_end(thread);
}

pub extern "C" fn __kmpc_ordered(_loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    let member = thread.member();
    ompt::around_mutex(Mutex::Ordered, ompt::ordered_id(member), 0, || {
        dispatch::ordered_enter(thread, member);
    });
}

pub extern "C" fn __kmpc_end_ordered(_loc: *const Ident, gtid: i32) {
    let member = thread::from_gtid(gtid).member();
    dispatch::ordered_exit(member);
    ompt::mutex_released(Mutex::Ordered, ompt::ordered_id(member));
}

/// Begins a doacross loop of `count` dimensions.
///
/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_doacross_init(
    _loc: *const Ident,
    gtid: i32,
    count: i32,
    dimensions: *const Dimension,
) {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    let dimensions = unsafe { std::slice::from_raw_parts(dimensions, count.max(0) as usize) };
    doacross::enter(thread, thread.member(), dimensions);
}

/// The values of the loop variables: as many as the loop has dimensions, which its state knows.
///
/// # Safety
/// `iteration` holds them.
unsafe fn values(iteration: *const i64) -> impl Iterator<Item = i64> {
    // SAFETY: the caller's promise; the consumer stops after the last dimension.
    (0..).map(move |index| unsafe { *iteration.add(index) })
}

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_doacross_post(
    _loc: *const Ident,
    gtid: i32,
    iteration: *const i64,
) {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    doacross::post(thread, thread.member(), unsafe { values(iteration) });
}

/// # Safety
/// As Clang calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_doacross_wait(
    _loc: *const Ident,
    gtid: i32,
    iteration: *const i64,
) {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    doacross::wait(thread, thread.member(), unsafe { values(iteration) });
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_doacross_fini(_loc: *const Ident, gtid: i32) {
    doacross::leave(thread::from_gtid(gtid).member());
}
