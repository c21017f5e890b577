//! C programs compiled by GCC, run on the drop-in library in place of libgomp: those of `tests/c` that say nothing about a
//! compiler, and `gomp_*.c` for what only GCC's entry points do. Skipped, with the reason printed, where there is no GCC.

#![cfg(not(loom))]

mod common;

use std::path::Path;
use std::process::Command;

use common::dropin;

/// Whose library the linker is given. At run time it is ours in any case.
#[derive(Clone, Copy, PartialEq)]
enum Linked {
    /// GCC's: the program asks for the version nodes of libgomp. Where GCC is too old for a routine the program uses, ours.
    Gcc,
    Ours,
}

fn gcc() -> Option<&'static str> {
    // On some systems `gcc` is clang, which is tested elsewhere.
    let version = Command::new("gcc").arg("--version").output().ok()?;
    let real = String::from_utf8_lossy(&version.stdout).contains("Free Software Foundation");
    real.then_some("gcc")
}

fn run(name: &str, linked: Linked, environment: &[(&str, &str)]) {
    let Some(gcc) = gcc() else {
        return eprintln!("skipped: no GCC was found");
    };
    let folder = dropin();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = here.join("tests/c");
    for level in ["-O0", "-O2"] {
        let program = folder.join(format!("gcc-{name}{level}"));
        let mut compile = Command::new(gcc);
        compile
            .args([
                level,
                "-g",
                "-Wall",
                "-Wno-maybe-uninitialized",
                "-fopenmp",
                "-o",
            ])
            .arg(&program)
            .arg(tests.join(format!("{name}.c")))
            .arg("-I")
            .arg(here.join("include"));
        if linked == Linked::Ours {
            compile.arg("-L").arg(folder);
        }
        let compiled = compile.output().expect("gcc starts");
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        for threads in ["1", "2", "4", "17"] {
            let ran = Command::new("timeout")
                .arg("120")
                .arg(&program)
                .env("LD_LIBRARY_PATH", folder)
                .env("OMP_NUM_THREADS", threads)
                .envs(environment.iter().copied())
                .output()
                .expect("the program starts");
            assert!(
                ran.status.success(),
                "{name} {level}, {threads} threads: {}\n{}",
                ran.status,
                String::from_utf8_lossy(&ran.stderr)
            );
        }
    }
}

#[test]
fn parallel() {
    run("parallel", Linked::Gcc, &[]);
}

#[test]
fn loops() {
    run("loops", Linked::Gcc, &[]);
}

#[test]
fn sync() {
    run("sync", Linked::Ours, &[]);
}

#[test]
fn cancel() {
    run("cancel", Linked::Gcc, &[("OMP_CANCELLATION", "true")]);
}

#[test]
fn every_loop_form_of_gcc() {
    run("gomp_loops", Linked::Gcc, &[]);
    run("gomp_loops", Linked::Gcc, &[("OMP_SCHEDULE", "dynamic,3")]);
}

#[test]
fn tasks() {
    run("tasks", Linked::Ours, &[]);
    run("gomp_tasks", Linked::Gcc, &[]);
}

#[test]
fn tasks_that_a_taskgraph_cannot_replay() {
    run("gomp_taskgraph", Linked::Ours, &[]);
}

#[test]
fn task_reductions() {
    run("gomp_reductions", Linked::Gcc, &[]);
}

#[test]
fn target_regions_run_on_the_host() {
    run("gomp_target", Linked::Gcc, &[]);
}

#[test]
fn entry_points_of_early_compilers() {
    run("gomp_early", Linked::Ours, &[]);
}

#[test]
fn every_entry_point_of_gcc_called_by_hand() {
    run(
        "gomp_called",
        Linked::Ours,
        &[("OMP_SCHEDULE", "dynamic,2")],
    );
}
