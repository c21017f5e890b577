//! A lock that the child of a fork does not inherit. Compiling runs Python code, so a fork cannot wait until nobody is compiling
//! (as it does for what `omply_runtime::at_fork` is about), and in the child a thread that held a lock then does not exist.
//! There another mutex takes the place of the inherited one.

use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard};

/// The mutex of one process.
struct Own {
    process: u32,
    mutex: Mutex<()>,
}

pub struct ProcessLock {
    /// Null until it is first needed.
    own: AtomicPtr<Own>,
}

impl ProcessLock {
    pub const fn new() -> ProcessLock {
        ProcessLock {
            own: AtomicPtr::new(null_mut()),
        }
    }

    /// Waits detached from the interpreter.
    pub fn lock(&self, py: Python<'_>) -> MutexGuard<'_, ()> {
        let mutex = self.mutex();
        mutex
            .lock_py_attached(py)
            .unwrap_or_else(|e| e.into_inner())
    }

    fn mutex(&self) -> &Mutex<()> {
        let process = std::process::id();
        // Acquire pairs with the exchange: the mutex has been made.
        let mut known = self.own.load(Ordering::Acquire);
        loop {
            // SAFETY: a mutex that was put there is not freed before the lock.
            if let Some(own) = unsafe { known.as_ref() }
                && own.process == process
            {
                return &own.mutex;
            }
            let new = Box::into_raw(Box::new(Own {
                process,
                mutex: Mutex::new(()),
            }));
            let exchanged =
                self.own
                    .compare_exchange(known, new, Ordering::AcqRel, Ordering::Acquire);
            match exchanged {
                // The inherited one is leaked: the forking thread itself may hold it.
                Ok(_) => known = new,
                Err(other) => {
                    // SAFETY: just made, and nobody has seen it.
                    drop(unsafe { Box::from_raw(new) });
                    known = other;
                }
            }
        }
    }
}

impl Drop for ProcessLock {
    fn drop(&mut self) {
        let own = *self.own.get_mut();
        if !own.is_null() {
            // SAFETY: it came from a box, and nobody can lock it any more.
            drop(unsafe { Box::from_raw(own) });
        }
    }
}
