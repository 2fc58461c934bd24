//! The regexp that admits exactly the declared names.
//!
//! The runner compiles `namespace_overwrite_allowed` and `service_account_overwrite_allowed` with Go's
//! `regexp` and calls the **unanchored** `MatchString` (`executors/kubernetes/overwrites.go`), so a
//! pattern must bring its own anchors, around the whole alternation: `^a|b$` admits `ax` and `xb`.
//!
//! The pattern holds nothing but escaped literals, groups, `|` and `?`, which Go and Rust read alike.

mod expand;

use std::collections::HashMap;

pub use expand::admitted_names;

/// How deep groups may nest.
///
/// Go refuses a regexp whose syntax tree is higher than 1,000 (`maxHeight` in `regexp/syntax/parse.go`),
/// and a level of ours takes at most three nodes of it. Below this depth names are listed instead of
/// folded, which also bounds the recursion of this module, whatever the names are.
const MAX_DEPTH: usize = 64;

/// One anchored regexp that matches exactly the given names: `^(?:a(?:b|c)|d)$`.
///
/// `None` for no names: an empty setting is how the runner is told to ignore the variable. A single name
/// has the same form, `^(?:name)$`, so that a second one changes no more than it must.
///
/// The text depends on the set of the names only, neither on their order nor on duplicates. Shared
/// prefixes are written once, and so are equal endings of neighbours: `app-(?:a|b)-ci`. A name that is
/// another's prefix makes the rest optional: `app(?:-ci)?`.
#[must_use]
pub fn exact_pattern<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    Some(format!("^(?:{})$", fold(&names, 0, 0).text))
}

/// A piece of a regexp.
struct Piece {
    text: String,
    /// Whether `|` stands at its outermost level, so that it needs a group beside something else.
    alternation: bool,
}

impl Piece {
    fn grouped(self) -> String {
        if self.alternation { format!("(?:{})", self.text) } else { self.text }
    }
}

/// The regexp of what follows the first `from` bytes, which all names share. The names are sorted.
fn fold(names: &[&str], from: usize, depth: usize) -> Piece {
    let end = from + shared_prefix(names, from);
    let prefix = escape(names.first().map_or("", |name| rest(name, from, end)));

    // Sorted, so a name that ends here comes first.
    let optional = names.len() > 1 && names.first().is_some_and(|name| name.len() == end);
    let longer = if optional { names.get(1..).unwrap_or_default() } else { names };
    if names.len() < 2 {
        return Piece { text: prefix, alternation: false };
    }

    let branches = if depth < MAX_DEPTH { branch(longer, end, depth) } else { list(longer, end) };
    if optional {
        return Piece { text: format!("{prefix}(?:{})?", branches.text), alternation: false };
    }
    if prefix.is_empty() {
        return branches;
    }
    Piece { text: prefix + &branches.grouped(), alternation: false }
}

/// One alternative for each next character; characters with equal endings share them.
fn branch(names: &[&str], from: usize, depth: usize) -> Piece {
    let mut endings: Vec<(Vec<char>, String)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for group in names.chunk_by(|a, b| next_char(a, from) == next_char(b, from)) {
        let Some(next) = group.first().and_then(|name| next_char(name, from)) else { continue };
        let ending = fold(group, from + next.len_utf8(), depth + 1).grouped();
        match known.get(&ending).and_then(|&at| endings.get_mut(at)) {
            Some((characters, _)) => characters.push(next),
            None => {
                known.insert(ending.clone(), endings.len());
                endings.push((vec![next], ending));
            }
        }
    }

    let single = endings.len() == 1;
    let mut alternatives: Vec<String> = Vec::with_capacity(endings.len());
    let mut alternation = !single;
    for (characters, ending) in endings {
        let characters: Vec<String> = characters.iter().map(|c| escape(c.encode_utf8(&mut [0; 4]))).collect();
        let joined = characters.join("|");
        if ending.is_empty() {
            alternation |= characters.len() > 1;
            alternatives.push(joined);
        } else if characters.len() > 1 {
            alternatives.push(format!("(?:{joined}){ending}"));
        } else {
            alternatives.push(joined + &ending);
        }
    }
    Piece { text: alternatives.join("|"), alternation }
}

/// The names one beside the other.
fn list(names: &[&str], from: usize) -> Piece {
    let alternatives: Vec<String> = names.iter().map(|name| escape(rest(name, from, name.len()))).collect();
    Piece { text: alternatives.join("|"), alternation: alternatives.len() > 1 }
}

/// How many bytes after `from` all names share. They are sorted: the first and the last decide.
fn shared_prefix(names: &[&str], from: usize) -> usize {
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return 0 };
    rest(first, from, first.len())
        .chars()
        .zip(rest(last, from, last.len()).chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum()
}

fn next_char(name: &str, from: usize) -> Option<char> {
    rest(name, from, name.len()).chars().next()
}

fn rest(name: &str, from: usize, end: usize) -> &str {
    name.get(from..end).unwrap_or_default()
}

/// The literal, with what is special in a regexp escaped.
///
/// Only the fourteen characters that both Go and Rust treat as special get a backslash (Rust would take
/// more of them, Go too, but neither needs it). Control characters become `\x{..}`, so that the
/// pattern always stays on one line.
fn escape(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    for c in literal.chars() {
        if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$') {
            out.push('\\');
            out.push(c);
        } else if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[track_caller]
    fn check(names: &[&str], expected: &str) {
        assert_eq!(exact_pattern(names.iter().copied()).as_deref(), Some(expected));
    }

    #[test]
    fn reads_as_it_should() {
        check(&["cicd"], "^(?:cicd)$");
        check(&["a", "b"], "^(?:a|b)$");
        check(&["ab", "ac", "d"], "^(?:a(?:b|c)|d)$");
        check(&["d", "ac", "ab", "ac"], "^(?:a(?:b|c)|d)$");
        check(&["app", "app-ci"], "^(?:app(?:-ci)?)$");
        check(&["app", "app-ci", "app-cd"], "^(?:app(?:-c(?:d|i))?)$");
        check(&["app-a-ci", "app-b-ci"], "^(?:app-(?:a|b)-ci)$");
        check(&["a", "a-x", "b", "b-x"], "^(?:(?:a|b)(?:-x)?)$");
        check(&["team.a", "team-a"], r"^(?:team(?:-|\.)a)$");
        check(&["a{{b", "a\nb"], r"^(?:a(?:\x{a}b|\{\{b))$");
        check(&[""], "^(?:)$");
        check(&["", "a"], "^(?:(?:a)?)$");
        assert_eq!(exact_pattern([]), None);
    }

    #[test]
    fn depth_follows_neither_the_length_nor_the_number_of_names() {
        let chain: Vec<String> = (1..=253).map(|n| "a".repeat(n)).collect();
        let pattern = exact_pattern(chain.iter().map(String::as_str)).unwrap();
        let (mut depth, mut deepest) = (0_usize, 0);
        for c in pattern.chars() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        assert!(deepest <= 2 * MAX_DEPTH + 2, "{deepest}");
        let regex = Regex::new(&pattern).unwrap();
        for n in [1, 2, 63, 64, 65, 66, 252, 253] {
            assert!(regex.is_match(&"a".repeat(n)), "{n}");
        }
        assert!(!regex.is_match(&"a".repeat(254)));
        assert!(!regex.is_match(""));
    }

    #[test]
    fn sixty_thousand_names_fold() {
        let names: Vec<String> =
            (0..60_000).map(|n| format!("team-{}-{:x}-ci", n % 97, n * 2_654_435_761_u64)).collect();
        let pattern = exact_pattern(names.iter().map(String::as_str)).unwrap();
        let plain: usize = names.iter().map(|name| name.len() + 1).sum();
        assert!(pattern.len() < plain, "{} bytes for {plain}", pattern.len());
        assert!(!pattern.contains('\n'));
    }

    /// Everything near the names that a careless pattern would admit.
    fn neighbours(names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut near = names.clone();
        for name in names {
            let chars: Vec<char> = name.chars().collect();
            for at in 0..=chars.len() {
                near.insert(chars.iter().take(at).collect());
                near.insert(chars.iter().skip(at).collect());
            }
            near.insert(name.to_uppercase());
            near.insert(format!("{name}\n"));
            near.insert(format!("\n{name}"));
            near.insert(format!("{name}x"));
            near.insert(format!("x{name}"));
            near.insert(format!("{name}|"));
            for other in names.iter().take(6) {
                near.insert(format!("{name}{other}"));
                near.insert(format!("{name}|{other}"));
                near.insert(format!("{name}\n{other}"));
            }
        }
        near
    }

    #[track_caller]
    fn matches_exactly(names: &BTreeSet<String>) {
        let pattern = exact_pattern(names.iter().map(String::as_str)).unwrap();
        let regex = Regex::new(&pattern).unwrap();
        for candidate in neighbours(names) {
            assert_eq!(
                regex.is_match(&candidate),
                names.contains(&candidate),
                "{candidate:?} against {pattern}"
            );
        }
    }

    proptest! {
        #[test]
        fn dns_names(names in prop::collection::btree_set("[ab]([ab.-]{0,6}[ab])?", 1..20)) {
            matches_exactly(&names);
        }

        #[test]
        fn any_strings(names in prop::collection::btree_set(any::<String>(), 1..8)) {
            matches_exactly(&names);
        }

        #[test]
        fn special_characters(
            names in prop::collection::btree_set(r"[\\.+*?()|\[\]{}^$&~# \nA-Ca-c-]{0,5}", 1..12)
        ) {
            matches_exactly(&names);
        }

        #[test]
        fn order_and_duplicates_change_nothing(
            names in prop::collection::vec("[a-c-]{1,5}", 1..12),
            turn in any::<prop::sample::Index>(),
        ) {
            let expected = exact_pattern(names.iter().map(String::as_str));
            let mut other = names.clone();
            other.rotate_left(turn.index(names.len()));
            other.extend(names.iter().take(3).cloned());
            prop_assert_eq!(exact_pattern(other.iter().map(String::as_str)), expected);
        }
    }
}
