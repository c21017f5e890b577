//! Places of expressions and names in the file, through escapes, concatenation and rewriting.

use omply_diagnostics::Span;
use omply_directive::{ClauseArgs, SpanMap, parse};
use omply_spec::ClauseKind;

/// The place of an offset of an `if` clause's expression.
fn condition(text: &str, map: &SpanMap) -> omply_directive::ExprText {
    let (directive, diagnostics) = parse(text, map);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let directive = directive.unwrap_or_else(|| panic!("{text}: nothing came of it"));
    match directive.leaves[0]
        .clause(ClauseKind::If)
        .map(|clause| &clause.args)
    {
        Some(ClauseArgs::Expr(expr)) => expr.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plain_text_maps_by_its_start() {
    let expr = condition("parallel if(n > 3)", &SpanMap::at(100));
    assert_eq!(expr.text, "n > 3");
    assert_eq!(expr.span, Span::new(112, 117));
    assert_eq!(expr.map.span(4, 5), Span::new(116, 117));
}

#[test]
fn a_concatenated_text_maps_into_each_of_its_literals() {
    // omp("parallel "\n    "if(n > 3)"): the second literal's text starts at 25.
    let map = SpanMap::from_segments([(0, 5), (9, 25)]);
    let expr = condition("parallel if(n > 3)", &map);
    assert_eq!(expr.span, Span::new(28, 33));
    let (_, diagnostics) = parse("paralel  banana(n > 3)", &map);
    assert_eq!(diagnostics[0].primary.span, Span::new(5, 12));
    assert_eq!(diagnostics[1].primary.span, Span::new(25, 31));
}

#[test]
fn an_escape_covers_all_of_its_source() {
    // The file has `s == "\\x41"` with the escape written in four bytes for one.
    let text = "parallel if(s == 'A')";
    let map = SpanMap::from_segments([(0, 10), (18, 28), (19, 32)]);
    let expr = condition(text, &map);
    assert_eq!(expr.map.span(6, 7), Span::new(28, 32), "the escape");
    assert_eq!(expr.span, Span::new(22, 33));
}

#[test]
fn rewritten_operators_keep_the_places_of_their_operands() {
    let expr = condition("parallel if(!a&&b||true)", &SpanMap::at(0));
    assert_eq!(expr.text, "not a and b or True");
    let at = |word: &str| {
        let start = expr.text.find(word).unwrap_or_else(|| panic!("{word}")) as u32;
        expr.map.span(start, start + word.len() as u32)
    };
    assert_eq!(at("not"), Span::new(12, 13));
    assert_eq!(at("a "), Span::new(13, 14));
    assert_eq!(at("b"), Span::new(16, 17));
    assert_eq!(at("True"), Span::new(19, 23));
}

#[test]
fn strings_lambdas_and_brackets_hide_commas_and_colons() {
    for expr in [
        "f(a, b)",
        "'a,b):' in s",
        "(lambda x, y: x)(1, 2)",
        "{1: 2}[k]",
        "\"\"\"a\"b, \"\"\" + s",
        "a[1:2, 3]",
        "rb'\\'' == x",
    ] {
        assert_eq!(
            condition(&format!("parallel if({expr}) private(x)"), &SpanMap::at(0)).text,
            expr
        );
    }
}

#[test]
fn line_breaks_in_expressions_become_blanks() {
    assert_eq!(
        condition("parallel if(a\n  > b)", &SpanMap::at(0)).text,
        "a > b"
    );
    assert_eq!(
        condition("parallel if(a \\\n > b)", &SpanMap::at(0)).text,
        "a > b"
    );
}
