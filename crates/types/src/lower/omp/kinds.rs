//! `default(... : category)`: numbers are scalars, arrays and tuples aggregates; there are no pointers. What a name is to a construct
//! follows from the value that it has where the construct begins; one without a value is a scalar.

use super::super::function::Lowerer;
use crate::flow::Binding;
use crate::ty::Ty;
use omply_analysis::facts::{DirectiveFacts, Sharing, VarFact};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::VariableCategory;
use omply_syntax::hir::NameRef;

impl Lowerer<'_, '_> {
    /// The facts with what the values decide decided; `None` where they decide nothing.
    pub(super) fn decided_by_kind(&mut self, facts: &DirectiveFacts) -> Option<DirectiveFacts> {
        let mut vars = facts.regions.iter().flat_map(|region| &region.vars);
        if vars.all(|fact| fact.of_kind.is_none()) {
            return None;
        }
        let mut decided = facts.clone();
        for fact in decided
            .regions
            .iter_mut()
            .flat_map(|region| &mut region.vars)
        {
            self.decide(fact);
        }
        Some(decided)
    }

    fn decide(&mut self, fact: &mut VarFact) {
        let Some(kind) = fact.of_kind.take() else {
            return;
        };
        let NameRef::Var(var) = fact.name else {
            return;
        };
        let value = match self.flow.get(var) {
            Binding::Bound(bound) if matches!(bound.ty, Ty::Array(_) | Ty::Tuple(_)) => {
                VariableCategory::Aggregate
            }
            _ => VariableCategory::Scalar,
        };
        if value != kind.category {
            return;
        }
        match kind.sharing {
            Some(sharing) => fact.sharing = sharing,
            None => {
                let name = self.var_name(var);
                fact.sharing = Sharing::Shared;
                self.report(
                    Diagnostic::error(
                        Code::UnlistedName,
                        fact.span,
                        format!("`{name}` is in no clause of the construct"),
                    )
                    .label(format!("used here, and {}", kind.category.name()))
                    .secondary(
                        kind.span,
                        "asks for a clause for each variable of that kind",
                    ),
                );
            }
        }
    }
}
