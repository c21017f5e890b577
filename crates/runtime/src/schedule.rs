//! Arithmetic of loop schedules, without any state: which logical iterations make a thread's share.

use crate::icv::{RunSchedule, ScheduleKind};

/// A loop's schedule after `runtime` and `auto` are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// One contiguous piece per thread, sizes differing by at most one.
    Static,
    /// Chunks of that size, round robin.
    StaticChunk(u64),
    /// Chunks of that size, to whoever asks; a thread may be given them in any order.
    Dynamic(u64),
    /// The same, where each thread's chunks come in increasing order.
    MonotonicDynamic(u64),
    /// Chunks proportional to what remains, not below that size.
    Guided(u64),
    Auto,
    /// run-sched-var decides.
    Runtime,
    /// The same, whatever the variable says about the order of chunks.
    MonotonicRuntime,
}

/// Numbers that Clang uses for schedules.
pub mod raw {
    pub const STATIC_CHUNKED: i32 = 33;
    pub const DYNAMIC: i32 = 35;
    pub const GUIDED: i32 = 36;
    pub const RUNTIME: i32 = 37;
    pub const AUTO: i32 = 38;
    /// A chunk that was rounded to the SIMD width.
    pub const STATIC_BALANCED_CHUNKED: i32 = 45;
    pub const GUIDED_SIMD: i32 = 46;
    pub const RUNTIME_SIMD: i32 = 47;
    /// Added for loops with an `ordered` clause.
    pub const ORDERED: i32 = 32;
    pub const DISTRIBUTE_CHUNKED: i32 = 91;
    pub const DISTRIBUTE: i32 = 92;
    pub const MONOTONIC: i32 = 1 << 29;
    pub const NONMONOTONIC: i32 = 1 << 30;
    pub const MODIFIERS: i32 = MONOTONIC | NONMONOTONIC;
}

impl Schedule {
    /// From Clang's number (modifiers and `ordered` included); the second part says whether it is ordered. Without a modifier
    /// a schedule is monotonic, as it was before OpenMP 5.0: Clang adds `nonmonotonic` where that is the default.
    pub fn from_raw(number: i32, chunk: i64) -> (Self, bool) {
        let monotonic = number & raw::NONMONOTONIC == 0;
        let asked_for = number & raw::MONOTONIC != 0;
        let number = number & !raw::MODIFIERS;
        let ordered =
            (raw::STATIC_CHUNKED + raw::ORDERED..=raw::AUTO + raw::ORDERED).contains(&number);
        let size = u64::try_from(chunk).unwrap_or(0).max(1);
        let schedule = match if ordered {
            number - raw::ORDERED
        } else {
            number
        } {
            raw::STATIC_CHUNKED | raw::STATIC_BALANCED_CHUNKED | raw::DISTRIBUTE_CHUNKED => {
                Self::StaticChunk(size)
            }
            raw::DYNAMIC if monotonic => Self::MonotonicDynamic(size),
            raw::DYNAMIC => Self::Dynamic(size),
            raw::GUIDED | raw::GUIDED_SIMD => Self::Guided(size),
            raw::RUNTIME | raw::RUNTIME_SIMD if asked_for => Self::MonotonicRuntime,
            raw::RUNTIME | raw::RUNTIME_SIMD => Self::Runtime,
            raw::AUTO => Self::Auto,
            _ => Self::Static,
        };
        (schedule, ordered)
    }

    /// Replaces `runtime` by run-sched-var, and `auto` by the static schedule.
    pub fn resolved(self, run: RunSchedule) -> Self {
        let size = run.chunk.max(1) as u64;
        let monotonic = run.monotonic || self == Self::MonotonicRuntime;
        match self {
            Self::Runtime | Self::MonotonicRuntime => match run.kind {
                ScheduleKind::Static if run.chunk > 0 => Self::StaticChunk(size),
                ScheduleKind::Static | ScheduleKind::Auto => Self::Static,
                ScheduleKind::Dynamic if monotonic => Self::MonotonicDynamic(size),
                ScheduleKind::Dynamic => Self::Dynamic(size),
                ScheduleKind::Guided => Self::Guided(size),
            },
            Self::Auto => Self::Static,
            other => other,
        }
    }
}

/// Thread `tid`'s piece of `count` iterations among `threads`: first iteration and length. The first `count % threads`
/// threads get one more than the others.
#[inline]
pub fn balanced(count: u64, threads: u64, tid: u64) -> (u64, u64) {
    let (quotient, remainder) = (count / threads, count % threads);
    let length = quotient + u64::from(tid < remainder);
    (tid * quotient + tid.min(remainder), length)
}

/// Size of the next guided chunk when `taken` of `count` are gone; `None`: nothing remains.
#[inline]
pub fn guided(count: u64, taken: u64, threads: u64, smallest: u64) -> Option<u64> {
    let remaining = count.checked_sub(taken).filter(|&n| n > 0)?;
    Some(remaining.div_ceil(threads).max(smallest).min(remaining))
}

/// Number of iterations of a loop from `lower` to `upper` inclusive by `step`, in 128 bits so that nothing overflows.
#[inline]
pub fn trip_count(lower: i128, upper: i128, step: i128) -> u64 {
    let span = if step > 0 {
        upper - lower
    } else {
        lower - upper
    };
    if span < 0 || step == 0 {
        return 0;
    }
    // A division of 128 bits takes as long as all the rest of a short loop.
    let last = match (u64::try_from(span), u64::try_from(step.unsigned_abs())) {
        (Ok(span), Ok(1)) => span,
        (Ok(span), Ok(step)) => span / step,
        _ => u64::try_from(span / step.abs()).unwrap_or(u64::MAX),
    };
    last.saturating_add(1)
}
