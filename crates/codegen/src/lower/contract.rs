//! Contraction: a product that only one addition or subtraction uses becomes part of it, `a * b + c` in one rounding,
//! where the processor can. The choice is made here, per expression as C compilers make it, because LLVM's later
//! search leaves products alone that it has found equal to others: in `x*x - y*y` beside `x*x + y*y` that costs two
//! roundings on the critical path. Sums of reductions keep their products, so that they can be reordered first.

use std::collections::HashMap;

use omply_ir::{BinaryOp, Func, Op, Scalar, Type, ValueId};

use crate::CodegenError;
use crate::llvm::Value;

use super::func::FuncLower;

/// The float products that are used exactly once, with their factors.
pub type Products = HashMap<ValueId, [ValueId; 2]>;

pub fn products(f: &Func) -> Products {
    let mut products = Products::new();
    let mut uses: HashMap<ValueId, u32> = HashMap::new();
    f.body.walk(&mut |inst| {
        inst.op
            .for_each_operand(&mut |value| *uses.entry(*value).or_default() += 1);
        if let Op::Binary {
            op: BinaryOp::Mul,
            a,
            b,
            reassoc: false,
        } = inst.op
            && matches!(f.values[a.index()], Type::Scalar(Scalar::F32 | Scalar::F64))
            && let [result] = inst.results[..]
        {
            products.insert(result, [a, b]);
        }
    });
    products.retain(|value, _| uses.get(value) == Some(&1));
    products
}

impl FuncLower<'_> {
    /// `a + b` or `a - b` with a product among the operands taken in.
    pub fn contracted(
        &mut self,
        op: BinaryOp,
        a: ValueId,
        b: ValueId,
    ) -> Result<Option<Value>, CodegenError> {
        let (product, addend, product_first) = if let Some(&product) = self.products.get(&a) {
            (product, b, true)
        } else if let Some(&product) = self.products.get(&b) {
            (product, a, false)
        } else {
            return Ok(None);
        };
        let ll = self.ll;
        let mut left = self.value(product[0])?;
        let right = self.value(product[1])?;
        let mut addend = self.value(addend)?;
        if op == BinaryOp::Sub {
            if product_first {
                addend = ll.fneg(addend);
            } else {
                left = ll.fneg(left);
            }
        }
        let value = ll.call_intrinsic("llvm.fmuladd", &[left, right, addend]);
        ll.flag(value, self.float_flags(false));
        Ok(Some(value))
    }
}
