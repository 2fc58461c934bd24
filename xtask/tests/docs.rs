//! The documentation names what is there: files, folders, tests.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use camino::{Utf8Path, Utf8PathBuf};
use std::fs;

const FOLDERS: [&str; 8] =
    ["crates/", "docs/", "projects/", "runners/", "roles/", "schemas/", "testbed/", "xtask/"];

fn repository() -> Utf8PathBuf {
    Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// README and the pages of `docs/`, by their path, with their text.
fn pages() -> Vec<(Utf8PathBuf, String)> {
    let mut paths = vec![repository().join("README.md"), repository().join("testbed/README.md")];
    for entry in repository().join("docs").read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        if path.extension() == Some("md") {
            paths.push(path);
        }
    }
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// What stands between backticks, in lines that are no code block.
fn quoted(text: &str) -> Vec<&str> {
    let mut block = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            block = !block;
        } else if !block {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

#[test]
fn a_path_leads_somewhere() {
    let mut lost = Vec::new();
    for (page, text) in pages() {
        for words in quoted(&text) {
            let path = words.split(": ").next().unwrap_or_default();
            let named = FOLDERS.iter().any(|folder| path.starts_with(folder));
            let literal = !path.contains(['<', '*', ' ', '{']);
            if named && literal && !repository().join(path).exists() {
                lost.push(format!("{page}: {path}"));
            }
        }
    }
    assert!(lost.is_empty(), "there is no\n{}", lost.join("\n"));
}

#[test]
fn a_link_leads_somewhere() {
    let mut lost = Vec::new();
    for (page, text) in pages() {
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            let folder = page.parent().unwrap_or(Utf8Path::new("."));
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                lost.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(lost.is_empty(), "there is no\n{}", lost.join("\n"));
}

/// A claim is as good as the test that it names.
#[test]
fn a_test_that_is_named_as_a_proof_exists() {
    let mut lost = Vec::new();
    for (page, text) in pages() {
        for words in quoted(&text) {
            let Some((file, test)) = words.split_once(".rs: ") else { continue };
            let file = repository().join(format!("{file}.rs"));
            let code = fs::read_to_string(&file).unwrap_or_default();
            let lines: Vec<&str> = code.lines().collect();
            let is_test =
                |at: usize| at > 0 && lines.get(at - 1).is_some_and(|line| line.contains("#[test]"));
            let named = |line: &str| line.trim_start().starts_with(&format!("fn {test}("));
            if !lines.iter().enumerate().any(|(at, line)| named(line) && is_test(at)) {
                lost.push(format!("{page}: {words}"));
            }
        }
    }
    assert!(lost.is_empty(), "there is no test\n{}", lost.join("\n"));
}
