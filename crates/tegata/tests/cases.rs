//! Golden cases, one folder each.
//!
//! - `cases/renders/<case>/`: the workspace `in/` renders to `out/`, with the warnings of `warnings.txt`.
//! - `cases/errors/<case>/`: the workspace `base/`, with the files of `in/` in place of its own, does not render:
//!   `errors.txt` is what a person reads. A file `X.remove` takes the base's file `X` away. Where there is an
//!   `errors.json`, it is what a machine reads. What git can't hold is made in `support/made.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use support::tree::{self, Scratch, Tree};
use support::{golden, ids, made};
use tegata::diagnostic::{Diagnostic, Place, human, json};
use tegata::source::{Sources, Span};
use tegata::{Mode, Report, generate};

fn tests() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn run(root: &Utf8Path, mode: Mode) -> Report {
    generate(root, mode, &|_, _| {})
}

fn text(report: &Report) -> String {
    human::text(&report.diagnostics, &report.sources, false)
}

/// What a finding lacks: a place inside of its file, or what to do.
fn faults(case: &Utf8Path, diagnostic: &Diagnostic, sources: &Sources) -> Vec<String> {
    let mut faults = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{case}: {what}: {diagnostic:?}"));
        }
    };
    let inside =
        |span: Span| sources.get(span.file).is_some_and(|source| source.text.get(span.range()).is_some());
    demand(!diagnostic.message.is_empty(), "no message");
    demand(diagnostic.help.as_ref().is_some_and(|help| !help.is_empty()), "no help");
    if let Place::At(span) = diagnostic.place {
        demand(inside(span), "outside of the file");
    }
    for (span, why) in &diagnostic.related {
        demand(inside(*span) && !why.is_empty(), "a related place");
    }
    let (file, position) = diagnostic.location(sources);
    demand(file.is_relative() && !file.as_str().contains('\\'), "the path");
    if let Some(source) = sources.find(file).and_then(|id| sources.get(id)) {
        let line = source.text.split('\n').nth(position.line - 1);
        let columns = line.map_or(0, |line| line.chars().count() + 1);
        demand((1..=columns).contains(&position.column), "line and column");
    }
    faults
}

#[test]
fn workspaces_render_to_what_their_folders_hold() {
    let mut differences = Vec::new();
    for case in tree::folders(&tests().join("cases/renders")) {
        let scratch = Scratch::with(&tree::read(&case.join("in")));
        let report = run(&scratch.path, Mode::Write);
        if report.failed() {
            differences.push(format!("{case} does not render:\n{}", text(&report)));
            continue;
        }
        differences.extend(report.diagnostics.iter().flat_map(|found| faults(&case, found, &report.sources)));
        differences.extend(golden::file(&case.join("warnings.txt"), &text(&report)));
        differences.extend(golden::folder(&case.join("out"), &tree::read(&scratch.path.join("out"))));
        let again = run(&scratch.path, Mode::Check);
        assert!(again.changes.is_empty(), "{case} renders to something else the second time");
    }
    golden::check(differences);
}

/// What is in `out/` before a render that fails, and must be there after it.
const LEFT_ALONE: &str = "out/kubernetes/main/projects/platform/app.yaml";

/// The workspaces that don't render: each with its folder.
fn mistakes() -> Vec<(Utf8PathBuf, Scratch)> {
    let base = tree::read(&tests().join("base"));
    let errors = tests().join("cases/errors");
    let mut cases = Vec::new();
    for case in tree::folders(&errors) {
        let name = case.file_name().unwrap();
        let changes = tree::read(&case.join("in"));
        let make = made::CASES.iter().find(|(made, _)| *made == name);
        assert!(make.is_some() || !changes.is_empty(), "{case} has neither in/ nor an entry in made.rs");
        let scratch = Scratch::with(&tree::overlay(base.clone(), changes));
        cases.push((case, scratch));
    }
    for (name, make) in made::CASES {
        let case = errors.join(name);
        let index = cases.iter().position(|(known, _)| *known == case);
        let index = index.unwrap_or_else(|| {
            cases.push((case, Scratch::with(&base)));
            cases.len() - 1
        });
        make(&cases[index].1.path);
    }
    cases
}

#[test]
fn mistakes_are_told_as_their_folders_say() {
    let mut differences = Vec::new();
    for (case, scratch) in mistakes() {
        let out = scratch.path.join("out");
        if !out.exists() {
            let left = Tree::from([(LEFT_ALONE.into(), b"# As it was.\n".to_vec())]);
            tree::write(&left, &scratch.path);
        }
        let before = tree::read(&out);
        let report = run(&scratch.path, Mode::Write);
        if !report.failed() {
            differences.push(format!("{case} renders:\n{}", text(&report)));
            continue;
        }
        assert_eq!(tree::read(&out), before, "{case} has changed out/");
        differences.extend(report.diagnostics.iter().flat_map(|found| faults(&case, found, &report.sources)));
        let shown = text(&report);
        let outside = scratch.path.parent().unwrap();
        if shown.contains(outside.as_str()) {
            differences.push(format!("{case} tells a path outside of the workspace:\n{shown}"));
        }
        differences.extend(golden::file(&case.join("errors.txt"), &shown));
        let json_file = case.join("errors.json");
        if json_file.exists() {
            let values: Vec<_> =
                report.diagnostics.iter().map(|found| json::value(found, &report.sources)).collect();
            differences.extend(golden::file(&json_file, &format!("{:#}\n", serde_json::json!(values))));
        }
        let check = run(&scratch.path, Mode::Check);
        assert_eq!(text(&check), shown, "{case}: --check says something else");
    }
    golden::check(differences);
}

#[test]
fn the_base_of_the_mistakes_renders() {
    let scratch = Scratch::with(&tree::read(&tests().join("base")));
    assert_eq!(text(&run(&scratch.path, Mode::Write)), "");
}

/// The ids in brackets of a golden file.
fn ids_of(file: &Utf8Path) -> Vec<String> {
    let heading = regex::Regex::new(r"(?m)^(?:error|warning)\[([a-z0-9-]+)\]").unwrap();
    let text = std::fs::read_to_string(file).unwrap_or_default();
    heading.captures_iter(&text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_kind_of_finding_has_a_case() {
    let mut shown = BTreeSet::new();
    for kind in ["errors", "renders"] {
        for case in tree::folders(&tests().join("cases").join(kind)) {
            shown.extend(ids_of(&case.join("errors.txt")));
            shown.extend(ids_of(&case.join("warnings.txt")));
        }
    }
    let known: BTreeSet<String> = ids::all();
    let without_case: Vec<_> = known.difference(&shown).collect();
    let unlisted: Vec<_> = shown.difference(&known).collect();
    assert!(without_case.is_empty(), "no case shows {without_case:?}");
    assert!(unlisted.is_empty(), "not in ids.rs: {unlisted:?}");
}

#[test]
fn no_finding_of_the_sources_is_unlisted() {
    let literal = regex::Regex::new(r#"(?:error|file_error)\(\s*"([a-z0-9-]+)""#).unwrap();
    let listed = ids::all();
    let sources = tree::read(&Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for (path, bytes) in sources {
        for found in literal.captures_iter(&String::from_utf8_lossy(&bytes)) {
            let known = listed.contains(&found[1]) || ids::WITHOUT_CASE.contains(&&found[1]);
            assert!(known, "{path}: add {} to ids.rs and write a case", &found[1]);
        }
    }
}

/// How editors on Windows save a file.
fn as_on_windows(tree: Tree) -> Tree {
    let convert = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes()
    };
    tree.into_iter().map(|(path, bytes)| (path, convert(bytes))).collect()
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    for case in tree::folders(&tests().join("cases/renders")) {
        let scratch = Scratch::with(&as_on_windows(tree::read(&case.join("in"))));
        let report = run(&scratch.path, Mode::Write);
        assert!(!report.failed(), "{case}:\n{}", text(&report));
        let (golden, now) = (case.join("out"), tree::read(&scratch.path.join("out")));
        let expected = tree::read(&golden);
        assert!(expected == now, "{}", golden::differences(&golden, &expected, &now));
    }
}

#[test]
fn a_mistake_is_in_the_same_place_whatever_ends_the_lines() {
    let mut differences = Vec::new();
    for (case, scratch) in mistakes() {
        let name = case.file_name().unwrap();
        if made::CASES.iter().any(|(made, _)| *made == name) {
            continue;
        }
        let input = tree::read(&scratch.path);
        let places = |report: &Report| -> Vec<String> {
            let place = |found: &Diagnostic| {
                let (file, position) = found.location(&report.sources);
                format!("{file}:{}:{} {}", position.line, position.column, found.id)
            };
            report.diagnostics.iter().map(place).collect()
        };
        let on_windows = Scratch::with(&as_on_windows(input));
        let (here, there) =
            (places(&run(&scratch.path, Mode::Check)), places(&run(&on_windows.path, Mode::Check)));
        if here != there {
            differences.push(format!("{name}: {here:?} and with CRLF {there:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
