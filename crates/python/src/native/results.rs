//! Results on their way back to Python: the words that a compiled entry wrote, as objects of the types that
//! inference found.

use super::numpy::{self, ArrayObject};
use omply_ir::{ArrayType, Scalar};
use omply_types::Ty;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Memory behind a returned array: what native code allocated, or a part of an argument.
#[pyclass(frozen, module = "omply._core")]
struct Memory {
    start: usize,
    len: usize,
    /// An allocation of native code, released with this object; 0 for none.
    owner: u64,
    /// The argument that the memory belongs to.
    #[expect(dead_code, reason = "held to keep the memory alive")]
    base: Option<Py<PyAny>>,
}

#[pymethods]
impl Memory {
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
        // SAFETY: `view` is CPython's, the memory lives as long as `slf`, which the view keeps.
        let status = unsafe {
            ffi::PyBuffer_FillInfo(
                view,
                slf.as_ptr(),
                this.start as *mut _,
                this.len as isize,
                0,
                flags,
            )
        };
        if status == 0 {
            Ok(())
        } else {
            Err(PyErr::fetch(slf.py()))
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.owner != 0 {
            // SAFETY: the owner was handed over by the compiled function with one reference, given up here.
            unsafe { omply_codegen::support::release_owner(self.owner as *mut _) };
        }
    }
}

/// How many words a value of this type takes.
pub fn words(ty: &Ty) -> usize {
    match ty {
        Ty::None | Ty::Never => 0,
        Ty::Array(array) => 2 + 2 * array.ndim as usize,
        Ty::Tuple(items) => items.iter().map(|item| words(item).max(1)).sum(),
        _ => match ty.scalar() {
            Some(Scalar::C64 | Scalar::C128) => 2,
            _ => 1,
        },
    }
}

/// The object for a result. `arguments` are the call's, for arrays that are parts of them.
#[inline]
pub fn build<'py>(
    py: Python<'py>,
    ty: &Ty,
    words: &[u64],
    arguments: &[*mut ffi::PyObject],
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the constructors return new references or null with an error set, which `from_owned_ptr_or_err` takes.
    unsafe {
        match ty {
            // Functions return no arrays of devices: there is no expression for them.
            Ty::None | Ty::Never | Ty::Device(..) => Ok(py.None().into_bound(py)),
            Ty::Float => owned(py, ffi::PyFloat_FromDouble(f64::from_bits(words[0]))),
            Ty::Int => owned(py, ffi::PyLong_FromLongLong(words[0] as i64)),
            Ty::Bool => owned(py, ffi::PyBool_FromLong((words[0] & 1) as _)),
            Ty::Complex => owned(
                py,
                ffi::PyComplex_FromDoubles(f64::from_bits(words[0]), f64::from_bits(words[1])),
            ),
            Ty::Np(scalar) => numpy_scalar(py, *scalar, words),
            Ty::Array(array) => build_array(py, *array, words, arguments),
            Ty::Tuple(items) => {
                let mut rest = words;
                let mut objects = Vec::with_capacity(items.len());
                for item in items {
                    objects.push(build(py, item, rest, arguments)?);
                    rest = &rest[self::words(item).max(1)..];
                }
                Ok(PyTuple::new(py, objects)?.into_any())
            }
        }
    }
}

/// # Safety
/// `object` is a new reference, or null with an error set.
unsafe fn owned<'py>(py: Python<'py>, object: *mut ffi::PyObject) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: as the caller promises.
    unsafe { Bound::from_owned_ptr_or_err(py, object) }
}

fn numpy_scalar<'py>(
    py: Python<'py>,
    scalar: Scalar,
    words: &[u64],
) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import("numpy")?.getattr(numpy::name_of(scalar))?;
    let w = words[0];
    match scalar {
        Scalar::Bool => class.call1((w & 1 == 1,)),
        Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 => class.call1((w as i64,)),
        Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => class.call1((w,)),
        Scalar::F32 => class.call1((f32::from_bits(w as u32) as f64,)),
        Scalar::F64 => class.call1((f64::from_bits(w),)),
        // Reading the bits as they are keeps NaN payloads and needs no half-precision arithmetic here.
        Scalar::F16 => py
            .import("numpy")?
            .getattr("uint16")?
            .call1((w as u16,))?
            .call_method1("view", (class,)),
        Scalar::C64 => {
            let parts = (
                f32::from_bits(w as u32) as f64,
                f32::from_bits(words[1] as u32) as f64,
            );
            class.call1((pyo3::types::PyComplex::from_doubles(py, parts.0, parts.1),))
        }
        Scalar::C128 => class.call1((pyo3::types::PyComplex::from_doubles(
            py,
            f64::from_bits(w),
            f64::from_bits(words[1]),
        ),)),
    }
}

fn build_array<'py>(
    py: Python<'py>,
    ty: ArrayType,
    words: &[u64],
    arguments: &[*mut ffi::PyObject],
) -> PyResult<Bound<'py, PyAny>> {
    let (data, owner) = (words[0] as usize, words[1]);
    let ndim = ty.ndim as usize;
    let shape: Vec<isize> = words[2..2 + ndim].iter().map(|&w| w as isize).collect();
    let strides: Vec<isize> = words[2 + ndim..2 + 2 * ndim]
        .iter()
        .map(|&w| w as isize)
        .collect();
    let mut base = None;
    if owner == 0 {
        for argument in arrays(py, arguments) {
            // SAFETY: `arrays` yields live arrays only; their shape and strides hold `nd` entries.
            let same = unsafe {
                let array = &*argument.as_ptr().cast::<ArrayObject>();
                array.data as usize == data
                    && array.nd as usize == ndim
                    && (0..ndim).all(|i| {
                        *array.dimensions.add(i) == shape[i] && *array.strides.add(i) == strides[i]
                    })
            };
            if same {
                return Ok(argument);
            }
            if base.is_none() && contains(&argument, data) {
                base = Some(argument.unbind());
            }
        }
    }
    let itemsize = item_size(ty.elem);
    let (mut first, mut last) = (data as isize, data as isize + itemsize);
    if shape.contains(&0) {
        last = first;
    } else {
        for (len, stride) in shape.iter().zip(&strides) {
            let reach = (len - 1) * stride;
            if reach < 0 {
                first += reach;
            } else {
                last += reach;
            }
        }
    }
    let memory = Memory {
        start: first as usize,
        len: (last - first) as usize,
        owner,
        base,
    };
    let numpy = py.import("numpy")?;
    let kwargs = PyDict::new(py);
    kwargs.set_item("dtype", numpy.getattr(numpy::name_of(ty.elem))?)?;
    kwargs.set_item("buffer", Bound::new(py, memory)?)?;
    kwargs.set_item("offset", data as isize - first)?;
    kwargs.set_item("strides", PyTuple::new(py, strides)?)?;
    numpy
        .getattr("ndarray")?
        .call((PyTuple::new(py, shape)?,), Some(&kwargs))
}

/// The arrays among the arguments, those in tuples included.
fn arrays<'py>(py: Python<'py>, arguments: &[*mut ffi::PyObject]) -> Vec<Bound<'py, PyAny>> {
    let Some(numpy) = numpy::get(py) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut todo: Vec<Bound<'py, PyAny>> = arguments
        .iter()
        // SAFETY: the call's arguments are live until it returns.
        .map(|&a| unsafe { Bound::from_borrowed_ptr(py, a) })
        .collect();
    while let Some(object) = todo.pop() {
        let class = object.get_type().as_type_ptr();
        if numpy.is_array(class) || numpy.is_memmap(class) {
            found.push(object);
        } else if let Ok(items) = object.cast::<PyTuple>() {
            todo.extend(items.iter());
        }
    }
    found
}

/// Whether an address lies in an array's memory.
fn contains(array: &Bound<'_, PyAny>, address: usize) -> bool {
    // SAFETY: a live array; its shape and strides hold `nd` entries.
    unsafe {
        let array = &*array.as_ptr().cast::<ArrayObject>();
        let (mut first, mut last) = (array.data as isize, array.data as isize);
        for i in 0..array.nd as usize {
            let reach = (*array.dimensions.add(i) - 1) * *array.strides.add(i);
            if reach < 0 {
                first += reach;
            } else {
                last += reach;
            }
        }
        (first..=last).contains(&(address as isize))
    }
}

fn item_size(elem: Scalar) -> isize {
    match elem {
        Scalar::Bool | Scalar::I8 | Scalar::U8 => 1,
        Scalar::I16 | Scalar::U16 | Scalar::F16 => 2,
        Scalar::I32 | Scalar::U32 | Scalar::F32 => 4,
        Scalar::I64 | Scalar::U64 | Scalar::F64 | Scalar::C64 => 8,
        Scalar::C128 => 16,
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Memory>()
}
