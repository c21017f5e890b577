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
    -0.16666666666666632,
    0.00833333333332249,
    -0.0001984126982985795,
    2.7557313707070068e-06,
    -2.5050760253406863e-08,
    1.58969099521155e-10,
];

const COS: [f64; 6] = [
    0.0416666666666666,
    -0.001388888888887411,
    2.480158728947673e-05,
    -2.7557314351390663e-07,
    2.087572321298175e-09,
    -1.1359647557788195e-11,
];

const ATAN: [f64; 11] = [
    0.3333333333333293,
    -0.19999999999876483,
    0.14285714272503466,
    -0.11111110405462356,
    0.09090887133436507,
    -0.0769187620504483,
    0.06661073137387531,
    -0.058335701337905735,
    0.049768779946159324,
    -0.036531572744216916,
    0.016285820115365782,
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
                [0.4636476090008061, 2.2698777452961687e-17],
            ),
            (
                1.1875,
                self.sub(size, one),
                self.add(size, one),
                [std::f64::consts::FRAC_PI_4, 3.061616997868383e-17],
            ),
            (
                2.4375,
                self.sub(size, self.c(1.5)),
                self.fma(self.c(1.5), size, one),
                [0.982793723247329, 1.3903311031230998e-17],
            ),
        ];
        let mut chosen = [
            self.c(-1.0),
            size,
            self.c(std::f64::consts::FRAC_PI_2),
            self.c(6.123233995736766e-17),
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
