//! The whole IR in one file: data only. A module holds functions; a function holds typed slots (variables in
//! memory), SSA values and a tree of blocks. Control flow and OpenMP regions are structured: an instruction owns
//! the blocks it governs.
//!
//! Two phases share these types. *Regions* (what lowering makes): `Parallel`, `Task` and `Loop` hold OpenMP's regions
//! as they stand. *Flat* (after the transform passes): parallel regions and tasks are outlined into functions reached
//! by `Fork` and `Spawn`, worksharing loops are plain `For` loops around runtime calls. The verifier says what each
//! phase allows.
//!
//! Errors: an instruction that can fail (checks, `Raise`, `Call`, `Fork`, `Spawn`, waits of a cancelled team) leaves the
//! function with a non-zero status, running the releases of the regions (critical, ordered, taskgroup) it stands in.
//!
//! Tasks: a variable that a task takes by reference outlives the task. Where the code itself does not wait for the task on
//! every path (`Spawn::joined`), the function waits for its child tasks before it returns.

use omply_diagnostics::Span;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(FuncId);
id!(
    /// A variable of one function, in memory until LLVM promotes it.
    SlotId
);
id!(
    /// An SSA value of one function. Defined once, visible in the rest of its block and in blocks nested there.
    ValueId
);
id!(
    /// A place in the source that can raise; indexes `Module::sites`.
    SiteId
);

#[derive(Clone, Debug, Default)]
pub struct Module {
    pub name: String,
    pub funcs: Vec<Func>,
    pub sites: Vec<Site>,
    /// The function that Python calls.
    pub entry: Option<FuncId>,
}

/// Where an error is raised, and what is raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub error: ErrorKind,
    /// For `ErrorKind::User`: the index of the exception class in the list that lowering reports.
    pub class: u32,
    /// Text, with `{0}` and `{1}` standing for the two integers that a failing check supplies.
    pub message: Option<String>,
    pub span: Span,
    /// The Python function's name, for the traceback.
    pub function: String,
}

/// What a thread comes to in a program that is checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WatchEvent {
    /// A region, before it is forked.
    Begins,
    /// The region, as a thread of its team.
    Enters,
    /// A construct that all threads of the team meet.
    Meets,
    /// The region's end.
    Ends,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorKind {
    Index,
    ZeroDivision,
    Value,
    Overflow,
    Type,
    Assertion,
    Memory,
    Recursion,
    UnboundLocal,
    Runtime,
    /// What the runtime has found in a program that is checked; the argument is its message's number.
    Check,
    /// Raised by a `raise` statement: `Site::class` says which class.
    User,
}

#[derive(Clone, Debug)]
pub struct Func {
    pub name: String,
    /// Parameters arrive in these slots.
    pub params: Vec<SlotId>,
    pub ret: Type,
    pub slots: Vec<Slot>,
    /// The type of every value.
    pub values: Vec<Type>,
    pub body: Block,
    pub kind: FuncKind,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FuncKind {
    /// An `@omp` function's instance.
    Normal,
    /// The body of a parallel region: `params` are the captures in the order of `Fork::captures`; a capture by
    /// reference is a slot with `Storage::Reference`.
    Outlined,
    /// The body of a task: as `Outlined`, with `Spawn::captures`. Arrays captured by value are the task's own references.
    Task,
    /// The body of a `target` region: as `Outlined`, with `Offload::captures`. Arrays come by value, their memory being mapped; a
    /// capture by reference is a scalar that is mapped.
    Target,
}

impl FuncKind {
    /// Whether the body was taken out of another function.
    pub fn is_outlined(self) -> bool {
        self != FuncKind::Normal
    }
}

#[derive(Clone, Debug)]
pub struct Slot {
    pub name: String,
    pub ty: Type,
    pub storage: Storage,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Storage {
    /// On the stack of the thread that runs the function.
    Local,
    /// Outlined functions: a variable of the encountering thread, reached through its address.
    Reference,
    /// Devices: one for each team, seen by all of its threads.
    Team,
    /// One per thread, living across regions and calls; `init` is every thread's first value.
    Threadprivate { key: String, init: Const },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
    C64,
    C128,
}

/// How an array lies in memory. `C` and `F` promise contiguity, so that strides follow from the shape.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Layout {
    C,
    F,
    Strided,
}

impl Layout {
    /// That of the transposed array.
    pub fn reversed(self) -> Layout {
        match self {
            Layout::C => Layout::F,
            Layout::F => Layout::C,
            Layout::Strided => Layout::Strided,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ArrayType {
    pub elem: Scalar,
    pub ndim: u8,
    pub layout: Layout,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Type {
    Unit,
    Scalar(Scalar),
    /// A view of memory: data, shape, strides (in bytes), owner (null when the memory is borrowed from Python).
    /// Storing one into a slot keeps its owner alive; codegen counts references.
    Array(ArrayType),
    Tuple(Vec<Type>),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Const {
    Bool(bool),
    /// Of any integer type; wrapped to its width.
    Int(Scalar, i64),
    Float(Scalar, f64),
    Complex(Scalar, f64, f64),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub insts: Vec<Inst>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Inst {
    /// Values that the instruction defines (most define none or one).
    pub results: Vec<ValueId>,
    pub op: Op,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    // ---- scalars -------------------------------------------------------------------------------------------
    Const(Const),
    Unary {
        op: UnaryOp,
        a: ValueId,
    },
    /// Both operands have the result's type. Integers wrap. `FloorDiv` and `Mod` round as Python does; division
    /// by zero has been checked before, or yields what `error_model="numpy"` says (0 for integers). `Pow` of
    /// integers takes a non-negative exponent. `reassoc` allows reordering (operations of a reduction).
    Binary {
        op: BinaryOp,
        a: ValueId,
        b: ValueId,
        reassoc: bool,
    },
    /// Result `Bool`. Complex numbers compare with `Eq` and `Ne` only.
    Compare {
        op: CompareOp,
        a: ValueId,
        b: ValueId,
    },
    /// Any scalar to any scalar (the result's type). Float to integer truncates and saturates; complex to real takes the real part.
    Cast {
        a: ValueId,
    },
    Select {
        cond: ValueId,
        then: ValueId,
        els: ValueId,
    },
    /// Operands and result are F32 or F64 alike (predicates such as `IsNan` give `Bool`).
    Math {
        func: MathFn,
        args: Vec<ValueId>,
        reassoc: bool,
    },
    ComplexNew {
        re: ValueId,
        im: ValueId,
    },
    ComplexPart {
        a: ValueId,
        imag: bool,
    },
    TupleNew {
        items: Vec<ValueId>,
    },
    TupleGet {
        tuple: ValueId,
        index: u32,
    },

    // ---- memory --------------------------------------------------------------------------------------------
    SlotLoad {
        slot: SlotId,
    },
    SlotStore {
        slot: SlotId,
        value: ValueId,
    },
    /// Length of one axis, I64.
    Dim {
        array: ValueId,
        axis: u8,
    },
    /// Element read. `indices` are I64, one per axis.
    Load {
        array: ValueId,
        indices: Vec<ValueId>,
        check: IndexCheck,
    },
    Store {
        array: ValueId,
        indices: Vec<ValueId>,
        value: ValueId,
        check: IndexCheck,
    },
    /// A view by basic indexing; integers are checked, slices clipped as Python does.
    View {
        array: ValueId,
        spec: Vec<ViewIndex>,
        check: IndexCheck,
    },
    /// New C-contiguous memory (Layout::F for an F result). Negative sizes fail with `site`.
    Alloc {
        shape: Vec<ValueId>,
        init: Init,
        site: SiteId,
    },
    /// Elementwise copy between equal shapes; a shape mismatch fails with `site` (no broadcasting).
    ArrayCopy {
        dst: ValueId,
        src: ValueId,
        site: SiteId,
    },
    ArrayFill {
        dst: ValueId,
        value: ValueId,
    },
    /// `dst[...] = dst[...] op src[...]`, equal shapes.
    ArrayCombine {
        op: ReduceOp,
        dst: ValueId,
        src: ValueId,
    },
    /// Same memory seen with a weaker layout (C or F to Strided).
    ArrayCast {
        array: ValueId,
    },
    /// Same memory with the axes in reverse order; C and F change places.
    Transpose {
        array: ValueId,
    },

    // ---- control -------------------------------------------------------------------------------------------
    If {
        cond: ValueId,
        then: Block,
        els: Block,
    },
    /// Runs `cond` (which defines `test`), leaves when `test` is false.
    While {
        cond: Block,
        test: ValueId,
        body: Block,
    },
    /// `for iv in range(start, stop, step)`; the trip count is fixed on entry. `step` is never zero.
    For {
        iv: ValueId,
        start: ValueId,
        stop: ValueId,
        step: ValueId,
        body: Block,
        info: LoopInfo,
    },
    /// Leaves, or goes on with, the innermost `While` or `For` of the same function.
    Break,
    Continue,
    Return {
        value: Option<ValueId>,
    },
    /// Fails with `site` when `cond` is false; `args` fill the message.
    Check {
        cond: ValueId,
        site: SiteId,
        args: Vec<ValueId>,
    },
    Raise {
        site: SiteId,
        args: Vec<ValueId>,
    },
    /// Call of another function of the module; zero or one result.
    Call {
        func: FuncId,
        args: Vec<ValueId>,
    },
    /// Leaves with the interrupt's status when Ctrl-C is pending or the team is cancelled.
    Poll,
    /// A runtime routine without side conditions (`omp_get_thread_num` and its like).
    Routine {
        routine: Routine,
        args: Vec<ValueId>,
    },

    // ---- OpenMP, in both phases ----------------------------------------------------------------------------
    /// Thread number in the innermost team, I64.
    ThreadNum,
    /// Team size, I64.
    TeamSize,
    Barrier,
    Flush {
        order: MemoryOrder,
    },
    /// Tells the runtime, which checks the program, what this thread comes to. The result (I64) is the handle of `Begins`, else 0,
    /// or the number of a message when the program is wrong.
    Watch {
        event: WatchEvent,
        /// What `Begins` gave, for `Enters`.
        region: Option<ValueId>,
        what: String,
        place: String,
    },
    /// Tells the user something and goes on.
    Warn {
        text: String,
    },
    /// One thread of the team runs `body`. The result (Bool) says whether this thread did. No barrier.
    Single {
        body: Block,
    },
    /// After `Single`: the executing thread's values of `slots` are given to every thread of the team; holds the
    /// two barriers that this needs. `executed` is the result of the `Single`.
    CopyPrivate {
        executed: ValueId,
        slots: Vec<SlotId>,
    },
    /// Released also when the body fails.
    Critical {
        name: String,
        body: Block,
    },
    /// Combines this thread's copies as a declared operator says: one thread at a time runs `body`, in the order of thread
    /// numbers where results must be reproducible. Released also when the body fails.
    Combine {
        body: Block,
    },
    /// Inside a loop with `ordered`; released also when the body fails.
    Ordered {
        body: Block,
    },
    /// Begins a worksharing loop whose iterations may wait for earlier ones, by the values of their loop variables (all I64). The
    /// dimensions are `range(start, stop, step)` each.
    DoacrossBegin {
        dims: Vec<[ValueId; 3]>,
    },
    /// This iteration has done what others may wait for.
    DoacrossPost {
        iteration: Vec<ValueId>,
    },
    /// Waits for an iteration's `DoacrossPost`; not at all for one that the loop does not have.
    DoacrossWait {
        iteration: Vec<ValueId>,
    },
    DoacrossEnd,
    /// Asks whether the innermost region of that kind is cancelled, after cancelling it where `activate` holds. The result
    /// (Bool) says whether the thread must go to the region's end; never where cancellation is switched off.
    Cancel {
        kind: CancelKind,
        /// Absent for a cancellation point.
        activate: Option<ValueId>,
    },
    /// Leaves the innermost worksharing `Loop` (flat: `Leavable`) around, releasing what lies between.
    LeaveLoop,
    /// Leaves the innermost parallel region, whose team is cancelled.
    LeaveRegion,
    /// Leaves the task around, whose group is cancelled.
    LeaveTask,
    /// Ends when all tasks generated in `body`, and their descendants, are complete; also when the body fails.
    TaskGroup {
        body: Block,
    },
    /// Waits for the current task's children: all of them, or (with `depends`) those that a task with these dependences
    /// would wait for.
    TaskWait {
        depends: Vec<Depend>,
    },
    TaskYield,
    /// An event, an I64, for the task generated next (`TaskClauses::detach`).
    TaskEvent,
    /// Combines each thread's private copy into the shared variable, once per thread, under whatever protocol
    /// the code generator finds best. No barrier.
    Reduce {
        items: Vec<ReduceItem>,
    },
    AtomicLoad {
        place: Place,
        order: MemoryOrder,
    },
    AtomicStore {
        place: Place,
        value: ValueId,
        order: MemoryOrder,
    },
    /// `place = place op value` (`value op place` when `reversed`). Results: the old and the new value.
    AtomicUpdate {
        place: Place,
        op: BinaryOp,
        value: ValueId,
        reversed: bool,
        order: MemoryOrder,
    },
    /// Results: the old value.
    AtomicExchange {
        place: Place,
        value: ValueId,
        order: MemoryOrder,
    },
    /// Compares by value (floats as numbers). Results: success (Bool), the old value.
    AtomicCompareExchange {
        place: Place,
        expected: ValueId,
        desired: ValueId,
        order: MemoryOrder,
        weak: bool,
    },

    /// Maps items while `body` runs on the host.
    TargetData(Box<TargetData>),
    /// Maps or unmaps items, or copies between their two memories.
    TargetMove(Box<TargetMove>),
    /// The same array as the device knows it, where its memory is present on that device; the array itself elsewhere.
    DeviceArray {
        array: ValueId,
        device: Option<ValueId>,
    },

    // ---- OpenMP, phase Regions -----------------------------------------------------------------------------
    /// Forks a team that runs `body`. Slots in `locals` are each thread's own; every other slot that the body
    /// mentions is the encountering thread's. Ends in the region's barrier.
    Parallel {
        num_threads: Option<ValueId>,
        if_: Option<ValueId>,
        proc_bind: Option<ProcBind>,
        locals: Vec<SlotId>,
        body: Block,
    },
    /// Generates a task that runs `body` now or later. Slots in `locals` are the task's own, every other slot that the body
    /// mentions is the generating task's. Values that it uses are those of the moment in which the task is generated.
    Task(Box<Task>),
    /// Forks a league whose teams' initial threads run `body`; the rest as for `Parallel`.
    Teams(Box<Teams>),
    /// Runs `body` on a device, or on the host. Slots in `locals` are the region's own. Of the others, scalars that `maps` lists
    /// are the encountering thread's variables; the body has copies of the rest, among them arrays, whose memory is mapped.
    Target(Box<Target>),
    /// A worksharing loop over the product of `dims`, outermost first. The result (Bool) says whether this
    /// thread ran the sequentially last iteration. No barrier: lowering emits it where there is no `nowait`.
    Loop(Box<Worksharing>),

    // ---- OpenMP, phase Flat --------------------------------------------------------------------------------
    /// Runs an outlined function by a team.
    Fork {
        func: FuncId,
        captures: Vec<Capture>,
        num_threads: Option<ValueId>,
        if_: Option<ValueId>,
        proc_bind: Option<ProcBind>,
    },
    /// Runs an outlined function by the initial threads of a league.
    ForkTeams {
        func: FuncId,
        captures: Vec<Capture>,
        clauses: LeagueClauses,
    },
    /// Runs an outlined `target` region.
    Offload(Box<Offload>),
    /// Runs `body`, which `LeaveLoop` leaves.
    Leavable {
        body: Block,
    },
    /// Generates a task whose body is an outlined function.
    Spawn(Box<Spawn>),
    /// This thread's share of `trip` iterations under `static` (one piece) or, with `chunk`, its first chunk.
    /// Results (I64, I64, I64, Bool): lower, upper (exclusive; may exceed `trip` only when chunked), stride between
    /// this thread's chunks, and whether this thread has the last iteration.
    StaticInit {
        trip: ValueId,
        chunk: Option<ValueId>,
    },
    DispatchInit {
        trip: ValueId,
        schedule: ScheduleKind,
        chunk: Option<ValueId>,
        monotonic: Option<bool>,
        ordered: bool,
    },
    /// Results (Bool, I64, I64, Bool): whether there is a chunk, its lower and upper (exclusive), whether it is the last.
    DispatchNext {
        ordered: bool,
    },
    /// Ends one iteration of an `ordered` loop that dispatches.
    OrderedIterationEnd,
    DispatchEnd,
}

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

/// What the clauses of a `target` construct ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetClauses {
    /// Absent: the default device.
    pub device: Option<ValueId>,
    /// False: the host.
    pub if_: Option<ValueId>,
    /// Bounds of the number of teams, the limit of their threads, the threads that a parallel region asks for, and the iterations of the
    /// outermost loop, where they are known beforehand; the body says it all again. All I64.
    pub teams: [Option<ValueId>; 2],
    pub thread_limit: Option<ValueId>,
    pub num_threads: Option<ValueId>,
    pub trip: Option<ValueId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub clauses: TargetClauses,
    pub maps: Vec<MapItem>,
    pub locals: Vec<SlotId>,
    pub body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Offload {
    pub func: FuncId,
    pub captures: Vec<Capture>,
    pub maps: Vec<MapItem>,
    pub clauses: TargetClauses,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TargetData {
    pub clauses: TargetClauses,
    pub maps: Vec<MapItem>,
    pub body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TargetMove {
    pub kind: MoveKind,
    pub clauses: TargetClauses,
    pub maps: Vec<MapItem>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MoveKind {
    Enter,
    Exit,
    Update,
}

/// Memory that a device has to know.
#[derive(Clone, Debug, PartialEq)]
pub struct MapItem {
    /// As messages call it.
    pub name: String,
    pub flags: MapFlags,
    pub on: MapOn,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MapOn {
    /// The variable itself, a number.
    Scalar(SlotId),
    /// The memory of the array that the variable holds, or of every array in the tuple that it holds.
    Array(SlotId),
    /// That of a part of the array that the variable holds: `section` is a view of it.
    Section { array: SlotId, section: ValueId },
}

impl MapOn {
    /// The variable.
    pub fn slot(&self) -> SlotId {
        match *self {
            MapOn::Scalar(slot) | MapOn::Array(slot) | MapOn::Section { array: slot, .. } => slot,
        }
    }
}

/// What is done to a map item; a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct MapFlags(pub u32);

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

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum IndexCheck {
    /// A negative index counts from the end; out of bounds fails with this site ({0} index, {1} axis, {2} size).
    Python(SiteId),
    /// Known to be in bounds and not negative.
    None,
    /// Unchecked by the user's choice; negative indices still count from the end.
    Wrap,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ViewIndex {
    Index(ValueId),
    Slice {
        start: Option<ValueId>,
        stop: Option<ValueId>,
        step: Option<ValueId>,
    },
    NewAxis,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Init {
    Uninit,
    Zero,
}

/// A memory location for atomics.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Slot(SlotId),
    Element {
        array: ValueId,
        indices: Vec<ValueId>,
        check: IndexCheck,
    },
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

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Neg,
    /// Of `Bool`.
    Not,
    /// Bitwise, of integers.
    Invert,
    /// Of complex numbers the result is real.
    Abs,
    Conj,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    /// Of floats and complex numbers.
    Div,
    FloorDiv,
    Mod,
    Pow,
    /// Shift counts of 64 and more give 0 or the sign; negative counts were checked.
    LShift,
    RShift,
    And,
    Or,
    Xor,
    /// Python's: the first operand unless the second is smaller (larger).
    Min,
    Max,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReduceOp {
    Add,
    Mul,
    And,
    Or,
    Xor,
    LogicalAnd,
    LogicalOr,
    Min,
    Max,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MathFn {
    Sqrt,
    Cbrt,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Hypot,
    Pow,
    /// C's remainder of truncating division.
    Fmod,
    /// IEEE remainder.
    Remainder,
    Floor,
    Ceil,
    Trunc,
    /// To nearest, ties to even.
    Rint,
    Fabs,
    CopySign,
    /// NumPy's: NaN if either is.
    Fmin,
    Fmax,
    Fma,
    Erf,
    Erfc,
    Gamma,
    LogGamma,
    NextAfter,
    IsNan,
    IsInf,
    IsFinite,
    SignBit,
}

/// Regions that can be cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CancelKind {
    Parallel,
    For,
    Sections,
    Taskgroup,
}

/// Runtime routines that native code may call. Results: I64, F64 (times) or Bool; `Set*` have none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Routine {
    FulfillEvent,
    GetThreadNum,
    GetNumThreads,
    GetMaxThreads,
    GetNumProcs,
    GetThreadLimit,
    InParallel,
    GetLevel,
    GetActiveLevel,
    GetAncestorThreadNum,
    GetTeamSize,
    GetMaxActiveLevels,
    GetSupportedActiveLevels,
    GetDynamic,
    GetCancellation,
    GetProcBind,
    GetNumPlaces,
    GetPlaceNum,
    GetNumTeams,
    GetTeamNum,
    GetNumDevices,
    GetDefaultDevice,
    IsInitialDevice,
    GetInitialDevice,
    InFinal,
    InExplicitTask,
    GetWtime,
    GetWtick,
    SetNumThreads,
    /// A level, from 0, and the number of threads of the regions that follow there.
    NestNumThreads,
    SetDynamic,
    SetMaxActiveLevels,
    SetSchedule,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ScheduleKind {
    Static,
    Dynamic,
    Guided,
    Auto,
    Runtime,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProcBind {
    Primary,
    Close,
    Spread,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MemoryOrder {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}
