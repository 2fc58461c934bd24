//! "Did you mean ...?"

/// The candidate nearest to what was written, if it is near enough to be a typing mistake.
///
/// Letters' case and the difference between `camelCase`, `kebab-case` and `snake_case` cost nothing:
/// people carry the style of one file into another.
pub(crate) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(written);
    // A third of the word may be wrong, but no more than three letters: beyond that it is a guess.
    let limit = (wanted.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The optimal string alignment distance: insert, delete, replace, or swap two neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut a_before = None;
    for (i, &ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut b_before = None;
        for (j, &cb) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX - 1);
            let mut best =
                (at(&last, j) + usize::from(ca != cb)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if a_before == Some(cb) && b_before == Some(ca) && j > 0 {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
            b_before = Some(cb);
        }
        before_last = std::mem::replace(&mut last, row);
        a_before = Some(ca);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let words = ["pull_policy", "poll_interval", "poll_timeout", "privileged"];
        for (written, meant) in [
            ("pul_policy", Some("pull_policy")),
            ("pullPolicy", Some("pull_policy")),
            ("poll-timeuot", Some("poll_timeout")),
            ("priviledged", Some("privileged")),
            ("something_else", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, words), meant, "{written}");
        }
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(&plain(a), &plain(b));
        assert_eq!(d("abc", "abc"), 0);
        assert_eq!(d("abc", "acb"), 1);
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("abc", ""), 3);
        assert_eq!(d("kitten", "sitting"), 3);
    }
}
