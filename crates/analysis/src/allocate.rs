//! The `allocate` clause and directive: where the memory of a name's arrays comes from.

use crate::clauses::{expr, listed, resolved};
use crate::constructs::Construct;
use crate::facts::Allocate;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{ClauseArgs, Leaf, LeafArgument};
use omply_spec::{ClauseKind, LeafKind};
use omply_syntax::hir::{Function, NameRef};

/// What the leaf's `allocate` clauses say about the copies of a name.
pub(crate) fn of_copy(
    function: &Function,
    construct: &Construct,
    leaf: &Leaf,
    name: NameRef,
) -> Option<Allocate> {
    let mut clauses = leaf.clauses_of(ClauseKind::Allocate);
    clauses.find_map(|clause| {
        let ClauseArgs::Allocate {
            allocator,
            align,
            items,
        } = &clause.args
        else {
            return None;
        };
        let given = |text: &Option<_>| text.as_ref().and_then(|text| resolved(construct, text));
        listed(function, items)
            .iter()
            .any(|(item, _)| *item == name)
            .then(|| Allocate {
                allocator: given(allocator),
                align: given(align),
            })
    })
}

/// A directive is about variables that the function assigns.
pub(crate) fn check(construct: &Construct, function: &Function, diagnostics: &mut Vec<Diagnostic>) {
    let leaf = &construct.leaves()[0];
    let LeafArgument::Items(items) = &leaf.argument else {
        return;
    };
    for item in items {
        let Some(name) = item.name() else { continue };
        if matches!(function.lookup(name), Some(NameRef::Var(_))) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                Code::NotAVariable,
                item.span(),
                format!("`{name}` is never assigned in `{}`", function.name),
            )
            .label("there is no array to allocate")
            .help("list variables that this function assigns new arrays to"),
        );
    }
}

/// What an `allocate` directive says.
pub(crate) fn directive(
    function: &Function,
    construct: &Construct,
    leaf: &Leaf,
) -> Option<(Vec<(NameRef, Span)>, Allocate)> {
    let LeafArgument::Items(items) = &leaf.argument else {
        return None;
    };
    (leaf.kind == LeafKind::Allocate).then(|| {
        (
            listed(function, items),
            Allocate {
                allocator: expr(construct, leaf, ClauseKind::Allocator),
                align: expr(construct, leaf, ClauseKind::Align),
            },
        )
    })
}
