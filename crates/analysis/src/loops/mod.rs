//! Canonical loop nests: which loops a directive affects, what each runs over, and what OpenMP asks of them.

mod apply;
mod between;
mod doacross;
mod fuse;
mod generate;
mod perfect;
mod transformations;

pub(crate) use doacross::named_iterations;
pub(crate) use generate::is_transformation;

use crate::constructs::{Construct, significant};
use crate::facts::{CanonicalLoop, IterSpace, LoopNest};
use crate::names::{Use, blocks, stmt_uses, target_uses};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::ClauseArgs;
use omply_spec::ClauseKind;
use omply_syntax::hir::*;

/// The nest of a loop directive, or none when its block is no loop; what is wrong is reported.
pub(crate) fn nest(
    function: &Function,
    construct: &Construct,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<LoopNest> {
    if !construct.governs_loops() || construct.dir.form == DirectiveForm::Statement {
        return None;
    }
    let (depth, clause) = depth(construct);
    let finder = &mut Finder {
        function,
        construct,
        diagnostics,
    };
    if let Some(generated) = generate::nest(finder, depth) {
        return generated;
    }
    let mut loops: Vec<CanonicalLoop> = Vec::new();
    let mut stmt = finder.outermost()?;
    while let StmtKind::For {
        target,
        iter,
        body,
        orelse,
        is_async,
    } = &stmt.kind
    {
        let mut one = finder.canonical(stmt, target, iter, orelse, *is_async);
        one.along = finder.along(&one, &loops);
        finder.not_assigned(&one, body);
        loops.push(one);
        if loops.len() as u32 == depth {
            break;
        }
        stmt = finder.inner(stmt, body, depth, loops.len() as u32, clause)?;
    }
    finder.has_length(&loops, clause);
    Some(LoopNest {
        loops,
        generated: None,
    })
}

/// How many loops are affected, and the clause that says so.
fn depth(construct: &Construct) -> (u32, Option<Span>) {
    let argument = |kind: ClauseKind| {
        let clause = construct.clause(kind)?;
        let text = match &clause.args {
            ClauseArgs::Expr(text) | ClauseArgs::OptionalExpr(Some(text)) => text,
            _ => return None,
        };
        Some((u32::try_from(text.as_integer()?).ok()?, clause.span))
    };
    let both = [
        argument(ClauseKind::Collapse),
        argument(ClauseKind::Ordered),
    ];
    match both.into_iter().flatten().max_by_key(|(depth, _)| *depth) {
        Some((depth, span)) if depth > 1 => (depth, Some(span)),
        _ => (1, None),
    }
}

struct Finder<'w, 'f> {
    function: &'f Function,
    construct: &'w Construct<'f>,
    diagnostics: &'w mut Vec<Diagnostic>,
}

impl<'f> Finder<'_, 'f> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics
            .push(diagnostic.secondary(self.construct.dir.head_span, "the loop directive"));
    }

    /// The loop that the block consists of.
    fn outermost(&mut self) -> Option<&'f Stmt> {
        let name = self.construct.name();
        let body = self.construct.body();
        let found = body
            .iter()
            .find(|stmt| matches!(stmt.kind, StmtKind::For { .. }));
        let Some(&found) = found else {
            let (span, what) = body
                .first()
                .map_or((self.construct.dir.head_span, "nothing"), |stmt| {
                    (first_line(stmt), describe(stmt))
                });
            let error = Diagnostic::error(
                Code::NoLoop,
                span,
                format!("`{name}` needs a `for` loop, and its block holds {what}"),
            );
            let error = match body.first().map(|stmt| &stmt.kind) {
                Some(StmtKind::While { .. }) => {
                    error.label("the number of iterations is not known before the loop runs")
                }
                _ => error.label("expected `for`"),
            };
            self.report(error);
            return None;
        };
        for stmt in body.into_iter().filter(|stmt| stmt.id != found.id) {
            let error = Diagnostic::error(
                Code::NoLoop,
                first_line(stmt),
                format!("the block of `{name}` holds more than its loop"),
            )
            .label("this is not part of the loop")
            .help(if stmt.span.start < found.span.start {
                "put it before the `with`, or into the loop"
            } else {
                "put it after the block, or into the loop"
            });
            self.report(error);
        }
        Some(found)
    }

    /// The next loop of a nest.
    fn inner(
        &mut self,
        outer: &Stmt,
        body: &'f [Stmt],
        depth: u32,
        found: u32,
        clause: Option<Span>,
    ) -> Option<&'f Stmt> {
        let name = self.construct.name();
        let clause = clause.unwrap_or(self.construct.dir.text_span);
        let body = significant(body);
        let Some(inner) = body
            .iter()
            .find(|stmt| matches!(stmt.kind, StmtKind::For { .. }))
        else {
            let loops = if found == 1 {
                "only one is".to_owned()
            } else {
                format!("only {found} are")
            };
            self.diagnostics.push(
                Diagnostic::error(
                    Code::ShallowNest,
                    clause,
                    format!("`{name}` affects {depth} loops, and {loops} nested here"),
                )
                .label(format!("asks for {depth}"))
                .secondary(first_line(outer), "this loop holds no `for` loop directly"),
            );
            return None;
        };
        for stmt in body.iter().filter(|stmt| stmt.id != inner.id) {
            self.intervening(stmt, clause);
        }
        Some(inner)
    }

    fn canonical(
        &mut self,
        stmt: &Stmt,
        target: &Target,
        iter: &Expr,
        orelse: &[Stmt],
        is_async: bool,
    ) -> CanonicalLoop {
        if let Some(first) = orelse.first() {
            let error = Diagnostic::error(
                Code::LoopElse,
                first_line(first),
                "an affected loop has an `else`",
            )
            .label("runs after the last iteration, in no particular thread")
            .help("put it after the construct");
            self.report(error);
        }
        if is_async {
            let error = Diagnostic::error(
                Code::NoLoop,
                first_line(stmt),
                "`async for` cannot be divided among threads",
            )
            .help("write `for`");
            self.report(error);
        }
        let mut names = Vec::new();
        let mut other = false;
        target_uses(target, &mut |name, span, kind| {
            other |= kind != Use::Bind;
            names.push((name, span));
        });
        if other || names.is_empty() {
            let error = Diagnostic::error(
                Code::LoopTarget,
                target.span(),
                "the target of an affected loop must be a variable",
            )
            .label("each thread needs its own")
            .help("use a name as the target and assign it in the body");
            self.report(error);
        }
        let var = match (target, &names[..]) {
            (Target::Name { .. }, [(NameRef::Var(var), _)]) => Some(*var),
            _ => None,
        };
        CanonicalLoop {
            stmt: stmt.id,
            target: target.clone(),
            var,
            iter: self.space(iter),
            along: None,
            span: stmt.span,
        }
    }

    /// What a loop runs over.
    fn space(&mut self, iter: &Expr) -> IterSpace {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &iter.kind
            && let ExprKind::Name(NameRef::Global(id)) = func.kind
            && self.function.globals[id.index()].kind == GlobalKind::Module
            && !args
                .iter()
                .any(|arg| matches!(arg.kind, ExprKind::Starred(_)))
        {
            let named = |index: usize| {
                keywords
                    .get(index)
                    .and_then(|keyword| keyword.name.as_deref())
            };
            match (
                &self.function.globals[id.index()].name[..],
                &args[..],
                keywords.len(),
            ) {
                ("range", [stop], 0) => {
                    return IterSpace::Range {
                        start: None,
                        stop: stop.clone(),
                        step: None,
                    };
                }
                ("range", [start, stop], 0) => {
                    return IterSpace::Range {
                        start: Some(start.clone()),
                        stop: stop.clone(),
                        step: None,
                    };
                }
                ("range", [start, stop, step], 0) => {
                    if matches!(step.kind, ExprKind::Int(Some(0))) {
                        let error = Diagnostic::error(
                            Code::InvalidValue,
                            step.span,
                            "the step of a loop is zero",
                        )
                        .label("`range` raises `ValueError`");
                        self.report(error);
                    }
                    return IterSpace::Range {
                        start: Some(start.clone()),
                        stop: stop.clone(),
                        step: Some(step.clone()),
                    };
                }
                ("reversed", [inner], 0) => {
                    return IterSpace::Reversed(Box::new(self.space(inner)));
                }
                ("enumerate", [inner], 0) => {
                    return IterSpace::Enumerate {
                        iter: Box::new(self.space(inner)),
                        start: None,
                    };
                }
                ("enumerate", [inner, start], 0) => {
                    let iter = Box::new(self.space(inner));
                    return IterSpace::Enumerate {
                        iter,
                        start: Some(start.clone()),
                    };
                }
                ("enumerate", [inner], 1) if named(0) == Some("start") => {
                    let iter = Box::new(self.space(inner));
                    return IterSpace::Enumerate {
                        iter,
                        start: Some(keywords[0].value.clone()),
                    };
                }
                ("zip", [_, ..], 0) => {
                    return IterSpace::Zip(args.iter().map(|arg| self.space(arg)).collect());
                }
                (
                    "iter" | "map" | "filter" | "open" | "zip" | "set" | "frozenset" | "dict",
                    _,
                    _,
                ) => {
                    return IterSpace::Iterable(iter.clone());
                }
                _ => {}
            }
        }
        match &iter.kind {
            ExprKind::Scope(scope) if scope.what != "list comprehension" => {
                IterSpace::Iterable(iter.clone())
            }
            ExprKind::Other {
                what: "dict" | "set" | "yield" | "yield from",
                ..
            } => IterSpace::Iterable(iter.clone()),
            _ => IterSpace::Sequence(iter.clone()),
        }
    }

    /// The body leaves the loop variable alone.
    fn not_assigned(&mut self, one: &CanonicalLoop, body: &[Stmt]) {
        let names: Vec<(NameRef, Span)> = targets(&one.target).collect();
        let mut found: Vec<(NameRef, Span)> = Vec::new();
        bound_in(body, &mut |name, span| {
            if names.iter().any(|&(target, _)| target == name)
                && !found.iter().any(|&(seen, _)| seen == name)
            {
                found.push((name, span));
            }
        });
        for (name, span) in found {
            let name = self.function.name_of(name);
            let error = Diagnostic::error(
                Code::LoopVariableAssigned,
                span,
                format!("the loop variable `{name}` is assigned in the loop"),
            )
            .label("the iterations were counted before")
            .secondary(one.target.span(), "the loop variable")
            .help("use another name");
            self.report(error);
        }
    }

    /// Only a single loop may run over something without a length, and its iterations cannot be divided in advance.
    fn has_length(&mut self, loops: &[CanonicalLoop], collapse: Option<Span>) {
        for one in loops {
            let Some(expr) = without_length(&one.iter) else {
                continue;
            };
            if let Some(clause) = collapse {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::LoopIterable,
                        expr.span,
                        "a collapsed loop needs a length",
                    )
                    .label("its length is not known before it runs")
                    .secondary(clause, "the loops are collapsed here")
                    .help("make a list of it before the construct"),
                );
            } else if !matches!(one.iter, IterSpace::Iterable(_)) {
                let error = Diagnostic::error(
                    Code::LoopIterable,
                    expr.span,
                    "`reversed`, `enumerate` and `zip` of an affected loop need a length",
                )
                .label("its length is not known before it runs")
                .help("make a list of it before the construct");
                self.report(error);
            }
        }
    }
}

fn without_length(space: &IterSpace) -> Option<&Expr> {
    match space {
        IterSpace::Range { .. } | IterSpace::Sequence(_) => None,
        IterSpace::Reversed(inner) | IterSpace::Enumerate { iter: inner, .. } => {
            without_length(inner)
        }
        IterSpace::Zip(parts) => parts.iter().find_map(without_length),
        IterSpace::Iterable(expr) => Some(expr),
    }
}

/// The names that a loop target binds.
pub(crate) fn targets(target: &Target) -> impl Iterator<Item = (NameRef, Span)> {
    let mut names = Vec::new();
    target_uses(target, &mut |name, span, kind| {
        if kind == Use::Bind {
            names.push((name, span));
        }
    });
    names.into_iter()
}

/// Every binding in a block, at any depth.
fn bound_in(stmts: &[Stmt], sink: &mut dyn FnMut(NameRef, Span)) {
    for stmt in stmts {
        stmt_uses(stmt, &mut |name, span, kind| {
            if matches!(kind, Use::Bind | Use::Delete) {
                sink(name, span);
            }
        });
        if let StmtKind::For { target, .. } = &stmt.kind {
            targets(target).for_each(|(name, span)| sink(name, span));
        }
        if let StmtKind::Directive(dir) = &stmt.kind {
            bound_in(&dir.body, sink);
        }
        blocks(stmt)
            .into_iter()
            .for_each(|block| bound_in(block, sink));
    }
}

/// A statement's head: the whole of a simple one.
pub(crate) fn first_line(stmt: &Stmt) -> Span {
    match &stmt.kind {
        StmtKind::Directive(dir) => dir.head_span,
        StmtKind::For { iter, .. } => Span::new(stmt.span.start, iter.span.end),
        StmtKind::While { test, .. } | StmtKind::If { test, .. } => {
            Span::new(stmt.span.start, test.span.end)
        }
        StmtKind::Definition { .. } | StmtKind::Other { .. } => {
            let end = crate::names::blocks(stmt)
                .first()
                .and_then(|body| body.first())
                .map_or(stmt.span.end, |first| first.span.start);
            Span::new(stmt.span.start, end)
        }
        _ => stmt.span,
    }
}

fn describe(stmt: &Stmt) -> &'static str {
    match &stmt.kind {
        StmtKind::While { .. } => "a `while` loop",
        StmtKind::Directive(_) => "another directive",
        StmtKind::Pass => "`pass`",
        StmtKind::If { .. } => "an `if`",
        _ => "something else",
    }
}
