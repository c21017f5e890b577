//! Loops with `ordered(n)`. GCC numbers the iterations of each dimension from 0; the loop hands out the outermost one's, always in
//! increasing order: a thread that had to wait for an iteration of its own would wait for ever.

use std::arch::naked_asm;

use super::loops::{begin_doacross, kind, next, numbered};
use super::{Data, current, shared};
use crate::doacross::{self, Dimension};
use crate::schedule::Schedule;

/// Enters the nest with that many iterations in each dimension.
pub(super) fn enter(counts: &[u64]) {
    let thread = current();
    let dimensions: Vec<Dimension> = counts
        .iter()
        .map(|&count| Dimension {
            lower: 0,
            upper: count as i64 - 1,
            step: 1,
        })
        .collect();
    doacross::enter(thread, thread.member(), &dimensions);
}

/// # Safety
/// `counts` holds `dimensions` numbers.
unsafe fn start(
    schedule: Schedule,
    dimensions: u32,
    counts: *const u64,
    first: *mut i64,
    last: *mut i64,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        begin_doacross(
            schedule,
            std::slice::from_raw_parts(counts, dimensions as usize),
        );
        next(first, last)
    }
}

macro_rules! doacross_start {
    ($($name:ident $ull_name:ident $number:literal;)*) => {$(
        doacross_start!(@one $name $number i64);
        doacross_start!(@one $ull_name $number u64);
    )*};
    (@one $name:ident $number:literal $type:ty) => {
        /// # Safety
        /// As GCC calls it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            dimensions: u32, counts: *const $type, chunk: $type, first: *mut $type, last: *mut $type,
        ) -> bool {
            let schedule = numbered($number | kind::MONOTONIC, i64::try_from(chunk).unwrap_or(i64::MAX));
            // SAFETY: the caller's promise.
            unsafe { start(schedule, dimensions, counts.cast(), first.cast(), last.cast()) }
        }
    };
}

doacross_start! {
    GOMP_loop_doacross_static_start GOMP_loop_ull_doacross_static_start 1;
    GOMP_loop_doacross_dynamic_start GOMP_loop_ull_doacross_dynamic_start 2;
    GOMP_loop_doacross_guided_start GOMP_loop_ull_doacross_guided_start 3;
}

macro_rules! other_starts {
    ($type:ty, $runtime:ident, $general:ident) => {
        /// # Safety
        /// As GCC calls it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $runtime(
            dimensions: u32,
            counts: *const $type,
            first: *mut $type,
            last: *mut $type,
        ) -> bool {
            // SAFETY: the caller's promise.
            unsafe {
                start(
                    Schedule::MonotonicRuntime,
                    dimensions,
                    counts.cast(),
                    first.cast(),
                    last.cast(),
                )
            }
        }

        /// The form for task reductions and memory of the team; where `first` is null, the chunks are inline code.
        ///
        /// # Safety
        /// As GCC calls it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $general(
            dimensions: u32,
            counts: *const $type,
            schedule: i64,
            chunk: $type,
            first: *mut $type,
            last: *mut $type,
            reductions: *mut usize,
            memory: *mut Data,
        ) -> bool {
            let chunk = i64::try_from(chunk).unwrap_or(i64::MAX);
            // SAFETY: the caller's promise.
            unsafe {
                let counts = std::slice::from_raw_parts(counts.cast(), dimensions as usize);
                begin_doacross(numbered(schedule | kind::MONOTONIC, chunk), counts);
                shared::enter(reductions, memory);
                first.is_null() || next(first.cast(), last.cast())
            }
        }
    };
}

other_starts!(
    i64,
    GOMP_loop_doacross_runtime_start,
    GOMP_loop_doacross_start
);
other_starts!(
    u64,
    GOMP_loop_ull_doacross_runtime_start,
    GOMP_loop_ull_doacross_start
);

/// Numbers of the current iteration: as many as the nest has dimensions, which its state knows.
///
/// # Safety
/// `iteration` holds them.
unsafe fn values(iteration: *const i64) -> impl Iterator<Item = i64> {
    // SAFETY: the caller's promise; the consumer stops after the last dimension.
    (0..).map(move |index| unsafe { *iteration.add(index) })
}

/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_doacross_post(iteration: *const i64) {
    let thread = current();
    // SAFETY: the caller's promise.
    doacross::post(thread, thread.member(), unsafe { values(iteration) });
}

/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_doacross_ull_post(iteration: *const u64) {
    // SAFETY: the caller's promise.
    unsafe { GOMP_doacross_post(iteration.cast()) };
}

/// Variable arguments that travel in registers, the named first one included.
const IN_REGISTERS: usize = if cfg!(target_arch = "x86_64") { 6 } else { 8 };

/// # Safety
/// `registers` and `stack` hold the iteration's numbers.
unsafe extern "C" fn wait_for(registers: *const i64, stack: *const i64) {
    let thread = current();
    let iteration = (0..).map(|index: usize| {
        // SAFETY: the caller's promise; the consumer stops after the last dimension.
        unsafe {
            if index < IN_REGISTERS {
                *registers.add(index)
            } else {
                *stack.add(index - IN_REGISTERS)
            }
        }
    });
    doacross::wait(thread, thread.member(), iteration);
}

macro_rules! doacross_wait {
    ($($name:ident)*) => {$(
        /// `wait(first, ...)`: the numbers of the iteration to wait for.
        ///
        /// # Safety
        /// As GCC calls it.
        #[cfg(target_arch = "x86_64")]
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(_first: i64) {
            // The numbers are in six registers and above the return address. The six are stored below it.
            naked_asm!(
                ".cfi_startproc",
                "push r9",
                "push r8",
                "push rcx",
                "push rdx",
                "push rsi",
                "push rdi",
                ".cfi_def_cfa_offset 56",
                "mov rdi, rsp",
                "lea rsi, [rsp + 56]",
                "sub rsp, 8",
                ".cfi_def_cfa_offset 64",
                "call {wait}",
                "add rsp, 56",
                ".cfi_def_cfa_offset 8",
                "ret",
                ".cfi_endproc",
                wait = sym wait_for,
            )
        }

        /// See the x86-64 form: eight numbers in x0 to x7.
        ///
        /// # Safety
        /// As GCC calls it.
        #[cfg(target_arch = "aarch64")]
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(_first: i64) {
            naked_asm!(
                ".cfi_startproc",
                "stp x29, x30, [sp, #-80]!",
                ".cfi_def_cfa_offset 80",
                ".cfi_offset x30, -72",
                ".cfi_offset x29, -80",
                "stp x0, x1, [sp, #16]",
                "stp x2, x3, [sp, #32]",
                "stp x4, x5, [sp, #48]",
                "stp x6, x7, [sp, #64]",
                "add x0, sp, #16",
                "add x1, sp, #80",
                "bl {wait}",
                "ldp x29, x30, [sp], #80",
                ".cfi_def_cfa_offset 0",
                "ret",
                ".cfi_endproc",
                wait = sym wait_for,
            )
        }
    )*};
}

doacross_wait!(GOMP_doacross_wait GOMP_doacross_ull_wait);
