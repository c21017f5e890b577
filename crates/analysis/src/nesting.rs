//! Nesting rules that can be seen in the function itself; regions of callers are checked when the program runs.

use crate::clauses::cancel_kind;
use crate::constructs::{Construct, Constructs, is_task_generating, is_worksharing};
use crate::facts::CancelKind;
use crate::structure::{clause_end, has_ordered};
use omply_diagnostics::{Code, Diagnostic};
use omply_directive::{ClauseArgs, Doacross, Leaf, LeafArgument, Reduction, ReductionId, Word};
use omply_spec::{
    BindKind, ClauseKind, LeafKind, ORDER_CONCURRENT_NESTABLE, ReductionModifier, SIMDIZABLE,
};

pub(crate) fn check(constructs: &Constructs, diagnostics: &mut Vec<Diagnostic>) {
    for construct in &constructs.all {
        let error = closely_nested(construct, constructs)
            .or_else(|| in_simd(construct, constructs))
            .or_else(|| in_order_concurrent(construct, constructs))
            .or_else(|| same_critical(construct, constructs))
            .or_else(|| ordered_binding(construct, constructs))
            .or_else(|| cancel_binding(construct, constructs))
            .or_else(|| task_reduction_binding(construct, constructs))
            .or_else(|| doacross_binding(construct, constructs));
        diagnostics.extend(error);
    }
}

/// The leaves around a construct, innermost first, up to the region that makes a new team.
fn around<'c, 'f>(
    construct: &Construct<'f>,
    constructs: &'c Constructs<'f>,
) -> impl Iterator<Item = (&'c Construct<'f>, &'f Leaf)> {
    let mut over = false;
    constructs
        .outward(construct.parent)
        .flat_map(|outer| outer.leaves().iter().rev().map(move |leaf| (outer, leaf)))
        .take_while(move |(_, leaf)| !std::mem::replace(&mut over, makes_team(leaf.kind)))
}

fn makes_team(kind: LeafKind) -> bool {
    matches!(
        kind,
        LeafKind::Parallel | LeafKind::Teams | LeafKind::Target
    )
}

fn closely_nested(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    // Of a compound directive only the outermost leaf meets the regions around it.
    let leaf = &construct.leaves()[0];
    let kind = leaf.kind;
    if kind == LeafKind::Loop && binding(construct, leaf, constructs) == BindKind::Thread {
        return None;
    }
    let (outer, rule) = around(construct, constructs)
        .find_map(|(outer, leaf)| Some((outer, kind.forbidden_in(leaf.kind)?)))?;
    let error = Diagnostic::error(
        Code::InvalidNesting,
        construct.dir.directive.name_span,
        format!("`{kind}` may not stand inside of `{}`", outer.name()),
    )
    .secondary(outer.dir.head_span, "inside of this construct")
    .note(rule.reason);
    Some(if kind == LeafKind::Barrier {
        error.help("put the barrier before or after the construct")
    } else {
        error
    })
}

/// The threads that a `loop` leaf binds to: what its clause says, else those of the innermost parallel or teams region. Where
/// only some of a team's threads come, each runs the whole loop.
pub(crate) fn binding(construct: &Construct, leaf: &Leaf, constructs: &Constructs) -> BindKind {
    if let Some(ClauseArgs::Bind(word)) = leaf.clause(ClauseKind::Bind).map(|clause| &clause.args) {
        return word.value;
    }
    let own = construct
        .leaves()
        .iter()
        .rev()
        .skip_while(|other| !std::ptr::eq(*other, leaf))
        .skip(1);
    own.chain(around(construct, constructs).map(|(_, leaf)| leaf))
        .find_map(|leaf| match leaf.kind {
            LeafKind::Parallel => Some(BindKind::Parallel),
            LeafKind::Teams => Some(BindKind::Teams),
            LeafKind::Loop => Some(BindKind::Thread),
            kind if LeafKind::Loop.forbidden_in(kind).is_some() => Some(BindKind::Thread),
            _ => None,
        })
        .unwrap_or(BindKind::Thread)
}

fn in_simd(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let kind = construct.leaves()[0].kind;
    if kind == LeafKind::Scan {
        return None;
    }
    let allowed = SIMDIZABLE.contains(&kind)
        && (kind != LeafKind::Ordered || construct.clause(ClauseKind::Simd).is_some());
    let outer = constructs
        .outward(construct.parent)
        .find(|outer| outer.has(LeafKind::Simd))?;
    (!allowed).then(|| {
        let error = Diagnostic::error(
            Code::InvalidNesting,
            construct.dir.directive.name_span,
            format!("`{kind}` may not stand inside of `simd`"),
        )
        .secondary(
            outer.dir.head_span,
            "iterations of this loop run in vector lanes",
        );
        match kind {
            LeafKind::Ordered => error.help("write `ordered simd`"),
            _ => error,
        }
    })
}

fn in_order_concurrent(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let kind = construct.leaves()[0].kind;
    let (outer, _) = around(construct, constructs).find(|(_, leaf)| {
        leaf.kind == LeafKind::Loop || leaf.clause(ClauseKind::Order).is_some()
    })?;
    (!ORDER_CONCURRENT_NESTABLE.contains(&kind)).then(|| {
        Diagnostic::error(
            Code::InvalidNesting,
            construct.dir.directive.name_span,
            format!("`{kind}` may not stand in a loop whose iterations run in any order"),
        )
        .secondary(outer.dir.head_span, "the order is given up here")
    })
}

fn critical_name<'f>(construct: &Construct<'f>) -> Option<&'f str> {
    let leaf = construct.dir.directive.leaf(LeafKind::Critical)?;
    match &leaf.argument {
        LeafArgument::Name(name) => Some(&name.name),
        _ => Some(""),
    }
}

fn same_critical(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let name = critical_name(construct)?;
    let outer = constructs
        .outward(construct.parent)
        .find(|outer| critical_name(outer) == Some(name))?;
    let what = if name.is_empty() {
        "`critical`".to_owned()
    } else {
        format!("`critical({name})`")
    };
    Some(
        Diagnostic::error(
            Code::InvalidNesting,
            construct.dir.directive.span,
            format!("{what} stands inside of a critical region of the same name"),
        )
        .label("waits for itself forever")
        .secondary(outer.dir.head_span, "entered here")
        .help("give one of them another name"),
    )
}

/// An `ordered` block belongs to the loop around it, when that can be seen.
fn ordered_binding(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    if construct.innermost() != LeafKind::Ordered || construct.clause(ClauseKind::Simd).is_some() {
        return None;
    }
    let (outer, _) = around(construct, constructs).find(|(_, leaf)| {
        matches!(
            leaf.kind,
            LeafKind::For | LeafKind::Parallel | LeafKind::Teams
        )
    })?;
    if has_ordered(outer) {
        return None;
    }
    let error = Diagnostic::error(
        Code::OrderedBinding,
        construct.dir.directive.name_span,
        "this `ordered` belongs to no loop with an `ordered` clause",
    );
    Some(if outer.has(LeafKind::For) {
        error
            .secondary(outer.dir.directive.span, "the loop it would belong to")
            .fix(clause_end(outer), " ordered")
    } else {
        error
            .secondary(outer.dir.head_span, "no loop directive lies between")
            .help("put it into a `for ordered` loop")
    })
}

/// A cancellation stands in the construct that it is about, whose end it leads to.
fn cancel_binding(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let leaf = &construct.leaves()[0];
    let kind = cancel_kind(leaf)?;
    let wanted = match kind {
        CancelKind::Parallel => LeafKind::Parallel,
        CancelKind::For => LeafKind::For,
        CancelKind::Sections => LeafKind::Sections,
        CancelKind::Taskgroup => return taskgroup_binding(construct, constructs),
    };
    let name = construct.name();
    let spans = construct.dir.directive.span;
    let mut regions = around(construct, constructs).filter(|(_, leaf)| {
        is_worksharing(leaf.kind)
            || is_task_generating(leaf.kind)
            || makes_team(leaf.kind)
            || leaf.kind == LeafKind::Distribute
    });
    // A thread may leave its parallel region from a worksharing construct, but not from a task.
    let found = regions.find(|(_, leaf)| {
        leaf.kind == wanted || kind != CancelKind::Parallel || is_task_generating(leaf.kind)
    });
    let message = format!(
        "`{name} {}` stands in no `{}` construct",
        kind.name(),
        kind.name()
    );
    let error = Diagnostic::error(Code::CancelBinding, spans, message);
    match found {
        Some((outer, leaf)) if leaf.kind != wanted => Some(
            error
                .secondary(outer.dir.head_span, "the construct that it stands in")
                .label("a thread leaves the innermost construct only"),
        ),
        None => Some(error.label(format!("expected a `{}` construct around it", kind.name()))),
        Some((outer, leaf)) => [ClauseKind::Nowait, ClauseKind::Ordered]
            .into_iter()
            .find_map(|kind| leaf.clause(kind))
            .filter(|_| leaf.kind != LeafKind::Parallel)
            .map(|clause| {
                Diagnostic::error(
                    Code::CancelBinding,
                    spans,
                    format!(
                        "`{}` has `{}`, so it cannot be cancelled",
                        outer.name(),
                        clause.kind
                    ),
                )
                .secondary(clause.span, "not where a construct is cancelled")
            }),
    }
}

/// A task takes part in the reduction of a group around it, with the same operator.
fn task_reduction_binding(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let clause = construct.clause(ClauseKind::InReduction)?;
    let ClauseArgs::Reduction(part) = &clause.args else {
        return None;
    };
    part.items.iter().find_map(|item| {
        let name = item.base()?;
        let mut groups = around(construct, constructs)
            .flat_map(|(outer, leaf)| leaf.clauses.iter().map(move |clause| (outer, leaf, clause)))
            .filter_map(|(outer, leaf, clause)| match (&clause.args, clause.kind) {
                (ClauseArgs::Reduction(whole), kind)
                    if takes_parts(leaf.kind, kind, whole)
                        && whole.items.iter().any(|other| other.base() == Some(name)) =>
                {
                    Some((outer, clause, whole))
                }
                _ => None,
            });
        let message = match groups.next() {
            Some((_, _, whole)) if same_operator(&whole.id, &part.id) => return None,
            Some((_, clause, _)) => {
                let error = Diagnostic::error(
                    Code::TaskReductionBinding,
                    item.span(),
                    format!("`{name}` is reduced with another operator by the group"),
                );
                return Some(error.secondary(clause.span, "the reduction of the group"));
            }
            None => format!("no `taskgroup` around this reduces `{name}`"),
        };
        Some(
            Diagnostic::error(Code::TaskReductionBinding, item.span(), message)
                .label("a task takes part in the reduction of a group")
                .help(format!(
                    "put the task into a `taskgroup task_reduction(...: {name})`"
                )),
        )
    })
}

/// Whether tasks take part in the reduction of a clause.
fn takes_parts(leaf: LeafKind, kind: ClauseKind, reduction: &Reduction) -> bool {
    let of_tasks = |word: &Word<ReductionModifier>| word.value == ReductionModifier::Task;
    match kind {
        ClauseKind::TaskReduction => true,
        ClauseKind::Reduction => {
            leaf == LeafKind::Taskloop || reduction.modifier.as_ref().is_some_and(of_tasks)
        }
        _ => false,
    }
}

fn same_operator(one: &ReductionId, other: &ReductionId) -> bool {
    match (one, other) {
        (ReductionId::Op(one, _), ReductionId::Op(other, _)) => one == other,
        (ReductionId::User(one), ReductionId::User(other)) => one.name == other.name,
        _ => false,
    }
}

/// `cancel taskgroup` ends a task; the group may stand in a function that calls this one.
fn taskgroup_binding(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let mut regions = around(construct, constructs).filter(|(_, leaf)| {
        is_worksharing(leaf.kind) || is_task_generating(leaf.kind) || makes_team(leaf.kind)
    });
    let found = regions.next();
    if found
        .as_ref()
        .is_some_and(|(_, leaf)| is_task_generating(leaf.kind))
    {
        return None;
    }
    let message = format!("`{} taskgroup` stands in no task", construct.name());
    let error = Diagnostic::error(Code::CancelBinding, construct.dir.directive.span, message)
        .label("expected a `task` or `taskloop` construct around it, which it ends");
    Some(match found {
        Some((outer, _)) => error.secondary(outer.dir.head_span, "the construct that it stands in"),
        None => error,
    })
}

/// A cross-iteration dependence names the variables of its loops, one for each that `ordered(n)` counts.
fn doacross_binding(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let clause = construct.clause(ClauseKind::Doacross)?;
    let found = around(construct, constructs).find(|(_, leaf)| leaf.kind == LeafKind::For);
    let Some((outer, leaf)) = found else {
        let message = "this `ordered` belongs to no loop with an `ordered` clause";
        return Some(
            Diagnostic::error(Code::OrderedBinding, clause.span, message)
                .label("it names iterations of the loop around it")
                .help("put it into the loop of a `for ordered(n)`"),
        );
    };
    let depth = match leaf.clause(ClauseKind::Ordered).map(|clause| &clause.args) {
        Some(ClauseArgs::OptionalExpr(Some(depth))) => depth.as_integer(),
        _ => None,
    };
    let Some(depth) = depth else {
        return Some(
            Diagnostic::error(
                Code::OrderedBinding,
                clause.span,
                format!("`{}` does not say how many loops are ordered", outer.name()),
            )
            .secondary(outer.dir.directive.span, "the loop it belongs to")
            .help("write `ordered(1)`, or the number of nested loops"),
        );
    };
    let ClauseArgs::Doacross(Doacross::Sink(steps)) = &clause.args else {
        return None;
    };
    (steps.len() as i64 != depth).then(|| {
        let loops = if depth == 1 { "loop" } else { "loops" };
        Diagnostic::error(
            Code::OrderedBinding,
            clause.span,
            format!(
                "an iteration of {depth} ordered {loops} is named by {} value{}",
                steps.len(),
                if steps.len() == 1 { "" } else { "s" }
            ),
        )
        .secondary(outer.dir.directive.span, "the loops it belongs to")
    })
}
