//! Conversions between numbers.

use omply_ir::{Inst, Scalar, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Conversion, FCmp, Value};

use super::func::FuncLower;
use super::layout::{Leaves, scalar_type};

impl FuncLower<'_> {
    pub fn cast(&mut self, inst: &Inst, a: ValueId) -> Result<(), CodegenError> {
        let (from, to) = (self.scalar(a)?, self.result_scalar(inst)?);
        let leaves = self.leaves(a)?;
        let result = self.convert(from, to, &leaves);
        self.define_result(inst, result);
        Ok(())
    }

    /// Any number to any type. Floats become integers by truncation and saturation, complex numbers real ones by their real part.
    pub fn convert(&self, from: Scalar, to: Scalar, leaves: &[Value]) -> Leaves {
        let ll = self.ll;
        if to == Scalar::Bool {
            let mut truth = self.is_nonzero(from.real_part(), leaves[0]);
            if let [_, im] = leaves {
                truth = ll.or(truth, self.is_nonzero(from.real_part(), *im));
            }
            return [truth].into_iter().collect();
        }
        let real = self.convert_real(from.real_part(), to.real_part(), leaves[0]);
        let mut out: Leaves = [real].into_iter().collect();
        if to.is_complex() {
            out.push(match leaves {
                [_, im] => self.convert_real(from.real_part(), to.real_part(), *im),
                _ => ll.zero(scalar_type(ll, to.real_part())),
            });
        }
        out
    }

    fn is_nonzero(&self, scalar: Scalar, value: Value) -> Value {
        let ll = self.ll;
        let zero = ll.zero(ll.type_of(value));
        match scalar {
            Scalar::Bool => value,
            _ if scalar.is_float() => ll.fcmp(FCmp::LLVMRealUNE, value, zero),
            _ => ll.icmp(Cmp::LLVMIntNE, value, zero),
        }
    }

    fn convert_real(&self, from: Scalar, to: Scalar, value: Value) -> Value {
        let ll = self.ll;
        let ty = scalar_type(ll, to);
        match (from.is_float(), to.is_float()) {
            (true, true) if from.bytes() < to.bytes() => ll.cast(Conversion::LLVMFPExt, value, ty),
            (true, true) if from.bytes() > to.bytes() => {
                ll.cast(Conversion::LLVMFPTrunc, value, ty)
            }
            (true, true) => value,
            (true, false) => {
                let name = if to.is_signed_int() {
                    "llvm.fptosi.sat"
                } else {
                    "llvm.fptoui.sat"
                };
                ll.call(ll.intrinsic(name, &[ty, ll.type_of(value)]), &[value])
            }
            (false, true) if from.is_signed_int() => ll.cast(Conversion::LLVMSIToFP, value, ty),
            (false, true) => ll.cast(Conversion::LLVMUIToFP, value, ty),
            (false, false) => ll.int_cast(value, ty, from.is_signed_int()),
        }
    }
}
