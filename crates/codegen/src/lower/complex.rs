//! Complex arithmetic as CPython does it: plain products, Smith's division, powers through the polar form.

use omply_ir::{BinaryOp, MathFn, Scalar};

use crate::CodegenError;
use crate::llvm::{Conversion, FCmp, Flags, Op2, Value};

use super::externals;
use super::func::FuncLower;
use super::layout::{Leaves, scalar_type};

impl FuncLower<'_> {
    pub fn complex_arithmetic(
        &mut self,
        op: BinaryOp,
        scalar: Scalar,
        a: [Value; 2],
        b: [Value; 2],
        reassoc: bool,
    ) -> Result<Leaves, CodegenError> {
        let flags = self.float_flags(reassoc);
        let parts = |code| [0, 1].map(|part| self.ll.bin(code, a[part], b[part], flags));
        let result = match op {
            BinaryOp::Add => parts(Op2::LLVMFAdd),
            BinaryOp::Sub => parts(Op2::LLVMFSub),
            BinaryOp::Mul => self.complex_product(a, b, flags),
            BinaryOp::Div => self.complex_quotient(a, b),
            BinaryOp::Pow => self.complex_power(scalar, a, b),
            _ => return Err(self.error(format!("{op:?} of complex numbers"))),
        };
        Ok(result.into_iter().collect())
    }

    fn complex_product(&self, [a, b]: [Value; 2], [c, d]: [Value; 2], flags: Flags) -> [Value; 2] {
        let ll = self.ll;
        let mul = |x, y| ll.bin(Op2::LLVMFMul, x, y, flags);
        [
            ll.bin(Op2::LLVMFSub, mul(a, c), mul(b, d), flags),
            ll.bin(Op2::LLVMFAdd, mul(a, d), mul(b, c), flags),
        ]
    }

    /// Scaled by the larger part of the divisor, without branches.
    fn complex_quotient(&self, [a, b]: [Value; 2], [c, d]: [Value; 2]) -> [Value; 2] {
        let ll = self.ll;
        let op = |code, x, y| ll.bin(code, x, y, Flags::NONE);
        let abs = |x| ll.call_intrinsic("llvm.fabs", &[x]);
        let real_larger = ll.fcmp(FCmp::LLVMRealOGE, abs(c), abs(d));
        let (large, small) = (ll.select(real_larger, c, d), ll.select(real_larger, d, c));
        let ratio = op(Op2::LLVMFDiv, small, large);
        let denominator = op(Op2::LLVMFAdd, large, op(Op2::LLVMFMul, small, ratio));
        // With c larger: (a + b r, b - a r); with d larger: (a r + b, b r - a).
        let (x, y) = (ll.select(real_larger, a, b), ll.select(real_larger, b, a));
        let re = op(Op2::LLVMFAdd, x, op(Op2::LLVMFMul, y, ratio));
        let first = op(Op2::LLVMFMul, x, ratio);
        let im = ll.select(
            real_larger,
            op(Op2::LLVMFSub, b, first),
            op(Op2::LLVMFSub, first, a),
        );
        [
            op(Op2::LLVMFDiv, re, denominator),
            op(Op2::LLVMFDiv, im, denominator),
        ]
    }

    pub fn complex_abs(&mut self, parts: [Value; 2]) -> Value {
        self.library_call(MathFn::Hypot, &parts)
    }

    /// By multiplication for small whole constants, as CPython does; else by a support function.
    fn complex_power(&mut self, scalar: Scalar, a: [Value; 2], b: [Value; 2]) -> [Value; 2] {
        if self.m.device.is_some() {
            return self.device_complex_power(scalar, a, b);
        }
        let ll = self.ll;
        let widen = |value| {
            if scalar == Scalar::C64 {
                ll.cast(Conversion::LLVMFPExt, value, ll.f64)
            } else {
                value
            }
        };
        let args = [a[0], a[1], b[0], b[1]].map(widen);
        let pair = ll.array_type(ll.f64, 2);
        let place = self.stack(pair, 16);
        ll.call(
            self.m.external(externals::COMPLEX_POW),
            &[args[0], args[1], args[2], args[3], place],
        );
        let part = |index| {
            let value = ll.load(ll.f64, ll.offset(ll.f64, place, ll.c64(index)));
            if scalar == Scalar::C64 {
                ll.cast(Conversion::LLVMFPTrunc, value, scalar_type(ll, Scalar::F32))
            } else {
                value
            }
        };
        [part(0), part(1)]
    }
}
