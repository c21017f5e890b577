//! Arrays of other libraries: objects with DLPack's protocol or `__cuda_array_interface__`. What is in a device's memory becomes a
//! [`DeviceArray`] over it, what is on the host an array of NumPy's; neither is copied.

use super::dlpack::{self, Managed};
use super::{DeviceArray, Element, Memory, Owner, strides_of};
use omply_offload::registry;
use omply_runtime::routines as omp;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex};

/// `kDLCPU`.
const CPU: i32 = 1;
/// Memory of the host for which a device's driver knows: `kDLCUDAHost`, `kDLROCMHost`.
const PINNED: [i32; 2] = [3, 11];
/// `kDLExtDev`: devices that DLPack has no type for, by their OpenMP numbers.
const EXTENSION: i32 = 12;

/// What an object is to native code.
pub enum Seen<'py> {
    Host(Bound<'py, PyAny>),
    Device(Bound<'py, DeviceArray>),
}

/// Type and number of a device (-1: the host) in DLPack's terms.
pub fn dlpack_of(device: i32) -> (i32, i32) {
    match registry::device(device) {
        None => (CPU, 0),
        Some(found) => found.driver().dlpack().unwrap_or((EXTENSION, device)),
    }
}

/// Whether libraries that know `__cuda_array_interface__` can use the device's memory.
pub fn speaks_cuda(device: i32) -> bool {
    registry::device(device).is_some_and(|found| found.driver().dlpack().is_some())
}

pub fn device_error(py: Python<'_>, text: &str) -> PyErr {
    let made = || {
        py.import("omply._errors")?
            .getattr("OmplyDeviceError")?
            .call1((text,))
    };
    match made() {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// The device to use where a program gives that number; the host's is the last one.
pub fn numbered(py: Python<'_>, device: Option<i32>) -> PyResult<i32> {
    let (count, wanted) = py.detach(|| {
        let count = omp::omp_get_num_devices();
        (
            count,
            device.unwrap_or_else(|| omp::omp_get_default_device()),
        )
    });
    match wanted {
        // The same program runs where there are no devices.
        _ if count == 0 && wanted >= -1 => Ok(count),
        -1 => Ok(count),
        _ if (0..=count).contains(&wanted) => Ok(wanted),
        _ => Err(device_error(
            py,
            &format!("there is no device {wanted}: devices are numbered from 0 to {count}"),
        )),
    }
}

/// An object as native code may take it; `None`: it says nothing of memory.
pub fn seen<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Seen<'py>>> {
    if let Ok(array) = object.cast::<DeviceArray>() {
        return Ok(Some(Seen::Device(array.clone())));
    }
    let class = object.get_type();
    if class.hasattr("__dlpack__")? && class.hasattr("__dlpack_device__")? {
        return from_dlpack(object).map(Some);
    }
    match object.getattr_opt("__cuda_array_interface__")? {
        Some(interface) => from_cuda(object, &interface).map(Some),
        None => Ok(None),
    }
}

fn from_dlpack<'py>(object: &Bound<'py, PyAny>) -> PyResult<Seen<'py>> {
    let py = object.py();
    let place = object.call_method0("__dlpack_device__")?;
    // The type may be an enumeration's member.
    let kind: i32 = place.get_item(0)?.call_method0("__index__")?.extract()?;
    let id: i32 = place.get_item(1)?.call_method0("__index__")?.extract()?;
    if kind == CPU || PINNED.contains(&kind) {
        return dlpack::host_array(py, taken(object, None)?).map(Seen::Host);
    }
    let devices = py.detach(registry::registry).devices.iter();
    let found = devices
        .map(|device| device.number())
        .find(|&number| dlpack_of(number) == (kind, id));
    let Some(device) = found else {
        return Err(PyTypeError::new_err(format!(
            "its memory is on a device (of DLPack's type {kind}, number {id}) that takes no part in this program"
        )));
    };
    let tensor = taken(object, Some(device))?;
    let layout = tensor.layout()?;
    let memory = Memory {
        address: layout.address,
        device,
        owner: Owner::Tensor(tensor),
    };
    let array = DeviceArray {
        memory: Mutex::new(Some(Arc::new(memory))),
        device,
        element: layout.element,
        shape: layout.shape,
        strides: layout.strides,
        writable: layout.writable,
    };
    Bound::new(py, array).map(Seen::Device)
}

/// The tensor, in which all is done that its library has been asked for.
fn taken(object: &Bound<'_, PyAny>, device: Option<i32>) -> PyResult<Managed> {
    let py = object.py();
    let failed = |failure: omply_offload::driver::Failure| device_error(py, &failure.to_string());
    let queue = device
        .and_then(registry::device)
        .filter(|found| found.driver().dlpack().is_some())
        .map(|found| found.queue())
        .transpose()
        .map_err(failed)?;
    let arguments = PyDict::new(py);
    if let Some(queue) = &queue {
        arguments.set_item("stream", queue.handle().addr())?;
    }
    arguments.set_item("max_version", (1, 0))?;
    let capsule = match object.call_method("__dlpack__", (), Some(&arguments)) {
        // Older than versions.
        Err(error) if error.is_instance_of::<PyTypeError>(py) => {
            arguments.del_item("max_version")?;
            object.call_method("__dlpack__", (), Some(&arguments))?
        }
        result => result?,
    };
    if let Some(queue) = queue {
        // Other threads may run the region, each with a queue of its own.
        py.detach(|| queue.finish()).map_err(failed)?;
    }
    Managed::take(&capsule)
}

fn from_cuda<'py>(
    object: &Bound<'py, PyAny>,
    interface: &Bound<'py, PyAny>,
) -> PyResult<Seen<'py>> {
    let py = object.py();
    let item = |name: &str| -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = interface.call_method1("get", (name,))?;
        Ok((!found.is_none()).then_some(found))
    };
    let missing =
        |name: &str| PyTypeError::new_err(format!("its __cuda_array_interface__ has no `{name}`"));
    if item("mask")?.is_some() {
        return Err(PyTypeError::new_err("it is a masked array"));
    }
    let typestr: String = item("typestr")?
        .ok_or_else(|| missing("typestr"))?
        .extract()?;
    let Some(element) = Element::of(&typestr) else {
        return Err(PyTypeError::new_err(format!(
            "its elements are of a type that regions do not know: {typestr}"
        )));
    };
    let shape: Vec<isize> = item("shape")?.ok_or_else(|| missing("shape"))?.extract()?;
    let (address, read_only): (usize, bool) =
        item("data")?.ok_or_else(|| missing("data"))?.extract()?;
    let strides = match item("strides")? {
        Some(strides) => strides.extract()?,
        None => strides_of(&shape, element.bytes),
    };
    if strides.len() != shape.len() {
        return Err(PyValueError::new_err(
            "its __cuda_array_interface__ has not as many strides as dimensions",
        ));
    }
    let device = py.detach(|| {
        if address == 0 {
            return Some(omp::omp_get_default_device());
        }
        let devices = registry::registry().devices.iter();
        devices
            .filter(|device| device.driver().owns(address as u64))
            .map(|device| device.number())
            .next()
    });
    let Some(device) = device else {
        return Err(PyTypeError::new_err(format!(
            "its memory, at {address:#x}, is on no device that takes part in this program"
        )));
    };
    let stream: Option<u64> = match item("stream")? {
        Some(stream) => Some(stream.extract()?),
        None => None,
    };
    if let (Some(stream), Some(found)) = (stream, registry::device(device)) {
        py.detach(|| found.driver().wait_for(stream))
            .map_err(|failure| device_error(py, &failure.to_string()))?;
    }
    let memory = Memory {
        address,
        device,
        owner: Owner::Object(object.clone().unbind()),
    };
    let array = DeviceArray {
        memory: Mutex::new(Some(Arc::new(memory))),
        device,
        element,
        shape,
        strides,
        writable: !read_only,
    };
    Bound::new(py, array).map(Seen::Device)
}
