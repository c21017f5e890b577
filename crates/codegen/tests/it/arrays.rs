//! Arrays: element access in every layout, index checks, views, allocation and reference counts, whole-array operations.

use omply_codegen::support::{ErrorRecord, release_owner};

use crate::common::*;

/// `a[i, j]` of a matrix.
fn element(layout: &str) -> Program {
    program(&format!(
        r#"module "m"
        site !0 index @"f"
        func @0 "f"($0, $1, $2) -> f64 {{
          slot $0 "a": array<f64, 2, {layout}>
          slot $1 "i": i64
          slot $2 "j": i64
          v0: array<f64, 2, {layout}> = load $0
          v1: i64 = load $1
          v2: i64 = load $2
          v3: f64 = load v0[v1, v2] check !0
          return v3
        }}
        entry @0"#
    ))
}

#[test]
fn elements_are_found_in_every_layout() {
    let mut data: Vec<f64> = (0..12).map(f64::from).collect();
    let c = element("C");
    let fortran = element("F");
    let any = element("strided");
    for i in 0..3 {
        for j in 0..4 {
            let at = |program: &Program, a: Arg| program.float(&[a, int(i), int(j)]);
            assert_eq!(at(&c, array(&mut data, &[3, 4])), (4 * i + j) as f64);
            assert_eq!(
                at(&fortran, strided(data.as_mut_ptr(), &[3, 4], &[8, 24])),
                (i + 3 * j) as f64
            );
            // The matrix backwards, transposed.
            let last = &raw mut data[11];
            assert_eq!(
                at(&any, strided(last, &[3, 4], &[-8, -24])),
                (11 - i - 3 * j) as f64
            );
        }
    }
}

#[test]
fn negative_indices_count_from_the_end_and_others_raise() {
    let mut data: Vec<f64> = (0..12).map(f64::from).collect();
    let f = element("C");
    assert_eq!(f.float(&[array(&mut data, &[3, 4]), int(-1), int(-4)]), 8.0);
    for (i, j, args) in [
        (3, 0, [3, 0, 3]),
        (-4, 0, [-4, 0, 3]),
        (0, 4, [4, 1, 4]),
        (0, i64::MIN, [i64::MIN, 1, 4]),
    ] {
        let error = f.error(&[array(&mut data, &[3, 4]), int(i), int(j)]);
        assert_eq!(
            error.records,
            [ErrorRecord {
                cookie: COOKIE,
                site: 0,
                args,
                thread_num: None,
                device: None,
            }]
        );
    }
}

#[test]
fn every_type_of_element_is_read_and_written() {
    for ty in [
        "bool", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f16", "f32", "f64",
    ] {
        let f = program(&format!(
            r#"module "m"
            func @0 "f"($0) -> {ty} {{
              slot $0 "a": array<{ty}, 1, C>
              v0: array<{ty}, 1, C> = load $0
              v1: i64 = const i64 1
              v2: i64 = const i64 0
              v3: {ty} = load v0[v1]
              store v0[v2], v3
              return v3
            }}
            entry @0"#
        ));
        let bytes = match ty {
            "bool" | "i8" | "u8" => 1,
            "i16" | "u16" | "f16" => 2,
            "i32" | "u32" | "f32" => 4,
            _ => 8,
        };
        let mut data = vec![0u8; 2 * bytes];
        data[bytes] = 1;
        let result = f
            .call(&[strided(data.as_mut_ptr(), &[2], &[bytes as i64])], 1)
            .unwrap();
        assert_eq!((result[0], data[0]), (1, 1), "{ty}");
    }
    let mut data = [1.0f64, 2.0, 3.0, 4.0];
    let f = program(
        r#"module "m"
        func @0 "f"($0) -> c128 {
          slot $0 "a": array<c128, 1, C>
          v0: array<c128, 1, C> = load $0
          v1: i64 = const i64 1
          v2: i64 = const i64 0
          v3: c128 = load v0[v1]
          store v0[v2], v3
          return v3
        }
        entry @0"#,
    );
    assert_eq!(
        f.complex(&[strided(data.as_mut_ptr(), &[2], &[16])]),
        (3.0, 4.0)
    );
    assert_eq!(data, [3.0, 4.0, 3.0, 4.0]);
}

/// `len(a[start:stop:step])` and the sum of that slice.
const SLICE: &str = r#"module "m"
func @0 "f"($0, $1, $2, $3) -> (i64, f64) {
  slot $0 "a": array<f64, 1, C>
  slot $1 "start": i64
  slot $2 "stop": i64
  slot $3 "step": i64
  slot $4 "s": f64
  v0: array<f64, 1, C> = load $0
  v1: i64 = load $1
  v2: i64 = load $2
  v3: i64 = load $3
  v4: array<f64, 1, strided> = view v0[v1:v2:v3]
  v5: i64 = dim v4, 0
  v6: i64 = const i64 0
  v7: i64 = const i64 1
  v8: f64 = const f64 0.0
  store $4, v8
  for v9 in v6, v5, v7 {
    v10: f64 = load $4
    v11: f64 = load v4[v9]
    v12: f64 = add v10, v11
    store $4, v12
  }
  v13: f64 = load $4
  v14: (i64, f64) = tuple(v5, v13)
  return v14
}
entry @0
"#;

#[test]
fn slices_clip_as_pythons_do() {
    let mut data: Vec<f64> = (0..7).map(|i| f64::from(1 << i)).collect();
    let f = program(SLICE);
    // Python's answers for a list of seven: (start, stop, step), length, sum of 2**index.
    let cases = [
        ((0, 7, 1), 7, 127.0),
        ((2, 5, 1), 3, 28.0),
        ((-3, 100, 1), 3, 112.0),
        ((-100, -5, 1), 2, 3.0),
        ((5, 2, 1), 0, 0.0),
        ((9, 20, 1), 0, 0.0),
        ((0, 7, 3), 3, 73.0),
        ((6, -8, -1), 7, 127.0),
        ((6, 0, -2), 3, 84.0),
        ((100, 2, -3), 2, 72.0),
        ((2, 5, -1), 0, 0.0),
    ];
    for ((start, stop, step), length, sum) in cases {
        let words = f
            .call(
                &[array(&mut data, &[7]), int(start), int(stop), int(step)],
                2,
            )
            .unwrap();
        assert_eq!(
            (words[0] as i64, f64::from_bits(words[1])),
            (length, sum),
            "{start}:{stop}:{step}"
        );
    }
}

#[test]
fn a_view_returned_is_borrowed_and_carries_its_strides() {
    let f = program(
        r#"module "m"
        site !0 index @"f"
        func @0 "f"($0, $1) -> array<f64, 1, strided> {
          slot $0 "a": array<f64, 2, C>
          slot $1 "j": i64
          v0: array<f64, 2, C> = load $0
          v1: i64 = load $1
          v2: array<f64, 1, strided> = view v0[:, v1] check !0
          return v2
        }
        entry @0"#,
    );
    let mut data: Vec<f64> = (0..12).map(f64::from).collect();
    let words = f.call(&[array(&mut data, &[3, 4]), int(-1)], 4).unwrap();
    assert_eq!(words, [&raw const data[3] as u64, 0, 3, 32]);
    assert_eq!(
        f.error(&[array(&mut data, &[3, 4]), int(4)]).records[0].args,
        [4, 1, 4]
    );
}

#[test]
fn new_arrays_are_zeroed_aligned_and_owned_by_the_caller() {
    let f = program(
        r#"module "m"
        site !0 value @"f"
        func @0 "f"($0) -> array<i32, 2, C> {
          slot $0 "n": i64
          slot $1 "a": array<i32, 2, C>
          v0: i64 = load $0
          v1: i64 = const i64 3
          v2: array<i32, 2, C> = alloc(v0, v1) zero !0
          store $1, v2
          v3: array<i32, 2, C> = load $1
          return v3
        }
        entry @0"#,
    );
    let words = f.call(&[int(5)], 6).unwrap();
    assert_eq!(words[2..], [5, 3, 12, 4]);
    assert_eq!((words[0] % 64, words[0] - words[1]), (0, 64));
    // SAFETY: fifteen zeroed integers, whose only reference came with the result.
    unsafe {
        assert_eq!(
            std::slice::from_raw_parts(words[0] as *const i32, 15),
            [0; 15]
        );
        release_owner(words[1] as *mut _);
    }
    assert_eq!(f.error(&[int(-1)]).records[0].args, [-1, 0, 0]);
    assert_eq!(
        f.error(&[int(i64::MAX / 2)]).records[0].site,
        omply_codegen::support::SITE_MEMORY
    );
}

/// Swaps two new arrays many times, calls a function that makes one, and returns one element.
const SWAPS: &str = r#"module "m"
site !0 value @"f"
func @0 "f"($0) -> i64 {
  slot $0 "n": i64
  slot $1 "a": array<i64, 1, C>
  slot $2 "b": array<i64, 1, C>
  v0: i64 = load $0
  v1: i64 = const i64 1000
  v2: i64 = const i64 0
  v3: i64 = const i64 1
  v4: array<i64, 1, C> = call @1(v1, v2)
  store $1, v4
  v5: array<i64, 1, C> = call @1(v1, v3)
  store $2, v5
  for v6 in v2, v0, v3 {
    v7: array<i64, 1, C> = load $1
    v8: array<i64, 1, C> = load $2
    store $1, v8
    store $2, v7
    v9: array<i64, 1, C> = alloc(v1) uninit !0
    fill v9, v6
    v10: array<i64, 1, C> = load $1
    copy v10, v9 !0
    store $1, v9
    v11: bool = cmp eq v6, v1
    if v11 {
      break
    }
  }
  v12: array<i64, 1, C> = load $2
  v13: i64 = load v12[v3]
  return v13
}
func @1 "make"($0, $1) -> array<i64, 1, C> {
  slot $0 "n": i64
  slot $1 "value": i64
  v0: i64 = load $0
  v1: i64 = load $1
  v2: array<i64, 1, C> = alloc(v0) uninit !0
  fill v2, v1
  return v2
}
entry @0
"#;

#[test]
fn swapped_and_replaced_arrays_live_exactly_as_long_as_they_are_needed() {
    let f = program(SWAPS);
    let before = resident_bytes();
    for _ in 0..20 {
        assert_eq!(f.int(&[int(500)]), 498);
        assert_eq!(f.int(&[int(5000)]), 999);
    }
    // 8 KB each: had they leaked, about 240 MB would be left.
    assert!(resident_bytes() < before + (50 << 20));
}

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn copies_check_shapes_and_read_before_they_write() {
    let f = program(
        r#"module "m"
        site !0 value @"f"
        func @0 "f"($0, $1) -> unit {
          slot $0 "a": array<i64, 1, strided>
          slot $1 "b": array<i64, 1, strided>
          v0: array<i64, 1, strided> = load $0
          v1: array<i64, 1, strided> = load $1
          copy v0, v1 !0
          return
        }
        entry @0"#,
    );
    let mut data: Vec<i64> = (0..6).collect();
    let base = data.as_mut_ptr();
    f.run(&[
        strided(base.wrapping_add(1), &[5], &[8]),
        strided(base, &[5], &[8]),
    ]);
    assert_eq!(data, [0, 0, 1, 2, 3, 4]);
    let mut other = [0i64; 3];
    f.run(&[
        strided(other.as_mut_ptr(), &[3], &[8]),
        strided(base, &[3], &[16]),
    ]);
    assert_eq!(other, [0, 1, 3]);
    let error = f.error(&[
        strided(other.as_mut_ptr(), &[3], &[8]),
        strided(base, &[6], &[8]),
    ]);
    assert_eq!(error.records[0].args, [6, 3, 0]);
}

#[test]
fn whole_arrays_combine_elementwise() {
    let f = program(
        r#"module "m"
        func @0 "f"($0, $1) -> unit {
          slot $0 "a": array<f64, 2, C>
          slot $1 "b": array<f64, 2, F>
          v0: array<f64, 2, C> = load $0
          v1: array<f64, 2, F> = load $1
          combine add v0, v1
          combine max v0, v1
          return
        }
        entry @0"#,
    );
    let mut a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let mut b = [10.0, 40.0, -20.0, 50.0, 30.0, 60.0];
    f.run(&[
        array(&mut a, &[2, 3]),
        strided(b.as_mut_ptr(), &[2, 3], &[8, 16]),
    ]);
    assert_eq!(a, [11.0, -18.0, 33.0, 44.0, 55.0, 66.0]);
}
