//! What each mode can run today, per directive and clause. Rows are added here when a construct is lowered; nothing else decides it.

use crate::clause::ClauseKind as C;
use crate::leaf::LeafKind as L;

/// How the code of a function is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Compiled to machine code.
    Native,
    /// Run by CPython.
    Python,
}

impl Mode {
    /// The word used for the mode in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Native => "native",
            Mode::Python => "python",
        }
    }
}

/// Whether a mode can run something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Support {
    pub native: bool,
    pub python: bool,
}

impl Support {
    /// Neither mode.
    pub const NONE: Support = Support {
        native: false,
        python: false,
    };
    /// Python mode only.
    pub const PYTHON: Support = Support {
        native: false,
        python: true,
    };
    /// Both modes.
    pub const BOTH: Support = Support {
        native: true,
        python: true,
    };

    /// The answer for one mode.
    pub const fn in_mode(self, mode: Mode) -> bool {
        match mode {
            Mode::Native => self.native,
            Mode::Python => self.python,
        }
    }
}

/// A directive that some mode runs, and the clauses that run on it.
struct Row {
    leaf: L,
    support: Support,
    clauses: &'static [C],
}

/// Directives without a row run in no mode.
static ROWS: &[Row] = &[
    both(
        L::Parallel,
        &[
            C::Allocate,
            C::Copyin,
            C::Default,
            C::Firstprivate,
            C::If,
            C::Message,
            C::NumThreads,
            C::Private,
            C::ProcBind,
            C::Reduction,
            C::Safesync,
            C::Severity,
            C::Shared,
        ],
    ),
    both(
        L::For,
        &[
            C::Allocate,
            C::Collapse,
            C::Firstprivate,
            C::Induction,
            C::Lastprivate,
            C::Linear,
            C::Nowait,
            C::Order,
            C::Ordered,
            C::Private,
            C::Reduction,
            C::Schedule,
        ],
    ),
    both(
        L::Loop,
        &[
            C::Bind,
            C::Collapse,
            C::Lastprivate,
            C::Order,
            C::Private,
            C::Reduction,
        ],
    ),
    both(
        L::Scope,
        &[
            C::Allocate,
            C::Firstprivate,
            C::Nowait,
            C::Private,
            C::Reduction,
        ],
    ),
    both(
        L::Teams,
        &[
            C::Allocate,
            C::Default,
            C::Firstprivate,
            C::If,
            C::NumTeams,
            C::Private,
            C::Reduction,
            C::Shared,
            C::ThreadLimit,
        ],
    ),
    both(
        L::Distribute,
        &[
            C::Allocate,
            C::Collapse,
            C::DistSchedule,
            C::Firstprivate,
            C::Lastprivate,
            C::Order,
            C::Private,
        ],
    ),
    both(
        L::Simd,
        &[
            C::Aligned,
            C::Collapse,
            C::If,
            C::Induction,
            C::Lastprivate,
            C::Linear,
            C::Nontemporal,
            C::Order,
            C::Private,
            C::Reduction,
            C::Safelen,
            C::Simdlen,
        ],
    ),
    both(
        L::Sections,
        &[
            C::Allocate,
            C::Firstprivate,
            C::Lastprivate,
            C::Nowait,
            C::Private,
            C::Reduction,
        ],
    ),
    both(L::Section, &[]),
    both(
        L::Single,
        &[
            C::Allocate,
            C::Copyprivate,
            C::Firstprivate,
            C::Nowait,
            C::Private,
        ],
    ),
    both(L::Masked, &[C::Filter]),
    both(L::Critical, &[C::Hint]),
    both(
        L::Atomic,
        &[
            C::AcqRel,
            C::Acquire,
            C::Capture,
            C::Compare,
            C::Fail,
            C::Hint,
            C::Memscope,
            C::Read,
            C::Relaxed,
            C::Release,
            C::SeqCst,
            C::Update,
            C::Weak,
            C::Write,
        ],
    ),
    both(
        L::Task,
        &[
            C::Affinity,
            C::Allocate,
            C::Default,
            C::Depend,
            C::Detach,
            C::Final,
            C::Firstprivate,
            C::If,
            C::InReduction,
            C::Mergeable,
            C::Priority,
            C::Private,
            C::Replayable,
            C::Shared,
            C::Threadset,
            C::Transparent,
            C::Untied,
        ],
    ),
    both(
        L::Taskloop,
        &[
            C::Allocate,
            C::Collapse,
            C::Default,
            C::Final,
            C::Firstprivate,
            C::Grainsize,
            C::If,
            C::InReduction,
            C::Lastprivate,
            C::Mergeable,
            C::Nogroup,
            C::NumTasks,
            C::Priority,
            C::Private,
            C::Reduction,
            C::Replayable,
            C::Shared,
            C::Threadset,
            C::Transparent,
            C::Untied,
        ],
    ),
    both(L::Taskgroup, &[C::Allocate, C::TaskReduction]),
    both(L::Taskwait, &[C::Depend, C::Nowait, C::Replayable]),
    both(
        L::Taskgraph,
        &[C::GraphId, C::GraphReset, C::If, C::Nogroup],
    ),
    both(L::Taskyield, &[]),
    both(L::Depobj, &[C::Depend, C::Destroy, C::Init, C::Update]),
    both(L::Barrier, &[]),
    both(
        L::Cancel,
        &[C::For, C::If, C::Parallel, C::Sections, C::Taskgroup],
    ),
    both(
        L::CancellationPoint,
        &[C::For, C::Parallel, C::Sections, C::Taskgroup],
    ),
    both(
        L::Flush,
        &[C::AcqRel, C::Acquire, C::Memscope, C::Release, C::SeqCst],
    ),
    both(L::Ordered, &[C::Doacross, C::Simd, C::Threads]),
    both(L::Threadprivate, &[]),
    both(L::Groupprivate, &[C::DeviceType]),
    both(L::Allocate, &[C::Align, C::Allocator]),
    both(
        L::DeclareSimd,
        &[
            C::Aligned,
            C::Inbranch,
            C::Linear,
            C::Notinbranch,
            C::Simdlen,
            C::Uniform,
        ],
    ),
    both(L::Tile, &[C::Apply, C::Sizes]),
    both(L::Unroll, &[C::Apply, C::Full, C::Partial]),
    both(L::Reverse, &[C::Apply]),
    both(L::Interchange, &[C::Apply, C::Permutation]),
    both(L::Split, &[C::Apply, C::Counts]),
    both(L::Stripe, &[C::Apply, C::Sizes]),
    both(L::Fuse, &[C::Apply, C::Depth, C::Looprange]),
    both(L::Flatten, &[C::Depth]),
    both(L::DeclareReduction, &[C::Combiner, C::Initializer]),
    both(L::DeclareInduction, &[C::Collector, C::Inductor]),
    both(L::Scan, &[C::Exclusive, C::Inclusive, C::InitComplete]),
    both(
        L::Target,
        &[
            C::Allocate,
            C::Default,
            C::Defaultmap,
            C::Depend,
            C::Device,
            C::DeviceType,
            C::Firstprivate,
            C::HasDeviceAddr,
            C::If,
            C::IsDevicePtr,
            C::Map,
            C::Nowait,
            C::Priority,
            C::Private,
            C::ThreadLimit,
            C::UsesAllocators,
        ],
    ),
    both(L::DeclareTarget, &[C::DeviceType, C::Enter, C::Link]),
    both(L::BeginDeclareTarget, &[C::DeviceType]),
    both(L::EndDeclareTarget, &[]),
    both(
        L::TargetData,
        &[
            C::Depend,
            C::Device,
            C::If,
            C::Map,
            C::Nogroup,
            C::Nowait,
            C::UseDeviceAddr,
            C::UseDevicePtr,
        ],
    ),
    both(
        L::TargetEnterData,
        &[C::Depend, C::Device, C::If, C::Map, C::Nowait, C::Priority],
    ),
    both(
        L::TargetExitData,
        &[C::Depend, C::Device, C::If, C::Map, C::Nowait, C::Priority],
    ),
    both(
        L::TargetUpdate,
        &[
            C::Depend,
            C::Device,
            C::From,
            C::If,
            C::Nowait,
            C::Priority,
            C::To,
        ],
    ),
    both(
        L::Requires,
        &[
            C::AtomicDefaultMemOrder,
            C::DynamicAllocators,
            C::UnifiedAddress,
        ],
    ),
    both(L::DeclareVariant, &[C::AdjustArgs, C::AppendArgs, C::Match]),
    both(L::BeginDeclareVariant, &[C::Match]),
    both(L::EndDeclareVariant, &[]),
    both(
        L::Dispatch,
        &[
            C::Depend,
            C::Device,
            C::HasDeviceAddr,
            C::Interop,
            C::IsDevicePtr,
            C::Nocontext,
            C::Novariants,
            C::Nowait,
        ],
    ),
    both(
        L::Interop,
        &[C::Depend, C::Destroy, C::Device, C::Init, C::Nowait, C::Use],
    ),
    both(L::Assumes, ASSUMPTIONS),
    both(L::BeginAssumes, ASSUMPTIONS),
    both(L::EndAssumes, &[]),
    both(L::Assume, ASSUMPTIONS),
    both(L::Error, &[C::At, C::Message, C::Severity]),
    both(L::Nothing, &[]),
    both(L::Metadirective, &[C::Otherwise, C::When]),
    both(L::BeginMetadirective, &[C::Otherwise, C::When]),
    both(L::EndMetadirective, &[]),
];

/// Promises: nothing is made of them, as they may say what the compiler cannot know.
const ASSUMPTIONS: &[C] = &[
    C::Absent,
    C::Contains,
    C::Holds,
    C::NoOpenmp,
    C::NoOpenmpConstructs,
    C::NoOpenmpRoutines,
    C::NoParallelism,
];

const fn both(leaf: L, clauses: &'static [C]) -> Row {
    Row {
        leaf,
        support: Support::BOTH,
        clauses,
    }
}

impl L {
    /// Which modes run this directive.
    pub fn support(self) -> Support {
        ROWS.iter()
            .find(|row| row.leaf == self)
            .map_or(Support::NONE, |row| row.support)
    }

    /// Which modes run this directive with that clause.
    pub fn clause_support(self, clause: C) -> Support {
        ROWS.iter()
            .find(|row| row.leaf == self && row.clauses.contains(&clause))
            .map_or(Support::NONE, |row| row.support)
    }
}

/// Declares the forms of clauses that are supported or not on their own, beside their clause.
macro_rules! forms {
    ($($form:ident = $name:literal, $support:ident;)+) => {
        /// A form of a clause whose support is decided apart from the clause's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Form { $(#[doc = $name] $form),+ }

        impl Form {
            /// Every form, in the order of the table.
            pub const ALL: &'static [Form] = &[$(Form::$form),+];

            /// What the form is called in messages.
            pub const fn name(self) -> &'static str {
                match self { $(Form::$form => $name),+ }
            }

            /// Which modes run it.
            pub const fn support(self) -> Support {
                match self { $(Form::$form => Support::$support),+ }
            }
        }
    };
}

forms! {
    InscanReduction = "`inscan` on `reduction`", BOTH;
    TaskReduction = "`task` on `reduction`", BOTH;
    OriginalSharing = "`original(...)` on `reduction`", BOTH;
    PartReduction = "a reduction of an element or attribute", NONE;
    ConditionalLastprivate = "`conditional` on `lastprivate`", BOTH;
    SavedFirstprivate = "`saved` on `firstprivate`", PYTHON;
    DefaultCategory = "a kind of variable on `default`", BOTH;
    StrictNumThreads = "`strict` on `num_threads`", BOTH;
    NumThreadsList = "a list of `num_threads`", BOTH;
    OrderedDepth = "`ordered` with a number of loops", BOTH;
    DependIterator = "`iterator` on `depend`", BOTH;
    DependObject = "`depobj` on `depend`", BOTH;
    Mapper = "`mapper`", NONE;
    MapIterator = "`iterator` on a clause that maps", NONE;
    MapAttach = "`attach` on `map`", NONE;
    MapSelf = "`self` on `map`", NONE;
    MapReference = "a reference modifier on `map`", NONE;
    DefaultmapSelf = "`self` on `defaultmap`", NONE;
    AncestorDevice = "`ancestor` on `device`", NONE;
    OneKindOfDevice = "`device_type` with one kind of device", NONE;
    ScaledSimdlen = "`scaled` on `simdlen`", NONE;
}
