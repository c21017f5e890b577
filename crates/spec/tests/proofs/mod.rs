//! Which tests show that a directive or clause runs: found by reading the Python tests and parsing the directives in them.
//!
//! A test shows what stands in its own text and in the functions of its file that it names. Its fixtures say in which modes it
//! runs: `program`, `team`, `functions` and `mode` in both, `objects` in python mode; another test names the mode itself. A test that puts its
//! directives together says what it runs by the marker `covers`. A test that expects an error shows nothing.

use omply_directive::{SpanMap, parse};
use omply_spec::{ClauseKind, LeafKind, Mode, Proof};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MARKER: &str = "@pytest.mark.covers(";

type Cell = (String, String, Mode);

/// The best proof for each cell of the matrix.
pub struct Proofs(BTreeMap<(String, String, bool), (usize, Proof)>);

impl Proofs {
    /// Reads all tests below `tests`.
    pub fn read(tests: &Path) -> Proofs {
        let mut proofs = Proofs(BTreeMap::new());
        let mut files = Vec::new();
        python_files(tests, &mut files);
        files.sort();
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let file = path.strip_prefix(tests).unwrap_or(&path);
            proofs.file(&file.to_string_lossy(), &text);
        }
        proofs
    }

    /// The test that shows it, if there is one. Without a clause, the one for the directive itself.
    pub fn of(&self, leaf: LeafKind, clause: Option<ClauseKind>, mode: Mode) -> Option<Proof> {
        let (leaf, clause, native) = key(&cell(leaf, clause, mode));
        let found = self.0.get(&(leaf, clause, native));
        found.map(|(_, proof)| proof.clone())
    }

    fn file(&mut self, file: &str, text: &str) {
        let blocks = blocks(text);
        let common: BTreeSet<String> = texts(&blocks[""].text).collect();
        for (name, block) in blocks.iter().filter(|(name, _)| name.starts_with("test_")) {
            let mut seen = BTreeSet::new();
            reach(name, &blocks, &mut seen);
            let all: String = seen.iter().map(|name| blocks[name].text.as_str()).collect();
            if all.contains("raises(") {
                continue;
            }
            let has = |fixture: &str| {
                block
                    .head
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == fixture)
            };
            let both = ["program", "team", "mode", "functions"]
                .into_iter()
                .any(has);
            let native = both || all.contains("mode=\"native\"");
            let python = both || has("objects") || all.contains("mode=\"python\"");
            for text in texts(&all).chain(common.iter().cloned()) {
                for (mode, runs) in [(Mode::Native, native), (Mode::Python, python)] {
                    if runs {
                        self.directive(&text, mode, file, name);
                    }
                }
            }
        }
    }

    fn directive(&mut self, text: &str, mode: Mode, file: &str, test: &str) {
        let (Some(directive), errors) = parse(text, &SpanMap::at(0)) else {
            return;
        };
        if !errors.is_empty() {
            return;
        }
        for leaf in &directive.leaves {
            // A test in the directive's own file is the first to look at.
            let rank = usize::from(!file.contains(leaf.kind.name()));
            let clauses = leaf.clauses.iter().filter(|clause| !clause.implied);
            let cells = std::iter::once(None).chain(clauses.map(|clause| Some(clause.kind)));
            for clause in cells {
                let proof = Proof {
                    file: file.to_string(),
                    test: test.to_string(),
                };
                let entry = self.0.entry(key(&cell(leaf.kind, clause, mode)));
                let best = entry.or_insert_with(|| (rank, proof.clone()));
                if rank < best.0 {
                    *best = (rank, proof);
                }
            }
        }
    }
}

fn cell(leaf: LeafKind, clause: Option<ClauseKind>, mode: Mode) -> Cell {
    let clause = clause.map_or(String::new(), |clause| clause.name().to_string());
    (leaf.name().to_string(), clause, mode)
}

fn key((leaf, clause, mode): &Cell) -> (String, String, bool) {
    (leaf.clone(), clause.clone(), *mode == Mode::Native)
}

fn python_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            python_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
}

/// A function at the top of a file, or under the empty name all that stands outside of them.
#[derive(Default)]
struct Block {
    head: String,
    text: String,
}

fn blocks(text: &str) -> BTreeMap<String, Block> {
    let mut blocks = BTreeMap::from([(String::new(), Block::default())]);
    let mut current = String::new();
    let mut markers = String::new();
    let mut in_marker = false;
    for line in text.lines() {
        in_marker |= line.starts_with(MARKER);
        if in_marker {
            markers.push_str(line);
            in_marker = !line.ends_with(')');
            continue;
        }
        if let Some(rest) = line.strip_prefix("def ") {
            current = rest.split('(').next().unwrap_or("").to_string();
            let head = rest.to_string();
            let text = std::mem::take(&mut markers) + "\n";
            blocks.insert(current.clone(), Block { head, text });
        } else if line.starts_with(|c: char| !c.is_whitespace() && c != ')') {
            current = String::new();
        }
        let block = blocks.entry(current.clone()).or_default();
        block.text.push_str(line);
        block.text.push('\n');
    }
    blocks
}

/// The functions that one names, and those that these name.
fn reach(name: &str, blocks: &BTreeMap<String, Block>, seen: &mut BTreeSet<String>) {
    if !blocks.contains_key(name) || !seen.insert(name.to_string()) {
        return;
    }
    let words = blocks[name]
        .text
        .split(|c: char| !c.is_alphanumeric() && c != '_');
    for word in words.filter(|word| !word.is_empty()) {
        reach(word, blocks, seen);
    }
}

/// The directives in a text: what stands as literal behind `omp(`, and in the list of a marker.
fn texts(text: &str) -> impl Iterator<Item = String> {
    let marked = text.split(MARKER).skip(1).flat_map(listed);
    text.split("omp(").skip(1).filter_map(literal).chain(marked)
}

/// The literals of a list, up to its end.
fn listed(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split('"').collect();
    let between = |text: &str| text.chars().all(|c| c == ',' || c.is_whitespace());
    parts
        .chunks_exact(2)
        .take_while(|pair| between(pair[0]))
        .map(|pair| pair[1].to_string())
        .collect()
}

/// The value of the string literals, put together, with which a text begins.
fn literal(mut text: &str) -> Option<String> {
    let mut value = None;
    loop {
        text = text.trim_start();
        let quote = ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|quote| text.starts_with(quote));
        let Some(quote) = quote else {
            return value;
        };
        let (inside, rest) = text[quote.len()..].split_once(quote)?;
        value.get_or_insert_with(String::new).push_str(inside);
        text = rest;
    }
}
