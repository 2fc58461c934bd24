//! Every ClusterRole of a real server goes in as `kubectl get clusterrole NAME -o yaml` prints it, and comes out with the
//! same rules.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Workspace, files_below};
use testbed::{ApiServer, Options, Part, build, go_yaml_json};

fn cluster_roles(server: &ApiServer) -> Vec<Value> {
    let text = server.kubectl(&["get", "clusterroles", "-o", "json"]).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    list["items"].as_array().unwrap().clone()
}

fn name(role: &Value) -> &str {
    role["metadata"]["name"].as_str().unwrap()
}

fn rules(role: &Value) -> &[Value] {
    role["rules"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Does what kube-controller-manager does where it runs: fills the roles that are put together from others.
fn aggregate(server: &ApiServer) {
    loop {
        let roles = cluster_roles(server);
        let mut changed = false;
        for role in roles.iter().filter(|role| !role["aggregationRule"].is_null()) {
            let selectors = role["aggregationRule"]["clusterRoleSelectors"].as_array().unwrap();
            let chosen = |other: &Value| {
                selectors.iter().any(|selector| {
                    let labels = selector["matchLabels"].as_object().unwrap();
                    labels.iter().all(|(key, value)| other["metadata"]["labels"].get(key) == Some(value))
                })
            };
            let mut sum: Vec<Value> = Vec::new();
            for rule in roles.iter().filter(|other| chosen(other)).flat_map(rules) {
                if !sum.contains(rule) {
                    sum.push(rule.clone());
                }
            }
            if rules(role) != sum {
                changed = true;
                let patch = json!({ "rules": sum }).to_string();
                server.kubectl(&["patch", "clusterrole", name(role), "--type=merge", "-p", &patch]).unwrap();
            }
        }
        if !changed {
            return;
        }
    }
}

/// The manifest as printed, with another name.
fn renamed(manifest: &str, name: &str) -> String {
    let line = |name: &str| format!("\n  name: {name}\n");
    assert_eq!(manifest.matches(&line(name)).count(), 1, "{manifest}");
    manifest.replace(&line(name), &line(&format!("copy-{name}")))
}

#[test]
fn every_role_of_the_server_comes_out_as_it_went_in() {
    let server = ApiServer::start().unwrap();
    aggregate(&server);
    let roles = cluster_roles(&server);
    assert!(roles.len() > 50, "the server has {} roles only", roles.len());

    let workspace = Workspace::new(&json!([]));
    workspace.write_runner();
    for role in &roles {
        let name = name(role);
        let manifest = server.kubectl(&["get", "clusterrole", name, "-o", "yaml"]).unwrap();
        workspace.write_text(&format!("roles/copy-{name}.yaml"), &renamed(&manifest, name));
    }
    let uses: Vec<Value> = roles
        .iter()
        .map(|role| json!({ "clusterRole": format!("copy-{}", name(role)), "scope": "cluster" }))
        .collect();
    workspace.write(
        "projects/all.yaml",
        &json!({
            "project": "platform/all",
            "runner": "shared",
            "namespace": { "name": "all", "create": true },
            "serviceAccounts": [{ "name": "all", "roles": uses }],
        }),
    );
    workspace.render();

    let files = workspace.rendered("kubernetes/main/cluster-roles");
    assert_eq!(files.len(), roles.len());
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let rendered = go_yaml_json(&parts, &files).unwrap().concat();
    server.kubectl(&["apply", "-R", "-f", workspace.path("out/kubernetes/main").as_str()]).unwrap();
    let applied = cluster_roles(&server);
    for role in &roles {
        let copy = format!("copy-{}", name(role));
        for copies in [&rendered, &applied] {
            let copies: Vec<&Value> = copies.iter().filter(|other| name(other) == copy).collect();
            assert_eq!(copies.len(), 1, "{copy}");
            assert_eq!(rules(copies[0]), rules(role), "{copy}");
        }
    }
}

/// A server without kube-controller-manager has no rules in `edit` and its like, and nobody wants that unnoticed.
#[test]
fn a_role_that_nobody_has_put_together_is_refused() {
    let server = ApiServer::start().unwrap();
    let workspace = Workspace::new(&json!([]));
    let manifest = server.kubectl(&["get", "clusterrole", "edit", "-o", "yaml"]).unwrap();
    workspace.write_text("roles/copy-edit.yaml", &renamed(&manifest, "edit"));
    let error = workspace.try_render().unwrap_err();
    assert!(error.contains("aggregated-role") && error.contains("roles/copy-edit.yaml"), "{error}");
    assert!(files_below(&workspace.path("out")).is_empty());
}
