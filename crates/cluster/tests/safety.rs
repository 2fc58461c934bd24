//! On a real API server: what was looked at is what is done, or nothing more is done and everything is told.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod real;

use real::{Cluster, Workspace, run, run_with, small, write_project};
use tegata_cluster::connect::{self, Server, connect};
use tegata_cluster::desired::{self, Desired};
use tegata_cluster::execute::{Report, execute};
use tegata_cluster::inventory::Inventory;
use tegata_cluster::observe::{Observed, observe};
use tegata_cluster::plan::{Options, Plan, plan};

#[test]
fn a_plan_holds_for_what_was_looked_at() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    let file = workspace.path("plan.json");
    let save = ["diff", "--save", file.as_str()];
    let carry_out = ["apply", "--plan", file.as_str()];
    cluster.run(&workspace, &save).ends(1);
    cluster.run(&workspace, &carry_out).ends(0);
    cluster.run(&workspace, &["diff"]).ends(0);
    // Once is enough.
    cluster.run(&workspace, &carry_out).ends(2).says("the cluster has changed since");

    write_project(&workspace, "one", "web", &["list"]);
    workspace.render();
    cluster.run(&workspace, &save).ends(1);
    write_project(&workspace, "one", "web", &["list", "watch"]);
    workspace.render();
    cluster.run(&workspace, &carry_out).ends(2).says("out/ has changed since");

    cluster.run(&workspace, &save).ends(1);
    cluster.kubectl(&["label", "role", "-n", "web", "build", "note=x"]);
    cluster.run(&workspace, &carry_out).ends(2).says("the cluster has changed since: Role/web/build");
    // A namesake of what is to be made counts too.
    write_project(&workspace, "one", "docs", &["list"]);
    workspace.render();
    cluster.run(&workspace, &save).ends(1);
    cluster.server.create_namespace("docs").unwrap();
    cluster.run(&workspace, &carry_out).ends(2).says("the cluster has changed since: Namespace/docs");
    // A plan that can't be carried out is not kept.
    cluster.run(&workspace, &save).ends(2).says("not saved");
    let other = Cluster::start();
    other.run(&workspace, &carry_out).ends(2).says("it is for the server");
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.run(&workspace, &["apply"]).ends(2).says("nobody can be asked here").says("--yes");
    assert_eq!(cluster.versions(), Vec::<String>::new());
}

#[test]
fn one_cluster_s_objects_are_not_applied_to_another() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    let pinned = |server: &str| {
        workspace.write("clusters/main.yaml", &serde_json::json!({ "kubernetes": "1.37", "server": server }));
        workspace.render();
    };
    pinned("https://k8s.example.com");
    cluster
        .run(&workspace, &["apply", "--yes"])
        .ends(2)
        .says("and clusters/main.yaml says `server: https://k8s.example.com`");
    pinned(&format!("{}/", cluster.server.url()));
    cluster.apply(&workspace);
    workspace.write("clusters/staging.yaml", &serde_json::json!({ "kubernetes": "1.37" }));
    workspace.render();
    cluster.run(&workspace, &["diff"]).ends(2).says("say which with --cluster: main, staging");
    cluster.run(&workspace, &["diff", "--cluster", "main"]).ends(0);

    // Not even without an address: what was applied as one cluster's is not another's.
    workspace.edit("runners/one.yaml", "\"cluster\": \"main\"", "\"cluster\": \"staging\"");
    workspace.render();
    let versions = cluster.versions();
    let staging = ["apply", "--cluster", "staging", "--yes", "--prune", "--prune-limit", "100"];
    cluster
        .run(&workspace, &staging)
        .ends(2)
        .says("error[other-inventory]: Role web/build")
        .says("nothing was done");
    assert_eq!(cluster.versions(), versions);
}

#[test]
fn the_server_is_found_as_kubectl_finds_it() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    let admin = cluster.server.kubeconfig();
    let text = std::fs::read_to_string(admin).unwrap();
    let home = workspace.path("home");
    std::fs::create_dir_all(home.join(".kube")).unwrap();
    std::fs::write(home.join(".kube/config"), &text).unwrap();
    // A first file without a context, and one that does not exist.
    let other = workspace.path("other");
    std::fs::write(&other, text.replace("\"current-context\"", "\"x\"").replace("testbed", "elsewhere"))
        .unwrap();
    let diff = |environment: &[(&str, &str)], arguments: &[&str]| {
        run_with(&workspace, environment, &[&["diff"], arguments].concat())
    };
    let url = cluster.server.url();
    diff(&[("HOME", home.as_str())], &[]).ends(1).says(url);
    let list = format!("/does/not/exist:{other}:{admin}");
    diff(&[("KUBECONFIG", &list), ("HOME", "/nowhere")], &[]).ends(1).says(url);
    diff(&[("KUBECONFIG", "/does/not/exist"), ("HOME", home.as_str())], &[])
        .ends(2)
        .says("KUBECONFIG names no file that is there and has a context: /does/not/exist");
    diff(&[("HOME", home.as_str())], &["--context", "nobody"]).ends(2).says("nobody");
    diff(&[("KUBECONFIG", "/does/not/exist")], &["--kubeconfig", admin.as_str()]).ends(1).says(url);
    // In a pod that has no token there is nobody to be.
    let pod = [("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", "6443")];
    diff(&pod, &[]).ends(2).says("this is no pod");
}

#[test]
fn what_is_not_rendered_is_not_applied() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    let role = workspace.path("out/kubernetes/main/projects/shop/web.yaml");
    let text = std::fs::read_to_string(&role).unwrap();
    std::fs::write(&role, text.replace("[get]", "[get, delete]")).unwrap();
    cluster.run(&workspace, &["apply", "--yes"]).ends(2).says("out/ is not what the workspace's files say");
    workspace.render();
    std::fs::create_dir(workspace.path("out/.tegata")).unwrap();
    cluster.run(&workspace, &["diff"]).ends(2).says("out/ is half-written");
    std::fs::remove_dir(workspace.path("out/.tegata")).unwrap();
    write_project(&workspace, "one", "web", &["gte"]);
    let answer = cluster.run(&workspace, &["diff", "--format", "json"]).ends(2);
    let document = answer.json();
    let ids = document["diagnostics"].as_array().unwrap().iter().map(|found| &found["id"]);
    assert_eq!(ids.collect::<Vec<_>>(), ["verb-unknown", "not-rendered"]);
}

#[test]
fn a_namespace_that_is_missing_or_going_is_said_before() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    workspace.edit("projects/web.yaml", "\"create\": true", "\"create\": false");
    workspace.render();
    cluster
        .run(&workspace, &["apply", "--yes"])
        .ends(2)
        .says("error[no-namespace]: there is no namespace web")
        .says("nothing was done");
    cluster.server.create_namespace("web").unwrap();
    cluster.apply(&workspace);
    cluster.kubectl(&["delete", "namespace", "web", "--wait=false"]);
    cluster
        .run(&workspace, &["apply", "--yes"])
        .ends(2)
        .says("error[being-deleted]: Namespace web is being deleted");
}

#[test]
fn a_wrong_token_says_so() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    let text = std::fs::read_to_string(cluster.server.kubeconfig()).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
    config["users"][0]["user"]["token"] = "expired".into();
    let file = workspace.path("kubeconfig");
    std::fs::write(&file, config.to_string()).unwrap();
    run(&workspace, &file, &["diff"]).ends(2).says("Unauthorized").says("log in again");
}

#[test]
fn permissions_that_end_in_the_middle_end_the_run_and_the_next_one_goes_on() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.kubectl(&["create", "serviceaccount", "-n", "default", "pipeline"]);
    let allow = |verb: &str, what: &str| {
        let name = format!("pipeline-{what}").replace([',', '.', '/'], "-");
        cluster.kubectl(&[
            "create",
            "clusterrole",
            &name,
            &format!("--verb={verb}"),
            &format!("--resource={what}"),
        ]);
        cluster.kubectl(&[
            "create",
            "clusterrolebinding",
            &name,
            &format!("--clusterrole={name}"),
            "--serviceaccount=default:pipeline",
        ]);
    };
    let all = "get,list,create,patch,update,delete";
    allow(all, "namespaces,resourcequotas,configmaps,serviceaccounts");
    allow(
        "get,list",
        "validatingadmissionpolicies.admissionregistration.k8s.io,validatingadmissionpolicybindings.admissionregistration.k8s.io",
    );
    allow(
        &format!("{all},bind,escalate"),
        "roles.rbac.authorization.k8s.io,clusterroles.rbac.authorization.k8s.io",
    );
    allow("get,list", "rolebindings.rbac.authorization.k8s.io,clusterrolebindings.rbac.authorization.k8s.io");
    let pipeline = cluster.server.service_account_kubeconfig("default", "pipeline").unwrap();
    let answer = run(&workspace, &pipeline, &["apply", "--yes"]).ends(2);
    let answer = answer.says("cannot patch resource \"rolebindings\"").says("done:\n  applied Namespace ");
    answer.says("applied Role web/build");
    assert!(
        cluster.has(&["role", "-n", "web", "build"]) && !cluster.has(&["rolebinding", "-n", "web", "build"])
    );

    allow("create,patch", "rolebindings");
    run(&workspace, &pipeline, &["apply", "--yes"]).ends(0).says_nothing_of("create Role web/build");
    cluster.run(&workspace, &["diff"]).ends(0);
}

/// A look, taken apart, so that something can happen in the middle.
struct Look {
    server: Server,
    desired: Desired,
    inventory: Inventory,
    observed: Observed,
    plan: Plan,
}

async fn look(cluster: &Cluster, workspace: &Workspace) -> Look {
    let desired = desired::read(workspace.root(), None).unwrap();
    let kubeconfig = Some(cluster.server.kubeconfig().as_std_path().to_owned());
    let server = connect(&connect::Options { kubeconfig, ..connect::Options::default() }).await.unwrap();
    let inventory = Inventory::of(&desired.workspace, &desired.cluster);
    let observed = observe(&server, &desired, &inventory).await.unwrap();
    let plan = plan(&desired, &observed, &inventory, &Options::default());
    assert!(plan.refusals.is_empty(), "{:?}", plan.refusals);
    Look { server, desired, inventory, observed, plan }
}

/// Carries out a plan before which something happens.
fn in_the_middle(cluster: &Cluster, workspace: &Workspace, happens: impl FnOnce()) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let look = look(cluster, workspace).await;
        assert!(!look.desired.objects.is_empty());
        happens();
        execute(&look.server, &look.plan, &look.observed, &look.inventory, &|_| {}).await
    })
}

#[test]
fn what_changed_since_it_was_looked_at_is_not_changed() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    write_project(&workspace, "one", "web", &["list"]);
    workspace.render();
    let report = in_the_middle(&cluster, &workspace, || {
        cluster.kubectl(&["label", "role", "-n", "web", "build", "note=x"]);
    });
    assert_eq!(report.failed.len(), 1);
    assert!(report.failed[0].1.message.contains("the object has been modified"), "{:?}", report.failed);
    let verbs = cluster.kubectl(&["get", "role", "-n", "web", "build", "-o", "jsonpath={.rules[0].verbs}"]);
    assert_eq!(verbs, r#"["get"]"#);
    cluster.apply(&workspace);
    cluster.run(&workspace, &["diff"]).ends(0);
}

#[test]
fn what_appears_in_the_place_of_ours_is_not_touched() {
    let cluster = Cluster::start();
    let workspace = small("one", "web", &["get"]);
    cluster.apply(&workspace);
    write_project(&workspace, "one", "docs", &["get"]);
    workspace.render();
    let report = in_the_middle(&cluster, &workspace, || cluster.server.create_namespace("docs").unwrap());
    assert_eq!(report.failed.len(), 1);
    assert_eq!(report.failed[0].0.to_string(), "Namespace docs");
    assert!(report.not_done.iter().any(|(id, _)| id.to_string() == "Role docs/build"));
    let labels = cluster.kubectl(&["get", "namespace", "docs", "-o", "jsonpath={.metadata.labels}"]);
    assert_eq!(labels, r#"{"kubernetes.io/metadata.name":"docs"}"#);
}
