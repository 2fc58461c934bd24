//! On a real API server: what an audit says of a cluster that tegata never touched, and of one that it did.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

#[path = "real/proxy.rs"]
#[allow(dead_code, reason = "every test uses a part of it")]
mod proxy;
mod real;

use std::process::{Command, Stdio};

use camino::Utf8Path;
use proxy::{Fault, Proxy, storm};
use real::{Answer, Cluster, Workspace, small};
use serde_json::{Value, json};

/// Audits where there is no workspace.
fn audit(cluster: &Cluster, kubeconfig: &Utf8Path, arguments: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-cluster"))
        .args(["audit", "--kubeconfig", kubeconfig.as_str()])
        .args(arguments)
        .current_dir(cluster.server.folder().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Answer::of(output)
}

/// What the story's team had.
fn as_in_the_story(cluster: &Cluster) {
    let server = &cluster.server;
    server.create_namespace("gitlab").unwrap();
    cluster.kubectl(&["create", "serviceaccount", "default", "-n", "gitlab"]);
    let subject = "--serviceaccount=gitlab:default";
    cluster.kubectl(&[
        "create",
        "clusterrolebinding",
        "gitlab-admin",
        "--clusterrole=cluster-admin",
        subject,
    ]);
    let pod = |name: &str, labels: Value| {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "namespace": "gitlab", "labels": labels },
            "spec": { "containers": [{ "name": "build", "image": "ubuntu:16.04" }] },
        })
    };
    let config = "[[runners]]\n  [runners.kubernetes]\n    namespace = \"gitlab\"\n    image = \"ubuntu:16.04\"\n    \
                  service_account_overwrite_allowed = \".*\"\n    namespace_overwrite_allowed = \".*\"\n";
    let objects = json!({
        "apiVersion": "v1", "kind": "List",
        "items": [
            pod("runner-abc-project-2-concurrent-0-x1", json!({})),
            pod("web", json!({})),
            {
                "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                "metadata": {
                    "name": "forever", "namespace": "gitlab",
                    "annotations": { "kubernetes.io/service-account.name": "default" },
                },
                "data": { "token": "d2hhdC1uby1vbmUtc2VlcwbK" },
            },
            {
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": { "name": "gitlab-runner", "namespace": "gitlab" },
                "data": { "config.template.toml": config, "entrypoint": "#!/bin/bash" },
            },
        ],
    });
    server.kubectl_with_input(&["create", "--validate=false", "-f", "-"], &objects.to_string()).unwrap();
}

/// S1, S3 and S7 of the story, in a cluster that tegata never touched.
#[test]
fn the_story_s_cluster_is_told_as_it_is() {
    let cluster = Cluster::start();
    let admin = cluster.server.kubeconfig();
    audit(&cluster, admin, &[])
        .ends(0)
        .says("0 critical, 0 error, 0 warning")
        .says_nothing_of("who is bound");

    as_in_the_story(&cluster);
    let answer = audit(&cluster, admin, &[])
        .ends(1)
        .says("critical[everything-everywhere]: gitlab default cluster-wide ClusterRole/cluster-admin: may do everything")
        .says("critical[job-may-everything]: job pod runner-abc-project-2-concurrent-0-x1 runs as gitlab/default, which has ClusterRole/cluster-admin cluster-wide")
        .says("Secret gitlab/forever holds a token of gitlab/default that never ends")
        .says("runners[0].kubernetes.service_account_overwrite_allowed: `service_account_overwrite_allowed = \".*\"` lets jobs choose")
        .says("runners[0].kubernetes.namespace_overwrite_allowed")
        .says_nothing_of("what-no-one-sees")
        .says_nothing_of("d2hhdC1uby1vbmUtc2Vlcwo");
    let row = answer.out.lines().find(|line| line.contains("gitlab-admin")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    let start = ["critical", "gitlab", "default", "cluster-wide", "ClusterRole/cluster-admin"];
    assert!(words.starts_with(&start), "{row}");

    let document = audit(&cluster, admin, &["--format", "json"]).ends(1).json();
    assert_eq!(
        document["grants"],
        json!([{
            "severity": "critical",
            "subject": { "kind": "ServiceAccount", "namespace": "gitlab", "name": "default" },
            "scope": "cluster-wide", "namespace": null, "role": "ClusterRole/cluster-admin",
            "binding": "ClusterRoleBinding/gitlab-admin",
        }])
    );
    let jobs = document["jobPods"].as_array().unwrap();
    assert_eq!(jobs.len(), 1, "`web` is no job");
    assert_eq!((&jobs[0]["account"], &jobs[0]["project"]), (&json!("default"), &json!("2")));
    assert_eq!(document["tokenSecrets"][0]["secret"], "forever");
    assert_eq!(document["version"], 1);
    assert!(document["ownGrants"].as_u64().unwrap() > 20);
}

#[test]
fn a_workspace_s_cluster_is_held_against_it() {
    let cluster = Cluster::start();
    let workspace = Workspace::example();
    workspace.render();
    cluster.apply(&workspace);
    cluster.run(&workspace, &["audit"]).ends(0).says("0 critical, 0 error, 0 warning");

    cluster.server.create_namespace("elsewhere").unwrap();
    let subject = "--serviceaccount=cicd:kp-account";
    cluster.kubectl(&["create", "role", "-n", "elsewhere", "reader", "--verb=get", "--resource=secrets"]);
    cluster.kubectl(&["create", "rolebinding", "-n", "elsewhere", "extra", "--role=reader", subject]);
    cluster.kubectl(&["delete", "rolebinding", "-n", "storefront", "build"]);
    cluster.kubectl(&["label", "role", "-n", "storefront", "deploy", "tegata.dev/workspace-"]);
    cluster.kubectl(&["create", "serviceaccount", "-n", "ledger", "old"]);
    cluster.kubectl(&[
        "label",
        "serviceaccount",
        "-n",
        "ledger",
        "old",
        "app.kubernetes.io/managed-by=tegata",
        "tegata.dev/workspace=example",
    ]);
    let before = cluster.versions();
    cluster
        .run(&workspace, &["audit"])
        .ends(1)
        .says("error[foreign-grant]: RoleBinding elsewhere/extra gives Role elsewhere/reader to cicd/kp-account")
        .says("error[drift]: RoleBinding storefront/build is missing")
        .says("error[orphan]: ServiceAccount ledger/old")
        .says("Role storefront/deploy");
    assert_eq!(cluster.versions(), before, "an audit changes nothing");
    // Without the workspace, what says that it is tegata's counts as tegata's.
    audit(&cluster, cluster.server.kubeconfig(), &[])
        .ends(1)
        .says("error[foreign-grant]: RoleBinding elsewhere/extra gives Role elsewhere/reader to cicd/kp-account")
        .says_nothing_of("error[drift]");
}

#[test]
fn what_can_t_be_seen_is_told() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    let weak = cluster.server.service_account_kubeconfig("web", "build").unwrap();
    audit(&cluster, &weak, &[])
        .ends(2)
        .says("error[not-seen]: can't list objects of kind ClusterRoleBinding: clusterrolebindings.rbac.authorization.k8s.io is forbidden")
        .says("can't list pods: ")
        .says("can't list Secrets");
    let nowhere = cluster.server.folder().unwrap().join("nowhere.kubeconfig");
    audit(&cluster, &nowhere, &[]).ends(2).says("nowhere.kubeconfig");
}

/// Not even on the way is a token seen: only names of Secrets leave the server. And whatever happens on the way, what is
/// told is the same.
#[test]
fn nothing_but_names_of_secrets_leaves_the_server() {
    let cluster = Cluster::start();
    as_in_the_story(&cluster);
    let admin = cluster.server.kubeconfig();
    let folder = cluster.server.folder().unwrap();
    let quiet = Proxy::start(admin, folder, Box::new(|_, _, _| Fault::None));
    let told = audit(&cluster, &quiet.kubeconfig, &["--format", "json"]).ends(1).json();
    let seen = quiet.seen.lock().unwrap();
    assert!(seen.requests.keys().all(|request| request.starts_with("GET ")), "{:?}", seen.requests);
    let (_, form) = seen.forms.iter().find(|(path, _)| path.starts_with("/api/v1/secrets?")).unwrap();
    assert!(form.contains("as=PartialObjectMetadataList"), "{form}");

    for seed in 0..5 {
        let stormy = Proxy::start(admin, folder, storm(seed));
        let again = audit(&cluster, &stormy.kubeconfig, &["--format", "json"]).ends(1).json();
        assert!(!stormy.seen.lock().unwrap().faults.is_empty());
        for part in ["diagnostics", "grants", "ownGrants", "jobPods", "tokenSecrets", "runnerConfigurations"]
        {
            assert_eq!(again[part], told[part], "{part} in storm {seed}");
        }
    }
}
