//! The directives of a function as a tree, and the small questions that every check asks of it.

use omply_diagnostics::Span;
use omply_directive::{Clause, Leaf};
use omply_spec::{Association, ClauseKind, LeafKind};
use omply_syntax::hir::*;

use crate::names::blocks;

/// A directive in its place.
pub(crate) struct Construct<'f> {
    pub stmt: &'f Stmt,
    pub dir: &'f DirectiveStmt,
    /// The innermost directive around it.
    pub parent: Option<DirId>,
    /// The block it stands in, and where in it.
    pub block: &'f [Stmt],
    pub index: usize,
    /// The outermost Python loop of the function around it, inside or outside of other constructs.
    pub around: Option<Span>,
}

/// All directives of a function, by `DirId`.
pub(crate) struct Constructs<'f> {
    pub all: Vec<Construct<'f>>,
}

impl<'f> Constructs<'f> {
    pub fn of(function: &'f Function) -> Constructs<'f> {
        let mut constructs = Constructs { all: Vec::new() };
        constructs.block(&function.body, None, None);
        constructs
    }

    fn block(&mut self, stmts: &'f [Stmt], parent: Option<DirId>, around: Option<Span>) {
        for (index, stmt) in stmts.iter().enumerate() {
            if let StmtKind::Directive(dir) = &stmt.kind {
                self.all.push(Construct {
                    stmt,
                    dir,
                    parent,
                    block: stmts,
                    index,
                    around,
                });
                self.block(&dir.body, Some(dir.id), around);
            } else {
                let loops = matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. });
                let around = around.or(loops.then_some(stmt.span));
                for block in blocks(stmt) {
                    self.block(block, parent, around);
                }
            }
        }
    }

    pub fn get(&self, id: DirId) -> &Construct<'f> {
        &self.all[id.index()]
    }

    /// A directive and the ones around it, innermost first.
    pub fn outward(&self, from: Option<DirId>) -> impl Iterator<Item = &Construct<'f>> {
        std::iter::successors(from.map(|id| self.get(id)), |construct| {
            construct.parent.map(|id| self.get(id))
        })
    }

    /// Whether `inner` is `outer` or stands inside of it.
    pub fn contains(&self, outer: DirId, inner: Option<DirId>) -> bool {
        self.outward(inner)
            .any(|construct| construct.dir.id == outer)
    }
}

impl<'f> Construct<'f> {
    pub fn name(&self) -> &'f str {
        &self.dir.directive.name
    }

    pub fn leaves(&self) -> &'f [Leaf] {
        &self.dir.directive.leaves
    }

    /// The leaf that the block belongs to.
    pub fn innermost(&self) -> LeafKind {
        self.leaves()[self.leaves().len() - 1].kind
    }

    pub fn has(&self, kind: LeafKind) -> bool {
        self.dir.directive.has(kind)
    }

    /// The first clause of that kind on any leaf.
    pub fn clause(&self, kind: ClauseKind) -> Option<&'f Clause> {
        self.leaves().iter().find_map(|leaf| leaf.clause(kind))
    }

    /// What it attaches to, which for `ordered` depends on its clauses.
    pub fn association(&self) -> Association {
        if self.innermost() == LeafKind::Ordered && self.clause(ClauseKind::Doacross).is_some() {
            return Association::None;
        }
        self.innermost().row().association
    }

    /// Whether it affects the loops of its block.
    pub fn governs_loops(&self) -> bool {
        matches!(
            self.association(),
            Association::LoopNest | Association::LoopSequence
        )
    }

    /// The statements of the block that do something: strings that stand alone are comments.
    pub fn body(&self) -> Vec<&'f Stmt> {
        significant(&self.dir.body)
    }
}

/// The statements of a block without the strings that stand alone.
pub(crate) fn significant(stmts: &[Stmt]) -> Vec<&Stmt> {
    let comment = |stmt: &&Stmt| {
        matches!(
            &stmt.kind,
            StmtKind::Expr(Expr {
                kind: ExprKind::Str(_),
                ..
            })
        )
    };
    stmts.iter().filter(|stmt| !comment(stmt)).collect()
}

/// Leaves that give their block data of its own, which is where a name bound only inside lives.
pub(crate) fn has_data_environment(kind: LeafKind) -> bool {
    kind.allows(ClauseKind::Private)
}

/// Leaves that decide about every variable their block references; the others leave what they do not list as it is around them.
pub(crate) fn decides_implicitly(kind: LeafKind) -> bool {
    matches!(
        kind,
        LeafKind::Parallel
            | LeafKind::Teams
            | LeafKind::Task
            | LeafKind::Taskloop
            | LeafKind::Target
    )
}

pub(crate) fn is_task_generating(kind: LeafKind) -> bool {
    matches!(kind, LeafKind::Task | LeafKind::Taskloop)
}

pub(crate) fn is_worksharing(kind: LeafKind) -> bool {
    matches!(
        kind,
        LeafKind::For | LeafKind::Sections | LeafKind::Single | LeafKind::Scope | LeafKind::Loop
    )
}
