//! Items and slices of tuples.

use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::{Repr, Val};
use omply_diagnostics::{Code, Span};
use omply_ir::{BinaryOp as IrBinary, CompareOp, ErrorKind};
use omply_syntax::hir::{Expr, ExprKind};

impl Lowerer<'_, '_> {
    pub fn tuple_item(&mut self, base: &Val, index: &Expr, span: Span) -> Val {
        let items = self.items(base);
        let length = items.len() as i64;
        if let ExprKind::Slice {
            lower,
            upper,
            step: None,
        } = &index.kind
        {
            return self.tuple_slice(&items, lower.as_deref(), upper.as_deref(), span);
        }
        let value = self.expr(index);
        let Some(value) = self.index_value(&value, index.span) else {
            return Val::never();
        };
        if let Some(known) = value.as_int() {
            let position = if known < 0 { known + length } else { known };
            return match usize::try_from(position)
                .ok()
                .and_then(|position| items.get(position))
            {
                Some(item) => item.clone(),
                None => {
                    let message =
                        format!("index {known} is out of range for a tuple of {length} items");
                    self.error(Code::WrongIndex, span, message)
                }
            };
        }
        let id = self.id(&value);
        let (zero, size) = (self.b.int(0), self.b.int(length));
        let negative = self.b.compare(CompareOp::Lt, id, zero);
        let wrapped = self.b.binary(IrBinary::Add, id, size);
        let position = self.b.select(negative, wrapped, id);
        let above = self.b.compare(CompareOp::Ge, position, zero);
        let below = self.b.compare(CompareOp::Lt, position, size);
        let inside = self.b.binary(IrBinary::And, above, below);
        self.check(
            inside,
            ErrorKind::Index,
            "tuple index out of range",
            span,
            Vec::new(),
        );
        self.pick(&items, &Val::new(Ty::Int, position), span)
    }

    fn tuple_slice(
        &mut self,
        items: &[Val],
        lower: Option<&Expr>,
        upper: Option<&Expr>,
        span: Span,
    ) -> Val {
        let length = items.len() as i64;
        let mut ends = [0, length];
        for (end, expr) in ends.iter_mut().zip([lower, upper]) {
            let Some(expr) = expr else {
                continue;
            };
            let value = self.expr(expr);
            match value.repr {
                Repr::Const(_) => {
                    let known = value.as_int().unwrap_or(0);
                    *end = if known < 0 { known + length } else { known }.clamp(0, length);
                }
                _ => {
                    return self.error(
                        Code::WrongIndex,
                        span,
                        "the bounds of a tuple's slice must be constants",
                    );
                }
            }
        }
        let [start, stop] = ends;
        Val::tuple(items[start as usize..stop.max(start) as usize].to_vec())
    }
}
