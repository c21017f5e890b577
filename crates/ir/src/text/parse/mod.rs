//! Reads the text form. Errors name the line; what a module may hold is the verifier's business. Here: tokens and
//! ids; `module` reads declarations, `inst` instructions, `openmp` OpenMP's.

mod inst;
mod module;
mod openmp;

use omply_diagnostics::Span;

use super::lex::{Token, tokens};
use crate::ir::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub line: usize,
    pub message: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

type Result<T> = std::result::Result<T, ParseError>;

pub fn parse(text: &str) -> Result<Module> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        values: Vec::new(),
    };
    parser.module()
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    /// Types of the values of the function that is being read.
    values: Vec<Type>,
}

impl Parser {
    // ---- tokens ------------------------------------------------------------------------------------------------

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        let at = self.next.min(self.tokens.len().saturating_sub(1));
        let line = self.tokens.get(at).map_or(0, |&(_, line)| line);
        Err(ParseError {
            line,
            message: message.into(),
        })
    }

    fn expected<T>(&self, what: &str) -> Result<T> {
        match self.peek() {
            Some(token) => self.error(format!("expected {what}, found {token:?}")),
            None => self.error(format!("expected {what}, found the end")),
        }
    }

    fn accept(&mut self, punct: char) -> bool {
        let found = self.peek() == Some(&Token::Punct(punct));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, punct: char) -> Result<()> {
        if self.accept(punct) {
            Ok(())
        } else {
            self.expected(&format!("`{punct}`"))
        }
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(found);
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.accept_word(word) {
            Ok(())
        } else {
            self.expected(&format!("`{word}`"))
        }
    }

    fn word(&mut self) -> Result<String> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => self.expected("a word"),
        }
    }

    /// A word of one of the name tables.
    fn named<T>(&mut self, from_name: fn(&str) -> Option<T>, what: &str) -> Result<T> {
        match self.peek() {
            Some(Token::Word(word)) => match from_name(word) {
                Some(value) => {
                    self.next += 1;
                    Ok(value)
                }
                None => self.expected(what),
            },
            _ => self.expected(what),
        }
    }

    fn text(&mut self) -> Result<String> {
        match self.peek() {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => self.expected("a string"),
        }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        let text = match self.peek() {
            Some(Token::Number(text) | Token::Word(text)) => text.clone(),
            _ => return self.expected("a number"),
        };
        match text.parse() {
            Ok(number) => {
                self.next += 1;
                Ok(number)
            }
            Err(_) => self.expected("a number that fits"),
        }
    }

    fn span(&mut self) -> Span {
        match self.peek() {
            Some(&Token::Span(start, end)) => {
                self.next += 1;
                Span::new(start, end)
            }
            _ => Span::default(),
        }
    }

    // ---- ids ---------------------------------------------------------------------------------------------------

    fn value(&mut self) -> Result<ValueId> {
        match self.peek() {
            Some(&Token::Value(id)) => {
                self.next += 1;
                Ok(ValueId(id))
            }
            _ => self.expected("a value"),
        }
    }

    fn slot(&mut self) -> Result<SlotId> {
        match self.peek() {
            Some(&Token::Slot(id)) => {
                self.next += 1;
                Ok(SlotId(id))
            }
            _ => self.expected("a slot"),
        }
    }

    fn func_id(&mut self) -> Result<FuncId> {
        match self.peek() {
            Some(&Token::Func(id)) => {
                self.next += 1;
                Ok(FuncId(id))
            }
            _ => self.expected("a function"),
        }
    }

    fn site(&mut self) -> Result<SiteId> {
        match self.peek() {
            Some(&Token::Site(id)) => {
                self.next += 1;
                Ok(SiteId(id))
            }
            _ => self.expected("a site"),
        }
    }

    /// `item, item CLOSE`, after the opening bracket.
    fn list<T>(&mut self, close: char, item: fn(&mut Parser) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        while !self.accept(close) {
            if !items.is_empty() {
                self.expect(',')?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn args(&mut self) -> Result<Vec<ValueId>> {
        self.expect('(')?;
        self.list(')', Parser::value)
    }

    fn pair(&mut self) -> Result<(ValueId, ValueId)> {
        let a = self.value()?;
        self.expect(',')?;
        Ok((a, self.value()?))
    }

    /// Records the type of a value that is defined here.
    fn define(&mut self, value: ValueId, ty: Type) {
        if self.values.len() <= value.index() {
            self.values.resize(value.index() + 1, Type::Unit);
        }
        self.values[value.index()] = ty;
    }
}
