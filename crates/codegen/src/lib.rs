//! IR (phase Flat) to LLVM IR to object code for the host; loading of objects; the object cache; and what generated
//! code calls at run time.
//!
//! ```text
//! compile(module, options) -> object bytes      lower/   one file per family of operations
//! load(object, cookie)     -> Loaded (entry)    jit      ORC, one instance per process
//! Cache::open / get / put                       cache    object and caller's metadata on disk
//! support::take_error, release_owner            support  errors and array memory after a call
//! ```

pub mod cache;
pub mod config;
pub mod device;
pub mod explain;
mod jit;
mod llvm;
mod lower;
pub mod support;

pub use jit::{EntryFn, LoadError, Loaded, load, load_with_regions};

use std::time::Duration;

use llvm::Llvm;
use llvm::machine::Machine;
use omply_ir::verify::{Phase, verify};
use omply_runtime::at_fork;

/// How a module is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// 0 to 3.
    pub opt_level: u8,
    /// Products and sums may be fused into one rounding, as C compilers do.
    pub contract: bool,
    /// Reductions combine in the order of thread numbers.
    pub reproducible: bool,
    /// What to print on standard error.
    pub dump: config::Dump,
    /// Find out which loops did not become vector code.
    pub explain: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            opt_level: 3,
            contract: true,
            reproducible: false,
            dump: config::Dump::default(),
            explain: false,
        }
    }
}

/// Why a module could not be compiled: a defect of an earlier layer or of LLVM, never of the user's program.
#[derive(Clone, Debug)]
pub struct CodegenError {
    pub message: String,
    /// Code for devices: the function's number in the module, and the place in it.
    pub place: Option<(usize, omply_diagnostics::Span)>,
}

impl std::fmt::Display for CodegenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code generation failed: {}", self.message)
    }
}

impl std::error::Error for CodegenError {}

/// Compiles a module of phase Flat to an object for this machine.
///
/// The object defines `omply_entry(args: *const u64, rets: *mut u64) -> i32`, which calls the module's entry function. Words:
/// a scalar is one (booleans and integers extended by their signedness, floats as bits in the low part), a complex number two
/// (real, imaginary), an array `data, owner, shape.., strides in bytes..`, a tuple its items one after another, `Unit` none.
/// A returned array whose owner is null is a view of memory that the caller passed in; one with an owner is the caller's to
/// release with [`support::release_owner`]. A nonzero result means an error: see [`support::take_error`].
pub fn compile(module: &omply_ir::Module, options: &Options) -> Result<Vec<u8>, CodegenError> {
    compile_explained(module, options).map(|(object, _)| object)
}

/// The same, with the loops that were to become vector code and did not; none unless `options` asks for them.
pub fn compile_explained(
    module: &omply_ir::Module,
    options: &Options,
) -> Result<(Vec<u8>, Vec<explain::MissedLoop>), CodegenError> {
    let _no_fork = at_fork::forbid();
    let mut phases = Phases::new(options.dump.time);
    let (machine, llvm, missed) = optimised(module, options, &mut phases)?;
    if options.dump.assembly {
        eprintln!("{}", machine.assembly(&llvm).map_err(fail)?);
    }
    let object = machine.object(&llvm).map_err(fail)?;
    phases.end("emit");
    Ok((object, missed))
}

/// The assembly that [`compile`] would make, for people and tests.
pub fn assembly(module: &omply_ir::Module, options: &Options) -> Result<String, CodegenError> {
    let _no_fork = at_fork::forbid();
    let (machine, llvm, _) = optimised(module, options, &mut Phases::new(false))?;
    machine.assembly(&llvm).map_err(fail)
}

/// Everything before the emission of code.
fn optimised(
    module: &omply_ir::Module,
    options: &Options,
    phases: &mut Phases,
) -> Result<(Machine, Llvm, Vec<explain::MissedLoop>), CodegenError> {
    verify(module, Phase::Flat).map_err(|errors| {
        let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
        fail(format!(
            "the module breaks rules of its phase: {}",
            list.join("; ")
        ))
    })?;
    phases.end("check");
    let machine = Machine::host(options.opt_level).map_err(fail)?;
    phases.end("machine");
    let llvm = Llvm::new(&module.name, llvm::Memory::default());
    machine.configure(&llvm);
    let llvm = lower::lower(llvm, module, options, None)?.ll;
    if options.dump.llvm {
        eprintln!("{}", llvm.print());
    }
    llvm.verify().map_err(fail)?;
    phases.end("lower");
    let missed = if options.explain {
        let mut remarks = llvm::remarks::Remarks::default();
        llvm.listen(&mut remarks);
        let done = machine.optimise(&llvm);
        llvm.ignore();
        done.map_err(fail)?;
        explain::missed(explain::wanted(module), &remarks)
    } else {
        machine.optimise(&llvm).map_err(fail)?;
        Vec::new()
    };
    phases.end("optimise");
    if options.dump.optimised {
        eprintln!("{}", llvm.print());
    }
    Ok((machine, llvm, missed))
}

pub(crate) fn fail(message: String) -> CodegenError {
    CodegenError {
        message,
        place: None,
    }
}

/// Prints the processor time of phases, when asked to.
struct Phases {
    last: Option<Duration>,
}

impl Phases {
    fn new(on: bool) -> Self {
        Self {
            last: on.then(processor_time),
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(last) = &mut self.last {
            let now = processor_time();
            eprintln!("{name}: {:.2} ms", (now - *last).as_secs_f64() * 1e3);
            *last = now;
        }
    }
}

/// Of the calling thread.
fn processor_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a valid place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
