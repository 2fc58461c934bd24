//! Names of what the chart makes, and keys that it writes without quotes.

use serde_json::{Map, Value};

use super::path;
use super::rules::{BOUNDARY, TEXT};
use crate::pattern::{self, Subject};
use crate::problem::{KeyProblem, step};

pub(super) fn check(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    // A dot would let what the chart makes take the name of the admission policies' table.
    for key in ["nameOverride", "fullnameOverride"] {
        let Some(value) = extra.get(key).filter(|value| !value.is_null()) else { continue };
        if !value.as_str().is_some_and(|text| text.is_empty() || is_label(text)) {
            problems.push(KeyProblem::new(
                &path(&[key]),
                TEXT,
                format!("`{key}` must be a name of small letters, digits and `-`"),
                "write it like `runner-a`",
            ));
        }
    }
    check_annotations(extra, problems);
}

/// The chart writes the keys of the manager's annotations without quotes.
fn check_annotations(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    let Some(Value::Object(annotations)) = extra.get("podAnnotations") else { return };
    for (key, value) in annotations {
        let here = step(&path(&["podAnnotations"]), key.as_str());
        if !pattern::is_qualified_name(&key.to_ascii_lowercase()) {
            problems.push(KeyProblem::new(
                &here,
                TEXT,
                "this is no key of an annotation, and the chart writes it into the manager's manifest without quotes",
                "write it like `example.com/name`",
            ));
        } else if let Some(reason) =
            pattern::reserved_for_all(key, value.as_str().unwrap_or_default(), Subject::Annotation)
        {
            let message = format!("the manager's pod can't have this annotation: {reason}");
            problems.push(KeyProblem::new(&here, BOUNDARY, message, "remove it"));
        }
    }
}

fn is_label(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(is_end) && text.ends_with(is_end) && text.chars().all(|c| is_end(c) || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        assert!(is_label("runner-a") && is_label("a"));
        for bad in ["", "-a", "a-", "A", "a.b", "a\n", "a b"] {
            assert!(!is_label(bad), "{bad}");
        }
    }
}
