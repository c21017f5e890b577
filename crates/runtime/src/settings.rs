//! What a program changes of the configuration while it runs, by routines beyond OpenMP's (`abi::kmp`). All atomics are Relaxed: each
//! stands for itself, and a thread that sees a change late behaves as before it.

use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::config::config;

/// Microseconds; all ones: what the configuration says.
static BLOCKTIME: AtomicU64 = AtomicU64::new(u64::MAX);
/// Bytes; 0: what the configuration says.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);
/// What `kmp_set_library` has chosen; 0: nothing.
static LIBRARY: AtomicI32 = AtomicI32::new(0);

/// How long a waiting thread polls before it sleeps.
#[inline]
pub fn blocktime() -> Duration {
    match BLOCKTIME.load(Ordering::Relaxed) {
        u64::MAX => config().blocktime,
        micros => Duration::from_micros(micros),
    }
}

pub fn set_blocktime(time: Duration) {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    BLOCKTIME.store(micros.min(u64::MAX - 1), Ordering::Relaxed);
}

/// Back to what the configuration says.
pub fn reset_blocktime() {
    BLOCKTIME.store(u64::MAX, Ordering::Relaxed);
}

/// Stack size of workers that are started from now on.
pub fn stack_size() -> usize {
    match STACK_SIZE.load(Ordering::Relaxed) {
        0 => config().stack_size,
        size => size,
    }
}

pub fn set_stack_size(size: usize) {
    STACK_SIZE.store(size, Ordering::Relaxed);
}

pub fn library() -> i32 {
    LIBRARY.load(Ordering::Relaxed)
}

pub fn set_library(library: i32) {
    LIBRARY.store(library, Ordering::Relaxed);
}
