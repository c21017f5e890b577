//! The programs and what their first comment says about them:
//!
//! ```c
//! // What the program checks, in a line or two.
//! //@ env: NAME=VALUE ...     environment variables
//! //@ version: 52             OpenMP version for clang (default 60)
//! //@ threads: 4 17           team sizes instead of the usual ones
//! //@ gcc: no, REASON         not for this compiler (also `clang:`)
//! //@ flags: -O0 ...          more compiler options
//! //@ status: 7               exit status (default 0; `error`: the program is ended as faulty)
//! //@ stderr: TEXT            must be part of what the program writes to stderr (may be repeated)
//! //@ dynamic: yes            holds with teams of any size, so `make stress` may set OMP_DYNAMIC
//! ```

use std::path::{Path, PathBuf};

use crate::toolchain::Leg;

#[derive(Debug)]
pub struct Program {
    /// FEATURE/NAME.
    pub name: String,
    pub source: PathBuf,
    pub environment: Vec<(String, String)>,
    pub version: String,
    pub threads: Option<Vec<u32>>,
    pub flags: Vec<String>,
    /// `None`: any but 0.
    pub status: Option<i32>,
    pub stderr: Vec<String>,
    pub dynamic: bool,
    /// What it is started with.
    pub arguments: Vec<String>,
    skipped: Vec<(Leg, String)>,
}

impl Program {
    pub fn feature(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Why the program is not for a compiler.
    pub fn skipped(&self, leg: Leg) -> Option<&str> {
        let (_, reason) = self.skipped.iter().find(|(other, _)| *other == leg)?;
        Some(reason)
    }

    fn read(name: String, source: PathBuf) -> Result<Self, String> {
        let text = std::fs::read_to_string(&source).map_err(|e| format!("{name}: {e}"))?;
        if !text.starts_with("// ") {
            return Err(format!(
                "{name}: the first line says what the program checks"
            ));
        }
        let mut program = Self::plain(name, source);
        for line in text.lines().take_while(|line| line.starts_with("//")) {
            if let Some(note) = line.strip_prefix("//@ ") {
                let understood = note
                    .split_once(": ")
                    .and_then(|(key, value)| program.note(key, value.trim()));
                understood.ok_or_else(|| format!("{}: {line}: not understood", program.name))?;
            }
        }
        Ok(program)
    }

    fn plain(name: String, source: PathBuf) -> Self {
        Self {
            name,
            source,
            environment: Vec::new(),
            version: "60".to_owned(),
            threads: None,
            flags: Vec::new(),
            status: Some(0),
            stderr: Vec::new(),
            dynamic: false,
            arguments: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// A program from the benchmarks, which checks its result itself and holds with teams of any size.
    pub fn benchmark(source: &Path, arguments: &str) -> Self {
        let name = format!("benchmark/{}", stem(source));
        Self {
            dynamic: true,
            flags: vec!["-Wno-error".to_owned()],
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            ..Self::plain(name, source.to_owned())
        }
    }

    fn note(&mut self, key: &str, value: &str) -> Option<()> {
        let words = || value.split_whitespace();
        match key {
            "env" => {
                for word in words() {
                    let (name, value) = word.split_once('=')?;
                    self.environment.push((name.to_owned(), value.to_owned()));
                }
            }
            "version" => self.version = value.to_owned(),
            "threads" => {
                self.threads = Some(
                    words()
                        .map(|word| word.parse().ok())
                        .collect::<Option<_>>()?,
                );
            }
            "flags" => self.flags = words().map(str::to_owned).collect(),
            "status" if value == "error" => self.status = None,
            "status" => self.status = Some(value.parse().ok()?),
            "stderr" => self.stderr.push(value.to_owned()),
            "dynamic" => self.dynamic = value == "yes",
            _ => {
                let reason = value.strip_prefix("no, ")?;
                self.skipped.push((Leg::named(key)?, reason.to_owned()));
            }
        }
        Some(())
    }
}

/// All programs, by name.
pub fn all(folder: &Path) -> Result<Vec<Program>, String> {
    let mut programs = Vec::new();
    for feature in entries(folder)?.iter().filter(|path| path.is_dir()) {
        for source in entries(feature)? {
            if source.extension().is_some_and(|extension| extension == "c") {
                let name = format!("{}/{}", stem(feature), stem(&source));
                programs.push(Program::read(name, source)?);
            }
        }
    }
    Ok(programs)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let list = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = list.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}
