//! Clauses made of one expression, one word or one plain list.

use super::Reading;
use crate::ast::{ClauseArgs, ExprText, Word};
use crate::cursor::Parser;
use crate::list::Items;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{ClauseKind, Keyword, LeafKind, MemoryOrder, ProcBind};

impl Parser<'_> {
    /// What an expression of this clause is called in messages.
    fn expr_name(kind: ClauseKind) -> &'static str {
        match kind {
            ClauseKind::If | ClauseKind::Final | ClauseKind::Novariants | ClauseKind::Nocontext => {
                "condition"
            }
            ClauseKind::Safelen | ClauseKind::Simdlen => "length",
            ClauseKind::Collapse | ClauseKind::Ordered | ClauseKind::Depth => "number of loops",
            _ => "expression",
        }
    }

    /// One expression, without modifiers of its own.
    pub(super) fn one_expr(&mut self, reading: &Reading<'_>) -> Option<ExprText> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        self.single_expr(reading.args(), Self::expr_name(reading.kind))
    }

    /// A switch that may carry a logical expression.
    pub(super) fn flag(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let cancels = matches!(
            reading.leaf,
            Some(LeafKind::Cancel | LeafKind::CancellationPoint)
        );
        if cancels && let Some(argument) = reading.argument {
            let span = self.span(argument);
            self.error(
                Code::UnexpectedArgument,
                span,
                format!("`{}` takes no argument here", reading.name),
            );
            return None;
        }
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        self.single_expr(reading.args(), "logical expression")
            .map(|expr| ClauseArgs::Flag(Some(expr)))
    }

    pub(super) fn expr_list(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        self.exprs(reading.args(), "number").map(ClauseArgs::Exprs)
    }

    /// A list without modifiers.
    pub(super) fn plain_items(
        &mut self,
        reading: &Reading<'_>,
        accepted: Items,
    ) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        self.items(reading.args(), accepted).map(ClauseArgs::Items)
    }

    pub(super) fn one_item(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        self.item(reading.args(), Items::Locators)
            .map(ClauseArgs::Item)
    }

    /// One word of a fixed set.
    pub(super) fn one_keyword<T: Keyword>(
        &mut self,
        reading: &Reading<'_>,
        what: &str,
    ) -> Option<Word<T>> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        self.keyword(reading.args(), what)
    }

    pub(super) fn fail(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let order = self.one_keyword::<MemoryOrder>(reading, "memory order")?;
        if matches!(order.value, MemoryOrder::AcqRel | MemoryOrder::Release) {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    order.span,
                    format!(
                        "a failed comparison stores nothing, so it cannot be `{}`",
                        order.value
                    ),
                )
                .label("expected `seq_cst`, `acquire` or `relaxed`"),
            );
            return None;
        }
        Some(ClauseArgs::Fail(order))
    }

    pub(super) fn proc_bind(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let part = reading.args();
        if reading.modifiers().is_empty() && self.only_word(part) == Some("master") {
            let span = self.span(part);
            self.report(
                Diagnostic::warning(
                    Code::DeprecatedSpelling,
                    span,
                    "`master` was replaced by `primary`",
                )
                .help("write `primary`")
                .fix(span, "primary"),
            );
            return Some(ClauseArgs::ProcBind(Word {
                value: ProcBind::Primary,
                span,
            }));
        }
        self.one_keyword(reading, "thread affinity policy")
            .map(ClauseArgs::ProcBind)
    }
}
