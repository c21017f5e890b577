//! Striped locks for atomic operations on numbers that no instruction handles.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

const STRIPES: usize = 64;

/// One lock to a cache line.
#[repr(align(64))]
struct Stripe(AtomicBool);

static LOCKS: [Stripe; STRIPES] = [const { Stripe(AtomicBool::new(false)) }; STRIPES];

fn stripe(place: *const c_void) -> &'static AtomicBool {
    // Neighbouring elements of 16 bytes get different locks.
    &LOCKS[(place as usize >> 4) % STRIPES].0
}

/// Held for a handful of instructions, so that waiting by spinning is right; a holder that lost its core gets it back.
pub extern "C" fn lock(place: *const c_void) {
    let lock = stripe(place);
    let mut tries = 0u32;
    // Acquire pairs with the Release of `unlock`.
    while lock
        .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
        .is_err()
    {
        tries += 1;
        if tries.is_multiple_of(64) {
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
}

pub extern "C" fn unlock(place: *const c_void) {
    stripe(place).store(false, Ordering::Release);
}
