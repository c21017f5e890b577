//! Errors of native code as Python exceptions: class and message of the place that failed, a traceback that ends in
//! the user's own line, and notes that name threads.

use super::artefact::Place;
use super::compile::Compiled;
use omply_codegen::support::{
    ErrorRecord, Refusal, SITE_BAD_NUM_THREADS, SITE_MEMORY, SITE_RECURSION, take_error,
};
use omply_ir::ErrorKind;
use pyo3::exceptions::{
    PyAssertionError, PyIndexError, PyKeyboardInterrupt, PyMemoryError, PyOverflowError,
    PyRecursionError, PyRuntimeError, PyTypeError, PyUnboundLocalError, PyValueError,
    PyZeroDivisionError,
};
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::CString;

/// The exception for a call that returned a nonzero status.
pub fn error(py: Python<'_>, compiled: &Compiled, function: &Bound<'_, PyAny>) -> PyErr {
    let Some(found) = take_error() else {
        return PyRuntimeError::new_err("native code failed without saying why");
    };
    if found.interrupted {
        omply_runtime::set_interrupt(false);
        // The program's own handler may raise something else than KeyboardInterrupt; one that raises nothing still
        // has its region ended, which must not look like a result.
        return match py.check_signals() {
            Err(error) => error,
            Ok(()) => PyKeyboardInterrupt::new_err(()),
        };
    }
    let Some(first) = found.records.first() else {
        return PyRuntimeError::new_err("native code failed without saying why");
    };
    let mut exception = instance(py, compiled, first);
    if compiled.sites.get(first.site as usize).is_some() {
        exception = with_frame(py, exception, compiled.location(first.site), function);
    }
    if let Some(thread) = first.thread_num {
        note(
            py,
            &exception,
            &format!("raised by thread {thread} of a parallel region"),
        );
    }
    for other in &found.records[1..] {
        let (_, line, _) = compiled.location(other.site);
        let text = format!(
            "thread {} raised {} at line {line}",
            other.thread_num.unwrap_or_default(),
            instance(py, compiled, other),
        );
        note(py, &exception, &text);
    }
    exception
}

/// No memory for an array; why an OpenMP allocator gave none, which it was, and the alignment asked for.
fn memory([why, allocator, align]: [i64; 3]) -> PyErr {
    if why == Refusal::Alignment as i64 {
        return PyValueError::new_err(format!("an alignment is a power of two, not {align}"));
    }
    if why == Refusal::Allocator as i64 {
        return PyValueError::new_err(format!("{allocator:#x} is not an allocator"));
    }
    PyMemoryError::new_err("array too large for the memory there is")
}

fn instance(py: Python<'_>, compiled: &Compiled, record: &ErrorRecord) -> PyErr {
    if let Some(error) = &record.device {
        return device(py, error);
    }
    match record.site {
        SITE_MEMORY => return memory(record.args),
        SITE_RECURSION => return PyRecursionError::new_err("maximum recursion depth exceeded"),
        SITE_BAD_NUM_THREADS => {
            return PyValueError::new_err(format!(
                "num_threads must be positive, not {}",
                record.args[0]
            ));
        }
        _ => {}
    }
    let Some(place) = compiled.sites.get(record.site as usize) else {
        return PyRuntimeError::new_err("native code failed at an unknown place");
    };
    let message = place.message.as_ref().map(|text| {
        let mut text = text.clone();
        // What a program says itself is not a pattern.
        if matches!(place.error, ErrorKind::User | ErrorKind::Assertion) {
            return text;
        }
        for (i, value) in record.args.iter().enumerate() {
            text = text.replace(&format!("{{{i}}}"), &value.to_string());
        }
        text
    });
    let text = message.clone().unwrap_or_default();
    match place.error {
        ErrorKind::Index => PyIndexError::new_err(text),
        ErrorKind::ZeroDivision => PyZeroDivisionError::new_err(text),
        ErrorKind::Value => PyValueError::new_err(text),
        ErrorKind::Overflow => PyOverflowError::new_err(text),
        ErrorKind::Type => PyTypeError::new_err(text),
        ErrorKind::Assertion if message.is_none() => PyAssertionError::new_err(()),
        ErrorKind::Assertion => PyAssertionError::new_err(text),
        ErrorKind::Memory => PyMemoryError::new_err(text),
        ErrorKind::Recursion => PyRecursionError::new_err(text),
        ErrorKind::UnboundLocal => PyUnboundLocalError::new_err(text),
        ErrorKind::Runtime => PyRuntimeError::new_err(text),
        ErrorKind::Check => PyRuntimeError::new_err(omply_runtime::check::message(record.args[0])),
        ErrorKind::User => user(py, compiled, place, message),
    }
}

/// What a device had to say.
fn device(py: Python<'_>, error: &omply_offload::DeviceError) -> PyErr {
    if error.kind == omply_offload::ErrorKind::Memory {
        return PyMemoryError::new_err(error.text.clone());
    }
    let class = py
        .import("omply._errors")
        .and_then(|module| module.getattr("OmplyDeviceError"));
    match class.and_then(|class| class.call1((error.text.clone(),))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

fn user(py: Python<'_>, compiled: &Compiled, place: &Place, message: Option<String>) -> PyErr {
    let Some(class) = compiled.classes.get(place.class as usize) else {
        return PyRuntimeError::new_err(message.unwrap_or_default());
    };
    let made = match message {
        Some(text) => class.bind(py).call1((text,)),
        None => class.bind(py).call0(),
    };
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

fn note(py: Python<'_>, exception: &PyErr, text: &str) {
    // An exception class may refuse notes; the exception itself matters more.
    let _ = exception.value(py).call_method1("add_note", (text,));
}

/// Ends the traceback in the user's line: an empty code object with the right names and line, and a frame of it that
/// never ran, are what CPython needs to show it.
fn with_frame(
    py: Python<'_>,
    exception: PyErr,
    (file, line, name): (&str, u32, &str),
    function: &Bound<'_, PyAny>,
) -> PyErr {
    let (Ok(file), Ok(name)) = (CString::new(file), CString::new(name)) else {
        return exception;
    };
    let Ok(globals) = function.getattr("__globals__") else {
        return exception;
    };
    // SAFETY: attached; the strings and the dictionary are live; `PyTraceBack_Here` adds the frame to the exception
    // that was just set, which is fetched back. The frame is made before: where an exception is set, CPython 3.12 takes
    // globals without `__name__` for a failed look-up.
    unsafe {
        let code = ffi::PyCode_NewEmpty(file.as_ptr(), name.as_ptr(), line as i32);
        if code.is_null() {
            let _ = PyErr::take(py);
            return exception;
        }
        let frame = ffi::PyFrame_New(
            ffi::PyThreadState_Get(),
            code,
            globals.as_ptr(),
            std::ptr::null_mut(),
        );
        ffi::Py_DecRef(code.cast());
        if frame.is_null() {
            let _ = PyErr::take(py);
            return exception;
        }
        exception.restore(py);
        ffi::PyTraceBack_Here(frame);
        ffi::Py_DecRef(frame.cast());
    }
    PyErr::fetch(py)
}
