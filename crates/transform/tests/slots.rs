//! Forwarding through slots, and the removal of what is unused.

use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};
use omply_transform::{forward, prune};

/// The function's text after forwarding and pruning. `v0`, `v1`, `v2` are an integer, a constant and a Bool.
fn forwarded(body: &str) -> String {
    let text = format!(
        r#"module "test"
        func @0 "f"($0, $1) -> i64 {{
          slot $0 "n": i64
          slot $1 "b": bool
          slot $2 "x": i64
          slot $3 "y": i64
          slot $4 "t": i64 threadprivate("t", i64 0)
          v0: i64 = load $0
          v1: i64 = const i64 7
          v2: bool = load $1
          {body}
        }}
        entry @0"#
    );
    let mut module = parse(&text).unwrap();
    forward::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    prune::run(&mut module);
    verify(&module, Phase::Flat).unwrap();
    module.funcs[0].to_string()
}

#[test]
fn a_load_becomes_the_value_that_was_stored() {
    let text = forwarded("store $2, v0 v3: i64 = load $2 v4: i64 = add v3, v1 return v4");
    assert!(
        text.contains("add v0, v1") && !text.contains("= load $2"),
        "{text}"
    );
}

#[test]
fn a_store_in_a_branch_hides_the_value_unless_the_branch_leaves() {
    let joins = forwarded("store $2, v0 if v2 { store $2, v1 } v3: i64 = load $2 return v3");
    assert!(joins.contains("return v3"), "{joins}");
    let leaves =
        forwarded("store $2, v0 if v2 { store $2, v1 return v1 } v3: i64 = load $2 return v3");
    assert!(leaves.contains("return v0"), "{leaves}");
}

#[test]
fn a_loop_that_changes_a_slot_hides_it_from_its_start_on() {
    let text = forwarded(
        "store $2, v0
        for v3 in v1, v0, v1 { v4: i64 = load $2 v5: i64 = add v4, v3 store $2, v5 v6: i64 = load $2 store $3, v6 }
        v7: i64 = load $2
        v8: i64 = load $3
        v9: i64 = add v7, v8
        return v9",
    );
    assert!(
        text.contains("add v4, v3")
            && text.contains("store $3.y, v5")
            && text.contains("add v7, v8"),
        "{text}"
    );
}

#[test]
fn a_loop_variable_reaches_its_uses_through_its_slot() {
    let text = forwarded(
        "for v3 in v1, v0, v1 { store $2, v3 v4: i64 = load $2 store $3, v4 }
        v5: i64 = load $3 return v5",
    );
    assert!(text.contains(".y, v3") && !text.contains("\"x\""), "{text}");
}

#[test]
fn a_slot_that_others_reach_is_loaded_each_time() {
    let atomic = forwarded(
        "store $2, v0 v3: i64, v4: i64 = atomic_update add $2, v1 relaxed v5: i64 = load $2 return v5",
    );
    assert!(atomic.contains("return v5"), "{atomic}");
    let threadprivate = forwarded("store $4, v0 v3: i64 = load $4 return v3");
    assert!(threadprivate.contains("return v3"), "{threadprivate}");
}

#[test]
fn a_store_that_nothing_reads_goes_with_its_slot() {
    let text = forwarded("store $2, v0 store $4, v1 return v1");
    assert!(
        !text.contains("\"x\"") && text.contains("store $2.t, v1"),
        "{text}"
    );
}

#[test]
fn unused_values_and_slots_go() {
    let text = forwarded("v3: i64 = add v0, v1 v4: i64 = mul v3, v3 return v1");
    assert!(
        !text.contains("v4") && !text.contains("v3") && !text.contains("$2"),
        "{text}"
    );
}
