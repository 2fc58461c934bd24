//! Which keys the chart has.

use serde_json::Map;
use serde_json::Value;

use super::rules::UNKNOWN;
use crate::problem::{KeyProblem, step};
use crate::suggest::nearest;

/// The keys, one path a line; the file says how it is made.
const LIST: &str = include_str!("../../data/chart-values-0.86.0.txt");

fn listed() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether the path itself is one of the chart's.
#[cfg(test)]
pub(super) fn is_listed(path: &str) -> bool {
    listed().any(|line| line == path)
}

/// The names that may follow the path, each once.
fn names_below(path: &[String]) -> Vec<&'static str> {
    let mut names: Vec<&str> = listed()
        .filter_map(|line| {
            let mut parts = line.split('.');
            let below = path.iter().all(|key| parts.next() == Some(key.as_str()));
            if below { parts.next() } else { None }
        })
        .collect();
    names.dedup();
    names
}

/// Reports the first unknown key on each branch.
pub(super) fn check(
    path: &[String],
    map: &Map<String, Value>,
    known_otherwise: &dyn Fn(&[String]) -> bool,
    problems: &mut Vec<KeyProblem>,
) {
    let names = names_below(path);
    if names.is_empty() {
        // The path is listed itself: what lies below is free.
        return;
    }
    for (key, value) in map {
        let here = step(path, key.as_str());
        if known_otherwise(&here) {
            continue;
        }
        if !names.contains(&key.as_str()) {
            let place = if path.is_empty() {
                "no value of this name".to_owned()
            } else {
                format!("no `{key}` under `{}`", path.join("."))
            };
            let help = match nearest(key, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if path.is_empty() => {
                    "remove it, or look its name up in the chart's values.yaml".to_owned()
                }
                None => format!("the chart knows here: {}", names.join(", ")),
            };
            problems.push(KeyProblem::new(
                &here,
                UNKNOWN,
                format!("the chart gitlab-runner has {place}, and Helm would silently ignore it"),
                help,
            ));
        } else if let Value::Object(below) = value {
            check(&here, below, known_otherwise, problems);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_holds_no_path_that_leads_to_another() {
        let lines: Vec<&str> = listed().collect();
        assert!(lines.is_sorted());
        assert!(lines.len() > 120, "{}", lines.len());
        for line in &lines {
            let inside = format!("{line}.");
            assert!(!lines.iter().any(|other| other.starts_with(&inside)), "{line}");
        }
    }

    #[test]
    fn names() {
        let path = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>();
        assert_eq!(names_below(&path(&["image"])), ["image", "registry", "tag"]);
        assert_eq!(names_below(&path(&["image", "tag"])), Vec::<&str>::new());
        assert!(names_below(&[]).contains(&"gitlabUrl"));
    }
}
