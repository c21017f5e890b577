//! Places in a source file.

/// A half-open range of byte offsets into one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The range from `start` up to `end`.
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// The smallest range that holds both.
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The empty range at this one's end.
    pub const fn at_end(self) -> Span {
        Span {
            start: self.end,
            end: self.end,
        }
    }

    /// Whether the range holds no byte.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }
}
