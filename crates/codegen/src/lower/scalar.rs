//! Constants, unary and binary operations, comparisons, selection, tuples: which family an operation belongs to.

use omply_ir::{BinaryOp, CompareOp, Const, Inst, Scalar, UnaryOp, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, FCmp, Flags, Value};

use super::func::FuncLower;
use super::layout::{Leaves, leaf_count, scalar_type};

impl FuncLower<'_> {
    pub fn constant(&mut self, inst: &Inst, constant: Const) -> Result<(), CodegenError> {
        let leaves = self.constant_leaves(constant);
        self.define_result(inst, leaves);
        Ok(())
    }

    pub fn constant_leaves(&self, constant: Const) -> Leaves {
        let ll = self.ll;
        let float =
            |scalar: Scalar, value: f64| ll.float(scalar_type(ll, scalar.real_part()), value);
        match constant {
            Const::Bool(value) => [ll.bool(value)].into_iter().collect(),
            Const::Int(scalar, value) => [ll.int(scalar_type(ll, scalar), value)]
                .into_iter()
                .collect(),
            Const::Float(scalar, value) => [float(scalar, value)].into_iter().collect(),
            Const::Complex(scalar, re, im) => {
                [float(scalar, re), float(scalar, im)].into_iter().collect()
            }
        }
    }

    /// What floating-point arithmetic may be turned into.
    pub fn float_flags(&self, reassoc: bool) -> Flags {
        use llvm_sys::{
            LLVMFastMathAllowContract, LLVMFastMathAllowReassoc, LLVMFastMathNoSignedZeros,
        };
        let contract = if self.m.options.contract {
            LLVMFastMathAllowContract
        } else {
            0
        };
        let reorder = if reassoc {
            LLVMFastMathAllowReassoc | LLVMFastMathNoSignedZeros
        } else {
            0
        };
        Flags {
            fast: contract | reorder,
            ..Flags::NONE
        }
    }

    pub fn unary(&mut self, inst: &Inst, op: UnaryOp, a: ValueId) -> Result<(), CodegenError> {
        let ll = self.ll;
        let scalar = self.scalar(a)?;
        if scalar.is_complex() {
            let [re, im] = self.complex(a)?;
            match op {
                UnaryOp::Neg => self.define_result(inst, [ll.fneg(re), ll.fneg(im)]),
                UnaryOp::Conj => self.define_result(inst, [re, ll.fneg(im)]),
                UnaryOp::Abs => {
                    let abs = self.complex_abs([re, im]);
                    self.define_result(inst, [abs]);
                }
                UnaryOp::Not | UnaryOp::Invert => {
                    return Err(self.error("a bitwise operation on complex numbers"));
                }
            }
            return Ok(());
        }
        let a = self.value(a)?;
        let value = match op {
            UnaryOp::Neg if scalar.is_float() => ll.fneg(a),
            UnaryOp::Neg => ll.neg(a),
            UnaryOp::Not | UnaryOp::Invert => ll.not(a),
            UnaryOp::Conj => a,
            UnaryOp::Abs if scalar.is_float() => ll.call_intrinsic("llvm.fabs", &[a]),
            UnaryOp::Abs if scalar.is_signed_int() => ll.call(
                ll.intrinsic("llvm.abs", &[ll.type_of(a)]),
                &[a, ll.bool(false)],
            ),
            UnaryOp::Abs => a,
        };
        self.define_result(inst, [value]);
        Ok(())
    }

    pub fn binary(
        &mut self,
        inst: &Inst,
        op: BinaryOp,
        a: ValueId,
        b: ValueId,
        reassoc: bool,
    ) -> Result<(), CodegenError> {
        let scalar = self.scalar(a)?;
        if matches!(op, BinaryOp::Add | BinaryOp::Sub)
            && !reassoc
            && let Some(value) = self.contracted(op, a, b)?
        {
            self.define_result(inst, [value]);
            return Ok(());
        }
        let (a, b) = (self.leaves(a)?, self.leaves(b)?);
        let result = self.arithmetic(op, scalar, &a, &b, reassoc)?;
        self.define_result(inst, result);
        Ok(())
    }

    /// `a op b` on numbers of one type.
    pub fn arithmetic(
        &mut self,
        op: BinaryOp,
        scalar: Scalar,
        a: &[Value],
        b: &[Value],
        reassoc: bool,
    ) -> Result<Leaves, CodegenError> {
        if scalar.is_complex() {
            return self.complex_arithmetic(op, scalar, [a[0], a[1]], [b[0], b[1]], reassoc);
        }
        let value = if scalar.is_float() {
            self.float_arithmetic(op, a[0], b[0], reassoc)?
        } else {
            self.int_arithmetic(op, scalar, a[0], b[0])?
        };
        Ok([value].into_iter().collect())
    }

    pub fn compare(
        &mut self,
        inst: &Inst,
        op: CompareOp,
        a: ValueId,
        b: ValueId,
    ) -> Result<(), CodegenError> {
        let scalar = self.scalar(a)?;
        let (a, b) = (self.leaves(a)?, self.leaves(b)?);
        let result = self.compare_leaves(op, scalar, &a, &b);
        self.define_result(inst, [result]);
        Ok(())
    }

    pub fn compare_leaves(&self, op: CompareOp, scalar: Scalar, a: &[Value], b: &[Value]) -> Value {
        let ll = self.ll;
        if scalar.is_complex() {
            let parts = [0, 1].map(|part| ll.fcmp(FCmp::LLVMRealOEQ, a[part], b[part]));
            let equal = ll.and(parts[0], parts[1]);
            return if op == CompareOp::Ne {
                ll.not(equal)
            } else {
                equal
            };
        }
        if scalar.is_float() {
            let op = match op {
                CompareOp::Eq => FCmp::LLVMRealOEQ,
                CompareOp::Ne => FCmp::LLVMRealUNE,
                CompareOp::Lt => FCmp::LLVMRealOLT,
                CompareOp::Le => FCmp::LLVMRealOLE,
                CompareOp::Gt => FCmp::LLVMRealOGT,
                CompareOp::Ge => FCmp::LLVMRealOGE,
            };
            return ll.fcmp(op, a[0], b[0]);
        }
        let op = match (op, scalar.is_signed_int()) {
            (CompareOp::Eq, _) => Cmp::LLVMIntEQ,
            (CompareOp::Ne, _) => Cmp::LLVMIntNE,
            (CompareOp::Lt, true) => Cmp::LLVMIntSLT,
            (CompareOp::Le, true) => Cmp::LLVMIntSLE,
            (CompareOp::Gt, true) => Cmp::LLVMIntSGT,
            (CompareOp::Ge, true) => Cmp::LLVMIntSGE,
            (CompareOp::Lt, false) => Cmp::LLVMIntULT,
            (CompareOp::Le, false) => Cmp::LLVMIntULE,
            (CompareOp::Gt, false) => Cmp::LLVMIntUGT,
            (CompareOp::Ge, false) => Cmp::LLVMIntUGE,
        };
        ll.icmp(op, a[0], b[0])
    }

    pub fn select(
        &mut self,
        inst: &Inst,
        cond: ValueId,
        then: ValueId,
        els: ValueId,
    ) -> Result<(), CodegenError> {
        let cond = self.value(cond)?;
        let (then, els) = (self.leaves(then)?, self.leaves(els)?);
        let leaves: Leaves = then
            .iter()
            .zip(&els)
            .map(|(then, els)| self.ll.select(cond, *then, *els))
            .collect();
        self.define_result(inst, leaves);
        Ok(())
    }

    pub fn tuple_new(&mut self, inst: &Inst, items: &[ValueId]) -> Result<(), CodegenError> {
        let mut leaves = Leaves::new();
        for &item in items {
            leaves.extend(self.leaves(item)?);
        }
        self.define_result(inst, leaves);
        Ok(())
    }

    pub fn tuple_get(
        &mut self,
        inst: &Inst,
        tuple: ValueId,
        index: u32,
    ) -> Result<(), CodegenError> {
        let omply_ir::Type::Tuple(items) = self.ty(tuple) else {
            return Err(self.error(format!("%{} is no tuple", tuple.0)));
        };
        let first: usize = items[..index as usize].iter().map(leaf_count).sum();
        let count = leaf_count(&items[index as usize]);
        let leaves = self.leaves(tuple)?;
        self.define_result(inst, leaves[first..first + count].iter().copied());
        Ok(())
    }
}
