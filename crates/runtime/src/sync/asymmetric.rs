//! A pair of fences of which one costs almost nothing: for protocols in which one side acts often and the other seldom.
//!
//! # Protocol
//!
//! Wherever a SeqCst fence on each side would be right, the frequent side may call [`light`] and the rare side [`heavy`]. Where
//! the kernel has `membarrier`, `light` only keeps the compiler from reordering, and `heavy` makes every processor that
//! runs a thread of this process execute a full fence: each `light` of another thread is then either before `heavy` as a whole, or after.
//! Elsewhere both are SeqCst fences. Which of the two holds is settled once, before the first thread is registered.

#[cfg(not(loom))]
pub use real::{heavy, init, light};

#[cfg(not(loom))]
mod real {
    use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

    const REGISTER_PRIVATE_EXPEDITED: i32 = 16;
    const PRIVATE_EXPEDITED: i32 = 8;

    /// `heavy` reaches all threads. Written by `init` only.
    static REACHES_ALL: AtomicBool = AtomicBool::new(false);

    fn membarrier(command: i32) -> bool {
        // SAFETY: the call reads and writes no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Asks the kernel. By each thread that may have teams, before it has one.
    pub fn init() {
        if REACHES_ALL.load(Ordering::Relaxed) {
            return;
        }
        // The second call makes sure that a filter does not let only the first one pass.
        if membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED) {
            REACHES_ALL.store(true, Ordering::Relaxed);
        }
    }

    /// The frequent side's fence.
    #[inline]
    pub fn light() {
        if REACHES_ALL.load(Ordering::Relaxed) {
            compiler_fence(Ordering::SeqCst);
        } else {
            fence(Ordering::SeqCst);
        }
    }

    /// The rare side's fence.
    pub fn heavy() {
        if REACHES_ALL.load(Ordering::Relaxed) {
            membarrier(PRIVATE_EXPEDITED);
        }
        fence(Ordering::SeqCst);
    }
}

/// Loom knows no such fence; what holds with the pair holds with two full ones.
#[cfg(loom)]
pub fn light() {
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
}

/// See [`light`].
#[cfg(loom)]
pub fn heavy() {
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
}
