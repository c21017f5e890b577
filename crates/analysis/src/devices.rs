//! Clauses about devices' memory: their list items, and what becomes of the variables that a `target` construct mentions and no
//! clause of it lists. The latter depends on what a variable holds, which is not known here: a number is firstprivate unless
//! `defaultmap` maps it, an array is mapped. Both are told apart where values are.

use crate::clauses::resolved;
use crate::constructs::Construct;
use crate::facts::{Defaultmap, Map, Origin, Sharing};
use omply_diagnostics::Span;
use omply_directive::{Clause, ClauseArgs, Leaf, ListItem};
use omply_spec::{
    ClauseKind, DefaultKind, DefaultmapBehavior, LeafKind, MapModifier, VariableCategory,
};
use omply_syntax::hir::Function;

/// Clauses whose items are memory that devices know.
pub(crate) fn lists_memory(kind: ClauseKind) -> bool {
    matches!(
        kind,
        ClauseKind::Map
            | ClauseKind::To
            | ClauseKind::From
            | ClauseKind::IsDevicePtr
            | ClauseKind::HasDeviceAddr
            | ClauseKind::UseDevicePtr
            | ClauseKind::UseDeviceAddr
    )
}

/// The items of a leaf's clauses about devices' memory, in the order written.
pub(crate) fn maps(function: &Function, construct: &Construct, leaf: &Leaf) -> Vec<Map> {
    let on_device = matches!(
        leaf.kind,
        LeafKind::Target
            | LeafKind::TargetData
            | LeafKind::TargetEnterData
            | LeafKind::TargetExitData
            | LeafKind::TargetUpdate
    );
    let clauses = leaf
        .clauses
        .iter()
        .filter(|clause| on_device && lists_memory(clause.kind));
    clauses
        .flat_map(|clause| {
            clause
                .items()
                .iter()
                .filter_map(move |item| map(function, construct, clause, item))
        })
        .collect()
}

fn map(
    function: &Function,
    construct: &Construct,
    clause: &Clause,
    item: &ListItem,
) -> Option<Map> {
    let name = function.lookup(item.base()?)?;
    let (kind, modifiers) = match &clause.args {
        ClauseArgs::Map(map) => (
            map.kind.map(|word| word.value),
            map.modifiers.iter().map(|word| word.value).collect(),
        ),
        ClauseArgs::Motion { present, .. } => {
            (None, present.iter().map(|_| MapModifier::Present).collect())
        }
        _ => (None, Vec::new()),
    };
    let (part, text) = match item {
        ListItem::Locator(locator) => (
            resolved(construct, &locator.expr),
            locator.expr.text.clone(),
        ),
        _ => (None, item.base()?.to_owned()),
    };
    Some(Map {
        clause: clause.kind,
        kind,
        modifiers,
        name,
        part,
        text,
        span: item.span(),
        implied: clause.implied,
    })
}

/// What the `defaultmap` clauses of a `target` say. A `default` clause says it for all variables.
pub(crate) fn defaultmap(leaf: &Leaf) -> Vec<Defaultmap> {
    if leaf.kind != LeafKind::Target {
        return Vec::new();
    }
    let of_clause = |clause: &Clause| match &clause.args {
        ClauseArgs::Defaultmap { behavior, category } => Some(Defaultmap {
            behavior: behavior.value,
            category: category.map_or(VariableCategory::All, |word| word.value),
            span: clause.span,
        }),
        ClauseArgs::Default { kind, category } => Some(Defaultmap {
            behavior: match kind.value {
                DefaultKind::Firstprivate => DefaultmapBehavior::Firstprivate,
                DefaultKind::Private => DefaultmapBehavior::Private,
                DefaultKind::None => DefaultmapBehavior::None,
                DefaultKind::Shared => return None,
            },
            category: category.map_or(VariableCategory::All, |word| word.value),
            span: clause.span,
        }),
        _ => None,
    };
    leaf.clauses.iter().filter_map(of_clause).collect()
}

/// What becomes of variables of that kind, and which clause says so.
pub fn behavior(
    defaultmap: &[Defaultmap],
    category: VariableCategory,
) -> (DefaultmapBehavior, Option<Span>) {
    let found = defaultmap
        .iter()
        .find(|one| one.category == category || one.category == VariableCategory::All);
    found.map_or((DefaultmapBehavior::Default, None), |one| {
        (one.behavior, Some(one.span))
    })
}

/// What a `target` makes of a name that no clause lists, for values of any kind: numbers are copied or are the variable
/// outside, containers stay what they are unless they are to be copied, too (which `Explicit` says). The span is that of a clause which
/// asks for a clause for every variable.
pub(crate) fn unlisted(leaf: &Leaf) -> (Sharing, Origin, Option<Span>) {
    use DefaultmapBehavior as B;
    let clauses = defaultmap(leaf);
    let (scalar, span) = behavior(&clauses, VariableCategory::Scalar);
    let (aggregate, _) = behavior(&clauses, VariableCategory::Aggregate);
    let sharing = match scalar {
        B::Default | B::Firstprivate | B::None | B::SelfMap => Sharing::Firstprivate,
        B::Private if aggregate == B::Private => Sharing::Private,
        B::Private => Sharing::Firstprivate,
        B::Storage | B::Alloc | B::To | B::From | B::Tofrom | B::Present => Sharing::Shared,
    };
    let origin = if matches!(aggregate, B::Firstprivate | B::Private) {
        Origin::Explicit
    } else {
        Origin::Implicit
    };
    let every = (scalar == B::None && aggregate == B::None).then_some(span);
    (sharing, origin, every.flatten())
}
