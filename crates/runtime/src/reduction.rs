//! How the threads of a team bring a reduction's private copies together where the compiler leaves the choice to the runtime.
//!
//! | method | when |
//! |---|---|
//! | atomic updates of the original variable | the compiler can, and the team is small or a crowd: the threads' times differ, so the updates seldom meet |
//! | one thread after the other, under a lock | the compiler cannot, in the same teams |
//! | a tree (`sync::gather`), whose last thread updates the original | larger teams: its length grows with the logarithm of their size |

use std::cell::Cell;
use std::ffi::c_void;

use crate::process;
use crate::sync::gather::{Outcome, Seat, gather};
use crate::team::Member;
use crate::thread::Thread;
use crate::wait::{Committed, InRegion};

/// See the module's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Atomic,
    Lock,
    Tree,
}

/// Teams above these sizes use the tree: instead of atomic updates, and instead of a lock.
const MOST_ATOMIC: u32 = 8;
const MOST_LOCKED: u32 = 4;

/// The same for all threads of a team. `atomic`: the compiler can use atomic updates.
#[inline]
pub fn method(member: &Member, atomic: bool) -> Method {
    let size = member.team_size.get();
    let most = if atomic { MOST_ATOMIC } else { MOST_LOCKED };
    if size > most && !process::crowded(size) {
        Method::Tree
    } else if atomic {
        Method::Atomic
    } else {
        Method::Lock
    }
}

/// A member's part in trees.
#[derive(Default)]
pub struct Gathering {
    seat: Seat,
    /// Trees it has been in: the same number in all members of the team.
    rounds: Cell<u32>,
}

impl Gathering {
    /// Begins to count anew: all members of an idle team at once.
    pub fn reset(&self) {
        self.seat.reset();
        self.rounds.set(0);
    }

    /// Lets those who wait here look at their stop condition.
    pub fn kick(&self) {
        self.seat.kick();
    }
}

/// Takes part in a tree. `combine(to, from)` adds one thread's values to another's.
///
/// # Safety
/// `combine` may be called with any two threads' `values`.
pub unsafe fn tree(
    thread: &Thread,
    member: &Member,
    values: *mut c_void,
    combine: unsafe extern "C" fn(*mut c_void, *mut c_void),
) -> Outcome {
    let own = &member.gathering;
    let round = own.rounds.get().wrapping_add(1);
    own.rounds.set(round);
    gather(
        |tid| &member.team().member(tid).gathering.seat,
        (member.tid.get(), member.team_size.get()),
        round,
        values,
        (&InRegion::new(thread, member), &Committed::new(thread)),
        // SAFETY: the caller's promise; the other thread waits with its values alive.
        |from| unsafe { combine(values, from) },
    )
}
