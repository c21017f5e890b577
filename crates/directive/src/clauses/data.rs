//! Data-sharing clauses.

use super::Reading;
use crate::ast::{ClauseArgs, ExprText, Induction, ListItem, Reduction, Word};
use crate::cursor::{Parser, Part};
use crate::list::Items;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_spec::{
    ClauseKind, InductionModifier, Keyword, LinearModifier, OriginalSharing, ReductionModifier,
};

impl Parser<'_> {
    /// `default(kind [: category])`.
    pub(super) fn default(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (kind, category) = self.with_category(reading.modified.whole());
        let kind = self.keyword(kind, "data-sharing attribute");
        let category = match category {
            Some(part) => Some(self.keyword(part, "kind of variable")?),
            None => None,
        };
        Some(ClauseArgs::Default {
            kind: kind?,
            category,
        })
    }

    /// Cuts `value [: category]`.
    pub(super) fn with_category(&self, part: Part) -> (Part, Option<Part>) {
        match self.cut(part, ":") {
            Some((value, category)) => (value, Some(category)),
            None => (part, None),
        }
    }

    pub(super) fn firstprivate(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (saved, items) = self.flagged_items(reading, "saved")?;
        Some(ClauseArgs::Firstprivate { saved, items })
    }

    pub(super) fn lastprivate(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (conditional, items) = self.flagged_items(reading, "conditional")?;
        Some(ClauseArgs::Lastprivate { conditional, items })
    }

    /// `[flag :] list` of whole variables.
    pub(super) fn flagged_items(
        &mut self,
        reading: &Reading<'_>,
        flag: &str,
    ) -> Option<(Option<Span>, Vec<ListItem>)> {
        let mut found = None;
        for &modifier in reading.modifiers() {
            match self.modifier_flag(modifier, flag) {
                Some(span) => self.set_once(&mut found, span, modifier),
                None => self.unknown_modifier(modifier, &[flag]),
            }
        }
        Some((found, self.items(reading.args(), Items::Names)?))
    }

    /// `linear(list [: [val|ref|uval,] [step(e)] | e])`, and the older `linear(val(list) : e)`.
    pub(super) fn linear(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let whole = reading.modified.whole();
        let (mut list, options) = match self.cut(whole, ":") {
            Some((list, options)) => (list, Some(options)),
            None => (whole, None),
        };
        let mut modifier: Option<Word<LinearModifier>> = None;
        for &name in LinearModifier::NAMES {
            if let Some(inside) = self.call(list, name) {
                let word = Part::new(list.start, list.start + 1);
                let span = self.span(word);
                self.report(
                    Diagnostic::warning(
                        Code::DeprecatedSpelling,
                        span,
                        format!(
                            "`{name}(...)` around the list was replaced by a modifier after it"
                        ),
                    )
                    .help(format!(
                        "write `linear({} : {name})`",
                        self.part_text(inside)
                    )),
                );
                modifier = self.keyword(word, "modifier");
                list = inside;
            }
        }
        let items = self.items(list, Items::Names);
        let mut step: Option<ExprText> = None;
        if let Some(options) = options {
            for part in self.split(options, ",") {
                if let Some(word) = self.modifier_word::<LinearModifier>(part) {
                    self.set_once(&mut modifier, word, part);
                } else {
                    let value = self.call(part, "step").unwrap_or(part);
                    let value = self.single_expr(value, "step")?;
                    self.set_once(&mut step, value, part);
                }
            }
        }
        Some(ClauseArgs::Linear {
            modifier,
            step,
            items: items?,
        })
    }

    /// `aligned(list [: alignment])`.
    pub(super) fn aligned(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (list, alignment) = self.with_category(reading.modified.whole());
        let items = self.items(list, Items::Names);
        let alignment = match alignment {
            Some(part) => Some(self.single_expr(part, "alignment")?),
            None => None,
        };
        Some(ClauseArgs::Aligned {
            items: items?,
            alignment,
        })
    }

    /// `allocate([allocator(a), align(n) | a :] list)`.
    pub(super) fn allocate(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (mut allocator, mut align) = (None, None);
        for &modifier in reading.modifiers() {
            if let Some(inside) = self.call(modifier, "allocator") {
                let value = self.single_expr(inside, "allocator")?;
                self.set_once(&mut allocator, value, modifier);
            } else if let Some(inside) = self.call(modifier, "align") {
                let value = self.single_expr(inside, "alignment")?;
                self.set_once(&mut align, value, modifier);
            } else {
                let value = self.single_expr(modifier, "allocator")?;
                self.set_once(&mut allocator, value, modifier);
            }
        }
        Some(ClauseArgs::Allocate {
            allocator,
            align,
            items: self.items(reading.args(), Items::Names)?,
        })
    }

    /// `reduction([modifier,] [original(sharing),] id : list)`, and its task forms.
    pub(super) fn reduction(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let Some((&id, before)) = reading.modifiers().split_last() else {
            let span = self.span(reading.args());
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    format!("`{}` needs an operator before its list", reading.name),
                )
                .label("expected `operator : variables`")
                .help(format!(
                    "for a sum write `{}(+: {})`",
                    reading.name,
                    self.part_text(reading.args())
                )),
            );
            return None;
        };
        let plain = reading.kind == omply_spec::ClauseKind::Reduction;
        let known: &[&str] = if plain {
            &["default", "inscan", "task", "original"]
        } else {
            &[]
        };
        let (mut modifier, mut original) = (None, None);
        for &part in before {
            if plain && let Some(word) = self.modifier_word::<ReductionModifier>(part) {
                self.set_once(&mut modifier, word, part);
            } else if plain && let Some(inside) = self.call(part, "original") {
                let word = self.keyword::<OriginalSharing>(inside, "sharing of the original")?;
                self.set_once(&mut original, word, part);
            } else {
                self.unknown_modifier(part, known);
            }
        }
        let id = self.reduction_id(id);
        let items = self.items(reading.args(), Items::Sections);
        Some(ClauseArgs::Reduction(Box::new(Reduction {
            modifier,
            original,
            id: id?,
            items: items?,
        })))
    }

    /// `induction([relaxed|strict,] id, step(e) : list)`, modifiers in any order.
    pub(super) fn induction(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (mut modifier, mut id, mut step) = (None, None, None);
        for &part in reading.modifiers() {
            if let Some(word) = self.modifier_word::<InductionModifier>(part) {
                self.set_once(&mut modifier, word, part);
            } else if let Some(inside) = self.call(part, "step") {
                let value = self.single_expr(inside, "step")?;
                self.set_once(&mut step, value, part);
            } else if self.is_reduction_id(part) {
                let value = self.reduction_id(part)?;
                self.set_once(&mut id, value, part);
            } else {
                let mut known = InductionModifier::WORDS.to_vec();
                known.push("step");
                self.unknown_modifier(part, &known);
            }
        }
        let items = self.items(reading.args(), Items::Names)?;
        let (Some(id), Some(step)) = (id, step) else {
            let span = self.span(reading.modified.whole());
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "`induction` needs an operator and a step before its list",
                )
                .label("expected `operator, step(expression) : variables`"),
            );
            return None;
        };
        Some(ClauseArgs::Induction(Box::new(Induction {
            modifier,
            id,
            step,
            items,
        })))
    }

    /// `initializer(omp_priv = e)`, `combiner(omp_out = e)`, `inductor(omp_var = e)`, or the expression alone.
    pub(super) fn operand(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        let (name, what) = match reading.kind {
            ClauseKind::Combiner => ("omp_out", "combiner"),
            ClauseKind::Inductor => ("omp_var", "inductor"),
            _ => ("omp_priv", "initial value"),
        };
        let part = self.assigned(reading.args(), name);
        self.single_expr(part, what).map(ClauseArgs::Expr)
    }

    /// What is assigned in `name = e`; all of the part where it is the expression alone.
    pub(crate) fn assigned(&self, part: Part, name: &str) -> Part {
        if self.word(part.start) == Some(name) && self.is_operator(part.start + 1, "=") {
            Part::new(part.start + 2, part.end)
        } else {
            part
        }
    }
}
