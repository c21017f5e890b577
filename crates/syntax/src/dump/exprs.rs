//! Expressions and targets of the HIR as text.

use crate::hir::*;
use omply_diagnostics::Span;

pub(super) fn name(f: &Function, name: NameRef) -> String {
    match name {
        NameRef::Var(var) => f.vars[var.index()].name.clone(),
        NameRef::Global(global) => {
            let global = &f.globals[global.index()];
            let mark = if global.kind == GlobalKind::Free {
                '^'
            } else {
                '@'
            };
            format!("{mark}{}", global.name)
        }
    }
}

pub(super) fn names(f: &Function, list: &[(NameRef, Span)]) -> String {
    list.iter()
        .map(|&(one, _)| name(f, one))
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn exprs(f: &Function, list: &[Expr]) -> String {
    list.iter()
        .map(|one| expr(f, one))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn scope(f: &Function, scope: &Scope) -> String {
    let mut text = format!("<{}", scope.what);
    for (word, part) in [
        ("evaluates", exprs(f, &scope.outer)),
        ("reads", names(f, &scope.reads)),
        ("binds", names(f, &scope.binds)),
    ] {
        if !part.is_empty() {
            text.push_str(&format!(" {word} ({part})"));
        }
    }
    text + ">"
}

/// An expression with every operation in parentheses.
pub fn expr(f: &Function, value: &Expr) -> String {
    match &value.kind {
        ExprKind::Name(one) => name(f, *one),
        ExprKind::Int(Some(value)) => value.to_string(),
        ExprKind::Int(None) => "<big integer>".to_owned(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Imaginary(value) => format!("{value:?}j"),
        ExprKind::Bool(true) => "True".to_owned(),
        ExprKind::Bool(false) => "False".to_owned(),
        ExprKind::None => "None".to_owned(),
        ExprKind::Str(value) => format!("{value:?}"),
        ExprKind::Ellipsis => "...".to_owned(),
        ExprKind::Unary { op, operand } => {
            let op = match op {
                UnaryOp::Plus => "+",
                UnaryOp::Minus => "-",
                UnaryOp::Invert => "~",
                UnaryOp::Not => "not ",
            };
            format!("({op}{})", expr(f, operand))
        }
        ExprKind::Binary { op, left, right } => {
            format!("({} {} {})", expr(f, left), binary(*op), expr(f, right))
        }
        ExprKind::Logical { and, values } => {
            let op = if *and { " and " } else { " or " };
            format!(
                "({})",
                values
                    .iter()
                    .map(|one| expr(f, one))
                    .collect::<Vec<_>>()
                    .join(op)
            )
        }
        ExprKind::Compare { left, rest } => {
            let mut text = format!("({}", expr(f, left));
            for (op, right) in rest {
                text.push_str(&format!(" {} {}", compare(*op), expr(f, right)));
            }
            text + ")"
        }
        ExprKind::IfElse { test, body, orelse } => {
            format!(
                "({} if {} else {})",
                expr(f, body),
                expr(f, test),
                expr(f, orelse)
            )
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            let keywords = keywords.iter().map(|keyword| match &keyword.name {
                Some(name) => format!("{name}={}", expr(f, &keyword.value)),
                None => format!("**{}", expr(f, &keyword.value)),
            });
            let all: Vec<String> = args
                .iter()
                .map(|one| expr(f, one))
                .chain(keywords)
                .collect();
            format!("{}({})", expr(f, func), all.join(", "))
        }
        ExprKind::Attribute { value, attr, .. } => format!("{}.{attr}", expr(f, value)),
        ExprKind::Subscript { value, index } => format!("{}[{}]", expr(f, value), expr(f, index)),
        ExprKind::Slice { lower, upper, step } => {
            let part =
                |part: &Option<Box<Expr>>| part.as_ref().map_or(String::new(), |one| expr(f, one));
            let step = step
                .as_ref()
                .map_or(String::new(), |step| format!(":{}", expr(f, step)));
            format!("{}:{}{step}", part(lower), part(upper))
        }
        ExprKind::Tuple(items) => format!("({})", exprs(f, items)),
        ExprKind::List(items) => format!("[{}]", exprs(f, items)),
        ExprKind::Starred(value) => format!("*{}", expr(f, value)),
        ExprKind::Named { target, value, .. } => {
            format!("({} := {})", name(f, *target), expr(f, value))
        }
        ExprKind::Scope(inner) => scope(f, inner),
        ExprKind::Other { what, children } => format!("<{what} ({})>", exprs(f, children)),
    }
}

pub(super) fn target(f: &Function, value: &Target) -> String {
    match value {
        Target::Name { name: one, .. } => name(f, *one),
        Target::Attribute { value, attr, .. } => format!("{}.{attr}", expr(f, value)),
        Target::Subscript { value, index, .. } => format!("{}[{}]", expr(f, value), expr(f, index)),
        Target::Tuple { items, .. } => {
            format!(
                "({})",
                items
                    .iter()
                    .map(|item| target(f, item))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        Target::Starred { target: inner, .. } => format!("*{}", target(f, inner)),
    }
}

pub(super) fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::LShift => "<<",
        BinaryOp::RShift => ">>",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::MatMul => "@",
    }
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtE => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtE => ">=",
        CompareOp::Is => "is",
        CompareOp::IsNot => "is not",
        CompareOp::In => "in",
        CompareOp::NotIn => "not in",
    }
}
