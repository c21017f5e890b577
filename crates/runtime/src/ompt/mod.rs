//! OMPT, OpenMP's first-party tool interface.
//!
//! | file | holds |
//! |---|---|
//! | `types` | numbers and structures of `include/omp-tools.h` |
//! | `tool` | finding, starting and ending the tool |
//! | `inquiry` | what a tool can ask: the functions behind its lookup |
//! | `region` | hooks of threads, regions and implicit tasks |
//! | `sync` | hooks of barriers and other waits, mutual exclusion, reductions, flushes |
//! | `work` | hooks of worksharing, `masked`, cancellation, errors |
//! | `task` | hooks of explicit tasks |
//! | `entries` | the C entry points that note where the program called |
//!
//! # Cost
//!
//! Every hook is one call that begins with a test of [`WATCHED`], which is false for good once the first thread has found
//! that there is no tool. So a program without one pays a load and a predictable branch per hook, and what lies
//! behind it is out of line. Records of threads, teams and implicit tasks are part of those; explicit tasks get theirs
//! only when a tool is there.
//!
//! # Who writes what
//!
//! A thread writes its own record and those of tasks it executes. A team's record is written by the owner before it gives the
//! orders of a region and after the join, so the workers see it through the orders. Callbacks are set in one word each
//! (Release) and loaded at each event (Acquire): a tool may set and unset them at any time, and sees what it wrote before.

pub mod entries;
mod inquiry;
mod region;
mod sync;
mod task;
mod tool;
mod types;
mod work;

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

pub use region::*;
pub use sync::*;
pub use task::*;
pub use tool::{finish, start};
pub use types::{Mutex, ParallelRecord, SyncRegion, TaskRecord, ThreadKind, ThreadRecord, Work};
pub use work::*;

use crate::thread::{self, Thread};
use types::{Event, FRAME_CFA, FRAME_STACK, Frame, LAST_EVENT, State};

/// A flag on cache lines of its own: whoever tests it must not be disturbed by what others write.
#[repr(C, align(128))]
pub struct Flag(AtomicBool);

/// Somebody may be looking: a tool has started, or nobody has asked yet whether there is one.
pub static WATCHED: Flag = Flag(AtomicBool::new(true));

/// See [`WATCHED`]. Relaxed: whoever started the tool did so before this thread was registered.
#[inline(always)]
pub fn watched() -> bool {
    WATCHED.0.load(Ordering::Relaxed)
}

static CALLBACKS: [AtomicPtr<c_void>; LAST_EVENT as usize + 1] =
    [const { AtomicPtr::new(null_mut()) }; LAST_EVENT as usize + 1];

/// The tool's callback for an event; `F` is the event's type from `types::callback`.
fn callback<F: Copy>(event: Event) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    let pointer = CALLBACKS[event as usize].load(Ordering::Acquire);
    // SAFETY: the tool has set it for this event, whose type the caller names.
    (!pointer.is_null()).then(|| unsafe { std::mem::transmute_copy(&pointer) })
}

/// Nothing is told any more.
fn unset_all() {
    for slot in &CALLBACKS {
        slot.store(null_mut(), Ordering::Relaxed);
    }
}

/// An address in the frame of the function this is inlined into.
#[inline(always)]
fn stack_pointer() -> usize {
    let here: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads a register.
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) here, options(nomem, nostack, preserves_flags))
    };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads a register.
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) here, options(nomem, nostack, preserves_flags))
    };
    here
}

impl Thread {
    /// The record of the task that the thread executes.
    fn task_record(&self) -> &TaskRecord {
        let current = self.ompt.current.get();
        // SAFETY: records live as long as their tasks, which end after they stop being current.
        unsafe { current.as_ref() }.unwrap_or_else(|| &self.member().ompt)
    }

    /// The address that the program's code called from.
    fn code(&self) -> *const c_void {
        self.ompt.code.get() as *const c_void
    }

    fn enter_state(&self, state: State, wait_id: u64) -> State {
        self.ompt.wait_id.set(wait_id);
        self.ompt.state.replace(state)
    }

    /// What the thread does when it waits for nothing.
    fn work_state(&self) -> State {
        if self.member().team().level.get() == 0 {
            State::WorkSerial
        } else {
            State::WorkParallel
        }
    }
}

impl TaskRecord {
    /// The region's word.
    fn parallel(&self) -> *mut u64 {
        // SAFETY: a task that runs has an implicit task; members are never freed.
        match unsafe { self.member.get().as_ref() } {
            Some(member) => member.team().ompt.word(),
            None => null_mut(),
        }
    }

    /// Begins the record of a task that runs now, called from the frame at `exit`.
    fn begin(&self, flags: i32, member: *const crate::team::Member, outer: *const TaskRecord) {
        // SAFETY: the task has not begun, so nobody uses its record.
        unsafe { *self.data.get() = 0 };
        self.flags.set(flags);
        self.member.set(member);
        self.outer.set(outer);
        self.work.set(None);
        self.set_exit(0);
        self.set_enter(0);
    }

    fn set_exit(&self, address: usize) {
        // SAFETY: the executing thread's.
        let frame: &mut Frame = unsafe { &mut *self.frame.get() };
        frame.exit = address;
        frame.exit_flags = if address == 0 { 0 } else { FRAME_STACK };
    }

    fn set_enter(&self, address: usize) {
        // SAFETY: as above.
        let frame: &mut Frame = unsafe { &mut *self.frame.get() };
        frame.enter = address;
        frame.enter_flags = if address == 0 { 0 } else { FRAME_CFA };
    }
}

/// Notes where a shim was called from, which has stored arguments at `registers` below its caller's frame at `stack`.
///
/// # Safety
/// As said: the return address lies where the architecture's shims have it.
#[inline]
pub unsafe fn entered_with<T>(thread: &Thread, registers: *const T, stack: *const T) {
    if watched() {
        let place: *const usize = if cfg!(target_arch = "x86_64") {
            stack.cast::<usize>().wrapping_sub(1)
        } else {
            registers.cast::<usize>().wrapping_sub(1)
        };
        // SAFETY: the caller's promise.
        thread.ompt.code.set(unsafe { *place });
        thread.ompt.frame.set(stack.addr());
    }
}

/// Notes where the program's code called the runtime, for events and frames. Registers the thread, so that the first call
/// of all finds the tool.
pub fn entered(code: usize, frame: usize) {
    let thread = thread::current();
    thread.ompt.code.set(code);
    thread.ompt.frame.set(frame);
}
