//! What people see of the commands before a server is met.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails, and that is its report")]

use std::process::Command;

#[track_caller]
fn check(name: &str, arguments: &[&str]) {
    check_in(&tempfile::tempdir().unwrap(), name, arguments);
}

#[track_caller]
fn check_in(folder: &tempfile::TempDir, name: &str, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-cluster"))
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let text =
        |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(folder.to_str().unwrap(), "[FOLDER]");
    let transcript = format!(
        "exit code: {}\n--- standard output\n{}--- standard error\n{}",
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr)
    );
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "commands", omit_expression => true }, {
        insta::assert_snapshot!(name, transcript);
    });
}

#[test]
fn help() {
    check("help-diff", &["diff", "--help"]);
    check("help-apply", &["apply", "--help"]);
    check("help-verify", &["verify", "--help"]);
    check("help-audit", &["audit", "--help"]);
}

#[test]
fn what_makes_no_sense_is_said() {
    check("no-workspace", &["diff"]);
    check("no-workspace-json", &["diff", "--format", "json"]);
    check("unknown-option-json", &["verify", "--acount", "web/build", "--format", "json"]);
    check("workspace-and-none-json", &["audit", "--format=json", "--no-workspace", "--cluster", "main"]);
    check("no-plan-json", &["apply", "--plan", "plan.json", "--format", "json"]);
    check("limit-without-prune", &["apply", "--prune-limit", "5"]);
    check("plan-and-prune", &["apply", "--plan", "plan.json", "--prune"]);
    check("verify-needs-a-workspace", &["verify"]);
    check("audit-needs-no-workspace", &["audit", "--kubeconfig", "nowhere"]);
    check("workspace-and-none", &["audit", "--no-workspace", "--cluster", "main"]);
    check("no-plan", &["apply", "--plan", "plan.json"]);
}

/// The findings are those of `render`, in its form, before the fault that follows from them.
#[test]
fn mistakes_in_the_workspace_are_findings() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("tegata.yaml", "version: 1\nworkspace: example\n"),
        ("clusters/main.yaml", "kubernetes: \"1.37\"\n"),
        ("projects/web.yaml", "project: shop/web\nrunner: shraed\nnamespace: web\nserviceAccounts: []\n"),
    ] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    check_in(&folder, "mistakes-diff", &["diff"]);
    check_in(&folder, "mistakes-diff-json", &["diff", "--format", "json"]);
    check_in(&folder, "mistakes-verify-json", &["verify", "--format", "json"]);
    check_in(&folder, "mistakes-apply-elsewhere", &["apply", "-C", "."]);
}

#[test]
fn numbers_are_whole() {
    check("no-number", &["apply", "--prune", "--prune-count", "many"]);
    check("no-percentage", &["apply", "--prune", "--prune-limit", "101"]);
}
