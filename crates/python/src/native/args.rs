//! Arguments on their way into native code: each object becomes a key, which says its type, and words, which hold
//! its value in the layout that compiled entries read (`omply-codegen` describes it). Both are made in one walk, so
//! that a call of a known signature costs one comparison of keys.

use super::numpy::{self, ArrayObject, BadArray};
use crate::device_array::{DeviceArray, Element, Order};
use omply_ir::{ArrayType, Layout, Scalar};
use omply_types::Ty;
use pyo3::ffi;
use pyo3::prelude::*;
use smallvec::SmallVec;

/// One argument's type in compact form; a tuple takes one more for each item.
pub type Key = u64;
pub type Keys = SmallVec<[Key; 8]>;
pub type Words = SmallVec<[u64; 32]>;

const NONE: u64 = 1;
const BOOL: u64 = 2;
const INT: u64 = 3;
const FLOAT: u64 = 4;
const COMPLEX: u64 = 5;
const NUMPY_SCALAR: u64 = 6;
const ARRAY: u64 = 7;
const TUPLE: u64 = 8;
const DEVICE_ARRAY: u64 = 9;

/// Why an argument cannot be passed to native code.
#[derive(Debug)]
pub enum Reject {
    /// An int that does not fit 64 bits.
    HugeInt,
    Array(BadArray),
    /// What it says of its memory is no use here.
    Memory(String),
    /// An object of a class that has no native form.
    Class(*mut ffi::PyTypeObject),
}

/// Appends the key and the words of one argument.
///
/// # Safety
/// `object` is a live object.
#[inline]
pub unsafe fn push(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    keys: &mut Keys,
    words: &mut Words,
) -> Result<(), Reject> {
    // SAFETY: the object is live, so its class is too; each branch has checked the class before it reads the value.
    unsafe {
        let class = ffi::Py_TYPE(object);
        if class == &raw mut ffi::PyFloat_Type {
            keys.push(FLOAT);
            words.push(ffi::PyFloat_AsDouble(object).to_bits());
            return Ok(());
        }
        if class == &raw mut ffi::PyLong_Type {
            let mut overflow = 0;
            let value = ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
            if overflow != 0 {
                return Err(Reject::HugeInt);
            }
            keys.push(INT);
            words.push(value as u64);
            return Ok(());
        }
        if class == &raw mut ffi::PyBool_Type {
            keys.push(BOOL);
            words.push((object == ffi::Py_True()) as u64);
            return Ok(());
        }
        if class == &raw mut ffi::PyComplex_Type {
            keys.push(COMPLEX);
            words.push(ffi::PyComplex_RealAsDouble(object).to_bits());
            words.push(ffi::PyComplex_ImagAsDouble(object).to_bits());
            return Ok(());
        }
        if object == ffi::Py_None() {
            keys.push(NONE);
            return Ok(());
        }
        if ffi::PyTuple_Check(object) != 0 {
            let len = ffi::PyTuple_Size(object);
            keys.push(TUPLE | (len as u64) << 8);
            for i in 0..len {
                let item = ffi::PyTuple_GetItem(object, i);
                push(py, item, keys, words)?;
                if item == ffi::Py_None() {
                    // Inside a tuple `None` holds a place.
                    words.push(0);
                }
            }
            return Ok(());
        }
        // Asked for late: as long as nobody has imported NumPy, looking for it takes longer than the call.
        let numpy = numpy::get(py);
        if let Some(numpy) = numpy {
            if numpy.is_array(class) {
                return push_array(object.cast(), keys, words);
            }
            if let Some(scalar) = numpy.scalar(class) {
                push_scalar(scalar, object, keys, words);
                return Ok(());
            }
        }
        // Subclasses: an `IntEnum` is an int, a float subclass a float. Those of arrays (masked arrays, matrices,
        // arrays with units) give operators meanings of their own, but for `numpy.memmap`.
        if let Some(numpy) = numpy
            && numpy.is_memmap(class)
        {
            return push_array(object.cast(), keys, words);
        }
        if ffi::PyLong_Check(object) != 0 {
            let mut overflow = 0;
            let value = ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
            if overflow != 0 {
                return Err(Reject::HugeInt);
            }
            keys.push(INT);
            words.push(value as u64);
            return Ok(());
        }
        if ffi::PyFloat_Check(object) != 0 {
            keys.push(FLOAT);
            words.push(ffi::PyFloat_AsDouble(object).to_bits());
            return Ok(());
        }
        Err(Reject::Class(class))
    }
}

/// # Safety
/// `object` is a live `numpy.ndarray`.
#[inline]
unsafe fn push_array(
    object: *const ArrayObject,
    keys: &mut Keys,
    words: &mut Words,
) -> Result<(), Reject> {
    // SAFETY: a live array; its shape and strides hold `nd` entries each.
    unsafe {
        let (ty, writable) = numpy::array_type(object).map_err(Reject::Array)?;
        keys.push(array_key(ty, writable));
        let array = &*object;
        words.push(array.data as u64);
        words.push(0);
        for axis in 0..array.nd as usize {
            words.push(*array.dimensions.add(axis) as u64);
        }
        for axis in 0..array.nd as usize {
            words.push(*array.strides.add(axis) as u64);
        }
    }
    Ok(())
}

/// Appends the key and the words of an array in a device's memory, at that address.
pub fn push_device(
    array: &DeviceArray,
    address: usize,
    keys: &mut Keys,
    words: &mut Words,
) -> Result<(), Reject> {
    let elem = Scalar::ALL
        .iter()
        .find(|scalar| element_of(**scalar) == array.element())
        .copied();
    let (Some(elem), Ok(ndim)) = (elem, u8::try_from(array.shape().len())) else {
        return Err(Reject::Array(BadArray::Dtype));
    };
    if ndim > 32 {
        return Err(Reject::Array(BadArray::Dimensions));
    }
    let layout = match array.order() {
        Order::C => Layout::C,
        Order::F => Layout::F,
        Order::Strided => Layout::Strided,
    };
    let ty = ArrayType { elem, ndim, layout };
    let home = (array.home() + 2) as u64;
    keys.push(array_key(ty, array.is_writable()) & !0xff | DEVICE_ARRAY | home << 32);
    words.extend([address as u64, 0]);
    words.extend(array.shape().iter().map(|&length| length as u64));
    words.extend(array.strides().iter().map(|&stride| stride as u64));
    Ok(())
}

/// NumPy's letter and the size.
fn element_of(scalar: Scalar) -> Element {
    let kind = match scalar {
        Scalar::Bool => b'b',
        _ if scalar.is_complex() => b'c',
        _ if scalar.is_float() => b'f',
        Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => b'u',
        _ => b'i',
    };
    Element {
        kind,
        bytes: scalar.bytes() as u8,
    }
}

/// # Safety
/// `object` is a live array scalar that holds `scalar`.
unsafe fn push_scalar(
    scalar: Scalar,
    object: *mut ffi::PyObject,
    keys: &mut Keys,
    words: &mut Words,
) {
    keys.push(NUMPY_SCALAR | (scalar as u64) << 8);
    // SAFETY: the value behind the head has the type that `scalar` names.
    unsafe {
        let p = numpy::scalar_value(object);
        match scalar {
            Scalar::Bool | Scalar::U8 => words.push(p.cast::<u8>().read() as u64),
            Scalar::I8 => words.push(p.cast::<i8>().read() as i64 as u64),
            Scalar::I16 => words.push(p.cast::<i16>().read() as i64 as u64),
            Scalar::I32 => words.push(p.cast::<i32>().read() as i64 as u64),
            Scalar::U16 | Scalar::F16 => words.push(p.cast::<u16>().read() as u64),
            Scalar::U32 | Scalar::F32 => words.push(p.cast::<u32>().read() as u64),
            Scalar::I64 | Scalar::U64 | Scalar::F64 => words.push(p.cast::<u64>().read()),
            Scalar::C64 => {
                words.push(p.cast::<u32>().read() as u64);
                words.push(p.cast::<u32>().add(1).read() as u64);
            }
            Scalar::C128 => {
                words.push(p.cast::<u64>().read());
                words.push(p.cast::<u64>().add(1).read());
            }
        }
    }
}

fn array_key(ty: ArrayType, writable: bool) -> Key {
    let layout = match ty.layout {
        Layout::C => 0,
        Layout::F => 1,
        Layout::Strided => 2,
    };
    ARRAY | (ty.elem as u64) << 8 | (ty.ndim as u64) << 16 | layout << 24 | (writable as u64) << 28
}

/// The types that keys stand for, one per argument.
pub fn types(keys: &[Key]) -> Vec<Ty> {
    let mut types = Vec::new();
    let mut rest = keys;
    while !rest.is_empty() {
        let (ty, after) = one_type(rest);
        types.push(ty);
        rest = after;
    }
    types
}

fn one_type(keys: &[Key]) -> (Ty, &[Key]) {
    let (key, rest) = (keys[0], &keys[1..]);
    let elem = || Scalar::ALL[(key >> 8 & 0xff) as usize];
    match key & 0xff {
        BOOL => (Ty::Bool, rest),
        INT => (Ty::Int, rest),
        FLOAT => (Ty::Float, rest),
        COMPLEX => (Ty::Complex, rest),
        NUMPY_SCALAR => (Ty::Np(elem()), rest),
        ARRAY | DEVICE_ARRAY => {
            let layout = match key >> 24 & 0xf {
                0 => Layout::C,
                1 => Layout::F,
                _ => Layout::Strided,
            };
            let ty = ArrayType {
                elem: elem(),
                ndim: (key >> 16 & 0xff) as u8,
                layout,
            };
            match key >> 32 {
                0 => (Ty::Array(ty), rest),
                home => (Ty::Device(ty, home as i32 - 2), rest),
            }
        }
        TUPLE => {
            let mut items = Vec::new();
            let mut rest = rest;
            for _ in 0..key >> 8 {
                let (item, after) = one_type(rest);
                items.push(item);
                rest = after;
            }
            (Ty::Tuple(items), rest)
        }
        _ => (Ty::None, rest),
    }
}

/// For each argument that takes words, whether it is or holds a read-only array.
pub fn read_only(keys: &[Key]) -> Vec<bool> {
    let mut marks = Vec::new();
    let mut rest = keys;
    while !rest.is_empty() {
        let (ty, after) = one_type(rest);
        let own = &rest[..rest.len() - after.len()];
        if ty != Ty::None {
            marks.push(
                own.iter()
                    .any(|key| matches!(key & 0xff, ARRAY | DEVICE_ARRAY) && key >> 28 & 1 == 0),
            );
        }
        rest = after;
    }
    marks
}
