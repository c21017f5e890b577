//! The drop-in library as a file: names, version nodes, the table of its symbols in the documentation, programs linked with other
//! libraries, other libraries in the same process.

#![cfg(not(loom))]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::dropin;

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The library's symbols with their version nodes.
fn exported() -> BTreeMap<String, BTreeSet<String>> {
    let library = dropin().join("libomp.so");
    let text = output(
        Command::new("nm")
            .args(["-D", "--defined-only", "--with-symbol-versions"])
            .arg(library),
    )
    .expect("nm is there where a linker is");
    let mut symbols = BTreeMap::<String, BTreeSet<String>>::new();
    for line in text.lines() {
        let mut words = line.split_whitespace().rev();
        let (Some(name), Some(kind)) = (words.next(), words.next()) else {
            continue;
        };
        let (symbol, node) = name.split_once('@').unwrap_or((name, ""));
        if kind != "A" {
            symbols
                .entry(symbol.to_owned())
                .or_default()
                .insert(node.trim_start_matches('@').to_owned());
        }
    }
    symbols
}

fn runtime() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Symbol → version nodes in GCC's and LLVM's libraries.
fn peers() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(runtime().join("dropin/peers.tsv")).expect("in the sources");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (name, nodes) = line.split_once('\t')?;
            let nodes = nodes
                .split(['\t', ','])
                .filter(|node| *node != "-")
                .map(str::to_owned);
            Some((name.to_owned(), nodes.collect()))
        })
        .collect()
}

#[test]
fn every_symbol_has_the_version_nodes_of_the_other_libraries() {
    let peers = peers();
    for (symbol, nodes) in exported() {
        assert!(nodes.contains("VERSION"), "{symbol}: {nodes:?}");
        // Variables have one node: no program of GCC's refers to them.
        for node in peers.get(&symbol).into_iter().flatten() {
            assert!(nodes.contains(node), "{symbol} lacks {node}");
        }
    }
}

#[test]
fn nothing_but_entry_points_is_exported() {
    for symbol in exported().keys() {
        let ours = [
            "omp_", "ompc_", "ompt_", "__kmpc_", "__tgt_", "kmp_", "kmpc_", "GOMP_", "omply_",
        ];
        assert!(
            ours.iter().any(|prefix| symbol.starts_with(prefix)),
            "{symbol}"
        );
    }
}

#[test]
fn the_table_in_the_documentation_lists_every_symbol() {
    let table = runtime().join("../../docs/runtime-symbols.md");
    let text = std::fs::read_to_string(table).expect("in the sources");
    let (ours, absent) = text
        .split_once("\n## ")
        .expect("a second part lists what is absent");
    let listed: BTreeMap<String, BTreeSet<String>> = ours
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let symbol = cells.next()?.trim_end_matches('`').to_owned();
            let nodes = cells.next()?.split(", ").filter(|node| *node != "-");
            let nodes = nodes.map(str::to_owned).chain(["VERSION".to_owned()]);
            Some((symbol, nodes.collect()))
        })
        .collect();
    const FIX: &str = "run scripts/runtime_symbols.py";
    let exported = exported();
    let difference = |left: &BTreeMap<String, BTreeSet<String>>,
                      right: &BTreeMap<String, BTreeSet<String>>| {
        let wrong = left
            .iter()
            .filter(|(symbol, nodes)| right.get(*symbol) != Some(nodes));
        wrong.map(|(symbol, _)| symbol.clone()).collect::<Vec<_>>()
    };
    let (lacking, stale) = (
        difference(&exported, &listed),
        difference(&listed, &exported),
    );
    assert!(
        lacking.is_empty(),
        "not or wrong in the table ({FIX}): {lacking:?}"
    );
    assert!(
        stale.is_empty(),
        "wrong or too many in the table ({FIX}): {stale:?}"
    );
    for name in peers().keys().filter(|name| !exported.contains_key(*name)) {
        assert!(
            absent.contains(&format!("| `{name}` |")),
            "absent without a reason ({FIX}): {name}"
        );
    }
    for test in ours.split('`').filter(|word| {
        Path::new(word)
            .extension()
            .is_some_and(|kind| kind == "c" || kind == "rs")
    }) {
        assert!(
            runtime().join("tests").join(test).exists(),
            "no such test any more ({FIX}): {test}"
        );
    }
}

#[test]
fn the_library_is_found_under_all_names_and_needs_little_of_the_system() {
    let folder = dropin();
    for name in ["libomp.so.5", "libiomp5.so", "libgomp.so.1", "libgomp.so"] {
        let target = std::fs::read_link(folder.join(name)).expect("a link");
        assert_eq!(target, Path::new("libomp.so"), "{name}");
    }
    let library = folder.join("libomp.so");
    let dynamic = output(Command::new("readelf").arg("-dW").arg(&library)).expect("binutils");
    // Space in the static block of thread-local storage is scarce, and its lack the best-known way for such a library not to load.
    assert!(!dynamic.contains("STATIC_TLS"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
    let segments = output(Command::new("readelf").arg("-lW").arg(&library)).expect("binutils");
    let tls = segments
        .lines()
        .find(|line| line.trim_start().starts_with("TLS"))
        .and_then(|line| line.split_whitespace().nth(5))
        .and_then(|size| u64::from_str_radix(size.trim_start_matches("0x"), 16).ok());
    assert!(tls.is_some_and(|size| size <= 512), "{segments}");
}

/// Another OpenMP library of the system, by the compiler that knows where it is.
fn other_library(compiler: &str, name: &str) -> Option<PathBuf> {
    let path = output(Command::new(compiler).arg(format!("-print-file-name={name}")))?;
    let path = PathBuf::from(path.trim());
    path.is_absolute()
        .then(|| path.canonicalize().ok())
        .flatten()
}

#[test]
fn programs_linked_with_llvms_library_run_on_ours() {
    let Some(library) = other_library("clang-22", "libomp.so") else {
        return eprintln!("skipped: no libomp was found");
    };
    let folder = dropin();
    let program = folder.join("linked-with-llvms");
    let compiled = Command::new("clang-22")
        .args(["-O1", "-Wall", "-fopenmp", "-ldl", "-o"])
        .arg(&program)
        .arg(runtime().join("tests/c/parallel.c"))
        .output()
        .expect("clang starts");
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let found = output(
        Command::new("ldd")
            .arg(&program)
            .env("LD_LIBRARY_PATH", folder),
    );
    let ours = found.is_some_and(|text| text.contains(&*folder.to_string_lossy()));
    assert!(ours, "linked with {}, runs with it, too", library.display());
    let ran = Command::new("timeout")
        .arg("60")
        .arg(&program)
        .env("LD_LIBRARY_PATH", folder)
        .output()
        .expect("the program starts");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[test]
fn regions_of_other_libraries_in_one_process_do_not_disturb_ours() {
    let folder = dropin();
    let program = folder.join("coexist");
    let compiled = Command::new("cc")
        .args(["-O1", "-Wall", "-pthread", "-o"])
        .arg(&program)
        .arg(runtime().join("tests/c/coexist.c"))
        .arg("-ldl")
        .output();
    let Ok(compiled) = compiled else {
        return eprintln!("skipped: no C compiler was found");
    };
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let others = [
        other_library("gcc", "libgomp.so.1"),
        other_library("clang-22", "libomp.so"),
    ];
    for other in others.into_iter().flatten() {
        for wait_policy in ["active", "passive"] {
            let ran = Command::new("timeout")
                .arg("120")
                .arg(&program)
                .arg(folder.join("libomp.so"))
                .arg(&other)
                .env("OMP_WAIT_POLICY", wait_policy)
                .output()
                .expect("the program starts");
            assert!(
                ran.status.success(),
                "with {}: {}\n{}",
                other.display(),
                ran.status,
                String::from_utf8_lossy(&ran.stderr)
            );
        }
    }
}
