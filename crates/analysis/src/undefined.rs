//! Private copies that are certainly read before they have a value.

use crate::constructs::Constructs;
use crate::facts::{DirectiveFacts, Sharing};
use crate::loops::targets;
use crate::names::{Use, blocks, expr_uses, stmt_uses};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_syntax::hir::*;
use rustc_hash::FxHashSet;

type Names = FxHashSet<NameRef>;

pub(crate) fn check(
    function: &Function,
    constructs: &Constructs,
    facts: &[DirectiveFacts],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (construct, facts) in constructs.all.iter().zip(facts) {
        let private =
            facts
                .regions
                .iter()
                .flat_map(|region| &region.vars)
                .filter(|fact| match fact.sharing {
                    // The private copy of an array is an array: only its elements have no value yet.
                    Sharing::Private => !may_be_array(function, construct.dir.id, fact.name),
                    Sharing::Lastprivate { first: false, .. } => true,
                    _ => false,
                });
        let watched: Names = private
            .map(|fact| fact.name)
            .chain(facts.locals.iter().copied())
            .collect();
        if watched.is_empty() {
            continue;
        }
        let affected = facts
            .nest
            .iter()
            .flat_map(|nest| &nest.loops)
            .map(|one| one.stmt)
            .collect();
        let mut walker = Walker {
            function,
            affected,
            watched,
            carried: Names::default(),
            loops: 0,
            found: Vec::new(),
        };
        walker.block(&construct.dir.body, &mut Names::default(), false);
        for (name, span) in walker.found {
            let text = function.name_of(name);
            let listed = facts
                .regions
                .iter()
                .flat_map(|region| &region.vars)
                .find(|fact| fact.name == name);
            let error = Diagnostic::error(
                Code::UndefinedPrivate,
                span,
                format!(
                    "`{text}` is read in `{}` before it has a value",
                    construct.name()
                ),
            );
            diagnostics.push(match listed {
                Some(fact) => error
                    .label("the private copy has no value here")
                    .secondary(fact.span, "made private here")
                    .help(format!("assign it first, or use `firstprivate({text})`")),
                None => error
                    .label("no value here")
                    .secondary(
                        construct.dir.head_span,
                        format!("`{text}` lives in this construct only"),
                    )
                    .help(format!(
                        "assign `{text}` before the construct to share it with the code around"
                    )),
            });
        }
    }
}

/// Whether something else than a literal is bound to the name outside of the construct.
fn may_be_array(function: &Function, construct: DirId, name: NameRef) -> bool {
    let NameRef::Var(var) = name else {
        return true;
    };
    function.vars[var.index()].kind != VarKind::Local
        || binds_other_than_literals(&function.body, construct, name)
}

fn binds_other_than_literals(stmts: &[Stmt], construct: DirId, name: NameRef) -> bool {
    stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Directive(dir) => {
            dir.id != construct && binds_other_than_literals(&dir.body, construct, name)
        }
        StmtKind::Assign { targets, value } if is_literal(value) => targets
            .iter()
            .any(|target| !matches!(target, Target::Name { .. }) && binds_name(target, name)),
        StmtKind::AugAssign { value, .. } if is_literal(value) => false,
        kind => {
            let mut bound = false;
            stmt_uses(stmt, &mut |used, _, what| {
                bound |= what == Use::Bind && used == name;
            });
            if let StmtKind::For { target, .. } = kind {
                bound |= binds_name(target, name);
            }
            let inside = |block: &[Stmt]| binds_other_than_literals(block, construct, name);
            bound || blocks(stmt).into_iter().any(inside)
        }
    })
}

fn binds_name(target: &Target, name: NameRef) -> bool {
    targets(target).any(|(bound, _)| bound == name)
}

fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary { operand, .. } => is_literal(operand),
        kind => matches!(
            kind,
            ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Imaginary(_)
                | ExprKind::Bool(_)
                | ExprKind::None
                | ExprKind::Str(_)
        ),
    }
}

struct Walker<'f> {
    function: &'f Function,
    affected: Vec<StmtId>,
    /// Names not yet reported.
    watched: Names,
    /// What earlier rounds of the loops around may have assigned.
    carried: Names,
    /// Loops around, inside of the construct.
    loops: u32,
    found: Vec<(NameRef, Span)>,
}

impl Walker<'_> {
    /// `maybe`: names that may have a value; `conditional`: the block may be skipped in the first round of a loop around it.
    fn block(&mut self, stmts: &[Stmt], maybe: &mut Names, conditional: bool) {
        stmts
            .iter()
            .for_each(|stmt| self.stmt(stmt, maybe, conditional));
    }

    fn note(&mut self, name: NameRef, span: Span, what: Use, maybe: &mut Names, conditional: bool) {
        match what {
            Use::Bind => {
                maybe.insert(name);
            }
            Use::Read => {
                let assigned = maybe.contains(&name) || conditional && self.carried.contains(&name);
                if !assigned && self.watched.remove(&name) {
                    self.found.push((name, span));
                }
            }
            Use::Captured | Use::Delete => {}
        }
    }

    fn stmt(&mut self, stmt: &Stmt, maybe: &mut Names, conditional: bool) {
        // Conditional operands are few; a name bound anywhere in the statement counts as bound before its reads.
        let mut bound_here = Names::default();
        stmt_uses(stmt, &mut |name, _, what| {
            if what == Use::Bind && !assigns_last(stmt) {
                bound_here.insert(name);
            }
        });
        maybe.extend(bound_here);
        let short_circuit = conditional || has_conditional(stmt);
        stmt_uses(stmt, &mut |name, span, what| {
            self.note(name, span, what, maybe, short_circuit)
        });
        match &stmt.kind {
            StmtKind::If { body, orelse, .. } => {
                let mut other = maybe.clone();
                self.block(body, maybe, true);
                self.block(orelse, &mut other, true);
                maybe.extend(other);
            }
            StmtKind::For {
                target,
                body,
                orelse,
                ..
            } => {
                maybe.extend(targets(target).map(|(name, _)| name));
                self.loop_body(stmt, body, maybe, conditional);
                self.block(orelse, maybe, true);
            }
            StmtKind::While { body, orelse, .. } => {
                self.loop_body(stmt, body, maybe, conditional);
                self.block(orelse, maybe, true);
            }
            StmtKind::Directive(dir) => self.directive(dir, maybe),
            _ => blocks(stmt)
                .into_iter()
                .for_each(|block| self.block(block, maybe, true)),
        }
    }

    fn loop_body(&mut self, stmt: &Stmt, body: &[Stmt], maybe: &mut Names, conditional: bool) {
        let before = self.carried.clone();
        self.bound_in(body);
        // The rounds of an affected loop belong to several threads, each of which has a first one. A serial loop inside of
        // another loop may have no round at all when the other one starts.
        let skipped = (conditional || self.loops > 0) && !self.affected.contains(&stmt.id);
        self.loops += 1;
        self.block(body, maybe, skipped);
        self.loops -= 1;
        self.carried = before;
    }

    fn bound_in(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            stmt_uses(stmt, &mut |name, _, what| {
                if what == Use::Bind {
                    self.carried.insert(name);
                }
            });
            if let StmtKind::For { target, .. } = &stmt.kind {
                self.carried.extend(targets(target).map(|(name, _)| name));
            }
            if let StmtKind::Directive(dir) = &stmt.kind {
                self.bound_in(&dir.body);
            }
            blocks(stmt)
                .into_iter()
                .for_each(|block| self.bound_in(block));
        }
    }

    fn directive(&mut self, dir: &DirectiveStmt, maybe: &mut Names) {
        for expr in dir.exprs.values() {
            expr_uses(expr, &mut |name, span, what| {
                self.note(name, span, what, maybe, true)
            });
        }
        // A name that the inner construct lists is the inner construct's affair.
        let clauses = dir.directive.leaves.iter().flat_map(|leaf| &leaf.clauses);
        let listed = clauses.flat_map(|clause| clause.items());
        maybe.extend(
            listed
                .filter_map(|item| item.name())
                .filter_map(|name| self.function.lookup(name)),
        );
        self.block(&dir.body, maybe, true);
    }
}

/// Whether the statement's own bindings come after everything it reads.
fn assigns_last(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        StmtKind::Assign { .. } | StmtKind::AugAssign { .. } | StmtKind::AnnAssign { .. }
    ) && !crate::names::stmt_exprs(stmt).into_iter().any(binds)
}

fn binds(expr: &Expr) -> bool {
    let own = match &expr.kind {
        ExprKind::Named { .. } => true,
        ExprKind::Scope(scope) => !scope.binds.is_empty(),
        _ => false,
    };
    own || crate::names::children(expr).into_iter().any(binds)
}

fn has_conditional(stmt: &Stmt) -> bool {
    fn conditional(expr: &Expr) -> bool {
        matches!(
            expr.kind,
            ExprKind::IfElse { .. } | ExprKind::Logical { .. } | ExprKind::Scope(_)
        ) || crate::names::children(expr).into_iter().any(conditional)
    }
    crate::names::stmt_exprs(stmt).into_iter().any(conditional)
}
