//! Properties of rendering: the same input gives the same bytes, whatever the order of its files; and two inputs
//! never write one path.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails, and that is its report"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use tegata::{Mode, Report, generate};

/// A project as data: its path, namespace and accounts.
#[derive(Clone, Debug)]
struct Project {
    path: String,
    namespace: String,
    create: bool,
    accounts: Vec<Account>,
}

#[derive(Clone, Debug)]
struct Account {
    name: String,
    role: Option<(String, &'static str)>,
    own_rules: bool,
}

/// Names from a small alphabet, so that they often meet: in whole, in case, as prefixes of each other.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{1,2}", "[ab][-.][ab]", Just("on".to_owned()), Just("1e3".to_owned()), "[ab]\\.ya?ml"]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{1,2}", "[ab]-[ab]", Just("null".to_owned()), Just("0777".to_owned())]
}

fn account() -> impl Strategy<Value = Account> {
    let scope = prop_oneof![Just("namespace"), Just("cluster"), Just("split")];
    let role = prop_oneof![Just("r".to_owned()), Just("a:r".to_owned()), Just("on".to_owned())];
    (name(), proptest::option::of((role, scope)), any::<bool>()).prop_map(|(name, role, own_rules)| Account {
        name,
        role,
        own_rules,
    })
}

fn project() -> impl Strategy<Value = Project> {
    let path = (proptest::collection::vec("[abA]{1,2}(\\.yml)?", 1..3), name())
        .prop_map(|(groups, name)| format!("{}/{name}", groups.join("/")));
    (path, label(), any::<bool>(), proptest::collection::vec(account(), 1..3))
        .prop_map(|(path, namespace, create, accounts)| Project { path, namespace, create, accounts })
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn text(project: &Project) -> String {
    let mut out = format!(
        "project: {}\nrunner: shared\nnamespace: {{ name: {}, create: {} }}\nserviceAccounts:\n",
        quoted(&project.path),
        quoted(&project.namespace),
        project.create
    );
    for account in &project.accounts {
        out.push_str(&format!("  - name: {}\n", quoted(&account.name)));
        if let Some((role, scope)) = &account.role {
            out.push_str(&format!("    roles: [{{ clusterRole: {}, scope: {scope} }}]\n", quoted(role)));
        }
        if account.own_rules {
            out.push_str("    rules: [{ apiGroups: [\"\"], resources: [pods], verbs: [get] }]\n");
        }
    }
    out
}

fn workspace(projects: &[Project], file_name: impl Fn(usize) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("tegata.yaml", "version: 1\nworkspace: example\n");
    write("clusters/main.yaml", "kubernetes: \"1.37\"\n");
    write("runners/shared.yaml", include_str!("data/runner.yaml"));
    for role in ["r", "a:r", "on"] {
        let text = include_str!("data/role.yaml").replace("NAME", &quoted(role));
        write(&format!("roles/{role}.yaml"), &text);
    }
    for (index, project) in projects.iter().enumerate() {
        write(&format!("projects/{}", file_name(index)), &text(project));
    }
    folder
}

fn render(folder: &tempfile::TempDir) -> Report {
    generate(Utf8Path::from_path(folder.path()).unwrap(), Mode::Write, &|_, _| {})
}

/// What lies in `out/`, but for the comments that name the source.
fn out(folder: &tempfile::TempDir) -> BTreeMap<Utf8PathBuf, String> {
    let root = Utf8Path::from_path(folder.path()).unwrap().join("out");
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
    {
        let path = Utf8Path::from_path(entry.path()).unwrap().strip_prefix(&root).unwrap().to_owned();
        let text = fs::read_to_string(entry.path()).unwrap();
        files.insert(
            path,
            text.lines().filter(|line| !line.starts_with("# Generated")).collect::<Vec<_>>().join("\n"),
        );
    }
    files
}

/// The files of projects, one for each project and cluster, and one include each.
fn paths_of(projects: &[Project]) -> BTreeSet<String> {
    let both =
        |path: &str| [format!("kubernetes/main/projects/{path}.yaml"), format!("gitlab-ci/{path}.yml")];
    projects.iter().flat_map(|project| both(&project.path)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_files_changes_nothing(projects in proptest::collection::vec(project(), 1..5)) {
        let count = projects.len();
        let forwards = workspace(&projects, |index| format!("p{index}.yaml"));
        let backwards = workspace(&projects, |index| format!("sub/q{}.yaml", count - index));
        let (first, second) = (render(&forwards), render(&backwards));
        prop_assert_eq!(first.failed(), second.failed(), "{:?} {:?}", first.diagnostics, second.diagnostics);
        prop_assert_eq!(out(&forwards), out(&backwards));

        // A second run finds nothing to do.
        let again = render(&forwards);
        prop_assert!(again.changes.is_empty(), "{:?}", again.changes);
    }

    #[test]
    fn two_inputs_never_write_one_path(projects in proptest::collection::vec(project(), 1..5)) {
        let folder = workspace(&projects, |index| format!("p{index}.yaml"));
        let report = render(&folder);
        let written = out(&folder);
        if report.failed() {
            prop_assert!(written.is_empty(), "an error, and yet files were written");
            return Ok(());
        }
        let expected = paths_of(&projects);
        let lower: BTreeSet<String> = expected.iter().map(|path| path.to_lowercase()).collect();
        prop_assert_eq!(expected.len(), projects.len() * 2, "two projects share a path, and both were accepted");
        prop_assert_eq!(lower.len(), expected.len(), "two paths differ in case only");
        for path in &expected {
            prop_assert!(written.contains_key(Utf8Path::new(path)), "{path} is missing");
        }
        // Every object of the cluster exists once.
        let mut identities = BTreeSet::new();
        for (path, text) in written.iter().filter(|(path, _)| path.starts_with("kubernetes")) {
            for document in serde_yaml::Deserializer::from_str(text) {
                let tree: tegata::yaml::tree::Tree = serde::Deserialize::deserialize(document).unwrap();
                let Some(metadata) = tree.get("metadata") else { continue };
                let part = |tree: &tegata::yaml::tree::Tree, key| tree.get(key).and_then(|value| value.as_str().map(str::to_owned));
                let identity = (part(&tree, "kind"), part(metadata, "namespace"), part(metadata, "name"));
                prop_assert!(identities.insert(identity.clone()), "{identity:?} stands twice, again in {path}");
            }
        }
    }
}
