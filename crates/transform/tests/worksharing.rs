//! Outlining and worksharing: the text of small cases, and for random loops that a team runs each iteration once,
//! as the interpreter sees it.

mod common;

use common::{Array, Interpreter, Value};
use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};
use omply_ir::{Module, Type};
use omply_transform::{Options, outline, prune, worksharing};

/// A region around one loop with a dimension for each of `steps` (`None`: known at run time), with bounds as parameters, that records each iteration as
/// `log[number] = i * 1000000 + j * 1000 + k` (and a constant that keeps it positive) where `number` is what `counter` has counted; the iteration that is
/// last sets `log[0]`.
fn nest(steps: &[Option<i64>], schedule: &str) -> String {
    let mut params = String::from("$0");
    let mut slots = String::from("slot $0 \"log\": array<i64, 1, C>\n");
    let mut bounds = String::new();
    let mut loops = Vec::new();
    for (dim, &step) in steps.iter().enumerate() {
        for (part, name) in ["start", "stop", "step"].iter().enumerate() {
            let slot = 1 + dim * 3 + part;
            params += &format!(", ${slot}");
            slots += &format!("slot ${slot} \"{name} {dim}\": i64\n");
            bounds += &match step {
                Some(step) if part == 2 => format!("v{}: i64 = const i64 {step}\n", 10 + slot),
                _ => format!("v{}: i64 = load ${slot}\n", 10 + slot),
            };
        }
        let first = 11 + dim * 3;
        loops.push(format!(
            "v{} in v{first}, v{}, v{}",
            40 + dim,
            first + 1,
            first + 2
        ));
    }
    let dims = steps.len();
    let last = if dims < 3 {
        "v42: i64 = const i64 0\n"
    } else {
        ""
    };
    let middle = if dims < 2 {
        "v41: i64 = const i64 0\n"
    } else {
        ""
    };
    format!(
        r#"module "nest"
        site !0 index @"f"
        func @0 "f"({params}) -> unit {{
          {slots}
          slot $20 "chunk": i64
          slot $21 "counter": i64
          v0: array<i64, 1, C> = load $0
          v1: i64 = const i64 1
          v2: i64 = const i64 1000
          v3: i64 = const i64 3
          store $21, v1
          {bounds}
          parallel locals() {{
            v50: bool = loop {} {schedule} {{
              {middle} {last}
              v60: i64 = mul v40, v2
              v61: i64 = add v60, v41
              v62: i64 = mul v61, v2
              v66: i64 = add v62, v42
              v67: i64 = const i64 1000000000000
              v63: i64 = add v66, v67
              v64: i64 = load $21
              store v0[v64] check !0, v63
              v65: i64 = add v64, v1
              store $21, v65
            }}
            if v50 {{
              v70: i64 = const i64 0
              v71: i64 = load v0[v70]
              v72: i64 = add v71, v1
              store v0[v70] check !0, v72
            }}
          }}
        }}
        entry @0"#,
        loops.join(" * ")
    )
}

/// Parameters are numbered without gaps in the text form; `nest` leaves some, which this fills.
fn module(steps: &[Option<i64>], schedule: &str) -> Module {
    let mut text = nest(steps, schedule);
    for slot in 1 + steps.len() * 3..20 {
        text = text.replace(
            "          slot $20",
            &format!("          slot ${slot} \"unused\": i64\n          slot $20"),
        );
    }
    parse(&text).unwrap()
}

fn flat(module: &Module) -> Module {
    let mut flat = module.clone();
    outline::run(&mut flat);
    verify(&flat, Phase::Between).unwrap();
    worksharing::run(&mut flat);
    verify(&flat, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{flat}"));
    prune::run(&mut flat);
    verify(&flat, Phase::Flat).unwrap();
    flat
}

/// After all passes.
fn finished(module: &Module) -> Module {
    let mut module = module.clone();
    omply_transform::run(&mut module, &Options::default());
    module
}

/// The iterations in the order in which they ran (without the first element), and how often `last` was told.
fn iterations(module: &Module, threads: i64, bounds: &[i64]) -> (Vec<i64>, i64) {
    let log = Array {
        data: std::rc::Rc::new(std::cell::RefCell::new(vec![Value::Int(0); 600])),
        shape: vec![600],
    };
    let mut args = vec![Value::Array(log.clone())];
    args.extend(bounds.iter().map(|&bound| Value::Int(bound)));
    let outcome = Interpreter::new(module, threads).run(&args);
    assert_eq!(outcome.raised, None);
    let log = log.ints();
    let ran: i64 = log.iter().skip(1).filter(|&&point| point != 0).count() as i64;
    (log[1..=ran as usize].to_vec(), log[0])
}

/// A small generator of numbers, so that failures repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as i64) % bound
    }
}

/// Runs random bounds through the expansion, and through all passes, and compares with the loop's meaning.
fn check(steps: &[Option<i64>], schedule: &str, in_order: bool) {
    let regions = module(steps, schedule);
    check_expansion(steps, schedule, in_order, &regions, &flat(&regions));
    check_expansion(steps, schedule, in_order, &regions, &finished(&regions));
}

fn check_expansion(
    steps: &[Option<i64>],
    schedule: &str,
    in_order: bool,
    regions: &Module,
    flat: &Module,
) {
    let mut random = Random(steps.len() as u64);
    for _ in 0..15 {
        let mut bounds = Vec::new();
        for step in steps {
            let start = 1 + random.below(6);
            let step = step.unwrap_or_else(|| [1, 2, 3, -1, -2, 5][random.below(6) as usize]);
            let length = random.below(9) - 1;
            let stop = if step > 0 {
                start + length
            } else {
                start - length
            };
            bounds.extend([start, stop, step]);
        }
        for threads in [1, 2, 3, 7] {
            let (mut expected, told) = iterations(regions, 1, &bounds);
            let (mut found, last) = iterations(flat, threads, &bounds);
            assert_eq!(
                last, told,
                "last iteration, {schedule} {bounds:?} by {threads}"
            );
            if !in_order {
                expected.sort();
                found.sort();
            }
            assert_eq!(
                found, expected,
                "{schedule} {bounds:?} by {threads}\n{flat}"
            );
        }
    }
}

const SCHEDULES: [&str; 7] = [
    "static",
    "static chunk(v1)",
    "static chunk(v3)",
    "dynamic",
    "dynamic chunk(v3)",
    "guided chunk(v3)",
    "auto",
];

#[test]
fn a_loop_runs_every_iteration_once_under_every_schedule() {
    for schedule in SCHEDULES {
        for step in [Some(1), Some(2), Some(-1), Some(-3), None] {
            check(&[step], schedule, schedule == "static");
        }
    }
}

#[test]
fn a_collapsed_nest_runs_every_iteration_once_under_every_schedule() {
    for schedule in SCHEDULES {
        check(&[Some(1), Some(1)], schedule, schedule == "static");
        check(&[Some(2), Some(-1)], schedule, schedule == "static");
        check(&[None, None], schedule, schedule == "static");
        check(&[Some(1), Some(1), Some(1)], schedule, schedule == "static");
        check(&[None, Some(1), None], schedule, schedule == "static");
    }
}

#[test]
fn an_ordered_loop_ends_each_iteration_also_on_continue() {
    let text = r#"module "ordered"
        func @0 "f"($0) -> unit {
          slot $0 "n": i64
          v0: i64 = load $0
          v1: i64 = const i64 0
          v2: i64 = const i64 1
          parallel locals() {
            v3: bool = loop v4 in v1, v0, v2 static ordered {
              v5: bool = cmp eq v4, v1
              if v5 {
                continue
              }
              for v6 in v1, v0, v2 {
                if v5 {
                  continue
                }
              }
              ordered {
                barrier
              }
            }
          }
        }
        entry @0"#;
    insta::assert_snapshot!(flat(&parse(text).unwrap()));
}

#[test]
fn captures_go_by_value_unless_something_may_change_them() {
    let text = r#"module "captures"
        func @0 "f"($0, $1) -> f64 {
          slot $0 "a": array<f64, 1, C>
          slot $1 "n": i64
          slot $2 "total": f64
          slot $3 "mine": f64
          slot $4 "count": i64
          slot $5 "t": i64 threadprivate("m.t", i64 0)
          slot $6 "flag": i64
          v0: f64 = const f64 0.0
          v1: i64 = const i64 1
          v2: i64 = load $1
          v3: i64 = add v2, v1
          store $2, v0
          parallel num_threads(v2) locals($3) {
            store $3, v0
            v4: array<f64, 1, C> = load $0
            v5: f64 = load v4[v1]
            store $3, v5
            v6: i64 = load $5
            v7: i64, v8: i64 = atomic_update add $4, v3 relaxed
            reduce add $2 from $3
            parallel locals() {
              v9: i64 = load $6
              v10: i64 = add v9, v7
              store $5, v10
            }
            store $6, v6
          }
          v11: f64 = load $2
          return v11
        }
        entry @0"#;
    insta::assert_snapshot!(flat(&parse(text).unwrap()));
}

#[test]
fn a_dispatched_collapsed_nest_is_a_plain_nest_in_a_loop_over_chunks() {
    let flat = flat(&module(&[Some(1), Some(1)], "dynamic"));
    assert_eq!(flat.funcs[1].ret, Type::Unit);
    insta::assert_snapshot!(flat.funcs[1]);
}
