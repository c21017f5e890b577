//! Rules of context selectors: traits that exist, in the sets they belong to, each once.

use super::Rules;
use crate::ast::{Clause, ClauseArgs, SelectorSet, SelectorTrait};
use omply_diagnostics::{Code, Diagnostic, nearest};
use omply_spec::{Category, ClauseKind, LEAVES, LeafKind, TraitSet};

const KINDS: &[&str] = &["any", "host", "nohost", "cpu", "gpu", "fpga"];

impl Rules<'_> {
    pub(super) fn selector(&mut self, clause: &Clause) {
        let selector = match &clause.args {
            ClauseArgs::When { selector, .. } | ClauseArgs::Match(selector) => selector,
            _ => return,
        };
        for (i, set) in selector.sets.iter().enumerate() {
            let before = &selector.sets[..i];
            if let Some(first) = before.iter().find(|other| other.set.value == set.set.value) {
                let message = format!("the set `{}` stands twice", set.set.value);
                self.report(
                    Diagnostic::error(Code::DuplicateItem, set.set.span, message)
                        .secondary(first.set.span, "first stands here")
                        .help("list all traits of a set between one pair of braces"),
                );
            }
            for (i, one) in set.traits.iter().enumerate() {
                self.selector_trait(set, one);
                let twice = |other: &&SelectorTrait| {
                    other.name.name == one.name.name && set.set.value != TraitSet::User
                };
                if let Some(first) = set.traits[..i].iter().find(twice) {
                    let message = format!("the trait `{}` stands twice", one.name.name);
                    self.report(
                        Diagnostic::error(Code::DuplicateItem, one.name.span, message)
                            .secondary(first.name.span, "first stands here"),
                    );
                }
            }
        }
    }

    fn selector_trait(&mut self, set: &SelectorSet, one: &SelectorTrait) {
        let known = traits_of(set.set.value);
        let name = one.name.name.as_str();
        if !known.contains(&name) {
            let message = format!("`{}` has no trait `{name}`", set.set.value);
            let error = Diagnostic::error(Code::UnknownKeyword, one.name.span, message);
            self.report(match nearest(name, known.iter().copied()) {
                Some(near) => error
                    .help(format!("did you mean `{near}`?"))
                    .fix(one.name.span, near),
                None => error,
            });
            return;
        }
        if let Some(score) = &one.score {
            self.score(set, score);
        }
        if name == "condition" && one.properties.len() != 1 {
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    one.name.span,
                    "a condition is one expression",
                )
                .label("expected `condition(expression)`"),
            );
        }
        let device = matches!(set.set.value, TraitSet::Device | TraitSet::TargetDevice);
        for property in one.properties.iter().filter(|_| device && name == "kind") {
            let word = property.text.trim().trim_matches(['"', '\'']);
            if !KINDS.contains(&word) {
                let message = format!("`{word}` is no kind of device");
                let error = Diagnostic::error(Code::UnknownKeyword, property.span, message)
                    .label(format!("expected {}", crate::cursor::one_of(KINDS)));
                self.report(match nearest(word, KINDS.iter().copied()) {
                    Some(near) => error.fix(property.span, near),
                    None => error,
                });
            }
        }
    }

    fn score(&mut self, set: &SelectorSet, score: &crate::ast::ExprText) {
        if matches!(
            set.set.value,
            TraitSet::Construct | TraitSet::Device | TraitSet::TargetDevice
        ) {
            let message = format!("traits of `{}` take no score", set.set.value);
            self.report(
                Diagnostic::error(Code::InvalidModifier, score.span, message)
                    .note("their scores follow from the context"),
            );
        } else if score.as_integer().is_none_or(|score| score < 0) {
            self.report(
                Diagnostic::error(
                    Code::InvalidValue,
                    score.span,
                    "a score is a number that is not negative",
                )
                .label("expected an integer literal"),
            );
        }
    }
}

/// The names of the traits that a set may have.
fn traits_of(set: TraitSet) -> Vec<&'static str> {
    match set {
        TraitSet::Construct => LEAVES
            .iter()
            .filter(|row| row.category == Category::Executable)
            .map(|row| row.name)
            .collect(),
        TraitSet::Device => vec!["kind", "isa", "arch", "vendor"],
        TraitSet::TargetDevice => vec!["kind", "isa", "arch", "vendor", "device_num", "uid"],
        TraitSet::Implementation => {
            let requirements = LeafKind::Requires.row().clauses.iter();
            let mut names: Vec<&str> = requirements
                .map(|clause: &ClauseKind| clause.name())
                .collect();
            names.extend(["vendor", "extension", "requires"]);
            names
        }
        TraitSet::User => vec!["condition"],
    }
}
