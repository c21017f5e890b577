//! From a decorated function and a signature to code that can be called: look in the object cache, else lower,
//! transform and generate code. Runs once per signature.

use super::args;
use super::artefact::{Artefact, Place};
use super::device::{Origins, Regions, Source};
use super::environment::{Environment, transcript};
use super::{explain, readonly, results};
use crate::function::Analysis;
use omply_codegen::cache::{Cache, Entry, Key};
use omply_codegen::config::Config;
use omply_diagnostics::{Code, Diagnostic, SourceFile, Span};
use omply_ir::{Inst, Module, Op};
use omply_types::{FuncHandle, Options, Signature, Ty};
use pyo3::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// One signature's code.
pub struct Compiled {
    /// Keeps the code loaded.
    loaded: omply_codegen::Loaded,
    pub ret: Ty,
    pub ret_words: usize,
    /// See `Artefact::brief`.
    pub brief: bool,
    pub sites: Vec<Place>,
    /// By `Place::function`: file name, line of `def` and name.
    pub functions: Vec<(String, u32, String)>,
    /// Exception classes by `Place::class`.
    pub classes: Vec<Py<PyAny>>,
    /// Keeps the function's `target` regions known to devices.
    _regions: Option<Regions>,
}

impl Compiled {
    #[inline]
    pub fn entry(&self) -> omply_codegen::EntryFn {
        self.loaded.entry()
    }

    /// File, line and function of a place that can raise.
    pub fn location(&self, site: u32) -> (&str, u32, &str) {
        let place = self.sites.get(site as usize);
        let function = place.and_then(|place| self.functions.get(place.function as usize));
        match (place, function) {
            (Some(place), Some((file, def, name))) => (file, def + place.line, name),
            _ => ("", 0, ""),
        }
    }
}

/// Why there is no code.
pub enum Failure {
    /// The function cannot be typed for these arguments: findings by file.
    Untypable(Vec<(Arc<SourceFile>, Vec<Diagnostic>)>),
    /// A defect of the compiler.
    Internal(String),
    Python(PyErr),
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Failure {
        Failure::Python(error)
    }
}

/// What the user chose for a function, beyond what inference needs to know.
#[derive(Clone, Debug)]
pub struct Choices {
    pub types: Options,
    pub codegen: omply_codegen::Options,
}

fn config() -> &'static (Config, Cache) {
    static CONFIG: OnceLock<(Config, Cache)> = OnceLock::new();
    CONFIG.get_or_init(|| {
        let config = Config::from_env();
        let cache = Cache::open(&config);
        (config, cache)
    })
}

/// The object cache.
pub fn cache() -> &'static Cache {
    &config().1
}

pub fn compile(
    py: Python<'_>,
    analysis: &Analysis,
    function: &Bound<'_, PyAny>,
    choices: &Choices,
    keys: &[args::Key],
) -> Result<Compiled, Failure> {
    let env = Environment::new(py);
    let handle = env.add(analysis, function, &choices.types);
    let signature = Signature {
        params: args::types(keys),
    };
    let (config, cache) = config();
    let mut codegen = choices.codegen.clone();
    codegen.dump = config.dump;
    codegen.explain = explain::is_asked();
    codegen.opt_level = config.opt_level.unwrap_or(codegen.opt_level);
    let (transcript, order) = transcript(&env, handle);
    let key = Key::new(&[
        env!("OMPLY_COMPILER").as_bytes(),
        signature.to_string().as_bytes(),
        // Read-only arguments are refused or not after lowering; what a cached entry says must hold for them.
        format!("{:?}", args::read_only(keys)).as_bytes(),
        format!("{codegen:?}").as_bytes(),
        transcript.as_bytes(),
    ]);
    // A dump or an explanation tells what compilation does, so it has to happen.
    if !config.dump.any()
        && !codegen.explain
        && let Some(entry) = cache.get(&key)
        && let Some(compiled) = from_cache(
            py,
            &entry,
            functions(&env, &order),
            sources(&env, &order),
            &codegen,
        )
    {
        return Ok(compiled);
    }
    let lowered = omply_types::lower(handle, &signature, &env, &choices.types)
        .map_err(|found| Failure::Untypable(by_file(found, &env, analysis)))?;
    let unsupported = env.unsupported();
    if !unsupported.is_empty() {
        return Err(Failure::Untypable(by_file(unsupported, &env, analysis)));
    }
    let read_only = args::read_only(keys);
    if read_only.contains(&true)
        && let Some((func, span)) = readonly::first_write(&lowered.module, &read_only)
    {
        let function = lowered
            .functions
            .get(func.0 as usize)
            .copied()
            .unwrap_or(handle);
        let text = "a read-only array may be written to here";
        let diagnostic = Diagnostic::error(Code::ArgumentType, span, text)
            .note(format!(
                "the call's arguments are {signature}, with a read-only array among them"
            ))
            .help("pass a writable array, for example `x.copy()`");
        let found = vec![omply_types::Failure {
            function,
            diagnostic,
        }];
        return Err(Failure::Untypable(by_file(found, &env, analysis)));
    }
    let classes: Vec<Py<PyAny>> = lowered
        .classes
        .iter()
        .map(|&class| env.class(class).unwrap_or_else(|| py.None()))
        .collect();
    let mut artefact = Artefact {
        regions: String::new(),
        origins: Vec::new(),
        brief: is_brief(&lowered.module),
        sites: places(&lowered, &env, &order),
        ret: lowered.ret,
        classes: classes
            .iter()
            .map(|class| name_of(class.bind(py)))
            .collect::<PyResult<_>>()?,
    };
    let origins = origins(&lowered.module, &lowered.functions, &env, &order);
    let names = lowered.module.funcs.iter().map(|func| func.name.clone());
    let instances: Vec<(String, FuncHandle)> = names.zip(lowered.functions).collect();
    let (object, regions, missed) = py
        .detach(|| generate(lowered.module, &codegen, &origins))
        .map_err(Failure::Internal)?;
    explain::keep(missed, &instances, &signature, &env);
    (artefact.regions, artefact.origins) = regions;
    cache.put(
        &key,
        &Entry {
            object: object.clone(),
            metadata: artefact.encode(),
        },
    );
    let functions = functions(&env, &order);
    let sources = sources(&env, &order);
    load(&object, artefact, functions, sources, classes, &codegen).map_err(Failure::Internal)
}

/// Findings of several functions, by the file they are about; the entry function's file comes first.
fn by_file(
    found: Vec<omply_types::Failure>,
    env: &Environment<'_>,
    analysis: &Analysis,
) -> Vec<(Arc<SourceFile>, Vec<Diagnostic>)> {
    let mut files: Vec<(Arc<SourceFile>, Vec<Diagnostic>)> =
        vec![(analysis.file.clone(), Vec::new())];
    for failure in found {
        let file = env
            .file_of(failure.function)
            .unwrap_or_else(|| analysis.file.clone());
        match files.iter_mut().find(|(known, _)| known.name == file.name) {
            Some((_, diagnostics)) => diagnostics.push(failure.diagnostic),
            None => files.push((file, vec![failure.diagnostic])),
        }
    }
    files.retain(|(_, diagnostics)| !diagnostics.is_empty());
    files
}

type Generated = (
    Vec<u8>,
    (String, Vec<(u32, u32)>),
    Vec<omply_codegen::explain::MissedLoop>,
);

/// The object; the IR of the regions that devices compile for themselves, with `Artefact::origins`; and the loops that were to
/// become vector code and did not.
fn generate(
    mut module: Module,
    options: &omply_codegen::Options,
    origins: &HashMap<String, (u32, u32)>,
) -> Result<Generated, String> {
    let regions = omply_transform::target::split(&mut module);
    omply_transform::run(&mut module, &omply_transform::Options::default());
    let (object, missed) =
        omply_codegen::compile_explained(&module, options).map_err(|error| error.to_string())?;
    let regions = regions.map_or_else(Default::default, |regions| regions_text(regions, origins));
    Ok((object, regions, missed))
}

fn regions_text(
    mut regions: Module,
    origins: &HashMap<String, (u32, u32)>,
) -> (String, Vec<(u32, u32)>) {
    let mut places = Vec::new();
    for func in &mut regions.funcs {
        // A region is called after the function that it was taken out of.
        let name = match func.kind {
            omply_ir::FuncKind::Target => func.name.split(".target.").next(),
            _ => Some(func.name.as_str()),
        };
        let (function, def) = name
            .and_then(|name| origins.get(name))
            .copied()
            .unwrap_or_default();
        let count = |span: &mut Span| {
            span.start = span.start.saturating_sub(def);
            span.end = span.end.saturating_sub(def);
        };
        count(&mut func.span);
        func.slots.iter_mut().for_each(|slot| count(&mut slot.span));
        func.body.walk_mut(&mut |inst| count(&mut inst.span));
        places.push((function, func.span.start));
    }
    (omply_ir::text::with_spans(&regions).to_string(), places)
}

/// For each function of the IR, by its name: its number among those compiled together, and where its `def` stands in its file.
fn origins(
    module: &Module,
    functions: &[FuncHandle],
    env: &Environment<'_>,
    order: &[FuncHandle],
) -> HashMap<String, (u32, u32)> {
    let funcs = module.funcs.iter().zip(functions);
    funcs
        .filter_map(|(func, handle)| {
            let number = order.iter().position(|met| met == handle)?;
            let known = env.known(*handle)?;
            Some((func.name.clone(), (number as u32, known.hir.span.start)))
        })
        .collect()
}

/// The files of the functions compiled together, and where in them they begin.
fn sources(env: &Environment<'_>, order: &[FuncHandle]) -> Vec<Source> {
    order
        .iter()
        .map(|&function| {
            let known = env.known(function)?;
            let name = known.hir.name.clone();
            Some((known.file, known.hir.span.start, name))
        })
        .collect()
}

fn is_brief(module: &Module) -> bool {
    let lasting = |inst: &Inst| {
        matches!(
            inst.op,
            Op::For { .. }
                | Op::While { .. }
                | Op::Loop(_)
                | Op::Parallel { .. }
                | Op::Teams(_)
                | Op::Target(_)
                | Op::TargetData(_)
                | Op::TargetMove(_)
                | Op::DeviceArray { .. }
                | Op::Call { .. }
                | Op::Task(_)
                | Op::TaskGroup { .. }
                | Op::TaskWait { .. }
                | Op::TaskYield
                | Op::Routine {
                    routine: omply_ir::Routine::Lock,
                    ..
                }
                | Op::Barrier
                | Op::Cancel { .. }
                | Op::DoacrossBegin { .. }
                | Op::Single { .. }
                | Op::CopyPrivate { .. }
                | Op::Critical { .. }
                | Op::Ordered { .. }
                | Op::Alloc { .. }
                | Op::ArrayCopy { .. }
                | Op::ArrayFill { .. }
                | Op::ArrayCombine { .. }
                | Op::Reduce { .. }
        )
    };
    !module.funcs.iter().any(|func| func.body.any(&lasting))
}

/// The module's sites, by function and line in it.
fn places(
    lowered: &omply_types::Lowered,
    env: &Environment<'_>,
    order: &[FuncHandle],
) -> Vec<Place> {
    let sites = lowered.module.sites.iter().zip(&lowered.site_functions);
    sites
        .map(|(site, &function)| {
            let index = order.iter().position(|&met| met == function);
            let line = env
                .file_of(function)
                .map_or(0, |file| file.position(site.span.start).line);
            let def = env.place_of(function).map_or(0, |(_, line, _)| line);
            Place {
                error: site.error,
                class: site.class,
                message: site.message.clone(),
                function: index.unwrap_or_default() as u32,
                line: line.saturating_sub(def),
            }
        })
        .collect()
}

/// Where the functions compiled together stand now.
fn functions(env: &Environment<'_>, order: &[FuncHandle]) -> Vec<(String, u32, String)> {
    order
        .iter()
        .map(|&function| env.place_of(function).unwrap_or_default())
        .collect()
}

fn name_of(class: &Bound<'_, PyAny>) -> PyResult<(String, String)> {
    Ok((
        class.getattr("__module__")?.extract()?,
        class.getattr("__qualname__")?.extract()?,
    ))
}

fn from_cache(
    py: Python<'_>,
    entry: &Entry,
    functions: Vec<(String, u32, String)>,
    sources: Vec<Source>,
    options: &omply_codegen::Options,
) -> Option<Compiled> {
    let artefact = Artefact::decode(&entry.metadata)?;
    let mut classes = Vec::new();
    for (module, name) in &artefact.classes {
        let mut object = py.import(module.as_str()).ok()?.into_any();
        for part in name.split('.') {
            object = object.getattr(part).ok()?;
        }
        classes.push(object.unbind());
    }
    load(
        &entry.object,
        artefact,
        functions,
        sources,
        classes,
        options,
    )
    .ok()
}

fn load(
    object: &[u8],
    artefact: Artefact,
    functions: Vec<(String, u32, String)>,
    sources: Vec<Source>,
    classes: Vec<Py<PyAny>>,
    options: &omply_codegen::Options,
) -> Result<Compiled, String> {
    // Errors of one call come from one module only, so that the cookie tells nothing more here.
    let regions = (!artefact.regions.is_empty()).then(|| {
        let origins = Origins {
            functions: sources,
            of: artefact.origins,
        };
        Regions::new(artefact.regions, origins, options.clone())
    });
    let source = regions.as_ref().map_or(0, Regions::id);
    let loaded = omply_codegen::load_with_regions(object, 1, source);
    let loaded = loaded.map_err(|error| error.message)?;
    Ok(Compiled {
        _regions: regions,
        loaded,
        ret_words: results::words(&artefact.ret),
        brief: artefact.brief,
        ret: artefact.ret,
        sites: artefact.sites,
        functions,
        classes,
    })
}
