//! NumPy's objects as they lie in memory: the few fields of arrays and array scalars that a call's fast path reads.
//! The layout is NumPy's stable C ABI (1.x and 2.x alike). NumPy is never imported from here: a process that has
//! not imported it has no arrays to pass.

use omply_ir::{ArrayType, Layout, Scalar};
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{c_char, c_int, c_void};
use std::sync::OnceLock;

/// `PyArrayObject_fields`.
#[repr(C)]
pub struct ArrayObject {
    head: ffi::PyObject,
    pub data: *mut c_char,
    pub nd: c_int,
    pub dimensions: *const isize,
    pub strides: *const isize,
    pub base: *mut ffi::PyObject,
    descr: *const Descr,
    pub flags: c_int,
}

/// The head of `PyArray_Descr`.
#[repr(C)]
struct Descr {
    head: ffi::PyObject,
    typeobj: *mut ffi::PyTypeObject,
    kind: c_char,
    type_char: c_char,
    byteorder: c_char,
    former_flags: c_char,
    type_num: c_int,
}

const C_CONTIGUOUS: c_int = 0x1;
const F_CONTIGUOUS: c_int = 0x2;
const ALIGNED: c_int = 0x100;
const WRITEABLE: c_int = 0x400;

/// What the fast path needs to know of the process's NumPy.
pub struct NumPy {
    array: usize,
    /// `numpy.memmap`, the one subclass of arrays that means the same in all operations.
    memmap: usize,
    /// The array-scalar classes, by the scalar type they hold.
    scalars: Vec<(usize, Scalar)>,
}

static NUMPY: OnceLock<NumPy> = OnceLock::new();

/// The process's NumPy, once it has been imported by someone.
pub fn get(py: Python<'_>) -> Option<&'static NumPy> {
    if let Some(numpy) = NUMPY.get() {
        return Some(numpy);
    }
    let found = find(py)?;
    Some(NUMPY.get_or_init(|| found))
}

fn find(py: Python<'_>) -> Option<NumPy> {
    let modules = py.import("sys").ok()?.getattr("modules").ok()?;
    let numpy = modules.get_item("numpy").ok()?;
    // A module that is still being imported may lack these; the next call looks again.
    let array = numpy.getattr("ndarray").ok()?.as_ptr() as usize;
    let mut scalars = Vec::new();
    for (name, scalar) in SCALAR_NAMES {
        let class = numpy.getattr(*name).ok()?;
        scalars.push((class.as_ptr() as usize, *scalar));
    }
    let memmap = numpy.getattr("memmap").ok()?.as_ptr() as usize;
    Some(NumPy {
        array,
        memmap,
        scalars,
    })
}

/// NumPy's class names; `longlong` is a class of its own beside `int64`.
pub const SCALAR_NAMES: &[(&str, Scalar)] = &[
    ("float64", Scalar::F64),
    ("int64", Scalar::I64),
    ("float32", Scalar::F32),
    ("int32", Scalar::I32),
    ("bool_", Scalar::Bool),
    ("complex128", Scalar::C128),
    ("complex64", Scalar::C64),
    ("int8", Scalar::I8),
    ("int16", Scalar::I16),
    ("uint8", Scalar::U8),
    ("uint16", Scalar::U16),
    ("uint32", Scalar::U32),
    ("uint64", Scalar::U64),
    ("float16", Scalar::F16),
    ("longlong", Scalar::I64),
    ("ulonglong", Scalar::U64),
];

/// The name under which NumPy knows a scalar type.
pub fn name_of(scalar: Scalar) -> &'static str {
    SCALAR_NAMES
        .iter()
        .find(|(_, s)| *s == scalar)
        .map_or("object", |(name, _)| name)
}

/// NumPy's `type_num` as a scalar type.
fn scalar_of(type_num: c_int) -> Option<Scalar> {
    Some(match type_num {
        0 => Scalar::Bool,
        1 => Scalar::I8,
        2 => Scalar::U8,
        3 => Scalar::I16,
        4 => Scalar::U16,
        5 => Scalar::I32,
        6 => Scalar::U32,
        7 | 9 => Scalar::I64,
        8 | 10 => Scalar::U64,
        11 => Scalar::F32,
        12 => Scalar::F64,
        14 => Scalar::C64,
        15 => Scalar::C128,
        23 => Scalar::F16,
        _ => return None,
    })
}

impl NumPy {
    /// Whether `class` is exactly `numpy.ndarray`.
    #[inline]
    pub fn is_array(&self, class: *mut ffi::PyTypeObject) -> bool {
        class as usize == self.array
    }

    /// The scalar type held by instances of `class`, if it is an array-scalar class.
    #[inline]
    pub fn scalar(&self, class: *mut ffi::PyTypeObject) -> Option<Scalar> {
        self.scalars
            .iter()
            .find(|(c, _)| *c == class as usize)
            .map(|(_, s)| *s)
    }

    /// Whether instances of `class` are arrays.
    pub fn is_array_subclass(&self, class: *mut ffi::PyTypeObject) -> bool {
        // SAFETY: both are classes; NumPy's lives as long as the process.
        unsafe { ffi::PyType_IsSubtype(class, self.array as *mut ffi::PyTypeObject) != 0 }
    }

    /// Whether `class` is `numpy.memmap`.
    pub fn is_memmap(&self, class: *mut ffi::PyTypeObject) -> bool {
        class as usize == self.memmap
    }
}

/// Why an array cannot be passed to native code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadArray {
    Dtype,
    ByteOrder,
    Unaligned,
    Dimensions,
}

impl BadArray {
    pub fn reason(self) -> &'static str {
        match self {
            BadArray::Dtype => "its dtype is not numeric or boolean, or is `longdouble`",
            BadArray::ByteOrder => "its elements have foreign byte order",
            BadArray::Unaligned => "its data is not aligned",
            BadArray::Dimensions => "it has more than 32 dimensions",
        }
    }
}

/// An array's type and whether it may be written to.
///
/// # Safety
/// `array` is a live `numpy.ndarray`.
#[inline]
pub unsafe fn array_type(array: *const ArrayObject) -> Result<(ArrayType, bool), BadArray> {
    // SAFETY: the caller passes a live array, whose descriptor lives as long as it.
    let (array, descr) = unsafe { (&*array, &*(*array).descr) };
    let elem = scalar_of(descr.type_num).ok_or(BadArray::Dtype)?;
    if descr.byteorder == b'>' as c_char {
        return Err(BadArray::ByteOrder);
    }
    if array.flags & ALIGNED == 0 {
        return Err(BadArray::Unaligned);
    }
    if array.nd > 32 {
        return Err(BadArray::Dimensions);
    }
    let layout = if array.flags & C_CONTIGUOUS != 0 {
        Layout::C
    } else if array.flags & F_CONTIGUOUS != 0 {
        Layout::F
    } else {
        Layout::Strided
    };
    let ty = ArrayType {
        elem,
        ndim: array.nd as u8,
        layout,
    };
    Ok((ty, array.flags & WRITEABLE != 0))
}

/// The address of an array scalar's value: right behind the object's head.
///
/// # Safety
/// `scalar` is a live array scalar (not a `void` or string one).
#[inline]
pub unsafe fn scalar_value(scalar: *mut ffi::PyObject) -> *const c_void {
    // SAFETY: array scalars are declared as a head followed by the value; no value needs more than
    // 16-byte alignment, and the head's size is a multiple of it.
    unsafe { scalar.cast::<u8>().add(size_of::<ffi::PyObject>()).cast() }
}
