//! The statement of an `atomic` construct, matched against OpenMP's forms.

use crate::constructs::Construct;
use crate::facts::{Atomic, AtomicKind, AtomicOp, CompareCapture, MemoryOrder, Update};
use crate::locations::{alike, is_location, location, mentions, same};
use omply_diagnostics::{Code, Diagnostic};
use omply_directive::{ClauseArgs, Leaf};
use omply_spec::ClauseKind;
use omply_syntax::hir::*;

/// What the clauses make of the construct.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Read,
    Write,
    Update,
    Capture,
    Compare,
    CompareCapture,
}

impl Form {
    fn of(leaf: &Leaf) -> Form {
        let has = |kind| leaf.clause(kind).is_some();
        match (has(ClauseKind::Compare), has(ClauseKind::Capture)) {
            (true, true) => Form::CompareCapture,
            (true, false) => Form::Compare,
            (false, true) => Form::Capture,
            (false, false) if has(ClauseKind::Read) => Form::Read,
            (false, false) if has(ClauseKind::Write) => Form::Write,
            (false, false) => Form::Update,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Form::Read => "atomic read",
            Form::Write => "atomic write",
            Form::Update => "atomic update",
            Form::Capture => "atomic capture",
            Form::Compare => "atomic compare",
            Form::CompareCapture => "atomic compare capture",
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Form::Read => "`v = x`",
            Form::Write => "`x = expression`",
            Form::Update => "`x += expression`, `x = x + expression` or `x = max(x, expression)`",
            Form::Capture => {
                "`v = x` and an update of `x`, in either order, or `v, x = x, expression`"
            }
            Form::Compare => "`if x == expected: x = desired`, or `<` or `>` in place of `==`",
            Form::CompareCapture => "`v = x` before or after `if x == expected: x = desired`",
        }
    }
}

/// The facts of an `atomic` construct; what does not fit is reported.
pub(crate) fn facts(
    function: &Function,
    construct: &Construct,
    leaf: &Leaf,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Atomic> {
    let form = Form::of(leaf);
    let matcher = Matcher { function };
    let body = construct.body();
    let kind = match form {
        Form::Read => matcher.read(&body),
        Form::Write => matcher.write(&body),
        Form::Update => match &body[..] {
            [stmt] => matcher.update(stmt).map(AtomicKind::Update),
            _ => None,
        },
        Form::Capture => matcher.capture(&body),
        Form::Compare => matcher.compare(&body),
        Form::CompareCapture => matcher.compare_capture(&body),
    };
    let Some(kind) = kind else {
        diagnostics.push(refuse(form, construct, &body));
        return None;
    };
    let order = leaf
        .clauses
        .iter()
        .find_map(|clause| MemoryOrder::from_clause(clause.kind));
    let fail = leaf
        .clause(ClauseKind::Fail)
        .and_then(|clause| match &clause.args {
            ClauseArgs::Fail(order) => Some(order.value),
            _ => None,
        });
    Some(Atomic {
        kind,
        order: order
            .or(function.requirements.atomic_default)
            .unwrap_or(MemoryOrder::Relaxed),
        weak: leaf.clause(ClauseKind::Weak).is_some(),
        fail,
        hint: crate::clauses::expr(construct, leaf, ClauseKind::Hint),
    })
}

fn refuse(form: Form, construct: &Construct, body: &[&Stmt]) -> Diagnostic {
    let span = match body {
        [] => construct.dir.head_span,
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
    };
    let error = Diagnostic::error(
        Code::AtomicForm,
        span,
        format!("this is no statement that `{}` knows", form.name()),
    )
    .label(format!("expected {}", form.expected()))
    .secondary(
        construct.dir.head_span,
        "applies to one operation on one variable, element or attribute",
    );
    let reads_itself = |stmt: &Stmt| match &stmt.kind {
        StmtKind::AugAssign { target, value, .. } => mentions(value, target),
        _ => false,
    };
    match body {
        [stmt] if reads_itself(stmt) => {
            error.help("the expression reads what it updates; compute it before, without `atomic`")
        }
        [_, _, ..] if form == Form::Update => error.help(
            "for several statements use `critical`; to keep the old or new value, `atomic capture`",
        ),
        _ => error.help("for anything else use `critical`"),
    }
}

struct Matcher<'f> {
    function: &'f Function,
}

impl Matcher<'_> {
    fn read(&self, body: &[&Stmt]) -> Option<AtomicKind> {
        let [stmt] = body else { return None };
        let (v, x) = assignment(stmt)?;
        location(x)?;
        Some(AtomicKind::Read {
            v: v.clone(),
            x: x.clone(),
        })
    }

    fn write(&self, body: &[&Stmt]) -> Option<AtomicKind> {
        let [stmt] = body else { return None };
        let (x, e) = assignment(stmt)?;
        (is_location(x) && !mentions(e, x)).then(|| AtomicKind::Write {
            x: x.clone(),
            e: e.clone(),
        })
    }

    fn update(&self, stmt: &Stmt) -> Option<Update> {
        match &stmt.kind {
            StmtKind::AugAssign { target, op, value }
                if is_location(target) && !mentions(value, target) =>
            {
                Some(Update {
                    x: target.clone(),
                    op: AtomicOp::Binary(*op),
                    e: value.clone(),
                    reversed: false,
                })
            }
            _ => {
                let (x, value) = assignment(stmt)?;
                self.updating(x, value)
            }
        }
    }

    /// `value` as an operation on `x`.
    fn updating(&self, x: &Target, value: &Expr) -> Option<Update> {
        if !is_location(x) {
            return None;
        }
        let (op, left, right) = match &value.kind {
            ExprKind::Binary { op, left, right } => (AtomicOp::Binary(*op), &**left, &**right),
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.is_empty() => {
                let [left, right] = &args[..] else {
                    return None;
                };
                (self.min_max(func)?, left, right)
            }
            _ => return None,
        };
        let (e, reversed) = if same(x, left) {
            (right, false)
        } else if same(x, right) {
            (left, true)
        } else {
            return None;
        };
        (!mentions(e, x)).then(|| Update {
            x: x.clone(),
            op,
            e: e.clone(),
            reversed,
        })
    }

    fn min_max(&self, func: &Expr) -> Option<AtomicOp> {
        let ExprKind::Name(NameRef::Global(id)) = func.kind else {
            return None;
        };
        let global = &self.function.globals[id.index()];
        match &global.name[..] {
            "min" if global.kind == GlobalKind::Module => Some(AtomicOp::Min),
            "max" if global.kind == GlobalKind::Module => Some(AtomicOp::Max),
            _ => None,
        }
    }

    fn capture(&self, body: &[&Stmt]) -> Option<AtomicKind> {
        match body {
            [stmt] => self.capture_in_one(stmt),
            [first, second] => {
                if let Some((v, x)) = assignment(first)
                    && location(x).is_some()
                {
                    if let Some(update) = self.update(second)
                        && same(&update.x, x)
                    {
                        return Some(AtomicKind::Capture {
                            v: v.clone(),
                            update,
                            old: true,
                        });
                    }
                    if let Some((to, e)) = assignment(second)
                        && same(to, x)
                        && !mentions(e, to)
                    {
                        return Some(AtomicKind::Exchange {
                            v: v.clone(),
                            x: to.clone(),
                            e: e.clone(),
                        });
                    }
                }
                let update = self.update(first)?;
                let (v, x) = assignment(second)?;
                same(&update.x, x).then(|| AtomicKind::Capture {
                    v: v.clone(),
                    update,
                    old: false,
                })
            }
            _ => None,
        }
    }

    /// `v = x = x op e`, `v = (x := x op e)` and `v, x = x, e`.
    fn capture_in_one(&self, stmt: &Stmt) -> Option<AtomicKind> {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return None;
        };
        match (&targets[..], &value.kind) {
            ([first, second], _) => {
                let (v, update) = match self.updating(second, value) {
                    Some(update) => (first, update),
                    None => (second, self.updating(first, value)?),
                };
                Some(AtomicKind::Capture {
                    v: v.clone(),
                    update,
                    old: false,
                })
            }
            (
                [v],
                ExprKind::Named {
                    target,
                    target_span,
                    value,
                },
            ) => {
                let x = Target::Name {
                    name: *target,
                    span: *target_span,
                };
                let update = self.updating(&x, value)?;
                Some(AtomicKind::Capture {
                    v: v.clone(),
                    update,
                    old: false,
                })
            }
            ([Target::Tuple { items, .. }], ExprKind::Tuple(values)) => {
                let ([v, x], [old, e]) = (&items[..], &values[..]) else {
                    return None;
                };
                if !is_location(x) || !same(x, old) {
                    return None;
                }
                if let Some(update) = self.updating(x, e) {
                    return Some(AtomicKind::Capture {
                        v: v.clone(),
                        update,
                        old: true,
                    });
                }
                (!mentions(e, x)).then(|| AtomicKind::Exchange {
                    v: v.clone(),
                    x: x.clone(),
                    e: e.clone(),
                })
            }
            _ => None,
        }
    }

    fn compare(&self, body: &[&Stmt]) -> Option<AtomicKind> {
        match body {
            [stmt] => self.conditional(stmt),
            [first, second] => self.compare_result(first, second),
            _ => None,
        }
    }

    /// `if x == d: x = e` and `x = e if x == d else x`, with `<` and `>` as minimum and maximum.
    fn conditional(&self, stmt: &Stmt) -> Option<AtomicKind> {
        let (test, x, e) = match &stmt.kind {
            StmtKind::If { test, body, orelse } if orelse.is_empty() => {
                let [stmt] = &body[..] else { return None };
                let (x, e) = assignment(stmt)?;
                (test, x, e)
            }
            _ => {
                let (x, value) = assignment(stmt)?;
                let ExprKind::IfElse { test, body, orelse } = &value.kind else {
                    return None;
                };
                (same(x, orelse)).then_some((&**test, x, &**body))?
            }
        };
        let ExprKind::Compare { left, rest } = &test.kind else {
            return None;
        };
        let [(op, right)] = &rest[..] else {
            return None;
        };
        if !is_location(x) || mentions(e, x) {
            return None;
        }
        let (other, x_first) = if same(x, left) {
            (right, true)
        } else if same(x, right) {
            (&**left, false)
        } else {
            return None;
        };
        let update = |op| {
            alike(other, e).then(|| {
                AtomicKind::Update(Update {
                    x: x.clone(),
                    op,
                    e: e.clone(),
                    reversed: false,
                })
            })
        };
        match (op, x_first) {
            (CompareOp::Eq, _) if !mentions(other, x) => Some(AtomicKind::Compare {
                x: x.clone(),
                expected: other.clone(),
                desired: e.clone(),
                capture: None,
            }),
            // `if x < e: x = e` keeps the larger one.
            (CompareOp::Lt, true) | (CompareOp::Gt, false) => update(AtomicOp::Max),
            (CompareOp::Gt, true) | (CompareOp::Lt, false) => update(AtomicOp::Min),
            _ => None,
        }
    }

    /// `r = x == d` followed by `if r: x = e`.
    fn compare_result(&self, first: &Stmt, second: &Stmt) -> Option<AtomicKind> {
        let (result, value) = assignment(first)?;
        let ExprKind::Compare { left, rest } = &value.kind else {
            return None;
        };
        let [(CompareOp::Eq, right)] = &rest[..] else {
            return None;
        };
        let StmtKind::If { test, body, orelse } = &second.kind else {
            return None;
        };
        let ([stmt], true) = (&body[..], orelse.is_empty() && same(result, test)) else {
            return None;
        };
        let (x, desired) = assignment(stmt)?;
        let expected = if same(x, left) {
            right
        } else if same(x, right) {
            left
        } else {
            return None;
        };
        (is_location(x) && !mentions(desired, x) && !mentions(expected, x)).then(|| {
            AtomicKind::Compare {
                x: x.clone(),
                expected: expected.clone(),
                desired: desired.clone(),
                capture: Some(CompareCapture {
                    v: None,
                    old: false,
                    result: Some(result.clone()),
                }),
            }
        })
    }

    fn compare_capture(&self, body: &[&Stmt]) -> Option<AtomicKind> {
        let (operation, capture, old) = match body {
            [first, second] => match self.conditional(second) {
                Some(operation) => (operation, assignment(first)?, true),
                None => match self.compare_result(first, second) {
                    Some(operation) => return Some(operation),
                    None => (self.conditional(first)?, assignment(second)?, false),
                },
            },
            _ => return None,
        };
        let (v, from) = capture;
        match operation {
            AtomicKind::Update(update) if same(&update.x, from) => Some(AtomicKind::Capture {
                v: v.clone(),
                update,
                old,
            }),
            AtomicKind::Compare {
                x,
                expected,
                desired,
                ..
            } if same(&x, from) => Some(AtomicKind::Compare {
                x,
                expected,
                desired,
                capture: Some(CompareCapture {
                    v: Some(v.clone()),
                    old,
                    result: None,
                }),
            }),
            _ => None,
        }
    }
}

/// A plain assignment to one target.
fn assignment(stmt: &Stmt) -> Option<(&Target, &Expr)> {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => match &targets[..] {
            [target] => Some((target, value)),
            _ => None,
        },
        _ => None,
    }
}
