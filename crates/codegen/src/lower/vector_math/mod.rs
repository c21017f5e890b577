//! Mathematical functions on 2 to 8 doubles at once, as LLVM functions that the vectoriser puts in the place of calls of the C
//! library's. Each is at most 1 ulp worse than the library's bound for one number; what a function's short way does not cover
//! (huge arguments of `sin`, infinities of `pow`) goes to the library, lane by lane. They need fused multiply-add instructions.

mod exp;
mod log;
mod trig;

use omply_ir::MathFn;

use crate::llvm::{Cmp, FCmp, Flags, Llvm, Op2, Ty, Value};

use super::ModuleLower;

/// How many numbers at once there are functions for.
pub const LANES: [u32; 3] = [2, 4, 8];

/// Whether this machine computes `a * b + c` with one rounding in one instruction.
fn has_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("fma") && std::arch::is_x86_feature_detected!("avx2")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        cfg!(target_arch = "aarch64")
    }
}

impl ModuleLower<'_> {
    /// The function on `lanes` doubles, made when it is first asked for; `None` for functions that have none.
    pub fn vector_math(&self, func: MathFn, name: &str, lanes: u32) -> Option<(String, Value)> {
        let body: fn(&Lanes<'_>, &[Value]) -> Value = match func {
            MathFn::Exp => |v, args| v.exp(args[0]),
            MathFn::Log => |v, args| v.log(args[0]),
            MathFn::Sin => |v, args| v.sin(args[0]),
            MathFn::Cos => |v, args| v.cos(args[0]),
            MathFn::Tan => |v, args| v.tan(args[0]),
            MathFn::Atan => |v, args| v.atan(args[0]),
            MathFn::Tanh => |v, args| v.tanh(args[0]),
            MathFn::Pow => |v, args| v.pow(args[0], args[1]),
            _ => return None,
        };
        if !has_fused() {
            return None;
        }
        let ll = &self.ll;
        let symbol = format!("omply.{name}.{lanes}");
        let known = self.externals.borrow().get(&symbol).copied();
        if let Some((_, function)) = known {
            return Some((symbol, function));
        }
        let arity = if func == MathFn::Pow { 2 } else { 1 };
        let ty = ll.vector_type(ll.f64, lanes);
        let signature = ll.fn_type(ty, &vec![ty; arity]);
        let scalar = self.library_function(name, ll.f64, &vec![ll.f64; arity]);
        let function = ll.add_function(&symbol, signature);
        ll.make_internal(function, false);
        ll.mark(function, "nounwind");
        self.externals
            .borrow_mut()
            .insert(symbol.clone(), (signature, function));
        let here = ll.here();
        ll.at(ll.block(function, "entry"));
        let lanes = Lanes {
            ll,
            ty,
            int: ll.vector_type(ll.i64, lanes),
            lanes,
            function,
            scalar,
        };
        let args: Vec<Value> = (0..arity).map(|index| ll.param(function, index)).collect();
        ll.ret(body(&lanes, &args));
        ll.at(here);
        Some((symbol, function))
    }
}

/// Arithmetic on vectors of doubles in the function that is being made.
pub struct Lanes<'a> {
    ll: &'a Llvm,
    ty: Ty,
    int: Ty,
    lanes: u32,
    function: Value,
    /// The library's function for one number.
    scalar: (Ty, Value),
}

impl Lanes<'_> {
    fn c(&self, value: f64) -> Value {
        self.ll.splat(self.ll.float(self.ll.f64, value), self.lanes)
    }

    fn ci(&self, value: i64) -> Value {
        self.ll.splat(self.ll.c64(value), self.lanes)
    }

    fn add(&self, a: Value, b: Value) -> Value {
        self.ll.bin(Op2::LLVMFAdd, a, b, Flags::NONE)
    }

    fn sub(&self, a: Value, b: Value) -> Value {
        self.ll.bin(Op2::LLVMFSub, a, b, Flags::NONE)
    }

    fn mul(&self, a: Value, b: Value) -> Value {
        self.ll.bin(Op2::LLVMFMul, a, b, Flags::NONE)
    }

    fn div(&self, a: Value, b: Value) -> Value {
        self.ll.bin(Op2::LLVMFDiv, a, b, Flags::NONE)
    }

    /// `a * b + c`, rounded once.
    fn fma(&self, a: Value, b: Value, c: Value) -> Value {
        self.ll.call_intrinsic("llvm.fma", &[a, b, c])
    }

    fn neg(&self, a: Value) -> Value {
        self.ll.fneg(a)
    }

    fn abs(&self, a: Value) -> Value {
        self.ll.call_intrinsic("llvm.fabs", &[a])
    }

    fn rint(&self, a: Value) -> Value {
        self.ll.call_intrinsic("llvm.roundeven", &[a])
    }

    fn copy_sign(&self, magnitude: Value, sign: Value) -> Value {
        self.ll.call_intrinsic("llvm.copysign", &[magnitude, sign])
    }

    fn cmp(&self, op: FCmp, a: Value, b: Value) -> Value {
        self.ll.fcmp(op, a, b)
    }

    fn less(&self, a: Value, b: Value) -> Value {
        self.cmp(FCmp::LLVMRealOLT, a, b)
    }

    fn select(&self, cond: Value, then: Value, els: Value) -> Value {
        self.ll.select(cond, then, els)
    }

    fn bits(&self, a: Value) -> Value {
        self.ll.bitcast(a, self.int)
    }

    fn float(&self, bits: Value) -> Value {
        self.ll.bitcast(bits, self.ty)
    }

    fn shift_left(&self, a: Value, by: i64) -> Value {
        self.ll.bin(Op2::LLVMShl, a, self.ci(by), Flags::NONE)
    }

    fn shift_right(&self, a: Value, by: i64) -> Value {
        self.ll.bin(Op2::LLVMLShr, a, self.ci(by), Flags::NONE)
    }

    /// The sum of the two is `a * b` exactly.
    fn product(&self, a: Value, b: Value) -> (Value, Value) {
        let high = self.mul(a, b);
        (high, self.fma(a, b, self.neg(high)))
    }

    /// The sum of the two is `a + b` exactly where `a` is not smaller than `b`, or zero.
    fn sum(&self, a: Value, b: Value) -> (Value, Value) {
        let high = self.add(a, b);
        (high, self.sub(b, self.sub(high, a)))
    }

    /// The sum of the two is `a + b` exactly, whichever is larger.
    fn two_sum(&self, a: Value, b: Value) -> (Value, Value) {
        let high = self.add(a, b);
        let of_b = self.sub(high, a);
        let of_a = self.sub(high, of_b);
        (high, self.add(self.sub(a, of_a), self.sub(b, of_b)))
    }

    /// `c[0] + c[1] x + c[2] x^2 + ...`, with the terms of each half at the same time.
    fn polynomial(&self, x: Value, coefficients: &[f64]) -> Value {
        let square = self.mul(x, x);
        let mut terms: Vec<Value> = coefficients
            .chunks(2)
            .map(|pair| match *pair {
                [even, odd] => self.fma(x, self.c(odd), self.c(even)),
                _ => self.c(pair[0]),
            })
            .collect();
        let mut result = terms.pop().unwrap_or_else(|| self.c(0.0));
        while let Some(term) = terms.pop() {
            result = self.fma(result, square, term);
        }
        result
    }

    /// `result`, or the library's where any lane of `hard` holds.
    fn or_library(&self, hard: Value, args: &[Value], result: Value) -> Value {
        let ll = self.ll;
        let [slow, after] = ["library", "after"].map(|name| ll.block(self.function, name));
        let before = ll.here();
        let any = ll.call_intrinsic("llvm.vector.reduce.or", &[hard]);
        ll.weigh(ll.cond_br(any, slow, after), false);
        ll.at(slow);
        let mut called = result;
        for lane in 0..self.lanes {
            let lane = ll.c64(lane.into());
            let args: Vec<Value> = args
                .iter()
                .map(|&arg| ll.extract_element(arg, lane))
                .collect();
            called = ll.insert_element(called, ll.call(self.scalar, &args), lane);
        }
        ll.br(after);
        ll.at(after);
        ll.phi(self.ty, &[(result, before), (called, slow)])
    }

    /// The number with these bits as a whole number added to the exponent's place: `2^n` from the low bits of `n + 2^52 * 1.5`.
    fn power_of_two(&self, shifted: Value) -> Value {
        let exponent = self.shift_left(self.bits(shifted), 52);
        self.float(self.ll.add(exponent, self.ci(1.0f64.to_bits() as i64)))
    }

    /// From a whole number below 2^52 without sign.
    fn whole(&self, bits: Value) -> Value {
        let big = (1u64 << 52) as f64;
        let with = self.ll.or(bits, self.ci(big.to_bits() as i64));
        self.sub(self.float(with), self.c(big))
    }

    fn is_zero(&self, bits: Value) -> Value {
        self.ll
            .icmp(Cmp::LLVMIntEQ, bits, self.ll.zero(self.ll.type_of(bits)))
    }
}

/// Added to a number below 2^51, leaves the nearest whole number in the low bits.
const SHIFT: f64 = 6755399441055744.0;
