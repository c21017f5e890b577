//! Which names a block may read before it has certainly assigned them itself.

use crate::loops::targets;
use crate::names::{Use, blocks, expr_uses, stmt_uses};
use omply_spec::LeafKind;
use omply_syntax::hir::*;
use rustc_hash::FxHashSet;

type Names = FxHashSet<NameRef>;

/// The names that a construct's block may read with a value from outside of it.
pub(crate) fn exposed_reads(function: &Function, body: &[Stmt]) -> Names {
    let mut walker = Walker {
        function,
        exposed: Names::default(),
    };
    walker.block(body, &mut Names::default());
    walker.exposed
}

struct Walker<'f> {
    function: &'f Function,
    exposed: Names,
}

impl Walker<'_> {
    fn block(&mut self, stmts: &[Stmt], assigned: &mut Names) {
        stmts.iter().for_each(|stmt| self.stmt(stmt, assigned));
    }

    fn note(&mut self, name: NameRef, what: Use, assigned: &mut Names) {
        match what {
            Use::Bind => {
                assigned.insert(name);
            }
            Use::Delete => {
                assigned.remove(&name);
            }
            Use::Read | Use::Captured => {
                if !assigned.contains(&name) {
                    self.exposed.insert(name);
                }
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt, assigned: &mut Names) {
        stmt_uses(stmt, &mut |name, _, what| self.note(name, what, assigned));
        match &stmt.kind {
            StmtKind::If { body, orelse, .. } => {
                let mut other = assigned.clone();
                self.block(body, assigned);
                self.block(orelse, &mut other);
                assigned.retain(|name| other.contains(name));
            }
            // The body may not run at all.
            StmtKind::For {
                target,
                body,
                orelse,
                ..
            } => {
                let mut inside = assigned.clone();
                inside.extend(targets(target).map(|(name, _)| name));
                self.block(body, &mut inside);
                self.block(orelse, &mut assigned.clone());
            }
            StmtKind::Directive(dir) => {
                for expr in dir.exprs.values() {
                    expr_uses(expr, &mut |name, _, what| self.note(name, what, assigned));
                }
                let items = dir.directive.leaves.iter().flat_map(|leaf| &leaf.clauses);
                for item in items.flat_map(|clause| clause.items()) {
                    if let Some(name) = item.name().and_then(|name| self.function.lookup(name)) {
                        self.note(name, Use::Read, assigned);
                    }
                }
                // Of the team that meets a construct only some threads may run its block.
                if dir.directive.has(LeafKind::Critical) || dir.directive.has(LeafKind::Atomic) {
                    self.block(&dir.body, assigned);
                } else {
                    self.block(&dir.body, &mut assigned.clone());
                }
            }
            StmtKind::Other {
                what: "with",
                bodies,
                ..
            } => {
                bodies.iter().for_each(|body| self.block(body, assigned));
            }
            _ => blocks(stmt)
                .into_iter()
                .for_each(|block| self.block(block, &mut assigned.clone())),
        }
    }
}
