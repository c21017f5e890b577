//! Links the needed parts of LLVM 22 statically, with the C++ runtime and the compression libraries it uses, and hashes this
//! crate's sources: objects in the cache were made by exactly these.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::Command;

/// The components of LLVM that the code generator calls. A missing one links and fails only when it is first used.
const COMPONENTS: &[&str] = &[
    "core",
    "analysis",
    "passes",
    "orcjit",
    "orcdebugging",
    "jitlink",
];

/// Back ends for devices.
const DEVICE_BACK_ENDS: &[&str] = &["nvptx", "amdgpu", "spirv"];

const HELP: &str = "omply-codegen needs LLVM 22 with its static libraries.\n\
    On Debian and Ubuntu: apt-get install llvm-22-dev libpolly-22-dev zlib1g-dev libzstd-dev g++\n\
    Elsewhere: name the LLVM 22 to use with LLVM_CONFIG=/path/to/llvm-config.";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LLVM_CONFIG");
    println!("cargo:rerun-if-env-changed=CXX");
    println!("cargo:rerun-if-changed=src");
    let mut hasher = DefaultHasher::new();
    hash_sources(Path::new("src"), &mut hasher);
    println!(
        "cargo:rustc-env=OMPLY_CODEGEN_SOURCES={:016x}",
        hasher.finish()
    );
    if let Err(why) = link() {
        eprintln!("error: {why}\n{HELP}");
        std::process::exit(1);
    }
}

fn hash_sources(folder: &Path, hasher: &mut DefaultHasher) {
    let Ok(listing) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = listing.flatten().map(|file| file.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            hash_sources(&path, hasher);
        } else {
            std::fs::read(&path).unwrap_or_default().hash(hasher);
        }
    }
}

fn link() -> Result<(), String> {
    let config = find_llvm_config()?;
    let back_end = match std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("x86_64") => "x86",
        Ok("aarch64") => "aarch64",
        other => {
            return Err(format!(
                "no LLVM back end is chosen for this architecture ({other:?})"
            ));
        }
    };
    let mut query = vec!["--link-static", "--libs"];
    query.extend(COMPONENTS);
    query.push(back_end);
    query.extend(DEVICE_BACK_ENDS);
    let libraries = run(&config, &query)?;
    let folder = run(&config, &["--libdir"])?;
    let tools = run(&config, &["--bindir"])?;
    measure_spirv_state(&tools, &folder)?;
    println!("cargo:rustc-link-search=native={}", folder.trim());
    for name in libraries
        .split_whitespace()
        .filter_map(|flag| flag.strip_prefix("-l"))
    {
        if !Path::new(folder.trim())
            .join(format!("lib{name}.a"))
            .exists()
        {
            return Err(format!(
                "{} has no static library lib{name}.a",
                folder.trim()
            ));
        }
        println!("cargo:rustc-link-lib=static:-bundle={name}");
    }
    for name in ["stdc++", "zstd", "z"] {
        link_system_library(name);
    }
    println!("cargo:rustc-link-lib=dylib=m");
    Ok(())
}

/// LLVM's SPIR-V back end keeps what it knows of a module in a global object, and does not clear all of it for the next module. Its
/// size lets the crate put the object back as it was (`llvm/spirv.rs`).
fn measure_spirv_state(tools: &str, folder: &str) -> Result<(), String> {
    let nm = format!("{}/llvm-nm", tools.trim());
    let library = format!("{}/libLLVMSPIRVCodeGen.a", folder.trim());
    let symbols = run(&nm, &["--print-size", "--defined-only", &library])?;
    let size = symbols
        .lines()
        .find(|line| line.ends_with(" _ZN4llvm19SPIRVModuleAnalysis3MAIE"))
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|size| usize::from_str_radix(size, 16).ok())
        .ok_or(
            "LLVM's SPIR-V back end has no object SPIRVModuleAnalysis::MAI: is it version 22?",
        )?;
    println!("cargo:rustc-env=OMPLY_SPIRV_STATE_BYTES={size}");
    Ok(())
}

/// Statically where the C++ compiler knows an archive, as a shared library elsewhere.
fn link_system_library(name: &str) {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
    let archive = run(&compiler, &[&format!("-print-file-name=lib{name}.a")]).unwrap_or_default();
    match Path::new(archive.trim()).parent() {
        Some(folder) if Path::new(archive.trim()).is_absolute() => {
            println!("cargo:rustc-link-search=native={}", folder.display());
            println!("cargo:rustc-link-lib=static:-bundle={name}");
        }
        _ => println!("cargo:rustc-link-lib=dylib={name}"),
    }
}

fn find_llvm_config() -> Result<String, String> {
    let named = std::env::var("LLVM_CONFIG").ok();
    let candidates: Vec<String> = match named {
        Some(path) => vec![path],
        None => [
            "llvm-config-22",
            "/usr/lib/llvm-22/bin/llvm-config",
            "llvm-config",
        ]
        .map(String::from)
        .into(),
    };
    let mut seen = Vec::new();
    for candidate in candidates {
        match run(&candidate, &["--version"]) {
            Ok(version) if version.starts_with("22.") => return Ok(candidate),
            Ok(version) => seen.push(format!("{candidate} is version {}", version.trim())),
            Err(why) => seen.push(why),
        }
    }
    Err(format!(
        "no llvm-config of LLVM 22 was found ({})",
        seen.join("; ")
    ))
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    if !output.status.success() {
        return Err(format!(
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("{program}: {e}"))
}
