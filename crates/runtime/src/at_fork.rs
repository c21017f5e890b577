//! What must not be cut in two by `fork()`: whatever is made once for the process, behind locks and once-only initialisers. In the child
//! of a fork in the middle of that, the thread that makes it would not exist, and all others would wait for it for ever. So a fork
//! waits until nobody holds a [`NoFork`]. Who holds one never waits for a thread that may be forking, nor for what such a thread
//! holds (as an interpreter's lock).

use std::cell::{Cell, UnsafeCell};
use std::sync::{Once, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::process;

/// Read: something is being made. Written: the process is being forked.
static MAKING: RwLock<()> = RwLock::new(());

thread_local! {
    /// How often the thread holds a `NoFork`.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// As long as it lives no other thread forks the process. It may be held several times by one thread.
pub struct NoFork {
    _outermost: Option<RwLockReadGuard<'static, ()>>,
}

/// See [`NoFork`].
pub fn forbid() -> NoFork {
    protect();
    let depth = DEPTH.get();
    let outermost = (depth == 0).then(|| MAKING.read().unwrap_or_else(PoisonError::into_inner));
    DEPTH.set(depth + 1);
    NoFork {
        _outermost: outermost,
    }
}

impl Drop for NoFork {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// What `cell` holds, made by `make` if it is empty.
#[inline]
pub fn once<T>(cell: &'static OnceLock<T>, make: impl FnOnce() -> T) -> &'static T {
    match cell.get() {
        Some(value) => value,
        None => make_once(cell, make),
    }
}

#[cold]
fn make_once<T>(cell: &'static OnceLock<T>, make: impl FnOnce() -> T) -> &'static T {
    let _no_fork = forbid();
    cell.get_or_init(make)
}

/// Installs the fork handlers, once. [`forbid`] does so, too; a process whose threads may fork at any time calls this before it
/// has others.
pub fn protect() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: the handlers have the signature asked for and live as long as the process.
        unsafe { libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child)) };
    });
}

/// What the forking thread holds.
struct Held(UnsafeCell<Option<RwLockWriteGuard<'static, ()>>>);

// SAFETY: touched by the fork handlers only, by the thread that holds the lock.
unsafe impl Sync for Held {}

static HELD: Held = Held(UnsafeCell::new(None));

unsafe extern "C" fn before() {
    // A thread that forks in the middle of its own work knows what it does.
    if DEPTH.get() == 0 {
        let guard = MAKING.write().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the lock is held.
        unsafe { *HELD.0.get() = Some(guard) };
    }
    process::freeze();
}

unsafe extern "C" fn after_in_parent() {
    process::thaw();
    let_go();
}

unsafe extern "C" fn after_in_child() {
    process::survive_fork();
    let_go();
}

/// By the thread that has forked or, in the child, by its copy.
fn let_go() {
    if DEPTH.get() == 0 {
        // SAFETY: the lock is held since `before`.
        drop(unsafe { (*HELD.0.get()).take() });
    }
}
