//! `cancel`, `cancellation point`, and the barriers that are cancellation points.
//!
//! A cancelled loop or sections construct is remembered by its number: threads in that construct see it, constructs that
//! follow have other numbers, so nothing has to be reset.

use std::sync::atomic::Ordering;

use super::Ident;
use super::kmpc_sync::flags;
use crate::barrier::barrier;
use crate::cancel::{self, BY_CONSTRUCT};
use crate::config::config;
use crate::ompt;
use crate::task::group;
use crate::thread::{self, Thread};

const PARALLEL: i32 = 1;
const LOOP: i32 = 2;
const SECTIONS: i32 = 3;
const TASKGROUP: i32 = 4;

/// Is the region of that kind cancelled for this thread?
fn cancelled(thread: &Thread, kind: i32) -> bool {
    let member = thread.member();
    let team = member.team();
    match kind {
        PARALLEL => team.cancelled.load(Ordering::Acquire) != 0,
        LOOP | SECTIONS => {
            team.cancelled_workshare.load(Ordering::Acquire) == member.workshares.get()
                && member.workshares.get() != 0
        }
        // A task ends early, too, when the whole region is cancelled.
        TASKGROUP => {
            group::is_cancelled(thread.task.current())
                || team.cancelled.load(Ordering::Acquire) != 0
        }
        _ => false,
    }
}

/// 1: the thread goes to the end of the region.
pub extern "C" fn __kmpc_cancel(_loc: *const Ident, gtid: i32, kind: i32) -> i32 {
    if !config().cancellation {
        return 0;
    }
    let thread = thread::from_gtid(gtid);
    ompt::cancel(thread, kind, true);
    let member = thread.member();
    let team = member.team();
    match kind {
        PARALLEL => {
            cancel::cancel(team, BY_CONSTRUCT);
            1
        }
        LOOP | SECTIONS => {
            // Release: a thread that sees the number also sees what was written before the construct.
            team.cancelled_workshare
                .store(member.workshares.get(), Ordering::Release);
            1
        }
        TASKGROUP => group::cancel(thread.task.current()).into(),
        _ => 0,
    }
}

/// 1: the thread goes to the end of the region.
pub extern "C" fn __kmpc_cancellationpoint(_loc: *const Ident, gtid: i32, kind: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    let detected = config().cancellation && cancelled(thread, kind);
    if detected {
        ompt::cancel(thread, kind, false);
    }
    detected.into()
}

/// A barrier; 1: the parallel region is cancelled.
pub extern "C" fn __kmpc_cancel_barrier(loc: *const Ident, gtid: i32) -> i32 {
    let thread = thread::from_gtid(gtid);
    ompt::next_barrier(thread, || flags(loc));
    let detected = barrier(thread, thread.member());
    if detected {
        ompt::cancel(thread, PARALLEL, false);
    }
    detected.into()
}
