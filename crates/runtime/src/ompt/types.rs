//! What tools and runtime exchange: the numbers and structures of `include/omp-tools.h` that the host needs.

use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_char, c_int, c_void};

use crate::team::Member;

/// `ompt_data_t`, the tool's own word.
pub type Data = u64;
/// `ompt_wait_id_t`.
pub type WaitId = u64;

/// `ompt_callbacks_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Event {
    ThreadBegin = 1,
    ThreadEnd = 2,
    ParallelBegin = 3,
    ParallelEnd = 4,
    TaskCreate = 5,
    TaskSchedule = 6,
    ImplicitTask = 7,
    ControlTool = 11,
    SyncRegionWait = 16,
    MutexReleased = 17,
    Dependences = 18,
    TaskDependence = 19,
    Work = 20,
    Masked = 21,
    SyncRegion = 23,
    LockInit = 24,
    LockDestroy = 25,
    MutexAcquire = 26,
    MutexAcquired = 27,
    NestLock = 28,
    Flush = 29,
    Cancel = 30,
    Reduction = 31,
    Dispatch = 32,
    Error = 37,
}

/// The highest number of `ompt_callbacks_t`.
pub const LAST_EVENT: i32 = Event::Error as i32;

/// `ompt_set_result_t`.
pub mod set {
    use std::ffi::c_int;
    pub const ERROR: c_int = 0;
    pub const NEVER: c_int = 1;
    pub const SOMETIMES: c_int = 3;
    pub const SOMETIMES_PAIRED: c_int = 4;
    pub const ALWAYS: c_int = 5;
}

/// `ompt_scope_endpoint_t`.
#[derive(Clone, Copy)]
#[repr(i32)]
pub enum Endpoint {
    Begin = 1,
    End = 2,
}

/// `ompt_thread_t`.
#[derive(Clone, Copy)]
#[repr(i32)]
pub enum ThreadKind {
    Initial = 1,
    Worker = 2,
}

/// `ompt_sync_region_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum SyncRegion {
    #[default]
    BarrierExplicit = 3,
    BarrierImplementation = 4,
    Taskwait = 5,
    Taskgroup = 6,
    Reduction = 7,
    BarrierWorkshare = 8,
    BarrierParallel = 9,
    BarrierTeams = 10,
}

/// `ompt_work_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Work {
    Sections = 2,
    SingleExecutor = 3,
    SingleOther = 4,
    Distribute = 6,
    Taskloop = 7,
    Scope = 8,
    LoopStatic = 10,
    LoopDynamic = 11,
    LoopGuided = 12,
    LoopOther = 13,
}

/// `ompt_mutex_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Mutex {
    Lock = 1,
    TestLock = 2,
    NestLock = 3,
    TestNestLock = 4,
    Critical = 5,
    Atomic = 6,
    Ordered = 7,
}

/// `ompt_dispatch_t`.
pub mod dispatch {
    use std::ffi::c_int;
    pub const SECTION: c_int = 2;
    pub const LOOP_CHUNK: c_int = 3;
    pub const TASKLOOP_CHUNK: c_int = 4;
    pub const DISTRIBUTE_CHUNK: c_int = 5;
}

/// `ompt_task_flag_t`.
pub mod task_flag {
    pub const INITIAL: i32 = 1;
    pub const IMPLICIT: i32 = 2;
    pub const EXPLICIT: i32 = 4;
    pub const UNDEFERRED: i32 = 0x0800_0000;
    pub const UNTIED: i32 = 0x1000_0000;
    pub const FINAL: i32 = 0x2000_0000;
}

/// `ompt_task_status_t`.
pub mod task_status {
    pub const COMPLETE: i32 = 1;
    pub const YIELD: i32 = 2;
    pub const CANCEL: i32 = 3;
    pub const DETACH: i32 = 4;
    pub const EARLY_FULFILL: i32 = 5;
    pub const LATE_FULFILL: i32 = 6;
    pub const SWITCH: i32 = 7;
}

/// `ompt_parallel_flag_t`.
pub mod parallel_flag {
    /// The runtime calls the outlined code on every thread.
    pub const INVOKER_RUNTIME: i32 = 2;
    pub const LEAGUE: i32 = 0x4000_0000;
    pub const TEAM: i32 = 1 << 31;
}

/// `ompt_cancel_flag_t`.
pub mod cancel_flag {
    pub const PARALLEL: i32 = 1;
    pub const SECTIONS: i32 = 2;
    pub const LOOP: i32 = 4;
    pub const TASKGROUP: i32 = 8;
    pub const ACTIVATED: i32 = 0x10;
    pub const DETECTED: i32 = 0x20;
}

/// `ompt_state_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum State {
    WorkSerial = 0x000,
    WorkParallel = 0x001,
    WorkReduction = 0x002,
    WaitBarrierParallel = 0x011,
    WaitBarrierWorkshare = 0x012,
    WaitBarrierExplicit = 0x014,
    WaitBarrierImplementation = 0x015,
    WaitBarrierTeams = 0x016,
    WaitTaskwait = 0x020,
    WaitTaskgroup = 0x021,
    WaitLock = 0x041,
    WaitCritical = 0x042,
    WaitAtomic = 0x043,
    WaitOrdered = 0x044,
    Idle = 0x100,
    Overhead = 0x101,
    Undefined = 0x102,
}

/// States with the names that `ompt_enumerate_states` gives.
pub const STATES: [(State, &std::ffi::CStr); 17] = [
    (State::WorkSerial, c"ompt_state_work_serial"),
    (State::WorkParallel, c"ompt_state_work_parallel"),
    (State::WorkReduction, c"ompt_state_work_reduction"),
    (
        State::WaitBarrierParallel,
        c"ompt_state_wait_barrier_implicit_parallel",
    ),
    (
        State::WaitBarrierWorkshare,
        c"ompt_state_wait_barrier_implicit_workshare",
    ),
    (
        State::WaitBarrierExplicit,
        c"ompt_state_wait_barrier_explicit",
    ),
    (
        State::WaitBarrierImplementation,
        c"ompt_state_wait_barrier_implementation",
    ),
    (State::WaitBarrierTeams, c"ompt_state_wait_barrier_teams"),
    (State::WaitTaskwait, c"ompt_state_wait_taskwait"),
    (State::WaitTaskgroup, c"ompt_state_wait_taskgroup"),
    (State::WaitLock, c"ompt_state_wait_lock"),
    (State::WaitCritical, c"ompt_state_wait_critical"),
    (State::WaitAtomic, c"ompt_state_wait_atomic"),
    (State::WaitOrdered, c"ompt_state_wait_ordered"),
    (State::Idle, c"ompt_state_idle"),
    (State::Overhead, c"ompt_state_overhead"),
    (State::Undefined, c"ompt_state_undefined"),
];

/// `ompt_frame_t`. Addresses lie in a frame of the runtime: the one that called the task's code (exit), and the one that
/// its code has called (enter).
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Frame {
    pub exit: usize,
    pub enter: usize,
    pub exit_flags: c_int,
    pub enter_flags: c_int,
}

/// `ompt_frame_runtime` with `ompt_frame_cfa` and with `ompt_frame_stackaddress`.
pub const FRAME_CFA: c_int = 0x10;
pub const FRAME_STACK: c_int = 0x30;

/// `ompt_dispatch_chunk_t`.
#[repr(C)]
pub struct DispatchChunk {
    pub start: u64,
    pub iterations: u64,
}

/// `ompt_dependence_t`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Dependence {
    pub variable: u64,
    pub kind: c_int,
}

/// What a tool knows of a task. Only the thread that executes the task touches it, except `data`, which is the tool's.
#[derive(Default)]
pub struct TaskRecord {
    pub data: UnsafeCell<Data>,
    pub frame: UnsafeCell<Frame>,
    pub flags: Cell<i32>,
    /// The task whose code this one's runs within: the encountering task of its region, the task suspended below it.
    pub outer: Cell<*const TaskRecord>,
    /// The implicit task it belongs to.
    pub member: Cell<*const Member>,
    /// The worksharing construct that the task is in, if it has been announced, and its iterations. Before a task of a taskloop
    /// begins: how many are its own.
    pub work: Cell<Option<(Work, u64)>>,
    /// The first of these.
    pub first: Cell<u64>,
    /// It was cancelled before it began.
    pub discarded: Cell<bool>,
}

/// What a tool knows of a region. The owner of the team writes it while the team is idle.
#[derive(Default)]
pub struct ParallelRecord {
    pub data: UnsafeCell<Data>,
    pub encountering: Cell<*const TaskRecord>,
    pub flags: Cell<i32>,
    pub code: Cell<usize>,
    /// The league whose initial task this is; its word is the tool's then.
    pub league: Cell<*const ParallelRecord>,
}

impl ParallelRecord {
    /// The tool's word.
    pub fn word(&self) -> *mut Data {
        // SAFETY: records are parts of teams, which are never freed.
        match unsafe { self.league.get().as_ref() } {
            Some(league) => league.data.get(),
            None => self.data.get(),
        }
    }
}

/// What a tool knows of a thread.
pub struct ThreadRecord {
    pub data: UnsafeCell<Data>,
    pub state: Cell<State>,
    pub wait_id: Cell<WaitId>,
    pub current: Cell<*const TaskRecord>,
    /// Return address and frame of the last call from the program's code into the runtime.
    pub code: Cell<usize>,
    pub frame: Cell<usize>,
    /// What the next barrier is.
    pub barrier: Cell<SyncRegion>,
    /// What is dispatched next are sections.
    pub sections: Cell<bool>,
    /// The thread is at a `taskyield`.
    pub yields: Cell<bool>,
    /// The implicit task that a worker executes by its team's order, and, when its code has ended, team size and number.
    pub part: TaskRecord,
    pub ending: Cell<Option<(u32, u32)>>,
    /// The tool has been told that the thread began, and not that it ended.
    pub announced: Cell<Option<ThreadKind>>,
    /// A worker that waits for orders. For the thread that ends the tool.
    pub idle: std::sync::atomic::AtomicBool,
}

impl Default for ThreadRecord {
    fn default() -> Self {
        Self {
            data: UnsafeCell::new(0),
            state: Cell::new(State::Undefined),
            wait_id: Cell::new(0),
            current: Cell::new(std::ptr::null()),
            code: Cell::new(0),
            frame: Cell::new(0),
            barrier: Cell::default(),
            sections: Cell::new(false),
            yields: Cell::new(false),
            part: TaskRecord::default(),
            ending: Cell::new(None),
            announced: Cell::new(None),
            idle: std::sync::atomic::AtomicBool::new(false),
        }
    }
}

/// Callbacks' types.
pub mod callback {
    use super::*;
    type D = *mut Data;
    type Code = *const c_void;
    pub type ThreadBegin = unsafe extern "C" fn(c_int, D);
    pub type ThreadEnd = unsafe extern "C" fn(D);
    pub type ParallelBegin = unsafe extern "C" fn(D, *const Frame, D, u32, c_int, Code);
    pub type ParallelEnd = unsafe extern "C" fn(D, D, c_int, Code);
    pub type TaskCreate = unsafe extern "C" fn(D, *const Frame, D, c_int, c_int, Code);
    pub type TaskSchedule = unsafe extern "C" fn(D, c_int, D);
    pub type Dependences = unsafe extern "C" fn(D, *const Dependence, c_int);
    pub type TaskDependence = unsafe extern "C" fn(D, D);
    pub type ImplicitTask = unsafe extern "C" fn(c_int, D, D, u32, u32, c_int);
    pub type ControlTool = unsafe extern "C" fn(u64, u64, *mut c_void, Code) -> c_int;
    pub type SyncRegion = unsafe extern "C" fn(c_int, c_int, D, D, Code);
    pub type Work = unsafe extern "C" fn(c_int, c_int, D, D, u64, Code);
    pub type Masked = unsafe extern "C" fn(c_int, D, D, Code);
    pub type MutexAcquire = unsafe extern "C" fn(c_int, u32, u32, WaitId, Code);
    pub type Mutex = unsafe extern "C" fn(c_int, WaitId, Code);
    pub type NestLock = unsafe extern "C" fn(c_int, WaitId, Code);
    pub type Flush = unsafe extern "C" fn(D, Code);
    pub type Cancel = unsafe extern "C" fn(D, c_int, Code);
    pub type Dispatch = unsafe extern "C" fn(D, D, c_int, u64);
    pub type Error = unsafe extern "C" fn(c_int, *const c_char, usize, Code);
}
