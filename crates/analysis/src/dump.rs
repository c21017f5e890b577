//! A compact text of the facts, for tests and for `explain`.

use crate::facts::*;
use omply_syntax::dump_expr;
use omply_syntax::hir::{Expr, Function, NameRef, Target};
use std::fmt::Write;

/// The facts of a function, one directive after the other.
pub fn dump(function: &Function, facts: &Facts) -> String {
    let mut out = String::new();
    for directive in &facts.directives {
        let parent = directive
            .parent
            .map_or(String::new(), |parent| format!(" in #{}", parent.0));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "#{}{parent}", directive.id.0);
        for region in &directive.regions {
            let _ = writeln!(out, "  {}{}", region.leaf.name(), clauses(function, region));
            for fact in &region.vars {
                let _ = writeln!(out, "    {}", var(function, fact));
            }
        }
        if let Some(nest) = &directive.nest {
            for one in &nest.loops {
                let _ = writeln!(
                    out,
                    "  loop {} over {}",
                    target(function, &one.target),
                    space(function, &one.iter)
                );
            }
        }
        if !directive.locals.is_empty() {
            let _ = writeln!(
                out,
                "  locals {}",
                names(function, directive.locals.iter().copied())
            );
        }
    }
    out
}

fn names(function: &Function, names: impl Iterator<Item = NameRef>) -> String {
    names
        .map(|name| function.name_of(name))
        .collect::<Vec<_>>()
        .join(" ")
}

fn target(function: &Function, value: &Target) -> String {
    names(function, crate::loops::targets(value).map(|(name, _)| name))
}

fn var(function: &Function, fact: &VarFact) -> String {
    let sharing = match &fact.sharing {
        Sharing::Shared => "shared".to_owned(),
        Sharing::Private => "private".to_owned(),
        Sharing::Firstprivate => "firstprivate".to_owned(),
        Sharing::Lastprivate { conditional, first } => {
            let conditional = if *conditional { " conditional" } else { "" };
            let first = if *first { " firstprivate" } else { "" };
            format!("lastprivate{conditional}{first}")
        }
        Sharing::Reduction {
            op,
            modifier,
            original_private,
        } => {
            let op = op.name(function);
            let original = if *original_private {
                " original(private)"
            } else {
                ""
            };
            match modifier {
                ReductionModifier::Default => format!("reduction {op}{original}"),
                _ => format!("reduction {modifier} {op}{original}"),
            }
        }
        Sharing::Induction { op } => format!("induction {}", op.name(function)),
        Sharing::Linear { step } => format!(
            "linear {}",
            step.map_or("?".to_owned(), |step| step.to_string())
        ),
        Sharing::Threadprivate => "threadprivate".to_owned(),
    };
    let origin = match fact.origin {
        Origin::Explicit => "explicit",
        Origin::Predetermined => "predetermined",
        Origin::Implicit => "implicit",
    };
    let mut uses = Vec::new();
    for (flag, word) in [
        (fact.read_inside, "read"),
        (fact.written_inside, "written"),
        (fact.read_after, "read after"),
    ] {
        uses.extend(flag.then_some(word));
    }
    format!(
        "{}: {sharing} ({origin}; {})",
        function.name_of(fact.name),
        uses.join(", ")
    )
}

fn clauses(function: &Function, region: &Region) -> String {
    let mut out = String::new();
    let mut word = |text: String| {
        out.push(' ');
        out.push_str(&text);
    };
    let text = |expr: &Expr| dump_expr(function, expr);
    let list = |list: &[(NameRef, omply_diagnostics::Span)]| {
        names(function, list.iter().map(|&(name, _)| name))
    };
    region
        .if_
        .iter()
        .for_each(|expr| word(format!("if({})", text(expr))));
    if !region.num_threads.is_empty() {
        let strict = if region.num_threads_strict {
            "strict: "
        } else {
            ""
        };
        let counts: Vec<String> = region.num_threads.iter().map(text).collect();
        word(format!("num_threads({strict}{})", counts.join(", ")));
    }
    region
        .proc_bind
        .iter()
        .for_each(|bind| word(format!("proc_bind({bind})")));
    if let Some(schedule) = &region.schedule {
        let chunk = schedule
            .chunk
            .as_ref()
            .map_or(String::new(), |chunk| format!(", {}", text(chunk)));
        let monotonic = match schedule.monotonic {
            Some(true) => "monotonic: ",
            Some(false) => "nonmonotonic: ",
            None => "",
        };
        let simd = if schedule.simd { "simd: " } else { "" };
        word(format!(
            "schedule({monotonic}{simd}{}{chunk})",
            schedule.kind
        ));
    }
    if region.collapse > 1 {
        word(format!("collapse({})", region.collapse));
    }
    region
        .ordered
        .iter()
        .for_each(|depth| word(format!("ordered({depth})")));
    match &region.nowait {
        Nowait::No => {}
        Nowait::Yes => word("nowait".to_owned()),
        Nowait::If(expr) => word(format!("nowait({})", text(expr))),
    }
    for (kind, items) in [
        ("copyin", &region.copyin),
        ("copyprivate", &region.copyprivate),
        ("flush", &region.flush),
    ] {
        if !items.is_empty() {
            word(format!("{kind}({})", list(items)));
        }
    }
    region
        .filter
        .iter()
        .for_each(|expr| word(format!("filter({})", text(expr))));
    region
        .name
        .iter()
        .for_each(|name| word(format!("({name})")));
    region
        .hint
        .iter()
        .for_each(|expr| word(format!("hint({})", text(expr))));
    region
        .safelen
        .iter()
        .for_each(|length| word(format!("safelen({length})")));
    region
        .simdlen
        .iter()
        .for_each(|length| word(format!("simdlen({length})")));
    if let Some((lower, upper)) = &region.num_teams {
        let lower = lower.iter().map(|lower| format!("{}:", text(lower)));
        word(format!(
            "num_teams({}{})",
            lower.collect::<String>(),
            text(upper)
        ));
    }
    region
        .thread_limit
        .iter()
        .for_each(|expr| word(format!("thread_limit({})", text(expr))));
    region
        .dist_chunk
        .iter()
        .for_each(|expr| word(format!("dist_schedule(static, {})", text(expr))));
    region
        .bind
        .iter()
        .for_each(|bind| word(format!("bind({bind})")));
    match &region.doacross {
        None => {}
        Some(Doacross::Source) => word("doacross(source)".to_owned()),
        Some(Doacross::Previous) => word("doacross(sink: previous)".to_owned()),
        Some(Doacross::Sink(steps)) => {
            let steps: Vec<String> = steps
                .iter()
                .map(|(name, offset)| {
                    let name = function.name_of(*name);
                    match offset {
                        Some(offset) => format!("{name} + {}", text(offset)),
                        None => name.to_owned(),
                    }
                })
                .collect();
            word(format!("doacross(sink: {})", steps.join(", ")));
        }
    }
    region
        .cancel
        .iter()
        .for_each(|kind| word(kind.name().to_owned()));
    if region.order_concurrent {
        word("order(concurrent)".to_owned());
    }
    region
        .memory_order
        .iter()
        .for_each(|order| word(order.to_string()));
    region
        .atomic
        .iter()
        .for_each(|one| word(atomic(function, one)));
    for (_, reason) in &region.inert {
        word(format!("[inert: {reason}]"));
    }
    out
}

fn place(function: &Function, value: &Target) -> String {
    match value {
        Target::Name { name, .. } => function.name_of(*name).to_owned(),
        Target::Attribute { value, attr, .. } => format!("{}.{attr}", dump_expr(function, value)),
        Target::Subscript { value, index, .. } => {
            format!(
                "{}[{}]",
                dump_expr(function, value),
                dump_expr(function, index)
            )
        }
        Target::Tuple { .. } | Target::Starred { .. } => target(function, value),
    }
}

fn update(function: &Function, update: &Update) -> String {
    let (x, e) = (place(function, &update.x), dump_expr(function, &update.e));
    let op = format!("{:?}", update.op);
    if update.reversed {
        format!("update {x} = {e} {op} {x}")
    } else {
        format!("update {x} = {x} {op} {e}")
    }
}

fn atomic(function: &Function, one: &Atomic) -> String {
    let text = |expr: &Expr| dump_expr(function, expr);
    let place = |value: &Target| place(function, value);
    let mut out = match &one.kind {
        AtomicKind::Read { v, x } => format!("read {} = {}", place(v), text(x)),
        AtomicKind::Write { x, e } => format!("write {} = {}", place(x), text(e)),
        AtomicKind::Update(one) => update(function, one),
        AtomicKind::Capture {
            v,
            update: one,
            old,
        } => {
            let which = if *old { "old" } else { "new" };
            format!("capture {which} {} of {}", place(v), update(function, one))
        }
        AtomicKind::Exchange { v, x, e } => {
            format!("exchange {} = {} = {}", place(v), place(x), text(e))
        }
        AtomicKind::Compare {
            x,
            expected,
            desired,
            capture,
        } => {
            let capture = capture.as_ref().map_or(String::new(), |capture| {
                let which = if capture.old { "old" } else { "new" };
                let v = capture
                    .v
                    .as_ref()
                    .map_or(String::new(), |v| format!(" capture {which} {}", place(v)));
                let result = capture
                    .result
                    .as_ref()
                    .map_or(String::new(), |r| format!(" result {}", place(r)));
                format!("{v}{result}")
            });
            format!(
                "compare {} == {} then {}{capture}",
                place(x),
                text(expected),
                text(desired)
            )
        }
    };
    let _ = write!(out, " {}", one.order);
    if one.weak {
        out.push_str(" weak");
    }
    if let Some(fail) = one.fail {
        let _ = write!(out, " fail({fail})");
    }
    out
}

fn space(function: &Function, value: &IterSpace) -> String {
    let text = |expr: &Expr| dump_expr(function, expr);
    let optional =
        |expr: &Option<Expr>, default: &str| expr.as_ref().map_or(default.to_owned(), text);
    match value {
        IterSpace::Range { start, stop, step } => {
            format!(
                "range({}, {}, {})",
                optional(start, "0"),
                text(stop),
                optional(step, "1")
            )
        }
        IterSpace::Sequence(expr) => format!("sequence {}", text(expr)),
        IterSpace::Reversed(inner) => format!("reversed({})", space(function, inner)),
        IterSpace::Enumerate { iter, start } => {
            format!(
                "enumerate({}, {})",
                space(function, iter),
                optional(start, "0")
            )
        }
        IterSpace::Zip(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| space(function, part)).collect();
            format!("zip({})", parts.join(", "))
        }
        IterSpace::Iterable(expr) => format!("iterable {}", text(expr)),
    }
}
