//! The table of leaf directives: names, what they attach to, the clauses they take. `LeafKind` is made from its rows.

use crate::clause::ClauseKind;
use crate::version::Version;

/// What code a directive attaches to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Association {
    /// Stands alone.
    None,
    /// A structured block.
    Block,
    /// A canonical loop nest.
    LoopNest,
    /// Several canonical loop nests in a row.
    LoopSequence,
    /// A function definition.
    Declaration,
    /// The names in its own argument.
    Explicit,
    /// Everything up to its `end` directive.
    Delimited,
    /// Splits the block of another directive.
    Separating,
}

/// What a directive is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    Executable,
    Declarative,
    Informational,
    Utility,
    Meta,
    Subsidiary,
}

/// The argument in parentheses that some directives take after their name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeafArg {
    /// No argument.
    None,
    /// `critical(name)`, `declare_simd(function)`: one name, may be left out.
    OptionalName,
    /// `threadprivate(list)`: required names.
    Names,
    /// `flush(list)`, `declare_target(list)`: names, may be left out.
    OptionalNames,
    /// `depobj(object)`: a locator, may be left out.
    OptionalLocator,
    /// `declare_reduction(id : types [: combiner])`.
    DeclareReduction,
    /// `declare_induction(id : types)`.
    DeclareInduction,
    /// `declare_mapper([id :] type var)`.
    DeclareMapper,
    /// `declare_variant([base :] variant)`.
    DeclareVariant,
}

/// One row of the table.
#[derive(Debug)]
pub struct LeafRow {
    pub kind: LeafKind,
    /// The name of 6.0, multi-word names with underscores.
    pub name: &'static str,
    pub association: Association,
    pub category: Category,
    pub arg: LeafArg,
    /// The clauses it takes.
    pub clauses: &'static [ClauseKind],
    /// The first version that has it.
    pub since: Version,
}

macro_rules! leaves {
    ($($kind:ident = $name:literal, $association:ident, $category:ident, $arg:ident, $since:literal, [$($clause:ident),* $(,)?];)+) => {
        /// A directive that is not made of others.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum LeafKind { $(#[doc = concat!("`", $name, "`")] $kind),+ }

        impl LeafKind {
            /// Every leaf directive, in the order of the table.
            pub const ALL: &'static [LeafKind] = &[$(LeafKind::$kind),+];

            /// The directive of that name; the spelling with underscores only.
            pub fn from_name(name: &str) -> Option<LeafKind> {
                match name { $($name => Some(LeafKind::$kind),)+ _ => None }
            }
        }

        /// The table, one row per leaf directive, in the order of `LeafKind`.
        pub static LEAVES: &[LeafRow] = &[$(LeafRow {
            kind: LeafKind::$kind,
            name: $name,
            association: Association::$association,
            category: Category::$category,
            arg: LeafArg::$arg,
            clauses: &[$(ClauseKind::$clause),*],
            since: Version($since),
        }),+];
    };
}

leaves! {
    // Parallelism.
    Parallel = "parallel", Block, Executable, None, 10,
        [Allocate, Copyin, Default, Firstprivate, If, Message, NumThreads, Private, ProcBind, Reduction, Safesync, Severity, Shared];
    Teams = "teams", Block, Executable, None, 40,
        [Allocate, Default, DynGroupprivate, Firstprivate, If, NumTeams, Private, Reduction, Shared, ThreadLimit];
    Simd = "simd", LoopNest, Executable, None, 40,
        [Aligned, Collapse, If, Induction, Lastprivate, Linear, Nontemporal, Order, Private, Reduction, Safelen, Simdlen];
    Masked = "masked", Block, Executable, None, 51, [Filter];
    Loop = "loop", LoopNest, Executable, None, 50, [Bind, Collapse, Lastprivate, Order, Private, Reduction];
    // Work distribution.
    For = "for", LoopNest, Executable, None, 10,
        [Allocate, Collapse, Firstprivate, Induction, Lastprivate, Linear, Nowait, Order, Ordered, Private, Reduction, Schedule];
    Sections = "sections", Block, Executable, None, 10, [Allocate, Firstprivate, Lastprivate, Nowait, Private, Reduction];
    Section = "section", Separating, Subsidiary, None, 10, [];
    Single = "single", Block, Executable, None, 10, [Allocate, Copyprivate, Firstprivate, Nowait, Private];
    Scope = "scope", Block, Executable, None, 51, [Allocate, Firstprivate, Nowait, Private, Reduction];
    Distribute = "distribute", LoopNest, Executable, None, 40,
        [Allocate, Collapse, DistSchedule, Firstprivate, Induction, Lastprivate, Order, Private];
    // Tasking.
    Task = "task", Block, Executable, None, 30,
        [Affinity, Allocate, Default, Depend, Detach, Final, Firstprivate, If, InReduction, Mergeable, Priority, Private,
         Replayable, Shared, Threadset, Transparent, Untied];
    Taskloop = "taskloop", LoopNest, Executable, None, 45,
        [Allocate, Collapse, Default, Final, Firstprivate, Grainsize, If, InReduction, Induction, Lastprivate, Mergeable, Nogroup,
         NumTasks, Priority, Private, Reduction, Replayable, Shared, Threadset, Transparent, Untied];
    TaskIteration = "task_iteration", None, Subsidiary, None, 60, [Affinity, Depend, If];
    Taskgroup = "taskgroup", Block, Executable, None, 40, [Allocate, TaskReduction];
    Taskwait = "taskwait", None, Executable, None, 30, [Depend, Nowait, Replayable];
    Taskyield = "taskyield", None, Executable, None, 31, [];
    Taskgraph = "taskgraph", Block, Executable, None, 60, [GraphId, GraphReset, If, Nogroup, Priority];
    // Synchronization.
    Critical = "critical", Block, Executable, OptionalName, 10, [Hint];
    Barrier = "barrier", None, Executable, None, 10, [];
    Atomic = "atomic", Block, Executable, None, 10,
        [AcqRel, Acquire, Capture, Compare, Fail, Hint, Memscope, Read, Relaxed, Release, SeqCst, Update, Weak, Write];
    Flush = "flush", None, Executable, OptionalNames, 10, [AcqRel, Acquire, Memscope, Release, SeqCst];
    // The block form and the stand-alone form share a name; `doacross` makes it stand-alone.
    Ordered = "ordered", Block, Executable, None, 10, [Doacross, Simd, Threads];
    Depobj = "depobj", None, Executable, OptionalLocator, 50, [Depend, Destroy, Init, Update];
    // Cancellation.
    Cancel = "cancel", None, Executable, None, 40, [For, If, Parallel, Sections, Taskgroup];
    CancellationPoint = "cancellation_point", None, Executable, None, 40, [For, Parallel, Sections, Taskgroup];
    // Devices and interoperability.
    Target = "target", Block, Executable, None, 40,
        [Allocate, Default, Defaultmap, Depend, Device, DeviceType, DynGroupprivate, Firstprivate, HasDeviceAddr, If, InReduction,
         IsDevicePtr, Map, Nowait, Priority, Private, Replayable, ThreadLimit, UsesAllocators];
    TargetData = "target_data", Block, Executable, None, 40,
        [Affinity, Allocate, Default, Depend, Detach, Device, Firstprivate, If, InReduction, Map, Mergeable, Nogroup, Nowait,
         Priority, Private, Shared, Transparent, UseDeviceAddr, UseDevicePtr];
    TargetEnterData = "target_enter_data", None, Executable, None, 45, [Depend, Device, If, Map, Nowait, Priority, Replayable];
    TargetExitData = "target_exit_data", None, Executable, None, 45, [Depend, Device, If, Map, Nowait, Priority, Replayable];
    TargetUpdate = "target_update", None, Executable, None, 40, [Depend, Device, From, If, Nowait, Priority, Replayable, To];
    Interop = "interop", None, Executable, None, 51, [Depend, Destroy, Device, Init, Nowait, Use];
    Dispatch = "dispatch", Block, Executable, None, 51,
        [Depend, Device, HasDeviceAddr, Interop, IsDevicePtr, Nocontext, Novariants, Nowait];
    // Loop transformations.
    Tile = "tile", LoopNest, Executable, None, 51, [Apply, Sizes];
    Unroll = "unroll", LoopNest, Executable, None, 51, [Apply, Full, Partial];
    Reverse = "reverse", LoopNest, Executable, None, 60, [Apply];
    Interchange = "interchange", LoopNest, Executable, None, 60, [Apply, Permutation];
    Split = "split", LoopNest, Executable, None, 60, [Apply, Counts];
    Stripe = "stripe", LoopNest, Executable, None, 60, [Apply, Sizes];
    Fuse = "fuse", LoopSequence, Executable, None, 60, [Apply, Depth, Looprange];
    Flatten = "flatten", LoopNest, Executable, None, 61, [Apply, Depth];
    // Declarations.
    Threadprivate = "threadprivate", Explicit, Declarative, Names, 10, [];
    Groupprivate = "groupprivate", Explicit, Declarative, Names, 60, [DeviceType];
    DeclareReduction = "declare_reduction", None, Declarative, DeclareReduction, 40, [Combiner, Initializer];
    DeclareInduction = "declare_induction", None, Declarative, DeclareInduction, 60, [Collector, Inductor];
    DeclareMapper = "declare_mapper", None, Declarative, DeclareMapper, 50, [Map];
    DeclareSimd = "declare_simd", Declaration, Declarative, OptionalName, 40,
        [Aligned, Inbranch, Linear, Notinbranch, Simdlen, Uniform];
    DeclareTarget = "declare_target", Declaration, Declarative, OptionalNames, 40, [DeviceType, Enter, Indirect, Link, Local];
    BeginDeclareTarget = "begin declare_target", Delimited, Declarative, None, 51, [DeviceType, Indirect];
    EndDeclareTarget = "end declare_target", Delimited, Declarative, None, 51, [];
    DeclareVariant = "declare_variant", Declaration, Declarative, DeclareVariant, 50, [AdjustArgs, AppendArgs, Match];
    BeginDeclareVariant = "begin declare_variant", Delimited, Declarative, None, 51, [Match];
    EndDeclareVariant = "end declare_variant", Delimited, Declarative, None, 51, [];
    Allocate = "allocate", Explicit, Declarative, Names, 50, [Align, Allocator];
    // Promises, requirements, utilities, choice by context.
    Requires = "requires", None, Informational, None, 50,
        [AtomicDefaultMemOrder, DeviceSafesync, DynamicAllocators, ReverseOffload, SelfMaps, UnifiedAddress, UnifiedSharedMemory];
    Assumes = "assumes", None, Informational, None, 51,
        [Absent, Contains, Holds, NoOpenmp, NoOpenmpConstructs, NoOpenmpRoutines, NoParallelism];
    BeginAssumes = "begin assumes", Delimited, Informational, None, 51,
        [Absent, Contains, Holds, NoOpenmp, NoOpenmpConstructs, NoOpenmpRoutines, NoParallelism];
    EndAssumes = "end assumes", Delimited, Informational, None, 51, [];
    Assume = "assume", Block, Informational, None, 51,
        [Absent, Contains, Holds, NoOpenmp, NoOpenmpConstructs, NoOpenmpRoutines, NoParallelism];
    Error = "error", None, Utility, None, 51, [At, Message, Severity];
    Nothing = "nothing", None, Utility, None, 51, [Apply];
    Metadirective = "metadirective", None, Meta, None, 50, [Otherwise, When];
    BeginMetadirective = "begin metadirective", Delimited, Meta, None, 50, [Otherwise, When];
    EndMetadirective = "end metadirective", Delimited, Meta, None, 50, [];
    Scan = "scan", Separating, Subsidiary, None, 50, [Exclusive, Inclusive, InitComplete];
}

impl LeafKind {
    /// The row of this directive.
    pub fn row(self) -> &'static LeafRow {
        &LEAVES[self as usize]
    }

    /// The name of 6.0, multi-word names with underscores.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the directive takes the clause.
    pub fn allows(self, clause: ClauseKind) -> bool {
        self.row().clauses.contains(&clause)
    }
}

impl std::fmt::Display for LeafKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
