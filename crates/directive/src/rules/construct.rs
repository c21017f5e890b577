//! Rules of single constructs: atomics, flushes, dependences, declarations.

use super::Rules;
use crate::ast::{Clause, ClauseArgs, Leaf, LeafArgument, ListItem};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{Association, ClauseKind, DependType, LeafKind, MemoryOrder};

impl Rules<'_> {
    pub(super) fn construct(&mut self, leaf: &Leaf) {
        for clause in &leaf.clauses {
            self.dependences(leaf, clause);
        }
        match leaf.kind {
            LeafKind::Atomic => self.atomic(leaf),
            LeafKind::Flush => self.flush(leaf),
            LeafKind::Critical => self.critical(leaf),
            LeafKind::For
            | LeafKind::Simd
            | LeafKind::Loop
            | LeafKind::Distribute
            | LeafKind::Taskloop => self.loops(leaf),
            LeafKind::Target
            | LeafKind::TargetData
            | LeafKind::TargetEnterData
            | LeafKind::TargetExitData => self.mapping(leaf),
            LeafKind::Metadirective | LeafKind::BeginMetadirective => self.metadirective(leaf),
            LeafKind::DeclareReduction => self.declare_reduction(leaf),
            LeafKind::Task => self.event(leaf),
            LeafKind::Depobj => self.depobj(leaf),
            _ => {}
        }
        self.reductions(leaf);
        self.transformed_loops(leaf);
    }

    /// A task's event is firstprivate already.
    fn event(&mut self, leaf: &Leaf) {
        let Some(detach) = leaf.clause(ClauseKind::Detach) else {
            return;
        };
        let Some(event) = detach.args.items().first().and_then(ListItem::name) else {
            return;
        };
        let sharing = leaf
            .clauses
            .iter()
            .filter(|clause| clause.kind.is_data_sharing());
        for clause in sharing.filter(|clause| clause.kind != ClauseKind::Detach) {
            let listed = clause.args.items().iter();
            for item in listed.filter(|item| item.name() == Some(event)) {
                self.report(
                    Diagnostic::error(
                        Code::InvalidListItem,
                        item.span(),
                        format!("the event `{event}` is listed in `{}`", clause.kind),
                    )
                    .label("the task has its own already")
                    .secondary(detach.span, "the task's event"),
                );
            }
        }
    }

    /// What an atomic operation of one kind cannot carry.
    fn atomic(&mut self, leaf: &Leaf) {
        use ClauseKind::*;
        let plain = leaf.clause(Read).or(leaf.clause(Write));
        if let Some(plain) = plain {
            for clause in leaf
                .clauses
                .iter()
                .filter(|clause| matches!(clause.kind, Capture | Compare | Fail | Weak))
            {
                self.exclude(
                    plain,
                    clause,
                    "it extends an update; a plain read or write has none",
                );
            }
        }
        for (kind, order) in [(Read, MemoryOrder::Release), (Write, MemoryOrder::Acquire)] {
            if let (Some(operation), Some(clause)) =
                (leaf.clause(kind), leaf.clause(order.clause()))
            {
                let reason = if kind == Read {
                    "a read releases nothing"
                } else {
                    "a write acquires nothing"
                };
                self.exclude(operation, clause, reason);
            }
        }
        for kind in [Fail, Weak] {
            if let (Some(clause), None) = (leaf.clause(kind), leaf.clause(Compare)) {
                self.report(
                    Diagnostic::error(
                        Code::MissingClause,
                        clause.span,
                        format!("`{kind}` needs `compare`"),
                    )
                    .label("there is no comparison that could fail"),
                );
            }
        }
    }

    /// A hint is about all critical regions of a name.
    fn critical(&mut self, leaf: &Leaf) {
        let Some(clause) = leaf.clause(ClauseKind::Hint) else {
            return;
        };
        let none = matches!(
            &clause.args,
            ClauseArgs::Expr(expr) if matches!(expr.text.trim(), "0" | "omp_sync_hint_none")
        );
        if leaf.argument == LeafArgument::None && !none {
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    clause.span,
                    "`hint` stands on a `critical` without a name",
                )
                .secondary(
                    leaf.name_span,
                    "this one shares its lock with all that have no name",
                )
                .help("name it: `critical(name) hint(...)`"),
            );
        }
    }

    fn flush(&mut self, leaf: &Leaf) {
        let LeafArgument::Items(items) = &leaf.argument else {
            return;
        };
        for clause in leaf
            .clauses
            .iter()
            .filter(|clause| MemoryOrder::from_clause(clause.kind).is_some())
        {
            let diagnostic = Diagnostic::error(
                Code::ExclusiveClauses,
                clause.span,
                format!(
                    "`{}` cannot stand on a flush of listed variables",
                    clause.kind
                ),
            );
            self.report(match items.first() {
                Some(item) => diagnostic.secondary(item.span(), "the list"),
                None => diagnostic,
            });
        }
    }

    /// The object is named once: in the clause, or after the directive's name.
    fn depobj(&mut self, leaf: &Leaf) {
        let before = matches!(leaf.argument, LeafArgument::Locator(_));
        for clause in &leaf.clauses {
            let named = match &clause.args {
                ClauseArgs::Init(_) => true,
                ClauseArgs::DepobjUpdate { object, .. } => object.is_some(),
                ClauseArgs::Item(_) => true,
                _ => false,
            };
            if named == before {
                let (message, label) = if named {
                    ("the object is named twice", "names it, too")
                } else {
                    ("the object is missing", "needs `depobj(object)`")
                };
                let code = if named {
                    Code::UnexpectedArgument
                } else {
                    Code::MissingArgument
                };
                self.report(Diagnostic::error(code, clause.span, message).label(label));
            }
        }
    }

    /// `omp_all_memory` and `mutexinoutset` stand where they have a meaning.
    fn dependences(&mut self, leaf: &Leaf, clause: &Clause) {
        if let ClauseArgs::DepobjUpdate { kind, .. } = &clause.args
            && kind.value == DependType::Depobj
        {
            self.report(
                Diagnostic::error(
                    Code::InvalidModifier,
                    kind.span,
                    "a dependence object cannot be of the type `depobj`",
                )
                .label("expected `in`, `out`, `inout`, `mutexinoutset` or `inoutset`"),
            );
        }
        let ClauseArgs::Depend {
            kind,
            items,
            iterators,
        } = &clause.args
        else {
            return;
        };
        for item in items {
            if let Some(name) = item.name()
                && iterators.iter().any(|iterator| iterator.name.name == name)
            {
                self.report(
                    Diagnostic::error(
                        Code::InvalidListItem,
                        item.span(),
                        format!("`{name}` is an iterator, which nothing can depend on"),
                    )
                    .label("expected a part of a variable, such as an element"),
                );
            }
        }
        for item in items {
            if let ListItem::AllMemory(span) = item
                && !matches!(kind.value, DependType::Out | DependType::Inout)
            {
                self.report(
                    Diagnostic::error(
                        Code::InvalidListItem,
                        *span,
                        format!("`omp_all_memory` cannot be `{}`", kind.value),
                    )
                    .label("only `out` and `inout` can name all memory"),
                );
            }
        }
        if leaf.kind == LeafKind::Taskwait && kind.value == DependType::Mutexinoutset {
            self.report(
                Diagnostic::error(
                    Code::InvalidModifier,
                    kind.span,
                    "`mutexinoutset` cannot stand on `taskwait`",
                )
                .label("a wait runs no code to be kept apart"),
            );
        }
    }

    /// `otherwise` comes last.
    fn metadirective(&mut self, leaf: &Leaf) {
        let Some(at) = leaf
            .clauses
            .iter()
            .position(|clause| clause.kind == ClauseKind::Otherwise)
        else {
            return;
        };
        if let Some(after) = leaf.clauses[at + 1..]
            .iter()
            .find(|clause| clause.kind == ClauseKind::When)
        {
            self.report(
                Diagnostic::error(
                    Code::ExclusiveClauses,
                    after.span,
                    "`when` comes after `otherwise`",
                )
                .secondary(leaf.clauses[at].span, "it would never be asked"),
            );
        }
    }

    /// The combiner stands in one place.
    fn declare_reduction(&mut self, leaf: &Leaf) {
        let LeafArgument::DeclareReduction { combiner, .. } = &leaf.argument else {
            return;
        };
        match (combiner, leaf.clause(ClauseKind::Combiner)) {
            (Some(expr), Some(clause)) => self.report(
                Diagnostic::error(
                    Code::DuplicateClause,
                    clause.span,
                    "the combiner stands twice",
                )
                .secondary(expr.span, "first stands here"),
            ),
            (None, None) if !self.written.unreadable.contains(&ClauseKind::Combiner) => self
                .report(
                    Diagnostic::error(
                        Code::MissingClause,
                        leaf.name_span,
                        "`declare_reduction` lacks its combiner",
                    )
                    .label("needs `combiner(expression)`"),
                ),
            _ => {}
        }
    }

    /// What is applied to generated loops is itself a loop transformation or acts on loops.
    fn transformed_loops(&mut self, leaf: &Leaf) {
        for clause in leaf.clauses_of(ClauseKind::Apply) {
            let ClauseArgs::Apply { directives, .. } = &clause.args else {
                continue;
            };
            for directive in directives {
                let fits = directive.leaves.iter().any(|leaf| {
                    leaf.kind == LeafKind::Nothing
                        || matches!(
                            leaf.kind.row().association,
                            Association::LoopNest | Association::LoopSequence
                        )
                });
                if !fits {
                    self.report(
                        Diagnostic::error(
                            Code::InvalidModifier,
                            directive.name_span,
                            format!("`{}` cannot be applied to a loop", directive.name),
                        )
                        .label("expected a directive on loops, or `nothing`"),
                    );
                }
            }
        }
    }
}
