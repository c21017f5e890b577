//! What a mode cannot run yet, said by name and place. The spec tables decide; forms of clauses are decided here.

use crate::ast::{Clause, ClauseArgs, Directive, Leaf, ListItem, LocatorPart, Subscript};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_spec::{
    ClauseKind, DefaultmapBehavior, DependType, DeviceModifier, DeviceType, Form, MapModifier,
    Mode, ReductionModifier, VariableCategory,
};

/// What of a directive the mode cannot run yet, each as an error that names it.
pub fn unsupported(directive: &Directive, mode: Mode) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for leaf in &directive.leaves {
        if !leaf.kind.support().in_mode(mode) {
            diagnostics.push(not_yet(
                Code::UnsupportedDirective,
                leaf.name_span,
                &format!("`{}`", leaf.kind),
                mode,
            ));
            continue;
        }
        for clause in leaf.clauses.iter().filter(|clause| !clause.implied) {
            let found = unsupported_clause(leaf, clause, mode);
            // A clause of several leaves is one clause to the reader.
            for diagnostic in found {
                if !diagnostics
                    .iter()
                    .any(|other| other.primary.span == diagnostic.primary.span)
                {
                    diagnostics.push(diagnostic);
                }
            }
        }
    }
    diagnostics
}

fn not_yet(code: Code, span: Span, what: &str, mode: Mode) -> Diagnostic {
    Diagnostic::error(
        code,
        span,
        format!("{what} is not supported yet in {} mode", mode.name()),
    )
}

fn unsupported_clause(leaf: &Leaf, clause: &Clause, mode: Mode) -> Vec<Diagnostic> {
    if !leaf.kind.clause_support(clause.kind).in_mode(mode) {
        let what = format!("`{}` on `{}`", clause.kind, leaf.kind);
        return vec![not_yet(Code::UnsupportedClause, clause.span, &what, mode)];
    }
    forms(clause)
        .into_iter()
        .filter(|(form, _)| !form.support().in_mode(mode))
        .map(|(form, span)| not_yet(Code::UnsupportedForm, span, form.name(), mode))
        .collect()
}

/// The forms of a clause that are decided on their own, where they stand.
fn forms(clause: &Clause) -> Vec<(Form, Span)> {
    let mut forms = Vec::new();
    match &clause.args {
        ClauseArgs::Reduction(reduction) => {
            match reduction.modifier {
                Some(word) if word.value == ReductionModifier::Inscan => {
                    forms.push((Form::InscanReduction, word.span))
                }
                Some(word) if word.value == ReductionModifier::Task => {
                    forms.push((Form::TaskReduction, word.span))
                }
                _ => {}
            }
            if let Some(word) = reduction.original {
                forms.push((Form::OriginalSharing, word.span));
            }
            forms.extend(
                reduction
                    .items
                    .iter()
                    .filter(|item| item.name().is_none() && !is_section(item))
                    .map(|item| (Form::PartReduction, item.span())),
            );
        }
        ClauseArgs::Lastprivate {
            conditional: Some(span),
            ..
        } => forms.push((Form::ConditionalLastprivate, *span)),
        ClauseArgs::Firstprivate {
            saved: Some(span), ..
        } => forms.push((Form::SavedFirstprivate, *span)),
        ClauseArgs::Default {
            category: Some(category),
            ..
        } if category.value != VariableCategory::All => {
            forms.push((Form::DefaultCategory, category.span))
        }
        ClauseArgs::NumThreads { strict, counts } => {
            forms.extend(strict.map(|span| (Form::StrictNumThreads, span)));
            forms.extend(counts.get(1).map(|expr| (Form::NumThreadsList, expr.span)));
        }
        ClauseArgs::OptionalExpr(Some(expr)) if clause.kind == ClauseKind::Ordered => {
            // `ordered(1)` orders one loop, as `ordered` does, unless a cross-iteration dependence is named inside.
            forms.push((Form::OrderedDepth, expr.span));
        }
        ClauseArgs::Depend {
            iterators, kind, ..
        } => {
            forms.extend(
                iterators
                    .iter()
                    .map(|one| (Form::DependIterator, one.name.span)),
            );
            if kind.value == DependType::Depobj {
                forms.push((Form::DependObject, kind.span));
            }
        }
        ClauseArgs::Map(map) => {
            forms.extend(map.mapper.iter().map(|name| (Form::Mapper, name.span)));
            forms.extend(map.attach.map(|word| (Form::MapAttach, word.span)));
            let iterators = map.iterators.iter();
            forms.extend(iterators.map(|one| (Form::MapIterator, one.name.span)));
            for word in &map.modifiers {
                match word.value {
                    MapModifier::SelfMap => forms.push((Form::MapSelf, word.span)),
                    MapModifier::RefPtee | MapModifier::RefPtr | MapModifier::RefPtrPtee => {
                        forms.push((Form::MapReference, word.span))
                    }
                    _ => {}
                }
            }
        }
        ClauseArgs::Motion {
            mapper, iterators, ..
        } => {
            forms.extend(mapper.iter().map(|name| (Form::Mapper, name.span)));
            forms.extend(
                iterators
                    .iter()
                    .map(|one| (Form::MapIterator, one.name.span)),
            );
        }
        ClauseArgs::Defaultmap { behavior, .. }
            if behavior.value == DefaultmapBehavior::SelfMap =>
        {
            forms.push((Form::DefaultmapSelf, behavior.span));
        }
        ClauseArgs::Device {
            modifier: Some(word),
            ..
        } if word.value == DeviceModifier::Ancestor => {
            forms.push((Form::AncestorDevice, word.span));
        }
        ClauseArgs::DeviceType(word) if word.value != DeviceType::Any => {
            forms.push((Form::OneKindOfDevice, word.span));
        }
        ClauseArgs::Simdlen {
            scaled: Some(span), ..
        } => forms.push((Form::ScaledSimdlen, *span)),
        _ => {}
    }
    forms
}

/// `name[...]` with at least one slice.
fn is_section(item: &ListItem) -> bool {
    let ListItem::Locator(locator) = item else {
        return false;
    };
    matches!(
        &locator.parts[..],
        [LocatorPart::Subscripts(subscripts)]
            if subscripts.iter().any(|one| !matches!(one, Subscript::Index(_)))
    )
}
