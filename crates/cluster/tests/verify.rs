//! On a real API server: accounts may do what was declared, and whatever is more or less than that is found, with the
//! binding that causes it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;

use std::process::Command;
use std::time::{Duration, Instant};

use real::{Answer, Cluster, Workspace, run, small};
use serde_json::{Value, json};

/// The example, applied; with the `default` accounts that a controller would make.
fn example(cluster: &Cluster) -> Workspace {
    let workspace = Workspace::example();
    workspace.render();
    cluster.apply(&workspace);
    for namespace in ["cicd", "storefront", "ledger"] {
        cluster.kubectl(&["create", "serviceaccount", "default", "-n", namespace]);
    }
    workspace
}

/// The ids of findings, with what each is about.
fn found(answer: &Answer) -> Vec<(String, String)> {
    let document = answer.json();
    let findings = document["diagnostics"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings.iter().map(|finding| (text(&finding["id"]), text(&finding["object"]))).collect()
}

fn pair(id: &str, object: &str) -> (String, String) {
    (id.to_owned(), object.to_owned())
}

/// S9 of the story.
#[test]
fn the_story_s_account_does_what_the_story_says() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    let refusal = "deployments.apps is forbidden: User \"system:serviceaccount:cicd:kp-account\" cannot list \
                   resource \"deployments\" in API group \"apps\" in the namespace \"cicd\"";
    let answer = cluster
        .run(&workspace, &["verify"])
        .ends(0)
        .says("cicd/kp-account\n  can list pods: allowed\n")
        .says(&format!("  cannot list deployments.apps: refused: {refusal}\n"))
        .says("cannot * *: refused\n")
        .says("everything is as declared");
    // All triples of the two runners with policies, and as many strangers.
    answer
        .says("runner shared\n  3 pods admitted, 11 refused, as declared\n")
        .says("runner payments\n  1 pod admitted, ");

    // The same with kubectl, as in a job.
    let config = cluster.server.service_account_kubeconfig("cicd", "kp-account").unwrap();
    let as_a_job = |arguments: &[&str]| {
        let mut kubectl: Command = cluster.server.kubectl_command();
        kubectl.arg(format!("--kubeconfig={config}")).args(arguments).output().unwrap()
    };
    assert!(as_a_job(&["get", "pods"]).status.success());
    let refused = as_a_job(&["get", "deploy"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(said, format!("Error from server (Forbidden): {refusal}\n"));

    let document = cluster.run(&workspace, &["verify", "--format", "json"]).ends(0).json();
    assert_eq!(document["version"], 1);
    assert_eq!(document["diagnostics"], json!([]));
    let accounts = document["accounts"].as_array().unwrap();
    let account = accounts.iter().find(|account| account["name"] == "kp-account").unwrap();
    let phrase = |text: &str| {
        account["phrases"].as_array().unwrap().iter().find(|phrase| phrase["phrase"] == text).unwrap().clone()
    };
    assert_eq!(
        phrase("list deployments.apps"),
        json!({ "phrase": "list deployments.apps", "kind": "cannot", "allowed": false, "holds": true,
                "requested": true, "serverMessage": refusal })
    );
    assert_eq!(phrase("list pods")["serverMessage"], Value::Null);
    assert_eq!(phrase("list pods")["requested"], true);
}

#[test]
fn more_than_declared_is_found_with_its_binding() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    let bind = |arguments: &[&str]| cluster.kubectl(&[&["create"], arguments].concat());
    bind(&["clusterrole", "secret-reader", "--verb=get,list", "--resource=secrets"]);
    bind(&["clusterrole", "node-reader", "--verb=get", "--resource=nodes"]);
    // By its name, in a namespace that the workspace doesn't know.
    let subject = "--serviceaccount=storefront:build";
    bind(&["rolebinding", "-n", "kube-system", "by-name", "--clusterrole=secret-reader", subject]);
    // By its user name, everywhere.
    let user = "--user=system:serviceaccount:storefront:deploy";
    bind(&["clusterrolebinding", "by-user", "--clusterrole=cluster-admin", user]);
    // By a group, and to no effect.
    let group = "--group=system:serviceaccounts:cicd";
    bind(&["rolebinding", "-n", "cicd", "by-group", "--clusterrole=secret-reader", group]);
    bind(&["rolebinding", "-n", "cicd", "no-effect", "--clusterrole=node-reader", group]);
    // What Kubernetes gives to all is more than it was.
    cluster.kubectl(&[
        "patch",
        "clusterrole",
        "system:basic-user",
        "--type=json",
        "-p",
        r#"[{"op":"add","path":"/rules/-","value":{"apiGroups":[""],"resources":["events"],"verbs":["list"]}}]"#,
    ]);

    let answer = cluster.run(&workspace, &["verify", "--format", "json"]).ends(1);
    let mut expected = vec![
        pair("can", ""),
        pair("can", ""),
        pair("more-than-declared", "ClusterRoleBinding/by-user"),
        pair("more-than-declared", "RoleBinding/cicd/by-group"),
        pair("more-than-declared", "RoleBinding/kube-system/by-name"),
    ];
    let basic = pair("more-than-declared", "ClusterRoleBinding/system:basic-user");
    let mut findings = found(&answer);
    assert_eq!(findings.iter().filter(|finding| **finding == basic).count(), 6, "each account has it");
    findings.retain(|finding| *finding != basic);
    // deploy's `cannot` phrases: delete deployments.apps, update configmaps/other, list secrets.
    expected.push(pair("can", ""));
    findings.sort();
    expected.sort();
    assert_eq!(findings, expected);

    let text = cluster.run(&workspace, &["verify", "--account", "storefront/build"]).ends(1);
    text.says(
        "storefront/build may do more than is declared, through RoleBinding kube-system/by-name of ClusterRole \
         secret-reader: get, list secrets in kube-system",
    )
    .says("--> projects/storefront.yaml:")
    .says("delete RoleBinding/kube-system/by-name, or declare")
    .says_nothing_of("by-user");
    cluster
        .run(&workspace, &["verify", "--account", "storefront/deploy"])
        .ends(1)
        .says("critical[more-than-declared]")
        .says("through ClusterRoleBinding by-user of ClusterRole cluster-admin: * *, *.* everywhere")
        .says("RBAC: allowed by ClusterRoleBinding \"by-user\" of ClusterRole \"cluster-admin\"");
    cluster
        .run(&workspace, &["verify", "--account", "cicd/kp-account"])
        .ends(1)
        .says("through RoleBinding cicd/by-group of ClusterRole secret-reader for the group system:serviceaccounts:cicd: get, list secrets in cicd")
        .says_nothing_of("no-effect");
}

#[test]
fn less_than_declared_is_found_with_what_is_missing() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    cluster.kubectl(&["delete", "rolebinding", "-n", "storefront", "build"]);
    cluster.kubectl(&[
        "patch",
        "role",
        "-n",
        "storefront",
        "deploy",
        "--type=json",
        "-p",
        r#"[{"op":"replace","path":"/rules/0/verbs","value":["get","list","watch","delete"]}]"#,
    ]);
    cluster.kubectl(&["delete", "serviceaccount", "-n", "ledger", "release"]);
    cluster
        .run(&workspace, &["verify"])
        .ends(1)
        .says("storefront/build can't `list pods`, and has to")
        .says("storefront/build may not do what is declared, since RoleBinding storefront/build is not in the cluster: get, list, watch pods, pods/log in storefront")
        .says("storefront/deploy may not do what is declared, since Role storefront/deploy is another one there: patch deployments.apps in storefront")
        .says("storefront/deploy may do more than is declared, through RoleBinding storefront/deploy of Role storefront/deploy: delete deployments.apps in storefront")
        .says(&format!(
            "Role storefront/deploy has been changed: `cargo xtask -C {} diff` shows it",
            workspace.root()
        ))
        .says("ledger/release is not in the cluster: nothing of it could be verified")
        // Without the account the policy can't be asked whether it admits it.
        .says("policy-not-asked");
}

/// The server takes a moment to notice a change of its policies.
#[track_caller]
fn noticed(cluster: &Cluster, workspace: &Workspace, code: i32, text: &str) -> Answer {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = cluster.run(workspace, &["verify"]);
        if (answer.code == Some(code) && answer.out.contains(text)) || Instant::now() > deadline {
            return answer.ends(code).says(text);
        }
    }
}

#[test]
fn a_policy_that_does_not_hold_is_found() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    cluster.run(&workspace, &["verify"]).ends(0);
    cluster.kubectl(&["delete", "validatingadmissionpolicybinding", "jobs.shared.example.tegata.dev"]);
    let text = "error[not-refused]: a job of project 17 on runner shared as cicd/kp-account is admitted, and was to be refused";
    noticed(&cluster, &workspace, 1, text)
        .says("a job of project 18 on runner shared as storefront/build is admitted");
    cluster.apply(&workspace);
    noticed(&cluster, &workspace, 0, "");
    // A project that the table no longer has.
    cluster.kubectl(&[
        "patch",
        "configmap",
        "-n",
        "gitlab-runner",
        "table.shared.example.tegata.dev",
        "--type=json",
        "-p",
        r#"[{"op":"remove","path":"/data/projects.2"}]"#,
    ]);
    let text = "error[not-admitted]: a job of project 2 on runner shared as cicd/kp-account is declared, and refused";
    noticed(&cluster, &workspace, 1, text);
}

#[test]
fn what_can_t_be_asked_is_told() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    // Nothing is there yet.
    cluster
        .run(&workspace, &["verify"])
        .ends(1)
        .says("error[no-such-account]: web/build is not in the cluster")
        .says("0 of 2 accounts verified")
        .says(&format!("`cargo xtask -C {} apply` makes it", workspace.root()));
    cluster.run(&workspace, &["verify", "--account", "web/nobody"]).ends(2).says("no account `web/nobody`");
    cluster.apply(&workspace);
    // An account of the workspace may look at nothing.
    let weak = cluster.server.service_account_kubeconfig("web", "build").unwrap();
    run(&workspace, &weak, &["verify"])
        .ends(2)
        .says("warning[not-listed]: can't list objects of kind ClusterRoleBinding")
        .says("error[not-asked]: no token for web/build")
        .says("ask for the permission to create serviceaccounts/token");
    // Whoever has a token that has ended is told so.
    let mut config: Value = serde_yaml::from_str(&std::fs::read_to_string(&weak).unwrap()).unwrap();
    config["users"][0]["user"]["token"] = json!("ended");
    let ended = weak.with_extension("ended");
    std::fs::write(&ended, config.to_string()).unwrap();
    run(&workspace, &ended, &["verify"]).ends(2).says("log in again");
}

/// The policies of a runner give no ServiceAccount a token of its jobs' accounts, whatever else it may do.
#[test]
fn a_service_account_can_t_verify_accounts_of_jobs() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    cluster.server.create_namespace("ops").unwrap();
    cluster.kubectl(&["create", "serviceaccount", "-n", "ops", "pipeline"]);
    let subject = "--serviceaccount=ops:pipeline";
    cluster.kubectl(&["create", "clusterrolebinding", "ops", "--clusterrole=cluster-admin", subject]);
    noticed(&cluster, &workspace, 0, "");
    let pipeline = cluster.server.service_account_kubeconfig("ops", "pipeline").unwrap();
    run(&workspace, &pipeline, &["verify"])
        .ends(2)
        .says("error[not-asked]: no token for cicd/kp-account, so nothing of it could be verified")
        .says("run `verify` as a user who is none")
        .says("2 of 6 accounts verified");
    // One that serves no jobs is asked by anybody who may.
    run(&workspace, &pipeline, &["verify", "--account", "gitlab-runner/gitlab-runner"]).ends(0);
}

#[test]
fn nothing_is_changed() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    let before = cluster.versions();
    cluster.run(&workspace, &["verify"]).ends(0);
    assert_eq!(cluster.versions(), before);
    assert_eq!(cluster.kubectl(&["get", "pods,secrets", "-A", "-o", "name"]), "");
}

/// An account that left the workspace and is not pruned has its rights still, and is in no policy's table any more.
#[test]
fn what_was_not_pruned_is_found() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    let project = workspace.path("projects/storefront.yaml");
    let text = std::fs::read_to_string(&project).unwrap();
    let (rest, _) = text.split_once("  # Jobs that `extends: .tegata-deploy`").unwrap();
    std::fs::write(&project, rest).unwrap();
    workspace.render();
    let prune = format!("`cargo xtask -C {} apply --prune` deletes it", workspace.root());
    let warned = cluster.apply(&workspace).says(
        "warning[not-in-out]: ServiceAccount storefront/deploy is no longer in out/: it keeps its rights, and no \
         admission policy guards it any more",
    );
    warned.says(&prune);
    let answer = cluster.run(&workspace, &["verify"]).ends(1);
    answer.says(
        "error[orphan]: RoleBinding storefront/deploy is no longer in out/: storefront/deploy may still do what it \
         gives",
    );
    cluster.run(&workspace, &["apply", "--yes", "--prune"]).ends(0);
    cluster.run(&workspace, &["verify"]).ends(0).says("everything is as declared");
}

/// Pods are one way past a policy, and `verify` asks about pods: the others are seen by what the policies say.
#[test]
fn a_policy_that_is_gone_or_changed_is_found() {
    let cluster = Cluster::start();
    let workspace = example(&cluster);
    cluster.kubectl(&["delete", "validatingadmissionpolicybinding", "takeover.shared.example.tegata.dev"]);
    let condition = r#"{"spec":{"matchConditions":[{"name":"never","expression":"request.dryRun"}]}}"#;
    cluster.kubectl(&[
        "patch",
        "validatingadmissionpolicy",
        "table.shared.example.tegata.dev",
        "--type=merge",
        "-p",
        condition,
    ]);
    let answer = cluster.run(&workspace, &["verify", "--format", "json"]).ends(1);
    let about: Vec<String> = found(&answer).into_iter().map(|(_, object)| object).collect();
    for object in [
        "ValidatingAdmissionPolicyBinding/takeover.shared.example.tegata.dev",
        "ValidatingAdmissionPolicy/table.shared.example.tegata.dev",
    ] {
        assert!(about.iter().any(|found| found == object), "{about:?}");
    }
}
