//! Atomic operations, reductions, arrays that kernels make, mathematical functions.

use super::{GRIDS, Word, assemble_everywhere, image, kernel, spirv};

/// `count` iterations, shared by all teams and threads, of `body`, which knows `v9` (0 to count - 1) and the constants `v0` = 0, `v1` = 1.
fn each(params: &str, slots: &str, locals: &str, before: &str, body: &str, after: &str) -> String {
    format!(
        r#"module "m"
        site !0 index @"f"
        site !1 memory @"f"
        func @0 "f.target"($0, {params}) -> unit target {{
          slot $0 "count": i64
          {slots}
          teams locals() {{
            parallel locals({locals}) {{
              v0: i64 = const i64 0
              v1: i64 = const i64 1
              v2: i64 = load $0
              v3: i64 = routine get_team_num()
              v4: i64 = routine get_num_teams()
              {before}
              for v5 in v3, v2, v4 {{
                v6: i64 = add v5, v1
                v7: bool = loop v9 in v5, v6, v1 static {{
                  {body}
                }}
              }}
              {after}
            }}
          }}
        }}"#
    )
}

#[test]
fn a_histogram_of_bytes_counts_all() {
    let text = each(
        "$1, $2",
        "slot $1 \"x\": array<u8, 1, C>\nslot $2 \"h\": array<u8, 1, C>",
        "",
        "",
        "v10: array<u8, 1, C> = load $1
         v11: u8 = load v10[v9] check !0
         v12: i64 = cast v11
         v13: array<u8, 1, C> = load $2
         v14: u8 = const u8 1
         v15: u8, v16: u8 = atomic_update add v13[v12] check !0, v14 relaxed",
        "",
    );
    assemble_everywhere(&text);
    let Some(kernel) = kernel(&text) else { return };
    for &(teams, threads) in GRIDS {
        let mut x: Vec<u8> = (0..500u32).map(|i| (i * 7 % 13) as u8).collect();
        let mut h = vec![0u8; 13];
        let mut expected = vec![0u8; 13];
        x.iter().for_each(|&x| expected[usize::from(x)] += 1);
        let args = &mut [
            Word::Int(500),
            Word::Bytes(&mut x, &[500]),
            Word::Bytes(&mut h, &[13]),
        ];
        kernel.run(teams, threads, args).unwrap();
        assert_eq!(h, expected);
    }
}

#[test]
fn floats_and_complex_numbers_add_and_multiply_atomically() {
    let text = each(
        "$1, $2",
        "slot $1 \"a\": array<f64, 1, C>\nslot $2 \"c\": array<c128, 1, C>",
        "",
        "",
        "v10: array<f64, 1, C> = load $1
         v11: array<c128, 1, C> = load $2
         v12: f64 = const f64 0.5
         v13: f64, v14: f64 = atomic_update add v10[v0] check !0, v12 relaxed
         v15: f64 = cast v9
         v16: f64, v17: f64 = atomic_update max v10[v1] check !0, v15 relaxed
         v18: c128 = const c128 0.0 1.0
         v19: c128, v20: c128 = atomic_update mul v11[v0] check !0, v18 relaxed",
        "",
    );
    assemble_everywhere(&text);
    let Some(kernel) = kernel(&text) else { return };
    for &(teams, threads) in GRIDS {
        let (mut a, mut c) = (vec![1.0, -1.0], vec![[1.0, 0.0]]);
        let args = &mut [
            Word::Int(101),
            Word::Doubles(&mut a, &[2]),
            Word::Complex(&mut c, &[1]),
        ];
        kernel.run(teams, threads, args).unwrap();
        assert_eq!(a, [51.5, 100.0]);
        assert_eq!(c, [[0.0, 1.0]]);
    }
}

#[test]
fn numbers_of_all_types_reduce_with_all_operators() {
    for (op, combine, ty, start, expected) in [
        ("add", "add", "i64", "0", 4950.0),
        ("max", "max", "i64", "-5", 99.0),
        ("min", "min", "i64", "7", 0.0),
        ("xor", "xor", "i64", "0", 0.0),
        ("or", "or", "i64", "0", 127.0),
        ("add", "add", "f64", "0.0", 4950.0),
        ("max", "max", "f64", "-inf", 99.0),
        ("add", "add", "i32", "0", 4950.0),
    ] {
        let text = format!(
            r#"module "m"
            func @0 "f.target"($0) -> unit target {{
              slot $0 "out": array<f64, 1, C>
              slot $1 "s": {ty}
              slot $2 "private": {ty}
              v0: i64 = const i64 0
              v1: i64 = const i64 1
              v2: i64 = const i64 100
              v3: {ty} = const {ty} {start}
              store $1, v3
              parallel locals($2) {{
                store $2, v3
                v4: bool = loop v5 in v0, v2, v1 static {{
                  v6: {ty} = cast v5
                  v7: {ty} = load $2
                  v8: {ty} = {combine} v7, v6 reassoc
                  store $2, v8
                }}
                reduce {op} $1 from $2
              }}
              v9: {ty} = load $1
              v10: f64 = cast v9
              v11: array<f64, 1, C> = load $0
              store v11[v0], v10
            }}"#
        );
        assemble_everywhere(&text);
        let Some(kernel) = kernel(&text) else { return };
        for threads in [1, 3, 64, 100] {
            let mut out = vec![0.0];
            kernel
                .run(1, threads, &mut [Word::Doubles(&mut out, &[1])])
                .unwrap();
            assert_eq!(out[0], expected, "{op} {ty}, {threads} threads");
        }
    }
}

#[test]
fn arrays_reduce_elementwise_from_arrays_of_each_thread() {
    let text = each(
        "$1",
        "slot $1 \"a\": array<f64, 1, C>\nslot $2 \"own\": array<f64, 1, C>",
        "$2",
        "v20: array<f64, 1, C> = load $1
         v21: i64 = dim v20, 0
         v22: array<f64, 1, C> = alloc(v21) zero !1
         store $2, v22",
        "v10: array<f64, 1, C> = load $2
         v11: i64 = dim v10, 0
         v12: i64 = mod v9, v11
         v13: f64 = load v10[v12] check !0
         v14: f64 = const f64 1.0
         v15: f64 = add v13, v14
         store v10[v12] check !0, v15",
        "reduce add $1 from $2",
    );
    assemble_everywhere(&text);
    let Some(kernel) = kernel(&text) else { return };
    for length in [10i64, 300] {
        for &(teams, threads) in GRIDS {
            let mut a = vec![0.5; length as usize];
            let args = &mut [Word::Int(3 * length), Word::Doubles(&mut a, &[length])];
            // 300 doubles for each thread come from the heap of four mebibytes.
            kernel.run(teams, threads, args).unwrap();
            assert_eq!(a, vec![3.5; length as usize], "{teams} x {threads}");
        }
    }
    let mut a = vec![0.5; 4000];
    let args = &mut [Word::Int(4000), Word::Doubles(&mut a, &[4000])];
    let (site, _) = kernel.run(4, 100, args).unwrap_err();
    assert_eq!(site as u32, omply_codegen::support::SITE_MEMORY);
}

#[test]
fn mathematical_functions_agree_with_the_host() {
    type Host = fn(f64) -> f64;
    let functions: &[(&str, Host)] = &[
        ("sin", f64::sin),
        ("cos", f64::cos),
        ("exp", f64::exp),
        ("log", f64::ln),
        ("sqrt", f64::sqrt),
        ("tanh", f64::tanh),
        ("floor", f64::floor),
        ("rint", f64::round_ties_even),
        ("expm1", f64::exp_m1),
        ("cbrt", f64::cbrt),
        ("atan", f64::atan),
    ];
    let mut body =
        String::from("v10: array<f64, 2, C> = load $1\nv11: f64 = load v10[v9, v0] check !0\n");
    for (index, (name, _)) in functions.iter().enumerate() {
        let (column, value) = (20 + 2 * index, 21 + 2 * index);
        body += &format!(
            "v{column}: i64 = const i64 {}\nv{value}: f64 = math {name}(v11)\nstore v10[v9, v{column}] check !0, v{value}\n",
            index + 1
        );
    }
    let text = each("$1", "slot $1 \"a\": array<f64, 2, C>", "", "", &body, "");
    super::assemble_with_libraries(&text);
    let Some(kernel) = kernel(&text) else { return };
    let width = functions.len() + 1;
    let mut a = vec![0.0; 50 * width];
    (0..50).for_each(|row| a[row * width] = 0.1 + row as f64 * 0.37);
    let args = &mut [Word::Int(50), Word::Doubles(&mut a, &[50, width as i64])];
    kernel.run(3, 32, args).unwrap();
    for row in a.chunks(width) {
        for (got, (name, function)) in row[1..].iter().zip(functions) {
            let want = function(row[0]);
            let allowed = 4.0 * f64::EPSILON * want.abs().max(f64::MIN_POSITIVE);
            assert!(
                (got - want).abs() <= allowed,
                "{name}({}): {got} {want}",
                row[0]
            );
        }
    }
}

/// LLVM ends the process where a back end does not know an operation, so every one is tried.
#[test]
fn every_operation_on_numbers_compiles_for_every_device() {
    let one = "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh floor ceil trunc \
               rint fabs erf erfc gamma log_gamma";
    let two = "atan2 hypot pow fmod remainder copysign fmin fmax nextafter";
    let tests = "isnan isinf isfinite signbit";
    let mut code = Code {
        text: "v0: i64 = load $0\nv1: array<f64, 1, C> = load $1\n".into(),
        next: 2,
    };
    for ty in "f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 c64 c128 bool".split(' ') {
        let a = code.define(ty, "cast v0");
        let b = code.define(ty, &format!("cast v{a}"));
        let operators = match &ty[..1] {
            "f" => "add sub mul div floordiv mod pow min max",
            "c" => "add sub mul div pow",
            "b" => "and or xor min max",
            _ => "add sub mul floordiv mod pow lshift rshift and or xor min max",
        };
        for op in operators.split(' ') {
            code.put(ty, &format!("{op} v{a}, v{b}"));
            if ty.starts_with('f') {
                code.put(ty, &format!("{op} v{a}, v{b} reassoc"));
            }
        }
        if ty.starts_with('f') {
            one.split_whitespace()
                .for_each(|name| code.put(ty, &format!("math {name}(v{a})")));
            two.split(' ')
                .for_each(|name| code.put(ty, &format!("math {name}(v{a}, v{b})")));
            code.put(ty, &format!("math fma(v{a}, v{b}, v{b})"));
            tests
                .split(' ')
                .for_each(|name| code.put("bool", &format!("math {name}(v{a})")));
        }
        let equal = code.define("bool", &format!("cmp eq v{a}, v{b}"));
        code.put(ty, &format!("select v{equal}, v{a}, v{b}"));
    }
    let text = format!(
        "module \"m\"\nfunc @0 \"f.target\"($0, $1) -> unit target {{\nslot $0 \"i\": i64\nslot $1 \"a\": array<f64, 1, C>\n{}}}",
        code.text
    );
    super::assemble_with_libraries(&text);
    kernel(&text);
}

struct Code {
    text: String,
    next: usize,
}

impl Code {
    fn define(&mut self, ty: &str, op: &str) -> usize {
        self.next += 1;
        self.text += &format!("v{}: {ty} = {op}\n", self.next - 1);
        self.next - 1
    }

    /// Defines a value that is used.
    fn put(&mut self, ty: &str, op: &str) {
        let value = self.define(ty, op);
        let real = self.define("f64", &format!("cast v{value}"));
        let place = self.define("i64", &format!("const i64 {value}"));
        self.text += &format!("store v1[v{place}], v{real}\n");
    }
}

/// Each team fills a tile, turns it around and adds it to its place of `a`.
fn tiles(shape: &str) -> String {
    format!(
        r#"module "m"
      site !0 index @"f"
      site !1 memory @"f"
      func @0 "f.target"($0) -> unit target {{
        slot $0 "a": array<i64, 1, C>
        slot $1 "tile": array<i64, 1, C>
        v1: i64 = const i64 64
        v2: i64 = const i64 0
        v3: i64 = const i64 1
        v4: array<i64, 1, C> = load $0
        v5: i64 = dim v4, 0
        v30: i64 = const i64 1
        teams thread_limit(v1) locals($1) {{
          for v6 in v2, v5, v1 {{
            v7: array<i64, 1, C> = alloc({shape}) zero !1
            store $1, v7
            parallel locals() {{
              v8: array<i64, 1, C> = load $1
              v9: bool = loop v10 in v2, v1, v3 static {{
                v11: i64 = load v8[v10] check !0
                v12: i64 = add v6, v10
                v13: i64 = add v11, v12
                store v8[v10] check !0, v13
              }}
              barrier
              v14: bool = loop v15 in v2, v1, v3 static {{
                v16: i64 = sub v1, v3
                v17: i64 = sub v16, v15
                v18: i64 = load v8[v17] check !0
                v19: i64 = add v6, v15
                store v4[v19] check !0, v18
              }}
            }}
          }}
        }}
      }}"#
    )
}

#[test]
fn a_small_array_of_a_team_lies_in_its_own_memory_and_a_large_one_in_the_heap() {
    for (shape, bytes, heap) in [("v1", 64 * 8, false), ("v5", 0, true)] {
        let text = tiles(shape);
        assemble_everywhere(&text);
        let made = image(&text, &spirv()).unwrap_or_else(|error| panic!("{error}"));
        assert!(made.shared_bytes >= bytes, "{}", made.shared_bytes);
        assert_eq!(made.needs_heap, heap);
        assert_eq!(made.preferred_threads, 64);
        let Some(kernel) = kernel(&text) else { return };
        for threads in [1, 7, 64] {
            let mut a = vec![0i64; 192];
            let args = &mut [Word::Ints(&mut a, &[192])];
            kernel.run(1, threads, args).unwrap();
            let expected: Vec<i64> = (0..192).map(|i| i / 64 * 64 + 63 - i % 64).collect();
            assert_eq!(a, expected, "{shape}, {threads} threads");
        }
    }
}
