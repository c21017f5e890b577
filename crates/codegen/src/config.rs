//! What the environment says about code generation. The only place of this crate that reads it.

use std::path::PathBuf;

/// What `OMPLY_DUMP` asks to be printed (a comma-separated list).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dump {
    /// `llvm`: LLVM IR as generated.
    pub llvm: bool,
    /// `opt`: LLVM IR after optimisation.
    pub optimised: bool,
    /// `asm`: assembly.
    pub assembly: bool,
    /// `time`: the processor time of each phase.
    pub time: bool,
}

impl Dump {
    /// Words that name other layers' dumps are theirs.
    pub fn parse(list: &str) -> Self {
        let has = |word: &str| list.split(',').any(|item| item.trim() == word);
        Self {
            llvm: has("llvm"),
            optimised: has("opt"),
            assembly: has("asm"),
            time: has("time"),
        }
    }

    /// Whether anything is to be printed.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// The environment's settings.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub dump: Dump,
    /// `OMPLY_OPT_LEVEL`, if it is 0 to 3.
    pub opt_level: Option<u8>,
    /// `None`: `OMPLY_CACHE=0`, or no place for it is known.
    pub cache_folder: Option<PathBuf>,
}

impl Config {
    pub fn from_env() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let dump = text("OMPLY_DUMP")
            .map(|list| Dump::parse(&list))
            .unwrap_or_default();
        let off = matches!(
            text("OMPLY_CACHE").as_deref(),
            Some("0" | "off" | "false" | "no")
        );
        let path = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache_folder = if off {
            None
        } else {
            path("OMPLY_CACHE_DIR")
                .or_else(|| path("XDG_CACHE_HOME").map(|folder| folder.join("omply")))
                .or_else(|| path("HOME").map(|folder| folder.join(".cache").join("omply")))
        };
        let opt_level = text("OMPLY_OPT_LEVEL")
            .and_then(|level| level.parse().ok())
            .filter(|level| *level <= 3);
        Self {
            dump,
            opt_level,
            cache_folder,
        }
    }
}

/// The first of these files that there is.
fn first_file(candidates: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    candidates.into_iter().find(|path| path.is_file())
}

/// The folders that these variables name.
fn folders(variables: &[&str]) -> Vec<PathBuf> {
    let named = variables.iter().filter_map(std::env::var_os);
    named
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .collect()
}

/// CUDA's library of mathematical functions.
pub fn libdevice() -> Option<PathBuf> {
    let inside = "nvvm/libdevice/libdevice.10.bc";
    let named = folders(&["OMPLY_LIBDEVICE"]);
    let mut roots = folders(&["CUDA_HOME", "CUDA_PATH"]);
    roots.extend(["/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda"].map(PathBuf::from));
    let usual = roots.into_iter().map(|root| root.join(inside));
    first_file(named.into_iter().chain(usual))
}

/// LLVM's linker, which makes code objects for AMD's devices.
pub fn linker() -> Option<PathBuf> {
    let named = folders(&["OMPLY_LLD"]);
    let mut roots = folders(&["ROCM_PATH", "HIP_PATH"]);
    roots.push("/opt/rocm".into());
    let usual = roots.into_iter().map(|root| root.join("llvm/bin/ld.lld"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path)
        .flat_map(|folder| ["ld.lld", "ld.lld-22"].map(|name| folder.join(name)))
        .collect();
    first_file(named.into_iter().chain(usual).chain(on_path))
}
