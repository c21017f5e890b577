//! The callable that stands for a decorated function in native and auto mode. A call turns its arguments into keys
//! and words, finds the code compiled for those keys in a list that only ever grows, and runs it outside the
//! interpreter; the first call of a signature compiles. What native mode cannot take is an error, or in auto mode
//! goes to python mode.
//!
//! The object is laid out by hand, because a vectorcall slot is what makes calls cheap and PyO3's classes have none.

use super::args::{self, Key, Keys, Reject, Words};
use super::bind::{self, Params};
use super::compile::{self, Choices, Compiled, Failure};
use super::{interrupt, numpy, raise, results};
use crate::errors;
use crate::function::Analysis;
use omply_diagnostics::{Code, Diagnostic};
use omply_types::{ErrorModel, Options};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyDict;
use smallvec::SmallVec;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

#[repr(C)]
struct Object {
    head: ffi::PyObject,
    vectorcall: Option<ffi::vectorcallfunc>,
    dict: *mut ffi::PyObject,
    weakrefs: *mut ffi::PyObject,
    inner: *mut Inner,
}

struct Inner {
    analysis: Py<Analysis>,
    function: Py<PyAny>,
    /// Called with (code, reason, line, column) when auto mode gives up on native code; returns the function in
    /// python mode. `None` in native mode.
    fallback: Option<Py<PyAny>>,
    python: OnceLock<Py<PyAny>>,
    choices: Choices,
    params: Params,
    /// The newest entry of the list of signatures.
    entries: AtomicPtr<Entry>,
    /// Held while compiling, so that a signature is compiled once.
    compiling: Mutex<()>,
}

/// One signature. Never changed or freed before the dispatcher, so that calls read the list without a lock.
struct Entry {
    keys: Keys,
    /// `None`: goes to python mode.
    code: Option<Compiled>,
    next: *const Entry,
}

/// The class, made once per process.
static CLASS: AtomicUsize = AtomicUsize::new(0);

/// What a dispatcher is made of, for the compiler.
pub struct Parts<'a> {
    pub analysis: &'a Py<Analysis>,
    pub function: &'a Py<PyAny>,
    pub options: &'a Options,
}

/// The parts of `value` if it is a dispatcher.
pub fn parts<'a>(value: &'a Bound<'_, PyAny>) -> Option<Parts<'a>> {
    if value.get_type().as_ptr() as usize != CLASS.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: the exact class says that this is our object; `inner` is set before anyone sees it and lives as long.
    let inner = unsafe { &*(*value.as_ptr().cast::<Object>()).inner };
    Some(Parts {
        analysis: &inner.analysis,
        function: &inner.function,
        options: &inner.choices.types,
    })
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

impl Inner {
    /// # Safety
    /// `args`, `nargsf` and `kwnames` are as CPython's vectorcall protocol says.
    #[inline]
    unsafe fn call(
        &self,
        py: Python<'_>,
        args: *const *mut ffi::PyObject,
        nargsf: usize,
        kwnames: *mut ffi::PyObject,
    ) -> PyResult<*mut ffi::PyObject> {
        // SAFETY: the protocol's promise: that many live arguments.
        let given = unsafe {
            let count = ffi::PyVectorcall_NARGS(nargsf) as usize;
            if count == 0 {
                &[]
            } else {
                std::slice::from_raw_parts(args, count)
            }
        };
        let run = |arguments: &[*mut ffi::PyObject]| -> PyResult<Option<*mut ffi::PyObject>> {
            let numpy = numpy::get(py);
            let mut keys = Keys::new();
            let mut words = Words::new();
            for (i, &argument) in arguments.iter().enumerate() {
                // SAFETY: live arguments, attached.
                if let Err(why) = unsafe { args::push(numpy, argument, &mut keys, &mut words) } {
                    return self.reject(py, i, why);
                }
            }
            let entry = match self.find(&keys) {
                Some(entry) => entry,
                None => self.compile(py, &keys)?,
            };
            match &entry.code {
                Some(code) => self.run(py, code, &words, arguments).map(Some),
                None => Ok(None),
            }
        };
        let result =
            if kwnames.is_null() && given.len() == self.params.len() && !self.params.variadic {
                run(given)?
            } else if self.params.variadic {
                self.reject_variadic(py)?
            } else {
                // SAFETY: as the protocol says.
                match unsafe {
                    bind::bind(
                        py,
                        &self.params,
                        self.function.bind(py),
                        given,
                        args,
                        kwnames,
                    )?
                } {
                    Some(bound) => {
                        let arguments: SmallVec<[*mut ffi::PyObject; 8]> =
                            bound.iter().map(|argument| argument.as_ptr()).collect();
                        run(&arguments)?
                    }
                    // CPython says best what is wrong with a call that does not fit the parameters.
                    None => {
                        return call_object(py, self.function.as_ptr(), args, nargsf, kwnames);
                    }
                }
            };
        match result {
            Some(result) => Ok(result),
            None => {
                let python = self.python.get().map_or(null_mut(), |p| p.as_ptr());
                call_object(py, python, args, nargsf, kwnames)
            }
        }
    }

    #[inline]
    fn find(&self, keys: &Keys) -> Option<&Entry> {
        // Acquire pairs with the release in `add`: the entry's contents are visible.
        let mut next = self.entries.load(Ordering::Acquire) as *const Entry;
        while !next.is_null() {
            // SAFETY: entries live as long as the dispatcher, which the caller holds.
            let entry = unsafe { &*next };
            if entry.keys == *keys {
                return Some(entry);
            }
            next = entry.next;
        }
        None
    }

    #[inline]
    fn run(
        &self,
        py: Python<'_>,
        code: &Compiled,
        words: &Words,
        arguments: &[*mut ffi::PyObject],
    ) -> PyResult<*mut ffi::PyObject> {
        interrupt::before_call(py)?;
        let mut rets: SmallVec<[u64; 16]> = SmallVec::new();
        rets.resize(code.ret_words, 0);
        let entry = code.entry();
        // SAFETY: the words were made for this entry's signature; `rets` has room for the result. The interpreter is
        // left for the time of the call and entered again on the same thread; compiled code touches no Python object,
        // and the arguments, whose memory it uses, are held by the caller.
        let status = unsafe {
            let state = ffi::PyEval_SaveThread();
            let status = entry(words.as_ptr(), rets.as_mut_ptr());
            ffi::PyEval_RestoreThread(state);
            status
        };
        if status != 0 {
            return Err(raise::error(py, code, self.function.bind(py)));
        }
        results::build(py, &code.ret, &rets, arguments).map(|object| object.into_ptr())
    }

    #[cold]
    fn compile(&self, py: Python<'_>, keys: &Keys) -> PyResult<&Entry> {
        let _guard = self
            .compiling
            .lock_py_attached(py)
            .unwrap_or_else(|e| e.into_inner());
        if let Some(entry) = self.find(keys) {
            return Ok(entry);
        }
        let analysis = self.analysis.get();
        let function = self.function.bind(py);
        match compile::compile(py, analysis, function, &self.choices, keys) {
            Ok(code) => Ok(self.add(keys, Some(code))),
            Err(Failure::Untypable(found)) => {
                if self.fallback.is_none() {
                    return Err(errors::raise_all(py, errors::Class::Type, &found));
                }
                // The file shown is this function's; what a called function lacks is told by its own name.
                let diagnostics: Vec<Diagnostic> = found.into_iter().flat_map(|(_, d)| d).collect();
                self.give_up(py, &diagnostics)?;
                Ok(self.add(keys, None))
            }
            Err(Failure::Internal(message)) => {
                let span = analysis.func.name_span;
                let text = format!("native code could not be made: {message}");
                let diagnostic = Diagnostic::error(Code::Internal, span, text);
                if self.fallback.is_none() {
                    return Err(errors::raise(
                        py,
                        errors::Class::Type,
                        &[diagnostic],
                        &analysis.file,
                    ));
                }
                self.give_up(py, &[diagnostic])?;
                Ok(self.add(keys, None))
            }
            Err(Failure::Python(error)) => Err(error),
        }
    }

    /// Adds a signature; the compile lock is held.
    fn add(&self, keys: &[Key], code: Option<Compiled>) -> &Entry {
        let next = self.entries.load(Ordering::Relaxed);
        let entry = Box::into_raw(Box::new(Entry {
            keys: keys.into(),
            code,
            next,
        }));
        // Release: whoever sees the entry sees what is in it.
        self.entries.store(entry, Ordering::Release);
        // SAFETY: just made; freed with the dispatcher only.
        unsafe { &*entry }
    }

    /// Makes the function's python mode, which warns with the reason.
    fn give_up(&self, py: Python<'_>, diagnostics: &[Diagnostic]) -> PyResult<()> {
        let Some(fallback) = &self.fallback else {
            return Ok(());
        };
        if self.python.get().is_some() {
            return Ok(());
        }
        let first = diagnostics
            .iter()
            .filter(|d| d.is_error())
            .min_by_key(|d| d.primary.span);
        let file = &self.analysis.get().file;
        let (code, reason, span) = match first {
            Some(d) => {
                let label = &d.primary.message;
                let reason = if label.is_empty() {
                    d.message.clone()
                } else {
                    format!("{}: {label}", d.message)
                };
                (d.code.to_string(), reason, d.primary.span)
            }
            None => (
                String::new(),
                String::new(),
                self.analysis.get().func.name_span,
            ),
        };
        let position = file.position(span.start);
        let python = fallback.call1(py, (code, reason, position.line, position.column))?;
        // Another thread may have been quicker; both made the same.
        let _ = self.python.set(python);
        Ok(())
    }

    /// An argument that native code cannot take.
    #[cold]
    fn reject(
        &self,
        py: Python<'_>,
        index: usize,
        why: Reject,
    ) -> PyResult<Option<*mut ffi::PyObject>> {
        let param = &self.analysis.get().func.params[index];
        let name = &self.params.names[index];
        let (code, text, help) = match why {
            Reject::Error => return Err(PyErr::fetch(py)),
            Reject::HugeInt => (
                Code::ArgumentType,
                format!("argument `{name}` does not fit 64 bits"),
                "native integers are 64-bit; use mode=\"python\" for larger ones".to_owned(),
            ),
            Reject::Array(bad) => (
                Code::ArgumentType,
                format!(
                    "argument `{name}` is an array that native mode cannot take: {}",
                    bad.reason()
                ),
                "convert it, for example with `numpy.ascontiguousarray(x, dtype=float)`".to_owned(),
            ),
            Reject::Class(class) => {
                // SAFETY: the class of a live argument.
                let class = unsafe { Bound::from_borrowed_ptr(py, class.cast()) };
                let class: String = class.getattr("__name__")?.extract()?;
                let help = match class.as_str() {
                    "list" => "pass a NumPy array (`numpy.asarray(x)`), or use mode=\"python\"",
                    _ => {
                        "native mode takes int, float, complex, bool, NumPy arrays and scalars, and tuples of them; use mode=\"python\" for other objects"
                    }
                };
                (
                    Code::ArgumentType,
                    format!(
                        "argument `{name}` is of type `{class}`, which native mode cannot take"
                    ),
                    help.to_owned(),
                )
            }
        };
        let diagnostic = Diagnostic::error(code, param.span, text).help(help);
        self.refuse(py, diagnostic)
    }

    #[cold]
    fn reject_variadic(&self, py: Python<'_>) -> PyResult<Option<*mut ffi::PyObject>> {
        let span = self.analysis.get().func.name_span;
        let text = "native mode does not support `*args` and `**kwargs` yet";
        let diagnostic = Diagnostic::error(Code::ArgumentType, span, text)
            .help("name the parameters, or use mode=\"python\"");
        self.refuse(py, diagnostic)
    }

    /// In auto mode python mode takes the call (`None`), in native mode it is an error.
    fn refuse(
        &self,
        py: Python<'_>,
        diagnostic: Diagnostic,
    ) -> PyResult<Option<*mut ffi::PyObject>> {
        if self.fallback.is_some() {
            self.give_up(py, &[diagnostic])?;
            return Ok(None);
        }
        Err(errors::raise(
            py,
            errors::Class::Type,
            &[diagnostic],
            &self.analysis.get().file,
        ))
    }
}

fn call_object(
    py: Python<'_>,
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargsf: usize,
    kwnames: *mut ffi::PyObject,
) -> PyResult<*mut ffi::PyObject> {
    if callable.is_null() {
        return Err(PyRuntimeError::new_err("omply: no python mode was made"));
    }
    // SAFETY: attached, a live callable, and the arguments of the call that is being answered.
    let result = unsafe { ffi::PyObject_Vectorcall(callable, args, nargsf, kwnames) };
    if result.is_null() {
        Err(PyErr::fetch(py))
    } else {
        Ok(result)
    }
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
            let inner = Box::from_raw((*this).inner);
            let mut next = inner.entries.load(Ordering::Acquire) as *const Entry;
            while !next.is_null() {
                let entry = Box::from_raw(next.cast_mut());
                next = entry.next;
            }
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
            let inner = &*(*this).inner;
            owned.push(inner.function.as_ptr());
            owned.push(inner.fallback.as_ref().map_or(null_mut(), |f| f.as_ptr()));
            owned.push(inner.python.get().map_or(null_mut(), |p| p.as_ptr()));
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
            let name = inner
                .function
                .bind(py)
                .getattr("__qualname__")
                .map(|n| n.to_string());
            let text = format!("<omp function {}>", name.unwrap_or_default());
            pyo3::types::PyString::new(py, &text).into_ptr()
        }
    }));
    outcome.unwrap_or(null_mut())
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
    // The three tables must outlive the class: it lives as long as the process, so they are leaked.
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

/// The callable for a decorated function. `fallback` makes its python mode (see `Inner::fallback`); without it
/// the function is native or fails. `options`: bounds_check, error_model, overflow, reproducible, contract.
#[pyfunction]
#[pyo3(signature = (analysis, function, fallback, options))]
fn dispatcher<'py>(
    py: Python<'py>,
    analysis: Py<Analysis>,
    function: Bound<'py, PyAny>,
    fallback: Option<Py<PyAny>>,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let params = Params::new(&analysis.get().func);
    let inner = Box::new(Inner {
        choices: choices(options)?,
        params,
        analysis,
        function: function.unbind(),
        fallback,
        python: OnceLock::new(),
        entries: AtomicPtr::new(null_mut()),
        compiling: Mutex::new(()),
    });
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

fn choices(options: &Bound<'_, PyDict>) -> PyResult<Choices> {
    let mut types = Options::default();
    let mut codegen = omply_codegen::Options::default();
    for (name, value) in options {
        let name: String = name.extract()?;
        let flag = || value.extract::<bool>();
        let word = || value.extract::<String>();
        match name.as_str() {
            "bounds_check" => types.bounds_check = flag()?,
            "reproducible" => {
                types.reproducible = flag()?;
                codegen.reproducible = types.reproducible;
            }
            "contract" => codegen.contract = flag()?,
            "error_model" => {
                types.error_model = match word()?.as_str() {
                    "python" => ErrorModel::Python,
                    "numpy" => ErrorModel::Numpy,
                    other => {
                        let text = format!("error_model is \"python\" or \"numpy\", not {other:?}");
                        return Err(PyValueError::new_err(text));
                    }
                }
            }
            "overflow" => {
                types.overflow_raise = match word()?.as_str() {
                    "wrap" => false,
                    "raise" => true,
                    other => {
                        let text = format!("overflow is \"wrap\" or \"raise\", not {other:?}");
                        return Err(PyValueError::new_err(text));
                    }
                }
            }
            other => return Err(PyTypeError::new_err(format!("unknown option `{other}`"))),
        }
    }
    Ok(Choices { types, codegen })
}

/// How many signatures a dispatcher has code for, and how many go to python mode.
#[pyfunction]
fn signatures(value: &Bound<'_, PyAny>) -> PyResult<(usize, usize)> {
    if parts(value).is_none() {
        return Err(PyTypeError::new_err("not an omp function in native mode"));
    }
    // SAFETY: `parts` has checked the class.
    let inner = unsafe { &*(*value.as_ptr().cast::<Object>()).inner };
    let (mut native, mut python) = (0, 0);
    let mut next = inner.entries.load(Ordering::Acquire) as *const Entry;
    while !next.is_null() {
        // SAFETY: entries live as long as the dispatcher.
        let entry = unsafe { &*next };
        *(if entry.code.is_some() {
            &mut native
        } else {
            &mut python
        }) += 1;
        next = entry.next;
    }
    Ok((native, python))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(dispatcher, m)?)?;
    m.add_function(wrap_pyfunction!(signatures, m)?)
}
