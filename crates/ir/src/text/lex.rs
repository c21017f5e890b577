//! Tokens of the text form.

use super::parse::ParseError;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Word(String),
    Text(String),
    /// A number as it was written; signs belong to it.
    Number(String),
    Value(u32),
    Slot(u32),
    Func(u32),
    Site(u32),
    Span(u32, u32),
    Punct(char),
    Arrow,
}

/// All tokens with the line each stands on.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, ParseError> {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push((token, lexer.line));
    }
    Ok(tokens)
}

struct Lexer<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Lexer<'t> {
    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError {
            line: self.line,
            message: message.into(),
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.line += self.rest[..blank].matches('\n').count();
            self.rest = &self.rest[blank..];
            if !self.rest.starts_with("//") {
                return;
            }
            self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
        }
    }

    /// The longest prefix whose characters satisfy `test`.
    fn take(&mut self, test: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !test(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn id(&mut self) -> Result<u32, ParseError> {
        let digits = self.take(|c| c.is_ascii_digit());
        digits
            .parse()
            .map_err(|_| self.error(format!("`{digits}` is no id")))
    }

    fn next(&mut self) -> Result<Option<Token>, ParseError> {
        self.skip_blanks();
        let mut chars = self.rest.chars();
        let Some(first) = chars.next() else {
            return Ok(None);
        };
        let second = chars.next().unwrap_or(' ');
        let token = match first {
            '"' => Token::Text(self.text()?),
            'v' if second.is_ascii_digit() => Token::Value(self.skip(1).id()?),
            '$' => {
                let slot = self.skip(1).id()?;
                if self.rest.starts_with('.') {
                    self.skip(1).take(is_word);
                }
                Token::Slot(slot)
            }
            '@' if second.is_ascii_digit() => Token::Func(self.skip(1).id()?),
            '!' => Token::Site(self.skip(1).id()?),
            '#' => {
                let start = self.skip(1).id()?;
                if !self.rest.starts_with(':') {
                    return Err(self.error("a span is `#START:END`"));
                }
                Token::Span(start, self.skip(1).id()?)
            }
            '-' if second == '>' => {
                self.skip(2);
                Token::Arrow
            }
            '-' | '0'..='9' => {
                let negative = first == '-';
                let body = if negative { &self.rest[1..] } else { self.rest };
                // Exponents carry a sign of their own: `1e-7`.
                let mut previous = ' ';
                let end = body.find(|c: char| {
                    let inside =
                        is_word(c) || c == '.' || (matches!(c, '-' | '+') && previous == 'e');
                    previous = c;
                    !inside
                });
                let length = end.unwrap_or(body.len()) + usize::from(negative);
                let (number, rest) = self.rest.split_at(length);
                self.rest = rest;
                Token::Number(number.to_string())
            }
            c if is_word(c) => Token::Word(self.take(is_word).to_string()),
            c => {
                self.skip(c.len_utf8());
                Token::Punct(c)
            }
        };
        Ok(Some(token))
    }

    fn skip(&mut self, bytes: usize) -> &mut Self {
        self.rest = &self.rest[bytes..];
        self
    }

    /// A string with the escapes that Rust's `{:?}` prints.
    fn text(&mut self) -> Result<String, ParseError> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('0') => text.push('\0'),
                    Some('u') => {
                        let code: String = chars
                            .by_ref()
                            .map(|(_, c)| c)
                            .skip(1)
                            .take_while(|&c| c != '}')
                            .collect();
                        let code = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                        text.push(code.ok_or_else(|| self.error("bad escape"))?);
                    }
                    Some(c) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(self.error("a string is not closed"))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
