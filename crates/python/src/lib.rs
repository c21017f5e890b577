//! The extension module `omply._core`: it connects CPython to the compiler and the runtime and decides nothing
//! itself. `function` holds what is known of a decorated function, `errors` turns diagnostics into exceptions,
//! `native` dispatches calls to compiled code, `pymode` runs teams of CPython threads, `variant` reads `declare_variant`, `sigint` lets Ctrl-C reach both.

// Native calls are what takes others' memory.
#[cfg_attr(not(feature = "native"), allow(dead_code))]
mod device_array;
mod devices;
mod errors;
mod function;
#[cfg(feature = "native")]
mod native;
mod pymode;
// What native calls ask of it has no caller without them.
#[cfg_attr(not(feature = "native"), allow(dead_code))]
mod sigint;
mod variant;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    m.add("has_native", cfg!(feature = "native"))?;
    omply_runtime::at_fork::protect();
    sigint::install();
    devices::register(m)?;
    device_array::register(m)?;
    function::register(m)?;
    variant::register(m)?;
    pymode::register(m)?;
    #[cfg(feature = "native")]
    native::register(m)?;
    Ok(())
}
