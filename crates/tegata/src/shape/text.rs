//! Rules that texts obey.

mod url;

use std::borrow::Cow;
use std::ops::Range;

use tegata_rbac::names;

pub use url::URL;

/// What a text has to be.
#[derive(Debug)]
pub struct TextRule {
    /// In words, as in "expected {what}".
    pub what: &'static str,
    /// Decides.
    pub check: fn(&str) -> Result<(), TextProblem>,
    /// The same as a regular expression of JSON Schema, as far as one can say it.
    pub pattern: Option<&'static str>,
    /// The most characters.
    pub longest: Option<u32>,
}

/// Why a text does not obey a rule.
#[derive(Debug)]
pub struct TextProblem {
    /// What is wrong, as the end of a sentence that begins with the text.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The bytes that are wrong, where it isn't the whole.
    pub range: Option<Range<usize>>,
}

fn problem(message: impl Into<String>, help: impl Into<String>) -> TextProblem {
    TextProblem { message: message.into(), help: Some(help.into()), range: None }
}

fn kubernetes(text: &str, result: Result<(), names::NameError>) -> Result<(), TextProblem> {
    result.map_err(|error| TextProblem {
        message: match text {
            "" => "the name is empty".to_owned(),
            _ => format!("`{}` {}", shown(text), error.message()),
        },
        help: error.remedy(),
        range: None,
    })
}

/// Some of the names, and how many more there are.
pub fn listed(names: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 8;
    let listed: Vec<String> =
        names.iter().take(SHOWN).map(|name| format!("`{}`", shown(name.as_ref()))).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}

/// What to do about a character that looks like a blank, where one is meant.
pub fn looks_like_a_blank(character: char) -> String {
    format!(
        "the character U+{:04X} in this line looks like a blank, and is none: replace it by an ordinary one",
        u32::from(character)
    )
}

/// A text as it can stand in a message: control characters visible, and not endless.
pub fn shown(text: &str) -> String {
    let escaped: String = without_tokens(text)
        .chars()
        .take(80)
        .flat_map(|character| {
            let visible = !names::is_invisible(character);
            let escape = if visible { None } else { Some(character.escape_unicode()) };
            let itself = if visible { Some(character) } else { None };
            escape.into_iter().flatten().chain(itself)
        })
        .collect();
    if text.chars().nth(80).is_some() { format!("{escaped}…") } else { escaped }
}

const DNS_LABEL_PATTERN: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const DNS_SUBDOMAIN_PATTERN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// A DNS label (RFC 1123): the name of a namespace.
pub static DNS_LABEL: TextRule = TextRule {
    what: "a name of lower-case letters, digits and `-`",
    check: |text| kubernetes(text, names::dns_label(text)),
    pattern: Some(DNS_LABEL_PATTERN),
    longest: Some(63),
};

/// A DNS subdomain (RFC 1123): the name of a ServiceAccount or Secret.
pub static DNS_SUBDOMAIN: TextRule = TextRule {
    what: "a name of lower-case letters, digits, `-` and `.`",
    check: |text| kubernetes(text, names::dns_subdomain(text)),
    pattern: Some(DNS_SUBDOMAIN_PATTERN),
    longest: Some(253),
};

/// The name of a Secret: nobody may write a token there.
pub static SECRET_NAME: TextRule = TextRule {
    what: "the name of a Secret",
    check: secret_name,
    pattern: Some(DNS_SUBDOMAIN_PATTERN),
    longest: Some(253),
};

/// How GitLab's tokens begin: of runners, of people, of deployments, and the retired one of registration.
const TOKENS: [&str; 5] = ["glrt-", "glrtr-", "glpat-", "gldt-", "GR1348941"];

/// Whether a token of GitLab stands somewhere in a text.
pub fn holds_token(text: &str) -> bool {
    const SHORTEST: usize = 16;
    TOKENS
        .iter()
        .flat_map(|start| text.split(start).skip(1))
        .any(|rest| rest.chars().take_while(|character| of_token(*character)).count() >= SHORTEST)
}

/// What to say of a token of GitLab, and of whatever begins like one.
pub fn token_problem(text: &str) -> Option<TextProblem> {
    TOKENS.iter().any(|start| text.starts_with(start)).then(|| {
        problem(
            "this looks like a token of GitLab, which must never stand in a workspace",
            "revoke it, for it has been in a file; put a new one into a Secret in the cluster, and write that Secret's name as the runner's `tokenSecret`",
        )
    })
}

/// A text with stars in place of what tokens of GitLab in it keep secret; as long as before.
pub fn without_tokens(text: &str) -> Cow<'_, str> {
    if !holds_token(text) {
        return Cow::Borrowed(text);
    }
    let mut hidden = text.to_owned();
    for start in TOKENS {
        let mut parts = hidden.split(start);
        let mut masked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(of_token);
            masked.push_str(start);
            masked.extend(std::iter::repeat_n('*', part.len() - rest.len()));
            masked.push_str(rest);
        }
        hidden = masked;
    }
    Cow::Owned(hidden)
}

fn of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.".contains(character)
}

fn secret_name(text: &str) -> Result<(), TextProblem> {
    if let Some(problem) = token_problem(text) {
        return Err(problem);
    }
    kubernetes(text, names::dns_subdomain(text))
}

/// The name of a Helm release, which is the name of the manager's account too.
pub static RELEASE: TextRule = TextRule {
    what: "the name of a Helm release",
    check: release,
    pattern: Some(DNS_LABEL_PATTERN),
    longest: Some(MAX_RELEASE),
};

/// What Helm takes at most (`ReleaseNameMaxLen` in `pkg/chart/v2/util/validate_name.go`).
const MAX_RELEASE: u32 = 53;

fn release(text: &str) -> Result<(), TextProblem> {
    if text == "default" {
        return Err(problem(
            "the release's name is the manager's account, and every pod of a namespace that asks for none runs as `default`",
            "write a name of its own: gitlab-runner",
        ));
    }
    kubernetes(text, names::dns_label(text))?;
    if text.len() > MAX_RELEASE as usize {
        return Err(problem(
            format!("`{text}` is {} characters long, and Helm takes {MAX_RELEASE} at most", text.len()),
            "shorten it",
        ));
    }
    Ok(())
}

/// A path segment: the name of a role or binding.
pub static PATH_SEGMENT: TextRule = TextRule {
    what: "a name without `/` and `%`",
    check: |text| kubernetes(text, names::path_segment(text)),
    pattern: Some("^[^/%]+$"),
    longest: Some(253),
};

/// The key of a label.
pub static LABEL_KEY: TextRule = TextRule {
    what: "the key of a label",
    check: |text| kubernetes(text, names::label_key(text)),
    pattern: None,
    longest: Some(317),
};

/// The value of a label.
pub static LABEL_VALUE: TextRule = TextRule {
    what: "the value of a label",
    check: |text| kubernetes(text, names::label_value(text)),
    pattern: None,
    longest: Some(63),
};

/// The key of an annotation.
pub static ANNOTATION_KEY: TextRule = TextRule {
    what: "the key of an annotation",
    check: |text| kubernetes(text, names::annotation_key(text)),
    pattern: None,
    longest: Some(317),
};

/// Any text.
pub static ANY: TextRule = TextRule { what: "text", check: |_| Ok(()), pattern: None, longest: None };

/// Any text on one line.
pub static LINE: TextRule = TextRule { what: "text", check: line, pattern: None, longest: None };

fn line(text: &str) -> Result<(), TextProblem> {
    if text.trim().is_empty() {
        return Err(problem("the text is empty", "write it, or remove the field"));
    }
    if text.chars().any(char::is_control) {
        return Err(problem(
            format!("`{}` has a line break or another control character", shown(text)),
            "write it on one line",
        ));
    }
    Ok(())
}

/// The full path of a GitLab project.
pub static PROJECT_PATH: TextRule = TextRule {
    what: "the full path of a GitLab project",
    check: |text| {
        tegata_runner::gitlab_path::project_path(text).map_err(|error| TextProblem {
            message: error.message,
            help: error.help.or_else(|| Some("copy the path from the project's page in GitLab".to_owned())),
            range: Some(error.range),
        })
    },
    pattern: Some(r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$"),
    longest: None,
};

/// The version of Kubernetes.
pub static KUBERNETES_VERSION: TextRule = TextRule {
    what: "a version of Kubernetes, in quotes",
    check: |text| {
        tegata_rbac::Catalogue::for_version(text).map(drop).map_err(|error| TextProblem {
            message: error.message(),
            help: error.remedy().map(|remedy| format!("{remedy}, in double quotes")),
            range: None,
        })
    },
    pattern: Some(r"^1\.[0-9]+$"),
    longest: None,
};

/// A container image.
pub static IMAGE: TextRule =
    TextRule { what: "a container image", check: image, pattern: Some("^[^ {}]+$"), longest: None };

fn image(text: &str) -> Result<(), TextProblem> {
    let fits = |character: char| character.is_ascii_alphanumeric() || "._-/:@".contains(character);
    if text.is_empty()
        || !text.chars().all(fits)
        || !text.starts_with(|first: char| first.is_ascii_alphanumeric())
    {
        return Err(problem(
            format!("`{}` is not a container image", shown(text)),
            "write registry, name and tag or digest: ubuntu:24.04",
        ));
    }
    Ok(())
}

/// The id of a rule, in `kebab-case`.
pub static RULE_ID: TextRule =
    TextRule { what: "the id of a rule", check: rule_id, pattern: Some("^[a-z][a-z0-9-]*$"), longest: None };

fn rule_id(text: &str) -> Result<(), TextProblem> {
    let fits =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    if !text.starts_with(|first: char| first.is_ascii_lowercase()) || !text.chars().all(fits) {
        return Err(problem(
            format!("`{}` is not the id of a rule", shown(text)),
            "ids are lower-case words joined by `-`, as printed in the brackets of a finding",
        ));
    }
    Ok(())
}

/// A day, as `2027-01-31`.
pub static DAY: TextRule = TextRule {
    what: "a day, in quotes",
    check: day,
    pattern: Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    longest: None,
};

fn day(text: &str) -> Result<(), TextProblem> {
    let numbers: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    match (lengths.as_slice(), numbers.as_slice()) {
        ([4, 2, 2], [year, month @ 1..=12, day @ 1..=31]) if *day <= days_in(*year, *month) => Ok(()),
        _ => Err(problem(
            format!("`{}` is not a day", shown(text)),
            "write year, month and day: \"2027-01-31\"",
        )),
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A runner's tag.
pub static TAG: TextRule = TextRule { what: "a runner's tag", check: tag, pattern: None, longest: Some(255) };

fn tag(text: &str) -> Result<(), TextProblem> {
    line(text)?;
    if text.contains(',') || text.contains('$') || text.len() > 255 {
        return Err(problem(
            format!("`{}` is not one tag", shown(text)),
            "write each tag as an entry of its own, without `,` and `$`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_names_show_what_is_invisible() {
        assert_eq!(listed(&["a\u{202e}b", "c\n"]), "`a\\u{202e}b`, `c\\u{a}`");
        assert!(listed(&["a"; 10]).ends_with("`a` and 2 more"));
    }
}
