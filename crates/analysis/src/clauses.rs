//! Clauses to facts: each leaf's clauses with their expressions and names resolved.

use crate::allocate;
use crate::atomic;
use crate::constructs::{Construct, Constructs};
use crate::depobj::{self, depend};
use crate::devices;
use crate::error;
use crate::facts::*;
use crate::interop;
use crate::nesting;
use omply_diagnostics::{Diagnostic, Span};
use omply_directive::{Clause, ClauseArgs, ExprText, Leaf, LeafArgument, ListItem};
use omply_spec::{ClauseKind, LeafKind, MemoryOrder, ScheduleModifier, SeverityLevel};
use omply_syntax::hir::{Expr, Function, NameRef};

/// The facts of one leaf, its variables excepted.
pub(crate) fn region(
    function: &Function,
    constructs: &Constructs,
    construct: &Construct,
    leaf: &Leaf,
    diagnostics: &mut Vec<Diagnostic>,
) -> Region {
    let resolve = |text: &ExprText| resolved(construct, text);
    let (num_threads, num_threads_strict) = match args(leaf, ClauseKind::NumThreads) {
        Some(ClauseArgs::NumThreads { strict, counts }) => (
            counts.iter().filter_map(resolve).collect(),
            strict.is_some(),
        ),
        _ => (Vec::new(), false),
    };
    let ordered = match args(leaf, ClauseKind::Ordered) {
        None => None,
        Some(ClauseArgs::OptionalExpr(Some(text))) => Some(integer(text).unwrap_or(0)),
        Some(_) => Some(0),
    };
    Region {
        leaf: leaf.kind,
        span: leaf.name_span,
        vars: Vec::new(),
        if_: expr(construct, leaf, ClauseKind::If),
        num_threads,
        num_threads_strict,
        proc_bind: match args(leaf, ClauseKind::ProcBind) {
            Some(ClauseArgs::ProcBind(word)) => Some(word.value),
            _ => None,
        },
        num_teams: match args(leaf, ClauseKind::NumTeams) {
            Some(ClauseArgs::NumTeams { lower, upper }) => {
                resolve(upper).map(|upper| (lower.as_ref().and_then(resolve), upper))
            }
            _ => None,
        },
        thread_limit: expr(construct, leaf, ClauseKind::ThreadLimit),
        dist_chunk: match args(leaf, ClauseKind::DistSchedule) {
            Some(ClauseArgs::DistSchedule { chunk: Some(chunk) }) => resolve(chunk),
            _ => None,
        },
        schedule: schedule(construct, leaf),
        collapse: number(leaf, ClauseKind::Collapse).unwrap_or(1),
        ordered,
        doacross: doacross(function, construct, leaf),
        nowait: switch(construct, leaf, ClauseKind::Nowait),
        copyin: names(function, leaf, ClauseKind::Copyin),
        copyprivate: names(function, leaf, ClauseKind::Copyprivate),
        filter: expr(construct, leaf, ClauseKind::Filter),
        bind: (leaf.kind == LeafKind::Loop).then(|| nesting::binding(construct, leaf, constructs)),
        name: match &leaf.argument {
            LeafArgument::Name(name) => Some(name.name.clone()),
            _ => None,
        },
        hint: expr(construct, leaf, ClauseKind::Hint),
        safelen: number(leaf, ClauseKind::Safelen),
        simdlen: match args(leaf, ClauseKind::Simdlen) {
            Some(ClauseArgs::Simdlen { length, .. }) => integer(length),
            _ => None,
        },
        order_concurrent: leaf.clause(ClauseKind::Order).is_some(),
        cancel: cancel_kind(leaf),
        flush: match (leaf.kind, &leaf.argument) {
            (LeafKind::Flush, LeafArgument::Items(items)) => listed(function, items),
            _ => Vec::new(),
        },
        memory_order: leaf
            .clauses
            .iter()
            .find_map(|clause| MemoryOrder::from_clause(clause.kind)),
        atomic: (leaf.kind == LeafKind::Atomic)
            .then(|| atomic::facts(function, construct, leaf, diagnostics))
            .flatten(),
        novariants: expr(construct, leaf, ClauseKind::Novariants),
        nocontext: expr(construct, leaf, ClauseKind::Nocontext),
        interop: leaf
            .clauses
            .iter()
            .filter(|clause| clause.kind == ClauseKind::Interop)
            .flat_map(|clause| listed(function, clause.items()))
            .collect(),
        interop_actions: interop::actions(function, leaf),
        message: expr(construct, leaf, ClauseKind::Message),
        warns: matches!(
            args(leaf, ClauseKind::Severity),
            Some(ClauseArgs::Severity(word)) if word.value == SeverityLevel::Warning
        ),
        at_execution: error::at_execution(construct),
        final_: expr(construct, leaf, ClauseKind::Final),
        priority: expr(construct, leaf, ClauseKind::Priority),
        detach: names(function, leaf, ClauseKind::Detach).first().copied(),
        task_reductions: names(function, leaf, ClauseKind::TaskReduction),
        graph_id: expr(construct, leaf, ClauseKind::GraphId),
        graph_reset: expr(construct, leaf, ClauseKind::GraphReset),
        saved: leaf
            .clauses_of(ClauseKind::Firstprivate)
            .filter(|clause| matches!(clause.args, ClauseArgs::Firstprivate { saved: Some(_), .. }))
            .flat_map(|clause| listed(function, clause.items()))
            .collect(),
        transparent: match args(leaf, ClauseKind::Transparent) {
            None => Transparent::No,
            Some(ClauseArgs::OptionalExpr(Some(text))) => {
                resolve(text).map_or(Transparent::No, Transparent::As)
            }
            Some(_) => Transparent::Both,
        },
        depends: leaf
            .clauses_of(ClauseKind::Depend)
            .filter_map(|clause| depend(function, construct, clause))
            .collect(),
        depobj: depobj::facts(function, construct, leaf),
        grainsize: task_count(construct, leaf, ClauseKind::Grainsize),
        num_tasks: task_count(construct, leaf, ClauseKind::NumTasks),
        nogroup: switch(construct, leaf, ClauseKind::Nogroup),
        device: match args(leaf, ClauseKind::Device) {
            Some(ClauseArgs::Device { device, .. }) => resolve(device),
            _ => None,
        },
        maps: devices::maps(function, construct, leaf),
        defaultmap: devices::defaultmap(leaf),
        allocate: allocate::directive(function, construct, leaf),
        inert: leaf
            .clauses
            .iter()
            .filter_map(|clause| inert(leaf.kind, clause))
            .collect(),
    }
}

fn doacross(function: &Function, construct: &Construct, leaf: &Leaf) -> Option<Doacross> {
    let Some(ClauseArgs::Doacross(doacross)) = args(leaf, ClauseKind::Doacross) else {
        return None;
    };
    Some(match doacross {
        omply_directive::Doacross::Source(_) => Doacross::Source,
        omply_directive::Doacross::SinkPrevious(_) => Doacross::Previous,
        omply_directive::Doacross::Sink(steps) => {
            let steps = steps.iter().filter_map(|step| {
                let offset = step
                    .offset
                    .as_ref()
                    .and_then(|text| resolved(construct, text));
                Some((function.lookup(&step.var.name)?, offset))
            });
            Doacross::Sink(steps.collect())
        }
    })
}

/// The kind of region that a `cancel` or `cancellation_point` names.
pub(crate) fn cancel_kind(leaf: &Leaf) -> Option<CancelKind> {
    matches!(leaf.kind, LeafKind::Cancel | LeafKind::CancellationPoint)
        .then(|| {
            leaf.clauses.iter().find_map(|clause| match clause.kind {
                ClauseKind::Parallel => Some(CancelKind::Parallel),
                ClauseKind::For => Some(CancelKind::For),
                ClauseKind::Sections => Some(CancelKind::Sections),
                ClauseKind::Taskgroup => Some(CancelKind::Taskgroup),
                _ => None,
            })
        })
        .flatten()
}

fn args(leaf: &Leaf, kind: ClauseKind) -> Option<&ClauseArgs> {
    leaf.clause(kind).map(|clause| &clause.args)
}

pub(crate) fn resolved(construct: &Construct, text: &ExprText) -> Option<Expr> {
    construct.dir.exprs.get(&text.span.start).cloned()
}

/// The expression of a clause that takes one.
pub(crate) fn expr(construct: &Construct, leaf: &Leaf, kind: ClauseKind) -> Option<Expr> {
    match args(leaf, kind)? {
        ClauseArgs::Expr(text) | ClauseArgs::OptionalExpr(Some(text)) => resolved(construct, text),
        _ => None,
    }
}

fn integer(text: &ExprText) -> Option<u32> {
    u32::try_from(text.as_integer()?).ok()
}

fn number(leaf: &Leaf, kind: ClauseKind) -> Option<u32> {
    match args(leaf, kind)? {
        ClauseArgs::Expr(text) | ClauseArgs::OptionalExpr(Some(text)) => integer(text),
        _ => None,
    }
}

fn names(function: &Function, leaf: &Leaf, kind: ClauseKind) -> Vec<(NameRef, Span)> {
    leaf.clauses_of(kind)
        .flat_map(|clause| listed(function, clause.items()))
        .collect()
}

pub(crate) fn listed(function: &Function, items: &[ListItem]) -> Vec<(NameRef, Span)> {
    items
        .iter()
        .filter_map(|item| Some((function.lookup(item.name()?)?, item.span())))
        .collect()
}

/// A clause that an expression may switch.
fn switch(construct: &Construct, leaf: &Leaf, kind: ClauseKind) -> Nowait {
    match args(leaf, kind) {
        None => Nowait::No,
        Some(ClauseArgs::Flag(Some(text))) => match text.as_bool() {
            Some(true) => Nowait::Yes,
            Some(false) => Nowait::No,
            None => resolved(construct, text).map_or(Nowait::Yes, Nowait::If),
        },
        Some(_) => Nowait::Yes,
    }
}

fn task_count(construct: &Construct, leaf: &Leaf, kind: ClauseKind) -> Option<TaskCount> {
    match args(leaf, kind)? {
        ClauseArgs::Strict { strict, value } => Some(TaskCount {
            expr: resolved(construct, value)?,
            strict: strict.is_some(),
        }),
        _ => None,
    }
}

fn schedule(construct: &Construct, leaf: &Leaf) -> Option<Schedule> {
    let ClauseArgs::Schedule {
        modifiers,
        kind,
        chunk,
    } = args(leaf, ClauseKind::Schedule)?
    else {
        return None;
    };
    let has = |modifier| modifiers.iter().any(|word| word.value == modifier);
    Some(Schedule {
        kind: kind.value,
        chunk: chunk.as_ref().and_then(|chunk| resolved(construct, chunk)),
        monotonic: match (
            has(ScheduleModifier::Monotonic),
            has(ScheduleModifier::Nonmonotonic),
        ) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        },
        simd: has(ScheduleModifier::Simd),
    })
}

/// Why a clause that is allowed has no effect.
fn inert(leaf: LeafKind, clause: &Clause) -> Option<(Span, String)> {
    let reason = match clause.kind {
        ClauseKind::Allocate if leaf == LeafKind::Target => {
            "regions allocate from the device's own memory"
        }
        ClauseKind::Allocate if leaf == LeafKind::Taskgroup => {
            "the tasks that take part make the copies, and say where"
        }
        ClauseKind::Hint => "locks have one implementation",
        ClauseKind::Nontemporal => "the caches decide which data stays",
        ClauseKind::Aligned => "arrays know their alignment",
        ClauseKind::Untied => "a task stays on the thread that began it",
        ClauseKind::Affinity => "tasks go to the thread that asks for one first",
        ClauseKind::Threadset => "the threads of the team execute its tasks",
        ClauseKind::Mergeable => "a task keeps data of its own",
        ClauseKind::Replayable => "a taskgraph's block is executed every time",
        ClauseKind::Safesync => "every thread makes progress on its own",
        ClauseKind::Nowait if leaf == LeafKind::TargetData => {
            "the block is executed when it is met"
        }
        ClauseKind::Nowait if leaf == LeafKind::Interop => "objects are ready at once",
        ClauseKind::DeviceType => "regions are compiled for whatever device there is",
        ClauseKind::UsesAllocators => "regions allocate from the device's own memory",
        ClauseKind::Memscope => "an operation holds for all threads of the process",
        _ => return None,
    };
    Some((clause.span, reason.to_owned()))
}
