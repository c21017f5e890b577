//! Operators that the program declares for reductions and inductions, read once for each function that may use them.

use super::function::Lowering;
use crate::hir::*;
use omply_directive::{ClauseArgs, Directive, ExprText, Leaf, LeafArgument, ReductionId};
use omply_spec::ClauseKind;
use rustc_hash::FxHashMap;

/// The operators declared at the function's top, then those at the module's.
pub(super) fn operators(
    lowering: &mut Lowering,
    declarations: &[Directive],
    body: &[Stmt],
) -> Vec<DeclaredOperator> {
    let own = body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Directive(directive) => Some(&directive.directive),
        _ => None,
    });
    let all = own
        .map(|directive| (directive, false))
        .chain(declarations.iter().map(|directive| (directive, true)));
    let leaves: Vec<(&Leaf, bool)> = all
        .flat_map(|(directive, in_module)| {
            directive.leaves.iter().map(move |leaf| (leaf, in_module))
        })
        .filter(|(leaf, _)| {
            matches!(
                leaf.argument,
                LeafArgument::DeclareReduction { .. } | LeafArgument::DeclareInduction { .. }
            )
        })
        .collect();
    if leaves.is_empty() {
        return Vec::new();
    }
    let operands: FxHashMap<String, NameRef> = OPERANDS
        .iter()
        .map(|name| ((*name).to_owned(), NameRef::Var(operand(lowering, name))))
        .collect();
    let used_in = std::mem::replace(&mut lowering.used_in, UsedIn::Clause);
    let mut found = Vec::new();
    for (leaf, in_module) in leaves {
        let mut scope = if in_module {
            FxHashMap::default()
        } else {
            lowering.names.clone()
        };
        scope.extend(operands.clone());
        let names = std::mem::replace(&mut lowering.names, scope);
        lowering.in_module = in_module;
        found.extend(operator(lowering, leaf, in_module));
        lowering.in_module = false;
        lowering.names = names;
    }
    lowering.used_in = used_in;
    found
}

/// The variable that one of the expressions' own names means.
fn operand(lowering: &mut Lowering, name: &str) -> VarId {
    let id = VarId(lowering.vars.len() as u32);
    lowering.vars.push(Var {
        name: name.to_owned(),
        kind: VarKind::Operand,
        span: Default::default(),
        in_inner_scope: false,
        threadprivate: false,
        groupprivate: false,
    });
    id
}

fn operator(lowering: &mut Lowering, leaf: &Leaf, in_module: bool) -> Option<DeclaredOperator> {
    let clause = |kind| match leaf.clause(kind).map(|clause| &clause.args) {
        Some(ClauseArgs::Expr(text)) => Some(text),
        _ => None,
    };
    let (id, types, kind) = match &leaf.argument {
        LeafArgument::DeclareReduction {
            id,
            types,
            combiner,
        } => {
            let combiner = combiner.as_ref().or_else(|| clause(ClauseKind::Combiner))?;
            let initializer = match clause(ClauseKind::Initializer) {
                Some(text) => Some(own(lowering, text)?),
                None => None,
            };
            let combiner = own(lowering, combiner)?;
            let kind = DeclaredKind::Reduction {
                combiner,
                initializer,
            };
            (id, types, kind)
        }
        LeafArgument::DeclareInduction { id, types } => {
            let inductor = own(lowering, clause(ClauseKind::Inductor)?)?;
            let collector = own(lowering, clause(ClauseKind::Collector)?)?;
            let kind = DeclaredKind::Induction {
                inductor,
                collector,
            };
            (id, types, kind)
        }
        _ => return None,
    };
    let types: Option<Vec<OwnExpr>> = types.iter().map(|text| own(lowering, text)).collect();
    let (name, name_span) = match id {
        ReductionId::Op(op, span) => (op.name().to_owned(), *span),
        ReductionId::User(ident) => (ident.name.clone(), ident.span),
    };
    Some(DeclaredOperator {
        name,
        name_span,
        in_module,
        types: types?,
        kind,
    })
}

fn own(lowering: &mut Lowering, text: &ExprText) -> Option<OwnExpr> {
    let expr = lowering.clause_expr(text)?;
    Some(OwnExpr {
        expr,
        text: text.clone(),
    })
}
