//! The `omp_*` routines and constants under their C names. Locks are objects, and context managers as well.

use super::attach;
use super::team::TeamCancelled;
use omply_runtime::abi::{omp, omp_device};
use omply_runtime::locks::{self, LockError};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};

/// Routines that take nothing and give a number, or a truth value.
macro_rules! getters {
    ($module:ident: $($int:ident)*; bool $($flag:ident)*) => {
        $(#[pyfunction] fn $int() -> i32 { $module::$int() })*
        $(#[pyfunction] fn $flag() -> bool { $module::$flag() != 0 })*
    };
}

getters! { omp:
    omp_get_num_threads omp_get_max_threads omp_get_thread_num omp_get_num_procs omp_get_thread_limit
    omp_get_supported_active_levels omp_get_max_active_levels omp_get_level omp_get_active_level
    omp_get_num_teams omp_get_team_num omp_get_max_teams omp_get_teams_thread_limit omp_get_max_task_priority
    omp_get_proc_bind omp_get_num_places omp_get_place_num omp_get_partition_num_places;
    bool omp_in_parallel omp_get_dynamic omp_get_nested omp_get_cancellation omp_in_final omp_in_explicit_task
}

getters! { omp_device:
    omp_get_default_device omp_get_num_devices omp_get_device_num omp_get_initial_device;
    bool omp_is_initial_device
}

#[pyfunction]
fn omp_set_num_threads(num_threads: i32) -> PyResult<()> {
    if num_threads < 1 {
        let text = format!("the number of threads must be positive, not {num_threads}");
        return Err(PyValueError::new_err(text));
    }
    omp::omp_set_num_threads(num_threads);
    Ok(())
}

#[pyfunction]
fn omp_set_dynamic(dynamic: bool) {
    omp::omp_set_dynamic(dynamic.into());
}

/// Fulfils an event; the task that has it is complete then, if its code has ended.
#[pyfunction]
fn omp_fulfill_event(event: usize) -> PyResult<()> {
    if omply_runtime::fulfill_event(event) {
        return Ok(());
    }
    Err(PyValueError::new_err(
        "this is no event, or it has been fulfilled before",
    ))
}

#[pyfunction]
fn omp_set_nested(nested: bool) {
    omp::omp_set_nested(nested.into());
}

#[pyfunction]
fn omp_set_max_active_levels(max_levels: i32) {
    omp::omp_set_max_active_levels(max_levels);
}

#[pyfunction]
fn omp_set_num_teams(num_teams: i32) {
    omp::omp_set_num_teams(num_teams);
}

#[pyfunction]
fn omp_set_teams_thread_limit(thread_limit: i32) {
    omp::omp_set_teams_thread_limit(thread_limit);
}

#[pyfunction]
fn omp_set_default_device(device_num: i32) {
    omp_device::omp_set_default_device(device_num);
}

#[pyfunction]
#[pyo3(signature = (kind, chunk_size=0))]
fn omp_set_schedule(kind: u32, chunk_size: i32) -> PyResult<()> {
    if !(1..=4).contains(&(kind & 0x7fff_ffff)) {
        return Err(PyValueError::new_err(format!(
            "{kind} is not one of the omp_sched constants"
        )));
    }
    omp::omp_set_schedule(kind, chunk_size);
    Ok(())
}

/// The kind and the chunk size that `schedule(runtime)` stands for.
#[pyfunction]
fn omp_get_schedule() -> (u32, i32) {
    let (mut kind, mut chunk) = (0, 0);
    // SAFETY: both are valid for writes.
    unsafe { omp::omp_get_schedule(&mut kind, &mut chunk) };
    (kind, chunk)
}

#[pyfunction]
fn omp_get_ancestor_thread_num(level: i32) -> i32 {
    omp::omp_get_ancestor_thread_num(level)
}

#[pyfunction]
fn omp_get_team_size(level: i32) -> i32 {
    omp::omp_get_team_size(level)
}

#[pyfunction]
fn omp_get_wtime() -> f64 {
    omp::omp_get_wtime()
}

#[pyfunction]
fn omp_get_wtick() -> f64 {
    omp::omp_get_wtick()
}

#[pyfunction]
fn omp_get_place_num_procs(place_num: i32) -> i32 {
    omp::omp_get_place_num_procs(place_num)
}

#[pyfunction]
fn omp_get_place_proc_ids(place_num: i32) -> Vec<i32> {
    let mut ids = vec![0; omp::omp_get_place_num_procs(place_num).max(0) as usize];
    // SAFETY: the buffer has room for as many as the place holds.
    unsafe { omp::omp_get_place_proc_ids(place_num, ids.as_mut_ptr()) };
    ids
}

#[pyfunction]
fn omp_get_partition_place_nums() -> Vec<i32> {
    let mut numbers = vec![0; omp::omp_get_partition_num_places().max(0) as usize];
    // SAFETY: the buffer has room for as many as the partition holds.
    unsafe { omp::omp_get_partition_place_nums(numbers.as_mut_ptr()) };
    numbers
}

#[pyfunction]
fn omp_set_affinity_format(format: CString) {
    // SAFETY: a C string.
    unsafe { omp::omp_set_affinity_format(format.as_ptr()) };
}

#[pyfunction]
fn omp_get_affinity_format() -> String {
    // SAFETY: the buffer is as long as said; null asks for the length only.
    text(|buffer, size| unsafe { omp::omp_get_affinity_format(buffer, size) })
}

#[pyfunction]
#[pyo3(signature = (format=CString::default()))]
fn omp_capture_affinity(format: CString) -> String {
    // SAFETY: the buffer is as long as said; null asks for the length only; a C string.
    text(|buffer, size| unsafe { omp::omp_capture_affinity(buffer, size, format.as_ptr()) })
}

#[pyfunction]
#[pyo3(signature = (format=CString::default()))]
fn omp_display_affinity(format: CString) {
    // SAFETY: a C string.
    unsafe { omp::omp_display_affinity(format.as_ptr()) };
}

/// What a routine writes that fills a buffer and returns the length it needs.
fn text(fill: impl Fn(*mut std::ffi::c_char, usize) -> usize) -> String {
    let mut buffer = vec![0u8; fill(std::ptr::null_mut(), 0) + 1];
    fill(buffer.as_mut_ptr().cast(), buffer.len());
    buffer.pop();
    String::from_utf8_lossy(&buffer).into_owned()
}

#[pyfunction]
#[pyo3(signature = (verbose=false))]
fn omp_display_env(verbose: bool) {
    omp::omp_display_env(verbose.into());
}

#[pyfunction]
fn omp_pause_resource_all(kind: i32) -> i32 {
    omp::omp_pause_resource_all(kind)
}

fn lock_error(error: LockError) -> PyErr {
    match error {
        LockError::Cancelled => TeamCancelled::new_err(error.to_string()),
        _ => PyRuntimeError::new_err(error.to_string()),
    }
}

/// What a lock must not be used for any more once it is destroyed.
fn alive(destroyed: &AtomicBool) -> PyResult<()> {
    if destroyed.load(Ordering::Relaxed) {
        return Err(PyRuntimeError::new_err("the lock has been destroyed"));
    }
    Ok(())
}

/// A simple lock.
#[pyclass(frozen, module = "omply._core", name = "Lock")]
#[derive(Default)]
struct Lock(locks::SimpleLock, AtomicBool);

#[pymethods]
impl Lock {
    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        omp_set_lock(slf.get())?;
        Ok(slf)
    }

    fn __exit__(&self, _type: Py<PyAny>, _value: Py<PyAny>, _traceback: Py<PyAny>) -> PyResult<()> {
        omp_unset_lock(self)
    }
}

/// A lock that the task that holds it may set again.
#[pyclass(frozen, module = "omply._core", name = "NestLock")]
#[derive(Default)]
struct NestLock(locks::NestLock, AtomicBool);

#[pymethods]
impl NestLock {
    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        omp_set_nest_lock(slf.get())?;
        Ok(slf)
    }

    fn __exit__(&self, _type: Py<PyAny>, _value: Py<PyAny>, _traceback: Py<PyAny>) -> PyResult<()> {
        omp_unset_nest_lock(self)
    }
}

#[pyfunction]
fn omp_init_lock() -> Lock {
    Lock::default()
}

/// The hint is about speed only, and there is one kind of lock.
#[pyfunction]
fn omp_init_lock_with_hint(_hint: i32) -> Lock {
    Lock::default()
}

#[pyfunction]
fn omp_set_lock(lock: &Lock) -> PyResult<()> {
    alive(&lock.1)?;
    attach::waiting(|| lock.0.set()).map_err(lock_error)
}

#[pyfunction]
fn omp_unset_lock(lock: &Lock) -> PyResult<()> {
    alive(&lock.1)?;
    lock.0.unset().map_err(lock_error)
}

#[pyfunction]
fn omp_test_lock(lock: &Lock) -> PyResult<bool> {
    alive(&lock.1)?;
    Ok(lock.0.test())
}

fn held() -> PyErr {
    PyRuntimeError::new_err("a lock that is set cannot be destroyed")
}

/// The lock cannot be used any more; a lock that is set cannot be destroyed.
#[pyfunction]
fn omp_destroy_lock(lock: &Lock) -> PyResult<()> {
    alive(&lock.1)?;
    if !lock.0.test() {
        return Err(held());
    }
    lock.1.store(true, Ordering::Relaxed);
    lock.0.unset().map_err(lock_error)
}

#[pyfunction]
fn omp_init_nest_lock() -> NestLock {
    NestLock::default()
}

#[pyfunction]
fn omp_init_nest_lock_with_hint(_hint: i32) -> NestLock {
    NestLock::default()
}

#[pyfunction]
fn omp_set_nest_lock(lock: &NestLock) -> PyResult<()> {
    alive(&lock.1)?;
    attach::waiting(|| lock.0.set()).map_err(lock_error)
}

#[pyfunction]
fn omp_unset_nest_lock(lock: &NestLock) -> PyResult<()> {
    alive(&lock.1)?;
    lock.0.unset().map_err(lock_error)
}

#[pyfunction]
fn omp_test_nest_lock(lock: &NestLock) -> PyResult<i32> {
    alive(&lock.1)?;
    Ok(lock.0.test())
}

/// As `omp_destroy_lock`.
#[pyfunction]
fn omp_destroy_nest_lock(lock: &NestLock) -> PyResult<()> {
    alive(&lock.1)?;
    let count = lock.0.test();
    if count > 0 {
        lock.0.unset().map_err(lock_error)?;
    }
    if count != 1 {
        return Err(held());
    }
    lock.1.store(true, Ordering::Relaxed);
    Ok(())
}

const CONSTANTS: &[(&str, i64)] = &[
    ("openmp_version", 202411),
    ("omp_sched_static", 1),
    ("omp_sched_dynamic", 2),
    ("omp_sched_guided", 3),
    ("omp_sched_auto", 4),
    ("omp_sched_monotonic", 0x8000_0000),
    ("omp_proc_bind_false", 0),
    ("omp_not_impex", 0),
    ("omp_import", 1),
    ("omp_export", 2),
    ("omp_impex", 3),
    ("omp_proc_bind_true", 1),
    ("omp_proc_bind_primary", 2),
    ("omp_proc_bind_close", 3),
    ("omp_proc_bind_spread", 4),
    ("omp_sync_hint_none", 0),
    ("omp_sync_hint_uncontended", 1),
    ("omp_sync_hint_contended", 2),
    ("omp_sync_hint_nonspeculative", 4),
    ("omp_sync_hint_speculative", 8),
    ("omp_pause_soft", 1),
    ("omp_pause_hard", 2),
    ("omp_pause_stop_tool", 3),
    ("omp_initial_device", -1),
    ("omp_invalid_device", -2),
];

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add {
        ($($name:ident)*) => { $(m.add_function(wrap_pyfunction!($name, m)?)?;)* };
    }
    add! {
        omp_get_num_threads omp_get_max_threads omp_get_thread_num omp_get_num_procs omp_get_thread_limit
        omp_get_supported_active_levels omp_get_max_active_levels omp_get_level omp_get_active_level
        omp_get_num_teams omp_get_team_num omp_get_max_teams omp_get_teams_thread_limit
        omp_get_max_task_priority omp_get_proc_bind omp_get_num_places omp_get_place_num
        omp_get_partition_num_places omp_in_parallel omp_get_dynamic omp_get_nested omp_get_cancellation
        omp_in_final omp_in_explicit_task omp_fulfill_event
        omp_get_default_device omp_get_num_devices omp_get_device_num omp_get_initial_device
        omp_is_initial_device
        omp_set_num_threads omp_set_dynamic omp_set_nested omp_set_max_active_levels omp_set_num_teams
        omp_set_teams_thread_limit omp_set_default_device omp_set_schedule omp_get_schedule
        omp_get_ancestor_thread_num omp_get_team_size omp_get_wtime omp_get_wtick omp_get_place_num_procs
        omp_get_place_proc_ids omp_get_partition_place_nums omp_set_affinity_format
        omp_get_affinity_format omp_capture_affinity omp_display_affinity omp_display_env
        omp_pause_resource_all
        omp_init_lock omp_init_lock_with_hint omp_set_lock omp_unset_lock omp_test_lock omp_destroy_lock
        omp_init_nest_lock omp_init_nest_lock_with_hint omp_set_nest_lock omp_unset_nest_lock
        omp_test_nest_lock omp_destroy_nest_lock
    }
    for (name, value) in CONSTANTS {
        m.add(*name, *value)?;
    }
    m.add_class::<Lock>()?;
    m.add_class::<NestLock>()
}
