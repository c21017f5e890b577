//! The `parallel` construct: runs a region's function on a team of attached threads and brings back what each returned,
//! or the exception that the lowest thread number raised.

use super::{attach, interrupt, worksharing};
use omply_runtime::{CANCELLED, ForkOptions, LeagueRequest, ProcBind, TeamThread};
use pyo3::create_exception;
use pyo3::exceptions::{PyBaseException, PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString, PyTuple};
use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

create_exception!(
    omply._core,
    TeamCancelled,
    PyBaseException,
    "Leads a thread out of a region that another thread's exception has cancelled."
);

/// How often a thread that waits for its team looks whether a signal has come.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(40);
/// Status of a thread whose code raised.
const RAISED: i32 = 1;

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One parallel region under way.
struct Team {
    function: Py<PyAny>,
    args: Py<PyTuple>,
    context: Py<PyAny>,
    root: u64,
    /// By thread number; what did not come is missing.
    results: Mutex<Vec<Option<Py<PyAny>>>>,
    errors: Mutex<Vec<(i32, PyErr)>>,
    /// What workers have broadcast since their last barriers.
    broadcasts: Mutex<Vec<Py<PyAny>>>,
    /// The thread that encountered a `teams` region, which carries several teams one after the other and waits in the runtime;
    /// none for parallel regions.
    league: Option<ThreadId>,
    /// Workers that have left the function.
    done: Mutex<i32>,
    left: Condvar,
}

thread_local! {
    /// The region whose code the thread executes; null outside of regions.
    static CURRENT: Cell<*const Team> = const { Cell::new(std::ptr::null()) };
}

/// A region, as its tasks know it. The fork that owns it returns only when all of them are complete.
#[derive(Clone, Copy)]
pub struct TeamRef(*const Team);

// SAFETY: all of a team's parts may be used by any thread.
unsafe impl Send for TeamRef {}

impl TeamRef {
    /// The region whose code the calling thread executes.
    pub fn current() -> Option<TeamRef> {
        let team = CURRENT.get();
        (!team.is_null()).then_some(TeamRef(team))
    }

    fn team(&self) -> &Team {
        // SAFETY: the region is not over, as this is one of its tasks, or its own code.
        unsafe { &*self.0 }
    }

    pub fn root(&self) -> u64 {
        self.team().root
    }

    /// Runs `f` as code of the region.
    pub fn entered<R>(&self, f: impl FnOnce() -> R) -> R {
        let outer = CURRENT.replace(self.0);
        let result = f();
        CURRENT.set(outer);
        result
    }

    /// Files an exception of a task.
    pub fn fail(&self, py: Python<'_>, thread_num: i32, error: PyErr) {
        self.team().fail(py, thread_num, error);
    }
}

impl Team {
    /// The part of one thread. Called attached on the encountering thread, detached on the others.
    fn run(&self, thread: TeamThread) -> i32 {
        if self.league == Some(std::thread::current().id()) {
            return Python::attach(|py| self.body(py, thread));
        }
        if self.league.is_none() && thread.thread_num == 0 {
            // What this thread has broadcast to an enclosing team is no matter of this one's barriers.
            let outer = worksharing::take_broadcasts();
            let status = Python::attach(|py| {
                let status = self.body(py, thread);
                self.await_workers(py, thread, status)
            });
            worksharing::forget_broadcasts();
            worksharing::restore_broadcasts(outer);
            return status;
        }
        let status = attach::worker(|py| {
            let result = interrupt::reachable(py, self.root, || {
                let traced = Tracing::start(py);
                let result = attach::in_context(py, &self.context, || self.call(py));
                drop(traced);
                result
            });
            // A thread that is behind may not have received it yet.
            lock(&self.broadcasts).extend(worksharing::take_broadcasts());
            self.settle(py, thread, result)
        });
        *lock(&self.done) += 1;
        self.left.notify_one();
        status
    }

    fn call(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        TeamRef(self)
            .entered(|| attach::call(self.function.bind(py), self.args.bind(py)).map(Bound::unbind))
    }

    fn body(&self, py: Python<'_>, thread: TeamThread) -> i32 {
        let result = self.call(py);
        self.settle(py, thread, result)
    }

    /// Files a thread's result or exception.
    fn settle(&self, py: Python<'_>, thread: TeamThread, result: PyResult<Py<PyAny>>) -> i32 {
        match result {
            Ok(value) => {
                let mut results = lock(&self.results);
                let index = thread.thread_num as usize;
                if results.len() <= index {
                    results.resize_with(index + 1, || None);
                }
                results[index] = Some(value);
                0
            }
            Err(error) if error.is_instance_of::<TeamCancelled>(py) => {
                // From an enclosing team, where this one was not cancelled itself.
                if !omply_runtime::cancelled() {
                    omply_runtime::report_error(CANCELLED, std::ptr::null_mut());
                }
                CANCELLED
            }
            Err(error) => {
                self.fail(py, thread.thread_num, error);
                RAISED
            }
        }
    }

    fn fail(&self, py: Python<'_>, thread_num: i32, error: PyErr) {
        let interrupted = error.is_instance_of::<PyKeyboardInterrupt>(py);
        lock(&self.errors).push((thread_num, error));
        omply_runtime::report_error(RAISED, std::ptr::null_mut());
        if interrupted {
            interrupt::interrupt(py, self.root);
        }
    }

    /// Waits until every worker has left the function, running signal handlers in between.
    fn await_workers(&self, py: Python<'_>, thread: TeamThread, mut status: i32) -> i32 {
        let workers = thread.num_threads - 1;
        while *lock(&self.done) < workers {
            attach::detached(py, || {
                let done = lock(&self.done);
                if *done < workers {
                    let _unlocked_at_once = self.left.wait_timeout(done, SIGNAL_INTERVAL);
                }
            });
            if let Err(error) = py.check_signals() {
                self.fail(py, thread.thread_num, error);
                status = RAISED;
            }
        }
        status
    }
}

/// The module `threading`. It takes the thread that imports it first for the main thread, so a region imports it before
/// a worker can.
fn threading<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyModule>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("threading").map(Bound::unbind))?;
    Ok(module.bind(py))
}

/// The trace and profile functions that `threading.settrace` and `threading.setprofile` ask for, while they are set.
struct Tracing<'py> {
    sys: Option<Bound<'py, PyModule>>,
    trace: bool,
    profile: bool,
}

impl<'py> Tracing<'py> {
    fn start(py: Python<'py>) -> Tracing<'py> {
        let mut tracing = Tracing {
            sys: None,
            trace: false,
            profile: false,
        };
        // A debugger's trouble is not the program's: what cannot be set is left alone.
        let _ = tracing.set(py);
        tracing
    }

    fn set(&mut self, py: Python<'py>) -> PyResult<()> {
        let threading = threading(py)?;
        let trace = threading.call_method0(intern!(py, "gettrace"))?;
        let profile = threading.call_method0(intern!(py, "getprofile"))?;
        if trace.is_none() && profile.is_none() {
            return Ok(());
        }
        let sys = self.sys.insert(py.import(intern!(py, "sys"))?);
        if !profile.is_none() {
            sys.call_method1(intern!(py, "setprofile"), (profile,))?;
            self.profile = true;
        }
        if !trace.is_none() {
            sys.call_method1(intern!(py, "settrace"), (trace,))?;
            self.trace = true;
        }
        Ok(())
    }
}

impl Drop for Tracing<'_> {
    fn drop(&mut self) {
        let Some(sys) = &self.sys else { return };
        let nothing = sys.py().None();
        // The functions were set by the same calls, so they can be unset.
        if self.trace {
            let _ = sys.call_method1("settrace", (&nothing,));
        }
        if self.profile {
            let _ = sys.call_method1("setprofile", (&nothing,));
        }
    }
}

/// Runs `function(*args)` on a team and returns the list of its results, by thread number. `place` says where the region
/// stands, for notes on exceptions.
#[pyfunction]
#[pyo3(signature = (function, args, place, num_threads=None, strict=false, proc_bind=None, if_=None, message=None, warns=false))]
#[expect(clippy::too_many_arguments, reason = "one for each clause")]
fn fork<'py>(
    py: Python<'py>,
    function: Py<PyAny>,
    args: Py<PyTuple>,
    place: Bound<'py, PyString>,
    num_threads: Option<Vec<i64>>,
    strict: bool,
    proc_bind: Option<&str>,
    if_: Option<Bound<'py, PyAny>>,
    message: Option<String>,
    warns: bool,
) -> PyResult<Bound<'py, PyList>> {
    let num_threads = team_sizes("num_threads", num_threads.unwrap_or_default())?;
    let if_cond = match if_ {
        Some(condition) => condition.is_truthy()?,
        None => true,
    };
    let proc_bind = match proc_bind {
        Some("primary") => Some(ProcBind::Primary),
        Some("close") => Some(ProcBind::Close),
        Some("spread") => Some(ProcBind::Spread),
        _ => None,
    };
    let mut options = ForkOptions {
        num_threads: &num_threads,
        strict,
        proc_bind,
        if_cond,
    };
    let fork = |options: &ForkOptions<'_>| {
        let (function, args) = (function.clone_ref(py), args.clone_ref(py));
        run(py, function, args, &place, None, |team| {
            omply_runtime::fork(options, |thread| team.run(thread))
        })
    };
    let message = || {
        let text = || format!("num_threads(strict: {}) cannot be met", num_threads[0]);
        message.clone().unwrap_or_else(text)
    };
    let mut outcome = fork(&options)?;
    if warns && matches!(outcome, Outcome::Refused(omply_runtime::STRICT_FAILED)) {
        let text = (message(), place.clone());
        py.import("omply._team")?
            .call_method1("team_is_smaller", text)?;
        options.strict = false;
        outcome = fork(&options)?;
    }
    match outcome {
        Outcome::Results(results) => Ok(results),
        Outcome::Refused(omply_runtime::BAD_NUM_THREADS) => {
            Err(PyValueError::new_err("num_threads must be positive"))
        }
        Outcome::Refused(_) => Err(PyRuntimeError::new_err(message())),
    }
}

/// Runs `function(*args)` by the initial thread of each team of a league and returns the list of its results, by team number.
#[pyfunction]
#[pyo3(signature = (function, args, place, lower=None, upper=None, thread_limit=None, if_=None))]
#[expect(clippy::too_many_arguments, reason = "one for each clause")]
fn teams<'py>(
    py: Python<'py>,
    function: Py<PyAny>,
    args: Py<PyTuple>,
    place: Bound<'py, PyString>,
    lower: Option<i64>,
    upper: Option<i64>,
    thread_limit: Option<i64>,
    if_: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let count = |clause, value: Option<i64>| match value {
        Some(value) => team_sizes(clause, vec![value]).map(|sizes| sizes[0]),
        None => Ok(0),
    };
    let upper_bound = count("num_teams", upper)?;
    let request = LeagueRequest {
        lower: if lower.is_some() {
            count("num_teams", lower)?
        } else {
            upper_bound
        },
        upper: upper_bound,
        thread_limit: count("thread_limit", thread_limit)?,
        if_cond: match if_ {
            Some(condition) => condition.is_truthy()?,
            None => true,
        },
    };
    let here = std::thread::current().id();
    let outcome = run(py, function, args, &place, Some(here), |team| {
        omply_runtime::teams(&request, |thread| team.run(thread))
    })?;
    match outcome {
        Outcome::Results(results) => Ok(results),
        Outcome::Refused(_) => Err(PyRuntimeError::new_err("the league cannot be formed")),
    }
}

/// What becomes of a region in which no exception was raised.
enum Outcome<'py> {
    /// What the function has returned, by thread number.
    Results(Bound<'py, PyList>),
    /// The runtime has run nothing, and says why.
    Refused(i32),
}

/// Runs a region on the team or league that `start` forms for it.
fn run<'py>(
    py: Python<'py>,
    function: Py<PyAny>,
    args: Py<PyTuple>,
    place: &Bound<'py, PyString>,
    league: Option<ThreadId>,
    start: impl FnOnce(&Team) -> Result<(), i32>,
) -> PyResult<Outcome<'py>> {
    threading(py)?;
    let region = interrupt::Region::begin(py)?;
    let hooked = attach::Hooked::new();
    let team = Team {
        function,
        args,
        context: attach::context(py)?,
        root: region.root,
        results: Mutex::default(),
        errors: Mutex::default(),
        broadcasts: Mutex::default(),
        league,
        done: Mutex::new(0),
        left: Condvar::new(),
    };
    let outcome = start(&team);
    drop(omply_runtime::take_errors());
    drop(hooked);
    let errors = std::mem::take(&mut *lock(&team.errors));
    let results = std::mem::take(&mut *lock(&team.results));
    drop(region);
    if !errors.is_empty() {
        return Err(choose(py, errors, place));
    }
    match outcome {
        Ok(()) => {
            let results = results.into_iter().flatten().collect::<Vec<_>>();
            PyList::new(py, results).map(Outcome::Results)
        }
        Err(omply_runtime::INTERRUPTED) => {
            py.check_signals()?;
            Err(PyKeyboardInterrupt::new_err(()))
        }
        Err(
            status @ (omply_runtime::BAD_NUM_THREADS
            | omply_runtime::STRICT_FAILED
            | omply_runtime::BAD_NUM_TEAMS),
        ) => Ok(Outcome::Refused(status)),
        Err(_) => Err(TeamCancelled::new_err("the enclosing region is cancelled")),
    }
}

/// The team number of the calling thread's team and the number of teams of its league.
#[pyfunction]
fn place_in_league() -> (i32, i32) {
    (
        omply_runtime::routines::omp_get_team_num(),
        omply_runtime::routines::omp_get_num_teams(),
    )
}

/// The calling thread's contention group: none where it is no team's of a league, else its place and what tells it from the groups
/// that have that place before and after it.
#[pyfunction]
fn contention_group() -> Option<(usize, u64)> {
    let group = omply_runtime::contention_group();
    (group.instance != 0).then_some((group.place, group.instance))
}

fn team_sizes(clause: &str, sizes: Vec<i64>) -> PyResult<Vec<i32>> {
    let checked = sizes.into_iter().map(|size| match i32::try_from(size) {
        Ok(size) if size > 0 => Ok(size),
        Ok(_) => Err(PyValueError::new_err(format!(
            "{clause} must be positive, not {size}"
        ))),
        Err(_) => Err(PyValueError::new_err(format!(
            "{clause}({size}) is out of range"
        ))),
    });
    checked.collect()
}

/// The exception of the lowest thread number, with notes on where it comes from and on the others.
fn choose(py: Python<'_>, mut errors: Vec<(i32, PyErr)>, place: &Bound<'_, PyString>) -> PyErr {
    errors.sort_by_key(|(thread, _)| *thread);
    let mut errors = errors.into_iter();
    let Some((thread, first)) = errors.next() else {
        return PyRuntimeError::new_err("a region failed without an exception");
    };
    let note = |text: String| {
        // An exception class that refuses notes is raised without them.
        let _ = first
            .value(py)
            .call_method1(intern!(py, "add_note"), (text,));
    };
    note(format!(
        "raised by thread {thread} of the region at {place}"
    ));
    for (thread, error) in errors {
        note(format!("thread {thread} raised {error}"));
    }
    first
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("TeamCancelled", m.py().get_type::<TeamCancelled>())?;
    m.add_function(wrap_pyfunction!(fork, m)?)?;
    m.add_function(wrap_pyfunction!(teams, m)?)?;
    m.add_function(wrap_pyfunction!(contention_group, m)?)?;
    m.add_function(wrap_pyfunction!(place_in_league, m)?)
}
