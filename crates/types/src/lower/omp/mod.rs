//! OpenMP constructs. A directive's leaves are lowered from the outside in; the innermost one lowers the block.

mod allocate;
mod atomic;
mod barrier;
mod cancel;
mod conditional;
mod critical;
mod declared;
mod depend;
mod device_array;
mod dispatch;
mod distribute;
mod doacross;
mod error;
mod everyone;
mod generated;
mod kinds;
mod linear;
mod loop_construct;
mod map;
mod masked;
mod nest;
mod ordered;
mod parallel;
mod reduction;
mod saved;
mod scan;
mod scope;
mod sections;
mod sharing;
mod simd;
mod single;
mod target;
mod task;
mod taskloop;
mod threadprivate;
mod watch;
mod worksharing;

use super::function::{Lowerer, ScopeId};
use crate::ty::Ty;
use omply_analysis::facts::{Allocate, DirectiveFacts, Nowait, Region};
use omply_diagnostics::{Code, Span};
use omply_ir::{AllocateFrom, MoveKind, SlotId, TargetClauses};
use omply_spec::{LeafKind, ReductionOp};
use omply_syntax::hir::{DirectiveStmt, Stmt, VarId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What the walk knows of the constructs around it.
#[derive(Default)]
pub struct State {
    /// Open constructs with a block.
    open: usize,
    /// The leaves of the constructs around, outermost first.
    constructs: Vec<LeafKind>,
    /// The `dispatch` whose call comes next.
    pub dispatch: Option<dispatch::Dispatch>,
    /// Copies that a reduction combines, with its operator.
    reductions: FxHashMap<(VarId, ScopeId), ReductionOp>,
    /// Copies of reductions that tasks take part in: where their parts go.
    parts: FxHashMap<(VarId, ScopeId), ScopeId>,
    /// Copies whose last assignment counts, and where the values of these assignments are kept.
    assignments: FxHashMap<(VarId, ScopeId), conditional::Assignments>,
    best: FxHashMap<(VarId, ScopeId, Ty), SlotId>,
    /// The slots that stand for variables in dependences.
    keys: FxHashMap<(VarId, ScopeId), SlotId>,
    /// The variables of the innermost loops whose iterations depend on each other.
    doacross: Vec<doacross::Variable>,
    /// The iterations that the loop construct to come is about, when not all of its loops'.
    range: Option<distribute::Range>,
    /// What its loops run over, where that is known already.
    nest: Option<saved::SavedNest>,
    /// What the clauses of the `teams` to come have been evaluated to before the `target` that it belongs to.
    league: Option<TargetClauses>,
    /// Where the arrays that are made now come from, when a clause or directive says so.
    pub allocate: Option<AllocateFrom>,
    /// What `allocate` directives say of variables.
    allocated: FxHashMap<VarId, Allocate>,
}

impl State {
    /// Whether a construct is open that `return` may not leave.
    pub fn inside(&self) -> bool {
        self.open > 0
    }
}

/// A directive under way.
#[derive(Clone, Copy)]
pub struct Construct<'a> {
    pub stmt: &'a Stmt,
    pub directive: &'a DirectiveStmt,
    pub facts: &'a DirectiveFacts,
}

impl Lowerer<'_, '_> {
    pub fn directive(&mut self, stmt: &Stmt, directive: &DirectiveStmt) {
        let facts = Arc::clone(&self.facts);
        let Some(found) = facts.directives.get(directive.id.index()) else {
            self.error(
                Code::UnsupportedDirective,
                directive.text_span,
                "this directive was not analysed",
            );
            return;
        };
        let decided = self.decided_by_kind(found);
        let found = decided.as_ref().unwrap_or(found);
        let construct = Construct {
            stmt,
            directive,
            facts: found,
        };
        self.omp.open += 1;
        let saved = self.open_locals(construct);
        if found.regions.first().is_some_and(|region| {
            !matches!(
                region.leaf,
                LeafKind::Parallel
                    | LeafKind::Teams
                    | LeafKind::Task
                    | LeafKind::Taskloop
                    | LeafKind::Target
            )
        }) {
            self.enter_locals(construct);
        }
        self.watch_meets(construct);
        let around = self.omp.constructs.len();
        let leaves = found.regions.iter().map(|region| region.leaf);
        self.omp.constructs.extend(leaves);
        self.region(construct, 0);
        self.omp.constructs.truncate(around);
        self.close_locals(saved);
        self.omp.open -= 1;
    }

    /// Lowers the leaf number `k` and those inside it.
    fn region(&mut self, construct: Construct<'_>, k: usize) {
        let Some(region) = construct.facts.regions.get(k) else {
            return self.stmts(&construct.directive.body);
        };
        self.b.set_span(construct.directive.head_span);
        match region.leaf {
            LeafKind::Parallel => self.parallel(construct, k),
            LeafKind::Teams => self.teams(construct, k),
            LeafKind::Distribute => self.distribute(construct, k),
            LeafKind::For => self.worksharing_loop(construct, k),
            LeafKind::Simd => self.simd(construct, k),
            LeafKind::Loop => self.loop_construct(construct, k),
            LeafKind::Sections => self.sections(construct, k),
            LeafKind::Scope => self.scope_construct(construct, k),
            LeafKind::Single => self.single(construct, k),
            LeafKind::Masked => self.masked(construct, region, k),
            LeafKind::Critical => self.critical(construct, region),
            LeafKind::Ordered => self.ordered(construct, region),
            LeafKind::Atomic => self.atomic(construct, region),
            LeafKind::Barrier => self.barrier(),
            LeafKind::Flush => self.flush(region),
            LeafKind::Cancel | LeafKind::CancellationPoint => self.cancel(region),
            LeafKind::Threadprivate | LeafKind::Groupprivate => self.threadprivate(construct),
            LeafKind::Allocate => self.allocate_directive(region),
            LeafKind::DeclareReduction | LeafKind::DeclareInduction | LeafKind::Scan => {}
            LeafKind::Task => self.task(construct, k),
            LeafKind::Taskloop => self.taskloop(construct, k),
            LeafKind::Taskgroup => self.taskgroup(construct),
            LeafKind::Taskgraph => self.taskgraph(construct, region),
            LeafKind::Taskwait => self.taskwait(region),
            LeafKind::Taskyield => self.taskyield(),
            LeafKind::Depobj => self.depobj(region),
            LeafKind::Nothing | LeafKind::Assume => self.stmts(&construct.directive.body),
            LeafKind::Assumes | LeafKind::BeginAssumes => {}
            LeafKind::Dispatch => self.dispatch(construct, region),
            LeafKind::Interop => self.interop(region),
            LeafKind::Error => self.error_directive(construct, region),
            LeafKind::Target => self.target(construct, k),
            LeafKind::TargetData => self.target_data(construct, k),
            LeafKind::TargetEnterData => self.target_move(region, MoveKind::Enter),
            LeafKind::TargetExitData => self.target_move(region, MoveKind::Exit),
            LeafKind::TargetUpdate => self.target_move(region, MoveKind::Update),
            // Whatever a region calls is compiled for the device, and constants of the module are part of the code.
            LeafKind::DeclareTarget | LeafKind::BeginDeclareTarget | LeafKind::EndDeclareTarget => {
            }
            LeafKind::Tile
            | LeafKind::Unroll
            | LeafKind::Reverse
            | LeafKind::Interchange
            | LeafKind::Split
            | LeafKind::Stripe
            | LeafKind::Fuse
            | LeafKind::Flatten => self.transformation(construct),
            leaf => self.unsupported_directive(leaf, region.span),
        }
    }

    fn unsupported_directive(&mut self, leaf: LeafKind, span: Span) {
        self.error_help(
            Code::UnsupportedDirective,
            span,
            format!("native mode does not support `{leaf}` yet"),
            "use `@omp(mode=\"python\")` for this function",
        );
    }

    pub fn unsupported_clause(&mut self, clause: &str, span: Span) {
        self.error_help(
            Code::UnsupportedClause,
            span,
            format!("native mode does not support `{clause}` here yet"),
            "use `@omp(mode=\"python\")` for this function",
        );
    }

    /// Whether a construct ends without a barrier; `nowait(expr)` must be a constant.
    fn nowait(&mut self, region: &Region) -> bool {
        match &region.nowait {
            Nowait::No => false,
            Nowait::Yes => true,
            Nowait::If(expr) => {
                let cond = self.condition(expr);
                match cond.as_bool() {
                    Some(known) => known,
                    None => {
                        if !cond.is_never() {
                            self.unsupported_clause(
                                "nowait with an expression that is not constant",
                                expr.span,
                            );
                        }
                        false
                    }
                }
            }
        }
    }
}
