//! Loops become vector code: reductions, element-wise loops, library functions, minima; and compute the same.

use omply_codegen::assembly;

use crate::common::*;

/// One loop over arrays `a` and `b` with `body`; `v6` is the index, `v3` and `v4` are the arrays.
fn over_arrays(ty: &str, start: &str, body: &str) -> String {
    format!(
        r#"module "m"
        func @0 "f"($0, $1, $2) -> {ty} {{
          slot $0 "a": array<{ty}, 1, C>
          slot $1 "b": array<{ty}, 1, C>
          slot $2 "n": i64
          slot $3 "s": {ty}
          v0: i64 = load $2
          v1: i64 = const i64 0
          v2: i64 = const i64 1
          v3: array<{ty}, 1, C> = load $0
          v4: array<{ty}, 1, C> = load $1
          v5: {ty} = const {ty} {start}
          store $3, v5
          for v6 in v1, v0, v2 {body}
          v7: {ty} = load $3
          return v7
        }}
        entry @0"#
    )
}

fn listing(text: &str) -> String {
    let module = omply_ir::text::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assembly(&module, &options()).unwrap()
}

/// Whether an instruction on whole vector registers occurs.
#[track_caller]
fn has_vector(text: &str, instruction: &str) {
    if !std::arch::is_x86_feature_detected!("avx2") {
        return;
    }
    let listing = listing(text);
    let found = listing.lines().any(|line| {
        line.trim_start().starts_with(instruction)
            && (line.contains("%ymm") || line.contains("%zmm"))
    });
    assert!(found, "no vector {instruction} in\n{listing}");
}

const SUM: &str = "{
  v8: f64 = load v3[v6]
  v9: f64 = load v4[v6]
  v10: f64 = div v8, v9
  v11: f64 = load $3
  v12: f64 = add v11, v10 reassoc
  store $3, v12
}";

#[test]
fn a_reduction_of_quotients_divides_vectors() {
    let text = over_arrays("f64", "0.0", SUM);
    has_vector(&text, "vdivpd");
    let (mut a, mut b) = ([2.0; 1003], [4.0; 1003]);
    let f = program(&text);
    assert_eq!(
        f.float(&[array(&mut a, &[1003]), array(&mut b, &[1003]), int(1003)]),
        501.5
    );
}

#[test]
fn a_reduction_that_must_keep_its_order_does_not() {
    let text = over_arrays("f64", "0.0", &SUM.replace(" reassoc", ""));
    let (mut a, mut b) = ([1e16, 1.0, -1e16, 1.0], [1.0; 4]);
    let sum = program(&text).float(&[array(&mut a, &[4]), array(&mut b, &[4]), int(4)]);
    assert_eq!(sum, 1.0);
}

#[test]
fn a_triad_fuses_whole_vectors() {
    let text = over_arrays(
        "f64",
        "0.5",
        "{ v8: f64 = load v4[v6] v9: f64 = mul v8, v5 v10: f64 = load v3[v6] v11: f64 = add v9, v10 store v3[v6], v11 }",
    );
    has_vector(&text, "vfmadd");
    let (mut a, mut b) = ([1.0; 37], [2.0; 37]);
    program(&text).float(&[array(&mut a, &[37]), array(&mut b, &[37]), int(36)]);
    assert_eq!((a[..36].to_vec(), a[36]), (vec![2.0; 36], 1.0));
}

#[test]
fn a_minimum_is_found_with_vectors_and_passes_over_nan() {
    let body =
        "{ v8: f64 = load v3[v6] v9: f64 = load $3 v10: f64 = min v9, v8 reassoc store $3, v10 }";
    let text = over_arrays("f64", "inf", body);
    has_vector(&text, "vminpd");
    let mut a: Vec<f64> = (0..101).map(|i| f64::from((i * 37) % 101) + 0.5).collect();
    a[17] = f64::NAN;
    let mut b = a.clone();
    let minimum = program(&text).float(&[array(&mut a, &[101]), array(&mut b, &[101]), int(101)]);
    assert_eq!(minimum, 0.5);
}

#[test]
fn library_functions_have_vector_versions_within_one_unit_of_the_library() {
    for (name, function) in [
        ("sin", f64::sin as fn(f64) -> f64),
        ("exp", f64::exp),
        ("log", f64::ln),
    ] {
        let text = over_arrays(
            "f64",
            "0.0",
            &format!("{{ v8: f64 = load v3[v6] v9: f64 = math {name}(v8) store v4[v6], v9 }}"),
        );
        if std::arch::is_x86_feature_detected!("avx2") {
            let listing = listing(&text);
            assert!(
                listing.contains(&format!("omply.{name}.")),
                "no vector version of {name} in\n{listing}"
            );
        }
        let mut a: Vec<f64> = (1..1000).map(|i| f64::from(i) * 0.01).collect();
        let mut b = vec![0.0; a.len()];
        let n = a.len() as i64;
        program(&text).float(&[array(&mut a, &[n]), array(&mut b, &[n]), int(n)]);
        for (x, y) in a.iter().zip(&b) {
            let expected = function(*x);
            let unit = (expected.abs().next_up() - expected.abs()).max(f64::MIN_POSITIVE);
            assert!(
                (y - expected).abs() <= 1.5 * unit,
                "{name}({x}) = {y}, not {expected}"
            );
        }
    }
}

#[test]
fn simd_loops_vectorise_what_cannot_be_proven() {
    // Whether the store through `b` meets the next load is not known: `simd` says that it does not.
    let body = "simd { v8: f64 = load v4[v6] v9: i64 = cast v8 v10: f64 = load v3[v9] v11: f64 = add v10, v5
                store v4[v6], v11 }";
    let text = over_arrays("f64", "1.5", body);
    has_vector(&text, "vgatherqpd");
    let (mut a, mut b) = (
        [10.0, 20.0, 30.0],
        [2.0, 0.0, 1.0, 1.0, 2.0, 0.0, 0.0, 2.0, 1.0],
    );
    program(&text).float(&[array(&mut a, &[3]), array(&mut b, &[9]), int(9)]);
    assert_eq!(b, [31.5, 11.5, 21.5, 21.5, 31.5, 11.5, 11.5, 31.5, 21.5]);
}

#[test]
fn strided_arrays_are_read_as_vectors_where_their_stride_turns_out_to_be_one() {
    let body = "{ v8: f64 = load v4[v6] v9: f64 = mul v8, v5 store v3[v6], v9 }";
    let text = over_arrays("f64", "0.5", body).replace("1, C>", "1, strided>");
    has_vector(&text, "vmulpd");
    let f = program(&text);
    let (mut a, mut b) = (vec![0.0; 60], (0..60).map(f64::from).collect::<Vec<_>>());
    for (to, from) in [(1, 1), (2, 1), (1, 3), (-1, 1), (2, -2)] {
        let place = |data: &mut Vec<f64>, stride: i64| {
            let first = if stride < 0 { data.len() - 1 } else { 0 };
            strided(&raw mut data[first], &[20], &[8 * stride])
        };
        a.fill(-1.0);
        f.float(&[place(&mut a, to), place(&mut b, from), int(20)]);
        let at = |i: i64, stride: i64| {
            (if stride < 0 {
                59 + i * stride
            } else {
                i * stride
            }) as usize
        };
        for i in 0..20 {
            assert_eq!(
                a[at(i, to)],
                0.5 * b[at(i, from)],
                "strides {to} and {from}, element {i}"
            );
        }
    }
}

#[test]
fn simdlen_and_safelen_limit_how_many_iterations_run_at_once() {
    if !std::arch::is_x86_feature_detected!("avx2") {
        return;
    }
    let body = "v8: f64 = load v4[v6] v9: f64 = mul v8, v5 store v3[v6], v9";
    for (clauses, widest) in [
        ("simdlen(2)", "%xmm"),
        ("safelen(2)", "%xmm"),
        ("simdlen(4) safelen(2)", "%xmm"),
        ("simdlen(4)", "%ymm"),
        ("safelen(7)", "%ymm"),
    ] {
        let text = over_arrays("f64", "0.5", &format!("simd {clauses} {{ {body} }}"));
        let listing = listing(&text);
        let products: Vec<&str> = listing
            .lines()
            .filter(|line| line.trim_start().starts_with("vmulpd"))
            .collect();
        assert!(
            !products.is_empty(),
            "{clauses} gave no vector code:\n{listing}"
        );
        for product in products {
            assert!(product.contains(widest), "{clauses} gave {product}");
        }
    }
}
