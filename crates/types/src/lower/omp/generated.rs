//! Loops that loop transformations generate (`tile`, `unroll`, `fuse` ...): the analysis says what they are, over the
//! numbers of the source loops' iterations; here they become loops of the IR, and each source loop's target is bound
//! where its number gets its value.

use super::super::function::Lowerer;
use super::super::iter::Plan;
use super::super::scan;
use super::Construct;
use super::nest::{Nest, NestLoop};
use crate::ty::Ty;
use crate::value::{Range, Val};
use omply_analysis::facts::{Generated, Header, Index, IndexOp, LoopVar, Node, Unroll};
use omply_ir::{BinaryOp, CompareOp, ErrorKind, LoopDim, LoopInfo, Op, Type, ValueId};
use omply_syntax::hir::{Stmt, StmtId, StmtKind, Target, VarId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Numbers of iterations: a loop would run for centuries before it left this.
const NUMBER: Range = Range {
    lo: 0.0,
    hi: (1i64 << 61) as f64,
};

/// The generated loops of a construct, with all that is evaluated before them.
pub struct GeneratedNest<'a> {
    facts: &'a Generated,
    stmts: FxHashMap<StmtId, &'a Stmt>,
    /// What the source loops run over, and their lengths.
    plans: Vec<Plan>,
    counts: Vec<Val>,
    values: Vec<Val>,
    vars: FxHashMap<LoopVar, Val>,
    pub assigned: FxHashSet<VarId>,
}

impl GeneratedNest<'_> {
    /// What the source loops run over, and last the clause values.
    pub fn plans(self) -> impl Iterator<Item = Plan> {
        let values = Plan::Items(self.values);
        self.plans.into_iter().chain([values])
    }
}

impl Lowerer<'_, '_> {
    /// A loop transformation that stands alone.
    pub(super) fn transformation(&mut self, construct: Construct<'_>) {
        let Some(nest) = self.nest(construct, 0) else {
            return;
        };
        let Some(mut generated) = nest.generated.take() else {
            return;
        };
        let body = &generated.facts.body;
        self.nodes(&nest, &mut generated, body);
        self.b.set_span(construct.directive.head_span);
        self.last_values(&nest, &generated);
    }

    /// The source loops and clause values, evaluated; the dimensions are the affected loops'.
    pub(super) fn generated_nest<'a>(
        &mut self,
        construct: Construct<'a>,
        facts: &'a Generated,
    ) -> Option<Nest<'a>> {
        let mut stmts = FxHashMap::default();
        index_stmts(&construct.directive.body, &mut stmts);
        let sources = construct.facts.nest.as_ref()?;
        let inside = scan::assigned(&construct.directive.body);
        let mut nest = Nest::new(&[]);
        let mut generated = GeneratedNest {
            facts,
            stmts,
            plans: Vec::new(),
            counts: Vec::new(),
            values: Vec::new(),
            vars: FxHashMap::default(),
            assigned: inside.clone(),
        };
        let mut saved = self.omp.nest.take();
        for source in &sources.loops {
            let stmt = *generated.stmts.get(&source.stmt)?;
            let StmtKind::For { target, iter, .. } = &stmt.kind else {
                return None;
            };
            self.b.set_span(stmt.span);
            let plan = match &mut saved {
                Some(saved) => saved.next(self)?.0,
                None => self.iteration(iter, &inside)?,
            };
            let count = self.plan_len(&plan);
            let count = Val::with_range(Ty::Int, self.int_id(&count), NUMBER);
            generated.counts.push(count);
            nest.loops.push(NestLoop { stmt, target, iter });
            generated.plans.push(plan);
        }
        self.b.set_span(construct.directive.head_span);
        let values = match &mut saved {
            Some(saved) => match saved.next(self)?.0 {
                Plan::Items(values) => values,
                _ => return None,
            },
            None => self.clause_values(facts)?,
        };
        generated.values = values;
        for header in &facts.affected {
            let [start, stop, step] = self.bounds(&generated, header);
            let iv = self.b.value(Type::I64);
            let number = Val::with_range(Ty::Int, iv, NUMBER);
            generated.vars.insert(header.var, number);
            nest.ranges.push(NUMBER);
            nest.dims.push(LoopDim {
                iv,
                start,
                stop,
                step,
                along: None,
            });
        }
        nest.generated.set(Some(generated));
        Some(nest)
    }

    /// The values of sizes and counts.
    fn clause_values(&mut self, facts: &Generated) -> Option<Vec<Val>> {
        let mut values = Vec::new();
        for value in &facts.values {
            let given = self.expr(&value.expr);
            let given = self.index_value(&given, value.expr.span)?;
            let id = self.int_id(&given);
            if given.range.lo < value.least as f64 {
                let least = self.b.int(value.least);
                let enough = self.b.compare(CompareOp::Ge, id, least);
                let message = match value.least {
                    0 => format!("`{}` must not be negative, got {{0}}", value.clause),
                    _ => format!("`{}` must be positive, got {{0}}", value.clause),
                };
                self.check(
                    enough,
                    ErrorKind::Value,
                    &message,
                    value.expr.span,
                    vec![id],
                );
            }
            // Longer than any loop is as long as the loop: multiples of it do not wrap.
            let most = self.b.int(1 << 40);
            let id = self.b.binary(BinaryOp::Min, id, most);
            values.push(Val::with_range(Ty::Int, id, NUMBER));
        }
        Some(values)
    }

    /// One iteration of the affected loops.
    pub(super) fn generated_iteration(&mut self, nest: &Nest<'_>) {
        let Some(mut generated) = nest.generated.take() else {
            return;
        };
        for header in &generated.facts.affected {
            self.bind_number(nest, &generated, header.var, header.source);
        }
        let body = &generated.facts.body;
        self.nodes(nest, &mut generated, body);
        nest.generated.set(Some(generated));
    }

    fn nodes(&mut self, nest: &Nest<'_>, generated: &mut GeneratedNest<'_>, nodes: &[Node]) {
        for node in nodes {
            if !self.live {
                break;
            }
            match node {
                Node::Loop { headers, body } => self.generated_loop(nest, generated, headers, body),
                Node::Let {
                    var,
                    value,
                    source,
                    body,
                } => {
                    let value = self.index(generated, value);
                    let value = Val::with_range(Ty::Int, self.int_id(&value), NUMBER);
                    generated.vars.insert(*var, value);
                    self.bind_number(nest, generated, *var, *source);
                    self.nodes(nest, generated, body);
                }
                Node::If { less, body } => {
                    let [a, b] = [&less[0], &less[1]].map(|index| {
                        let value = self.index(generated, index);
                        self.int_id(&value)
                    });
                    let cond = Val::new(Ty::Bool, self.b.compare(CompareOp::Lt, a, b));
                    self.if_then(&cond, |s| s.nodes(nest, generated, body));
                }
                Node::Once { body } => {
                    let assigned = generated.assigned.clone();
                    self.once(nest.loops[0].stmt.id, assigned, |s| {
                        s.nodes(nest, generated, body)
                    });
                }
                Node::Body(id) => {
                    if let Some(Stmt {
                        kind: StmtKind::For { body, .. },
                        ..
                    }) = generated.stmts.get(id)
                    {
                        self.stmts(body);
                    }
                }
            }
        }
    }

    fn generated_loop(
        &mut self,
        nest: &Nest<'_>,
        generated: &mut GeneratedNest<'_>,
        headers: &[Header],
        body: &[Node],
    ) {
        let Some((header, inner)) = headers.split_first() else {
            return self.nodes(nest, generated, body);
        };
        self.b.set_span(header.span);
        let bounds = self.bounds(generated, header);
        let info = LoopInfo {
            unroll: header.unroll.as_ref().map(|unroll| match unroll {
                Unroll::Full => omply_ir::Unroll::Full,
                Unroll::By(factor) => omply_ir::Unroll::By(*factor),
                Unroll::Compiler => omply_ir::Unroll::Compiler,
            }),
            ..LoopInfo::default()
        };
        self.counted(generated, header.stmt, bounds, info, |s, g, iv| {
            g.vars
                .insert(header.var, Val::with_range(Ty::Int, iv, NUMBER));
            s.bind_number(nest, g, header.var, header.source);
            s.generated_loop(nest, g, inner, body);
        });
    }

    fn counted<'a>(
        &mut self,
        generated: &mut GeneratedNest<'a>,
        stmt: StmtId,
        [start, stop, step]: [ValueId; 3],
        info: LoopInfo,
        body: impl FnOnce(&mut Self, &mut GeneratedNest<'a>, ValueId),
    ) {
        let span = self.b.span();
        self.open_loop(stmt, generated.assigned.clone(), false);
        let iv = self.b.value(Type::I64);
        self.b.open_block();
        body(self, generated, iv);
        if self.live {
            self.back_edge();
        }
        let block = self.b.close_block();
        self.b.set_span(span);
        self.b.effect(Op::For {
            iv,
            start,
            stop,
            step,
            body: block,
            info,
        });
        self.close_loop();
    }

    fn bounds(&mut self, generated: &GeneratedNest<'_>, header: &Header) -> [ValueId; 3] {
        [&header.start, &header.stop, &header.step].map(|index| {
            let value = self.index(generated, index);
            self.int_id(&value)
        })
    }

    fn index(&mut self, generated: &GeneratedNest<'_>, index: &Index) -> Val {
        match index {
            Index::Const(value) => Val::int(*value),
            Index::Count(source) => generated.counts[*source].clone(),
            Index::Value(value) => generated.values[*value].clone(),
            Index::Var(var) => generated.vars.get(var).cloned().unwrap_or(Val::int(0)),
            Index::Op(op, operands) => {
                let a = self.index(generated, &operands[0]);
                let b = self.index(generated, &operands[1]);
                let op = match op {
                    IndexOp::Add => BinaryOp::Add,
                    IndexOp::Sub => BinaryOp::Sub,
                    IndexOp::Mul => BinaryOp::Mul,
                    IndexOp::Min => BinaryOp::Min,
                    IndexOp::Max => BinaryOp::Max,
                    IndexOp::FloorDiv => BinaryOp::FloorDiv,
                    IndexOp::Mod => BinaryOp::Mod,
                };
                self.int_op(op, &a, &b)
            }
        }
    }

    /// Binds the target of the source loop whose iteration the variable numbers.
    fn bind_number(
        &mut self,
        nest: &Nest<'_>,
        generated: &GeneratedNest<'_>,
        var: LoopVar,
        source: Option<usize>,
    ) {
        let (Some(source), Some(number)) = (source, generated.vars.get(&var)) else {
            return;
        };
        self.bind_item(nest, generated, source, &number.clone());
    }

    fn bind_item(
        &mut self,
        nest: &Nest<'_>,
        generated: &GeneratedNest<'_>,
        source: usize,
        number: &Val,
    ) {
        let NestLoop { target, iter, .. } = &nest.loops[source];
        let (target, span): (&Target, _) = (target, iter.span);
        let item = match &generated.plans[source] {
            // The iteration's number is the value itself.
            Plan::Range { start, step, .. }
                if start.as_int() == Some(0) && step.as_int() == Some(1) =>
            {
                number.clone()
            }
            plan => self.item_at(plan, number, span),
        };
        self.assign(target, item);
    }

    /// After loops that run in another order: their variables have the values that the loops as written leave behind.
    pub(super) fn last_values(&mut self, nest: &Nest<'_>, generated: &GeneratedNest<'_>) {
        for source in 0..nest.loops.len() {
            let mut ran = self.ran(generated, source);
            for &outer in &generated.facts.within[source] {
                let other = self.ran(generated, outer);
                ran = self.b.binary(BinaryOp::And, ran, other);
            }
            let count = generated.counts[source].clone();
            self.if_then(&Val::new(Ty::Bool, ran), |s| {
                let last = s.int_op(BinaryOp::Sub, &count, &Val::int(1));
                let last = Val::with_range(Ty::Int, s.int_id(&last), NUMBER);
                s.bind_item(nest, generated, source, &last);
            });
        }
    }

    fn ran(&mut self, generated: &GeneratedNest<'_>, source: usize) -> ValueId {
        let zero = self.b.int(0);
        let count = self.int_id(&generated.counts[source]);
        self.b.compare(CompareOp::Gt, count, zero)
    }
}

/// Every statement of a block, at any depth of its loops and directives.
fn index_stmts<'a>(block: &'a [Stmt], found: &mut FxHashMap<StmtId, &'a Stmt>) {
    for stmt in block {
        found.insert(stmt.id, stmt);
        match &stmt.kind {
            StmtKind::For { body, .. } => index_stmts(body, found),
            StmtKind::Directive(dir) => index_stmts(&dir.body, found),
            _ => {}
        }
    }
}
