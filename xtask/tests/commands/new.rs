//! What people see of `new`.

use super::support::{RUNNER, Workspace};
use super::{PROJECT, check, workspace};

#[test]
fn new_files_render() {
    let workspace = Workspace::of(&[("tegata.yaml", "version: 1\nworkspace: example\n")]);
    check("new-project-too-early", &workspace.transcript(&["new", "project", "shop/web"]));
    check("new-runner-too-early", &workspace.transcript(&["new", "runner", "shared"]));
    for arguments in [
        &["cluster", "main"][..],
        &["runner", "shared"],
        &["project", "shop/web", "--id", "17"],
        &["role", "pod-reader"],
        &["project", "Odd.Group/sub/On", "--id", "18"],
    ] {
        assert!(workspace.run(&[&["new"], arguments].concat()).status.success(), "{arguments:?}");
    }
    check("new-project-without-id", &workspace.transcript(&["new", "project", "shop/api"]));
    check("new-and-render", &workspace.transcript(&["render"]));
    check("new-twice", &workspace.transcript(&["new", "project", "shop/Web"]));
    check("new-role-twice", &workspace.transcript(&["new", "role", "pod-reader"]));
    check("new-bad-name", &workspace.transcript(&["new", "runner", "Shared_1"]));
    check("new-long-name", &workspace.transcript(&["new", "runner", &"a".repeat(60)]));
    check("new-taken-id", &workspace.transcript(&["new", "project", "shop/api", "--id", "17"]));
    check("new-unknown-runner", &workspace.transcript(&["new", "project", "shop/api", "--runner", "sharde"]));
    check("new-unknown-cluster", &workspace.transcript(&["new", "runner", "other", "--cluster", "prod"]));
    check("new-chooses", &workspace.transcript(&["new", "project", "shop/default", "--id", "19"]));
    for path in ["clusters/main.yaml", "runners/shared.yaml", "projects/web.yaml", "roles/pod-reader.yaml"] {
        check(
            &format!("new-file-{}", path.replace('/', "-")),
            &std::fs::read_to_string(workspace.file(path)).unwrap(),
        );
    }
    workspace.write("runners/shared.yaml", "clustr: main\n");
    check(
        "new-project-of-a-broken-runner",
        &workspace.transcript(&["new", "project", "shop/api", "--id", "20"]),
    );
}

#[test]
fn the_runner_is_chosen_where_projects_say_which() {
    let workspace = workspace();
    workspace.write("runners/payments.yaml", &RUNNER.replace("gitlab-runner", "gitlab-runner-payments"));
    check("new-project-most-projects", &workspace.transcript(&["new", "project", "shop/api"]));
    std::fs::remove_file(workspace.file("projects/api.yaml")).unwrap();
    workspace.write("projects/pay.yaml", &PROJECT.replace("web", "pay").replace("shared", "payments"));
    check("new-project-at-a-tie", &workspace.transcript(&["new", "project", "shop/api"]));
    assert!(!workspace.file("projects/api.yaml").exists());
    let named = workspace.run(&["new", "project", "shop/api", "--runner", "shared"]);
    assert!(named.status.success());
}

/// What is told to be run can be copied into a shell as it stands.
#[test]
fn a_command_that_is_told_is_whole() {
    let workspace = Workspace::empty();
    workspace.write("my ci/tegata.yaml", "version: 1\nworkspace: example\n");
    for arguments in [&["cluster", "main"][..], &["runner", "shared"]] {
        assert!(workspace.run(&[&["-C", "my ci", "new"], arguments].concat()).status.success());
    }
    let arguments = ["-C", "my ci", "new", "project", "g/p1", "--runner", "shared"];
    check("new-project-without-id-elsewhere", &workspace.transcript(&arguments));
}

#[test]
fn new_writes_nothing_that_would_not_be_read() {
    let workspace = workspace();
    check("new-role-with-a-dot", &workspace.transcript(&["new", "role", ".hidden"]));
    check("new-role-with-a-blank", &workspace.transcript(&["new", "role", "a b"]));
    check("new-role-with-a-letter-beyond-ascii", &workspace.transcript(&["new", "role", "leserä"]));
    assert!(!workspace.file("roles").exists());
    assert!(workspace.run(&["new", "role", "team:Pod_reader.v1"]).status.success());
    check(
        "new-project-with-a-huge-id",
        &workspace.transcript(&["new", "project", "shop/api", "--id", "9223372036854775808"]),
    );
    let largest = workspace.run(&["new", "project", "shop/api", "--id", "9223372036854775807"]);
    assert!(largest.status.success());
    assert!(workspace.run(&["render"]).status.success());
}
