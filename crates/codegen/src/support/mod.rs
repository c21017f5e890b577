//! What generated code calls at run time beside the OpenMP runtime and the C library, and what callers of generated code
//! ask afterwards.

mod errors;
mod memory;

pub use errors::{
    ErrorRecord, NativeError, SITE_BAD_NUM_THREADS, SITE_MEMORY, SITE_RECURSION, take_error,
};
pub use memory::{release_owner, retain_owner};
