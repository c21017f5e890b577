//! `target` in python mode: CPython's code runs on the host alone, whichever device is asked for. A region that stands in a
//! parallel one begins as an initial task of its own, as on a device, so that what it holds binds to itself.

use super::attach;
use omply_runtime::routines;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Refuses numbers that no device has.
#[pyfunction]
#[pyo3(signature = (device=None, if_=None))]
fn check_device(
    py: Python<'_>,
    device: Option<i64>,
    if_: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    let wanted = match if_ {
        Some(condition) => condition.is_truthy()?,
        None => true,
    };
    let Some(device) = device.filter(|_| wanted) else {
        return Ok(());
    };
    let count = i64::from(routines::omp_get_num_devices());
    // The same program runs where there are no devices.
    if count == 0 || (-1..=count).contains(&device) {
        return Ok(());
    }
    let text = format!("there is no device {device}: devices are numbered from 0 to {count}");
    let class = py.import("omply._errors")?.getattr("OmplyDeviceError")?;
    Err(PyErr::from_value(class.call1((text,))?))
}

/// Runs a region's function.
#[pyfunction]
#[pyo3(signature = (function, args, device=None, if_=None, thread_limit=None))]
fn target(
    function: Bound<'_, PyAny>,
    args: Bound<'_, PyTuple>,
    device: Option<i64>,
    if_: Option<Bound<'_, PyAny>>,
    thread_limit: Option<i32>,
) -> PyResult<()> {
    check_device(function.py(), device, if_)?;
    if routines::omp_get_level() == 0 && thread_limit.is_none() {
        return function.call1(args).map(drop);
    }
    let mut outcome: PyResult<()> = Ok(());
    let status = attach::waiting(|| {
        omply_runtime::initial_task(None, thread_limit.unwrap_or_default(), || {
            outcome = function.call1(args).map(drop);
            0
        })
    });
    outcome?;
    if status == 0 {
        Ok(())
    } else {
        Err(PyRuntimeError::new_err("a task of the region has failed"))
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(check_device, m)?)?;
    m.add_function(wrap_pyfunction!(target, m)?)
}
