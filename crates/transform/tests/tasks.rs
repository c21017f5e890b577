//! Tasks: which variables they take by value, and which of them the function waits for.

use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};
use omply_ir::{CaptureBy, Module, Op, Spawn};
use omply_transform::{joins, outline};

/// The module after outlining; `v0` and `v1` are an integer and a Bool.
fn outlined(body: &str) -> Module {
    let text = format!(
        r#"module "test"
        func @0 "f"($0, $1) -> unit {{
          slot $0 "n": i64
          slot $1 "b": bool
          slot $2 "x": i64
          slot $3 "t": i64
          v0: i64 = load $0
          v1: bool = load $1
          {body}
        }}
        entry @0"#
    );
    let mut module = parse(&text).unwrap();
    verify(&module, Phase::Regions).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    outline::run(&mut module);
    joins::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    module
}

fn spawns(module: &Module) -> Vec<&Spawn> {
    let mut found = Vec::new();
    module.funcs[0].body.walk(&mut |inst| {
        if let Op::Spawn(spawn) = &inst.op {
            found.push(&**spawn);
        }
    });
    found
}

/// How the first task takes the slot `x`.
fn takes_x(body: &str) -> CaptureBy {
    let module = outlined(body);
    let spawn = spawns(&module)[0];
    assert_eq!(spawn.captures.len(), 1, "{module}");
    spawn.captures[0].by
}

/// Whether each task is joined, and at once.
fn joined(body: &str) -> Vec<(bool, bool)> {
    let module = outlined(body);
    spawns(&module)
        .iter()
        .map(|spawn| (spawn.joined, spawn.at_once))
        .collect()
}

const READS_X: &str = "task locals($3) { v9: i64 = load $2 store $3, v9 }";
const IDLE: &str = "task locals() { }";

#[test]
fn a_variable_that_had_its_one_value_before_is_taken_by_value() {
    assert_eq!(
        takes_x(&format!("store $2, v0 {READS_X}")),
        CaptureBy::Value
    );
}

#[test]
fn a_variable_that_changes_afterwards_is_taken_by_reference() {
    assert_eq!(
        takes_x(&format!("store $2, v0 {READS_X} store $2, v0")),
        CaptureBy::Reference
    );
}

#[test]
fn a_variable_that_a_loop_stores_again_is_taken_by_reference() {
    assert_eq!(
        takes_x(&format!(
            "for v5 in v0, v0, v0 {{ store $2, v5 {READS_X} }}"
        )),
        CaptureBy::Reference
    );
}

#[test]
fn a_variable_that_the_task_changes_is_taken_by_reference() {
    assert_eq!(
        takes_x("store $2, v0 task locals() { v7: i64 = const i64 1 store $2, v7 }"),
        CaptureBy::Reference
    );
}

#[test]
fn a_task_before_a_wait_is_joined_and_the_last_one_is_executed_at_once() {
    assert_eq!(
        joined(&format!("{IDLE} {IDLE} taskwait")),
        [(true, false), (true, true)]
    );
}

#[test]
fn a_task_without_a_wait_is_not_joined() {
    assert_eq!(joined(IDLE), [(false, false)]);
}

#[test]
fn a_task_in_a_branch_is_joined_by_a_wait_behind_it() {
    assert_eq!(
        joined(&format!("if v1 {{ {IDLE} }} taskwait")),
        [(true, false)]
    );
}

#[test]
fn a_task_in_a_loop_is_joined_by_a_wait_in_the_same_round_only() {
    let inside = joined(&format!("for v5 in v0, v0, v0 {{ {IDLE} taskwait }}"));
    assert_eq!(inside, [(true, true)]);
    let behind = joined(&format!("for v5 in v0, v0, v0 {{ {IDLE} }} taskwait"));
    assert_eq!(behind, [(false, false)]);
}

#[test]
fn a_return_between_a_task_and_the_wait_leaves_it_unjoined() {
    assert_eq!(
        joined(&format!("{IDLE} if v1 {{ return }} taskwait")),
        [(false, false)]
    );
}

#[test]
fn a_taskgroup_joins_the_tasks_in_it() {
    assert_eq!(joined(&format!("taskgroup {{ {IDLE} }}")), [(true, false)]);
}

#[test]
fn a_wait_for_some_joins_nothing() {
    assert_eq!(
        joined(&format!("{IDLE} taskwait depend(in $2)")),
        [(false, false)]
    );
}
