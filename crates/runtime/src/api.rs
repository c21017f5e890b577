//! The Rust door: what python mode and other Rust callers use. All functions act on the calling thread.

use std::ffi::c_void;

/// Statuses of a region that the runtime itself produces.
pub const INTERRUPTED: i32 = -2;
/// See [`INTERRUPTED`]: `num_threads` below 1, nothing was run.
pub const BAD_NUM_THREADS: i32 = -3;
/// See [`INTERRUPTED`]: `num_threads(strict: n)` could not be met, nothing was run.
pub const STRICT_FAILED: i32 = -4;

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
        Self { num_threads: &[], strict: false, proc_bind: None, if_cond: true }
    }
}

/// Values of `omp_proc_bind_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum ProcBind {
    False = 0,
    True = 1,
    Primary = 2,
    Close = 3,
    Spread = 4,
}

/// Who is running: handed to a region's body.
#[derive(Clone, Copy, Debug)]
pub struct TeamThread {
    pub gtid: i32,
    pub thread_num: i32,
    pub num_threads: i32,
}

/// An error that a thread of a team recorded. `payload` is whatever the recorder passed.
#[derive(Debug)]
pub struct TeamError {
    pub thread_num: i32,
    pub status: i32,
    pub payload: *mut c_void,
}

/// The innermost team is cancelled or interrupted: release what you hold and leave the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Loop schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    Static,
    StaticChunk(u64),
    Dynamic(u64),
    Guided(u64),
    Auto,
    /// run-sched-var decides.
    Runtime,
}

/// Consecutive logical iterations that this thread is to execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub first: u64,
    pub last: u64,
    /// Holds the sequentially last iteration.
    pub is_last: bool,
}

/// Called around a wait that does not succeed at once, on the thread that waits. While hooks are set the thread does
/// not spin before `before` has run.
#[derive(Clone, Copy, Debug)]
pub struct BlockHooks {
    pub before: unsafe fn(*mut c_void),
    pub after: unsafe fn(*mut c_void),
    pub data: *mut c_void,
}

/// Runs `body` on a team and waits for it. A nonzero return of `body` that no [`report_error`] precedes is recorded with that
/// status. `Err` holds the status of the lowest thread number that failed; [`take_errors`] gives all.
pub fn fork<F: Fn(TeamThread) -> i32 + Sync>(_options: &ForkOptions, body: F) -> Result<(), i32> {
    match body(TeamThread { gtid: 0, thread_num: 0, num_threads: 1 }) {
        0 => Ok(()),
        status => Err(status),
    }
}

/// The errors of the region this thread forked last (nested regions' errors included when their status was passed on), by thread number.
pub fn take_errors() -> Vec<TeamError> {
    Vec::new()
}

/// Records an error of the calling thread and cancels its innermost team.
pub fn report_error(_status: i32, _payload: *mut c_void) {}

/// The innermost team is cancelled, or an interrupt is pending for this thread.
pub fn cancelled() -> bool {
    false
}

/// A barrier of the innermost team.
pub fn barrier() -> Result<(), Cancelled> {
    Ok(())
}

/// True on the thread that executes a `single` block (no barrier implied).
pub fn single() -> bool {
    true
}

/// `copyprivate`: the executor passes its pointer, the others `None`; all get the executor's. It must stay valid until the next barrier.
pub fn broadcast(mine: Option<*mut c_void>) -> Result<*mut c_void, Cancelled> {
    Ok(mine.unwrap_or(std::ptr::null_mut()))
}

/// Begins a worksharing loop of `count` logical iterations.
pub fn loop_begin(_schedule: Schedule, _ordered: bool, _count: u64) {}

/// The next chunk of the current loop; `None`: no more, or cancelled (ask [`cancelled`]).
pub fn loop_next() -> Option<Chunk> {
    None
}

/// Waits for this iteration's turn.
pub fn ordered_enter() -> Result<(), Cancelled> {
    Ok(())
}
/// Ends the `ordered` block.
pub fn ordered_exit() {}
/// To be called after every iteration of a loop with an `ordered` clause.
pub fn ordered_iteration_end() {}

/// Enters the critical section of that name (the empty name is the unnamed one).
pub fn critical_enter(_name: &str) -> Result<(), Cancelled> {
    Ok(())
}
/// Leaves it.
pub fn critical_exit(_name: &str) {}

/// Waits until all threads with lower numbers have called [`turn_exit`].
pub fn turn_enter() -> Result<(), Cancelled> {
    Ok(())
}
/// Lets the next thread number have its turn.
pub fn turn_exit() {}

/// Sets the calling thread's hooks around blocking waits.
pub fn set_thread_block_hooks(_hooks: Option<BlockHooks>) {}

/// Sets or clears the interrupt flag (`omply_interrupt`).
pub fn set_interrupt(pending: bool) {
    crate::abi::omply::omply_interrupt.store(pending as i32, std::sync::atomic::Ordering::SeqCst);
}
/// The calling thread is the one interrupts are meant for.
pub fn set_main_thread() {}
/// An interrupt is pending for the calling thread.
pub fn poll() -> bool {
    false
}
