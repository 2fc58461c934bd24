//! Building, and the readers that need no server.

use std::time::{Duration, Instant};

use camino::Utf8Path;
use serde_json::json;
use testbed::{Options, Part, RegexpQuestion, build, go_regexp, go_yaml_json, py_yaml_json};

#[test]
fn a_second_build_only_looks() {
    let options = Options::from_env().unwrap();
    build(&options).unwrap();
    let start = Instant::now();
    let parts = build(&options).unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    for part in Part::ALL {
        assert!(parts.path(part).unwrap().is_file());
    }
}

#[test]
fn go_answers_about_patterns() {
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let question = |pattern: &str, values: &[&str]| RegexpQuestion {
        pattern: pattern.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let questions = [
        question("^(?:gx-a|gx-b)$", &["gx-a", "gx-c", "gx-a\n"]),
        // What is not anchored matches anywhere, and `&<>` come back as they went.
        question("a&<b>", &["xa&<b>x"]),
        question("(", &["x"]),
        question("", &[]),
    ];
    let answers = go_regexp(&parts, &questions).unwrap();
    assert_eq!(answers[0], Ok(vec![true, false, false]));
    assert_eq!(answers[1], Ok(vec![true]));
    assert!(answers[2].as_ref().unwrap_err().contains("missing closing )"));
    assert_eq!(answers[3], Ok(vec![]));
    assert_eq!(go_regexp(&parts, &[]).unwrap(), []);
}

#[test]
fn both_yaml_readers_read_every_document() {
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let (first, second) = (folder.join("first.yaml"), folder.join("second.yaml"));
    fs_err::write(&first, "# only a comment\n---\nkind: A\nlist: [\"yes\", 1]\n---\n---\nkind: B\n").unwrap();
    fs_err::write(&second, "").unwrap();
    let expected = [vec![json!({ "kind": "A", "list": ["yes", 1] }), json!({ "kind": "B" })], vec![]];
    let paths = [&first, &second];
    assert_eq!(go_yaml_json(&parts, &paths).unwrap(), expected);
    assert_eq!(py_yaml_json(&paths).unwrap(), expected);
}

#[test]
fn yaml_that_two_readers_read_differently_shows() {
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("date.yaml");
    for text in ["a: 2026-11-24\n", "a: 12:30\n", "a: 0o17\n"] {
        fs_err::write(&path, text).unwrap();
        assert_ne!(go_yaml_json(&parts, &[&path]).unwrap(), py_yaml_json(&[&path]).unwrap(), "{text}");
    }
}

#[test]
fn a_file_that_is_no_yaml_is_an_error_with_its_name() {
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("broken.yaml");
    fs_err::write(&path, "a: [\n").unwrap();
    for error in [go_yaml_json(&parts, &[&path]).unwrap_err(), py_yaml_json(&[&path]).unwrap_err()] {
        assert!(format!("{error:#}").contains("broken.yaml"), "{error:#}");
    }
}
