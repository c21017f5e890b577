//! Constructs on devices.

use super::{GRIDS, Word, assemble_everywhere, kernel};

const SAXPY: &str = r#"module "m"
  site !0 index @"f"
  func @0 "f.target"($0, $1, $2) -> unit target {
    slot $0 "a": f64
    slot $1 "x": array<f64, 1, C>
    slot $2 "y": array<f64, 1, C>
    slot $3 "lower": i64
    slot $4 "upper": i64
    teams locals($3, $4) {
      v0: array<f64, 1, C> = load $1
      v1: i64 = dim v0, 0
      v2: i64 = const i64 0
      v3: i64 = const i64 1
      v4: i64 = routine get_team_num()
      v5: i64 = routine get_num_teams()
      v6: i64 = add v1, v5
      v7: i64 = sub v6, v3
      v8: i64 = floordiv v7, v5
      v9: i64 = mul v4, v8
      v10: i64 = add v9, v8
      v11: i64 = min v10, v1
      store $3, v9
      store $4, v11
      parallel locals() {
        v12: i64 = load $3
        v13: i64 = load $4
        v14: bool = loop v15 in v2, v1, v3 range(v12, v13) static {
          v16: array<f64, 1, C> = load $1
          v17: array<f64, 1, C> = load $2
          v18: f64 = load $0
          v19: f64 = load v16[v15] check !0
          v20: f64 = mul v18, v19
          v21: f64 = load v17[v15] check !0
          v22: f64 = add v20, v21
          store v17[v15] check !0, v22
        }
      }
    }
  }"#;

#[test]
fn saxpy_is_the_same_for_every_grid() {
    assemble_everywhere(SAXPY);
    let Some(saxpy) = kernel(SAXPY) else { return };
    for &(teams, threads) in GRIDS {
        for n in [0usize, 1, 5, 1000, 4097] {
            let mut x: Vec<f64> = (0..n).map(|i| i as f64).collect();
            let mut y: Vec<f64> = (0..n).map(|i| 1.0 / (i + 1) as f64).collect();
            let expected: Vec<f64> = x
                .iter()
                .zip(&y)
                .map(|(x, y)| 2.5f64.mul_add(*x, *y))
                .collect();
            let shape = [n as i64];
            let args = &mut [
                Word::Float(2.5),
                Word::Doubles(&mut x, &shape),
                Word::Doubles(&mut y, &shape),
            ];
            saxpy.run(teams, threads, args).unwrap();
            for (got, want) in y.iter().zip(&expected) {
                assert!(
                    (got - want).abs() <= want.abs() * 1e-15,
                    "{teams} x {threads}, n = {n}"
                );
            }
        }
    }
}

#[test]
fn an_index_out_of_bounds_is_reported_and_nothing_is_written_there() {
    let Some(saxpy) = kernel(SAXPY) else { return };
    let mut x = vec![1.0; 100];
    let mut y = vec![1.0; 60];
    let args = &mut [
        Word::Float(2.0),
        Word::Doubles(&mut x, &[100]),
        Word::Doubles(&mut y, &[60]),
    ];
    let (site, [index, axis, size]) = saxpy.run(2, 32, args).unwrap_err();
    assert_eq!((site, axis, size), (0, 0, 60));
    assert!((60..100).contains(&index), "{index}");
}

const SUM: &str = r#"module "m"
  site !0 index @"f"
  func @0 "f.target"($0, $1) -> unit target {
    slot $0 "x": array<f64, 1, C>
    slot $1 "s": f64 reference
    slot $2 "team s": f64
    slot $3 "thread s": f64
    slot $4 "lower": i64
    slot $5 "upper": i64
    teams locals($2, $4, $5) {
      v0: array<f64, 1, C> = load $0
      v1: i64 = dim v0, 0
      v2: i64 = const i64 0
      v3: i64 = const i64 1
      v30: f64 = const f64 0.0
      store $2, v30
      v4: i64 = routine get_team_num()
      v5: i64 = routine get_num_teams()
      v6: i64 = add v1, v5
      v7: i64 = sub v6, v3
      v8: i64 = floordiv v7, v5
      v9: i64 = mul v4, v8
      v10: i64 = add v9, v8
      v11: i64 = min v10, v1
      store $4, v9
      store $5, v11
      parallel locals($3) {
        store $3, v30
        v12: i64 = load $4
        v13: i64 = load $5
        v14: bool = loop v15 in v2, v1, v3 range(v12, v13) static {
          v16: array<f64, 1, C> = load $0
          v19: f64 = load v16[v15] check !0
          v20: f64 = load $3
          v21: f64 = add v20, v19 reassoc
          store $3, v21
        }
        reduce add $2 from $3
      }
      reduce add $1 from $2
    }
  }"#;

#[test]
fn a_sum_over_all_teams_arrives_in_the_mapped_variable() {
    assemble_everywhere(SUM);
    let Some(sum) = kernel(SUM) else { return };
    for &(teams, threads) in GRIDS {
        for n in [0usize, 1, 77, 5000] {
            let mut x: Vec<f64> = (0..n).map(|i| i as f64).collect();
            let mut s = 0.5;
            let shape = [n as i64];
            let args = &mut [Word::Doubles(&mut x, &shape), Word::MappedFloat(&mut s)];
            sum.run(teams, threads, args).unwrap();
            assert_eq!(
                s,
                0.5 + (n * n.saturating_sub(1) / 2) as f64,
                "{teams} x {threads}, n = {n}"
            );
        }
    }
}
