//! Finds a function in a file by the line CPython gives for it, together with the scopes around it.

use super::bindings::Bindings;
use super::scope::Scopes;
use crate::Request;
use omply_diagnostics::Span;
use ruff_python_ast::{Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextSize};

/// A function and what is around it.
pub(super) struct Found<'a> {
    pub def: &'a StmtFunctionDef,
    pub scopes: Scopes<'a>,
}

/// The range of a line, its break excluded; the end of the file when there are fewer lines.
pub(super) fn line_span(source: &str, line: u32) -> Span {
    let bytes = source.as_bytes();
    let mut start = 0;
    let mut number = 1;
    while number < line {
        let Some(length) = bytes[start..]
            .iter()
            .position(|&byte| byte == b'\n' || byte == b'\r')
        else {
            return Span::new(source.len() as u32, source.len() as u32);
        };
        start += length + 1;
        if bytes[start - 1] == b'\r' && bytes.get(start) == Some(&b'\n') {
            start += 1;
        }
        number += 1;
    }
    let length = bytes[start..]
        .iter()
        .position(|&byte| byte == b'\n' || byte == b'\r');
    Span::new(
        start as u32,
        length.map_or(source.len(), |length| start + length) as u32,
    )
}

/// The function of that name whose first decorator, or `def`, stands on the requested line.
pub(super) fn find<'a>(source: &str, body: &'a [Stmt], request: &Request) -> Option<Found<'a>> {
    let line = line_span(source, request.line);
    let mut path = Vec::new();
    let def = search(body, line, &request.name, &mut path)?;
    let mut scopes = Scopes::default();
    for stmt in path {
        match stmt {
            Stmt::FunctionDef(outer) => {
                scopes.push_function(
                    outer
                        .type_params
                        .as_deref()
                        .map(Bindings::of_type_params)
                        .unwrap_or_default(),
                );
                scopes.push_function(Bindings::of_function(&outer.parameters, &outer.body));
            }
            Stmt::ClassDef(class) => {
                scopes.push_function(
                    class
                        .type_params
                        .as_deref()
                        .map(Bindings::of_type_params)
                        .unwrap_or_default(),
                );
                scopes.push_class(Bindings::of_class(&class.body));
            }
            _ => {}
        }
    }
    scopes.push_function(
        def.type_params
            .as_deref()
            .map(Bindings::of_type_params)
            .unwrap_or_default(),
    );
    Some(Found { def, scopes })
}

fn search<'a>(
    body: &'a [Stmt],
    line: Span,
    name: &str,
    path: &mut Vec<&'a Stmt>,
) -> Option<&'a StmtFunctionDef> {
    // Statements are in source order: only the last one that starts on or before the line can hold it, and the ones
    // before it that start on the same line.
    let end = body.partition_point(|stmt| u32::from(stmt.start()) <= line.end);
    for stmt in body[..end].iter().rev() {
        if stmt.end() < TextSize::from(line.start) {
            break;
        }
        if let Stmt::FunctionDef(def) = stmt {
            let first = def
                .decorator_list
                .first()
                .map_or(def.start(), |decorator| decorator.start());
            let first = u32::from(first);
            if line.start <= first && first <= line.end && def.name.as_str() == name {
                return Some(def);
            }
        }
        path.push(stmt);
        for inner in bodies(stmt) {
            if let Some(def) = search(inner, line, name, path) {
                return Some(def);
            }
        }
        path.pop();
    }
    None
}

/// The blocks that a statement holds.
fn bodies(stmt: &Stmt) -> Vec<&[Stmt]> {
    match stmt {
        Stmt::FunctionDef(def) => vec![&def.body],
        Stmt::ClassDef(def) => vec![&def.body],
        Stmt::If(if_) => {
            let mut all: Vec<&[Stmt]> = vec![&if_.body];
            all.extend(if_.elif_else_clauses.iter().map(|clause| &clause.body[..]));
            all
        }
        Stmt::For(for_) => vec![&for_.body, &for_.orelse],
        Stmt::While(while_) => vec![&while_.body, &while_.orelse],
        Stmt::With(with) => vec![&with.body],
        Stmt::Try(try_) => {
            let mut all: Vec<&[Stmt]> = vec![&try_.body];
            for handler in &try_.handlers {
                let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                all.push(&handler.body);
            }
            all.push(&try_.orelse);
            all.push(&try_.finalbody);
            all
        }
        Stmt::Match(match_) => match_.cases.iter().map(|case| &case.body[..]).collect(),
        _ => Vec::new(),
    }
}
