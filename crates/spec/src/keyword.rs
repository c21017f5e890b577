//! The closed sets of words that clause arguments and modifiers draw from, one enum each.

use crate::clause::ClauseKind;

/// An enum whose values are spelt by fixed words.
pub trait Keyword: Copy + 'static {
    /// The spelling of every value.
    const WORDS: &'static [&'static str];
    /// The value spelt by `word`.
    fn parse(word: &str) -> Option<Self>;
}

/// Declares an enum whose variants are spelt by fixed words.
macro_rules! keywords {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every value, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The spelling of every value, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The word that spells this value in a directive.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value spelt by `word`, if there is one.
            pub fn from_name(word: &str) -> Option<$name> {
                match word { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl Keyword for $name {
            const WORDS: &'static [&'static str] = $name::NAMES;
            fn parse(word: &str) -> Option<$name> {
                $name::from_name(word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    )+};
}

keywords! {
    /// What `default` makes of the variables a construct references.
    DefaultKind { Shared = "shared", Firstprivate = "firstprivate", Private = "private", None = "none" }
    /// The kinds of variable that `default` and `defaultmap` can be limited to.
    VariableCategory { Scalar = "scalar", Aggregate = "aggregate", Pointer = "pointer", Allocatable = "allocatable", All = "all" }
    /// The operators and functions that are reductions without a declaration.
    ReductionOp {
        Add = "+", Sub = "-", Mul = "*", BitAnd = "&", BitOr = "|", BitXor = "^",
        And = "and", Or = "or", Min = "min", Max = "max",
    }
    /// Modifier of `reduction`: which kind of reduction it is.
    ReductionModifier { Default = "default", Inscan = "inscan", Task = "task" }
    /// `original(...)` of `reduction`: what the item is in the enclosing context.
    OriginalSharing { Default = "default", Shared = "shared", Private = "private" }
    /// How a worksharing loop hands out its iterations.
    ScheduleKind { Static = "static", Dynamic = "dynamic", Guided = "guided", Auto = "auto", Runtime = "runtime" }
    /// Ordering and chunk modifiers of `schedule`.
    ScheduleModifier { Monotonic = "monotonic", Nonmonotonic = "nonmonotonic", Simd = "simd" }
    /// Thread affinity policies.
    ProcBind { Primary = "primary", Close = "close", Spread = "spread" }
    /// The set of threads that `loop` binds to.
    BindKind { Teams = "teams", Parallel = "parallel", Thread = "thread" }
    /// Modifier of `order(concurrent)`.
    OrderModifier { Reproducible = "reproducible", Unconstrained = "unconstrained" }
    /// How a `linear` item refers to its storage.
    LinearModifier { Val = "val", Ref = "ref", Uval = "uval" }
    /// How closely an `induction` variable follows its closed form.
    InductionModifier { Relaxed = "relaxed", Strict = "strict" }
    /// Orders that an atomic operation or a flush can ask for.
    MemoryOrder { SeqCst = "seq_cst", AcqRel = "acq_rel", Acquire = "acquire", Release = "release", Relaxed = "relaxed" }
    /// The threads for which an atomic operation or a flush holds.
    MemoryScope { All = "all", Cgroup = "cgroup", Device = "device" }
    /// Types of task dependences.
    DependType {
        In = "in", Out = "out", Inout = "inout", Mutexinoutset = "mutexinoutset",
        Inoutset = "inoutset", Depobj = "depobj",
    }
    /// The two directions of a cross-iteration dependence.
    DoacrossKind { Source = "source", Sink = "sink" }
    /// Which threads may run a task.
    Threadset { Team = "omp_team", Pool = "omp_pool" }
    /// What a mapped item's data does on entry and exit.
    MapType { To = "to", From = "from", Tofrom = "tofrom", Storage = "storage", Alloc = "alloc", Release = "release" }
    /// Flags of `map` beside its type.
    MapModifier {
        Always = "always", Close = "close", Present = "present", SelfMap = "self", Delete = "delete",
        RefPtee = "ref_ptee", RefPtr = "ref_ptr", RefPtrPtee = "ref_ptr_ptee",
    }
    /// `attach(...)` of `map`.
    AttachMode { Always = "always", Never = "never", Auto = "auto" }
    /// What `defaultmap` does with referenced variables.
    DefaultmapBehavior {
        Storage = "storage", Alloc = "alloc", To = "to", From = "from", Tofrom = "tofrom",
        Firstprivate = "firstprivate", Private = "private", SelfMap = "self", Present = "present",
        None = "none", Default = "default",
    }
    /// What the expression of `device` names.
    DeviceModifier { Ancestor = "ancestor", DeviceNum = "device_num" }
    /// The devices a version is needed for.
    DeviceType { Any = "any", Host = "host", Nohost = "nohost" }
    /// What `dyn_groupprivate` does when group memory is short.
    GroupFallback { Abort = "abort", DefaultMem = "default_mem", Null = "null" }
    /// When `error` speaks.
    ErrorTime { Compilation = "compilation", Execution = "execution" }
    /// How hard `error` and a failing strict `num_threads` are.
    SeverityLevel { Fatal = "fatal", Warning = "warning" }
    /// What `adjust_args` does to arguments.
    AdjustOp { NeedDevicePtr = "need_device_ptr", NeedDeviceAddr = "need_device_addr", Nothing = "nothing" }
    /// What an interop object is for.
    InteropType { Target = "target", Targetsync = "targetsync" }
    /// Names of the loops that a loop transformation generates.
    LoopModifier {
        Fused = "fused", Grid = "grid", Identity = "identity", Interchanged = "interchanged",
        Intratile = "intratile", Offsets = "offsets", Reversed = "reversed", Split = "split", Unrolled = "unrolled",
    }
    /// What the numbers of `sizes` count.
    SizesModifier { Tile = "tile", Grid = "grid" }
    /// The sets of traits that a context selector is made of.
    TraitSet {
        Construct = "construct", Device = "device", TargetDevice = "target_device",
        Implementation = "implementation", User = "user",
    }
}

impl ReductionOp {
    /// The operator spelt by `word`, with C's spellings of the logical ones.
    pub fn from_spelling(word: &str) -> Option<ReductionOp> {
        match word {
            "&&" => Some(ReductionOp::And),
            "||" => Some(ReductionOp::Or),
            _ => ReductionOp::from_name(word),
        }
    }
}

impl MemoryOrder {
    /// The clause that asks for this order.
    pub const fn clause(self) -> ClauseKind {
        match self {
            MemoryOrder::SeqCst => ClauseKind::SeqCst,
            MemoryOrder::AcqRel => ClauseKind::AcqRel,
            MemoryOrder::Acquire => ClauseKind::Acquire,
            MemoryOrder::Release => ClauseKind::Release,
            MemoryOrder::Relaxed => ClauseKind::Relaxed,
        }
    }

    /// The order that a clause asks for, if it is a memory-order clause.
    pub const fn from_clause(kind: ClauseKind) -> Option<MemoryOrder> {
        match kind {
            ClauseKind::SeqCst => Some(MemoryOrder::SeqCst),
            ClauseKind::AcqRel => Some(MemoryOrder::AcqRel),
            ClauseKind::Acquire => Some(MemoryOrder::Acquire),
            ClauseKind::Release => Some(MemoryOrder::Release),
            ClauseKind::Relaxed => Some(MemoryOrder::Relaxed),
            _ => None,
        }
    }
}
