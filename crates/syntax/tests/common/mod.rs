//! Finds a function in a source and shows its HIR, or what is wrong with it.

use omply_diagnostics::{Diagnostic, SourceFile, Style, render};
use omply_syntax::{Module, Request, dump};

pub fn request(source: &str, name: &str) -> Request {
    let lines: Vec<&str> = source.lines().collect();
    let mut first = lines
        .iter()
        .position(|line| line.contains(&format!("def {name}(")))
        .expect("the function");
    while first > 0 && lines[first - 1].trim_start().starts_with('@') {
        first -= 1;
    }
    Request {
        line: first as u32 + 1,
        name: name.to_owned(),
        omp: vec!["omp".to_owned()],
    }
}

pub fn hir(source: &str) -> String {
    match Module::parse(source).and_then(|module| module.function(&request(source, "f"))) {
        Ok(parsed) => dump(&parsed.function),
        Err(diagnostics) => shown(source, &diagnostics),
    }
}

#[allow(dead_code, reason = "each test file uses its part")]
pub fn shown(source: &str, diagnostics: &[Diagnostic]) -> String {
    render(
        diagnostics,
        &SourceFile::new("example.py", source),
        Style::Plain,
    )
}
