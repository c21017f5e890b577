//! Python mode's entry points: teams of attached threads, worksharing and synchronisation for CPython code, as the
//! submodule `omply._core.pymode`. What the rewriter makes of a construct calls the functions here.

mod allocate;
mod attach;
mod check;
mod facts;
mod generated;
mod interop;
mod interrupt;
mod memory;
mod routines;
mod sync;
mod target;
mod tasks;
mod team;
mod worksharing;

use pyo3::prelude::*;

/// Adds python mode's functions to `omply._core`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let pymode = PyModule::new(m.py(), "pymode")?;
    allocate::register(&pymode)?;
    check::register(&pymode)?;
    facts::register(&pymode)?;
    sync::register(&pymode)?;
    target::register(&pymode)?;
    tasks::register(&pymode)?;
    team::register(&pymode)?;
    worksharing::register(&pymode)?;
    m.add_submodule(&pymode)?;
    // `from omply._core.pymode import fork` looks here.
    let modules = m.py().import("sys")?.getattr("modules")?;
    modules.set_item("omply._core.pymode", &pymode)?;
    interop::register(m)?;
    memory::register(m)?;
    routines::register(m)
}
