//! The JSON Schemas say the same as the forms, and the repository's own files are up to date.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use camino::{Utf8Path, Utf8PathBuf};
use jsonschema::Validator;
use serde_json::Value;
use tegata::shape::files::KINDS;
use tegata::shape::{Record, Shape, json_schema};
use tegata::source::Sources;
use tegata::{Mode, generate, yaml};
use walkdir::WalkDir;

fn repository() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize_utf8().unwrap()
}

fn validator(kind: &str) -> Validator {
    let (name, title, form) = KINDS.into_iter().find(|(name, ..)| *name == kind).expect("a kind of file");
    assert_eq!(name, kind);
    jsonschema::validator_for(&json_schema::schema(title, form)).unwrap()
}

/// What an editor makes of a text.
fn value(text: &str) -> Value {
    let mut sources = Sources::default();
    let file = sources.add("example.yaml", text.to_owned());
    let mut problems = Vec::new();
    let node = yaml::parse(file, text, &mut problems).expect("a document");
    assert!(problems.is_empty(), "{problems:?}");
    node.to_json()
}

fn kind_of(path: &Utf8Path) -> Option<&'static str> {
    match path.components().next()?.as_str() {
        "tegata.yaml" => Some("workspace"),
        "clusters" => Some("cluster"),
        "runners" => Some("runner"),
        "roles" => Some("role"),
        "projects" => Some("project"),
        _ => None,
    }
}

/// The YAML files of a workspace that are read, each with the name of its schema.
fn inputs(root: &Utf8Path) -> Vec<(Utf8PathBuf, &'static str)> {
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    let mut inputs = Vec::new();
    for top in ["tegata.yaml", "clusters", "runners", "roles", "projects"] {
        let walk = WalkDir::new(root.join(top)).into_iter().filter_entry(visible);
        for entry in walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_file()) {
            let path = Utf8Path::from_path(entry.path()).unwrap().to_owned();
            let kind = kind_of(path.strip_prefix(root).unwrap()).unwrap();
            if path.extension() == Some("yaml") {
                inputs.push((path, kind));
            }
        }
    }
    inputs
}

#[test]
fn what_renders_is_valid_in_an_editor() {
    let cases = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/renders");
    let mut roots = vec![repository(), Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/base")];
    roots.extend(cases.read_dir_utf8().unwrap().map(|case| case.unwrap().path().join("in")));
    let mut files = 0;
    for root in roots {
        for (path, kind) in inputs(&root) {
            let value = value(&std::fs::read_to_string(&path).unwrap());
            let errors: Vec<String> =
                validator(kind).iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{path}: {errors:?}");
            files += 1;
        }
    }
    assert!(files > 50, "only {files} files were found");
}

#[track_caller]
fn check_refused(kind: &str, text: &str) {
    assert!(!validator(kind).is_valid(&value(text)), "an editor takes this for a good {kind}:\n{text}");
}

#[test]
fn what_is_wrong_is_red_in_an_editor() {
    for text in [
        "version: 1",
        "version: 2\nworkspace: example",
        "version: 1\nworkspace: My_Team",
        "version: 1\nworkspace: example\nworkspaces: [a]",
    ] {
        check_refused("workspace", text);
    }
    for text in ["kubernetes: 1.37", "kubernetes: v1", "kubernetes: \"1.37\"\ncustomResources: [images]"] {
        check_refused("cluster", text);
    }
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}";
    for text in [
        role.to_owned(),
        format!("{role}\nrules: [{{apiGroups: [apps], resources: deployments, verbs: [get]}}]"),
        format!("{role}\nrules: [{{apiGroups: [apps], resources: [deployments]}}]"),
        format!("{}\nrules: []", role.replace("ClusterRole", "Role")),
    ] {
        check_refused("role", &text);
    }
    let runner = "cluster: main\nnamespace: a\ngitlabUrl: https://a/\ntokenSecret: a\nisolation: overwrite\njobs: {namespace: b, image: c}";
    assert!(validator("runner").is_valid(&value(runner)));
    for text in [
        runner.replace("overwrite", "none"),
        runner.replace("https://", ""),
        runner.replace("cluster: main\n", ""),
        format!("{runner}\nconcurrent: 0"),
        format!("{runner}\nvalues: []"),
        format!("{runner}\nkubernetes: {{pod_labels_overwrite_allowed: true}}"),
        format!("{runner}\nkubernetes: {{cpu_limit_overwrite_max_allowed: 2}}"),
    ] {
        check_refused("runner", &text);
    }
    let project = "project: a/b\nrunner: shared\nnamespace: a\nserviceAccounts:\n  - name: build";
    assert!(validator("project").is_valid(&value(project)));
    for text in [
        project.replace("a/b", "a"),
        project.replace("a/b", "https://gitlab.example.com/a/b"),
        project.replace("namespace: a", "namespace: {create: true}"),
        format!("{project}\n    roles: [{{clusterRole: a, scope: everywhere}}]"),
        format!("{project}\n    roles: [a]"),
        format!("{project}\n    default: \"yes\""),
        format!("{project}\n    can: list pods"),
        format!("{project}\n    colour: red"),
        format!("{project}\nid: 0"),
    ] {
        check_refused("project", &text);
    }
}

/// Every field below a form.
fn each_field(record: &'static Record, see: &mut dyn FnMut(&'static Record, &'static tegata::shape::Field)) {
    for field in record.fields {
        see(record, field);
        let mut shape = &field.shape;
        while let Shape::List(item) = shape {
            shape = item;
        }
        if let Shape::Open(fields) = shape {
            fields.iter().for_each(|field| see(record, field));
        }
        if let Shape::Record(inner) | Shape::TextOrRecord(_, inner) = shape {
            each_field(inner, see);
        }
    }
}

#[test]
fn every_field_is_described_and_has_an_example_that_fits() {
    for (kind, title, form) in KINDS {
        assert!(!title.is_empty() && !form.doc.is_empty(), "{kind}");
        each_field(form, &mut |record, field| {
            let place = format!("{} of {}", field.name, record.what);
            assert!(field.doc.ends_with('.'), "the description of {place} is no sentence: {}", field.doc);
            if matches!(field.shape, Shape::Ignored) {
                return;
            }
            assert!(!field.example.is_empty(), "{place} has no example");
            let mut sources = Sources::default();
            let file = sources.add("example.yaml", field.example.to_owned());
            let mut problems = Vec::new();
            let node = yaml::parse(file, field.example, &mut problems).expect(&place);
            tegata::shape::conform(&node, &field.shape, field.name, &mut problems);
            assert!(problems.is_empty(), "the example of {place}: {problems:?}");
        });
    }
}

#[test]
fn the_schemas_in_the_repository_are_up_to_date() {
    for (name, title, form) in KINDS {
        let path = repository().join(format!("schemas/{name}.json"));
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let now = format!("{:#}\n", json_schema::schema(title, form));
        assert!(written == now, "schemas/{name}.json is out of date: run `cargo xtask schema`");
    }
}

#[test]
fn what_the_repository_renders_to_is_up_to_date() {
    let report = generate(&repository(), Mode::Check, &|_, _| {});
    let shown = tegata::diagnostic::human::text(&report.diagnostics, &report.sources, false);
    assert!(!report.failed(), "{shown}");
    let diffs: Vec<&str> = report.changes.iter().filter_map(|change| change.diff.as_deref()).collect();
    assert!(report.changes.is_empty(), "out/ is out of date: run `cargo xtask render`\n{}", diffs.concat());
    assert!(!report.was_unfinished, "a render was broken off: run it again");
}
