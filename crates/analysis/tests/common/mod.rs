//! Parses and analyses the function `f` of a source.

use omply_analysis::{check, dump};
use omply_diagnostics::{Diagnostic, SourceFile, Style, render};
use omply_syntax::{Module, Request};

pub fn request(source: &str) -> Request {
    let lines: Vec<&str> = source.lines().collect();
    let mut first = lines
        .iter()
        .position(|line| line.trim_start().starts_with("def f("))
        .expect("a function f");
    while first > 0 && lines[first - 1].trim_start().starts_with('@') {
        first -= 1;
    }
    Request {
        line: first as u32 + 1,
        name: "f".to_owned(),
        omp: vec!["omp".to_owned()],
    }
}

fn shown(source: &str, diagnostics: &[Diagnostic]) -> String {
    render(
        diagnostics,
        &SourceFile::new("example.py", source),
        Style::Plain,
    )
}

/// The facts, or what is wrong.
#[allow(dead_code, reason = "each test file uses its part")]
pub fn facts(source: &str) -> String {
    match Module::parse(source).and_then(|module| check(&module, &request(source))) {
        Ok(checked) => dump(&checked.parsed.function, &checked.facts),
        Err(diagnostics) => shown(source, &diagnostics),
    }
}

/// What is wrong, or only worth telling, as users see it.
#[allow(dead_code, reason = "each test file uses its part")]
pub fn errors(source: &str) -> String {
    match Module::parse(source).and_then(|module| check(&module, &request(source))) {
        Ok(checked) => shown(source, &checked.warnings),
        Err(diagnostics) => shown(source, &diagnostics),
    }
}
