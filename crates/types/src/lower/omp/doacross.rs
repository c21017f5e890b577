//! `ordered(n)` with `ordered doacross`: iterations wait for earlier ones, which are named by the values of their loop variables.

use super::super::function::Lowerer;
use super::Construct;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{Doacross, Region};
use omply_diagnostics::{Code, Span};
use omply_ir::{BinaryOp, CompareOp, Op, ValueId};
use omply_syntax::hir::{Expr, NameRef, Target, VarId};

/// A loop variable, and what it runs over.
#[derive(Clone, Copy)]
pub struct Variable {
    var: VarId,
    start: ValueId,
    stop: ValueId,
    step: ValueId,
}

impl Lowerer<'_, '_> {
    /// Whether iterations of the construct's loops wait for each other.
    pub(super) fn has_doacross(&self, construct: Construct<'_>) -> bool {
        let facts = &self.facts.directives;
        facts.iter().any(|directive| {
            let mut around = std::iter::successors(directive.parent, |id| facts[id.index()].parent);
            let waits = |region: &Region| region.doacross.is_some();
            directive.regions.iter().any(waits) && around.any(|id| id == construct.facts.id)
        })
    }

    /// Begins the loop; the result is what the variables of a loop around it were.
    pub(super) fn begin_doacross(
        &mut self,
        construct: Construct<'_>,
        depth: u32,
    ) -> Option<Vec<Variable>> {
        let nest = self.nest(construct, depth)?;
        let mut variables = Vec::new();
        for (one, dim) in nest.loops.iter().zip(&nest.dims) {
            let Target::Name {
                name: NameRef::Var(var),
                ..
            } = one.target
            else {
                let message = "the iterations of an ordered loop are named by its variable, which is a plain name";
                self.error(Code::LoopTarget, one.target.span(), message);
                return None;
            };
            variables.push(Variable {
                var: *var,
                start: dim.start,
                stop: dim.stop,
                step: dim.step,
            });
        }
        let dims = nest
            .dims
            .iter()
            .map(|dim| [dim.start, dim.stop, dim.step])
            .collect();
        self.b.effect(Op::DoacrossBegin { dims });
        Some(std::mem::replace(&mut self.omp.doacross, variables))
    }

    pub(super) fn end_doacross(&mut self, outer: Vec<Variable>) {
        self.omp.doacross = outer;
        self.b.effect(Op::DoacrossEnd);
    }

    pub(super) fn doacross(&mut self, region: &Region, doacross: &Doacross) {
        let span = region.span;
        match doacross {
            Doacross::Source => {
                let variables = self.omp.doacross.clone();
                let iteration = variables
                    .iter()
                    .map(|variable| self.sink(NameRef::Var(variable.var), None, span))
                    .collect();
                self.b.effect(Op::DoacrossPost { iteration });
            }
            Doacross::Previous => {
                let iteration = self.previous(span);
                self.b.effect(Op::DoacrossWait { iteration });
            }
            Doacross::Sink(steps) => {
                let iteration = steps
                    .iter()
                    .map(|(name, offset)| self.sink(*name, offset.as_ref(), span))
                    .collect();
                self.b.effect(Op::DoacrossWait { iteration });
            }
        }
    }

    /// The iteration before this one in the order of the serial program: the innermost loop's variable goes back, and where
    /// it is at its start, it takes its last value and the loop around goes back. Before the first iteration there is one
    /// that the loop does not have.
    fn previous(&mut self, span: Span) -> Vec<ValueId> {
        let variables = self.omp.doacross.clone();
        let mut iteration = Vec::new();
        let mut back = self.b.bool(true);
        for (depth, variable) in variables.iter().enumerate().rev() {
            let current = self.sink(NameRef::Var(variable.var), None, span);
            let before = self.b.binary(BinaryOp::Sub, current, variable.step);
            let mut moved = before;
            let at_start = self.b.compare(CompareOp::Eq, current, variable.start);
            if depth > 0 {
                let [start, stop, step] =
                    [variable.start, variable.stop, variable.step].map(|id| Val::new(Ty::Int, id));
                let length = self.range_len(&start, &stop, &step);
                let rest = self.int_op(BinaryOp::Sub, &length, &Val::int(1));
                let distance = self.int_op(BinaryOp::Mul, &rest, &step);
                let last = self.int_op(BinaryOp::Add, &start, &distance);
                let last = self.int_id(&last);
                moved = self.b.select(at_start, last, before);
            }
            iteration.push(self.b.select(back, moved, current));
            back = self.b.binary(BinaryOp::And, back, at_start);
        }
        iteration.reverse();
        iteration
    }

    /// A loop variable with something added to it.
    fn sink(&mut self, name: NameRef, offset: Option<&Expr>, span: Span) -> ValueId {
        let NameRef::Var(var) = name else {
            let name = self.hir.name_of(name).to_owned();
            let message = format!("`{name}` is no loop variable");
            self.error(Code::NotAVariable, span, message);
            return self.b.int(0);
        };
        let value = self.read_var(var, span);
        let Some(value) = self.index_value(&value, span) else {
            return self.b.int(0);
        };
        let value = self.int_id(&value);
        let Some(offset) = offset else {
            return value;
        };
        let distance = self.expr(offset);
        let Some(distance) = self.index_value(&distance, offset.span) else {
            return value;
        };
        let distance = self.int_id(&distance);
        self.b.binary(BinaryOp::Add, value, distance)
    }
}
