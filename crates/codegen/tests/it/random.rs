//! Random programs do natively what the reference interpreter says: results, stored elements, and which error is raised.

#[path = "../../../transform/tests/common/mod.rs"]
mod interpreter;

use std::fmt::Write;

use interpreter::{Array, GIVEN_UP, Interpreter, Value};
use omply_ir::text::parse;

use crate::common::*;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }

    fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.below(items.len() as u64) as usize]
    }
}

/// Writes the text of one function of a vector `$0`, a matrix `$1`, and two integers `$2`, `$3`. `$4` to `$6` are variables,
/// `$7` and following are loop variables.
struct Writer {
    random: Random,
    text: String,
    values: usize,
    slots: usize,
    /// Loop variables in scope.
    open: Vec<usize>,
}

impl Writer {
    fn program(seed: u64) -> String {
        let mut writer = Writer {
            random: Random(seed),
            text: String::new(),
            values: 0,
            slots: 8,
            open: Vec::new(),
        };
        for slot in 4..7 {
            let value = writer.expression(1);
            writer.line(&format!("store ${slot}, {value}"));
        }
        for _ in 0..3 {
            writer.statement(0);
        }
        if writer.random.below(2) == 0 {
            writer.region();
        }
        let result = writer.expression(2);
        writer.line(&format!("return {result}"));
        let mut head = String::from(
            "module \"random\"\nsite !0 index @\"f\"\nsite !1 value @\"f\"\nfunc @0 \"f\"($0, $1, $2, $3) -> i64 {\n\
             slot $0 \"a\": array<i64, 1, C>\nslot $1 \"m\": array<i64, 2, C>\n",
        );
        for slot in 2..writer.slots {
            writeln!(head, "slot ${slot} \"s{slot}\": i64").unwrap();
        }
        format!("{head}{}}}\nentry @0\n", writer.text)
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn value(&mut self, ty: &str, op: &str) -> String {
        let name = format!("v{}", self.values);
        self.values += 1;
        self.line(&format!("{name}: {ty} = {op}"));
        name
    }

    fn int(&mut self, value: i64) -> String {
        self.value("i64", &format!("const i64 {value}"))
    }

    fn truth(&mut self) -> String {
        let (a, b) = (self.expression(1), self.expression(1));
        let op = self.random.pick(&["eq", "ne", "lt", "le", "gt", "ge"]);
        self.value("bool", &format!("cmp {op} {a}, {b}"))
    }

    fn expression(&mut self, depth: u64) -> String {
        if depth == 0 || self.random.below(4) == 0 {
            return match self.random.below(5) {
                0 => {
                    let number = self.random.below(7) as i64 - 2;
                    self.int(number)
                }
                1 if !self.open.is_empty() => {
                    let slot = self.open[self.random.below(self.open.len() as u64) as usize];
                    self.value("i64", &format!("load ${slot}"))
                }
                _ => {
                    let slot = 2 + self.random.below(5);
                    self.value("i64", &format!("load ${slot}"))
                }
            };
        }
        let (a, b) = (self.expression(depth - 1), self.expression(depth - 1));
        match self.random.below(12) {
            0 => {
                let cond = self.truth();
                self.value("i64", &format!("select {cond}, {a}, {b}"))
            }
            1 => {
                let op = self.random.pick(&["neg", "abs"]);
                self.value("i64", &format!("{op} {a}"))
            }
            _ => {
                let op = self.random.pick(&[
                    "add", "add", "sub", "mul", "floordiv", "mod", "min", "max", "and", "or",
                ]);
                self.value("i64", &format!("{op} {a}, {b}"))
            }
        }
    }

    fn place(&mut self) -> String {
        let first = self.expression(1);
        if self.random.below(2) == 0 {
            let array = self.value("array<i64, 1, C>", "load $0");
            return format!("{array}[{first}] check !0");
        }
        let second = self.expression(1);
        let array = self.value("array<i64, 2, C>", "load $1");
        format!("{array}[{first}, {second}] check !0")
    }

    fn statement(&mut self, depth: u64) {
        match self.random.below(9) {
            0 | 1 if depth < 3 => self.counted_loop(depth),
            2 if depth < 3 => {
                let cond = self.truth();
                self.line(&format!("if {cond} {{"));
                self.statement(depth + 1);
                if !self.open.is_empty() && self.random.below(3) == 0 {
                    let leave = self.random.pick(&["break", "continue"]);
                    self.line(leave);
                }
                self.line("} else {");
                self.statement(depth + 1);
                self.line("}");
            }
            3 | 4 => {
                let place = self.place();
                let value = self.expression(1);
                self.line(&format!("store {place}, {value}"));
            }
            5 if self.random.below(4) == 0 => {
                let (cond, argument) = (self.truth(), self.expression(1));
                self.line(&format!("check {cond} !1({argument})"));
            }
            6 => {
                let place = self.place();
                let value = self.value("i64", &format!("load {place}"));
                self.assign(&value);
            }
            _ => {
                let value = self.expression(2);
                self.assign(&value);
            }
        }
    }

    fn assign(&mut self, value: &str) {
        let slot = 4 + self.random.below(3);
        self.line(&format!("store ${slot}, {value}"));
    }

    fn counted_loop(&mut self, depth: u64) {
        let (start, stop) = (self.expression(1), self.expression(1));
        let step = [1, 1, 1, 2, -1, -3][self.random.below(6) as usize];
        let step = self.int(step);
        let (variable, slot) = (format!("v{}", self.values), self.slots);
        self.values += 1;
        self.slots += 1;
        self.line(&format!(
            "for {variable} in {start}, {stop}, {step} {{\nstore ${slot}, {variable}"
        ));
        self.open.push(slot);
        for _ in 0..=self.random.below(3) {
            self.statement(depth + 1);
        }
        self.open.pop();
        self.line("}");
    }

    /// Every thread writes its own elements of the vector and adds to a sum: the order cannot show.
    fn region(&mut self) {
        let array = self.value("array<i64, 1, C>", "load $0");
        let size = self.value("i64", &format!("dim {array}, 0"));
        let [zero, one, team] = [0, 1, 3].map(|value| self.int(value));
        let schedule = match self.random.below(3) {
            0 => "static".to_owned(),
            1 => format!("static chunk({one})"),
            _ => "dynamic".to_owned(),
        };
        let factor = self.expression(1);
        self.line(&format!(
            "parallel num_threads({team}) locals($7) {{\nstore $7, {zero}"
        ));
        let (last, index) = (self.values, self.values + 1);
        self.values += 2;
        self.line(&format!(
            "v{last}: bool = loop v{index} in {zero}, {size}, {one} {schedule} {{"
        ));
        let old = self.value("i64", &format!("load {array}[v{index}] check !0"));
        let term = self.value("i64", &format!("mul {old}, {factor}"));
        self.line(&format!("store {array}[v{index}] check !0, {term}"));
        let sum = self.value("i64", "load $7");
        let sum = self.value("i64", &format!("add {sum}, {term} reassoc"));
        self.line(&format!(
            "store $7, {sum}\n}}\nreduce add $4 from $7\nbarrier\n}}"
        ));
    }
}

#[test]
fn random_programs_compute_what_the_interpreter_computes() {
    let (mut raised, mut returned) = (0, 0);
    for seed in 0..60 {
        let text = Writer::program(seed);
        let module = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let native = program(&text);
        let mut random = Random(seed);
        for _ in 0..6 {
            let [length, rows, columns] = [9, 5, 5].map(|most| 1 + random.below(most) as i64);
            let [n, w] = [random.below(9) as i64 - 1, random.below(6) as i64 - 2];
            let (a, m) = (
                Array::counting(&[length]),
                Array::counting(&[rows, columns]),
            );
            let values = [
                Value::Array(a.clone()),
                Value::Array(m.clone()),
                Value::Int(n),
                Value::Int(w),
            ];
            let expected = Interpreter::new(&module, 3).run(&values);
            if matches!(expected.raised, Some((GIVEN_UP, _))) {
                continue;
            }
            let mut vector: Vec<i64> = (0..length).collect();
            let mut matrix: Vec<i64> = (0..rows * columns).collect();
            let args = [
                array(&mut vector, &[length]),
                array(&mut matrix, &[rows, columns]),
                int(n),
                int(w),
            ];
            let found = native.call(&args, 1);
            let context =
                format!("seed {seed}, n {n}, w {w}, shapes {length}, {rows} x {columns}\n{text}");
            match (found, expected.raised, expected.result) {
                (Ok(words), None, Some(result)) => {
                    returned += 1;
                    assert_eq!(Value::Int(words[0] as i64), result, "{context}");
                }
                (Err(error), Some((site, args)), _) => {
                    raised += 1;
                    let record = &error.records[0];
                    assert_eq!(
                        (record.site, &record.args[..args.len()]),
                        (site.0, &args[..]),
                        "{context}"
                    );
                }
                (found, raised, _) => {
                    panic!("native {found:?}, interpreter raised {raised:?}\n{context}")
                }
            }
            assert_eq!((vector, matrix), (a.ints(), m.ints()), "{context}");
        }
    }
    assert!(
        raised > 20 && returned > 20,
        "{raised} raised, {returned} returned"
    );
}
