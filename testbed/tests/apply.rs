//! The repository's own example on a real API server: applied in one pass, and what its accounts may then do.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::Workspace;
use testbed::{ApiServer, Options, Part, build, go_yaml_json};

const LABEL: &str = "app.kubernetes.io/managed-by";
const KPACK: &str = "kpack.io";

/// What is below `out/kubernetes/main`, as kubectl reads it.
fn written(workspace: &Workspace) -> Vec<Value> {
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    go_yaml_json(&parts, &workspace.rendered("kubernetes/main")).unwrap().concat()
}

fn manifests(workspace: &Workspace) -> String {
    workspace.path("out/kubernetes/main").into_string()
}

/// The objects of a folder as the server has them.
fn read_back(server: &ApiServer, folder: &str) -> Vec<Value> {
    let text = server.kubectl(&["get", "-R", "-f", folder, "-o", "json"]).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    list["items"].as_array().unwrap().clone()
}

type Identity = [String; 3];

fn identity(object: &Value) -> Identity {
    ["/kind", "/metadata/namespace", "/metadata/name"]
        .map(|place| object.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn by_identity(objects: Vec<Value>) -> BTreeMap<Identity, Value> {
    let count = objects.len();
    let map: BTreeMap<_, _> = objects.into_iter().map(|object| (identity(&object), object)).collect();
    assert_eq!(map.len(), count, "an object stands twice");
    map
}

fn versions(objects: &BTreeMap<Identity, Value>) -> Vec<&Value> {
    objects.values().map(|object| &object["metadata"]["resourceVersion"]).collect()
}

/// Whether `object` says all that `wanted` says; what the server adds is passed over.
fn says(object: &Value, wanted: &Value) -> bool {
    match (object, wanted) {
        (Value::Object(object), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| object.get(key).is_some_and(|value| says(value, wanted)))
        }
        (Value::Array(list), Value::Array(wanted)) => {
            list.len() == wanted.len() && list.iter().zip(wanted).all(|(value, wanted)| says(value, wanted))
        }
        _ => object == wanted,
    }
}

/// Applies the example twice to an empty cluster.
#[track_caller]
fn applied_twice(server: &ApiServer, workspace: &Workspace, options: &[&str], second: &str) {
    let folder = manifests(workspace);
    let apply = || {
        let mut arguments = vec!["apply", "-R", "-f", &folder];
        arguments.extend(options);
        let output = server.kubectl_output(&arguments, "").unwrap();
        let (text, errors) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success() && errors.is_empty(), "{text}\n{errors}");
        text
    };
    let wanted = by_identity(written(workspace));
    let text = apply();
    assert_eq!(text.lines().count(), wanted.len(), "{text}");

    let first = by_identity(read_back(server, &folder));
    assert!(first.keys().eq(wanted.keys()));
    for (identity, object) in &first {
        assert_eq!(object["metadata"]["labels"][LABEL], "tegata", "{identity:?}");
        assert!(says(object, &wanted[identity]), "{object:#}\nis not\n{:#}", wanted[identity]);
    }

    let text = apply();
    assert!(text.lines().all(|line| line.ends_with(second)), "{text}");
    assert_eq!(versions(&by_identity(read_back(server, &folder))), versions(&first));
}

struct AsAccount<'a> {
    server: &'a ApiServer,
    kubeconfig: String,
}

impl<'a> AsAccount<'a> {
    /// The account by a token of its own.
    fn new(server: &'a ApiServer, namespace: &str, name: &str) -> Self {
        let path = server.service_account_kubeconfig(namespace, name).unwrap();
        Self { server, kubeconfig: format!("--kubeconfig={path}") }
    }

    /// Exit code, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut all = vec![self.kubeconfig.as_str()];
        all.extend(arguments);
        let output = self.server.kubectl_output(&all, "").unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }

    /// Asks the server whether this account may; the resource can be followed by `/` and a subresource, and by an
    /// object's name. Not by `kubectl auth can-i`: of a resource that the server doesn't serve it asks without
    /// the group.
    #[track_caller]
    fn check(&self, verb: &str, group: &str, resource: &str, namespace: &str, expected: bool) {
        let mut parts = resource.split(' ');
        let (resource, name) = (parts.next().unwrap(), parts.next().unwrap_or_default());
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": {
                "verb": verb,
                "group": group,
                "resource": resource,
                "subresource": subresource,
                "name": name,
                "namespace": namespace,
            } },
        });
        // kubectl's validation would list CustomResourceDefinitions, which this account may not.
        let output = ["create", "--validate=false", "-f", "-", "-o", "jsonpath={.status.allowed}"];
        let arguments = [&[self.kubeconfig.as_str()], &output[..]].concat();
        let answer = self.server.kubectl_with_input(&arguments, &review.to_string()).unwrap();
        assert_eq!(answer, expected.to_string(), "{verb} {group} {resource} {name} in `{namespace}`");
    }
}

/// S9 of the story, and what else the role of the story says.
fn does_what_the_story_says(account: &AsAccount<'_>) {
    let (code, answer, errors) = account.run(&["get", "pods", "-n", "cicd"]);
    assert_eq!((code, answer.as_str()), (Some(0), ""), "{errors}");
    assert_eq!(errors, "No resources found in cicd namespace.\n");

    let (code, answer, errors) = account.run(&["get", "deploy", "-n", "cicd"]);
    assert_eq!((code, answer.as_str()), (Some(1), ""));
    assert_eq!(
        errors,
        "Error from server (Forbidden): deployments.apps is forbidden: User \"system:serviceaccount:cicd:kp-account\" cannot list resource \"deployments\" in API group \"apps\" in the namespace \"cicd\"\n"
    );

    for (verb, group, resource) in [
        ("create", "", "secrets"),
        ("deletecollection", KPACK, "builders"),
        ("create", KPACK, "images"),
        ("get", "", "pods/log"),
        ("list", "stacks.stacks-operator.tanzu.vmware.com", "customstacks"),
        ("patch", "", "serviceaccounts default"),
        ("update", KPACK, "builds"),
        ("list", KPACK, "clusterbuilders"),
    ] {
        account.check(verb, group, resource, "cicd", true);
    }
    for resource in ["clusterbuilders", "clusterstacks", "clusterstores"] {
        account.check("watch", KPACK, resource, "", true);
    }
    for (verb, group, resource) in [
        ("get", "", "secrets"),
        ("create", KPACK, "builds"),
        ("create", "", "pods"),
        ("create", "", "pods/exec"),
        ("get", "", "serviceaccounts other"),
        ("delete", KPACK, "clusterbuilders"),
        ("*", "*", "*"),
    ] {
        account.check(verb, group, resource, "cicd", false);
    }
    account.check("get", "", "secrets", "kube-system", false);
    account.check("*", "*", "*", "", false);
}

#[test]
fn the_example_is_applied_in_one_pass_and_does_what_it_says() {
    let workspace = Workspace::example();
    workspace.render();
    let server = ApiServer::start().unwrap();
    applied_twice(&server, &workspace, &[], " unchanged");

    let account = AsAccount::new(&server, "cicd", "kp-account");
    does_what_the_story_says(&account);
    // With `scope: split` the role's Secrets are those of its own namespace.
    for namespace in ["kube-system", "storefront"] {
        account.check("create", "", "secrets", namespace, false);
        account.check("list", "", "pods", namespace, false);
    }
}

#[test]
fn the_example_is_applied_by_the_server_in_one_pass() {
    let workspace = Workspace::example();
    workspace.render();
    let server = ApiServer::start().unwrap();
    applied_twice(&server, &workspace, &["--server-side"], " serverside-applied");
}

#[test]
fn the_story_to_the_letter() {
    let workspace = Workspace::example();
    workspace.edit("projects/cicd.yaml", "scope: split", "scope: cluster");
    workspace.without_policies();
    workspace.render();
    let server = ApiServer::start().unwrap();

    // What the team typed by hand (S4 and S6), as kubectl would send it.
    let by_hand = |arguments: &[&str]| -> Value {
        let options = ["--dry-run=client", "-o", "json"];
        serde_json::from_str(&server.kubectl(&[arguments, &options].concat()).unwrap()).unwrap()
    };
    let account = by_hand(&["create", "sa", "kp-account", "-n", "cicd"]);
    let binding = by_hand(&[
        "create",
        "clusterrolebinding",
        "kp-account-binding",
        "--clusterrole",
        "build-service-user-role",
        "--serviceaccount",
        "cicd:kp-account",
    ]);
    let rendered = by_identity(written(&workspace));
    for object in [account, binding] {
        let rendered = rendered.get(&identity(&object));
        assert!(
            rendered.is_some_and(|rendered| says(rendered, &object)),
            "{object:#}\nis not in {rendered:#?}"
        );
    }

    applied_twice(&server, &workspace, &[], " unchanged");
    let account = AsAccount::new(&server, "cicd", "kp-account");
    does_what_the_story_says(&account);
    // What the story leaves open.
    account.check("create", "", "secrets", "kube-system", true);
    account.check("list", "", "pods", "", true);
}
