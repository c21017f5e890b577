//! `sin`, `cos`, `tan`, `atan`. Arguments are reduced by multiples of pi/2 in three parts, which is exact enough below 2^30; the
//! polynomials are those of the freely distributable fdlibm.

use crate::llvm::{FCmp, Value};

use super::{Lanes, SHIFT};

/// `pi/2` in three parts.
const HALF_PI: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    6.123233995736766e-17,
    -1.4973849048591698e-33,
];

const SIN: [f64; 6] = [
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
];

const COS: [f64; 6] = [
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
];

const ATAN: [f64; 11] = [
    3.33333333333329318027e-01,
    -1.99999999998764832476e-01,
    1.42857142725034663711e-01,
    -1.11111104054623557880e-01,
    9.09088713343650656196e-02,
    -7.69187620504482999495e-02,
    6.66107313738753120669e-02,
    -5.83357013379057348645e-02,
    4.97687799461593236017e-02,
    -3.65315727442169155270e-02,
    1.62858201153657823623e-02,
];

/// An argument between two multiples of pi/2: `high + low` beyond the nearest one, and that one's number in the low bits.
struct Reduced {
    high: Value,
    low: Value,
    quadrant: Value,
    /// Lanes whose argument is too large.
    hard: Value,
}

impl Lanes<'_> {
    fn reduce(&self, x: Value) -> Reduced {
        let shifted = self.fma(x, self.c(std::f64::consts::FRAC_2_PI), self.c(SHIFT));
        let minus = self.neg(self.sub(shifted, self.c(SHIFT)));
        // Exact: a multiple of an ulp of pi/2 that is small enough.
        let first = self.fma(minus, self.c(HALF_PI[0]), x);
        // Near a multiple of pi/2 the second part may be the larger one.
        let (second, second_low) = self.product(minus, self.c(HALF_PI[1]));
        let (high, low) = self.two_sum(first, second);
        let low = self.add(low, self.fma(minus, self.c(HALF_PI[2]), second_low));
        let limit = self.c(f64::from(1 << 30));
        Reduced {
            high,
            low,
            quadrant: self.bits(shifted),
            // Infinities and NaN are not below it either.
            hard: self.ll.not(self.less(self.abs(x), limit)),
        }
    }

    /// Of `x + y` with `y` below an ulp of `x`, up to pi/4.
    fn sine(&self, x: Value, y: Value) -> Value {
        let z = self.mul(x, x);
        let v = self.mul(z, x);
        let r = self.polynomial(z, &SIN[1..]);
        // x - ((z (y/2 - v r) - y) - v S1)
        let inner = self.fma(self.neg(v), r, self.mul(self.c(0.5), y));
        let inner = self.sub(self.mul(z, inner), y);
        let inner = self.fma(self.neg(v), self.c(SIN[0]), inner);
        self.sub(x, inner)
    }

    fn cosine(&self, x: Value, y: Value) -> Value {
        let z = self.mul(x, x);
        let r = self.mul(z, self.polynomial(z, &COS));
        let half = self.mul(self.c(0.5), z);
        let w = self.sub(self.c(1.0), half);
        let lost = self.sub(self.sub(self.c(1.0), w), half);
        let tail = self.fma(z, r, self.neg(self.mul(x, y)));
        self.add(w, self.add(lost, tail))
    }

    /// `value` with its sign changed where `bits` has the bit.
    fn flip(&self, value: Value, bits: Value, bit: i64) -> Value {
        let ll = self.ll;
        let sign = self.shift_left(
            ll.and(bits, self.ci(bit)),
            63 - i64::from(bit.trailing_zeros()),
        );
        self.float(ll.xor(self.bits(value), sign))
    }

    fn even(&self, quadrant: Value) -> Value {
        self.is_zero(self.ll.and(quadrant, self.ci(1)))
    }

    pub fn sin(&self, x: Value) -> Value {
        let reduced = self.reduce(x);
        let (high, low) = (reduced.high, reduced.low);
        let even = self.even(reduced.quadrant);
        let value = self.select(even, self.sine(high, low), self.cosine(high, low));
        let value = self.flip(value, reduced.quadrant, 2);
        // The sign of a zero is its argument's.
        let zero = self.cmp(FCmp::LLVMRealOEQ, x, self.c(0.0));
        let value = self.select(zero, x, value);
        self.or_library(reduced.hard, &[x], value)
    }

    pub fn cos(&self, x: Value) -> Value {
        let reduced = self.reduce(x);
        let (high, low) = (reduced.high, reduced.low);
        let even = self.even(reduced.quadrant);
        let value = self.select(even, self.cosine(high, low), self.sine(high, low));
        let next = self.ll.add(reduced.quadrant, self.ci(1));
        let value = self.flip(value, next, 2);
        self.or_library(reduced.hard, &[x], value)
    }

    pub fn tan(&self, x: Value) -> Value {
        let reduced = self.reduce(x);
        let (sine, cosine) = (
            self.sine(reduced.high, reduced.low),
            self.cosine(reduced.high, reduced.low),
        );
        let even = self.even(reduced.quadrant);
        let above = self.select(even, sine, self.neg(cosine));
        let below = self.select(even, cosine, sine);
        let value = self.div(above, below);
        let zero = self.cmp(FCmp::LLVMRealOEQ, x, self.c(0.0));
        let value = self.select(zero, x, value);
        self.or_library(reduced.hard, &[x], value)
    }

    /// The argument is brought near zero by one of four known angles.
    pub fn atan(&self, x: Value) -> Value {
        // Below this; the quotient's numerator and denominator; the angle in two parts.
        let size = self.abs(x);
        let one = self.c(1.0);
        let zero = self.c(0.0);
        let parts = [
            (0.4375, size, one, [0.0, 0.0]),
            (
                0.6875,
                self.fma(self.c(2.0), size, self.c(-1.0)),
                self.add(size, self.c(2.0)),
                [4.63647609000806093515e-01, 2.26987774529616870924e-17],
            ),
            (
                1.1875,
                self.sub(size, one),
                self.add(size, one),
                [std::f64::consts::FRAC_PI_4, 3.06161699786838301793e-17],
            ),
            (
                2.4375,
                self.sub(size, self.c(1.5)),
                self.fma(self.c(1.5), size, one),
                [9.82793723247329054082e-01, 1.39033110312309984516e-17],
            ),
        ];
        let mut chosen = [
            self.c(-1.0),
            size,
            self.c(std::f64::consts::FRAC_PI_2),
            self.c(6.12323399573676603587e-17),
        ];
        for (limit, above, below, angle) in parts.into_iter().rev() {
            let inside = self.less(size, self.c(limit));
            let own = [above, below, self.c(angle[0]), self.c(angle[1])];
            for (chosen, own) in chosen.iter_mut().zip(own) {
                *chosen = self.select(inside, own, *chosen);
            }
        }
        let [above, below, high, low] = chosen;
        let t = self.div(above, below);
        let z = self.mul(t, t);
        let series = self.mul(z, self.polynomial(z, &ATAN));
        // high - ((t series - low) - t)
        let value = self.sub(self.fma(t, series, self.neg(low)), t);
        let value = self.sub(high, value);
        let value = self.copy_sign(value, x);
        let at_zero = self.cmp(FCmp::LLVMRealOEQ, x, zero);
        self.select(at_zero, x, value)
    }
}
