//! Cutting Python expressions out of a directive, with C's logical words and operators rewritten into Python's.

use crate::ast::ExprText;
use crate::cursor::{Parser, Part, shorten};
use crate::lexer::TokenKind;
use crate::span_map::SpanMap;
use omply_diagnostics::{Code, Diagnostic};

impl Parser<'_> {
    /// The part as an expression. `what` says what it is, for the error when there is none ("chunk size").
    pub fn expr(&mut self, part: Part, what: &str) -> Option<ExprText> {
        if part.is_empty() {
            let span = self.span(part);
            self.error(
                Code::MissingArgument,
                span,
                format!("the {what} is missing"),
            );
            return None;
        }
        let mut plain = true;
        for index in part.start..part.end {
            match self.tokens[index].kind {
                TokenKind::Unknown => {
                    let span = self.token_span(index);
                    let text = self.token_text(index).escape_debug();
                    self.report(
                        Diagnostic::error(
                            Code::InvalidExpression,
                            span,
                            format!("`{text}` cannot stand in an expression"),
                        )
                        .label(format!("in the {what}")),
                    );
                    return None;
                }
                TokenKind::Operator | TokenKind::Word => plain &= self.replacement(index).is_none(),
                _ => {}
            }
        }
        let text = self.part_text(part);
        let start = self.tokens[part.start].start;
        let span = self.span(part);
        if plain && !text.contains(['\n', '\r', '\\']) {
            return Some(ExprText {
                text: text.to_owned(),
                span,
                map: self.map.from_offset(start),
            });
        }
        let (text, map) = self.rewritten(part);
        Some(ExprText { text, span, map })
    }

    /// One expression that is the whole argument of a clause.
    pub fn single_expr(&mut self, part: Part, what: &str) -> Option<ExprText> {
        if let Some((first, rest)) = self.cut(part, ",") {
            let span = self.span(Part::new(rest.start - 1, rest.end));
            let first = shorten(self.part_text(first));
            self.report(
                Diagnostic::error(
                    Code::UnexpectedArgument,
                    span,
                    format!("one {what} is taken, not several"),
                )
                .label(format!("expected `)` after `{first}`")),
            );
            return None;
        }
        self.expr(part, what)
    }

    /// The expressions between commas; none may be missing.
    pub fn exprs(&mut self, part: Part, what: &str) -> Option<Vec<ExprText>> {
        let parts = self.split(part, ",");
        let exprs: Vec<ExprText> = parts
            .iter()
            .filter_map(|part| self.expr(*part, what))
            .collect();
        (exprs.len() == parts.len()).then_some(exprs)
    }

    /// What the token is written as in Python, where that differs.
    fn replacement(&self, index: usize) -> Option<&'static str> {
        let attribute = index > 0 && self.is_operator(index - 1, ".");
        match (self.tokens[index].kind, self.token_text(index)) {
            (TokenKind::Operator, "&&") => Some("and"),
            (TokenKind::Operator, "||") => Some("or"),
            (TokenKind::Operator, "!") => Some("not"),
            (TokenKind::Word, "true") if !attribute => Some("True"),
            (TokenKind::Word, "false") if !attribute => Some("False"),
            _ => None,
        }
    }

    /// The part's text with replacements made and line breaks outside of strings turned into blanks.
    fn rewritten(&self, part: Part) -> (String, SpanMap) {
        let mut out = String::new();
        let mut segments = Vec::new();
        let mut before = self.tokens[part.start].start;
        let mut was_replaced = false;
        for index in part.start..part.end {
            let token = self.tokens[index];
            let replacement = self.replacement(index);
            // A word that stands for an operator needs blanks that the operator did not.
            if token.start > before || ((was_replaced || replacement.is_some()) && !out.is_empty())
            {
                out.push(' ');
            }
            before = token.end;
            was_replaced = replacement.is_some();
            let text = replacement.unwrap_or(self.token_text(index));
            let at = out.len() as u32;
            segments.push((at, self.map.offset(token.start)));
            if matches!(token.kind, TokenKind::String) {
                // Escapes inside a string are the only pieces of a token that come from several places.
                segments.extend(
                    self.map
                        .segments()
                        .iter()
                        .filter(|segment| segment.text > token.start && segment.text < token.end)
                        .map(|segment| (at + segment.text - token.start, segment.file)),
                );
            }
            out.push_str(text);
        }
        (out, SpanMap::from_segments(segments))
    }
}
