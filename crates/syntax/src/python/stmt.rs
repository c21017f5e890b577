//! Converts statements.

use super::bindings::captured;
use super::expr::binary_op;
use super::function::Lowering;
use super::scope::Uses;
use crate::hir::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_text_size::{Ranged, TextRange};

impl Lowering<'_> {
    pub fn block(&mut self, stmts: &[ast::Stmt]) -> Vec<Stmt> {
        stmts.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn loop_block(&mut self, stmts: &[ast::Stmt]) -> Vec<Stmt> {
        self.loops += 1;
        let block = self.block(stmts);
        self.loops -= 1;
        block
    }

    fn stmt(&mut self, stmt: &ast::Stmt) -> Stmt {
        let span = self.span(stmt.range());
        let kind = self.stmt_kind(stmt);
        self.new_stmt(span, kind)
    }

    fn stmt_kind(&mut self, stmt: &ast::Stmt) -> StmtKind {
        use ast::Stmt as S;
        match stmt {
            S::Assign(assign) => {
                let value = self.expr(&assign.value);
                let targets = assign
                    .targets
                    .iter()
                    .map(|target| self.target(target))
                    .collect();
                StmtKind::Assign { targets, value }
            }
            S::AugAssign(assign) => {
                let target = self.target(&assign.target);
                StmtKind::AugAssign {
                    target,
                    op: binary_op(assign.op),
                    value: self.expr(&assign.value),
                }
            }
            S::AnnAssign(assign) => {
                let used_in = std::mem::replace(&mut self.used_in, UsedIn::Signature);
                let annotation = self.expr(&assign.annotation);
                self.used_in = used_in;
                let value = assign.value.as_deref().map(|value| self.expr(value));
                StmtKind::AnnAssign {
                    target: self.target(&assign.target),
                    annotation,
                    value,
                }
            }
            S::Expr(expr) => match self.directive_statement(&expr.value) {
                Some(kind) => kind,
                None => StmtKind::Expr(self.expr(&expr.value)),
            },
            S::If(if_) => self.if_(&if_.test, &if_.body, &if_.elif_else_clauses),
            S::While(while_) => {
                let test = self.expr(&while_.test);
                let body = self.loop_block(&while_.body);
                StmtKind::While {
                    test,
                    body,
                    orelse: self.block(&while_.orelse),
                }
            }
            S::For(for_) => {
                let iter = self.expr(&for_.iter);
                let target = self.target(&for_.target);
                let body = self.loop_block(&for_.body);
                let orelse = self.block(&for_.orelse);
                StmtKind::For {
                    target,
                    iter,
                    body,
                    orelse,
                    is_async: for_.is_async,
                }
            }
            S::With(with) => match self.directive_block(with) {
                Some(kind) => kind,
                None => self.with(with),
            },
            S::Try(try_) => self.try_(try_),
            S::Match(match_) => self.match_(match_),
            S::Return(return_) => {
                StmtKind::Return(return_.value.as_deref().map(|value| self.expr(value)))
            }
            S::Break(break_) => self.in_loop(StmtKind::Break, "break", break_.range),
            S::Continue(continue_) => self.in_loop(StmtKind::Continue, "continue", continue_.range),
            // Declarations have done their work when the names were resolved.
            S::Pass(_) | S::Global(_) | S::Nonlocal(_) => StmtKind::Pass,
            S::Raise(raise) => StmtKind::Raise {
                exc: raise.exc.as_deref().map(|exc| self.expr(exc)),
                cause: raise.cause.as_deref().map(|cause| self.expr(cause)),
            },
            S::Assert(assert) => StmtKind::Assert {
                test: self.expr(&assert.test),
                message: assert.msg.as_deref().map(|message| self.expr(message)),
            },
            S::Delete(delete) => StmtKind::Delete(
                delete
                    .targets
                    .iter()
                    .map(|target| self.target(target))
                    .collect(),
            ),
            S::FunctionDef(def) => self.nested_function(def),
            S::ClassDef(def) => self.nested_class(def),
            S::Import(import) => {
                let names = import.names.iter().map(|alias| match &alias.asname {
                    Some(name) => (name.as_str(), name.range()),
                    None => (
                        alias.name.as_str().split('.').next().unwrap_or_default(),
                        alias.name.range(),
                    ),
                });
                StmtKind::Import {
                    binds: self.bound_names(names),
                }
            }
            S::ImportFrom(import) => {
                let aliases = import
                    .names
                    .iter()
                    .filter(|alias| alias.name.as_str() != "*");
                let names = aliases.map(|alias| alias.asname.as_ref().unwrap_or(&alias.name));
                let binds = self.bound_names(names.map(|name| (name.as_str(), name.range())));
                StmtKind::Import { binds }
            }
            S::TypeAlias(alias) => {
                let target = self.target(&alias.name);
                let scope = self.scope("type alias", Vec::new(), Uses::of_lazy(&alias.value));
                let span = self.span(alias.value.range());
                let value = self.new_expr(span, ExprKind::Scope(scope));
                other("type alias", vec![value], vec![target], Vec::new())
            }
            S::IpyEscapeCommand(_) => other("IPython command", Vec::new(), Vec::new(), Vec::new()),
        }
    }

    fn in_loop(&mut self, kind: StmtKind, word: &str, range: TextRange) -> StmtKind {
        if self.loops == 0 {
            let message = format!("invalid Python: `{word}` outside of a loop");
            self.diagnostics.push(Diagnostic::error(
                Code::PythonSyntax,
                self.span(range),
                message,
            ));
        }
        kind
    }

    fn if_(
        &mut self,
        test: &ast::Expr,
        body: &[ast::Stmt],
        rest: &[ast::ElifElseClause],
    ) -> StmtKind {
        let test = self.expr(test);
        let body = self.block(body);
        let orelse = match rest.split_first() {
            None => Vec::new(),
            Some((clause, rest)) => match &clause.test {
                None => self.block(&clause.body),
                Some(test) => {
                    let end = rest.last().unwrap_or(clause).range.end();
                    let kind = self.if_(test, &clause.body, rest);
                    let span = self.span(TextRange::new(clause.range.start(), end));
                    vec![self.new_stmt(span, kind)]
                }
            },
        };
        StmtKind::If { test, body, orelse }
    }

    pub fn with(&mut self, with: &ast::StmtWith) -> StmtKind {
        let mut exprs = Vec::new();
        let mut targets = Vec::new();
        for item in &with.items {
            exprs.push(self.expr(&item.context_expr));
            targets.extend(
                item.optional_vars
                    .as_deref()
                    .map(|target| self.target(target)),
            );
        }
        let what = if with.is_async { "async with" } else { "with" };
        other(what, exprs, targets, vec![self.block(&with.body)])
    }

    fn try_(&mut self, try_: &ast::StmtTry) -> StmtKind {
        let mut bodies = vec![self.block(&try_.body)];
        let mut exprs = Vec::new();
        let mut targets = Vec::new();
        for handler in &try_.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            exprs.extend(handler.type_.as_deref().map(|types| self.expr(types)));
            targets.extend(handler.name.as_ref().map(|name| self.name_target(name)));
            bodies.push(self.block(&handler.body));
        }
        bodies.push(self.block(&try_.orelse));
        bodies.push(self.block(&try_.finalbody));
        bodies.retain(|body| !body.is_empty());
        other("try", exprs, targets, bodies)
    }

    fn match_(&mut self, match_: &ast::StmtMatch) -> StmtKind {
        let mut exprs = vec![self.expr(&match_.subject)];
        let mut targets = Vec::new();
        let mut bodies = Vec::new();
        for case in &match_.cases {
            let mut parts = PatternParts::default();
            parts.visit_pattern(&case.pattern);
            exprs.extend(parts.values.into_iter().map(|value| self.expr(value)));
            targets.extend(
                parts
                    .captures
                    .into_iter()
                    .map(|name| self.name_target(name)),
            );
            exprs.extend(case.guard.as_deref().map(|guard| self.expr(guard)));
            bodies.push(self.block(&case.body));
        }
        other("match", exprs, targets, bodies)
    }

    fn name_target(&mut self, name: &ast::Identifier) -> Target {
        let span = self.span(name.range());
        Target::Name {
            name: self.name(name.as_str(), span),
            span,
        }
    }

    fn bound_names<'e>(
        &mut self,
        names: impl Iterator<Item = (&'e str, TextRange)>,
    ) -> Vec<(NameRef, Span)> {
        names
            .map(|(name, range)| {
                let span = self.span(range);
                (self.name(name, span), span)
            })
            .collect()
    }

    fn nested_function(&mut self, def: &ast::StmtFunctionDef) -> StmtKind {
        let mut outer: Vec<Expr> = def
            .decorator_list
            .iter()
            .map(|decorator| self.expr(&decorator.expression))
            .collect();
        for parameter in def.parameters.iter_non_variadic_params() {
            outer.extend(parameter.default().map(|default| self.expr(default)));
        }
        let annotations = def
            .parameters
            .iter()
            .filter_map(|parameter| parameter.annotation());
        outer.extend(
            annotations
                .chain(def.returns.as_deref())
                .map(|annotation| self.expr(annotation)),
        );
        let span = self.span(def.name.range());
        let target = self.name(def.name.as_str(), span);
        let what = if def.is_async {
            "async function"
        } else {
            "function"
        };
        StmtKind::Definition {
            target,
            scope: self.scope(what, outer, Uses::of_function(def)),
        }
    }

    fn nested_class(&mut self, def: &ast::StmtClassDef) -> StmtKind {
        let mut outer: Vec<Expr> = def
            .decorator_list
            .iter()
            .map(|decorator| self.expr(&decorator.expression))
            .collect();
        if let Some(arguments) = &def.arguments {
            outer.extend(arguments.args.iter().map(|arg| self.expr(arg)));
            outer.extend(
                arguments
                    .keywords
                    .iter()
                    .map(|keyword| self.expr(&keyword.value)),
            );
        }
        let span = self.span(def.name.range());
        let target = self.name(def.name.as_str(), span);
        StmtKind::Definition {
            target,
            scope: self.scope("class", outer, Uses::of_class(def)),
        }
    }
}

pub(super) fn other(
    what: &'static str,
    exprs: Vec<Expr>,
    targets: Vec<Target>,
    bodies: Vec<Vec<Stmt>>,
) -> StmtKind {
    StmtKind::Other {
        what,
        exprs,
        targets,
        bodies,
    }
}

/// What a pattern evaluates and what it captures.
#[derive(Default)]
struct PatternParts<'a> {
    values: Vec<&'a ast::Expr>,
    captures: Vec<&'a ast::Identifier>,
}

impl<'a> Visitor<'a> for PatternParts<'a> {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        self.values.push(expr);
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        self.captures.extend(captured(pattern));
        visitor::walk_pattern(self, pattern);
    }
}
