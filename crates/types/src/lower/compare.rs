//! Comparisons: chains, `is None`, `in` over tuples, elementwise equality of tuples.

use super::function::Lowerer;
use crate::promote::promote;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{self as ir, Scalar};
use omply_syntax::hir::{CompareOp, Expr, ExprKind};

impl Lowerer<'_, '_> {
    /// `left op0 e0 op1 e1 ...`: each operand is evaluated once, and only as far as needed.
    pub fn compare_chain(&mut self, left: &Expr, rest: &[(CompareOp, Expr)], span: Span) -> Val {
        let left = self.expr(left);
        self.compare_rest(left, rest, span)
    }

    fn compare_rest(&mut self, left: Val, rest: &[(CompareOp, Expr)], span: Span) -> Val {
        let Some(((op, right), more)) = rest.split_first() else {
            return Val::bool(true);
        };
        if let (
            CompareOp::In | CompareOp::NotIn,
            ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Name(_),
        ) = (op, &right.kind)
        {
            let items = self.sequence(right);
            let found = self.contains(&left, &items, span);
            return if *op == CompareOp::In {
                found
            } else {
                self.not(&found)
            };
        }
        let right = self.expr(right);
        let first = self.compare(*op, &left, &right, span);
        if more.is_empty() || first.is_never() {
            return first;
        }
        if let Some(known) = first.as_bool() {
            return if known {
                self.compare_rest(right, more, span)
            } else {
                first
            };
        }
        let first = self.truth(&first, span);
        let mut value = Val::never();
        let then = self.branch(|s| {
            value = s.compare_rest(right, more, span);
            value = s.truth(&value, span);
        });
        if value.is_never() || first.is_never() {
            return Val::never();
        }
        let els = self.empty_branch();
        self.select_or_branch(&first, (then, value), (els, Val::bool(false)), &Ty::Bool)
    }

    pub fn compare(&mut self, op: CompareOp, left: &Val, right: &Val, span: Span) -> Val {
        if left.is_never() || right.is_never() {
            return Val::never();
        }
        let ir_op = match op {
            CompareOp::Eq => ir::CompareOp::Eq,
            CompareOp::NotEq => ir::CompareOp::Ne,
            CompareOp::Lt => ir::CompareOp::Lt,
            CompareOp::LtE => ir::CompareOp::Le,
            CompareOp::Gt => ir::CompareOp::Gt,
            CompareOp::GtE => ir::CompareOp::Ge,
            CompareOp::Is | CompareOp::IsNot => return self.identity(op, left, right, span),
            CompareOp::In | CompareOp::NotIn => {
                return self.not_native(span, "`in` over this kind of value");
            }
        };
        let equality = matches!(op, CompareOp::Eq | CompareOp::NotEq);
        if left.ty.array().is_some() || right.ty.array().is_some() {
            return self.map_elements(&[left.clone(), right.clone()], span, |s, items| {
                s.compare(op, &items[0], &items[1], span)
            });
        }
        match (&left.ty, &right.ty) {
            (Ty::None, _) | (_, Ty::None) if equality => {
                let same = left.ty == right.ty;
                return Val::bool(same == (op == CompareOp::Eq));
            }
            (Ty::Tuple(a), Ty::Tuple(b)) if equality => {
                let equal = if a.len() == b.len() {
                    self.tuples_equal(left, right, span)
                } else {
                    Val::bool(false)
                };
                return if op == CompareOp::Eq {
                    equal
                } else {
                    self.not(&equal)
                };
            }
            _ => {}
        }
        let complex = |v: &Val| v.ty.scalar().is_some_and(Scalar::is_complex);
        let Some(ty) =
            promote(&left.ty, &right.ty).filter(|_| equality || !(complex(left) || complex(right)))
        else {
            let message = format!(
                "values of types {} and {} cannot be compared like this",
                left.ty, right.ty
            );
            return self.error(Code::WrongOperands, span, message);
        };
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int())
            && ty.is_weak()
        {
            return Val::bool(match ir_op {
                ir::CompareOp::Eq => a == b,
                ir::CompareOp::Ne => a != b,
                ir::CompareOp::Lt => a < b,
                ir::CompareOp::Le => a <= b,
                ir::CompareOp::Gt => a > b,
                ir::CompareOp::Ge => a >= b,
            });
        }
        let ty = self.comparison_type(left, right, ty);
        let result = if left.ty.is_weak() && right.ty.is_weak() {
            Ty::Bool
        } else {
            Ty::Np(Scalar::Bool)
        };
        let (a, b) = (self.convert(left, &ty), self.convert(right, &ty));
        let (a, b) = (self.id(&a), self.id(&b));
        Val::new(result, self.b.compare(ir_op, a, b))
    }

    /// Comparison keeps the value of a Python int that the other's dtype cannot hold.
    fn comparison_type(&mut self, left: &Val, right: &Val, ty: Ty) -> Ty {
        let Ty::Np(scalar) = ty else {
            return ty;
        };
        if !scalar.is_int() || scalar.bytes() == 8 {
            return ty;
        }
        let weak = if left.ty == Ty::Int { left } else { right };
        let fits = weak.ty != Ty::Int
            || weak
                .as_int()
                .is_some_and(|value| crate::promote::fits(value, scalar));
        if fits { ty } else { Ty::Np(Scalar::I64) }
    }

    fn identity(&mut self, op: CompareOp, left: &Val, right: &Val, span: Span) -> Val {
        let same = match (&left.ty, &right.ty) {
            (Ty::None, other) | (other, Ty::None) => *other == Ty::None,
            (Ty::Bool, Ty::Bool) => {
                let op = if op == CompareOp::Is {
                    CompareOp::Eq
                } else {
                    CompareOp::NotEq
                };
                return self.compare(op, left, right, span);
            }
            _ => {
                return self.error_help(
                    Code::NotNative,
                    span,
                    "native values have no identity",
                    "`is` works with None; compare other values with `==`",
                );
            }
        };
        Val::bool(same == (op == CompareOp::Is))
    }

    fn tuples_equal(&mut self, left: &Val, right: &Val, span: Span) -> Val {
        let (left, right) = (self.items(left), self.items(right));
        let pairs: Vec<Val> = left
            .iter()
            .zip(&right)
            .map(|(a, b)| self.compare(CompareOp::Eq, a, b, span))
            .collect();
        self.fold_bools(pairs, true, span)
    }

    fn contains(&mut self, value: &Val, items: &Val, span: Span) -> Val {
        if items.is_never() {
            return Val::never();
        }
        if !matches!(items.ty, Ty::Tuple(_)) {
            return self.not_native(span, &format!("`in` over a value of type {}", items.ty));
        }
        let items = self.items(items);
        let found: Vec<Val> = items
            .iter()
            .map(|item| self.compare(CompareOp::Eq, value, item, span))
            .collect();
        self.fold_bools(found, false, span)
    }

    /// All (or any) of several truths.
    fn fold_bools(&mut self, values: Vec<Val>, all: bool, span: Span) -> Val {
        let mut result = Val::bool(all);
        for value in values {
            let value = self.truth(&value, span);
            if value.is_never() {
                return value;
            }
            match (result.as_bool(), value.as_bool()) {
                (Some(known), _) if known == all => result = value,
                (_, Some(known)) if known == all => {}
                _ => {
                    let op = if all {
                        ir::BinaryOp::And
                    } else {
                        ir::BinaryOp::Or
                    };
                    let (a, b) = (self.id(&result), self.id(&value));
                    result = Val::new(Ty::Bool, self.b.binary(op, a, b));
                }
            }
        }
        result
    }
}
