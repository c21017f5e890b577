//! The loops that a directive affects: their bounds as values, taken before the construct, and their variables.

use super::super::function::Lowerer;
use super::super::iter::Plan;
use super::super::loops::TripRange;
use super::super::scan;
use super::Construct;
use super::generated::GeneratedNest;
use super::linear::Linear;
use super::sharing::Copies;
use crate::ty::Ty;
use crate::value::Val;
use omply_ir::{Along, BinaryOp, Block, LoopDim, LoopInfo, Op, Type, ValueId};
use omply_syntax::hir::{Expr, ExprKind, NameRef, Stmt, StmtId, StmtKind, Target, UnaryOp, VarId};
use rustc_hash::FxHashSet;
use std::cell::Cell;

/// One affected loop.
#[derive(Clone, Copy)]
pub struct NestLoop<'a> {
    pub stmt: &'a Stmt,
    pub target: &'a Target,
    pub iter: &'a Expr,
}

/// The affected loops with their bounds.
pub struct Nest<'a> {
    pub loops: Vec<NestLoop<'a>>,
    pub plans: Vec<Plan>,
    pub dims: Vec<LoopDim>,
    pub ranges: Vec<crate::value::Range>,
    /// Code between the loops, before and after the inner one; each is executed in every iteration.
    pub before: Vec<&'a [Stmt]>,
    pub body: &'a [Stmt],
    pub after: Vec<&'a [Stmt]>,
    /// What loop transformations make of the loops; the dimensions are those of the outermost loops they generate.
    pub generated: Cell<Option<GeneratedNest<'a>>>,
}

impl<'a> Nest<'a> {
    pub fn new(body: &'a [Stmt]) -> Nest<'a> {
        Nest {
            loops: Vec::new(),
            plans: Vec::new(),
            dims: Vec::new(),
            ranges: Vec::new(),
            before: Vec::new(),
            body,
            after: Vec::new(),
            generated: Cell::new(None),
        }
    }
}

impl<'a> Nest<'a> {
    /// The same loops around other statements.
    pub fn around<'b>(&self, body: &'b [Stmt]) -> Nest<'b>
    where
        'a: 'b,
    {
        Nest {
            loops: self.loops.clone(),
            plans: self.plans.clone(),
            dims: self.dims.clone(),
            ranges: self.ranges.clone(),
            ..Nest::new(body)
        }
    }
}

impl Lowerer<'_, '_> {
    /// The `count` outermost loops of the construct's block, evaluated.
    pub(super) fn nest<'a>(&mut self, construct: Construct<'a>, count: u32) -> Option<Nest<'a>> {
        let facts = construct.facts.nest.as_ref()?;
        if let Some(generated) = &facts.generated {
            return self.generated_nest(construct, generated);
        }
        let mut nest = self.find_loops(construct, count)?;
        let inside = self.iteration_names(&nest, &[]);
        let mut saved = self.omp.nest.take();
        for k in 0..nest.loops.len() {
            let iter = nest.loops[k].iter;
            self.b.set_span(nest.loops[k].stmt.span);
            let outer = facts.loops.get(k).and_then(|one| one.along);
            let (plan, along) = match (&mut saved, outer) {
                (Some(saved), _) => saved.next(self)?,
                (None, Some(outer)) => self.sloped(iter, &nest, outer)?,
                (None, None) => (self.iteration(iter, &inside)?, None),
            };
            let range = self.trip_range(&plan);
            nest.ranges.push(match along {
                None => range.of_variable(),
                Some(_) => crate::value::Range::ALL,
            });
            let TripRange { start, stop, step } = range;
            let (start, stop, step) = (self.int_id(&start), self.int_id(&stop), self.int_id(&step));
            let iv: ValueId = self.b.value(Type::I64);
            nest.dims.push(LoopDim {
                iv,
                start,
                stop,
                step,
                along,
            });
            nest.plans.push(plan);
        }
        Some(nest)
    }

    fn find_loops<'a>(&mut self, construct: Construct<'a>, count: u32) -> Option<Nest<'a>> {
        let mut nest = Nest::new(&construct.directive.body);
        for _ in 0..count.max(1) {
            let body = nest.body;
            let place = body
                .iter()
                .position(|stmt| matches!(stmt.kind, StmtKind::For { .. }));
            let Some((
                place,
                stmt @ Stmt {
                    kind:
                        StmtKind::For {
                            target,
                            iter,
                            body: inner,
                            ..
                        },
                    ..
                },
            )) = place.map(|place| (place, &body[place]))
            else {
                self.unsupported_clause("a block without a loop", construct.directive.head_span);
                return None;
            };
            nest.loops.push(NestLoop { stmt, target, iter });
            nest.before.push(&body[..place]);
            nest.after.push(&body[place + 1..]);
            nest.body = inner;
        }
        Some(nest)
    }

    /// A `range` whose bounds go along the variable of an outer loop: what they are where that is zero, and what is added
    /// for each step of it.
    fn sloped(
        &mut self,
        iter: &Expr,
        nest: &Nest<'_>,
        outer: usize,
    ) -> Option<(Plan, Option<Along>)> {
        let ExprKind::Call { args, .. } = &iter.kind else {
            return None;
        };
        let Target::Name {
            name: NameRef::Var(var),
            ..
        } = nest.loops[outer].target
        else {
            return None;
        };
        let zero = Val::int(0);
        let (start, stop) = match &args[..] {
            [stop] => ((zero.clone(), zero), self.affine(stop, *var)?),
            [start, stop, ..] => (self.affine(start, *var)?, self.affine(stop, *var)?),
            [] => return None,
        };
        let step = match args.get(2) {
            Some(step) => self.step(step, iter.span)?,
            None => Val::int(1),
        };
        let along = Along {
            outer: outer as u32,
            start: self.int_id(&start.1),
            stop: self.int_id(&stop.1),
        };
        let plan = Plan::Range {
            start: start.0,
            stop: stop.0,
            step,
        };
        Some((plan, Some(along)))
    }

    /// `expr` as `b + a * var`: the values of `b` and `a`.
    fn affine(&mut self, expr: &Expr, var: VarId) -> Option<(Val, Val)> {
        if !mentions(expr, var) {
            let value = self.expr(expr);
            return Some((self.index_value(&value, expr.span)?, Val::int(0)));
        }
        match &expr.kind {
            ExprKind::Unary { op, operand } => {
                let (b, a) = self.affine(operand, var)?;
                if *op == UnaryOp::Plus {
                    return Some((b, a));
                }
                let zero = Val::int(0);
                Some((
                    self.int_op(BinaryOp::Sub, &zero, &b),
                    self.int_op(BinaryOp::Sub, &zero, &a),
                ))
            }
            ExprKind::Binary { op, left, right } => {
                let left = self.affine(left, var)?;
                let right = self.affine(right, var)?;
                Some(match op {
                    omply_syntax::hir::BinaryOp::Add => (
                        self.int_op(BinaryOp::Add, &left.0, &right.0),
                        self.int_op(BinaryOp::Add, &left.1, &right.1),
                    ),
                    omply_syntax::hir::BinaryOp::Sub => (
                        self.int_op(BinaryOp::Sub, &left.0, &right.0),
                        self.int_op(BinaryOp::Sub, &left.1, &right.1),
                    ),
                    // One of the factors does not depend on the variable.
                    _ => {
                        let ((b, a), (factor, _)) = if right.1.as_int() == Some(0) {
                            (left, right)
                        } else {
                            (right, left)
                        };
                        (
                            self.int_op(BinaryOp::Mul, &b, &factor),
                            self.int_op(BinaryOp::Mul, &a, &factor),
                        )
                    }
                })
            }
            _ => Some((Val::int(0), Val::int(1))),
        }
    }

    /// The number of iterations of the affected loops.
    pub(super) fn trip(&mut self, nest: &Nest<'_>) -> ValueId {
        if !omply_ir::nest::is_rectangular(&nest.dims) {
            return self.b.nest_trip(&nest.dims, &[]);
        }
        let mut trip = Val::int(1);
        for dim in &nest.dims {
            let [start, stop, step] =
                [dim.start, dim.stop, dim.step].map(|id| Val::new(Ty::Int, id));
            let length = self.range_len(&start, &stop, &step);
            trip = self.int_op(BinaryOp::Mul, &trip, &length);
        }
        self.int_id(&trip)
    }

    /// The names that the nest's loops bind.
    pub(super) fn loop_names(&self, nest: &Nest<'_>) -> Vec<VarId> {
        let mut names = scan::Assigned::default();
        nest.loops
            .iter()
            .for_each(|nested| names.target(nested.target));
        let mut vars: Vec<VarId> = names.vars.into_iter().collect();
        vars.sort_unstable();
        vars
    }

    /// Makes the loop variables private unless some clause made copies of them already.
    pub(super) fn private_loop_names(&mut self, nest: &Nest<'_>, copies: &mut Copies) {
        for var in self.loop_names(nest) {
            if !copies.has(var) && !self.is_local_here(var) {
                self.private(var, copies);
            }
        }
    }

    /// The block that runs once for each iteration of the nest.
    pub(super) fn iteration_block(
        &mut self,
        construct: Construct<'_>,
        nest: &Nest<'_>,
        copies: &Copies,
    ) -> Block {
        let linears = &copies.linears[..];
        let names = self.iteration_names(nest, linears);
        self.open_loop(nest.loops[0].stmt.id, names, true);
        self.b.open_block();
        self.bind_iteration(nest, linears);
        self.number_iteration(nest, &copies.conditional);
        self.generated_iteration(nest);
        nest.before.iter().for_each(|stmts| self.stmts(stmts));
        if nest.after.iter().all(|stmts| stmts.is_empty()) {
            self.stmts(nest.body);
        } else {
            // `continue` leads to what follows.
            let inside = self.iteration_names(nest, linears);
            self.once(nest.loops[0].stmt.id, inside, |s| s.stmts(nest.body));
            nest.after.iter().rev().for_each(|stmts| self.stmts(stmts));
        }
        if self.live {
            self.back_edge();
        }
        let body = self.b.close_block();
        self.close_loop();
        self.b.set_span(construct.directive.head_span);
        body
    }

    /// A block that `continue` leaves.
    pub(super) fn once(
        &mut self,
        stmt: StmtId,
        assigned: FxHashSet<VarId>,
        body: impl FnOnce(&mut Self),
    ) {
        let (start, one) = (self.b.int(0), self.b.int(1));
        self.open_loop(stmt, assigned, false);
        let iv = self.b.value(Type::I64);
        self.b.open_block();
        body(self);
        if self.live {
            self.back_edge();
        }
        let body = self.b.close_block();
        self.b.effect(Op::For {
            iv,
            start,
            stop: one,
            step: one,
            body,
            info: LoopInfo::default(),
        });
        self.close_loop();
    }

    /// Binds the loops' targets and the linear variables for one iteration.
    pub(super) fn bind_iteration(&mut self, nest: &Nest<'_>, linears: &[Linear]) {
        self.bind_items(nest);
        if linears.is_empty() {
            return;
        }
        let number = self.iteration_number(nest);
        for linear in linears {
            self.bind_linear(linear, &number);
        }
    }

    /// The number of the current iteration in the order of the serial program.
    pub(super) fn iteration_number(&mut self, nest: &Nest<'_>) -> Val {
        let mut number = Val::int(0);
        let rectangular = omply_ir::nest::is_rectangular(&nest.dims);
        let ivs: Vec<ValueId> = nest.dims.iter().map(|dim| dim.iv).collect();
        for (depth, dim) in nest.dims.iter().enumerate() {
            let [start, stop] = self.b.dim_bounds(dim, &ivs[..depth]);
            let [iv, start, stop, step] =
                [dim.iv, start, stop, dim.step].map(|id| Val::new(Ty::Int, id));
            let length = if rectangular {
                self.range_len(&start, &stop, &step)
            } else {
                // Only the order counts here: rows as long as no row is keep it.
                Val::int(1 << (62 / nest.dims.len()))
            };
            let distance = self.int_op(BinaryOp::Sub, &iv, &start);
            let own = self.int_op(BinaryOp::FloorDiv, &distance, &step);
            let before = self.int_op(BinaryOp::Mul, &number, &length);
            number = self.int_op(BinaryOp::Add, &before, &own);
        }
        number
    }

    fn bind_items(&mut self, nest: &Nest<'_>) {
        for (k, plan) in nest.plans.iter().enumerate() {
            let index = Val::with_range(Ty::Int, nest.dims[k].iv, nest.ranges[k]);
            let item = self.item(plan, &index, nest.loops[k].iter.span);
            self.assign(nest.loops[k].target, item);
        }
    }

    /// Every name that one iteration binds.
    pub(super) fn iteration_names(&self, nest: &Nest<'_>, linears: &[Linear]) -> FxHashSet<VarId> {
        let mut names = scan::Assigned::default();
        nest.loops
            .iter()
            .for_each(|nested| names.target(nested.target));
        names.stmts(nest.body);
        for stmts in nest.before.iter().chain(&nest.after) {
            names.stmts(stmts);
        }
        if let Some(generated) = nest.generated.take() {
            names.vars.extend(&generated.assigned);
            nest.generated.set(Some(generated));
        }
        names.vars.extend(linears.iter().map(|linear| linear.var));
        names.vars
    }

    /// Whether the name has no value outside, so that nothing is there to be kept.
    fn is_local_here(&self, var: VarId) -> bool {
        matches!(self.flow.get(var), crate::flow::Binding::Unbound)
            && !self.pins.contains_key(&(var, self.scope_of[var.index()]))
            && self.scope_of[var.index()].0 != 0
    }
}

/// Whether an affine expression reads the name.
fn mentions(expr: &Expr, name: VarId) -> bool {
    match &expr.kind {
        ExprKind::Name(NameRef::Var(var)) => *var == name,
        ExprKind::Unary { operand, .. } => mentions(operand, name),
        ExprKind::Binary { left, right, .. } => mentions(left, name) || mentions(right, name),
        _ => false,
    }
}
