//! Which loops marked `simd` did not become vector code, for `omply explain --run`: once asked for, every function that is compiled
//! adds its own, and nothing comes from the object cache.

use super::environment::Environment;
use omply_codegen::explain::MissedLoop;
use omply_types::{FuncHandle, Signature};
use pyo3::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// File, line, column, function, signature, reason.
type Missed = (String, u32, u32, String, String, String);

/// Read by those who compile afterwards; what they find stands behind the mutex.
static ASKED: AtomicBool = AtomicBool::new(false);
static FOUND: Mutex<Vec<Missed>> = Mutex::new(Vec::new());

pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Keeps what compiling a function has found. `instances` are the functions of the module, by name.
pub fn keep(
    found: Vec<MissedLoop>,
    instances: &[(String, FuncHandle)],
    signature: &Signature,
    env: &Environment<'_>,
) {
    let Ok(mut list) = FOUND.lock() else {
        return;
    };
    for one in found {
        // Regions are called after the function that they were taken out of.
        let within = |name: &str| {
            one.function == name
                || one
                    .function
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        let instance = instances
            .iter()
            .filter(|(name, _)| within(name))
            .max_by_key(|(name, _)| name.len());
        let known = instance.and_then(|(_, handle)| env.known(*handle));
        let Some(known) = known else {
            continue;
        };
        let place = known.file.position(one.span.start);
        let missed = (
            known.file.name.clone(),
            place.line,
            place.column,
            known.hir.name.clone(),
            signature.to_string(),
            one.reason,
        );
        if !list.contains(&missed) {
            list.push(missed);
        }
    }
}

/// From now on compiling finds out which loops marked `simd` do not become vector code.
#[pyfunction]
fn explain_loops() {
    ASKED.store(true, Ordering::Relaxed);
}

/// What has been found since.
#[pyfunction]
fn missed_loops() -> Vec<Missed> {
    FOUND
        .lock()
        .map(|mut list| std::mem::take(&mut *list))
        .unwrap_or_default()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(explain_loops, m)?)?;
    m.add_function(wrap_pyfunction!(missed_loops, m)?)
}
