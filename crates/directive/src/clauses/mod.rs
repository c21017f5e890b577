//! Clause arguments: one function per grammar, grouped as the specification groups the clauses.

mod context;
mod data;
mod device;
mod loops;
mod simple;
mod sync;
mod task;
mod work;

use crate::ast::{ClauseArgs, DirectiveName};
use crate::cursor::{Parser, Part};
use crate::list::Items;
use crate::modifiers::Modified;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{ClauseKind, Grammar, LeafKind};

/// A clause whose argument is being read.
pub(crate) struct Reading<'a> {
    pub kind: ClauseKind,
    /// The leaf that the clause is read for: the first that takes it, or the first of all.
    pub leaf: Option<LeafKind>,
    /// What stands in the parentheses; absent when there are none.
    pub argument: Option<Part>,
    pub modified: Modified,
    pub name: &'a str,
}

impl Reading<'_> {
    /// The argument after its modifiers.
    fn args(&self) -> Part {
        self.modified.args
    }

    fn modifiers(&self) -> &[Part] {
        &self.modified.modifiers
    }
}

/// Words that a clause reads as its own modifier although a directive has the same name.
fn own_words(grammar: Grammar) -> &'static [&'static str] {
    match grammar {
        Grammar::Reduction => &["task"],
        Grammar::Schedule => &["simd"],
        Grammar::Apply => &["split"],
        Grammar::Init => &["target"],
        Grammar::Depend => &["depobj"],
        Grammar::Adjust => &["nothing"],
        _ => &[],
    }
}

/// Clauses that can stand without parentheses.
fn may_be_bare(grammar: Grammar) -> bool {
    matches!(
        grammar,
        Grammar::Flag | Grammar::OptionalExpr | Grammar::Otherwise | Grammar::Update
    )
}

impl Parser<'_> {
    /// Reads a clause's argument. Nothing comes back when a mistake left it unusable; the mistake is reported then.
    pub fn clause_args(
        &mut self,
        kind: ClauseKind,
        leaf: Option<LeafKind>,
        name_part: Part,
        argument: Option<Part>,
    ) -> Option<(ClauseArgs, Option<DirectiveName>)> {
        let grammar = kind.row().grammar;
        let name = kind.name();
        let Some(part) = argument else {
            let object_before = leaf == Some(LeafKind::Depobj) && kind == ClauseKind::Destroy;
            if may_be_bare(grammar) || object_before {
                return self.bare(kind, leaf, name_part).map(|args| (args, None));
            }
            let span = self.span(name_part);
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    format!("`{name}` needs an argument"),
                )
                .label(format!("expected `{name}(...)`")),
            );
            return None;
        };
        let last = matches!(
            grammar,
            Grammar::Linear | Grammar::Aligned | Grammar::Default | Grammar::Defaultmap
        );
        let (directive_name, modified) = self.take_directive_name(part, own_words(grammar), last);
        let reading = Reading {
            kind,
            leaf,
            argument,
            modified,
            name,
        };
        Some((self.by_grammar(&reading, grammar)?, directive_name))
    }

    /// A clause without parentheses.
    fn bare(
        &mut self,
        kind: ClauseKind,
        leaf: Option<LeafKind>,
        name_part: Part,
    ) -> Option<ClauseArgs> {
        match kind.row().grammar {
            Grammar::Flag | Grammar::Locator => Some(ClauseArgs::Flag(None)),
            Grammar::OptionalExpr => Some(ClauseArgs::OptionalExpr(None)),
            Grammar::Otherwise => Some(ClauseArgs::Otherwise(None)),
            Grammar::Update if leaf != Some(LeafKind::Depobj) => Some(ClauseArgs::Flag(None)),
            _ => {
                let span = self.span(name_part);
                self.error(
                    Code::MissingArgument,
                    span,
                    format!("`{}` needs an argument", kind.name()),
                );
                None
            }
        }
    }

    fn by_grammar(&mut self, reading: &Reading<'_>, grammar: Grammar) -> Option<ClauseArgs> {
        match grammar {
            Grammar::Flag => self.flag(reading),
            Grammar::Expr => self.one_expr(reading).map(ClauseArgs::Expr),
            Grammar::OptionalExpr => self
                .one_expr(reading)
                .map(|expr| ClauseArgs::OptionalExpr(Some(expr))),
            Grammar::ExprList => self.expr_list(reading),
            Grammar::Names => self.plain_items(reading, Items::Names),
            Grammar::Locators => self.plain_items(reading, Items::Locators),
            Grammar::Locator => self.one_item(reading),
            Grammar::At => self.one_keyword(reading, "time").map(ClauseArgs::At),
            Grammar::Bind => self
                .one_keyword(reading, "set of threads")
                .map(ClauseArgs::Bind),
            Grammar::DeviceType => self
                .one_keyword(reading, "device type")
                .map(ClauseArgs::DeviceType),
            Grammar::Fail => self.fail(reading),
            Grammar::MemoryOrder => self
                .one_keyword(reading, "memory order")
                .map(ClauseArgs::MemoryOrder),
            Grammar::Memscope => self
                .one_keyword(reading, "memory scope")
                .map(ClauseArgs::Memscope),
            Grammar::ProcBind => self.proc_bind(reading),
            Grammar::Severity => self
                .one_keyword(reading, "severity")
                .map(ClauseArgs::Severity),
            Grammar::Threadset => self
                .one_keyword(reading, "set of threads")
                .map(ClauseArgs::Threadset),
            Grammar::Aligned => self.aligned(reading),
            Grammar::Allocate => self.allocate(reading),
            Grammar::Default => self.default(reading),
            Grammar::Firstprivate => self.firstprivate(reading),
            Grammar::Induction => self.induction(reading),
            Grammar::Operand => self.operand(reading),
            Grammar::Lastprivate => self.lastprivate(reading),
            Grammar::Linear => self.linear(reading),
            Grammar::Reduction => self.reduction(reading),
            Grammar::DistSchedule => self.dist_schedule(reading),
            Grammar::NumTeams => self.num_teams(reading),
            Grammar::NumThreads => self.num_threads(reading),
            Grammar::Order => self.order(reading),
            Grammar::Schedule => self.schedule(reading),
            Grammar::Simdlen => self.simdlen(reading),
            Grammar::Apply => self.apply(reading),
            Grammar::Counts => self.counts(reading),
            Grammar::Sizes => self.sizes(reading),
            Grammar::Affinity => self.affinity(reading),
            Grammar::Depend => self.depend(reading),
            Grammar::Strict => self.strict(reading),
            Grammar::Doacross => self.doacross(reading),
            Grammar::Init => self.init(reading),
            Grammar::Update => self.update(reading),
            Grammar::Defaultmap => self.defaultmap(reading),
            Grammar::Device => self.device(reading),
            Grammar::DynGroupprivate => self.dyn_groupprivate(reading),
            Grammar::Enter => self.enter(reading),
            Grammar::Map => self.map_clause(reading),
            Grammar::Motion => self.motion(reading),
            Grammar::UsesAllocators => self.uses_allocators(reading),
            Grammar::Adjust => self.adjust_args(reading),
            Grammar::AppendArgs => self.append_args(reading),
            Grammar::DirectiveNames => self.directive_names(reading),
            Grammar::Match => self.match_clause(reading),
            Grammar::Otherwise => self.otherwise(reading),
            Grammar::When => self.when(reading),
        }
    }
}
