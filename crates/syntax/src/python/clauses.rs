//! The Python expressions and names inside a directive's clauses, resolved in the function's scope.

use super::function::Lowering;
use crate::hir::{Expr, UsedIn};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::*;
use omply_spec::{Category, LeafKind};
use ruff_python_ast::Mod;
use ruff_python_parser::{Mode, ParseOptions};
use std::collections::BTreeMap;

/// What a clause holds that means something in the function.
enum Part<'d> {
    Expr(&'d ExprText),
    Name(&'d str, Span),
}

impl Lowering<'_> {
    /// Every expression in the clauses, by the start of its span.
    pub fn clause_exprs(&mut self, directive: &Directive) -> BTreeMap<u32, Expr> {
        let mut exprs = BTreeMap::new();
        let used_in = std::mem::replace(&mut self.used_in, UsedIn::Clause);
        directive_parts(directive, &mut |part| match part {
            Part::Name(name, span) => {
                self.name(name, span);
            }
            // A clause that acts on several leaves holds its expression once for each.
            Part::Expr(text) if exprs.contains_key(&text.span.start) => {}
            Part::Expr(text) => {
                if let Some(expr) = self.clause_expr(text) {
                    exprs.insert(text.span.start, expr);
                }
            }
        });
        self.used_in = used_in;
        exprs
    }

    pub(super) fn clause_expr(&mut self, text: &ExprText) -> Option<Expr> {
        // A text may be broken over lines, as inside parentheses.
        let options = ParseOptions::from(Mode::ParenthesizedExpression);
        let parsed = ruff_python_parser::parse_unchecked(&text.text, options);
        if let Some(error) = parsed.errors().first() {
            let range = error.location;
            let message = format!("invalid expression: {}", error.error);
            let span = text.map.span(range.start().into(), range.end().into());
            self.diagnostics.push(
                Diagnostic::error(Code::InvalidExpression, text.span, message)
                    .secondary(span, "noticed here"),
            );
            return None;
        }
        let Mod::Expression(tree) = parsed.into_syntax() else {
            return None;
        };
        self.map = Some(text.map.clone());
        let expr = self.expr(&tree.body);
        self.map = None;
        Some(expr)
    }
}

fn directive_parts<'d>(directive: &'d Directive, visit: &mut impl FnMut(Part<'d>)) {
    for leaf in &directive.leaves {
        // What a declaration holds is not evaluated where the directive stands.
        if leaf.kind.row().category == Category::Declarative
            && !matches!(leaf.kind, LeafKind::Threadprivate | LeafKind::Allocate)
        {
            continue;
        }
        match &leaf.argument {
            LeafArgument::Items(list) => items(list, visit),
            LeafArgument::Locator(locator) => item(locator, visit),
            _ => {}
        }
        leaf.clauses
            .iter()
            .for_each(|clause| clause_parts(&clause.args, visit));
    }
}

fn item<'d>(item: &'d ListItem, visit: &mut impl FnMut(Part<'d>)) {
    match item {
        ListItem::Name(name, span) => visit(Part::Name(name, *span)),
        ListItem::Locator(locator) => visit(Part::Expr(&locator.expr)),
        ListItem::AllMemory(_) => {}
    }
}

fn items<'d>(items: &'d [ListItem], visit: &mut impl FnMut(Part<'d>)) {
    items.iter().for_each(|one| item(one, visit));
}

fn exprs<'d>(exprs: impl IntoIterator<Item = &'d ExprText>, visit: &mut impl FnMut(Part<'d>)) {
    exprs.into_iter().for_each(|expr| visit(Part::Expr(expr)));
}

fn iterators<'d>(iterators: &'d [IteratorVar], visit: &mut impl FnMut(Part<'d>)) {
    for iterator in iterators {
        exprs([&iterator.start, &iterator.stop], visit);
        exprs(&iterator.step, visit);
    }
}

fn clause_parts<'d>(args: &'d ClauseArgs, visit: &mut impl FnMut(Part<'d>)) {
    use ClauseArgs as A;
    items(args.items(), visit);
    match args {
        A::Flag(expr) | A::OptionalExpr(expr) | A::DistSchedule { chunk: expr } => {
            exprs(expr, visit)
        }
        A::Expr(expr)
        | A::Device { device: expr, .. }
        | A::DynGroupprivate { size: expr, .. }
        | A::Simdlen { length: expr, .. }
        | A::Strict { value: expr, .. } => visit(Part::Expr(expr)),
        A::Exprs(list)
        | A::NumThreads { counts: list, .. }
        | A::Sizes { sizes: list, .. }
        | A::AdjustArgs { params: list, .. } => exprs(list, visit),
        A::Affinity {
            iterators: list, ..
        }
        | A::Depend {
            iterators: list, ..
        }
        | A::Motion {
            iterators: list, ..
        } => iterators(list, visit),
        A::Map(map) => iterators(&map.iterators, visit),
        A::Aligned {
            alignment: expr, ..
        }
        | A::Linear { step: expr, .. }
        | A::Schedule { chunk: expr, .. } => {
            exprs(expr, visit);
        }
        A::Allocate {
            allocator, align, ..
        } => exprs(allocator.iter().chain(align), visit),
        A::Apply {
            indices,
            directives,
            ..
        } => {
            exprs(indices, visit);
            directives
                .iter()
                .for_each(|directive| directive_parts(directive, visit));
        }
        A::Counts(counts) => {
            for count in counts {
                if let SplitCount::Count(expr) = count {
                    visit(Part::Expr(expr));
                }
            }
        }
        A::Doacross(Doacross::Sink(steps)) => {
            for step in steps {
                visit(Part::Name(&step.var.name, step.var.span));
                exprs(&step.offset, visit);
            }
        }
        A::Induction(induction) => visit(Part::Expr(&induction.step)),
        A::Init(init) => {
            item(&init.object, visit);
            init.depend
                .iter()
                .for_each(|(_, locator)| item(locator, visit));
        }
        A::NumTeams { lower, upper } => exprs(lower.iter().chain([upper]), visit),
        A::DepobjUpdate { object, .. } => object.iter().for_each(|object| item(object, visit)),
        A::UsesAllocators(uses) => {
            for one in uses {
                visit(Part::Name(&one.allocator.name, one.allocator.span));
                exprs(one.memspace.iter().chain(&one.traits), visit);
            }
        }
        A::When { directive, .. } | A::Otherwise(directive) => {
            directive
                .iter()
                .for_each(|directive| directive_parts(directive, visit));
        }
        // Words, selectors, operations of interop objects: nothing that the function evaluates.
        A::Items(_)
        | A::Item(_)
        | A::AppendArgs(_)
        | A::At(_)
        | A::Bind(_)
        | A::Default { .. }
        | A::Defaultmap { .. }
        | A::DeviceType(_)
        | A::DirectiveNames(_)
        | A::Doacross(_)
        | A::Enter { .. }
        | A::Fail(_)
        | A::Firstprivate { .. }
        | A::Lastprivate { .. }
        | A::Match(_)
        | A::MemoryOrder(_)
        | A::Memscope(_)
        | A::Order { .. }
        | A::ProcBind(_)
        | A::Reduction(_)
        | A::Severity(_)
        | A::Threadset(_) => {}
    }
}
