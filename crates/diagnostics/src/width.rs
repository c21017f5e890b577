//! How many terminal columns a character takes.

/// Inclusive ranges of characters that take two columns: East Asian wide and full-width forms, and pictographs.
static WIDE: &[(u32, u32)] = &[
    (0x1100, 0x115F),
    (0x231A, 0x231B),
    (0x2E80, 0x303E),
    (0x3041, 0x33FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE6F),
    (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6),
    (0x1B000, 0x1B2FF),
    (0x1F300, 0x1F64F),
    (0x1F680, 0x1F6FF),
    (0x1F900, 0x1F9FF),
    (0x1FA70, 0x1FAFF),
    (0x20000, 0x3FFFD),
];

/// Inclusive ranges of characters drawn over their neighbour.
static ZERO: &[(u32, u32)] = &[
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05BD),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0900, 0x0902),
    (0x093C, 0x093C),
    (0x0941, 0x0948),
    (0x0E31, 0x0E31),
    (0x0E34, 0x0E3A),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2064),
    (0x20D0, 0x20F0),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF),
    (0xE0100, 0xE01EF),
];

fn within(ranges: &[(u32, u32)], c: u32) -> bool {
    let next = ranges.partition_point(|&(start, _)| start <= c);
    next > 0 && c <= ranges[next - 1].1
}

/// The columns of one character.
pub(crate) fn char_width(c: char) -> usize {
    let code = c as u32;
    if code < 0x300 {
        1
    } else if within(ZERO, code) {
        0
    } else if within(WIDE, code) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::char_width;

    #[test]
    fn wide_characters_take_two_columns_and_accents_none() {
        assert_eq!(
            "ab漢e\u{301}".chars().map(char_width).collect::<Vec<_>>(),
            [1, 1, 2, 1, 0]
        );
    }
}
