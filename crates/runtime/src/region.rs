//! The code of a parallel region and how a thread calls it: Clang's outlined functions take any number of pointers,
//! GCC's take one, Omply's take one context and return a status.

use std::arch::naked_asm;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Omply's outlined function: global thread number, thread number, team size, context → 0 or an error status.
pub type OmplyMicrotask = unsafe extern "C-unwind" fn(i32, i32, i32, *mut c_void) -> i32;
/// Clang's outlined function; more pointers follow the two shown.
pub type KmpcMicrotask = unsafe extern "C-unwind" fn(*const i32, *const i32);
/// GCC's outlined function.
pub type GompFunction = unsafe extern "C-unwind" fn(*mut c_void);

/// Status of a thread whose region code panicked.
pub const PANICKED: i32 = -5;

/// Arguments that travel inside the order to a worker, sparing it the read of the encountering thread's stack.
pub const INLINE_ARGS: usize = 4;

/// What to call. `Copy`, because every thread of the team gets its own.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Code {
    function: *const (),
    /// Clang's arguments where they fit; otherwise the first word points to them. For Omply and GCC, the context.
    args: [*mut c_void; INLINE_ARGS],
    /// Number of Clang arguments, or `OMPLY`, or `GOMP`.
    argc: u32,
}

const OMPLY: u32 = u32::MAX;
const GOMP: u32 = u32::MAX - 1;

impl Code {
    pub const NONE: Self = Self {
        argc: 0,
        function: std::ptr::null(),
        args: [std::ptr::null_mut(); INLINE_ARGS],
    };

    pub fn omply(function: OmplyMicrotask, context: *mut c_void) -> Self {
        let mut code = Self {
            argc: OMPLY,
            function: function as *const (),
            ..Self::NONE
        };
        code.args[0] = context;
        code
    }

    /// There is nothing to call.
    pub fn is_none(&self) -> bool {
        self.function.is_null()
    }

    /// The code is Omply's, not Clang's.
    pub fn is_omply(&self) -> bool {
        self.argc == OMPLY
    }

    pub fn gomp(function: GompFunction, data: *mut c_void) -> Self {
        let mut code = Self {
            argc: GOMP,
            function: function as *const (),
            ..Self::NONE
        };
        code.args[0] = data;
        code
    }

    /// # Safety
    /// `argv` holds `argc` pointers and lives until the region has ended; `function` takes as many.
    pub unsafe fn kmpc(function: KmpcMicrotask, argc: u32, argv: *const *mut c_void) -> Self {
        let mut code = Self {
            argc,
            function: function as *const (),
            ..Self::NONE
        };
        if argc as usize > INLINE_ARGS {
            code.args[0] = argv.cast_mut().cast();
        } else {
            for (index, word) in code.args.iter_mut().enumerate().take(argc as usize) {
                // SAFETY: index < argc.
                *word = unsafe { *argv.add(index) };
            }
        }
        code
    }

    /// Calls the code as thread `tid` of `n`.
    ///
    /// # Safety
    /// The region this code belongs to is under way.
    #[inline]
    pub unsafe fn call(&self, gtid: i32, tid: i32, n: i32) -> i32 {
        // A Rust panic must not unwind into a worker's loop or past a join. Catching costs nothing unless it happens.
        catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: the caller's promise.
            unsafe { self.call_unguarded(gtid, tid, n) }
        }))
        .unwrap_or(PANICKED)
    }

    #[inline]
    unsafe fn call_unguarded(&self, gtid: i32, tid: i32, n: i32) -> i32 {
        type P = *mut c_void;
        let (g, t) = (&raw const gtid, &raw const tid);
        let [a, b, c, d] = self.args;
        // SAFETY: `function` was given with this signature and these arguments.
        unsafe {
            match self.argc {
                OMPLY => {
                    return std::mem::transmute::<*const (), OmplyMicrotask>(self.function)(
                        gtid, tid, n, a,
                    );
                }
                GOMP => std::mem::transmute::<*const (), GompFunction>(self.function)(a),
                0 => std::mem::transmute::<*const (), KmpcMicrotask>(self.function)(g, t),
                1 => std::mem::transmute::<
                    *const (),
                    unsafe extern "C-unwind" fn(*const i32, *const i32, P),
                >(self.function)(g, t, a),
                2 => std::mem::transmute::<
                    *const (),
                    unsafe extern "C-unwind" fn(*const i32, *const i32, P, P),
                >(self.function)(g, t, a, b),
                3 => std::mem::transmute::<
                    *const (),
                    unsafe extern "C-unwind" fn(*const i32, *const i32, P, P, P),
                >(self.function)(g, t, a, b, c),
                4 => std::mem::transmute::<
                    *const (),
                    unsafe extern "C-unwind" fn(*const i32, *const i32, P, P, P, P),
                >(self.function)(g, t, a, b, c, d),
                argc => call_with_many(g, t, a.cast(), argc.into(), self.function),
            }
        }
        0
    }
}

/// Calls `function(gtid, tid, argv[0], …, argv[argc - 1])` for an argc above 4.
///
/// # Safety
/// `function` takes `2 + argc` pointers, `argv` holds `argc`.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C-unwind" fn call_with_many(
    _gtid: *const i32,
    _tid: *const i32,
    _argv: *const *mut c_void,
    _argc: u64,
    _function: *const (),
) {
    // The first four arguments go to rdx, rcx, r8, r9, the others to the stack, the last one pushed first; an odd number
    // of pushes is evened out, so that the stack stays aligned to 16 bytes at the call.
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "mov rax, r8",
        "mov r10, rdx",
        "mov r11, rcx",
        "test r11, 1",
        "jz 2f",
        "sub rsp, 8",
        "2:",
        "cmp r11, 4",
        "jbe 3f",
        "push qword ptr [r10 + 8*r11 - 8]",
        "dec r11",
        "jmp 2b",
        "3:",
        "mov rdx, [r10]",
        "mov rcx, [r10 + 8]",
        "mov r8, [r10 + 16]",
        "mov r9, [r10 + 24]",
        "call rax",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}

/// See the x86-64 form. The first six arguments go to x2…x7, the others to the stack.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C-unwind" fn call_with_many(
    _gtid: *const i32,
    _tid: *const i32,
    _argv: *const *mut c_void,
    _argc: u64,
    _function: *const (),
) {
    naked_asm!(
        ".cfi_startproc",
        "stp x29, x30, [sp, #-16]!",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset x30, -8",
        ".cfi_offset x29, -16",
        "mov x29, sp",
        ".cfi_def_cfa_register x29",
        "mov x16, x4",
        "mov x9, x2",
        "mov x10, x3",
        // Room for argc - 6 pointers, rounded up to 16 bytes.
        "subs x11, x10, #6",
        "b.le 3f",
        "add x12, x11, #1",
        "and x12, x12, #-2",
        "sub sp, sp, x12, lsl #3",
        "add x13, x9, #48",
        "mov x14, sp",
        "2:",
        "ldr x15, [x13], #8",
        "str x15, [x14], #8",
        "subs x11, x11, #1",
        "b.ne 2b",
        "3:",
        "ldp x2, x3, [x9]",
        "ldp x4, x5, [x9, #16]",
        "ldr x6, [x9, #32]",
        "cmp x10, #5",
        "b.eq 4f",
        "ldr x7, [x9, #40]",
        "4:",
        "blr x16",
        "mov sp, x29",
        "ldp x29, x30, [sp], #16",
        ".cfi_def_cfa sp, 0",
        "ret",
        ".cfi_endproc",
    )
}
