//! Data sharing: what every name that a construct references is to it. First each variable gets its home (the function, or the
//! construct that alone uses it); then the references of each leaf are gathered, inner constructs first; then every leaf decides,
//! outer constructs first, because what a task makes of a name depends on the constructs around it.

mod explicit;
mod homes;
mod references;

use crate::allocate;
use crate::constructs::{Constructs, decides_implicitly, is_task_generating};
use crate::devices;
use crate::facts::{LoopNest, OfKind, Origin, Sharing, VarFact, VariableCategory};
use crate::loops::targets;
use crate::occurrences::Occurrence;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{ClauseArgs, Leaf};
use omply_spec::{ClauseKind, DefaultKind, LeafKind};
use omply_syntax::hir::*;
use references::{Reference, References};
use rustc_hash::FxHashSet;

pub(crate) use explicit::Explicit;

/// The facts about one directive's names.
#[derive(Default)]
pub(crate) struct Names {
    /// Per leaf, outermost first.
    pub leaves: Vec<Vec<VarFact>>,
    pub locals: Vec<NameRef>,
}

pub(crate) struct Input<'i, 'f> {
    pub function: &'f Function,
    pub constructs: &'i Constructs<'f>,
    pub nests: &'i [Option<LoopNest>],
    pub occurrences: &'i [Occurrence],
}

/// Decides about every name of every construct.
pub(crate) fn decide(input: &Input, diagnostics: &mut Vec<Diagnostic>) -> Vec<Names> {
    let homes = homes::locals(input);
    let explicit = explicit::collect(input, diagnostics);
    let references = references::collect(input, &homes, &explicit);
    let mut decider = Decider {
        input,
        homes: &homes,
        explicit: &explicit,
        references: &references,
        decided: Vec::new(),
        diagnostics,
    };
    for construct in &input.constructs.all {
        decider.construct(construct.dir.id);
    }
    let mut decided = decider.decided;
    for (names, homes) in decided.iter_mut().zip(&homes) {
        let listed: FxHashSet<NameRef> = names
            .leaves
            .iter()
            .flatten()
            .map(|fact| fact.name)
            .collect();
        names.locals = homes
            .iter()
            .copied()
            .filter(|name| !listed.contains(name))
            .collect();
    }
    explicit::check(input, &decided, &homes, diagnostics);
    decided
}

struct Decider<'d, 'i, 'f> {
    input: &'d Input<'i, 'f>,
    homes: &'d [Vec<NameRef>],
    explicit: &'d [Vec<Vec<Explicit>>],
    references: &'d [References],
    decided: Vec<Names>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Decider<'_, '_, '_> {
    fn construct(&mut self, id: DirId) {
        let leaves = self.input.constructs.get(id).leaves();
        self.decided.push(Names::default());
        for (index, leaf) in leaves.iter().enumerate() {
            let facts = self.leaf(id, index, leaf);
            self.decided[id.index()].leaves.push(facts);
        }
    }

    fn leaf(&mut self, id: DirId, index: usize, leaf: &Leaf) -> Vec<VarFact> {
        let mut facts: Vec<VarFact> = Vec::new();
        for explicit in &self.explicit[id.index()][index] {
            let reference = self.references[id.index()].leaves[index].get(&explicit.name);
            let fact = self.fact(
                id,
                explicit.name,
                explicit.sharing.clone(),
                Origin::Explicit,
                explicit.span,
                reference,
            );
            facts.push(VarFact {
                section: explicit.section.clone(),
                step: explicit.step.clone(),
                allocate: allocate::of_copy(
                    self.input.function,
                    self.input.constructs.get(id),
                    leaf,
                    explicit.name,
                ),
                ..fact
            });
        }
        let mut references: Vec<(NameRef, Reference)> = self.references[id.index()].leaves[index]
            .iter()
            .map(|(&name, &reference)| (name, reference))
            .collect();
        references.sort_by_key(|(_, reference)| reference.span);
        for (name, reference) in references {
            if facts.iter().any(|fact| fact.name == name) {
                continue;
            }
            if let Some((sharing, origin)) = self.unlisted(id, index, leaf, name, &reference) {
                let of_kind = match origin {
                    Origin::Implicit => self.of_kind(id, index, leaf, name),
                    _ => None,
                };
                let fact = self.fact(id, name, sharing, origin, reference.span, Some(&reference));
                facts.push(VarFact { of_kind, ..fact });
            }
        }
        facts
    }

    fn fact(
        &self,
        id: DirId,
        name: NameRef,
        sharing: Sharing,
        origin: Origin,
        span: Span,
        reference: Option<&Reference>,
    ) -> VarFact {
        VarFact {
            name,
            sharing,
            section: None,
            step: None,
            of_kind: None,
            allocate: None,
            origin,
            span,
            read_inside: reference.is_some_and(|reference| reference.read),
            written_inside: reference.is_some_and(|reference| reference.written),
            read_after: read_after(self.input, id, name),
        }
    }

    /// What a leaf makes of a name that none of its clauses lists.
    fn unlisted(
        &mut self,
        id: DirId,
        index: usize,
        leaf: &Leaf,
        name: NameRef,
        reference: &Reference,
    ) -> Option<(Sharing, Origin)> {
        let local = self.homes[id.index()].contains(&name);
        if let Some(sharing) = predetermined_loop(self.input, id, leaf.kind, name, local) {
            return Some((sharing, Origin::Predetermined));
        }
        if local || !decides_implicitly(leaf.kind) {
            return None;
        }
        let function = self.input.function;
        let var = match name {
            NameRef::Var(var) => &function.vars[var.index()],
            NameRef::Global(global) if function.globals[global.index()].threadprivate => {
                return Some((Sharing::Threadprivate, Origin::Predetermined));
            }
            // Names of the module and of enclosing functions are shared, as C's static variables are; there is nothing to do.
            NameRef::Global(_) => return None,
        };
        if var.threadprivate {
            return Some((Sharing::Threadprivate, Origin::Predetermined));
        }
        if matches!(
            var.kind,
            VarKind::DeclaredGlobal | VarKind::DeclaredNonlocal
        ) {
            return Some((Sharing::Shared, Origin::Predetermined));
        }
        if self.references[id.index()].serial_loops[index].contains(&name) {
            return Some((Sharing::Private, Origin::Predetermined));
        }
        if leaf.kind == LeafKind::Target {
            let (sharing, origin, every) = devices::unlisted(leaf);
            if let Some(span) = every {
                self.unlisted_under_none(id, name, span, reference);
            }
            return Some((sharing, origin));
        }
        let sharing = match default_kind(leaf) {
            Some((DefaultKind::Shared, _)) => Sharing::Shared,
            Some((DefaultKind::Firstprivate, _)) => Sharing::Firstprivate,
            Some((DefaultKind::Private, _)) => Sharing::Private,
            Some((DefaultKind::None, span)) => {
                self.unlisted_under_none(id, name, span, reference);
                Sharing::Shared
            }
            None if is_task_generating(leaf.kind) && !self.shared_around(id, index, name) => {
                Sharing::Firstprivate
            }
            None => Sharing::Shared,
        };
        Some((sharing, Origin::Implicit))
    }

    /// What a `default` clause for a kind of variable says of a name that no clause lists; inside of a construct with such a
    /// clause, what follows for a task.
    fn of_kind(&self, id: DirId, index: usize, leaf: &Leaf, name: NameRef) -> Option<OfKind> {
        if leaf.kind == LeafKind::Target {
            return None;
        }
        if let Some((kind, category, span)) = default_of_kind(leaf) {
            let sharing = match kind {
                DefaultKind::Shared => Some(Sharing::Shared),
                DefaultKind::Private => Some(Sharing::Private),
                DefaultKind::Firstprivate => Some(Sharing::Firstprivate),
                DefaultKind::None => None,
            };
            return Some(OfKind {
                category,
                sharing,
                span,
            });
        }
        if !is_task_generating(leaf.kind) || leaf.clause(ClauseKind::Default).is_some() {
            return None;
        }
        let around = self.kinds_around(id, index, name)?;
        Some(OfKind {
            sharing: Some(Sharing::Firstprivate),
            ..around
        })
    }

    /// The clause for a kind of variable that decides about a name around a task, up to the innermost parallel region.
    fn kinds_around(&self, id: DirId, index: usize, name: NameRef) -> Option<OfKind> {
        for construct in self.input.constructs.outward(Some(id)) {
            let at = construct.dir.id;
            let leaves = construct.leaves();
            let end = if at == id { index } else { leaves.len() };
            let decided = &self.decided[at.index()].leaves;
            for (leaf, facts) in leaves[..end].iter().zip(decided).rev() {
                let fact = facts.iter().find(|fact| fact.name == name);
                let kind = fact.and_then(|fact| fact.of_kind.clone());
                if kind.is_some() || leaf.kind == LeafKind::Parallel {
                    return kind.filter(|kind| kind.sharing != Some(Sharing::Shared));
                }
            }
        }
        None
    }

    fn unlisted_under_none(
        &mut self,
        id: DirId,
        subject: NameRef,
        default: Span,
        reference: &Reference,
    ) {
        let name = self.input.function.name_of(subject);
        let construct = self.input.constructs.get(id);
        let only_written = reference.written && !reference.read;
        let on_target = construct.leaves()[0].kind == LeafKind::Target;
        let clause = match (only_written, read_after(self.input, id, subject)) {
            (true, true) if construct.governs_loops() => "lastprivate",
            (true, false) => "private",
            _ if on_target => "map",
            _ => "shared",
        };
        self.diagnostics.push(
            Diagnostic::error(
                Code::UnlistedName,
                reference.span,
                format!("`{name}` is in no clause of `{}`", construct.name()),
            )
            .label("used here")
            .secondary(default, "asks for a clause for each variable")
            .fix(
                crate::structure::clause_end(construct),
                format!(" {clause}({name})"),
            ),
        );
    }

    /// Whether a name is shared in every construct from here to the innermost parallel region.
    fn shared_around(&self, id: DirId, index: usize, name: NameRef) -> bool {
        let constructs = self.input.constructs;
        for construct in constructs.outward(Some(id)) {
            let at = construct.dir.id;
            if at != id && self.homes[at.index()].contains(&name) {
                return false;
            }
            let leaves = construct.leaves();
            let end = if at == id { index } else { leaves.len() };
            for (leaf, facts) in leaves[..end]
                .iter()
                .zip(&self.decided[at.index()].leaves)
                .rev()
            {
                let fact = facts.iter().find(|fact| fact.name == name);
                if fact.is_some_and(|fact| fact.sharing != Sharing::Shared) {
                    return false;
                }
                if leaf.kind == LeafKind::Parallel {
                    return true;
                }
            }
        }
        false
    }
}

/// What the loop directive makes of the variable of a loop that it affects.
fn predetermined_loop(
    input: &Input,
    id: DirId,
    kind: LeafKind,
    name: NameRef,
    local: bool,
) -> Option<Sharing> {
    if !matches!(
        kind,
        LeafKind::For | LeafKind::Simd | LeafKind::Loop | LeafKind::Distribute | LeafKind::Taskloop
    ) {
        return None;
    }
    let nest = input.nests[id.index()].as_ref()?;
    nest.loops
        .iter()
        .any(|one| targets(&one.target).any(|(target, _)| target == name))
        .then_some(
            // Nothing reads the last value of a variable that lives in the construct only.
            if matches!(kind, LeafKind::Simd | LeafKind::Loop) && !local {
                Sharing::Lastprivate {
                    conditional: false,
                    first: false,
                }
            } else {
                Sharing::Private
            },
        )
}

/// A `default` clause for all variables.
fn default_kind(leaf: &Leaf) -> Option<(DefaultKind, Span)> {
    match default_clause(leaf)? {
        (kind, None | Some(VariableCategory::All), span) => Some((kind, span)),
        _ => None,
    }
}

/// One for those of a kind.
fn default_of_kind(leaf: &Leaf) -> Option<(DefaultKind, VariableCategory, Span)> {
    match default_clause(leaf)? {
        (_, None | Some(VariableCategory::All), _) => None,
        (kind, Some(category), span) => Some((kind, category, span)),
    }
}

fn default_clause(leaf: &Leaf) -> Option<(DefaultKind, Option<VariableCategory>, Span)> {
    let clause = leaf.clause(ClauseKind::Default)?;
    match &clause.args {
        ClauseArgs::Default { kind, category } => {
            Some((kind.value, category.map(|word| word.value), clause.span))
        }
        _ => None,
    }
}

/// Whether the function may read the name after the construct: further down, or in the next round of a loop around it.
fn read_after(input: &Input, id: DirId, name: NameRef) -> bool {
    let construct = input.constructs.get(id);
    input.occurrences.iter().any(|occurrence| {
        occurrence.name == name
            && occurrence.kind.reads()
            && !input.constructs.contains(id, occurrence.site)
            && occurrence.span.start
                >= construct
                    .around
                    .map_or(construct.stmt.span.end, |around| around.start)
    })
}
