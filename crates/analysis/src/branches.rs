//! No statement leaves a construct: `return`, `yield`, `await`, and `break` and `continue` of loops outside of it.

use crate::constructs::{Construct, Constructs};
use crate::names::{blocks, children, stmt_exprs};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_syntax::hir::*;

/// A loop around a statement, inside the innermost construct.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loop {
    Serial,
    /// Affected by the construct; `continue` is for the innermost of them.
    Affected {
        innermost: bool,
    },
}

pub(crate) fn check(
    constructs: &Constructs,
    affected: &dyn Fn(DirId) -> Vec<StmtId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for construct in &constructs.all {
        let walker = &mut Walker {
            construct,
            affected: affected(construct.dir.id),
            loops: Vec::new(),
            diagnostics,
        };
        walker.block(&construct.dir.body);
    }
}

/// Walks one construct's own statements; those of the constructs inside are theirs.
struct Walker<'w, 'f> {
    construct: &'w Construct<'f>,
    affected: Vec<StmtId>,
    loops: Vec<Loop>,
    diagnostics: &'w mut Vec<Diagnostic>,
}

impl Walker<'_, '_> {
    fn block(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Return(_) => {
                let error = self.leaves(stmt.span, "return");
                self.diagnostics.push(
                    error.help("keep the value in a variable and return it after the construct"),
                );
            }
            StmtKind::Break => self.break_(stmt.span),
            StmtKind::Continue => self.continue_(stmt.span),
            StmtKind::For { is_async: true, .. } => self.suspends(stmt.span, "async for"),
            StmtKind::Other {
                what: what @ "async with",
                ..
            } => self.suspends(stmt.span, what),
            _ => {}
        }
        stmt_exprs(stmt)
            .into_iter()
            .for_each(|expr| self.expr(expr));
        match &stmt.kind {
            StmtKind::Directive(_) => {}
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                self.loops.push(if self.affected.contains(&stmt.id) {
                    Loop::Affected {
                        innermost: !self.holds_affected(body),
                    }
                } else {
                    Loop::Serial
                });
                self.block(body);
                self.loops.pop();
                self.block(orelse);
            }
            _ => blocks(stmt).into_iter().for_each(|block| self.block(block)),
        }
    }

    /// Whether a loop that the construct affects stands in the block, not in another loop.
    fn holds_affected(&self, block: &[Stmt]) -> bool {
        block.iter().any(|stmt| match &stmt.kind {
            StmtKind::For { .. } => self.affected.contains(&stmt.id),
            StmtKind::Directive(dir) => self.holds_affected(&dir.body),
            _ => false,
        })
    }

    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::Other {
            what: what @ ("yield" | "yield from" | "await"),
            ..
        } = expr.kind
        {
            self.suspends(expr.span, what);
        }
        children(expr)
            .into_iter()
            .for_each(|child| self.expr(child));
    }

    fn leaves(&self, span: Span, word: &str) -> Diagnostic {
        let name = self.construct.name();
        Diagnostic::error(
            Code::BranchOut,
            span,
            format!("`{word}` leaves the `{name}` construct"),
        )
        .label("a construct is left at its end only")
        .secondary(self.construct.dir.head_span, "the construct starts here")
    }

    fn break_(&mut self, span: Span) {
        match self.loops.last() {
            Some(Loop::Serial) => {}
            Some(Loop::Affected { .. }) => self.diagnostics.push(
                Diagnostic::error(
                    Code::BranchOut,
                    span,
                    format!("`break` leaves a loop of `{}`", self.construct.name()),
                )
                .label("the other iterations may have run already")
                .secondary(
                    self.construct.dir.head_span,
                    "this directive divides the iterations",
                )
                .help("skip what remains with a condition and `continue`"),
            ),
            None => {
                let error = self.leaves(span, "break");
                self.diagnostics
                    .push(error.help("set a variable here and leave the loop after the construct"));
            }
        }
    }

    fn continue_(&mut self, span: Span) {
        match self.loops.last() {
            Some(Loop::Serial | Loop::Affected { innermost: true }) => {}
            Some(Loop::Affected { innermost: false }) => self.diagnostics.push(
                Diagnostic::error(
                    Code::BranchOut,
                    span,
                    "`continue` skips a loop that is collapsed with this one",
                )
                .label("only the innermost affected loop can be continued")
                .secondary(self.construct.dir.head_span, "the loops are collapsed here"),
            ),
            None => {
                let error = self.leaves(span, "continue");
                self.diagnostics
                    .push(error.help("use a condition around the rest of the construct"));
            }
        }
    }

    fn suspends(&mut self, span: Span, what: &str) {
        let name = self.construct.name();
        self.diagnostics.push(
            Diagnostic::error(
                Code::SuspendedRegion,
                span,
                format!("`{what}` suspends the `{name}` construct"),
            )
            .label("a construct runs from its start to its end")
            .secondary(self.construct.dir.head_span, "the construct starts here"),
        );
    }
}
