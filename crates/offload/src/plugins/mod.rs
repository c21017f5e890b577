//! The plugins: each finds the devices that a vendor's library knows, or says why there are none.

pub mod cuda;
pub mod hip;
pub mod host_separate;
mod library;
pub mod opencl;
mod pool;
mod streams;

use crate::driver::Driver;

/// Finds a plugin's devices; the error says why there are none.
pub type Find = fn() -> Result<Vec<Box<dyn Driver>>, String>;

/// What `OMPLY_DEVICES` may name.
pub const NAMES: &[&str] = &["cuda", "hip", "opencl", "host-separate"];

/// The plugin with that name.
pub fn named(name: &str) -> Option<Find> {
    Some(match name {
        "cuda" => cuda::find,
        "hip" => hip::find,
        "opencl" => opencl::find,
        "host-separate" => host_separate::find,
        _ => return None,
    })
}
