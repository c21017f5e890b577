//! Errors: checks, raised exceptions, errors of team threads, locks released on the way out, recursion, Ctrl-C.

use omply_codegen::support::{ErrorRecord, NativeError, SITE_BAD_NUM_THREADS, SITE_RECURSION};

use crate::common::*;

fn record(site: u32, args: [i64; 3], thread_num: Option<u32>) -> ErrorRecord {
    ErrorRecord {
        cookie: COOKIE,
        site,
        args,
        thread_num,
        device: None,
    }
}

#[test]
fn a_failing_check_carries_its_site_and_arguments_through_calls() {
    let f = program(
        r#"module "m"
        site !0 value @"f"
        site !1 zero_division @"f"
        func @0 "f"($0) -> i64 {
          slot $0 "n": i64
          v0: i64 = load $0
          v1: i64 = call @1(v0)
          return v1
        }
        func @1 "g"($0) -> i64 {
          slot $0 "n": i64
          v0: i64 = load $0
          v1: i64 = const i64 0
          v2: bool = cmp ne v0, v1
          check v2 !1(v0)
          v3: i64 = const i64 100
          v4: bool = cmp lt v0, v3
          check v4 !0(v0, v3)
          v5: i64 = floordiv v3, v0
          return v5
        }
        entry @0"#,
    );
    assert_eq!(f.int(&[int(7)]), 14);
    assert_eq!(f.error(&[int(0)]).records, [record(1, [0, 0, 0], None)]);
    assert_eq!(
        f.error(&[int(200)]).records,
        [record(0, [200, 100, 0], None)]
    );
    assert_eq!(f.int(&[int(-7)]), -15);
}

/// Every thread from `$1` on raises with its number; inside a critical region when `$2`.
const RAISING: &str = r#"module "m"
site !0 value @"f"
func @0 "f"($0, $1, $2) -> i64 {
  slot $0 "threads": i64
  slot $1 "first": i64
  slot $2 "locked": bool
  slot $3 "count": i64
  v0: i64 = load $0
  v1: i64 = const i64 0
  v2: i64 = const i64 1
  store $3, v1
  parallel num_threads(v0) locals() {
    v3: i64 = thread_num
    v4: i64 = load $1
    v5: bool = cmp lt v3, v4
    v6: bool = load $2
    if v6 {
      critical "raising" {
        v7: i64 = load $3
        v8: i64 = add v7, v2
        store $3, v8
        check v5 !0(v3)
      }
    } else {
      check v5 !0(v3)
    }
    barrier
  }
  v9: i64 = load $3
  return v9
}
entry @0
"#;

#[test]
fn the_lowest_thread_numbers_error_comes_first() {
    let f = program(RAISING);
    for locked in [0, 1] {
        for threads in [1, 2, 4] {
            for first in 0..threads {
                let error = f.error(&[int(threads), int(first), int(locked)]);
                assert!(!error.interrupted);
                assert!(error.records.len() <= (threads - first) as usize);
                for found in &error.records {
                    let thread = found.args[0];
                    assert_eq!(*found, record(0, [thread, 0, 0], Some(thread as u32)));
                    assert!(thread >= first);
                }
                assert!(error.records.is_sorted_by_key(|record| record.thread_num));
            }
            // Nobody raises, and the lock is free.
            assert_eq!(
                f.int(&[int(threads), int(threads), int(locked)]),
                locked * threads
            );
        }
    }
}

#[test]
fn a_team_of_no_threads_is_an_error() {
    let f = program(RAISING);
    for threads in [0, -3, i64::MIN] {
        let error = f.error(&[int(threads), int(0), int(0)]);
        assert_eq!(error.records, [record(SITE_BAD_NUM_THREADS, [0; 3], None)]);
    }
}

#[test]
fn errors_of_nested_regions_reach_the_outside_once() {
    let f = program(
        r#"module "m"
        site !0 value @"f"
        func @0 "f"() -> unit {
          v0: i64 = const i64 2
          v1: i64 = const i64 1
          parallel num_threads(v0) locals() {
            v2: i64 = thread_num
            v3: bool = cmp eq v2, v1
            if v3 {
              parallel num_threads(v0) locals() {
                v4: i64 = thread_num
                v5: bool = cmp ne v4, v4
                check v5 !0(v4)
              }
            }
            barrier
          }
          return
        }
        entry @0"#,
    );
    let error = f.error(&[]);
    assert!(
        !error.records.is_empty() && error.records.len() <= 2,
        "{error:?}"
    );
    assert!(error.records.iter().all(|record| record.site == 0));
    assert_eq!(omply_codegen::support::take_error(), None);
}

#[test]
fn endless_recursion_is_an_error() {
    let f = program(
        r#"module "m"
        func @0 "f"($0) -> i64 {
          slot $0 "n": i64
          v0: i64 = load $0
          v1: i64 = const i64 0
          v2: i64 = const i64 1
          v3: bool = cmp eq v0, v1
          if v3 {
            return v1
          }
          v4: i64 = sub v0, v2
          v5: i64 = call @0(v4)
          v6: i64 = mul v5, v0
          v7: i64 = add v6, v2
          return v7
        }
        entry @0"#,
    );
    assert_eq!(f.int(&[int(3)]), 10);
    assert_eq!(
        f.error(&[int(-1)]),
        NativeError {
            records: vec![record(SITE_RECURSION, [0; 3], None)],
            interrupted: false
        }
    );
}

#[test]
fn ctrl_c_ends_serial_loops_and_regions_and_leaves_locks_free() {
    let f = program(
        r#"module "m"
        func @0 "f"($0, $1) -> i64 {
          slot $0 "threads": i64
          slot $1 "forever": bool
          slot $2 "count": i64
          v0: i64 = load $0
          v1: i64 = const i64 1
          v2: i64 = const i64 0
          store $2, v2
          parallel num_threads(v0) locals() {
            while {
              v3: bool = load $1
            } test v3 {
              poll
              critical "interrupted" {
                v4: i64 = load $2
                v5: i64 = add v4, v1
                store $2, v5
              }
            }
            critical "interrupted" {
              v6: i64 = load $2
              v7: i64 = add v6, v1
              store $2, v7
            }
          }
          v8: bool = cmp eq v0, v1
          while {
            v9: bool = load $1
          } test v9 {
            poll
          }
          v10: i64 = load $2
          return v10
        }
        entry @0"#,
    );
    omply_runtime::set_main_thread();
    for threads in [1, 2, 4] {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(20));
                omply_runtime::set_interrupt(true);
            });
            let error = f.error(&[int(threads), int(1)]);
            assert_eq!(
                error,
                NativeError {
                    records: vec![],
                    interrupted: true
                }
            );
        });
        omply_runtime::set_interrupt(false);
        assert_eq!(f.int(&[int(threads), int(0)]), threads);
    }
}

#[test]
fn an_error_in_any_construct_ends_the_region_for_all_threads() {
    let bodies = [
        ("single", "v9: bool = single { check v8 !0(v3) }"),
        (
            "copyprivate",
            "v9: bool = single { check v8 !0(v3) } copyprivate v9 ($3)",
        ),
        (
            "dynamic",
            "v9: bool = loop v10 in v1, v7, v2 dynamic { check v8 !0(v10) }",
        ),
        (
            "guided",
            "v9: bool = loop v10 in v1, v7, v2 guided { v11: bool = cmp lt v10, v6 check v11 !0(v10) }",
        ),
        (
            "ordered",
            "v9: bool = loop v10 in v1, v7, v2 static ordered { ordered { v11: bool = cmp lt v10, v6 check v11 !0(v10) } }",
        ),
        (
            "nested locks",
            "critical \"a\" { critical \"b\" { check v8 !0(v3) } }",
        ),
        ("reduction", "check v8 !0(v3) reduce add $3 from $4"),
    ];
    for (name, body) in bodies {
        let f = program(&format!(
            r#"module "m"
            site !0 value @"f"
            func @0 "f"($0, $1) -> i64 {{
              slot $0 "threads": i64
              slot $1 "fine": bool
              slot $2 "after": i64
              slot $3 "x": i64
              slot $4 "private x": i64
              v0: i64 = load $0
              v1: i64 = const i64 0
              v2: i64 = const i64 1
              v6: i64 = const i64 70
              v7: i64 = const i64 100
              v8: bool = load $1
              store $2, v1
              store $3, v1
              parallel num_threads(v0) locals($4) {{
                v3: i64 = thread_num
                store $4, v1
                {body}
                barrier
                barrier
                v4: i64, v5: i64 = atomic_update add $2, v2 relaxed
              }}
              v20: i64 = load $2
              return v20
            }}
            entry @0"#
        ));
        for threads in [1, 2, 4] {
            for _ in 0..20 {
                let error = f.error(&[int(threads), int(0)]);
                assert!(
                    !error.records.is_empty() && !error.interrupted,
                    "{name}: {error:?}"
                );
            }
            if name != "guided" && name != "ordered" {
                assert_eq!(f.int(&[int(threads), int(1)]), threads, "{name}");
            }
        }
    }
}
