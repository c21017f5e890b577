//! `OMPLY_CHECK` in python mode: what the threads of a team come to is compared while the program runs.

use omply_runtime::check;
use omply_spec::LeafKind;
use pyo3::prelude::*;
use std::sync::Arc;

fn or_wrong(py: Python<'_>, result: Result<(), String>) -> PyResult<()> {
    result.map_err(|text| {
        let error = py
            .import("omply._errors")
            .and_then(|module| module.getattr("OmplyRuntimeError"))
            .and_then(|class| class.call1((text,)));
        match error {
            Ok(error) => PyErr::from_value(error),
            Err(error) => error,
        }
    })
}

/// Whether programs are to be checked.
#[pyfunction]
fn check_enabled() -> bool {
    check::enabled()
}

/// A parallel region under way: each thread of its team goes through it as a context manager.
#[pyclass(frozen, module = "omply._core")]
struct Watched {
    region: Arc<check::Region>,
    place: String,
}

#[pymethods]
impl Watched {
    #[new]
    fn new(place: String) -> Watched {
        Watched {
            region: Arc::default(),
            place,
        }
    }

    fn __enter__(&self) {
        self.region.enter();
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        error: Bound<'_, PyAny>,
        _value: Bound<'_, PyAny>,
        _traceback: Bound<'_, PyAny>,
    ) -> PyResult<()> {
        if error.is_none() {
            return or_wrong(py, check::Region::leave(&self.place));
        }
        check::forget();
        Ok(())
    }
}

/// The calling thread comes to a construct that all threads of its team have to meet.
#[pyfunction]
fn meet(py: Python<'_>, what: &str, place: &str) -> PyResult<()> {
    let inner = LeafKind::from_name(what);
    let forbidden = |outer: &str| {
        let rule = inner?.forbidden_in(LeafKind::from_name(outer)?)?;
        Some(rule.reason)
    };
    or_wrong(py, check::meet(what, place, &forbidden))
}

/// The block of a construct, as a context manager.
#[pyclass(frozen, module = "omply._core")]
struct Inside {
    what: String,
    place: String,
}

#[pymethods]
impl Inside {
    #[new]
    fn new(what: String, place: String) -> Inside {
        Inside { what, place }
    }

    fn __enter__(&self) {
        check::enter_block(&self.what, &self.place);
    }

    fn __exit__(
        &self,
        _error: Bound<'_, PyAny>,
        _value: Bound<'_, PyAny>,
        _traceback: Bound<'_, PyAny>,
    ) {
        check::leave_block();
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Watched>()?;
    m.add_class::<Inside>()?;
    m.add_function(wrap_pyfunction!(check_enabled, m)?)?;
    m.add_function(wrap_pyfunction!(meet, m)?)
}
