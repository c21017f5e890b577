//! A source file's text with its lines.

/// The name and text of a file, for rendering.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub name: String,
    pub text: String,
    line_starts: Vec<u32>,
    first_line: u32,
}

/// A place as people count: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl SourceFile {
    /// A whole file.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceFile {
        SourceFile::excerpt(name, text, 1)
    }

    /// A part of a file whose first line has the given number.
    pub fn excerpt(
        name: impl Into<String>,
        text: impl Into<String>,
        first_line: u32,
    ) -> SourceFile {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, b)| b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        SourceFile {
            name: name.into(),
            text,
            line_starts,
            first_line,
        }
    }

    /// The index, from 0, of the line that holds the offset.
    pub(crate) fn line_index(&self, offset: u32) -> usize {
        self.line_starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1)
    }

    /// The number shown for a line index.
    pub(crate) fn line_number(&self, index: usize) -> u32 {
        self.first_line + index as u32
    }

    /// Where a line starts and its text without the line break.
    pub(crate) fn line(&self, index: usize) -> (u32, &str) {
        let start = self.line_starts[index] as usize;
        let end = self
            .line_starts
            .get(index + 1)
            .map_or(self.text.len(), |&next| next as usize);
        (
            start as u32,
            self.text[start..end].trim_end_matches(['\n', '\r']),
        )
    }

    /// The nearest offset not after the given one that lies on a character boundary of the text.
    pub(crate) fn clamp(&self, offset: u32) -> u32 {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset as u32
    }

    /// The line and column of an offset.
    pub fn position(&self, offset: u32) -> Position {
        let offset = self.clamp(offset);
        let index = self.line_index(offset);
        let start = self.line_starts[index] as usize;
        let column = self.text[start..offset as usize].chars().count() as u32 + 1;
        Position {
            line: self.line_number(index),
            column,
        }
    }
}
