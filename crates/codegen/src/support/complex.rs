//! Powers of complex numbers as CPython computes them.

/// Whole exponents up to this size are multiplied out.
const LARGEST_WHOLE: f64 = 100.0;

/// `a ** b` into `out[0]`, `out[1]`.
///
/// # Safety
/// `out` points to two doubles.
pub unsafe extern "C" fn power(a_re: f64, a_im: f64, b_re: f64, b_im: f64, out: *mut f64) {
    let whole = b_im == 0.0 && b_re == b_re.floor() && b_re.abs() <= LARGEST_WHOLE;
    let (re, im) = if whole {
        whole_power((a_re, a_im), b_re as i32)
    } else {
        polar_power((a_re, a_im), (b_re, b_im))
    };
    // SAFETY: the caller's promise.
    unsafe {
        *out = re;
        *out.add(1) = im;
    }
}

fn product(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn whole_power(base: (f64, f64), exponent: i32) -> (f64, f64) {
    let (mut result, mut square, mut bits) = ((1.0, 0.0), base, exponent.unsigned_abs());
    while bits != 0 {
        if bits & 1 == 1 {
            result = product(result, square);
        }
        square = product(square, square);
        bits >>= 1;
    }
    if exponent < 0 {
        reciprocal(result)
    } else {
        result
    }
}

/// Smith's division of 1.
fn reciprocal((re, im): (f64, f64)) -> (f64, f64) {
    if re.abs() >= im.abs() {
        let ratio = im / re;
        let denominator = re + im * ratio;
        (1.0 / denominator, -ratio / denominator)
    } else {
        let ratio = re / im;
        let denominator = re * ratio + im;
        (ratio / denominator, -1.0 / denominator)
    }
}

fn polar_power(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if b == (0.0, 0.0) {
        return (1.0, 0.0);
    }
    if a == (0.0, 0.0) {
        return (0.0, 0.0);
    }
    let size = a.0.hypot(a.1);
    let angle = a.1.atan2(a.0);
    let mut length = size.powf(b.0);
    let mut phase = angle * b.0;
    if b.1 != 0.0 {
        length *= (-angle * b.1).exp();
        phase += b.1 * size.ln();
    }
    (length * phase.cos(), length * phase.sin())
}
