//! Entry points of programs that GCC compiles (`GOMP_*`). As thin as Clang's: what differs is how GCC cuts a program up.
//!
//! GCC's functions name no thread, so each asks for the calling one. Static schedules and simple reductions are inline code
//! that only asks for thread number and team size; a `parallel` with a loop in it is one call; ends of loops are exclusive; the
//! `ordered` blocks of a chunk are one turn (see `loops`).
//!
//! `bool` results are C's: 0 or 1 in a byte.

pub mod doacross;
pub mod loops;
pub mod memory;
pub mod parallel;
pub mod reduction;
pub mod sections;
pub mod shared;
pub mod sync;
pub mod target;
pub mod task;
pub mod taskloop;

use std::cell::{Cell, RefCell};
use std::ffi::c_void;

use crate::fork::Open;
use crate::icv::Bind;
use crate::thread::{self, Thread};

/// GCC's outlined function.
pub use crate::region::GompFunction;

/// What an implicit task remembers between GCC's calls, beside the state that all loops have.
pub struct GompState {
    /// Where the current loop ends, in the program's terms.
    loop_end: Cell<i64>,
    /// Logical iterations of the current chunk, in a loop with an `ordered` clause.
    chunk: Cell<Option<(u64, u64)>>,
    /// The thread has had to wait for the turn of that chunk, and has it.
    has_turn: Cell<bool>,
    /// The current loop is a doacross loop.
    doacross: Cell<bool>,
    /// The current construct uses memory of the team (see `shared`).
    shares_memory: Cell<bool>,
    /// The innermost array of task reductions that the current task sees, and those that enclosing groups have seen (see `reduction`).
    reductions: Cell<*mut usize>,
    groups: RefCell<Vec<*mut usize>>,
}

impl Default for GompState {
    fn default() -> Self {
        Self {
            loop_end: Cell::new(0),
            chunk: Cell::new(None),
            has_turn: Cell::new(false),
            doacross: Cell::new(false),
            shares_memory: Cell::new(false),
            reductions: Cell::new(std::ptr::null_mut()),
            groups: RefCell::default(),
        }
    }
}

/// Regions that a thread has begun with `GOMP_parallel_start`, with what their workers look at.
pub type OpenRegions = RefCell<Vec<(Option<Open>, Option<Box<parallel::WithLoop>>)>>;

/// The policy of a `proc_bind` clause, in the low bits of a region's flags; 0: no clause.
fn proc_bind(flags: u32) -> Option<Bind> {
    match flags & 7 {
        0 => None,
        policy => Bind::from_raw(policy as i32),
    }
}

fn current() -> &'static Thread {
    thread::current()
}

/// A C program's `void *`.
type Data = *mut c_void;
