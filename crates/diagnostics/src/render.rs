//! Diagnostics as text: a headline, the place, the source line with the place underlined, and advice.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceFile;
use crate::span::Span;
use crate::width::char_width;
use std::fmt::Write;

/// Whether the text is for a terminal that shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Coloured,
}

/// Tabs are shown as this many columns so that underlines stay in place.
const TAB: usize = 4;

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const BLUE: &str = "\x1b[1;34m";
const GREEN: &str = "\x1b[1;32m";
const CYAN: &str = "\x1b[1;36m";
const RESET: &str = "\x1b[0m";

/// The diagnostics by place; errors before warnings at the same place.
pub(crate) fn sorted(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| (d.primary.span.start, d.severity, d.primary.span.end, d.code));
    sorted
}

/// The diagnostics as text, sorted by place, a blank line between two.
pub fn render(diagnostics: &[Diagnostic], file: &SourceFile, style: Style) -> String {
    let mut out = String::new();
    for (i, diagnostic) in sorted(diagnostics).into_iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        Renderer {
            out: &mut out,
            file,
            style,
        }
        .diagnostic(diagnostic);
    }
    out
}

/// One underline on one line, in columns of the shown text.
struct Mark<'a> {
    start: usize,
    end: usize,
    message: &'a str,
    primary: bool,
}

struct Renderer<'a> {
    out: &'a mut String,
    file: &'a SourceFile,
    style: Style,
}

impl Renderer<'_> {
    fn paint(&mut self, colour: &str, text: &str) {
        match self.style {
            Style::Plain => self.out.push_str(text),
            Style::Coloured => {
                let _ = write!(self.out, "{colour}{text}{RESET}");
            }
        }
    }

    fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        let colour = match diagnostic.severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
            Severity::Note => GREEN,
        };
        self.paint(
            colour,
            &format!("{}[{}]", diagnostic.severity.name(), diagnostic.code),
        );
        self.paint(BOLD, &format!(": {}", diagnostic.message));
        self.out.push('\n');

        let lines = self.lines_to_show(diagnostic);
        let last = lines.last().copied().unwrap_or(0);
        let gutter = self.file.line_number(last).to_string().len();
        let place = self.file.position(diagnostic.primary.span.start);
        let _ = write!(self.out, "{:gutter$}", "");
        self.paint(BLUE, "-->");
        let _ = writeln!(
            self.out,
            " {}:{}:{}",
            self.file.name, place.line, place.column
        );

        self.empty_gutter(gutter);
        let mut before: Option<usize> = None;
        for &line in &lines {
            match before {
                Some(before) if line == before + 2 => self.source_line(before + 1, gutter),
                Some(before) if line > before + 1 => {
                    self.paint(BLUE, "...");
                    self.out.push('\n');
                }
                _ => {}
            }
            self.source_line(line, gutter);
            self.marks(diagnostic, line, gutter, colour);
            before = Some(line);
        }

        if !(diagnostic.notes.is_empty() && diagnostic.help.is_empty() && diagnostic.fix.is_none())
        {
            self.empty_gutter(gutter);
        }
        for note in &diagnostic.notes {
            self.remark(gutter, "note", note);
        }
        for help in &diagnostic.help {
            self.remark(gutter, "help", help);
        }
        // A fix without advice of its own still has to be told.
        if let (Some(fix), true) = (&diagnostic.fix, diagnostic.help.is_empty()) {
            let text = if fix.replacement.is_empty() {
                "remove it".to_owned()
            } else if fix.span.is_empty() {
                format!("add `{}`", fix.replacement.trim())
            } else {
                format!("write `{}`", fix.replacement)
            };
            self.remark(gutter, "help", &text);
        }
    }

    fn remark(&mut self, gutter: usize, kind: &str, text: &str) {
        let _ = write!(self.out, "{:gutter$} ", "");
        self.paint(BLUE, "=");
        self.out.push(' ');
        self.paint(CYAN, kind);
        let indent = format!("\n{:width$}", "", width = gutter + 5 + kind.len());
        let _ = writeln!(self.out, ": {}", text.replace('\n', &indent));
    }

    fn empty_gutter(&mut self, gutter: usize) {
        let _ = write!(self.out, "{:gutter$} ", "");
        self.paint(BLUE, "|");
        self.out.push('\n');
    }

    /// The lines on which a place starts or ends.
    fn lines_to_show(&self, diagnostic: &Diagnostic) -> Vec<usize> {
        let mut lines = Vec::new();
        for label in std::iter::once(&diagnostic.primary).chain(&diagnostic.labels) {
            let (start, end) = self.bounds(label.span);
            lines.push(self.file.line_index(start));
            lines.push(self.file.line_index(last_offset(start, end)));
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    fn bounds(&self, span: Span) -> (u32, u32) {
        let start = self.file.clamp(span.start);
        (start, self.file.clamp(span.end).max(start))
    }

    fn source_line(&mut self, line: usize, gutter: usize) {
        let number = self.file.line_number(line).to_string();
        self.paint(BLUE, &format!("{number:>gutter$} |"));
        let text = self.file.line(line).1;
        if !text.trim().is_empty() {
            self.out.push(' ');
            for c in text.chars() {
                match c {
                    '\t' => self.out.push_str("    "),
                    // A control character would move the cursor.
                    c if c.is_control() => self.out.push('\u{FFFD}'),
                    c => self.out.push(c),
                }
            }
        }
        self.out.push('\n');
    }

    /// The column at which an offset of the line is shown.
    fn column(&self, line: usize, offset: u32) -> usize {
        let (start, text) = self.file.line(line);
        let end = (offset.saturating_sub(start) as usize).min(text.len());
        text[..end]
            .chars()
            .map(|c| if c == '\t' { TAB } else { char_width(c) })
            .sum()
    }

    fn marks(&mut self, diagnostic: &Diagnostic, line: usize, gutter: usize, colour: &str) {
        let mut marks = Vec::new();
        let labels = std::iter::once((true, &diagnostic.primary))
            .chain(diagnostic.labels.iter().map(|l| (false, l)));
        for (primary, label) in labels {
            let (start, end) = self.bounds(label.span);
            let (first, last) = (
                self.file.line_index(start),
                self.file.line_index(last_offset(start, end)),
            );
            if line < first || line > last {
                continue;
            }
            let (line_start, text) = self.file.line(line);
            let from = if line == first {
                self.column(line, start)
            } else {
                self.column(
                    line,
                    line_start + (text.len() - text.trim_start().len()) as u32,
                )
            };
            let to = if line == last {
                self.column(line, end)
            } else {
                self.column(line, line_start + text.len() as u32)
            };
            let message = if line == last {
                label.message.as_str()
            } else {
                ""
            };
            marks.push(Mark {
                start: from,
                end: to.max(from + 1),
                message,
                primary,
            });
        }
        marks.sort_by_key(|mark| (mark.start, !mark.primary));
        self.underline(&marks, gutter, colour);
        self.messages(&marks, gutter, colour);
    }

    fn underline(&mut self, marks: &[Mark<'_>], gutter: usize, colour: &str) {
        let Some(width) = marks.iter().map(|mark| mark.end).max() else {
            return;
        };
        let mut row = vec![' '; width];
        for mark in marks.iter().filter(|mark| !mark.primary) {
            row[mark.start..mark.end].fill('-');
        }
        for mark in marks.iter().filter(|mark| mark.primary) {
            row[mark.start..mark.end].fill('^');
        }
        let _ = write!(self.out, "{:gutter$} ", "");
        self.paint(BLUE, "|");
        self.out.push(' ');
        let row: String = row.into_iter().collect();
        for part in row.split_inclusive(' ') {
            let bare = part.trim_end();
            if !bare.is_empty() {
                self.paint(if bare.starts_with('^') { colour } else { BLUE }, bare);
            }
            self.out.push_str(&part[bare.len()..]);
        }
        // The rightmost remark stands beside its underline.
        if let Some(mark) = marks.last()
            && mark.end == width
            && !mark.message.is_empty()
        {
            self.out.push(' ');
            self.paint(if mark.primary { colour } else { BLUE }, mark.message);
        }
        self.out.push('\n');
    }

    /// The remarks that do not fit beside their underline, each on a line of its own below it.
    fn messages(&mut self, marks: &[Mark<'_>], gutter: usize, colour: &str) {
        let width = marks.iter().map(|mark| mark.end).max().unwrap_or(0);
        for (i, mark) in marks.iter().enumerate().rev() {
            let beside = i + 1 == marks.len() && mark.end == width;
            if beside || mark.message.is_empty() {
                continue;
            }
            let _ = write!(self.out, "{:gutter$} ", "");
            self.paint(BLUE, "|");
            let _ = write!(self.out, " {:width$}", "", width = mark.start);
            self.paint(if mark.primary { colour } else { BLUE }, mark.message);
            self.out.push('\n');
        }
    }
}

/// The last offset inside a range, or its start when it is empty.
fn last_offset(start: u32, end: u32) -> u32 {
    if end > start { end - 1 } else { start }
}
