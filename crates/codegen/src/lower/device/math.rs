//! Mathematical functions: OpenCL's own; NVIDIA's libdevice and AMD's ocml by their names, to be linked in.

use omply_ir::{MathFn, Scalar};

use crate::llvm::{FCmp, Flags, Op2, Value};

use super::super::func::FuncLower;
use super::super::math::library_name;
use super::{Device, Kind};

impl FuncLower<'_> {
    /// Whether the code is for LLVM's SPIR-V back end, which knows fewer intrinsics and OpenCL's functions by name.
    pub fn is_spirv(&self) -> bool {
        self.m
            .device
            .is_some_and(|device| device.kind == Kind::Spirv)
    }

    /// A call of the device's version of a function on doubles or floats.
    pub fn device_math(&mut self, device: Device, func: MathFn, args: &[Value]) -> Value {
        let ll = self.ll;
        let ty = ll.type_of(args[0]);
        if func == MathFn::Pow
            && let Some(value) = self.short_power(args[0], args[1])
        {
            return value;
        }
        let single = ty == ll.f32;
        let base = library_name(func);
        let name = match device.kind {
            Kind::Spirv => {
                let letters = if single { "f" } else { "d" }.repeat(args.len());
                format!("_Z{}{base}{letters}", base.len())
            }
            Kind::Nvptx => format!("__nv_{base}{}", if single { "f" } else { "" }),
            Kind::Amdgpu => format!("__ocml_{base}_{}", if single { "f32" } else { "f64" }),
        };
        let function = self.m.library_function(&name, ty, &vec![ty; args.len()]);
        ll.call(function, args)
    }

    /// Powers that are a few instructions, rounded twice at most.
    fn short_power(&self, a: Value, exponent: Value) -> Option<Value> {
        let ll = self.ll;
        let ty = ll.type_of(a);
        let flags = self.float_flags(false);
        let one = ll.float(ty, 1.0);
        let square = || ll.bin(Op2::LLVMFMul, a, a, flags);
        let over = |value| ll.bin(Op2::LLVMFDiv, one, value, flags);
        let is = |value: f64| exponent == ll.float(ty, value);
        // Of both zeros the root is 0, of both infinities it is infinity.
        let root = || {
            let root = ll.call_intrinsic("llvm.fabs", &[self.square_root(a)]);
            let lowest = ll.fcmp(FCmp::LLVMRealOEQ, a, ll.float(ty, f64::NEG_INFINITY));
            ll.select(lowest, ll.float(ty, f64::INFINITY), root)
        };
        Some(match () {
            () if is(2.0) => square(),
            () if is(3.0) => ll.bin(Op2::LLVMFMul, square(), a, flags),
            () if is(4.0) => {
                let square = square();
                ll.bin(Op2::LLVMFMul, square, square, flags)
            }
            () if is(-1.0) => over(a),
            () if is(-2.0) => over(square()),
            () if is(0.5) => root(),
            () if is(-0.5) => over(root()),
            () => return None,
        })
    }

    fn square_root(&self, a: Value) -> Value {
        self.ll.call_intrinsic("llvm.sqrt", &[a])
    }

    /// NumPy's minimum or maximum: NaN if either is.
    pub fn device_minimum(&mut self, max: bool, [a, b]: [Value; 2]) -> Value {
        let ll = self.ll;
        let order = if max {
            FCmp::LLVMRealOGT
        } else {
            FCmp::LLVMRealOLT
        };
        let nearer = ll.select(ll.fcmp(order, a, b), a, b);
        let unordered = ll.fcmp(FCmp::LLVMRealUNO, a, b);
        let sum = ll.bin(Op2::LLVMFAdd, a, b, Flags::NONE);
        ll.select(unordered, sum, nearer)
    }

    /// `a ** b` as `exp(b * log(a))`, zero to the power of zero being one.
    pub fn device_complex_power(
        &mut self,
        scalar: Scalar,
        a: [Value; 2],
        b: [Value; 2],
    ) -> [Value; 2] {
        let ll = self.ll;
        let ty = super::super::layout::scalar_type(ll, scalar.real_part());
        let zero = ll.float(ty, 0.0);
        let op = |code, x, y| ll.bin(code, x, y, Flags::NONE);
        let size = self.library_call(MathFn::Hypot, &a);
        let angle = self.library_call(MathFn::Atan2, &[a[1], a[0]]);
        let log = self.library_call(MathFn::Log, &[size]);
        let exponent = op(
            Op2::LLVMFSub,
            op(Op2::LLVMFMul, b[0], log),
            op(Op2::LLVMFMul, b[1], angle),
        );
        let turn = op(
            Op2::LLVMFAdd,
            op(Op2::LLVMFMul, b[0], angle),
            op(Op2::LLVMFMul, b[1], log),
        );
        let length = self.library_call(MathFn::Exp, &[exponent]);
        let (cos, sin) = (
            self.library_call(MathFn::Cos, &[turn]),
            self.library_call(MathFn::Sin, &[turn]),
        );
        let base_zero = ll.fcmp(FCmp::LLVMRealOEQ, size, zero);
        let power_zero = ll.and(
            ll.fcmp(FCmp::LLVMRealOEQ, b[0], zero),
            ll.fcmp(FCmp::LLVMRealOEQ, b[1], zero),
        );
        let of_zero = ll.select(power_zero, ll.float(ty, 1.0), zero);
        [
            ll.select(base_zero, of_zero, op(Op2::LLVMFMul, length, cos)),
            ll.select(base_zero, zero, op(Op2::LLVMFMul, length, sin)),
        ]
    }
}
