//! Names: the rules that Kubernetes has for them, word for word, and what to write instead.
//!
//! Source of all of them: `k8s.io/apimachinery`, `pkg/api/validate/content/{dns,kube,path}.go`.
//! Kubernetes counts bytes, and so do we; names that pass are ASCII except for path segments.

use std::error::Error;
use std::fmt;

use crate::look_alike::plainly;

const LABEL_MAX: usize = 63;
const SUBDOMAIN_MAX: usize = 253;

// Each reads after "write".
const DNS_LABEL: &str = "a name of lower-case letters, digits and `-`, 63 characters at most, \
                         a letter or digit first and last";
const DNS_SUBDOMAIN: &str = "a name of lower-case letters, digits, `-` and `.`, 253 characters at \
                             most, a letter or digit first and last, and around each dot";
const PATH_SEGMENT: &str = "a name without `/`, `%` and invisible characters, 253 bytes at most, \
                            other than `.` and `..`";
const LABEL_KEY: &str = "a name of letters, digits, `-`, `_` and `.`, 63 characters at most, \
                         a letter or digit first and last; a domain and `/` may stand before it";
const LABEL_VALUE: &str = "a value of letters, digits, `-`, `_` and `.`, 63 characters at most, \
                           a letter or digit first and last; or an empty one";

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    message: String,
    rule: &'static str,
    suggestion: Option<String>,
}

impl NameError {
    /// What is wrong, to be read after the name: "has an upper-case letter `K`".
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is allowed, to be read after "write": "a name of lower-case letters, ...".
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// A name close to this one that would do.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// What to do, as a sentence without a full stop: the suggestion if there is one, else the
    /// rule.
    pub fn remedy(&self) -> Option<String> {
        Some(match &self.suggestion {
            Some(name) => format!("write `{name}`"),
            None => format!("write {}", self.rule),
        })
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for NameError {}

/// A DNS label (RFC 1123): the name of a namespace.
///
/// # Errors
/// If Kubernetes would refuse it (`IsDNS1123Label`).
pub fn dns_label(name: &str) -> Result<(), NameError> {
    refuse(name, DNS_LABEL, dns_label_problem, |name| to_dns(name, false, LABEL_MAX))
}

/// A DNS subdomain (RFC 1123): the name of most objects, of a service account for example.
///
/// # Errors
/// If Kubernetes would refuse it (`IsDNS1123Subdomain`).
pub fn dns_subdomain(name: &str) -> Result<(), NameError> {
    let problem = |name: &str| subdomain_problem(name, "");
    refuse(name, DNS_SUBDOMAIN, problem, |name| to_dns(name, true, SUBDOMAIN_MAX))
}

/// A path segment: the name of a role or a binding (`ValidateRBACName`, `IsPathSegmentName`).
///
/// Kubernetes sets no limit and lets control characters pass. We refuse them and their invisible
/// like, and more than 253 bytes, for these names stand in files, logs and reviews.
///
/// # Errors
/// If Kubernetes would refuse it, or for one of these two reasons.
pub fn path_segment(name: &str) -> Result<(), NameError> {
    refuse(name, PATH_SEGMENT, path_segment_problem, |name| {
        name.chars()
            .filter(|&c| !is_invisible(c))
            .map(|c| if matches!(c, '/' | '%') { '-' } else { c })
            .collect::<String>()
            .trim()
            .to_owned()
    })
}

/// The key of a label: a name, with a domain before it or not (`IsLabelKey`).
///
/// # Errors
/// If Kubernetes would refuse it.
pub fn label_key(key: &str) -> Result<(), NameError> {
    refuse(key, LABEL_KEY, label_key_problem, |key| match key.rsplit_once('/') {
        None => to_label_word(key),
        Some((prefix, name)) => {
            format!("{}/{}", to_dns(prefix, true, SUBDOMAIN_MAX), to_label_word(name))
        }
    })
}

/// The value of a label: a word, or empty (`IsLabelValue`).
///
/// # Errors
/// If Kubernetes would refuse it.
pub fn label_value(value: &str) -> Result<(), NameError> {
    let problem = |value: &str| {
        if value.is_empty() { None } else { label_word_problem(value, "") }
    };
    refuse(value, LABEL_VALUE, problem, to_label_word)
}

/// The key of an annotation: as a label's, but upper case is allowed in the domain too
/// (`ValidateAnnotations` in `pkg/api/validation/objectmeta.go`).
///
/// Only ASCII is folded: Go's folding lets the Kelvin sign pass for a `k`, which nobody means.
///
/// # Errors
/// If Kubernetes would refuse it.
pub fn annotation_key(key: &str) -> Result<(), NameError> {
    label_key(&key.to_ascii_lowercase())
}

/// Makes the error, with a suggestion only if that would pass itself.
fn refuse(
    name: &str,
    rule: &'static str,
    problem: impl Fn(&str) -> Option<String>,
    mend: impl Fn(&str) -> String,
) -> Result<(), NameError> {
    let Some(message) = problem(name) else {
        return Ok(());
    };
    let mended = mend(name);
    let passes = !mended.is_empty() && problem(&mended).is_none();
    Err(NameError { message, rule, suggestion: passes.then_some(mended) })
}

fn dns_label_problem(name: &str) -> Option<String> {
    dns_character_problem(name, false, "")
        .or_else(|| edge_problem(name, ""))
        .or_else(|| length_problem(name, LABEL_MAX, ""))
}

/// `part` says which part of a longer name this is, as the end of a sentence.
fn subdomain_problem(name: &str, part: &str) -> Option<String> {
    dns_character_problem(name, true, part)
        .or_else(|| edge_problem(name, part))
        .or_else(|| {
            name.split('.').find_map(|label| {
                if label.is_empty() {
                    return Some(format!("has two dots in a row{part}"));
                }
                edge_problem(label, "").map(|problem| format!("{problem} in `{label}`{part}"))
            })
        })
        .or_else(|| length_problem(name, SUBDOMAIN_MAX, part))
}

fn path_segment_problem(name: &str) -> Option<String> {
    match name {
        "" => return Some("is empty".to_owned()),
        "." | ".." => return Some(format!("must not be `{name}`")),
        _ => {}
    }
    name.chars()
        .find(|&c| matches!(c, '/' | '%') || is_invisible(c))
        .map(|bad| format!("has {}", character(bad)))
        .or_else(|| (name.trim() != name).then(|| "begins or ends with a space".to_owned()))
        .or_else(|| length_problem(name, SUBDOMAIN_MAX, ""))
}

fn label_key_problem(key: &str) -> Option<String> {
    match key.split_once('/') {
        None => label_word_problem(key, ""),
        Some((_, name)) if name.contains('/') => Some("has more than one `/`".to_owned()),
        Some((prefix, name)) => subdomain_problem(prefix, " before the `/`")
            .or_else(|| label_word_problem(name, " after the `/`")),
    }
}

fn label_word_problem(name: &str, part: &str) -> Option<String> {
    name.chars()
        .find(|&c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .map(|bad| format!("has {}{part}", character(bad)))
        .or_else(|| edge_problem(name, part))
        .or_else(|| length_problem(name, LABEL_MAX, part))
}

fn dns_character_problem(name: &str, dots: bool, part: &str) -> Option<String> {
    name.chars()
        .find(|&c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (dots && c == '.')))
        .map(|bad| format!("has {}{part}", character(bad)))
}

/// First and last must be a letter or a digit, so there must be one.
fn edge_problem(name: &str, part: &str) -> Option<String> {
    let (Some(first), Some(last)) = (name.chars().next(), name.chars().next_back()) else {
        return Some(if part.is_empty() { "is empty".to_owned() } else { format!("has nothing{part}") });
    };
    if !first.is_ascii_alphanumeric() {
        Some(format!("starts with `{first}`{part}"))
    } else if !last.is_ascii_alphanumeric() {
        Some(format!("ends with `{last}`{part}"))
    } else {
        None
    }
}

fn length_problem(name: &str, max: usize, part: &str) -> Option<String> {
    (name.len() > max)
        .then(|| format!("is {} characters long{part}, {} too many", name.len(), name.len() - max))
}

/// Control characters, and those that nobody sees in a review: blanks of no width, marks that turn the direction of
/// writing, whatever else Unicode lets a font leave out (`Default_Ignorable_Code_Point` in
/// `DerivedCoreProperties.txt`), blanks other than the space, and letters that are drawn as one.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    // Mostly, and soon decided.
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || c.is_whitespace()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

fn character(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        '.' => "a dot".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '\t' => "a tab".to_owned(),
        'A'..='Z' => format!("an upper-case letter `{c}`"),
        _ if is_invisible(c) => format!("an invisible character (U+{:04X})", u32::from(c)),
        _ if c.is_alphabetic() => format!("a letter `{c}` that is not one of a to z"),
        _ => format!("a `{c}`"),
    }
}

/// The nearest name of lower-case letters, digits and `-`.
fn to_dns(name: &str, dots: bool, max: usize) -> String {
    let mut fixed = String::new();
    let plain = plainly(name);
    for c in plain.as_deref().unwrap_or(name).chars() {
        match c.to_ascii_lowercase() {
            lower if lower.is_ascii_alphanumeric() || lower == '-' => fixed.push(lower),
            '.' if dots => fixed.push('.'),
            '\'' | '"' | '`' => {}
            _ if fixed.ends_with('-') => {}
            _ => fixed.push('-'),
        }
    }
    let cut: String = fixed.chars().take(max).collect();
    cut.split('.')
        .map(|label| label.trim_matches('-'))
        .filter(|label| !label.is_empty())
        .collect::<Vec<_>>()
        .join(".")
}

/// The nearest word that can be a label's value or name.
fn to_label_word(word: &str) -> String {
    let fixed: String = word
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let trimmed = fixed.trim_start_matches(['-', '_', '.']);
    let cut: String = trimmed.chars().take(LABEL_MAX).collect();
    cut.trim_end_matches(['-', '_', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&str) -> Result<(), NameError>;

    #[track_caller]
    fn good(check: Check, names: &[&str]) {
        for name in names {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }

    #[track_caller]
    fn bad(check: Check, cases: &[(&str, &str, Option<&str>)]) {
        for (name, message, suggestion) in cases {
            let error = check(name).unwrap_err();
            assert_eq!((error.message(), error.suggestion()), (*message, *suggestion), "{name:?}");
            if let Some(suggestion) = error.suggestion() {
                assert_eq!(check(suggestion), Ok(()), "the suggestion for {name:?}");
            }
        }
    }

    #[test]
    fn dns_labels() {
        let longest = "a".repeat(63);
        good(dns_label, &["a", "0", "a-b", "a--b", "1-a", &longest]);
        bad(
            dns_label,
            &[
                ("", "is empty", None),
                ("KP_Account", "has an upper-case letter `K`", Some("kp-account")),
                ("kp_account", "has a `_`", Some("kp-account")),
                ("my app", "has a space", Some("my-app")),
                ("a.b", "has a dot", Some("a-b")),
                ("-a", "starts with `-`", Some("a")),
                ("a-", "ends with `-`", Some("a")),
                ("a\n", "has a line break", Some("a")),
                ("größe", "has a letter `ö` that is not one of a to z", Some("gr-e")),
                ("a\u{202e}b", "has an invisible character (U+202E)", Some("ab")),
                ("sh\u{430}red", "has a letter `\u{430}` that is not one of a to z", Some("shared")),
                ("my\u{a0}app", "has an invisible character (U+00A0)", Some("my-app")),
                ("---", "starts with `-`", None),
                ("{{x}}", "has a `{`", Some("x")),
            ],
        );
        let error = dns_label(&"a".repeat(70)).unwrap_err();
        assert_eq!(error.message(), "is 70 characters long, 7 too many");
        assert_eq!(error.suggestion(), Some(longest.as_str()));
    }

    #[test]
    fn dns_subdomains() {
        let longest = "a".repeat(253);
        good(dns_subdomain, &["a", "a.b", "0.1", "a--b.c", "1.2.3.4", &longest]);
        bad(
            dns_subdomain,
            &[
                ("", "is empty", None),
                (".", "starts with `.`", None),
                ("a.", "ends with `.`", Some("a")),
                ("a..b", "has two dots in a row", Some("a.b")),
                ("a.-b", "starts with `-` in `-b`", Some("a.b")),
                ("a-.b", "ends with `-` in `a-`", Some("a.b")),
                ("A.b", "has an upper-case letter `A`", Some("a.b")),
                ("a/b", "has a `/`", Some("a-b")),
            ],
        );
        assert!(dns_subdomain(&"a".repeat(254)).is_err());
    }

    #[test]
    fn path_segments() {
        let longest = "a".repeat(253);
        good(path_segment, &["a", "...", "system:node", "Größe", "a b", "{{x}}", &longest]);
        bad(
            path_segment,
            &[
                ("", "is empty", None),
                (".", "must not be `.`", None),
                ("..", "must not be `..`", None),
                ("a/b", "has a `/`", Some("a-b")),
                ("50%", "has a `%`", Some("50-")),
                ("a\tb", "has a tab", Some("ab")),
                ("a\u{200b}", "has an invisible character (U+200B)", Some("a")),
                ("a\u{2800}", "has an invisible character (U+2800)", Some("a")),
                ("a\u{a0}b", "has an invisible character (U+00A0)", Some("ab")),
                ("a ", "begins or ends with a space", Some("a")),
            ],
        );
        let error = path_segment(&"a".repeat(254)).unwrap_err();
        assert_eq!(error.message(), "is 254 characters long, 1 too many");
        assert_eq!(error.suggestion(), None);
    }

    #[test]
    fn label_keys_and_values() {
        let longest = "a".repeat(63);
        good(label_key, &["a", "A_b.c-1", "example.com/A", &longest]);
        bad(
            label_key,
            &[
                ("", "is empty", None),
                ("/a", "has nothing before the `/`", None),
                ("a/", "has nothing after the `/`", None),
                ("a/b/c", "has more than one `/`", Some("a-b/c")),
                ("Example.com/a", "has an upper-case letter `E` before the `/`", Some("example.com/a")),
                ("_a", "starts with `_`", Some("a")),
                ("a b", "has a space", Some("a-b")),
                ("a/b/", "has more than one `/`", None),
                ("a..b/c", "has two dots in a row before the `/`", Some("a.b/c")),
            ],
        );
        good(label_value, &["", "a", "A.b_c-D", &longest]);
        bad(
            label_value,
            &[
                ("-", "starts with `-`", None),
                ("a.", "ends with `.`", Some("a")),
                ("platform/cicd", "has a `/`", Some("platform-cicd")),
            ],
        );
        assert!(label_value(&"a".repeat(64)).is_err());
        good(annotation_key, &["a", "Example.COM/Role-ARN"]);
        assert!(annotation_key("a b").is_err());
        assert!(annotation_key("\u{212a}").is_err());
    }

    #[test]
    fn remedies() {
        let remedy = |name: &str| dns_label(name).unwrap_err().remedy().unwrap();
        assert_eq!(remedy("A"), "write `a`");
        assert_eq!(remedy(""), format!("write {DNS_LABEL}"));
    }
}
