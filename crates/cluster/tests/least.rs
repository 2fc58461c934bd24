//! On a real API server: nothing of the apply account's role is too much. Without any one of its permissions, apply,
//! prune or what verify asks is refused, and the server says that it is for want of that one.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;

use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use real::{Cluster, Workspace, eventually, run, small};
use serde_json::{Value, json};

/// A workspace that renders something of each kind.
fn workspace(name: &str) -> Workspace {
    let workspace = small(name, &format!("{name}-web"), &["get"]);
    workspace.edit(&format!("runners/{name}.yaml"), "\"overwrite\"", "\"admission\"");
    let role = format!("{name}-viewer");
    workspace.write(
        &format!("roles/{role}.yaml"),
        &json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": { "name": role },
            "rules": [{ "apiGroups": [""], "resources": ["nodes"], "verbs": ["get"] }],
        }),
    );
    workspace.write(
        &format!("projects/{name}-web.yaml"),
        &json!({
            "project": "shop/web",
            "id": 1,
            "runner": name,
            "namespace": { "name": format!("{name}-web"), "create": true },
            "serviceAccounts": [{
                "name": format!("{name}-build"),
                "roles": [{ "clusterRole": role, "scope": "cluster" }],
                "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }],
            }],
        }),
    );
    workspace.write(
        "clusters/main.yaml",
        &json!({
            "kubernetes": "1.37",
            "applyAccount": { "namespace": { "name": format!("{name}-apply"), "create": true } },
        }),
    );
    workspace.render();
    workspace
}

fn words(rule: &Value, list: &str) -> Vec<String> {
    rule[list].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// A role's rules in parts of one verb and one resource.
fn singles(role: &Value) -> Vec<Value> {
    let mut singles = Vec::new();
    for rule in role["rules"].as_array().unwrap() {
        for verb in words(rule, "verbs") {
            for resource in words(rule, "resources") {
                let mut single = rule.clone();
                single["verbs"] = json!([verb]);
                single["resources"] = json!([resource]);
                singles.push(single);
            }
        }
    }
    singles
}

/// Applies all, asks for a token, and prunes all: what went wrong first.
fn life(cluster: &Cluster, name: &str, workspace: &Workspace, account: &Utf8Path) -> Result<(), String> {
    let done = |answer: real::Answer| match answer.code {
        Some(0) => Ok(()),
        _ => Err(answer.errors),
    };
    done(run(workspace, account, &["apply", "--yes"]))?;
    let (namespace, build) = (format!("{name}-web"), format!("{name}-build"));
    let token = ["--kubeconfig", account.as_str(), "create", "token", "-n", &namespace, &build];
    let token = cluster.server.kubectl_output(&token, "").unwrap();
    if !token.status.success() {
        return Err(String::from_utf8(token.stderr).unwrap());
    }
    for folder in ["projects", "runners", "roles"] {
        std::fs::remove_dir_all(workspace.path(folder)).unwrap();
    }
    // A program that another thread starts may keep the lock of a render for a moment.
    eventually(&|| workspace.try_render().is_ok());
    let namespaces = ["web", "runner", "quarantine"].map(|end| format!("{name}-{end}"));
    let mut prune = vec!["apply", "--yes", "--prune", "--prune-limit", "100"];
    for namespace in &namespaces {
        prune.extend(["--prune-namespace", namespace]);
    }
    done(run(workspace, account, &prune))
}

/// The life of a workspace whose account lacks one of its permissions, or none: what was missing, and what happened.
fn without(cluster: &Cluster, number: usize, workspace: &Workspace) -> (String, Result<(), String>) {
    let name = format!("w{number}");
    cluster.kubectl(&["apply", "-f", workspace.path("out/kubernetes/main/apply.yaml").as_str()]);
    let role = format!("tegata:apply:{name}:main");
    let role = cluster.kubectl(&["get", "clusterrole", &role, "-o", "json"]);
    let mut role: Value = serde_json::from_str(&role).unwrap();
    let mut rules = singles(&role);
    assert_eq!(rules.len(), PERMISSIONS);
    let mut lacks = String::new();
    if let Some(index) = number.checked_sub(1) {
        let rule = rules.remove(index);
        lacks = format!("{} {}", words(&rule, "verbs")[0], words(&rule, "resources")[0]);
    }
    role["rules"] = rules.into();
    cluster.server.kubectl_with_input(&["replace", "-f", "-"], &role.to_string()).unwrap();
    let account =
        cluster.server.service_account_kubeconfig(&format!("{name}-apply"), "tegata-apply").unwrap();
    let may = |verb: &str, resource: &str| {
        let question = ["--kubeconfig", account.as_str(), "auth", "can-i", verb, resource, "-A"];
        cluster.server.kubectl_output(&question, "").unwrap().status.success()
    };
    eventually(&|| {
        let (verb, resource) = lacks.split_once(' ').unwrap_or(("watch", "pods"));
        may("list", if lacks == "list namespaces" { "roles" } else { "namespaces" })
            && (!matches!(verb, "list" | "get") || !may(verb, resource))
    });
    let lived = life(cluster, &name, workspace, &account);
    (lacks, lived)
}

/// How the server says that a permission is missing.
fn refusal(lacks: &str) -> String {
    match lacks.split_once(' ') {
        Some(("bind" | "escalate", _)) => {
            "attempting to grant RBAC permissions not currently held".to_owned()
        }
        Some((verb, resource)) => format!("cannot {verb} resource \"{resource}\""),
        None => String::new(),
    }
}

/// Ten kinds are listed, looked at, made, changed and deleted; two are escalated, two bound, and one gets tokens.
const PERMISSIONS: usize = 10 * 5 + 2 + 2 + 1;

#[test]
fn without_any_one_permission_something_is_refused() {
    let cluster = Cluster::start();
    let workspaces: Vec<Workspace> =
        (0..=PERMISSIONS).map(|number| workspace(&format!("w{number}"))).collect();
    let next = AtomicUsize::new(0);
    let results = std::thread::scope(|scope| {
        let work = || {
            let mut results = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(workspace) = workspaces.get(number) else { return results };
                results.push(without(&cluster, number, workspace));
            }
        };
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    let wrong: Vec<String> = results
        .iter()
        .filter(|(lacks, lived)| match lived {
            Ok(()) => !lacks.is_empty(),
            Err(errors) => lacks.is_empty() || !errors.contains(&refusal(lacks)),
        })
        .map(|(lacks, lived)| format!("without `{lacks}`: {lived:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
