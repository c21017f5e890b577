//! Ctrl-C during regions. CPython's own SIGINT handler only sets a flag that the interpreter looks at, and
//! native code runs outside the interpreter; so a handler of ours stands before it, sets the runtime's interrupt
//! flag, and calls the one it replaced. A program that installs a handler of its own later (through `signal.signal`)
//! replaces ours, so calls look every now and then whether it is still there, and put it back in front.

use pyo3::prelude::*;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The handler to pass the signal on to: `SIG_DFL`, `SIG_IGN` or a function's address.
static NEXT: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);
/// Whether `NEXT` takes three arguments (`SA_SIGINFO`).
static NEXT_FLAGS: AtomicUsize = AtomicUsize::new(0);
/// When the last look was, in nanoseconds of the coarse clock.
static LOOKED: AtomicU64 = AtomicU64::new(0);

/// Nanoseconds between looks.
const INTERVAL: u64 = 10_000_000;

extern "C" fn handler(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    omply_runtime::set_interrupt(true);
    let next = NEXT.load(Ordering::Relaxed);
    if next == libc::SIG_DFL || next == libc::SIG_IGN {
        return;
    }
    if NEXT_FLAGS.load(Ordering::Relaxed) & libc::SA_SIGINFO as usize != 0 {
        // SAFETY: `next` was installed with SA_SIGINFO, so it has this signature.
        let next: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
            unsafe { std::mem::transmute(next) };
        next(signal, info, context);
    } else {
        // SAFETY: `next` was installed without SA_SIGINFO, so it has this signature.
        let next: extern "C" fn(i32) = unsafe { std::mem::transmute(next) };
        next(signal);
    }
}

/// Puts our handler before the present one, unless SIGINT is ignored or has its default action (then it ends the
/// process without anyone's help).
pub fn install() {
    let mut present = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: reading the present action into a buffer of the right type.
    let present = unsafe {
        if libc::sigaction(libc::SIGINT, std::ptr::null(), present.as_mut_ptr()) != 0 {
            return;
        }
        present.assume_init()
    };
    let ours = handler as *const () as usize;
    let action = present.sa_sigaction;
    if action == ours || action == libc::SIG_DFL || action == libc::SIG_IGN {
        return;
    }
    NEXT.store(action, Ordering::Relaxed);
    NEXT_FLAGS.store(present.sa_flags as usize, Ordering::Relaxed);
    let mut new = present;
    new.sa_sigaction = ours;
    new.sa_flags |= libc::SA_SIGINFO;
    // SAFETY: `handler` is async-signal-safe: it stores to atomics and calls the former handler.
    unsafe { libc::sigaction(libc::SIGINT, &new, std::ptr::null_mut()) };
}

/// Cheap unless the last look is long ago.
#[inline]
fn look() {
    let now = coarse_clock();
    if now.wrapping_sub(LOOKED.load(Ordering::Relaxed)) > INTERVAL {
        LOOKED.store(now, Ordering::Relaxed);
        install();
    }
}

/// A clock that is read from memory: a few milliseconds coarse, and cheaper than the processor's counter.
#[inline]
fn coarse_clock() -> u64 {
    #[cfg(target_os = "linux")]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC_COARSE;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is a place for the time.
    unsafe { libc::clock_gettime(CLOCK, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// What a call does about interrupts before it leaves the interpreter. A Ctrl-C that came earlier, while Python code
/// ran, is the interpreter's to report: it is reported here, so that the flag is clear when native code starts.
#[inline]
pub fn before_call(py: Python<'_>) -> PyResult<()> {
    look();
    if omply_runtime::abi::omply::omply_interrupt.load(Ordering::Relaxed) == 0 {
        return Ok(());
    }
    stale(py)
}

#[cold]
fn stale(py: Python<'_>) -> PyResult<()> {
    let threading = py.import("threading")?;
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    // Another thread must not clear a flag that a region of the main thread has not seen yet.
    if main.eq(threading.call_method0("get_ident")?)? {
        omply_runtime::set_interrupt(false);
        py.check_signals()?;
    }
    Ok(())
}
