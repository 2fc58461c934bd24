//! On a real API server: what is applied is there, and once it is there nothing more is done.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;

use real::{Cluster, example, small, write_project};
use serde_json::{Map, Value, json};

const OURS: &str = "app.kubernetes.io/managed-by=tegata";
const PART_OF: &str = "applyset.kubernetes.io/part-of";

/// What an object says, without what the server and kubectl keep about it.
fn content(mut object: Value) -> Value {
    object.as_object_mut().unwrap().shift_remove("status");
    let metadata = object["metadata"].as_object_mut().unwrap();
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
        metadata.shift_remove(field);
    }
    let drop = |metadata: &mut Map<String, Value>, field: &str, name: &str| {
        if let Some(pairs) = metadata.get_mut(field).and_then(Value::as_object_mut) {
            pairs.shift_remove(name);
            if pairs.is_empty() {
                metadata.shift_remove(field);
            }
        }
    };
    drop(metadata, "labels", PART_OF);
    drop(metadata, "annotations", "kubectl.kubernetes.io/last-applied-configuration");
    object
}

#[track_caller]
fn assert_same(left: &[Value], right: &[Value]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
}

fn contents(cluster: &Cluster) -> Vec<Value> {
    let objects = cluster.objects(&format!("{OURS},!applyset.kubernetes.io/id"));
    objects.into_iter().map(content).collect()
}

#[test]
fn what_is_applied_is_what_kubectl_applies_and_can_be_taken_over_from_it() {
    let workspace = example();
    let ours = Cluster::start();
    ours.run(&workspace, &["diff"])
        .ends(1)
        .says("accounts that come:\n  cicd/kp-account\n")
        // Bound in a namespace, the cluster's own resources are out of reach.
        .says("clusterstores.kpack.io everywhere")
        .says(
            "get, list, watch customstacks.stacks.stacks-operator.tanzu.vmware.com, pods, pods/log in cicd",
        );
    ours.apply(&workspace);
    ours.run(&workspace, &["diff"]).ends(0).says(" unchanged");

    let kubectl_s = Cluster::start();
    kubectl_s.kubectl(&["apply", "-R", "-f", workspace.path("out/kubernetes/main").as_str()]);
    let contents_of_kubectl = contents(&kubectl_s);
    assert!(contents_of_kubectl.len() > 40, "{}", contents_of_kubectl.len());
    assert_same(&contents(&ours), &contents_of_kubectl);

    // No difference but in whose it is.
    let number = contents_of_kubectl.len();
    let diff = kubectl_s.run(&workspace, &["diff"]).ends(0);
    let diff = diff.says(&format!("not yet in the inventory, and otherwise as out/ says: {number} objects"));
    diff.says("fields are managed by kubectl-client-side-apply too")
        .says("--take-ownership")
        .says_nothing_of("@@");
    kubectl_s.run(&workspace, &["apply", "--yes", "--take-ownership", "*"]).ends(0);
    kubectl_s.run(&workspace, &["diff"]).ends(0).says(&format!("\n{number} unchanged"));
    assert_same(&contents(&kubectl_s), &contents_of_kubectl);

    // And from now on changes are no conflicts with kubectl.
    workspace.edit("projects/storefront.yaml", "verbs: [get, list, watch, patch]", "verbs: [get, patch]");
    workspace.render();
    kubectl_s.apply(&workspace).says("- list, watch deployments.apps in storefront");
    kubectl_s.run(&workspace, &["diff"]).ends(0);
}

#[test]
fn what_is_as_it_should_be_is_left_alone() {
    let workspace = example();
    let cluster = Cluster::start();
    cluster.apply(&workspace);
    let versions = cluster.versions();
    cluster.apply(&workspace).says("nothing to do");
    assert_eq!(cluster.versions(), versions);
}

#[test]
fn changes_come_and_go() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get", "list"]);
    cluster.apply(&workspace);
    write_project(&workspace, "one", "web", &["list", "watch"]);
    workspace.render();
    let before = cluster.versions();
    let diff = cluster.run(&workspace, &["diff"]).ends(1);
    diff.says("  web/build\n    - get pods in web\n    + watch pods in web\n")
        .says("   verbs:\n-  - get\n   - list\n+  - watch\n")
        .says("1 to update");
    assert_eq!(cluster.versions(), before, "diff changed something");
    cluster.apply(&workspace);
    let verbs = cluster.kubectl(&["get", "role", "-n", "web", "build", "-o", "jsonpath={.rules[0].verbs}"]);
    assert_eq!(verbs, r#"["list","watch"]"#);
    cluster.run(&workspace, &["diff"]).ends(0);

    // What somebody took away comes back.
    cluster.kubectl(&["delete", "role", "-n", "web", "build"]);
    cluster.run(&workspace, &["diff"]).ends(1).says("create Role web/build");
    cluster.apply(&workspace);
    cluster.run(&workspace, &["diff"]).ends(0);
}

#[test]
fn a_binding_with_another_role_is_replaced() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    for role in ["old-role", "new-role"] {
        let rules = json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }]);
        workspace.write(
            &format!("roles/{role}.yaml"),
            &json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
                "metadata": { "name": role }, "rules": rules,
            }),
        );
    }
    let with_role = |role: &str| {
        workspace.write(
            "projects/web.yaml",
            &json!({
                "project": "shop/web",
                "runner": "one",
                "namespace": { "name": "web", "create": true },
                "serviceAccounts": [{
                    "name": "build",
                    "roles": [{ "clusterRole": role, "bindingName": "fixed" }],
                }],
            }),
        );
        workspace.render();
    };
    with_role("old-role");
    cluster.apply(&workspace);
    let uid = || {
        cluster.kubectl(&[
            "get",
            "rolebinding",
            "-n",
            "web",
            "fixed",
            "-o",
            "jsonpath={.metadata.uid} {.roleRef.name}",
        ])
    };
    let old = uid();
    with_role("new-role");
    cluster
        .run(&workspace, &["diff"])
        .ends(1)
        .says("RoleBinding web/fixed is deleted and made again")
        .says("until then web/build may do nothing through it");
    cluster.apply(&workspace);
    let new = uid();
    assert!(old.ends_with(" old-role") && new.ends_with(" new-role"), "{old} {new}");
    assert_ne!(old.split(' ').next(), new.split(' ').next());
}

#[test]
fn other_tools_can_read_the_inventory() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    let parent: Value = serde_json::from_str(&cluster.kubectl(&[
        "get",
        "configmap",
        "inventory.main.one.tegata.dev",
        "-o",
        "json",
    ]))
    .unwrap();
    let annotations = &parent["metadata"]["annotations"];
    assert_eq!(annotations["applyset.kubernetes.io/additional-namespaces"], "one-quarantine,one-runner,web");
    let id = parent["metadata"]["labels"]["applyset.kubernetes.io/id"].as_str().unwrap();
    let members = cluster.objects(&format!("{PART_OF}={id}"));
    assert_eq!(members.len(), contents(&cluster).len());

    // kubectl computes the id by itself, accepts it, and keeps its hands off another tool's inventory.
    let manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}";
    let mut kubectl = cluster.server.kubectl_command();
    kubectl.args([
        "apply",
        "--prune",
        "--applyset=configmap/inventory.main.one.tegata.dev",
        "-n",
        "default",
        "-f",
        "-",
    ]);
    let file = workspace.path("x.yaml");
    std::fs::write(&file, manifest).unwrap();
    let output =
        kubectl.env("KUBECTL_APPLYSET", "true").stdin(std::fs::File::open(&file).unwrap()).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("is managed by tooling \"tegata\" instead of \"kubectl\""), "{errors}");
}
