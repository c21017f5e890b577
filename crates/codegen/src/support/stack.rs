//! How deep recursion may go.

use std::cell::Cell;

/// Left for the runtime, signal handlers and whatever a raised error needs.
const RESERVE: usize = 256 << 10;

thread_local! {
    static LIMIT: Cell<usize> = const { Cell::new(0) };
}

/// The lowest address that frames of recursive functions may have on this thread.
pub extern "C" fn limit() -> usize {
    let known = LIMIT.get();
    if known != 0 {
        return known;
    }
    let limit = lowest_address() + RESERVE;
    LIMIT.set(limit);
    limit
}

#[cfg(target_os = "linux")]
fn lowest_address() -> usize {
    let mut low = std::ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes are initialised by the first call and destroyed after their last use.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return fallback();
        }
        let failed = libc::pthread_attr_getstack(&attributes, &mut low, &mut size) != 0;
        libc::pthread_attr_destroy(&mut attributes);
        if failed { fallback() } else { low as usize }
    }
}

#[cfg(target_os = "macos")]
fn lowest_address() -> usize {
    // SAFETY: both calls only read the calling thread's description.
    unsafe {
        let this = libc::pthread_self();
        libc::pthread_get_stackaddr_np(this) as usize - libc::pthread_get_stacksize_np(this)
    }
}

/// A megabyte below here, where the system does not say.
#[cfg(target_os = "linux")]
fn fallback() -> usize {
    let here = 0u8;
    (&raw const here as usize).saturating_sub(1 << 20)
}
