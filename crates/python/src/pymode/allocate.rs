//! NumPy arrays whose memory comes from an OpenMP allocator, for the `allocate` directive and clause: while an [`Allocating`]
//! is entered, NumPy asks the allocator for the data of every array that the thread makes (NumPy's NEP 49).

use omply_runtime::alloc::{self, Unusable};
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::{Mutex, OnceLock, PoisonError};

/// `PyDataMem_Handler`, version 1.
#[repr(C)]
struct Handler {
    name: [c_char; 127],
    version: u8,
    context: *mut c_void,
    malloc: extern "C" fn(*const Source, usize) -> *mut c_void,
    calloc: extern "C" fn(*const Source, usize, usize) -> *mut c_void,
    realloc: unsafe extern "C" fn(*const Source, *mut c_void, usize) -> *mut c_void,
    free: unsafe extern "C" fn(*const Source, *mut c_void, usize),
}

/// Where a handler's memory comes from.
struct Source {
    allocator: usize,
    align: usize,
}

/// The name by which NumPy knows capsules with a handler.
const CAPSULE: &CStr = c"mem_handler";

/// What `PyDataMem_SetHandler` stands at in NumPy's table of functions, and the version of the table since which it does.
const SET_HANDLER: usize = 304;
const FEATURE_VERSION: usize = 211;
const SINCE: u32 = 0xf;

type SetHandler = unsafe extern "C" fn(*mut ffi::PyObject) -> *mut ffi::PyObject;

impl Source {
    fn block(&self, size: usize, zeroed: bool) -> *mut c_void {
        alloc::allocate(size.max(1), self.align, zeroed, self.allocator)
            .map_or(ptr::null_mut(), |block| block.as_ptr().cast())
    }
}

extern "C" fn malloc(source: *const Source, size: usize) -> *mut c_void {
    // SAFETY: the source lives as long as the handler's capsule, which each array that uses it keeps.
    unsafe { &*source }.block(size, false)
}

extern "C" fn calloc(source: *const Source, count: usize, size: usize) -> *mut c_void {
    let Some(bytes) = count.checked_mul(size) else {
        return ptr::null_mut();
    };
    // SAFETY: as in `malloc`.
    unsafe { &*source }.block(bytes, true)
}

/// # Safety
/// `block` came from this handler, or is null.
unsafe extern "C" fn realloc(
    source: *const Source,
    block: *mut c_void,
    size: usize,
) -> *mut c_void {
    let Some(old) = NonNull::new(block.cast::<u8>()) else {
        return malloc(source, size);
    };
    // SAFETY: as in `malloc`; the block is the array's, which gives it up.
    unsafe {
        let source = &*source;
        let Ok(grown) = alloc::reallocate(old, size.max(1), alloc::NULL_ALLOCATOR) else {
            return ptr::null_mut();
        };
        if (grown.as_ptr() as usize).is_multiple_of(source.align) {
            return grown.as_ptr().cast();
        }
        let aligned = source.block(size, false);
        if !aligned.is_null() {
            ptr::copy_nonoverlapping(grown.as_ptr(), aligned.cast(), size);
        }
        alloc::free(grown);
        aligned
    }
}

/// # Safety
/// `block` came from this handler and nobody uses it any more, or it is null.
unsafe extern "C" fn free(_: *const Source, block: *mut c_void, _size: usize) {
    if let Some(block) = NonNull::new(block.cast::<u8>()) {
        // SAFETY: the caller's promise.
        unsafe { alloc::free(block) };
    }
}

/// NumPy's function; none where NumPy has not been imported, or is too old to have it.
fn set_handler(py: Python<'_>) -> Option<SetHandler> {
    static FOUND: OnceLock<SetHandler> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Some(*found);
    }
    let modules = py.import("sys").ok()?.getattr("modules").ok()?;
    let core = [
        "numpy._core._multiarray_umath",
        "numpy.core._multiarray_umath",
    ]
    .iter()
    .find_map(|name| modules.get_item(name).ok())?;
    let capsule = core.getattr("_ARRAY_API").ok()?;
    // SAFETY: the capsule holds NumPy's table of functions; entry 211 is the version of the table, which says whether it
    // is long enough for entry 304. Both have the types that NumPy's headers give them.
    let found = unsafe {
        let table =
            ffi::PyCapsule_GetPointer(capsule.as_ptr(), ptr::null()).cast::<*const c_void>();
        if table.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        let version: extern "C" fn() -> u32 = std::mem::transmute(*table.add(FEATURE_VERSION));
        if version() < SINCE {
            return None;
        }
        std::mem::transmute::<*const c_void, SetHandler>(*table.add(SET_HANDLER))
    };
    Some(*FOUND.get_or_init(|| found))
}

/// # Safety
/// The capsule was made by [`capsule`].
unsafe extern "C" fn drop_handler(capsule: *mut ffi::PyObject) {
    // SAFETY: the capsule holds a handler and its source, both boxed, and is the last to know them.
    unsafe {
        let handler = ffi::PyCapsule_GetPointer(capsule, CAPSULE.as_ptr()).cast::<Handler>();
        drop(Box::from_raw((*handler).context.cast::<Source>()));
        drop(Box::from_raw(handler));
    }
}

fn capsule(py: Python<'_>, source: Source) -> PyResult<Py<PyAny>> {
    let mut name: [c_char; 127] = [0; 127];
    for (place, byte) in name.iter_mut().zip(b"omply_allocate") {
        *place = *byte as c_char;
    }
    let handler = Box::into_raw(Box::new(Handler {
        name,
        version: 1,
        context: Box::into_raw(Box::new(source)).cast(),
        malloc,
        calloc,
        realloc,
        free,
    }));
    // SAFETY: the capsule owns the handler from here on; a failure leaves it to the process.
    unsafe {
        let capsule = ffi::PyCapsule_New(handler.cast(), CAPSULE.as_ptr(), Some(drop_handler));
        Bound::from_owned_ptr_or_err(py, capsule).map(Bound::unbind)
    }
}

/// A context in which NumPy arrays come from an allocator.
#[pyclass(frozen, module = "omply._core.pymode")]
struct Allocating {
    handler: Py<PyAny>,
    /// The handler before, while the context is entered.
    before: Mutex<Option<Py<PyAny>>>,
}

#[pymethods]
impl Allocating {
    #[new]
    fn new(py: Python<'_>, allocator: usize, align: usize) -> PyResult<Allocating> {
        match alloc::check(align, allocator) {
            Err(Unusable::Alignment) => Err(PyValueError::new_err(format!(
                "an alignment is a power of two, not {align}"
            ))),
            Err(Unusable::Allocator) => Err(PyValueError::new_err(format!(
                "{allocator:#x} is not an allocator"
            ))),
            Ok(()) => Ok(Allocating {
                handler: capsule(py, Source { allocator, align })?,
                before: Mutex::new(None),
            }),
        }
    }

    fn __enter__(&self, py: Python<'_>) -> PyResult<()> {
        let Some(set) = set_handler(py) else {
            return Ok(());
        };
        // SAFETY: the capsule holds a handler of the version that NumPy knows.
        let before = unsafe { Bound::from_owned_ptr_or_err(py, set(self.handler.as_ptr()))? };
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = Some(before.unbind());
        Ok(())
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let before = self
            .before
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let (Some(before), Some(set)) = (before, set_handler(py)) {
            // SAFETY: the capsule is the one that NumPy had before.
            unsafe { Bound::from_owned_ptr_or_err(py, set(before.as_ptr()))? };
        }
        Ok(())
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Allocating>()
}
