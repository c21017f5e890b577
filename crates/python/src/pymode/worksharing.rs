//! Worksharing: loops and sections handed out in chunks, iterables drawn under a lock, `single`, and values passed
//! from the thread that executed a block to the others.

use super::attach;
use super::team::{TeamCancelled, lock};
use omply_runtime::Schedule;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::Mutex;

/// A chunk is given to Python in pieces of at least this many iterations, and at most this many pieces, so that a
/// thread notices in time that its team is cancelled.
const PIECE: u64 = 512;
const PIECES: u64 = 32;

pub fn cancelled_error(py: Python<'_>) -> PyErr {
    // On the main thread the cause may be a signal whose handler has to speak first.
    match py.check_signals() {
        Err(error) => error,
        Ok(()) => TeamCancelled::new_err("the region is cancelled"),
    }
}

fn schedule(kind: &str, chunk: Option<i64>) -> PyResult<Schedule> {
    let size = match chunk {
        None => None,
        Some(size) if size > 0 => Some(size as u64),
        Some(size) => {
            return Err(PyValueError::new_err(format!(
                "the chunk size of a schedule must be positive, not {size}"
            )));
        }
    };
    Ok(match (kind, size) {
        ("dynamic", size) => Schedule::MonotonicDynamic(size.unwrap_or(1)),
        ("guided", size) => Schedule::Guided(size.unwrap_or(1)),
        ("auto", _) => Schedule::Auto,
        ("runtime", _) => Schedule::Runtime,
        (_, Some(size)) => Schedule::StaticChunk(size),
        (_, None) => Schedule::Static,
    })
}

/// Iterates over this thread's chunks of an iteration space: an object with a length whose slices are iterable.
#[pyclass(module = "omply._core")]
struct Loop {
    space: Py<PyAny>,
    ordered: bool,
    /// What is left of the present chunk, and whether the chunk holds the last iteration.
    next: u64,
    end: u64,
    piece: u64,
    is_last: bool,
    /// An iteration of an ordered loop is under way.
    in_iteration: bool,
    /// The sequentially last iteration was handed out here.
    #[pyo3(get)]
    last: bool,
    /// The number of the first iteration handed out last.
    #[pyo3(get)]
    first: u64,
}

#[pymethods]
impl Loop {
    #[new]
    #[pyo3(signature = (space, kind="static", chunk=None, ordered=false))]
    fn new(
        space: Bound<'_, PyAny>,
        kind: &str,
        chunk: Option<i64>,
        ordered: bool,
    ) -> PyResult<Loop> {
        let schedule = schedule(kind, chunk)?;
        let count = space.len()? as u64;
        omply_runtime::loop_begin(schedule, ordered, count);
        Ok(Loop {
            space: space.unbind(),
            ordered,
            next: 0,
            end: 0,
            piece: 1,
            is_last: false,
            in_iteration: false,
            last: false,
            first: 0,
        })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        if self.in_iteration {
            self.in_iteration = false;
            omply_runtime::ordered_iteration_end();
        }
        if self.next == self.end && !self.draw() {
            return if omply_runtime::cancelled() {
                Err(cancelled_error(py))
            } else {
                Ok(None)
            };
        }
        if omply_runtime::cancelled() {
            return Err(cancelled_error(py));
        }
        let first = self.next;
        self.first = first;
        self.next = (first + self.piece).min(self.end);
        self.in_iteration = self.ordered;
        self.last = self.is_last && self.next == self.end;
        // SAFETY: attached; `space` is alive; a new reference or null.
        unsafe {
            let part =
                ffi::PySequence_GetSlice(self.space.as_ptr(), first as isize, self.next as isize);
            Bound::from_owned_ptr_or_err(py, part).map(|part| Some(part.unbind()))
        }
    }
}

impl Loop {
    fn draw(&mut self) -> bool {
        let Some(chunk) = omply_runtime::loop_next() else {
            return false;
        };
        (self.next, self.end) = (chunk.first, chunk.last + 1);
        self.piece = if self.ordered {
            1
        } else {
            PIECE.max((self.end - self.next) / PIECES)
        };
        self.is_last = chunk.is_last;
        true
    }
}

/// Iterates over the numbers of the sections that this thread is to execute.
#[pyclass(module = "omply._core")]
struct Sections {
    count: u64,
    #[pyo3(get)]
    last: bool,
    next: u64,
    end: u64,
}

#[pymethods]
impl Sections {
    #[new]
    fn new(count: u64) -> Sections {
        omply_runtime::loop_begin(Schedule::Dynamic(1), false, count);
        Sections {
            count,
            last: false,
            next: 0,
            end: 0,
        }
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<u64>> {
        if self.next == self.end {
            match omply_runtime::loop_next() {
                Some(chunk) => (self.next, self.end) = (chunk.first, chunk.last + 1),
                None if omply_runtime::cancelled() => return Err(cancelled_error(py)),
                None => return Ok(None),
            }
        }
        let section = self.next;
        self.next += 1;
        self.last |= section + 1 == self.count;
        Ok(Some(section))
    }
}

struct Source {
    iterator: Py<PyAny>,
    /// Drawn ahead, to know which item is the last.
    ahead: Option<Py<PyAny>>,
    started: bool,
    /// A thread is inside of the iterator.
    busy: bool,
}

/// An iterable that a team draws from; one object for the whole team.
#[pyclass(frozen, module = "omply._core")]
struct SharedItems {
    chunk: usize,
    source: Mutex<Source>,
    free: std::sync::Condvar,
}

#[pymethods]
impl SharedItems {
    #[new]
    #[pyo3(signature = (iterable, chunk=None))]
    fn new(iterable: Bound<'_, PyAny>, chunk: Option<i64>) -> PyResult<SharedItems> {
        let chunk = chunk.unwrap_or(1);
        if chunk <= 0 {
            return Err(PyValueError::new_err(format!(
                "the chunk size of a schedule must be positive, not {chunk}"
            )));
        }
        let source = Source {
            iterator: iterable.try_iter()?.into_any().unbind(),
            ahead: None,
            started: false,
            busy: false,
        };
        Ok(SharedItems {
            chunk: chunk as usize,
            source: Mutex::new(source),
            free: std::sync::Condvar::new(),
        })
    }

    fn __iter__(slf: Py<Self>) -> Drawing {
        Drawing {
            items: slf,
            last: false,
        }
    }
}

impl SharedItems {
    /// The next items and whether they are the last ones; `None` when there are no more.
    fn draw<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyList>, bool)>> {
        let (iterator, ahead, started) = self.enter(py);
        let drawn = self.take(iterator.bind(py), ahead, started);
        let mut source = lock(&self.source);
        source.busy = false;
        source.started = true;
        let result = match drawn {
            Ok((list, ahead)) => {
                let last = ahead.is_none();
                source.ahead = ahead;
                Ok((!list.is_empty()).then_some((list, last)))
            }
            Err(error) => Err(error),
        };
        drop(source);
        self.free.notify_one();
        result
    }

    /// Waits for the iterator, detached: whoever holds it runs Python code.
    fn enter(&self, py: Python<'_>) -> (Py<PyAny>, Option<Py<PyAny>>, bool) {
        loop {
            let mut source = lock(&self.source);
            if !source.busy {
                source.busy = true;
                let ahead = source.ahead.take();
                return (source.iterator.clone_ref(py), ahead, source.started);
            }
            drop(source);
            attach::detached(py, || {
                let source = lock(&self.source);
                if source.busy {
                    let timeout = std::time::Duration::from_millis(40);
                    let _unlocked_at_once = self.free.wait_timeout(source, timeout);
                }
            });
        }
    }

    fn take<'py>(
        &self,
        iterator: &Bound<'py, PyAny>,
        mut ahead: Option<Py<PyAny>>,
        started: bool,
    ) -> PyResult<(Bound<'py, PyList>, Option<Py<PyAny>>)> {
        let py = iterator.py();
        let list = PyList::empty(py);
        if !started {
            ahead = next(iterator)?;
        }
        while let Some(item) = ahead.take() {
            list.append(item)?;
            ahead = next(iterator)?;
            if list.len() == self.chunk {
                break;
            }
        }
        Ok((list, ahead))
    }
}

fn next(iterator: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    // SAFETY: attached; an iterator; a new reference, or null with or without an exception.
    unsafe {
        let item = ffi::PyIter_Next(iterator.as_ptr());
        if item.is_null() && !ffi::PyErr_Occurred().is_null() {
            return Err(PyErr::fetch(iterator.py()));
        }
        Ok(Bound::from_owned_ptr_or_opt(iterator.py(), item).map(Bound::unbind))
    }
}

/// One thread's iteration over the chunks it draws from a shared iterable.
#[pyclass(module = "omply._core")]
struct Drawing {
    items: Py<SharedItems>,
    #[pyo3(get)]
    last: bool,
}

#[pymethods]
impl Drawing {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        if omply_runtime::cancelled() {
            return Err(cancelled_error(py));
        }
        Ok(self.items.get().draw(py)?.map(|(list, last)| {
            self.last = last;
            list
        }))
    }
}

/// True on the one thread of the team that is to execute the block.
#[pyfunction]
fn single() -> bool {
    omply_runtime::single()
}

thread_local! {
    /// What this thread has broadcast since its last barrier: it stays alive until all have received it.
    static BROADCAST: RefCell<Vec<Py<PyAny>>> = const { RefCell::new(Vec::new()) };
}

pub fn forget_broadcasts() {
    // Objects die outside of the borrow: what a destructor runs may broadcast.
    drop(BROADCAST.take());
}

/// Hands over what must stay alive until all have received it.
pub fn take_broadcasts() -> Vec<Py<PyAny>> {
    BROADCAST.take()
}

pub fn restore_broadcasts(kept: Vec<Py<PyAny>>) {
    BROADCAST.set(kept);
}

/// Gives `value` to the threads that `receive`.
#[pyfunction]
fn broadcast(py: Python<'_>, value: Bound<'_, PyAny>) -> PyResult<()> {
    let pointer = value.as_ptr().cast::<c_void>();
    BROADCAST.with_borrow_mut(|kept| kept.push(value.unbind()));
    match attach::waiting(|| omply_runtime::broadcast(Some(pointer))) {
        Ok(_) => Ok(()),
        Err(_) => Err(cancelled_error(py)),
    }
}

/// Waits for what another thread of the team broadcasts.
#[pyfunction]
fn receive(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    match attach::waiting(|| omply_runtime::broadcast(None)) {
        // SAFETY: the executing thread keeps the object alive until its next barrier.
        Ok(value) => Ok(unsafe { Bound::from_borrowed_ptr(py, value.cast()) }),
        Err(_) => Err(cancelled_error(py)),
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Loop>()?;
    m.add_class::<Sections>()?;
    m.add_class::<SharedItems>()?;
    m.add_class::<Drawing>()?;
    m.add_function(wrap_pyfunction!(single, m)?)?;
    m.add_function(wrap_pyfunction!(broadcast, m)?)?;
    m.add_function(wrap_pyfunction!(receive, m)?)
}
