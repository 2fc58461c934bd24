//! On a real API server: what is not ours stays as it is, unless people name it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;

use real::{Cluster, example, small};

#[test]
fn what_exists_and_is_not_ours_stops_everything() {
    let cluster = Cluster::start();
    cluster.server.create_namespace("web").unwrap();
    cluster.kubectl(&["create", "serviceaccount", "-n", "web", "build"]);
    let workspace = small("one", "web", &["get"]);
    let diff = cluster.run(&workspace, &["diff"]).ends(1);
    let diff = diff.says("error[not-ours]: Namespace web exists and is not tegata's");
    diff.says("--> out/kubernetes/main/projects/shop/web.yaml:")
        .says("error[not-ours]: ServiceAccount web/build");
    cluster.run(&workspace, &["apply", "--yes"]).ends(2).says("nothing was done");
    assert_eq!(cluster.versions(), Vec::<String>::new());

    // By name it becomes ours.
    let take =
        ["apply", "--yes", "--take-ownership", "Namespace/web", "--take-ownership", "ServiceAccount/web/*"];
    cluster.run(&workspace, &take).ends(0);
    cluster.run(&workspace, &["diff"]).ends(0);
    cluster
        .run(&workspace, &["apply", "--yes", "--take-ownership", "Role/web/none"])
        .ends(2)
        .says("nothing-to-take");
}

#[test]
fn a_field_that_somebody_else_changed_is_a_conflict() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    let patch = r#"[{"op": "replace", "path": "/rules/0/verbs", "value": ["get", "delete"]}]"#;
    cluster.kubectl(&[
        "patch",
        "role",
        "-n",
        "web",
        "build",
        "--type=json",
        "--field-manager=somebody",
        "-p",
        patch,
    ]);
    let versions = cluster.versions();
    let diff = cluster.run(&workspace, &["diff"]).ends(1);
    diff.says("error[conflict]: Role web/build: others manage what differs: rules (somebody since 20")
        .says("-  - delete");
    cluster.run(&workspace, &["apply", "--yes"]).ends(2).says("nothing was done");
    assert_eq!(cluster.versions(), versions);

    cluster.run(&workspace, &["apply", "--yes", "--take-ownership", "Role/web/build"]).ends(0);
    cluster.run(&workspace, &["diff"]).ends(0);
    let managers = cluster.kubectl(&[
        "get",
        "role",
        "-n",
        "web",
        "build",
        "--show-managed-fields",
        "-o",
        "jsonpath={.metadata.managedFields[*].manager}",
    ]);
    assert_eq!(managers, "tegata");
}

#[test]
fn what_somebody_adds_to_an_object_is_said_and_goes_when_it_is_taken() {
    let cluster = Cluster::start();
    let workspace = example();
    cluster.apply(&workspace);
    let table = "table.shared.example.tegata.dev";
    let data = r#"{"data": {"projects.99": " 99:cicd/kp-account "}}"#;
    cluster.kubectl(&[
        "patch",
        "configmap",
        "-n",
        "gitlab-runner",
        table,
        "--field-manager=somebody",
        "-p",
        data,
    ]);
    let condition = r#"[{"op": "add", "path": "/spec/matchConditions/-", "value": {"name": "never", "expression": "false"}}]"#;
    cluster.kubectl(&[
        "patch",
        "validatingadmissionpolicy",
        "jobs.shared.example.tegata.dev",
        "--type=json",
        "--field-manager=somebody",
        "-p",
        condition,
    ]);
    let diff = cluster.run(&workspace, &["diff"]).ends(1);
    let diff = diff.says("data[projects.99] was added by somebody");
    diff.says("spec.matchConditions[name=never].expression was added by somebody");
    cluster.run(&workspace, &["apply", "--yes", "--take-ownership", "*"]).ends(0);
    cluster.run(&workspace, &["diff"]).ends(0).says_nothing_of("warning");
    assert!(
        !cluster
            .kubectl(&["get", "configmap", "-n", "gitlab-runner", table, "-o", "yaml"])
            .contains("projects.99")
    );

    // What controllers and people may add everywhere is no matter.
    cluster.kubectl(&["annotate", "serviceaccount", "-n", "cicd", "kp-account", "note=x"]);
    cluster.kubectl(&["label", "namespace", "cicd", "team=x"]);
    cluster.kubectl(&[
        "patch",
        "serviceaccount",
        "-n",
        "cicd",
        "kp-account",
        "-p",
        r#"{"secrets": [{"name": "x"}]}"#,
    ]);
    cluster.run(&workspace, &["diff"]).ends(0).says_nothing_of("warning");
}

#[test]
fn two_workspaces_never_touch_each_other_s_objects() {
    let cluster = Cluster::start();
    let one = small("one", "web", &["get"]);
    let two = small("two", "api", &["get"]);
    cluster.apply(&one);
    let versions = cluster.versions();
    cluster.apply(&two);
    let of_one: Vec<String> = cluster
        .versions()
        .into_iter()
        .filter(|object| object.contains("\"tegata.dev/workspace\":\"one\""))
        .collect();
    assert_eq!(of_one, versions);
    for workspace in [&one, &two] {
        cluster.run(workspace, &["diff", "--prune"]).ends(0);
    }

    // Everything of one goes, and nothing of the other.
    std::fs::remove_file(two.path("projects/api.yaml")).unwrap();
    std::fs::remove_file(two.path("runners/two.yaml")).unwrap();
    two.render();
    let gone = cluster.run(&two, &["diff", "--prune", "--format", "json"]).ends(1).json();
    let number = gone["changes"].as_array().unwrap().len().to_string();
    cluster.run(&two, &["apply", "--yes", "--prune", "--prune-count", &number]).ends(0);
    assert!(!cluster.has(&["role", "-n", "api", "build"]));
    let left: Vec<String> = cluster
        .versions()
        .into_iter()
        .filter(|object| object.contains("\"tegata.dev/workspace\":\"one\""))
        .collect();
    assert_eq!(left, versions);

    // The same name in both is somebody's mistake, and not to be taken.
    let other = small("three", "web", &["get"]);
    let apply = cluster.run(&other, &["apply", "--yes", "--take-ownership", "*"]).ends(2);
    apply.says("error[other-workspace]: Namespace web belongs to the workspace one").says("nothing was done");
}
