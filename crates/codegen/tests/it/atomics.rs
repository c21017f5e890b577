//! Atomic operations: every form and type, with threads in each other's way.

use crate::common::*;

/// Four threads apply `op value` to one element `n` times each.
fn contended(ty: &str, op: &str, value: &str) -> Program {
    program(&format!(
        r#"module "m"
        func @0 "f"($0, $1) -> unit {{
          slot $0 "a": array<{ty}, 1, C>
          slot $1 "n": i64
          v0: array<{ty}, 1, C> = load $0
          v1: i64 = load $1
          v2: i64 = const i64 4
          v3: i64 = const i64 0
          v4: i64 = const i64 1
          v5: {ty} = const {ty} {value}
          parallel num_threads(v2) locals() {{
            for v6 in v3, v1, v4 {{
              v7: {ty}, v8: {ty} = atomic_update {op} v0[v4], v5 relaxed
            }}
          }}
          return
        }}
        entry @0"#
    ))
}

#[test]
fn no_update_is_lost() {
    let n = 2000;
    let mut ints = [7i64, 0, 7];
    contended("i64", "add", "3").run(&[array(&mut ints, &[3]), int(n)]);
    assert_eq!(ints, [7, 12 * n, 7]);
    contended("i64", "floordiv", "2").run(&[array(&mut ints, &[3]), int(1)]);
    assert_eq!(ints[1], 12 * n / 16);
    let mut bytes = [7i8, 0, 7];
    contended("i8", "sub", "1").run(&[array(&mut bytes, &[3]), int(n)]);
    assert_eq!(bytes, [7, (-4 * n) as i8, 7]);
    let mut floats = [7.0f64, 0.0, 7.0];
    contended("f64", "add", "0.5").run(&[array(&mut floats, &[3]), int(n)]);
    assert_eq!(floats, [7.0, 2.0 * n as f64, 7.0]);
    let mut singles = [7.0f32, 0.0, 7.0];
    contended("f32", "sub", "0.5").run(&[array(&mut singles, &[3]), int(n)]);
    assert_eq!(singles, [7.0, -2.0 * n as f32, 7.0]);
    let mut complex = [7.0f64, 7.0, 0.0, 0.0, 7.0, 7.0];
    contended("c128", "add", "1.0 -2.0").run(&[strided(complex.as_mut_ptr(), &[3], &[16]), int(n)]);
    assert_eq!(
        complex,
        [7.0, 7.0, 4.0 * n as f64, -8.0 * n as f64, 7.0, 7.0]
    );
    let mut flags = [true, true, false];
    contended("bool", "xor", "true").run(&[array(&mut flags, &[3]), int(n + 1)]);
    assert_eq!(flags, [true, true, false]);
}

#[test]
fn captures_see_the_old_and_the_new_value() {
    let f = program(
        r#"module "m"
        func @0 "f"($0) -> (f64, f64, f64, f64, bool, f64, bool, f64) {
          slot $0 "x": f64
          v0: f64 = const f64 2.0
          v1: f64, v2: f64 = atomic_update sub $0, v0 reversed seq_cst
          v3: f64 = atomic_exchange $0, v0 acq_rel
          v4: f64 = atomic_load $0 acquire
          v5: f64 = const f64 9.0
          v6: bool, v7: f64 = atomic_compare_exchange $0, v5, v0 seq_cst
          v8: bool, v9: f64 = atomic_compare_exchange $0, v0, v5 weak acquire
          atomic_store $0, v5 release
          v10: (f64, f64, f64, f64, bool, f64, bool, f64) = tuple(v1, v2, v3, v4, v6, v7, v8, v9)
          return v10
        }
        entry @0"#,
    );
    let words = f.call(&[float(5.0)], 8).unwrap();
    let number = |index: usize| f64::from_bits(words[index]);
    assert_eq!([0, 1, 2, 3].map(number), [5.0, -3.0, -3.0, 2.0]);
    assert_eq!((words[4], number(5), words[6], number(7)), (0, 2.0, 1, 2.0));
}

#[test]
fn floats_compare_as_numbers_in_a_compare_exchange() {
    let f = program(
        r#"module "m"
        func @0 "f"($0, $1) -> (bool, f64) {
          slot $0 "x": f64
          slot $1 "expected": f64
          v0: f64 = load $1
          v1: f64 = const f64 1.0
          v2: bool, v3: f64 = atomic_compare_exchange $0, v0, v1 relaxed
          v4: f64 = load $0
          v5: (bool, f64) = tuple(v2, v4)
          return v5
        }
        entry @0"#,
    );
    let run = |x: f64, expected: f64| {
        let words = f.call(&[float(x), float(expected)], 2).unwrap();
        (words[0], f64::from_bits(words[1]))
    };
    assert_eq!(run(-0.0, 0.0), (1, 1.0));
    assert_eq!(run(2.0, 3.0), (0, 2.0));
    assert_eq!(run(f64::NAN, f64::NAN).0, 0);
}
