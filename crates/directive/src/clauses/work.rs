//! Clauses of parallel regions, teams and worksharing.

use super::Reading;
use crate::ast::{ClauseArgs, Word};
use crate::cursor::{Parser, Part};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{OrderModifier, ScheduleKind, ScheduleModifier};

impl Parser<'_> {
    /// `num_threads([strict:] n, ...)`.
    pub(super) fn num_threads(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut strict = None;
        for &modifier in reading.modifiers() {
            match self.modifier_flag(modifier, "strict") {
                Some(span) => self.set_once(&mut strict, span, modifier),
                None => self.unknown_modifier(modifier, &["strict"]),
            }
        }
        let counts = self.exprs(reading.args(), "number of threads")?;
        Some(ClauseArgs::NumThreads { strict, counts })
    }

    /// `num_teams([lower:] upper)`.
    pub(super) fn num_teams(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut lower = None;
        for &modifier in reading.modifiers() {
            let value = self.expr(modifier, "lower bound")?;
            self.set_once(&mut lower, value, modifier);
        }
        let upper = self.single_expr(reading.args(), "number of teams")?;
        Some(ClauseArgs::NumTeams { lower, upper })
    }

    /// `schedule([modifier, ... :] kind [, chunk])`.
    pub(super) fn schedule(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if let [part] = reading.modifiers()
            && let Some(kind) = self.modifier_word::<ScheduleKind>(*part)
        {
            let colon = self.token_span(part.end);
            self.report(
                Diagnostic::error(
                    Code::UnexpectedToken,
                    colon,
                    "a comma stands between schedule kind and chunk size",
                )
                .help(format!(
                    "write `schedule({}, {})`",
                    kind.value,
                    self.part_text(reading.args())
                ))
                .fix(colon, ","),
            );
            return None;
        }
        let mut modifiers: Vec<Word<ScheduleModifier>> = Vec::new();
        for &part in reading.modifiers() {
            match self.modifier_word::<ScheduleModifier>(part) {
                Some(word) => modifiers.push(word),
                None => self.unknown_modifier(part, ScheduleModifier::NAMES),
            }
        }
        let (kind, chunk) = self.kind_and_chunk(reading.args());
        let kind = self.keyword::<ScheduleKind>(kind, "schedule kind");
        let chunk = match chunk {
            Some(part) => Some(self.single_expr(part, "chunk size")?),
            None => None,
        };
        let kind = kind?;
        if let Some(chunk) = &chunk
            && matches!(kind.value, ScheduleKind::Auto | ScheduleKind::Runtime)
        {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    chunk.span,
                    format!("`schedule({})` takes no chunk size", kind.value),
                )
                .secondary(kind.span, "this kind decides the chunks itself"),
            );
        }
        Some(ClauseArgs::Schedule {
            modifiers,
            kind,
            chunk,
        })
    }

    fn kind_and_chunk(&self, part: Part) -> (Part, Option<Part>) {
        match self.cut(part, ",") {
            Some((kind, chunk)) => (kind, Some(chunk)),
            None => (part, None),
        }
    }

    /// `dist_schedule(static [, chunk])`.
    pub(super) fn dist_schedule(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        let (kind, chunk) = self.kind_and_chunk(reading.args());
        if self.only_word(kind) != Some("static") {
            self.unknown_word(Code::UnknownKeyword, kind, "schedule kind", &["static"]);
            return None;
        }
        let chunk = match chunk {
            Some(part) => Some(self.single_expr(part, "chunk size")?),
            None => None,
        };
        Some(ClauseArgs::DistSchedule { chunk })
    }

    /// `order([modifier:] concurrent)`.
    pub(super) fn order(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut modifier = None;
        for &part in reading.modifiers() {
            match self.modifier_word::<OrderModifier>(part) {
                Some(word) => self.set_once(&mut modifier, word, part),
                None => self.unknown_modifier(part, OrderModifier::NAMES),
            }
        }
        if self.only_word(reading.args()) != Some("concurrent") {
            self.unknown_word(
                Code::UnknownKeyword,
                reading.args(),
                "order",
                &["concurrent"],
            );
            return None;
        }
        Some(ClauseArgs::Order { modifier })
    }

    /// `simdlen([scaled:] n)`.
    pub(super) fn simdlen(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut scaled = None;
        for &modifier in reading.modifiers() {
            match self.modifier_flag(modifier, "scaled") {
                Some(span) => self.set_once(&mut scaled, span, modifier),
                None => self.unknown_modifier(modifier, &["scaled"]),
            }
        }
        let length = self.single_expr(reading.args(), "length")?;
        Some(ClauseArgs::Simdlen { scaled, length })
    }
}
