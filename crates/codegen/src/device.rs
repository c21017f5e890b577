//! Compiles `target` regions for devices: from IR in phase Regions to PTX, a code object or SPIR-V.

mod limits;

use std::collections::HashMap;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use omply_diagnostics::Span;
use omply_ir::{Const, Module, Op, ValueId};
use omply_runtime::at_fork;
use omply_transform::device::{Kernel, Unsupported};

use crate::llvm::machine::Machine;
use crate::llvm::{Llvm, Memory, guard, spirv};
use crate::lower::device::{Device, KERNEL, Kind, MOST_THREADS, TEAM};
use crate::{CodegenError, Options, config, fail, lower};

/// What to compile for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DeviceTarget {
    /// `sm`: compute capability, 90 for 9.0. `ptx`: the newest PTX version that the driver takes, 80 for 8.0.
    Nvptx { sm: u32, ptx: u32 },
    /// `gfx90a`, with features as the driver spells them (`gfx90a:sramecc+:xnack-`).
    Amdgpu { gfx: String },
    Spirv {
        /// The newest version that the driver takes.
        version: (u32, u32),
        /// SPIR-V extensions (`SPV_...`) that the driver is known to take.
        extensions: Vec<String>,
        fp64: bool,
        int64_atomics: bool,
        /// Atomic addition of doubles in global memory.
        fp64_atomic_add: bool,
        subgroups: bool,
    },
}

/// A region's code for a device.
#[derive(Clone, Debug)]
pub struct DeviceImage {
    /// PTX text, a code object, or SPIR-V.
    pub bytes: Vec<u8>,
    /// Name of the kernel.
    pub kernel: String,
    /// No thread does anything for the others.
    pub spmd: bool,
    /// Static memory of a team, in bytes.
    pub shared_bytes: u32,
    /// Threads of a team that suit the kernel; 0: no preference.
    pub preferred_threads: u32,
    /// Arrays are cut from the heap that the error record tells of.
    pub needs_heap: bool,
}

/// Why a region cannot run on a device.
#[derive(Clone, Debug)]
pub enum DeviceCodeError {
    /// The region holds what devices do not run yet.
    Unsupported(Unsupported),
    /// Something that the device's maker provides is not on this machine.
    Missing(String),
    Failed(CodegenError),
}

impl std::fmt::Display for DeviceCodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeviceCodeError::Unsupported(what) => what.fmt(f),
            DeviceCodeError::Missing(what) => f.write_str(what),
            DeviceCodeError::Failed(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for DeviceCodeError {}

impl From<CodegenError> for DeviceCodeError {
    fn from(error: CodegenError) -> Self {
        DeviceCodeError::Failed(error)
    }
}

impl DeviceCodeError {
    /// What the error is about, if a place in the region.
    pub fn place(&self) -> Option<DevicePlace> {
        let (func, span) = match self {
            DeviceCodeError::Unsupported(what) => (what.func, what.span),
            DeviceCodeError::Failed(error) => error.place?,
            DeviceCodeError::Missing(_) => return None,
        };
        Some(DevicePlace { func, span })
    }
}

/// A place in the module that was to be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicePlace {
    /// The function's number.
    pub func: usize,
    pub span: Span,
}

/// Compiles the target region that is function `index` of a module in phase Regions.
pub fn compile(
    module: &Module,
    index: usize,
    target: &DeviceTarget,
    options: &Options,
) -> Result<DeviceImage, DeviceCodeError> {
    let _no_fork = at_fork::forbid();
    let threads = Threads::of(module);
    let Kernel { module, sources } =
        omply_transform::device::run(module, index, true).map_err(DeviceCodeError::Unsupported)?;
    limits::check(&module, &sources, target).map_err(DeviceCodeError::Unsupported)?;
    let span = module.funcs[0].span;
    let (target, options) = (target.clone(), options.clone());
    let built = guard::run(move || build(&module, &target, threads, &options));
    let place = match &built {
        Ok(Err(DeviceCodeError::Failed(CodegenError {
            place: Some((func, span)),
            ..
        }))) => (sources[*func], *span),
        // Of a back end's own errors it is not known where they come from.
        _ => (index, span),
    };
    match built {
        Ok(Err(DeviceCodeError::Failed(mut error))) => {
            error.place = Some(place);
            Err(DeviceCodeError::Failed(error))
        }
        Ok(done) => done,
        Err(message) => Err(DeviceCodeError::Failed(CodegenError {
            message: format!("LLVM cannot translate it: {}", message.trim()),
            place: Some(place),
        })),
    }
}

/// How many threads a team of the kernel gets.
#[derive(Clone, Copy)]
struct Threads {
    preferred: u32,
    /// Launches never ask for more; the fewer, the more registers each may have.
    most: u32,
}

impl Threads {
    /// As the clauses of a module's regions say where they are constants. Without any the launch goes by what is preferred.
    fn of(module: &Module) -> Threads {
        const USUAL: u32 = 128;
        const MOST: u32 = MOST_THREADS as u32;
        let mut threads = Threads {
            preferred: USUAL,
            most: USUAL,
        };
        for func in &module.funcs {
            let mut ints = HashMap::new();
            func.body.walk(&mut |inst| {
                if let Op::Const(Const::Int(_, value)) = inst.op {
                    ints.insert(inst.results[0], value);
                }
            });
            let known = |value: &ValueId| {
                let value = ints.get(value).copied();
                value.map_or(MOST, |value| value.clamp(1, MOST.into()) as u32)
            };
            func.body.walk(&mut |inst| match &inst.op {
                Op::Parallel {
                    num_threads: Some(wanted),
                    ..
                } => threads.most = threads.most.max(known(wanted)),
                Op::Teams(teams) => {
                    if let Some(limit) = teams.clauses.thread_limit
                        && ints.contains_key(&limit)
                    {
                        // Who bounds the number by a constant has it in mind.
                        threads.preferred = known(&limit);
                        threads.most = threads.most.max(threads.preferred);
                    }
                }
                _ => {}
            });
        }
        threads
    }

    /// Tells the back end.
    fn bound(self, ll: &Llvm, device: Device) {
        let kernel = ll.function_named(KERNEL);
        match device.kind {
            Kind::Nvptx => ll.mark_text(kernel, "nvvm.maxntid", &self.most.to_string()),
            Kind::Amdgpu => {
                let range = format!("1,{}", self.most);
                ll.mark_text(kernel, "amdgpu-flat-work-group-size", &range);
            }
            Kind::Spirv => {}
        }
    }
}

fn build(
    kernel: &Module,
    target: &DeviceTarget,
    threads: Threads,
    options: &Options,
) -> Result<DeviceImage, DeviceCodeError> {
    let meets = |inst: &omply_ir::Inst| matches!(inst.op, Op::Barrier);
    let spmd = !kernel.funcs.iter().any(|func| func.body.any(&meets));
    let (machine, device, memory) = machine(target, options)?;
    let ll = Llvm::new(&kernel.name, memory);
    machine.configure(&ll);
    let lowered = lower::lower(ll, kernel, options, Some(device))?;
    let ll = lowered.ll;
    if options.dump.llvm {
        eprintln!("{}", ll.print());
    }
    threads.bound(&ll, device);
    ll.verify().map_err(fail)?;
    link_libraries(&ll, device)?;
    machine.optimise(&ll).map_err(fail)?;
    if options.dump.optimised {
        eprintln!("{}", ll.print());
    }
    let made = match device.kind {
        Kind::Nvptx => machine.assembly(&ll).map(String::into_bytes),
        Kind::Amdgpu => machine.object(&ll),
        Kind::Spirv => spirv::in_turn(|| machine.object(&ll)),
    };
    let bytes = made.map_err(fail)?;
    if let [first, ..] = &guard::reported()[..] {
        return Err(DeviceCodeError::Failed(fail(first.clone())));
    }
    let bytes = match device.kind {
        Kind::Amdgpu => code_object(&bytes)?,
        Kind::Nvptx | Kind::Spirv => bytes,
    };
    if options.dump.assembly && device.kind == Kind::Nvptx {
        eprintln!("{}", String::from_utf8_lossy(&bytes));
    }
    Ok(DeviceImage {
        bytes,
        kernel: KERNEL.to_owned(),
        spmd,
        shared_bytes: u32::try_from(ll.bytes_in(TEAM)).unwrap_or(u32::MAX),
        preferred_threads: threads.preferred,
        needs_heap: lowered.needs_heap,
    })
}

fn machine(
    target: &DeviceTarget,
    options: &Options,
) -> Result<(Machine, Device, Memory), CodegenError> {
    let level = options.opt_level;
    match target {
        DeviceTarget::Nvptx { sm, ptx } => {
            let machine = Machine::device(
                "nvptx64-nvidia-cuda",
                &format!("sm_{sm}"),
                &format!("+ptx{ptx}"),
                level,
                level,
            )
            .map_err(fail)?;
            let device = Device {
                kind: Kind::Nvptx,
                float_atomics: true,
                small_atomics: true,
            };
            let memory = Memory {
                generic: 0,
                scope: "device",
            };
            Ok((machine, device, memory))
        }
        DeviceTarget::Amdgpu { gfx } => {
            let mut parts = gfx.split(':');
            let cpu = parts.next().unwrap_or_default();
            // `xnack-` of the driver is `-xnack` to LLVM.
            let features: Vec<String> = parts
                .filter_map(|part| {
                    let (name, sign) = part.split_at_checked(part.len().checked_sub(1)?)?;
                    Some(format!("{sign}{name}"))
                })
                .collect();
            let features = features.join(",");
            let machine =
                Machine::device("amdgcn-amd-amdhsa", cpu, &features, level, level).map_err(fail)?;
            let device = Device {
                kind: Kind::Amdgpu,
                float_atomics: true,
                small_atomics: true,
            };
            let memory = Memory {
                generic: 0,
                scope: "agent",
            };
            Ok((machine, device, memory))
        }
        DeviceTarget::Spirv { version, .. } => {
            let (major, minor) = version;
            // What back ends do for processors before they choose instructions would have to be undone by the driver's compiler, and
            // it makes operations that SPIR-V does not have (minima of bits, out of loops with a remainder).
            let machine = Machine::device(
                &format!("spirv64v{major}.{minor}-unknown-unknown"),
                "",
                "",
                level,
                0,
            )
            .map_err(fail)?;
            let device = Device {
                kind: Kind::Spirv,
                float_atomics: false,
                small_atomics: false,
            };
            let memory = Memory {
                generic: 4,
                scope: "device",
            };
            Ok((machine, device, memory))
        }
    }
}

/// Brings the mathematical functions that the module calls.
fn link_libraries(ll: &Llvm, device: Device) -> Result<(), DeviceCodeError> {
    let shown = |names: &[String], prefix: &str| {
        let names: Vec<&str> = names
            .iter()
            .map(|name| name.trim_start_matches(prefix))
            .collect();
        names.join(", ")
    };
    match device.kind {
        Kind::Nvptx => {
            let missing = ll.missing("__nv_");
            if missing.is_empty() {
                return Ok(());
            }
            let Some(library) = config::libdevice() else {
                return Err(DeviceCodeError::Missing(format!(
                    "mathematical functions ({}) need CUDA's libdevice.10.bc on NVIDIA devices, and it was not found: install the CUDA \
                     toolkit, or name its folder with CUDA_HOME or the file with OMPLY_LIBDEVICE",
                    shown(&missing, "__nv_")
                )));
            };
            Ok(ll.link(&library, KERNEL).map_err(fail)?)
        }
        Kind::Amdgpu => {
            let missing = ll.missing("__ocml_");
            if missing.is_empty() {
                return Ok(());
            }
            Err(DeviceCodeError::Missing(format!(
                "not supported on AMD devices yet: mathematical functions ({})",
                shown(&missing, "__ocml_")
            )))
        }
        Kind::Spirv => Ok(()),
    }
}

/// Links an object for AMD's devices.
fn code_object(object: &[u8]) -> Result<Vec<u8>, DeviceCodeError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(linker) = config::linker() else {
        return Err(DeviceCodeError::Missing(
            "code for AMD devices is linked by LLVM's ld.lld, and it was not found: install lld or ROCm, or name the file with OMPLY_LLD"
                .into(),
        ));
    };
    // Relaxed: only its being unique counts.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("omply-{}-{number}", std::process::id());
    let from = std::env::temp_dir().join(format!("{name}.o"));
    let to = std::env::temp_dir().join(format!("{name}.hsaco"));
    let linked = std::fs::write(&from, object).and_then(|()| {
        let output = Command::new(&linker)
            .arg("-shared")
            .arg(&from)
            .arg("-o")
            .arg(&to)
            .output()?;
        if output.status.success() {
            std::fs::read(&to)
        } else {
            Err(std::io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ))
        }
    });
    // Whether they could be removed changes nothing.
    let _ = std::fs::remove_file(&from);
    let _ = std::fs::remove_file(&to);
    linked.map_err(|why| DeviceCodeError::Failed(fail(format!("{}: {why}", linker.display()))))
}
