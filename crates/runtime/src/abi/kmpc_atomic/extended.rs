//! `long double` of x86 and complex numbers of it, all under the lock. Rust has no such type, so values stay in memory and single
//! instructions of the x87 unit work on them. Arguments of this type are on the stack, results in the unit's registers; naked functions
//! pass the addresses on.

use std::arch::{asm, naked_asm};

use super::super::Ident;
use super::locked;

/// Ten bytes of value in sixteen.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct Extended([u8; 16]);

impl Extended {
    const ZERO: Self = Self([0; 16]);
}

macro_rules! arithmetic {
    ($($name:ident $instruction:literal;)*) => {$(
        fn $name(x: Extended, y: Extended) -> Extended {
            let mut result = Extended::ZERO;
            // SAFETY: loads two values, leaves one, and stores it; the unit's registers are free at this point.
            unsafe {
                asm!(
                    "fld tbyte ptr [{x}]",
                    "fld tbyte ptr [{y}]",
                    $instruction,
                    "fstp tbyte ptr [{result}]",
                    x = in(reg) &raw const x, y = in(reg) &raw const y, result = in(reg) &raw mut result,
                    out("st(0)") _, out("st(1)") _, out("st(2)") _, out("st(3)") _,
                    out("st(4)") _, out("st(5)") _, out("st(6)") _, out("st(7)") _,
                    options(nostack),
                );
            }
            result
        }
    )*};
}

arithmetic! {
    add "faddp st(1), st";
    sub "fsubp st(1), st";
    mul "fmulp st(1), st";
    div "fdivp st(1), st";
}

fn less(x: Extended, y: Extended) -> bool {
    let below: u8;
    // SAFETY: loads two values, compares and drops them; the unit's registers are free at this point.
    unsafe {
        asm!(
            "fld tbyte ptr [{x}]",
            "fld tbyte ptr [{y}]",
            "fcomip st, st(1)",
            "fstp st(0)",
            "seta {below}",
            x = in(reg) &raw const x, y = in(reg) &raw const y, below = out(reg_byte) below,
            out("st(0)") _, out("st(1)") _, out("st(2)") _, out("st(3)") _,
            out("st(4)") _, out("st(5)") _, out("st(6)") _, out("st(7)") _,
            options(nostack),
        );
    }
    below != 0
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct Complex {
    re: Extended,
    im: Extended,
}

fn complex_add(x: Complex, y: Complex) -> Complex {
    Complex {
        re: add(x.re, y.re),
        im: add(x.im, y.im),
    }
}

fn complex_sub(x: Complex, y: Complex) -> Complex {
    Complex {
        re: sub(x.re, y.re),
        im: sub(x.im, y.im),
    }
}

fn complex_mul(x: Complex, y: Complex) -> Complex {
    Complex {
        re: sub(mul(x.re, y.re), mul(x.im, y.im)),
        im: add(mul(x.re, y.im), mul(x.im, y.re)),
    }
}

fn magnitude(x: Extended) -> Extended {
    let mut bytes = x.0;
    bytes[9] &= 0x7f;
    Extended(bytes)
}

/// Smith's method, as for the narrower types.
fn complex_div(x: Complex, y: Complex) -> Complex {
    if less(magnitude(y.re), magnitude(y.im)) {
        let ratio = div(y.re, y.im);
        let denominator = add(y.im, mul(y.re, ratio));
        Complex {
            re: div(add(mul(x.re, ratio), x.im), denominator),
            im: div(sub(mul(x.im, ratio), x.re), denominator),
        }
    } else {
        let ratio = div(y.im, y.re);
        let denominator = add(y.re, mul(y.im, ratio));
        Complex {
            re: div(add(x.re, mul(x.im, ratio)), denominator),
            im: div(sub(x.im, mul(x.re, ratio)), denominator),
        }
    }
}

/// Replaces `*x` by `change(*x, *y)`; `*result` is the old or the new value.
///
/// # Safety
/// The pointers are valid.
unsafe fn update<T: Copy>(x: *mut T, y: *const T, result: *mut T, new: i32, change: fn(T, T) -> T) {
    // SAFETY: the caller's promise; all updates of such variables are under the lock.
    locked(|| unsafe {
        let old = x.read_unaligned();
        let after = change(old, y.read_unaligned());
        x.write_unaligned(after);
        *result = if new == 0 { old } else { after };
    });
}

/// The entry point: `x` is in rdx, `y` above the return address, the flag of a capturing one in ecx. A buffer for the result lies
/// on the stack, and `$load` takes the result from there.
macro_rules! entry {
    ($type:ty, $name:ident, $change:expr, $($load:literal),*) => {
        entry!(@flag "", $type, $name, $change, $($load),*);
    };
    (@flag $flag:literal, $type:ty, $name:ident, $change:expr, $($load:literal),*) => {
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(_loc: *const Ident, _gtid: i32, _x: *mut $type) {
            unsafe extern "C" fn body(x: *mut $type, y: *const $type, result: *mut $type, new: i32) {
                // SAFETY: the caller's promise.
                unsafe { update(x, y, result, new, $change) };
            }
            naked_asm!(
                ".cfi_startproc",
                "sub rsp, 40",
                ".cfi_def_cfa_offset 48",
                "mov rdi, rdx",
                "lea rsi, [rsp + 48]",
                "mov rdx, rsp",
                $flag,
                "call {body}",
                $($load,)*
                "add rsp, 40",
                ".cfi_def_cfa_offset 8",
                "ret",
                ".cfi_endproc",
                body = sym body,
            )
        }
    };
}

/// The same without a flag: the old value is wanted.
macro_rules! swap {
    ($type:ty, $name:ident, $change:expr, $($load:literal),*) => {
        entry!(@flag "xor ecx, ecx", $type, $name, $change, $($load),*);
    };
}

macro_rules! real {
    ($(|$x:ident, $y:ident| $change:expr => $plain:ident $capture:ident;)*) => {$(
        entry!(Extended, $plain, |$x, $y| $change,);
        entry!(Extended, $capture, |$x, $y| $change, "fld tbyte ptr [rsp]");
    )*};
}

real! {
    |x, y| add(x, y) => __kmpc_atomic_float10_add __kmpc_atomic_float10_add_cpt;
    |x, y| sub(x, y) => __kmpc_atomic_float10_sub __kmpc_atomic_float10_sub_cpt;
    |x, y| sub(y, x) => __kmpc_atomic_float10_sub_rev __kmpc_atomic_float10_sub_cpt_rev;
    |x, y| mul(x, y) => __kmpc_atomic_float10_mul __kmpc_atomic_float10_mul_cpt;
    |x, y| div(x, y) => __kmpc_atomic_float10_div __kmpc_atomic_float10_div_cpt;
    |x, y| div(y, x) => __kmpc_atomic_float10_div_rev __kmpc_atomic_float10_div_cpt_rev;
    |x, y| if less(x, y) { y } else { x } => __kmpc_atomic_float10_max __kmpc_atomic_float10_max_cpt;
    |x, y| if less(y, x) { y } else { x } => __kmpc_atomic_float10_min __kmpc_atomic_float10_min_cpt;
}

entry!(Extended, __kmpc_atomic_float10_wr, |_, y| y,);
swap!(
    Extended,
    __kmpc_atomic_float10_swp,
    |_, y| y,
    "fld tbyte ptr [rsp]"
);
swap!(
    Extended,
    __kmpc_atomic_float10_rd,
    |x, _| x,
    "fld tbyte ptr [rsp]"
);

macro_rules! complex {
    ($(|$x:ident, $y:ident| $change:expr => $plain:ident $capture:ident;)*) => {$(
        entry!(Complex, $plain, |$x, $y| $change,);
        entry!(Complex, $capture, |$x, $y| $change, "fld tbyte ptr [rsp + 16]", "fld tbyte ptr [rsp]");
    )*};
}

complex! {
    |x, y| complex_add(x, y) => __kmpc_atomic_cmplx10_add __kmpc_atomic_cmplx10_add_cpt;
    |x, y| complex_sub(x, y) => __kmpc_atomic_cmplx10_sub __kmpc_atomic_cmplx10_sub_cpt;
    |x, y| complex_sub(y, x) => __kmpc_atomic_cmplx10_sub_rev __kmpc_atomic_cmplx10_sub_cpt_rev;
    |x, y| complex_mul(x, y) => __kmpc_atomic_cmplx10_mul __kmpc_atomic_cmplx10_mul_cpt;
    |x, y| complex_div(x, y) => __kmpc_atomic_cmplx10_div __kmpc_atomic_cmplx10_div_cpt;
    |x, y| complex_div(y, x) => __kmpc_atomic_cmplx10_div_rev __kmpc_atomic_cmplx10_div_cpt_rev;
}

entry!(Complex, __kmpc_atomic_cmplx10_wr, |_, y| y,);
swap!(
    Complex,
    __kmpc_atomic_cmplx10_swp,
    |_, y| y,
    "fld tbyte ptr [rsp + 16]",
    "fld tbyte ptr [rsp]"
);
swap!(
    Complex,
    __kmpc_atomic_cmplx10_rd,
    |x, _| x,
    "fld tbyte ptr [rsp + 16]",
    "fld tbyte ptr [rsp]"
);
