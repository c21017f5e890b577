//! `allocate`: arrays whose memory comes from an OpenMP allocator. The clause is about the copies that a construct makes, the
//! directive about the arrays that are made where a name is assigned. Numbers live in registers.

use super::super::function::Lowerer;
use crate::value::Val;
use omply_analysis::facts::{Allocate, Region, VarFact};
use omply_ir::AllocateFrom;
use omply_syntax::hir::{Expr, NameRef, Target};

impl Lowerer<'_, '_> {
    /// Runs `run`, whose new arrays come from where the clause says.
    pub(super) fn with_clause<T>(&mut self, fact: &VarFact, run: impl FnOnce(&mut Self) -> T) -> T {
        match &fact.allocate {
            Some(allocate) => {
                let allocate = allocate.clone();
                self.allocating(&allocate, run)
            }
            None => run(self),
        }
    }

    fn allocating<T>(&mut self, allocate: &Allocate, run: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.omp.allocate.take();
        let allocator = self.whole_number(allocate.allocator.as_ref(), 0);
        let align = self.whole_number(allocate.align.as_ref(), 1);
        let (allocator, align) = (self.id(&allocator), self.id(&align));
        self.omp.allocate = Some(AllocateFrom { allocator, align });
        let made = run(self);
        self.omp.allocate = around;
        made
    }

    fn whole_number(&mut self, expr: Option<&Expr>, default: i64) -> Val {
        let Some(expr) = expr else {
            return Val::int(default);
        };
        let value = self.expr(expr);
        self.index_value(&value, expr.span)
            .unwrap_or_else(|| Val::int(default))
    }

    /// `omp("allocate(...)")`: holds for the assignments that follow.
    pub(super) fn allocate_directive(&mut self, region: &Region) {
        let Some((items, allocate)) = &region.allocate else {
            return;
        };
        for (name, span) in items {
            match name {
                NameRef::Var(var) if !self.is_global(*var) => {
                    self.omp.allocated.insert(*var, allocate.clone());
                }
                _ => {
                    self.not_native(*span, "allocators for variables of the module");
                }
            }
        }
    }

    /// Evaluates what is assigned to `targets`; new arrays come from where a directive says.
    pub fn assigned_value(
        &mut self,
        targets: &[Target],
        evaluate: impl FnOnce(&mut Self) -> Val,
    ) -> Val {
        let listed = |target: &Target| match target {
            Target::Name {
                name: NameRef::Var(var),
                ..
            } => self.omp.allocated.get(var).cloned(),
            _ => None,
        };
        match targets.iter().find_map(listed) {
            Some(allocate) => self.allocating(&allocate, evaluate),
            None => evaluate(self),
        }
    }
}
