//! Native mode's door: a callable that sends calls to compiled code. `dispatcher` is the callable (`class` its layout,
//! `refuse` what it does with calls that native code cannot take), `bind`, `args`
//! and `results` convert at the call's edge, `compile` makes code for a new signature with what `environment` knows of
//! the program around the function, `raise` carries errors out, `artefact` is what the
//! object cache keeps beside the code, `numpy` knows how arrays lie in memory,
//! `explain` keeps what `omply explain --run` tells of loops,
//! `process_lock` survives a fork, `readonly` keeps compiled code from writing where it must not.

mod args;
mod artefact;
mod bind;
mod class;
mod compile;
mod device;
mod dispatcher;
mod environment;
mod explain;
mod numpy;
mod process_lock;
mod raise;
mod readonly;
mod refuse;
mod results;

use pyo3::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    results::register(m)?;
    explain::register(m)?;
    dispatcher::register(m)
}
