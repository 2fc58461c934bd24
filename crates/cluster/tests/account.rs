//! On a real API server: the apply account does what diff, apply and prune need, and nothing else.
//!
//! The attacks are cases: what RBAC or the policy answers is in `account/*.snap`.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

#[path = "account/attacks.rs"]
mod attacks;
mod real;

use camino::{Utf8Path, Utf8PathBuf};
use real::{Cluster, Workspace, drop_payments, eventually, run};

use attacks::{ATTACKS, Attack, FOREIGN};

/// The example with an apply account, rendered.
fn workspace() -> Workspace {
    let workspace = Workspace::example();
    let file = "clusters/main.yaml";
    let text = std::fs::read_to_string(workspace.path(file)).unwrap();
    let account = "applyAccount: { namespace: { name: tegata, create: true } }\n";
    workspace.write_text(file, &format!("{text}{account}"));
    workspace.render();
    workspace
}

/// What an administrator does once, and again when the workspace grants something new.
fn administrator_applies(cluster: &Cluster, workspace: &Workspace) {
    let file = workspace.path("out/kubernetes/main/apply.yaml");
    cluster.kubectl(&["apply", "-f", file.as_str()]);
}

/// A server that has the account, and how one comes to it as the account.
fn start(workspace: &Workspace) -> (Cluster, Utf8PathBuf) {
    let cluster = Cluster::start();
    administrator_applies(&cluster, workspace);
    let account = cluster.server.service_account_kubeconfig("tegata", "tegata-apply").unwrap();
    // Refused by its own policy first, once that is in force.
    let probe = [
        "--kubeconfig",
        account.as_str(),
        "delete",
        "--dry-run=server",
        "serviceaccount",
        "-n",
        "tegata",
        "tegata-apply",
    ];
    eventually(&|| !cluster.server.kubectl_output(&probe, "").unwrap().status.success());
    (cluster, account)
}

#[test]
fn the_account_applies_changes_replaces_and_prunes() {
    let workspace = workspace();
    let (cluster, account) = start(&workspace);
    run(&workspace, &account, &["diff"]).ends(1).says_nothing_of("tegata:apply:");
    run(&workspace, &account, &["apply", "--yes"]).ends(0);
    run(&workspace, &account, &["diff", "--prune"]).ends(0).says_nothing_of("warning");
    eventually(&|| run(&workspace, &account, &["verify"]).code == Some(0));

    // A role that loses and gains is first brought to what both states have in common.
    let verbs = "verbs: [get, list, watch, patch]";
    workspace.edit("projects/storefront.yaml", verbs, "verbs: [get, list, create]");
    workspace.render();
    run(&workspace, &account, &["apply", "--yes"])
        .ends(2)
        .says("gives a role only rules that the workspace renders for it: roles/storefront/deploy");
    administrator_applies(&cluster, &workspace);
    eventually(&|| run(&workspace, &account, &["apply", "--yes"]).code == Some(0));
    run(&workspace, &account, &["diff"]).ends(0);

    // Another role of the same binding: it is deleted and made again.
    workspace.edit(
        "projects/cicd.yaml",
        "clusterRole: build-service-user-role",
        "clusterRole: view\n        existing: true",
    );
    workspace.edit("projects/cicd.yaml", "scope: split", "scope: namespace");
    std::fs::remove_file(workspace.path("roles/build-service-user-role.yaml")).unwrap();
    workspace.render();
    administrator_applies(&cluster, &workspace);
    run(&workspace, &account, &["diff"]).ends(1).says("replace");
    eventually(&|| run(&workspace, &account, &["apply", "--yes"]).code == Some(0));
    let role = cluster.kubectl(&[
        "get",
        "rolebinding",
        "-n",
        "cicd",
        "kp-account-binding",
        "-o",
        "jsonpath={.roleRef.name}",
    ]);
    assert_eq!(role, "view");

    // What no longer is in out/ goes: policies while the account's role still has their names.
    drop_payments(&workspace);
    let diff = run(&workspace, &account, &["diff", "--prune", "--format", "json"]).ends(1).json();
    let number = diff["changes"].as_array().unwrap().len().to_string();
    let prune = ["apply", "--yes", "--prune", "--prune-count", &number];
    run(&workspace, &account, &prune).ends(0);
    administrator_applies(&cluster, &workspace);
    run(&workspace, &account, &["diff", "--prune"]).ends(0);
    assert!(!cluster.has(&["role", "-n", "ledger", "release"]));
}

/// What became of an attack, in a line.
fn answer(cluster: &Cluster, account: &Utf8Path, attack: &Attack) -> String {
    let mut arguments = vec!["--kubeconfig", account.as_str()];
    arguments.extend(attack.kubectl.iter().copied());
    let output = cluster.server.kubectl_output(&arguments, attack.input).unwrap();
    let (out, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let refused = if output.status.success() { format!("DONE: {out}") } else { errors };
    format!("{}\n    {}\n", attack.name, refused.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn answers(cluster: &Cluster, account: &Utf8Path, attacks: &[Attack]) -> String {
    attacks.iter().map(|attack| answer(cluster, account, attack)).collect()
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "account", omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn attacks_are_refused_by_rbac_and_by_the_policy_alone() {
    let workspace = workspace();
    let (cluster, account) = start(&workspace);
    run(&workspace, &account, &["apply", "--yes"]).ends(0);
    cluster.server.kubectl_with_input(&["apply", "-f", "-"], FOREIGN).unwrap();

    // What it is for, it may: ask for a short-lived token of a rendered account, and what it may itself.
    for arguments in
        [["create", "token", "-n", "storefront", "build"].as_slice(), &["auth", "can-i", "--list"]]
    {
        let arguments = [&["--kubeconfig", account.as_str()], arguments].concat();
        cluster.kubectl(&arguments);
    }
    let before = cluster.versions();
    golden("attacks", &answers(&cluster, &account, ATTACKS));
    assert_eq!(cluster.versions(), before);

    // Whatever somebody binds to it, it writes no more than before: but for admission policies, which no policy sees.
    cluster.kubectl(&[
        "create",
        "clusterrolebinding",
        "mistake",
        "--clusterrole=cluster-admin",
        "--serviceaccount=tegata:tegata-apply",
    ]);
    let before = cluster.versions();
    let seen: Vec<Attack> = ATTACKS.iter().filter(|attack| attack.policy_sees).copied().collect();
    golden("attacks-with-cluster-admin", &answers(&cluster, &account, &seen));
    assert_eq!(cluster.versions(), before);
}
