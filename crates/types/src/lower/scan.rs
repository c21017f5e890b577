//! Which names a piece of the tree binds, and whether it leaves the loop it stands in.

use omply_syntax::hir::{Expr, ExprKind, NameRef, Stmt, StmtKind, Target, VarId};
use rustc_hash::FxHashSet;

#[derive(Default)]
pub struct Assigned {
    pub vars: FxHashSet<VarId>,
}

pub fn assigned(stmts: &[Stmt]) -> FxHashSet<VarId> {
    let mut scan = Assigned::default();
    scan.stmts(stmts);
    scan.vars
}

impl Assigned {
    fn name(&mut self, name: NameRef) {
        if let NameRef::Var(var) = name {
            self.vars.insert(var);
        }
    }

    pub fn target(&mut self, target: &Target) {
        match target {
            Target::Name { name, .. } => self.name(*name),
            Target::Tuple { items, .. } => items.iter().for_each(|item| self.target(item)),
            Target::Starred { target, .. } => self.target(target),
            Target::Attribute { value, .. } => self.expr(value),
            Target::Subscript { value, index, .. } => {
                self.expr(value);
                self.expr(index);
            }
        }
    }

    pub fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match &stmt.kind {
                StmtKind::Assign { targets, value } => {
                    self.expr(value);
                    targets.iter().for_each(|target| self.target(target));
                }
                StmtKind::AugAssign { target, value, .. } => {
                    self.expr(value);
                    self.target(target);
                }
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => {
                    self.expr(value);
                    self.target(target);
                }
                StmtKind::Expr(expr) => self.expr(expr),
                StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                    self.expr(test);
                    self.stmts(body);
                    self.stmts(orelse);
                }
                StmtKind::For {
                    target,
                    iter,
                    body,
                    orelse,
                    ..
                } => {
                    self.expr(iter);
                    self.target(target);
                    self.stmts(body);
                    self.stmts(orelse);
                }
                StmtKind::Return(Some(expr)) => self.expr(expr),
                StmtKind::Assert { test, .. } => self.expr(test),
                StmtKind::Delete(targets) => targets.iter().for_each(|target| self.target(target)),
                StmtKind::Directive(directive) => {
                    directive.exprs.values().for_each(|expr| self.expr(expr));
                    directive.binds.iter().for_each(|name| self.name(*name));
                    self.stmts(&directive.body);
                }
                StmtKind::Definition { target, .. } => self.name(*target),
                StmtKind::Import { binds } => binds.iter().for_each(|(name, _)| self.name(*name)),
                StmtKind::Other {
                    targets, bodies, ..
                } => {
                    targets.iter().for_each(|target| self.target(target));
                    bodies.iter().for_each(|body| self.stmts(body));
                }
                _ => {}
            }
        }
    }

    /// Only `:=` binds inside an expression.
    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Named { target, value, .. } => {
                self.name(*target);
                self.expr(value);
            }
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Logical { values, .. } => values.iter().for_each(|value| self.expr(value)),
            ExprKind::Compare { left, rest } => {
                self.expr(left);
                rest.iter().for_each(|(_, right)| self.expr(right));
            }
            ExprKind::IfElse { test, body, orelse } => {
                [test, body, orelse].into_iter().for_each(|e| self.expr(e))
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr(func);
                args.iter().for_each(|arg| self.expr(arg));
                keywords
                    .iter()
                    .for_each(|keyword| self.expr(&keyword.value));
            }
            ExprKind::Attribute { value, .. } | ExprKind::Starred(value) => self.expr(value),
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.expr(index);
            }
            ExprKind::Slice { lower, upper, step } => {
                [lower, upper, step]
                    .into_iter()
                    .flatten()
                    .for_each(|e| self.expr(e));
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.expr(item))
            }
            _ => {}
        }
    }
}

/// Whether a constant-true `while` can be left: a `break` that belongs to it.
pub fn has_break(stmts: &[Stmt]) -> bool {
    stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::If { body, orelse, .. } => has_break(body) || has_break(orelse),
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => has_break(orelse),
        StmtKind::Directive(directive) => has_break(&directive.body),
        _ => false,
    })
}
