//! The verifier: each rule rejects a module that breaks it, by name, and a right module passes.

use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};

/// The messages for a function whose body is `body`. `v0: i64`, `v1: f64`, `v2: bool` and a matrix `v3` are defined.
fn messages(phase: Phase, body: &str) -> Vec<String> {
    let text = format!(
        r#"module "m"
        site !0 index @"f"
        func @0 "f"($0, $1, $2, $3) -> unit {{
          slot $0 "i": i64
          slot $1 "x": f64
          slot $2 "b": bool
          slot $3 "a": array<f64, 2, C>
          slot $4 "s": f64
          v0: i64 = load $0
          v1: f64 = load $1
          v2: bool = load $2
          v3: array<f64, 2, C> = load $3
          {body}
        }}
        func @1 "f.parallel"($0) -> unit outlined {{
          slot $0 "s": f64 reference
        }}"#
    );
    let mut module = parse(&text).unwrap();
    if phase == Phase::Regions {
        module.funcs.pop();
    }
    match verify(&module, phase) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.to_string()).collect(),
    }
}

#[track_caller]
fn rejects(body: &str, message: &str) {
    let found = messages(Phase::Regions, body);
    assert!(
        found.iter().any(|found| found.contains(message)),
        "expected {message:?}, found {found:?}"
    );
}

#[track_caller]
fn accepts(phase: Phase, body: &str) {
    assert_eq!(messages(phase, body), Vec::<String>::new());
}

#[test]
fn every_operation_can_be_right() {
    let module = parse(include_str!("every_operation.ir")).unwrap();
    assert_eq!(verify(&module, Phase::Between), Ok(()));
}

#[test]
fn a_value_is_visible_in_nested_blocks_and_not_after_its_block() {
    accepts(
        Phase::Regions,
        "if v2 { v4: i64 = add v0, v0 if v2 { v5: i64 = add v4, v0 } }",
    );
    rejects(
        "if v2 { v4: i64 = add v0, v0 } v5: i64 = add v4, v0",
        "v4 is used out of its scope",
    );
    rejects(
        "v5: i64 = add v4, v0 v4: i64 = add v0, v0",
        "v4 is used before it is defined",
    );
    rejects(
        "v4: i64 = add v0, v0 v4: i64 = add v0, v0",
        "v4 is defined twice",
    );
    rejects("store $9, v0", "$9 is out of range");
}

#[test]
fn what_the_condition_of_a_while_defines_is_visible_in_its_body() {
    accepts(
        Phase::Regions,
        "while { v4: bool = cmp lt v0, v0 } test v4 { if v4 { break } }",
    );
    rejects(
        "while { v4: bool = cmp lt v0, v0 } test v4 { } if v4 { }",
        "v4 is used out of its scope",
    );
    rejects(
        "while { v4: i64 = add v0, v0 } test v4 { }",
        "the test is no Bool",
    );
}

#[test]
fn types_of_operands_and_results_are_checked() {
    rejects("v4: i64 = add v0, v1", "the operands differ in type");
    rejects("v4: f64 = add v0, v0", "v4 is f64, not i64");
    rejects(
        "v4: i64 = div v0, v0",
        "the operator does not take this type",
    );
    rejects("v4: f64 = load v3[v0]", "one index per axis");
    rejects("v4: f64 = load v3[v0, v1]", "v1 is f64, not i64");
    rejects("store v3[v0, v0], v0", "v0 is i64, not f64");
    rejects(
        "v4: f64 = load v3[v0, v0] check !7",
        "the site is out of range",
    );
    rejects("v4: i64 = dim v3, 2", "no such axis");
    rejects("v4: f64 = math atan2(v1)", "wrong number of arguments");
    rejects("return v0", "v0 is i64, not unit");
    rejects(
        "v4: array<f64, 2, strided> = view v3[v0]",
        "the result's type does not fit",
    );
    accepts(
        Phase::Regions,
        "v4: array<f64, 2, strided> = view v3[v0, newaxis, :]",
    );
    rejects(
        "v4: bool = cmp lt v0, v0 for v5 in v0, v4, v0 { }",
        "v4 is bool, not i64",
    );
    rejects(
        "v4: f64 = atomic_update add $4, v1 relaxed",
        "1 results instead of 2",
    );
    rejects("call @0(v0)", "wrong number of arguments");
}

#[test]
fn branches_stay_in_their_region() {
    rejects("break", "leaves no loop of its own region");
    rejects(
        "for v4 in v0, v0, v0 { critical \"c\" { break } }",
        "leaves no loop of its own region",
    );
    rejects(
        "for v4 in v0, v0, v0 { ordered { continue } }",
        "continues no loop of its own region",
    );
    rejects(
        "v4: bool = loop v5 in v0, v0, v0 static { break }",
        "leaves no loop of its own region",
    );
    accepts(
        Phase::Regions,
        "v4: bool = loop v5 in v0, v0, v0 static { continue }",
    );
    rejects("critical \"c\" { return }", "leaves a structured region");
    rejects(
        "for v4 in v0, v0, v0 { return poll }",
        "instructions follow a terminator",
    );
}

#[test]
fn each_phase_has_its_operations() {
    rejects("barrier dispatch_end", "belongs to the other phase");
    let parallel = "parallel locals($4) { store $4, v1 }";
    accepts(Phase::Regions, parallel);
    assert_eq!(
        messages(Phase::Flat, parallel),
        ["f: parallel: belongs to the other phase"]
    );
    rejects(
        "parallel locals($0) { }",
        "$0 cannot be local to the region",
    );
}

#[test]
fn the_captures_of_a_fork_fit_the_outlined_function() {
    accepts(Phase::Flat, "fork @1(reference $4)");
    assert_eq!(
        messages(Phase::Flat, "fork @1(value $4)"),
        ["f: fork: the capture of $4 does not fit"]
    );
    assert_eq!(
        messages(Phase::Flat, "fork @1(reference $0)"),
        ["f: fork: the capture of $0 does not fit"]
    );
    assert_eq!(
        messages(Phase::Flat, "fork @1()"),
        ["f: fork: one capture per parameter is needed"]
    );
    assert_eq!(
        messages(Phase::Flat, "fork @0()")[0],
        "f: fork: only outlined functions are forked"
    );
}
