//! OpenMP host runtime: teams, worksharing, synchronisation, ICVs. See `README.md` for the three doors.

pub mod abi;
pub mod api;

pub use api::*;
