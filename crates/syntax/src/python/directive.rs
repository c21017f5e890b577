//! Recognises directives, which are calls of the `omp` object with a literal text, and attaches them to what they govern.

use super::function::Lowering;
use super::literal::text_and_map;
use super::stmt::other;
use crate::hir::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{Directive, ExprText, LeafArgument};
use omply_spec::{Category, LeafKind};
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

/// Where a directive stands, and the block that it governs.
pub(super) struct Place<'a> {
    /// The whole statement.
    pub span: Span,
    pub form: DirectiveForm,
    pub text_span: Span,
    pub head_span: Span,
    pub body: &'a [ast::Stmt],
}

/// The leaves that are traits of what stands inside.
fn traits(directive: &Directive) -> impl Iterator<Item = LeafKind> {
    let leaves = directive.leaves.iter().map(|leaf| leaf.kind);
    leaves.filter(|kind| kind.row().category == Category::Executable)
}

/// Whether a call's first argument is a text, so that it was meant as a directive.
pub(super) fn looks_like_directive(call: &ast::ExprCall) -> bool {
    matches!(
        call.arguments.args.first(),
        Some(ast::Expr::StringLiteral(_) | ast::Expr::FString(_))
    )
}

/// The parts of a dotted path, outermost name first.
fn path(expr: &ast::Expr) -> Option<Vec<&str>> {
    match expr {
        ast::Expr::Name(name) => Some(vec![name.id.as_str()]),
        ast::Expr::Attribute(attribute) => {
            let mut path = path(&attribute.value)?;
            path.push(attribute.attr.as_str());
            Some(path)
        }
        _ => None,
    }
}

impl Lowering<'_> {
    /// Whether an expression of the function's body is the `omp` object.
    pub fn is_omp(&self, expr: &ast::Expr) -> bool {
        let Some(path) = path(expr) else {
            return false;
        };
        if self.bindings.get(path[0]).is_some() {
            return path.len() == 1 && self.bindings.is_omp_import(path[0]);
        }
        self.is_omp_path(&path)
    }

    /// Whether an expression outside of the function's body is the `omp` object.
    fn is_omp_outside(&self, expr: &ast::Expr) -> bool {
        path(expr).is_some_and(|path| self.is_omp_path(&path))
    }

    fn is_omp_path(&self, path: &[&str]) -> bool {
        self.request
            .omp
            .iter()
            .any(|known| known.split('.').eq(path.iter().copied()))
    }

    fn omp_call<'e>(&self, expr: &'e ast::Expr) -> Option<&'e ast::ExprCall> {
        match expr {
            ast::Expr::Call(call) if self.is_omp(&call.func) => Some(call),
            _ => None,
        }
    }

    /// `omp("...")` as a statement.
    pub fn directive_statement(&mut self, expr: &ast::Expr) -> Option<StmtKind> {
        let call = self.omp_call(expr)?;
        let range = call.range();
        let kind = self.directive(call, DirectiveForm::Statement, range, range, &[]);
        Some(kind.unwrap_or(StmtKind::Pass))
    }

    /// `with omp("..."):`
    pub fn directive_block(&mut self, with: &ast::StmtWith) -> Option<StmtKind> {
        let first = with
            .items
            .iter()
            .find_map(|item| self.omp_call(&item.context_expr))?;
        let broken = self.refuse_with(with);
        let head = TextRange::new(with.range.start(), first.range().end());
        let kind = if broken {
            None
        } else {
            self.directive(first, DirectiveForm::Block, with.range(), head, &with.body)
        };
        Some(
            kind.unwrap_or_else(|| {
                other("with", Vec::new(), Vec::new(), vec![self.block(&with.body)])
            }),
        )
    }

    /// Reports forms of `with` that a directive does not take.
    fn refuse_with(&mut self, with: &ast::StmtWith) -> bool {
        if let [_, second, ..] = &with.items[..] {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::DirectivePlacement,
                    self.span(second.range),
                    "a directive shares its `with` statement with another item",
                )
                .label("a block has one directive")
                .help("nest the blocks: put the second `with` inside the first"),
            );
            return true;
        }
        if with.is_async {
            let end = with
                .items
                .first()
                .map_or(with.range.end(), |item| item.range.end());
            self.diagnostics.push(
                Diagnostic::error(
                    Code::DirectivePlacement,
                    self.span(TextRange::new(with.range.start(), end)),
                    "a directive stands in `async with`",
                )
                .help("write `with`"),
            );
            return true;
        }
        if let Some((item, target)) = with
            .items
            .first()
            .and_then(|item| Some((item, item.optional_vars.as_deref()?)))
        {
            let extra = TextRange::new(item.context_expr.end(), target.end());
            self.diagnostics.push(
                Diagnostic::error(
                    Code::DirectivePlacement,
                    self.span(target.range()),
                    "a directive has no value to bind",
                )
                .label("`as` is not allowed here")
                .fix(self.span(extra), ""),
            );
            return true;
        }
        false
    }

    fn directive(
        &mut self,
        call: &ast::ExprCall,
        form: DirectiveForm,
        range: TextRange,
        head: TextRange,
        body: &[ast::Stmt],
    ) -> Option<StmtKind> {
        let (directive, text_span) = self.read_directive(call)?;
        let place = Place {
            span: self.span(range),
            form,
            text_span,
            head_span: self.span(head),
            body,
        };
        Some(self.attach(directive, &place, Vec::new()))
    }

    /// A directive with what it governs. `when` tells under which conditions it stands there.
    pub(super) fn attach(
        &mut self,
        directive: Directive,
        place: &Place<'_>,
        when: Vec<ExprText>,
    ) -> StmtKind {
        if directive.leaves[0].kind.row().category == Category::Meta {
            return self.choice(&directive, place);
        }
        let id = DirId(self.directives);
        self.directives += 1;
        let resolved = self.clause_exprs(&directive);
        let outside = self.context.constructs.clone();
        self.context.enter(traits(&directive));
        let body = self.block(place.body);
        self.context.constructs = outside;
        StmtKind::Directive(Box::new(DirectiveStmt {
            id,
            directive,
            form: place.form,
            text_span: place.text_span,
            head_span: place.head_span,
            line: self.line(place.head_span),
            body,
            exprs: resolved.exprs,
            iterators: resolved.iterators,
            binds: resolved.binds,
            when,
        }))
    }

    /// The line, from 1, in which a range begins.
    fn line(&self, span: Span) -> u32 {
        let before = &self.source.as_bytes()[..span.start as usize];
        before.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1
    }

    fn read_directive(&mut self, call: &ast::ExprCall) -> Option<(Directive, Span)> {
        let literal = match literal(call) {
            Ok(literal) => literal,
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                return None;
            }
        };
        let (text, map) = text_and_map(self.source, literal);
        let (directive, diagnostics) = omply_directive::parse(&text, &map);
        self.diagnostics.extend(diagnostics);
        Some((directive?, super::span(literal.range)))
    }
}

/// The text of a directive, which must be known before the program runs.
fn literal(call: &ast::ExprCall) -> Result<&ast::ExprStringLiteral, Box<Diagnostic>> {
    let error =
        |range, message: &str| Diagnostic::error(Code::DirectiveText, super::span(range), message);
    match (&call.arguments.args[..], call.arguments.keywords.first()) {
        ([ast::Expr::StringLiteral(literal)], None) => Ok(literal),
        ([], None) => Err(Box::new(
            error(call.range(), "a directive's text is missing").label("write `omp(\"...\")`"),
        )),
        ([argument @ ast::Expr::FString(_), ..], _) => Err(Box::new(
            error(
                argument.range(),
                "a directive's text must be a string literal",
            )
            .label("an f-string has its value only when the program runs")
            .help("clauses take Python expressions: `num_threads(n)` reads `n` when it runs"),
        )),
        ([ast::Expr::StringLiteral(_), extra, ..], _) => Err(Box::new(
            error(extra.range(), "a directive takes one string literal")
                .label("one argument too many"),
        )),
        ([argument, ..], _) => Err(Box::new(
            error(
                argument.range(),
                "a directive's text must be a string literal",
            )
            .label("its value is known only when the program runs"),
        )),
        ([], Some(keyword)) => Err(Box::new(error(
            keyword.range,
            "a directive takes one string literal and no keyword",
        ))),
    }
}

/// The declarative directives at the module's top; executable ones there belong to the module's own code.
pub(super) fn module_declarations(lowering: &mut Lowering, module: &[ast::Stmt]) -> Vec<Directive> {
    let mut declarations = Vec::new();
    for stmt in module {
        if let ast::Stmt::Expr(expr) = stmt
            && let ast::Expr::Call(call) = &*expr.value
            && lowering.is_omp_outside(&call.func)
            && looks_like_directive(call)
            && let Some((directive, _)) = lowering.read_directive(call)
            && directive.leaves.iter().all(|leaf| {
                matches!(
                    leaf.kind.row().category,
                    Category::Declarative | Category::Informational
                )
            })
        {
            declarations.push(directive);
        }
    }
    declarations
}

/// The directives among the function's decorators.
pub(super) fn decorators(lowering: &mut Lowering, def: &ast::StmtFunctionDef) -> Vec<Directive> {
    let mut directives = Vec::new();
    for decorator in &def.decorator_list {
        if let ast::Expr::Call(call) = &decorator.expression
            && lowering.is_omp_outside(&call.func)
            && looks_like_directive(call)
        {
            directives.extend(
                lowering
                    .read_directive(call)
                    .map(|(directive, _)| directive),
            );
        }
    }
    directives
}

/// Marks the names that `threadprivate` and `groupprivate` directives list, at module top or at the function's.
pub(super) fn mark_threadprivate(
    lowering: &mut Lowering,
    declarations: &[Directive],
    body: &[Stmt],
) {
    let own = body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Directive(directive) => Some(&directive.directive),
        _ => None,
    });
    for directive in declarations.iter().chain(own) {
        let group = directive.leaf(LeafKind::Groupprivate);
        let Some(leaf) = directive.leaf(LeafKind::Threadprivate).or(group) else {
            continue;
        };
        let group = group.is_some();
        let LeafArgument::Items(items) = &leaf.argument else {
            continue;
        };
        for name in items.iter().filter_map(|item| item.name()) {
            let vars = lowering
                .vars
                .iter_mut()
                .filter(|var| var.kind == VarKind::DeclaredGlobal);
            vars.filter(|var| var.name == name)
                .for_each(|var| (var.threadprivate, var.groupprivate) = (true, group));
            let globals = lowering
                .globals
                .iter_mut()
                .filter(|global| global.kind == GlobalKind::Module);
            globals
                .filter(|global| global.name == name)
                .for_each(|global| (global.threadprivate, global.groupprivate) = (true, group));
        }
    }
}
