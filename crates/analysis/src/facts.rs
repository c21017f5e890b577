//! What the analysis reports of a function: for every directive its leaves with clauses resolved to the
//! function's expressions and variables, the data-sharing attribute of every name, and the canonical loop nest.
//! Native mode lowers from these facts, python mode rewrites CPython's `ast` by them; neither decides anything.

pub use crate::generated::*;
use omply_diagnostics::Span;
pub use omply_spec::{
    BindKind, ClauseKind, DefaultmapBehavior, DependType, LeafKind, MapModifier, MapType,
    MemoryOrder, ProcBind, ReductionModifier, ReductionOp, ScheduleKind, VariableCategory,
};
use omply_syntax::hir::{DirId, Expr, Function, NameRef, StmtId, Target, VarId};

/// All facts of one function; `directives` is indexed by `DirId`.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub directives: Vec<DirectiveFacts>,
    /// The vector versions that the function is to have.
    pub simd: Vec<DeclareSimd>,
}

/// One `declare_simd` of the function.
#[derive(Clone, Debug)]
pub struct DeclareSimd {
    pub span: Span,
    pub simdlen: Option<u32>,
    /// `inbranch` is `Some(true)`, `notinbranch` `Some(false)`.
    pub inbranch: Option<bool>,
    /// What is said of each parameter.
    pub params: Vec<SimdParam>,
    /// Clauses without effect, each with the reason.
    pub inert: Vec<(Span, String)>,
}

/// How an argument differs from one call to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SimdParam {
    Any,
    Uniform,
    Linear(i64),
}

#[derive(Clone, Debug)]
pub struct DirectiveFacts {
    pub id: DirId,
    /// The innermost directive of the function that encloses this one.
    pub parent: Option<DirId>,
    /// One entry per leaf, outermost first; `parallel for` has two.
    pub regions: Vec<Region>,
    /// The affected loops, for directives that stand before a loop nest.
    pub nest: Option<LoopNest>,
    /// Names bound only inside this directive's block: private to it, unbound again after it.
    pub locals: Vec<NameRef>,
}

/// One leaf of a directive with its clauses resolved. Absent clauses are `None`, empty or `false`.
#[derive(Clone, Debug)]
pub struct Region {
    pub leaf: LeafKind,
    pub span: Span,
    /// Every name the block references that this leaf decides about, explicit, predetermined or implicit.
    pub vars: Vec<VarFact>,
    pub if_: Option<Expr>,
    pub num_threads: Vec<Expr>,
    pub num_threads_strict: bool,
    pub proc_bind: Option<ProcBind>,
    /// `num_teams`: its lower bound, where one is given, and its upper one.
    pub num_teams: Option<(Option<Expr>, Expr)>,
    pub thread_limit: Option<Expr>,
    /// The chunk size of `dist_schedule`.
    pub dist_chunk: Option<Expr>,
    pub schedule: Option<Schedule>,
    /// Loops collapsed into one iteration space (1 without the clause).
    pub collapse: u32,
    /// `ordered` without argument is `Some(0)`.
    pub ordered: Option<u32>,
    /// What an `ordered doacross` says.
    pub doacross: Option<Doacross>,
    pub nowait: Nowait,
    pub copyin: Vec<(NameRef, Span)>,
    pub copyprivate: Vec<(NameRef, Span)>,
    pub filter: Option<Expr>,
    /// The threads that a `loop` construct binds to, stated or implied by where it stands.
    pub bind: Option<BindKind>,
    /// The name of a `critical`.
    pub name: Option<String>,
    pub hint: Option<Expr>,
    pub safelen: Option<u32>,
    pub simdlen: Option<u32>,
    pub order_concurrent: bool,
    /// What a `cancel` or `cancellation_point` is about.
    pub cancel: Option<CancelKind>,
    /// The list of a `flush`.
    pub flush: Vec<(NameRef, Span)>,
    pub memory_order: Option<MemoryOrder>,
    pub atomic: Option<Atomic>,
    pub final_: Option<Expr>,
    pub priority: Option<Expr>,
    /// The variable that gets the task's event.
    pub detach: Option<(NameRef, Span)>,
    pub transparent: Transparent,
    /// What a `taskgroup` reduces.
    pub task_reductions: Vec<(NameRef, Span)>,
    pub graph_id: Option<Expr>,
    pub graph_reset: Option<Expr>,
    /// `firstprivate(saved: ...)`: a repeated taskgraph has the values of the first time.
    pub saved: Vec<(NameRef, Span)>,
    pub depends: Vec<Depend>,
    /// What a `depobj` does with its object.
    pub depobj: Option<Depobj>,
    pub grainsize: Option<TaskCount>,
    pub num_tasks: Option<TaskCount>,
    /// `nogroup`, decided like `nowait`.
    pub nogroup: Nowait,
    /// Of a `dispatch`: the base itself is called.
    pub novariants: Option<Expr>,
    /// Of a `dispatch`: it is no trait of the call's context.
    pub nocontext: Option<Expr>,
    /// Of a `dispatch`, the objects that it appends.
    pub interop: Vec<(NameRef, Span)>,
    /// What an `interop` does, in the order of its clauses.
    pub interop_actions: Vec<InteropAction>,
    /// What an `error` says, or a team of a wrong size.
    pub message: Option<Expr>,
    /// `severity(warning)`: the program goes on.
    pub warns: bool,
    /// Of an `error`: it is met when the program comes there, and not before.
    pub at_execution: bool,
    /// The number of the device.
    pub device: Option<Expr>,
    /// What the clauses about devices' memory list: `map`, `to`, `from`, `is_device_ptr` and the like.
    pub maps: Vec<Map>,
    /// What becomes of variables that no clause lists, by kind of variable.
    pub defaultmap: Vec<Defaultmap>,
    /// What an `allocate` directive lists, and where the arrays come from that are assigned to it.
    pub allocate: Option<(Vec<(NameRef, Span)>, Allocate)>,
    /// Clauses that have no effect here, with the reason, for `explain`.
    pub inert: Vec<(Span, String)>,
}

/// A cross-iteration dependence.
#[derive(Clone, Debug)]
pub enum Doacross {
    /// What others wait for is done.
    Source,
    /// Waits for the iteration before this one.
    Previous,
    /// Waits for the iteration at these values: a loop variable each, with what is added to it.
    Sink(Vec<(NameRef, Option<Expr>)>),
}

/// Regions that can be cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CancelKind {
    Parallel,
    For,
    Sections,
    Taskgroup,
}

impl CancelKind {
    /// The clause, which is the directive's name, too.
    pub fn name(self) -> &'static str {
        match self {
            CancelKind::Parallel => "parallel",
            CancelKind::For => "for",
            CancelKind::Sections => "sections",
            CancelKind::Taskgroup => "taskgroup",
        }
    }
}

#[derive(Clone, Debug)]
pub struct VarFact {
    pub name: NameRef,
    pub sharing: Sharing,
    /// `name[...]` where a reduction lists a section of an array, not the whole.
    pub section: Option<Expr>,
    /// The step of a `linear` or `induction`, where it is no literal.
    pub step: Option<Expr>,
    /// A `default` clause for variables that hold something of a kind: what they are. Then `sharing` is what others are.
    pub of_kind: Option<OfKind>,
    /// Where the memory of the copy comes from, if an `allocate` clause says so.
    pub allocate: Option<Allocate>,
    pub origin: Origin,
    /// The list item, or the first reference for implicit attributes.
    pub span: Span,
    /// Read somewhere in the block, or after it in the enclosing function.
    pub read_inside: bool,
    pub written_inside: bool,
    pub read_after: bool,
}

/// What `default(... : category)` makes of a name whose value belongs to the category, which shows where values are known.
#[derive(Clone, Debug)]
pub struct OfKind {
    pub category: VariableCategory,
    /// `None`: a clause must list it.
    pub sharing: Option<Sharing>,
    /// The clause.
    pub span: Span,
}

/// An `allocate` directive or clause: which allocator, and the alignment of what it gives.
#[derive(Clone, Debug)]
pub struct Allocate {
    /// Without one it is the task's default.
    pub allocator: Option<Expr>,
    pub align: Option<Expr>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    Explicit,
    Predetermined,
    Implicit,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Sharing {
    Shared,
    Private,
    Firstprivate,
    Lastprivate {
        conditional: bool,
        first: bool,
    },
    Reduction {
        op: Reducer,
        modifier: ReductionModifier,
        /// Every thread's own original receives the result.
        original_private: bool,
    },
    /// Without a literal step, the fact holds the expression.
    Linear {
        step: Option<i64>,
    },
    /// The fact holds the step.
    Induction {
        op: Reducer,
    },
    Threadprivate,
}

/// What a reduction or an induction combines with. For a symbol, too, a declaration for the variable's type comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reducer {
    Op(ReductionOp),
    /// The first of its name in `Function::declared`.
    Declared(usize),
}

impl Reducer {
    /// How it is written in a clause.
    pub fn name(self, function: &Function) -> &str {
        match self {
            Reducer::Op(op) => op.name(),
            Reducer::Declared(index) => &function.declared[index].name,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Schedule {
    pub kind: ScheduleKind,
    pub chunk: Option<Expr>,
    pub monotonic: Option<bool>,
    pub simd: bool,
}

#[derive(Clone, Debug, Default)]
pub enum Nowait {
    #[default]
    No,
    Yes,
    /// `nowait(expr)`, decided at run time.
    If(Expr),
}

/// The `transparent` clause.
#[derive(Clone, Debug, Default)]
pub enum Transparent {
    #[default]
    No,
    /// Dependences go in and out.
    Both,
    /// An `omp_impex_t`.
    As(Expr),
}

/// `grainsize` or `num_tasks`.
#[derive(Clone, Debug)]
pub struct TaskCount {
    pub expr: Expr,
    pub strict: bool,
}

/// One `depend` clause.
#[derive(Clone, Debug)]
pub struct Depend {
    pub kind: DependType,
    /// Each item stands for as many as there are combinations of their values.
    pub iterators: Vec<DependIterator>,
    pub items: Vec<DependItem>,
}

/// A variable of an `iterator` modifier: its values are `range(start, stop, step)`.
#[derive(Clone, Debug)]
pub struct DependIterator {
    pub var: VarId,
    pub span: Span,
    pub start: Expr,
    pub stop: Expr,
    pub step: Option<Expr>,
}

/// A `depobj` construct.
#[derive(Clone, Debug)]
pub struct Depobj {
    /// A variable, or a part of one.
    pub object: DependItem,
    pub action: DepobjAction,
}

#[derive(Clone, Debug)]
pub enum DepobjAction {
    Init(Depend),
    /// The dependence becomes one of that type.
    Update(DependType),
    Destroy,
}

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "a clause holds few of them")]
pub enum DependItem {
    /// A variable, or the whole array that it holds.
    Name(NameRef, Span),
    /// An element, a section or an attribute.
    Part(Expr),
    /// `omp_all_memory`.
    AllMemory(Span),
}

/// A list item of a clause about devices' memory.
#[derive(Clone, Debug)]
pub struct Map {
    pub clause: ClauseKind,
    /// Of `map`; absent where the construct's default holds.
    pub kind: Option<MapType>,
    pub modifiers: Vec<MapModifier>,
    pub name: NameRef,
    /// The item where it is a part of what the variable holds.
    pub part: Option<Expr>,
    /// As it is written.
    pub text: String,
    pub span: Span,
    /// It follows from another clause.
    pub implied: bool,
}

/// A `defaultmap` clause, or a `default` clause of `target`, which stands for one.
#[derive(Clone, Copy, Debug)]
pub struct Defaultmap {
    pub behavior: DefaultmapBehavior,
    pub category: VariableCategory,
    pub span: Span,
}

/// The nest of loops that a directive affects, outermost first: `max(collapse, ordered(n), 1)` of them.
#[derive(Clone, Debug)]
pub struct LoopNest {
    pub loops: Vec<CanonicalLoop>,
    /// What loop transformations make of the loops; without it they are as they stand.
    pub generated: Option<Generated>,
}

#[derive(Clone, Debug)]
pub struct CanonicalLoop {
    /// The `for` statement.
    pub stmt: StmtId,
    pub target: Target,
    /// The loop variable when the target is a plain name of this function.
    pub var: Option<VarId>,
    pub iter: IterSpace,
    /// The loop of the nest along whose variable the bounds of this `range` go: each is `a * variable + b`.
    pub along: Option<usize>,
    /// `break` never occurs in affected loops; a body that assigns its own loop variable is a diagnostic.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum IterSpace {
    /// `range(start, stop, step)`; absent ones are 0 and 1.
    Range {
        start: Option<Expr>,
        stop: Expr,
        step: Option<Expr>,
    },
    /// A sequence with a length, drawn by index; `reversed`, `enumerate` and `zip` keep their parts.
    Sequence(Expr),
    Reversed(Box<IterSpace>),
    Enumerate {
        iter: Box<IterSpace>,
        start: Option<Expr>,
    },
    Zip(Vec<IterSpace>),
    /// Any other iterable: python mode only, a single loop, drawn under a lock.
    Iterable(Expr),
}

/// An atomic construct's statement, in OpenMP's forms. `x` is the location: a name, element or attribute.
#[derive(Clone, Debug)]
pub struct Atomic {
    pub kind: AtomicKind,
    pub order: MemoryOrder,
    pub weak: bool,
    pub fail: Option<MemoryOrder>,
    pub hint: Option<Expr>,
}

#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one for each atomic construct"
)]
pub enum AtomicKind {
    /// `v = x`
    Read { v: Target, x: Expr },
    /// `x = e`
    Write { x: Target, e: Expr },
    /// `x op= e`, `x = x op e`, `x = e op x`, `x = min(x, e)`, `x = max(x, e)`
    Update(Update),
    /// An update with `v` taking the old or the new value.
    Capture {
        v: Target,
        update: Update,
        old: bool,
    },
    /// `if x == d: x = e` (`<`, `>` are `Update` with min and max), optionally with capture.
    Compare {
        x: Target,
        expected: Expr,
        desired: Expr,
        capture: Option<CompareCapture>,
    },
    /// `v = x; x = e`
    Exchange { v: Target, x: Target, e: Expr },
}

#[derive(Clone, Debug)]
pub struct Update {
    pub x: Target,
    pub op: AtomicOp,
    pub e: Expr,
    /// `x = e op x`
    pub reversed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomicOp {
    Binary(omply_syntax::hir::BinaryOp),
    Min,
    Max,
}

#[derive(Clone, Debug)]
pub struct CompareCapture {
    pub v: Option<Target>,
    /// `v` receives the value before the update.
    pub old: bool,
    /// Receives whether the comparison succeeded.
    pub result: Option<Target>,
}

/// What a clause of `interop` does with an object.
#[derive(Clone, Debug, PartialEq)]
pub struct InteropAction {
    pub object: NameRef,
    pub span: Span,
    pub what: InteropWhat,
}

#[derive(Clone, Debug, PartialEq)]
pub enum InteropWhat {
    /// `types`: 1 for `target`, 2 for `targetsync`. `prefer`: numbers of foreign runtimes, a byte each, the first in the lowest.
    Init {
        types: i64,
        prefer: i64,
    },
    Use,
    Destroy,
}
