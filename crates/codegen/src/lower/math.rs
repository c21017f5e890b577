//! Mathematical functions: LLVM's intrinsics where instructions exist, the C library otherwise. Loops that vectorise call our own
//! vector versions (see `vector_math`); of functions that have none, and of floats, those of glibc (at most 4 ulp off).

use omply_ir::{Inst, MathFn, Scalar, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Conversion, FCmp, Flags, Op2, Value};
use crate::support::{vector_bytes, vector_variants};

use super::ModuleLower;
use super::func::FuncLower;
use super::vector_math::LANES;

impl FuncLower<'_> {
    pub fn math(
        &mut self,
        inst: &Inst,
        func: MathFn,
        args: &[ValueId],
        reassoc: bool,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let values = args
            .iter()
            .map(|&arg| self.value(arg))
            .collect::<Result<Vec<_>, _>>()?;
        let half = matches!(args, [first, ..] if self.scalar(*first)? == Scalar::F16);
        let wide: Vec<Value> = if half {
            values
                .iter()
                .map(|&value| ll.cast(Conversion::LLVMFPExt, value, ll.f32))
                .collect()
        } else {
            values
        };
        let result = self.math_on(func, &wide, reassoc);
        let narrow = half && ll.type_of(result) == ll.f32;
        let result = if narrow {
            ll.cast(Conversion::LLVMFPTrunc, result, ll.f16)
        } else {
            result
        };
        self.define_result(inst, [result]);
        Ok(())
    }

    fn math_on(&mut self, func: MathFn, args: &[Value], reassoc: bool) -> Value {
        let ll = self.ll;
        let a = args[0];
        let ty = ll.type_of(a);
        let infinity = || ll.float(ty, f64::INFINITY);
        let size = || ll.call_intrinsic("llvm.fabs", &[a]);
        match func {
            MathFn::IsNan => ll.fcmp(FCmp::LLVMRealUNO, a, a),
            MathFn::IsInf => ll.fcmp(FCmp::LLVMRealOEQ, size(), infinity()),
            MathFn::IsFinite => ll.fcmp(FCmp::LLVMRealOLT, size(), infinity()),
            MathFn::SignBit => {
                let bits = ll.bitcast(a, ll.int_type(ll.float_bits(ty)));
                ll.icmp(Cmp::LLVMIntSLT, bits, ll.zero(ll.type_of(bits)))
            }
            MathFn::Fmin | MathFn::Fmax if self.m.device.is_some() => {
                self.device_minimum(func == MathFn::Fmax, [args[0], args[1]])
            }
            _ if self.is_spirv() => self.library_call(func, args),
            MathFn::Fmod => self.exact_remainder(a, args[1]),
            MathFn::Fmin if reassoc => self.nan_aware_minimum("llvm.minimum", args),
            MathFn::Fmax if reassoc => self.nan_aware_minimum("llvm.maximum", args),
            _ => match intrinsic(func) {
                Some(name) => {
                    let value = ll.call_intrinsic(name, args);
                    ll.flag(value, self.float_flags(false));
                    value
                }
                None => self.library_call(func, args),
            },
        }
    }

    /// Of a reduction: which zero comes out does not matter.
    fn nan_aware_minimum(&self, name: &'static str, args: &[Value]) -> Value {
        let value = self.ll.call_intrinsic(name, args);
        self.ll.flag(
            value,
            Flags {
                fast: llvm_sys::LLVMFastMathNoSignedZeros,
                ..Flags::NONE
            },
        );
        value
    }

    /// Whether a call may end up in a loop: it stands in one, or in a function that one may call.
    fn may_be_vector(&self) -> bool {
        let entry = self.m.module.entry.map(|entry| entry.index());
        !self.loops.is_empty() || entry != Some(self.index)
    }

    /// A call of the C library on doubles or floats.
    pub fn library_call(&mut self, func: MathFn, args: &[Value]) -> Value {
        let ll = self.ll;
        // x ** 2 is so common that it is not left to the optimiser's pattern, which needs the very function.
        if func == MathFn::Pow && args[1] == ll.float(ll.type_of(args[1]), 2.0) {
            return ll.bin(Op2::LLVMFMul, args[0], args[0], self.float_flags(false));
        }
        if let Some(device) = self.m.device {
            return self.device_math(device, func, args);
        }
        let ty = ll.type_of(args[0]);
        let base = library_name(func);
        let name = if ty == ll.f32 {
            format!("{base}f")
        } else {
            base.to_owned()
        };
        let function = self.m.library_function(&name, ty, &vec![ty; args.len()]);
        let call = ll.call(function, args);
        let variants = self.may_be_vector().then(|| {
            self.m
                .vector_variants(func, &name, ty == ll.f32, args.len(), self.simdlen)
        });
        if let Some(variants) = variants.flatten() {
            ll.mark_call_text(call, "vector-function-abi-variant", &variants);
        }
        call
    }
}

impl ModuleLower<'_> {
    /// The vector versions of a library function on this machine, as LLVM's attribute spells them. Declares them.
    fn vector_variants(
        &self,
        func: MathFn,
        name: &str,
        single: bool,
        args: usize,
        simdlen: Option<u32>,
    ) -> Option<String> {
        let ll = &self.ll;
        let mut list = Vec::new();
        let operands = "v".repeat(args);
        let natural = vector_bytes().iter().map(|bytes| bytes / 8);
        let wanted: Vec<u32> = natural.chain(simdlen).collect();
        let wanted = LANES.into_iter().filter(|lanes| wanted.contains(lanes));
        for lanes in wanted.filter(|_| !single) {
            let Some((symbol, function)) = self.vector_math(func, name, lanes) else {
                break;
            };
            if !self.variants.borrow().contains(&function) {
                self.variants.borrow_mut().push(function);
            }
            list.push(format!("_ZGV_LLVM_N{lanes}{operands}_{name}({symbol})"));
        }
        if !list.is_empty() {
            return Some(list.join(","));
        }
        for variant in vector_variants(name, single, args) {
            let ty = ll.vector_type(if single { ll.f32 } else { ll.f64 }, variant.lanes);
            let known = self.externals.borrow().contains_key(&variant.symbol);
            let (_, function) = self.library_function(&variant.symbol, ty, &vec![ty; args]);
            if !known {
                self.variants.borrow_mut().push(function);
            }
            list.push(format!(
                "_ZGV_LLVM_N{}{operands}_{name}({})",
                variant.lanes, variant.symbol
            ));
        }
        (!list.is_empty()).then(|| list.join(","))
    }
}

/// Functions that are one or a few instructions.
fn intrinsic(func: MathFn) -> Option<&'static str> {
    Some(match func {
        MathFn::Sqrt => "llvm.sqrt",
        MathFn::Floor => "llvm.floor",
        MathFn::Ceil => "llvm.ceil",
        MathFn::Trunc => "llvm.trunc",
        MathFn::Rint => "llvm.roundeven",
        MathFn::Fabs => "llvm.fabs",
        MathFn::CopySign => "llvm.copysign",
        MathFn::Fmin => "llvm.minimum",
        MathFn::Fmax => "llvm.maximum",
        MathFn::Fma => "llvm.fma",
        _ => return None,
    })
}

/// The C library's name of the double version.
pub fn library_name(func: MathFn) -> &'static str {
    match func {
        MathFn::Sqrt => "sqrt",
        MathFn::Cbrt => "cbrt",
        MathFn::Exp => "exp",
        MathFn::Exp2 => "exp2",
        MathFn::Expm1 => "expm1",
        MathFn::Log => "log",
        MathFn::Log2 => "log2",
        MathFn::Log10 => "log10",
        MathFn::Log1p => "log1p",
        MathFn::Sin => "sin",
        MathFn::Cos => "cos",
        MathFn::Tan => "tan",
        MathFn::Asin => "asin",
        MathFn::Acos => "acos",
        MathFn::Atan => "atan",
        MathFn::Atan2 => "atan2",
        MathFn::Sinh => "sinh",
        MathFn::Cosh => "cosh",
        MathFn::Tanh => "tanh",
        MathFn::Asinh => "asinh",
        MathFn::Acosh => "acosh",
        MathFn::Atanh => "atanh",
        MathFn::Hypot => "hypot",
        MathFn::Pow => "pow",
        MathFn::Fmod => "fmod",
        MathFn::Remainder => "remainder",
        MathFn::Floor => "floor",
        MathFn::Ceil => "ceil",
        MathFn::Trunc => "trunc",
        MathFn::Rint => "rint",
        MathFn::Fabs => "fabs",
        MathFn::CopySign => "copysign",
        MathFn::Fmin => "fmin",
        MathFn::Fmax => "fmax",
        MathFn::Fma => "fma",
        MathFn::Erf => "erf",
        MathFn::Erfc => "erfc",
        MathFn::Gamma => "tgamma",
        MathFn::LogGamma => "lgamma",
        MathFn::NextAfter => "nextafter",
        MathFn::IsNan => "isnan",
        MathFn::IsInf => "isinf",
        MathFn::IsFinite => "finite",
        MathFn::SignBit => "signbit",
    }
}
