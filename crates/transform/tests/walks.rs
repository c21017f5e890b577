//! Loops that walk through arrays by variables of their own: where they run without checks, and that they do what they did
//! before, errors and their order included.

mod common;

use std::fmt::Write;

use common::{Array, GIVEN_UP, Interpreter, Outcome, Value};
use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};
use omply_ir::*;
use omply_transform::{forward, poll, prune, walks};

/// A function of a vector `v4`, a matrix `v5` and integers `v6` and `v7`, with constants 0, 1, -1 as `v0`, `v1`, `v3`.
fn function(body: &str) -> Module {
    let text = format!(
        r#"module "test"
        site !0 index @"f"
        func @0 "f"($0, $1, $2, $3) -> unit {{
          slot $0 "a": array<i64, 1, C>
          slot $1 "m": array<i64, 2, C>
          slot $2 "n": i64
          slot $3 "w": i64
          slot $4 "i": i64
          slot $5 "j": i64
          v0: i64 = const i64 0
          v1: i64 = const i64 1
          v3: i64 = const i64 -1
          v4: array<i64, 1, C> = load $0
          v5: array<i64, 2, C> = load $1
          v6: i64 = load $2
          v7: i64 = load $3
          {body}
        }}
        entry @0"#
    );
    parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn walked(module: &Module) -> Module {
    let mut module = module.clone();
    forward::run(&mut module);
    walks::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    poll::run(&mut module);
    prune::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    module
}

struct Run {
    outcome: Outcome,
    stores: Vec<(i64, i64, Value)>,
    checks: u64,
    polls: u64,
}

fn run(module: &Module, length: i64, n: i64, w: i64) -> Run {
    run_for(module, [length, n, w], 500)
}

fn run_for(module: &Module, [length, n, w]: [i64; 3], iterations: u64) -> Run {
    let interpreter = Interpreter::new(module, 1);
    interpreter.fuel.set(iterations);
    let outcome = interpreter.run(&[
        Value::Array(Array::counting(&[length])),
        Value::Array(Array::counting(&[6, 7])),
        Value::Int(n),
        Value::Int(w),
    ]);
    Run {
        outcome,
        stores: interpreter.stores.take(),
        checks: interpreter.checks.get(),
        polls: interpreter.polls.get(),
    }
}

/// Runs the body on a vector of `length`, before and after; how many checks were left, and how many polls there were.
#[track_caller]
fn left(body: &str, length: i64, n: i64, w: i64) -> (u64, u64) {
    let before = function(body);
    let after = walked(&before);
    let (expected, found) = (run(&before, length, n, w), run(&after, length, n, w));
    assert_eq!(found.outcome, expected.outcome, "{after}");
    assert_eq!(found.stores, expected.stores, "{after}");
    (found.checks, found.polls)
}

/// `while a[i] < w: i += 1`, from `n`.
const UP: &str = "store $4, v6
    while { v10: i64 = load $4 v11: i64 = load v4[v10] check !0 v12: bool = cmp lt v11, v7 } test v12 {
      v13: i64 = add v10, v1
      store $4, v13
    }
    v14: i64 = load $4
    v15: i64 = load v4[v0] check !0
    store v4[v15] check !0, v14";

/// `while a[j] > w: j -= 1`, from `n`.
const DOWN: &str = "store $4, v6
    while { v10: i64 = load $4 v11: i64 = load v4[v10] check !0 v12: bool = cmp gt v11, v7 } test v12 {
      v13: i64 = add v10, v3
      store $4, v13
    }
    v14: i64 = load $4
    store v4[v0] check !0, v14";

/// `while j >= w and ...: a[j + 1] = a[j]; j -= 1`, from `n`: the inner loop of an insertion sort.
const SHIFT: &str = "store $5, v6
    while { v10: i64 = load $5 v11: bool = cmp ge v10, v7 } test v11 {
      v12: i64 = load v4[v10] check !0
      v13: i64 = add v10, v1
      store v4[v13] check !0, v12
      v14: i64 = sub v10, v1
      store $5, v14
    }";

#[test]
fn a_walk_inside_of_an_array_has_no_checks_and_no_polls() {
    assert_eq!(left(UP, 12, 0, 8), (2, 0));
    assert_eq!(left(UP, 12, 3, 11), (2, 0));
    assert_eq!(left(DOWN, 12, 11, 0), (1, 0));
    assert_eq!(left(SHIFT, 12, 10, 0), (0, 0));
}

#[test]
fn a_walk_over_the_upper_end_raises_there() {
    // The element that is not there is asked for by the loop with checks.
    assert_eq!(left(UP, 12, 5, 50), (1, 0));
    assert_eq!(left(UP, 12, 12, 5), (1, 0));
    assert_eq!(left(DOWN, 12, 12, 5), (1, 0));
    // The upper of two elements is the one that is not there.
    assert_eq!(left(SHIFT, 12, 11, 3), (2, 0));
}

#[test]
fn a_walk_over_the_lower_end_goes_on_from_the_upper_one() {
    // After a[0] come a[-1] = 11 and so on down to a[-12] and an error.
    assert_eq!(left(DOWN, 12, 5, -1), (13, 0));
    // From a[-3] to a[-1] and on: nothing is covered before a[0].
    assert_eq!(left(UP, 12, -3, 12), (16, 0));
    assert_eq!(left(SHIFT, 12, 4, -2), (4, 0));
}

#[test]
fn extreme_indices_are_not_taken_for_small_ones() {
    for n in [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1] {
        for body in [UP, DOWN, SHIFT] {
            left(body, 12, n, i64::MIN);
            left(body, 12, n, i64::MAX);
        }
    }
}

#[test]
fn an_array_too_long_for_a_walk_without_polls_is_walked_in_strips() {
    // A loop of little work may run for 256 strips of 65536 iterations.
    let text = walked(&function(UP)).to_string();
    assert!(text.contains("const i64 16777216"), "{text}");
}

#[test]
fn a_loop_around_a_walk_polls_in_each_iteration() {
    let around = format!("for v30 in v0, v1, v1 {{ {UP} }}");
    assert_eq!(left(&around, 12, 0, 8), (2, 1));
}

#[test]
fn what_does_not_move_in_every_iteration_is_no_walk() {
    let rests = UP.replace(
        "v13: i64 = add v10, v1",
        "v20: bool = cmp eq v10, v1 if v20 { v21: i64 = add v10, v1 store $4, v21 continue } v13: i64 = add v10, v1",
    );
    assert!(left(&rests, 12, 0, 8).0 > 8);
    let sometimes = UP.replace(
        "store $4, v13",
        "v20: bool = cmp ge v10, v0 if v20 { store $4, v13 }",
    );
    assert!(left(&sometimes, 12, 0, 8).0 > 8);
    let jumps = UP.replace(
        "store $4, v13",
        "store $4, v13 v20: i64 = load $4 v21: i64 = add v20, v7 store $4, v21",
    );
    left(&jumps, 12, 0, 8);
}

/// A merge: `if a[i] < a[j]: a[k] = ...; i += 1` or `j += 1`, for `k` below `n`, with `j` from `w`.
const MERGE: &str = "store $4, v0
    store $5, v7
    for v10 in v0, v6, v1 {
      v11: i64 = load $4
      v12: i64 = load $5
      v13: i64 = load v4[v11] check !0
      v14: i64 = load v4[v12] check !0
      v15: bool = cmp lt v13, v14
      if v15 {
        v16: i64 = load v4[v11] check !0
        store v4[v0] check !0, v16
        v17: i64 = add v11, v1
        store $4, v17
      } else {
        v18: i64 = load v4[v12] check !0
        store v4[v0] check !0, v18
        v19: i64 = add v12, v1
        store $5, v19
      }
    }";

#[test]
fn a_merge_asks_once_an_iteration_and_ends_with_checks() {
    // What is left are the checks of the store, whose index does not change.
    assert_eq!(left(MERGE, 12, 5, 6), (5, 0));
    // `j` walks off the end.
    let (checks, _) = left(MERGE, 12, 30, 9);
    assert!(checks > 5, "{checks}");
    left(MERGE, 12, 30, -4);
    left(MERGE, 12, 30, 12);
}

// ---- random loops ----------------------------------------------------------------------------------------------

struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as i64) % bound
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as i64) as usize]
    }
}

/// Writes a loop that reads, writes and moves `i` and `j`.
struct Writer {
    random: Random,
    next: u32,
    text: String,
}

impl Writer {
    fn value(&mut self, what: &str) -> String {
        let name = format!("v{}", self.next);
        self.next += 1;
        write!(self.text, "{name}: {what} ").unwrap();
        name
    }

    fn constant(&mut self, low: i64, high: i64) -> String {
        let constant = low + self.random.below(high - low);
        self.value(&format!("i64 = const i64 {constant}"))
    }

    /// A variable plus a small constant.
    fn index(&mut self) -> String {
        let slot = self.random.pick(&["$4", "$4", "$5"]);
        let base = self.value(&format!("i64 = load {slot}"));
        match self.random.below(3) {
            0 => base,
            _ => {
                let by = self.constant(-2, 3);
                let op = self.random.pick(&["add", "sub"]);
                self.value(&format!("i64 = {op} {base}, {by}"))
            }
        }
    }

    fn access(&mut self) {
        let place = match self.random.below(4) {
            0 => format!("v5[{}, {}]", self.index(), self.index()),
            _ => format!("v4[{}]", self.index()),
        };
        match self.random.below(2) {
            0 => {
                let value = self.index();
                write!(self.text, "store {place} check !0, {value} ").unwrap();
            }
            _ => {
                let value = self.value(&format!("i64 = load {place} check !0"));
                let slot = self.random.pick(&["v7", "v6"]);
                self.value(&format!("i64 = add {value}, {slot}"));
            }
        }
    }

    fn advance(&mut self) {
        let slot = self.random.pick(&["$4", "$4", "$5"]);
        let step = self.random.pick(&[1, 1, 1, -1, -1, 2, -3, 0]);
        let from = self.value(&format!("i64 = load {slot}"));
        let step = self.value(&format!("i64 = const i64 {step}"));
        let to = self.value(&format!("i64 = add {from}, {step}"));
        write!(self.text, "store {slot}, {to} ").unwrap();
    }

    fn test(&mut self) -> String {
        let slot = self.random.pick(&["$4", "$5"]);
        let left = self.value(&format!("i64 = load {slot}"));
        let right = match self.random.below(2) {
            0 => "v6".to_string(),
            _ => self.value(&format!("i64 = load v4[{left}] check !0")),
        };
        let op = self.random.pick(&["lt", "ge", "ne"]);
        self.value(&format!("bool = cmp {op} {left}, {right}"))
    }

    fn statement(&mut self, deep: bool) {
        match self.random.below(6) {
            0 | 1 => self.advance(),
            2 if !deep => {
                let test = self.test();
                write!(self.text, "if {test} {{ ").unwrap();
                self.statement(true);
                let leave = self
                    .random
                    .pick(&["", "", "", "break ", "continue ", "return "]);
                write!(self.text, "{leave}}} else {{ ").unwrap();
                self.statement(true);
                self.text.push_str("} ");
            }
            _ => self.access(),
        }
    }

    fn body(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            self.statement(false);
        }
    }

    fn generate(seed: u64) -> Module {
        let mut writer = Writer {
            random: Random(seed),
            next: 10,
            text: String::new(),
        };
        for slot in ["$4", "$5"] {
            let start = writer.constant(-2, 9);
            write!(writer.text, "store {slot}, {start} ").unwrap();
        }
        match writer.random.below(2) {
            0 => {
                writer.text.push_str("while { ");
                let test = writer.test();
                write!(writer.text, "}} test {test} {{ ").unwrap();
            }
            _ => {
                let iv = writer.next;
                writer.next += 1;
                write!(writer.text, "for v{iv} in v0, v7, v1 {{ ").unwrap();
            }
        }
        writer.body();
        writer.text.push_str("} ");
        writer.access();
        function(&writer.text)
    }
}

#[test]
fn random_walks_do_what_they_did() {
    let (mut fewer, mut raised, mut runs) = (0, 0, 0);
    for seed in 0..1000 {
        let before = Writer::generate(seed);
        verify(&before, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{before}"));
        let after = walked(&before);
        for (n, w) in [(5, 9), (-1, 30), (40, 3)] {
            let expected = run(&before, 12, n, w);
            // The passes add iterations of their own: runs that were given up do not compare.
            if matches!(expected.outcome.raised, Some((GIVEN_UP, _))) {
                continue;
            }
            let found = run_for(&after, [12, n, w], 2_000);
            assert_eq!(
                found.outcome, expected.outcome,
                "seed {seed}\n{before}\n{after}"
            );
            assert_eq!(
                found.stores, expected.stores,
                "seed {seed}\n{before}\n{after}"
            );
            runs += 1;
            fewer += u64::from(found.checks < expected.checks);
            raised += u64::from(found.outcome.raised.is_some());
        }
    }
    // Neither side of the comparison may be idle.
    assert!(
        fewer > runs / 5 && raised > runs / 5 && raised < runs,
        "{fewer} of {runs} with fewer checks, {raised} raised"
    );
}
