//! Hands the clauses of a directive to its leaves by OpenMP's rules for compound constructs.

use crate::ast::{Clause, ClauseArgs, Directive, ListItem, Map, Reduction, Word};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{ClauseKind, Distribution, LeafKind, MapType, ReductionModifier};
use smallvec::SmallVec;

type Indices = SmallVec<[usize; 6]>;

struct Splitter<'a> {
    directive: &'a mut Directive,
    written: &'a [Clause],
    /// Clauses that follow from written ones; added when all written ones are in place.
    implied: Vec<(usize, Clause)>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Fills the leaves' clauses.
pub(crate) fn distribute(
    directive: &mut Directive,
    written: &[Clause],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut splitter = Splitter {
        directive,
        written,
        implied: Vec::new(),
        diagnostics,
    };
    for clause in written
        .iter()
        .filter(|clause| clause.kind != ClauseKind::Allocate)
    {
        splitter.clause(clause);
    }
    splitter.add_implied();
    // Which items a leaf privatises is known only now.
    for clause in written
        .iter()
        .filter(|clause| clause.kind == ClauseKind::Allocate)
    {
        splitter.allocate(clause);
    }
}

impl Splitter<'_> {
    fn kind(&self, leaf: usize) -> LeafKind {
        self.directive.leaves[leaf].kind
    }

    fn find(&self, kind: LeafKind) -> Option<usize> {
        self.directive
            .leaves
            .iter()
            .position(|leaf| leaf.kind == kind)
    }

    fn has(&self, kind: LeafKind) -> bool {
        self.find(kind).is_some()
    }

    /// The leaves that take a clause, outermost first.
    fn takers(&self, kind: ClauseKind) -> Indices {
        (0..self.directive.leaves.len())
            .filter(|&leaf| self.kind(leaf).allows(kind))
            .collect()
    }

    fn give(&mut self, leaf: usize, clause: Clause) {
        self.directive.leaves[leaf].clauses.push(clause);
    }

    fn give_all(&mut self, leaves: &[usize], clause: &Clause) {
        for &leaf in leaves {
            self.give(leaf, clause.clone());
        }
    }

    fn clause(&mut self, clause: &Clause) {
        let takers = self.takers(clause.kind);
        if clause.directive_name.is_some() {
            let named = self.named_leaves(clause, &takers);
            return self.give_all(&named, clause);
        }
        if self.directive.leaves.len() == 1 {
            return self.give_all(&takers, clause);
        }
        match clause.kind.row().distribution {
            Distribution::All | Distribution::Once => self.give_all(&takers, clause),
            Distribution::Innermost => {
                self.give_all(&takers[takers.len().saturating_sub(1)..], clause)
            }
            Distribution::Outermost => self.give_all(&takers[..takers.len().min(1)], clause),
            Distribution::Firstprivate => self.firstprivate(clause),
            Distribution::Lastprivate => self.lastprivate(clause, &takers),
            Distribution::Reduction => self.reduction(clause, &takers),
            Distribution::Linear => self.linear(clause, &takers),
            // Left for when all else is in place.
            Distribution::Privatizing => {}
        }
    }

    /// The leaves named by a `directive-name:` modifier; reports names that are no part of the directive.
    fn named_leaves(&mut self, clause: &Clause, takers: &[usize]) -> Indices {
        let mut named = Indices::new();
        let Some(name) = &clause.directive_name else {
            return named;
        };
        for &kind in &name.leaves {
            match self.find(kind) {
                Some(leaf) if takers.contains(&leaf) => named.push(leaf),
                Some(_) => self.diagnostics.push(Diagnostic::error(
                    Code::ClauseNotAllowed,
                    name.span,
                    format!("`{}` cannot stand on `{kind}`", clause.kind),
                )),
                None => self.diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidModifier,
                        name.span,
                        format!("`{kind}` is no part of `{}`", self.directive.name),
                    )
                    .secondary(self.directive.name_span, "the directive"),
                ),
            }
        }
        named
    }

    /// The leaves a `firstprivate` acts on.
    fn firstprivate_leaves(&self) -> Indices {
        use LeafKind::*;
        let takers = self.takers(ClauseKind::Firstprivate);
        let worksharing = takers
            .iter()
            .any(|&leaf| matches!(self.kind(leaf), For | Sections | Single | Taskloop));
        takers
            .into_iter()
            .filter(|&leaf| match self.kind(leaf) {
                Teams => !self.has(Distribute),
                Parallel => !worksharing,
                _ => true,
            })
            .collect()
    }

    /// `parallel` and `teams`, as far as they are not among the leaves: there the item is shared.
    fn sharing_leaves(&self, besides: &[usize]) -> Indices {
        (0..self.directive.leaves.len())
            .filter(|leaf| {
                matches!(self.kind(*leaf), LeafKind::Parallel | LeafKind::Teams)
                    && !besides.contains(leaf)
            })
            .collect()
    }

    fn firstprivate(&mut self, clause: &Clause) {
        let leaves = self.firstprivate_leaves();
        for &leaf in &leaves {
            let mut given = clause.clone();
            if self.kind(leaf) == LeafKind::Target
                && let Some(items) = given.args.items_mut()
            {
                items.retain(|item| {
                    !self.is_listed(item, ClauseKind::Lastprivate)
                        && !self.is_listed(item, ClauseKind::Map)
                });
                if items.is_empty() {
                    continue;
                }
            }
            self.give(leaf, given);
        }
        for leaf in self.sharing_leaves(&leaves) {
            self.imply_shared(leaf, clause, clause.args.items());
        }
    }

    fn lastprivate(&mut self, clause: &Clause, takers: &[usize]) {
        self.give_all(takers, clause);
        let items: Vec<ListItem> = clause
            .args
            .items()
            .iter()
            .filter(|item| !self.is_listed(item, ClauseKind::Firstprivate))
            .cloned()
            .collect();
        for leaf in self.sharing_leaves(&[]) {
            self.imply_shared(leaf, clause, &items);
        }
        self.imply_map(clause);
    }

    fn reduction(&mut self, clause: &Clause, takers: &[usize]) {
        use LeafKind::*;
        let inner = [For, Sections, Loop, Taskloop]
            .iter()
            .any(|&kind| self.has(kind));
        let leaves: Indices = takers
            .iter()
            .copied()
            .filter(|&leaf| match self.kind(leaf) {
                Parallel => !inner,
                Teams => !self.has(Loop),
                _ => true,
            })
            .collect();
        let ClauseArgs::Reduction(reduction) = &clause.args else {
            return;
        };
        let keepers = self.modifier_keepers(reduction, &leaves);
        for &leaf in &leaves {
            let mut given = clause.clone();
            if !keepers.contains(&leaf)
                && let ClauseArgs::Reduction(reduction) = &mut given.args
            {
                reduction.modifier = None;
            }
            self.give(leaf, given);
        }
        for leaf in self.sharing_leaves(&leaves) {
            self.imply_shared(leaf, clause, clause.args.items());
        }
        self.imply_map(clause);
    }

    /// The leaves on which a reduction's modifier acts.
    fn modifier_keepers(&self, reduction: &Reduction, leaves: &[usize]) -> Indices {
        use LeafKind::*;
        let taking = |kinds: &[LeafKind]| {
            leaves
                .iter()
                .copied()
                .filter(|&leaf| kinds.contains(&self.kind(leaf)))
                .collect::<Indices>()
        };
        let keepers = match reduction.modifier.map(|modifier| modifier.value) {
            None | Some(ReductionModifier::Default) => Indices::from_slice(leaves),
            Some(ReductionModifier::Inscan) => taking(&[For, Simd]),
            Some(ReductionModifier::Task) => taking(&[Parallel, For, Sections, Scope])
                .into_iter()
                .next_back()
                .into_iter()
                .collect(),
        };
        // Where no leaf takes it, it stays in sight of the rules, which refuse it.
        if keepers.is_empty() {
            Indices::from_slice(leaves)
        } else {
            keepers
        }
    }

    /// The innermost leaf gets the clause; for the others the items act as firstprivate and lastprivate.
    fn linear(&mut self, clause: &Clause, takers: &[usize]) {
        let Some(&innermost) = takers.last() else {
            return;
        };
        self.give(innermost, clause.clone());
        let items = clause.args.items().to_vec();
        let first: Indices = self.firstprivate_leaves();
        for &leaf in first.iter().filter(|&&leaf| leaf != innermost) {
            let args = ClauseArgs::Firstprivate {
                saved: None,
                items: items.clone(),
            };
            self.imply(leaf, ClauseKind::Firstprivate, clause, args);
        }
        for leaf in self
            .takers(ClauseKind::Lastprivate)
            .into_iter()
            .filter(|&leaf| leaf != innermost)
        {
            let args = ClauseArgs::Lastprivate {
                conditional: None,
                items: items.clone(),
            };
            self.imply(leaf, ClauseKind::Lastprivate, clause, args);
        }
        for leaf in self.sharing_leaves(&first) {
            self.imply_shared(leaf, clause, &items);
        }
        self.imply_map(clause);
    }

    /// Every leaf that privatises some of the items gets the clause for those.
    fn allocate(&mut self, clause: &Clause) {
        let mut takers = self.takers(clause.kind);
        if clause.directive_name.is_some() {
            takers = self.named_leaves(clause, &takers);
        }
        let mut unused: Vec<ListItem> = clause.args.items().to_vec();
        for leaf in takers {
            let private: Vec<ListItem> = clause
                .args
                .items()
                .iter()
                .filter(|item| {
                    self.directive.leaves[leaf]
                        .clauses
                        .iter()
                        .filter(|other| other.kind.is_privatizing())
                        .any(|other| {
                            other
                                .args
                                .items()
                                .iter()
                                .any(|own| own.base() == item.base())
                        })
                })
                .cloned()
                .collect();
            if private.is_empty() {
                continue;
            }
            unused.retain(|item| !private.contains(item));
            let mut given = clause.clone();
            if let Some(items) = given.args.items_mut() {
                *items = private;
            }
            self.give(leaf, given);
        }
        for item in unused {
            let name = item.base().unwrap_or_default();
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidListItem,
                    item.span(),
                    format!("`{name}` is not made private by this directive"),
                )
                .label("there is no copy to allocate"),
            );
        }
    }

    /// Whether a written clause of that kind lists the item or a part of it.
    fn is_listed(&self, item: &ListItem, kind: ClauseKind) -> bool {
        self.written
            .iter()
            .filter(|clause| clause.kind == kind)
            .any(|clause| {
                clause
                    .args
                    .items()
                    .iter()
                    .any(|other| other.base() == item.base())
            })
    }

    fn imply(&mut self, leaf: usize, kind: ClauseKind, from: &Clause, args: ClauseArgs) {
        self.implied.push((
            leaf,
            Clause {
                kind,
                span: from.span,
                name_span: from.name_span,
                directive_name: None,
                implied: true,
                args,
            },
        ));
    }

    fn imply_shared(&mut self, leaf: usize, from: &Clause, items: &[ListItem]) {
        // A section's whole variable is shared.
        let items = items
            .iter()
            .filter_map(|item| Some(ListItem::Name(item.base()?.to_owned(), item.span())))
            .collect();
        self.imply(leaf, ClauseKind::Shared, from, ClauseArgs::Items(items));
    }

    /// On a target the results have to come back.
    fn imply_map(&mut self, from: &Clause) {
        let Some(leaf) = self.find(LeafKind::Target) else {
            return;
        };
        let kind = Some(Word {
            value: MapType::Tofrom,
            span: from.name_span,
        });
        let items: Vec<ListItem> = from
            .args
            .items()
            .iter()
            .filter(|item| !self.is_listed(item, ClauseKind::Map))
            .cloned()
            .collect();
        if !items.is_empty() {
            let map = Map {
                modifiers: Vec::new(),
                attach: None,
                mapper: None,
                iterators: Vec::new(),
                kind,
                items,
            };
            self.imply(leaf, ClauseKind::Map, from, ClauseArgs::Map(Box::new(map)));
        }
    }

    /// Adds implied clauses for items that have no clause on their leaf already.
    fn add_implied(&mut self) {
        for (leaf, mut clause) in std::mem::take(&mut self.implied) {
            let leaf = &mut self.directive.leaves[leaf];
            let listed = |item: &ListItem| {
                leaf.clauses
                    .iter()
                    // What one clause implies stands together: firstprivate and lastprivate of a `linear` item.
                    .filter(|other| {
                        !(other.implied && other.kind != clause.kind && other.span == clause.span)
                    })
                    .filter(|other| other.kind.is_data_sharing() || other.kind == ClauseKind::Map)
                    .any(|other| {
                        other
                            .args
                            .items()
                            .iter()
                            .any(|own| own.base() == item.base())
                    })
            };
            let kept: Vec<ListItem> = clause
                .args
                .items()
                .iter()
                .filter(|item| !listed(item))
                .cloned()
                .collect();
            if kept.is_empty() {
                continue;
            }
            if let Some(items) = clause.args.items_mut() {
                *items = kept;
            }
            leaf.clauses.push(clause);
        }
    }
}
