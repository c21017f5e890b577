//! `log` and `pow`: the exponent, and a series of the fraction around 1. `pow` carries the logarithm in two doubles.

use crate::llvm::{FCmp, Value};

use super::Lanes;

/// `log(2)` in two parts; products of the first with whole numbers below 2^11 are exact.
const LN2: [f64; 2] = [0.6931471805598903, 5.497923018708371e-14];

/// Of `(log((1+s)/(1-s)) - 2s - 2s^3/3) / s^5` in `s^2`, for `|s| <= 0.1716`.
const LOG: [f64; 9] = [
    0.4,
    0.28571428571428564,
    0.2222222222222843,
    0.1818181817965715,
    0.1538461576113751,
    0.13333296536998826,
    0.11766813010040744,
    0.10456329756609352,
    0.1076240188089366,
];

/// The bits of `sqrt(1/2)`.
const SQRT_HALF: i64 = 0x3fe6_a09e_667f_3bcd;
const ONE: i64 = 0x3ff0_0000_0000_0000;
const FRACTION: i64 = (1 << 52) - 1;
const TWO_54: f64 = 1.8014398509481984e+16;

impl Lanes<'_> {
    /// Of a positive number: `(n, m)` with `x = 2^n m` and `m` from `sqrt(1/2)` to `sqrt(2)`.
    fn split(&self, x: Value) -> (Value, Value) {
        let ll = self.ll;
        let tiny = self.less(x, self.c(f64::MIN_POSITIVE));
        let x = self.select(tiny, self.mul(x, self.c(TWO_54)), x);
        let bits = ll.add(self.bits(x), self.ci(ONE - SQRT_HALF));
        let exponent = self.whole(self.shift_right(bits, 52));
        let bias = self.select(tiny, self.c(1023.0 + 54.0), self.c(1023.0));
        let fraction = ll.and(bits, self.ci(FRACTION));
        let m = self.float(ll.add(fraction, self.ci(SQRT_HALF)));
        (self.sub(exponent, bias), m)
    }

    pub fn log(&self, x: Value) -> Value {
        let (n, m) = self.split(x);
        let f = self.sub(m, self.c(1.0));
        let s = self.div(f, self.add(f, self.c(2.0)));
        let square = self.mul(s, s);
        // log(1+f) = f - s (f - R) with R = 2 s^2/3 + 2 s^4/5 + ..., so that f itself is exact.
        let series = self.fma(square, self.polynomial(square, &LOG), self.c(2.0 / 3.0));
        let series = self.mul(square, series);
        let half = self.mul(self.c(0.5), self.mul(f, f));
        let small = self.fma(s, self.add(half, series), self.mul(n, self.c(LN2[1])));
        let high = self.fma(n, self.c(LN2[0]), f);
        let lost = self.add(self.fma(n, self.c(LN2[0]), self.neg(high)), f);
        let result = self.add(high, self.add(lost, self.sub(small, half)));
        let infinite = self.cmp(FCmp::LLVMRealOEQ, x, self.c(f64::INFINITY));
        let result = self.select(infinite, x, result);
        let zero = self.cmp(FCmp::LLVMRealOEQ, x, self.c(0.0));
        let result = self.select(zero, self.c(f64::NEG_INFINITY), result);
        // Neither below zero nor NaN.
        let fine = self.cmp(FCmp::LLVMRealOGE, x, self.c(0.0));
        self.select(fine, result, self.c(f64::NAN))
    }

    pub fn pow(&self, x: Value, y: Value) -> Value {
        let ll = self.ll;
        let size = self.abs(x);
        let (n, m) = self.split(size);
        let (high, low) = self.log_in_two(n, m);
        // y * (high + low), again in two.
        let (product, rest) = self.product(y, high);
        let rest = self.fma(y, low, rest);
        let value = self.exp_of_sum(product, Some(rest));
        let whole = self.cmp(FCmp::LLVMRealOEQ, self.rint(y), y);
        let half = self.mul(y, self.c(0.5));
        let odd = ll.and(whole, self.cmp(FCmp::LLVMRealUNE, self.rint(half), half));
        let negative = self.less(x, self.c(0.0));
        let sign = self.select(ll.and(negative, odd), self.c(-1.0), self.c(1.0));
        let result = self.copy_sign(value, sign);
        // Zeros, infinities, NaN, roots of negative numbers, and exponents of which nothing is left but the result's limit.
        let inside = |value: Value, low: f64, high: f64| {
            ll.and(
                self.cmp(FCmp::LLVMRealOGE, value, self.c(low)),
                self.less(value, self.c(high)),
            )
        };
        let usual = ll.and(
            inside(size, f64::MIN_POSITIVE, f64::INFINITY),
            inside(self.abs(product), 0.0, 700.0),
        );
        let usual = ll.and(usual, ll.or(whole, ll.not(negative)));
        self.or_library(ll.not(usual), &[x, y], result)
    }

    /// `log(2^n m)` as a sum of two doubles with some 66 bits.
    fn log_in_two(&self, n: Value, m: Value) -> (Value, Value) {
        let one = self.c(1.0);
        let f = self.sub(m, one);
        // s = f / (m + 1)
        let below = self.add(m, one);
        let below_low = self.sub(m, self.sub(below, one));
        let s = self.div(f, below);
        let rest = self.fma(self.neg(s), below, f);
        let rest = self.fma(self.neg(s), below_low, rest);
        let s_low = self.div(rest, below);
        // s^2 and s^3 in two parts each
        let (q, q_low) = self.product(s, s);
        let q_low = self.fma(self.add(s, s), s_low, q_low);
        let (t, t_low) = self.product(q, s);
        let t_low = self.add(t_low, self.fma(q, s_low, self.mul(q_low, s)));
        // 2/3 s^3
        const TWO_THIRDS: [f64; 2] = [0.6666666666666666, 3.700743415417188e-17];
        let (u, u_low) = self.product(t, self.c(TWO_THIRDS[0]));
        let u_low = self.fma(
            t_low,
            self.c(TWO_THIRDS[0]),
            self.fma(t, self.c(TWO_THIRDS[1]), u_low),
        );
        let tail = self.mul(self.mul(t, q), self.polynomial(q, &LOG));
        // n log(2) + 2 s + u + tail
        let (twice, twice_low) = (self.add(s, s), self.add(s_low, s_low));
        let exponent = self.mul(n, self.c(LN2[0]));
        let exponent_low = self.mul(n, self.c(LN2[1]));
        let (a, a_low) = self.two_sum(exponent, twice);
        let (b, b_low) = self.two_sum(a, u);
        let (c, c_low) = self.two_sum(b, tail);
        let low = self.add(self.add(exponent_low, twice_low), u_low);
        let low = self.add(low, self.add(self.add(a_low, b_low), c_low));
        self.sum(c, low)
    }
}
