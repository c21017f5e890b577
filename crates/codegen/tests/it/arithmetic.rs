//! Arithmetic agrees with CPython, bit by bit except where CPython itself goes through the C library's powers.

use std::collections::HashMap;

use crate::common::*;

const TABLE: &str = include_str!("tables/python.txt");

/// A function that applies one operation to two numbers.
fn operation(op: &str, ty: &str) -> Program {
    operation_with(op, ty, &options())
}

fn same_number(found: u64, expected: u64) -> bool {
    found == expected || (f64::from_bits(found).is_nan() && f64::from_bits(expected).is_nan())
}

fn close(found: u64, expected: u64) -> bool {
    let (found, expected) = (f64::from_bits(found), f64::from_bits(expected));
    (found - expected).abs() <= 1e-13 * (1.0 + expected.abs())
}

#[test]
fn every_line_of_the_python_table_agrees() {
    let strict = omply_codegen::Options {
        contract: false,
        ..options()
    };
    let mut programs: HashMap<&str, Program> = HashMap::new();
    let mut wrong = Vec::new();
    for line in TABLE.lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let (ty, op) = name.split_once('.').unwrap();
        let words: Vec<u64> = words
            .map(|word| u64::from_str_radix(word, 16).unwrap())
            .collect();
        let program = programs
            .entry(name)
            .or_insert_with(|| operation_with(op, ty, &strict));
        let width = if ty == "c128" { 2 } else { 1 };
        let (operands, expected) = words.split_at(2 * width);
        let args: Vec<Arg> = operands
            .chunks(width)
            .map(|words| raw(words.to_vec()))
            .collect();
        let found = program.call(&args, width).unwrap();
        let agrees = found
            .iter()
            .zip(expected)
            .all(|(&found, &expected)| match name {
                "c128.pow" => close(found, expected),
                _ if ty == "i64" => found == expected,
                _ => same_number(found, expected),
            });
        if !agrees {
            wrong.push(format!("{line}: {found:x?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} lines: {:#?}",
        wrong.len(),
        TABLE.lines().count(),
        &wrong[..wrong.len().min(20)]
    );
}

fn operation_with(op: &str, ty: &str, options: &omply_codegen::Options) -> Program {
    program_with(
        &format!(
            r#"module "op"
            func @0 "op"($0, $1) -> {ty} {{
              slot $0 "a": {ty}
              slot $1 "b": {ty}
              v0: {ty} = load $0
              v1: {ty} = load $1
              v2: {ty} = {op} v0, v1
              return v2
            }}
            entry @0"#
        ),
        options,
    )
}

#[test]
fn division_by_zero_gives_what_numpy_gives() {
    assert_eq!(operation("floordiv", "i64").int(&[int(7), int(0)]), 0);
    assert_eq!(operation("mod", "i64").int(&[int(7), int(0)]), 0);
    let quotient = operation("floordiv", "f64");
    assert_eq!(quotient.float(&[float(7.0), float(0.0)]), f64::INFINITY);
    assert_eq!(
        quotient.float(&[float(-7.0), float(0.0)]),
        f64::NEG_INFINITY
    );
    assert!(quotient.float(&[float(0.0), float(0.0)]).is_nan());
    assert!(
        operation("mod", "f64")
            .float(&[float(7.0), float(0.0)])
            .is_nan()
    );
}

#[test]
fn narrow_integers_wrap_in_their_width() {
    let word = |value: i64| int(value);
    assert_eq!(operation("add", "i8").int(&[word(127), word(1)]), -128);
    assert_eq!(operation("mul", "u8").int(&[word(200), word(2)]), 144);
    assert_eq!(
        operation("floordiv", "i8").int(&[word(-128), word(-1)]),
        -128
    );
    assert_eq!(operation("mod", "i8").int(&[word(-128), word(-1)]), 0);
    assert_eq!(
        operation("floordiv", "u64")
            .call(&[int(-1), int(2)], 1)
            .unwrap()[0],
        u64::MAX / 2
    );
    assert_eq!(operation("lshift", "i16").int(&[word(1), word(16)]), 0);
    assert_eq!(operation("rshift", "i16").int(&[word(-1), word(99)]), -1);
    assert_eq!(operation("rshift", "u16").int(&[word(0xffff), word(99)]), 0);
}

/// A cast of the argument.
fn cast(from: &str, to: &str) -> Program {
    program(&format!(
        r#"module "cast"
        func @0 "cast"($0) -> {to} {{
          slot $0 "a": {from}
          v0: {from} = load $0
          v1: {to} = cast v0
          return v1
        }}
        entry @0"#
    ))
}

#[test]
fn casts_truncate_saturate_and_keep_the_real_part() {
    assert_eq!(cast("f64", "i64").int(&[float(-2.9)]), -2);
    assert_eq!(cast("f64", "i64").int(&[float(1e300)]), i64::MAX);
    assert_eq!(cast("f64", "i64").int(&[float(f64::NAN)]), 0);
    assert_eq!(cast("f64", "u8").int(&[float(-5.0)]), 0);
    assert_eq!(cast("i64", "u8").int(&[int(-1)]), 255);
    assert_eq!(cast("i64", "i8").int(&[int(200)]), -56);
    assert_eq!(cast("bool", "i64").int(&[int(1)]), 1);
    assert_eq!(cast("f64", "bool").int(&[float(f64::NAN)]), 1);
    assert_eq!(cast("c128", "f64").float(&[complex(2.5, 9.0)]), 2.5);
    assert_eq!(cast("c128", "bool").int(&[complex(0.0, 9.0)]), 1);
    assert_eq!(cast("i64", "c128").complex(&[int(-3)]), (-3.0, 0.0));
    assert_eq!(cast("u64", "f64").float(&[int(-1)]), 18446744073709551615.0);
    assert_eq!(
        cast("f64", "f32").call(&[float(0.1)], 1).unwrap()[0],
        u64::from(0.1f32.to_bits())
    );
    assert_eq!(cast("f16", "f64").float(&[int(0x3e00)]), 1.5);
}

/// A mathematical function of one argument.
fn math(func: &str, ty: &str, ret: &str) -> Program {
    program(&format!(
        r#"module "math"
        func @0 "math"($0) -> {ret} {{
          slot $0 "a": {ty}
          v0: {ty} = load $0
          v1: {ret} = math {func}(v0)
          return v1
        }}
        entry @0"#
    ))
}

#[test]
fn mathematical_functions_are_the_c_librarys() {
    let x = 0.7310585786300049;
    type Function = fn(f64) -> f64;
    let functions: [(&str, Function); 16] = [
        ("sqrt", f64::sqrt),
        ("exp", f64::exp),
        ("exp2", f64::exp2),
        ("expm1", f64::exp_m1),
        ("log", f64::ln),
        ("log2", f64::log2),
        ("log10", f64::log10),
        ("log1p", f64::ln_1p),
        ("sin", f64::sin),
        ("cos", f64::cos),
        ("tan", f64::tan),
        ("asin", f64::asin),
        ("atan", f64::atan),
        ("sinh", f64::sinh),
        ("tanh", f64::tanh),
        ("floor", f64::floor),
    ];
    for (name, function) in functions {
        assert_eq!(
            math(name, "f64", "f64").float(&[float(x)]),
            function(x),
            "{name}"
        );
    }
    // Rust brings a `cbrt` of its own; this is glibc's, and so CPython's.
    assert_eq!(
        math("cbrt", "f64", "f64").float(&[float(x)]),
        0.9008463555415424
    );
    assert_eq!(math("rint", "f64", "f64").float(&[float(2.5)]), 2.0);
    assert_eq!(math("gamma", "f64", "f64").float(&[float(5.0)]), 24.0);
    assert_eq!(math("isnan", "f64", "bool").int(&[float(f64::NAN)]), 1);
    assert_eq!(
        math("isfinite", "f64", "bool").int(&[float(f64::INFINITY)]),
        0
    );
    assert_eq!(math("signbit", "f64", "bool").int(&[float(-0.0)]), 1);
    let single = math("exp", "f32", "f32")
        .call(&[int(1.0f32.to_bits().into())], 1)
        .unwrap()[0];
    assert_eq!(f32::from_bits(single as u32), 1.0f32.exp());
}
