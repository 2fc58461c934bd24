//! A workspace in a folder of its own, and the command as people run it.

#![allow(dead_code, reason = "each test file uses a part of this")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A workspace that goes with the test.
pub struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    /// An empty folder.
    pub fn empty() -> Workspace {
        Workspace { folder: tempfile::tempdir().unwrap() }
    }

    /// A workspace of the given files.
    pub fn of(files: &[(&str, &str)]) -> Workspace {
        let workspace = Workspace::empty();
        for (path, text) in files {
            workspace.write(path, text);
        }
        workspace
    }

    /// A workspace with a cluster, a runner, and as many projects as asked for.
    pub fn with_projects(count: usize) -> Workspace {
        let workspace = Workspace::of(&[
            ("tegata.yaml", "version: 1\nworkspace: first\n"),
            ("clusters/main.yaml", "kubernetes: \"1.37\"\n"),
            ("runners/shared.yaml", RUNNER),
        ]);
        for number in 0..count {
            workspace.write(&format!("projects/p{number}.yaml"), &project(number));
        }
        workspace
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// `cargo xtask ARGUMENTS` in the workspace.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(self.path()).args(arguments).env_clear();
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The exit code, and what was printed, with the folder's name taken out.
    pub fn transcript(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let folder = self.path().canonicalize().unwrap().display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder, "[WORKSPACE]");
        format!(
            "exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            output.status.code().unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr)
        )
    }

    /// All files below `out/`, with what they hold.
    pub fn out(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.file("out"), &mut files);
        files
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), files);
        } else {
            files.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
}

pub const RUNNER: &str = "cluster: main
namespace: gitlab-runner
gitlabUrl: https://gitlab.example.com/
tokenSecret: gitlab-runner-token
isolation: overwrite
jobs: { namespace: ci-quarantine, image: \"ubuntu:24.04\" }
";

/// The project of that number, with two accounts.
pub fn project(number: usize) -> String {
    format!(
        "project: group-{}/project-{number}
runner: shared
namespace: {{ name: ns-{number}, create: true }}
serviceAccounts:
  - name: build
    default: true
    rules: [{{ apiGroups: [\"\"], resources: [pods], verbs: [get, list] }}]
  - name: deploy
    roles: [{{ clusterRole: view, existing: true }}]
",
        number % 7
    )
}
