//! What literal values of clauses must be.

use super::Rules;
use crate::ast::{Clause, ClauseArgs, ExprText, SplitCount};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{ClauseKind, Value};

impl Rules<'_> {
    /// Checks the numbers of a clause, as far as they are literal.
    pub(super) fn values(&mut self, clause: &Clause) {
        let least = match clause.kind.row().value {
            Value::Any => return self.other_values(clause),
            Value::Positive | Value::ConstantPositive => 1,
            Value::NonNegative => 0,
        };
        for expr in numbers(&clause.args) {
            self.number(clause.kind, expr, least);
        }
        self.other_values(clause);
    }

    fn number(&mut self, kind: ClauseKind, expr: &ExprText, least: i64) {
        let wanted = if least == 0 {
            "an integer of at least zero"
        } else {
            "a positive integer"
        };
        let wrong = match expr.as_integer() {
            Some(value) => value < least,
            None => is_other_literal(&expr.text),
        };
        if wrong {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    expr.span,
                    format!("`{kind}` takes {wanted}"),
                )
                .label(format!("`{}` is none", expr.text)),
            );
        }
    }

    /// Hints that say the opposite of each other.
    fn hint(&mut self, expr: &ExprText) {
        for (one, other) in [
            ("omp_sync_hint_uncontended", "omp_sync_hint_contended"),
            ("omp_sync_hint_nonspeculative", "omp_sync_hint_speculative"),
        ] {
            let mut words = expr
                .text
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .collect::<Vec<_>>();
            words.dedup();
            if words.contains(&one) && words.contains(&other) {
                self.report(
                    Diagnostic::error(
                        Code::InvalidValue,
                        expr.span,
                        format!("`{one}` and `{other}` contradict each other"),
                    )
                    .label("one of them at most"),
                );
            }
        }
    }

    /// Rules of single clauses.
    fn other_values(&mut self, clause: &Clause) {
        match &clause.args {
            ClauseArgs::Aligned {
                alignment: Some(expr),
                ..
            } => self.number(clause.kind, expr, 1),
            ClauseArgs::Allocate {
                align: Some(expr), ..
            } => self.power_of_two(expr),
            ClauseArgs::Expr(expr) if clause.kind == ClauseKind::Align => self.power_of_two(expr),
            ClauseArgs::Linear {
                step: Some(step), ..
            } if is_other_literal(&step.text) => self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    step.span,
                    "the step of `linear` is an integer",
                )
                .label(format!("`{}` is none", step.text)),
            ),
            ClauseArgs::Expr(expr) if clause.kind == ClauseKind::Hint => self.hint(expr),
            ClauseArgs::NumTeams {
                lower: Some(lower),
                upper,
            } => {
                if let (Some(low), Some(high)) = (lower.as_integer(), upper.as_integer())
                    && low > high
                {
                    self.report(
                        Diagnostic::error(
                            Code::InvalidValue,
                            lower.span,
                            "the lower bound is above the upper one",
                        )
                        .secondary(upper.span, "the upper bound"),
                    );
                }
            }
            ClauseArgs::Counts(counts) => self.one_fill(clause, counts),
            ClauseArgs::Exprs(exprs) if clause.kind == ClauseKind::Permutation => {
                self.permutation(clause, exprs)
            }
            ClauseArgs::Exprs(exprs)
                if clause.kind == ClauseKind::Looprange && exprs.len() != 2 =>
            {
                self.report(
                    Diagnostic::error(
                        Code::InvalidValue,
                        clause.span,
                        "`looprange` takes two numbers",
                    )
                    .label("expected `looprange(first, count)`"),
                );
            }
            _ => {}
        }
    }

    fn power_of_two(&mut self, expr: &ExprText) {
        if expr
            .as_integer()
            .is_some_and(|value| value > 0 && value & (value - 1) != 0)
        {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    expr.span,
                    "an alignment is a power of two",
                )
                .label(format!("`{}` is none", expr.text)),
            );
        }
    }

    fn one_fill(&mut self, clause: &Clause, counts: &[SplitCount]) {
        let fills = counts
            .iter()
            .filter(|count| matches!(count, SplitCount::Fill(_)))
            .count();
        if fills != 1 {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    clause.span,
                    "`counts` needs `omp_fill` exactly once",
                )
                .label(format!("stands {fills} times")),
            );
        }
    }

    fn permutation(&mut self, clause: &Clause, exprs: &[ExprText]) {
        let values: Option<Vec<i64>> = exprs.iter().map(ExprText::as_integer).collect();
        let Some(mut values) = values else { return };
        values.sort_unstable();
        if values.len() < 2
            || values
                .iter()
                .zip(1..)
                .any(|(value, wanted)| *value != wanted)
        {
            let last = exprs.len().max(2);
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    clause.span,
                    "`permutation` needs each loop's number once",
                )
                .label(format!("expected the numbers 1 to {last} in some order")),
            );
        }
    }
}

/// The expressions of a clause that are numbers.
fn numbers(args: &ClauseArgs) -> Vec<&ExprText> {
    match args {
        ClauseArgs::Expr(expr) | ClauseArgs::OptionalExpr(Some(expr)) => vec![expr],
        ClauseArgs::Exprs(exprs) => exprs.iter().collect(),
        ClauseArgs::NumThreads { counts, .. } => counts.iter().collect(),
        ClauseArgs::NumTeams { lower, upper } => lower.iter().chain([upper]).collect(),
        ClauseArgs::Strict { value, .. } => vec![value],
        ClauseArgs::Simdlen { length, .. } => vec![length],
        ClauseArgs::Sizes { sizes, .. } => sizes.iter().collect(),
        ClauseArgs::DynGroupprivate { size, .. } => vec![size],
        ClauseArgs::Schedule {
            chunk: Some(chunk), ..
        }
        | ClauseArgs::DistSchedule { chunk: Some(chunk) } => vec![chunk],
        ClauseArgs::Counts(counts) => counts
            .iter()
            .filter_map(|count| match count {
                SplitCount::Count(expr) => Some(expr),
                SplitCount::Fill(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether the text is one literal of a type that counts nothing.
fn is_other_literal(text: &str) -> bool {
    let text = text.trim();
    let starts_as_number = text
        .trim_start_matches(['-', '+', '.', ' '])
        .starts_with(|c: char| c.is_ascii_digit());
    matches!(text, "None" | "True" | "False")
        || text.starts_with(['"', '\''])
        || (starts_as_number && text.parse::<f64>().is_ok() && text.contains(['.', 'e', 'E']))
}
