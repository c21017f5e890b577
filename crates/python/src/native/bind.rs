//! Binding of a call's arguments to parameters when keywords or defaults take part.

use omply_syntax::hir::{Function, ParamKind};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

/// A function's parameters as calls see them.
pub struct Params {
    pub names: Vec<String>,
    kinds: Vec<ParamKind>,
    /// Has `*args` or `**kwargs`.
    pub variadic: bool,
}

impl Params {
    pub fn new(func: &Function) -> Params {
        let kinds: Vec<ParamKind> = func.params.iter().map(|p| p.kind).collect();
        Params {
            names: func
                .params
                .iter()
                .map(|p| func.vars[p.var.index()].name.clone())
                .collect(),
            variadic: kinds
                .iter()
                .any(|k| matches!(k, ParamKind::VarArgs | ParamKind::VarKeywords)),
            kinds,
        }
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    fn positional(&self) -> usize {
        self.kinds
            .iter()
            .filter(|k| **k != ParamKind::KeywordOnly)
            .count()
    }
}

/// One object for each parameter, or `None` when the call does not fit them.
///
/// # Safety
/// `given`, `args` and `kwnames` are a vectorcall's arguments: keyword values follow the positional ones.
pub unsafe fn bind<'py>(
    py: Python<'py>,
    params: &Params,
    function: &Bound<'py, PyAny>,
    given: &[*mut ffi::PyObject],
    args: *const *mut ffi::PyObject,
    kwnames: *mut ffi::PyObject,
) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
    let positional = params.positional();
    if given.len() > positional {
        return Ok(None);
    }
    let mut bound: Vec<Option<Bound<'py, PyAny>>> = vec![None; params.len()];
    for (place, &object) in bound.iter_mut().zip(given) {
        // SAFETY: a live argument.
        *place = Some(unsafe { Bound::from_borrowed_ptr(py, object) });
    }
    if !kwnames.is_null() {
        // SAFETY: a live tuple of strings, whose values stand behind the positional arguments.
        let names = unsafe { Bound::from_borrowed_ptr(py, kwnames) }.cast_into::<PyTuple>()?;
        for (i, name) in names.iter().enumerate() {
            let name = name.cast_into::<PyString>()?;
            let name = name.to_str()?;
            let Some(place) = params.names.iter().position(|p| p == name) else {
                return Ok(None);
            };
            if bound[place].is_some() || params.kinds[place] == ParamKind::PositionalOnly {
                return Ok(None);
            }
            // SAFETY: as above.
            let object = unsafe { Bound::from_borrowed_ptr(py, *args.add(given.len() + i)) };
            bound[place] = Some(object);
        }
    }
    if bound.iter().any(Option::is_none) {
        fill_defaults(params, function, positional, &mut bound)?;
    }
    Ok(bound.into_iter().collect())
}

fn fill_defaults<'py>(
    params: &Params,
    function: &Bound<'py, PyAny>,
    positional: usize,
    bound: &mut [Option<Bound<'py, PyAny>>],
) -> PyResult<()> {
    if let Ok(defaults) = function.getattr("__defaults__")?.cast_into::<PyTuple>() {
        let first = positional.saturating_sub(defaults.len());
        for (place, value) in bound[first..positional].iter_mut().zip(defaults.iter()) {
            place.get_or_insert(value);
        }
    }
    if let Ok(defaults) = function.getattr("__kwdefaults__")?.cast_into::<PyDict>() {
        for (place, name) in bound[positional..]
            .iter_mut()
            .zip(&params.names[positional..])
        {
            if place.is_none() {
                *place = defaults.get_item(name)?;
            }
        }
    }
    Ok(())
}
