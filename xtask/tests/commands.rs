//! What people see: exit code, standard output and standard error of each command.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails, and that is its report"
)]

#[path = "commands/new.rs"]
mod new;
mod support;

use support::{RUNNER, Workspace};

const PROJECT: &str = "project: shop/web
runner: shared
namespace: web
serviceAccounts:
  - name: build
    rules: [{ apiGroups: [\"\"], resources: [pods], verbs: [get, list] }]
";

fn workspace() -> Workspace {
    Workspace::of(&[
        ("tegata.yaml", "version: 1\nworkspace: example\n"),
        ("clusters/main.yaml", "kubernetes: \"1.37\"\n"),
        ("runners/shared.yaml", RUNNER),
        ("projects/web.yaml", PROJECT),
    ])
}

#[track_caller]
fn check(name: &str, transcript: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "commands", omit_expression => true }, {
        insta::assert_snapshot!(name, transcript);
    });
}

#[test]
fn render() {
    let workspace = workspace();
    check("check-before-the-first-render", &workspace.transcript(&["render", "--check"]));
    assert!(!workspace.file("out").exists(), "--check wrote something");
    check("render-first", &workspace.transcript(&["render"]));
    check("render-again", &workspace.transcript(&["render"]));
    check("check-up-to-date", &workspace.transcript(&["render", "--check"]));

    workspace.write("projects/web.yaml", &PROJECT.replace("get, list", "get, list, watch"));
    workspace.write(
        "projects/api.yaml",
        &PROJECT.replace("shop/web", "shop/api").replace("namespace: web", "namespace: api"),
    );
    check("check-differs", &workspace.transcript(&["render", "--check"]));
    check("check-differs-json", &workspace.transcript(&["render", "--check", "--format", "json"]));
    check("render-changes", &workspace.transcript(&["render"]));
    std::fs::remove_file(workspace.file("projects/api.yaml")).unwrap();
    check("render-removes", &workspace.transcript(&["render"]));
    assert!(!workspace.file("out/kubernetes/main/projects/shop/api.yaml").exists());
    check("render-json", &workspace.transcript(&["render", "--format", "json"]));
}

#[test]
fn a_folder_below_the_workspace_and_one_elsewhere_find_it() {
    let workspace = workspace();
    let inside =
        workspace.command(&["render", "--check"]).current_dir(workspace.file("projects")).output().unwrap();
    assert_eq!(inside.status.code(), Some(1));
    let elsewhere = Workspace::empty();
    let root = workspace.path().to_str().unwrap();
    let by_name = elsewhere.run(&["-C", root, "render", "--check"]);
    assert_eq!(by_name.status.code(), Some(1));
    let by_name = elsewhere.run(&["render", "--check", "-C", root]);
    assert_eq!(by_name.status.code(), Some(1));
    check("no-workspace", &elsewhere.transcript(&["render"]));
    check("no-workspace-json", &elsewhere.transcript(&["render", "--format", "json"]));
    check("no-workspace-by-name", &elsewhere.transcript(&["-C", ".", "render"]));
    elsewhere.write("tegata.yml", "version: 1\nworkspace: example\n");
    check("no-workspace-but-its-like", &elsewhere.transcript(&["render"]));
    check("no-such-folder", &elsewhere.transcript(&["-C", "nowhere", "render"]));
}

#[test]
fn an_error_leaves_out_as_it_was() {
    let workspace = workspace();
    workspace.run(&["render"]);
    let before = workspace.out();
    workspace.write("projects/web.yaml", &PROJECT.replace("shared", "shred").replace("pods", "pod"));
    check("render-error", &workspace.transcript(&["render"]));
    check("render-error-json", &workspace.transcript(&["render", "--format", "json"]));
    check("check-error", &workspace.transcript(&["render", "--check"]));
    assert_eq!(workspace.out(), before);
    workspace.write("projects/web.yaml", PROJECT);
    workspace.write("templates/kubernetes/Role.yaml.j2", "kind: {{ nothing }}\n");
    check("template-error", &workspace.transcript(&["render"]));
    assert_eq!(workspace.out(), before);
    assert!(!workspace.file("out/.tegata").exists());
}

#[test]
fn what_lies_in_out_by_hand_goes() {
    let workspace = workspace();
    workspace.run(&["render"]);
    let rendered = workspace.out();
    workspace.write("out/kubernetes/main/by-hand.yaml", "kind: ClusterRoleBinding\n");
    workspace.write("out/helm/old/values.yaml", "a: 1\n");
    workspace.write("out/gitlab-ci/shop/web.yml", "changed: by hand\n");
    check("check-by-hand", &workspace.transcript(&["render", "--check"]));
    check("render-by-hand", &workspace.transcript(&["render"]));
    assert_eq!(workspace.out(), rendered);
    assert!(!workspace.file("out/helm/old").exists());
}

#[test]
fn what_lies_in_out_is_named_and_harmless() {
    let workspace = workspace();
    workspace.run(&["render"]);
    workspace.write("out/helm/empty.yaml", "");
    workspace.write("out/helm/wild.yaml", "a: \u{1b}[2J\u{1b}]0;title\u{7}\n\tb: \u{9b}1m\r\n");
    let transcript = workspace.transcript(&["render", "--check"]);
    let acts = |character: char| character.is_control() && !"\n\t\r".contains(character);
    assert!(!transcript.contains(acts), "{transcript:?}");
    check("check-harmless", &transcript);
    let output = workspace.run(&["render", "--check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let diff = document["changes"][1]["diff"].as_str().unwrap();
    assert!(diff.ends_with("-a: \u{1b}[2J\u{1b}]0;title\u{7}\n-\tb: \u{9b}1m\r\n"), "{diff:?}");
}

#[cfg(unix)]
#[test]
fn links_in_out_lead_nowhere() {
    let workspace = workspace();
    workspace.run(&["render"]);
    let rendered = workspace.out();
    let outside = Workspace::empty();
    outside.write("victim.yml", "untouched\n");
    // A link in the place of a file, and one in the place of a folder.
    std::fs::remove_file(workspace.file("out/gitlab-ci/shop/web.yml")).unwrap();
    std::os::unix::fs::symlink(outside.file("victim.yml"), workspace.file("out/gitlab-ci/shop/web.yml"))
        .unwrap();
    std::fs::remove_dir_all(workspace.file("out/helm")).unwrap();
    std::os::unix::fs::symlink(outside.path(), workspace.file("out/helm")).unwrap();
    assert_eq!(workspace.run(&["render", "--check"]).status.code(), Some(1));
    let output = workspace.run(&["render"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(workspace.out(), rendered);
    assert_eq!(std::fs::read_to_string(outside.file("victim.yml")).unwrap(), "untouched\n");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    // `out` itself as a link is refused.
    std::fs::remove_dir_all(workspace.file("out")).unwrap();
    std::os::unix::fs::symlink(outside.path(), workspace.file("out")).unwrap();
    check("out-is-a-link", &workspace.transcript(&["render"]));
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn schema() {
    let workspace = workspace();
    assert_eq!(workspace.run(&["schema", "--check"]).status.code(), Some(1));
    check("schema", &workspace.transcript(&["schema"]));
    check("schema-check", &workspace.transcript(&["schema", "--check"]));
    workspace.write("schemas/role.json", "{}\n");
    assert_eq!(workspace.run(&["schema", "--check"]).status.code(), Some(1));
}

#[test]
fn a_file_that_was_moved_names_its_schema_no_more() {
    let workspace = workspace();
    workspace.run(&["schema"]);
    let named = |schema: &str| format!("# yaml-language-server: $schema={schema}\n{PROJECT}");
    workspace.write("projects/web.yaml", &named("../schemas/project.json"));
    workspace.write("projects/shop/web.yaml", &named("../../schemas/project.json"));
    workspace.write("projects/shop/own.yaml", &named("https://example.com/schemas/project.json"));
    assert!(workspace.run(&["schema", "--check"]).status.success());
    workspace.write("projects/shop/moved.yaml", &named("../schemas/project.json"));
    workspace.write("projects/back.yaml", &named("../../schemas/project.json"));
    check("schema-check-moved", &workspace.transcript(&["schema", "--check"]));
    check("schema-moved", &workspace.transcript(&["schema"]));
}

#[test]
fn help() {
    let workspace = Workspace::empty();
    for (name, arguments) in [
        ("help", vec!["--help"]),
        ("help-render", vec!["render", "--help"]),
        ("help-new", vec!["new", "--help"]),
        ("help-schema", vec!["schema", "--help"]),
        ("help-completions", vec!["completions", "--help"]),
        ("help-e2e", vec!["e2e", "--help"]),
        ("unknown-command", vec!["redner"]),
        ("unknown-option", vec!["render", "--chekc"]),
        ("no-command", vec![]),
        ("unknown-option-after-another", vec!["render", "--format", "human", "--bogus"]),
        ("option-that-is-a-field", vec!["new", "runner", "payments", "--isolation", "dedicated"]),
        ("option-that-is-a-field-before-the-name", vec!["new", "runner", "--token-secret", "x", "payments"]),
        ("no-number", vec!["new", "project", "shop/web", "--id", "abc"]),
    ] {
        check(name, &workspace.transcript(&arguments));
    }
}

#[test]
fn helps_name_the_folder_for_people_and_programs() {
    let workspace = workspace();
    workspace.write("projects/web.yaml", &PROJECT.replace("runner: shared", "runner: quite-another"));
    let root = workspace.path().to_str().unwrap();
    let help = format!("`cargo xtask -C {root} new runner quite-another` begins it");
    for arguments in [&["-C", root, "render"][..], &["render", "--format", "json", "-C", root]] {
        let output = Workspace::empty().run(arguments);
        let told = if arguments.contains(&"json") { output.stdout } else { output.stderr };
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains(&help), "{told}");
    }
}

/// An excerpt shows what the file says, and the caret points to what is meant.
#[test]
fn the_folder_comes_into_helps_alone() {
    let workspace = workspace();
    workspace.write("projects/web.yaml", &format!("{PROJECT}runer: x # `cargo xtask render` was here\n"));
    let root = workspace.path().to_str().unwrap();
    let bare = workspace.run(&["render"]);
    let named = Workspace::empty().run(&["-C", root, "render"]);
    assert_eq!(String::from_utf8(named.stderr).unwrap(), String::from_utf8(bare.stderr).unwrap());
    // Nor does it come into a diff.
    workspace.write("projects/web.yaml", PROJECT);
    workspace.run(&["render"]);
    workspace.write("out/helm/stray.yaml", "# `cargo xtask render` was here\n");
    let bare = workspace.run(&["render", "--check"]);
    let named = Workspace::empty().run(&["-C", root, "render", "--check"]);
    assert_eq!(String::from_utf8(named.stdout).unwrap(), String::from_utf8(bare.stdout).unwrap());
    let told = String::from_utf8(named.stderr).unwrap();
    assert!(told.contains(&format!("1 file differs; run `cargo xtask -C {root} render`")), "{told}");
}

/// One document, whatever keeps the command from its work.
#[test]
fn who_asks_for_json_gets_a_document() {
    let workspace = Workspace::empty();
    for (name, arguments) in [
        ("unknown-option-json", &["render", "--chekc", "--format", "json"][..]),
        ("unknown-option-after-another-json", &["render", "--format", "json", "--bogus"]),
        ("unknown-command-json", &["redner", "--format=json"]),
        ("option-of-another-command-json", &["new", "role", "reader", "--format", "json"]),
        ("no-such-folder-json", &["-C", "nowhere", "render", "--format", "json"]),
    ] {
        check(name, &workspace.transcript(arguments));
    }
}

#[cfg(unix)]
#[test]
fn a_command_of_another_package_that_is_not_met_is_a_document_too() {
    let workspace = workspace();
    for (cargo, id) in [("/nowhere/cargo", "no-cargo"), ("/usr/bin/env", "no-answer")] {
        let mut command = workspace.command(&["verify", "--format", "json"]);
        let output = command.env("CARGO", cargo).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{id}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["diagnostics"][0]["id"], id);
    }
}

#[test]
fn completions() {
    let workspace = Workspace::empty();
    for shell in ["bash", "zsh", "fish"] {
        let output = workspace.run(&["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("render"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn links_where_tegata_puts_its_own_files_lead_nowhere() {
    let workspace = workspace();
    workspace.run(&["render"]);
    let outside = Workspace::empty();
    outside.write("journal", "precious\n");
    outside.write("tegata.yaml", "secret: 1\n");
    // The folder for what is under way.
    std::os::unix::fs::symlink(outside.path(), workspace.file("out/.tegata")).unwrap();
    workspace.write("tegata.yaml", "version: 1\nworkspace: other\n");
    assert!(workspace.run(&["render"]).status.success());
    assert_eq!(std::fs::read_to_string(outside.file("journal")).unwrap(), "precious\n");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 2);
    assert!(!workspace.file("out/.tegata").exists());
    // A folder of the input, for `new`.
    std::fs::rename(workspace.file("projects"), workspace.file("elsewhere")).unwrap();
    std::os::unix::fs::symlink(outside.path(), workspace.file("projects")).unwrap();
    check("new-into-a-link", &workspace.transcript(&["new", "project", "shop/api"]));
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 2);
    // The file that marks the root.
    std::fs::remove_file(workspace.file("tegata.yaml")).unwrap();
    std::os::unix::fs::symlink(outside.file("tegata.yaml"), workspace.file("tegata.yaml")).unwrap();
    std::fs::remove_file(workspace.file("projects")).unwrap();
    check("root-is-a-link", &workspace.transcript(&["render"]));
}

#[test]
fn an_empty_folder_in_the_place_of_a_file_goes() {
    let workspace = workspace();
    workspace.run(&["render"]);
    let rendered = workspace.out();
    let values = workspace.file("out/helm/shared/values.yaml");
    std::fs::remove_file(&values).unwrap();
    std::fs::create_dir_all(values.join("a/b")).unwrap();
    assert_eq!(workspace.run(&["render", "--check"]).status.code(), Some(1));
    assert!(workspace.run(&["render"]).status.success());
    assert_eq!(workspace.out(), rendered);
}

#[test]
fn one_render_at_a_time() {
    let workspace = workspace();
    workspace.run(&["render"]);
    let rendered = workspace.out();
    workspace.write("projects/web.yaml", &PROJECT.replace("get, list", "get, list, watch"));
    let lock = std::fs::File::open(workspace.file("out")).unwrap();
    lock.lock().unwrap();
    check("render-while-another-does", &workspace.transcript(&["render"]));
    assert_eq!(workspace.out(), rendered);
    assert_eq!(workspace.run(&["render", "--check"]).status.code(), Some(1), "--check waits for nobody");
    // Mistakes in the input come first.
    workspace.write("projects/web.yaml", "project: shop/web\n");
    let mistaken = workspace.run(&["render"]);
    assert!(!String::from_utf8_lossy(&mistaken.stderr).contains("another render"));
    // To close the file is not enough: a child that another test has forked holds it too, until it becomes its program.
    lock.unlock().unwrap();
    workspace.write("projects/web.yaml", PROJECT);
    assert!(workspace.run(&["render"]).status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_asked_for_and_could_not_be_written_is_a_fault() {
    let workspace = workspace();
    for arguments in [&["render", "--format", "json"][..], &["completions", "bash"], &["--help"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = workspace.command(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told.matches("can't write to standard output").count(), 1, "{told}");
        // Whoever closes the pipe has seen enough.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = workspace.command(arguments).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{arguments:?}");
    }
}
