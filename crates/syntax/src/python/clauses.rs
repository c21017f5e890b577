//! The Python expressions and names inside a directive's clauses, resolved in the function's scope.

use super::function::Lowering;
use crate::hir::{Expr, NameRef, UsedIn, Var, VarId, VarKind};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::*;
use omply_spec::{Category, ClauseKind, LeafKind};
use ruff_python_ast::Mod;
use ruff_python_parser::{Mode, ParseOptions};
use std::collections::BTreeMap;

/// What a clause holds that means something in the function.
enum Part<'d> {
    Expr(&'d ExprText),
    Name(&'d str, Span),
    /// A name that the directive gives a value.
    Bound(&'d str, Span),
    /// What follows may mention the iterator's variable, up to the end of its clause.
    Iterator(&'d Ident),
    EndOfIterators,
}

/// What the clauses of a directive mean.
#[derive(Default)]
pub struct Resolved {
    pub exprs: BTreeMap<u32, Expr>,
    pub iterators: BTreeMap<u32, VarId>,
    pub binds: Vec<NameRef>,
}

impl Lowering<'_> {
    /// Every expression in the clauses, and every iterator, by the start of its span.
    pub fn clause_exprs(&mut self, directive: &Directive) -> Resolved {
        let mut found = Resolved::default();
        let used_in = std::mem::replace(&mut self.used_in, UsedIn::Clause);
        let mut hidden = Vec::new();
        directive_parts(directive, &mut |part| match part {
            Part::Name(name, span) => {
                self.name(name, span);
            }
            Part::Bound(name, span) => {
                let name = self.name(name, span);
                found.binds.push(name);
            }
            // A clause that acts on several leaves holds its expression once for each.
            Part::Expr(text) if found.exprs.contains_key(&text.span.start) => {}
            Part::Expr(text) => {
                if let Some(expr) = self.clause_expr(text) {
                    found.exprs.insert(text.span.start, expr);
                }
            }
            Part::Iterator(ident) => {
                let known = found.iterators.entry(ident.span.start);
                let var = *known.or_insert_with(|| self.iterator(ident));
                let outer = self.names.insert(ident.name.clone(), NameRef::Var(var));
                hidden.push((ident.name.clone(), outer));
            }
            Part::EndOfIterators => {
                for (name, outer) in hidden.drain(..).rev() {
                    match outer {
                        Some(outer) => self.names.insert(name, outer),
                        None => self.names.remove(&name),
                    };
                }
            }
        });
        self.used_in = used_in;
        found
    }

    fn iterator(&mut self, ident: &Ident) -> VarId {
        let id = VarId(self.vars.len() as u32);
        self.vars.push(Var {
            name: ident.name.clone(),
            kind: VarKind::Iterator,
            span: ident.span,
            in_inner_scope: false,
            threadprivate: false,
            groupprivate: false,
        });
        id
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
            && !matches!(
                leaf.kind,
                LeafKind::Threadprivate | LeafKind::Groupprivate | LeafKind::Allocate
            )
        {
            continue;
        }
        match &leaf.argument {
            LeafArgument::Items(list) => items(list, visit),
            LeafArgument::Locator(locator) if leaf.clause(ClauseKind::Depend).is_some() => {
                object(locator, visit)
            }
            LeafArgument::Locator(locator) => item(locator, visit),
            _ => {}
        }
        for clause in &leaf.clauses {
            match clause.kind {
                ClauseKind::Detach => clause.items().iter().for_each(|one| object(one, visit)),
                _ => clause_parts(&clause.args, visit),
            }
        }
    }
}

fn item<'d>(item: &'d ListItem, visit: &mut impl FnMut(Part<'d>)) {
    match item {
        ListItem::Name(name, span) => visit(Part::Name(name, *span)),
        ListItem::Locator(locator) => visit(Part::Expr(&locator.expr)),
        ListItem::AllMemory(_) => {}
    }
}

/// What the directive makes.
fn object<'d>(one: &'d ListItem, visit: &mut impl FnMut(Part<'d>)) {
    match one {
        ListItem::Name(name, span) => visit(Part::Bound(name, *span)),
        other => item(other, visit),
    }
}

fn items<'d>(items: &'d [ListItem], visit: &mut impl FnMut(Part<'d>)) {
    items.iter().for_each(|one| item(one, visit));
}

fn exprs<'d>(exprs: impl IntoIterator<Item = &'d ExprText>, visit: &mut impl FnMut(Part<'d>)) {
    exprs.into_iter().for_each(|expr| visit(Part::Expr(expr)));
}

/// The bounds of the iterators are evaluated outside; the items come after them.
fn iterated<'d>(list: &'d [IteratorVar], args: &'d ClauseArgs, visit: &mut impl FnMut(Part<'d>)) {
    for iterator in list {
        exprs([&iterator.start, &iterator.stop], visit);
        exprs(&iterator.step, visit);
    }
    list.iter()
        .for_each(|iterator| visit(Part::Iterator(&iterator.name)));
    items(args.items(), visit);
    visit(Part::EndOfIterators);
}

fn clause_parts<'d>(args: &'d ClauseArgs, visit: &mut impl FnMut(Part<'d>)) {
    use ClauseArgs as A;
    match args {
        A::Affinity {
            iterators: list, ..
        }
        | A::Depend {
            iterators: list, ..
        }
        | A::Motion {
            iterators: list, ..
        } => return iterated(list, args, visit),
        A::Map(map) => return iterated(&map.iterators, args, visit),
        _ => items(args.items(), visit),
    }
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
            object(&init.object, visit);
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
        // Words, selectors, operations of interop objects: nothing that the function evaluates; items have been visited.
        A::Affinity { .. }
        | A::Depend { .. }
        | A::Map(_)
        | A::Motion { .. }
        | A::Items(_)
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
