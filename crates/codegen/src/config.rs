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
        Self { dump, cache_folder }
    }
}
