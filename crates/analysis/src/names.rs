//! What expressions and targets do to names, in the order in which it happens when they run.

use omply_diagnostics::Span;
use omply_syntax::hir::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    Read,
    /// Read by a nested scope, which may run later.
    Captured,
    Bind,
    Delete,
}

pub(crate) type Sink<'s> = &'s mut dyn FnMut(NameRef, Span, Use);

/// Everything an expression does, its nested scopes included.
pub(crate) fn expr_uses(expr: &Expr, sink: Sink) {
    match &expr.kind {
        ExprKind::Name(name) => sink(*name, expr.span, Use::Read),
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Bool(_)
        | ExprKind::None
        | ExprKind::Str(_)
        | ExprKind::Ellipsis => {}
        ExprKind::Unary { operand, .. } => expr_uses(operand, sink),
        ExprKind::Binary { left, right, .. } => {
            expr_uses(left, sink);
            expr_uses(right, sink);
        }
        ExprKind::Logical { values, .. } => exprs_uses(values, sink),
        ExprKind::Compare { left, rest } => {
            expr_uses(left, sink);
            rest.iter()
                .for_each(|(_, operand)| expr_uses(operand, sink));
        }
        ExprKind::IfElse { test, body, orelse } => {
            expr_uses(test, sink);
            expr_uses(body, sink);
            expr_uses(orelse, sink);
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            expr_uses(func, sink);
            exprs_uses(args, sink);
            keywords
                .iter()
                .for_each(|keyword| expr_uses(&keyword.value, sink));
        }
        ExprKind::Attribute { value, .. } | ExprKind::Starred(value) => expr_uses(value, sink),
        ExprKind::Subscript { value, index } => {
            expr_uses(value, sink);
            expr_uses(index, sink);
        }
        ExprKind::Slice { lower, upper, step } => {
            for part in [lower, upper, step].into_iter().flatten() {
                expr_uses(part, sink);
            }
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => exprs_uses(items, sink),
        ExprKind::Named {
            target,
            target_span,
            value,
        } => {
            expr_uses(value, sink);
            sink(*target, *target_span, Use::Bind);
        }
        ExprKind::Scope(scope) => scope_uses(scope, sink),
        ExprKind::Other { children, .. } => exprs_uses(children, sink),
    }
}

pub(crate) fn exprs_uses(exprs: &[Expr], sink: Sink) {
    exprs.iter().for_each(|expr| expr_uses(expr, sink));
}

pub(crate) fn scope_uses(scope: &Scope, sink: Sink) {
    exprs_uses(&scope.outer, sink);
    // A list, set or dict comprehension runs where it stands; the others may run at any time.
    let at_once = matches!(
        scope.what,
        "list comprehension" | "set comprehension" | "dict comprehension"
    );
    // What a comprehension binds may be read in it: it is unclear in which order.
    let bound = |name| scope.binds.iter().any(|&(bound, _)| bound == name);
    for &(name, span) in &scope.reads {
        sink(
            name,
            span,
            if at_once && !bound(name) {
                Use::Read
            } else {
                Use::Captured
            },
        );
    }
    scope
        .binds
        .iter()
        .for_each(|&(name, span)| sink(name, span, Use::Bind));
}

/// What storing to a target does; the parts of a subscript are read.
pub(crate) fn target_uses(target: &Target, sink: Sink) {
    match target {
        Target::Name { name, span } => sink(*name, *span, Use::Bind),
        Target::Attribute { value, .. } => expr_uses(value, sink),
        Target::Subscript { value, index, .. } => {
            expr_uses(value, sink);
            expr_uses(index, sink);
        }
        Target::Tuple { items, .. } => items.iter().for_each(|item| target_uses(item, sink)),
        Target::Starred { target, .. } => target_uses(target, sink),
    }
}

/// What a statement itself does, before or without the blocks it holds. Directives and `for` targets are left to the caller.
pub(crate) fn stmt_uses(stmt: &Stmt, sink: Sink) {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            expr_uses(value, sink);
            targets.iter().for_each(|target| target_uses(target, sink));
        }
        StmtKind::AugAssign { target, value, .. } => {
            if let Target::Name { name, span } = target {
                sink(*name, *span, Use::Read);
            }
            expr_uses(value, sink);
            target_uses(target, sink);
        }
        StmtKind::AnnAssign { target, value, .. } => {
            // Without a value it declares the variable, as C's `double x;` does.
            value.iter().for_each(|value| expr_uses(value, sink));
            target_uses(target, sink);
        }
        StmtKind::Expr(value)
        | StmtKind::Return(Some(value))
        | StmtKind::If { test: value, .. }
        | StmtKind::While { test: value, .. }
        | StmtKind::For { iter: value, .. } => expr_uses(value, sink),
        StmtKind::Raise { exc, cause } => {
            exc.iter()
                .chain(cause)
                .for_each(|value| expr_uses(value, sink));
        }
        StmtKind::Assert { test, message } => {
            expr_uses(test, sink);
            message.iter().for_each(|value| expr_uses(value, sink));
        }
        StmtKind::Delete(targets) => {
            for target in targets {
                target_uses(target, &mut |name, span, kind| {
                    sink(
                        name,
                        span,
                        if kind == Use::Bind { Use::Delete } else { kind },
                    );
                });
            }
        }
        StmtKind::Definition { target, scope } => {
            scope_uses(scope, sink);
            sink(*target, stmt.span, Use::Bind);
        }
        StmtKind::Import { binds } => {
            binds
                .iter()
                .for_each(|&(name, span)| sink(name, span, Use::Bind));
        }
        StmtKind::Other { exprs, targets, .. } => {
            exprs_uses(exprs, sink);
            targets.iter().for_each(|target| target_uses(target, sink));
        }
        StmtKind::Return(None)
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Pass
        | StmtKind::Directive(_) => {}
    }
}

/// The blocks a statement holds, a directive's excluded.
pub(crate) fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
    match &stmt.kind {
        StmtKind::If { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::For { body, orelse, .. } => vec![body, orelse],
        StmtKind::Other { bodies, .. } => bodies.iter().map(|body| &body[..]).collect(),
        _ => Vec::new(),
    }
}

/// The expressions a statement itself evaluates, those inside targets excluded.
pub(crate) fn stmt_exprs(stmt: &Stmt) -> Vec<&Expr> {
    match &stmt.kind {
        StmtKind::Assign { value, .. }
        | StmtKind::AugAssign { value, .. }
        | StmtKind::Expr(value)
        | StmtKind::Return(Some(value))
        | StmtKind::If { test: value, .. }
        | StmtKind::While { test: value, .. }
        | StmtKind::For { iter: value, .. } => vec![value],
        StmtKind::AnnAssign { value, .. } => value.iter().collect(),
        StmtKind::Raise { exc, cause } => exc.iter().chain(cause).collect(),
        StmtKind::Assert { test, message } => [test].into_iter().chain(message).collect(),
        StmtKind::Definition { scope, .. } => scope.outer.iter().collect(),
        StmtKind::Other { exprs, .. } => exprs.iter().collect(),
        _ => Vec::new(),
    }
}

/// The operands of an expression, nested scopes excluded but for what they evaluate at once.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Unary { operand: value, .. }
        | ExprKind::Attribute { value, .. }
        | ExprKind::Starred(value)
        | ExprKind::Named { value, .. } => vec![value],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Compare { left, rest } => std::iter::once(&**left)
            .chain(rest.iter().map(|(_, operand)| operand))
            .collect(),
        ExprKind::IfElse { test, body, orelse } => vec![test, body, orelse],
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            let keywords = keywords.iter().map(|keyword| &keyword.value);
            std::iter::once(&**func)
                .chain(args)
                .chain(keywords)
                .collect()
        }
        ExprKind::Subscript { value, index } => vec![value, index],
        ExprKind::Slice { lower, upper, step } => [lower, upper, step]
            .into_iter()
            .flatten()
            .map(|part| &**part)
            .collect(),
        ExprKind::Logical { values: items, .. }
        | ExprKind::Tuple(items)
        | ExprKind::List(items)
        | ExprKind::Other {
            children: items, ..
        } => items.iter().collect(),
        ExprKind::Scope(scope) => scope.outer.iter().collect(),
        _ => Vec::new(),
    }
}
