//! Directive names: leaves in either spelling, compounds by rule, and what was probably meant by others.

use crate::ast::DirectiveName;
use crate::cursor::{Parser, Part, shorten};
use omply_diagnostics::{Code, Diagnostic, Span, nearest};
use omply_spec::{ClauseKind, CompoundError, LEAVES, LeafArg, LeafKind, check_compound, reorder};
use smallvec::SmallVec;

/// A leaf as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedLeaf {
    pub kind: LeafKind,
    pub part: Part,
}

pub(crate) type NamedLeaves = SmallVec<[NamedLeaf; 4]>;

/// The first words of names that may be written with blanks.
fn may_have_blanks(first: &str) -> bool {
    matches!(
        first,
        "target" | "cancellation" | "declare" | "begin" | "end"
    )
}

/// The leaf whose name is these words, joined by blanks or underscores.
fn leaf_of_words(words: &str) -> Option<LeafKind> {
    let same = |a: u8, b: u8| a == b || (a == b'_' && b == b' ') || (a == b' ' && b == b'_');
    LEAVES
        .iter()
        .find(|row| {
            row.name.len() == words.len()
                && row.name.bytes().zip(words.bytes()).all(|(a, b)| same(a, b))
        })
        .map(|row| row.kind)
}

impl Parser<'_> {
    /// The leaf whose name starts at `at`, and how many tokens the name has.
    fn leaf_at(&self, at: usize, end: usize) -> Option<(LeafKind, usize)> {
        let first = self.word(at).filter(|_| at < end)?;
        if may_have_blanks(first) {
            for count in [3, 2] {
                if at + count <= end && (at..at + count).all(|index| self.word(index).is_some()) {
                    let words: SmallVec<[&str; 3]> = (at..at + count)
                        .map(|index| self.token_text(index))
                        .collect();
                    if let Some(kind) = leaf_of_words(&words.join(" ")) {
                        return Some((kind, count));
                    }
                }
            }
        }
        let kind = match first {
            "do" => LeafKind::For,
            "master" => LeafKind::Masked,
            _ => LeafKind::from_name(first)?,
        };
        Some((kind, 1))
    }

    /// A part that is a directive's name and nothing else.
    pub fn directive_name(&self, part: Part) -> Option<DirectiveName> {
        let mut leaves = Vec::new();
        let mut at = part.start;
        while at < part.end {
            let (kind, count) = self.leaf_at(at, part.end)?;
            leaves.push(kind);
            at += count;
        }
        (!leaves.is_empty()).then(|| DirectiveName {
            leaves,
            span: self.span(part),
        })
    }

    /// Reads a directive's name; reports a name that is none, and goes on with what was probably meant.
    /// Returns the leaves and the index after the name.
    pub fn leaves(&mut self, part: Part) -> (NamedLeaves, usize) {
        let mut leaves = NamedLeaves::new();
        let mut at = part.start;
        while at < part.end {
            let Some(word) = self.word(at) else { break };
            let before = leaves.last().map(|leaf: &NamedLeaf| leaf.kind);
            // `cancel for`, `ordered simd`: some words are names of clauses too.
            let clause = if word == "do" {
                Some(ClauseKind::For)
            } else {
                ClauseKind::from_name(word)
            };
            if clause.is_some_and(|clause| before.is_some_and(|before| before.allows(clause))) {
                break;
            }
            let named = self.leaf_at(at, part.end);
            let (kind, count) = match named {
                // Leaves that stand alone only are clauses' names when something precedes them: `parallel allocate(...)`.
                Some((kind, _))
                    if before.is_some()
                        && !kind.combines()
                        && ClauseKind::from_name(word).is_some() =>
                {
                    break;
                }
                Some(found) => found,
                None => match self.misspelt_leaf(at, &leaves) {
                    Some(kind) => (kind, 1),
                    None => break,
                },
            };
            let part = Part::new(at, at + count);
            if word == "master" {
                let span = self.span(part);
                self.report(
                    Diagnostic::warning(
                        Code::DeprecatedSpelling,
                        span,
                        "`master` was replaced by `masked`",
                    )
                    .help("write `masked`")
                    .fix(span, "masked"),
                );
            }
            leaves.push(NamedLeaf { kind, part });
            at += count;
        }
        if leaves.is_empty() {
            self.no_directive(part);
        }
        self.check_name(&leaves);
        (leaves, at)
    }

    /// What an unknown word in a name was probably meant to be; reported here if there is a guess.
    fn misspelt_leaf(&mut self, at: usize, before: &NamedLeaves) -> Option<LeafKind> {
        let word = self.word(at)?;
        if ClauseKind::from_name(word).is_some() {
            return None;
        }
        let meant = if before.is_empty() {
            let all = LEAVES.iter().map(|row| row.name).chain(["do"]);
            nearest(word, all)?
        } else {
            let clauses = before
                .iter()
                .flat_map(|leaf| leaf.kind.row().clauses)
                .map(|clause| clause.name());
            let continues = |kind: LeafKind| {
                let mut kinds: SmallVec<[LeafKind; 8]> =
                    before.iter().map(|leaf| leaf.kind).collect();
                kinds.push(kind);
                check_compound(&kinds).is_ok()
            };
            let leaves = LEAVES
                .iter()
                .filter(|row| row.kind.combines() && continues(row.kind))
                .map(|row| row.name);
            // A word as near to a clause is left to be reported as one.
            let near = nearest(word, clauses.chain(leaves))?;
            LeafKind::from_name(near)
                .filter(|kind| continues(*kind))?
                .name()
        };
        let kind = if meant == "do" {
            LeafKind::For
        } else {
            LeafKind::from_name(meant)?
        };
        let span = self.token_span(at);
        self.report(
            Diagnostic::error(
                Code::UnknownDirective,
                span,
                format!("unknown directive `{word}`"),
            )
            .help(format!("did you mean `{meant}`?"))
            .fix(span, meant),
        );
        Some(kind)
    }

    /// Reports a text that does not start with a directive's name.
    fn no_directive(&mut self, part: Part) {
        let span = self.token_span(part.start);
        let diagnostic = match self.word(part.start) {
            None if part.is_empty() => Diagnostic::error(
                Code::EmptyDirective,
                self.span(part),
                "the directive is empty",
            )
            .label("expected a directive such as `parallel for`"),
            None => {
                let text = shorten(self.token_text(part.start));
                Diagnostic::error(
                    Code::UnexpectedToken,
                    span,
                    format!("a directive cannot start with `{text}`"),
                )
                .label("expected a directive such as `parallel for`")
            }
            Some(word) if ClauseKind::from_name(word).is_some() => {
                let clause = ClauseKind::from_name(word);
                let takers: Vec<&str> = LEAVES
                    .iter()
                    .filter(|row| clause.is_some_and(|clause| row.clauses.contains(&clause)))
                    .map(|row| row.name)
                    .take(4)
                    .collect();
                Diagnostic::error(
                    Code::UnknownDirective,
                    span,
                    format!("`{word}` is a clause, not a directive"),
                )
                .label("expected a directive before it")
                .help(format!(
                    "`{word}` can stand on {}",
                    crate::cursor::one_of(&takers)
                ))
            }
            Some("end") => Diagnostic::error(
                Code::UnknownDirective,
                span,
                "blocks need no `end` directive",
            )
            .help("the block of the `with` statement ends the construct"),
            Some(word) => Diagnostic::error(
                Code::UnknownDirective,
                span,
                format!("unknown directive `{}`", shorten(word)),
            )
            .label("no directive has a name like this"),
        };
        self.report(diagnostic);
    }

    /// Checks that the leaves form a directive.
    fn check_name(&mut self, leaves: &NamedLeaves) {
        if leaves.len() < 2 {
            return;
        }
        for leaf in leaves.iter().filter(|leaf| leaf.part.len() > 1) {
            let span = self.span(leaf.part);
            let name = leaf.kind.name();
            self.report(
                Diagnostic::error(
                    Code::InvalidCompound,
                    span,
                    "a compound directive takes names with underscores only",
                )
                .help(format!("write `{name}`"))
                .fix(span, name),
            );
        }
        let kinds: SmallVec<[LeafKind; 8]> = leaves.iter().map(|leaf| leaf.kind).collect();
        let Err(error) = check_compound(&kinds) else {
            return;
        };
        let index = match error {
            CompoundError::Repeated(index)
            | CompoundError::NeverCombined(index)
            | CompoundError::NotInside(index) => index,
        };
        let name = kinds[index].name();
        let span = self.span(leaves[index].part);
        let mut diagnostic = match error {
            CompoundError::Repeated(_) => Diagnostic::error(
                Code::InvalidCompound,
                span,
                format!("`{name}` stands twice"),
            ),
            CompoundError::NeverCombined(_) => Diagnostic::error(
                Code::InvalidCompound,
                span,
                format!("`{name}` cannot be combined with other directives"),
            )
            .help(format!("nest it: give `{name}` a statement of its own")),
            CompoundError::NotInside(_) => {
                let outer = kinds[index - 1].name();
                Diagnostic::error(
                    Code::InvalidCompound,
                    span,
                    format!("`{name}` cannot follow `{outer}` in a directive's name"),
                )
            }
        };
        if !matches!(error, CompoundError::NeverCombined(_))
            && let Some(order) = reorder(&kinds)
        {
            let names: Vec<&str> = order.iter().map(|kind| kind.name()).collect();
            let whole = self.name_span(leaves);
            diagnostic = diagnostic
                .help(format!("did you mean `{}`?", names.join(" ")))
                .fix(whole, names.join(" "));
        }
        self.report(diagnostic);
    }

    /// The place of a whole name.
    pub fn name_span(&self, leaves: &NamedLeaves) -> Span {
        match (leaves.first(), leaves.last()) {
            (Some(first), Some(last)) => self.span(Part::new(first.part.start, last.part.end)),
            _ => self.token_span(0),
        }
    }

    /// Whether a directive of these leaves takes an argument in parentheses.
    pub fn takes_argument(leaves: &NamedLeaves) -> bool {
        leaves.len() == 1 && leaves[0].kind.row().arg != LeafArg::None
    }
}
