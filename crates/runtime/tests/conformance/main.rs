//! The conformance suite: one small C program for each feature and clause of OpenMP (`programs/FEATURE/NAME.c`), compiled by clang
//! and by gcc against the drop-in libraries and run with 1, 2, 4 and 17 threads. Prints a table by feature.
//!
//! usage: cargo test -p omply-runtime --test conformance -- [--leg clang|gcc] [--library FOLDER] [--stress] [FILTER...]
//!
//! `--library` runs the programs on another OpenMP library instead (of clang's or gcc's own, to check the programs), `--stress`
//! repeats them under random delays (`stress.rs`). FILTER: parts of FEATURE/NAME.
//! Without a compiler the suite is left out, with a word on why; with `CI=1` that is an error.

mod program;
mod stress;
mod table;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use program::Program;
use table::{Known, Table};
use toolchain::{Leg, Toolchain};

/// Team sizes every program runs with, unless it names its own.
const THREADS: [u32; 4] = [1, 2, 4, 17];

struct Options {
    legs: Vec<Leg>,
    library: Option<PathBuf>,
    stress: bool,
    filters: Vec<String>,
}

impl Options {
    fn parse() -> Result<Self, String> {
        let mut options = Self {
            legs: vec![Leg::Clang, Leg::Gcc],
            library: None,
            stress: false,
            filters: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--leg" => {
                    let name = arguments.next().unwrap_or_default();
                    let leg = Leg::named(&name).ok_or(format!("--leg {name}: clang or gcc"))?;
                    options.legs = vec![leg];
                }
                "--library" => {
                    options.library = Some(arguments.next().ok_or("--library FOLDER")?.into());
                }
                "--stress" => options.stress = true,
                // What `cargo test -- ...` may pass to every test program.
                flag if flag.starts_with('-') => {}
                filter => options.filters.push(filter.to_owned()),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("conformance: {message}");
            ExitCode::FAILURE
        }
    }
}

/// True: all as expected.
fn run() -> Result<bool, String> {
    let options = Options::parse()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut programs = program::all(&folder.join("programs"))?;
    if options.stress {
        programs.extend(stress::benchmarks());
    }
    programs.retain(|program| {
        let all = options.filters.is_empty();
        all || options
            .filters
            .iter()
            .any(|filter| program.name.contains(filter.as_str()))
    });
    if programs.is_empty() {
        println!("conformance: no program has that name");
        return Ok(true);
    }
    if options.stress {
        return stress::run(&programs, &folder);
    }
    let strict = std::env::var_os("CI").is_some();
    let mut fine = true;
    for &leg in &options.legs {
        match Toolchain::find(leg, options.library.as_deref(), "") {
            Ok(toolchain) => {
                let known = if options.library.is_some() {
                    Known::default()
                } else {
                    Known::read(&folder.join("known_missing.txt"), leg, &programs)?
                };
                fine &= run_leg(&toolchain, &programs, &known);
            }
            Err(reason) if strict => return Err(reason),
            Err(reason) => println!("conformance: {} left out: {reason}", leg.name()),
        }
    }
    Ok(fine)
}

/// Compiles and runs all programs, on as many threads as there are processors.
fn run_leg(toolchain: &Toolchain, programs: &[Program], known: &Known) -> bool {
    let started = std::time::Instant::now();
    let table = Mutex::new(Table::default());
    each_in_parallel(programs, |program| {
        if program.skipped(toolchain.leg).is_some() {
            return table.lock().unwrap().skipped(program);
        }
        let failure = check(toolchain, program).err();
        table.lock().unwrap().add(program, failure, known);
    });
    let table = table.into_inner().unwrap();
    println!("conformance with {}", toolchain.description);
    table.print();
    println!("{:.0} seconds", started.elapsed().as_secs_f32());
    table.fine()
}

fn each_in_parallel(programs: &[Program], work: impl Fn(&Program) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(program);
                }
            });
        }
    });
}

/// One program with all its team sizes; the error says which failed and how.
fn check(toolchain: &Toolchain, program: &Program) -> Result<(), String> {
    let binary = toolchain.compile(program)?;
    let sizes = program.threads.as_deref().unwrap_or(&THREADS);
    let mut failures = Vec::new();
    for &threads in sizes {
        let environment = [("OMP_NUM_THREADS".to_owned(), threads.to_string())];
        if let Err(message) = toolchain.execute(program, &binary, &environment, &[]) {
            let hangs = message.starts_with("hangs");
            failures.push(format!("{threads} threads: {message}"));
            if hangs {
                break;
            }
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n"))
    }
}
