//! What the operations for OpenMP's regions hold: tasks and their dependences, leagues, worksharing loops, reductions, captures.

use omply_diagnostics::Span;

use super::{Block, FuncId, IndexCheck, ReduceOp, ScheduleKind, SlotId, ValueId};

/// What the clauses of a task ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskClauses {
    /// False: the generating task waits until this one is complete.
    pub if_: Option<ValueId>,
    /// True: the task and its descendants are executed at once where they are generated.
    pub final_: Option<ValueId>,
    pub priority: Option<ValueId>,
    pub depends: Vec<Depend>,
    /// An event; the task is complete when it is fulfilled, too.
    pub detach: Option<ValueId>,
    /// Which way its children's dependences go beyond it: an `omp_impex_t`, I64.
    pub transparent: Option<ValueId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub clauses: TaskClauses,
    pub locals: Vec<SlotId>,
    pub body: Block,
}

/// What the clauses of `teams` ask for; all I64 but `if_`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeagueClauses {
    pub lower: Option<ValueId>,
    pub upper: Option<ValueId>,
    pub thread_limit: Option<ValueId>,
    pub if_: Option<ValueId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Teams {
    pub clauses: LeagueClauses,
    pub locals: Vec<SlotId>,
    pub body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Spawn {
    pub func: FuncId,
    pub captures: Vec<Capture>,
    pub clauses: TaskClauses,
    /// On every path on which nothing fails, the function waits for the task before it generates it again or returns.
    pub joined: bool,
    /// The function waits for it next, so it may as well be executed where it is generated.
    pub at_once: bool,
}

/// One dependence of a task, on an interval of memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Depend {
    pub kind: DependKind,
    pub on: DependOn,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DependOn {
    /// A variable; its slot stands for it and holds nothing.
    Variable(SlotId),
    /// From the first to the last byte of an array or of a part of one.
    Array(ValueId),
    Element {
        array: ValueId,
        indices: Vec<ValueId>,
        check: IndexCheck,
    },
    /// `omp_all_memory`.
    AllMemory,
    /// As many dependences as an array of I64 holds, which `DependWrite` has written, each with its own type.
    List(ValueId),
    /// What a dependence object stands for, with the object's types.
    Object(ValueId),
}

/// The integers that a dependence takes up in a list.
pub const DEPEND_WORDS: i64 = 5;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectAction {
    /// Only asks whether it is one.
    Find,
    Update(DependKind),
    Destroy,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DependKind {
    In,
    Out,
    InOut,
    MutexInOutSet,
    InOutSet,
}

/// The part of a loop's iterations, by their numbers, that a construct is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IterationRange {
    pub lower: ValueId,
    /// Exclusive.
    pub upper: ValueId,
    /// The encountering thread runs all of them; nobody shares them with it.
    pub alone: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Worksharing {
    pub dims: Vec<LoopDim>,
    /// Absent: all iterations.
    pub range: Option<IterationRange>,
    pub schedule: ScheduleKind,
    pub chunk: Option<ValueId>,
    pub monotonic: Option<bool>,
    pub ordered: bool,
    pub info: LoopInfo,
    pub body: Block,
}

/// One loop of a nest: `for iv in range(start, stop, step)`, bounds evaluated before the construct.
#[derive(Clone, Debug, PartialEq)]
pub struct LoopDim {
    pub iv: ValueId,
    pub start: ValueId,
    pub stop: ValueId,
    pub step: ValueId,
    /// Where the nest is not rectangular.
    pub along: Option<Along>,
}

/// What is added to a loop's bounds: multiples of the variable of a loop around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Along {
    /// The dimension around, by its number.
    pub outer: u32,
    pub start: ValueId,
    pub stop: ValueId,
}

/// What is known about a loop beyond its bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoopInfo {
    /// `simd`: iterations carry no dependences (beyond `safelen`), vectorisation is wanted.
    pub simd: bool,
    pub simdlen: Option<u32>,
    pub safelen: Option<u32>,
    /// Worksharing or `order(concurrent)`: different iterations do not conflict, so memory accesses of different
    /// iterations may be reordered.
    pub independent: bool,
    /// The clone of a loop whose checks were hoisted, or the clone that still has them.
    pub version: LoopVersion,
    /// Asked for by `unroll`.
    pub unroll: Option<Unroll>,
    /// Where the program asks for vector code; no part of the text form.
    pub wanted: Option<Span>,
}

/// How often a loop's body is repeated before it goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unroll {
    Full,
    By(u32),
    /// As often as the code generator likes.
    Compiler,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoopVersion {
    #[default]
    Only,
    /// All hoistable checks hold for the whole loop.
    Fast,
    /// Some check may fail: every access checks itself. Rarely run.
    Checked,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReduceItem {
    pub op: ReduceOp,
    /// The original variable.
    pub shared: SlotId,
    /// This thread's copy. Arrays combine elementwise.
    pub private: SlotId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// A slot of the function that forks.
    pub slot: SlotId,
    pub by: CaptureBy,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaptureBy {
    Value,
    Reference,
}
