//! `ordered(n)` with `ordered doacross`: iterations wait for earlier ones, which are named by the values of their loop variables.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::{Doacross, Region};
use omply_diagnostics::{Code, Span};
use omply_ir::{BinaryOp, Op, ValueId};
use omply_syntax::hir::{Expr, NameRef, Target, VarId};

/// A loop variable, and its step.
#[derive(Clone, Copy)]
pub struct Variable {
    var: VarId,
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
                let [only] = self.omp.doacross[..] else {
                    return self.unsupported_clause("omp_cur_iteration of several loops", span);
                };
                let current = self.sink(NameRef::Var(only.var), None, span);
                let previous = self.b.binary(BinaryOp::Sub, current, only.step);
                self.b.effect(Op::DoacrossWait {
                    iteration: vec![previous],
                });
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
