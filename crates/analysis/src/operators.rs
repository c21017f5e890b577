//! Operators that the program declares: which of them a clause means, and the rules for what they are made of.

use crate::constructs::Constructs;
use crate::facts::Reducer;
use crate::names::expr_uses;
use omply_diagnostics::{Code, Diagnostic, Span, nearest};
use omply_directive::{ClauseArgs, ReductionId};
use omply_spec::ReductionOp;
use omply_syntax::hir::*;

/// What kind of operator is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declares {
    Reductions,
    Inductions,
}

impl Declares {
    fn declares(self, operator: &DeclaredOperator) -> bool {
        match operator.kind {
            DeclaredKind::Reduction { .. } => self == Declares::Reductions,
            DeclaredKind::Induction { .. } => self == Declares::Inductions,
        }
    }

    fn directive(self) -> &'static str {
        match self {
            Declares::Reductions => "declare_reduction",
            Declares::Inductions => "declare_induction",
        }
    }
}

/// What the operator of a clause means; nothing where it is not declared.
pub(crate) fn reducer(function: &Function, id: &ReductionId, kind: Declares) -> Option<Reducer> {
    match id {
        ReductionId::Op(op, _) => Some(Reducer::Op(*op)),
        ReductionId::User(ident) => function
            .declared
            .iter()
            .position(|one| one.name == ident.name && kind.declares(one))
            .map(Reducer::Declared),
    }
}

/// The declarations that a reduction with this operator may mean, by the type of its variable; those of the function first.
pub fn reductions(
    function: &Function,
    reducer: Reducer,
) -> impl Iterator<Item = (&DeclaredOperator, &OwnExpr, Option<&OwnExpr>)> {
    let name = reducer.name(function);
    function.declared.iter().filter_map(move |one| {
        let DeclaredKind::Reduction {
            combiner,
            initializer,
        } = &one.kind
        else {
            return None;
        };
        (one.name == name).then_some((one, combiner, initializer.as_ref()))
    })
}

/// The same for an induction: inductor and collector.
pub fn inductions(
    function: &Function,
    reducer: Reducer,
) -> impl Iterator<Item = (&DeclaredOperator, &OwnExpr, &OwnExpr)> {
    let name = reducer.name(function);
    function.declared.iter().filter_map(move |one| {
        let DeclaredKind::Induction {
            inductor,
            collector,
        } = &one.kind
        else {
            return None;
        };
        (one.name == name).then_some((one, inductor, collector))
    })
}

/// Reports operators of clauses that nobody declares, and declarations that break a rule.
pub(crate) fn check(
    function: &Function,
    constructs: &Constructs,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: Vec<Span> = Vec::new();
    for construct in &constructs.all {
        for clause in construct.leaves().iter().flat_map(|leaf| &leaf.clauses) {
            let (id, kind) = match &clause.args {
                ClauseArgs::Reduction(reduction) => (&reduction.id, Declares::Reductions),
                ClauseArgs::Induction(induction) => (&induction.id, Declares::Inductions),
                _ => continue,
            };
            let ReductionId::User(ident) = id else {
                continue;
            };
            if reducer(function, id, kind).is_none() && !seen.contains(&ident.span) {
                seen.push(ident.span);
                diagnostics.push(unknown(function, &ident.name, ident.span, kind));
            }
        }
    }
    duplicates(function, diagnostics);
    for operator in &function.declared {
        match &operator.kind {
            DeclaredKind::Reduction {
                combiner,
                initializer,
            } => {
                foreign(
                    function,
                    combiner,
                    "combiner",
                    &["omp_in", "omp_out"],
                    diagnostics,
                );
                if let Some(initializer) = initializer {
                    foreign(
                        function,
                        initializer,
                        "initializer",
                        &["omp_orig"],
                        diagnostics,
                    );
                }
            }
            DeclaredKind::Induction {
                inductor,
                collector,
            } => {
                foreign(
                    function,
                    inductor,
                    "inductor",
                    &["omp_var", "omp_step"],
                    diagnostics,
                );
                foreign(
                    function,
                    collector,
                    "collector",
                    &["omp_step", "omp_idx"],
                    diagnostics,
                );
            }
        }
    }
}

fn unknown(function: &Function, name: &str, span: Span, kind: Declares) -> Diagnostic {
    let directive = kind.directive();
    let error = Diagnostic::error(
        Code::UnknownOperator,
        span,
        format!("no `{directive}` declares `{name}`"),
    )
    .label("not declared in this function or its module");
    let declared = function
        .declared
        .iter()
        .filter(|one| kind.declares(one))
        .map(|one| &one.name[..]);
    let own = ReductionOp::NAMES.iter().copied().filter(|op| op.len() > 1);
    let own = own.filter(|_| kind == Declares::Reductions);
    match nearest(name, declared.chain(own)) {
        Some(near) => error
            .help(format!("did you mean `{near}`?"))
            .fix(span, near),
        None => error.help(format!(
            "declare it at the top of the function or of the module: `omp(\"{directive}({name}: ...) ...\")`"
        )),
    }
}

/// One declaration for each operator and type, at one level.
fn duplicates(function: &Function, diagnostics: &mut Vec<Diagnostic>) {
    for (index, operator) in function.declared.iter().enumerate() {
        let same = |other: &&DeclaredOperator| {
            other.name == operator.name
                && other.in_module == operator.in_module
                && std::mem::discriminant(&other.kind) == std::mem::discriminant(&operator.kind)
        };
        for earlier in function.declared[..index].iter().filter(same) {
            let Some(ty) = operator.types.iter().find(|ty| {
                earlier
                    .types
                    .iter()
                    .any(|other| other.text.text == ty.text.text)
            }) else {
                continue;
            };
            let (name, ty_text) = (&operator.name, &ty.text.text);
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateOperator,
                    ty.text.span,
                    format!("`{name}` is declared for `{ty_text}` already"),
                )
                .label("the second declaration")
                .secondary(earlier.name_span, "the first one"),
            );
        }
    }
}

/// Names other than those the expression is over: variables of the function do not exist where it is evaluated.
fn foreign(
    function: &Function,
    own: &OwnExpr,
    what: &str,
    allowed: &[&str],
    diagnostics: &mut Vec<Diagnostic>,
) {
    expr_uses(&own.expr, &mut |name, span, _| {
        let NameRef::Var(var) = name else {
            return;
        };
        let var = &function.vars[var.index()];
        if var.kind == VarKind::Operand && allowed.contains(&&var.name[..]) {
            return;
        }
        diagnostics.push(
            Diagnostic::error(
                Code::OperatorNames,
                span,
                format!("the {what} uses `{}`", var.name),
            )
            .label("has no value where it is evaluated")
            .help(format!(
                "it may use `{}`, and names of the module",
                allowed.join("` and `")
            )),
        );
    });
}
