//! Reads of a variable that only other copies of it were assigned: private copies of a construct that has ended, or the copy
//! of the one thread that ran a `single`.

use crate::constructs::{Construct, Constructs};
use crate::facts::{DirectiveFacts, Sharing};
use crate::occurrences::{Kind, Occurrence};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_spec::LeafKind;
use omply_syntax::hir::*;

pub(crate) fn check(
    function: &Function,
    constructs: &Constructs,
    facts: &[DirectiveFacts],
    occurrences: &[Occurrence],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let checker = Checker {
        function,
        constructs,
        facts,
        occurrences,
    };
    for (index, var) in function.vars.iter().enumerate() {
        if var.kind == VarKind::Local {
            diagnostics.extend(checker.after_private_copies(NameRef::Var(VarId(index as u32))));
        }
    }
    for facts in facts.iter().filter(|facts| {
        facts
            .regions
            .iter()
            .any(|region| region.leaf == LeafKind::Parallel)
    }) {
        for &name in &facts.locals {
            diagnostics.extend(checker.by_one_thread(facts.id, name));
        }
    }
}

struct Checker<'c, 'f> {
    function: &'f Function,
    constructs: &'c Constructs<'f>,
    facts: &'c [DirectiveFacts],
    occurrences: &'c [Occurrence],
}

impl Checker<'_, '_> {
    fn of(&self, name: NameRef) -> impl Iterator<Item = &Occurrence> {
        self.occurrences
            .iter()
            .filter(move |occurrence| occurrence.name == name)
    }

    /// The outermost construct around a place that has a copy of the name, and where it says so.
    fn copy(&self, name: NameRef, site: Option<DirId>) -> Option<(&Construct<'_>, Span)> {
        let copies = self.constructs.outward(site).filter_map(|construct| {
            let facts = &self.facts[construct.dir.id.index()];
            if facts.locals.contains(&name) {
                return Some((construct, construct.dir.head_span));
            }
            let fact = facts
                .regions
                .iter()
                .flat_map(|region| &region.vars)
                .find(|fact| fact.name == name && fact.sharing != Sharing::Shared)?;
            Some((construct, fact.span))
        });
        copies.last()
    }

    /// The variable itself is read, and nothing but copies of it was ever assigned.
    fn after_private_copies(&self, name: NameRef) -> Option<Diagnostic> {
        let mut read: Option<&Occurrence> = None;
        let mut copied: Option<(&Construct, Span)> = None;
        for occurrence in self.of(name) {
            match (self.copy(name, occurrence.site), occurrence.kind) {
                (None, Kind::Read) => read = read.or(Some(occurrence)),
                (None, kind) if kind.writes() => return None,
                (Some((construct, span)), kind) if kind.binds() => {
                    // A loop variable of `simd` leaves its last value behind.
                    let facts = &self.facts[construct.dir.id.index()];
                    let mut vars = facts.regions.iter().flat_map(|region| &region.vars);
                    if vars.any(|fact| {
                        fact.name == name
                            && !matches!(
                                fact.sharing,
                                Sharing::Shared | Sharing::Private | Sharing::Firstprivate
                            )
                    }) {
                        return None;
                    }
                    copied = copied.or(Some((construct, span)));
                }
                _ => {}
            }
        }
        let (read, (construct, span)) = (read?, copied?);
        let text = self.function.name_of(name);
        let error = Diagnostic::error(
            Code::UndefinedPrivate,
            read.span,
            format!("`{text}` has no value here: only copies of it were assigned"),
        )
        .label("the variable itself was never assigned")
        .secondary(
            span,
            format!("each thread of `{}` has its own `{text}`", construct.name()),
        );
        Some(if construct.governs_loops() {
            error.help(format!(
                "to keep the value of the last iteration add `lastprivate({text})`"
            ))
        } else {
            error.help(format!(
                "leave `{text}` shared, and let one thread assign it"
            ))
        })
    }

    /// A variable of which each thread has its own is assigned by one thread and read by the others.
    fn by_one_thread(&self, region: DirId, name: NameRef) -> Option<Diagnostic> {
        let mut selecting: Vec<&Construct> = Vec::new();
        for occurrence in self.of(name).filter(|occurrence| occurrence.kind.writes()) {
            // A write of a clause, such as `copyprivate`, reaches every thread.
            if !occurrence.kind.binds() {
                return None;
            }
            selecting.push(self.selecting(region, occurrence.site)?);
        }
        let read = self.of(name).find(|occurrence| {
            occurrence.kind == Kind::Read
                && !selecting
                    .iter()
                    .any(|one| self.constructs.contains(one.dir.id, occurrence.site))
        })?;
        let one = selecting.first()?;
        let text = self.function.name_of(name);
        let around = self.constructs.get(region);
        let error = Diagnostic::error(
            Code::UndefinedPrivate,
            read.span,
            format!("`{text}` has a value in one thread only"),
        )
        .label("read by every thread")
        .secondary(one.dir.head_span, "assigned by the thread that runs this")
        .note(format!(
            "`{text}` is mentioned in `{}` only, so each thread has its own",
            around.name()
        ));
        Some(if one.has(LeafKind::Single) {
            error.help(format!("add `copyprivate({text})` to `single`, or assign `{text}` before the region to share it"))
        } else {
            error.help(format!("assign `{text}` before the region to share it"))
        })
    }

    /// The construct, inside of the region, whose block one thread runs.
    fn selecting(&self, region: DirId, site: Option<DirId>) -> Option<&Construct<'_>> {
        self.constructs
            .outward(site)
            .take_while(|construct| construct.dir.id != region)
            .find(|construct| {
                let kinds = [LeafKind::Single, LeafKind::Masked, LeafKind::Section];
                kinds.into_iter().any(|kind| construct.has(kind))
            })
    }
}
