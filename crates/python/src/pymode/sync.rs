//! Synchronisation constructs: barrier, critical, ordered, turns in thread order, and the locks behind `atomic`.

use super::attach;
use super::worksharing::{self, cancelled_error};
use omply_runtime::CriticalSection;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

fn or_cancelled(py: Python<'_>, result: Result<(), omply_runtime::Cancelled>) -> PyResult<()> {
    result.map_err(|_| cancelled_error(py))
}

/// A barrier of the innermost team.
#[pyfunction]
fn barrier(py: Python<'_>) -> PyResult<()> {
    let result = or_cancelled(py, attach::waiting(omply_runtime::barrier));
    // All have received what was broadcast before.
    worksharing::forget_broadcasts();
    result
}

/// `cancel` of that kind of region, or a cancellation point: whether the calling thread has to leave it.
#[pyfunction]
fn cancel(kind: &str, activate: bool) -> bool {
    let kind = match kind {
        "parallel" => 1,
        "for" => 2,
        "taskgroup" => 4,
        _ => 3,
    };
    omply_runtime::cancel_region(kind, activate)
}

/// `(start, stop, step)` of a range.
fn bounds(range: &Bound<'_, PyAny>) -> PyResult<(i64, i64, i64)> {
    let part = |name: &str| range.getattr(name)?.extract::<i64>();
    Ok((part("start")?, part("stop")?, part("step")?))
}

/// Begins a loop over these ranges, nested, whose iterations wait for earlier ones.
#[pyfunction]
fn doacross_begin(ranges: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
    let loops = ranges.iter().map(bounds).collect::<PyResult<Vec<_>>>()?;
    attach::waiting(|| omply_runtime::doacross_begin(&loops));
    Ok(())
}

#[pyfunction]
fn doacross_post(iteration: Vec<i64>) {
    omply_runtime::doacross_post(&iteration);
}

#[pyfunction]
fn doacross_wait(py: Python<'_>, iteration: Vec<i64>) -> PyResult<()> {
    or_cancelled(
        py,
        attach::waiting(|| omply_runtime::doacross_wait(&iteration)),
    )
}

/// Waits for the iteration before the one at these values; the first one waits for nothing.
#[pyfunction]
fn doacross_wait_previous(
    py: Python<'_>,
    ranges: Vec<Bound<'_, PyAny>>,
    mut iteration: Vec<i64>,
) -> PyResult<()> {
    // As an odometer counts back: the last loop by one step, those before it when it stands at its start.
    for (value, range) in iteration.iter_mut().zip(&ranges).rev() {
        let (start, stop, step) = bounds(range)?;
        if *value != start {
            *value -= step;
            return doacross_wait(py, iteration);
        }
        *value = start + (stop - start - step.signum()) / step * step;
    }
    Ok(())
}

#[pyfunction]
fn doacross_end() {
    omply_runtime::doacross_end();
}

/// The calling thread's number in its team.
#[pyfunction]
fn thread_num() -> i32 {
    omply_runtime::abi::omp::omp_get_thread_num()
}

/// Whether the calling thread is a worker of the runtime, not one of Python's own.
#[pyfunction]
fn is_worker() -> bool {
    attach::is_worker()
}

/// Makes this thread's view of memory consistent with the others'.
#[pyfunction]
fn flush() {
    fence(Ordering::SeqCst);
}

/// A critical section, as a context manager. One object serves all uses of a name.
#[pyclass(frozen, module = "omply._core")]
struct Critical {
    name: String,
    /// The section, in the process that made this object.
    section: CriticalSection,
    process: u32,
}

impl Critical {
    fn section(&self) -> CriticalSection {
        if self.process == omply_runtime::process_generation() {
            self.section
        } else {
            CriticalSection::named(&self.name)
        }
    }
}

#[pymethods]
impl Critical {
    #[new]
    fn new(name: String) -> Critical {
        Critical {
            section: CriticalSection::named(&name),
            process: omply_runtime::process_generation(),
            name,
        }
    }

    fn __enter__(&self, py: Python<'_>) -> PyResult<()> {
        or_cancelled(py, attach::waiting(|| self.section().enter()))
    }

    fn __exit__(
        &self,
        _type: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) {
        self.section().exit();
    }
}

/// An `ordered` block, as a context manager.
#[pyclass(frozen, module = "omply._core")]
struct Ordered;

#[pymethods]
impl Ordered {
    #[new]
    fn new() -> Ordered {
        Ordered
    }

    fn __enter__(&self, py: Python<'_>) -> PyResult<()> {
        or_cancelled(py, attach::waiting(omply_runtime::ordered_enter))
    }

    fn __exit__(&self, _type: Py<PyAny>, _value: Py<PyAny>, _traceback: Py<PyAny>) {
        omply_runtime::ordered_exit();
    }
}

/// A block that the threads of a team execute one after the other, by thread number, as a context manager.
#[pyclass(frozen, module = "omply._core")]
struct Turn;

#[pymethods]
impl Turn {
    #[new]
    fn new() -> Turn {
        Turn
    }

    fn __enter__(&self, py: Python<'_>) -> PyResult<()> {
        or_cancelled(py, attach::waiting(omply_runtime::turn_enter))
    }

    fn __exit__(&self, _type: Py<PyAny>, _value: Py<PyAny>, _traceback: Py<PyAny>) {
        omply_runtime::turn_exit();
    }
}

/// A lock that many locations share. Its owner may take it again, because an operation under it may run Python code
/// that contains another atomic.
struct Stripe {
    /// The owner's thread identity; 0 for none.
    owner: AtomicU64,
    /// Nested entries of the owner; touched by the owner alone.
    depth: AtomicUsize,
    waiting: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
}

static STRIPES: [Stripe; 64] = [const {
    Stripe {
        owner: AtomicU64::new(0),
        depth: AtomicUsize::new(0),
        waiting: AtomicUsize::new(0),
        sleep: Mutex::new(()),
        wake: Condvar::new(),
    }
}; 64];

impl Stripe {
    fn try_enter(&self, me: u64) -> bool {
        // Acquire pairs with the release in `leave`: the new owner sees what the former one wrote.
        let taken = self
            .owner
            .compare_exchange(0, me, Ordering::SeqCst, Ordering::Relaxed);
        match taken {
            Ok(_) => true,
            Err(owner) if owner == me => {
                self.depth.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(_) => false,
        }
    }

    fn enter(&self, py: Python<'_>) {
        let me = attach::ident();
        if self.try_enter(me) {
            return;
        }
        attach::detached(py, || {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            let mut guard = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
            // `leave` frees the stripe, then looks at `waiting`; we announced ourselves, then look at the stripe. Both
            // are sequentially consistent, so one of the two sees the other. The timeout is for signals only.
            while !self.try_enter(me) {
                let timeout = Duration::from_millis(40);
                guard = match self.wake.wait_timeout(guard, timeout) {
                    Ok((guard, _)) => guard,
                    Err(poisoned) => poisoned.into_inner().0,
                };
            }
            drop(guard);
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        });
    }

    fn leave(&self) {
        if self.depth.load(Ordering::Relaxed) > 0 {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        self.owner.store(0, Ordering::SeqCst);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            // Taking the mutex waits for a waiter that has looked at the stripe but does not sleep yet.
            drop(self.sleep.lock().unwrap_or_else(PoisonError::into_inner));
            self.wake.notify_one();
        }
    }
}

/// Mutual exclusion on one location, as a context manager.
#[pyclass(frozen, module = "omply._core")]
struct Atomic {
    stripe: usize,
}

#[pymethods]
impl Atomic {
    fn __enter__(&self, py: Python<'_>) {
        STRIPES[self.stripe].enter(py);
    }

    fn __exit__(&self, _type: Py<PyAny>, _value: Py<PyAny>, _traceback: Py<PyAny>) {
        STRIPES[self.stripe].leave();
    }
}

fn location(key: impl Hash) -> Atomic {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    Atomic {
        stripe: hasher.finish() as usize % STRIPES.len(),
    }
}

/// The location of a variable. A cell has the same name in every function that shares it.
#[pyfunction]
fn atomic_name(name: &str) -> Atomic {
    location(("name", name))
}

/// The location of an attribute.
#[pyfunction]
fn atomic_attribute(object: &Bound<'_, PyAny>, name: &str) -> Atomic {
    location((object.as_ptr() as usize, name))
}

/// The location of an element: a place in memory for arrays, as several views may show it.
#[pyfunction]
fn atomic_item(object: &Bound<'_, PyAny>, index: &Bound<'_, PyAny>) -> PyResult<Atomic> {
    if object.is_exact_instance_of::<PyList>() {
        let length = object.len()? as isize;
        let index: isize = index.extract()?;
        let index = if index < 0 { index + length } else { index };
        return Ok(location((object.as_ptr() as usize, index)));
    }
    if object.is_exact_instance_of::<PyDict>() {
        return Ok(location((object.as_ptr() as usize, index.hash()?)));
    }
    match object.getattr_opt(intern!(object.py(), "__array_interface__"))? {
        Some(interface) => Ok(location(("memory", address(object, &interface, index)?))),
        // How another class reads its index is its own affair.
        None => Ok(location((object.as_ptr() as usize, 0))),
    }
}

/// Where the element of a NumPy array lies.
fn address(
    array: &Bound<'_, PyAny>,
    interface: &Bound<'_, PyAny>,
    index: &Bound<'_, PyAny>,
) -> PyResult<isize> {
    let mut address: isize = interface.get_item("data")?.get_item(0)?.extract()?;
    let shape: Vec<isize> = array.getattr("shape")?.extract()?;
    let strides: Vec<isize> = array.getattr("strides")?.extract()?;
    let indices: Vec<isize> = match index.cast::<PyTuple>() {
        Ok(tuple) => tuple.extract()?,
        Err(_) => vec![index.extract()?],
    };
    if indices.len() != shape.len() {
        return Err(PyTypeError::new_err(
            "atomic works on one element of an array, not on a part",
        ));
    }
    for ((index, length), stride) in indices.into_iter().zip(shape).zip(strides) {
        address += (if index < 0 { index + length } else { index }) * stride;
    }
    Ok(address)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Critical>()?;
    m.add_class::<Ordered>()?;
    m.add_class::<Turn>()?;
    m.add_class::<Atomic>()?;
    m.add_function(wrap_pyfunction!(barrier, m)?)?;
    m.add_function(wrap_pyfunction!(cancel, m)?)?;
    m.add_function(wrap_pyfunction!(doacross_begin, m)?)?;
    m.add_function(wrap_pyfunction!(doacross_post, m)?)?;
    m.add_function(wrap_pyfunction!(doacross_wait, m)?)?;
    m.add_function(wrap_pyfunction!(doacross_wait_previous, m)?)?;
    m.add_function(wrap_pyfunction!(doacross_end, m)?)?;
    m.add_function(wrap_pyfunction!(flush, m)?)?;
    m.add_function(wrap_pyfunction!(thread_num, m)?)?;
    m.add_function(wrap_pyfunction!(is_worker, m)?)?;
    m.add_function(wrap_pyfunction!(atomic_name, m)?)?;
    m.add_function(wrap_pyfunction!(atomic_attribute, m)?)?;
    m.add_function(wrap_pyfunction!(atomic_item, m)?)
}
