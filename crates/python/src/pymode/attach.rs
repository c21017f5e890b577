//! Threads and the interpreter: a worker keeps one `PyThreadState` for life and only attaches and detaches it; any
//! thread detaches while it waits inside the runtime.
//!
//! When CPython finalises, a thread that wants to attach is ended by `pthread_exit` (before 3.14). That unwinds its
//! stack through our frames, which must not happen: a guard in the way parks the thread instead. The process ends
//! without it.

use omply_runtime::BlockHooks;
use pyo3::ffi;
use pyo3::prelude::*;
use std::cell::Cell;
use std::ffi::{c_int, c_void};

mod unwinding {
    //! CPython functions that may end the thread, declared so that unwinding through them is defined.
    use pyo3::ffi::{PyGILState_STATE, PyObject, PyThreadState};

    unsafe extern "C-unwind" {
        pub fn PyEval_RestoreThread(state: *mut PyThreadState);
        pub fn PyGILState_Ensure() -> PyGILState_STATE;
        pub fn PyObject_CallObject(callable: *mut PyObject, args: *mut PyObject) -> *mut PyObject;
    }
}

unsafe extern "C" {
    // Not in pyo3's bindings; declared in CPython's pystate.h for every version supported.
    fn PyThreadState_SetAsyncExc(id: std::ffi::c_ulong, exception: *mut ffi::PyObject) -> c_int;
    fn PyThread_get_thread_ident() -> std::ffi::c_ulong;
    fn PyContext_CopyCurrent() -> *mut ffi::PyObject;
    fn PyContext_Copy(context: *mut ffi::PyObject) -> *mut ffi::PyObject;
    fn PyContext_Enter(context: *mut ffi::PyObject) -> c_int;
    fn PyContext_Exit(context: *mut ffi::PyObject) -> c_int;
}

/// Parks the thread when it is unwound; forgotten otherwise.
struct NeverUnwind;

impl Drop for NeverUnwind {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

fn guarded<R>(f: impl FnOnce() -> R) -> R {
    let guard = NeverUnwind;
    let result = f();
    std::mem::forget(guard);
    result
}

thread_local! {
    /// The state that the hooks have detached, while the thread waits.
    static WAITING: Cell<*mut ffi::PyThreadState> = const { Cell::new(std::ptr::null_mut()) };
    /// Python-mode regions that the thread is in: its hooks are set.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// A worker's own state.
    static WORKER: Cell<*mut ffi::PyThreadState> = const { Cell::new(std::ptr::null_mut()) };
}

/// Detaches the thread from the interpreter before it waits. A thread that runs native code is detached already.
unsafe fn before_wait(_: *mut c_void) {
    // SAFETY: may be called by any thread; a state is saved only where the thread is attached.
    unsafe {
        if ffi::PyGILState_Check() != 0 {
            WAITING.set(ffi::PyEval_SaveThread());
        }
    }
}

unsafe fn after_wait(_: *mut c_void) {
    let state = WAITING.replace(std::ptr::null_mut());
    if !state.is_null() {
        // SAFETY: `before_wait` detached this state from this thread.
        guarded(|| unsafe { unwinding::PyEval_RestoreThread(state) });
    }
}

/// Has the runtime detach this thread around its waits, until dropped. Native code that the thread runs on its own does not
/// pay for hooks.
pub struct Hooked;

impl Hooked {
    pub fn new() -> Hooked {
        DEPTH.set(DEPTH.get() + 1);
        let hooks = BlockHooks {
            before: before_wait,
            after: after_wait,
            data: std::ptr::null_mut(),
        };
        omply_runtime::set_thread_block_hooks(Some(hooks));
        Hooked
    }
}

impl Drop for Hooked {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            omply_runtime::set_thread_block_hooks(None);
        }
    }
}

/// Runs `f`, which may wait in the runtime.
pub fn waiting<R>(f: impl FnOnce() -> R) -> R {
    let _hooked = (DEPTH.get() == 0).then(Hooked::new);
    f()
}

/// Whether the calling thread is a worker of the runtime, not one of Python's own.
pub fn is_worker() -> bool {
    !WORKER.get().is_null()
}

/// Runs `f` with the calling thread, which is attached, detached.
pub fn detached<R>(_py: Python<'_>, f: impl FnOnce() -> R) -> R {
    // SAFETY: the thread is attached, and is so again before anything of Python is touched.
    let state = unsafe { ffi::PyEval_SaveThread() };
    let result = f();
    // SAFETY: see above.
    guarded(|| unsafe { unwinding::PyEval_RestoreThread(state) });
    result
}

/// Runs `f` on a worker of the runtime, attached to the interpreter.
pub fn worker<R>(f: impl FnOnce(Python<'_>) -> R) -> R {
    // The runtime takes the hooks away itself when the region is over, and so learns what kind of region it was.
    std::mem::forget(Hooked::new());
    let state = WORKER.get();
    if state.is_null() {
        // The matching release never comes: it would throw the thread's state away.
        // SAFETY: the interpreter runs, as the thread that forked this region is inside of it.
        unsafe {
            guarded(|| unwinding::PyGILState_Ensure());
            WORKER.set(ffi::PyThreadState_Get());
        }
    } else {
        // SAFETY: the state is this thread's and detached.
        guarded(|| unsafe { unwinding::PyEval_RestoreThread(state) });
    }
    let result = Python::attach(f);
    DEPTH.set(DEPTH.get() - 1);
    // SAFETY: the thread is attached.
    unsafe { ffi::PyEval_SaveThread() };
    result
}

/// Runs `f` on a thread of a team, which is attached to the interpreter or not, attached.
pub fn anywhere<R>(f: impl FnOnce(Python<'_>) -> R) -> R {
    // SAFETY: may be called by any thread.
    let attached = unsafe { ffi::PyGILState_Check() } != 0;
    if attached || !is_worker() {
        guarded(|| Python::attach(f))
    } else {
        worker(f)
    }
}

/// Calls a region's function.
pub fn call<'py>(
    function: &Bound<'py, PyAny>,
    args: &Bound<'py, pyo3::types::PyTuple>,
) -> PyResult<Bound<'py, PyAny>> {
    let (function_ptr, args_ptr) = (function.as_ptr(), args.as_ptr());
    // SAFETY: both are alive, and the thread is attached.
    let result = guarded(|| unsafe { unwinding::PyObject_CallObject(function_ptr, args_ptr) });
    // SAFETY: a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(function.py(), result) }
}

/// The number by which CPython knows the calling thread.
pub fn ident() -> u64 {
    // SAFETY: may be called by any thread.
    unsafe { PyThread_get_thread_ident() as u64 }
}

/// Has `exception` raised in another thread at its next bytecode; `None` takes back what was not raised yet.
pub fn raise_in(_py: Python<'_>, ident: u64, exception: Option<&Bound<'_, PyAny>>) {
    let exception = exception.map_or(std::ptr::null_mut(), |e| e.as_ptr());
    // SAFETY: the thread is attached, the class alive.
    unsafe { PyThreadState_SetAsyncExc(ident as _, exception) };
}

/// A copy of the calling thread's context variables.
pub fn context(py: Python<'_>) -> PyResult<Py<PyAny>> {
    // SAFETY: attached; a new reference or null.
    unsafe { Bound::from_owned_ptr_or_err(py, PyContext_CopyCurrent()).map(Bound::unbind) }
}

/// Runs `f` in a copy of `context`.
pub fn in_context<R>(
    py: Python<'_>,
    context: &Py<PyAny>,
    f: impl FnOnce() -> PyResult<R>,
) -> PyResult<R> {
    // SAFETY: attached; `context` is a context object; the copy is entered here alone, and left before it dies.
    unsafe {
        let copy: Bound<'_, PyAny> =
            Bound::from_owned_ptr_or_err(py, PyContext_Copy(context.as_ptr()))?;
        if PyContext_Enter(copy.as_ptr()) != 0 {
            return Err(PyErr::fetch(py));
        }
        let result = f();
        // Leaving must not disturb an exception that is set; `f` has already taken its own.
        if PyContext_Exit(copy.as_ptr()) != 0 {
            return Err(PyErr::fetch(py));
        }
        result
    }
}
