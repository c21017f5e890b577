//! Small whole programs: loops, reductions, calls.

use crate::common::*;

const PI: &str = r#"module "pi"
func @0 "pi"($0, $3) -> f64 {
  slot $0 "n": i64
  slot $1 "s": f64
  slot $2 "private s": f64
  slot $3 "threads": i64
  v0: i64 = const i64 0
  v1: i64 = const i64 1
  v2: f64 = const f64 0.0
  v3: f64 = const f64 1.0
  v4: f64 = const f64 4.0
  v5: f64 = const f64 0.5
  v6: i64 = load $0
  v7: f64 = cast v6
  v8: f64 = div v3, v7
  v20: i64 = load $3
  store $1, v2
  parallel num_threads(v20) locals($2) {
    store $2, v2
    v9: bool = loop v10 in v0, v6, v1 static {
      v11: f64 = cast v10
      v12: f64 = add v11, v5
      v13: f64 = mul v12, v8
      v14: f64 = mul v13, v13
      v15: f64 = add v3, v14
      v16: f64 = div v4, v15
      v17: f64 = load $2
      v18: f64 = add v17, v16 reassoc
      store $2, v18
    }
    reduce add $1 from $2
    barrier
  }
  v19: f64 = load $1
  v21: f64 = mul v19, v8
  return v21
}
entry @0
"#;

#[test]
fn pi_is_pi_with_any_number_of_threads() {
    let pi = program(PI);
    for threads in 1..=4 {
        let found = pi.float(&[int(1_000_003), int(threads)]);
        assert!(
            (found - std::f64::consts::PI).abs() < 1e-11,
            "{threads} threads: {found}"
        );
    }
    assert_eq!(pi.float(&[int(1), int(4)]), 3.2);
}

/// Of the IR's own tests.
const EVERY_OPERATION: &str = include_str!("../../../ir/tests/every_operation.ir");

const TASKS: &str = r#"
func @3 "h"($0, $1) -> unit {
  slot $0 "n": i64
  slot $1 "s": f64
  slot $2 "key": bool
  v0: bool = const bool true
  taskgroup {
    spawn @2(value $0.n, reference $1.s) final(v0)
    spawn @2(value $0.n, reference $1.s) depend(in $2.key)
  }
  spawn @2(value $0.n, reference $1.s) joined at_once
  taskyield
  taskwait depend(in $2.key)
  taskwait
}
"#;

const TARGETS: &str = r#"
func @4 "k"($0, $1, $2) -> unit {
  slot $0 "n": i64
  slot $1 "s": f64
  slot $2 "a": array<f64, 1, strided>
  v0: i64 = load $0.n
  v1: bool = const bool true
  v2: array<f64, 1, strided> = load $2.a
  v3: array<f64, 1, strided> = view v2[v0:] check !0
  target_move enter device(v0) if(v1) map(to always "a[n:]" section $2.a v3)
  target_data device(v0) map(to from present "a" $2.a, close "s" scalar $1.s) {
    v4: array<f64, 1, strided> = device_array v2 device(v0)
    v5: array<f64, 1, strided> = device_array v2
    offload @5(reference $1.s, value $2.a) device(v0) if(v1) lower(v0) upper(v0) thread_limit(v0) num_threads(v0) trip(v0) map(to from "s" scalar $1.s, to implicit "a" $2.a)
  }
  offload @5(reference $1.s, value $2.a) trip(v0) map(to from "s" scalar $1.s, device "a" $2.a)
  target_move update map(from "a" $2.a)
  target_move exit map(delete release "a" $2.a)
}

"#;

#[test]
fn every_operation_of_the_ir_compiles_at_every_level() {
    let (head, rest) = EVERY_OPERATION.split_once("func @0").unwrap();
    let (regions, flat) = rest.split_once("func @1").unwrap();
    let regions = format!("{head}func @0{regions}entry @0");
    // The last function holds both phases' operations: its flat ones are here again.
    let (flat, _) = flat.split_once("func @4").unwrap();
    let flat = flat
        .replace("@1", "@0")
        .replace("@2", "@1")
        .replace("@3", "@2");
    let (_, target) = rest.split_once("func @6").unwrap();
    let target = target.replace("\nentry @0", "").replace("@7", "@6");
    let flat = format!("{head}func @0{flat}{TASKS}{TARGETS}func @5{target}entry @3");
    for opt_level in 0..=3 {
        let options = omply_codegen::Options {
            opt_level,
            ..options()
        };
        program_with(&regions, &options);
        let module = omply_ir::text::parse(&flat).unwrap();
        let object = omply_codegen::compile(&module, &options).unwrap();
        omply_codegen::load(&object, COOKIE).unwrap();
    }
}

#[test]
fn the_child_of_a_fork_loads_and_runs_while_the_parent_was_loading() {
    let text =
        "module \"m\"\nfunc @0 \"f\"() -> i64 {\nv0: i64 = const i64 42\nreturn v0\n}\nentry @0\n";
    let object = omply_codegen::compile(&omply_ir::text::parse(text).unwrap(), &options()).unwrap();
    let loads_and_runs = || {
        let loaded = omply_codegen::load(&object, COOKIE).unwrap();
        let mut result = [0u64];
        // SAFETY: the function takes nothing and gives one word.
        let status = unsafe { (loaded.entry())(std::ptr::null(), result.as_mut_ptr()) };
        status == 0 && result == [42]
    };
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                assert!(loads_and_runs());
            }
        });
        for _ in 0..20 {
            // SAFETY: the child calls nothing but what is under test and leaves without unwinding; the alarm ends it if it hangs.
            unsafe {
                let child = libc::fork();
                if child == 0 {
                    libc::alarm(20);
                    let fine =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(loads_and_runs));
                    libc::_exit(if matches!(fine, Ok(true)) { 0 } else { 1 });
                }
                let mut status = -1;
                libc::waitpid(child, &mut status, 0);
                assert_eq!(status, 0);
            }
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
