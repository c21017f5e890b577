//! Devices: what `target` regions need at run time. [`abi`] is the door for generated code, [`routines`] stands behind the
//! `omp_target_*` routines, and [`driver`] is what a plugin implements; between them stand the present table, the copies that
//! `map` clauses ask for, and the launch of kernels. Plugins load their vendor's library at run time.
//!
//! Each file describes its part; `README.md` tells how they fit together.

pub mod abi;
mod device;
pub mod driver;
mod error;
pub mod image;
pub mod interop;
mod layout;
mod mapping;
pub mod plugins;
pub mod present;
mod region;
pub mod registry;
mod routines;
mod trace;

pub use abi::{DEFAULT_DEVICE, DEVICE_FAILED, Launch, MapItem, Region, map};
pub use device::Device;
pub use error::{DeviceError, ErrorKind, take_error};
pub use image::{DeviceTarget, Image, ImageSource, KernelMode, register_source, unregister_source};
pub use routines::install;
