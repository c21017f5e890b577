//! The table of clauses: names, argument grammar, how often they may stand, how compounds hand them out. `ClauseKind` is made from its rows.

use crate::version::Version;

/// The shape of a clause's argument; each shape is read by one function of the directive parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grammar {
    /// Nothing, or one logical expression in parentheses.
    Flag,
    /// One expression.
    Expr,
    /// One expression that may be left out together with its parentheses.
    OptionalExpr,
    /// Expressions separated by commas.
    ExprList,
    /// Plain variable names.
    Names,
    /// Locators: names, attributes, elements, sections.
    Locators,
    /// One locator.
    Locator,
    Adjust,
    Affinity,
    Aligned,
    Allocate,
    AppendArgs,
    Apply,
    At,
    Bind,
    Counts,
    Default,
    Defaultmap,
    Depend,
    Device,
    DeviceType,
    DirectiveNames,
    DistSchedule,
    Doacross,
    DynGroupprivate,
    Enter,
    Fail,
    Firstprivate,
    Init,
    Operand,
    Induction,
    Lastprivate,
    Linear,
    Map,
    Match,
    MemoryOrder,
    Memscope,
    Motion,
    NumTeams,
    NumThreads,
    Order,
    Otherwise,
    ProcBind,
    Reduction,
    Schedule,
    Severity,
    Simdlen,
    Sizes,
    Strict,
    Threadset,
    Update,
    UsesAllocators,
    When,
}

/// How a clause written on a compound directive reaches its leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Every leaf that takes it.
    All,
    /// Acts once on the whole; given to every leaf that takes it so that each sees the value.
    Once,
    Innermost,
    Outermost,
    /// Every leaf that takes it and privatises the same item.
    Privatizing,
    /// The rule of `firstprivate`.
    Firstprivate,
    /// The rule of `lastprivate`.
    Lastprivate,
    /// The rule of `reduction`.
    Reduction,
    /// The rule of `linear`.
    Linear,
}

/// What the value of an argument must be where it is a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// No rule.
    Any,
    /// An integer greater than zero.
    Positive,
    /// An integer of at least zero.
    NonNegative,
    /// A literal integer greater than zero.
    ConstantPositive,
}

/// One row of the table.
#[derive(Debug)]
pub struct ClauseRow {
    pub kind: ClauseKind,
    pub name: &'static str,
    pub grammar: Grammar,
    /// May stand once on a leaf only.
    pub unique: bool,
    pub distribution: Distribution,
    pub value: Value,
    /// The first version that has it.
    pub since: Version,
}

macro_rules! clauses {
    (@unique one) => { true };
    (@unique many) => { false };
    ($($kind:ident = $name:literal, $grammar:ident, $unique:ident, $distribution:ident, $value:ident, $since:literal;)+) => {
        /// A clause, whatever directive it stands on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ClauseKind { $(#[doc = concat!("`", $name, "`")] $kind),+ }

        impl ClauseKind {
            /// Every clause, in the order of the table.
            pub const ALL: &'static [ClauseKind] = &[$(ClauseKind::$kind),+];

            /// The clause of that name.
            pub fn from_name(name: &str) -> Option<ClauseKind> {
                match name { $($name => Some(ClauseKind::$kind),)+ _ => None }
            }
        }

        /// The table, one row per clause, in the order of `ClauseKind`.
        pub static CLAUSES: &[ClauseRow] = &[$(ClauseRow {
            kind: ClauseKind::$kind,
            name: $name,
            grammar: Grammar::$grammar,
            unique: clauses!(@unique $unique),
            distribution: Distribution::$distribution,
            value: Value::$value,
            since: Version($since),
        }),+];
    };
}

clauses! {
    Absent = "absent", DirectiveNames, one, All, Any, 51;
    AcqRel = "acq_rel", Flag, one, All, Any, 50;
    Acquire = "acquire", Flag, one, All, Any, 50;
    AdjustArgs = "adjust_args", Adjust, many, All, Any, 51;
    Affinity = "affinity", Affinity, many, Innermost, Any, 50;
    Align = "align", Expr, one, All, ConstantPositive, 51;
    Aligned = "aligned", Aligned, many, All, Any, 40;
    Allocate = "allocate", Allocate, many, Privatizing, Any, 50;
    Allocator = "allocator", Expr, one, All, Any, 50;
    AppendArgs = "append_args", AppendArgs, one, All, Any, 51;
    Apply = "apply", Apply, many, Innermost, Any, 60;
    At = "at", At, one, All, Any, 51;
    AtomicDefaultMemOrder = "atomic_default_mem_order", MemoryOrder, one, All, Any, 50;
    Bind = "bind", Bind, one, All, Any, 50;
    Capture = "capture", Flag, one, Innermost, Any, 31;
    Collapse = "collapse", Expr, one, Once, ConstantPositive, 30;
    Collector = "collector", Expr, one, All, Any, 60;
    Combiner = "combiner", Operand, one, All, Any, 60;
    Compare = "compare", Flag, one, Innermost, Any, 51;
    Contains = "contains", DirectiveNames, one, All, Any, 51;
    Copyin = "copyin", Names, many, Outermost, Any, 10;
    Copyprivate = "copyprivate", Names, many, Innermost, Any, 20;
    Counts = "counts", Counts, one, All, NonNegative, 60;
    Default = "default", Default, one, All, Any, 10;
    Defaultmap = "defaultmap", Defaultmap, many, All, Any, 45;
    Depend = "depend", Depend, many, All, Any, 40;
    Depth = "depth", Expr, one, All, ConstantPositive, 61;
    Destroy = "destroy", Locator, many, All, Any, 50;
    Detach = "detach", Names, one, Innermost, Any, 50;
    Device = "device", Device, one, All, Any, 40;
    DeviceSafesync = "device_safesync", Flag, one, All, Any, 60;
    DeviceType = "device_type", DeviceType, one, All, Any, 50;
    DistSchedule = "dist_schedule", DistSchedule, one, All, Positive, 40;
    Doacross = "doacross", Doacross, many, All, Any, 52;
    DynGroupprivate = "dyn_groupprivate", DynGroupprivate, many, All, NonNegative, 61;
    DynamicAllocators = "dynamic_allocators", Flag, one, All, Any, 50;
    Enter = "enter", Enter, many, All, Any, 52;
    Exclusive = "exclusive", Locators, one, Innermost, Any, 50;
    Fail = "fail", Fail, one, Innermost, Any, 51;
    Filter = "filter", Expr, one, All, Any, 51;
    Final = "final", Expr, one, All, Any, 31;
    Firstprivate = "firstprivate", Firstprivate, many, Firstprivate, Any, 10;
    For = "for", Flag, one, All, Any, 40;
    From = "from", Motion, many, All, Any, 40;
    Full = "full", Flag, one, All, Any, 51;
    Grainsize = "grainsize", Strict, one, All, Positive, 45;
    GraphId = "graph_id", Expr, one, All, Any, 60;
    GraphReset = "graph_reset", Expr, one, All, Any, 60;
    HasDeviceAddr = "has_device_addr", Locators, many, Outermost, Any, 51;
    Hint = "hint", Expr, one, Innermost, Any, 45;
    Holds = "holds", Expr, many, All, Any, 51;
    If = "if", Expr, one, All, Any, 20;
    InReduction = "in_reduction", Reduction, many, All, Any, 50;
    Inbranch = "inbranch", Flag, one, All, Any, 40;
    Inclusive = "inclusive", Locators, one, Innermost, Any, 50;
    Indirect = "indirect", OptionalExpr, one, All, Any, 51;
    Induction = "induction", Induction, many, All, Any, 60;
    Inductor = "inductor", Operand, one, All, Any, 60;
    Init = "init", Init, many, Innermost, Any, 51;
    InitComplete = "init_complete", Flag, one, Innermost, Any, 60;
    Initializer = "initializer", Operand, one, All, Any, 40;
    Interop = "interop", Names, one, All, Any, 60;
    IsDevicePtr = "is_device_ptr", Names, many, Innermost, Any, 45;
    Lastprivate = "lastprivate", Lastprivate, many, Lastprivate, Any, 10;
    Linear = "linear", Linear, many, Linear, Any, 40;
    Link = "link", Names, many, All, Any, 40;
    Local = "local", Names, many, All, Any, 60;
    Looprange = "looprange", ExprList, one, All, ConstantPositive, 60;
    Map = "map", Map, many, All, Any, 40;
    Match = "match", Match, one, All, Any, 50;
    Memscope = "memscope", Memscope, one, Innermost, Any, 60;
    Mergeable = "mergeable", Flag, one, All, Any, 31;
    Message = "message", Expr, one, All, Any, 51;
    NoOpenmp = "no_openmp", Flag, one, All, Any, 51;
    NoOpenmpConstructs = "no_openmp_constructs", Flag, one, All, Any, 60;
    NoOpenmpRoutines = "no_openmp_routines", Flag, one, All, Any, 51;
    NoParallelism = "no_parallelism", Flag, one, All, Any, 51;
    Nocontext = "nocontext", Expr, one, All, Any, 51;
    Nogroup = "nogroup", Flag, one, Outermost, Any, 45;
    Nontemporal = "nontemporal", Names, many, All, Any, 50;
    Notinbranch = "notinbranch", Flag, one, All, Any, 40;
    Novariants = "novariants", Expr, one, All, Any, 51;
    Nowait = "nowait", Flag, one, Outermost, Any, 10;
    NumTasks = "num_tasks", Strict, one, All, Positive, 45;
    NumTeams = "num_teams", NumTeams, one, All, Positive, 40;
    NumThreads = "num_threads", NumThreads, one, All, Positive, 20;
    Order = "order", Order, one, All, Any, 50;
    Ordered = "ordered", OptionalExpr, one, Once, ConstantPositive, 10;
    Otherwise = "otherwise", Otherwise, one, All, Any, 52;
    Parallel = "parallel", Flag, one, All, Any, 40;
    Partial = "partial", OptionalExpr, one, All, ConstantPositive, 51;
    Permutation = "permutation", ExprList, one, All, ConstantPositive, 60;
    Priority = "priority", Expr, one, All, NonNegative, 45;
    Private = "private", Names, many, Innermost, Any, 10;
    ProcBind = "proc_bind", ProcBind, one, All, Any, 40;
    Read = "read", Flag, one, Innermost, Any, 31;
    Reduction = "reduction", Reduction, many, Reduction, Any, 10;
    Relaxed = "relaxed", Flag, one, Innermost, Any, 50;
    Release = "release", Flag, one, Innermost, Any, 50;
    Replayable = "replayable", Flag, one, All, Any, 60;
    ReverseOffload = "reverse_offload", Flag, one, All, Any, 50;
    Safelen = "safelen", Expr, one, All, ConstantPositive, 40;
    Safesync = "safesync", OptionalExpr, one, All, Positive, 60;
    Schedule = "schedule", Schedule, one, All, Positive, 10;
    Sections = "sections", Flag, one, All, Any, 40;
    SelfMaps = "self_maps", Flag, one, All, Any, 60;
    SeqCst = "seq_cst", Flag, one, Innermost, Any, 40;
    Severity = "severity", Severity, one, All, Any, 51;
    Shared = "shared", Names, many, All, Any, 10;
    Simd = "simd", Flag, one, All, Any, 45;
    Simdlen = "simdlen", Simdlen, one, All, ConstantPositive, 40;
    Sizes = "sizes", Sizes, one, All, Positive, 51;
    TaskReduction = "task_reduction", Reduction, many, All, Any, 50;
    Taskgroup = "taskgroup", Flag, one, All, Any, 40;
    ThreadLimit = "thread_limit", Expr, one, All, Positive, 40;
    Threads = "threads", Flag, one, All, Any, 45;
    Threadset = "threadset", Threadset, one, All, Any, 60;
    To = "to", Motion, many, All, Any, 40;
    Transparent = "transparent", OptionalExpr, one, All, Any, 60;
    UnifiedAddress = "unified_address", Flag, one, All, Any, 50;
    UnifiedSharedMemory = "unified_shared_memory", Flag, one, All, Any, 50;
    Uniform = "uniform", Names, many, All, Any, 40;
    Untied = "untied", Flag, one, All, Any, 30;
    Update = "update", Update, one, Innermost, Any, 31;
    Use = "use", Locator, many, All, Any, 51;
    UseDeviceAddr = "use_device_addr", Locators, many, Outermost, Any, 50;
    UseDevicePtr = "use_device_ptr", Names, many, Outermost, Any, 45;
    UsesAllocators = "uses_allocators", UsesAllocators, many, All, Any, 50;
    Weak = "weak", Flag, one, Innermost, Any, 51;
    When = "when", When, many, All, Any, 50;
    Write = "write", Flag, one, Innermost, Any, 31;
}

impl ClauseKind {
    /// The row of this clause.
    pub fn row(self) -> &'static ClauseRow {
        &CLAUSES[self as usize]
    }

    /// The name as written in a directive.
    pub fn name(self) -> &'static str {
        self.row().name
    }
}

impl std::fmt::Display for ClauseKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
