//! OpenMP host runtime: teams, worksharing, synchronisation, ICVs. `README.md` describes the three doors (Clang's entry
//! points, `omply_*`, and the Rust functions re-exported here); each file describes its part.

#[cfg(not(loom))]
pub mod abi;
#[cfg(not(loom))]
mod affinity;
#[cfg(not(loom))]
pub mod alloc;
#[cfg(not(loom))]
mod api;
#[cfg(not(loom))]
pub mod at_fork;
#[cfg(not(loom))]
mod barrier;
#[cfg(not(loom))]
mod cancel;
#[cfg(not(loom))]
pub mod check;
#[cfg(not(loom))]
pub mod config;
#[cfg(not(loom))]
mod crowd;
#[cfg(not(loom))]
pub mod devices;
#[cfg(not(loom))]
mod dispatch;
#[cfg(not(loom))]
mod doacross;
#[cfg(not(loom))]
mod fork;
#[cfg(not(loom))]
mod format;
#[cfg(not(loom))]
pub mod icv;
#[cfg(not(loom))]
mod initial;
#[cfg(not(loom))]
mod league;
#[cfg(not(loom))]
mod lock_table;
pub mod locks;
#[cfg(not(loom))]
mod message;
#[cfg(not(loom))]
mod ompt;
#[cfg(not(loom))]
mod orders;
#[cfg(not(loom))]
pub mod placement;
#[cfg(not(loom))]
mod pool;
#[cfg(not(loom))]
mod process;
#[cfg(not(loom))]
mod reduction;
#[cfg(not(loom))]
mod region;
#[cfg(not(loom))]
mod schedule;
#[cfg(not(loom))]
mod settings;
mod stress;
pub mod sync;
#[cfg(not(loom))]
mod task;
#[cfg(not(loom))]
mod team;
#[cfg(not(loom))]
mod thread;
#[cfg(not(loom))]
mod threadprivate;
#[cfg(not(loom))]
pub mod topology;
#[cfg(not(loom))]
mod wait;
#[cfg(not(loom))]
mod workshare;

#[cfg(not(loom))]
pub use api::*;
#[cfg(not(loom))]
pub use league::{ContentionGroup, contention_group};

/// The `omp_*` routines, under their C names.
#[cfg(not(loom))]
pub mod routines {
    pub use crate::abi::omp::*;
    pub use crate::abi::omp_alloc::*;
    pub use crate::abi::omp_device::*;
    pub use crate::abi::omp_dims::*;
    pub use crate::abi::omp_interop::*;
    pub use crate::abi::omp_target::*;
    pub use crate::abi::omp_target_rect::*;
}
