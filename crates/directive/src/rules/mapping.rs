//! Rules of data mapping.

use super::Rules;
use crate::ast::{ClauseArgs, Leaf};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_spec::{ClauseKind, LeafKind, MapType, VariableCategory};

impl Rules<'_> {
    pub(super) fn mapping(&mut self, leaf: &Leaf) {
        for clause in leaf.clauses_of(ClauseKind::Map) {
            let ClauseArgs::Map(map) = &clause.args else {
                continue;
            };
            let Some(kind) = map.kind else { continue };
            let wrong = match leaf.kind {
                LeafKind::TargetEnterData => matches!(kind.value, MapType::From | MapType::Release),
                LeafKind::TargetExitData => matches!(kind.value, MapType::To | MapType::Alloc),
                _ => kind.value == MapType::Release,
            };
            if wrong {
                self.report(
                    Diagnostic::error(
                        Code::InvalidModifier,
                        kind.span,
                        format!(
                            "data cannot be mapped as `{}` on `{}`",
                            kind.value, leaf.kind
                        ),
                    )
                    .label(match leaf.kind {
                        LeafKind::TargetExitData => {
                            "expected `from`, `tofrom`, `storage` or `release`"
                        }
                        _ => "expected `to`, `tofrom`, `storage` or `alloc`",
                    }),
                );
            }
        }
        self.defaultmaps(leaf);
    }

    /// Each kind of variable has one implicit behaviour.
    fn defaultmaps(&mut self, leaf: &Leaf) {
        let mut seen: Vec<(VariableCategory, Span)> = Vec::new();
        for clause in leaf.clauses_of(ClauseKind::Defaultmap) {
            let ClauseArgs::Defaultmap { category, .. } = &clause.args else {
                continue;
            };
            let category = category.map_or(VariableCategory::All, |word| word.value);
            let overlaps = |other: VariableCategory| {
                other == category || [other, category].contains(&VariableCategory::All)
            };
            if let Some((_, first)) = seen.iter().find(|(other, _)| overlaps(*other)) {
                self.report(
                    Diagnostic::error(
                        Code::DuplicateClause,
                        clause.span,
                        "these variables have an implicit behaviour already",
                    )
                    .secondary(*first, "given here"),
                );
            }
            seen.push((category, clause.span));
        }
    }
}
