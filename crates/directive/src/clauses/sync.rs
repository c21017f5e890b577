//! Clauses of dependences and of dependence and interoperability objects.

use super::Reading;
use crate::ast::{ClauseArgs, Doacross, DoacrossStep, Init, ListItem, Word};
use crate::cursor::{Parser, Part};
use crate::list::Items;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{DependType, DoacrossKind, InteropType, LeafKind};

impl Parser<'_> {
    /// `doacross(source:)`, `doacross(sink: i - 1, j)`.
    pub(super) fn doacross(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        // `source` may stand without its colon, as nothing has to follow it.
        let (kind, args) = match reading.modifiers() {
            [] => (reading.args(), None),
            [kind, ..] => (*kind, Some(reading.args())),
        };
        let kind = self.keyword::<DoacrossKind>(kind, "direction of the dependence")?;
        let args = args.unwrap_or(Part::new(reading.args().end, reading.args().end));
        match kind.value {
            DoacrossKind::Source
                if args.is_empty() || self.only_word(args) == Some("omp_cur_iteration") =>
            {
                Some(ClauseArgs::Doacross(Doacross::Source(kind.span)))
            }
            DoacrossKind::Source => {
                let span = self.span(args);
                self.error(
                    Code::UnexpectedArgument,
                    span,
                    "`source` is always the current iteration",
                );
                None
            }
            DoacrossKind::Sink if self.word(args.start) == Some("omp_cur_iteration") => {
                let previous = args.len() == 3
                    && self.is_operator(args.start + 1, "-")
                    && self.token_text(args.start + 2) == "1";
                let span = self.span(args);
                if !previous {
                    self.report(
                        Diagnostic::error(
                            Code::InvalidExpression,
                            span,
                            "only the iteration before the current one can be named so",
                        )
                        .label("expected `omp_cur_iteration - 1`"),
                    );
                    return None;
                }
                Some(ClauseArgs::Doacross(Doacross::SinkPrevious(span)))
            }
            DoacrossKind::Sink => {
                let parts = self.split(args, ",");
                let steps: Vec<DoacrossStep> = parts
                    .iter()
                    .filter_map(|part| self.doacross_step(*part))
                    .collect();
                (steps.len() == parts.len()).then_some(ClauseArgs::Doacross(Doacross::Sink(steps)))
            }
        }
    }

    fn doacross_step(&mut self, part: Part) -> Option<DoacrossStep> {
        let var = self.ident(
            Part::new(part.start, part.end.min(part.start + 1)),
            "loop variable",
        )?;
        let rest = Part::new(part.start + 1, part.end);
        if rest.is_empty() {
            return Some(DoacrossStep { var, offset: None });
        }
        let signed = self.is_operator(rest.start, "+") || self.is_operator(rest.start, "-");
        if !signed || rest.len() < 2 {
            let span = self.span(rest);
            self.report(
                Diagnostic::error(
                    Code::InvalidExpression,
                    span,
                    "an iteration is named by loop variables with offsets",
                )
                .label("expected `+` or `-` and a constant"),
            );
            return None;
        }
        Some(DoacrossStep {
            var,
            offset: Some(self.expr(rest, "offset")?),
        })
    }

    /// `update` of `atomic` (a switch) and of `depobj` (`update(type)`, `update(type : object)`).
    pub(super) fn update(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        if reading.leaf != Some(LeafKind::Depobj) {
            return self.flag(reading);
        }
        let (kind, object) = match reading.modifiers() {
            [] => (reading.args(), None),
            [kind, rest @ ..] => {
                self.no_modifiers(rest);
                (*kind, Some(reading.args()))
            }
        };
        let kind = self.keyword::<DependType>(kind, "dependence type")?;
        let object = match object {
            Some(part) => Some(self.item(part, Items::Locators)?),
            None => None,
        };
        Some(ClauseArgs::DepobjUpdate { kind, object })
    }

    /// `init(type(locator) : object)` of `depobj`, `init([prefer_type(...),] types : object)` of `interop`.
    pub(super) fn init(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut depend: Option<(Word<DependType>, ListItem)> = None;
        let mut types: Vec<Word<InteropType>> = Vec::new();
        let mut prefer = None;
        for &part in reading.modifiers() {
            if reading.leaf == Some(LeafKind::Depobj) {
                let value = self.dependence(part)?;
                self.set_once(&mut depend, value, part);
            } else if let Some(inside) = self.call(part, "prefer_type") {
                let value = self.exprs(inside, "foreign runtime")?;
                self.set_once(&mut prefer, value, part);
            } else if let Some(word) = self.modifier_word::<InteropType>(part) {
                types.push(word);
            } else {
                self.unknown_modifier(part, &["target", "targetsync", "prefer_type"]);
                return None;
            }
        }
        let argument = self.only_part(reading.args(), "object")?;
        let object = self.item(argument, Items::Locators)?;
        if depend.is_none() && types.is_empty() {
            let span = self.span(reading.args());
            let expected = if reading.leaf == Some(LeafKind::Depobj) {
                "`in(x) : object`"
            } else {
                "`targetsync : object`"
            };
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "`init` must say what the object is for",
                )
                .label(format!("expected something like {expected}")),
            );
            return None;
        }
        let prefer = prefer.unwrap_or_default();
        Some(ClauseArgs::Init(Box::new(Init {
            depend,
            types,
            prefer,
            object,
        })))
    }

    /// `type(locator)`.
    fn dependence(&mut self, part: Part) -> Option<(Word<DependType>, ListItem)> {
        let name = Part::new(part.start, part.end.min(part.start + 1));
        let kind = self.keyword::<DependType>(name, "dependence type")?;
        match self.call(part, kind.value.name()) {
            Some(inside) => Some((kind, self.item(inside, Items::Depend)?)),
            None => {
                let span = self.span(part);
                self.report(
                    Diagnostic::error(
                        Code::MissingArgument,
                        span,
                        "the dependence needs its variable",
                    )
                    .label(format!("expected `{}(variable)`", kind.value)),
                );
                None
            }
        }
    }
}
