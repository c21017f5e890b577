//! What an instruction does: the operations, with what those on memory say about indices and places.

use super::{
    BinaryOp, Block, CancelKind, Capture, CompareOp, Const, Depend, FuncId, LeagueClauses,
    LoopInfo, MathFn, MemoryOrder, ObjectAction, Offload, ProcBind, ReduceItem, ReduceOp, Routine,
    ScheduleKind, SiteId, SlotId, Spawn, Target, TargetData, TargetMove, Task, Teams, UnaryOp,
    ValueId, WatchEvent, Worksharing,
};

/// The OpenMP allocator that an array's memory comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AllocateFrom {
    /// Its handle; 0 stands for the task's default one.
    pub allocator: ValueId,
    /// A power of two, which is checked when the program runs.
    pub align: ValueId,
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
        /// What an `allocate` directive or clause says; devices have memory of one kind.
        from: Option<AllocateFrom>,
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
        /// Nobody waits: an empty task has the dependences.
        nowait: bool,
    },
    /// Writes a dependence into a list (`DependOn::List`), as its element number `at`.
    DependWrite {
        list: ValueId,
        at: ValueId,
        depend: Depend,
    },
    /// A new dependence object, an I64 other than 0, that stands for the dependences.
    DependObjectNew {
        depends: Vec<Depend>,
    },
    /// Works on a dependence object. The result (Bool) says whether it is one.
    DependObject {
        object: ValueId,
        action: ObjectAction,
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
    /// Devices: not set, in the team's own memory; each thread gets the same array. Of constant shape.
    Team,
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
