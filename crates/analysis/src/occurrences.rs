//! Every mention of a name in a function, with the construct it stands in: what data sharing is decided from.

use crate::constructs::Constructs;
use crate::names::{Use, blocks, expr_uses, stmt_uses, target_uses};
use omply_diagnostics::Span;
use omply_directive::{Clause, ClauseArgs, LeafArgument, ListItem};
use omply_spec::ClauseKind;
use omply_syntax::hir::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Read,
    Captured,
    Bind,
    Delete,
    /// The target of a loop that no directive affects, inside of a construct.
    SerialLoop,
    /// The target of a loop that the construct affects.
    AffectedLoop,
    /// A clause of a directive reads, or may write, the variable that stands outside of it.
    ClauseRead,
    ClauseWrite,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Occurrence {
    pub name: NameRef,
    pub span: Span,
    pub kind: Kind,
    /// The innermost construct in whose block it stands.
    pub site: Option<DirId>,
}

impl Kind {
    pub fn reads(self) -> bool {
        matches!(self, Kind::Read | Kind::Captured | Kind::ClauseRead)
    }

    pub fn writes(self) -> bool {
        matches!(
            self,
            Kind::Bind | Kind::SerialLoop | Kind::AffectedLoop | Kind::ClauseWrite | Kind::Delete
        )
    }

    /// Gives the variable a value, by a statement.
    pub fn binds(self) -> bool {
        matches!(self, Kind::Bind | Kind::SerialLoop | Kind::AffectedLoop)
    }
}

/// All of them, in the order in which they happen.
pub(crate) fn collect(
    function: &Function,
    constructs: &Constructs,
    affected: &dyn Fn(DirId) -> Vec<StmtId>,
) -> Vec<Occurrence> {
    let mut collector = Collector {
        function,
        constructs,
        affected,
        current: Vec::new(),
        site: None,
        found: Vec::new(),
    };
    collector.block(&function.body);
    collector.found
}

struct Collector<'c, 'f> {
    function: &'f Function,
    constructs: &'c Constructs<'f>,
    affected: &'c dyn Fn(DirId) -> Vec<StmtId>,
    /// The loops that the construct being walked affects.
    current: Vec<StmtId>,
    site: Option<DirId>,
    found: Vec<Occurrence>,
}

impl Collector<'_, '_> {
    fn push(&mut self, name: NameRef, span: Span, kind: Kind) {
        self.found.push(Occurrence {
            name,
            span,
            kind,
            site: self.site,
        });
    }

    fn used(&mut self, name: NameRef, span: Span, what: Use) {
        let kind = match what {
            Use::Read => Kind::Read,
            Use::Captured => Kind::Captured,
            Use::Bind => Kind::Bind,
            Use::Delete => Kind::Delete,
        };
        self.push(name, span, kind);
    }

    fn block(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        stmt_uses(stmt, &mut |name, span, what| self.used(name, span, what));
        match &stmt.kind {
            StmtKind::For { target, .. } => {
                let kind = if self.current.contains(&stmt.id) {
                    Kind::AffectedLoop
                } else if self.site.is_some() {
                    Kind::SerialLoop
                } else {
                    Kind::Bind
                };
                target_uses(target, &mut |name, span, what| match what {
                    Use::Bind => self.push(name, span, kind),
                    _ => self.used(name, span, what),
                });
            }
            StmtKind::Directive(dir) => self.directive(dir),
            _ => {}
        }
        blocks(stmt).into_iter().for_each(|block| self.block(block));
    }

    fn directive(&mut self, dir: &DirectiveStmt) {
        for expr in dir.exprs.values() {
            expr_uses(expr, &mut |name, span, what| match what {
                _ if self.function.is_iterator(name) => {}
                Use::Read | Use::Captured => self.push(name, span, Kind::ClauseRead),
                Use::Bind | Use::Delete => self.push(name, span, Kind::ClauseWrite),
            });
        }
        let leaves = self.constructs.get(dir.id).leaves();
        for leaf in leaves {
            match &leaf.argument {
                LeafArgument::Items(items) => self.listed(items, Kind::ClauseRead),
                // `depend` makes the object, the other clauses take it as it is.
                LeafArgument::Locator(object) if leaf.clause(ClauseKind::Depend).is_some() => {
                    self.listed(std::slice::from_ref(object), Kind::ClauseWrite);
                }
                LeafArgument::Locator(object) => {
                    self.listed(std::slice::from_ref(object), Kind::ClauseRead);
                }
                _ => {}
            }
        }
        for clause in leaves
            .iter()
            .flat_map(|leaf| &leaf.clauses)
            .filter(|clause| !clause.implied)
        {
            self.clause(clause);
        }
        let site = self.site.replace(dir.id);
        let current = std::mem::replace(&mut self.current, (self.affected)(dir.id));
        self.block(&dir.body);
        self.site = site;
        self.current = current;
    }

    fn clause(&mut self, clause: &Clause) {
        if let ClauseArgs::Init(init) = &clause.args {
            self.listed(std::slice::from_ref(&init.object), Kind::ClauseWrite);
            if let Some((_, item)) = &init.depend {
                self.listed(std::slice::from_ref(item), Kind::ClauseRead);
            }
        }
        if let ClauseArgs::DepobjUpdate {
            object: Some(object),
            ..
        } = &clause.args
        {
            self.listed(std::slice::from_ref(object), Kind::ClauseRead);
        }
        let (reads, writes) = match clause.kind {
            ClauseKind::Destroy => (true, true),
            ClauseKind::Private => (false, false),
            ClauseKind::Lastprivate => (false, true),
            ClauseKind::Reduction
            | ClauseKind::InReduction
            | ClauseKind::TaskReduction
            | ClauseKind::Linear
            | ClauseKind::Induction
            | ClauseKind::Copyprivate
            | ClauseKind::Detach => (true, true),
            _ => (true, false),
        };
        if reads {
            self.listed(clause.items(), Kind::ClauseRead);
        }
        if writes {
            self.listed(clause.items(), Kind::ClauseWrite);
        }
    }

    fn listed(&mut self, items: &[ListItem], kind: Kind) {
        for item in items {
            if let Some(name) = item.name().and_then(|name| self.function.lookup(name)) {
                self.push(name, item.span(), kind);
            }
        }
    }
}
