//! Expressions: literals, names, operators with short circuits, conditional expressions.

use super::function::Lowerer;
use super::merge::Branch;
use crate::promote::unify;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{Block, Const, IndexCheck, Op, Scalar};
use omply_syntax::hir::{Expr, ExprKind, NameRef};

/// Expressions may nest this deeply: the walk is recursive, and its stack is the caller's.
const MAX_DEPTH: u32 = 1000;

impl Lowerer<'_, '_> {
    pub fn expr(&mut self, expr: &Expr) -> Val {
        if self.depth == MAX_DEPTH {
            return self.error_help(
                Code::NotNative,
                expr.span,
                "this expression is nested too deeply for native mode",
                "split it into several statements",
            );
        }
        self.depth += 1;
        let value = self.expr_of_kind(expr);
        self.depth -= 1;
        value
    }

    fn expr_of_kind(&mut self, expr: &Expr) -> Val {
        match &expr.kind {
            ExprKind::Name(NameRef::Var(var)) => {
                let value = self.read_var(*var, expr.span);
                self.host_value(value, *var, expr.span)
            }
            ExprKind::Name(name) => self.read_global(expr, *name),
            ExprKind::Int(Some(value)) => Val::int(*value),
            ExprKind::Int(None) => self.error_help(
                Code::NotNative,
                expr.span,
                "this integer does not fit the 64 bits of native mode",
                "use a float, or `@omp(mode=\"python\")`",
            ),
            ExprKind::Float(value) => Val::float(*value),
            ExprKind::Imaginary(value) => {
                Val::constant(Ty::Complex, Const::Complex(Scalar::C128, 0.0, *value))
            }
            ExprKind::Bool(value) => Val::bool(*value),
            ExprKind::None => Val::none(),
            ExprKind::Str(_) => self.not_native(expr.span, "strings as values"),
            ExprKind::Ellipsis => self.not_native(expr.span, "`...` as a value"),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, expr.span),
            ExprKind::Binary { op, left, right } => {
                let reassoc = self.reduction_chain(*op, left, right);
                let left = self.expr(left);
                let right = self.expr(right);
                self.binary(*op, &left, &right, expr.span, reassoc)
            }
            ExprKind::Logical { and, values } => self.logical(*and, values, expr.span),
            ExprKind::Compare { left, rest } => self.compare_chain(left, rest, expr.span),
            ExprKind::IfElse { test, body, orelse } => self.if_else(test, body, orelse, expr.span),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(expr, func, args, keywords),
            ExprKind::Attribute {
                value,
                attr,
                attr_span,
            } => self.attribute(expr, value, attr, *attr_span),
            ExprKind::Subscript { value, index } => {
                let base = self.expr(value);
                self.subscript(&base, index, expr.span)
            }
            ExprKind::Slice { .. } => self.not_native(expr.span, "slices outside of subscripts"),
            ExprKind::Tuple(items) => {
                Val::tuple(items.iter().map(|item| self.expr(item)).collect())
            }
            ExprKind::List(_) => self.error_help(
                Code::NotNative,
                expr.span,
                "native mode has no lists",
                "use a tuple or a NumPy array, or `@omp(mode=\"python\")`",
            ),
            ExprKind::Starred(_) => self.not_native(expr.span, "starred expressions"),
            ExprKind::Named {
                target,
                target_span,
                value,
            } => {
                let value = self.expr(value);
                self.assign_name(*target, value.clone(), *target_span);
                value
            }
            ExprKind::Scope(scope) => self.not_native(expr.span, scope.what),
            ExprKind::Other { what, .. } => self.not_native(expr.span, what),
        }
    }

    /// An expression that is only looked through: a list literal serves as the tuple of its items.
    pub fn sequence(&mut self, expr: &Expr) -> Val {
        match &expr.kind {
            ExprKind::List(items) => Val::tuple(items.iter().map(|item| self.expr(item)).collect()),
            _ => self.expr(expr),
        }
    }

    /// The truth of an expression, a `bool`.
    pub fn condition(&mut self, expr: &Expr) -> Val {
        match &expr.kind {
            ExprKind::Logical { and, values } => {
                // Only the truth is wanted, so the operands need no common type.
                let values: Vec<&Expr> = values.iter().collect();
                self.truth_chain(*and, &values)
            }
            _ => {
                let value = self.expr(expr);
                self.truth(&value, expr.span)
            }
        }
    }

    fn truth_chain(&mut self, and: bool, values: &[&Expr]) -> Val {
        let Some((first, rest)) = values.split_first() else {
            return Val::bool(and);
        };
        let left = self.condition(first);
        if rest.is_empty() {
            return left;
        }
        match left.as_bool() {
            Some(known) if known == and => return self.truth_chain(and, rest),
            Some(known) => return Val::bool(known),
            None => {}
        }
        self.choose_lazily(&left, Some(and), &Ty::Bool, |s| s.truth_chain(and, rest))
    }

    /// `left and right` (`or`): the value of `right`, evaluated only where `left` does not decide.
    fn choose_lazily(
        &mut self,
        left: &Val,
        and: Option<bool>,
        ty: &Ty,
        right: impl FnOnce(&mut Self) -> Val,
    ) -> Val {
        let and = and.unwrap_or(true);
        let mut value = Val::never();
        let branch = self.branch(|s| {
            value = right(s);
            value = s.convert(&value, ty);
        });
        if left.is_never() || value.is_never() {
            return Val::never();
        }
        let short = Val::bool(!and);
        if and {
            self.select_or_branch(left, (branch, value), (self.empty_branch(), short), ty)
        } else {
            self.select_or_branch(left, (self.empty_branch(), short), (branch, value), ty)
        }
    }

    pub fn empty_branch(&self) -> Branch {
        Branch {
            block: Block::default(),
            flow: Some(self.flow.clone()),
        }
    }

    /// One of two values that were computed in branches of their own: selected where neither branch can fail or
    /// has an effect, else through memory.
    pub fn select_or_branch(
        &mut self,
        cond: &Val,
        then: (Branch, Val),
        els: (Branch, Val),
        ty: &Ty,
    ) -> Val {
        let ((then, a), (els, b)) = (then, els);
        let simple = ty.is_number() && is_cheap(&then.block) && is_cheap(&els.block);
        if simple {
            let cond = self.id(cond);
            self.b.append(then.block);
            self.b.append(els.block);
            if let (Some(known_a), Some(known_b)) = (a.as_bool(), b.as_bool())
                && *ty == Ty::Bool
                && known_a == known_b
            {
                return Val::bool(known_a);
            }
            let range = crate::value::Range {
                lo: a.range.lo.min(b.range.lo),
                hi: a.range.hi.max(b.range.hi),
            };
            let (a, b) = (self.id(&a), self.id(&b));
            return Val::with_range(ty.clone(), self.b.select(cond, a, b), range);
        }
        if *ty == Ty::None {
            self.emit_if(cond, then, els);
            return Val::none();
        }
        let slot = self.temp("chosen", ty);
        let [then, els] = [(then, a), (els, b)].map(|(mut branch, value)| {
            self.b.open_block();
            let id = self.id(&value);
            self.b.store_slot(slot, id);
            let tail = self.b.close_block();
            branch.block.insts.extend(tail.insts);
            branch
        });
        self.emit_if(cond, then, els);
        Val::new(ty.clone(), self.b.load_slot(slot))
    }

    /// `and`, `or` as values: the operand that decides.
    fn logical(&mut self, and: bool, values: &[Expr], span: Span) -> Val {
        let Some((first, rest)) = values.split_first() else {
            return Val::never();
        };
        let left = self.expr(first);
        if rest.is_empty() || left.is_never() {
            return left;
        }
        let test = self.truth(&left, first.span);
        if let Some(known) = test.as_bool() {
            return if known == and {
                self.logical(and, rest, span)
            } else {
                left
            };
        }
        let mut right = Val::never();
        let mut branch = self.branch(|s| right = s.logical(and, rest, span));
        if right.is_never() || test.is_never() {
            return Val::never();
        }
        let Some(ty) = unify(&left.ty, None, &right.ty, None) else {
            let word = if and { "and" } else { "or" };
            let message = format!(
                "`{word}` yields {} or {}, which do not unify",
                left.ty, right.ty
            );
            return self.error(Code::ConflictingTypes, span, message);
        };
        right = self.convert_in(&mut branch, &right, &ty);
        let mut other = self.empty_branch();
        let left = self.convert_in(&mut other, &left, &ty);
        let (then, els) = if and {
            ((branch, right), (other, left))
        } else {
            ((other, left), (branch, right))
        };
        self.select_or_branch(&test, then, els, &ty)
    }

    /// Converts a value at the end of the branch that computed it.
    fn convert_in(&mut self, branch: &mut Branch, value: &Val, ty: &Ty) -> Val {
        self.b.open_block();
        let value = self.convert(value, ty);
        let tail = self.b.close_block();
        branch.block.insts.extend(tail.insts);
        value
    }

    fn if_else(&mut self, test: &Expr, body: &Expr, orelse: &Expr, span: Span) -> Val {
        let cond = self.condition(test);
        if let Some(known) = cond.as_bool() {
            return self.expr(if known { body } else { orelse });
        }
        let (mut a, mut b) = (Val::never(), Val::never());
        let mut then = self.branch(|s| a = s.expr(body));
        let mut els = self.branch(|s| b = s.expr(orelse));
        let Some(ty) = unify(&a.ty, literal(&a), &b.ty, literal(&b)) else {
            let message = format!("this is {} or {}, which do not unify", a.ty, b.ty);
            return self.error_help(
                Code::ConflictingTypes,
                span,
                message,
                "give both branches one type",
            );
        };
        if cond.is_never() || ty == Ty::Never {
            return Val::never();
        }
        // A branch whose type is not known yet yields nothing that is used.
        if a.is_never() || b.is_never() {
            self.emit_if(&cond, then, els);
            return Val { ty, ..Val::never() };
        }
        let a = self.convert_in(&mut then, &a, &ty);
        let b = self.convert_in(&mut els, &b, &ty);
        self.select_or_branch(&cond, (then, a), (els, b), &ty)
    }
}

fn literal(value: &Val) -> Option<i64> {
    if value.ty == Ty::Int {
        value.as_int()
    } else {
        None
    }
}

/// Whether running the block always, wanted or not, changes nothing and costs little.
fn is_cheap(block: &Block) -> bool {
    block.insts.len() <= 12
        && block.insts.iter().all(|inst| match &inst.op {
            Op::Const(_)
            | Op::Unary { .. }
            | Op::Compare { .. }
            | Op::Cast { .. }
            | Op::Select { .. }
            | Op::SlotLoad { .. }
            | Op::Dim { .. }
            | Op::ComplexPart { .. }
            | Op::ComplexNew { .. }
            | Op::TupleGet { .. } => true,
            // Integer division by zero is not guarded here.
            Op::Binary { op, .. } => !matches!(
                op,
                omply_ir::BinaryOp::FloorDiv | omply_ir::BinaryOp::Mod | omply_ir::BinaryOp::Pow
            ),
            Op::Load {
                check: IndexCheck::None,
                ..
            } => false,
            _ => false,
        })
}
