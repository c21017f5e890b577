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
use omply_diagnostics::Span;
use omply_ir::{BinaryOp, Block, LoopDim, Type, ValueId};
use omply_syntax::hir::{Expr, ExprKind, Stmt, StmtKind, Target, VarId};
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
    pub body: &'a [Stmt],
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
            body,
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
        let (loops, body) = self.find_loops(construct, count)?;
        let mut bound = FxHashSet::default();
        for nested in &loops {
            let mut names = scan::Assigned::default();
            names.target(nested.target);
            bound.extend(names.vars);
        }
        let inside = scan::assigned(body);
        let mut nest = Nest {
            loops,
            ..Nest::new(body)
        };
        for k in 0..nest.loops.len() {
            let iter = nest.loops[k].iter;
            if k > 0 && mentions(iter, &bound) {
                self.unsupported_clause(
                    "a loop whose bounds depend on an outer loop of the nest (collapse)",
                    iter.span,
                );
                return None;
            }
            self.b.set_span(nest.loops[k].stmt.span);
            let plan = self.iteration(iter, &inside)?;
            let range = self.trip_range(&plan);
            nest.ranges.push(range.of_variable());
            let TripRange { start, stop, step } = range;
            let (start, stop, step) = (self.int_id(&start), self.int_id(&stop), self.int_id(&step));
            let iv: ValueId = self.b.value(Type::I64);
            nest.dims.push(LoopDim {
                iv,
                start,
                stop,
                step,
            });
            nest.plans.push(plan);
        }
        Some(nest)
    }

    fn find_loops<'a>(
        &mut self,
        construct: Construct<'a>,
        count: u32,
    ) -> Option<(Vec<NestLoop<'a>>, &'a [Stmt])> {
        let mut loops: Vec<NestLoop<'a>> = Vec::new();
        let mut body: &'a [Stmt] = &construct.directive.body;
        for depth in 0..count.max(1) {
            let mut found = None;
            for stmt in body {
                match &stmt.kind {
                    StmtKind::For {
                        target, iter, body, ..
                    } if found.is_none() => {
                        found = Some((NestLoop { stmt, target, iter }, body));
                    }
                    StmtKind::Expr(expr) if matches!(expr.kind, ExprKind::Str(_)) => {}
                    StmtKind::Pass => {}
                    _ => {
                        self.intervening(stmt.span, depth);
                        return None;
                    }
                }
            }
            let Some((nested, inner)) = found else {
                self.intervening(construct.directive.head_span, depth);
                return None;
            };
            loops.push(nested);
            body = inner;
        }
        Some((loops, body))
    }

    fn intervening(&mut self, span: Span, depth: u32) {
        if depth == 0 {
            self.unsupported_clause("statements beside the loop", span);
        } else {
            self.unsupported_clause("statements between collapsed loops", span);
        }
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
        self.generated_iteration(nest);
        self.number_iteration(nest, &copies.conditional);
        self.stmts(nest.body);
        if self.live {
            self.back_edge();
        }
        let body = self.b.close_block();
        self.close_loop();
        self.b.set_span(construct.directive.head_span);
        body
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
        for dim in &nest.dims {
            let [iv, start, stop, step] =
                [dim.iv, dim.start, dim.stop, dim.step].map(|id| Val::new(Ty::Int, id));
            let length = self.range_len(&start, &stop, &step);
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

/// Whether the expression reads one of the names.
fn mentions(expr: &Expr, names: &FxHashSet<VarId>) -> bool {
    let any = |exprs: &[Expr]| exprs.iter().any(|expr| mentions(expr, names));
    match &expr.kind {
        ExprKind::Name(omply_syntax::hir::NameRef::Var(var)) => names.contains(var),
        ExprKind::Unary { operand, .. } => mentions(operand, names),
        ExprKind::Binary { left, right, .. } => mentions(left, names) || mentions(right, names),
        ExprKind::Logical { values, .. } => any(values),
        ExprKind::Compare { left, rest } => {
            mentions(left, names) || rest.iter().any(|(_, e)| mentions(e, names))
        }
        ExprKind::IfElse { test, body, orelse } => {
            [test, body, orelse].into_iter().any(|e| mentions(e, names))
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            mentions(func, names)
                || any(args)
                || keywords
                    .iter()
                    .any(|keyword| mentions(&keyword.value, names))
        }
        ExprKind::Attribute { value, .. } | ExprKind::Starred(value) => mentions(value, names),
        ExprKind::Subscript { value, index } => mentions(value, names) || mentions(index, names),
        ExprKind::Slice { lower, upper, step } => [lower, upper, step]
            .into_iter()
            .flatten()
            .any(|e| mentions(e, names)),
        ExprKind::Tuple(items) | ExprKind::List(items) => any(items),
        ExprKind::Named { value, .. } => mentions(value, names),
        _ => false,
    }
}
