//! Lists of variables and locators, single names, reduction identifiers.

use crate::ast::{Ident, IteratorVar, ListItem, Locator, LocatorPart, ReductionId, Subscript};
use crate::cursor::{Parser, Part, shorten};
use crate::lexer::TokenKind;
use omply_diagnostics::{Code, Diagnostic, nearest};
use omply_spec::ReductionOp;

/// What may stand in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// Whole variables.
    Names,
    /// Variables and sections of arrays.
    Sections,
    /// Anything that names storage.
    Locators,
    /// Locators and `omp_all_memory`.
    Depend,
}

/// Words that Python keeps for itself.
const PYTHON_KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

impl Parser<'_> {
    /// The items between commas; those that can be read, with an error for each of the others.
    pub fn items(&mut self, part: Part, accepted: Items) -> Option<Vec<ListItem>> {
        if part.is_empty() {
            let span = self.span(part);
            self.report(
                Diagnostic::error(Code::MissingArgument, span, "the list is empty")
                    .label("expected a variable"),
            );
            return None;
        }
        let parts = self.split(part, ",");
        let mut items = Vec::with_capacity(parts.len());
        for part in parts {
            if let Some(item) = self.item(part, accepted) {
                items.push(item);
            }
        }
        (!items.is_empty()).then_some(items)
    }

    /// One item.
    pub fn item(&mut self, part: Part, accepted: Items) -> Option<ListItem> {
        let span = self.span(part);
        if part.is_empty() {
            self.report(
                Diagnostic::error(Code::MissingArgument, span, "a list item is missing")
                    .label("expected a variable"),
            );
            return None;
        }
        if self.only_word(part) == Some("omp_all_memory") {
            if accepted == Items::Depend {
                return Some(ListItem::AllMemory(span));
            }
            self.error(
                Code::InvalidListItem,
                span,
                "`omp_all_memory` can stand in `depend` only",
            );
            return None;
        }
        let base = self.base_name(part)?;
        if part.len() == 1 {
            return Some(ListItem::Name(base.name, base.span));
        }
        let parts = self.locator_parts(Part::new(part.start + 1, part.end))?;
        let fits = match accepted {
            Items::Names => false,
            Items::Sections => parts
                .iter()
                .all(|part| matches!(part, LocatorPart::Subscripts(_))),
            Items::Locators | Items::Depend => true,
        };
        if !fits {
            let kind = if accepted == Items::Names {
                "a whole variable"
            } else {
                "a variable or an array section"
            };
            let text = shorten(self.part_text(part));
            self.report(
                Diagnostic::error(
                    Code::InvalidListItem,
                    span,
                    format!("`{text}` is not {kind}"),
                )
                .label(format!("expected {kind}")),
            );
            return None;
        }
        let expr = self.expr(part, "list item")?;
        Some(ListItem::Locator(Box::new(Locator { base, parts, expr })))
    }

    /// The variable an item starts with.
    fn base_name(&mut self, part: Part) -> Option<Ident> {
        let span = self.token_span(part.start);
        match self.word(part.start) {
            Some(word) if !PYTHON_KEYWORDS.contains(&word) => Some(Ident {
                name: word.to_owned(),
                span,
            }),
            Some(word) => {
                self.error(
                    Code::InvalidListItem,
                    span,
                    format!("`{word}` is a Python keyword, not a variable"),
                );
                None
            }
            None => {
                let text = shorten(self.part_text(part));
                let span = self.span(part);
                self.report(
                    Diagnostic::error(
                        Code::InvalidListItem,
                        span,
                        format!("`{text}` is not a variable"),
                    )
                    .label("expected a name"),
                );
                None
            }
        }
    }

    /// The attributes and subscripts after a locator's name.
    fn locator_parts(&mut self, part: Part) -> Option<Vec<LocatorPart>> {
        let mut parts = Vec::new();
        let mut at = part.start;
        while at < part.end {
            if self.is_operator(at, ".") && at + 1 < part.end && self.word(at + 1).is_some() {
                parts.push(LocatorPart::Attribute(Ident {
                    name: self.token_text(at + 1).to_owned(),
                    span: self.token_span(at + 1),
                }));
                at += 2;
            } else if self.opens(at, "[") {
                let inside = self.inside(at, part.end);
                let subscripts = self.split(inside, ",");
                // `a[i,]` is a tuple of one index, written as people write it.
                let last_empty =
                    subscripts.len() > 1 && subscripts[subscripts.len() - 1].is_empty();
                let shown = &subscripts[..subscripts.len() - usize::from(last_empty)];
                let read: Vec<Subscript> = shown
                    .iter()
                    .filter_map(|part| self.subscript(*part))
                    .collect();
                if read.len() != shown.len() {
                    return None;
                }
                parts.push(LocatorPart::Subscripts(read));
                at = self.after(at, part.end);
            } else {
                self.unexpected_in_list(at);
                return None;
            }
        }
        Some(parts)
    }

    fn unexpected_in_list(&mut self, at: usize) {
        let span = self.token_span(at);
        let text = shorten(self.token_text(at));
        let before = shorten(self.token_text(at - 1));
        let mut diagnostic = Diagnostic::error(
            Code::InvalidListItem,
            span,
            format!("`{text}` cannot follow `{before}` in a list"),
        )
        .label("expected `,` or `)`");
        if self.tokens[at].kind == TokenKind::Word {
            let gap = self.token_span(at - 1).at_end();
            diagnostic = diagnostic
                .help("separate the items with a comma")
                .fix(gap, ",");
        }
        self.report(diagnostic);
    }

    fn subscript(&mut self, part: Part) -> Option<Subscript> {
        if part.len() == 1 && self.is_operator(part.start, "...") {
            return Some(Subscript::Ellipsis(self.span(part)));
        }
        let fields = self.split(part, ":");
        if fields.len() == 1 {
            return self.expr(part, "index").map(Subscript::Index);
        }
        let span = self.span(part);
        if fields.len() > 3 {
            self.error(
                Code::InvalidExpression,
                span,
                "a slice has three fields at most: `start:stop:step`",
            );
            return None;
        }
        let mut read = [None, None, None];
        for (field, slot) in fields.iter().zip(&mut read) {
            if !field.is_empty() {
                *slot = Some(self.expr(*field, "slice bound")?);
            }
        }
        let [lower, upper, step] = read;
        Some(Subscript::Section {
            lower,
            upper,
            step,
            span,
        })
    }

    /// A part that must be one name. `what` says whose ("mapper").
    pub fn ident(&mut self, part: Part, what: &str) -> Option<Ident> {
        let span = self.span(part);
        if let Some(word) = self.only_word(part)
            && !PYTHON_KEYWORDS.contains(&word)
        {
            return Some(Ident {
                name: word.to_owned(),
                span,
            });
        }
        let message = if part.is_empty() {
            format!("the {what} is missing")
        } else {
            format!(
                "`{}` is no name for a {what}",
                shorten(self.part_text(part))
            )
        };
        let code = if part.is_empty() {
            Code::MissingArgument
        } else {
            Code::InvalidListItem
        };
        self.report(Diagnostic::error(code, span, message).label("expected a name"));
        None
    }

    /// Whether the part looks like a reduction identifier: an operator or one name.
    pub fn is_reduction_id(&self, part: Part) -> bool {
        part.len() == 1
            && matches!(
                self.tokens[part.start].kind,
                TokenKind::Operator | TokenKind::Word
            )
    }

    /// `+`, `max`, `and`, or the name of a declared reduction.
    pub fn reduction_id(&mut self, part: Part) -> Option<ReductionId> {
        let span = self.span(part);
        let text = self.part_text(part);
        if part.len() == 1 {
            if let Some(op) = ReductionOp::from_spelling(text) {
                return Some(ReductionId::Op(op, span));
            }
            if self
                .word(part.start)
                .is_some_and(|word| !PYTHON_KEYWORDS.contains(&word))
            {
                return Some(ReductionId::User(Ident {
                    name: text.to_owned(),
                    span,
                }));
            }
        }
        if part.is_empty() {
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "the reduction operator is missing",
                )
                .label("expected an operator such as `+`, `max` or `and`"),
            );
            return None;
        }
        let mut diagnostic = Diagnostic::error(
            Code::UnknownKeyword,
            span,
            format!("`{}` is not a reduction operator", shorten(text)),
        )
        .label("expected `+`, `-`, `*`, `&`, `|`, `^`, `and`, `or`, `min`, `max` or a declared reduction");
        let meant = match text {
            "+=" => Some("+"),
            "-=" => Some("-"),
            "*=" | "**" => Some("*"),
            _ => nearest(
                text,
                ReductionOp::NAMES
                    .iter()
                    .copied()
                    .filter(|name| name.len() > 1),
            ),
        };
        if let Some(meant) = meant {
            diagnostic = diagnostic
                .help(format!("did you mean `{meant}`?"))
                .fix(span, meant);
        }
        self.report(diagnostic);
        None
    }

    /// The definitions inside `iterator(...)`.
    pub fn iterators(&mut self, part: Part) -> Option<Vec<IteratorVar>> {
        let parts = self.split(part, ",");
        let read: Vec<IteratorVar> = parts
            .iter()
            .filter_map(|part| self.iterator(*part))
            .collect();
        (read.len() == parts.len()).then_some(read)
    }

    fn iterator(&mut self, part: Part) -> Option<IteratorVar> {
        let Some((name, range)) = self.cut(part, "=") else {
            let span = self.span(part);
            self.report(
                Diagnostic::error(Code::MissingArgument, span, "an iterator needs a range")
                    .label("expected `name = start:stop`"),
            );
            return None;
        };
        let name = self.ident(name, "iterator")?;
        let fields = self.split(range, ":");
        if !(2..=3).contains(&fields.len()) {
            let span = self.span(range);
            self.report(
                Diagnostic::error(
                    Code::InvalidExpression,
                    span,
                    "an iterator's range is `start:stop` or `start:stop:step`",
                )
                .label("expected a range"),
            );
            return None;
        }
        let start = self.expr(fields[0], "start of the range")?;
        let stop = self.expr(fields[1], "end of the range")?;
        let step = match fields.get(2) {
            Some(field) => Some(self.expr(*field, "step of the range")?),
            None => None,
        };
        Some(IteratorVar {
            name,
            start,
            stop,
            step,
        })
    }
}
