//! Interoperability objects in python mode: the `interop` construct and the routines. An object is a number, `omp_interop_none` is 0.
//! Routines that have a return code in C return it beside the value.

use omply_offload::interop;
use omply_runtime::abi::omp_interop as routines;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::ffi::{CStr, c_char, c_void};

fn object(interop: usize) -> *const c_void {
    interop as *const c_void
}

fn text(found: *const c_char) -> Option<String> {
    if found.is_null() {
        return None;
    }
    // SAFETY: what is not null is a static C string.
    let text = unsafe { CStr::from_ptr(found) };
    Some(text.to_string_lossy().into_owned())
}

#[pyfunction]
fn omp_get_num_interop_properties(interop: usize) -> i32 {
    routines::omp_get_num_interop_properties(object(interop))
}

/// The value and the return code.
#[pyfunction]
fn omp_get_interop_int(interop: usize, property_id: i32) -> (isize, i32) {
    let mut code = 0;
    // SAFETY: the code is valid for writes.
    let value = unsafe { routines::omp_get_interop_int(object(interop), property_id, &mut code) };
    (value, code)
}

/// The address and the return code.
#[pyfunction]
fn omp_get_interop_ptr(interop: usize, property_id: i32) -> (usize, i32) {
    let mut code = 0;
    // SAFETY: the code is valid for writes.
    let value = unsafe { routines::omp_get_interop_ptr(object(interop), property_id, &mut code) };
    (value as usize, code)
}

/// The text, if there is one, and the return code.
#[pyfunction]
fn omp_get_interop_str(interop: usize, property_id: i32) -> (Option<String>, i32) {
    let mut code = 0;
    // SAFETY: the code is valid for writes.
    let value = unsafe { routines::omp_get_interop_str(object(interop), property_id, &mut code) };
    (text(value), code)
}

#[pyfunction]
fn omp_get_interop_name(interop: usize, property_id: i32) -> Option<String> {
    text(routines::omp_get_interop_name(object(interop), property_id))
}

#[pyfunction]
fn omp_get_interop_type_desc(interop: usize, property_id: i32) -> Option<String> {
    text(routines::omp_get_interop_type_desc(
        object(interop),
        property_id,
    ))
}

#[pyfunction]
fn omp_get_interop_rc_desc(interop: usize, ret_code: i32) -> Option<String> {
    text(routines::omp_get_interop_rc_desc(object(interop), ret_code))
}

/// Makes an object; see `omply_offload::interop`.
#[pyfunction]
#[pyo3(signature = (types, prefer, device=None))]
fn interop_init(py: Python<'_>, types: i64, prefer: i64, device: Option<i64>) -> PyResult<usize> {
    let device = device.unwrap_or(omply_offload::DEFAULT_DEVICE);
    py.detach(|| interop::init(device, types, prefer))
        .map_err(|_| {
            PyValueError::new_err("there is no such device to make an interoperability object for")
        })
}

/// Waits for what is queued on an object, and destroys it if it was the last use.
#[pyfunction]
fn interop_end(py: Python<'_>, object: usize, last: bool) -> PyResult<()> {
    let done = py.detach(|| {
        if last {
            interop::destroy(object)
        } else {
            interop::use_(object)
        }
    });
    if done.unwrap_or(false) {
        Ok(())
    } else {
        Err(PyValueError::new_err(
            "this is no interoperability object, or it has been destroyed",
        ))
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("omp_interop_none", 0),
    ("omp_ifr_cuda", 1),
    ("omp_ifr_cuda_driver", 2),
    ("omp_ifr_opencl", 3),
    ("omp_ifr_sycl", 4),
    ("omp_ifr_hip", 5),
    ("omp_ifr_level_zero", 6),
    ("omp_ifr_hsa", 7),
    ("omp_ifr_last", 7),
    ("omp_ipr_fr_id", -1),
    ("omp_ipr_fr_name", -2),
    ("omp_ipr_vendor", -3),
    ("omp_ipr_vendor_name", -4),
    ("omp_ipr_device_num", -5),
    ("omp_ipr_platform", -6),
    ("omp_ipr_device", -7),
    ("omp_ipr_device_context", -8),
    ("omp_ipr_targetsync", -9),
    ("omp_irc_no_value", 1),
    ("omp_irc_success", 0),
    ("omp_irc_empty", -1),
    ("omp_irc_out_of_range", -2),
    ("omp_irc_type_int", -3),
    ("omp_irc_type_ptr", -4),
    ("omp_irc_type_str", -5),
    ("omp_irc_other", -6),
];

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add {
        ($($name:ident)*) => { $(m.add_function(wrap_pyfunction!($name, m)?)?;)* };
    }
    add! {
        omp_get_num_interop_properties omp_get_interop_int omp_get_interop_ptr omp_get_interop_str
        omp_get_interop_name omp_get_interop_type_desc omp_get_interop_rc_desc interop_init interop_end
    }
    for (name, value) in CONSTANTS {
        m.add(*name, *value)?;
    }
    Ok(())
}
