//! Lowers functions of a Python text whose names are resolved from a fixed table.

#![allow(dead_code, reason = "each test file uses a part of it")]

use omply_diagnostics::{Diagnostic, SourceFile, Style, render};
use omply_syntax::{Module, Request};
use omply_types::{
    ArrayType, Env, ErrorModel, FuncHandle, GlobalValue, Layout, Lowered, OmpFunction, Options,
    Scalar, Signature, Ty,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A Python file as the dispatcher would know it.
pub struct File {
    pub source: String,
    functions: Vec<(String, OmpFunction)>,
    pub globals: BTreeMap<String, GlobalValue>,
}

impl File {
    pub fn new(source: &str) -> File {
        File::with_options(source, Options::default())
    }

    /// Every function that is decorated with `@omp` is one of the file's.
    pub fn with_options(source: &str, options: Options) -> File {
        let module =
            Module::parse(source).unwrap_or_else(|errors| panic!("{}", show(source, &errors)));
        let mut functions = Vec::new();
        let lines: Vec<&str> = source.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let Some(rest) = line.strip_prefix("def ") else {
                continue;
            };
            let name = rest.split('(').next().unwrap_or_default().to_owned();
            let first = (0..i)
                .rev()
                .take_while(|&k| lines[k].starts_with('@'))
                .last()
                .unwrap_or(i);
            let request = Request {
                line: first as u32 + 1,
                name: name.clone(),
                omp: vec!["omp".to_owned()],
            };
            let parsed = module
                .function(&request)
                .unwrap_or_else(|errors| panic!("{}", show(source, &errors)));
            let (facts, found) = omply_analysis::analyse(&parsed.function, source);
            let errors: Vec<Diagnostic> = found.into_iter().filter(Diagnostic::is_error).collect();
            assert!(errors.is_empty(), "{}", show(source, &errors));
            functions.push((
                name,
                OmpFunction {
                    hir: Arc::new(parsed.function),
                    facts: Arc::new(facts),
                    options: options.clone(),
                },
            ));
        }
        File {
            source: source.to_owned(),
            functions,
            globals: BTreeMap::new(),
        }
    }

    /// Lowers the file's last function.
    pub fn lower(&self, params: &[Ty]) -> Result<Lowered, String> {
        let last = self.functions.len() - 1;
        let sig = Signature {
            params: params.to_vec(),
        };
        let options = self.functions[last].1.options.clone();
        omply_types::lower(FuncHandle(last as u64), &sig, self, &options).map_err(|failures| {
            let diagnostics: Vec<Diagnostic> = failures
                .into_iter()
                .map(|failure| failure.diagnostic)
                .collect();
            show(&self.source, &diagnostics)
        })
    }

    /// The IR of the file's last function, verified.
    pub fn ir(&self, params: &[Ty]) -> String {
        let lowered = self
            .lower(params)
            .unwrap_or_else(|errors| panic!("{errors}"));
        let text = lowered.module.to_string();
        if let Err(errors) =
            omply_ir::verify::verify(&lowered.module, omply_ir::verify::Phase::Regions)
        {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}\n{text}", errors.join("\n"));
        }
        text
    }

    /// The type of the result.
    pub fn ret(&self, params: &[Ty]) -> String {
        self.ir(params);
        self.lower(params)
            .map(|lowered| lowered.ret.to_string())
            .unwrap_or_else(|errors| errors)
    }

    /// The rendered errors.
    pub fn errors(&self, params: &[Ty]) -> String {
        match self.lower(params) {
            Ok(lowered) => panic!("no error:\n{}", lowered.module),
            Err(errors) => errors,
        }
    }
}

fn show(source: &str, diagnostics: &[Diagnostic]) -> String {
    render(
        diagnostics,
        &SourceFile::new("example.py", source),
        Style::Plain,
    )
}

pub fn array(elem: Scalar, ndim: u8) -> Ty {
    Ty::Array(ArrayType {
        elem,
        ndim,
        layout: Layout::C,
    })
}

pub fn numpy_model() -> Options {
    Options {
        error_model: ErrorModel::Numpy,
        ..Options::default()
    }
}

const BUILTINS: &[&str] = &[
    "abs",
    "bool",
    "complex",
    "divmod",
    "enumerate",
    "float",
    "int",
    "len",
    "max",
    "min",
    "pow",
    "print",
    "range",
    "reversed",
    "round",
    "sorted",
    "sum",
    "zip",
];

const DTYPES: &[(&str, Scalar)] = &[
    ("bool_", Scalar::Bool),
    ("int8", Scalar::I8),
    ("int16", Scalar::I16),
    ("int32", Scalar::I32),
    ("int64", Scalar::I64),
    ("uint8", Scalar::U8),
    ("uint16", Scalar::U16),
    ("uint32", Scalar::U32),
    ("uint64", Scalar::U64),
    ("float16", Scalar::F16),
    ("float32", Scalar::F32),
    ("float64", Scalar::F64),
    ("complex64", Scalar::C64),
    ("complex128", Scalar::C128),
];

impl Env for File {
    fn global(&self, _: FuncHandle, name: &str) -> GlobalValue {
        if let Some(value) = self.globals.get(name) {
            return value.clone();
        }
        if let Some(index) = self.functions.iter().position(|(other, _)| other == name) {
            return GlobalValue::OmpFunction(FuncHandle(index as u64));
        }
        match name {
            "np" => GlobalValue::Module("numpy".to_owned()),
            "math" | "cmath" | "omply" | "os" => GlobalValue::Module(name.to_owned()),
            "ValueError" => GlobalValue::ExceptionClass {
                handle: 1,
                name: name.to_owned(),
            },
            "RuntimeError" => GlobalValue::ExceptionClass {
                handle: 2,
                name: name.to_owned(),
            },
            _ if name.starts_with("omp_") => GlobalValue::Routine(name.to_owned()),
            _ if BUILTINS.contains(&name) => GlobalValue::Builtin(name.to_owned()),
            _ => GlobalValue::Unbound,
        }
    }

    fn attribute(&self, base: &GlobalValue, attr: &str) -> GlobalValue {
        let GlobalValue::Module(module) = base else {
            return GlobalValue::Unbound;
        };
        match (module.as_str(), attr) {
            ("math" | "numpy" | "cmath", "pi") => GlobalValue::Float(std::f64::consts::PI),
            ("math" | "numpy", "inf") => GlobalValue::Float(f64::INFINITY),
            ("math", _) => GlobalValue::MathFn(attr.to_owned()),
            ("cmath", _) => GlobalValue::CmathFn(attr.to_owned()),
            ("numpy", _) => match DTYPES.iter().find(|(name, _)| *name == attr) {
                Some((_, scalar)) => GlobalValue::Dtype(*scalar),
                None => GlobalValue::NumpyFn(attr.to_owned()),
            },
            ("omply", _) => GlobalValue::Routine(attr.to_owned()),
            _ => GlobalValue::Unbound,
        }
    }

    fn function(&self, handle: FuncHandle) -> Option<OmpFunction> {
        self.functions
            .get(handle.0 as usize)
            .map(|(_, function)| function.clone())
    }
}
