//! What is different on devices. A block of hardware threads is a team; all of them run the kernel, and meet the same barriers.
//!
//! ```text
//! hardware   thread and team numbers, barriers, memory of a team
//! kernel     the kernel's signature and the words that it receives
//! steps      failing checks: a thread that fails must still meet the barriers of its team
//! atomic     atomic operations where devices differ
//! critical   critical regions and locks
//! reduce     reductions among the threads of a team, and onward to what all teams share
//! memory     arrays that a kernel makes
//! math       mathematical functions
//! ```

mod atomic;
mod critical;
mod hardware;
mod kernel;
mod math;
mod memory;
mod reduce;
mod steps;

pub use atomic::Spill;
pub use kernel::KERNEL;
pub use steps::{Steps, meeting};

/// The kind of device, as far as code differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Nvptx,
    Amdgpu,
    Spirv,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    pub kind: Kind,
    /// Atomic addition of floats is an instruction.
    pub float_atomics: bool,
    /// Atomic operations on one and two bytes exist or are made by LLVM.
    pub small_atomics: bool,
}

/// The largest team.
pub const MOST_THREADS: u64 = 1024;

/// Address spaces, which all three kinds number alike.
const GLOBAL: u32 = 1;
pub const TEAM: u32 = 3;
