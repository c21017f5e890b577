//! `declare_simd`: which vector versions a function is to have, gathered from its decorators and from the module's
//! directives, with every clause resolved to the function's parameters.

use crate::facts::{DeclareSimd, SimdParam};
use omply_diagnostics::{Code, Diagnostic, Span, nearest};
use omply_directive::{ClauseArgs, Directive, Leaf, LeafArgument, ListItem};
use omply_spec::{ClauseKind, LeafKind, LinearModifier};
use omply_syntax::ParsedFunction;
use omply_syntax::hir::Function;

/// All that is declared of a function.
pub(crate) fn declared(
    parsed: &ParsedFunction,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<DeclareSimd> {
    let function = &parsed.function;
    let leaf = |directive| Directive::leaf(directive, LeafKind::DeclareSimd);
    let mut found = Vec::new();
    for leaf in parsed.decorators.iter().filter_map(leaf) {
        match named(leaf) {
            Some((name, span)) if name != function.name => diagnostics.push(
                Diagnostic::error(
                    Code::UnknownName,
                    span,
                    format!(
                        "`declare_simd` stands at `{}`, not at `{name}`",
                        function.name
                    ),
                )
                .fix(span, function.name.clone()),
            ),
            _ => found.push(one(function, leaf, diagnostics)),
        }
    }
    for leaf in parsed.declarations.iter().filter_map(leaf) {
        match named(leaf) {
            Some((name, _)) if name == function.name => {
                found.push(one(function, leaf, diagnostics));
            }
            Some(_) => {}
            None => diagnostics.push(
                Diagnostic::error(
                    Code::MissingArgument,
                    leaf.name_span,
                    "`declare_simd` outside of functions names none",
                )
                .help("write `declare_simd(function)`, or use it as the function's decorator"),
            ),
        }
    }
    found
}

fn named(leaf: &Leaf) -> Option<(&str, Span)> {
    match &leaf.argument {
        LeafArgument::Name(name) => Some((name.name.as_str(), name.span)),
        _ => None,
    }
}

fn one(function: &Function, leaf: &Leaf, diagnostics: &mut Vec<Diagnostic>) -> DeclareSimd {
    let mut simd = DeclareSimd {
        span: leaf.name_span,
        simdlen: None,
        inbranch: None,
        params: vec![SimdParam::Any; function.params.len()],
        inert: Vec::new(),
    };
    for clause in &leaf.clauses {
        match &clause.args {
            ClauseArgs::Simdlen { length, .. } => {
                simd.simdlen = length.as_integer().and_then(|n| u32::try_from(n).ok());
            }
            ClauseArgs::Linear {
                modifier,
                step,
                items,
            } => {
                let by_reference =
                    matches!(modifier, Some(word) if word.value == LinearModifier::Ref);
                let step = match step {
                    None => Some(1),
                    Some(text) => text.as_integer(),
                };
                let places = params(function, items, diagnostics);
                let mut inert = |reason: &str| simd.inert.push((clause.span, reason.to_owned()));
                match step {
                    _ if by_reference => inert("a call passes values, which may be any"),
                    None => inert("only the call knows the step"),
                    Some(step) => {
                        for place in places {
                            simd.params[place] = SimdParam::Linear(step);
                        }
                    }
                }
            }
            ClauseArgs::Aligned { items, .. } => {
                params(function, items, diagnostics);
                let reason = "arrays know their alignment".to_owned();
                simd.inert.push((clause.span, reason));
            }
            _ => match clause.kind {
                ClauseKind::Inbranch => simd.inbranch = Some(true),
                ClauseKind::Notinbranch => simd.inbranch = Some(false),
                ClauseKind::Uniform => {
                    for place in params(function, clause.items(), diagnostics) {
                        simd.params[place] = SimdParam::Uniform;
                    }
                }
                _ => {}
            },
        }
    }
    simd
}

/// The places of the listed parameters.
fn params(
    function: &Function,
    items: &[ListItem],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let name_of = |place: usize| {
        function.vars[function.params[place].var.index()]
            .name
            .as_str()
    };
    let mut places = Vec::new();
    for item in items {
        let Some(name) = item.name() else {
            continue;
        };
        if let Some(place) = (0..function.params.len()).find(|&place| name_of(place) == name) {
            places.push(place);
            continue;
        }
        let known = (0..function.params.len()).map(name_of);
        let error = Diagnostic::error(
            Code::UnknownName,
            item.span(),
            format!("`{name}` is no parameter of `{}`", function.name),
        );
        diagnostics.push(match nearest(name, known) {
            Some(near) => {
                let near = near.to_owned();
                error.fix(item.span(), near)
            }
            None => error.help("the clauses of `declare_simd` list parameters"),
        });
    }
    places
}
