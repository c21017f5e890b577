//! Functions with vector versions: loops call the versions, or hold their code, and errors inside of them are raised.

use omply_codegen::assembly;

use crate::common::*;

/// `b[i] = f(a[i], y)` over arrays, with `f` of `work` repeated steps behind a check that `x` is not 13.
fn caller(declared: &str, work: usize, condition: bool) -> String {
    let mut steps = String::new();
    for step in 0..work {
        let (last, next) = (10 + step, 11 + step);
        steps += &format!("v{next}: f64 = div v{last}, v1\n");
    }
    let last = 10 + work;
    let call = "v10: f64 = call @1(v8, v5) store v4[v6], v10";
    let body = if condition {
        format!("v9: bool = cmp gt v8, v5 if v9 {{ {call} }}")
    } else {
        call.to_owned()
    };
    format!(
        r#"module "m"
        site !0 zero_division @"f" "thirteen"
        func @0 "main"($0, $1, $2) -> unit {{
          slot $0 "a": array<f64, 1, C>
          slot $1 "b": array<f64, 1, C>
          slot $2 "n": i64
          v0: i64 = load $2
          v1: i64 = const i64 0
          v2: i64 = const i64 1
          v3: array<f64, 1, C> = load $0
          v4: array<f64, 1, C> = load $1
          v5: f64 = const f64 2.0
          for v6 in v1, v0, v2 simd {{
            v8: f64 = load v3[v6]
            {body}
          }}
        }}
        func @1 "f"($0, $1) -> f64 {declared} {{
          slot $0 "x": f64
          slot $1 "y": f64
          v10: f64 = load $0
          v1: f64 = load $1
          v2: f64 = const f64 13.0
          v3: bool = cmp ne v10, v2
          check v3 !0()
          {steps}
          return v{last}
        }}
        entry @0"#
    )
}

fn listing(text: &str) -> String {
    let module = omply_ir::text::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assembly(&module, &options()).unwrap()
}

fn run(text: &str, n: usize, thirteen: Option<usize>) -> (Vec<f64>, bool) {
    let mut a: Vec<f64> = (0..n).map(|i| i as f64 * 16.0).collect();
    if let Some(place) = thirteen {
        a[place] = 13.0;
    }
    let mut b = vec![-1.0; n];
    let result = program(text).call(
        &[
            array(&mut a, &[n as i64]),
            array(&mut b, &[n as i64]),
            int(n as i64),
        ],
        0,
    );
    (b, result.is_err())
}

#[test]
fn a_large_function_is_called_for_several_iterations_at_once() {
    let text = caller(
        "declare_simd simdlen(4) notinbranch(any, uniform)",
        70,
        false,
    );
    let listing = listing(&text);
    let calls = listing
        .lines()
        .any(|line| line.contains("call") && line.contains("omply.f.simd.N4.0"));
    assert!(calls, "no call of the version in\n{listing}");
    if std::arch::is_x86_feature_detected!("avx2") {
        let version = listing.split("omply.f.simd.N4.0:").nth(1).unwrap();
        let version = version.split(".cfi_endproc").next().unwrap();
        assert!(
            version.contains("vdivpd"),
            "the version is no vector code:\n{version}"
        );
        assert!(
            !version.contains("vdivsd"),
            "the version divides numbers one by one:\n{version}"
        );
    }
}

#[test]
fn calls_under_a_condition_become_calls_of_masked_versions() {
    let text = caller("declare_simd simdlen(4) inbranch(any, uniform)", 70, true);
    let listing = listing(&text);
    let calls = listing
        .lines()
        .any(|line| line.contains("call") && line.contains("omply.f.simd.M4.0"));
    assert!(calls, "no call of the version in\n{listing}");
    let (b, failed) = run(&text, 37, None);
    assert!(!failed);
    for (i, b) in b.iter().enumerate() {
        let expected = if i == 0 {
            -1.0
        } else {
            i as f64 * 16.0 / 2f64.powi(70)
        };
        assert_eq!(*b, expected, "element {i}");
    }
}

#[test]
fn the_code_of_a_small_function_stands_in_the_loop() {
    let text = caller("declare_simd(any, uniform)", 2, false);
    let listing = listing(&text);
    assert!(
        !listing.contains("omply.f.simd.N"),
        "a version is called in\n{listing}"
    );
    if std::arch::is_x86_feature_detected!("avx2") {
        assert!(
            listing.contains("vmulpd") || listing.contains("vdivpd"),
            "no vector code in\n{listing}"
        );
    }
    let (b, failed) = run(&text, 9, None);
    assert!(!failed);
    assert_eq!(b, [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0]);
}

#[test]
fn an_error_in_any_lane_is_raised_behind_the_loop() {
    for work in [2, 70] {
        for condition in [false, true] {
            let text = caller("declare_simd(any, any)", work, condition);
            for place in [0, 5, 35, 36] {
                assert!(
                    run(&text, 37, Some(place)).1,
                    "thirteen at {place}, {work} steps"
                );
            }
            assert!(!run(&text, 37, None).1);
        }
    }
}
