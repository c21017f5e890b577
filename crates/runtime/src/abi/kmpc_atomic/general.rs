//! Updates by a function of the program's, compare and exchange, and the lock itself.

use std::ffi::c_void;

use super::super::Ident;
use super::{LOCK, Word, locked};
use crate::ompt::{self, Mutex};
use crate::thread;
use crate::wait::Committed;

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_atomic_start() {
    ompt::around_mutex(Mutex::Atomic, std::ptr::from_ref(&LOCK).addr(), 0, || {
        LOCK.lock(&Committed::new(thread::current()));
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_atomic_end() {
    LOCK.unlock();
    ompt::mutex_released(Mutex::Atomic, std::ptr::from_ref(&LOCK).addr());
}

/// `combine(result, left, right)`.
type Combine = unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void);

macro_rules! by_word {
    ($($type:ty: $name:ident;)*) => {$(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(_loc: *const Ident, _gtid: i32, x: *mut $type, y: *mut c_void, combine: Combine) {
            let change = |mut old: $type| {
                let mut new: $type = 0;
                // SAFETY: the caller's promise.
                unsafe { combine((&raw mut new).cast(), (&raw mut old).cast(), y) };
                new
            };
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, change) };
        }
    )*};
}

by_word! {
    u8: __kmpc_atomic_1;
    u16: __kmpc_atomic_2;
    u32: __kmpc_atomic_4;
    u64: __kmpc_atomic_8;
}

macro_rules! by_lock {
    ($($name:ident)*) => {$(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(_loc: *const Ident, _gtid: i32, x: *mut c_void, y: *mut c_void, combine: Combine) {
            // SAFETY: the caller's promise.
            locked(|| unsafe { combine(x, x, y) });
        }
    )*};
}

by_lock!(__kmpc_atomic_10 __kmpc_atomic_16 __kmpc_atomic_20 __kmpc_atomic_32);

macro_rules! compare_and_swap {
    ($($type:ty: $success:ident $value:ident $capture_success:ident $capture_value:ident;)*) => {$(
        /// Returns whether `*x` was `expected` and has been replaced.
        ///
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $success(_loc: *const Ident, _gtid: i32, x: *mut $type, expected: $type, desired: $type) -> bool {
            // SAFETY: the caller's promise.
            unsafe { $value(_loc, _gtid, x, expected, desired) == expected }
        }

        /// Returns what `*x` was.
        ///
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $value(_loc: *const Ident, _gtid: i32, x: *mut $type, expected: $type, desired: $type) -> $type {
            // SAFETY: the caller's promise.
            unsafe { <$type>::update(x, |old| if old == expected { desired } else { old }) }.0
        }

        /// The first form; where it fails, `*captured` is what `*x` was.
        ///
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $capture_success(
            _loc: *const Ident, _gtid: i32, x: *mut $type, expected: $type, desired: $type, captured: *mut $type,
        ) -> bool {
            // SAFETY: the caller's promise.
            unsafe {
                let old = $value(_loc, _gtid, x, expected, desired);
                if old != expected {
                    *captured = old;
                }
                old == expected
            }
        }

        /// The second form; `*captured` is what `*x` is then.
        ///
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $capture_value(
            _loc: *const Ident, _gtid: i32, x: *mut $type, expected: $type, desired: $type, captured: *mut $type,
        ) -> $type {
            // SAFETY: the caller's promise.
            unsafe {
                let old = $value(_loc, _gtid, x, expected, desired);
                *captured = if old == expected { desired } else { old };
                old
            }
        }
    )*};
}

compare_and_swap! {
    i8: __kmpc_atomic_bool_1_cas __kmpc_atomic_val_1_cas __kmpc_atomic_bool_1_cas_cpt __kmpc_atomic_val_1_cas_cpt;
    i16: __kmpc_atomic_bool_2_cas __kmpc_atomic_val_2_cas __kmpc_atomic_bool_2_cas_cpt __kmpc_atomic_val_2_cas_cpt;
    i32: __kmpc_atomic_bool_4_cas __kmpc_atomic_val_4_cas __kmpc_atomic_bool_4_cas_cpt __kmpc_atomic_val_4_cas_cpt;
    i64: __kmpc_atomic_bool_8_cas __kmpc_atomic_val_8_cas __kmpc_atomic_bool_8_cas_cpt __kmpc_atomic_val_8_cas_cpt;
}
