//! A pattern read back into the names that it admits.
//!
//! Written apart from the making of patterns, and without a regexp engine (which refuses patterns of
//! this size, or needs to be told otherwise): the check doesn't share the mistakes of what it checks.

use std::collections::BTreeSet;

/// How deep groups may nest; what [`super::exact_pattern`] writes stays well below.
const MAX_DEPTH: usize = 200;

/// The names that a pattern of [`super::exact_pattern`]'s form admits, and no others.
///
/// `None` for every other pattern: one that isn't anchored on both sides around one group, one that
/// uses more than literals, escapes, groups, `|` and `?`, and one that admits more than `limit` names.
/// So `Some` also means that Go and Rust read the pattern alike.
#[must_use]
pub fn admitted_names(pattern: &str, limit: usize) -> Option<BTreeSet<String>> {
    let inside = pattern.strip_prefix("^(?:")?.strip_suffix(")$")?;
    let mut reader = Reader { rest: inside, limit };
    let names = reader.alternatives(0)?;
    // A `)` that closes the first group early stops the reading: `^(?:a)|(?:b)$` isn't anchored.
    reader.rest.is_empty().then_some(names)
}

struct Reader<'a> {
    rest: &'a str,
    limit: usize,
}

impl Reader<'_> {
    /// `a|b|c`, up to a `)` or the end.
    fn alternatives(&mut self, depth: usize) -> Option<BTreeSet<String>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut all = BTreeSet::new();
        loop {
            all.extend(self.sequence(depth)?);
            if all.len() > self.limit {
                return None;
            }
            match self.rest.strip_prefix('|') {
                Some(rest) => self.rest = rest,
                None => return Some(all),
            }
        }
    }

    /// Literals and groups, one after the other.
    fn sequence(&mut self, depth: usize) -> Option<Vec<String>> {
        let mut heads = vec![String::new()];
        while let Some(c) = self.rest.chars().next() {
            match c {
                '|' | ')' => break,
                '(' => {
                    self.rest = self.rest.strip_prefix("(?:")?;
                    let mut tails: Vec<String> = self.alternatives(depth + 1)?.into_iter().collect();
                    self.rest = self.rest.strip_prefix(')')?;
                    if let Some(rest) = self.rest.strip_prefix('?') {
                        self.rest = rest;
                        tails.push(String::new());
                    }
                    if self.rest.starts_with(['?', '*', '+', '{'])
                        || heads.len().checked_mul(tails.len())? > self.limit.saturating_mul(2)
                    {
                        return None;
                    }
                    heads = heads
                        .iter()
                        .flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")))
                        .collect();
                }
                _ => {
                    let literal = self.literal(c)?;
                    if self.rest.starts_with(['?', '*', '+', '{']) {
                        return None;
                    }
                    for head in &mut heads {
                        head.push(literal);
                    }
                }
            }
        }
        Some(heads)
    }

    /// One character, as it is or escaped.
    fn literal(&mut self, c: char) -> Option<char> {
        match c {
            '\\' => {
                let escape = self.rest.strip_prefix('\\')?;
                if let Some(code) = escape.strip_prefix("x{") {
                    let (code, rest) = code.split_once('}')?;
                    self.rest = rest;
                    return char::from_u32(u32::from_str_radix(code, 16).ok()?);
                }
                // A letter or a digit after the backslash would be a class: `\d`, `\b`, `\1`.
                let next = escape.chars().next().filter(char::is_ascii_punctuation)?;
                self.rest = escape.strip_prefix(next)?;
                Some(next)
            }
            '.' | '+' | '*' | '?' | '[' | ']' | '{' | '}' | '^' | '$' => None,
            _ => {
                self.rest = self.rest.strip_prefix(c)?;
                Some(c)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::exact_pattern;
    use super::*;

    #[test]
    fn other_patterns_are_none_of_ours() {
        for pattern in [
            "",
            "a",
            "^a$",
            "(?:a)",
            "^(?:a)",
            "(?:a)$",
            "^(?:a)|(?:b)$",
            "^(?:a)b)$",
            "^(?:(?:a)$",
            "^(?:.*)$",
            "^(?:a+)$",
            "^(?:a?)$",
            "^(?:[ab])$",
            r"^(?:\d)$",
            r"^(?:\x41)$",
            "^(?:(a))$",
            "^(?:(?i:a))$",
            "^(?:(?:a)*)$",
            "^(?:(?:a)??)$",
            "^(?:(?:a)?{2})$",
            "^(?:a{2})$",
            "^(?:a$|b)$",
            r"^(?:a\)$",
            "^(?:a)$\n",
            r"^(?:\x{zz})$",
            r"^(?:\Qa\E)$",
        ] {
            assert_eq!(admitted_names(pattern, 10), None, "{pattern}");
        }
        let deep = format!("^{}a{}$", "(?:".repeat(5_000), ")".repeat(5_000));
        assert_eq!(admitted_names(&deep, 10), None);
        let wide = format!("^(?:{})$", "(?:a|b)".repeat(60));
        assert_eq!(admitted_names(&wide, 1_000), None);
    }

    #[test]
    fn sixty_thousand_names() {
        let names: BTreeSet<String> =
            (0..60_000_u64).map(|n| format!("t{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect();
        let pattern = exact_pattern(names.iter().map(String::as_str)).unwrap();
        assert_eq!(admitted_names(&pattern, names.len()), Some(names));
    }

    proptest! {
        #[test]
        fn reads_what_was_written(
            names in prop::collection::btree_set(
                prop_oneof![any::<String>(), "[a-c.-]{0,8}", r"[\\.+*?()|\[\]{}^$\n]{0,5}"],
                1..30,
            )
        ) {
            let pattern = exact_pattern(names.iter().map(String::as_str)).unwrap();
            prop_assert_eq!(admitted_names(&pattern, names.len()), Some(names));
        }

        #[test]
        fn never_panics(pattern in r"\^\(\?:[a|()?:\\x{}\[.]{0,30}\)\$") {
            // Whatever is read must be what a regexp engine reads.
            if let Some(names) = admitted_names(&pattern, 1_000) {
                let regex = regex::Regex::new(&pattern).unwrap();
                for name in names {
                    prop_assert!(regex.is_match(&name), "{name:?} {pattern}");
                }
            }
        }
    }
}
