//! Rules between the clauses of one directive: sets that exclude each other, and clauses that must be there.

use crate::clause::ClauseKind::{self, *};
use crate::leaf::LeafKind;

/// Clauses of which one at most may stand on the directive.
#[derive(Debug)]
pub struct Exclusive {
    pub leaf: LeafKind,
    pub clauses: &'static [ClauseKind],
    pub reason: &'static str,
}

/// Clauses of which one at least must stand on the directive.
#[derive(Debug)]
pub struct Required {
    pub leaf: LeafKind,
    pub any_of: &'static [ClauseKind],
}

const fn exclusive(
    leaf: LeafKind,
    clauses: &'static [ClauseKind],
    reason: &'static str,
) -> Exclusive {
    Exclusive {
        leaf,
        clauses,
        reason,
    }
}

const fn required(leaf: LeafKind, any_of: &'static [ClauseKind]) -> Required {
    Required { leaf, any_of }
}

/// Every set of clauses that exclude each other.
pub static EXCLUSIVE: &[Exclusive] = &[
    exclusive(
        LeafKind::Single,
        &[Copyprivate, Nowait],
        "values are handed out at the barrier that `nowait` removes",
    ),
    exclusive(
        LeafKind::For,
        &[Order, Ordered],
        "iterations that may run in any order have none to keep",
    ),
    exclusive(
        LeafKind::Simd,
        &[Order, Safelen],
        "`order(concurrent)` says that any distance is safe",
    ),
    exclusive(
        LeafKind::Task,
        &[Detach, Mergeable],
        "a merged task has no completion of its own to detach",
    ),
    exclusive(
        LeafKind::TargetData,
        &[Detach, Mergeable],
        "a merged task has no completion of its own to detach",
    ),
    exclusive(
        LeafKind::Taskloop,
        &[Grainsize, NumTasks],
        "each decides how many tasks there are",
    ),
    exclusive(
        LeafKind::Taskloop,
        &[Nogroup, Reduction],
        "the reduction ends with the task group that `nogroup` removes",
    ),
    exclusive(
        LeafKind::Unroll,
        &[Full, Partial],
        "a loop is unrolled either fully or partially",
    ),
    exclusive(
        LeafKind::DeclareSimd,
        &[Inbranch, Notinbranch],
        "a version is called either in a branch or not",
    ),
    exclusive(
        LeafKind::Atomic,
        &[Read, Update, Write],
        "an atomic operation is of one kind",
    ),
    exclusive(
        LeafKind::Atomic,
        &[AcqRel, Acquire, Relaxed, Release, SeqCst],
        "an operation has one memory order",
    ),
    exclusive(
        LeafKind::Flush,
        &[AcqRel, Acquire, Release, SeqCst],
        "a flush has one memory order",
    ),
    exclusive(
        LeafKind::Ordered,
        &[Simd, Threads],
        "a block is ordered at one level",
    ),
    exclusive(
        LeafKind::Ordered,
        &[Doacross, Simd],
        "`doacross` makes the directive stand alone",
    ),
    exclusive(
        LeafKind::Ordered,
        &[Doacross, Threads],
        "`doacross` makes the directive stand alone",
    ),
    exclusive(
        LeafKind::Cancel,
        &[For, Parallel, Sections, Taskgroup],
        "one kind of region is cancelled",
    ),
    exclusive(
        LeafKind::CancellationPoint,
        &[For, Parallel, Sections, Taskgroup],
        "one kind of region is checked",
    ),
    exclusive(
        LeafKind::Scan,
        &[Exclusive, Inclusive, InitComplete],
        "a scan separates one pair of phases",
    ),
    exclusive(
        LeafKind::Depobj,
        &[Depend, Destroy, Init, Update],
        "an object takes one action at a time",
    ),
];

/// Every set of clauses of which one must stand.
pub static REQUIRED: &[Required] = &[
    required(LeafKind::Cancel, &[For, Parallel, Sections, Taskgroup]),
    required(
        LeafKind::CancellationPoint,
        &[For, Parallel, Sections, Taskgroup],
    ),
    required(LeafKind::Scan, &[Inclusive, Exclusive, InitComplete]),
    required(LeafKind::Depobj, &[Init, Update, Destroy, Depend]),
    required(LeafKind::TargetData, &[Map, UseDeviceAddr, UseDevicePtr]),
    required(LeafKind::TargetEnterData, &[Map]),
    required(LeafKind::TargetExitData, &[Map]),
    required(LeafKind::TargetUpdate, &[To, From]),
    required(LeafKind::Interop, &[Init, Use, Destroy]),
    required(LeafKind::Tile, &[Sizes]),
    required(LeafKind::Stripe, &[Sizes]),
    required(LeafKind::Split, &[Counts]),
    required(LeafKind::DeclareInduction, &[Inductor]),
    required(LeafKind::DeclareInduction, &[Collector]),
    required(LeafKind::DeclareMapper, &[Map]),
    required(LeafKind::DeclareVariant, &[Match]),
    required(LeafKind::BeginDeclareVariant, &[Match]),
    required(LeafKind::Metadirective, &[When, Otherwise]),
    required(LeafKind::BeginMetadirective, &[When, Otherwise]),
];

impl ClauseKind {
    /// Whether the clause gives its items a data-sharing attribute: an item has one on each leaf.
    pub fn is_data_sharing(self) -> bool {
        matches!(
            self,
            Shared
                | Private
                | Firstprivate
                | Lastprivate
                | Linear
                | Reduction
                | InReduction
                | TaskReduction
                | Induction
                | Copyprivate
                | Uniform
                | IsDevicePtr
                | HasDeviceAddr
                | UseDevicePtr
                | UseDeviceAddr
        )
    }

    /// Whether the clause makes private copies of its items.
    pub fn is_privatizing(self) -> bool {
        matches!(
            self,
            Private
                | Firstprivate
                | Lastprivate
                | Linear
                | Reduction
                | InReduction
                | TaskReduction
                | Induction
        )
    }
}
