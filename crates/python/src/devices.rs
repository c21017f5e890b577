//! The `omp_*` routines about devices and their memory, and what `omply devices` shows. Memory is named by an address, an int, or by
//! an object with contiguous memory of its own (an array, `bytes`).

use omply_runtime::routines as omp;
use pyo3::exceptions::{PyBufferError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList};
use std::ffi::{CStr, CString, c_void};

/// Memory that a program has named; kept alive, and its array's memory in place, until it is dropped.
struct Memory {
    address: usize,
    /// Bytes of an object's memory; an address says nothing of what lies behind it.
    bytes: Option<usize>,
    view: Option<Box<ffi::Py_buffer>>,
}

// SAFETY: a view may be released by any attached thread.
unsafe impl Send for Memory {}
// SAFETY: a shared view is only read.
unsafe impl Sync for Memory {}

impl Memory {
    fn new(object: &Bound<'_, PyAny>, writable: bool) -> PyResult<Self> {
        if let Ok(number) = object.cast::<PyInt>() {
            let address = number
                .extract::<usize>()
                .map_err(|_| PyOverflowError::new_err("the int is no address"))?;
            return Ok(Self {
                address,
                bytes: None,
                view: None,
            });
        }
        let mut view = Box::new(ffi::Py_buffer::new());
        let flags = if writable {
            ffi::PyBUF_ANY_CONTIGUOUS | ffi::PyBUF_WRITABLE
        } else {
            ffi::PyBUF_ANY_CONTIGUOUS
        };
        // SAFETY: a live object, and a view to be filled in.
        if unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &mut *view, flags) } != 0 {
            let error = PyErr::fetch(object.py());
            if error.is_instance_of::<PyBufferError>(object.py())
                || error.is_instance_of::<PyValueError>(object.py())
            {
                return Err(error);
            }
            let text = format!(
                "memory is named by an address (an int) or by an array, not by {}",
                object.get_type().name()?
            );
            return Err(PyTypeError::new_err(text));
        }
        Ok(Self {
            address: view.buf.addr(),
            bytes: Some(view.len as usize),
            view: Some(view),
        })
    }

    /// `length` bytes from `offset` on lie within it, as far as that can be told.
    fn check(&self, offset: usize, length: usize) -> PyResult<()> {
        match self.bytes {
            Some(bytes) if offset.checked_add(length).is_none_or(|end| end > bytes) => {
                let text = format!(
                    "{length} bytes from offset {offset} on do not lie within the array's {bytes} bytes"
                );
                Err(PyValueError::new_err(text))
            }
            _ => Ok(()),
        }
    }

    fn pointer(&self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.address)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(mut view) = self.view.take() {
            // SAFETY: the view was filled in by `PyObject_GetBuffer`, and is released once.
            Python::attach(|_| unsafe { ffi::PyBuffer_Release(&mut *view) });
        }
    }
}

/// Allocates memory on a device and returns its address; 0: there is no room, or no such device.
#[pyfunction]
fn omp_target_alloc(size: usize, device_num: i32) -> usize {
    omp::omp_target_alloc(size, device_num).expose_provenance()
}

/// Frees what omp_target_alloc gave for that device.
#[pyfunction]
fn omp_target_free(device_ptr: usize, device_num: i32) {
    let pointer = std::ptr::with_exposed_provenance_mut(device_ptr);
    // SAFETY: the routine's condition, which is the program's to meet.
    unsafe { omp::omp_target_free(pointer, device_num) };
}

/// Whether memory of the host has corresponding storage on a device.
#[pyfunction]
fn omp_target_is_present(ptr: &Bound<'_, PyAny>, device_num: i32) -> PyResult<bool> {
    let memory = Memory::new(ptr, false)?;
    Ok(omp::omp_target_is_present(memory.pointer(), device_num) != 0)
}

/// Whether a device can use memory of the host as it is.
#[pyfunction]
fn omp_target_is_accessible(
    ptr: &Bound<'_, PyAny>,
    size: usize,
    device_num: i32,
) -> PyResult<bool> {
    let memory = Memory::new(ptr, false)?;
    Ok(omp::omp_target_is_accessible(memory.pointer(), size, device_num) != 0)
}

/// The device's address of what corresponds to memory of the host; 0: nothing does.
#[pyfunction]
fn omp_get_mapped_ptr(ptr: &Bound<'_, PyAny>, device_num: i32) -> PyResult<usize> {
    let memory = Memory::new(ptr, false)?;
    Ok(omp::omp_get_mapped_ptr(memory.pointer(), device_num).expose_provenance())
}

/// Makes memory of a device the corresponding storage of memory of the host. 0: done.
#[pyfunction]
fn omp_target_associate_ptr(
    host_ptr: &Bound<'_, PyAny>,
    device_ptr: usize,
    size: usize,
    device_offset: usize,
    device_num: i32,
) -> PyResult<i32> {
    let host = Memory::new(host_ptr, false)?;
    host.check(0, size)?;
    let on_device = std::ptr::with_exposed_provenance(device_ptr);
    Ok(omp::omp_target_associate_ptr(
        host.pointer(),
        on_device,
        size,
        device_offset,
        device_num,
    ))
}

/// Takes such an association back. 0: done.
#[pyfunction]
fn omp_target_disassociate_ptr(ptr: &Bound<'_, PyAny>, device_num: i32) -> PyResult<i32> {
    let memory = Memory::new(ptr, false)?;
    Ok(omp::omp_target_disassociate_ptr(
        memory.pointer(),
        device_num,
    ))
}

/// A copy between any two devices: what both forms of the routine do.
struct Copy {
    to: Memory,
    from: Memory,
    length: usize,
    offsets: (usize, usize),
    devices: (i32, i32),
}

impl Copy {
    fn new(
        ends: (&Bound<'_, PyAny>, &Bound<'_, PyAny>),
        length: usize,
        offsets: (usize, usize),
        devices: (i32, i32),
    ) -> PyResult<Self> {
        let (to, from) = (Memory::new(ends.0, true)?, Memory::new(ends.1, false)?);
        to.check(offsets.0, length)?;
        from.check(offsets.1, length)?;
        Ok(Self {
            to,
            from,
            length,
            offsets,
            devices,
        })
    }

    fn run(&self) -> i32 {
        // SAFETY: arrays are as long as checked; what lies behind addresses is the program's to know.
        unsafe {
            omp::omp_target_memcpy(
                self.to.pointer(),
                self.from.pointer(),
                self.length,
                self.offsets.0,
                self.offsets.1,
                self.devices.0,
                self.devices.1,
            )
        }
    }
}

/// Copies `length` bytes between any two of host and devices, each named by an array or an address. 0: done.
#[pyfunction]
#[pyo3(signature = (dst, src, length, dst_offset, src_offset, dst_device_num, src_device_num))]
#[expect(clippy::too_many_arguments, reason = "as in C")]
fn omp_target_memcpy(
    py: Python<'_>,
    dst: &Bound<'_, PyAny>,
    src: &Bound<'_, PyAny>,
    length: usize,
    dst_offset: usize,
    src_offset: usize,
    dst_device_num: i32,
    src_device_num: i32,
) -> PyResult<i32> {
    let copy = Copy::new(
        (dst, src),
        length,
        (dst_offset, src_offset),
        (dst_device_num, src_device_num),
    )?;
    Ok(py.detach(|| copy.run()))
}

/// The same as a task; arrays stay alive and in place until it is over. Dependences: call omp_target_memcpy in a task with a depend
/// clause.
#[pyfunction]
#[pyo3(signature = (dst, src, length, dst_offset, src_offset, dst_device_num, src_device_num))]
fn omp_target_memcpy_async(
    dst: &Bound<'_, PyAny>,
    src: &Bound<'_, PyAny>,
    length: usize,
    dst_offset: usize,
    src_offset: usize,
    dst_device_num: i32,
    src_device_num: i32,
) -> PyResult<i32> {
    let copy = Copy::new(
        (dst, src),
        length,
        (dst_offset, src_offset),
        (dst_device_num, src_device_num),
    )?;
    let options = omply_runtime::TaskOptions::default();
    omply_runtime::task(&options, move |_| {
        copy.run();
        0
    });
    Ok(0)
}

/// Copies a rectangular part of an array: `volume` elements of `element_size` bytes in each dimension, from and to arrays of the
/// dimensions given, at the offsets given. 0: done.
#[pyfunction]
#[pyo3(signature = (dst, src, element_size, volume, dst_offsets, src_offsets, dst_dimensions, src_dimensions, dst_device_num, src_device_num))]
#[expect(clippy::too_many_arguments, reason = "as in C")]
fn omp_target_memcpy_rect(
    py: Python<'_>,
    dst: &Bound<'_, PyAny>,
    src: &Bound<'_, PyAny>,
    element_size: usize,
    volume: Vec<usize>,
    dst_offsets: Vec<usize>,
    src_offsets: Vec<usize>,
    dst_dimensions: Vec<usize>,
    src_dimensions: Vec<usize>,
    dst_device_num: i32,
    src_device_num: i32,
) -> PyResult<i32> {
    let n = volume.len();
    let extents = [&dst_offsets, &src_offsets, &dst_dimensions, &src_dimensions];
    if n == 0 || extents.iter().any(|extent| extent.len() != n) {
        return Err(PyValueError::new_err(
            "volume, offsets and dimensions need as many numbers each, and one at least",
        ));
    }
    let (to, from) = (Memory::new(dst, true)?, Memory::new(src, false)?);
    for (memory, dimensions) in [(&to, &dst_dimensions), (&from, &src_dimensions)] {
        let bytes = dimensions
            .iter()
            .try_fold(element_size, |bytes, &extent| bytes.checked_mul(extent));
        memory.check(0, bytes.unwrap_or(usize::MAX))?;
    }
    Ok(py.detach(|| {
        let (to, from) = (&to, &from);
        // SAFETY: the lists are as long as said; arrays hold their dimensions; the rest is the program's to know.
        unsafe {
            omp::omp_target_memcpy_rect(
                to.pointer(),
                from.pointer(),
                element_size,
                n as i32,
                volume.as_ptr(),
                dst_offsets.as_ptr(),
                src_offsets.as_ptr(),
                dst_dimensions.as_ptr(),
                src_dimensions.as_ptr(),
                dst_device_num,
                src_device_num,
            )
        }
    }))
}

/// Sets `count` bytes of a device's memory to the low byte of `val`, and returns the address.
#[pyfunction]
fn omp_target_memset(
    py: Python<'_>,
    ptr: &Bound<'_, PyAny>,
    val: i32,
    count: usize,
    device_num: i32,
) -> PyResult<usize> {
    let memory = Memory::new(ptr, true)?;
    memory.check(0, count)?;
    Ok(py.detach(|| {
        let memory = &memory;
        // SAFETY: arrays are as long as checked; what lies behind addresses is the program's to know.
        let set = unsafe { omp::omp_target_memset(memory.pointer(), val, count, device_num) };
        set.expose_provenance()
    }))
}

/// The number of the device with that unique identifier; omp_invalid_device: there is none.
#[pyfunction]
fn omp_get_device_from_uid(uid: CString) -> i32 {
    // SAFETY: a C string.
    unsafe { omp::omp_get_device_from_uid(uid.as_ptr()) }
}

/// A device's unique identifier; None: there is no such device.
#[pyfunction]
fn omp_get_uid_from_device(device_num: i32) -> Option<String> {
    let uid = omp::omp_get_uid_from_device(device_num);
    if uid.is_null() {
        return None;
    }
    // SAFETY: a C string that lives for ever.
    let uid = unsafe { CStr::from_ptr(uid) };
    Some(uid.to_string_lossy().into_owned())
}

/// How many threads of a device make progress together at most; 0: there is no such device.
#[pyfunction]
fn omp_get_max_progress_width(device_num: i32) -> i32 {
    omp::omp_get_max_progress_width(device_num)
}

/// How many teams a teams region on that device gets where no clause says it; 0: the implementation chooses.
#[pyfunction]
fn omp_get_device_num_teams(device_num: i32) -> i32 {
    omp::omp_get_device_num_teams(device_num)
}

/// Sets that number.
#[pyfunction]
fn omp_set_device_num_teams(num_teams: i32, device_num: i32) {
    omp::omp_set_device_num_teams(num_teams, device_num);
}

/// How many threads a team on that device has at most where no clause says it; 0: the implementation chooses.
#[pyfunction]
fn omp_get_device_teams_thread_limit(device_num: i32) -> i32 {
    omp::omp_get_device_teams_thread_limit(device_num)
}

/// Sets that number.
#[pyfunction]
fn omp_set_device_teams_thread_limit(thread_limit: i32, device_num: i32) {
    omp::omp_set_device_teams_thread_limit(thread_limit, device_num);
}

/// Lets a device give up what is kept for it: a hard pause what is mapped there, too. 0: done.
#[pyfunction]
fn omp_pause_resource(kind: i32, device_num: i32) -> i32 {
    omp::omp_pause_resource(kind, device_num)
}

/// The devices, a dictionary each, and the plugins that give none, with the reason.
type Found<'py> = (Bound<'py, PyList>, Vec<(String, String)>);

/// The devices with their traits, and the plugins that give none with the reason: for `omply devices`.
#[pyfunction]
fn devices(py: Python<'_>) -> PyResult<Found<'_>> {
    let registry = py.detach(omply_offload::registry::registry);
    let list = PyList::empty(py);
    for device in &registry.devices {
        let (description, traits) = (device.driver().description(), device.traits());
        let item = PyDict::new(py);
        item.set_item("number", traits.device_num)?;
        item.set_item("plugin", description.plugin)?;
        item.set_item("name", &description.name)?;
        item.set_item("kind", traits.kinds)?;
        item.set_item("isa", traits.isas)?;
        item.set_item("arch", traits.arch)?;
        item.set_item("vendor", traits.vendor)?;
        item.set_item("uid", traits.uid)?;
        item.set_item("memory", description.memory)?;
        item.set_item("units", description.units)?;
        item.set_item("max_threads", description.max_threads)?;
        item.set_item("width", description.width)?;
        item.set_item("driver", &description.driver)?;
        list.append(item)?;
    }
    let absent = registry.absent.iter();
    let absent = absent.map(|absence| (absence.plugin.clone(), absence.why.clone()));
    Ok((list, absent.collect()))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    omply_offload::install();
    macro_rules! add {
        ($($name:ident)*) => { $(m.add_function(wrap_pyfunction!($name, m)?)?;)* };
    }
    add! {
        omp_target_alloc omp_target_free omp_target_is_present omp_target_is_accessible omp_get_mapped_ptr
        omp_target_associate_ptr omp_target_disassociate_ptr omp_target_memcpy omp_target_memcpy_async
        omp_target_memcpy_rect omp_target_memset omp_get_device_from_uid omp_get_uid_from_device
        omp_get_max_progress_width omp_get_device_num_teams omp_set_device_num_teams
        omp_get_device_teams_thread_limit omp_set_device_teams_thread_limit omp_pause_resource devices
    }
    Ok(())
}
