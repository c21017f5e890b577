//! `__kmpc_atomic_*`: the `atomic` construct as functions. Clang compiles it inline; compilers that do not call these.
//!
//! | name | does |
//! |---|---|
//! | `TYPE_OP` | `*x = *x OP y` |
//! | `TYPE_OP_rev` | `*x = y OP *x` |
//! | `TYPE_OP_cpt`, `TYPE_OP_cpt_rev` | the same, and returns the new value, or the old one where the flag is 0 |
//! | `TYPE_rd`, `_wr`, `_swp` | reads, writes, exchanges |
//! | `N` | N bytes by a function of the program's |
//! | `bool_N_cas`, `val_N_cas` | compare and exchange |
//!
//! What fits a machine word and is aligned to its size is updated by a compare-exchange loop; all else under one lock, which
//! `__kmpc_atomic_start` takes, too. The way depends on type and address alone, so all updates of a variable go the same way.

mod complex;
#[cfg(target_arch = "x86_64")]
mod extended;
mod fixed;
mod float;
pub mod general;

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use crate::sync::lock::Lock;
use crate::thread;
use crate::wait::Committed;

/// See the module's description.
static LOCK: Lock = Lock::new();

/// Runs `body` under the lock.
fn locked<R>(body: impl FnOnce() -> R) -> R {
    LOCK.lock(&Committed::new(thread::current()));
    let result = body();
    LOCK.unlock();
    result
}

/// A type whose values are updated as bits of an atomic integer.
trait Word: Copy {
    /// Replaces `*x` by `change(*x)`; returns the old and the new value.
    ///
    /// # Safety
    /// `x` points to a value.
    unsafe fn update(x: *mut Self, change: impl Fn(Self) -> Self) -> (Self, Self);
}

macro_rules! word {
    ($($type:ty, $bits:ty, $atomic:ty, $to:expr, $from:expr;)*) => {$(
        impl Word for $type {
            #[inline]
            unsafe fn update(x: *mut Self, change: impl Fn(Self) -> Self) -> (Self, Self) {
                let (to, from): (fn(Self) -> $bits, fn($bits) -> Self) = ($to, $from);
                if !x.cast::<$bits>().is_aligned() {
                    // SAFETY: the caller's promise; all updates of this variable are under the lock.
                    return locked(|| unsafe {
                        let old = x.read_unaligned();
                        let new = change(old);
                        x.write_unaligned(new);
                        (old, new)
                    });
                }
                // SAFETY: the caller's promise; aligned.
                let word = unsafe { <$atomic>::from_ptr(x.cast()) };
                let mut old = word.load(Ordering::Relaxed);
                loop {
                    let new = change(from(old));
                    // AcqRel, though the construct asks for less: its users may expect what a locked instruction gives.
                    match word.compare_exchange_weak(old, to(new), Ordering::AcqRel, Ordering::Relaxed) {
                        Ok(_) => return (from(old), new),
                        Err(now) => old = now,
                    }
                }
            }
        }
    )*};
}

word! {
    i8, u8, AtomicU8, |x| x as u8, |x| x as i8;
    u8, u8, AtomicU8, |x| x, |x| x;
    i16, u16, AtomicU16, |x| x as u16, |x| x as i16;
    u16, u16, AtomicU16, |x| x, |x| x;
    i32, u32, AtomicU32, |x| x as u32, |x| x as i32;
    u32, u32, AtomicU32, |x| x, |x| x;
    i64, u64, AtomicU64, |x| x as u64, |x| x as i64;
    u64, u64, AtomicU64, |x| x, |x| x;
    f32, u32, AtomicU32, f32::to_bits, f32::from_bits;
    f64, u64, AtomicU64, f64::to_bits, f64::from_bits;
}

/// Entry points for one operation: for each type the plain one and the one that captures.
macro_rules! operation {
    ($(|$x:ident, $y:ident| $change:expr => $($type:ty: $plain:ident $capture:ident),*;)*) => {$($(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $plain(_loc: *const Ident, _gtid: i32, x: *mut $type, $y: $type) {
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, |$x| $change) };
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $capture(
            _loc: *const Ident, _gtid: i32, x: *mut $type, $y: $type, new: i32,
        ) -> $type {
            // SAFETY: the caller's promise.
            let (before, after) = unsafe { <$type>::update(x, |$x| $change) };
            if new == 0 { before } else { after }
        }
    )*)*};
}

/// Read, write and exchange for each type.
macro_rules! access {
    ($($type:ty: $read:ident $write:ident $swap:ident;)*) => {$(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $read(_loc: *const Ident, _gtid: i32, x: *mut $type) -> $type {
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, |x| x) }.0
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $write(_loc: *const Ident, _gtid: i32, x: *mut $type, y: $type) {
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, |_| y) };
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $swap(_loc: *const Ident, _gtid: i32, x: *mut $type, y: $type) -> $type {
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, |_| y) }.0
        }
    )*};
}

/// Operations whose right side is of a wider type.
macro_rules! mixed {
    ($(|$x:ident, $y:ident: $wide:ty| $change:expr => $($type:ty: $name:ident),*;)*) => {$($(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(_loc: *const Ident, _gtid: i32, x: *mut $type, $y: $wide) {
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, |$x| ($change) as $type) };
        }
    )*)*};
}

use {access, mixed, operation};
