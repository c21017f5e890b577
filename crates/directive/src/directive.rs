//! One directive: its name, its argument, its clauses.

use crate::ast::{Clause, Directive, Leaf, LeafArgument};
use crate::cursor::{Parser, Part, shorten};
use crate::lexer::TokenKind;
use crate::name::NamedLeaves;
use crate::split;
use omply_diagnostics::{Code, Diagnostic, nearest};
use omply_spec::{CLAUSES, ClauseKind, LEAVES, LeafKind};

/// Directives inside clauses of directives inside clauses go no deeper than this.
const MAX_DEPTH: u32 = 16;

/// The clauses of a directive as they were read.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub clauses: Vec<Clause>,
    /// Clauses that stand there but could not be read.
    pub unreadable: Vec<ClauseKind>,
}

impl Parser<'_> {
    /// Reads a directive that is the whole of a part.
    pub fn directive(&mut self, part: Part) -> Option<Directive> {
        let (leaves, mut at) = self.leaves(part);
        if leaves.is_empty() {
            at = self.after_unknown_name(part);
        }
        let mut argument = LeafArgument::None;
        let takes_argument = Self::takes_argument(&leaves);
        if !leaves.is_empty() && at < part.end && self.opens(at, "(") {
            let after = self.after(at, part.end);
            if takes_argument {
                let inside = self.inside(at, part.end);
                argument = self.leaf_argument(leaves[0].kind, leaves[0].part, Some(inside));
            } else if let Some(last) = leaves.last() {
                self.unexpected_argument(last.kind.name(), Part::new(at, after));
            }
            at = after;
        } else if takes_argument {
            argument = self.leaf_argument(leaves[0].kind, leaves[0].part, None);
        }
        let mut written = Written::default();
        self.clauses(Part::new(at, part.end), &leaves, &mut written);
        if leaves.is_empty() {
            return None;
        }
        let names: Vec<&str> = leaves.iter().map(|leaf| leaf.kind.name()).collect();
        let mut directive = Directive {
            name: names.join(" "),
            name_span: self.name_span(&leaves),
            span: self.span(part),
            leaves: leaves
                .iter()
                .map(|leaf| Leaf {
                    kind: leaf.kind,
                    name_span: self.span(leaf.part),
                    argument: LeafArgument::None,
                    clauses: Vec::new(),
                })
                .collect(),
        };
        directive.leaves[0].argument = argument;
        split::distribute(&mut directive, &written.clauses, &mut self.diagnostics);
        crate::rules::check(&directive, &written, &mut self.diagnostics);
        Some(directive)
    }

    /// Where the clauses start after a name that is reported as unknown.
    fn after_unknown_name(&self, part: Part) -> usize {
        match self.word(part.start) {
            Some(word) if ClauseKind::from_name(word).is_some() => part.start,
            _ => {
                let at = (part.start + 1).min(part.end);
                if at < part.end && self.opens(at, "(") {
                    self.after(at, part.end)
                } else {
                    at
                }
            }
        }
    }

    /// Reads a directive that stands inside a clause.
    pub fn nested_directive(&mut self, part: Part) -> Option<Directive> {
        if self.depth >= MAX_DEPTH {
            let span = self.span(part);
            self.error(
                Code::InvalidExpression,
                span,
                "directives are nested too deeply",
            );
            return None;
        }
        self.depth += 1;
        let directive = self.directive(part);
        self.depth -= 1;
        directive
    }

    /// Reads the clauses after a directive's name.
    fn clauses(&mut self, part: Part, leaves: &NamedLeaves, written: &mut Written) {
        let mut at = part.start;
        let mut comma = None;
        while at < part.end {
            if self.is_operator(at, ",") {
                if comma.is_some() {
                    let span = self.token_span(at);
                    self.report(
                        Diagnostic::error(
                            Code::UnexpectedToken,
                            span,
                            "a clause is missing between commas",
                        )
                        .fix(span, ""),
                    );
                }
                comma = Some(at);
                at += 1;
            } else if self.word(at).is_some() {
                comma = None;
                at = self.clause(at, part.end, leaves, written);
            } else {
                comma = None;
                at = self.skip_unreadable(at, part.end);
            }
        }
        if let Some(comma) = comma {
            let span = self.token_span(comma);
            self.report(
                Diagnostic::error(
                    Code::UnexpectedToken,
                    span,
                    "a clause is missing after the comma",
                )
                .fix(span, ""),
            );
        }
    }

    /// Reports what cannot start a clause, up to the next word.
    fn skip_unreadable(&mut self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end && self.word(at).is_none() && !self.is_operator(at, ",") {
            at = self.after(at, end);
        }
        let part = Part::new(start, at);
        let span = self.span(part);
        let text = shorten(self.part_text(part));
        self.report(
            Diagnostic::error(Code::UnexpectedToken, span, format!("unexpected `{text}`"))
                .label("expected a clause"),
        );
        at
    }

    /// Reads one clause; returns the index after it.
    fn clause(
        &mut self,
        at: usize,
        end: usize,
        leaves: &NamedLeaves,
        written: &mut Written,
    ) -> usize {
        let name = Part::new(at, at + 1);
        let mut argument = None;
        let mut after = at + 1;
        let mut unclosed = false;
        if after < end && self.opens(after, "(") {
            unclosed = self.unclosed.contains(&after);
            let mut inside = self.inside(after, end);
            after = self.after(after, end);
            if unclosed {
                inside.end = self.likely_end(inside);
                after = inside.end;
            }
            argument = Some(inside);
        }
        let Some(kind) = self.clause_kind(at, leaves) else {
            return after;
        };
        let leaf = leaves
            .iter()
            .find(|leaf| leaf.kind.allows(kind))
            .map(|leaf| leaf.kind);
        let allowed = leaf.is_some() || leaves.is_empty();
        if !allowed {
            self.clause_not_allowed(kind, name, leaves);
        }
        let known = self.diagnostics.len();
        let read = self.clause_args(kind, leaf, name, argument);
        if unclosed {
            // The missing parenthesis is reported; what follows from it is no news.
            self.diagnostics.truncate(known);
        }
        match read {
            Some((args, directive_name)) if allowed && !unclosed => written.clauses.push(Clause {
                kind,
                span: self.span(Part::new(at, after)),
                name_span: self.span(name),
                directive_name,
                implied: false,
                args,
            }),
            _ => written.unreadable.push(kind),
        }
        after
    }

    /// Where an argument without closing parenthesis probably ends: before the next clause.
    fn likely_end(&self, inside: Part) -> usize {
        let mut at = inside.start;
        while at < inside.end {
            let follows_item = at > inside.start
                && matches!(
                    self.tokens[at - 1].kind,
                    TokenKind::Word | TokenKind::Number | TokenKind::String | TokenKind::Close
                );
            if follows_item
                && self
                    .word(at)
                    .is_some_and(|word| ClauseKind::from_name(word).is_some())
            {
                return at;
            }
            at = self.after(at, inside.end);
        }
        inside.end
    }

    /// The clause a word names; reports a word that names none, and goes on with what was probably meant.
    fn clause_kind(&mut self, at: usize, leaves: &NamedLeaves) -> Option<ClauseKind> {
        let word = self.word(at)?;
        let only = if leaves.len() == 1 {
            Some(leaves[0].kind)
        } else {
            None
        };
        let kind = ClauseKind::from_name(word);
        let taken = |kind: ClauseKind| leaves.iter().any(|leaf| leaf.kind.allows(kind));
        match (only, word) {
            (Some(LeafKind::Cancel | LeafKind::CancellationPoint), "do") => {
                return Some(ClauseKind::For);
            }
            (Some(LeafKind::Metadirective | LeafKind::BeginMetadirective), "default") => {
                return Some(self.renamed(at, ClauseKind::Otherwise));
            }
            (Some(LeafKind::DeclareTarget), "to") => {
                return Some(self.renamed(at, ClauseKind::Enter));
            }
            (Some(LeafKind::Ordered), "depend") => {
                return Some(self.renamed(at, ClauseKind::Doacross));
            }
            _ => {}
        }
        if kind.is_some_and(|kind| {
            taken(kind) || LeafKind::from_name(word).is_none() || leaves.is_empty()
        }) {
            return kind;
        }
        let span = self.token_span(at);
        if LEAVES.iter().any(|row| row.name == word) || word == "do" {
            self.report(
                Diagnostic::error(
                    Code::UnexpectedToken,
                    span,
                    format!("the directive `{word}` stands among the clauses"),
                )
                .label("directives come before clauses")
                .help("write all directive names first, then the clauses"),
            );
            return None;
        }
        let own = leaves
            .iter()
            .flat_map(|leaf| leaf.kind.row().clauses)
            .map(|clause| clause.name());
        let near = nearest(word, own).or_else(|| nearest(word, CLAUSES.iter().map(|row| row.name)));
        let mut diagnostic = Diagnostic::error(
            Code::UnknownClause,
            span,
            format!("unknown clause `{}`", shorten(word)),
        );
        diagnostic = match near {
            Some(near) => diagnostic
                .help(format!("did you mean `{near}`?"))
                .fix(span, near),
            None => diagnostic.label("no clause has a name like this"),
        };
        self.report(diagnostic);
        // A guess that does not fit the directive would only be refused once more.
        near.and_then(ClauseKind::from_name)
            .filter(|kind| leaves.is_empty() || taken(*kind))
    }

    /// Warns of a clause's older name.
    fn renamed(&mut self, at: usize, kind: ClauseKind) -> ClauseKind {
        let span = self.token_span(at);
        let old = self.token_text(at);
        self.report(
            Diagnostic::warning(
                Code::DeprecatedSpelling,
                span,
                format!("`{old}` was replaced by `{kind}` here"),
            )
            .help(format!("write `{kind}`"))
            .fix(span, kind.name()),
        );
        kind
    }

    fn clause_not_allowed(&mut self, kind: ClauseKind, name: Part, leaves: &NamedLeaves) {
        let names: Vec<&str> = leaves.iter().map(|leaf| leaf.kind.name()).collect();
        let span = self.span(name);
        let takers: Vec<&str> = LEAVES
            .iter()
            .filter(|row| row.clauses.contains(&kind))
            .map(|row| row.name)
            .take(5)
            .collect();
        self.report(
            Diagnostic::error(
                Code::ClauseNotAllowed,
                span,
                format!("`{kind}` cannot stand on `{}`", names.join(" ")),
            )
            .help(format!(
                "it can stand on {}",
                crate::cursor::one_of(&takers)
            )),
        );
    }
}
