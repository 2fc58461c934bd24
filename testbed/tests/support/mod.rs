//! Workspaces that tests write and render.
#![allow(dead_code, reason = "every test uses a part of it")]

pub mod pods;

use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tegata::diagnostic::{self, Severity, human};
use tegata::{Mode, generate};
use tempfile::TempDir;
use testbed::repository;

/// A workspace in a folder of its own, removed with the value.
pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    /// The workspace `test` with the cluster `main`, which has these custom resources.
    pub fn new(custom_resources: &Value) -> Self {
        let workspace = Self::folder();
        workspace.write("tegata.yaml", &json!({ "version": 1, "workspace": "test" }));
        workspace.write(
            "clusters/main.yaml",
            &json!({ "kubernetes": "1.37", "customResources": custom_resources }),
        );
        workspace
    }

    /// The repository's own example: what people write of it, not what is rendered.
    pub fn example() -> Self {
        let workspace = Self::folder();
        let repository = repository();
        let mut files = vec![repository.join("tegata.yaml")];
        for folder in ["clusters", "projects", "roles", "runners"] {
            files.extend(files_below(&repository.join(folder)));
        }
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            workspace.write_text(file.strip_prefix(&repository).unwrap().as_str(), &text);
        }
        workspace
    }

    fn folder() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    pub fn path(&self, path: &str) -> Utf8PathBuf {
        self.root().join(path)
    }

    /// Writes a file of the workspace.
    pub fn write(&self, path: &str, value: &Value) {
        self.write_text(path, &input(value));
    }

    pub fn write_text(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text that stands in a file once.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{path} has `{from}` not once");
        self.write_text(path, &text.replace(from, to));
    }

    /// The example's runners without admission policies: with them, an account that may write ConfigMaps everywhere
    /// does not render, since it could write the policies' tables.
    pub fn without_policies(&self) {
        self.edit("runners/shared.yaml", "isolation: admission", "isolation: overwrite");
        self.edit("runners/payments.yaml", "isolation: dedicated", "isolation: overwrite");
    }

    /// The runner `shared`, which admits every declared name.
    pub fn write_runner(&self) {
        self.write("runners/shared.yaml", &runner());
    }

    /// Renders; the error is what a person would read, with the files that it is about.
    pub fn try_render(&self) -> Result<(), String> {
        let report = generate(self.root(), Mode::Write, &|_, _| {});
        let errors: Vec<_> = report
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .cloned()
            .collect();
        assert_eq!(report.failed(), diagnostic::has_errors(&errors));
        if errors.is_empty() { Ok(()) } else { Err(human::text(&errors, &report.sources, false)) }
    }

    #[track_caller]
    pub fn render(&self) {
        if let Err(error) = self.try_render() {
            panic!("the workspace does not render:\n{error}");
        }
    }

    /// All rendered files below a folder of `out/`.
    pub fn rendered(&self, folder: &str) -> Vec<Utf8PathBuf> {
        files_below(&self.path("out").join(folder))
    }
}

/// A runner without anything special.
pub fn runner() -> Value {
    json!({
        "cluster": "main",
        "release": "gitlab-runner",
        "namespace": { "name": "gitlab-runner", "create": true },
        "gitlabUrl": "https://gitlab.example.com/",
        "tokenSecret": "gitlab-runner-token",
        "isolation": "overwrite",
        "jobs": { "namespace": "ci-quarantine", "image": "ubuntu:24.04" },
    })
}

/// JSON, which every reader of YAML reads, with everything outside ASCII escaped in YAML's way: what is tested is not
/// what the tests write with.
pub fn input(value: &Value) -> String {
    let mut text = String::new();
    for character in format!("{value:#}\n").chars() {
        match u32::from(character) {
            0..=0x7e => text.push(character),
            code @ 0x7f..=0xffff => write!(text, "\\u{code:04x}").unwrap(),
            code => write!(text, "\\U{code:08x}").unwrap(),
        }
    }
    text
}

/// The files below a folder, sorted; none if there is no such folder.
pub fn files_below(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Runs a property so many times, or as often as `PROPTEST_CASES` says.
pub fn test_runner(cases: u32) -> TestRunner {
    let mut config = Config { max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    TestRunner::new(config)
}
