//! The variables, elements and attributes that an atomic operation works on, compared by how they are spelt.

use crate::names::children;
use omply_syntax::hir::*;

pub(crate) fn is_location(target: &Target) -> bool {
    match target {
        Target::Name { .. } | Target::Attribute { .. } => true,
        Target::Subscript { index, .. } => !has_slice(index),
        Target::Tuple { .. } | Target::Starred { .. } => false,
    }
}

pub(crate) fn location(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Attribute { .. } => Some(expr),
        ExprKind::Subscript { index, .. } => (!has_slice(index)).then_some(expr),
        _ => None,
    }
}

fn has_slice(index: &Expr) -> bool {
    match &index.kind {
        ExprKind::Slice { .. } => true,
        ExprKind::Tuple(items) => items.iter().any(has_slice),
        _ => false,
    }
}

/// Whether an expression reads the location that a target names.
pub(crate) fn same(target: &Target, expr: &Expr) -> bool {
    match (target, &expr.kind) {
        (Target::Name { name, .. }, ExprKind::Name(other)) => name == other,
        (
            Target::Attribute { value, attr, .. },
            ExprKind::Attribute {
                value: other,
                attr: name,
                ..
            },
        ) => attr == name && alike(value, other),
        (
            Target::Subscript { value, index, .. },
            ExprKind::Subscript {
                value: other,
                index: at,
            },
        ) => alike(value, other) && alike(index, at),
        _ => false,
    }
}

/// Whether two expressions are spelt alike; only those that a location or a bound is made of.
pub(crate) fn alike(a: &Expr, b: &Expr) -> bool {
    let all =
        |a: &[Expr], b: &[Expr]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b));
    match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Int(a), ExprKind::Int(b)) => a.is_some() && a == b,
        (ExprKind::Float(a), ExprKind::Float(b)) => a == b,
        (ExprKind::Bool(a), ExprKind::Bool(b)) => a == b,
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (
            ExprKind::Unary { op, operand },
            ExprKind::Unary {
                op: other,
                operand: b,
            },
        ) => op == other && alike(operand, b),
        (
            ExprKind::Binary { op, left, right },
            ExprKind::Binary {
                op: other,
                left: l,
                right: r,
            },
        ) => op == other && alike(left, l) && alike(right, r),
        (
            ExprKind::Attribute { value, attr, .. },
            ExprKind::Attribute {
                value: b,
                attr: name,
                ..
            },
        ) => attr == name && alike(value, b),
        (
            ExprKind::Subscript { value, index },
            ExprKind::Subscript {
                value: b,
                index: at,
            },
        ) => alike(value, b) && alike(index, at),
        (ExprKind::Tuple(a), ExprKind::Tuple(b)) => all(a, b),
        (
            ExprKind::Call {
                func,
                args,
                keywords,
            },
            ExprKind::Call {
                func: f,
                args: b,
                keywords: k,
            },
        ) => keywords.is_empty() && k.is_empty() && alike(func, f) && all(args, b),
        _ => false,
    }
}

/// Whether an expression reads the location anywhere.
pub(crate) fn mentions(expr: &Expr, x: &Target) -> bool {
    same(x, expr) || children(expr).into_iter().any(|child| mentions(child, x))
}
