//! The parser's state and its view of the tokens: parts of the text, cut at commas and colons outside of brackets and lambdas.

use crate::ast::Word;
use crate::lexer::{Token, TokenKind, lex};
use crate::span_map::SpanMap;
use omply_diagnostics::{Code, Diagnostic, Span, nearest};
use omply_spec::Keyword;
use smallvec::SmallVec;

/// A range of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub start: usize,
    pub end: usize,
}

impl Part {
    pub fn new(start: usize, end: usize) -> Part {
        Part {
            start,
            end: end.max(start),
        }
    }

    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

pub(crate) type Parts = SmallVec<[Part; 4]>;

pub(crate) struct Parser<'a> {
    pub text: &'a str,
    pub map: &'a SpanMap,
    pub tokens: Vec<Token>,
    pub unclosed: Vec<usize>,
    pub diagnostics: Vec<Diagnostic>,
    /// How many directives the current one stands inside of.
    pub depth: u32,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, map: &'a SpanMap) -> Parser<'a> {
        let mut diagnostics = Vec::new();
        let lexed = lex(text, map, &mut diagnostics);
        Parser {
            text,
            map,
            tokens: lexed.tokens,
            unclosed: lexed.unclosed,
            diagnostics,
            depth: 0,
        }
    }

    /// All tokens.
    pub fn whole(&self) -> Part {
        Part::new(0, self.tokens.len())
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message));
    }

    /// The text of a token; empty past the end.
    pub fn token_text(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| {
            &self.text[token.start as usize..token.end as usize]
        })
    }

    /// The text of a token if it is a name or keyword.
    pub fn word(&self, index: usize) -> Option<&'a str> {
        let token = self.tokens.get(index)?;
        (token.kind == TokenKind::Word)
            .then(|| &self.text[token.start as usize..token.end as usize])
    }

    /// The text of a part if it is one name or keyword.
    pub fn only_word(&self, part: Part) -> Option<&'a str> {
        if part.len() == 1 {
            self.word(part.start)
        } else {
            None
        }
    }

    pub fn is_operator(&self, index: usize, operator: &str) -> bool {
        self.tokens
            .get(index)
            .is_some_and(|token| token.kind == TokenKind::Operator)
            && self.token_text(index) == operator
    }

    /// Whether the token opens a bracket of that kind.
    pub fn opens(&self, index: usize, bracket: &str) -> bool {
        matches!(
            self.tokens.get(index),
            Some(Token {
                kind: TokenKind::Open(_),
                ..
            })
        ) && self.token_text(index) == bracket
    }

    /// What stands between the bracket at `index` and its closing one, within `limit`.
    pub fn inside(&self, index: usize, limit: usize) -> Part {
        match self.tokens.get(index).map(|token| token.kind) {
            Some(TokenKind::Open(close)) => Part::new(index + 1, (close as usize).min(limit)),
            _ => Part::new(index, index),
        }
    }

    /// The index after the token, or after its closing bracket, within `limit`.
    pub fn after(&self, index: usize, limit: usize) -> usize {
        match self.tokens.get(index).map(|token| token.kind) {
            Some(TokenKind::Open(close)) => (close as usize + 1).min(limit).max(index + 1),
            _ => index + 1,
        }
    }

    /// The place of a token; past the end, the end of the text.
    pub fn token_span(&self, index: usize) -> Span {
        match self.tokens.get(index) {
            Some(token) => self.map.span(token.start, token.end),
            None => {
                let end = self.tokens.last().map_or(0, |token| token.end);
                self.map.span(end.saturating_sub(1), end).at_end()
            }
        }
    }

    /// The place of a part; an empty one stands just before its first token.
    pub fn span(&self, part: Part) -> Span {
        if part.is_empty() {
            let at = self.token_span(part.start);
            return Span::new(at.start, at.start);
        }
        self.map
            .span(self.tokens[part.start].start, self.tokens[part.end - 1].end)
    }

    /// The text of a part.
    pub fn part_text(&self, part: Part) -> &'a str {
        if part.is_empty() {
            return "";
        }
        &self.text[self.tokens[part.start].start as usize..self.tokens[part.end - 1].end as usize]
    }

    /// Indices of the separators outside of brackets and lambdas.
    fn separators(&self, part: Part, separator: &str) -> SmallVec<[usize; 4]> {
        let mut found = SmallVec::new();
        let mut at = part.start;
        // A lambda's parameters end at its own colon.
        let mut lambdas = 0;
        while at < part.end {
            match self.tokens[at].kind {
                TokenKind::Word if self.token_text(at) == "lambda" => lambdas += 1,
                TokenKind::Operator => {
                    let text = self.token_text(at);
                    if lambdas > 0 {
                        lambdas -= usize::from(text == ":");
                    } else if text == separator {
                        found.push(at);
                    }
                }
                _ => {}
            }
            at = self.after(at, part.end);
        }
        found
    }

    /// The parts between separators; one (maybe empty) part where there is none.
    pub fn split(&self, part: Part, separator: &str) -> Parts {
        let mut parts = Parts::new();
        let mut start = part.start;
        for at in self.separators(part, separator) {
            parts.push(Part::new(start, at));
            start = at + 1;
        }
        parts.push(Part::new(start, part.end));
        parts
    }

    /// The parts before and after the first separator.
    pub fn cut(&self, part: Part, separator: &str) -> Option<(Part, Part)> {
        let at = *self.separators(part, separator).first()?;
        Some((Part::new(part.start, at), Part::new(at + 1, part.end)))
    }

    /// `name(...)` as the whole of a part.
    pub fn call(&self, part: Part, name: &str) -> Option<Part> {
        let matches = self.word(part.start) == Some(name)
            && self.opens(part.start + 1, "(")
            && self.after(part.start + 1, part.end) == part.end;
        matches.then(|| self.inside(part.start + 1, part.end))
    }

    /// A part that must be one of an enum's words. `what` says what the words are ("schedule kind").
    pub fn keyword<T: Keyword>(&mut self, part: Part, what: &str) -> Option<Word<T>> {
        if let Some(value) = self.only_word(part).and_then(T::parse) {
            return Some(Word {
                value,
                span: self.span(part),
            });
        }
        self.unknown_word(Code::UnknownKeyword, part, what, T::WORDS);
        None
    }

    /// Reports that a part is none of the words that may stand there.
    pub fn unknown_word(&mut self, code: Code, part: Part, what: &str, words: &[&str]) {
        let span = self.span(part);
        if part.is_empty() {
            let diagnostic =
                Diagnostic::error(Code::MissingArgument, span, format!("a {what} is missing"))
                    .label(format!("expected {}", one_of(words)));
            return self.report(diagnostic);
        }
        let text = self.part_text(part);
        let mut diagnostic =
            Diagnostic::error(code, span, format!("unknown {what} `{}`", shorten(text)))
                .label(format!("expected {}", one_of(words)));
        if let Some(near) = nearest(text, words.iter().copied()) {
            diagnostic = diagnostic
                .help(format!("did you mean `{near}`?"))
                .fix(span, near);
        }
        self.report(diagnostic);
    }
}

/// The words as "`a`, `b` or `c`".
pub(crate) fn one_of(words: &[&str]) -> String {
    let mut out = String::new();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push_str(if i + 1 == words.len() { " or " } else { ", " });
        }
        out.push('`');
        out.push_str(word);
        out.push('`');
    }
    out
}

/// A piece of the user's text short enough for a headline.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut short: String = line.chars().take(LONGEST).collect();
    short.push('…');
    short
}
