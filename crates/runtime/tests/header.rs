//! `include/omp.h` under every compiler there is: it compiles without a warning in old and new dialects, and its types and
//! constants agree with those of the compiler's own header, so that objects compiled with either can be linked together.

#![cfg(not(loom))]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Compilers of C and the dialects to try.
const C: [&str; 2] = ["clang-22", "gcc"];
const CPP: [&str; 2] = ["clang++-22", "g++"];

fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

fn exists(compiler: &str) -> bool {
    let found = Command::new(compiler)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: {compiler} was not found");
    }
    found
}

/// Compiles `source`; the compiler's complaints are the error.
fn compile(compiler: &str, flags: &[&str], source: &str, output: &Path) -> Result<(), String> {
    let mut child = Command::new(compiler)
        .args(flags)
        .arg("-o")
        .arg(output)
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the compiler starts");
    // A compiler that stops early closes the pipe; its status tells.
    let _ = child
        .stdin
        .take()
        .expect("piped")
        .write_all(source.as_bytes());
    let result = child.wait_with_output().expect("the compiler ends");
    if result.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&result.stderr).into_owned())
    }
}

const USES: &str = "#include <omp.h>
int main(void) { omp_lock_t lock; omp_init_lock(&lock); return omp_get_max_threads() + omp_invalid_device; }
";

#[test]
fn every_dialect_accepts_the_header_without_a_warning() {
    let folder = include();
    let folder = folder.to_str().expect("a path of text");
    let dialects = |language: &'static str, names: &'static [&'static str]| {
        names.iter().map(move |name| (language, *name))
    };
    let all = C
        .iter()
        .flat_map(|compiler| {
            dialects("c", &["c99", "c11", "c17", "c2x"]).map(move |d| (*compiler, d))
        })
        .chain(CPP.iter().flat_map(|compiler| {
            dialects("c++", &["c++98", "c++11", "c++17", "c++20"]).map(move |d| (*compiler, d))
        }));
    for (compiler, (language, dialect)) in all {
        if !exists(compiler) {
            continue;
        }
        let standard = format!("-std={dialect}");
        compile(
            compiler,
            &[
                "-x",
                language,
                &standard,
                "-pedantic",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fopenmp",
                "-c",
                "-I",
                folder,
            ],
            USES,
            Path::new("/dev/null"),
        )
        .unwrap_or_else(|complaint| panic!("{compiler} {dialect}: {complaint}"));
    }
}

#[test]
fn default_arguments_and_container_allocators_are_there_in_cpp() {
    let folder = include();
    let folder = folder.to_str().expect("a path of text");
    let source = "#include <omp.h>
#include <vector>
int main() {
  std::vector<double, omp::allocator::default_mem<double>> some(10);
  std::vector<char, omp::allocator::null_allocator<char>> more(some.size());
  omp_free(omp_realloc(omp_alloc(10), 20));
  omp_get_interop_int(omp_interop_none, omp_ipr_fr_id);
  return omp_target_memcpy_async(nullptr, nullptr, 0, 0, 0, 0, 0) + (some.get_allocator() == omp::allocator::default_mem<int>());
}
";
    for compiler in CPP.into_iter().filter(|name| exists(name)) {
        compile(
            compiler,
            &[
                "-x", "c++", "-Wall", "-Wextra", "-Werror", "-c", "-I", folder,
            ],
            source,
            Path::new("/dev/null"),
        )
        .unwrap_or_else(|complaint| panic!("{compiler}: {complaint}"));
    }
}

/// Sizes, alignments and numbers that all headers have to agree on; what older ones lack is left out.
const LAYOUT: &str = "#include <omp.h>
#include <stdio.h>
#define TYPE(t) printf(#t \" %zu %zu\\n\", sizeof(t), _Alignof(t));
#define VALUE(v) printf(#v \" %lld\\n\", (long long)(v));
int main(void) {
  TYPE(omp_lock_t) TYPE(omp_nest_lock_t) TYPE(omp_depend_t) TYPE(omp_event_handle_t) TYPE(omp_sched_t) TYPE(omp_proc_bind_t)
  TYPE(omp_allocator_handle_t) TYPE(omp_memspace_handle_t) TYPE(omp_alloctrait_t) TYPE(omp_alloctrait_key_t)
  TYPE(omp_pause_resource_t) TYPE(omp_uintptr_t) TYPE(omp_lock_hint_t)
  VALUE(omp_sched_static) VALUE(omp_sched_auto) VALUE((unsigned)omp_sched_monotonic) VALUE(omp_proc_bind_spread)
  VALUE(omp_default_mem_alloc) VALUE(omp_thread_mem_alloc) VALUE(omp_null_allocator) VALUE(omp_large_cap_mem_space)
  VALUE(omp_low_lat_mem_space) VALUE(omp_atk_sync_hint) VALUE(omp_atk_partition) VALUE(omp_atv_contended)
  VALUE(omp_atv_interleaved) VALUE(omp_atv_default) VALUE(omp_pause_soft) VALUE(omp_pause_hard)
  VALUE(omp_lock_hint_speculative) VALUE(omp_sync_hint_contended)
}
";

#[test]
fn types_and_constants_agree_with_the_compilers_own_header() {
    let folder = include();
    let folder = folder.to_str().expect("a path of text");
    for compiler in C.into_iter().filter(|name| exists(name)) {
        let printed = |flags: &[&str], name: &str| -> Option<String> {
            let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{compiler}"));
            compile(compiler, &[&["-x", "c"], flags].concat(), LAYOUT, &program)
                .map_err(|complaint| eprintln!("{compiler}, {name}: {complaint}"))
                .ok()?;
            let output = Command::new(program).output().expect("the program starts");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let ours = printed(&["-I", folder], "own").expect("our header compiles");
        match printed(&[], "compilers") {
            Some(theirs) => assert_eq!(ours, theirs, "{compiler}"),
            None => eprintln!("skipped: {compiler} has no header to compare with"),
        }
    }
}
