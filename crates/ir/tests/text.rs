//! The text form: what is printed reads back as the same module, and mistakes are reported with their line.

use omply_ir::text::{parse, with_spans};

const EVERY_OPERATION: &str = include_str!("every_operation.ir");

#[test]
fn every_operation_round_trips() {
    let module = parse(EVERY_OPERATION).unwrap();
    assert_eq!(module.to_string(), EVERY_OPERATION);
}

#[test]
fn spans_round_trip_when_printed() {
    let mut module = parse(EVERY_OPERATION).unwrap();
    let mut next = 0;
    for func in &mut module.funcs {
        func.body.walk_mut(&mut |inst| {
            next += 1;
            inst.span = omply_diagnostics::Span::new(next, next + 3);
        });
    }
    let text = with_spans(&module);
    assert!(text.contains(" #2:5\n"));
    assert_eq!(with_spans(&parse(&text).unwrap()), text);
}

#[test]
fn strings_keep_their_escapes() {
    let text = "module \"a\\\"b\\\\c\\n\\u{1b}\"\n";
    assert_eq!(parse(text).unwrap().name, "a\"b\\c\n\u{1b}");
    assert_eq!(parse(text).unwrap().to_string(), text);
}

#[test]
fn a_mistake_is_reported_with_its_line() {
    let error = parse("module \"m\"\nfunc @0 \"f\"() -> unit {\n  frobnicate v1\n}\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: expected an operation, found Word(\"frobnicate\")"
    );
    let error = parse(
        "module \"m\"\nfunc @0 \"f\"() -> unit {\n  v0: i64 = const i64 99999999999999999999\n",
    )
    .unwrap_err();
    assert_eq!(error.line, 3);
}
