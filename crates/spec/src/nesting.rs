//! Which regions may not be closely nested inside of which: no parallel region lies between the two.

use crate::leaf::LeafKind::{self, *};

/// A rule about two directives, the inner one closely nested in the outer one.
#[derive(Debug)]
pub struct Nesting {
    pub inner: &'static [LeafKind],
    pub outer: &'static [LeafKind],
    /// Why not, as a clause that follows "because".
    pub reason: &'static str,
}

/// The pairs that are not allowed.
pub static FORBIDDEN: &[Nesting] = &[
    Nesting {
        inner: &[For, Sections, Single, Scope, Loop],
        outer: &[
            For, Sections, Section, Single, Loop, Task, Taskloop, Critical, Ordered, Atomic, Masked,
        ],
        reason: "all threads of the team must meet it, and only some of them get here",
    },
    Nesting {
        inner: &[Barrier],
        outer: &[
            For, Sections, Section, Single, Loop, Task, Taskloop, Critical, Ordered, Atomic, Masked,
        ],
        reason: "all threads of the team must reach a barrier, and only some of them get here",
    },
    Nesting {
        inner: &[Masked],
        outer: &[For, Sections, Section, Single, Loop, Atomic, Task, Taskloop],
        reason: "the thread that it selects may not get here",
    },
    Nesting {
        inner: &[Ordered],
        outer: &[Critical, Loop, Atomic, Task, Taskloop],
        reason: "the iteration whose turn it is could wait for this one",
    },
    Nesting {
        inner: &[
            Target,
            TargetData,
            TargetEnterData,
            TargetExitData,
            TargetUpdate,
        ],
        outer: &[Target],
        reason: "a device's region drives no device",
    },
    Nesting {
        inner: &[Teams],
        outer: &[
            Parallel, Teams, For, Sections, Section, Single, Scope, Loop, Distribute, Task,
            Taskloop, Critical, Ordered, Atomic, Masked,
        ],
        reason: "a league starts outside of all regions or directly in `target`",
    },
    Nesting {
        inner: &[For, Sections, Single, Scope, Barrier],
        outer: &[Teams],
        reason: "directly in `teams` stand `distribute`, `parallel` and `loop`: a team has only its initial thread there",
    },
    Nesting {
        inner: &[Distribute],
        outer: &[
            Parallel, For, Sections, Section, Single, Scope, Loop, Distribute, Task, Taskloop,
            Critical, Ordered, Atomic, Masked,
        ],
        reason: "it shares its iterations among the teams of the `teams` region directly around it",
    },
];

/// What a `simd` region may hold.
pub static SIMDIZABLE: &[LeafKind] = &[
    Atomic,
    Simd,
    Loop,
    Ordered,
    Scan,
    Tile,
    Unroll,
    Reverse,
    Interchange,
    Split,
    Stripe,
    Fuse,
    Flatten,
    Nothing,
];

/// What a region with `order(concurrent)` may hold.
pub static ORDER_CONCURRENT_NESTABLE: &[LeafKind] = &[
    Parallel,
    Simd,
    Loop,
    Atomic,
    Tile,
    Unroll,
    Reverse,
    Interchange,
    Split,
    Stripe,
    Fuse,
    Flatten,
    Nothing,
];

impl LeafKind {
    /// The rule that forbids this directive closely inside of `outer`.
    pub fn forbidden_in(self, outer: LeafKind) -> Option<&'static Nesting> {
        FORBIDDEN
            .iter()
            .find(|rule| rule.inner.contains(&self) && rule.outer.contains(&outer))
    }
}
