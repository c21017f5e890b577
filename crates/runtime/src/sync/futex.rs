//! The futex system call, and its model under loom.

#[cfg(not(loom))]
pub use real::{wait, wake_all, wake_one};

#[cfg(not(loom))]
mod real {
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

    /// Sleeps while `*word == expected`, at most `timeout`. May return early for any reason.
    pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
        let spec = timeout.map(|t| libc::timespec {
            tv_sec: t.as_secs() as libc::time_t,
            tv_nsec: t.subsec_nanos().into(),
        });
        let spec_ptr = spec.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the word is alive for the call, the timespec too; the kernel only reads both.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                word.as_ptr(),
                libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
                expected,
                spec_ptr,
            );
        }
    }

    fn wake(word: &AtomicU32, count: i32) {
        // SAFETY: only the address is used.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                word.as_ptr(),
                libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
                count,
            );
        }
    }

    /// Wakes every sleeper of that word.
    pub fn wake_all(word: &AtomicU32) {
        wake(word, i32::MAX);
    }

    /// Wakes one sleeper of that word.
    pub fn wake_one(word: &AtomicU32) {
        wake(word, 1);
    }
}

/// Loom has no futex: a mutex and a condition variable beside the word stand for the kernel's queue.
#[cfg(loom)]
pub struct Queue {
    lock: loom::sync::Mutex<()>,
    sleepers: loom::sync::Condvar,
}

#[cfg(loom)]
impl Queue {
    pub fn new() -> Self {
        Self {
            lock: loom::sync::Mutex::new(()),
            sleepers: loom::sync::Condvar::new(),
        }
    }

    /// Like the kernel, compares under the queue's lock.
    pub fn wait(&self, word: &loom::sync::atomic::AtomicU32, expected: u32) {
        let guard = self.lock.lock().expect("loom mutexes are not poisoned");
        if word.load(loom::sync::atomic::Ordering::Relaxed) == expected {
            drop(self.sleepers.wait(guard));
        }
    }

    pub fn wake_one(&self) {
        let _guard = self.lock.lock();
        self.sleepers.notify_one();
    }

    pub fn wake_all(&self) {
        let _guard = self.lock.lock();
        self.sleepers.notify_all();
    }
}
