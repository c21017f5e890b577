//! The plugins: each finds the devices that a vendor's library knows, or says why there are none.

pub mod host_separate;
mod library;
pub mod opencl;
mod pool;

use crate::driver::Driver;

/// Finds a plugin's devices; the error says why there are none.
pub type Find = fn() -> Result<Vec<Box<dyn Driver>>, String>;

/// What `OMPLY_DEVICES` may name.
pub const NAMES: &[&str] = &["opencl", "host-separate"];

/// The plugin with that name.
pub fn named(name: &str) -> Option<Find> {
    Some(match name {
        "opencl" => opencl::find,
        "host-separate" => host_separate::find,
        _ => return None,
    })
}
