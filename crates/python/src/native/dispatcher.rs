//! The callable that stands for a decorated function in native and auto mode. A call turns its arguments into keys
//! and words, finds the code compiled for those keys in a list that only ever grows, and runs it outside the
//! interpreter; the first call of a signature compiles. What native mode cannot take is an error, or in auto mode
//! goes to python mode.

use super::args::{self, Key, Keys, Reject, Words};
use super::bind::{self, Params};
use super::class;
use super::compile::{self, Choices, Compiled, Failure};
use super::process_lock::ProcessLock;
use super::{numpy, raise, results};
use crate::device_array::foreign::{self, Seen};
use crate::errors;
use crate::function::Analysis;
use crate::sigint;
use omply_diagnostics::{Code, Diagnostic};
use omply_types::{ErrorModel, Options};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use smallvec::SmallVec;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

pub struct Inner {
    pub analysis: Py<Analysis>,
    pub function: Py<PyAny>,
    /// Called with (code, reason, line, column) when auto mode gives up on native code; returns the function in
    /// python mode. `None` in native mode.
    pub fallback: Option<Py<PyAny>>,
    pub python: OnceLock<Py<PyAny>>,
    pub choices: Choices,
    pub params: Params,
    /// The newest entry of the list of signatures.
    entries: AtomicPtr<Entry>,
    /// Held while compiling, so that a signature is compiled once.
    compiling: ProcessLock,
}

/// One signature. Never changed or freed before the dispatcher, so that calls read the list without a lock.
struct Entry {
    keys: Keys,
    /// `None`: goes to python mode.
    code: Option<Compiled>,
    next: *const Entry,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let mut next = *self.entries.get_mut() as *const Entry;
        while !next.is_null() {
            // SAFETY: every entry came from a box, and nobody else can reach the list any more.
            let entry = unsafe { Box::from_raw(next.cast_mut()) };
            next = entry.next;
        }
    }
}

impl Inner {
    /// # Safety
    /// `args`, `nargsf` and `kwnames` are as CPython's vectorcall protocol says.
    #[inline]
    pub unsafe fn call(
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
            let mut keys = Keys::new();
            let mut words = Words::new();
            for (i, &argument) in arguments.iter().enumerate() {
                // SAFETY: live arguments, attached.
                match unsafe { args::push(py, argument, &mut keys, &mut words) } {
                    Ok(()) => {}
                    Err(Reject::Class(_)) => return self.run_foreign(py, arguments),
                    Err(why) => return self.reject(py, i, why),
                }
            }
            self.answer(py, &keys, &words, arguments)
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

    /// Runs the code for those arguments; `None`: python mode is to.
    #[inline]
    fn answer(
        &self,
        py: Python<'_>,
        keys: &Keys,
        words: &Words,
        arguments: &[*mut ffi::PyObject],
    ) -> PyResult<Option<*mut ffi::PyObject>> {
        let entry = match self.find(keys) {
            Some(entry) => entry,
            None => self.compile(py, keys)?,
        };
        match &entry.code {
            Some(code) => self.run(py, code, words, arguments).map(Some),
            None => Ok(None),
        }
    }

    /// The same where an argument is neither a number nor NumPy's: one that says where its memory is serves as an array.
    #[cold]
    fn run_foreign(
        &self,
        py: Python<'_>,
        arguments: &[*mut ffi::PyObject],
    ) -> PyResult<Option<*mut ffi::PyObject>> {
        let (mut keys, mut words) = (Keys::new(), Words::new());
        // Alive, and the memory with them, until the call is over.
        let mut arrays = Vec::new();
        let mut memory = Vec::new();
        let mut taken: SmallVec<[*mut ffi::PyObject; 8]> = arguments.into();
        for (i, place) in taken.iter_mut().enumerate() {
            // SAFETY: live arguments, attached.
            let class = match unsafe { args::push(py, *place, &mut keys, &mut words) } {
                Ok(()) => continue,
                // A subclass of arrays speaks of its memory as arrays do, but its operators may mean something else.
                Err(Reject::Class(class))
                    if !numpy::get(py).is_some_and(|numpy| numpy.is_array_subclass(class)) =>
                {
                    class
                }
                Err(why) => return self.reject(py, i, why),
            };
            // SAFETY: a live argument.
            let object = unsafe { Bound::from_borrowed_ptr(py, *place) };
            let pushed = match foreign::seen(&object) {
                Ok(Some(Seen::Host(array))) => {
                    *place = array.as_ptr();
                    // SAFETY: live, as it is kept.
                    let pushed = unsafe { args::push(py, *place, &mut keys, &mut words) };
                    arrays.push(array);
                    pushed
                }
                Ok(Some(Seen::Device(array))) => {
                    let held = array.get().memory()?;
                    let address = held.address();
                    memory.push(held);
                    args::push_device(array.get(), address, &mut keys, &mut words)
                }
                Ok(None) => Err(Reject::Class(class)),
                Err(error) => Err(Reject::Memory(error.value(py).to_string())),
            };
            if let Err(why) = pushed {
                return self.reject(py, i, why);
            }
        }
        self.answer(py, &keys, &words, &taken)
    }

    #[inline]
    fn find(&self, keys: &Keys) -> Option<&Entry> {
        // Acquire pairs with the release in `add`: the entry's contents are visible.
        let mut next = self.entries.load(Ordering::Acquire) as *const Entry;
        while !next.is_null() {
            // SAFETY: entries live as long as the dispatcher, which the caller holds.
            let entry = unsafe { &*next };
            // Spelt out: a comparison of slices calls the C library, for a few words each time.
            if entry.keys.len() == keys.len() && entry.keys.iter().zip(keys).all(|(a, b)| a == b) {
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
        if !code.brief {
            sigint::before_call(py)?;
        }
        let mut rets: SmallVec<[u64; 16]> = smallvec::smallvec![0; code.ret_words];
        let entry = code.entry();
        // SAFETY: the words were made for this entry's signature; `rets` has room for the result. The interpreter is
        // left for the time of the call and entered again on the same thread; compiled code touches no Python object,
        // and the arguments, whose memory it uses, are held by the caller.
        let status = unsafe {
            if code.brief {
                // Over before leaving the interpreter would be.
                entry(words.as_ptr(), rets.as_mut_ptr())
            } else {
                let state = ffi::PyEval_SaveThread();
                let status = entry(words.as_ptr(), rets.as_mut_ptr());
                ffi::PyEval_RestoreThread(state);
                status
            }
        };
        if status != 0 {
            return Err(raise::error(py, code, self.function.bind(py)));
        }
        results::build(py, &code.ret, &rets, arguments).map(|object| object.into_ptr())
    }

    #[cold]
    fn compile(&self, py: Python<'_>, keys: &Keys) -> PyResult<&Entry> {
        let _guard = self.compiling.lock(py);
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

    /// The Python objects held, for the cycle collector.
    pub fn references(&self) -> impl Iterator<Item = *mut ffi::PyObject> {
        let optional = [self.fallback.as_ref(), self.python.get()];
        std::iter::once(&self.function)
            .chain(optional.into_iter().flatten())
            .map(|object| object.as_ptr())
    }

    pub fn qualname(&self, py: Python<'_>) -> String {
        let name = self.function.bind(py).getattr("__qualname__");
        name.map_or_else(|_| String::new(), |name| name.to_string())
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
    let inner = Inner {
        choices: choices(options)?,
        params,
        analysis,
        function: function.unbind(),
        fallback,
        python: OnceLock::new(),
        entries: AtomicPtr::new(null_mut()),
        compiling: ProcessLock::new(),
    };
    class::new(py, Box::new(inner))
}

fn choices(options: &Bound<'_, PyDict>) -> PyResult<Choices> {
    let mut types = Options {
        check: omply_runtime::check::enabled(),
        ..Options::default()
    };
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
    let Some(inner) = class::inner(value) else {
        return Err(PyTypeError::new_err("not an omp function in native mode"));
    };
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
