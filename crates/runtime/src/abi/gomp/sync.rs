//! Barriers, `critical`, `atomic` on types that need a lock, `single`, `ordered`, cancellation.
//!
//! A loop whose schedule GCC compiles inline is unknown to the runtime, so a cancelled loop or sections construct is
//! remembered by the barriers its thread has passed: constructs that may be cancelled end with one, so all threads in the construct
//! have passed as many, and all later ones are in another. The owner forgets it when the region is over.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;

use super::super::kmpc_atomic::general::{__kmpc_atomic_end, __kmpc_atomic_start};
use super::super::kmpc_cancel::{__kmpc_cancel, __kmpc_cancellationpoint};
use super::{Data, current, loops};
use crate::barrier::barrier;
use crate::cancel::{self, BY_CONSTRUCT};
use crate::config::config;
use crate::ompt::{self, Mutex};
use crate::sync::lock::Lock;
use crate::team::Member;
use crate::wait::Committed;
use crate::workshare;

pub extern "C" fn GOMP_barrier() {
    let thread = current();
    barrier(thread, thread.member());
}

/// True: the parallel region is cancelled.
pub extern "C" fn GOMP_barrier_cancel() -> bool {
    let thread = current();
    barrier(thread, thread.member())
}

/// GCC 16's forms say which construct's barrier it is, which changes nothing here.
pub extern "C" fn GOMP_barrier_ext(_kind: i32) {
    GOMP_barrier();
}

pub extern "C" fn GOMP_barrier_cancel_ext(_kind: i32) -> bool {
    GOMP_barrier_cancel()
}

/// The `critical` construct without a name.
static UNNAMED: Lock = Lock::new();

/// What tools know a lock by.
fn id(lock: &'static Lock) -> usize {
    std::ptr::from_ref(lock).addr()
}

pub extern "C" fn GOMP_critical_start() {
    ompt::around_mutex(Mutex::Critical, id(&UNNAMED), 0, || {
        UNNAMED.lock(&Committed::new(current()));
    });
    current().task.enter_exclusive();
}

pub extern "C" fn GOMP_critical_end() {
    current().task.leave_exclusive();
    UNNAMED.unlock();
    ompt::mutex_released(Mutex::Critical, id(&UNNAMED));
}

/// # Safety
/// `name` is the pointer-sized variable, zero at first, that GCC reserves for the section.
pub unsafe extern "C" fn GOMP_critical_name_start(name: *mut Data) {
    // SAFETY: the caller's promise; the lock takes the variable's first word.
    let lock = unsafe { workshare::lock_of(name.cast()) };
    ompt::around_mutex(Mutex::Critical, name.addr(), 0, || {
        lock.lock(&Committed::new(current()));
    });
    current().task.enter_exclusive();
}

/// # Safety
/// As [`GOMP_critical_name_start`]; the caller is in the section.
pub unsafe extern "C" fn GOMP_critical_name_end(name: *mut Data) {
    current().task.leave_exclusive();
    // SAFETY: the caller's promise.
    unsafe { workshare::lock_of(name.cast()) }.unlock();
    ompt::mutex_released(Mutex::Critical, name.addr());
}

/// `atomic` where GCC knows no better. The same lock as that of other compilers' functions.
pub extern "C" fn GOMP_atomic_start() {
    __kmpc_atomic_start();
}

pub extern "C" fn GOMP_atomic_end() {
    __kmpc_atomic_end();
}

/// True on the thread that executes the block.
pub extern "C" fn GOMP_single_start() -> bool {
    let thread = current();
    let executes = workshare::single(thread.member());
    ompt::single(thread, executes);
    executes
}

/// Null on the thread that executes the block and then calls [`GOMP_single_copy_end`]; the others get, when that has been done, the
/// pointer it has passed. GCC puts a barrier behind the copying.
pub extern "C" fn GOMP_single_copy_start() -> *mut c_void {
    let thread = current();
    let member = thread.member();
    if workshare::single(member) {
        return null_mut();
    }
    workshare::broadcast(thread, member, None).unwrap_or(null_mut())
}

pub extern "C" fn GOMP_single_copy_end(data: *mut c_void) {
    let thread = current();
    workshare::broadcast(thread, thread.member(), Some(data));
}

pub extern "C" fn GOMP_ordered_start() {
    let id = ompt::ordered_id(current().member());
    ompt::around_mutex(Mutex::Ordered, id, 0, loops::ordered_enter);
}

/// The turn is the chunk's, so it goes on to the next when the chunk is over.
pub extern "C" fn GOMP_ordered_end() {
    ompt::mutex_released(Mutex::Ordered, ompt::ordered_id(current().member()));
}

/// What `GOMP_cancel` and `GOMP_cancellation_point` are about.
mod which {
    pub const PARALLEL: i32 = 1;
    pub const LOOP: i32 = 2;
    pub const SECTIONS: i32 = 4;
    pub const TASKGROUP: i32 = 8;
}

/// Clang's number for the same.
const KMPC_TASKGROUP: i32 = 4;

/// Names the construct that the thread is in: see the module's description. Never 0.
fn construct(member: &Member) -> u32 {
    member.signals.arrived.generation() + 1
}

/// True: the thread goes to the end of the region.
pub extern "C" fn GOMP_cancellation_point(which: i32) -> bool {
    if !config().cancellation {
        return false;
    }
    let (member, gtid) = (current().member(), current().gtid.get());
    let team = member.team();
    let parallel = || team.cancelled.load(Ordering::Acquire) != 0;
    match which {
        which::LOOP | which::SECTIONS => {
            team.cancelled_inline.load(Ordering::Acquire) == construct(member) || parallel()
        }
        which::TASKGROUP => __kmpc_cancellationpoint(null(), gtid, KMPC_TASKGROUP) != 0,
        _ => parallel(),
    }
}

/// `cancel` with its `if` clause's value. True: the thread goes to the end of the region.
pub extern "C" fn GOMP_cancel(which: i32, condition: bool) -> bool {
    if !config().cancellation {
        return false;
    }
    if !condition {
        return GOMP_cancellation_point(which);
    }
    let (member, gtid) = (current().member(), current().gtid.get());
    let team = member.team();
    match which {
        which::LOOP | which::SECTIONS => {
            // Release: a thread that sees the number also sees what was written before the construct.
            team.cancelled_inline
                .store(construct(member), Ordering::Release);
            true
        }
        which::TASKGROUP => __kmpc_cancel(null(), gtid, KMPC_TASKGROUP) != 0,
        which::PARALLEL => {
            cancel::cancel(team, BY_CONSTRUCT);
            true
        }
        _ => false,
    }
}

/// `masked` with a filter, in GCC 16: is this the thread of that number?
pub extern "C" fn GOMP_has_masked_thread_num(thread_num: i32) -> bool {
    current().member().tid.get() as i32 == thread_num
}
