//! Integer and boolean arithmetic as Python rounds it; widths are fixed and results wrap.

use omply_ir::{BinaryOp, Scalar};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Ty, Value};

use super::func::FuncLower;

impl FuncLower<'_> {
    pub fn int_arithmetic(
        &mut self,
        op: BinaryOp,
        scalar: Scalar,
        a: Value,
        b: Value,
    ) -> Result<Value, CodegenError> {
        let ll = self.ll;
        let signed = scalar.is_signed_int();
        Ok(match op {
            BinaryOp::Add => ll.add(a, b),
            BinaryOp::Sub => ll.sub(a, b),
            BinaryOp::Mul => ll.mul(a, b),
            BinaryOp::And => ll.and(a, b),
            BinaryOp::Or => ll.or(a, b),
            BinaryOp::Xor => ll.xor(a, b),
            BinaryOp::FloorDiv => self.floor_division(a, b, signed).0,
            BinaryOp::Mod => self.floor_division(a, b, signed).1,
            BinaryOp::LShift | BinaryOp::RShift => self.shift(op, a, b, signed),
            BinaryOp::Min | BinaryOp::Max => {
                let name = match (op, signed) {
                    (BinaryOp::Min, true) => "llvm.smin",
                    (BinaryOp::Min, false) => "llvm.umin",
                    (_, true) => "llvm.smax",
                    (_, false) => "llvm.umax",
                };
                ll.call_intrinsic(name, &[a, b])
            }
            BinaryOp::Pow => self.int_power(a, b),
            BinaryOp::Div => return Err(self.error("a true division of integers")),
        })
    }

    /// Quotient rounded down and the remainder that has the divisor's sign. Both are 0 when the divisor is; the one quotient
    /// that does not fit wraps.
    fn floor_division(&mut self, a: Value, b: Value, signed: bool) -> (Value, Value) {
        let ll = self.ll;
        let ty = ll.type_of(a);
        let zero = ll.zero(ty);
        let by_zero = ll.icmp(Cmp::LLVMIntEQ, b, zero);
        if !signed {
            let divisor = ll.select(by_zero, ll.int(ty, 1), b);
            let quotient = ll.bin(Op2::LLVMUDiv, a, divisor, Flags::NONE);
            let rest = ll.bin(Op2::LLVMURem, a, divisor, Flags::NONE);
            return (
                ll.select(by_zero, zero, quotient),
                ll.select(by_zero, zero, rest),
            );
        }
        let lowest = ll.int(ty, 1i64.wrapping_shl(ll.int_bits(ty) - 1));
        let overflows = ll.and(
            ll.icmp(Cmp::LLVMIntEQ, a, lowest),
            ll.icmp(Cmp::LLVMIntEQ, b, ll.int(ty, -1)),
        );
        // Dividing by 1 instead gives the wrapped quotient and remainder of the overflowing case.
        let divisor = ll.select(ll.or(by_zero, overflows), ll.int(ty, 1), b);
        let quotient = ll.bin(Op2::LLVMSDiv, a, divisor, Flags::NONE);
        let rest = ll.bin(Op2::LLVMSRem, a, divisor, Flags::NONE);
        let inexact = ll.icmp(Cmp::LLVMIntNE, rest, zero);
        let signs_differ = ll.icmp(Cmp::LLVMIntSLT, ll.xor(rest, b), zero);
        let adjust = ll.and(inexact, signs_differ);
        let quotient = ll.add(quotient, ll.int_cast(adjust, ty, true));
        let rest = ll.add(rest, ll.select(adjust, b, zero));
        (
            ll.select(by_zero, zero, quotient),
            ll.select(by_zero, zero, rest),
        )
    }

    /// Counts of the width and more give 0 or the sign.
    fn shift(&mut self, op: BinaryOp, a: Value, count: Value, signed: bool) -> Value {
        let ll = self.ll;
        let ty = ll.type_of(a);
        let last = ll.int(ty, i64::from(ll.int_bits(ty)) - 1);
        let fits = ll.icmp(Cmp::LLVMIntULE, count, last);
        if op == BinaryOp::RShift && signed {
            let count = ll.select(fits, count, last);
            return ll.bin(Op2::LLVMAShr, a, count, Flags::NONE);
        }
        let code = if op == BinaryOp::LShift {
            Op2::LLVMShl
        } else {
            Op2::LLVMLShr
        };
        let shifted = ll.bin(code, a, ll.select(fits, count, ll.zero(ty)), Flags::NONE);
        ll.select(fits, shifted, ll.zero(ty))
    }

    /// By squaring; unrolled when the exponent is a small constant.
    fn int_power(&mut self, base: Value, exponent: Value) -> Value {
        let ll = self.ll;
        let ty = ll.type_of(base);
        if let Some(exponent @ 0..=64) = ll.as_const_int(exponent) {
            return self.constant_power(base, exponent as u32, ll.int(ty, 1), |a, b| ll.mul(a, b));
        }
        self.power_loop(base, exponent, ty)
    }

    /// `base` to a constant power, given multiplication and its identity.
    pub fn constant_power<T: Copy>(
        &self,
        base: T,
        exponent: u32,
        one: T,
        mul: impl Fn(T, T) -> T,
    ) -> T {
        let mut result: Option<T> = None;
        let mut square = base;
        let mut bits = exponent;
        while bits != 0 {
            if bits & 1 == 1 {
                result = Some(result.map_or(square, |result| mul(result, square)));
            }
            bits >>= 1;
            if bits != 0 {
                square = mul(square, square);
            }
        }
        result.unwrap_or(one)
    }

    fn power_loop(&mut self, base: Value, exponent: Value, ty: Ty) -> Value {
        let ll = self.ll;
        let before = ll.here();
        let (head, step, after) = (
            self.new_block("power"),
            self.new_block("square"),
            self.new_block("after"),
        );
        ll.br(head);
        ll.at(head);
        let result = ll.phi(ty, &[(ll.int(ty, 1), before)]);
        let square = ll.phi(ty, &[(base, before)]);
        let bits = ll.phi(ty, &[(exponent, before)]);
        // A negative exponent was refused before; taken as unsigned it ends as well.
        ll.cond_br(ll.icmp(Cmp::LLVMIntNE, bits, ll.zero(ty)), step, after);
        ll.at(step);
        let odd = ll.icmp(Cmp::LLVMIntNE, ll.and(bits, ll.int(ty, 1)), ll.zero(ty));
        let next = ll.select(odd, ll.mul(result, square), result);
        let next_square = ll.mul(square, square);
        let next_bits = ll.bin(Op2::LLVMLShr, bits, ll.int(ty, 1), Flags::NONE);
        ll.add_incoming(result, &[(next, step)]);
        ll.add_incoming(square, &[(next_square, step)]);
        ll.add_incoming(bits, &[(next_bits, step)]);
        ll.br(head);
        ll.at(after);
        result
    }
}
