//! Large workspaces remember what has been verified. Whatever happens to the memory or to `out/`, the result is the
//! same as without.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails, and that is its report"
)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use support::Workspace;

/// More than a thousand files.
const PROJECTS: usize = 510;

/// The managers and values of two runners, the policies of one, and the namespace of jobs that ask for none.
const FILES_OF_RUNNERS: usize = 6;

struct Remembering {
    workspace: Workspace,
    cache: Workspace,
}

impl Remembering {
    fn new() -> Remembering {
        let workspace = Workspace::with_projects(PROJECTS);
        workspace.write("runners/fenced.yaml", &fenced());
        for number in (1..PROJECTS).step_by(2) {
            workspace.write(&format!("projects/p{number}.yaml"), &fenced_project(number));
        }
        let remembering = Remembering { workspace, cache: Workspace::empty() };
        remembering.render();
        remembering
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.workspace.command(arguments).env("XDG_CACHE_HOME", self.cache.path()).output().unwrap()
    }

    #[track_caller]
    fn render(&self) -> String {
        let output = self.run(&["render"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stderr).unwrap()
    }

    fn memory(&self) -> PathBuf {
        let mut files = fs::read_dir(self.cache.file("tegata")).unwrap();
        files.next().unwrap().unwrap().path()
    }

    /// `out/` is what a full check says it has to be.
    #[track_caller]
    fn is_right(&self) {
        let output = self.run(&["render", "--check"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// A second runner, with admission policies.
fn fenced() -> String {
    support::RUNNER.replace("namespace: gitlab-runner", "namespace: fenced").replace("overwrite", "admission")
}

/// The project of that number, on the second runner.
fn fenced_project(number: usize) -> String {
    support::project(number).replace("runner: shared", &format!("id: {}\nrunner: fenced", number + 1))
}

const FILE: &str = "out/kubernetes/main/projects/group-0/project-0.yaml";

#[test]
fn what_is_known_is_not_taken_on_trust() {
    let it = Remembering::new();
    assert_eq!(fs::metadata(it.memory()).unwrap().len(), ((PROJECTS * 2 + FILES_OF_RUNNERS) * 64) as u64);
    assert!(it.render().contains("nothing changed"));
    it.is_right();

    // A file that somebody changed by hand is put right, though its input is known.
    let right = fs::read_to_string(it.workspace.file(FILE)).unwrap();
    it.workspace.write(FILE, &right.replace("get, list", "get, list, delete"));
    assert!(it.render().contains(FILE));
    assert_eq!(fs::read_to_string(it.workspace.file(FILE)).unwrap(), right);

    // So is one that belongs to another project.
    it.workspace.write(FILE, &right.replace("ns-0", "ns-1"));
    assert!(it.render().contains(FILE));
    it.is_right();

    // Changed inputs are rendered: a project's own, and what is common to all.
    it.workspace.write("projects/p0.yaml", &support::project(0).replace("[get, list]", "[get]"));
    assert!(it.render().contains(FILE));
    it.is_right();
    it.workspace.write("tegata.yaml", "version: 1\nworkspace: second\n");
    // Besides the projects, the managers, the policies and the quarantine.
    let all = format!("{} changed", PROJECTS + 4);
    assert!(it.render().contains(&all));
    it.is_right();
    it.workspace.write(
        "templates/kubernetes/Namespace.yaml.j2",
        "apiVersion: v1\nkind: Namespace\n# ours\n{% include \"kubernetes/metadata.yaml.j2\" %}\n",
    );
    assert!(it.render().contains("changed"));
    it.is_right();
}

#[test]
fn the_files_of_a_runner_follow_its_projects() {
    let it = Remembering::new();
    let files_of = |runner: &str| {
        ["helm/{}/values.yaml", "kubernetes/main/runners/{}.yaml", "kubernetes/main/admission/{}.yaml"]
            .map(|path| format!("out/{}", path.replace("{}", runner)))
    };
    let [values, manager, policies] = files_of("fenced");
    let [other_values, other_manager, _] = files_of("shared");
    let changed = |files: &[&String]| {
        let said = it.render();
        let all = [&values, &manager, &policies, &other_values, &other_manager];
        for file in all {
            assert_eq!(said.contains(file.as_str()), files.contains(&file), "{file}:\n{said}");
        }
        it.is_right();
    };

    it.workspace.write("projects/p1.yaml", &fenced_project(1).replace("ns-1", "moved"));
    changed(&[&values, &manager, &policies]);
    it.workspace
        .write("projects/p1.yaml", &fenced_project(1).replace("ns-1", "moved").replace("id: 2", "id: 9000"));
    changed(&[&policies]);
    it.workspace.write("projects/p1.yaml", &support::project(1));
    changed(&[&values, &manager, &policies, &other_values, &other_manager]);
    fs::remove_file(it.workspace.file("projects/p1.yaml")).unwrap();
    changed(&[&other_values, &other_manager]);
    it.workspace.write("projects/renamed.yaml", &fenced_project(1));
    changed(&[&values, &manager, &policies]);

    // What somebody changed by hand is put right, though its inputs are known.
    let right = fs::read_to_string(it.workspace.file(&policies)).unwrap();
    it.workspace.write(&policies, &right.replace("failurePolicy: Fail", "failurePolicy: Ignore"));
    changed(&[&policies]);
    assert_eq!(fs::read_to_string(it.workspace.file(&policies)).unwrap(), right);
}

#[test]
fn a_check_makes_no_use_of_it() {
    let it = Remembering::new();
    let output =
        it.workspace.command(&["render", "--check"]).env("XDG_CACHE_HOME", "/nonexistent").output().unwrap();
    assert!(output.status.success());
    // A template that grants is refused by a check, whatever is known.
    it.workspace.write("templates/kubernetes/RoleBinding.yaml.j2", "kind: Nonsense\n");
    assert_eq!(it.run(&["render", "--check"]).status.code(), Some(2));
    assert_eq!(it.run(&["render"]).status.code(), Some(2));
}

#[test]
fn a_broken_memory_is_no_memory() {
    let it = Remembering::new();
    for garbage in [&b"garbage"[..], &[0; 128], &[0xff; 64 * 2000], b""] {
        fs::write(it.memory(), garbage).unwrap();
        it.workspace.write(FILE, "kind: ClusterRoleBinding\n");
        assert!(it.render().contains(FILE));
        it.is_right();
    }
    // One that can't be written is no error.
    fs::remove_file(it.memory()).unwrap();
    fs::remove_dir(it.cache.file("tegata")).unwrap();
    it.cache.write("tegata", "a file where the folder should be");
    assert!(it.render().contains("nothing changed"));
}
