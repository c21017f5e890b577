//! "Did you mean": the known word nearest to a misspelt one.

/// No name is this long, so a longer word is no slip for one.
const LONGEST: usize = 40;

/// The candidate nearest to `word`, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = Letters::of(word)?;
    // Three letters may hide one slip; every three more letters allow one more.
    let limit = (word.count / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let below = best.map_or(limit + 1, |(found, _)| found);
        // Candidates are plain ASCII, so their length tells most of them off at once.
        if candidate.len().abs_diff(word.count) >= below {
            continue;
        }
        let Some(letters) = Letters::of(candidate) else {
            continue;
        };
        // A word shares too little with one whose every letter would change.
        if let Some(distance) = distance(&word, &letters, below.min(letters.count)) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A word's letters without case; every letter outside of ASCII is the same.
struct Letters {
    bytes: [u8; LONGEST],
    count: usize,
}

impl Letters {
    fn of(word: &str) -> Option<Letters> {
        let mut bytes = [0; LONGEST];
        let mut count = 0;
        for c in word.chars() {
            *bytes.get_mut(count)? = if c.is_ascii() {
                c.to_ascii_lowercase() as u8
            } else {
                u8::MAX
            };
            count += 1;
        }
        (count > 0).then_some(Letters { bytes, count })
    }
}

/// The edits (insert, delete, replace, swap neighbours) between two words, if they are fewer than `below`.
fn distance(a: &Letters, b: &Letters, below: usize) -> Option<usize> {
    let mut before_last = [0u8; LONGEST + 1];
    let mut last: [u8; LONGEST + 1] = std::array::from_fn(|j| j as u8);
    let mut row = [0u8; LONGEST + 1];
    for i in 1..=a.count {
        row[0] = i as u8;
        let mut least = row[0];
        for j in 1..=b.count {
            let replaced = last[j - 1] + u8::from(a.bytes[i - 1] != b.bytes[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1
                && j > 1
                && a.bytes[i - 1] == b.bytes[j - 2]
                && a.bytes[i - 2] == b.bytes[j - 1]
            {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
            least = least.min(row[j]);
        }
        // A later swap of neighbours can save one edit at most against the row before.
        if usize::from(least) > below {
            return None;
        }
        before_last = last;
        last = row;
    }
    Some(usize::from(last[b.count])).filter(|found| *found < below)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_slip_and_leaves_strangers_alone() {
        let words = [
            "reduction",
            "private",
            "schedule",
            "if",
            "for",
            "firstprivate",
        ];
        assert_eq!(nearest("redcution", words), Some("reduction"));
        assert_eq!(nearest("Private", words), Some("private"));
        assert_eq!(nearest("shcedul", words), Some("schedule"));
        assert_eq!(nearest("fro", words), Some("for"));
        assert_eq!(nearest("banana", words), None);
        assert_eq!(nearest("", words), None);
    }
}
