//! The names that enums have in the text form, in one table each for printing and parsing.

use crate::ir::*;

macro_rules! names {
    ($($ty:ident { $($variant:ident = $name:literal),* $(,)? })*) => {
        $(
            impl $ty {
                pub fn name(self) -> &'static str {
                    match self {
                        $($ty::$variant => $name,)*
                    }
                }

                pub fn from_name(name: &str) -> Option<$ty> {
                    match name {
                        $($name => Some($ty::$variant),)*
                        _ => None,
                    }
                }
            }
        )*
    };
}

names! {
    Scalar {
        Bool = "bool", I8 = "i8", I16 = "i16", I32 = "i32", I64 = "i64", U8 = "u8", U16 = "u16", U32 = "u32",
        U64 = "u64", F16 = "f16", F32 = "f32", F64 = "f64", C64 = "c64", C128 = "c128",
    }
    Layout { C = "C", F = "F", Strided = "strided" }
    ErrorKind {
        Index = "index", ZeroDivision = "zero_division", Value = "value", Overflow = "overflow", Type = "type",
        Assertion = "assertion", Memory = "memory", Recursion = "recursion", UnboundLocal = "unbound_local",
        Runtime = "runtime", Check = "check", User = "user",
    }
    UnaryOp { Neg = "neg", Not = "not", Invert = "invert", Abs = "abs", Conj = "conj" }
    BinaryOp {
        Add = "add", Sub = "sub", Mul = "mul", Div = "div", FloorDiv = "floordiv", Mod = "mod", Pow = "pow",
        LShift = "lshift", RShift = "rshift", And = "and", Or = "or", Xor = "xor", Min = "min", Max = "max",
    }
    CompareOp { Eq = "eq", Ne = "ne", Lt = "lt", Le = "le", Gt = "gt", Ge = "ge" }
    CancelKind {
        Parallel = "parallel",
        For = "for",
        Sections = "sections",
        Taskgroup = "taskgroup",
    }
    MoveKind { Enter = "enter", Exit = "exit", Update = "update" }
    ReduceOp {
        Add = "add", Mul = "mul", And = "and", Or = "or", Xor = "xor", LogicalAnd = "logical_and",
        LogicalOr = "logical_or", Min = "min", Max = "max",
    }
    MathFn {
        Sqrt = "sqrt", Cbrt = "cbrt", Exp = "exp", Exp2 = "exp2", Expm1 = "expm1", Log = "log", Log2 = "log2",
        Log10 = "log10", Log1p = "log1p", Sin = "sin", Cos = "cos", Tan = "tan", Asin = "asin", Acos = "acos",
        Atan = "atan", Atan2 = "atan2", Sinh = "sinh", Cosh = "cosh", Tanh = "tanh", Asinh = "asinh",
        Acosh = "acosh", Atanh = "atanh", Hypot = "hypot", Pow = "pow", Fmod = "fmod", Remainder = "remainder",
        Floor = "floor", Ceil = "ceil", Trunc = "trunc", Rint = "rint", Fabs = "fabs", CopySign = "copysign",
        Fmin = "fmin", Fmax = "fmax", Fma = "fma", Erf = "erf", Erfc = "erfc", Gamma = "gamma",
        LogGamma = "log_gamma", NextAfter = "nextafter", IsNan = "isnan", IsInf = "isinf", IsFinite = "isfinite",
        SignBit = "signbit",
    }
    Routine {
        FulfillEvent = "fulfill_event", LockNew = "lock_new", Lock = "lock",
        GetThreadNum = "get_thread_num", GetNumThreads = "get_num_threads", GetMaxThreads = "get_max_threads",
        GetNumProcs = "get_num_procs", GetThreadLimit = "get_thread_limit", InParallel = "in_parallel",
        GetLevel = "get_level", GetActiveLevel = "get_active_level",
        GetAncestorThreadNum = "get_ancestor_thread_num", GetTeamSize = "get_team_size",
        GetMaxActiveLevels = "get_max_active_levels", GetSupportedActiveLevels = "get_supported_active_levels",
        GetDynamic = "get_dynamic", GetCancellation = "get_cancellation", GetProcBind = "get_proc_bind",
        GetNumPlaces = "get_num_places", GetPlaceNum = "get_place_num", GetNumTeams = "get_num_teams",
        GetTeamNum = "get_team_num", GetNumDevices = "get_num_devices", GetDefaultDevice = "get_default_device",
        IsInitialDevice = "is_initial_device", GetInitialDevice = "get_initial_device", InFinal = "in_final",
        InExplicitTask = "in_explicit_task", GetWtime = "get_wtime", GetWtick = "get_wtick",
        SetNumThreads = "set_num_threads", NestNumThreads = "nest_num_threads", SetDynamic = "set_dynamic",
        SetMaxActiveLevels = "set_max_active_levels", SetSchedule = "set_schedule",
        InteropInit = "interop_init", InteropEnd = "interop_end",
    }
    ScheduleKind {
        Static = "static", Dynamic = "dynamic", Guided = "guided", Auto = "auto", Runtime = "runtime",
    }
    ProcBind { Primary = "primary", Close = "close", Spread = "spread" }
    MemoryOrder {
        Relaxed = "relaxed", Acquire = "acquire", Release = "release", AcqRel = "acq_rel", SeqCst = "seq_cst",
    }
    DependKind {
        In = "in", Out = "out", InOut = "inout", MutexInOutSet = "mutexinoutset", InOutSet = "inoutset",
    }
    WatchEvent { Begins = "begins", Enters = "enters", Meets = "meets", Ends = "ends" }
    CaptureBy { Value = "value", Reference = "reference" }
    Init { Uninit = "uninit", Zero = "zero", Team = "team" }
}
