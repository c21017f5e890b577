//! Teams: schedules, `lastprivate` results, reductions, single and copyprivate, ordered, threadprivate, nested regions.

use crate::common::*;

/// Counts how often each of `n` iterations runs, and reports the thread count times 1000 plus who had the last one.
fn schedule(clause: &str) -> Program {
    program(&format!(
        r#"module "m"
        site !0 index @"f"
        func @0 "f"($0, $1, $2, $3) -> i64 {{
          slot $0 "threads": i64
          slot $1 "n": i64
          slot $2 "hits": array<i64, 1, C>
          slot $3 "chunk": i64
          slot $4 "lasts": i64
          v0: i64 = load $0
          v1: i64 = load $1
          v2: i64 = const i64 0
          v3: i64 = const i64 1
          v4: array<i64, 1, C> = load $2
          v5: i64 = load $3
          store $4, v2
          parallel num_threads(v0) locals() {{
            v6: bool = loop v7 in v2, v1, v3 {clause} {{
              v8: i64 = load v4[v7] check !0
              v9: i64 = add v8, v3
              store v4[v7] check !0, v9
            }}
            if v6 {{
              v10: i64, v11: i64 = atomic_update add $4, v3 relaxed
            }}
            barrier
          }}
          v12: i64 = load $4
          return v12
        }}
        entry @0"#
    ))
}

#[test]
fn every_schedule_runs_each_iteration_once_and_one_thread_has_the_last() {
    for clause in [
        "static",
        "static chunk(v5)",
        "dynamic",
        "dynamic chunk(v5)",
        "guided chunk(v5) monotonic",
        "auto",
        "runtime",
    ] {
        let f = schedule(clause);
        for threads in [1, 2, 4] {
            for n in [0, 1, 2, 3, 7, 100, 1001] {
                for chunk in [1, 3, i64::MAX] {
                    let mut hits = vec![0i64; n as usize];
                    let lasts = f.int(&[int(threads), int(n), array(&mut hits, &[n]), int(chunk)]);
                    assert_eq!(
                        hits,
                        vec![1; n as usize],
                        "{clause}, {threads} threads, chunk {chunk}"
                    );
                    assert_eq!(
                        lasts,
                        i64::from(n > 0),
                        "{clause}, {threads} threads, {n} iterations, chunk {chunk}"
                    );
                }
            }
        }
    }
}

/// Reduces the numbers 1 to n.
fn reduction(op: &str, combine: &str, ty: &str, start: &str) -> Program {
    program(&format!(
        r#"module "m"
        func @0 "f"($0, $1) -> {ty} {{
          slot $0 "threads": i64
          slot $1 "n": i64
          slot $2 "s": {ty}
          slot $3 "private s": {ty}
          v0: i64 = load $0
          v1: i64 = load $1
          v2: i64 = const i64 1
          v3: i64 = add v1, v2
          v4: {ty} = const {ty} {start}
          store $2, v4
          parallel num_threads(v0) locals($3) {{
            store $3, v4
            v5: bool = loop v6 in v2, v3, v2 static {{
              v7: {ty} = cast v6
              v8: {ty} = load $3
              v9: {ty} = {combine} v8, v7 reassoc
              store $3, v9
            }}
            reduce {op} $2 from $3
            barrier
          }}
          v10: {ty} = load $2
          return v10
        }}
        entry @0"#
    ))
}

#[test]
fn reductions_of_numbers_are_exact_where_the_operation_is() {
    for threads in [1, 2, 3, 4] {
        let run = |op, combine, start| {
            reduction(op, combine, "i64", start).int(&[int(threads), int(1000)])
        };
        assert_eq!(run("add", "add", "0"), 500_500);
        assert_eq!(run("max", "max", "-5"), 1000);
        assert_eq!(run("min", "min", "5000"), 1);
        assert_eq!(run("xor", "xor", "0"), (1..=1000).fold(0, |a, b| a ^ b));
        assert_eq!(run("or", "or", "0"), 1023);
        let f = |op, combine, start| {
            reduction(op, combine, "f64", start).float(&[int(threads), int(1000)])
        };
        assert_eq!(f("add", "add", "0.0"), 500_500.0);
        assert_eq!(f("max", "max", "-inf"), 1000.0);
        assert_eq!(f("min", "min", "inf"), 1.0);
        let product = reduction("mul", "mul", "f64", "1.0").float(&[int(threads), int(20)]);
        assert_eq!(product, 2432902008176640000.0);
    }
}

#[test]
fn arrays_reduce_elementwise_and_reproducibly_in_thread_order() {
    let text = r#"module "m"
        site !0 memory @"f"
        func @0 "f"($0, $1) -> unit {
          slot $0 "threads": i64
          slot $1 "a": array<f64, 1, C>
          slot $2 "private a": array<f64, 1, C>
          v0: i64 = load $0
          parallel num_threads(v0) locals($2) {
            v1: array<f64, 1, C> = load $1
            v2: i64 = dim v1, 0
            v3: array<f64, 1, C> = alloc(v2) zero !0
            store $2, v3
            v4: i64 = thread_num
            v5: f64 = cast v4
            fill v3, v5
            reduce add $1 from $2
            barrier
          }
          return
        }
        entry @0"#;
    for reproducible in [false, true] {
        let f = program_with(
            text,
            &omply_codegen::Options {
                reproducible,
                ..options()
            },
        );
        let mut a = vec![0.5; 1000];
        f.run(&[int(4), array(&mut a, &[1000])]);
        assert_eq!(a, vec![6.5; 1000]);
    }
}

#[test]
fn one_thread_runs_a_single_block_and_its_values_reach_all() {
    let f = program(
        r#"module "m"
        func @0 "f"($0, $1) -> i64 {
          slot $0 "threads": i64
          slot $1 "seen": array<f64, 1, C>
          slot $2 "runs": i64
          slot $3 "x": f64
          slot $4 "flag": bool
          v0: i64 = load $0
          v1: i64 = const i64 0
          v2: i64 = const i64 1
          v3: f64 = const f64 2.5
          v4: bool = const bool true
          v12: bool = const bool false
          v5: array<f64, 1, C> = load $1
          store $2, v1
          parallel num_threads(v0) locals($3, $4) {
            store $4, v12
            v6: bool = single {
              v7: i64, v8: i64 = atomic_update add $2, v2 relaxed
              store $3, v3
              store $4, v4
            }
            copyprivate v6 ($3, $4)
            v9: i64 = thread_num
            v10: f64 = load $3
            v13: bool = load $4
            if v13 {
              store v5[v9], v10
            }
          }
          v11: i64 = load $2
          return v11
        }
        entry @0"#,
    );
    for threads in [1, 2, 4] {
        for _ in 0..50 {
            let mut seen = vec![0.0; threads as usize];
            assert_eq!(f.int(&[int(threads), array(&mut seen, &[threads])]), 1);
            assert_eq!(seen, vec![2.5; threads as usize]);
        }
    }
}

#[test]
fn ordered_blocks_run_in_the_order_of_iterations() {
    for clause in ["static", "static chunk(v2)", "dynamic", "guided"] {
        let f = program(&format!(
            r#"module "m"
            func @0 "f"($0, $1) -> i64 {{
              slot $0 "threads": i64
              slot $1 "order": array<i64, 1, C>
              slot $2 "next": i64
              v0: i64 = load $0
              v1: i64 = const i64 0
              v2: i64 = const i64 1
              v3: array<i64, 1, C> = load $1
              v4: i64 = dim v3, 0
              store $2, v1
              parallel num_threads(v0) locals() {{
                v5: bool = loop v6 in v1, v4, v2 {clause} ordered {{
                  ordered {{
                    v7: i64 = load $2
                    store v3[v7], v6
                    v8: i64 = add v7, v2
                    store $2, v8
                  }}
                }}
                barrier
              }}
              v9: i64 = load $2
              return v9
            }}
            entry @0"#
        ));
        for threads in [1, 2, 4] {
            let mut order = vec![-1i64; 60];
            assert_eq!(f.int(&[int(threads), array(&mut order, &[60])]), 60);
            assert_eq!(order, (0..60).collect::<Vec<i64>>(), "{clause}");
        }
    }
}

#[test]
fn threadprivate_variables_keep_each_threads_value_between_regions() {
    let f = program(
        r#"module "m"
        func @0 "f"($0, $1) -> unit {
          slot $0 "threads": i64
          slot $1 "out": array<f64, 1, C>
          slot $2 "t": f64 threadprivate("m.t", f64 1.5)
          v0: i64 = load $0
          v1: array<f64, 1, C> = load $1
          parallel num_threads(v0) locals() {
            v2: i64 = thread_num
            v3: f64 = cast v2
            v4: f64 = load $2
            v5: f64 = add v4, v3
            store $2, v5
          }
          parallel num_threads(v0) locals() {
            v6: i64 = thread_num
            v7: f64 = load $2
            store v1[v6], v7
          }
          return
        }
        entry @0"#,
    );
    let mut out = vec![0.0; 3];
    f.run(&[int(3), array(&mut out, &[3])]);
    assert_eq!(out, [1.5, 2.5, 3.5]);
    f.run(&[int(3), array(&mut out, &[3])]);
    assert_eq!(out, [1.5, 3.5, 5.5]);
}

#[test]
fn an_orphaned_loop_shares_among_the_callers_team() {
    let f = program(
        r#"module "m"
        func @0 "f"($0, $1) -> unit {
          slot $0 "threads": i64
          slot $1 "a": array<i64, 1, C>
          v0: i64 = load $0
          v1: array<i64, 1, C> = load $1
          parallel num_threads(v0) locals() {
            call @1(v1)
          }
          return
        }
        func @1 "share"($0) -> unit {
          slot $0 "a": array<i64, 1, C>
          v0: array<i64, 1, C> = load $0
          v1: i64 = dim v0, 0
          v2: i64 = const i64 0
          v3: i64 = const i64 1
          v4: i64 = thread_num
          v5: i64 = team_size
          v6: bool = loop v7 in v2, v1, v3 static {
            v8: i64 = mul v5, v7
            v9: i64 = add v8, v4
            store v0[v7], v9
          }
          barrier
          return
        }
        entry @0"#,
    );
    let mut a = vec![-1i64; 7];
    f.run(&[int(2), array(&mut a, &[7])]);
    assert_eq!(a, [0, 2, 4, 6, 9, 11, 13]);
    f.run(&[int(1), array(&mut a, &[7])]);
    assert_eq!(a, [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_false_if_clause_makes_a_team_of_one() {
    let f = program(
        r#"module "m"
        func @0 "f"($0) -> i64 {
          slot $0 "go": bool
          slot $1 "size": i64
          v0: bool = load $0
          v1: i64 = const i64 3
          parallel num_threads(v1) if(v0) locals() {
            v2: i64 = routine get_num_threads()
            v3: bool = single {
              store $1, v2
            }
          }
          v4: i64 = load $1
          return v4
        }
        entry @0"#,
    );
    assert_eq!((f.int(&[int(0)]), f.int(&[int(1)])), (1, 3));
}
