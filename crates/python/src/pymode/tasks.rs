//! Tasks: a Python function with its arguments, which the runtime has some thread of the team call, or the generating thread
//! at once.
//!
//! The thread that comes to execute a task is attached if it waits in Python code (its hooks attach it before the
//! runtime calls a task), and detached if it has left the region's function and waits at the region's end. An exception
//! of a task that is executed where it was generated goes on there; any other one ends the region that the
//! task belongs to, as an exception in the region's own code does.

use super::team::{TeamCancelled, TeamRef};
use super::worksharing::cancelled_error;
use super::{attach, interrupt};
use omply_runtime::{Depend, DependKind, TaskOptions};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use std::cell::{Cell, RefCell};

thread_local! {
    /// The task that this thread is handing to the runtime.
    static GENERATED: Cell<usize> = const { Cell::new(0) };
    /// What that task raised if the runtime executed it at once.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// A dependence: its type, then address, length of a row, number of rows and their distance.
type Item = (String, u64, u64, usize, isize);

struct Task {
    function: Py<PyAny>,
    args: Py<PyTuple>,
    context: Py<PyAny>,
    /// Where the construct stands.
    place: Py<PyString>,
    /// The region it belongs to; outside of regions tasks are executed where they are generated.
    team: Option<TeamRef>,
}

impl Task {
    /// Executes the task; the result is the status that the runtime gets.
    fn run(self: Box<Self>, thread_num: i32) -> i32 {
        if GENERATED.replace(0) == std::ptr::from_ref(&*self) as usize {
            // The generating thread is attached and has all that the task needs around it.
            return Python::attach(|py| {
                if let Err(error) = attach::call(self.function.bind(py), self.args.bind(py)) {
                    RAISED.set(Some(error));
                }
                0
            });
        }
        let Some(team) = self.team else {
            return 0;
        };
        attach::anywhere(|py| {
            let Task {
                function,
                args,
                context,
                place,
                ..
            } = *self;
            let result = interrupt::reachable(py, team.root(), || {
                team.entered(|| {
                    attach::in_context(py, &context, || {
                        attach::call(function.bind(py), args.bind(py)).map(drop)
                    })
                })
            });
            match result {
                Ok(()) => {}
                Err(error) if error.is_instance_of::<TeamCancelled>(py) => {}
                Err(error) => {
                    let note = format!(
                        "raised by a task of thread {thread_num}, generated at {}",
                        place.bind(py)
                    );
                    let _ = error.value(py).call_method1("add_note", (note,));
                    team.fail(py, thread_num, error);
                }
            }
            0
        })
    }
}

/// Generates a task that calls `function(*args)`.
#[pyfunction]
#[pyo3(signature = (function, args, place, if_=None, r#final=None, priority=None, depend=None, detach=None, transparent=None))]
#[expect(clippy::too_many_arguments, reason = "one for each clause")]
fn task(
    py: Python<'_>,
    function: Py<PyAny>,
    args: Py<PyTuple>,
    place: Py<PyString>,
    if_: Option<Bound<'_, PyAny>>,
    r#final: Option<Bound<'_, PyAny>>,
    priority: Option<i64>,
    depend: Option<Vec<Item>>,
    detach: Option<usize>,
    transparent: Option<i32>,
) -> PyResult<()> {
    let truth = |condition: Option<Bound<'_, PyAny>>, otherwise: bool| match condition {
        Some(condition) => condition.is_truthy(),
        None => Ok(otherwise),
    };
    let depends = dependences(depend.unwrap_or_default())?;
    let options = TaskOptions {
        if_cond: truth(if_, true)?,
        final_: truth(r#final, false)?,
        priority: priority.unwrap_or(0).clamp(0, i32::MAX.into()) as i32,
        depends: &depends,
        detach,
        impex: transparent.unwrap_or(0),
    };
    if omply_runtime::cancelled() {
        return Err(cancelled_error(py));
    }
    let task = Box::new(Task {
        function,
        args,
        context: attach::context(py)?,
        place,
        team: TeamRef::current(),
    });
    let outer = GENERATED.replace(std::ptr::from_ref(&*task) as usize);
    let raised = RAISED.take();
    attach::waiting(|| omply_runtime::task(&options, move |thread| task.run(thread)));
    GENERATED.set(outer);
    match RAISED.replace(raised) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// An event for the task that is generated next.
#[pyfunction]
fn new_event() -> usize {
    omply_runtime::event()
}

fn depend_kind(name: &str) -> PyResult<DependKind> {
    Ok(match name {
        "in" => DependKind::In,
        "out" => DependKind::Out,
        "inout" => DependKind::InOut,
        "mutexinoutset" => DependKind::MutexInOutSet,
        "inoutset" => DependKind::InOutSet,
        "all" => DependKind::AllMemory,
        "depobj" => DependKind::Object,
        other => {
            return Err(PyValueError::new_err(format!(
                "no dependence type: {other}"
            )));
        }
    })
}

fn dependences(list: Vec<Item>) -> PyResult<Vec<Depend>> {
    list.into_iter()
        .map(|(kind, address, length, rows, stride)| {
            let kind = depend_kind(&kind)?;
            Ok(Depend {
                kind,
                address: address as usize,
                length: length as usize,
                rows,
                stride,
            })
        })
        .collect()
}

/// A dependence object.
#[pyfunction]
fn new_object(depend: Vec<Item>) -> PyResult<i64> {
    Ok(omply_runtime::depend_object(&dependences(depend)?))
}

/// Finds or destroys a dependence object, or gives its dependences a type. False: it is none.
#[pyfunction]
fn depend_object(object: i64, action: &str) -> PyResult<bool> {
    Ok(match action {
        "find" => omply_runtime::find_depend_object(object),
        "destroy" => omply_runtime::destroy_depend_object(object),
        kind => omply_runtime::update_depend_object(object, depend_kind(kind)?),
    })
}

/// Waits for the current task's children, or for those with the given dependences.
#[pyfunction]
#[pyo3(signature = (depend=None, nowait=None))]
fn taskwait(
    py: Python<'_>,
    depend: Option<Vec<Item>>,
    nowait: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    let nowait = match nowait {
        Some(nowait) => nowait.is_truthy()?,
        None => false,
    };
    let result = match depend {
        None => attach::waiting(omply_runtime::taskwait),
        Some(list) => {
            let depends = dependences(list)?;
            attach::waiting(|| omply_runtime::taskwait_depend(&depends, nowait))
        }
    };
    result.map_err(|_| cancelled_error(py))
}

#[pyfunction]
fn taskyield(py: Python<'_>) -> PyResult<()> {
    attach::waiting(omply_runtime::taskyield).map_err(|_| cancelled_error(py))
}

/// A taskgroup, as a context manager.
#[pyclass(frozen, module = "omply._core")]
struct TaskGroup;

#[pymethods]
impl TaskGroup {
    #[new]
    fn new() -> TaskGroup {
        TaskGroup
    }

    fn __enter__(&self) {
        omply_runtime::taskgroup_begin();
    }

    /// Waits also when an exception leaves the block: tasks may use what the block leaves behind.
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Bound<'_, PyAny>,
        _value: Bound<'_, PyAny>,
        _traceback: Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let result = attach::waiting(omply_runtime::taskgroup_end);
        if kind.is_none() {
            return result.map_err(|_| cancelled_error(py));
        }
        Ok(())
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<TaskGroup>()?;
    m.add_function(wrap_pyfunction!(task, m)?)?;
    m.add_function(wrap_pyfunction!(new_event, m)?)?;
    m.add_function(wrap_pyfunction!(new_object, m)?)?;
    m.add_function(wrap_pyfunction!(depend_object, m)?)?;
    m.add_function(wrap_pyfunction!(taskwait, m)?)?;
    m.add_function(wrap_pyfunction!(taskyield, m)?)
}
