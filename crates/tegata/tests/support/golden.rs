//! Golden files: what must come out, byte for byte.

use camino::Utf8Path;
use similar::TextDiff;

use super::tree::{self, Tree};

/// What to run when a difference is meant.
pub const RENEW: &str = "UPDATE_CASES=1 cargo test -p tegata --test cases";

fn renewing() -> bool {
    std::env::var_os("UPDATE_CASES").is_some_and(|value| value == "1")
}

/// How a golden file differs from what came out; nothing where it doesn't. No file means no text.
pub fn file(golden: &Utf8Path, actual: &str) -> Option<String> {
    let expected = std::fs::read_to_string(golden).unwrap_or_default();
    if expected == actual {
        return None;
    }
    if renewing() {
        if actual.is_empty() {
            std::fs::remove_file(golden).unwrap();
        } else {
            std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
            std::fs::write(golden, actual).unwrap();
        }
        return None;
    }
    Some(diff(golden, &expected, actual))
}

/// How a golden folder differs from what came out: files that are missing, too many, or different.
pub fn folder(golden: &Utf8Path, actual: &Tree) -> Option<String> {
    let expected = tree::read(golden);
    if expected == *actual {
        return None;
    }
    if renewing() {
        if golden.exists() {
            std::fs::remove_dir_all(golden).unwrap();
        }
        tree::write(actual, golden);
        return None;
    }
    Some(differences(golden, &expected, actual))
}

/// How two folders differ, in words.
pub fn differences(golden: &Utf8Path, expected: &Tree, actual: &Tree) -> String {
    let mut differences = String::new();
    let paths: std::collections::BTreeSet<_> = expected.keys().chain(actual.keys()).collect();
    for path in paths {
        let text = |tree: &Tree| tree.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let (old, new) = (text(expected), text(actual));
        if old != new {
            differences.push_str(&diff(
                &golden.join(path),
                &old.unwrap_or_default(),
                &new.unwrap_or_default(),
            ));
        }
    }
    differences
}

fn diff(path: &Utf8Path, old: &str, new: &str) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&format!("{path} (golden)"), &format!("{path} (now)"))
        .to_string()
}

/// Fails with all differences, and says how to accept them.
#[track_caller]
pub fn check(differences: Vec<String>) {
    assert!(
        differences.is_empty(),
        "{}\n{} cases differ. If that is meant: {RENEW}",
        differences.join("\n"),
        differences.len()
    );
}
