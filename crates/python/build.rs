//! Link settings of the extension, and a fingerprint of the compiler for the object cache.
//!
//! The copies of the runtime's and LLVM's C symbols in the extension stay its own, so that another OpenMP library or
//! LLVM in the process is never seen or disturbed. Code in the cache is of use only to the compiler that made it: its
//! sources are hashed, so that a changed compiler asks for other entries.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The crates that decide what code a function becomes; code generation adds a fingerprint of its own.
const COMPILER: [&str; 9] = [
    "spec",
    "directive",
    "syntax",
    "analysis",
    "types",
    "ir",
    "transform",
    "offload",
    "python",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    }
    let mut hasher = DefaultHasher::new();
    for name in COMPILER {
        let sources = Path::new("..").join(name).join("src");
        println!("cargo:rerun-if-changed={}", sources.display());
        for file in files(&sources) {
            file.hash(&mut hasher);
            fs::read(&file).unwrap_or_default().hash(&mut hasher);
        }
    }
    println!("cargo:rustc-env=OMPLY_COMPILER={:016x}", hasher.finish());
}

/// All files below a folder, in a fixed order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
