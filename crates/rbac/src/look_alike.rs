//! Letters of other scripts that look like those of a to z: what was copied from a page or a chat may have some, and no
//! screen shows the difference.

use crate::names::is_invisible;

/// The plain character that one of another script, or of typography, is drawn like.
///
/// ```
/// use tegata_rbac::look_alike::plain;
///
/// assert_eq!(plain('а'), Some('a'));
/// assert_eq!(plain('ü'), None);
/// ```
#[must_use]
pub fn plain(c: char) -> Option<char> {
    const CYRILLIC: (&str, &str) = ("аеорсухіјѕԁһԛԝӏкАВЕКМНОРСТХІЈЅУ", "aeopcyxijsdhqwlkABEKMHOPCTXIJSY");
    const GREEK: (&str, &str) = ("οναιρυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovaipukABEZHIKMNOPTYX");
    const LATIN: (&str, &str) = ("ıɑɡ", "iag");
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ => [CYRILLIC, GREEK, LATIN].into_iter().find_map(|(from, to)| {
            let at = from.chars().position(|other| other == c)?;
            to.chars().nth(at)
        }),
    }
}

/// What a word looks like, in plain letters, where it is not what it looks like: look-alikes and odd blanks
/// replaced, and what is invisible left out. Words that also have letters of their own script are what they are.
///
/// ```
/// use tegata_rbac::look_alike::plainly;
///
/// assert_eq!(plainly("shаred").as_deref(), Some("shared"));
/// assert_eq!(plainly("shar\u{200b}ed").as_deref(), Some("shared"));
/// assert_eq!(plainly("shared"), None);
/// assert_eq!(plainly("größe"), None);
/// ```
#[must_use]
pub fn plainly(word: &str) -> Option<String> {
    if word.is_ascii() {
        return None;
    }
    let mut written = String::new();
    for c in word.chars() {
        match c {
            c if c.is_ascii() => written.push(c),
            c if c.is_whitespace() => written.push(' '),
            c if is_invisible(c) => {}
            c => written.push(plain(c)?),
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_alike_has_one_plain_character() {
        for c in "аеорсухіјѕԁһԛԝӏкАВЕКМНОРСТХІЈЅУοναιρυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡ–－ａ".chars()
        {
            assert!(plain(c).is_some_and(|plain| plain.is_ascii()), "{c}");
        }
        assert_eq!(
            (plain('У'), plain('Χ'), plain('Υ'), plain('ӏ')),
            (Some('Y'), Some('X'), Some('Y'), Some('l'))
        );
    }
}
