//! Names that clauses list: what each clause makes of them, and whether it may.

use super::{Input, Names};
use crate::constructs::{Construct, is_worksharing};
use crate::devices;
use crate::facts::{ReductionModifier, Sharing};
use crate::loops::targets;
use crate::nesting;
use crate::operators::{self, Declares};
use omply_diagnostics::{Code, Diagnostic, Span, nearest};
use omply_directive::{Clause, ClauseArgs, Leaf, ListItem};
use omply_spec::{BindKind, ClauseKind, LeafKind, OriginalSharing};
use omply_syntax::hir::*;

/// A name that a data-sharing clause of a leaf lists.
pub(crate) struct Explicit {
    pub name: NameRef,
    pub span: Span,
    pub sharing: Sharing,
    /// The whole list item where it is an array section.
    pub section: Option<Expr>,
    /// Of `linear` and `induction`, where it is no literal.
    pub step: Option<Expr>,
    pub clause: ClauseKind,
    /// It follows from a clause that is meant for another leaf.
    pub implied: bool,
}

/// Per directive and leaf, the names its data-sharing clauses list; those that do not exist are reported.
pub(super) fn collect(input: &Input, diagnostics: &mut Vec<Diagnostic>) -> Vec<Vec<Vec<Explicit>>> {
    let mut all = Vec::new();
    for construct in &input.constructs.all {
        unknown_names(input, construct, diagnostics);
        all.push(
            construct
                .leaves()
                .iter()
                .map(|leaf| of_leaf(input, construct, leaf))
                .collect(),
        );
    }
    all
}

fn of_leaf(input: &Input, construct: &Construct, leaf: &Leaf) -> Vec<Explicit> {
    let mut found: Vec<Explicit> = Vec::new();
    for clause in &leaf.clauses {
        for item in clause.items() {
            let section = section(construct, clause, item);
            let memory = leaf.kind == LeafKind::Target && devices::lists_memory(clause.kind);
            let name = match &section {
                _ if memory => item.base().and_then(|name| input.function.lookup(name)),
                Some(_) => item.base().and_then(|name| input.function.lookup(name)),
                None => lookup(input, item),
            };
            let sharing = if memory {
                Some(Sharing::Shared)
            } else {
                sharing(input, clause)
            };
            let (Some(name), Some(sharing)) = (name, sharing) else {
                continue;
            };
            let one = Explicit {
                name,
                span: item.span(),
                sharing,
                section,
                step: step(construct, clause),
                clause: clause.kind,
                implied: clause.implied,
            };
            match found.iter_mut().find(|known| known.name == name) {
                // Only `firstprivate` and `lastprivate` go together; the directive's own rules report the rest.
                Some(known) => match (&mut known.sharing, &one.sharing) {
                    (Sharing::Lastprivate { first, .. }, Sharing::Firstprivate) => *first = true,
                    (Sharing::Firstprivate, Sharing::Lastprivate { conditional, .. }) => {
                        known.sharing = Sharing::Lastprivate {
                            conditional: *conditional,
                            first: true,
                        };
                    }
                    _ => {}
                },
                None => found.push(one),
            }
        }
    }
    found
}

fn lookup(input: &Input, item: &ListItem) -> Option<NameRef> {
    item.name().and_then(|name| input.function.lookup(name))
}

/// The array section that an item of a reduction is.
fn section(construct: &Construct, clause: &Clause, item: &ListItem) -> Option<Expr> {
    match (clause.kind, item) {
        (ClauseKind::Reduction | ClauseKind::InReduction, ListItem::Locator(locator)) => {
            construct.dir.exprs.get(&locator.expr.span.start).cloned()
        }
        _ => None,
    }
}

/// What a clause makes of the names it lists.
fn sharing(input: &Input, clause: &Clause) -> Option<Sharing> {
    Some(match (clause.kind, &clause.args) {
        (ClauseKind::Shared, _) => Sharing::Shared,
        (ClauseKind::Private, _) => Sharing::Private,
        (ClauseKind::Firstprivate | ClauseKind::Detach, _) => Sharing::Firstprivate,
        (ClauseKind::Lastprivate, ClauseArgs::Lastprivate { conditional, .. }) => {
            Sharing::Lastprivate {
                conditional: conditional.is_some(),
                first: false,
            }
        }
        (ClauseKind::Reduction | ClauseKind::InReduction, ClauseArgs::Reduction(reduction)) => {
            Sharing::Reduction {
                op: operators::reducer(input.function, &reduction.id, Declares::Reductions)?,
                modifier: reduction
                    .modifier
                    .map_or(ReductionModifier::Default, |word| word.value),
                original_private: reduction
                    .original
                    .is_some_and(|word| word.value == OriginalSharing::Private),
            }
        }
        (ClauseKind::Linear, ClauseArgs::Linear { step, .. }) => Sharing::Linear {
            step: step.as_ref().map_or(Some(1), |step| step.as_integer()),
        },
        (ClauseKind::Induction, ClauseArgs::Induction(induction)) => Sharing::Induction {
            op: operators::reducer(input.function, &induction.id, Declares::Inductions)?,
        },
        _ => return None,
    })
}

/// The step of a clause that has one, where a literal does not say it already.
fn step(construct: &Construct, clause: &Clause) -> Option<Expr> {
    let text = match &clause.args {
        ClauseArgs::Linear {
            step: Some(step), ..
        } if step.as_integer().is_none() => step,
        ClauseArgs::Induction(induction) => &induction.step,
        _ => return None,
    };
    construct.dir.exprs.get(&text.span.start).cloned()
}

/// Clauses whose items must be variables of the function.
fn lists_variables(kind: ClauseKind) -> bool {
    matches!(
        kind,
        ClauseKind::Shared
            | ClauseKind::Private
            | ClauseKind::Firstprivate
            | ClauseKind::Lastprivate
            | ClauseKind::Reduction
            | ClauseKind::InReduction
            | ClauseKind::TaskReduction
            | ClauseKind::Linear
            | ClauseKind::Induction
            | ClauseKind::Copyin
            | ClauseKind::Copyprivate
            | ClauseKind::Detach
            | ClauseKind::Aligned
            | ClauseKind::Nontemporal
    ) || devices::lists_memory(kind)
}

fn unknown_names(input: &Input, construct: &Construct, diagnostics: &mut Vec<Diagnostic>) {
    let function = input.function;
    let mut seen: Vec<Span> = Vec::new();
    let clauses = construct.leaves().iter().flat_map(|leaf| &leaf.clauses);
    for clause in clauses.filter(|clause| !clause.implied && lists_variables(clause.kind)) {
        for item in clause.items() {
            let Some(NameRef::Global(id)) = item.base().and_then(|name| function.lookup(name))
            else {
                continue;
            };
            let global = &function.globals[id.index()];
            let unknown = global.used_in < UsedIn::Code
                && global.kind == GlobalKind::Module
                && !global.threadprivate;
            if seen.contains(&item.span()) {
                continue;
            }
            seen.push(item.span());
            if unknown {
                diagnostics.push(unknown_name(
                    function,
                    &global.name,
                    item.span(),
                    clause.kind,
                ));
            } else if matches!(
                clause.kind,
                ClauseKind::Lastprivate
                    | ClauseKind::Linear
                    | ClauseKind::Induction
                    | ClauseKind::Detach
            ) {
                let message = format!("`{}` is never assigned in this function", global.name);
                diagnostics.push(
                    Diagnostic::error(Code::NotAVariable, item.span(), message)
                        .label(format!("`{}` gives a variable a new value", clause.kind))
                        .help(format!(
                            "to assign the module's variable, add `global {}`",
                            global.name
                        )),
                );
            }
        }
    }
}

/// Functions that a clause is never meant to list.
const COMMON_BUILTINS: &[&str] = &[
    "abs",
    "bool",
    "complex",
    "dict",
    "enumerate",
    "float",
    "int",
    "len",
    "list",
    "max",
    "min",
    "print",
    "range",
    "reversed",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// Reports a name that nothing in the function knows.
pub(crate) fn unknown_name(
    function: &Function,
    name: &str,
    span: Span,
    clause: ClauseKind,
) -> Diagnostic {
    let error = Diagnostic::error(
        Code::UnknownName,
        span,
        format!(
            "`{clause}` lists `{name}`, which `{}` does not use",
            function.name
        ),
    )
    .label("no variable of this name");
    let vars = function.vars.iter().map(|var| &var.name[..]);
    let globals = function
        .globals
        .iter()
        .filter(|global| global.used_in == UsedIn::Code)
        .map(|global| &global.name[..])
        .filter(|name| !COMMON_BUILTINS.contains(name));
    match nearest(name, vars.chain(globals)) {
        Some(near) => error
            .help(format!("did you mean `{near}`?"))
            .fix(span, near),
        None => error,
    }
}

/// Rules that need every decision to have been made.
pub(super) fn check(
    input: &Input,
    decided: &[Names],
    homes: &[Vec<NameRef>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let checker = Checker {
        input,
        decided,
        homes,
    };
    for construct in &input.constructs.all {
        let mut found: Vec<Diagnostic> = Vec::new();
        for leaf in construct.leaves() {
            for one in of_leaf(input, construct, leaf)
                .iter()
                .filter(|one| !one.implied)
            {
                found.extend(checker.item(construct, leaf, one));
            }
            for clause in &leaf.clauses {
                let check = match clause.kind {
                    ClauseKind::Copyin => Checker::copyin,
                    ClauseKind::Copyprivate => Checker::copyprivate,
                    _ => continue,
                };
                for item in clause.items() {
                    if let Some(name) = lookup(input, item) {
                        found.extend(check(&checker, construct, name, item.span()));
                    }
                }
            }
        }
        // A clause of several leaves is one clause to the reader.
        found.dedup_by(|a, b| a.code == b.code && a.primary.span == b.primary.span);
        diagnostics.extend(found);
    }
}

struct Checker<'c, 'i, 'f> {
    input: &'c Input<'i, 'f>,
    decided: &'c [Names],
    homes: &'c [Vec<NameRef>],
}

impl Checker<'_, '_, '_> {
    fn text(&self, name: NameRef) -> &str {
        self.input.function.name_of(name)
    }

    fn threadprivate(&self, name: NameRef) -> bool {
        match name {
            NameRef::Var(var) => self.input.function.vars[var.index()].threadprivate,
            NameRef::Global(global) => self.input.function.globals[global.index()].threadprivate,
        }
    }

    fn groupprivate(&self, name: NameRef) -> bool {
        match name {
            NameRef::Var(var) => self.input.function.vars[var.index()].groupprivate,
            NameRef::Global(global) => self.input.function.globals[global.index()].groupprivate,
        }
    }

    fn item(&self, construct: &Construct, leaf: &Leaf, one: &Explicit) -> Option<Diagnostic> {
        self.loop_variable(construct, leaf, one)
            .or_else(|| self.threadprivate_listed(one))
            .or_else(|| self.original(construct, one))
            .or_else(|| self.not_shared(construct, leaf, one))
    }

    fn loop_variable(
        &self,
        construct: &Construct,
        leaf: &Leaf,
        one: &Explicit,
    ) -> Option<Diagnostic> {
        let nest = self.input.nests[construct.dir.id.index()].as_ref()?;
        let mut loop_variables = nest.loops.iter().flat_map(|one| targets(&one.target));
        let Some((_, target)) = loop_variables.find(|&(target, _)| target == one.name) else {
            return self.last_of_any_order(leaf, one);
        };
        let allowed = match one.sharing {
            Sharing::Private | Sharing::Lastprivate { first: false, .. } => true,
            Sharing::Linear { .. } => leaf.kind == LeafKind::Simd && nest.loops.len() == 1,
            _ => false,
        };
        (!allowed).then(|| {
            Diagnostic::error(
                Code::LoopVariableListed,
                one.span,
                format!(
                    "the loop variable `{}` is listed in `{}`",
                    self.text(one.name),
                    one.clause
                ),
            )
            .label("each thread has its own already")
            .secondary(target, "the loop variable")
            .help("a loop variable may be listed in `private` and `lastprivate` only")
        })
    }

    /// Iterations that run in any order leave no last value but their number.
    fn last_of_any_order(&self, leaf: &Leaf, one: &Explicit) -> Option<Diagnostic> {
        if leaf.kind != LeafKind::Loop || !matches!(one.sharing, Sharing::Lastprivate { .. }) {
            return None;
        }
        let name = self.text(one.name);
        Some(
            Diagnostic::error(
                Code::NotALoopVariable,
                one.span,
                format!("`{name}` is no loop variable of this `loop`"),
            )
            .label("`lastprivate` on `loop` takes loop variables only")
            .help(
                "the iterations run in any order; use `for`, which keeps the value of the last one",
            ),
        )
    }

    fn threadprivate_listed(&self, one: &Explicit) -> Option<Diagnostic> {
        let group = self.groupprivate(one.name);
        self.threadprivate(one.name).then(|| {
            let (kind, owner) = if group {
                ("groupprivate", "contention group")
            } else {
                ("threadprivate", "thread")
            };
            let error = Diagnostic::error(
                Code::ThreadprivateListed,
                one.span,
                format!(
                    "the {kind} variable `{}` is listed in `{}`",
                    self.text(one.name),
                    one.clause
                ),
            )
            .label(format!("each {owner} has its own already"));
            if group {
                return error;
            }
            error.help("to start from the encountering thread's value, use `copyin`")
        })
    }

    /// `firstprivate` and reductions start from a value outside of the construct.
    fn original(&self, construct: &Construct, one: &Explicit) -> Option<Diagnostic> {
        if !matches!(
            one.sharing,
            Sharing::Firstprivate
                | Sharing::Reduction { .. }
                | Sharing::Linear { .. }
                | Sharing::Induction { .. }
        ) {
            return None;
        }
        let NameRef::Var(var) = one.name else {
            return None;
        };
        let var = &self.input.function.vars[var.index()];
        let id = construct.dir.id;
        let bound = var.kind != VarKind::Local
            || self.input.occurrences.iter().any(|occurrence| {
                occurrence.name == one.name
                    && occurrence.kind.binds()
                    && !self.input.constructs.contains(id, occurrence.site)
            });
        (!bound).then(|| {
            let name = &var.name;
            let error = Diagnostic::error(
                Code::NoOriginal,
                one.span,
                format!("`{name}` has no value before the `{}` construct", construct.name()),
            )
            .label(format!("`{}` starts from that value", one.clause));
            let error = if self.input.constructs.contains(id, None) {
                error
            } else {
                error.secondary(var.span, "assigned inside only")
            };
            match one.sharing {
                Sharing::Firstprivate => error.help(format!("list it in `private`, or assign `{name}` before")),
                _ => error.help(format!(
                    "assign `{name}` before the construct; for a variable of the module, add `global {name}`"
                )),
            }
        })
    }

    /// What a worksharing construct divides or combines belongs to the whole team.
    fn not_shared(&self, construct: &Construct, leaf: &Leaf, one: &Explicit) -> Option<Diagnostic> {
        let alone = leaf.kind == LeafKind::Loop
            && nesting::binding(construct, leaf, self.input.constructs) == BindKind::Thread;
        if !is_worksharing(leaf.kind) || alone || construct.has(LeafKind::Parallel) {
            return None;
        }
        if !matches!(
            one.sharing,
            Sharing::Firstprivate
                | Sharing::Lastprivate { .. }
                | Sharing::Reduction {
                    original_private: false,
                    ..
                }
                | Sharing::Linear { .. }
                | Sharing::Induction { .. }
        ) {
            return None;
        }
        let owner = self.privatised_by(construct, one.name)?;
        let name = self.text(one.name);
        let what = match one.sharing {
            Sharing::Reduction { .. } => "combines the copies into",
            Sharing::Firstprivate => "starts from",
            _ => "leaves the last value in",
        };
        let error = Diagnostic::error(
            Code::NotShared,
            one.span,
            format!(
                "`{name}` is private in the `{}` region around",
                owner.name()
            ),
        )
        .label(format!(
            "`{}` {what} one variable that the team shares",
            one.clause
        ))
        .secondary(owner.dir.head_span, "each thread has its own here");
        let local = self.homes[owner.dir.id.index()].contains(&one.name);
        Some(if local {
            error.help(format!(
                "assign `{name}` before the `{}` construct, so that the team shares it",
                owner.name()
            ))
        } else {
            error.help(format!("leave `{name}` shared in `{}`", owner.name()))
        })
    }

    /// The construct, up to the innermost parallel one, in which each thread has a copy of its own.
    fn privatised_by(&self, construct: &Construct, name: NameRef) -> Option<&Construct<'_>> {
        for outer in self.input.constructs.outward(construct.parent) {
            let id = outer.dir.id.index();
            // What a target region has for itself, the team that begins there shares.
            let leaves = outer.leaves().iter().zip(&self.decided[id].leaves);
            let private = leaves
                .filter(|(leaf, _)| leaf.kind != LeafKind::Target)
                .flat_map(|(_, facts)| facts)
                .any(|fact| {
                    let of_kind = fact.of_kind.as_ref().and_then(|kind| kind.sharing.as_ref());
                    fact.name == name
                        && [Some(&fact.sharing), of_kind]
                            .into_iter()
                            .flatten()
                            .any(|sharing| !matches!(sharing, Sharing::Shared))
                });
            let own = self.homes[id].contains(&name) && outer.innermost() != LeafKind::Target;
            if private || own {
                return Some(outer);
            }
            if outer.has(LeafKind::Parallel) || outer.has(LeafKind::Target) {
                return None;
            }
        }
        None
    }

    fn copyin(&self, _: &Construct, name: NameRef, span: Span) -> Option<Diagnostic> {
        (!self.threadprivate(name) || self.groupprivate(name)).then(|| {
            let text = self.text(name);
            Diagnostic::error(Code::NotThreadprivate, span, format!("`{text}` is not threadprivate"))
                .label("`copyin` copies the primary thread's threadprivate variable")
                .help(format!(
                    "for a value that each thread starts from use `firstprivate({text})`; for a threadprivate variable of the \
                     module write `omp(\"threadprivate({text})\")` after its assignment"
                ))
        })
    }

    fn copyprivate(&self, construct: &Construct, name: NameRef, span: Span) -> Option<Diagnostic> {
        if self.threadprivate(name) || self.privatised_by(construct, name).is_some() {
            return None;
        }
        let region = self
            .input
            .constructs
            .outward(construct.parent)
            .find(|outer| outer.has(LeafKind::Parallel));
        let shared_by_nature = match name {
            NameRef::Global(_) => true,
            NameRef::Var(var) => !matches!(
                self.input.function.vars[var.index()].kind,
                VarKind::Local | VarKind::Param
            ),
        };
        // Without a parallel region in sight, the function's variables are each calling thread's own.
        if region.is_none() && !shared_by_nature {
            return None;
        }
        let text = self.text(name);
        let error = Diagnostic::error(
            Code::NotPrivate,
            span,
            format!("`{text}` is shared, so `copyprivate` has nothing to hand out"),
        )
        .label("every thread sees the value already");
        Some(match region {
            Some(region) => error
                .secondary(
                    region.dir.head_span,
                    format!("`{text}` is shared in this region"),
                )
                .help(format!(
                    "remove it from `copyprivate`, or make it `private({text})` there"
                )),
            None => error.help("remove it from `copyprivate`"),
        })
    }
}
