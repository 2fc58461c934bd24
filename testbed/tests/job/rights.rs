//! The rendered role of a manager is enough, and nothing in it is too much.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testbed::{Image, Job, Outcome};

use crate::bed::{Answer, Bed, Runner, at_once, wait};
use crate::story::{EVENTS_EVERYWHERE, job, refused};
use crate::support::{Workspace, runner};

/// What a job is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It has a registry's credentials, and runs.
    Good,
    /// Its image can't be had.
    NoImage,
    /// Its pod is refused, after the Secret with its credentials was made.
    NoPod,
}

/// What the log says.
#[derive(Clone, Copy, Debug)]
enum Says {
    Yes(&'static str),
    No(&'static str),
}

/// A job whose manager lacks one permission, or none, and what happens.
#[derive(Debug)]
struct Row {
    /// Verb and resource; empty for none.
    without: &'static str,
    kind: Kind,
    /// The state that GitLab is told.
    state: &'static str,
    says: Says,
    /// A pod or a Secret that stays.
    leaves: &'static str,
}

const fn row(
    without: &'static str,
    kind: Kind,
    state: &'static str,
    says: Says,
    leaves: &'static str,
) -> Row {
    Row { without, kind, state, says, leaves }
}

const EVENT: &str = "WARNING: Event retrieved from the cluster: ";

/// What each permission is for.
const TABLE: [Row; 14] = [
    row("", Kind::Good, "success", Says::No("WARNING"), ""),
    row("", Kind::NoImage, "failed", Says::Yes(EVENT), ""),
    row("", Kind::NoPod, "failed", Says::Yes("must be less than or equal to cpu limit"), ""),
    row("create pods", Kind::Good, "failed", Says::Yes("cannot create resource \"pods\""), ""),
    row("get pods", Kind::Good, "failed", Says::Yes("cannot get resource \"pods\""), ""),
    row(
        "list pods",
        Kind::Good,
        "success",
        Says::Yes("WARNING: won't use informers: \"not allowed: list on pods\""),
        "",
    ),
    row(
        "watch pods",
        Kind::Good,
        "success",
        Says::Yes("WARNING: won't use informers: \"not allowed: watch on pods\""),
        "",
    ),
    row("delete pods", Kind::Good, "success", Says::Yes("ERROR: Error cleaning up pod: "), "pod/"),
    row("create pods/attach", Kind::Good, "failed", Says::Yes("cannot create resource \"pods/attach\""), ""),
    row("create pods/exec", Kind::Good, "failed", Says::Yes("cannot create resource \"pods/exec\""), ""),
    row("create secrets", Kind::Good, "failed", Says::Yes("cannot create resource \"secrets\""), ""),
    row("update secrets", Kind::Good, "failed", Says::Yes("cannot update resource \"secrets\""), "secret/"),
    row("delete secrets", Kind::NoPod, "failed", Says::Yes("ERROR: Error cleaning up secrets: "), "secret/"),
    row("list events", Kind::NoImage, "failed", Says::No(EVENT), ""),
];

/// A workspace with a runner, and a project of its own, for each line of the table.
fn workspace() -> Workspace {
    let workspace = Workspace::new(&json!([]));
    for (number, row) in TABLE.iter().enumerate() {
        let mut runner = runner();
        runner["release"] = name(number).into();
        runner["namespace"] = json!({ "name": format!("manager-{number}"), "create": true });
        if row.kind == Kind::NoPod {
            runner["kubernetes"] = json!({ "cpu_request": "2", "cpu_limit": "1" });
        }
        workspace.write(&format!("runners/{}.yaml", name(number)), &runner);
        let project = json!({
            "project": format!("group/{}", name(number)),
            "id": number + 1,
            "runner": name(number),
            "namespace": { "name": namespace(number), "create": true },
            "serviceAccounts": [{ "name": "account", "rules": [
                { "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"] },
            ] }],
        });
        workspace.write(&format!("projects/{}.yaml", name(number)), &project);
    }
    workspace
}

fn name(number: usize) -> String {
    format!("right-{number}")
}

fn namespace(number: usize) -> String {
    format!("jobs-{number}")
}

fn job_of(bed: &Bed, number: usize, kind: Kind) -> Job {
    let path = format!("group/{}", name(number));
    let job = job(number as u64 + 1, &path, &bed.include(&path).plain()).script(&["kubectl get pod"]);
    // There is no registry there, which is told at once.
    let image = if kind == Kind::NoImage { "127.0.0.1:1/nothing:1" } else { Image::Job.reference() };
    job.image(image).credentials()
}

/// The permissions of a role, one by one.
fn permissions(role: &Value) -> Vec<(String, String)> {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let mut permissions = Vec::new();
    for rule in role["rules"].as_array().unwrap() {
        assert_eq!(rule["apiGroups"], json!([""]));
        for resource in texts(&rule["resources"]) {
            permissions.extend(texts(&rule["verbs"]).into_iter().map(|verb| (verb, resource.clone())));
        }
    }
    permissions
}

/// Takes a permission away from a manager, and waits until the server knows.
fn take_away(bed: &Bed, runner: &Runner<'_>, number: usize, permission: &str) {
    let mut role = runner.role.clone();
    let left =
        permissions(&role).into_iter().filter(|(verb, resource)| format!("{verb} {resource}") != permission);
    let rules =
        left.map(|(verb, resource)| json!({ "apiGroups": [""], "resources": [resource], "verbs": [verb] }));
    role["rules"] = rules.collect();
    bed.node().kubectl_with_input(&["replace", "-f", "-"], &role.to_string()).unwrap();
    let (verb, resource) = permission.split_once(' ').unwrap();
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let review = json!({
        "user": runner.user(),
        "resourceAttributes": {
            "namespace": namespace(number), "verb": verb, "resource": resource, "subresource": subresource,
        },
    });
    wait("the permission is gone", || {
        bed.node().access_reviews(std::slice::from_ref(&review)).unwrap() == [false]
    });
}

/// Holds what happened against the table.
fn check(bed: &Bed, number: usize, runner: &Runner<'_>, outcome: &Outcome) {
    let (row, namespace) = (&TABLE[number], namespace(number));
    let trace = &outcome.told.trace;
    let context = format!("{row:?}\n{trace}\n{}", outcome.log);
    assert_eq!(outcome.told.state, row.state, "{context}");
    match row.says {
        Says::Yes(words) => assert!(trace.contains(words), "{context}"),
        Says::No(words) => assert!(!trace.contains(words), "{context}"),
    }
    assert_eq!(refused(runner), refusals(row, &namespace), "{context}");
    if row.leaves.is_empty() {
        bed.nothing_is_left(&namespace);
    } else {
        let left = bed.left(&namespace);
        assert!(left.iter().any(|name| name.starts_with(row.leaves)), "{left:?}\n{context}");
    }
}

/// What the server refuses to a manager.
fn refusals(row: &Row, namespace: &str) -> Vec<String> {
    let mut refusals = Vec::new();
    // Before it lists and watches, the manager asks whether it may.
    if !["", "list pods", "watch pods"].contains(&row.without) {
        refusals.push(format!("{} in {namespace}", row.without));
    }
    // If no pod was made, the runner looks for its events in all namespaces. It may not, and nobody misses them.
    if row.kind == Kind::NoPod || row.without == "create pods" {
        refusals.push(EVENTS_EVERYWHERE.to_owned());
    }
    refusals
}

/// A ClusterRole's permissions as the table has them.
fn words(role: &Value) -> BTreeSet<String> {
    permissions(role).into_iter().map(|(verb, resource)| format!("{verb} {resource}")).collect()
}

#[test]
fn a_manager_has_all_the_rights_that_its_jobs_need_and_no_other() {
    let bed = Bed::new(workspace());
    let runners: Vec<Runner<'_>> = (0..TABLE.len()).map(|number| bed.runner(&name(number))).collect();
    // Every permission of every role stands in the table, and nothing else.
    let taken = TABLE.iter().map(|row| row.without.to_owned()).filter(|without| !without.is_empty());
    let taken: BTreeSet<String> = taken.collect();
    for (number, (row, runner)) in TABLE.iter().zip(&runners).enumerate() {
        assert_eq!(words(&runner.role), taken);
        runner.wait_for(&namespace(number), "account", "1", Answer::Yes);
        if !row.without.is_empty() {
            take_away(&bed, runner, number, row.without);
        }
    }
    let jobs = TABLE.iter().zip(&runners).enumerate();
    let jobs = jobs.map(|(number, (row, runner))| (runner, job_of(&bed, number, row.kind)));
    let outcomes = at_once(jobs.collect());
    for (number, outcome) in outcomes.iter().enumerate() {
        check(&bed, number, &runners[number], outcome);
    }
}
