//! Clauses of loop transformations.

use super::Reading;
use crate::ast::{ClauseArgs, ExprText, SplitCount, Word};
use crate::cursor::{Parser, Part};
use omply_spec::{LoopModifier, SizesModifier};

impl Parser<'_> {
    /// `sizes([tile|grid:] s, ...)`.
    pub(super) fn sizes(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut modifier = None;
        for &part in reading.modifiers() {
            match self.modifier_word::<SizesModifier>(part) {
                Some(word) => self.set_once(&mut modifier, word, part),
                None => self.unknown_modifier(part, SizesModifier::NAMES),
            }
        }
        let sizes = self.exprs(reading.args(), "size")?;
        Some(ClauseArgs::Sizes { modifier, sizes })
    }

    /// `counts(c, ...)`, one of them `omp_fill`.
    pub(super) fn counts(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        let mut counts = Vec::new();
        for part in self.split(reading.args(), ",") {
            if self.only_word(part) == Some("omp_fill") {
                counts.push(SplitCount::Fill(self.span(part)));
            } else {
                counts.push(SplitCount::Count(self.expr(part, "number of iterations")?));
            }
        }
        Some(ClauseArgs::Counts(counts))
    }

    /// `apply([loop[(indices)] :] directive, ...)`.
    pub(super) fn apply(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut modifier: Option<Word<LoopModifier>> = None;
        let mut indices: Vec<ExprText> = Vec::new();
        for &part in reading.modifiers() {
            let name = Part::new(part.start, part.end.min(part.start + 1));
            let (Some(word), true) = (self.modifier_word::<LoopModifier>(name), modifier.is_none())
            else {
                self.unknown_modifier(part, LoopModifier::NAMES);
                return None;
            };
            if let Some(inside) = self.call(part, word.value.name()) {
                indices = self.exprs(inside, "index of a generated loop")?;
            } else if part.len() > 1 {
                self.unknown_modifier(part, LoopModifier::NAMES);
                return None;
            }
            modifier = Some(word);
        }
        let parts = self.split(reading.args(), ",");
        let directives: Vec<_> = parts
            .iter()
            .filter_map(|part| self.nested_directive(*part))
            .collect();
        (directives.len() == parts.len()).then_some(ClauseArgs::Apply {
            modifier,
            indices,
            directives,
        })
    }
}
