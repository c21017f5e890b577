//! What a `for` runs over: `range`, arrays, tuples, and `enumerate`, `zip`, `reversed` of them, each with a length
//! and an item for every index.

use super::function::Lowerer;
use super::loops::TripRange;
use crate::env::GlobalValue;
use crate::promote::unify;
use crate::ty::Ty;
use crate::value::{Range, Val};
use omply_diagnostics::{Code, Span};
use omply_ir::{BinaryOp, CompareOp, ErrorKind, IndexCheck, Op, Type};
use omply_syntax::hir::{Expr, ExprKind, Keyword, VarId};
use rustc_hash::FxHashSet;

#[derive(Clone)]
pub enum Plan {
    Range { start: Val, stop: Val, step: Val },
    Array(Val),
    Items(Vec<Val>),
    Reversed(Box<Plan>),
    Enumerate { inner: Box<Plan>, start: Val },
    Zip(Vec<Plan>),
}

impl Plan {
    /// The same with other values, which come in a fixed order.
    pub fn map(&self, value: &mut dyn FnMut(&Val) -> Val) -> Plan {
        match self {
            Plan::Range { start, stop, step } => Plan::Range {
                start: value(start),
                stop: value(stop),
                step: value(step),
            },
            Plan::Array(array) => Plan::Array(value(array)),
            Plan::Items(items) => Plan::Items(items.iter().map(value).collect()),
            Plan::Reversed(inner) => Plan::Reversed(Box::new(inner.map(value))),
            Plan::Enumerate { inner, start } => Plan::Enumerate {
                inner: Box::new(inner.map(value)),
                start: value(start),
            },
            Plan::Zip(plans) => Plan::Zip(plans.iter().map(|plan| plan.map(value)).collect()),
        }
    }
}

impl Lowerer<'_, '_> {
    /// Evaluates what a loop runs over. `assigned` are the names that the loop's body binds.
    pub fn iteration(&mut self, iter: &Expr, assigned: &FxHashSet<VarId>) -> Option<Plan> {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &iter.kind
            && let Some(GlobalValue::Builtin(name)) = self.static_value(func)
        {
            match name.as_str() {
                "range" => return self.range(args, keywords, iter.span),
                "reversed" if args.len() == 1 => {
                    return Some(Plan::Reversed(Box::new(
                        self.iteration(&args[0], assigned)?,
                    )));
                }
                "enumerate" if !args.is_empty() => return self.enumerate(args, keywords, assigned),
                "zip" => return self.zip(args, keywords, assigned),
                _ => {}
            }
        }
        let value = self.sequence(iter);
        match &value.ty {
            Ty::Array(array) if array.ndim > 0 => {
                // The array lives as long as the loop, whatever happens to the name.
                if Self::as_var(iter).is_none_or(|var| assigned.contains(&var)) {
                    let slot = self.temp("iterated", &value.ty);
                    let id = self.id(&value);
                    self.b.store_slot(slot, id);
                }
                Some(Plan::Array(value))
            }
            Ty::Tuple(_) => Some(Plan::Items(self.items(&value))),
            Ty::Never => None,
            other => {
                let message = format!("native mode cannot iterate over a value of type {other}");
                self.error_help(
                    Code::NotNative,
                    iter.span,
                    message,
                    "it iterates over range(), arrays and tuples, and enumerate(), zip(), reversed() of them",
                );
                None
            }
        }
    }

    fn range(&mut self, args: &[Expr], keywords: &[Keyword], span: Span) -> Option<Plan> {
        if args.is_empty() || args.len() > 3 || !keywords.is_empty() {
            self.error(
                Code::WrongArguments,
                span,
                "range() takes one to three arguments",
            );
            return None;
        }
        let mut values = Vec::new();
        for arg in args {
            let value = self.expr(arg);
            values.push(self.index_value(&value, arg.span)?);
        }
        let mut values = values.into_iter();
        let (start, stop, step) = match (values.next(), values.next(), values.next()) {
            (Some(stop), None, _) => (Val::int(0), stop, Val::int(1)),
            (Some(start), Some(stop), step) => (start, stop, step.unwrap_or(Val::int(1))),
            _ => return None,
        };
        self.not_zero(&step, span);
        Some(Plan::Range { start, stop, step })
    }

    fn not_zero(&mut self, step: &Val, span: Span) {
        if !step.range.excludes_zero() {
            let zero = self.b.int(0);
            let id = self.id(step);
            let nonzero = self.b.compare(CompareOp::Ne, id, zero);
            self.check(
                nonzero,
                ErrorKind::Value,
                "range() arg 3 must not be zero",
                span,
                Vec::new(),
            );
        }
    }

    /// The step of a `range`.
    pub fn step(&mut self, step: &Expr, span: Span) -> Option<Val> {
        let value = self.expr(step);
        let step = self.index_value(&value, step.span)?;
        self.not_zero(&step, span);
        Some(step)
    }

    /// An integer of any type as a Python int.
    pub fn index_value(&mut self, value: &Val, span: Span) -> Option<Val> {
        match value.ty.scalar() {
            Some(scalar) if scalar.is_int() || value.ty == Ty::Bool => {
                Some(self.convert(value, &Ty::Int))
            }
            _ => {
                if !value.is_never() {
                    self.error_help(
                        Code::WrongOperands,
                        span,
                        format!("{} cannot be interpreted as an integer", value.ty),
                        "convert it with int()",
                    );
                }
                None
            }
        }
    }

    fn enumerate(
        &mut self,
        args: &[Expr],
        keywords: &[Keyword],
        assigned: &FxHashSet<VarId>,
    ) -> Option<Plan> {
        let inner = Box::new(self.iteration(&args[0], assigned)?);
        let start = args.get(1).or_else(|| {
            keywords
                .iter()
                .find(|keyword| keyword.name.as_deref() == Some("start"))
                .map(|keyword| &keyword.value)
        });
        let start = match start {
            Some(start) => {
                let value = self.expr(start);
                self.index_value(&value, start.span)?
            }
            None => Val::int(0),
        };
        Some(Plan::Enumerate { inner, start })
    }

    fn zip(
        &mut self,
        args: &[Expr],
        keywords: &[Keyword],
        assigned: &FxHashSet<VarId>,
    ) -> Option<Plan> {
        if let Some(keyword) = keywords.first() {
            self.not_native(keyword.value.span, "keyword arguments of zip()");
            return None;
        }
        let plans: Option<Vec<Plan>> = args
            .iter()
            .map(|arg| self.iteration(arg, assigned))
            .collect();
        plans.map(Plan::Zip)
    }

    /// The loop to run: the values of a range themselves, the indices of anything else.
    pub fn trip_range(&mut self, plan: &Plan) -> TripRange {
        match plan {
            Plan::Range { start, stop, step } => TripRange {
                start: start.clone(),
                stop: stop.clone(),
                step: step.clone(),
            },
            _ => TripRange {
                start: Val::int(0),
                stop: self.plan_len(plan),
                step: Val::int(1),
            },
        }
    }

    pub fn plan_len(&mut self, plan: &Plan) -> Val {
        match plan {
            Plan::Range { start, stop, step } => self.range_len(start, stop, step),
            Plan::Array(array) => {
                let array = self.id(array);
                let length = self.b.dim(array, 0);
                self.size_val(length)
            }
            Plan::Items(items) => Val::int(items.len() as i64),
            Plan::Reversed(inner) | Plan::Enumerate { inner, .. } => self.plan_len(inner),
            Plan::Zip(plans) => {
                let mut shortest: Option<Val> = None;
                for plan in plans {
                    let length = self.plan_len(plan);
                    shortest = Some(match shortest {
                        None => length,
                        Some(before) => {
                            let (a, b) = (self.id(&before), self.id(&length));
                            let least = self.b.binary(BinaryOp::Min, a, b);
                            self.size_val(least)
                        }
                    });
                }
                shortest.unwrap_or(Val::int(0))
            }
        }
    }

    /// `len(range(start, stop, step))`
    pub fn range_len(&mut self, start: &Val, stop: &Val, step: &Val) -> Val {
        let (start, stop, step_id) = (self.id(start), self.id(stop), self.id(step));
        let zero = self.b.int(0);
        let length = match step.as_int() {
            Some(1) => self.b.binary(BinaryOp::Sub, stop, start),
            _ => {
                // Rounds towards more by one step short of the sign's unit.
                let one = self.b.int(1);
                let minus = self.b.int(-1);
                let down = self.b.compare(CompareOp::Lt, step_id, zero);
                let unit = self.b.select(down, minus, one);
                let distance = self.b.binary(BinaryOp::Sub, stop, start);
                let short = self.b.binary(BinaryOp::Sub, step_id, unit);
                let covered = self.b.binary(BinaryOp::Add, distance, short);
                self.b.binary(BinaryOp::FloorDiv, covered, step_id)
            }
        };
        let length = self.b.binary(BinaryOp::Max, length, zero);
        self.size_val(length)
    }

    /// What the loop's target takes, for the loop variable of `trip_range`.
    pub fn item(&mut self, plan: &Plan, index: &Val, span: Span) -> Val {
        match plan {
            Plan::Range { .. } => index.clone(),
            _ => self.item_at(plan, index, span),
        }
    }

    pub fn item_at(&mut self, plan: &Plan, index: &Val, span: Span) -> Val {
        match plan {
            Plan::Range { start, step, .. } => {
                let offset = self.int_op(BinaryOp::Mul, index, step);
                self.int_op(BinaryOp::Add, start, &offset)
            }
            Plan::Array(array) => self.array_item(array, index),
            Plan::Items(items) => self.pick(items, index, span),
            Plan::Reversed(inner) => {
                let length = self.plan_len(inner);
                let last = self.int_op(BinaryOp::Sub, &length, &Val::int(1));
                let index = self.int_op(BinaryOp::Sub, &last, index);
                self.item_at(inner, &index, span)
            }
            Plan::Enumerate { inner, start } => {
                let number = self.int_op(BinaryOp::Add, start, index);
                let item = self.item_at(inner, index, span);
                Val::tuple(vec![number, item])
            }
            Plan::Zip(plans) => Val::tuple(
                plans
                    .iter()
                    .map(|plan| self.item_at(plan, index, span))
                    .collect(),
            ),
        }
    }

    /// `a op b` of Python ints, trivial cases left out.
    pub fn int_op(&mut self, op: BinaryOp, a: &Val, b: &Val) -> Val {
        match (op, a.as_int(), b.as_int()) {
            (BinaryOp::Add, Some(0), _) | (BinaryOp::Mul, Some(1), _) => return b.clone(),
            (BinaryOp::Add | BinaryOp::Sub, _, Some(0)) | (BinaryOp::Mul, _, Some(1)) => {
                return a.clone();
            }
            _ => {}
        }
        let range = match op {
            BinaryOp::Add => a.range.add(b.range).wrapped(),
            BinaryOp::Sub => a.range.sub(b.range).wrapped(),
            _ => Range::ALL,
        };
        let (a, b) = (self.id(a), self.id(b));
        Val::with_range(Ty::Int, self.b.binary(op, a, b), range)
    }

    /// An item along the first axis: an element or a view.
    fn array_item(&mut self, array: &Val, index: &Val) -> Val {
        let Some(ty) = array.ty.array() else {
            return Val::never();
        };
        let (array_id, index) = (self.id(array), self.id(index));
        if ty.ndim == 1 {
            let op = Op::Load {
                array: array_id,
                indices: vec![index],
                check: IndexCheck::None,
            };
            return Val::new(Ty::Np(ty.elem), self.b.emit(op, Type::Scalar(ty.elem)));
        }
        self.row(array_id, ty, index, IndexCheck::None)
    }

    /// One of several values of one type, by index.
    pub fn pick(&mut self, items: &[Val], index: &Val, span: Span) -> Val {
        if let Some(known) = index.as_int() {
            return items
                .get(known as usize)
                .cloned()
                .unwrap_or_else(Val::never);
        }
        let mut ty = Ty::Never;
        for item in items {
            match unify(&ty, None, &item.ty, None) {
                Some(joined) if joined.is_number() || joined == Ty::Never => ty = joined,
                _ => {
                    let message = format!(
                        "the items are not all numbers of one kind: {ty} and {}",
                        item.ty
                    );
                    return self.error_help(
                        Code::NotNative,
                        span,
                        message,
                        "native mode iterates over tuples of numbers",
                    );
                }
            }
        }
        let Some((last, rest)) = items.split_last() else {
            // The loop never runs.
            return Val::int(0);
        };
        let mut picked = self.convert(last, &ty);
        let index = self.id(index);
        for (i, item) in rest.iter().enumerate().rev() {
            let item = self.convert(item, &ty);
            let number = self.b.int(i as i64);
            let here = self.b.compare(CompareOp::Eq, index, number);
            let (a, b) = (self.id(&item), self.id(&picked));
            picked = Val::new(ty.clone(), self.b.select(here, a, b));
        }
        picked
    }
}
