//! Where devices get the code of a function's `target` regions: from the function's IR, which is kept as text beside its machine
//! code and read when a device first asks. What was compiled for a kind of device once is found in the object cache.

use super::compile::cache;
use omply_codegen::Options;
use omply_codegen::cache::{Entry, Key};
use omply_codegen::device;
use omply_diagnostics::{Code, Diagnostic, SourceFile, Span, Style, render};
use omply_offload::{
    DeviceTarget, Image, ImageSource, KernelMode, register_source, unregister_source,
};
use std::sync::{Arc, OnceLock};

/// The regions of a compiled function, known to devices for as long as this lives.
pub struct Regions {
    id: u64,
}

impl Regions {
    /// `text`: IR of a module whose first functions are the regions.
    pub fn new(text: String, origins: Origins, options: Options) -> Regions {
        let source = Unit {
            text,
            origins,
            options,
            module: OnceLock::new(),
        };
        Regions {
            id: register_source(Arc::new(source)),
        }
    }

    /// The number by which generated code names the source of its regions.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Regions {
    fn drop(&mut self) {
        unregister_source(self.id);
    }
}

/// A function's file, where in it the function begins, and its name; absent where that is not known.
pub type Source = Option<(Arc<SourceFile>, u32, String)>;

/// Where the functions of the IR come from.
pub struct Origins {
    /// The functions compiled together.
    pub functions: Vec<Source>,
    /// For each function of the IR: which of them it is from, and where in it it begins.
    pub of: Vec<(u32, u32)>,
}

impl Origins {
    fn of(&self, func: usize) -> Option<(&SourceFile, u32, &str)> {
        let &(function, start) = self.of.get(func)?;
        let (file, def, name) = self.functions.get(function as usize)?.as_ref()?;
        Some((file, def + start, name))
    }

    /// An error in a function of the IR as the user sees it, with the line it is about.
    fn show(&self, func: usize, span: Span, text: String) -> String {
        let Some((file, begin, _)) = self.of(func) else {
            return text;
        };
        let def = begin - self.of[func].1;
        let span = Span::new(def + span.start, def + span.end);
        let found = Diagnostic::error(Code::UnsupportedForm, span, text);
        let shown = render(&[found], file, Style::Plain);
        shown.trim_end().to_owned()
    }
}

struct Unit {
    text: String,
    origins: Origins,
    options: Options,
    module: OnceLock<Result<omply_ir::Module, String>>,
}

impl Unit {
    fn module(&self) -> Result<&omply_ir::Module, String> {
        self.module
            .get_or_init(|| omply_ir::text::parse(&self.text).map_err(|error| error.to_string()))
            .as_ref()
            .map_err(Clone::clone)
    }

    fn compile(&self, index: u32, target: &DeviceTarget) -> Result<Image, String> {
        let module = self.module()?;
        let made = device::compile(module, index as usize, &kind(target), &self.options).map_err(
            |error| match error.place() {
                Some(place) => self.origins.show(place.func, place.span, error.to_string()),
                None => error.to_string(),
            },
        )?;
        Ok(Image {
            bytes: made.bytes,
            kernel: made.kernel,
            mode: mode(made.spmd),
            shared_bytes: made.shared_bytes,
            preferred_threads: made.preferred_threads,
            needs_heap: made.needs_heap,
        })
    }
}

impl ImageSource for Unit {
    fn image(&self, index: u32, target: &DeviceTarget) -> Result<Arc<Image>, String> {
        if self.options.dump.any() {
            return self.compile(index, target).map(Arc::new);
        }
        let key = Key::new(&[
            env!("OMPLY_COMPILER").as_bytes(),
            b"region",
            self.text.as_bytes(),
            &index.to_le_bytes(),
            format!("{target:?} {:?}", self.options).as_bytes(),
        ]);
        if let Some(image) = cache().get(&key).and_then(decode) {
            return Ok(Arc::new(image));
        }
        let image = self.compile(index, target)?;
        cache().put(&key, &encode(&image));
        Ok(Arc::new(image))
    }

    fn name(&self, index: u32) -> Option<String> {
        let (file, start, name) = self.origins.of(index as usize)?;
        Some(format!("{name}:{}", file.position(start).line))
    }
}

/// The code generator's name for what the devices' runtime wants code for.
fn kind(target: &DeviceTarget) -> device::DeviceTarget {
    match target.clone() {
        DeviceTarget::Nvptx { sm, ptx } => device::DeviceTarget::Nvptx { sm, ptx },
        DeviceTarget::Amdgpu { gfx } => device::DeviceTarget::Amdgpu { gfx },
        DeviceTarget::Spirv {
            version,
            extensions,
            fp64,
            int64_atomics,
            fp64_atomic_add,
            subgroups,
        } => device::DeviceTarget::Spirv {
            version,
            extensions,
            fp64,
            int64_atomics,
            fp64_atomic_add,
            subgroups,
        },
    }
}

fn mode(spmd: bool) -> KernelMode {
    if spmd {
        KernelMode::Spmd
    } else {
        KernelMode::Generic
    }
}

/// Numbers first, then the kernel's name.
fn encode(image: &Image) -> Entry {
    let mut metadata = vec![
        u8::from(image.mode == KernelMode::Spmd),
        u8::from(image.needs_heap),
    ];
    metadata.extend(image.shared_bytes.to_le_bytes());
    metadata.extend(image.preferred_threads.to_le_bytes());
    metadata.extend(image.kernel.as_bytes());
    Entry {
        object: image.bytes.clone(),
        metadata,
    }
}

fn decode(entry: Entry) -> Option<Image> {
    let (flags, rest) = entry.metadata.split_at_checked(2)?;
    let (shared, rest) = rest.split_at_checked(4)?;
    let (threads, kernel) = rest.split_at_checked(4)?;
    Some(Image {
        bytes: entry.object,
        kernel: String::from_utf8(kernel.to_vec()).ok()?,
        mode: mode(flags[0] == 1),
        shared_bytes: u32::from_le_bytes(shared.try_into().ok()?),
        preferred_threads: u32::from_le_bytes(threads.try_into().ok()?),
        needs_heap: flags[1] == 1,
    })
}
