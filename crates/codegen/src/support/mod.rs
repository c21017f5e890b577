//! What generated code calls at run time beside the OpenMP runtime and the C library, and what callers of generated code
//! ask afterwards.

mod atomics;
mod complex;
mod errors;
mod library;
mod memory;
mod stack;
pub mod symbols;
mod threadprivate;

pub use errors::{
    ErrorRecord, NativeError, SITE_BAD_NUM_THREADS, SITE_MEMORY, SITE_RECURSION, take_error,
};
pub(crate) use errors::{STATUS_CANCELLED, STATUS_INTERRUPTED, STATUS_RAISED, STATUS_TASK_LEFT};
pub(crate) use library::{fingerprint, vector_bytes, vector_variants};
pub(crate) use memory::HEADER_BYTES;
pub use memory::{Refusal, release_owner, retain_owner};
