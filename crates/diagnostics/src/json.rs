//! Diagnostics as JSON, one object each, with offsets and with positions as people count.

use crate::diagnostic::Diagnostic;
use crate::source::SourceFile;
use crate::span::Span;
use std::fmt::Write;

/// The diagnostics as a JSON array, sorted by place.
pub fn render_json(diagnostics: &[Diagnostic], file: &SourceFile) -> String {
    let mut out = String::from("[");
    for (i, diagnostic) in crate::render::sorted(diagnostics).into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_diagnostic(&mut out, diagnostic, file);
    }
    out.push(']');
    out
}

fn write_diagnostic(out: &mut String, diagnostic: &Diagnostic, file: &SourceFile) {
    let _ = write!(
        out,
        "{{\"code\":\"{}\",\"severity\":\"{}\",\"message\":",
        diagnostic.code,
        diagnostic.severity.name()
    );
    write_string(out, &diagnostic.message);
    out.push_str(",\"file\":");
    write_string(out, &file.name);
    write_span(out, diagnostic.primary.span, file);
    out.push_str(",\"label\":");
    write_string(out, &diagnostic.primary.message);
    out.push_str(",\"labels\":[");
    for (i, label) in diagnostic.labels.iter().enumerate() {
        out.push_str(if i > 0 {
            ",{\"message\":"
        } else {
            "{\"message\":"
        });
        write_string(out, &label.message);
        write_span(out, label.span, file);
        out.push('}');
    }
    out.push_str("],\"notes\":");
    write_strings(out, &diagnostic.notes);
    out.push_str(",\"help\":");
    write_strings(out, &diagnostic.help);
    out.push_str(",\"fix\":");
    match &diagnostic.fix {
        None => out.push_str("null"),
        Some(fix) => {
            out.push_str("{\"replacement\":");
            write_string(out, &fix.replacement);
            write_span(out, fix.span, file);
            out.push('}');
        }
    }
    out.push('}');
}

fn write_span(out: &mut String, span: Span, file: &SourceFile) {
    let (start, end) = (file.position(span.start), file.position(span.end));
    let _ = write!(
        out,
        ",\"span\":{{\"start\":{},\"end\":{},\"line\":{},\"column\":{},\"end_line\":{},\"end_column\":{}}}",
        span.start, span.end, start.line, start.column, end.line, end.column
    );
}

fn write_strings(out: &mut String, strings: &[String]) {
    out.push('[');
    for (i, string) in strings.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_string(out, string);
    }
    out.push(']');
}

fn write_string(out: &mut String, string: &str) {
    out.push('"');
    for c in string.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
