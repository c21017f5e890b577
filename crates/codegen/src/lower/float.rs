//! Floating-point arithmetic with Python's floor division and modulo.

use omply_ir::BinaryOp;

use crate::CodegenError;
use crate::llvm::{FCmp, Flags, Op2, Value};

use super::func::FuncLower;

impl FuncLower<'_> {
    pub fn float_arithmetic(
        &mut self,
        op: BinaryOp,
        a: Value,
        b: Value,
        reassoc: bool,
    ) -> Result<Value, CodegenError> {
        let ll = self.ll;
        let flags = self.float_flags(reassoc);
        Ok(match op {
            BinaryOp::Add => ll.bin(Op2::LLVMFAdd, a, b, flags),
            BinaryOp::Sub => ll.bin(Op2::LLVMFSub, a, b, flags),
            BinaryOp::Mul => ll.bin(Op2::LLVMFMul, a, b, flags),
            BinaryOp::Div => ll.bin(Op2::LLVMFDiv, a, b, flags),
            BinaryOp::FloorDiv => self.float_floor_division(a, b).0,
            BinaryOp::Mod => self.float_floor_division(a, b).1,
            BinaryOp::Pow => self.float_power(a, b),
            BinaryOp::Min | BinaryOp::Max if reassoc && !self.is_spirv() => {
                // Like Python's, it passes over a NaN that is not the accumulator's own; it vectorises.
                let name = if op == BinaryOp::Min {
                    "llvm.minimumnum"
                } else {
                    "llvm.maximumnum"
                };
                let value = ll.call_intrinsic(name, &[a, b]);
                ll.flag(
                    value,
                    Flags {
                        fast: llvm_sys::LLVMFastMathNoSignedZeros,
                        ..Flags::NONE
                    },
                );
                value
            }
            BinaryOp::Min => ll.select(ll.fcmp(FCmp::LLVMRealOLT, b, a), b, a),
            BinaryOp::Max => ll.select(ll.fcmp(FCmp::LLVMRealOGT, b, a), b, a),
            BinaryOp::LShift | BinaryOp::RShift | BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => {
                return Err(self.error("a bitwise operation on floats"));
            }
        })
    }

    /// Quotient and remainder as CPython computes them, from the exact remainder of the truncating division. A divisor of zero
    /// gives NumPy's answers: the true quotient, and NaN.
    fn float_floor_division(&mut self, a: Value, b: Value) -> (Value, Value) {
        let ll = self.ll;
        let ty = ll.type_of(a);
        let zero = ll.float(ty, 0.0);
        let is_zero = |value| ll.fcmp(FCmp::LLVMRealOEQ, value, zero);
        let rest = self.exact_remainder(a, b);
        let quotient = ll.bin(
            Op2::LLVMFDiv,
            ll.bin(Op2::LLVMFSub, a, rest, Flags::NONE),
            b,
            Flags::NONE,
        );

        let nonzero = ll.fcmp(FCmp::LLVMRealUNE, rest, zero);
        let negative = |value| ll.fcmp(FCmp::LLVMRealOLT, value, zero);
        let adjust = ll.and(nonzero, ll.xor(negative(b), negative(rest)));
        let whole = ll.select(adjust, ll.bin(Op2::LLVMFAdd, rest, b, Flags::NONE), rest);
        let modulo = ll.select(nonzero, whole, self.copy_sign(zero, b));
        let less = ll.bin(Op2::LLVMFSub, quotient, ll.float(ty, 1.0), Flags::NONE);
        let quotient = ll.select(adjust, less, quotient);

        let floor = ll.call_intrinsic("llvm.floor", &[quotient]);
        let lost = ll.bin(Op2::LLVMFSub, quotient, floor, Flags::NONE);
        let too_low = ll.fcmp(FCmp::LLVMRealOGT, lost, ll.float(ty, 0.5));
        let up = ll.bin(Op2::LLVMFAdd, floor, ll.float(ty, 1.0), Flags::NONE);
        let floor = ll.select(too_low, up, floor);
        let true_quotient = ll.bin(Op2::LLVMFDiv, a, b, Flags::NONE);
        let signed_zero = self.copy_sign(zero, true_quotient);
        let floor = ll.select(is_zero(quotient), signed_zero, floor);

        let by_zero = is_zero(b);
        (
            ll.select(by_zero, true_quotient, floor),
            ll.select(by_zero, ll.float(ty, f64::NAN), modulo),
        )
    }

    fn copy_sign(&self, magnitude: Value, sign: Value) -> Value {
        self.ll.call_intrinsic("llvm.copysign", &[magnitude, sign])
    }

    /// C's `fmod`. Quotients below 2^52 are handled here: truncating the rounded quotient misses the true one by at most one,
    /// and the remainder of either is exact in a fused operation.
    pub fn exact_remainder(&mut self, a: Value, b: Value) -> Value {
        let ll = self.ll;
        let ty = ll.type_of(a);
        if ll.float_bits(ty) == 16 {
            return ll.bin(Op2::LLVMFRem, a, b, Flags::NONE);
        }
        let limit = if ll.float_bits(ty) == 64 {
            (1u64 << 52) as f64
        } else {
            (1u64 << 22) as f64
        };
        let quotient = ll.bin(Op2::LLVMFDiv, a, b, Flags::NONE);
        let size = ll.call_intrinsic("llvm.fabs", &[quotient]);
        let b_size = ll.call_intrinsic("llvm.fabs", &[b]);
        // Tiny divisors could make the fused product's rounding error subnormal; infinite ones have no product.
        let tiny = if ll.float_bits(ty) == 64 {
            f64::MIN_POSITIVE * 1e32
        } else {
            f64::from(f32::MIN_POSITIVE) * 1e16
        };
        let small = ll.fcmp(FCmp::LLVMRealOLT, size, ll.float(ty, limit));
        let finite = ll.fcmp(FCmp::LLVMRealOLT, b_size, ll.float(ty, f64::INFINITY));
        let normal = ll.fcmp(FCmp::LLVMRealOGT, b_size, ll.float(ty, tiny));
        let simple = ll.and(small, ll.and(finite, normal));
        let (fast, slow, after) = (
            self.new_block("fused"),
            self.new_block("fmod"),
            self.new_block("after"),
        );
        let branch = ll.cond_br(simple, fast, slow);
        ll.weigh(branch, true);

        ll.at(fast);
        let whole = ll.call_intrinsic("llvm.trunc", &[quotient]);
        let rest = ll.call_intrinsic("llvm.fma", &[ll.fneg(whole), b, a]);
        // Of the wrong sign when the quotient was rounded up to a whole number.
        let zero = ll.float(ty, 0.0);
        let overshot = ll.fcmp(
            FCmp::LLVMRealOLT,
            ll.bin(
                Op2::LLVMFMul,
                rest,
                self.copy_sign(ll.float(ty, 1.0), a),
                Flags::NONE,
            ),
            zero,
        );
        let back = self.copy_sign(b_size, a);
        let rest = ll.select(
            overshot,
            ll.bin(Op2::LLVMFAdd, rest, back, Flags::NONE),
            rest,
        );
        // A zero remainder has the dividend's sign.
        let signed = self.copy_sign(ll.call_intrinsic("llvm.fabs", &[rest]), a);
        let fast_end = ll.here();
        ll.br(after);

        ll.at(slow);
        let called = ll.bin(Op2::LLVMFRem, a, b, Flags::NONE);
        ll.br(after);
        ll.at(after);
        ll.phi(ty, &[(signed, fast_end), (called, slow)])
    }

    /// C's `pow`, which is what CPython calls.
    pub fn float_power(&mut self, a: Value, b: Value) -> Value {
        if self.ll.float_bits(self.ll.type_of(a)) == 16 {
            let wide = |value| {
                self.ll
                    .cast(crate::llvm::Conversion::LLVMFPExt, value, self.ll.f32)
            };
            let (a, b) = (wide(a), wide(b));
            let power = self.library_call(omply_ir::MathFn::Pow, &[a, b]);
            return self
                .ll
                .cast(crate::llvm::Conversion::LLVMFPTrunc, power, self.ll.f16);
        }
        self.library_call(omply_ir::MathFn::Pow, &[a, b])
    }
}
