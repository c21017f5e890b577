//! The modifiers before a clause's colon, and the `directive-name:` modifier that every clause takes.

use crate::ast::{DirectiveName, Word};
use crate::cursor::{Parser, Part, Parts, one_of, shorten};
use omply_diagnostics::{Code, Diagnostic, Span, nearest};
use omply_spec::Keyword;

/// A clause's argument with what stands before the colon taken apart.
#[derive(Debug)]
pub(crate) struct Modified {
    pub modifiers: Parts,
    pub args: Part,
}

impl Modified {
    /// The argument with its modifiers, for clauses whose modifiers come last.
    pub fn whole(&self) -> Part {
        Part::new(
            self.modifiers
                .first()
                .map_or(self.args.start, |first| first.start),
            self.args.end,
        )
    }
}

impl Parser<'_> {
    /// Takes a `directive-name` out of the modifiers. Words in `keywords` are read as the clause's own.
    ///
    /// Returns the argument without it; where other modifiers remain, they stay before the colon. A clause whose modifiers come
    /// last (`alone`) has a list before its colon: there the name must be all that stands before it.
    pub fn take_directive_name(
        &self,
        part: Part,
        keywords: &[&str],
        alone: bool,
    ) -> (Option<DirectiveName>, Modified) {
        let Some((before, args)) = self.cut(part, ":") else {
            return (
                None,
                Modified {
                    modifiers: Parts::new(),
                    args: part,
                },
            );
        };
        let mut modifiers = self.split(before, ",");
        if alone && modifiers.len() > 1 {
            return (None, Modified { modifiers, args });
        }
        let found = modifiers.iter().position(|modifier| {
            let own = self
                .only_word(*modifier)
                .is_some_and(|word| keywords.contains(&word));
            !own && self.directive_name(*modifier).is_some()
        });
        let name = found.and_then(|index| self.directive_name(modifiers.remove(index)));
        // `if(target: a)`; with a second colon the rest has modifiers of its own: `linear(simd: x : 2)`.
        if name.is_some() && modifiers.is_empty() {
            return (name, self.modified(args));
        }
        (name, Modified { modifiers, args })
    }

    /// Cuts an argument at its first colon.
    fn modified(&self, part: Part) -> Modified {
        match self.cut(part, ":") {
            Some((before, args)) => Modified {
                modifiers: self.split(before, ","),
                args,
            },
            None => Modified {
                modifiers: Parts::new(),
                args: part,
            },
        }
    }

    /// Reports a modifier the clause does not take.
    pub fn unknown_modifier(&mut self, modifier: Part, known: &[&str]) {
        let span = self.span(modifier);
        if modifier.is_empty() {
            return self.error(
                Code::MissingArgument,
                span,
                "a modifier is missing before the colon",
            );
        }
        let text = self.part_text(modifier);
        let mut diagnostic = Diagnostic::error(
            Code::UnknownModifier,
            span,
            format!("unknown modifier `{}`", shorten(text)),
        );
        if known.is_empty() {
            diagnostic = diagnostic.label("the clause takes a directive's name here, or nothing");
        } else {
            diagnostic = diagnostic.label(format!("expected {}", one_of(known)));
        }
        let word = self.word(modifier.start).unwrap_or(text);
        let leaves: Vec<&str> = omply_spec::LEAVES
            .iter()
            .filter(|row| row.kind.combines())
            .map(|row| row.name)
            .collect();
        if let Some(near) = nearest(word, known.iter().copied().chain(leaves)) {
            let word_span = self.token_span(modifier.start);
            diagnostic = diagnostic
                .help(format!("did you mean `{near}`?"))
                .fix(word_span, near);
        }
        self.report(diagnostic);
    }

    /// Reports every modifier of a clause that takes none of its own.
    pub fn no_modifiers(&mut self, modifiers: &[Part]) -> bool {
        for modifier in modifiers {
            self.unknown_modifier(*modifier, &[]);
        }
        modifiers.is_empty()
    }

    /// A modifier that is one of an enum's words.
    pub fn modifier_word<T: Keyword>(&self, modifier: Part) -> Option<Word<T>> {
        let value = self.only_word(modifier).and_then(T::parse)?;
        Some(Word {
            value,
            span: self.span(modifier),
        })
    }

    /// The place of a modifier that is the given word.
    pub fn modifier_flag(&self, modifier: Part, word: &str) -> Option<Span> {
        (self.only_word(modifier) == Some(word)).then(|| self.span(modifier))
    }

    /// Keeps a modifier, or reports that one of its kind is already there.
    pub fn set_once<T>(&mut self, slot: &mut Option<T>, value: T, modifier: Part) {
        if slot.is_some() {
            let span = self.span(modifier);
            let text = shorten(self.part_text(modifier));
            self.report(
                Diagnostic::error(
                    Code::InvalidModifier,
                    span,
                    format!("`{text}` comes after another modifier of its kind"),
                )
                .label("only one may stand"),
            );
        } else {
            *slot = Some(value);
        }
    }
}
