//! Rules between the clauses of a directive, checked on each leaf after the clauses were handed out.

mod construct;
mod context;
mod loops;
mod mapping;
mod value;

use crate::ast::{Clause, ClauseArgs, Directive, Leaf, ListItem};
use crate::directive::Written;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_spec::{ClauseKind, EXCLUSIVE, LeafKind, REQUIRED};

pub(crate) struct Rules<'a> {
    directive: &'a Directive,
    written: &'a Written,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// What was reported already: one clause may reach several leaves.
    reported: Vec<(Code, Span)>,
}

/// Checks a directive whose clauses are in place.
pub(crate) fn check(directive: &Directive, written: &Written, diagnostics: &mut Vec<Diagnostic>) {
    let mut rules = Rules {
        directive,
        written,
        diagnostics,
        reported: Vec::new(),
    };
    for clause in &written.clauses {
        rules.values(clause);
        rules.repeated_items(clause);
        rules.selector(clause);
    }
    for leaf in &directive.leaves {
        rules.unique(leaf);
        rules.exclusive(leaf);
        rules.required(leaf);
        rules.data_sharing(leaf);
        rules.construct(leaf);
    }
}

impl Rules<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.code, diagnostic.primary.span);
        if !self.reported.contains(&key) {
            self.reported.push(key);
            self.diagnostics.push(diagnostic);
        }
    }

    /// A clause that may stand once stands once.
    fn unique(&mut self, leaf: &Leaf) {
        for (i, clause) in leaf.clauses.iter().enumerate() {
            if !clause.kind.row().unique || clause.implied {
                continue;
            }
            if let Some(first) = leaf.clauses[..i]
                .iter()
                .find(|other| other.kind == clause.kind)
            {
                let message = format!("`{}` can stand once only", clause.kind);
                self.report(
                    Diagnostic::error(Code::DuplicateClause, clause.span, message)
                        .label("stands here again")
                        .secondary(first.span, "first stands here"),
                );
            }
        }
    }

    /// Clauses that exclude each other do not stand together.
    fn exclusive(&mut self, leaf: &Leaf) {
        for set in EXCLUSIVE.iter().filter(|set| set.leaf == leaf.kind) {
            let mut found = leaf
                .clauses
                .iter()
                .filter(|clause| set.clauses.contains(&clause.kind) && !is_off(clause));
            let Some(first) = found.next() else { continue };
            let second: Vec<&Clause> = found.filter(|clause| clause.kind != first.kind).collect();
            for clause in second {
                self.exclude(first, clause, set.reason);
            }
        }
    }

    /// Reports two clauses that cannot stand together.
    fn exclude(&mut self, first: &Clause, second: &Clause, reason: &str) {
        self.report(
            Diagnostic::error(
                Code::ExclusiveClauses,
                second.span,
                format!(
                    "`{}` cannot stand together with `{}`",
                    second.kind, first.kind
                ),
            )
            .secondary(first.span, format!("`{}` stands here", first.kind))
            .note(reason),
        );
    }

    /// Clauses that must stand do.
    fn required(&mut self, leaf: &Leaf) {
        for set in REQUIRED.iter().filter(|set| set.leaf == leaf.kind) {
            let there = leaf
                .clauses
                .iter()
                .any(|clause| set.any_of.contains(&clause.kind))
                || self
                    .written
                    .unreadable
                    .iter()
                    .any(|kind| set.any_of.contains(kind));
            if !there {
                let names: Vec<&str> = set.any_of.iter().map(|kind| kind.name()).collect();
                self.report(
                    Diagnostic::error(
                        Code::MissingClause,
                        leaf.name_span,
                        format!("`{}` lacks a clause", leaf.kind),
                    )
                    .label(format!("needs {}", crate::cursor::one_of(&names))),
                );
            }
        }
    }

    /// A variable has one data-sharing clause on a leaf; `firstprivate` with `lastprivate` is the exception.
    fn data_sharing(&mut self, leaf: &Leaf) {
        let mut seen: Vec<(&str, &ListItem, ClauseKind)> = Vec::new();
        for clause in leaf
            .clauses
            .iter()
            .filter(|clause| clause.kind.is_data_sharing() && !clause.implied)
        {
            let before = seen.len();
            for item in clause.args.items() {
                let Some(name) = item.base() else { continue };
                let conflict = seen[..before]
                    .iter()
                    .find(|(other, _, kind)| *other == name && !may_share(*kind, clause.kind));
                if let Some((_, first, kind)) = conflict {
                    let (message, kind) = (format!("`{name}` has two data-sharing clauses"), *kind);
                    self.report(
                        Diagnostic::error(Code::ConflictingDataSharing, item.span(), message)
                            .label(format!("`{}` here", clause.kind))
                            .secondary(first.span(), format!("`{kind}` here")),
                    );
                }
                seen.push((name, item, clause.kind));
            }
        }
    }

    /// A clause lists a variable once.
    fn repeated_items(&mut self, clause: &Clause) {
        if !clause.kind.is_data_sharing()
            && !matches!(clause.kind, ClauseKind::Copyin | ClauseKind::Aligned)
        {
            return;
        }
        let items = clause.args.items();
        for (i, item) in items.iter().enumerate() {
            if let (Some(name), Some(first)) = (
                item.base(),
                items[..i].iter().find(|other| other.base() == item.base()),
            ) {
                self.report(
                    Diagnostic::error(
                        Code::DuplicateItem,
                        item.span(),
                        format!("`{name}` is listed twice"),
                    )
                    .secondary(first.span(), "first listed here"),
                );
            }
        }
    }

    /// Whether the directive has a leaf of that kind.
    fn has(&self, kind: LeafKind) -> bool {
        self.directive.leaves.iter().any(|leaf| leaf.kind == kind)
    }
}

/// Whether one item may stand in both clauses.
fn may_share(a: ClauseKind, b: ClauseKind) -> bool {
    use ClauseKind::*;
    matches!(
        (a, b),
        (Firstprivate, Lastprivate)
            | (Lastprivate, Firstprivate)
            | (Uniform, Linear)
            | (Linear, Uniform)
    )
}

/// Whether a switch is literally off, which is the same as its absence.
fn is_off(clause: &Clause) -> bool {
    matches!(&clause.args, ClauseArgs::Flag(Some(expr)) if expr.as_bool() == Some(false))
}
