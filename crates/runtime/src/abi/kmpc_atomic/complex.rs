//! Complex numbers of four- and eight-byte parts, all under the lock. Those of eight bytes capture through a pointer.

use super::super::Ident;
use super::locked;

/// C's `float _Complex` and `double _Complex` are passed like these structures.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Complex<T> {
    re: T,
    im: T,
}

type Single = Complex<f32>;
type Double = Complex<f64>;

impl From<Single> for Double {
    fn from(z: Single) -> Self {
        Self {
            re: z.re.into(),
            im: z.im.into(),
        }
    }
}

impl From<Double> for Single {
    fn from(z: Double) -> Self {
        Self {
            re: z.re as f32,
            im: z.im as f32,
        }
    }
}

// Both types compute in double precision.
fn add(x: Double, y: Double) -> Double {
    Double {
        re: x.re + y.re,
        im: x.im + y.im,
    }
}

fn sub(x: Double, y: Double) -> Double {
    Double {
        re: x.re - y.re,
        im: x.im - y.im,
    }
}

fn mul(x: Double, y: Double) -> Double {
    Double {
        re: x.re * y.re - x.im * y.im,
        im: x.re * y.im + x.im * y.re,
    }
}

/// Smith's method: divides by the larger part first, so that squares do not overflow.
fn div(x: Double, y: Double) -> Double {
    if y.re.abs() >= y.im.abs() {
        let ratio = y.im / y.re;
        let denominator = y.re + y.im * ratio;
        Double {
            re: (x.re + x.im * ratio) / denominator,
            im: (x.im - x.re * ratio) / denominator,
        }
    } else {
        let ratio = y.re / y.im;
        let denominator = y.im + y.re * ratio;
        Double {
            re: (x.re * ratio + x.im) / denominator,
            im: (x.im * ratio - x.re) / denominator,
        }
    }
}

/// Replaces `*x` by `change(*x)`; returns the old and the new value.
///
/// # Safety
/// `x` points to a value.
unsafe fn update<T: Copy>(x: *mut T, change: impl FnOnce(T) -> T) -> (T, T) {
    // SAFETY: the caller's promise; all updates of such variables are under the lock.
    locked(|| unsafe {
        let old = x.read_unaligned();
        let new = change(old);
        x.write_unaligned(new);
        (old, new)
    })
}

macro_rules! operation {
    ($(|$x:ident, $y:ident| $change:expr => $single:ident $single_capture:ident $double:ident $double_capture:ident;)*) => {$(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $single(_loc: *const Ident, _gtid: i32, x: *mut Single, y: Single) {
            let $y = Double::from(y);
            // SAFETY: the caller's promise.
            unsafe { update(x, |x| { let $x = x.into(); $change.into() }) };
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $single_capture(
            _loc: *const Ident, _gtid: i32, x: *mut Single, y: Single, captured: *mut Single, new: i32,
        ) {
            let $y = Double::from(y);
            // SAFETY: the caller's promise.
            unsafe {
                let (before, after) = update(x, |x| { let $x = x.into(); $change.into() });
                captured.write_unaligned(if new == 0 { before } else { after });
            }
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $double(_loc: *const Ident, _gtid: i32, x: *mut Double, $y: Double) {
            // SAFETY: the caller's promise.
            unsafe { update(x, |$x| $change) };
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $double_capture(
            _loc: *const Ident, _gtid: i32, x: *mut Double, $y: Double, new: i32,
        ) -> Double {
            // SAFETY: the caller's promise.
            let (before, after) = unsafe { update(x, |$x| $change) };
            if new == 0 { before } else { after }
        }
    )*};
}

operation! {
    |x, y| add(x, y) => __kmpc_atomic_cmplx4_add __kmpc_atomic_cmplx4_add_cpt __kmpc_atomic_cmplx8_add __kmpc_atomic_cmplx8_add_cpt;
    |x, y| sub(x, y) => __kmpc_atomic_cmplx4_sub __kmpc_atomic_cmplx4_sub_cpt __kmpc_atomic_cmplx8_sub __kmpc_atomic_cmplx8_sub_cpt;
    |x, y| sub(y, x) => __kmpc_atomic_cmplx4_sub_rev __kmpc_atomic_cmplx4_sub_cpt_rev __kmpc_atomic_cmplx8_sub_rev __kmpc_atomic_cmplx8_sub_cpt_rev;
    |x, y| mul(x, y) => __kmpc_atomic_cmplx4_mul __kmpc_atomic_cmplx4_mul_cpt __kmpc_atomic_cmplx8_mul __kmpc_atomic_cmplx8_mul_cpt;
    |x, y| div(x, y) => __kmpc_atomic_cmplx4_div __kmpc_atomic_cmplx4_div_cpt __kmpc_atomic_cmplx8_div __kmpc_atomic_cmplx8_div_cpt;
    |x, y| div(y, x) => __kmpc_atomic_cmplx4_div_rev __kmpc_atomic_cmplx4_div_cpt_rev __kmpc_atomic_cmplx8_div_rev __kmpc_atomic_cmplx8_div_cpt_rev;
}

macro_rules! mixed {
    ($($name:ident = $operation:ident;)*) => {$(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(_loc: *const Ident, _gtid: i32, x: *mut Single, y: Double) {
            // SAFETY: the caller's promise.
            unsafe { update(x, |x| $operation(x.into(), y).into()) };
        }
    )*};
}

mixed! {
    __kmpc_atomic_cmplx4_add_cmplx8 = add;
    __kmpc_atomic_cmplx4_sub_cmplx8 = sub;
    __kmpc_atomic_cmplx4_mul_cmplx8 = mul;
    __kmpc_atomic_cmplx4_div_cmplx8 = div;
}

macro_rules! access {
    ($($type:ty: $read:ident $write:ident;)*) => {$(
        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $read(_loc: *const Ident, _gtid: i32, x: *mut $type) -> $type {
            // SAFETY: the caller's promise.
            unsafe { update(x, |x| x) }.0
        }

        /// # Safety
        /// As compilers call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $write(_loc: *const Ident, _gtid: i32, x: *mut $type, y: $type) {
            // SAFETY: the caller's promise.
            unsafe { update(x, |_| y) };
        }
    )*};
}

access! {
    Single: __kmpc_atomic_cmplx4_rd __kmpc_atomic_cmplx4_wr;
    Double: __kmpc_atomic_cmplx8_rd __kmpc_atomic_cmplx8_wr;
}

/// # Safety
/// As compilers call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_atomic_cmplx4_swp(
    _loc: *const Ident,
    _gtid: i32,
    x: *mut Single,
    y: Single,
    captured: *mut Single,
) {
    // SAFETY: the caller's promise.
    unsafe { captured.write_unaligned(update(x, |_| y).0) };
}

/// # Safety
/// As compilers call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_atomic_cmplx8_swp(
    _loc: *const Ident,
    _gtid: i32,
    x: *mut Double,
    y: Double,
) -> Double {
    // SAFETY: the caller's promise.
    unsafe { update(x, |_| y) }.0
}
