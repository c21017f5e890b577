//! Ctrl-C inside of teams. CPython runs signal handlers on the main thread only, between two bytecodes. So the main
//! thread's waits end when the signal comes (the runtime's interrupt flag), its region then raises what the handler
//! raises, and the others of its team get the internal exception `TeamCancelled` at their next bytecode.

use super::attach;
use super::team::TeamCancelled;
use pyo3::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A worker inside of a region: its identity and the outermost region it works for.
struct Active {
    ident: u64,
    root: u64,
    interrupted: bool,
}

static ACTIVE: Mutex<Vec<Active>> = Mutex::new(Vec::new());
static ROOTS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The outermost region that this thread works for; 0 for none.
    static ROOT: Cell<u64> = const { Cell::new(0) };
}

fn active() -> std::sync::MutexGuard<'static, Vec<Active>> {
    ACTIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An outermost or nested region, as long as its fork lasts.
pub struct Region {
    pub root: u64,
    outermost: bool,
}

impl Region {
    /// Begins a region on the encountering thread.
    pub fn begin(py: Python<'_>) -> PyResult<Region> {
        let root = ROOT.get();
        if root != 0 {
            return Ok(Region {
                root,
                outermost: false,
            });
        }
        // A signal that came before the region belongs to what ran before it.
        py.check_signals()?;
        crate::sigint::install();
        if is_main_thread() {
            omply_runtime::set_main_thread();
            omply_runtime::set_interrupt(false);
        }
        let root = ROOTS.fetch_add(1, Ordering::Relaxed) + 1;
        ROOT.set(root);
        Ok(Region {
            root,
            outermost: true,
        })
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.outermost {
            ROOT.set(0);
            if is_main_thread() {
                omply_runtime::set_interrupt(false);
            }
        }
    }
}

/// Whether CPython would run signal handlers on the calling thread.
pub fn is_main_thread() -> bool {
    // SAFETY: no arguments; both are plain system calls.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::getpid() == libc::gettid()
    }
    #[cfg(not(target_os = "linux"))]
    unsafe {
        libc::pthread_main_np() != 0
    }
}

/// Runs `f`, the calling worker's part in a region, such that `interrupt` reaches it, and only it.
pub fn reachable<R>(py: Python<'_>, root: u64, f: impl FnOnce() -> R) -> R {
    let ident = attach::ident();
    let outer = ROOT.replace(root);
    active().push(Active {
        ident,
        root,
        interrupted: false,
    });
    let result = f();
    let mut list = active();
    let place = list.iter().rposition(|a| a.ident == ident);
    if let Some(place) = place
        && list.swap_remove(place).interrupted
    {
        attach::raise_in(py, ident, None);
    }
    drop(list);
    ROOT.set(outer);
    result
}

/// Makes every worker of the region `root` leave at its next bytecode.
pub fn interrupt(py: Python<'_>, root: u64) {
    let class = py.get_type::<TeamCancelled>();
    for worker in active().iter_mut().filter(|a| a.root == root) {
        worker.interrupted = true;
        attach::raise_in(py, worker.ident, Some(&class));
    }
}
