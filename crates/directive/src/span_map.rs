//! Where the bytes of a text came from, when the text was unescaped, concatenated or rewritten.

use omply_diagnostics::Span;
use smallvec::{SmallVec, smallvec};

/// From this offset of the text on, the text was copied from this offset of the file on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub text: u32,
    pub file: u32,
}

/// Maps offsets of a text to offsets of the file it was taken from.
///
/// A segment holds up to the next one. Inside a segment offsets advance together, but never past the file offset at which the next
/// segment starts, so a text that is longer than its source (a rewritten operator) maps to its source's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanMap {
    segments: SmallVec<[Segment; 1]>,
}

impl SpanMap {
    /// A text copied unchanged from `file_offset` on.
    pub fn at(file_offset: u32) -> SpanMap {
        SpanMap {
            segments: smallvec![Segment {
                text: 0,
                file: file_offset
            }],
        }
    }

    /// A text made of pieces, sorted by text offset; the first must start at text offset 0.
    pub fn from_segments(segments: impl IntoIterator<Item = (u32, u32)>) -> SpanMap {
        let mut segments: SmallVec<[Segment; 1]> = segments
            .into_iter()
            .map(|(text, file)| Segment { text, file })
            .collect();
        if segments.first().is_none_or(|first| first.text != 0) {
            let file = segments
                .first()
                .map_or(0, |first| first.file.saturating_sub(first.text));
            segments.insert(0, Segment { text: 0, file });
        }
        SpanMap { segments }
    }

    /// The file offset of a text offset.
    pub fn offset(&self, text: u32) -> u32 {
        if let [only] = self.segments[..] {
            return only.file.saturating_add(text.saturating_sub(only.text));
        }
        let next = self
            .segments
            .partition_point(|segment| segment.text <= text);
        let segment = self.segments[next.max(1) - 1];
        let file = segment
            .file
            .saturating_add(text.saturating_sub(segment.text));
        match self.segments.get(next) {
            Some(following) if following.file >= segment.file => file.min(following.file),
            _ => file,
        }
    }

    /// The file range of a text range.
    pub fn span(&self, start: u32, end: u32) -> Span {
        let from = self.offset(start);
        if end <= start {
            return Span::new(from, from);
        }
        // The end belongs to the last byte inside, not to whatever follows the text.
        Span::new(from, self.end_offset(end).max(from))
    }

    /// The file offset just after the byte before `text`.
    fn end_offset(&self, text: u32) -> u32 {
        if let [only] = self.segments[..] {
            return only.file.saturating_add(text.saturating_sub(only.text));
        }
        let next = self.segments.partition_point(|segment| segment.text < text);
        let segment = self.segments[next.max(1) - 1];
        let file = segment
            .file
            .saturating_add(text.saturating_sub(segment.text));
        match self.segments.get(next) {
            // A segment that ends here and was shorter than its source (an escape) covers all of its source.
            Some(following)
                if following.text == text
                    && following.file >= segment.file
                    && text.saturating_sub(segment.text) == 1 =>
            {
                following.file
            }
            Some(following) if following.file >= segment.file => file.min(following.file),
            _ => file,
        }
    }

    /// The map of the part of the text from `start` on.
    pub fn from_offset(&self, start: u32) -> SpanMap {
        if let [only] = self.segments[..] {
            return SpanMap::at(only.file.saturating_add(start.saturating_sub(only.text)));
        }
        let mut segments: SmallVec<[Segment; 1]> = smallvec![Segment {
            text: 0,
            file: self.offset(start)
        }];
        segments.extend(
            self.segments
                .iter()
                .filter(|segment| segment.text > start)
                .map(|segment| Segment {
                    text: segment.text - start,
                    file: segment.file,
                }),
        );
        SpanMap { segments }
    }

    /// The pieces, sorted by text offset.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}
