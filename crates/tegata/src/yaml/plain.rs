//! Which texts go without quotes.

use super::scalar::is_exponent_alone;

/// Whether a text means itself without quotes: it begins with a letter (or with a dot and a letter, as a hidden
/// job does), has letters, digits and `_ . / -` only, and is no word that YAML 1.1 or 1.2 gives another type.
pub fn is_plain(text: &str) -> bool {
    let word = text.strip_prefix('.').unwrap_or(text);
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && are_plain(text.as_bytes())
        && (word.len() == text.len() || !is_exponent_alone(text))
        && (word.len() > LONGEST_TYPED_WORD
            || !TYPED_WORDS.iter().any(|typed| typed.eq_ignore_ascii_case(word)))
}

/// Whether a text may have all of these bytes. Most of what is rendered is looked at for that: so each byte is looked up,
/// and whether one is wrong asked once.
fn are_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, byte| all & PLAIN.get(usize::from(*byte)).copied().unwrap_or_default())
}

/// Which bytes those are.
#[expect(clippy::indexing_slicing, reason = "it is made when this is compiled")]
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut rest: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";
    while let [byte, behind @ ..] = rest {
        plain[*byte as usize] = true;
        rest = behind;
    }
    plain
};

/// What begins with a letter, and some reader takes for a boolean, for nothing or for a number. All other types
/// of YAML 1.1 and 1.2 begin with a digit or a sign, or with a dot and a digit; but for [`is_exponent_alone`].
const TYPED_WORDS: [&str; 12] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
const LONGEST_TYPED_WORD: usize = "infinity".len();

#[cfg(test)]
mod tests {
    use super::super::scalar;
    use super::*;

    #[test]
    fn what_goes_without_quotes_is_text_in_every_version() {
        let words = [
            "a",
            "kp-account",
            ".tegata-a",
            "E1",
            "x0",
            "Off",
            "NaN",
            ".inf",
            "TRUE",
            "n",
            "b-1.2/c_d",
            "Null",
            ".Infinity",
            ".e-5",
            ".E-12",
        ];
        for word in words {
            let is_text =
                scalar::core_type(word) == scalar::Type::Text && scalar::legacy_type(word).is_none();
            assert!(!is_plain(word) || is_text, "{word}");
        }
    }

    #[test]
    fn what_looks_like_an_exponent_is_quoted() {
        for word in [".e-5", ".E-12", ".e-0"] {
            assert!(!is_plain(word), "{word}");
        }
        for word in [".e", ".e-", ".e-5a", ".e5", "e-5", ".a-5"] {
            assert!(is_plain(word), "{word}");
        }
    }

    #[test]
    fn what_has_another_byte_is_not_plain_wherever_it_stands() {
        for length in 1..20 {
            let text = "a".repeat(length);
            assert!(is_plain(&text));
            for at in 1..length {
                for byte in
                    (0..=127u8).filter(|byte| !byte.is_ascii_alphanumeric() && !b"-._/".contains(byte))
                {
                    let mut other = text.clone();
                    other.replace_range(at..=at, char::from(byte).encode_utf8(&mut [0; 4]));
                    assert!(!is_plain(&other), "{other:?}");
                }
            }
        }
        assert!(!is_plain("b\u{e4}ume-und-str\u{e4}ucher"));
    }
}
