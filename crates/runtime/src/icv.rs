//! Internal control variables of a data environment, as values that are copied to child tasks.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::config;
use crate::process::ForkSafe;

/// Kinds of `omp_sched_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum ScheduleKind {
    #[default]
    Static = 1,
    Dynamic = 2,
    Guided = 3,
    Auto = 4,
}

/// run-sched-var. `chunk` below 1: the kind's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSchedule {
    pub kind: ScheduleKind,
    pub chunk: i32,
    pub monotonic: bool,
}

impl Default for RunSchedule {
    fn default() -> Self {
        Self {
            kind: ScheduleKind::Static,
            chunk: 0,
            monotonic: true,
        }
    }
}

impl fmt::Display for RunSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind == ScheduleKind::Static, self.monotonic) {
            (true, false) => f.write_str("nonmonotonic:")?,
            (false, true) => f.write_str("monotonic:")?,
            _ => {}
        }
        write!(f, "{:?}", self.kind)?;
        if self.chunk > 0 {
            write!(f, ",{}", self.chunk)
        } else {
            Ok(())
        }
    }
}

/// Values of `omp_proc_bind_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Bind {
    False = 0,
    True = 1,
    Primary = 2,
    Close = 3,
    Spread = 4,
}

impl Bind {
    /// The policy with that number.
    pub fn from_raw(raw: i32) -> Option<Self> {
        [
            Self::False,
            Self::True,
            Self::Primary,
            Self::Close,
            Self::Spread,
        ]
        .into_iter()
        .find(|bind| *bind as i32 == raw)
    }
}

/// The data environment's ICVs. List-valued ICVs are slices of interned lists.
#[derive(Clone, Copy, Debug)]
pub struct Icvs {
    /// Equal versions mean equal contents: a team compares it to see whether what its members inherit is still right.
    pub version: u64,
    pub nthreads: &'static [i32],
    pub bind: &'static [Bind],
    pub dynamic: bool,
    pub max_active_levels: i32,
    pub schedule: RunSchedule,
    pub thread_limit: i32,
    pub default_device: i32,
    pub default_allocator: usize,
}

impl Icvs {
    /// The initial values.
    pub fn initial() -> Self {
        let config = config();
        Self {
            version: new_version(),
            nthreads: &config.num_threads,
            bind: &config.bind,
            dynamic: config.dynamic,
            max_active_levels: config.max_active_levels,
            schedule: config.schedule,
            thread_limit: config.thread_limit,
            default_device: if config.default_choices.is_some() {
                crate::devices::UNRESOLVED
            } else {
                config.default_device
            },
            default_allocator: crate::alloc::initial_allocator(),
        }
    }

    /// First element of nthreads-var.
    #[inline]
    pub fn first_nthreads(&self) -> i32 {
        self.nthreads.first().copied().unwrap_or(1)
    }

    /// First element of bind-var.
    #[inline]
    pub fn first_bind(&self) -> Bind {
        self.bind.first().copied().unwrap_or(Bind::False)
    }

    /// What the implicit tasks of a region start with; `num_threads` is the clause's list.
    pub fn for_children(&self, num_threads: &[i32]) -> Self {
        let nthreads = match num_threads {
            [_, rest @ ..] if !rest.is_empty() => interned(rest),
            _ => tail(self.nthreads),
        };
        Self {
            version: new_version(),
            nthreads,
            bind: tail(self.bind),
            ..*self
        }
    }
}

/// A number never given before. Relaxed: only its being unique counts.
pub fn new_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The list without its first element, unless it has only one.
fn tail<T>(list: &[T]) -> &[T] {
    match list {
        [_, rest @ ..] if !rest.is_empty() => rest,
        _ => list,
    }
}

/// The lists given out by [`interned`].
pub(crate) static LISTS: ForkSafe<Option<HashSet<&'static [i32]>>> = ForkSafe::new(None);

/// A list that lives for ever; equal lists share storage, so a program's memory is bounded by its distinct lists.
pub fn interned(list: &[i32]) -> &'static [i32] {
    let mut lists = LISTS.lock();
    let lists = lists.get_or_insert_default();
    if let Some(known) = lists.get(list) {
        return known;
    }
    let kept: &'static [i32] = Box::leak(list.to_vec().into_boxed_slice());
    lists.insert(kept);
    kept
}
