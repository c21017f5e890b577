//! What dependences name: variables, parts of them, iterators; and the objects that stand for dependences.

use crate::clauses::resolved;
use crate::constructs::Construct;
use crate::facts::*;
use omply_directive::{Clause, ClauseArgs, IteratorVar, Leaf, LeafArgument, ListItem};
use omply_syntax::hir::Function;

/// The facts of a `depend` clause.
pub(crate) fn depend(
    function: &Function,
    construct: &Construct,
    clause: &Clause,
) -> Option<Depend> {
    let ClauseArgs::Depend {
        kind,
        items,
        iterators,
    } = &clause.args
    else {
        return None;
    };
    let iterators = iterators.iter().map(|one| iterator(construct, one));
    let items = items
        .iter()
        .filter_map(|item| depend_item(function, construct, item));
    Some(Depend {
        kind: kind.value,
        iterators: iterators.collect::<Option<_>>()?,
        items: items.collect(),
    })
}

fn iterator(construct: &Construct, one: &IteratorVar) -> Option<DependIterator> {
    Some(DependIterator {
        var: *construct.dir.iterators.get(&one.name.span.start)?,
        span: one.name.span,
        start: resolved(construct, &one.start)?,
        stop: resolved(construct, &one.stop)?,
        step: match &one.step {
            Some(step) => Some(resolved(construct, step)?),
            None => None,
        },
    })
}

fn depend_item(function: &Function, construct: &Construct, item: &ListItem) -> Option<DependItem> {
    match item {
        ListItem::Name(name, span) => Some(DependItem::Name(function.lookup(name)?, *span)),
        ListItem::Locator(locator) => resolved(construct, &locator.expr).map(DependItem::Part),
        ListItem::AllMemory(span) => Some(DependItem::AllMemory(*span)),
    }
}

/// The object stands in the clause that works on it, or after the directive's name.
pub(crate) fn facts(function: &Function, construct: &Construct, leaf: &Leaf) -> Option<Depobj> {
    let before = match &leaf.argument {
        LeafArgument::Locator(item) => Some(item),
        _ => None,
    };
    let item = |item| depend_item(function, construct, item);
    leaf.clauses.iter().find_map(|clause| {
        let (object, action) = match &clause.args {
            ClauseArgs::Depend { .. } => (
                before?,
                DepobjAction::Init(depend(function, construct, clause)?),
            ),
            ClauseArgs::Init(init) => {
                let (kind, what) = init.depend.as_ref()?;
                let depend = Depend {
                    kind: kind.value,
                    iterators: Vec::new(),
                    items: vec![item(what)?],
                };
                (&init.object, DepobjAction::Init(depend))
            }
            ClauseArgs::DepobjUpdate { kind, object } => (
                object.as_ref().or(before)?,
                DepobjAction::Update(kind.value),
            ),
            _ if clause.kind == ClauseKind::Destroy => {
                (clause.items().first().or(before)?, DepobjAction::Destroy)
            }
            _ => return None,
        };
        Some(Depobj {
            object: item(object)?,
            action,
        })
    })
}
