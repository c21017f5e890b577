//! `exp` and `tanh`: `2^n` times a polynomial.

use crate::llvm::Value;

use super::{Lanes, SHIFT};

/// `log(2)` in two parts; products of the first with whole numbers below 2^11 are exact.
const LN2: [f64; 2] = [0.6931471805598903, 5.497923018708371e-14];

/// Of `(exp(r) - 1 - r - r^2/2) / r^3` for `|r| <= log(2)/2`.
const EXP: [f64; 10] = [
    0.16666666666666669,
    0.041666666666666664,
    0.008333333333330062,
    0.0013888888888886552,
    0.00019841269863053618,
    2.4801587317144498e-05,
    2.7557268459997064e-06,
    2.755728296954995e-07,
    2.510038549551032e-08,
    2.0911236630261545e-09,
];

/// Of `(tanh(x) - x) / x^3` in `x^2`, for `|x| <= 0.625`.
const TANH: [f64; 12] = [
    -0.3333333333333333,
    0.13333333333333042,
    -0.05396825396789699,
    0.021869488519008305,
    -0.008863235103240878,
    0.0035921217511549622,
    -0.0014557754120478055,
    0.0005896606577757043,
    -0.0002375906496055562,
    9.257116129556769e-05,
    -3.12011014257974e-05,
    6.485163482793113e-06,
];

impl Lanes<'_> {
    pub fn exp(&self, x: Value) -> Value {
        self.exp_of_sum(x, None)
    }

    /// `exp(x + low)`, with `low` at most half an ulp of `x`.
    pub fn exp_of_sum(&self, x: Value, low: Option<Value>) -> Value {
        // Beyond these the result is infinite or zero; NaN stays.
        let x = self.select(self.less(self.c(712.0), x), self.c(712.0), x);
        let x = self.select(self.less(x, self.c(-750.0)), self.c(-750.0), x);
        let shifted = self.fma(x, self.c(std::f64::consts::LOG2_E), self.c(SHIFT));
        let n = self.sub(shifted, self.c(SHIFT));
        let minus = self.neg(n);
        let high = self.fma(minus, self.c(LN2[0]), x);
        let rest = self.mul(minus, self.c(LN2[1]));
        let rest = match low {
            Some(low) => self.add(rest, low),
            None => rest,
        };
        let r = self.add(high, rest);
        // What the sum has lost.
        let lost = self.add(self.sub(high, r), rest);
        let square = self.mul(r, r);
        let tail = self.mul(self.polynomial(r, &EXP), self.mul(r, square));
        let tail = self.add(self.fma(self.c(0.5), square, lost), tail);
        let value = self.add(self.c(1.0), self.add(r, tail));
        // In two steps, so that the result may be subnormal.
        let half = self.fma(n, self.c(0.5), self.c(SHIFT));
        let other = self.sub(n, self.sub(half, self.c(SHIFT)));
        let other = self.add(other, self.c(SHIFT));
        self.mul(
            self.mul(value, self.power_of_two(half)),
            self.power_of_two(other),
        )
    }

    /// A polynomial for small arguments, by `exp` for others.
    pub fn tanh(&self, x: Value) -> Value {
        let size = self.abs(x);
        let square = self.mul(x, x);
        let series = self.mul(square, self.polynomial(square, &TANH));
        let low = self.fma(size, series, size);
        let power = self.exp(self.add(size, size));
        let quotient = self.div(self.c(2.0), self.add(power, self.c(1.0)));
        let high = self.sub(self.c(1.0), quotient);
        let result = self.select(self.less(size, self.c(0.625)), low, high);
        self.copy_sign(result, x)
    }
}
