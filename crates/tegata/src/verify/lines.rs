//! The lines of a rendered text: where each begins, and what stands above and below it.

/// A line that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// The byte of its first letter.
    pub start: usize,
    /// The blanks before that.
    pub indent: usize,
    /// What it says, without blanks around it.
    pub words: &'t str,
}

impl<'t> Line<'t> {
    fn new(start: usize, line: &'t str) -> Option<Line<'t>> {
        let words = line.trim_start_matches(' ');
        let indent = line.len() - words.len();
        let words = words.trim_end();
        (!words.is_empty() && !words.starts_with('#')).then_some(Line {
            start: start + indent,
            indent,
            words,
        })
    }

    /// The byte of its first blank.
    pub fn margin(self) -> usize {
        self.start - self.indent
    }

    /// The byte behind its last letter.
    pub fn end(self) -> usize {
        self.start + self.words.len()
    }

    /// The key and its column, where lines below say what the key holds.
    pub fn opens(self) -> Option<(usize, &'t str)> {
        let key = self.words.trim_start_matches("- ");
        key.ends_with(':').then(|| (self.indent + self.words.len() - key.len(), key))
    }

    /// Whether it says what such a key holds, or is an entry where the key is a `-`.
    pub fn has(self, key: &str) -> bool {
        let unquoted = self.words.strip_prefix(['"', '\'']).unwrap_or(self.words);
        let rest = unquoted.strip_prefix(key).unwrap_or_default();
        rest.trim_start_matches(['"', '\'']).starts_with([':', ' '])
    }
}

/// All lines that say something.
pub fn of(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        lines.extend(Line::new(start, line));
        start += line.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let lines = of("a:\n\n  # no\n  - b:\n      \"c d\": e\n");
        let said: Vec<_> = lines.iter().map(|line| (line.start, line.indent, line.words)).collect();
        assert_eq!(said, [(0, 0, "a:"), (13, 2, "- b:"), (24, 6, "\"c d\": e")]);
        let opens: Vec<_> = lines.iter().map(|line| line.opens()).collect();
        assert_eq!(opens, [Some((0, "a:")), Some((4, "b:")), None]);
        let has = |key| lines.iter().map(|line| line.has(key)).collect::<Vec<_>>();
        assert_eq!(has("c d"), [false, false, true]);
        assert_eq!(has("c"), [false, false, true]);
        assert_eq!(has("-"), [false, true, false]);
    }
}
