//! Valid directives and what becomes of them.

mod corpus;

use omply_directive::{Clause, Directive, LeafArgument, SpanMap, parse};
use omply_spec::{ClauseKind, LeafKind};
use std::collections::HashSet;

/// Rust's debug text with places and wrappers left out.
fn compact(text: &str) -> String {
    let mut out = text.to_owned();
    for (open, close) in [
        (", map: SpanMap { segments: [", "] }"),
        (", span: Span { ", " }"),
        (", Span { ", " }"),
        ("Span { ", " }"),
    ] {
        while let Some(start) = out.find(open) {
            let end = out[start..]
                .find(close)
                .map_or(out.len(), |end| start + end + close.len());
            out.replace_range(start..end, "");
        }
    }
    for (from, to) in [
        ("ExprText { text: ", "{ "),
        ("Word { value: ", "{ "),
        ("Ident { name: ", "{ "),
    ] {
        // `{ "x" }` is the value alone.
        while let Some(start) = out.find(from) {
            let open = start + to.len() - 2;
            out.replace_range(start..start + from.len(), to);
            if let Some(end) = out[open..].find(" }") {
                out.replace_range(open + end..open + end + 2, "");
                out.replace_range(open..open + 2, "");
            }
        }
    }
    out
}

fn show(directive: &Directive, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    for leaf in &directive.leaves {
        out.push_str(&format!("{pad}{}", leaf.kind));
        if leaf.argument != LeafArgument::None {
            out.push_str(&format!(" [{}]", compact(&format!("{:?}", leaf.argument))));
        }
        out.push('\n');
        for clause in &leaf.clauses {
            out.push_str(&format!("{pad}  {}\n", show_clause(clause)));
        }
    }
}

fn show_clause(clause: &Clause) -> String {
    let implied = if clause.implied { "implied " } else { "" };
    let target = clause
        .directive_name
        .as_ref()
        .map_or(String::new(), |name| format!(" for {:?}", name.leaves));
    format!(
        "{implied}{}{target}: {}",
        clause.kind,
        compact(&format!("{:?}", clause.args))
    )
}

fn parsed(text: &str) -> Directive {
    let (directive, diagnostics) = parse(text, &SpanMap::at(0));
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:#?}");
    directive.unwrap_or_else(|| panic!("{text}: nothing came of it"))
}

#[test]
fn valid_directives_give_typed_leaves_and_clauses() {
    for (group, texts) in corpus::GROUPS {
        let mut out = String::new();
        for text in *texts {
            out.push_str(&format!("> {text}\n"));
            show(&parsed(text), 0, &mut out);
            out.push('\n');
        }
        insta::assert_snapshot!(group.replace(' ', "_"), out);
    }
}

#[test]
fn the_corpus_holds_every_directive_and_every_clause() {
    let mut leaves = HashSet::new();
    let mut clauses = HashSet::new();
    for text in corpus::GROUPS.iter().flat_map(|(_, texts)| *texts) {
        for leaf in parsed(text).leaves {
            leaves.insert(leaf.kind);
            clauses.extend(leaf.clauses.iter().map(|clause| clause.kind));
        }
    }
    let missing: Vec<_> = LeafKind::ALL
        .iter()
        .filter(|kind| !leaves.contains(kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let missing: Vec<_> = ClauseKind::ALL
        .iter()
        .filter(|kind| !clauses.contains(kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn both_spellings_of_a_name_are_one_directive() {
    for (a, b) in [
        ("target data map(a)", "target_data map(a)"),
        (
            "target enter data map(to: a)",
            "target_enter_data map(to: a)",
        ),
        ("cancellation point for", "cancellation_point do"),
        ("declare simd", "declare_simd"),
        ("begin declare target", "begin declare_target"),
        ("parallel do", "parallel for"),
    ] {
        assert_eq!(parsed(a).name, parsed(b).name);
    }
}
