//! The Rust door: what python mode and other Rust callers use. All functions act on the calling thread.

use std::any::Any;
use std::collections::HashMap;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;

use crate::doacross::Dimension;
use crate::fork::Request;
use crate::process::{self, ForkSafe};
use crate::region::Code;
use crate::sync::lock::Lock;
use crate::thread;
use crate::{
    barrier as barriers, cancel, dispatch, doacross as doacrosses, fork as forks,
    league as leagues, wait, workshare,
};

pub use crate::cancel::{
    BAD_NUM_TEAMS, BAD_NUM_THREADS, CANCELLED, INTERRUPTED, STRICT_FAILED, TeamError,
};
pub use crate::config::config;
pub use crate::dispatch::Chunk;
pub use crate::icv::Bind as ProcBind;
pub use crate::initial::initial_task;
pub use crate::league::LeagueRequest;
pub use crate::region::PANICKED;
pub use crate::schedule::Schedule;
pub use crate::task::closure::{
    Depend, DependKind, TaskOptions, TaskloopDivision, cancel_taskgroup, depend_object,
    destroy_depend_object, event, find_depend_object, fulfill_event, task, taskgroup_begin,
    taskgroup_cancellation_point, taskgroup_end, taskloop, taskwait, taskwait_depend, taskyield,
    update_depend_object,
};
pub use crate::wait::{BlockHooks, omply_interrupt};

/// What a `parallel` construct asks for.
#[derive(Clone, Copy, Debug)]
pub struct ForkOptions<'a> {
    /// The `num_threads` list; empty: nthreads-var decides.
    pub num_threads: &'a [i32],
    /// `num_threads(strict: ...)`.
    pub strict: bool,
    /// The `proc_bind` clause.
    pub proc_bind: Option<ProcBind>,
    /// The `if` clause.
    pub if_cond: bool,
}

impl Default for ForkOptions<'_> {
    fn default() -> Self {
        Self {
            num_threads: &[],
            strict: false,
            proc_bind: None,
            if_cond: true,
        }
    }
}

/// Who is running: handed to a region's body.
#[derive(Clone, Copy, Debug)]
pub struct TeamThread {
    pub gtid: i32,
    pub thread_num: i32,
    pub num_threads: i32,
}

/// The innermost team is cancelled or interrupted: release what you hold and leave the region, returning [`CANCELLED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

fn unless_cancelled(went_on: bool) -> Result<(), Cancelled> {
    if went_on { Ok(()) } else { Err(Cancelled) }
}

/// A region's body and the first panic in it.
struct Body<'a, F> {
    run: &'a F,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// Runs `body` on a team and waits for it. A positive return of `body` that no [`report_error`] precedes is recorded with that
/// status. `Err` holds the status of the lowest thread number that failed; [`take_errors`] gives all. A panic in the body is
/// resumed here once the team has joined.
pub fn fork<F: Fn(TeamThread) -> i32 + Sync>(options: &ForkOptions, body: F) -> Result<(), i32> {
    let request = Request {
        num_threads: options.num_threads,
        strict: options.strict,
        proc_bind: options.proc_bind,
        if_cond: options.if_cond,
    };
    run_guarded(body, |code| {
        // SAFETY: the body is alive until the region is over, and may be shared.
        unsafe { forks::fork(thread::current(), code, &request) }
    })
}

/// Makes code of `body`, lets `run` run it, and resumes the first panic in it.
fn run_guarded<F: Fn(TeamThread) -> i32 + Sync>(
    body: F,
    run: impl FnOnce(Code) -> i32,
) -> Result<(), i32> {
    unsafe extern "C-unwind" fn call<F: Fn(TeamThread) -> i32 + Sync>(
        gtid: i32,
        thread_num: i32,
        num_threads: i32,
        context: *mut c_void,
    ) -> i32 {
        // SAFETY: the context is the body below, alive until the join; it is Sync and only shared references are made.
        let body = unsafe { &*context.cast::<Body<F>>() };
        match catch_unwind(AssertUnwindSafe(|| {
            (body.run)(TeamThread {
                gtid,
                thread_num,
                num_threads,
            })
        })) {
            Ok(status) => status,
            Err(payload) => {
                body.panic
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .get_or_insert(payload);
                PANICKED
            }
        }
    }
    let body = Body {
        run: &body,
        panic: Mutex::new(None),
    };
    let status = run(Code::omply(
        call::<F>,
        std::ptr::from_ref(&body).cast_mut().cast(),
    ));
    if let Some(payload) = body
        .panic
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        take_errors();
        resume_unwind(payload);
    }
    if status == 0 { Ok(()) } else { Err(status) }
}

/// Runs `body` as the region of a `teams` construct and waits for the league; `thread_num` is the team's number, `num_threads` the
/// number of teams. Statuses, errors and panics as for [`fork`].
pub fn teams<F: Fn(TeamThread) -> i32 + Sync>(request: &LeagueRequest, body: F) -> Result<(), i32> {
    run_guarded(body, |code| {
        // SAFETY: the body is alive until the league is over, and may be shared.
        unsafe { leagues::run(thread::current(), code, request) }
    })
}

/// The errors of the region this thread forked last (nested regions' errors included when their status was passed on), by thread number.
pub fn take_errors() -> Vec<TeamError> {
    thread::current().errors.take()
}

/// Records an error of the calling thread and cancels its innermost team.
pub fn report_error(status: i32, payload: *mut c_void) {
    cancel::record(thread::current().member(), status, payload);
}

/// The innermost team is cancelled, or an interrupt is pending for this thread.
pub fn cancelled() -> bool {
    let thread = thread::current();
    thread.member().must_leave(thread)
}

/// `cancel` where `activate` holds, else `cancellation point`, for the kind of region that has that number in Clang's ABI (1
/// parallel, 2 for, 3 sections). True: the calling thread is to leave the region.
pub fn cancel_region(kind: i32, activate: bool) -> bool {
    crate::abi::omply::omply_cancel(thread::current().gtid.get(), kind, activate.into()) != 0
}

/// Begins a worksharing loop whose iterations wait for earlier ones (`ordered(n)`): `range(start, stop, step)` for each of the loops.
/// Its chunks come from [`loop_begin`] and [`loop_next`] as those of other loops do.
pub fn doacross_begin(loops: &[(i64, i64, i64)]) {
    let thread = thread::current();
    let dimensions: Vec<Dimension> = loops
        .iter()
        .map(|&(start, stop, step)| Dimension {
            lower: start,
            upper: stop - step.signum(),
            step,
        })
        .collect();
    doacrosses::enter(thread, thread.member(), &dimensions);
}

/// The iteration at these values of the loop variables has done what others may wait for.
pub fn doacross_post(iteration: &[i64]) {
    let thread = thread::current();
    doacrosses::post(thread, thread.member(), iteration.iter().copied());
}

/// Waits for an iteration's [`doacross_post`]; not at all for one that the loop does not have.
pub fn doacross_wait(iteration: &[i64]) -> Result<(), Cancelled> {
    let thread = thread::current();
    doacrosses::wait(thread, thread.member(), iteration.iter().copied());
    unless_cancelled(!thread.member().must_leave(thread))
}

/// Ends the loop that [`doacross_begin`] has begun.
pub fn doacross_end() {
    doacrosses::leave(thread::current().member());
}

/// A barrier of the innermost team.
pub fn barrier() -> Result<(), Cancelled> {
    let thread = thread::current();
    unless_cancelled(!barriers::barrier(thread, thread.member()))
}

/// True on the thread that executes a `single` block (no barrier implied).
pub fn single() -> bool {
    workshare::single(thread::current().member())
}

/// `copyprivate`: the executor passes its pointer, the others `None`; all get the executor's. It must stay valid until the next barrier.
pub fn broadcast(mine: Option<*mut c_void>) -> Result<*mut c_void, Cancelled> {
    let thread = thread::current();
    workshare::broadcast(thread, thread.member(), mine).ok_or(Cancelled)
}

/// Begins a worksharing loop of `count` logical iterations.
pub fn loop_begin(schedule: Schedule, ordered: bool, count: u64) {
    let thread = thread::current();
    dispatch::begin(thread, thread.member(), schedule, ordered, count);
}

/// The next chunk of the current loop; `None`: no more, or cancelled (ask [`cancelled`]).
pub fn loop_next() -> Option<Chunk> {
    let thread = thread::current();
    dispatch::next(thread, thread.member())
}

/// Waits for this iteration's turn.
pub fn ordered_enter() -> Result<(), Cancelled> {
    let thread = thread::current();
    unless_cancelled(dispatch::ordered_enter(thread, thread.member()))
}

/// Ends the `ordered` block.
pub fn ordered_exit() {
    dispatch::ordered_exit(thread::current().member());
}

/// To be called after every iteration of a loop with an `ordered` clause.
pub fn ordered_iteration_end() {
    let thread = thread::current();
    dispatch::ordered_iteration_end(thread, thread.member());
}

/// Locks of the critical sections entered by name from Rust. They are kept for ever, like the storage Clang reserves.
pub(crate) static CRITICAL_LOCKS: ForkSafe<Option<HashMap<String, &'static Lock>>> =
    ForkSafe::new(None);

fn critical_lock(name: &str) -> &'static Lock {
    let mut locks = CRITICAL_LOCKS.lock();
    let locks = locks.get_or_insert_default();
    if let Some(lock) = locks.get(name) {
        return lock;
    }
    let lock: &'static Lock = Box::leak(Box::default());
    locks.insert(name.to_owned(), lock);
    lock
}

/// What `omply_critical_enter` and Clang's entry points take for that name: generated code shares the lock with [`critical_enter`].
pub fn critical_storage(name: &str) -> *mut c_void {
    std::ptr::from_ref(critical_lock(name)).cast_mut().cast()
}

/// A critical section by name (the empty name is the unnamed one), found once. After a fork it is another one.
#[derive(Clone, Copy)]
pub struct CriticalSection(&'static Lock);

impl CriticalSection {
    pub fn named(name: &str) -> CriticalSection {
        CriticalSection(critical_lock(name))
    }

    pub fn enter(self) -> Result<(), Cancelled> {
        let thread = thread::current();
        unless_cancelled(workshare::critical_enter(thread, thread.member(), self.0))
    }

    pub fn exit(self) {
        workshare::critical_exit(thread::current(), self.0);
    }
}

/// Enters the critical section of that name.
pub fn critical_enter(name: &str) -> Result<(), Cancelled> {
    CriticalSection::named(name).enter()
}

/// Leaves it.
pub fn critical_exit(name: &str) {
    CriticalSection::named(name).exit();
}

/// Waits until all threads with lower numbers have called [`turn_exit`].
pub fn turn_enter() -> Result<(), Cancelled> {
    let thread = thread::current();
    unless_cancelled(workshare::turn_enter(thread, thread.member()))
}

/// Lets the next thread number have its turn.
pub fn turn_exit() {
    workshare::turn_exit(thread::current().member());
}

/// Changes in the child of each fork: what belongs to the parent's threads is to be left alone there.
pub fn process_generation() -> u32 {
    process::generation()
}

/// Sets the calling thread's hooks around blocking waits. Workers start each region without hooks.
pub fn set_thread_block_hooks(hooks: Option<BlockHooks>) {
    thread::current().hooks.set(hooks);
}

/// Sets or clears the interrupt flag (`omply_interrupt`).
pub fn set_interrupt(pending: bool) {
    omply_interrupt.store(pending.into(), std::sync::atomic::Ordering::SeqCst);
}

/// The calling thread is the one interrupts are meant for.
pub fn set_main_thread() {
    process::set_main_thread();
}

/// An interrupt is pending for the calling thread.
pub fn poll() -> bool {
    wait::interrupted(thread::current())
}
