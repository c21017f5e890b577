//! Ctrl-C during native code. CPython's own SIGINT handler only sets a flag that the interpreter looks at, and
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
/// The time-stamp counter at the last look.
static LOOKED: AtomicU64 = AtomicU64::new(0);

/// Counter ticks between looks: about 10 ms on any processor of today.
const TICKS: u64 = 30_000_000;

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
    let now = ticks();
    if now.wrapping_sub(LOOKED.load(Ordering::Relaxed)) > TICKS {
        LOOKED.store(now, Ordering::Relaxed);
        install();
    }
}

#[inline]
fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: every x86-64 processor has the instruction.
        unsafe { core::arch::x86_64::_rdtsc() }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        use std::time::Instant;
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_nanos() as u64 * 3
    }
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
