//! `metadirective`: the directive that agrees best with the context takes its place. Where conditions decide that only the running
//! program knows, the place becomes an `if` whose branches hold the alternatives, each with a copy of the block.

use super::directive::Place;
use super::function::Lowering;
use crate::hir::*;
use omply_diagnostics::{Code, Diagnostic};
use omply_directive::context::{Agreement, Context, is_less_specific};
use omply_directive::{ClauseArgs, ContextSelector, Directive, ExprText, Leaf, LeafArgument};
use omply_spec::LeafKind;
use ruff_python_ast as ast;
use ruff_python_parser::{Mode, ParseOptions};

/// The context of a function's body: what the file requires, and what is said of the function as a whole.
pub(super) fn context(declarations: &[Directive], decorators: &[Directive]) -> Context {
    let mut context = Context::default();
    let requires = declarations
        .iter()
        .filter_map(|directive| directive.leaf(LeafKind::Requires));
    for clause in requires.flat_map(|leaf| &leaf.clauses) {
        context.requirements.add(clause.kind, &clause.args);
    }
    for (declaration, construct) in [
        (LeafKind::DeclareTarget, LeafKind::Target),
        (LeafKind::DeclareSimd, LeafKind::Simd),
    ] {
        if decorators
            .iter()
            .any(|directive| directive.has(declaration))
        {
            context.enter([construct]);
        }
    }
    context
}

/// A directive that may be chosen.
struct Candidate<'d> {
    selector: Option<&'d ContextSelector>,
    score: i64,
    conditions: Vec<ExprText>,
    directive: Option<&'d Directive>,
}

impl Lowering<'_> {
    /// What a metadirective stands for.
    pub(super) fn choice(&mut self, meta: &Directive, place: &Place<'_>) -> StmtKind {
        let leaf = &meta.leaves[0];
        if leaf.kind != LeafKind::Metadirective && !self.has_block(leaf, place) {
            return StmtKind::Pass;
        }
        let candidates = self.candidates(leaf);
        self.alternatives(&candidates, meta, place)
    }

    /// `begin metadirective` and its end are a block in Python.
    fn has_block(&mut self, leaf: &Leaf, place: &Place<'_>) -> bool {
        let begins = leaf.kind == LeafKind::BeginMetadirective;
        if begins && place.form == DirectiveForm::Block {
            return true;
        }
        let range = place.head_span.start as usize..place.head_span.end as usize;
        let call = &self.source[range];
        let message = format!("`{}` is written as a block in Python", leaf.kind);
        let error = Diagnostic::error(Code::MissingBlock, place.head_span, message);
        self.diagnostics.push(if begins {
            error
                .label("no block follows")
                .fix(place.head_span, format!("with {call}:"))
        } else {
            error
                .label("the block ends where its lines do")
                .help("remove this statement")
        });
        false
    }

    /// The directives whose selectors may agree, in the order in which they are to be tried; the last one needs no condition.
    fn candidates<'d>(&self, leaf: &'d Leaf) -> Vec<Candidate<'d>> {
        let mut found = Vec::new();
        let mut otherwise = None;
        for clause in &leaf.clauses {
            match &clause.args {
                ClauseArgs::When {
                    selector,
                    directive,
                } => {
                    if let Agreement::Yes { score, conditions } =
                        self.context.agreement(selector, &constant)
                    {
                        found.push(Candidate {
                            selector: Some(selector),
                            score,
                            conditions: conditions.into_iter().cloned().collect(),
                            directive: directive.as_deref(),
                        });
                    }
                }
                ClauseArgs::Otherwise(directive) => otherwise = directive.as_deref(),
                _ => {}
            }
        }
        let less: Vec<bool> = found
            .iter()
            .map(|one| {
                let others = found.iter().filter_map(|other| other.selector);
                let of = |other| one.selector.is_some_and(|one| is_less_specific(one, other));
                others.into_iter().any(of)
            })
            .collect();
        for (one, less) in found.iter_mut().zip(less) {
            if less {
                one.score = 0;
            }
        }
        // Stable: of equal scores the first that is written wins.
        found.sort_by_key(|one| std::cmp::Reverse(one.score));
        if let Some(sure) = found.iter().position(|one| one.conditions.is_empty()) {
            found.truncate(sure + 1);
        } else {
            found.push(Candidate {
                selector: None,
                score: 0,
                conditions: Vec::new(),
                directive: otherwise,
            });
        }
        found
    }

    fn alternatives(
        &mut self,
        candidates: &[Candidate<'_>],
        meta: &Directive,
        place: &Place<'_>,
    ) -> StmtKind {
        let Some((first, rest)) = candidates.split_first() else {
            return StmtKind::Pass;
        };
        let directive = match first.directive {
            Some(directive) => directive.clone(),
            None => nothing(meta),
        };
        let used_in = std::mem::replace(&mut self.used_in, UsedIn::Clause);
        let tests: Vec<Expr> = first
            .conditions
            .iter()
            .filter_map(|text| self.clause_expr(text))
            .collect();
        self.used_in = used_in;
        let when = first.conditions.clone();
        let kind = self.attach(directive, place, when);
        let test = match tests.len() {
            0 => return kind,
            1 => tests.into_iter().next(),
            _ => {
                let kind = ExprKind::Logical {
                    and: true,
                    values: tests,
                };
                Some(self.new_expr(place.head_span, kind))
            }
        };
        let Some(test) = test else { return kind };
        let body = vec![self.new_stmt(place.span, kind)];
        let orelse = self.alternatives(rest, meta, place);
        let orelse = vec![self.new_stmt(place.span, orelse)];
        StmtKind::If { test, body, orelse }
    }
}

/// `nothing`, in place of a metadirective that chooses no directive.
fn nothing(meta: &Directive) -> Directive {
    Directive {
        name: LeafKind::Nothing.name().to_owned(),
        name_span: meta.name_span,
        span: meta.span,
        leaves: vec![Leaf {
            kind: LeafKind::Nothing,
            name_span: meta.name_span,
            argument: LeafArgument::None,
            clauses: Vec::new(),
        }],
    }
}

/// The truth of an expression made of literals alone.
pub(super) fn constant(text: &ExprText) -> Option<bool> {
    let options = ParseOptions::from(Mode::ParenthesizedExpression);
    let parsed = ruff_python_parser::parse_unchecked(&text.text, options);
    if !parsed.errors().is_empty() {
        return None;
    }
    match parsed.into_syntax() {
        ast::Mod::Expression(tree) => value(&tree.body).map(|value| value != 0),
        _ => None,
    }
}

fn value(expr: &ast::Expr) -> Option<i64> {
    match expr {
        ast::Expr::BooleanLiteral(literal) => Some(literal.value.into()),
        ast::Expr::NumberLiteral(literal) => match &literal.value {
            ast::Number::Int(number) => number.as_i64(),
            _ => None,
        },
        ast::Expr::UnaryOp(unary) => {
            let operand = value(&unary.operand)?;
            match unary.op {
                ast::UnaryOp::Not => Some((operand == 0).into()),
                ast::UnaryOp::USub => operand.checked_neg(),
                ast::UnaryOp::UAdd => Some(operand),
                ast::UnaryOp::Invert => Some(!operand),
            }
        }
        ast::Expr::BoolOp(logical) => {
            let values: Option<Vec<i64>> = logical.values.iter().map(value).collect();
            let values = values?;
            let is = |value: &i64| *value != 0;
            Some(match logical.op {
                ast::BoolOp::And => values.iter().all(is).into(),
                ast::BoolOp::Or => values.iter().any(is).into(),
            })
        }
        ast::Expr::Compare(compare) => {
            let ([op], [right]) = (&compare.ops[..], &compare.comparators[..]) else {
                return None;
            };
            let (left, right) = (value(&compare.left)?, value(right)?);
            Some(match op {
                ast::CmpOp::Eq => (left == right).into(),
                ast::CmpOp::NotEq => (left != right).into(),
                ast::CmpOp::Lt => (left < right).into(),
                ast::CmpOp::LtE => (left <= right).into(),
                ast::CmpOp::Gt => (left > right).into(),
                ast::CmpOp::GtE => (left >= right).into(),
                _ => return None,
            })
        }
        _ => None,
    }
}
