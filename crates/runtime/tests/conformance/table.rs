//! What came of the programs, by feature, and the list of what is known to be missing (`known_missing.txt`). That list can only
//! shrink: a program on it that passes is an error.

use std::collections::BTreeMap;
use std::path::Path;

use crate::program::Program;
use crate::toolchain::Leg;

/// `LEG FEATURE/NAME REASON` in each line; `LEG?` where the program fails only sometimes.
#[derive(Default)]
pub struct Known(BTreeMap<String, Entry>);

struct Entry {
    reason: String,
    sometimes: bool,
}

impl Known {
    pub fn read(path: &Path, leg: Leg, programs: &[Program]) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut entries = BTreeMap::new();
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let mut words = line.splitn(3, char::is_whitespace);
            let (Some(name), Some(program), Some(reason)) =
                (words.next(), words.next(), words.next())
            else {
                return Err(format!(
                    "known_missing.txt: {line}: not LEG FEATURE/NAME REASON"
                ));
            };
            let sometimes = name.ends_with('?');
            let Some(of) = Leg::named(name.trim_end_matches('?')) else {
                return Err(format!("known_missing.txt: {line}: no such compiler"));
            };
            let source = path.with_file_name("programs").join(format!("{program}.c"));
            if !source.exists() {
                return Err(format!("known_missing.txt: {line}: no such program"));
            }
            if of == leg && programs.iter().any(|known| known.name == program) {
                let reason = reason.trim().to_owned();
                entries.insert(program.to_owned(), Entry { reason, sometimes });
            }
        }
        Ok(Self(entries))
    }

    pub fn contains(&self, program: &Program) -> bool {
        self.0.contains_key(&program.name)
    }
}

#[derive(Default)]
struct Row {
    passed: u32,
    failed: u32,
    missing: u32,
    skipped: u32,
}

#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, Row>,
    complaints: Vec<String>,
    missing: Vec<String>,
}

impl Table {
    fn row(&mut self, program: &Program) -> &mut Row {
        self.rows.entry(program.feature().to_owned()).or_default()
    }

    pub fn skipped(&mut self, program: &Program) {
        self.row(program).skipped += 1;
    }

    pub fn add(&mut self, program: &Program, failure: Option<String>, known: &Known) {
        let name = &program.name;
        match (failure, known.0.get(name)) {
            (None, None) => self.row(program).passed += 1,
            (None, Some(entry)) if entry.sometimes => self.row(program).missing += 1,
            (None, Some(_)) => {
                self.row(program).failed += 1;
                self.complaints
                    .push(format!("{name} passes: take it off known_missing.txt"));
            }
            (Some(_), Some(entry)) => {
                self.missing.push(format!("{name}: {}", entry.reason));
                self.row(program).missing += 1;
            }
            (Some(message), None) => {
                self.row(program).failed += 1;
                self.complaints
                    .push(format!("{name}\n    {}", message.replace('\n', "\n    ")));
            }
        }
    }

    pub fn fine(&self) -> bool {
        self.complaints.is_empty()
    }

    pub fn print(&self) {
        let line = |name: &str, cells: [String; 4]| {
            let [passed, failed, missing, skipped] = cells;
            println!("  {name:<18} {passed:>6} {failed:>6} {missing:>13} {skipped:>15}");
        };
        line(
            "feature",
            ["passed", "failed", "known-missing", "other compiler"].map(str::to_owned),
        );
        let mut total = [0; 4];
        for (feature, row) in &self.rows {
            let cells = [row.passed, row.failed, row.missing, row.skipped];
            for (sum, cell) in total.iter_mut().zip(cells) {
                *sum += cell;
            }
            line(feature, cells.map(|n| n.to_string()));
        }
        line("all", total.map(|n| n.to_string()));
        for missing in &self.missing {
            println!("known missing: {missing}");
        }
        for complaint in &self.complaints {
            println!("FAILED {complaint}");
        }
    }
}
