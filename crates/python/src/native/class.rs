//! The dispatcher's class, laid out by hand: calls are cheap through a vectorcall slot, which PyO3's classes do not
//! have. Like a function it takes attributes and weak references and becomes a method in a class.

use super::dispatcher::Inner;
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use smallvec::SmallVec;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};

#[repr(C)]
struct Object {
    head: ffi::PyObject,
    vectorcall: Option<ffi::vectorcallfunc>,
    dict: *mut ffi::PyObject,
    weakrefs: *mut ffi::PyObject,
    inner: *mut Inner,
}

/// The class, made once per process.
static CLASS: AtomicUsize = AtomicUsize::new(0);

/// What `value` holds if it is a dispatcher.
pub fn inner<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a Inner> {
    if value.get_type().as_ptr() as usize != CLASS.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: the exact class says that this is our object; `inner` is set before anyone sees it and lives as long.
    Some(unsafe { &*(*value.as_ptr().cast::<Object>()).inner })
}

/// A new dispatcher.
pub fn new(py: Python<'_>, inner: Box<Inner>) -> PyResult<Bound<'_, PyAny>> {
    let class = class(py)?;
    // SAFETY: an instance of our class: zeroed by the allocator, its fields are set before anyone sees it.
    unsafe {
        let object = ffi::PyType_GenericAlloc(class, 0);
        if object.is_null() {
            return Err(PyErr::fetch(py));
        }
        let this = object.cast::<Object>();
        (*this).inner = Box::into_raw(inner);
        (*this).vectorcall = Some(vectorcall);
        Ok(Bound::from_owned_ptr(py, object))
    }
}

unsafe extern "C" fn vectorcall(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargsf: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: CPython calls this attached, with a dispatcher and its live arguments.
        unsafe {
            let py = Python::assume_attached();
            let inner = &*(*callable.cast::<Object>()).inner;
            inner.call(py, args, nargsf, kwnames)
        }
    }));
    // SAFETY: attached, as above.
    let py = unsafe { Python::assume_attached() };
    let error = match outcome {
        Ok(Ok(result)) => return result,
        Ok(Err(error)) => error,
        Err(_) => PyRuntimeError::new_err("omply: internal error while calling native code"),
    };
    error.restore(py);
    null_mut()
}

unsafe extern "C" fn dealloc(object: *mut ffi::PyObject) {
    // SAFETY: CPython gives up the last reference; the fields are ours to free.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        let this = object.cast::<Object>();
        if !(*this).weakrefs.is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        clear(object);
        if !(*this).inner.is_null() {
            drop(Box::from_raw((*this).inner));
        }
        let class = ffi::Py_TYPE(object);
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DecRef(class.cast());
    }
}

unsafe extern "C" fn traverse(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: called by the collector on a live object; every reference that the object owns is shown once.
    unsafe {
        let this = object.cast::<Object>();
        let mut owned: SmallVec<[*mut ffi::PyObject; 8]> =
            SmallVec::from_slice(&[ffi::Py_TYPE(object).cast(), (*this).dict]);
        if !(*this).inner.is_null() {
            owned.extend((*(*this).inner).references());
        }
        for reference in owned {
            if !reference.is_null() {
                let status = visit(reference, arg);
                if status != 0 {
                    return status;
                }
            }
        }
    }
    0
}

unsafe extern "C" fn clear(object: *mut ffi::PyObject) -> c_int {
    // SAFETY: as for `dealloc`. Cycles through a function go through its globals or its attributes; the attributes
    // are cleared here, and the function's own clearing breaks the others.
    unsafe {
        let this = object.cast::<Object>();
        let dict = std::mem::replace(&mut (*this).dict, null_mut());
        if !dict.is_null() {
            ffi::Py_DecRef(dict);
        }
    }
    0
}

unsafe extern "C" {
    // Part of CPython's API, not declared by PyO3.
    fn PyMethod_New(
        function: *mut ffi::PyObject,
        instance: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

/// Functions become methods when they are found in a class.
unsafe extern "C" fn descr_get(
    object: *mut ffi::PyObject,
    instance: *mut ffi::PyObject,
    _class: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: live objects, attached.
    unsafe {
        if instance.is_null() || instance == ffi::Py_None() {
            ffi::Py_IncRef(object);
            object
        } else {
            PyMethod_New(object, instance)
        }
    }
}

unsafe extern "C" fn repr(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: live object, attached.
        unsafe {
            let py = Python::assume_attached();
            let inner = &*(*object.cast::<Object>()).inner;
            let text = format!("<omp function {}>", inner.qualname(py));
            pyo3::types::PyString::new(py, &text).into_ptr()
        }
    }));
    outcome.unwrap_or(null_mut())
}

/// Pickled like a function: by its name, under which the other process finds its own. Copies are the function itself.
unsafe extern "C" fn reduce(
    object: *mut ffi::PyObject,
    _arguments: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: a live object, attached.
    unsafe { ffi::PyObject_GetAttrString(object, c"__qualname__".as_ptr()) }
}

fn class(py: Python<'_>) -> PyResult<*mut ffi::PyTypeObject> {
    let known = CLASS.load(Ordering::Acquire);
    if known != 0 {
        return Ok(known as *mut ffi::PyTypeObject);
    }
    let member = |name: &'static std::ffi::CStr, offset: usize| ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset as ffi::Py_ssize_t,
        flags: ffi::Py_READONLY,
        doc: null(),
    };
    // The tables must outlive the class: it lives as long as the process, so they are leaked.
    let members = Box::leak(Box::new([
        member(
            c"__vectorcalloffset__",
            std::mem::offset_of!(Object, vectorcall),
        ),
        member(c"__dictoffset__", std::mem::offset_of!(Object, dict)),
        member(
            c"__weaklistoffset__",
            std::mem::offset_of!(Object, weakrefs),
        ),
        ffi::PyMemberDef::default(),
    ]));
    let getset = Box::leak(Box::new([
        ffi::PyGetSetDef {
            name: c"__dict__".as_ptr(),
            get: Some(ffi::PyObject_GenericGetDict),
            set: Some(ffi::PyObject_GenericSetDict),
            doc: null(),
            closure: null_mut(),
        },
        ffi::PyGetSetDef::default(),
    ]));
    let methods = Box::leak(Box::new([
        ffi::PyMethodDef {
            ml_name: c"__reduce__".as_ptr(),
            ml_meth: ffi::PyMethodDefPointer {
                PyCFunction: reduce,
            },
            ml_flags: ffi::METH_NOARGS,
            ml_doc: null(),
        },
        ffi::PyMethodDef::zeroed(),
    ]));
    let slot = |slot: c_int, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let slots = Box::leak(Box::new([
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_tp_descr_get, descr_get as *mut c_void),
        slot(ffi::Py_tp_repr, repr as *mut c_void),
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, getset.as_mut_ptr().cast()),
        slot(ffi::Py_tp_methods, methods.as_mut_ptr().cast()),
        slot(0, null_mut()),
    ]));
    let flags = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_HAVE_GC
        | ffi::Py_TPFLAGS_HAVE_VECTORCALL
        | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR
        | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
    let mut spec = ffi::PyType_Spec {
        name: c"omply._core.Dispatcher".as_ptr(),
        basicsize: size_of::<Object>() as c_int,
        itemsize: 0,
        flags: flags as _,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the spec and its tables are complete and live on.
    let made = unsafe { ffi::PyType_FromSpec(&mut spec) };
    if made.is_null() {
        return Err(PyErr::fetch(py));
    }
    CLASS.store(made as usize, Ordering::Release);
    Ok(made.cast())
}
