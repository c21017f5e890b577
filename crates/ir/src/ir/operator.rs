//! The closed sets that operations choose from: operators, mathematical functions, routines, kinds of schedules and orders.

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
    /// A new lock: nestable or not, a hint.
    LockNew,
    /// A lock, and what is done to it; negative results are numbers of messages.
    Lock,
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
    /// An interoperability object for a device, of these types, preferring these foreign runtimes; negative: the device is none.
    InteropInit,
    /// Waits for an object's queue, and destroys the object unless the number is 0. False: it is none.
    InteropEnd,
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
