//! Diagnostics as people and tools see them.

use omply_diagnostics::{Code, Diagnostic, SourceFile, Span, Style, render, render_json};

const SOURCE: &str = "\
def f(a, n):
    with omp(\"parallel for \"
             \"redcution(+: s)\"):
\tfor i in range(n):
        größe = \"漢字\" + a[i]
        return größe
";

fn file() -> SourceFile {
    SourceFile::new("program.py", SOURCE)
}

/// The place of a piece of the source.
fn at(piece: &str) -> Span {
    let start = SOURCE
        .find(piece)
        .unwrap_or_else(|| panic!("no {piece} in the source")) as u32;
    Span::new(start, start + piece.len() as u32)
}

fn plain(diagnostics: &[Diagnostic]) -> String {
    render(diagnostics, &file(), Style::Plain)
}

#[test]
fn one_place_with_a_remark_a_note_and_help() {
    let diagnostic = Diagnostic::error(
        Code::UnknownClause,
        at("redcution"),
        "unknown clause `redcution`",
    )
    .label("not a clause")
    .note("clauses follow the directive's name")
    .help("did you mean `reduction`?")
    .fix(at("redcution"), "reduction");
    insta::assert_snapshot!(plain(&[diagnostic]));
}

#[test]
fn several_places_on_one_line_and_on_lines_far_apart() {
    let near = Diagnostic::error(
        Code::BranchOut,
        at("return"),
        "`return` leaves the construct",
    )
    .label("leaves here")
    .secondary(at("größe\n"), "the value")
    .secondary(at("with omp"), "this construct");
    insta::assert_snapshot!(plain(&[near]));
}

#[test]
fn a_place_over_several_lines() {
    let start = at("\"parallel for \"").start;
    let diagnostic = Diagnostic::warning(
        Code::DeprecatedSpelling,
        Span::new(start, at("\"redcution(+: s)\"").end),
        "a text over two lines",
    )
    .label("ends here");
    insta::assert_snapshot!(plain(&[diagnostic]));
}

#[test]
fn tabs_and_wide_characters_keep_underlines_in_place() {
    let tab = Diagnostic::error(Code::NoLoop, at("range(n)"), "after a tab");
    let wide = Diagnostic::error(Code::UnknownName, at("a[i]"), "after wide characters")
        .secondary(at("漢字"), "two columns each");
    insta::assert_snapshot!(plain(&[tab, wide]));
}

#[test]
fn reports_are_sorted_by_place_errors_before_warnings() {
    let text = plain(&[
        Diagnostic::error(Code::BranchOut, at("return"), "third"),
        Diagnostic::warning(Code::DeprecatedSpelling, at("with"), "second"),
        Diagnostic::error(Code::DirectivePlacement, at("with"), "first"),
    ]);
    let order: Vec<usize> = ["first", "second", "third"]
        .iter()
        .filter_map(|word| text.find(word))
        .collect();
    assert_eq!(order.len(), 3);
    assert!(order.is_sorted(), "{text}");
}

#[test]
fn places_outside_of_the_file_are_shown_at_its_end() {
    let text = plain(&[Diagnostic::error(
        Code::PythonSyntax,
        Span::new(9_000, 9_001),
        "beyond",
    )]);
    assert!(
        text.contains("beyond") && text.contains("program.py:7:1"),
        "{text}"
    );
    let empty = render(
        &[Diagnostic::error(
            Code::EmptyDirective,
            Span::new(0, 0),
            "nothing here",
        )],
        &SourceFile::new("empty.py", ""),
        Style::Plain,
    );
    assert!(empty.contains("empty.py:1:1"), "{empty}");
}

#[test]
fn a_place_inside_of_a_character_is_shown_at_its_start() {
    let inside = at("漢").start + 1;
    let text = plain(&[Diagnostic::error(
        Code::PythonSyntax,
        Span::new(inside, inside + 1),
        "cut",
    )]);
    assert!(text.contains("cut"), "{text}");
}

#[test]
fn an_excerpt_counts_lines_from_where_it_was_taken() {
    let excerpt = SourceFile::excerpt("program.py", "    x = 1\n", 98);
    let text = render(
        &[Diagnostic::error(
            Code::UnknownName,
            Span::new(4, 5),
            "here",
        )],
        &excerpt,
        Style::Plain,
    );
    assert!(
        text.contains("program.py:98:5") && text.contains("98 |     x = 1"),
        "{text}"
    );
}

#[test]
fn colours_are_escapes_around_the_same_text() {
    let diagnostic = Diagnostic::error(
        Code::BranchOut,
        at("return"),
        "`return` leaves the construct",
    )
    .label("leaves here")
    .secondary(at("größe\n"), "the value")
    .help("use a flag");
    let coloured = render(std::slice::from_ref(&diagnostic), &file(), Style::Coloured);
    let mut bare = String::new();
    let mut rest = coloured.as_str();
    while let Some(start) = rest.find("\x1b[") {
        bare.push_str(&rest[..start]);
        rest = &rest[start..];
        rest = &rest[rest.find('m').map_or(rest.len(), |end| end + 1)..];
    }
    bare.push_str(rest);
    assert_ne!(bare, coloured);
    assert_eq!(bare, plain(&[diagnostic]));
}

#[test]
fn json_holds_everything_escaped() {
    let diagnostic = Diagnostic::error(Code::UnknownClause, at("redcution"), "a \"quoted\"\tword")
        .label("here\n")
        .secondary(at("def"), "the function")
        .note("note")
        .help("help")
        .fix(at("redcution"), "reduction");
    insta::assert_snapshot!(render_json(
        &[
            diagnostic,
            Diagnostic::warning(Code::BranchOut, at("return"), "x")
        ],
        &file()
    ));
}

#[test]
fn codes_are_stable_distinct_and_described() {
    let mut numbers: Vec<u16> = Code::ALL.iter().map(|code| *code as u16).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), Code::ALL.len());
    assert!(
        Code::ALL
            .iter()
            .all(|code| !code.summary().is_empty() && (101..800).contains(&(*code as u16)))
    );
    assert_eq!(Code::UnknownDirective.to_string(), "OMP0102");
    assert_eq!(Code::UnsupportedClause.to_string(), "OMP0602");
}
