//! "Did you mean": the known word nearest to a misspelt one.

/// The candidate nearest to `word`, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    // Three letters may hide one slip; every three more letters allow one more.
    let limit = (length / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(word.len()) > limit + word.len() - length {
            continue;
        }
        let distance = distance(word, candidate);
        // A word shares too little with one whose every letter would change.
        if distance <= limit
            && distance < candidate.chars().count()
            && best.is_none_or(|(found, _)| distance < found)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The edits (insert, delete, replace, swap neighbours) between two words; letters differing in case only count as equal.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
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
