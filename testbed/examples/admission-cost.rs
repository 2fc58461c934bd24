//! What the admission policies cost a pod, by the API server's own clock: `cargo run --release -p testbed --example
//! admission-cost`.
//!
//! Pods are created as a dry run by a runner's manager and by somebody else, and the server's histogram
//! `apiserver_admission_controller_admission_duration_seconds` says how long its admission plugin for policies took,
//! the search for their parameters included.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement for people: what fails stops it"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write;

use serde_json::json;
use support::{Workspace, runner};
use testbed::ApiServer;

/// Pods of a measurement.
const PODS: usize = 500;
/// The namespaces of the projects are made only where pods are.
const TRIED: usize = 5;

fn main() {
    println!("| projects | runners | bytes of a table | a job's pod, ms | another pod, ms |");
    println!("|---|---|---|---|---|");
    println!("{}", row(0, 0));
    for (projects, runners) in [(10, 1), (8_000, 1), (8_000, 20)] {
        println!("{}", row(projects, runners));
    }
}

fn row(projects: usize, runners: usize) -> String {
    let workspace = workspace(projects, runners);
    workspace.render();
    let server = ApiServer::start().unwrap();
    let out = workspace.path("out/kubernetes/main");
    if runners > 0 {
        let folder = out.join("admission");
        server.kubectl(&["apply", "--server-side", "-R", "-f", folder.as_str()]).unwrap();
    } else {
        server.create_namespace("runner-0").unwrap();
    }
    server.kubectl(&["create", "serviceaccount", "runner-0", "-n", "runner-0"]).unwrap();
    let bind = ["create", "clusterrolebinding", "wide", "--clusterrole=cluster-admin"];
    server.kubectl(&[&bind[..], &["--serviceaccount=runner-0:runner-0"]].concat()).unwrap();
    let namespace = namespace(TRIED);
    server.create_namespace(&namespace).unwrap();
    for account in ["build", "other"] {
        server.kubectl(&["create", "serviceaccount", account, "-n", &namespace]).unwrap();
    }
    let manager = server.service_account_kubeconfig("runner-0", "runner-0").unwrap();
    let manager = format!("--kubeconfig={manager}");
    // The server takes a moment to notice new policies.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let jobs = cost(&server, &namespace, "build", Some(&manager));
    let others = cost(&server, &namespace, "other", None);
    let bytes = table_bytes(&server);
    format!("| {projects} | {runners} | {bytes} | {jobs:.3} | {others:.3} |")
}

/// Milliseconds for each pod.
fn cost(server: &ApiServer, namespace: &str, account: &str, who: Option<&str>) -> f64 {
    let mut pods = String::new();
    for pod in 0..PODS {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": format!("job-{pod}"), "namespace": namespace,
                "labels": { "project.runner.gitlab.com/id": id(TRIED).to_string() },
            },
            "spec": {
                "serviceAccountName": account, "containers": [{ "name": "build", "image": "ubuntu:24.04" }],
            },
        });
        writeln!(pods, "---\n{pod}").unwrap();
    }
    let before = measured(server);
    let mut arguments = vec!["create", "--dry-run=server", "--validate=false", "-f", "-"];
    arguments.extend(who);
    let output = server.kubectl_output(&arguments, &pods).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let after = measured(server);
    (after - before) * 1000.0 / PODS as f64
}

/// The seconds that the admission of pods by policies has taken so far.
fn measured(server: &ApiServer) -> f64 {
    let metrics = server.kubectl(&["get", "--raw", "/metrics"]).unwrap();
    metrics
        .lines()
        .filter(|line| {
            line.starts_with("apiserver_admission_controller_admission_duration_seconds_sum")
                && line.contains("name=\"ValidatingAdmissionPolicy\"")
                && line.contains("operation=\"CREATE\"")
        })
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// What the largest table of the first runner's namespace takes, with its keys.
fn table_bytes(server: &ApiServer) -> usize {
    let tables = server.get("/api/v1/namespaces/runner-0/configmaps").unwrap();
    let sizes = tables["items"].as_array().unwrap().iter().filter_map(|table| {
        let data = table["data"].as_object()?.iter();
        Some(data.map(|(key, value)| key.len() + value.as_str().unwrap_or_default().len()).sum())
    });
    sizes.max().unwrap_or_default()
}

fn workspace(projects: usize, runners: usize) -> Workspace {
    let workspace = Workspace::new(&json!([]));
    for index in 0..runners {
        let mut file = runner();
        file["isolation"] = "admission".into();
        file["release"] = format!("runner-{index}").into();
        file["namespace"]["name"] = format!("runner-{index}").into();
        workspace.write(&format!("runners/r{index}.yaml"), &file);
    }
    for index in 0..projects {
        workspace.write(
            &format!("projects/p{index}.yaml"),
            &json!({
                "project": format!("group-{}/project-{index}", index % 100),
                "id": id(index),
                "runner": format!("r{}", if index == TRIED { 0 } else { index % runners }),
                "namespace": namespace(index),
                "serviceAccounts": [{ "name": "build", "default": true }, { "name": "deploy" }],
            }),
        );
    }
    workspace
}

fn id(index: usize) -> usize {
    10_000 + index
}

fn namespace(index: usize) -> String {
    format!("team-{}-project-{index}", index % 100)
}
