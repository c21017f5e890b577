//! String literals as directive text: the value together with a map from its bytes to the file's.

use omply_directive::SpanMap;
use ruff_python_ast::str_prefix::StringLiteralPrefix;
use ruff_python_ast::{ExprStringLiteral, StringLiteral};

/// The value of a literal, implicit concatenation included, and where each byte of it stands.
pub(super) fn text_and_map(source: &str, literal: &ExprStringLiteral) -> (String, SpanMap) {
    let mut text = String::new();
    let mut segments = Vec::new();
    for part in &literal.value {
        add_part(source, part, &mut text, &mut segments);
    }
    (text, SpanMap::from_segments(segments))
}

fn add_part(source: &str, part: &StringLiteral, text: &mut String, segments: &mut Vec<(u32, u32)>) {
    let range = part.content_range();
    let content = &source[range];
    let file = u32::from(range.start());
    let start = text.len();
    text.push_str(&part.value);
    segments.push((start as u32, file));
    if content == &*part.value {
        return;
    }
    let raw = matches!(part.flags.prefix(), StringLiteralPrefix::Raw { .. });
    // Both sides advance together; each escape or line break that the value spells otherwise opens a segment.
    let bytes = content.as_bytes();
    let (mut from, mut to) = (0, 0);
    while from < bytes.len() && to <= part.value.len() {
        let (taken, produced) = match bytes[from] {
            b'\\' if !raw => escape(&content[from..], &part.value[to..]),
            b'\r' if bytes.get(from + 1) == Some(&b'\n') && !part.value[to..].starts_with('\r') => {
                (2, 1)
            }
            _ => (1, 1),
        };
        if (taken, produced) != (1, 1) {
            segments.push(((start + to) as u32, file + from as u32));
            segments.push(((start + to + produced) as u32, file + (from + taken) as u32));
        }
        from += taken;
        to += produced;
    }
    // A segment may be empty (a continued line): the later one of the same text offset is the one that holds.
    let mut kept: Vec<(u32, u32)> = Vec::with_capacity(segments.len());
    for segment in segments.drain(..) {
        if kept.last().is_some_and(|last| last.0 == segment.0) {
            kept.pop();
        }
        kept.push(segment);
    }
    *segments = kept;
}

/// The length of the escape that `source` starts with and the number of bytes it puts into the value.
fn escape(source: &str, value: &str) -> (usize, usize) {
    let bytes = source.as_bytes();
    let one = value.chars().next().map_or(0, char::len_utf8);
    let digits = |from: usize, most: usize, digit: fn(&u8) -> bool| {
        bytes[from..]
            .iter()
            .take(most)
            .take_while(|byte| digit(byte))
            .count()
    };
    match bytes.get(1) {
        Some(b'\n') => (2, 0),
        Some(b'\r') => (2 + usize::from(bytes.get(2) == Some(&b'\n')), 0),
        Some(b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v') => (2, 1),
        Some(b'x') => (2 + digits(2, 2, u8::is_ascii_hexdigit), one),
        Some(b'u') => (2 + digits(2, 4, u8::is_ascii_hexdigit), one),
        Some(b'U') => (2 + digits(2, 8, u8::is_ascii_hexdigit), one),
        Some(b'N') if bytes.get(2) == Some(&b'{') => {
            (source.find('}').map_or(source.len(), |end| end + 1), one)
        }
        Some(b'0'..=b'7') => (1 + digits(1, 3, |byte| matches!(byte, b'0'..=b'7')), one),
        // An unknown escape keeps its backslash.
        _ => (1, 1),
    }
}
