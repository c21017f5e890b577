//! What the threads of a team do together: schedules, barriers, `single`, `critical`, serial code around parallel regions, failures.

use super::{GRIDS, Word, assemble_everywhere, image, kernel, spirv};

/// Counts how often each of `n` iterations runs, and how many threads had the last one.
fn schedule(clause: &str) -> String {
    format!(
        r#"module "m"
        site !0 index @"f"
        func @0 "f.target"($0, $1, $2, $3) -> unit target {{
          slot $0 "n": i64
          slot $1 "hits": array<i64, 1, C>
          slot $2 "chunk": i64
          slot $3 "lasts": i64 reference
          v1: i64 = load $0
          v2: i64 = const i64 0
          v3: i64 = const i64 1
          v5: i64 = load $2
          parallel locals() {{
            v4: array<i64, 1, C> = load $1
            v6: bool = loop v7 in v2, v1, v3 {clause} {{
              v8: i64, v9: i64 = atomic_update add v4[v7] check !0, v3 relaxed
            }}
            if v6 {{
              v10: i64, v11: i64 = atomic_update add $3, v3 relaxed
            }}
            barrier
          }}
        }}"#
    )
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
        let text = schedule(clause);
        assemble_everywhere(&text);
        let Some(kernel) = kernel(&text) else { return };
        for threads in [1, 4, 33] {
            for n in [0i64, 1, 3, 100, 1001] {
                for chunk in [1, 3, i64::MAX] {
                    let (mut hits, mut lasts) = (vec![0i64; n as usize], 0);
                    let args = &mut [
                        Word::Int(n),
                        Word::Ints(&mut hits, &[n]),
                        Word::Int(chunk),
                        Word::MappedInt(&mut lasts),
                    ];
                    kernel.run(1, threads, args).unwrap();
                    let context = format!("{clause}, {threads} threads, {n} by {chunk}");
                    assert_eq!(hits, vec![1; n as usize], "{context}");
                    assert_eq!(lasts, i64::from(n > 0), "{context}");
                }
            }
        }
    }
}

#[test]
fn a_collapsed_nest_visits_every_place_once() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0, $1, $2) -> unit target {
        slot $0 "a": array<i64, 3, C>
        slot $1 "low": i64
        slot $2 "step": i64
        parallel locals() {
          v0: array<i64, 3, C> = load $0
          v1: i64 = dim v0, 0
          v2: i64 = dim v0, 1
          v3: i64 = dim v0, 2
          v4: i64 = const i64 0
          v5: i64 = const i64 1
          v6: i64 = load $1
          v7: i64 = load $2
          v8: bool = loop v9 in v4, v1, v5 * v10 in v6, v2, v7 * v11 in v4, v3, v5 static {
            v12: i64 = load v0[v9, v10, v11] check !0
            v13: i64 = add v12, v5
            store v0[v9, v10, v11] check !0, v13
          }
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    for shape in [[3, 5, 7], [1, 64, 2], [4, 0, 3], [17, 3, 1]] {
        for (low, step) in [(0, 1), (1, 2), (0, 3)] {
            let count = shape.iter().product::<i64>() as usize;
            let mut a = vec![0i64; count];
            let args = &mut [Word::Ints(&mut a, &shape), Word::Int(low), Word::Int(step)];
            kernel.run(1, 40, args).unwrap();
            for (place, &hits) in a.iter().enumerate() {
                let j = place as i64 / shape[2] % shape[1];
                let visited = j >= low && (j - low) % step == 0;
                assert_eq!(
                    hits,
                    i64::from(visited),
                    "{shape:?} {low} {step} at {place}"
                );
            }
        }
    }
}

#[test]
fn after_a_barrier_threads_see_what_the_others_have_written() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0, $1) -> unit target {
        slot $0 "a": array<i64, 1, C>
        slot $1 "b": array<i64, 1, C>
        slot $2 "x": i64
        parallel locals($2) {
          v0: array<i64, 1, C> = load $0
          v1: array<i64, 1, C> = load $1
          v2: i64 = thread_num
          v3: i64 = team_size
          v4: i64 = const i64 1
          v5: i64 = const i64 10
          store v0[v2] check !0, v2
          barrier
          v6: i64 = add v2, v4
          v7: i64 = mod v6, v3
          v8: i64 = load v0[v7] check !0
          v9: bool = single {
            store $2, v5
          }
          copyprivate v9 ($2)
          v10: i64 = load $2
          v11: i64 = add v8, v10
          store v1[v2] check !0, v11
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    for threads in [1usize, 5, 64, 100] {
        let (mut a, mut b) = (vec![-1i64; threads], vec![0i64; threads]);
        let shape = [threads as i64];
        let args = &mut [Word::Ints(&mut a, &shape), Word::Ints(&mut b, &shape)];
        kernel.run(1, threads, args).unwrap();
        for (i, &got) in b.iter().enumerate() {
            assert_eq!(got, ((i + 1) % threads) as i64 + 10);
        }
    }
    // Too short: every thread leaves, whichever has failed.
    let (mut a, mut b) = (vec![-1i64; 30], vec![0i64; 64]);
    let args = &mut [Word::Ints(&mut a, &[30]), Word::Ints(&mut b, &[64])];
    let (site, [index, _, size]) = kernel.run(1, 64, args).unwrap_err();
    assert_eq!((site, size), (0, 30));
    assert!((30..64).contains(&index));
    assert_eq!(b, vec![0; 64]);
}

#[test]
fn one_thread_at_a_time_is_in_a_critical_region() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0) -> unit target {
        slot $0 "a": array<i64, 1, C>
        teams locals() {
          parallel locals() {
            critical "name" {
              v0: array<i64, 1, C> = load $0
              v1: i64 = const i64 0
              v2: i64 = load v0[v1] check !0
              v3: i64 = const i64 1
              v4: i64 = add v2, v3
              store v0[v1] check !0, v4
            }
          }
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    for &(teams, threads) in GRIDS {
        let mut a = vec![0i64];
        kernel
            .run(teams, threads, &mut [Word::Ints(&mut a, &[1])])
            .unwrap();
        assert_eq!(a[0], (teams * threads) as i64);
    }
}

#[test]
fn serial_code_runs_once_between_parallel_regions() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0, $1, $2) -> unit target {
        slot $0 "a": array<i64, 1, C>
        slot $1 "n": i64
        slot $2 "out": array<i64, 1, C>
        slot $3 "s": i64
        slot $4 "private s": i64
        v0: array<i64, 1, C> = load $0
        v1: i64 = const i64 0
        v2: i64 = const i64 1
        v3: i64 = load $1
        store $3, v1
        for v4 in v1, v3, v2 {
          v5: i64 = load v0[v1] check !0
          v6: i64 = add v5, v2
          store v0[v1] check !0, v6
          parallel locals($4) {
            store $4, v1
            v7: i64 = const i64 100
            v8: bool = loop v9 in v1, v7, v2 static {
              v10: i64 = load $4
              v11: i64 = load v0[v1] check !0
              v12: i64 = add v10, v11
              store $4, v12
            }
            reduce add $3 from $4
          }
          v13: i64 = load $3
          v14: array<i64, 1, C> = load $2
          store v14[v4] check !0, v13
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    for threads in [1, 7, 64, 200] {
        let (mut a, mut out) = (vec![0i64], vec![0i64; 4]);
        let args = &mut [
            Word::Ints(&mut a, &[1]),
            Word::Int(4),
            Word::Ints(&mut out, &[4]),
        ];
        kernel.run(1, threads, args).unwrap();
        assert_eq!(out, [100, 300, 600, 1000], "{threads} threads");
    }
    let (mut a, mut out) = (vec![0i64], vec![0i64; 2]);
    let args = &mut [
        Word::Ints(&mut a, &[1]),
        Word::Int(4),
        Word::Ints(&mut out, &[2]),
    ];
    assert_eq!(kernel.run(1, 64, args), Err((0, [2, 0, 2])));
}

#[test]
fn functions_are_called_by_teams_by_their_threads_and_alone() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0) -> unit target {
        slot $0 "a": array<i64, 1, C>
        v0: array<i64, 1, C> = load $0
        v1: i64 = call @1(v0)
        v2: i64 = const i64 0
        store v0[v2] check !0, v1
        parallel locals() {
          v3: array<i64, 1, C> = load $0
          call @2(v3)
        }
      }
      func @1 "forks"($0) -> i64 {
        slot $0 "a": array<i64, 1, C>
        slot $1 "count": i64
        v0: i64 = const i64 0
        store $1, v0
        parallel locals() {
          v1: i64 = const i64 1
          v2: i64, v3: i64 = atomic_update add $1, v1 relaxed
        }
        v4: i64 = load $1
        return v4
      }
      func @2 "shares"($0) -> unit {
        slot $0 "a": array<i64, 1, C>
        v0: array<i64, 1, C> = load $0
        v1: i64 = const i64 1
        v2: i64 = dim v0, 0
        v3: bool = loop v4 in v1, v2, v1 static {
          v5: i64 = call @1(v0)
          v6: i64 = load v0[v4] check !0
          v7: i64 = add v5, v6
          store v0[v4] check !0, v7
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    for threads in [1usize, 9, 64] {
        let mut a = vec![5i64; 50];
        kernel
            .run(1, threads, &mut [Word::Ints(&mut a, &[50])])
            .unwrap();
        assert_eq!(a[0], threads as i64);
        assert_eq!(a[1..], [6; 49]);
    }
}

#[test]
fn what_devices_do_not_run_is_refused_by_name() {
    let of = |body: &str| {
        let text = format!("module \"m\"\nfunc @0 \"f.target\"() -> unit target {{\n{body}\n}}");
        image(&text, &spirv()).unwrap_err().to_string()
    };
    let region = |body: &str| of(&format!("parallel locals() {{\n{body}\n}}"));
    let event = "v0: i64 = task_event\ntask detach(v0) locals() {\n}";
    insta::assert_snapshot!([region(event), region("v0: f64 = routine get_wtime()")].join("\n"), @r"
    not supported on devices yet: tasks with detach
    not supported on devices yet: the routine omp_get_wtime
    ");
}

#[test]
fn nothing_is_cancelled_on_a_device() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0) -> unit target {
        slot $0 "count": i64 reference
        parallel locals() {
          v0: bool = const bool true
          v1: i64 = const i64 1
          v2: bool = cancel parallel v0
          if v2 {
            leave_region
          }
          v3: i64, v4: i64 = atomic_update add $0, v1 relaxed
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    let mut count = 0;
    let args = &mut [Word::MappedInt(&mut count)];
    kernel.run(1, 9, args).unwrap();
    assert_eq!(count, 9);
}

#[test]
fn iterations_of_an_ordered_loop_come_in_their_order_and_one_thread_has_the_last() {
    let text = r#"module "m"
      site !0 index @"f"
      func @0 "f.target"($0, $1, $2) -> unit target {
        slot $0 "out": array<i64, 1, C>
        slot $1 "next": i64 reference
        slot $2 "lasts": i64 reference
        parallel locals() {
          v0: array<i64, 1, C> = load $0
          v1: i64 = const i64 0
          v2: i64 = const i64 1
          v3: i64 = dim v0, 0
          v4: bool = loop v5 in v1, v3, v2 static ordered {
            ordered {
              v6: i64 = load $1
              store v0[v6] check !0, v5
              v7: i64 = add v6, v2
              store $1, v7
            }
          }
          if v4 {
            v8: i64, v9: i64 = atomic_update add $2, v2 relaxed
          }
        }
      }"#;
    assemble_everywhere(text);
    let Some(kernel) = kernel(text) else { return };
    for threads in [1usize, 9, 64] {
        let (mut out, mut next, mut lasts) = (vec![-1i64; 50], 0, 0);
        let args = &mut [
            Word::Ints(&mut out, &[50]),
            Word::MappedInt(&mut next),
            Word::MappedInt(&mut lasts),
        ];
        kernel.run(1, threads, args).unwrap();
        assert_eq!(out, (0..50).collect::<Vec<i64>>());
        assert_eq!((next, lasts), (50, 1));
    }
}
