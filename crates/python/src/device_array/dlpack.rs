//! DLPack: tensors that libraries hand to each other in capsules, of both forms: with a version (1.0 and later) and without.
//! A capsule that has been taken is renamed, and whoever took it calls the tensor's deleter when it is done.

use super::{DeviceArray, Element, Memory};
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{CStr, c_void};
use std::ptr::with_exposed_provenance_mut;
use std::sync::Arc;

/// `DLTensor`; strides are counted in elements.
#[repr(C)]
pub struct Tensor {
    data: *mut c_void,
    kind: i32,
    id: i32,
    ndim: i32,
    code: u8,
    bits: u8,
    lanes: u16,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

/// `DLManagedTensor`.
#[repr(C)]
struct Plain {
    tensor: Tensor,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Plain)>,
}

/// `DLManagedTensorVersioned`.
#[repr(C)]
struct Versioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Versioned)>,
    flags: u64,
    tensor: Tensor,
}

const READ_ONLY: u64 = 1;

const PLAIN: &CStr = c"dltensor";
const PLAIN_TAKEN: &CStr = c"used_dltensor";
const VERSIONED: &CStr = c"dltensor_versioned";
const VERSIONED_TAKEN: &CStr = c"used_dltensor_versioned";

/// `DLDataTypeCode` of NumPy's letters.
const CODES: [(u8, u8); 5] = [(b'i', 0), (b'u', 1), (b'f', 2), (b'c', 5), (b'b', 6)];

/// A tensor that was taken out of its capsule.
pub enum Managed {
    Plain(usize),
    Versioned(usize),
}

impl Managed {
    /// Takes the tensor that a capsule holds.
    pub fn take(capsule: &Bound<'_, PyAny>) -> PyResult<Managed> {
        let object = capsule.as_ptr();
        // SAFETY: a live object; the names are the ones that say what is in it, and live for ever.
        unsafe {
            if ffi::PyCapsule_IsValid(object, VERSIONED.as_ptr()) == 1 {
                let tensor = ffi::PyCapsule_GetPointer(object, VERSIONED.as_ptr());
                let major = (*tensor.cast::<Versioned>()).major;
                if major != 1 {
                    return Err(PyBufferError::new_err(format!(
                        "its tensor is of version {major} of DLPack"
                    )));
                }
                ffi::PyCapsule_SetName(object, VERSIONED_TAKEN.as_ptr());
                return Ok(Managed::Versioned(tensor.expose_provenance()));
            }
            if ffi::PyCapsule_IsValid(object, PLAIN.as_ptr()) == 1 {
                let tensor = ffi::PyCapsule_GetPointer(object, PLAIN.as_ptr());
                ffi::PyCapsule_SetName(object, PLAIN_TAKEN.as_ptr());
                return Ok(Managed::Plain(tensor.expose_provenance()));
            }
        }
        Err(PyTypeError::new_err(
            "its __dlpack__() returns no capsule with a tensor",
        ))
    }

    fn tensor(&self) -> (&Tensor, bool) {
        // SAFETY: taken, and not given back before this is dropped.
        unsafe {
            match *self {
                Managed::Plain(at) => {
                    let managed: *const Plain = std::ptr::with_exposed_provenance(at);
                    (&(*managed).tensor, true)
                }
                Managed::Versioned(at) => {
                    let managed: *const Versioned = std::ptr::with_exposed_provenance(at);
                    (&(*managed).tensor, (*managed).flags & READ_ONLY == 0)
                }
            }
        }
    }

    /// What the tensor says of itself.
    pub fn layout(&self) -> PyResult<Layout> {
        let (tensor, writable) = self.tensor();
        let kind = CODES.iter().find(|(_, code)| *code == tensor.code);
        let element = kind
            .filter(|_| tensor.lanes == 1 && tensor.bits.is_multiple_of(8))
            .and_then(|&(kind, _)| {
                Element {
                    kind,
                    bytes: tensor.bits / 8,
                }
                .known()
            });
        let Some(element) = element else {
            return Err(PyTypeError::new_err(format!(
                "its elements have a type that regions do not know (code {}, {} bits)",
                tensor.code, tensor.bits
            )));
        };
        let ndim = usize::try_from(tensor.ndim).unwrap_or_default();
        let numbers = |at: *mut i64| -> Vec<isize> {
            if at.is_null() || ndim == 0 {
                return Vec::new();
            }
            // SAFETY: as many as the tensor has dimensions.
            let found = unsafe { std::slice::from_raw_parts(at, ndim) };
            found.iter().map(|&number| number as isize).collect()
        };
        let shape = numbers(tensor.shape);
        let strides = if tensor.strides.is_null() {
            super::strides_of(&shape, element.bytes)
        } else {
            let strides = numbers(tensor.strides).into_iter();
            strides
                .map(|stride| stride * isize::from(element.bytes))
                .collect()
        };
        Ok(Layout {
            address: tensor.data.expose_provenance() + tensor.byte_offset as usize,
            element,
            shape,
            strides,
            writable,
        })
    }
}

/// Where an array's elements are.
pub struct Layout {
    pub address: usize,
    pub element: Element,
    pub shape: Vec<isize>,
    pub strides: Vec<isize>,
    pub writable: bool,
}

impl Drop for Managed {
    fn drop(&mut self) {
        // Deleters may touch Python's objects.
        // SAFETY: taken once, given back once.
        Python::attach(|_| unsafe {
            match *self {
                Managed::Plain(at) => {
                    let managed: *mut Plain = with_exposed_provenance_mut(at);
                    if let Some(deleter) = (*managed).deleter {
                        deleter(managed);
                    }
                }
                Managed::Versioned(at) => {
                    let managed: *mut Versioned = with_exposed_provenance_mut(at);
                    if let Some(deleter) = (*managed).deleter {
                        deleter(managed);
                    }
                }
            }
        });
    }
}

/// What a tensor of ours keeps until its deleter is called.
struct Kept {
    shape: Vec<i64>,
    strides: Vec<i64>,
    _memory: Arc<Memory>,
}

/// A capsule with a tensor over the array's memory.
pub fn capsule<'py>(
    py: Python<'py>,
    array: &DeviceArray,
    memory: Arc<Memory>,
    versioned: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let bytes = isize::from(array.element.bytes);
    let address = memory.address;
    let kept = Box::into_raw(Box::new(Kept {
        shape: array.shape.iter().map(|&length| length as i64).collect(),
        strides: array.strides.iter().map(|&s| (s / bytes) as i64).collect(),
        _memory: memory,
    }));
    let (kind, id) = array.dlpack_device();
    let code = CODES.iter().find(|(kind, _)| *kind == array.element.kind);
    // SAFETY: just made, and alone here.
    let (shape, strides) = unsafe { ((*kept).shape.as_mut_ptr(), (*kept).strides.as_mut_ptr()) };
    let tensor = Tensor {
        data: with_exposed_provenance_mut(address),
        kind,
        id,
        ndim: array.shape.len() as i32,
        code: code.map_or(0, |(_, code)| *code),
        bits: array.element.bytes * 8,
        lanes: 1,
        shape,
        strides,
        byte_offset: 0,
    };
    let context = kept.cast();
    let (managed, name): (*mut c_void, &CStr) = if versioned {
        let managed = Box::new(Versioned {
            major: 1,
            minor: 0,
            context,
            deleter: Some(delete_versioned),
            flags: if array.writable { 0 } else { READ_ONLY },
            tensor,
        });
        (Box::into_raw(managed).cast(), VERSIONED)
    } else {
        let managed = Box::new(Plain {
            tensor,
            context,
            deleter: Some(delete_plain),
        });
        (Box::into_raw(managed).cast(), PLAIN)
    };
    // SAFETY: a pointer that is not null, a name that lives for ever, and a destructor for what the name says.
    unsafe {
        let object = ffi::PyCapsule_New(managed, name.as_ptr(), Some(forget));
        Bound::from_owned_ptr_or_err(py, object)
    }
}

/// # Safety
/// Made by [`capsule`], and called once.
unsafe extern "C" fn delete_plain(managed: *mut Plain) {
    // SAFETY: as said.
    unsafe {
        drop(Box::from_raw((*managed).context.cast::<Kept>()));
        drop(Box::from_raw(managed));
    }
}

/// # Safety
/// As for [`delete_plain`].
unsafe extern "C" fn delete_versioned(managed: *mut Versioned) {
    // SAFETY: as said.
    unsafe {
        drop(Box::from_raw((*managed).context.cast::<Kept>()));
        drop(Box::from_raw(managed));
    }
}

/// The destructor of our capsules: a tensor that nobody took is given back.
///
/// # Safety
/// CPython calls it with a capsule of [`capsule`].
unsafe extern "C" fn forget(object: *mut ffi::PyObject) {
    // SAFETY: the name says what is in it; a taken one has another name.
    unsafe {
        if ffi::PyCapsule_IsValid(object, PLAIN.as_ptr()) == 1 {
            delete_plain(ffi::PyCapsule_GetPointer(object, PLAIN.as_ptr()).cast());
        } else if ffi::PyCapsule_IsValid(object, VERSIONED.as_ptr()) == 1 {
            delete_versioned(ffi::PyCapsule_GetPointer(object, VERSIONED.as_ptr()).cast());
        }
    }
}

/// The memory of a tensor on the host, for NumPy.
#[pyclass(frozen, module = "omply._core")]
pub struct HostMemory {
    start: usize,
    bytes: usize,
    writable: bool,
    #[expect(dead_code, reason = "given back when it is dropped")]
    tensor: Managed,
}

#[pymethods]
impl HostMemory {
    // SAFETY: called by CPython with a `Py_buffer` to fill in; the view keeps this object, and so the memory, alive.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: std::ffi::c_int,
    ) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view to fill"));
        }
        let this = slf.get();
        let (start, bytes) = (with_exposed_provenance_mut(this.start), this.bytes as isize);
        let read_only = i32::from(!this.writable);
        // SAFETY: `view` is CPython's, the memory lives as long as `slf`, which the view keeps.
        let status =
            unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start, bytes, read_only, flags) };
        if status == 0 {
            Ok(())
        } else {
            Err(PyErr::fetch(slf.py()))
        }
    }
}

/// A NumPy array over a tensor on the host.
pub fn host_array<'py>(py: Python<'py>, tensor: Managed) -> PyResult<Bound<'py, PyAny>> {
    let layout = tensor.layout()?;
    let array = DeviceArray {
        memory: std::sync::Mutex::new(None),
        device: -1,
        element: layout.element,
        shape: layout.shape,
        strides: layout.strides,
        writable: layout.writable,
    };
    let (low, bytes) = array.extent();
    let memory = HostMemory {
        start: layout.address.wrapping_add_signed(low),
        bytes,
        writable: layout.writable,
        tensor,
    };
    let arguments = pyo3::types::PyDict::new(py);
    arguments.set_item("dtype", array.dtype(py)?)?;
    arguments.set_item("buffer", Bound::new(py, memory)?)?;
    arguments.set_item("offset", -low)?;
    arguments.set_item("strides", array.get_strides(py)?)?;
    let shape = (array.get_shape(py)?,);
    py.import("numpy")?
        .getattr("ndarray")?
        .call(shape, Some(&arguments))
}
