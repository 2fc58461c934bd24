//! On a real API server: what goes, and what doesn't.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;

use real::{Cluster, drop_payments, example, small, write_project};

#[test]
fn what_is_no_longer_in_out_goes_when_people_say_so() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    for namespace in ["api", "docs"] {
        write_project(&workspace, "one", namespace, &["get"]);
    }
    workspace.render();
    cluster.apply(&workspace);
    std::fs::remove_file(workspace.path("projects/api.yaml")).unwrap();
    workspace.render();

    // Without a word nothing goes.
    cluster
        .run(&workspace, &["diff"])
        .ends(1)
        .says("warning[not-in-out]: RoleBinding api/build is no longer in out/");
    cluster.apply(&workspace);
    assert!(cluster.has(&["rolebinding", "-n", "api", "build"]));

    // What looks like ours and was not applied by us stays.
    let forged = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: forged, namespace: web, \
                  labels: {app.kubernetes.io/managed-by: tegata, tegata.dev/workspace: one}}}";
    cluster.server.kubectl_with_input(&["apply", "-f", "-"], forged).unwrap();

    let words = cluster.run(&workspace, &["apply", "--yes", "--prune"]).ends(0);
    let words = words
        .says("accounts that go:\n  api/build\n")
        .says("- get pods in api")
        .says("pods that run as it lose the API");
    words.says("warning[not-in-inventory]: Role web/forged").says("warning[namespace-stays]: Namespace api");
    for (kind, name) in [("rolebinding", "build"), ("role", "build"), ("serviceaccount", "build")] {
        assert!(!cluster.has(&[kind, "-n", "api", name]), "{kind}");
    }
    assert!(cluster.has(&["namespace", "api"]) && cluster.has(&["role", "-n", "web", "forged"]));
    cluster.kubectl(&["delete", "role", "-n", "web", "forged"]);
    cluster.run(&workspace, &["diff", "--prune"]).ends(0);

    // A namespace goes by name.
    cluster
        .run(&workspace, &["diff", "--prune", "--prune-namespace", "web"])
        .ends(1)
        .says("nothing-to-prune");
    let named = ["apply", "--yes", "--prune", "--prune-namespace", "api"];
    cluster.run(&workspace, &named).ends(0).says("Namespace api is deleted with everything in it");
    let phase = cluster.kubectl(&["get", "namespace", "api", "-o", "jsonpath={.status.phase}"]);
    assert_eq!(phase, "Terminating");
}

#[test]
fn much_of_it_goes_only_if_people_count_it() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    std::fs::remove_file(workspace.path("projects/web.yaml")).unwrap();
    std::fs::remove_file(workspace.path("runners/one.yaml")).unwrap();
    workspace.render();
    let versions = cluster.versions();
    cluster
        .run(&workspace, &["apply", "--yes", "--prune"])
        .ends(2)
        .says("error[too-many-deletions]")
        .says("nothing was done");
    cluster
        .run(&workspace, &["apply", "--yes", "--prune", "--prune-count", "2"])
        .ends(2)
        .says("--prune-count says 2");
    assert_eq!(cluster.versions(), versions);
    let diff = cluster.run(&workspace, &["diff", "--prune", "--format", "json"]).ends(1).json();
    let number = diff["changes"].as_array().unwrap().len().to_string();
    cluster.run(&workspace, &["apply", "--yes", "--prune", "--prune-count", &number]).ends(0);
    assert!(!cluster.has(&["serviceaccount", "-n", "web", "build"]));
}

#[test]
fn admission_policies_go_in_an_order_that_they_permit() {
    let cluster = Cluster::start();
    let workspace = example();
    cluster.apply(&workspace);
    drop_payments(&workspace);
    let diff = cluster.run(&workspace, &["diff", "--prune", "--format", "json"]).ends(1).json();
    let number = diff["changes"].as_array().unwrap().len().to_string();
    // The table is protected by a policy until that policy's binding is gone.
    cluster.run(&workspace, &["apply", "--yes", "--prune", "--prune-count", &number]).ends(0);
    assert!(!cluster.has(&[
        "configmap",
        "-n",
        "gitlab-runner-payments",
        "table.payments.example.tegata.dev"
    ]));
    assert!(cluster.has(&["configmap", "-n", "gitlab-runner", "table.shared.example.tegata.dev"]));
    cluster.run(&workspace, &["diff", "--prune"]).ends(0);
}
