//! Converts expressions.

use super::directive::looks_like_directive;
use super::function::Lowering;
use super::scope::Uses;
use crate::hir::*;
use omply_diagnostics::{Code, Diagnostic};
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

impl Lowering<'_> {
    pub fn expr(&mut self, expr: &ast::Expr) -> Expr {
        let span = self.span(expr.range());
        let kind = self.expr_kind(expr);
        self.new_expr(span, kind)
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn optional(&mut self, expr: Option<&ast::Expr>) -> Option<Box<Expr>> {
        expr.map(|expr| self.boxed(expr))
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e ast::Expr>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn other<'e>(
        &mut self,
        what: &'static str,
        children: impl IntoIterator<Item = &'e ast::Expr>,
    ) -> ExprKind {
        ExprKind::Other {
            what,
            children: self.exprs(children),
        }
    }

    fn expr_kind(&mut self, expr: &ast::Expr) -> ExprKind {
        use ast::Expr as E;
        match expr {
            E::Name(name) => {
                let span = self.span(name.range);
                ExprKind::Name(self.name(name.id.as_str(), span))
            }
            E::NumberLiteral(literal) => match &literal.value {
                ast::Number::Int(value) => ExprKind::Int(value.as_i64()),
                ast::Number::Float(value) => ExprKind::Float(*value),
                ast::Number::Complex { imag, .. } => ExprKind::Imaginary(*imag),
            },
            E::BooleanLiteral(literal) => ExprKind::Bool(literal.value),
            E::NoneLiteral(_) => ExprKind::None,
            E::EllipsisLiteral(_) => ExprKind::Ellipsis,
            E::StringLiteral(literal) => ExprKind::Str(literal.value.to_str().to_owned()),
            E::UnaryOp(unary) => {
                let op = match unary.op {
                    ast::UnaryOp::UAdd => UnaryOp::Plus,
                    ast::UnaryOp::USub => UnaryOp::Minus,
                    ast::UnaryOp::Invert => UnaryOp::Invert,
                    ast::UnaryOp::Not => UnaryOp::Not,
                };
                ExprKind::Unary {
                    op,
                    operand: self.boxed(&unary.operand),
                }
            }
            E::BinOp(binary) => {
                let left = self.boxed(&binary.left);
                let right = self.boxed(&binary.right);
                ExprKind::Binary {
                    op: binary_op(binary.op),
                    left,
                    right,
                }
            }
            E::BoolOp(logical) => ExprKind::Logical {
                and: logical.op == ast::BoolOp::And,
                values: self.exprs(&logical.values),
            },
            E::Compare(compare) => {
                let left = self.boxed(&compare.left);
                let operands = compare.ops.iter().zip(&compare.comparators);
                let rest = operands
                    .map(|(&op, operand)| (compare_op(op), self.expr(operand)))
                    .collect();
                ExprKind::Compare { left, rest }
            }
            E::If(if_) => {
                // The test comes first, as it does when it runs.
                let test = self.boxed(&if_.test);
                let body = self.boxed(&if_.body);
                let orelse = self.boxed(&if_.orelse);
                ExprKind::IfElse { test, body, orelse }
            }
            E::Call(call) => self.call(call),
            E::Attribute(attribute) => ExprKind::Attribute {
                value: self.boxed(&attribute.value),
                attr: attribute.attr.to_string(),
                attr_span: self.span(attribute.attr.range()),
            },
            E::Subscript(subscript) => {
                let value = self.boxed(&subscript.value);
                let index = self.boxed(&subscript.slice);
                ExprKind::Subscript { value, index }
            }
            E::Slice(slice) => {
                let lower = self.optional(slice.lower.as_deref());
                let upper = self.optional(slice.upper.as_deref());
                let step = self.optional(slice.step.as_deref());
                ExprKind::Slice { lower, upper, step }
            }
            E::Tuple(tuple) => ExprKind::Tuple(self.exprs(&tuple.elts)),
            E::List(list) => ExprKind::List(self.exprs(&list.elts)),
            E::Starred(starred) => ExprKind::Starred(self.boxed(&starred.value)),
            E::Named(named) => {
                let value = self.boxed(&named.value);
                match &*named.target {
                    ast::Expr::Name(name) => {
                        let target_span = self.span(name.range);
                        let target = self.name(name.id.as_str(), target_span);
                        ExprKind::Named {
                            target,
                            target_span,
                            value,
                        }
                    }
                    target => ExprKind::Other {
                        what: "assignment expression",
                        children: vec![self.expr(target)],
                    },
                }
            }
            E::Lambda(lambda) => {
                let parameters = lambda
                    .parameters
                    .iter()
                    .flat_map(|list| list.iter_non_variadic_params());
                let outer = self.exprs(parameters.filter_map(|parameter| parameter.default()));
                ExprKind::Scope(self.scope("lambda", outer, Uses::of_lambda(lambda)))
            }
            E::ListComp(comp) => {
                self.comprehension("list comprehension", &comp.generators, &[&comp.elt])
            }
            E::SetComp(comp) => {
                self.comprehension("set comprehension", &comp.generators, &[&comp.elt])
            }
            E::Generator(comp) => {
                self.comprehension("generator expression", &comp.generators, &[&comp.elt])
            }
            E::DictComp(comp) => match &comp.key {
                Some(key) => {
                    self.comprehension("dict comprehension", &comp.generators, &[key, &comp.value])
                }
                None => self.comprehension("dict comprehension", &comp.generators, &[&comp.value]),
            },
            E::Dict(dict) => {
                let parts = dict
                    .items
                    .iter()
                    .flat_map(|item| item.key.iter().chain([&item.value]));
                self.other("dict", parts)
            }
            E::Set(set) => self.other("set", &set.elts),
            E::FString(string) => {
                let children = self.interpolations(string.value.elements());
                ExprKind::Other {
                    what: "f-string",
                    children,
                }
            }
            E::TString(string) => {
                let children = self.interpolations(string.value.elements());
                ExprKind::Other {
                    what: "t-string",
                    children,
                }
            }
            E::BytesLiteral(_) => self.other("bytes", []),
            E::Await(await_) => self.other("await", [&*await_.value]),
            E::Yield(yield_) => self.other("yield", yield_.value.as_deref()),
            E::YieldFrom(yield_) => self.other("yield from", [&*yield_.value]),
            E::IpyEscapeCommand(_) => self.other("IPython command", []),
        }
    }

    fn call(&mut self, call: &ast::ExprCall) -> ExprKind {
        if self.is_omp(&call.func) && looks_like_directive(call) {
            let span = self.span(call.range());
            self.diagnostics.push(
                Diagnostic::error(
                    Code::DirectivePlacement,
                    span,
                    "a directive cannot stand inside an expression",
                )
                .label("its value is used here")
                .help("write `with omp(\"...\"):` before a block, or the call as a statement of its own"),
            );
        }
        let func = self.boxed(&call.func);
        let args = self.exprs(&call.arguments.args);
        let keywords = call
            .arguments
            .keywords
            .iter()
            .map(|keyword| self.keyword(keyword))
            .collect();
        ExprKind::Call {
            func,
            args,
            keywords,
        }
    }

    fn keyword(&mut self, keyword: &ast::Keyword) -> Keyword {
        Keyword {
            name: keyword.arg.as_ref().map(|name| name.to_string()),
            value: self.expr(&keyword.value),
        }
    }

    /// The expressions inside an f-string, format specifications included.
    fn interpolations<'e>(
        &mut self,
        elements: impl Iterator<Item = &'e ast::InterpolatedStringElement>,
    ) -> Vec<Expr> {
        let mut exprs = Vec::new();
        for element in elements {
            if let ast::InterpolatedStringElement::Interpolation(element) = element {
                exprs.push(self.expr(&element.expression));
                if let Some(format) = &element.format_spec {
                    exprs.extend(self.interpolations(format.elements.iter()));
                }
            }
        }
        exprs
    }

    fn comprehension(
        &mut self,
        what: &'static str,
        generators: &[ast::Comprehension],
        elements: &[&ast::Expr],
    ) -> ExprKind {
        let outer = self.exprs(generators.first().map(|generator| &generator.iter));
        ExprKind::Scope(self.scope(what, outer, Uses::of_comprehension(generators, elements)))
    }

    pub fn scope(&mut self, what: &'static str, outer: Vec<Expr>, uses: Uses) -> Scope {
        let mut reads = Vec::with_capacity(uses.reads.len());
        for (name, range, resolved) in uses.reads {
            let span = self.span(range);
            reads.push((self.inner_name(name, span, resolved), span));
        }
        let mut binds = Vec::with_capacity(uses.binds.len());
        for (name, range) in uses.binds {
            let span = self.span(range);
            binds.push((
                self.inner_name(name, span, super::scope::Resolved::Outside),
                span,
            ));
        }
        Scope {
            what,
            outer,
            reads,
            binds,
        }
    }

    pub fn target(&mut self, target: &ast::Expr) -> Target {
        let span = self.span(target.range());
        match target {
            ast::Expr::Name(name) => Target::Name {
                name: self.name(name.id.as_str(), span),
                span,
            },
            ast::Expr::Attribute(attribute) => Target::Attribute {
                value: self.expr(&attribute.value),
                attr: attribute.attr.to_string(),
                span,
            },
            ast::Expr::Subscript(subscript) => {
                let value = self.expr(&subscript.value);
                let index = self.expr(&subscript.slice);
                Target::Subscript { value, index, span }
            }
            ast::Expr::Starred(starred) => Target::Starred {
                target: Box::new(self.target(&starred.value)),
                span,
            },
            ast::Expr::Tuple(tuple) => self.targets(&tuple.elts, tuple.range),
            ast::Expr::List(list) => self.targets(&list.elts, list.range),
            // The parser has refused everything else.
            _ => Target::Tuple {
                items: Vec::new(),
                span,
            },
        }
    }

    fn targets(&mut self, items: &[ast::Expr], range: TextRange) -> Target {
        let items = items.iter().map(|item| self.target(item)).collect();
        Target::Tuple {
            items,
            span: self.span(range),
        }
    }
}

pub(super) fn binary_op(op: ast::Operator) -> BinaryOp {
    match op {
        ast::Operator::Add => BinaryOp::Add,
        ast::Operator::Sub => BinaryOp::Sub,
        ast::Operator::Mult => BinaryOp::Mul,
        ast::Operator::MatMult => BinaryOp::MatMul,
        ast::Operator::Div => BinaryOp::Div,
        ast::Operator::Mod => BinaryOp::Mod,
        ast::Operator::Pow => BinaryOp::Pow,
        ast::Operator::LShift => BinaryOp::LShift,
        ast::Operator::RShift => BinaryOp::RShift,
        ast::Operator::BitOr => BinaryOp::BitOr,
        ast::Operator::BitXor => BinaryOp::BitXor,
        ast::Operator::BitAnd => BinaryOp::BitAnd,
        ast::Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn compare_op(op: ast::CmpOp) -> CompareOp {
    match op {
        ast::CmpOp::Eq => CompareOp::Eq,
        ast::CmpOp::NotEq => CompareOp::NotEq,
        ast::CmpOp::Lt => CompareOp::Lt,
        ast::CmpOp::LtE => CompareOp::LtE,
        ast::CmpOp::Gt => CompareOp::Gt,
        ast::CmpOp::GtE => CompareOp::GtE,
        ast::CmpOp::Is => CompareOp::Is,
        ast::CmpOp::IsNot => CompareOp::IsNot,
        ast::CmpOp::In => CompareOp::In,
        ast::CmpOp::NotIn => CompareOp::NotIn,
    }
}
