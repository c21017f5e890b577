//! Clauses of declarations and of choice by context.

use super::Reading;
use crate::ast::{
    ClauseArgs, ContextSelector, Directive, DirectiveName, ExprText, Ident, SelectorSet,
    SelectorTrait,
};
use crate::cursor::{Parser, Part, shorten};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{AdjustOp, TraitSet};

impl Parser<'_> {
    /// `absent(names)`, `contains(names)`.
    pub(super) fn directive_names(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        let mut names: Vec<DirectiveName> = Vec::new();
        for part in self.split(reading.args(), ",") {
            match self.directive_name(part) {
                Some(name) => names.push(name),
                None => {
                    let all: Vec<&str> = omply_spec::LEAVES.iter().map(|row| row.name).collect();
                    let span = self.span(part);
                    let text = self.part_text(part);
                    let mut diagnostic = Diagnostic::error(
                        Code::UnknownDirective,
                        span,
                        format!("unknown directive `{}`", shorten(text)),
                    );
                    if let Some(near) = omply_diagnostics::nearest(text, all) {
                        diagnostic = diagnostic
                            .help(format!("did you mean `{near}`?"))
                            .fix(span, near);
                    }
                    self.report(diagnostic);
                    return None;
                }
            }
        }
        Some(ClauseArgs::DirectiveNames(names))
    }

    /// `adjust_args(operation : parameters)`.
    pub(super) fn adjust_args(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let [op] = reading.modifiers() else {
            let span = self.span(reading.modified.whole());
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "`adjust_args` needs one operation before its parameters",
                )
                .label("expected `operation : parameters`"),
            );
            return None;
        };
        let op = self.keyword::<AdjustOp>(*op, "operation")?;
        let params = self.exprs(reading.args(), "parameter")?;
        Some(ClauseArgs::AdjustArgs { op, params })
    }

    /// `append_args(interop(...), ...)`.
    pub(super) fn append_args(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if !self.no_modifiers(reading.modifiers()) {
            return None;
        }
        let mut operations: Vec<ExprText> = Vec::new();
        for part in self.split(reading.args(), ",") {
            if self.call(part, "interop").is_none() {
                let span = self.span(part);
                self.report(
                    Diagnostic::error(
                        Code::UnknownKeyword,
                        span,
                        "only interoperability objects can be appended",
                    )
                    .label("expected `interop(...)`"),
                );
                return None;
            }
            operations.push(self.expr(part, "operation")?);
        }
        Some(ClauseArgs::AppendArgs(operations))
    }

    /// `match(selector)`.
    pub(super) fn match_clause(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        self.selector(reading.modified.whole())
            .map(ClauseArgs::Match)
    }

    /// `when(selector : [directive])`.
    pub(super) fn when(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let whole = reading.modified.whole();
        let Some((selector, directive)) = self.cut(whole, ":") else {
            let span = self.span(whole);
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "`when` needs a colon after its selector",
                )
                .label("expected `selector : directive`"),
            );
            return None;
        };
        let selector = self.selector(selector);
        let directive = if directive.is_empty() {
            None
        } else {
            Some(Box::new(self.nested_directive(directive)?))
        };
        Some(ClauseArgs::When {
            selector: selector?,
            directive,
        })
    }

    /// `otherwise([directive])`.
    pub(super) fn otherwise(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let whole = reading.modified.whole();
        if whole.is_empty() {
            return Some(ClauseArgs::Otherwise(None));
        }
        let directive: Directive = self.nested_directive(whole)?;
        Some(ClauseArgs::Otherwise(Some(Box::new(directive))))
    }

    /// `set={trait, trait(property), trait(score(n): property)}, ...`.
    fn selector(&mut self, part: Part) -> Option<ContextSelector> {
        let span = self.span(part);
        let mut sets = Vec::new();
        for part in self.split(part, ",") {
            sets.push(self.selector_set(part)?);
        }
        Some(ContextSelector { sets, span })
    }

    fn selector_set(&mut self, part: Part) -> Option<SelectorSet> {
        let name = Part::new(part.start, part.end.min(part.start + 1));
        let set = self.keyword::<TraitSet>(name, "set of traits")?;
        let at = part.start + 1;
        if !self.is_operator(at, "=")
            || !self.opens(at + 1, "{")
            || self.after(at + 1, part.end) != part.end
        {
            let span = self.span(Part::new(at, part.end));
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    format!("the traits of `{}` are missing", set.value),
                )
                .label("expected `={...}`"),
            );
            return None;
        }
        let mut traits = Vec::new();
        let inside = self.inside(at + 1, part.end);
        for part in self.split(inside, ",") {
            traits.push(self.selector_trait(part)?);
        }
        Some(SelectorSet { set, traits })
    }

    fn selector_trait(&mut self, part: Part) -> Option<SelectorTrait> {
        // Construct traits are directives' names, `for` among them, so Python's keywords are no hindrance here.
        let Some(word) = self.word(part.start).filter(|_| !part.is_empty()) else {
            let span = self.span(part);
            self.report(
                Diagnostic::error(Code::MissingArgument, span, "a trait is missing")
                    .label("expected a name"),
            );
            return None;
        };
        let name = Ident {
            name: word.to_owned(),
            span: self.token_span(part.start),
        };
        if part.len() == 1 {
            return Some(SelectorTrait {
                name,
                score: None,
                properties: Vec::new(),
            });
        }
        let Some(mut inside) = self.call(part, word) else {
            let span = self.span(Part::new(part.start + 1, part.end));
            self.report(
                Diagnostic::error(
                    Code::UnexpectedToken,
                    span,
                    format!("the trait `{word}` is followed by something else"),
                )
                .label("expected `,`, `(` or `}`"),
            );
            return None;
        };
        let mut score = None;
        if let Some((before, rest)) = self.cut(inside, ":")
            && let Some(value) = self.call(before, "score")
        {
            score = Some(self.single_expr(value, "score")?);
            inside = rest;
        }
        let properties = self.exprs(inside, "property")?;
        Some(SelectorTrait {
            name,
            score,
            properties,
        })
    }
}
