//! Entry points with variable arguments, `NAME(loc, argc, microtask, ...)`: `argc` pointers follow the microtask. A Rust function cannot
//! take them portably, so a few instructions store those that came in registers and pass the addresses on.

use std::ffi::c_void;

/// Defines the entry point `$name`, which calls `$inner(loc, argc, microtask, registers, stack)`.
macro_rules! variadic {
    ($(#[$attribute:meta])* $name:ident, $inner:ident) => {
        $(#[$attribute])*
        ///
        /// # Safety
        /// As Clang calls it.
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C-unwind" fn $name(
            _loc: *const $crate::abi::Ident,
            _argc: i32,
            _microtask: $crate::region::KmpcMicrotask,
        ) {
            // The first three variable arguments are in rcx, r8, r9, the others on the stack above the return address. The
            // three are stored below it, and the address of both parts goes to the function.
            #[cfg(target_arch = "x86_64")]
            std::arch::naked_asm!(
                ".cfi_startproc",
                "push r9",
                "push r8",
                "push rcx",
                ".cfi_def_cfa_offset 32",
                "mov rcx, rsp",
                "lea r8, [rsp + 32]",
                "call {inner}",
                "add rsp, 24",
                ".cfi_def_cfa_offset 8",
                "ret",
                ".cfi_endproc",
                inner = sym $inner,
            );
            // Five variable arguments are in x3 to x7.
            #[cfg(target_arch = "aarch64")]
            std::arch::naked_asm!(
                ".cfi_startproc",
                "stp x29, x30, [sp, #-64]!",
                ".cfi_def_cfa_offset 64",
                ".cfi_offset x30, -56",
                ".cfi_offset x29, -64",
                "stp x3, x4, [sp, #16]",
                "stp x5, x6, [sp, #32]",
                "str x7, [sp, #48]",
                "add x3, sp, #16",
                "add x4, sp, #64",
                "bl {inner}",
                "ldp x29, x30, [sp], #64",
                ".cfi_def_cfa_offset 0",
                "ret",
                ".cfi_endproc",
                inner = sym $inner,
            );
        }
    };
}
pub(super) use variadic;

/// Variable arguments that travel in registers.
const IN_REGISTERS: usize = if cfg!(target_arch = "x86_64") { 3 } else { 5 };

/// Whether all of `count` arguments lie one after the other at `registers`.
pub(super) fn all_in_registers(count: usize) -> bool {
    count <= IN_REGISTERS
}

/// The arguments, in order.
///
/// # Safety
/// `registers` and `stack` are what a [`variadic`] entry point has passed on, and it got `count` arguments or more.
pub(super) unsafe fn arguments(
    registers: *const *mut c_void,
    stack: *const *mut c_void,
    count: usize,
) -> impl Iterator<Item = *mut c_void> {
    // SAFETY: the caller's promise.
    (0..count).map(move |index| unsafe {
        if index < IN_REGISTERS {
            *registers.add(index)
        } else {
            *stack.add(index - IN_REGISTERS)
        }
    })
}
