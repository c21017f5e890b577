//! Statements outside of loops and constructs.

use super::function::Lowerer;
use crate::value::Val;
use omply_syntax::hir::{Expr, ExprKind, Stmt, StmtKind};

impl Lowerer<'_, '_> {
    pub fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            if !self.live {
                break;
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.b.set_span(stmt.span);
        match &stmt.kind {
            StmtKind::Assign { targets, value } => self.assign_all(targets, value),
            StmtKind::AugAssign { target, op, value } => {
                self.aug_assign(target, *op, value, stmt.span)
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    self.assign_all(std::slice::from_ref(target), value);
                }
            }
            StmtKind::Expr(expr) => self.expr_stmt(expr),
            StmtKind::If { test, body, orelse } => self.if_stmt(test, body, orelse),
            StmtKind::While { test, body, orelse } => self.while_loop(stmt, test, body, orelse),
            StmtKind::For { is_async: true, .. } => {
                self.not_native(stmt.span, "`async for`");
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => self.for_loop(stmt, target, iter, body, orelse),
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.expr(value),
                    None => Val::none(),
                };
                self.return_value(&value, stmt.span);
            }
            StmtKind::Break => self.break_(stmt.span),
            StmtKind::Continue => self.continue_(stmt.span),
            StmtKind::Pass => {}
            StmtKind::Raise { exc, cause } => self.raise(exc.as_ref(), cause.as_ref(), stmt.span),
            StmtKind::Assert { test, message } => self.assert(test, message.as_ref(), stmt.span),
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.delete(target)),
            StmtKind::Directive(directive) => self.directive(stmt, directive),
            StmtKind::Definition { scope, .. } => {
                self.not_native(stmt.span, &format!("nested {}", scope.what));
            }
            StmtKind::Import { .. } => {
                self.not_native(stmt.span, "`import` inside functions");
            }
            StmtKind::Other { what, .. } => {
                self.not_native(stmt.span, &format!("`{what}` statements"));
            }
        }
    }

    /// An expression for its effect; docstrings and bare constants have none.
    fn expr_stmt(&mut self, expr: &Expr) {
        if !matches!(expr.kind, ExprKind::Str(_) | ExprKind::Ellipsis) {
            self.expr(expr);
        }
    }

    fn if_stmt(&mut self, test: &Expr, body: &[Stmt], orelse: &[Stmt]) {
        let cond = self.condition(test);
        // What a constant excludes need not be typable.
        if let Some(known) = cond.as_bool() {
            return self.stmts(if known { body } else { orelse });
        }
        let then = self.branch(|s| s.stmts(body));
        let els = self.branch(|s| s.stmts(orelse));
        self.emit_if(&cond, then, els);
    }
}
