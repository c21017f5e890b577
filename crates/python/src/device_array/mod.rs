//! `omply.device_array`: arrays in a device's memory, which `target` regions on that device use as they are. They speak DLPack
//! (`dlpack`) and, on CUDA's and HIP's devices, `__cuda_array_interface__`, so that other libraries of the process can use the same
//! memory; `foreign` makes such arrays of theirs.
//!
//! Memory lives as long as anybody uses it: the array, views that were handed out, and calls that are under way each hold it.

mod dlpack;
pub mod foreign;

use dlpack::Managed;
use omply_runtime::routines as omp;
use pyo3::exceptions::{PyAttributeError, PyBufferError, PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

/// What elements are: NumPy's letter for the kind, and the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub kind: u8,
    pub bytes: u8,
}

impl Element {
    /// Of `<f8` and the like; `None`: nothing that regions know.
    fn of(text: &str) -> Option<Element> {
        let rest = text.strip_prefix(['<', '|', '='])?;
        let (kind, bytes) = rest.split_at_checked(1)?;
        Element {
            kind: kind.as_bytes()[0],
            bytes: bytes.parse().ok()?,
        }
        .known()
    }

    /// Itself, if regions know it.
    fn known(self) -> Option<Element> {
        let sizes: &[u8] = match self.kind {
            b'b' => &[1],
            b'i' | b'u' => &[1, 2, 4, 8],
            b'f' => &[2, 4, 8],
            b'c' => &[8, 16],
            _ => &[],
        };
        sizes.contains(&self.bytes).then_some(self)
    }

    /// As array interfaces write it.
    fn text(self) -> String {
        let order = if self.bytes == 1 { '|' } else { '<' };
        format!("{order}{}{}", char::from(self.kind), self.bytes)
    }
}

/// In which order elements lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    C,
    F,
    Strided,
}

/// Who gives the memory back.
enum Owner {
    /// It is ours.
    Ours,
    /// Somebody else's object, as long as it lives.
    Object(#[expect(dead_code, reason = "held to keep the memory alive")] Py<PyAny>),
    /// A tensor of DLPack.
    Tensor(#[expect(dead_code, reason = "given back when it is dropped")] Managed),
}

/// Memory of a device.
pub struct Memory {
    address: usize,
    device: i32,
    owner: Owner,
}

impl Memory {
    pub fn address(&self) -> usize {
        self.address
    }

    fn pointer(&self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.address)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if matches!(self.owner, Owner::Ours) {
            // SAFETY: it came from omp_target_alloc, and nobody uses it any more.
            unsafe { omp::omp_target_free(self.pointer(), self.device) };
        }
    }
}

/// An array in the memory of a device.
#[pyclass(frozen, module = "omply", name = "DeviceArray")]
pub struct DeviceArray {
    /// `None`: it has been freed.
    memory: Mutex<Option<Arc<Memory>>>,
    /// The device's number; the host has the last one.
    device: i32,
    element: Element,
    shape: Vec<isize>,
    /// In bytes.
    strides: Vec<isize>,
    writable: bool,
}

/// Strides of an array whose elements lie one behind the other.
fn strides_of(shape: &[isize], bytes: u8) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut step = isize::from(bytes);
    for (stride, length) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step *= (*length).max(1);
    }
    strides
}

impl DeviceArray {
    /// The memory, held.
    pub fn memory(&self) -> PyResult<Arc<Memory>> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory
            .clone()
            .ok_or_else(|| PyValueError::new_err("the device array has been freed"))
    }

    pub fn element(&self) -> Element {
        self.element
    }

    pub fn shape(&self) -> &[isize] {
        &self.shape
    }

    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// The device's number, -1 for the host.
    pub fn home(&self) -> i32 {
        if self.device == omp::omp_get_initial_device() {
            -1
        } else {
            self.device
        }
    }

    pub fn order(&self) -> Order {
        let lies = |backwards: bool| {
            let mut step = isize::from(self.element.bytes);
            let n = self.shape.len();
            (0..n).all(|i| {
                let axis = if backwards { n - 1 - i } else { i };
                let fits = self.shape[axis] == 1 || self.strides[axis] == step;
                step *= self.shape[axis];
                fits
            })
        };
        if self.shape.contains(&0) || lies(true) {
            Order::C
        } else if lies(false) {
            Order::F
        } else {
            Order::Strided
        }
    }

    fn count(&self) -> isize {
        self.shape.iter().product()
    }

    fn bytes(&self) -> usize {
        self.count() as usize * usize::from(self.element.bytes)
    }

    /// First byte and number of bytes of all that elements lie in, relative to the first element.
    fn extent(&self) -> (isize, usize) {
        if self.shape.contains(&0) {
            return (0, 0);
        }
        let (mut low, mut high) = (0, isize::from(self.element.bytes));
        for (length, stride) in self.shape.iter().zip(&self.strides) {
            let reach = (length - 1) * stride;
            if reach < 0 {
                low += reach;
            } else {
                high += reach;
            }
        }
        (low, (high - low) as usize)
    }

    /// For messages.
    fn place(&self) -> String {
        match self.home() {
            -1 => "the host's regions".to_owned(),
            device => format!("device {device}"),
        }
    }

    fn not_here(&self) -> PyErr {
        PyTypeError::new_err(format!(
            "this array is in the memory of {}: use it in a `target` region there, or index what copy_to_host() returns",
            self.place()
        ))
    }

    /// Type and number of the device as DLPack has them.
    fn dlpack_device(&self) -> (i32, i32) {
        foreign::dlpack_of(self.home())
    }
}

#[pymethods]
impl DeviceArray {
    #[getter(shape)]
    fn get_shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.shape)
    }

    /// Distances between elements, in bytes.
    #[getter(strides)]
    fn get_strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.strides)
    }

    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("numpy")?
            .getattr("dtype")?
            .call1((self.element.text(),))
    }

    #[getter]
    fn ndim(&self) -> usize {
        self.shape.len()
    }

    #[getter]
    fn size(&self) -> isize {
        self.count()
    }

    #[getter]
    fn itemsize(&self) -> u8 {
        self.element.bytes
    }

    #[getter]
    fn nbytes(&self) -> usize {
        self.bytes()
    }

    /// The number of the device whose memory it is.
    #[getter]
    fn device(&self) -> i32 {
        self.device
    }

    /// The first element's address, for omp_target_memcpy and the like.
    #[getter]
    fn address(&self) -> PyResult<usize> {
        Ok(self.memory()?.address)
    }

    fn __len__(&self) -> PyResult<usize> {
        match self.shape.first() {
            Some(&length) => Ok(length as usize),
            None => Err(PyTypeError::new_err("len() of an array without dimensions")),
        }
    }

    fn __getitem__(&self, _index: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(self.not_here())
    }

    fn __setitem__(&self, _index: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(self.not_here())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let shape = PyTuple::new(py, &self.shape)?;
        let freed = if self.memory().is_ok() { "" } else { ", freed" };
        Ok(format!(
            "omply.device_array({}, {}, device={}{freed})",
            shape.repr()?,
            self.dtype(py)?.str()?,
            self.device
        ))
    }

    /// A NumPy array with the elements; into `out`, if it is given.
    #[pyo3(signature = (out=None))]
    fn copy_to_host<'py>(
        &self,
        py: Python<'py>,
        out: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let memory = self.memory()?;
        let numpy = py.import("numpy")?;
        let (low, bytes) = self.extent();
        let raw = numpy.call_method1("empty", (bytes, "u1"))?;
        let data: usize = raw.getattr("ctypes")?.getattr("data")?.extract()?;
        let status = py.detach(|| {
            let (to, from) = (
                std::ptr::with_exposed_provenance_mut(data),
                std::ptr::with_exposed_provenance(memory.address.wrapping_add_signed(low)),
            );
            // SAFETY: as many bytes there as the array's elements lie in, and as many here.
            unsafe {
                let host = omp::omp_get_initial_device();
                omp::omp_target_memcpy(to, from, bytes, 0, 0, host, self.device)
            }
        });
        if bytes > 0 && status != 0 {
            return Err(self.failed(py, "copying from it has failed"));
        }
        let arguments = PyDict::new(py);
        arguments.set_item("dtype", self.dtype(py)?)?;
        arguments.set_item("buffer", raw)?;
        arguments.set_item("offset", -low)?;
        arguments.set_item("strides", self.get_strides(py)?)?;
        let shape = (self.get_shape(py)?,);
        let array = numpy.getattr("ndarray")?.call(shape, Some(&arguments))?;
        match out {
            Some(out) => {
                let same = out.getattr("shape")?.eq(self.get_shape(py)?)?
                    && out.getattr("dtype")?.eq(self.dtype(py)?)?;
                if !same {
                    return Err(PyValueError::new_err(
                        "the array to copy to has another shape or dtype",
                    ));
                }
                numpy.call_method1("copyto", (&out, array))?;
                Ok(out)
            }
            None if self.order() == Order::Strided => array.call_method0("copy"),
            None => Ok(array),
        }
    }

    /// Copies an array of the same shape to the device.
    fn copy_to_device(&self, py: Python<'_>, array: &Bound<'_, PyAny>) -> PyResult<()> {
        let memory = self.memory()?;
        if !self.writable {
            return Err(PyValueError::new_err("the device array is read-only"));
        }
        let order = match self.order() {
            Order::C => "C",
            Order::F => "F",
            Order::Strided => {
                return Err(PyValueError::new_err(
                    "the device array's elements do not lie one behind the other",
                ));
            }
        };
        let numpy = py.import("numpy")?;
        let source = numpy.call_method1("asarray", (array, self.dtype(py)?, order))?;
        if !source.getattr("shape")?.eq(self.get_shape(py)?)? {
            return Err(PyValueError::new_err(format!(
                "an array of shape {} does not fit one of shape {}",
                source.getattr("shape")?.repr()?,
                self.get_shape(py)?.repr()?
            )));
        }
        let data: usize = source.getattr("ctypes")?.getattr("data")?.extract()?;
        let bytes = self.bytes();
        let status = py.detach(|| {
            let from = std::ptr::with_exposed_provenance(data);
            // SAFETY: as many bytes as both arrays have.
            unsafe {
                let host = omp::omp_get_initial_device();
                omp::omp_target_memcpy(memory.pointer(), from, bytes, 0, 0, self.device, host)
            }
        });
        if bytes > 0 && status != 0 {
            return Err(self.failed(py, "copying to it has failed"));
        }
        Ok(())
    }

    /// For numpy.asarray: a copy.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if copy == Some(false) {
            return Err(PyValueError::new_err(
                "an array in a device's memory cannot be used on the host without a copy",
            ));
        }
        let array = self.copy_to_host(py, None)?;
        match dtype {
            Some(dtype) => array.call_method1("astype", (dtype,)),
            None => Ok(array),
        }
    }

    /// Gives the memory back, as soon as nobody else uses it.
    fn free(&self, py: Python<'_>) {
        let memory = self
            .memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        py.detach(|| drop(memory));
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().memory()?;
        Ok(slf)
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) {
        self.free(py);
    }

    #[getter]
    fn __cuda_array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        if !foreign::speaks_cuda(self.home()) {
            return Err(PyAttributeError::new_err(format!(
                "{} is no device of CUDA or HIP",
                self.place()
            )));
        }
        let memory = self.memory()?;
        let address = if self.count() == 0 { 0 } else { memory.address };
        let found = PyDict::new(py);
        found.set_item("shape", self.get_shape(py)?)?;
        found.set_item("typestr", self.element.text())?;
        found.set_item("data", (address, !self.writable))?;
        found.set_item("version", 3)?;
        match self.order() {
            Order::C => found.set_item("strides", py.None())?,
            _ => found.set_item("strides", self.get_strides(py)?)?,
        }
        // Whatever regions do with it is done when the program goes on.
        found.set_item("stream", py.None())?;
        Ok(found)
    }

    fn __dlpack_device__(&self) -> (i32, i32) {
        self.dlpack_device()
    }

    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<isize>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // What regions have done is done: whichever stream the consumer uses comes after it.
        let _ = stream;
        if copy == Some(true) || dl_device.is_some_and(|wanted| wanted != self.dlpack_device()) {
            return Err(PyBufferError::new_err(
                "a device array hands out its own memory; copy_to_host() copies",
            ));
        }
        let versioned = max_version.is_some_and(|(major, _)| major >= 1);
        if !versioned && !self.writable {
            return Err(PyBufferError::new_err(
                "the array is read-only, which DLPack tells since version 1.0 only",
            ));
        }
        dlpack::capsule(py, self, self.memory()?, versioned)
    }
}

impl DeviceArray {
    fn failed(&self, py: Python<'_>, what: &str) -> PyErr {
        foreign::device_error(py, &format!("{}: {what}", self.place()))
    }

    fn new(
        py: Python<'_>,
        shape: Vec<isize>,
        element: Element,
        device: Option<i32>,
    ) -> PyResult<DeviceArray> {
        if let Some(length) = shape.iter().find(|length| **length < 0) {
            return Err(PyValueError::new_err(format!(
                "an array cannot have {length} elements along a dimension"
            )));
        }
        let bytes = shape
            .iter()
            .try_fold(isize::from(element.bytes), |size, &length| {
                size.checked_mul(length.max(1))
            })
            .ok_or_else(|| PyMemoryError::new_err("the array is larger than any memory"))?;
        let device = foreign::numbered(py, device)?;
        let block = py.detach(|| omp::omp_target_alloc(bytes as usize, device).expose_provenance());
        if block == 0 {
            return Err(PyMemoryError::new_err(format!(
                "device {device} has no room for {bytes} bytes"
            )));
        }
        let memory = Memory {
            address: block,
            device,
            owner: Owner::Ours,
        };
        Ok(DeviceArray {
            memory: Mutex::new(Some(Arc::new(memory))),
            device,
            element,
            strides: strides_of(&shape, element.bytes),
            shape,
            writable: true,
        })
    }
}

fn element_of(py: Python<'_>, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Element> {
    let numpy = py.import("numpy")?;
    let dtype = match dtype {
        Some(dtype) => numpy.getattr("dtype")?.call1((dtype,))?,
        None => numpy.getattr("dtype")?.call1(("f8",))?,
    };
    let text: String = dtype.getattr("str")?.extract()?;
    Element::of(&text).ok_or_else(|| {
        PyTypeError::new_err(format!(
            "device arrays hold numbers and booleans, not {dtype}"
        ))
    })
}

/// A new array in the memory of a device (the default device, unless a number is given), without values. With `with`, `free()` or
/// when nothing refers to it any more, its memory is given back.
#[pyfunction]
#[pyo3(signature = (shape, dtype=None, device=None))]
fn device_array(
    py: Python<'_>,
    shape: &Bound<'_, PyAny>,
    dtype: Option<&Bound<'_, PyAny>>,
    device: Option<i32>,
) -> PyResult<DeviceArray> {
    let shape = match shape.extract::<isize>() {
        Ok(length) => vec![length],
        Err(_) => shape.extract::<Vec<isize>>()?,
    };
    DeviceArray::new(py, shape, element_of(py, dtype)?, device)
}

/// A new array in the memory of a device with the elements of `array`, of whatever kind numpy.asarray takes.
#[pyfunction]
#[pyo3(signature = (array, device=None))]
fn to_device(
    py: Python<'_>,
    array: &Bound<'_, PyAny>,
    device: Option<i32>,
) -> PyResult<DeviceArray> {
    let array = py.import("numpy")?.call_method1("asarray", (array,))?;
    let element = element_of(py, Some(&array.getattr("dtype")?))?;
    let shape = array.getattr("shape")?.extract::<Vec<isize>>()?;
    let made = DeviceArray::new(py, shape, element, device)?;
    made.copy_to_device(py, &array)?;
    Ok(made)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<DeviceArray>()?;
    m.add_class::<dlpack::HostMemory>()?;
    m.add_function(wrap_pyfunction!(device_array, m)?)?;
    m.add_function(wrap_pyfunction!(to_device, m)?)
}
