//! Clauses of tasks.

use super::Reading;
use crate::ast::{ClauseArgs, IteratorVar};
use crate::cursor::{Parser, Part};
use crate::list::Items;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::DependType;

impl Parser<'_> {
    /// `grainsize([strict:] n)`, `num_tasks([strict:] n)`.
    pub(super) fn strict(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut strict = None;
        for &modifier in reading.modifiers() {
            match self.modifier_flag(modifier, "strict") {
                Some(span) => self.set_once(&mut strict, span, modifier),
                None => self.unknown_modifier(modifier, &["strict"]),
            }
        }
        let value = self.single_expr(reading.args(), "number")?;
        Some(ClauseArgs::Strict { strict, value })
    }

    /// `depend([iterator(...),] type : locators)`.
    pub(super) fn depend(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut iterators: Option<Vec<IteratorVar>> = None;
        let mut kind = None;
        for &part in reading.modifiers() {
            if let Some(inside) = self.call(part, "iterator") {
                let value = self.iterators(inside)?;
                self.set_once(&mut iterators, value, part);
            } else if let Some(word) = self.modifier_word::<DependType>(part) {
                self.set_once(&mut kind, word, part);
            } else {
                self.unknown_word(
                    Code::UnknownKeyword,
                    part,
                    "dependence type",
                    DependType::NAMES,
                );
                return None;
            }
        }
        let Some(kind) = kind else {
            let span = self.span(reading.args());
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "the dependence type is missing",
                )
                .label("expected `type : variables`, with a type such as `in` or `out`"),
            );
            return None;
        };
        let items = self.items(reading.args(), Items::Depend)?;
        Some(ClauseArgs::Depend {
            iterators: iterators.unwrap_or_default(),
            kind,
            items,
        })
    }

    /// `affinity([iterator(...):] locators)`.
    pub(super) fn affinity(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut iterators: Option<Vec<IteratorVar>> = None;
        for &part in reading.modifiers() {
            match self.call(part, "iterator") {
                Some(inside) => {
                    let value = self.iterators(inside)?;
                    self.set_once(&mut iterators, value, part);
                }
                None => self.unknown_modifier(part, &["iterator"]),
            }
        }
        let items = self.items(reading.args(), Items::Locators)?;
        Some(ClauseArgs::Affinity {
            iterators: iterators.unwrap_or_default(),
            items,
        })
    }

    /// The one part of a list that must have one.
    pub(super) fn only_part(&mut self, part: Part, what: &str) -> Option<Part> {
        if let Some((_, rest)) = self.cut(part, ",") {
            let span = self.span(Part::new(rest.start - 1, rest.end));
            self.error(
                Code::UnexpectedArgument,
                span,
                format!("one {what} is taken, not several"),
            );
            return None;
        }
        Some(part)
    }
}
