//! Hoisting of bounds checks: which checks go for typical loops, and that random loops do the same, errors
//! included, before and after.

mod common;

use common::{Array, GIVEN_UP, Interpreter, Outcome, Value};
use omply_ir::text::parse;
use omply_ir::verify::{Phase, verify};
use omply_ir::*;
use omply_transform::{Options, forward, hoist_checks, prune};

fn hoisted(module: &Module) -> Module {
    let mut module = module.clone();
    forward::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    prune::run(&mut module);
    hoist_checks::run(&mut module);
    verify(&module, Phase::Flat).unwrap_or_else(|errors| panic!("{errors:?}\n{module}"));
    prune::run(&mut module);
    verify(&module, Phase::Flat).unwrap();
    module
}

fn run(module: &Module, args: &[Value]) -> (Outcome, u64, Vec<(i64, i64, Value)>) {
    run_for(module, args, 2000)
}

fn run_for(
    module: &Module,
    args: &[Value],
    iterations: u64,
) -> (Outcome, u64, Vec<(i64, i64, Value)>) {
    let interpreter = Interpreter::new(module, 1);
    interpreter.fuel.set(iterations);
    let outcome = interpreter.run(args);
    (outcome, interpreter.checks.get(), interpreter.stores.take())
}

/// A function with arrays `a` (one axis) and `m` (two axes), integers `n` and `w`, and constants 0, 1, 2, -1 as
/// `v0`, `v1`, `v2`, `v3`; `v4` is `a`, `v5` is `m`, `v6` is `n`, `v7` is `w`.
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
          slot $6 "s": i64
          v0: i64 = const i64 0
          v1: i64 = const i64 1
          v2: i64 = const i64 2
          v3: i64 = const i64 -1
          v4: array<i64, 1, C> = load $0
          v5: array<i64, 2, C> = load $1
          v6: i64 = load $2
          v7: i64 = load $3
          {body}
        }}
        entry @0"#
    );
    parse(&text).unwrap()
}

/// Runs the body on a vector of 12 and a matrix of 6 by 7; how many checks were left.
#[track_caller]
fn checks(body: &str, n: i64, w: i64) -> u64 {
    let before = function(body);
    let after = hoisted(&before);
    let args = || {
        let (a, m) = (Array::counting(&[12]), Array::counting(&[6, 7]));
        vec![
            Value::Array(a),
            Value::Array(m),
            Value::Int(n),
            Value::Int(w),
        ]
    };
    let (expected, _, stores) = run(&before, &args());
    let (found, checks, new_stores) = run(&after, &args());
    assert_eq!(found, expected, "{after}");
    assert_eq!(new_stores, stores, "{after}");
    checks
}

#[test]
fn a_vector_loop_is_unchecked_when_it_stays_in_bounds_and_raises_where_it_did_otherwise() {
    let copy = "for v10 in v0, v6, v1 { store $4, v10 v11: i64 = load $4 v12: i64 = load v4[v11] check !0 }";
    assert_eq!(checks(copy, 12, 0), 0);
    assert_eq!(checks(copy, 0, 0), 0);
    assert_eq!(checks(copy, 13, 0), 13);
}

#[test]
fn neighbours_are_covered_by_one_test() {
    let stencil = "v8: i64 = sub v6, v1
        for v10 in v1, v8, v1 {
          v11: i64 = sub v10, v1
          v12: i64 = add v10, v1
          v13: i64 = load v4[v11] check !0
          v14: i64 = load v4[v12] check !0
          v15: i64 = load v4[v10] check !0
        }";
    assert_eq!(checks(stencil, 12, 0), 0);
    assert_eq!(checks(stencil, 13, 0), 11 * 3 - 1);
    insta::assert_snapshot!(hoisted(&function(stencil)));
}

#[test]
fn a_nest_is_tested_in_front_of_its_outermost_loop() {
    let nest = "for v10 in v0, v6, v1 {
          for v11 in v0, v7, v1 {
            v12: i64 = load v5[v10, v11] check !0
            v13: i64 = mul v10, v7
            v14: i64 = add v13, v11
            v15: i64 = load v4[v14] check !0
          }
        }";
    assert_eq!(checks(nest, 3, 4), 0);
    assert_eq!(checks(nest, 4, 4), 12 * 3 + 3);
}

#[test]
fn descending_and_strided_loops_are_covered_exactly() {
    let down = "v8: i64 = sub v6, v1 for v10 in v8, v3, v3 { v11: i64 = load v4[v10] check !0 }";
    assert_eq!(checks(down, 12, 0), 0);
    let pairs = "for v10 in v0, v6, v2 { v11: i64 = add v10, v1 v12: i64 = load v4[v11] check !0 }";
    assert_eq!(checks(pairs, 12, 0), 0);
    let reversed = "for v10 in v0, v6, v1 {
          v11: i64 = sub v6, v1
          v12: i64 = sub v11, v10
          v13: i64 = load v4[v12] check !0
        }";
    assert_eq!(checks(reversed, 12, 0), 0);
    assert_eq!(checks(reversed, 13, 0), 1);
    let by_w = "for v10 in v0, v6, v7 { v12: i64 = load v4[v10] check !0 }";
    assert_eq!(checks(by_w, 14, 11), 0);
    assert_eq!(checks(by_w, 12, 5), 0);
}

#[test]
fn a_negative_constant_counts_from_the_end_without_a_check() {
    let last = "v8: i64 = const i64 -12
        for v10 in v0, v6, v1 {
          v11: i64 = load v4[v3] check !0
          store v4[v8] check !0, v11
          store v5[v10, v3] check !0, v11
        }";
    assert_eq!(checks(last, 6, 0), 0);
    let beyond =
        "v8: i64 = const i64 -13 for v10 in v0, v6, v1 { v11: i64 = load v4[v8] check !0 }";
    assert_eq!(checks(beyond, 6, 0), 1);
}

#[test]
fn an_access_under_an_if_does_not_cost_the_others_their_clone() {
    let guarded = "for v10 in v0, v6, v1 {
          v11: i64 = load v4[v10] check !0
          v12: bool = cmp gt v10, v0
          if v12 {
            v13: i64 = sub v10, v1
            v14: i64 = load v4[v13] check !0
            v15: i64 = load v4[v10] check !0
          }
        }";
    assert_eq!(checks(guarded, 12, 0), 11);
    assert_eq!(checks(guarded, 13, 0), 12 * 3 - 2 + 1);
}

#[test]
fn indirect_accesses_and_changing_arrays_stay_checked() {
    let gather = "for v10 in v0, v6, v1 { v11: i64 = load v4[v10] check !0 v12: i64 = load v4[v11] check !0 }";
    assert_eq!(checks(gather, 12, 0), 12);
    let changing = "for v10 in v0, v6, v1 {
          v11: array<i64, 1, C> = load $0
          v12: i64 = load v11[v10] check !0
          store $0, v4
        }";
    assert_eq!(checks(changing, 12, 0), 12);
}

#[test]
fn a_slot_that_may_be_unassigned_is_not_loaded_early() {
    let maybe = "v8: bool = cmp gt v6, v0
        if v8 { store $6, v6 }
        for v10 in v0, v6, v1 { v11: i64 = load $6 v12: i64 = sub v11, v1 v13: i64 = load v4[v12] check !0 }";
    assert_eq!(checks(maybe, 5, 0), 5);
    let surely = maybe.replace("store $6, v6 }", "store $6, v6 } else { store $6, v1 }");
    assert_eq!(checks(&surely, 5, 0), 0);
    let leaves = maybe.replace("store $6, v6 }", "store $6, v6 } else { return }");
    assert_eq!(checks(&leaves, 5, 0), 0);
}

#[test]
fn a_triangle_is_covered_and_a_difference_of_its_variables_at_the_inner_loop() {
    let triangle = "for v10 in v0, v6, v1 {
          for v11 in v10, v6, v1 {
            v12: i64 = load v5[v10, v11] check !0
            v13: i64 = sub v11, v10
            v14: i64 = load v4[v13] check !0
          }
        }";
    assert_eq!(checks(triangle, 6, 0), 0);
}

#[test]
fn absurd_bounds_do_not_wrap_into_range() {
    let shifted = "for v10 in v7, v6, v1 {
          v11: i64 = mul v10, v2
          v12: i64 = load v4[v11] check !0
        }";
    assert_eq!(checks(shifted, i64::MIN + 3, i64::MIN + 1), 2);
    assert_eq!(checks(shifted, i64::MIN, i64::MAX), 0);
}

// ---- random programs -------------------------------------------------------------------------------------------

struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as i64) % bound
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as i64) as usize].clone()
    }
}

/// A function of two integers, a vector and a matrix, with random loops around random accesses.
struct Program {
    b: FuncBuilder,
    random: Random,
    params: [SlotId; 4],
    sum: SlotId,
    variables: Vec<SlotId>,
}

impl Program {
    fn generate(seed: u64) -> Module {
        let mut b = FuncBuilder::new("random", FuncKind::Normal, Type::I64, Default::default());
        let array = |ndim| {
            Type::Array(ArrayType {
                elem: Scalar::I64,
                ndim,
                layout: Layout::C,
            })
        };
        let params = [
            b.param("a", array(1)),
            b.param("m", array(2)),
            b.param("n", Type::I64),
            b.param("w", Type::I64),
        ];
        let sum = b.slot("sum", Type::I64);
        let mut program = Program {
            b,
            random: Random(seed),
            params,
            sum,
            variables: Vec::new(),
        };
        program.b.set_span(Default::default());
        for _ in 0..2 {
            program.loops(0);
        }
        let result = program.b.load_slot(sum);
        program.b.effect(Op::Return {
            value: Some(result),
        });
        let site = Site {
            error: ErrorKind::Index,
            class: 0,
            message: None,
            span: Default::default(),
            function: "random".to_string(),
        };
        Module {
            name: "random".to_string(),
            funcs: vec![program.b.finish()],
            sites: vec![site],
            entry: Some(FuncId(0)),
        }
    }

    /// A linear expression of what is in scope, as lowering would make it.
    fn expression(&mut self, terms: i64) -> ValueId {
        let start = self.random.below(4) - 1;
        let mut value = self.b.int(start);
        for _ in 0..self.random.below(terms + 1) {
            let mut slots = self.variables.clone();
            slots.extend([self.params[2], self.params[3]]);
            slots.extend_from_slice(&self.variables);
            let slot = self.random.pick(&slots);
            let mut term = self.b.load_slot(slot);
            match self.random.below(6) {
                0 => {
                    let factor = self.b.load_slot(self.params[3]);
                    term = self.b.binary(BinaryOp::Mul, term, factor);
                }
                1 => {
                    let factor = self.b.int(2);
                    term = self.b.binary(BinaryOp::Mul, factor, term);
                }
                _ => {}
            }
            let op =
                self.random
                    .pick(&[BinaryOp::Add, BinaryOp::Add, BinaryOp::Add, BinaryOp::Sub]);
            value = self.b.binary(op, value, term);
        }
        value
    }

    fn loops(&mut self, depth: usize) {
        let mut start = self.expression(1);
        let mut stop = if self.random.below(2) == 0 {
            self.b.load_slot(self.params[2])
        } else {
            self.expression(2)
        };
        let step = self.random.pick(&[1, 1, 1, 2, 3, -1, -2, 0]);
        if step < 0 {
            std::mem::swap(&mut start, &mut stop);
        }
        let step = match step {
            0 => {
                // The second parameter, made positive or negative but never zero.
                let w = self.b.load_slot(self.params[3]);
                let one = self.b.int(1);
                self.b.binary(BinaryOp::Or, w, one)
            }
            step => self.b.int(step),
        };
        if self.random.below(3) == 0 {
            let limit = self.expression(2);
            stop = self.b.binary(BinaryOp::Min, stop, limit);
            start = self.b.binary(BinaryOp::Max, start, limit);
        }
        let variable = self.b.slot(format!("i{depth}"), Type::I64);
        let iv = self.b.value(Type::I64);
        self.b.open_block();
        self.b.store_slot(variable, iv);
        self.variables.push(variable);
        for _ in 0..1 + self.random.below(3) {
            self.statement(depth);
        }
        self.variables.pop();
        let body = self.b.close_block();
        self.b.effect(Op::For {
            iv,
            start,
            stop,
            step,
            body,
            info: LoopInfo::default(),
        });
    }

    fn statement(&mut self, depth: usize) {
        match self.random.below(8) {
            0 | 1 if depth < 2 => self.loops(depth + 1),
            2 => {
                let (a, b) = (self.expression(2), self.expression(1));
                let cond = self.b.compare(CompareOp::Lt, a, b);
                self.b.open_block();
                self.access();
                if self.random.below(3) == 0 {
                    let leave = self.random.pick(&[Op::Break, Op::Continue]);
                    self.b.effect(leave);
                }
                let then = self.b.close_block();
                self.b.open_block();
                self.access();
                let els = self.b.close_block();
                self.b.effect(Op::If { cond, then, els });
            }
            3 => {
                // A variable of the program that changes in the loop.
                let value = self.expression(2);
                self.b.store_slot(self.params[3], value);
            }
            _ => self.access(),
        }
    }

    fn access(&mut self) {
        let check = IndexCheck::Python(SiteId(0));
        let two = self.random.below(2) == 0;
        let array = self.b.load_slot(self.params[usize::from(two)]);
        let mut indices = vec![self.expression(2)];
        if two {
            indices.push(self.expression(1));
        }
        let sum = self.b.load_slot(self.sum);
        if self.random.below(4) == 0 {
            self.b.effect(Op::Store {
                array,
                indices,
                value: sum,
                check,
            });
            return;
        }
        let element = self.b.emit(
            Op::Load {
                array,
                indices,
                check,
            },
            Type::I64,
        );
        let three = self.b.int(3);
        let sum = self.b.binary(BinaryOp::Mul, sum, three);
        let sum = self.b.binary(BinaryOp::Add, sum, element);
        self.b.store_slot(self.sum, sum);
    }
}

#[test]
fn random_programs_do_the_same_with_hoisted_checks_and_after_all_passes() {
    let (mut fewer, mut raised, mut runs) = (0, 0, 0);
    for seed in 0..200 {
        let before = Program::generate(seed);
        verify(&before, Phase::Flat).unwrap();
        let after = hoisted(&before);
        let mut finished = before.clone();
        omply_transform::run(&mut finished, &Options::default());
        let mut random = Random(seed);
        for _ in 0..8 {
            let sizes = [
                1 + random.below(14),
                1 + random.below(7),
                1 + random.below(7),
            ];
            let (n, w) = (random.below(9), random.below(7) - 1);
            let args = || {
                let (a, m) = (Array::counting(&sizes[..1]), Array::counting(&sizes[1..]));
                vec![
                    Value::Array(a),
                    Value::Array(m),
                    Value::Int(n),
                    Value::Int(w),
                ]
            };
            let (expected, all, stores) = run(&before, &args());
            let (found, left, new_stores) = run(&after, &args());
            assert_eq!(
                found, expected,
                "seed {seed}, n {n}, w {w}, sizes {sizes:?}\n{before}\n{after}"
            );
            assert_eq!(
                new_stores, stores,
                "seed {seed}, n {n}, w {w}, sizes {sizes:?}\n{before}\n{after}"
            );
            // All passes add iterations of their own: runs that were given up do not compare.
            if !matches!(expected.raised, Some((GIVEN_UP, _))) {
                let (found, _, new_stores) = run_for(&finished, &args(), 20_000);
                assert_eq!(found, expected, "seed {seed}\n{before}\n{finished}");
                assert_eq!(new_stores, stores, "seed {seed}\n{before}\n{finished}");
            }
            runs += 1;
            fewer += u64::from(left < all);
            raised += u64::from(found.raised.is_some());
        }
    }
    // Neither side of the comparison may be idle.
    assert!(
        fewer > runs / 20 && raised > runs / 20,
        "{fewer} of {runs} with fewer checks, {raised} raised"
    );
}
