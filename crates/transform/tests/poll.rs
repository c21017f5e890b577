//! Where loops poll, and that a loop cut into strips does what it did.

mod common;

use common::{Array, Interpreter, Outcome, Value};
use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};
use omply_ir::*;
use omply_transform::{poll, prune};

/// A function of a vector `v4` and an integer `v6`, with constants 0, 1, -1 as `v0`, `v1`, `v3`.
fn function(body: &str) -> Module {
    let text = format!(
        r#"module "test"
        site !0 index @"f"
        func @0 "f"($0, $1) -> unit {{
          slot $0 "a": array<i64, 1, C>
          slot $1 "n": i64
          slot $2 "s": i64
          v0: i64 = const i64 0
          v1: i64 = const i64 1
          v3: i64 = const i64 -1
          v4: array<i64, 1, C> = load $0
          v6: i64 = load $1
          {body}
        }}
        entry @0"#
    );
    parse(&text).unwrap()
}

fn polled(module: &Module) -> Module {
    let mut module = module.clone();
    poll::run(&mut module);
    prune::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    module
}

fn run(module: &Module, n: i64) -> (Outcome, u64, Vec<(i64, i64, Value)>) {
    let interpreter = Interpreter::new(module, 1);
    interpreter.fuel.set(10_000_000);
    let outcome = interpreter.run(&[Value::Array(Array::counting(&[8])), Value::Int(n)]);
    (outcome, interpreter.polls.get(), interpreter.stores.take())
}

/// How often the body polls with the given `n`.
#[track_caller]
fn polls(body: &str, n: i64) -> u64 {
    let before = function(body);
    let after = polled(&before);
    let (expected, none, stores) = run(&before, n);
    let (found, polls, new_stores) = run(&after, n);
    assert_eq!((found, new_stores), (expected, stores), "{after}");
    assert_eq!(none, 0);
    polls
}

#[test]
fn an_innermost_loop_polls_between_strips() {
    let tight = "for v10 in v0, v6, v1 { v11: i64 = mod v10, v1 store v4[v11], v10 }";
    assert_eq!(polls(tight, 10), 0);
    assert_eq!(polls(tight, 65536), 0);
    assert_eq!(polls(tight, 65537), 1);
    assert_eq!(polls(tight, 200_000), 3);
    insta::assert_snapshot!(polled(&function(tight)));
}

#[test]
fn a_descending_loop_is_cut_too() {
    let down = "for v10 in v6, v0, v3 { v11: i64 = mod v10, v1 store v4[v11], v10 }";
    assert_eq!(polls(down, 131_073), 2);
}

#[test]
fn a_break_leaves_all_strips() {
    let search = "v8: i64 = const i64 100000
        for v10 in v0, v6, v1 {
          v11: bool = cmp eq v10, v8
          if v11 {
            store v4[v1], v10
            break
          } else {
            v12: i64 = mod v10, v1
            store v4[v12], v10
          }
        }
        store v4[v0], v0";
    assert_eq!(polls(search, 400_000), 4);
}

#[test]
fn a_loop_around_loops_polls_more_often_the_deeper_it_is() {
    let nest = "for v10 in v0, v6, v1 { for v11 in v0, v6, v1 { store v4[v0], v11 } }";
    assert_eq!(polls(nest, 64), 0);
    assert_eq!(polls(nest, 129), 2);
    let deep = "for v9 in v0, v6, v1 { for v10 in v0, v6, v1 { for v11 in v0, v6, v1 { store v4[v0], v11 } } }";
    assert_eq!(polls(deep, 20), 20);
    let short = "v8: i64 = const i64 5 for v10 in v0, v6, v1 { for v11 in v0, v8, v1 { store v4[v0], v11 } }";
    assert_eq!(polls(short, 20), 0);
}

#[test]
fn a_loop_over_a_tile_is_straight_line_code() {
    let tiles = |end: &str| {
        format!(
            "v7: i64 = const i64 64\n for v8 in v0, v6, v7 {{ {end} for v9 in v8, v11, v1 {{ store v4[v0], v9 }} }}"
        )
    };
    let near = tiles("v10: i64 = add v8, v7\n v11: i64 = min v10, v6\n");
    let text = polled(&function(&near)).to_string();
    assert_eq!(text.matches("for ").count(), 2, "{text}");
    assert_eq!(text.matches("while").count(), 1, "{text}");
    assert_eq!(polls(&near, 1000), 0);
    // Not a tile: the end lies as far away as the loop around goes.
    let far = tiles("v10: i64 = add v6, v7\n v11: i64 = min v10, v6\n");
    let text = polled(&function(&far)).to_string();
    assert_eq!(text.matches("while").count(), 2, "{text}");
}

#[test]
fn a_tight_while_is_cut_into_strips() {
    let count = "store $2, v6
        while { v10: i64 = load $2 v11: bool = cmp gt v10, v0 } test v11 {
          v12: i64 = sub v10, v1
          store $2, v12
          store v4[v0], v12
          v13: i64 = const i64 70000
          v14: bool = cmp eq v12, v13
          if v14 {
            continue
          }
          v15: i64 = const i64 3
          v16: bool = cmp eq v12, v15
          if v16 {
            break
          }
          store v4[v1], v12
        }
        store v4[v0], v0";
    assert_eq!(polls(count, 20), 0);
    assert_eq!(polls(count, 80_000), 2);
    insta::assert_snapshot!(polled(&function(count)));
}

#[test]
fn a_loop_that_calls_polls_in_each_iteration() {
    let alloc = "for v10 in v0, v6, v1 { v11: array<i64, 1, C> = load $0 copy v11, v4 !0 }";
    let text = polled(&function(alloc)).to_string();
    assert!(
        text.contains("for v10 in v0, v6, v1 {\n    poll\n"),
        "{text}"
    );
}

#[test]
fn a_loop_with_checks_polls_in_its_body() {
    assert_eq!(
        polls("for v10 in v0, v6, v1 checked { store v4[v0], v10 }", 20),
        20
    );
}

#[test]
fn a_loop_whose_step_is_unknown_or_huge_counts_iterations() {
    let by_n = "v8: i64 = mul v6, v6 for v10 in v8, v0, v9 { store v4[v1], v10 }";
    assert_eq!(polls(&format!("v9: i64 = neg v6 {by_n}"), 9), 0);
    assert_eq!(polls(&format!("v9: i64 = floordiv v3, v6 {by_n}"), 300), 1);
    let huge = "v8: i64 = const i64 9223372036854775807 v9: i64 = const i64 4611686018427387904
        for v10 in v0, v8, v9 { store v4[v1], v10 }";
    assert_eq!(polls(huge, 0), 0);
}

#[test]
fn strips_reach_the_largest_integers() {
    let top = "v8: i64 = const i64 9223372036854775807
        v9: i64 = sub v8, v6
        for v10 in v9, v8, v1 { v11: i64 = mod v10, v1 store v4[v11], v10 }";
    assert_eq!(polls(top, 70_000), 1);
}

#[test]
fn a_recursive_function_polls_on_entry() {
    let text = r#"module "recursive"
        func @0 "f"() -> unit {
          call @1()
        }
        func @1 "g"() -> unit {
          call @2()
        }
        func @2 "h"() -> unit {
          call @1()
        }
        entry @0"#;
    let module = polled(&parse(text).unwrap());
    let first = |index: usize| module.funcs[index].body.insts[0].op.clone();
    assert_ne!(first(0), Op::Poll);
    assert_eq!((first(1), first(2)), (Op::Poll, Op::Poll));
}
