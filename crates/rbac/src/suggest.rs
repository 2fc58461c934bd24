//! Did you mean? The nearest of some words, if it is near enough to be meant.

/// The candidate that is closest to `word`, or `None` if none is close enough to be a slip of the
/// keyboard. Upper and lower case count as the same; of equally close candidates the first wins.
///
/// A third of the word may be wrong, three characters at most; in words of one or two characters
/// nothing but the case. (rustc draws the line at a third too: farther, and the suggestions
/// become riddles.)
///
/// ```
/// use tegata_rbac::suggest::closest;
///
/// assert_eq!(closest("deploymnets", ["pods", "deployments"]), Some("deployments"));
/// assert_eq!(closest("cat", ["pods", "deployments"]), None);
/// ```
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let allowed = (word.len() / 3).min(3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        // The distance is never below the difference in length: most candidates end here, and no
        // input is so long that the table below gets large.
        if word.len().abs_diff(letters.len()) > allowed {
            continue;
        }
        let distance = distance(&word, &letters);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours, each
/// counted as one.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_previous: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    let mut left_before: Option<char> = None;
    for (row, &a) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(right.len() + 1);
        let mut least = row + 1;
        current.push(least);
        let mut right_before: Option<char> = None;
        for (column, &b) in right.iter().enumerate() {
            let replaced = at(&previous, column) + usize::from(a != b);
            let inserted = least + 1;
            let deleted = at(&previous, column + 1) + 1;
            least = replaced.min(inserted).min(deleted);
            if left_before == Some(b) && right_before == Some(a) && column > 0 {
                least = least.min(at(&before_previous, column - 1) + 1);
            }
            current.push(least);
            right_before = Some(b);
        }
        left_before = Some(a);
        before_previous = std::mem::replace(&mut previous, current);
    }
    at(&previous, right.len())
}

/// A cell of a row; what lies outside is farther than anything.
fn at(row: &[usize], column: usize) -> usize {
    row.get(column).copied().unwrap_or(usize::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "acb", 1),
            ("abc", "ab", 1),
            ("ca", "abc", 3),
            ("kitten", "sitting", 3),
            ("deploymnets", "deployments", 1),
        ] {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(left), &letters(right)), expected, "{left} {right}");
            assert_eq!(distance(&letters(right), &letters(left)), expected, "{right} {left}");
        }
    }

    #[test]
    fn closest_knows_when_to_be_silent() {
        let words = ["get", "list", "watch", "deletecollection"];
        for (word, expected) in [
            ("gets", Some("get")),
            ("LIST", Some("list")),
            ("lsit", Some("list")),
            ("wacth", Some("watch")),
            ("deletecolection", Some("deletecollection")),
            ("ge", None),
            ("", None),
            ("fly", None),
            ("w", None),
        ] {
            assert_eq!(closest(word, words), expected, "{word}");
        }
        assert_eq!(closest("üß", ["uss"]), None);
        assert_eq!(closest(&"a".repeat(1_000_000), words), None);
        assert_eq!(closest("abc", ["abd", "abe"]), Some("abd"));
    }
}
