//! Rules of the clauses of loops and of reductions.

use super::Rules;
use crate::ast::{Clause, ClauseArgs, ExprText, Leaf, Reduction, Word};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{ClauseKind, LeafKind, LinearModifier, ReductionModifier, ScheduleModifier};

impl Rules<'_> {
    pub(super) fn loops(&mut self, leaf: &Leaf) {
        self.schedule(leaf);
        self.ordered(leaf);
        self.lengths(leaf);
        for clause in &leaf.clauses {
            match &clause.args {
                ClauseArgs::Linear {
                    modifier: Some(modifier),
                    ..
                } if matches!(modifier.value, LinearModifier::Ref | LinearModifier::Uval) => {
                    self.report(
                        Diagnostic::error(
                            Code::InvalidModifier,
                            modifier.span,
                            format!("`{}` can stand on `declare_simd` only", modifier.value),
                        )
                        .label("a loop's variable has no reference to pass"),
                    );
                }
                ClauseArgs::Lastprivate {
                    conditional: Some(span),
                    ..
                } if self.has(LeafKind::Distribute) || leaf.kind == LeafKind::Taskloop => {
                    self.report(Diagnostic::error(
                        Code::InvalidModifier,
                        *span,
                        format!("`conditional` cannot stand on `{}`", self.directive.name),
                    ));
                }
                _ => {}
            }
        }
    }

    fn schedule(&mut self, leaf: &Leaf) {
        let Some(clause) = leaf.clause(ClauseKind::Schedule) else {
            return;
        };
        let ClauseArgs::Schedule { modifiers, .. } = &clause.args else {
            return;
        };
        let find = |wanted| modifiers.iter().find(|modifier| modifier.value == wanted);
        let nonmonotonic = find(ScheduleModifier::Nonmonotonic);
        if let (Some(nonmonotonic), Some(monotonic)) =
            (nonmonotonic, find(ScheduleModifier::Monotonic))
        {
            let (first, second) = if monotonic.span < nonmonotonic.span {
                (monotonic, nonmonotonic)
            } else {
                (nonmonotonic, monotonic)
            };
            self.report(
                Diagnostic::error(
                    Code::InvalidModifier,
                    second.span,
                    format!("`{}` contradicts `{}`", second.value, first.value),
                )
                .secondary(first.span, "the other modifier"),
            );
        }
        if let (Some(nonmonotonic), Some(ordered)) =
            (nonmonotonic, leaf.clause(ClauseKind::Ordered))
        {
            self.report(
                Diagnostic::error(
                    Code::InvalidModifier,
                    nonmonotonic.span,
                    "`nonmonotonic` cannot stand together with `ordered`",
                )
                .secondary(ordered.span, "`ordered` needs the iterations in order"),
            );
        }
        for (i, modifier) in modifiers.iter().enumerate() {
            if modifiers[..i]
                .iter()
                .any(|other| other.value == modifier.value)
            {
                self.report(Diagnostic::error(
                    Code::InvalidModifier,
                    modifier.span,
                    format!("`{}` stands twice", modifier.value),
                ));
            }
        }
    }

    fn ordered(&mut self, leaf: &Leaf) {
        let Some(clause) = leaf.clause(ClauseKind::Ordered) else {
            return;
        };
        if self.has(LeafKind::Distribute) {
            self.report(
                Diagnostic::error(
                    Code::ClauseNotAllowed,
                    clause.span,
                    format!("`ordered` cannot stand on `{}`", self.directive.name),
                )
                .label("the teams of `distribute` keep no order between them"),
            );
        }
        let collapse = leaf.clause(ClauseKind::Collapse);
        if let (ClauseArgs::OptionalExpr(Some(depth)), Some(collapse)) = (&clause.args, collapse)
            && let (Some(ordered), Some(collapsed)) = (depth.as_integer(), integer(collapse))
            && ordered < collapsed
        {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    depth.span,
                    "`ordered` covers at least the collapsed loops",
                )
                .secondary(collapse.span, format!("{collapsed} loops are collapsed")),
            );
        }
    }

    /// The preferred vector length is within the safe one.
    fn lengths(&mut self, leaf: &Leaf) {
        let (Some(simdlen), Some(safelen)) = (
            leaf.clause(ClauseKind::Simdlen),
            leaf.clause(ClauseKind::Safelen),
        ) else {
            return;
        };
        if let (Some(preferred), Some(safe)) = (integer(simdlen), integer(safelen))
            && preferred > safe
        {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    simdlen.span,
                    "`simdlen` is longer than `safelen`",
                )
                .secondary(safelen.span, format!("only {safe} iterations are safe")),
            );
        }
    }

    /// Where reductions with modifiers may stand, and beside what.
    pub(super) fn reductions(&mut self, leaf: &Leaf) {
        for clause in leaf.clauses_of(ClauseKind::Reduction) {
            let ClauseArgs::Reduction(reduction) = &clause.args else {
                continue;
            };
            match reduction.modifier {
                Some(word) if word.value == ReductionModifier::Inscan => {
                    self.inscan(leaf, reduction, word)
                }
                Some(word) if word.value == ReductionModifier::Task => {
                    self.task_reduction(leaf, word)
                }
                _ => {}
            }
        }
    }

    fn wrong_reduction(&mut self, leaf: &Leaf, word: Word<ReductionModifier>, expected: &str) {
        self.report(
            Diagnostic::error(
                Code::InvalidModifier,
                word.span,
                format!("a reduction of `{}` cannot be `{}`", leaf.kind, word.value),
            )
            .label(format!("expected on {expected}")),
        );
    }

    fn inscan(&mut self, leaf: &Leaf, reduction: &Reduction, word: Word<ReductionModifier>) {
        if !matches!(leaf.kind, LeafKind::For | LeafKind::Simd) {
            return self.wrong_reduction(leaf, word, "`for`, `simd` or `for simd`");
        }
        for kind in [LeafKind::Distribute, LeafKind::Taskloop] {
            if self.has(kind) {
                self.wrong_reduction(leaf, word, &format!("a directive without `{kind}`"));
            }
        }
        for kind in [ClauseKind::Schedule, ClauseKind::Ordered] {
            if let Some(clause) = leaf.clause(kind) {
                self.report(
                    Diagnostic::error(
                        Code::ExclusiveClauses,
                        clause.span,
                        format!("`{kind}` cannot stand beside an `inscan` reduction"),
                    )
                    .secondary(word.span, "the scan decides the order of the iterations"),
                );
            }
        }
        for other in leaf.clauses_of(ClauseKind::Reduction) {
            if let ClauseArgs::Reduction(other_reduction) = &other.args
                && other_reduction.modifier.map(|word| word.value)
                    != Some(ReductionModifier::Inscan)
                && let Some(item) = reduction.items.first()
            {
                self.report(
                    Diagnostic::error(
                        Code::ExclusiveClauses,
                        other.span,
                        "all reductions of a scan are `inscan`",
                    )
                    .secondary(item.span(), "scanned here"),
                );
            }
        }
    }

    fn task_reduction(&mut self, leaf: &Leaf, word: Word<ReductionModifier>) {
        if !matches!(
            leaf.kind,
            LeafKind::Parallel | LeafKind::For | LeafKind::Sections | LeafKind::Scope
        ) {
            return self.wrong_reduction(leaf, word, "`parallel`, `for`, `sections` or `scope`");
        }
        if let Some(nowait) = leaf.clause(ClauseKind::Nowait) {
            self.report(
                Diagnostic::error(
                    Code::ExclusiveClauses,
                    nowait.span,
                    "`nowait` cannot stand beside a `task` reduction",
                )
                .secondary(
                    word.span,
                    "the tasks are awaited at the barrier that `nowait` removes",
                ),
            );
        }
        for kind in [LeafKind::Simd, LeafKind::Loop] {
            if self.has(kind) {
                self.wrong_reduction(leaf, word, &format!("a directive without `{kind}`"));
            }
        }
    }
}

/// The clause's number, if it is literal.
fn integer(clause: &Clause) -> Option<i64> {
    match &clause.args {
        ClauseArgs::Expr(expr) | ClauseArgs::OptionalExpr(Some(expr)) => expr.as_integer(),
        ClauseArgs::Simdlen {
            length,
            scaled: None,
        } => ExprText::as_integer(length),
        _ => None,
    }
}
