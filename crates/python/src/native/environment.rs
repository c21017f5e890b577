//! The program around a function, for the compiler: names are looked up in live Python objects as CPython would
//! (closure cells, module globals, builtins) and classified by what native mode can do with them. A transcript of the
//! values becomes part of the object cache's key.

use super::class;
use super::numpy;
use crate::function::Analysis;
use omply_analysis::facts::Facts;
use omply_diagnostics::SourceFile;
use omply_ir::Scalar;
use omply_spec::{LeafKind, Mode};
use omply_syntax::hir::Function;
use omply_types::{Env, FuncHandle, GlobalValue, NumpyValue, OmpFunction, Options};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyDict, PyFloat, PyInt, PyModule, PyString, PyTuple, PyType};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What the environment knows of an `@omp` function.
pub struct Known {
    pub hir: Arc<Function>,
    pub facts: Arc<Facts>,
    pub options: Options,
    /// Its file and the text of its `def` statement in it.
    pub file: Arc<SourceFile>,
    pub source: String,
    function: Py<PyAny>,
}

/// Names resolved for one compilation; lives while the interpreter is attached.
pub struct Environment<'py> {
    py: Python<'py>,
    functions: RefCell<HashMap<FuncHandle, Known>>,
    /// Objects that a handle stands for: exception classes, functions with variants.
    classes: RefCell<HashMap<u64, Py<PyAny>>>,
}

impl<'py> Environment<'py> {
    pub fn new(py: Python<'py>) -> Environment<'py> {
        Environment {
            py,
            functions: RefCell::default(),
            classes: RefCell::default(),
        }
    }

    /// Makes an `@omp` function known and gives its handle.
    pub fn add(
        &self,
        analysis: &Analysis,
        function: &Bound<'py, PyAny>,
        options: &Options,
    ) -> FuncHandle {
        let handle = FuncHandle(function.as_ptr() as u64);
        let span = analysis.func.span;
        let source = analysis
            .file
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
            .to_owned();
        self.functions
            .borrow_mut()
            .entry(handle)
            .or_insert_with(|| Known {
                hir: analysis.func.clone(),
                facts: analysis.facts.clone(),
                options: options.clone(),
                file: analysis.file.clone(),
                source,
                function: function.clone().unbind(),
            });
        handle
    }

    pub fn known(&self, handle: FuncHandle) -> Option<Known> {
        // Python objects are cloned with their reference counts, which needs the interpreter: attached by `'py`.
        self.functions.borrow().get(&handle).map(|known| Known {
            hir: known.hir.clone(),
            facts: known.facts.clone(),
            options: known.options.clone(),
            file: known.file.clone(),
            source: known.source.clone(),
            function: known.function.clone_ref(self.py),
        })
    }

    /// What the functions met so far ask for that native mode cannot run yet: clauses that inference has no use for
    /// are found here.
    pub fn unsupported(&self) -> Vec<omply_types::Failure> {
        let functions = self.functions.borrow();
        let mut found = Vec::new();
        for (&function, known) in functions.iter() {
            let diagnostics = omply_analysis::unsupported(&known.hir, Mode::Native);
            found.extend(
                diagnostics
                    .into_iter()
                    .map(|diagnostic| omply_types::Failure {
                        function,
                        diagnostic,
                    }),
            );
        }
        found
    }

    /// Where a function's `def` stands: file name and line; and its name.
    pub fn place_of(&self, function: FuncHandle) -> Option<(String, u32, String)> {
        let functions = self.functions.borrow();
        let known = functions.get(&function)?;
        let line = known.file.position(known.hir.span.start).line;
        Some((known.file.name.clone(), line, known.hir.name.clone()))
    }

    pub fn file_of(&self, function: FuncHandle) -> Option<Arc<SourceFile>> {
        self.functions
            .borrow()
            .get(&function)
            .map(|known| known.file.clone())
    }

    /// The class that `GlobalValue::ExceptionClass` numbered.
    pub fn class(&self, handle: u64) -> Option<Py<PyAny>> {
        self.classes
            .borrow()
            .get(&handle)
            .map(|class| class.clone_ref(self.py))
    }

    /// An exception class by module and name, as it differs from run to run only where the program does.
    fn class_name(&self, handle: u64) -> String {
        let part = |name: &str| -> PyResult<String> {
            let class = self.class(handle);
            class.map_or(Ok(String::new()), |c| {
                c.bind(self.py).getattr(name)?.extract()
            })
        };
        let (module, name) = (part("__module__"), part("__qualname__"));
        format!(
            "class {}.{}",
            module.unwrap_or_default(),
            name.unwrap_or_default()
        )
    }

    /// A function with variants: what decides between them, and all that native mode may call.
    fn variants(&self, handle: u64) -> (String, Vec<FuncHandle>) {
        let parts = || -> PyResult<(Vec<Bound<'py, PyAny>>, Vec<String>)> {
            let variants = self.class(handle);
            let variants = variants.unwrap_or_else(|| self.py.None());
            variants.bind(self.py).call_method0("functions")?.extract()
        };
        let (functions, texts) = parts().unwrap_or_default();
        let mut handles = Vec::new();
        for function in functions {
            if let GlobalValue::OmpFunction(handle) = self.classify(&function) {
                handles.push(handle);
            }
        }
        (format!("variants {texts:?}"), handles)
    }

    fn lookup(
        &self,
        function: &Bound<'py, PyAny>,
        name: &str,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let code = function.getattr("__code__")?;
        let free: Vec<String> = code.getattr("co_freevars")?.extract()?;
        if let Some(i) = free.iter().position(|f| f == name) {
            let cell = function.getattr("__closure__")?.get_item(i)?;
            // An empty cell raises ValueError: the name is not bound yet.
            return Ok(cell.getattr("cell_contents").ok());
        }
        let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
        if let Some(value) = globals.get_item(name)? {
            return Ok(Some(value));
        }
        Ok(self.py.import("builtins")?.getattr(name).ok())
    }

    fn classify(&self, value: &Bound<'py, PyAny>) -> GlobalValue {
        self.try_classify(value)
            .unwrap_or_else(|_| GlobalValue::Object(type_name(value)))
    }

    fn try_classify(&self, value: &Bound<'py, PyAny>) -> PyResult<GlobalValue> {
        if value.is_none() {
            return Ok(GlobalValue::None);
        }
        if let Ok(value) = value.cast_exact::<PyBool>() {
            return Ok(GlobalValue::Bool(value.is_true()));
        }
        if let Some(numpy) = numpy::get(self.py)
            && let Some(scalar) = numpy.scalar(value.get_type().as_type_ptr())
        {
            return numpy_scalar(value, scalar);
        }
        if value.is_instance_of::<PyInt>() {
            return Ok(match value.extract::<i64>() {
                Ok(value) => GlobalValue::Int(value),
                Err(_) => GlobalValue::Object("int of more than 64 bits".into()),
            });
        }
        if value.is_instance_of::<PyFloat>() {
            return Ok(GlobalValue::Float(value.extract()?));
        }
        if let Ok(value) = value.cast_exact::<PyComplex>() {
            return Ok(GlobalValue::Complex(
                value.getattr("real")?.extract()?,
                value.getattr("imag")?.extract()?,
            ));
        }
        if let Ok(value) = value.cast_exact::<PyString>() {
            return Ok(GlobalValue::Str(value.to_str()?.to_owned()));
        }
        if let Ok(items) = value.cast::<PyTuple>() {
            return Ok(GlobalValue::Tuple(
                items.iter().map(|item| self.classify(&item)).collect(),
            ));
        }
        if let Ok(module) = value.cast::<PyModule>() {
            return Ok(GlobalValue::Module(module.name()?.to_str()?.to_owned()));
        }
        if let Some(found) = class::inner(value) {
            return Ok(GlobalValue::OmpFunction(self.add(
                found.analysis.get(),
                found.function.bind(self.py),
                &found.choices.types,
            )));
        }
        if let Ok(class) = value.cast::<PyType>() {
            return self.class_value(class);
        }
        if type_name(value) == "Variants" && value.hasattr("declared")? {
            let handle = value.as_ptr() as u64;
            let mut classes = self.classes.borrow_mut();
            classes.insert(handle, value.clone().unbind());
            return Ok(GlobalValue::Variants(handle));
        }
        self.function_value(value)
    }

    fn class_value(&self, class: &Bound<'py, PyType>) -> PyResult<GlobalValue> {
        let name = class.name()?.to_str()?.to_owned();
        if class.is_subclass_of::<pyo3::exceptions::PyBaseException>()? {
            let handle = class.as_ptr() as u64;
            self.classes
                .borrow_mut()
                .insert(handle, class.clone().into_any().unbind());
            return Ok(GlobalValue::ExceptionClass { handle, name });
        }
        if let Some(numpy) = numpy::get(self.py)
            && let Some(scalar) = numpy.scalar(class.as_type_ptr())
        {
            return Ok(GlobalValue::Dtype(scalar));
        }
        if class.getattr("__module__")?.extract::<String>()? == "builtins" {
            return Ok(GlobalValue::Builtin(name));
        }
        Ok(GlobalValue::Object(format!("class {name}")))
    }

    fn function_value(&self, value: &Bound<'py, PyAny>) -> PyResult<GlobalValue> {
        if let Some(numpy) = numpy::get(self.py)
            && value.getattr("type").is_ok()
            && type_name(value).ends_with("DType")
            && let Ok(class) = value.getattr("type")?.cast::<PyType>()
            && let Some(scalar) = numpy.scalar(class.as_type_ptr())
        {
            return Ok(GlobalValue::Dtype(scalar));
        }
        let Ok(name) = value
            .getattr("__name__")
            .and_then(|name| name.extract::<String>())
        else {
            return Ok(GlobalValue::Object(type_name(value)));
        };
        let module = value
            .getattr("__module__")
            .and_then(|module| module.extract::<String>())
            .unwrap_or_default();
        let ufunc = type_name(value) == "ufunc";
        Ok(match module.as_str() {
            "builtins" => GlobalValue::Builtin(name),
            "math" => GlobalValue::MathFn(name),
            "cmath" => GlobalValue::CmathFn(name),
            "numpy" => GlobalValue::NumpyFn(name),
            _ if ufunc || module.starts_with("numpy.") => GlobalValue::NumpyFn(name),
            _ if name.starts_with("omp_")
                && (module == "omply" || module.starts_with("omply.")) =>
            {
                GlobalValue::Routine(name)
            }
            _ => GlobalValue::Object(format!("function {name}")),
        })
    }
}

/// The name of a value's class.
pub fn type_name(value: &Bound<'_, PyAny>) -> String {
    value
        .get_type()
        .name()
        .map_or_else(|_| "object".into(), |name| name.to_string())
}

fn numpy_scalar(value: &Bound<'_, PyAny>, scalar: Scalar) -> PyResult<GlobalValue> {
    let plain = value.call_method0("item")?;
    let number = match scalar {
        Scalar::Bool => NumpyValue::Bool(plain.extract()?),
        Scalar::F16 | Scalar::F32 | Scalar::F64 => NumpyValue::Float(plain.extract()?),
        Scalar::C64 | Scalar::C128 => NumpyValue::Complex(
            plain.getattr("real")?.extract()?,
            plain.getattr("imag")?.extract()?,
        ),
        Scalar::U64 => NumpyValue::Int(plain.extract::<u64>()? as i64),
        _ => NumpyValue::Int(plain.extract()?),
    };
    Ok(GlobalValue::NumpyScalar(scalar, number))
}

impl Env for Environment<'_> {
    fn global(&self, func: FuncHandle, name: &str) -> GlobalValue {
        let Some(known) = self.known(func) else {
            return GlobalValue::Unbound;
        };
        match self.lookup(known.function.bind(self.py), name) {
            Ok(Some(value)) => self.classify(&value),
            Ok(None) | Err(_) => GlobalValue::Unbound,
        }
    }

    fn attribute(&self, base: &GlobalValue, attr: &str) -> GlobalValue {
        let GlobalValue::Module(name) = base else {
            return GlobalValue::Unbound;
        };
        match self
            .py
            .import(name.as_str())
            .and_then(|module| module.getattr(attr))
        {
            Ok(value) => self.classify(&value),
            Err(_) => GlobalValue::Unbound,
        }
    }

    fn variant(
        &self,
        handle: u64,
        constructs: &[LeafKind],
        with_variants: bool,
    ) -> Result<GlobalValue, String> {
        let names: Vec<&str> = constructs.iter().map(|leaf| leaf.name()).collect();
        let choose = || -> PyResult<Option<Bound<'_, PyAny>>> {
            let Some(variants) = self.class(handle) else {
                return Ok(None);
            };
            let arguments = (names, with_variants);
            let chosen = variants.bind(self.py).call_method1("choose", arguments)?;
            Ok((!chosen.is_none()).then_some(chosen))
        };
        match choose() {
            Ok(Some(function)) => Ok(self.classify(&function)),
            Ok(None) => Err("the variant to call is known only when the program runs".to_owned()),
            Err(error) => Err(format!("the variant to call is not known: {error}")),
        }
    }

    fn function(&self, handle: FuncHandle) -> Option<OmpFunction> {
        self.known(handle).map(|known| OmpFunction {
            hir: known.hir,
            facts: known.facts,
            options: known.options,
        })
    }

    fn threadprivate_key(&self, func: FuncHandle, name: &str) -> String {
        let module = self.known(func).and_then(|known| {
            let globals = known.function.bind(self.py).getattr("__globals__").ok()?;
            globals.get_item("__name__").ok()?.extract::<String>().ok()
        });
        format!("{}.{name}", module.unwrap_or_default())
    }
}

/// Everything that a function's compiled form depends on beyond its own text: the values of the globals it names,
/// and the same of the `@omp` functions among them.
/// Also the functions in the order in which they were met, which is the same in every process.
pub fn transcript(env: &Environment<'_>, entry: FuncHandle) -> (String, Vec<FuncHandle>) {
    let mut text = String::new();
    let mut todo = vec![entry];
    let mut seen = Vec::new();
    while let Some(handle) = todo.pop() {
        if seen.contains(&handle) {
            continue;
        }
        seen.push(handle);
        let Some(known) = env.known(handle) else {
            continue;
        };
        text.push_str(&format!("function {:?}\n{}\n", known.options, known.source));
        for global in &known.hir.globals {
            let value = env.global(handle, &global.name);
            match &value {
                GlobalValue::OmpFunction(callee) => {
                    todo.push(*callee);
                    // Handles are addresses, which differ from run to run: the order of discovery does not.
                    text.push_str(&format!("{} = function\n", global.name));
                }
                GlobalValue::Variants(handle) => {
                    let (declared, functions) = env.variants(*handle);
                    text.push_str(&format!("{} = {declared}\n", global.name));
                    todo.extend(functions);
                }
                GlobalValue::ExceptionClass { handle, .. } => {
                    text.push_str(&format!("{} = {}\n", global.name, env.class_name(*handle)));
                }
                GlobalValue::Module(name) => {
                    text.push_str(&format!("{} = module {name}\n", global.name));
                    module_constants(env, &known, &global.name, &value, &mut text, &mut todo);
                }
                other => text.push_str(&format!("{} = {other:?}\n", global.name)),
            }
        }
    }
    (text, seen)
}

/// Attributes of modules that are the program's own (`config.N`) are values too; those of the standard modules
/// that native mode knows do not change. CPython's list of names used in the code says which are asked for.
fn module_constants(
    env: &Environment<'_>,
    known: &Known,
    global: &str,
    module: &GlobalValue,
    text: &mut String,
    todo: &mut Vec<FuncHandle>,
) {
    if let GlobalValue::Module(name) = module
        && ["numpy", "math", "cmath", "omply"].contains(&name.as_str())
    {
        return;
    }
    let names = known
        .function
        .bind(env.py)
        .getattr("__code__")
        .and_then(|code| code.getattr("co_names")?.extract::<Vec<String>>())
        .unwrap_or_default();
    for attr in names {
        match env.attribute(module, &attr) {
            GlobalValue::Unbound => {}
            GlobalValue::OmpFunction(callee) => {
                todo.push(callee);
                text.push_str(&format!("{global}.{attr} = function\n"));
            }
            GlobalValue::ExceptionClass { handle, .. } => {
                text.push_str(&format!("{global}.{attr} = {}\n", env.class_name(handle)));
            }
            value => text.push_str(&format!("{global}.{attr} = {value:?}\n")),
        }
    }
}
