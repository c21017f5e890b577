//! The compilers, the library under test, and how programs are compiled and run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::program::Program;

/// Seconds after which a run counts as hanging; far more than any needs on a busy machine.
const TIMEOUT: u32 = 60;

/// Which compiler, and so which of the two libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    Clang,
    Gcc,
}

impl Leg {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "clang" => Some(Self::Clang),
            "gcc" => Some(Self::Gcc),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Clang => "clang",
            Self::Gcc => "gcc",
        }
    }
}

pub struct Toolchain {
    pub leg: Leg,
    pub description: String,
    compiler: &'static str,
    /// Folder of the library the programs run on.
    library: PathBuf,
    /// Folder for the compiled programs.
    binaries: PathBuf,
}

impl Toolchain {
    /// `library`: the folder of another library, instead of the drop-in. `features`: Cargo features of the drop-in.
    pub fn find(leg: Leg, library: Option<&Path>, features: &str) -> Result<Self, String> {
        let (compiler, version) = compiler(leg)?;
        let library = match library {
            Some(folder) => folder.to_owned(),
            None => drop_in(features)?,
        };
        if leg == Leg::Gcc && !library.join("libgomp.so.1").exists() {
            return Err(format!("{} has no libgomp.so.1", library.display()));
        }
        let binaries =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("conformance-{}", leg.name()));
        std::fs::create_dir_all(&binaries).map_err(|e| format!("{}: {e}", binaries.display()))?;
        let description = format!("{compiler} ({version})");
        Ok(Self {
            leg,
            description,
            compiler,
            library,
            binaries,
        })
    }

    /// Compiles the program, unless that has been done since it was last changed. Returns the executable.
    pub fn compile(&self, program: &Program) -> Result<PathBuf, String> {
        let binary = self.binaries.join(program.name.replace('/', "."));
        if self.up_to_date(program, &binary) {
            return Ok(binary);
        }
        // Named when it is whole: the compiler may be stopped, and `--stress` may want one program twice at the same time.
        let unfinished = self.binaries.join(format!("unfinished.{}", unique()));
        let mut command = Command::new("timeout");
        command.args([
            "-k",
            "5",
            "120",
            self.compiler,
            "-std=gnu17",
            "-O1",
            "-g1",
            "-Wall",
            "-Werror",
            "-fopenmp",
        ]);
        match self.leg {
            Leg::Clang => {
                command
                    .arg(format!("-fopenmp-version={}", program.version))
                    .arg("-Wno-pass-failed");
                command.arg("-I").arg(header_folder());
            }
            // Older compilers do not know every pragma of a program that guards them by version.
            Leg::Gcc => {
                command.args(["-Wno-unknown-pragmas", "-Wno-unused-but-set-variable"]);
            }
        }
        command.arg("-I").arg(program_folder());
        command
            .args(&program.flags)
            .arg("-o")
            .arg(&unfinished)
            .arg(&program.source);
        command
            .arg("-L")
            .arg(&self.library)
            .arg("-lpthread")
            .arg("-lm");
        let output = command
            .output()
            .map_err(|e| format!("{}: {e}", self.compiler))?;
        if output.status.success() {
            std::fs::rename(&unfinished, &binary).map_err(|e| e.to_string())?;
            return Ok(binary);
        }
        let _ = std::fs::remove_file(&unfinished);
        let message = String::from_utf8_lossy(&output.stderr);
        Err(format!("does not compile\n{}", head(&message)))
    }

    fn up_to_date(&self, program: &Program, binary: &Path) -> bool {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified());
        let Ok(made) = changed(binary) else {
            return false;
        };
        let headers = program_folder();
        let runner = std::env::current_exe().unwrap_or_default();
        [
            headers.join("conf.h"),
            headers.join("loops.h"),
            program.source.clone(),
            runner,
        ]
        .iter()
        .all(|path| changed(path).is_ok_and(|changed| changed < made))
    }

    /// Runs an executable. `wrapper`: a command to run it under. The error says what was wrong.
    pub fn execute(
        &self,
        program: &Program,
        binary: &Path,
        environment: &[(String, String)],
        wrapper: &[String],
    ) -> Result<(), String> {
        let log = self.binaries.join(format!("stderr.{}", unique()));
        let file = File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
        let mut command = Command::new("timeout");
        command
            .args(["-k", "5"])
            .arg(TIMEOUT.to_string())
            .args(wrapper)
            .arg(binary)
            .args(&program.arguments);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["OMP_", "GOMP_", "OMPLY_"]
                .iter()
                .any(|prefix| text.starts_with(prefix))
            {
                command.env_remove(&name);
            }
        }
        command
            .env("LD_LIBRARY_PATH", &self.library)
            .envs(environment.iter().cloned())
            .envs(program.environment.iter().cloned())
            .stdout(file.try_clone().map_err(|e| e.to_string())?)
            .stderr(file);
        let status = command.status().map_err(|e| format!("timeout: {e}"))?;
        let written = std::fs::read(&log).unwrap_or_default();
        let written = String::from_utf8_lossy(&written);
        let _ = std::fs::remove_file(&log);
        let said = head(&written);
        if status.code() == Some(124) {
            return Err(format!("hangs\n{said}"));
        }
        let expected = match program.status {
            Some(code) => status.code() == Some(code),
            None => !status.success(),
        };
        if !expected {
            return Err(format!("{status}\n{said}"));
        }
        if let Some(text) = program
            .stderr
            .iter()
            .find(|text| !written.contains(text.as_str()))
        {
            return Err(format!("does not say \"{text}\"\n{said}"));
        }
        Ok(())
    }
}

/// Part of a file name that nobody else uses.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}.{count}", std::process::id())
}

/// The folder of the programs and their headers.
pub fn program_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/programs")
}

/// The folder of this project's omp.h.
fn header_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// The first lines of what a program said.
fn head(text: &str) -> String {
    text.lines().take(8).collect::<Vec<_>>().join("\n")
}

fn compiler(leg: Leg) -> Result<(&'static str, String), String> {
    let names: &[&str] = match leg {
        Leg::Clang => &["clang-22", "clang"],
        Leg::Gcc => &["gcc"],
    };
    for name in names {
        if let Ok(output) = Command::new(name).arg("--version").output()
            && output.status.success()
        {
            let text = String::from_utf8_lossy(&output.stdout);
            let version = text.lines().next().unwrap_or_default().to_owned();
            // On some systems `gcc` is another name for clang, and old versions of clang lack what the programs use.
            let suits = match leg {
                Leg::Clang => major(&version).is_some_and(|major| major >= 22),
                Leg::Gcc => !version.contains("clang"),
            };
            if suits {
                return Ok((name, version));
            }
        }
    }
    Err(match leg {
        Leg::Clang => {
            "clang 22 or newer was not found (scripts/system-packages --with-clang)".to_owned()
        }
        Leg::Gcc => "gcc was not found".to_owned(),
    })
}

fn major(version: &str) -> Option<u32> {
    let (_, rest) = version.split_once("version ")?;
    rest.split('.').next()?.parse().ok()
}

/// Builds the drop-in libraries and returns their folder.
fn drop_in(features: &str) -> Result<PathBuf, String> {
    let name = format!(
        "conformance-dropin{}",
        if features.is_empty() { "" } else { "-" }
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name + features);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("dropin.sh");
    let mut command = Command::new(script);
    command
        .arg(&folder)
        .env("PROFILE", "checked")
        .env("FEATURES", features);
    if !features.is_empty() {
        // Libraries with other features would replace the plain ones.
        command.env("CARGO_TARGET_DIR", folder.join("target"));
    }
    let output = command.output().map_err(|e| format!("dropin.sh: {e}"))?;
    if output.status.success() {
        Ok(folder)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
