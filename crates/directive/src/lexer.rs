//! Directive text to tokens, with every bracket paired. Strings, numbers and operators are Python's, so that expressions can be cut out
//! of the text by token ranges.

use crate::span_map::SpanMap;
use omply_diagnostics::{Code, Diagnostic};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or keyword.
    Word,
    Number,
    String,
    /// `(`, `[` or `{`; holds the index of its closing token, or the number of tokens when that is missing.
    Open(u32),
    Close,
    /// An operator or separator.
    Operator,
    /// A character that no directive and no expression contains.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: u32,
    pub end: u32,
}

/// The tokens of a text.
pub(crate) struct Lexed {
    pub tokens: Vec<Token>,
    /// Indices of the opening brackets that nothing closes.
    pub unclosed: Vec<usize>,
}

/// Operators of more than one character, longest first.
const LONG_OPERATORS: &[&str] = &[
    "...", "**=", "//=", "<<=", ">>=", "&&", "||", "**", "//", "<<", ">>", "<=", ">=", "==", "!=",
    ":=", "->", "+=", "-=", "*=", "/=",
];

const OPERATORS: &str = "+-*/%@&|^~<>=!,:.;";

struct Lexer<'a> {
    text: &'a str,
    map: &'a SpanMap,
    at: usize,
    tokens: Vec<Token>,
    /// Indices of the brackets that are still open.
    open: Vec<usize>,
    unclosed: Vec<usize>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Cuts the text into tokens; mistakes with brackets and quotes are reported here and nowhere else.
pub(crate) fn lex(text: &str, map: &SpanMap, diagnostics: &mut Vec<Diagnostic>) -> Lexed {
    let mut lexer = Lexer {
        text,
        map,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 4 + 4),
        open: Vec::new(),
        unclosed: Vec::new(),
        diagnostics,
    };
    while lexer.token() {}
    lexer.finish()
}

impl Lexer<'_> {
    /// Reads one token; false at the end of the text.
    fn token(&mut self) -> bool {
        self.skip_blanks();
        let start = self.at;
        let bytes = self.text.as_bytes();
        let Some(&first) = bytes.get(start) else {
            return false;
        };
        let kind = match first {
            b'(' | b'[' | b'{' => {
                self.at += 1;
                self.open.push(self.tokens.len());
                TokenKind::Open(u32::MAX)
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                if !self.close(first, start) {
                    return true;
                }
                TokenKind::Close
            }
            b'"' | b'\'' => self.string(start),
            b'0'..=b'9' => self.number(),
            b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => self.number(),
            _ => self.word_or_operator(start),
        };
        self.tokens.push(Token {
            kind,
            start: start as u32,
            end: self.at as u32,
        });
        true
    }

    fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') => self.at += 1,
                // A backslash before a line break continues the line.
                Some(b'\\') if matches!(bytes.get(self.at + 1), Some(b'\n' | b'\r')) => {
                    self.at += 2
                }
                _ => return,
            }
        }
    }

    fn word_or_operator(&mut self, start: usize) -> TokenKind {
        let rest = &self.text[start..];
        let word: usize = rest
            .char_indices()
            .find(|&(i, c)| {
                !(c == '_'
                    || if i == 0 {
                        c.is_alphabetic()
                    } else {
                        c.is_alphanumeric()
                    })
            })
            .map_or(rest.len(), |(i, _)| i);
        if word > 0 {
            self.at += word;
            let prefix = word <= 2
                && rest.as_bytes()[..word]
                    .iter()
                    .all(|b| b"rRbBfFuUtT".contains(b));
            if prefix && matches!(rest.as_bytes().get(word), Some(b'"' | b'\'')) {
                return self.string(start);
            }
            return TokenKind::Word;
        }
        if let Some(operator) = LONG_OPERATORS
            .iter()
            .find(|operator| rest.starts_with(**operator))
        {
            self.at += operator.len();
            return TokenKind::Operator;
        }
        let first = rest.chars().next().unwrap_or(' ');
        self.at += first.len_utf8();
        if OPERATORS.contains(first) {
            TokenKind::Operator
        } else {
            TokenKind::Unknown
        }
    }

    fn number(&mut self) -> TokenKind {
        let bytes = self.text.as_bytes();
        let radix = bytes[self.at] == b'0'
            && matches!(
                bytes.get(self.at + 1),
                Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')
            );
        while let Some(&byte) = bytes.get(self.at) {
            let exponent_sign =
                matches!(byte, b'+' | b'-') && !radix && matches!(bytes[self.at - 1], b'e' | b'E');
            if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || exponent_sign {
                self.at += 1;
            } else {
                break;
            }
        }
        TokenKind::Number
    }

    /// Reads a string whose quote is at the current place; `start` is where its prefix starts.
    fn string(&mut self, start: usize) -> TokenKind {
        let bytes = self.text.as_bytes();
        let quote = bytes[self.at];
        let triple =
            bytes.get(self.at + 1) == Some(&quote) && bytes.get(self.at + 2) == Some(&quote);
        self.at += if triple { 3 } else { 1 };
        while let Some(&byte) = bytes.get(self.at) {
            if byte == b'\\' {
                self.at = (self.at + 2).min(bytes.len());
                continue;
            }
            if byte == quote && (!triple || bytes[self.at..].starts_with(&[quote; 3])) {
                self.at += if triple { 3 } else { 1 };
                return TokenKind::String;
            }
            self.at += 1;
        }
        let span = self.map.span(start as u32, self.at as u32);
        self.diagnostics.push(
            Diagnostic::error(
                Code::MissingParenthesis,
                span,
                "a string in the directive is not closed",
            )
            .label("starts here")
            .help("add the closing quote"),
        );
        TokenKind::String
    }

    /// Pairs a closing bracket with the one it closes; false when it closes nothing.
    fn close(&mut self, byte: u8, at: usize) -> bool {
        let wanted = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let opener =
            |lexer: &Self, index: usize| lexer.text.as_bytes()[lexer.tokens[index].start as usize];
        let span = self.map.span(at as u32, at as u32 + 1);
        let Some(depth) = self
            .open
            .iter()
            .rposition(|&index| opener(self, index) == wanted)
        else {
            let Some(index) = self.open.pop() else {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::MissingParenthesis,
                        span,
                        format!("`{}` closes nothing", byte as char),
                    )
                    .help("remove it, or open it before")
                    .fix(span, ""),
                );
                return false;
            };
            // Nothing of its kind is open: taken as a slip for the bracket that is.
            let open = self.tokens[index];
            self.diagnostics.push(
                Diagnostic::error(
                    Code::MissingParenthesis,
                    span,
                    format!(
                        "`{}` is closed by `{}`",
                        opener(self, index) as char,
                        byte as char
                    ),
                )
                .secondary(self.map.span(open.start, open.end), "opened here")
                .fix(span, closing(opener(self, index)).to_string()),
            );
            self.pair(index);
            return true;
        };
        while self.open.len() > depth + 1 {
            if let Some(index) = self.open.pop() {
                self.unclosed(index);
                self.pair(index);
            }
        }
        if let Some(index) = self.open.pop() {
            self.pair(index);
        }
        true
    }

    /// Ends an open bracket at the next token to be read.
    fn pair(&mut self, index: usize) {
        self.tokens[index].kind = TokenKind::Open(self.tokens.len() as u32);
    }

    fn unclosed(&mut self, index: usize) {
        let open = self.tokens[index];
        let bracket = self.text.as_bytes()[open.start as usize];
        let span = self.map.span(open.start, open.end);
        self.diagnostics.push(
            Diagnostic::error(
                Code::MissingParenthesis,
                span,
                format!("`{}` is not closed", bracket as char),
            )
            .help(format!("add the missing `{}`", closing(bracket))),
        );
        self.unclosed.push(index);
    }

    fn finish(mut self) -> Lexed {
        while let Some(index) = self.open.pop() {
            self.unclosed(index);
            self.pair(index);
        }
        Lexed {
            tokens: self.tokens,
            unclosed: self.unclosed,
        }
    }
}

fn closing(open: u8) -> char {
    match open {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    }
}
