//! The names that the code inside of each leaf references, inner constructs first: a private copy of an inner construct is no
//! reference to the variable outside of it.

use super::{Explicit, Input, predetermined_loop};
use crate::constructs::decides_implicitly;
use crate::facts::Sharing;
use crate::names::expr_uses;
use crate::occurrences::Kind;
use omply_diagnostics::Span;
use omply_syntax::hir::*;
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    /// The first one.
    pub span: Span,
    pub read: bool,
    pub written: bool,
}

type Map = FxHashMap<NameRef, Reference>;

/// The references of one directive.
#[derive(Default)]
pub(super) struct References {
    /// Per leaf, outermost first.
    pub leaves: Vec<Map>,
    /// Per leaf: variables of serial loops whose innermost region with data of its own it is.
    pub serial_loops: Vec<FxHashSet<NameRef>>,
}

pub(super) fn collect(
    input: &Input,
    homes: &[Vec<NameRef>],
    explicit: &[Vec<Vec<Explicit>>],
) -> Vec<References> {
    let constructs = &input.constructs.all;
    let mut bodies: Vec<Map> = vec![Map::default(); constructs.len()];
    let mut all: Vec<References> = constructs
        .iter()
        .map(|construct| References {
            leaves: vec![Map::default(); construct.leaves().len()],
            serial_loops: vec![FxHashSet::default(); construct.leaves().len()],
        })
        .collect();
    for occurrence in input.occurrences {
        let Some(site) = occurrence.site else {
            continue;
        };
        let reference = Reference {
            span: occurrence.span,
            read: occurrence.kind.reads(),
            written: occurrence.kind.writes(),
        };
        merge(&mut bodies[site.index()], occurrence.name, reference);
        if occurrence.kind == Kind::SerialLoop {
            let mut outward = input.constructs.outward(Some(site));
            let owner = outward.find_map(|construct| {
                let leaf = construct
                    .leaves()
                    .iter()
                    .rposition(|leaf| decides_implicitly(leaf.kind))?;
                Some((construct.dir.id, leaf))
            });
            if let Some((id, leaf)) = owner {
                all[id.index()].serial_loops[leaf].insert(occurrence.name);
            }
        }
    }
    // The constructs inside come after the ones around them.
    for construct in constructs.iter().rev() {
        let id = construct.dir.id;
        let mut references = std::mem::take(&mut bodies[id.index()]);
        for (index, leaf) in construct.leaves().iter().enumerate().rev() {
            let listed = &explicit[id.index()][index];
            all[id.index()].leaves[index] = references.clone();
            references.retain(|&name, _| {
                let local = homes[id.index()].contains(&name);
                let sharing = match listed.iter().find(|one| one.name == name) {
                    Some(one) => Some(one.sharing.clone()),
                    None if all[id.index()].serial_loops[index].contains(&name) => {
                        Some(Sharing::Private)
                    }
                    None => predetermined_loop(input, id, leaf.kind, name, local),
                };
                sharing != Some(Sharing::Private)
            });
            for one in listed.iter().filter(|one| one.sharing != Sharing::Private) {
                let (read, written) = match one.sharing {
                    Sharing::Firstprivate | Sharing::Shared => (true, false),
                    Sharing::Lastprivate { first, .. } => (first, true),
                    _ => (true, true),
                };
                let known = references.get(&one.name).copied();
                let reference = known.unwrap_or(Reference {
                    span: one.span,
                    read,
                    written,
                });
                // A copy keeps what is done to it to itself.
                let written = if one.sharing == Sharing::Firstprivate {
                    false
                } else {
                    reference.written
                };
                references.insert(
                    one.name,
                    Reference {
                        written,
                        ..reference
                    },
                );
            }
            // What an inner leaf's clauses evaluate, they evaluate inside of the outer ones.
            if index > 0 {
                for clause in leaf.clauses.iter().filter(|clause| !clause.implied) {
                    for expr in construct
                        .dir
                        .exprs
                        .range(clause.span.start..clause.span.end)
                        .map(|(_, expr)| expr)
                    {
                        expr_uses(expr, &mut |name, span, _| {
                            if input.function.is_iterator(name) {
                                return;
                            }
                            merge(
                                &mut references,
                                name,
                                Reference {
                                    span,
                                    read: true,
                                    written: false,
                                },
                            );
                        });
                    }
                }
            }
        }
        references.retain(|name, _| !homes[id.index()].contains(name));
        if let Some(parent) = construct.parent {
            for (name, reference) in references {
                merge(&mut bodies[parent.index()], name, reference);
            }
        }
    }
    all
}

fn merge(map: &mut Map, name: NameRef, reference: Reference) {
    map.entry(name)
        .and_modify(|known| {
            known.span = known.span.min(reference.span);
            known.read |= reference.read;
            known.written |= reference.written;
        })
        .or_insert(reference);
}
