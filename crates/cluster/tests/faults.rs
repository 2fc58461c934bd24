//! Between a command and a real API server stands a proxy that breaks what it can: no wrong plan comes of it, and no
//! part of an inventory is taken for the whole.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

#[path = "real/proxy.rs"]
mod proxy;
mod real;

use proxy::{Decide, Fault, Proxy, storm};
use real::{Answer, Cluster, drop_payments, example, run, small, write_project};

fn proxy(cluster: &Cluster, decide: Decide) -> Proxy {
    Proxy::start(cluster.server.kubeconfig(), cluster.server.folder().unwrap(), decide)
}

#[test]
fn in_a_storm_everything_still_arrives() {
    let cluster = Cluster::start();
    let workspace = example();
    let through = |seed: u64, arguments: &[&str]| -> Answer {
        let proxy = proxy(&cluster, storm(seed));
        let answer = run(&workspace, &proxy.kubeconfig, arguments);
        let seen = proxy.seen.lock().unwrap();
        assert_ne!(seen.faults, []);
        assert_eq!(seen.impatient, Vec::<String>::new());
        answer
    };
    through(1, &["apply", "--yes"]).ends(0);
    let summary = |answer: Answer| answer.ends(0).out.lines().last().unwrap_or_default().to_owned();
    let unchanged = summary(cluster.run(&workspace, &["diff"]));
    assert!(unchanged.ends_with(" unchanged") && !unchanged.contains(" to "), "{unchanged}");
    assert_eq!(summary(through(2, &["diff"])), unchanged);

    // Changes, replacements and deletions too.
    workspace.edit("projects/storefront.yaml", "verbs: [get, list, watch, patch]", "verbs: [get, delete]");
    workspace.edit("projects/cicd.yaml", "clusterRole: build-service-user-role", "clusterRole: other-role");
    workspace.edit("projects/cicd.yaml", "scope: split", "scope: namespace");
    workspace.write(
        "roles/other-role.yaml",
        &serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": { "name": "other-role" },
            "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["list"] }],
        }),
    );
    std::fs::remove_file(workspace.path("roles/build-service-user-role.yaml")).unwrap();
    drop_payments(&workspace);
    let diff = cluster.run(&workspace, &["diff", "--prune", "--format", "json"]).ends(1).json();
    let changes = diff["changes"].as_array().unwrap();
    let number = changes.iter().filter(|change| change["action"] == "delete").count().to_string();
    let apply = ["apply", "--yes", "--prune", "--prune-count", &number];
    through(3, &apply).ends(0).says("replace RoleBinding cicd/kp-account-binding");
    cluster.run(&workspace, &["diff", "--prune"]).ends(0);
}

#[test]
fn a_list_that_never_comes_whole_is_no_list() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    write_project(&workspace, "one", "docs", &["list"]);
    std::fs::remove_file(workspace.path("projects/web.yaml")).unwrap();
    workspace.render();
    let versions = cluster.versions();
    for (part, fault) in [
        ("/rolebindings?", Fault::Cut),
        ("/v1/namespaces?", Fault::Error),
        ("/apis/admissionregistration.k8s.io/", Fault::Reset),
        ("/serviceaccounts?", Fault::Expired),
    ] {
        let decide = move |_: &_, path: &str, _| if path.contains(part) { fault } else { Fault::None };
        let proxy = proxy(&cluster, Box::new(decide));
        run(&workspace, &proxy.kubeconfig, &["apply", "--yes", "--prune", "--prune-limit", "100"])
            .ends(2)
            .says("can't list objects of kind");
        assert_eq!(cluster.versions(), versions, "{part} {fault:?}");
    }
}

#[test]
fn a_policy_that_still_refuses_when_its_binding_is_gone_is_waited_for() {
    let cluster = Cluster::start();
    let workspace = example();
    cluster.apply(&workspace);
    drop_payments(&workspace);
    let decide: Decide = Box::new(|method, path, times| {
        let table = method.as_str() == "DELETE" && path.contains("/configmaps/");
        if table && times <= 3 { Fault::Denied } else { Fault::None }
    });
    let proxy = proxy(&cluster, decide);
    run(&workspace, &proxy.kubeconfig, &["apply", "--yes", "--prune", "--prune-limit", "100"]).ends(0);
    assert_eq!(proxy.seen.lock().unwrap().faults, [Fault::Denied; 3]);
    assert!(!cluster.has(&[
        "configmap",
        "-n",
        "gitlab-runner-payments",
        "table.payments.example.tegata.dev"
    ]));

    // A policy that nobody took away is not waited for.
    workspace.edit("projects/storefront.yaml", "verbs: [get, list, watch, patch]", "verbs: [get]");
    workspace.render();
    let decide: Decide =
        Box::new(|method, _, _| if method.as_str() == "PATCH" { Fault::Denied } else { Fault::None });
    let proxy = self::proxy(&cluster, decide);
    run(&workspace, &proxy.kubeconfig, &["apply", "--yes"]).ends(2).says("denied request");
    assert_eq!(proxy.seen.lock().unwrap().faults, [Fault::Denied]);
}

#[test]
fn pages_are_read_to_the_end_and_begun_again_when_they_expire() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    let accounts: Vec<serde_json::Value> = (0..600)
        .map(|number| {
            let rules = serde_json::json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]);
            serde_json::json!({ "name": format!("account-{number}"), "default": number == 0, "rules": rules })
        })
        .collect();
    workspace.write(
        "projects/web.yaml",
        &serde_json::json!({
            "project": "shop/web",
            "runner": "one",
            "namespace": { "name": "web", "create": true },
            "serviceAccounts": accounts,
        }),
    );
    workspace.render();
    cluster.apply(&workspace);
    // The second page of the first reading is gone.
    let mut expired = 0;
    let decide: Decide = Box::new(move |_, path, _| {
        if path.contains("/rolebindings?") && !path.ends_with("continue=") && expired == 0 {
            expired = 1;
            return Fault::Expired;
        }
        Fault::None
    });
    let proxy = proxy(&cluster, decide);
    run(&workspace, &proxy.kubeconfig, &["diff", "--prune"]).ends(0).says_nothing_of("warning");
    let seen = proxy.seen.lock().unwrap();
    assert_eq!(seen.faults, [Fault::Expired]);
    // Ten kinds, of which three have two pages each, one of them read twice: and no request for an object.
    let requests: usize = seen.requests.values().sum();
    assert_eq!(requests, 10 + 3 + 2, "{:?}", seen.requests);
}
