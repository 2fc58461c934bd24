//! What no screen shows: a character that only looks like another one, or like nothing.

use tegata_rbac::look_alike;

use super::{Diagnostic, Place};
use crate::shape::text::shown;
use crate::source::Sources;

/// What to say of the first such character in the line that is meant, unless the finding names it.
pub fn note(diagnostic: &Diagnostic, sources: &Sources) -> Option<String> {
    let Place::At(span) = &diagnostic.place else { return None };
    let source = sources.get(span.file)?;
    let text = source.text.get(source.bytes(*span))?;
    let line = text.lines().next().filter(|line| !line.is_ascii())?;
    let (word, odd) = odd_character(line)?;
    let code = format!("U+{:04X}", u32::from(odd));
    let named = |words: &str| words.contains(&code);
    if named(&diagnostic.message) || diagnostic.help.as_deref().is_some_and(named) {
        return None;
    }
    let place = if word.chars().count() > 1 { format!(" in `{}`", shown(word)) } else { String::new() };
    Some(match look_alike::plain(odd) {
        Some(plain) => format!("the `{odd}`{place} is {code}, which only looks like `{plain}`"),
        None => format!("the invisible character {code} stands in `{}`", shown(word)),
    })
}

/// The first character that is not what it looks like, with its word. Words of another script are what they are.
fn odd_character(line: &str) -> Option<(&str, char)> {
    line.split([' ', '\t']).find_map(|word| {
        look_alike::plainly(word)?;
        Some((word, word.chars().find(|character| !character.is_ascii())?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters() {
        assert_eq!(odd_character("runner: sh\u{430}red"), Some(("sh\u{430}red", '\u{430}')));
        assert_eq!(odd_character("\u{2013} name"), Some(("\u{2013}", '\u{2013}')));
        assert_eq!(odd_character("a\u{a0}b: c"), Some(("a\u{a0}b:", '\u{a0}')));
        assert_eq!(odd_character("gr\u{f6}\u{df}e \u{440}\u{43e}\u{43b}\u{44c}"), None);
    }
}
