//! Random delays at the points where threads' interleaving matters, for `make stress`. Only the Cargo feature `stress` compiles
//! them in; without it `point` is empty.
//!
//! A point stands before and after each step that another thread may see or miss: a push, pop or steal, a post, the moments
//! between registering as a sleeper, sleeping and waking, a release. The delays stretch windows of a few nanoseconds to ones
//! that two processors hit within minutes. Each thread draws its own sequence from `OMPLY_STRESS`, a number.

#[cfg(any(not(feature = "stress"), loom))]
#[inline(always)]
pub fn point() {}

#[cfg(all(feature = "stress", not(loom)))]
pub use delays::point;

#[cfg(all(feature = "stress", not(loom)))]
mod delays {
    use std::cell::Cell;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    thread_local! {
        static STATE: Cell<u64> = const { Cell::new(0) };
    }

    /// The number all sequences start from; `None` without `OMPLY_STRESS`: no delays.
    fn seed() -> Option<u64> {
        static SEED: OnceLock<Option<u64>> = OnceLock::new();
        *SEED.get_or_init(|| std::env::var("OMPLY_STRESS").ok()?.parse().ok())
    }

    /// The start of this thread's sequence: never zero.
    fn start(seed: u64) -> u64 {
        static THREADS: AtomicU64 = AtomicU64::new(1);
        // Relaxed: only the numbers must differ.
        let number = THREADS.fetch_add(1, Ordering::Relaxed);
        (seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1
    }

    /// Mostly nothing; sometimes a short loop, a yield, rarely a sleep.
    #[cold]
    #[inline(never)]
    pub fn point() {
        let Some(seed) = seed() else { return };
        // A thread that is ending has no state any more, and nothing left to delay.
        let _ = STATE.try_with(|state| {
            let mut x = state.get();
            if x == 0 {
                x = start(seed);
            }
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            state.set(x);
            match x >> 54 {
                0..3 => std::thread::sleep(Duration::from_micros(x & 127)),
                3..32 => std::thread::yield_now(),
                32..160 => (0..x & 1023).for_each(|_| std::hint::spin_loop()),
                _ => {}
            }
        });
    }
}
