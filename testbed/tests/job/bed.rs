//! A node with a rendered workspace on it, and its runners.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{Executor, Image, Job, Knobs, Node, Options, Outcome, Part, Parts, build};

use crate::support::Workspace;

/// One node for all tests, one test at a time: their workspaces have the same namespaces. It goes with this process.
static NODE: Mutex<Option<Node>> = Mutex::new(None);

/// The id of a job's project, where the runner writes it.
const PROJECT: &str = "project.runner.gitlab.com/id";

/// The node, with one workspace applied.
pub struct Bed {
    node: MutexGuard<'static, Option<Node>>,
    workspace: Workspace,
    parts: Parts,
    /// How many requests the audit log had before.
    before: usize,
}

impl Bed {
    /// Renders the workspace, and applies it as the README says, on a node that no other workspace is on.
    pub fn new(workspace: Workspace) -> Self {
        workspace.render();
        let parts = build(&Options::from_env().unwrap().with_parts(&Part::NODE)).unwrap();
        // Another test's failure says nothing about the node.
        let mut node = NODE.lock().unwrap_or_else(PoisonError::into_inner);
        if node.is_none() {
            *node = Some(Node::start().unwrap());
        }
        let mut bed = Self { node, workspace, parts, before: 0 };
        bed.remove_others();
        bed.before = bed.node().audit().unwrap().len();
        let folder = bed.workspace.path("out/kubernetes/main");
        bed.node().kubectl(&["apply", "-R", "-f", folder.as_str()]).unwrap();
        bed
    }

    pub fn node(&self) -> &Node {
        self.node.as_ref().unwrap()
    }

    /// Takes back what another workspace was granted: the policies' bindings first, as the README says. The namespaces
    /// stay.
    fn remove_others(&self) {
        const ALL: [&str; 3] = ["--all-namespaces", "--selector", "app.kubernetes.io/managed-by=tegata"];
        let delete = |kinds: &str| self.node().kubectl(&[&["delete", kinds][..], &ALL].concat());
        delete("validatingadmissionpolicybindings").unwrap();
        // The server takes a moment to notice that they are gone.
        wait("the table can be deleted", || delete("configmaps").is_ok());
        delete(
            "validatingadmissionpolicies,clusterrolebindings,clusterroles,rolebindings,roles,serviceaccounts",
        )
        .unwrap();
    }

    /// A runner with its rendered configuration, and its manager's rights: those that were rendered.
    pub fn runner(&self, name: &str) -> Runner<'_> {
        let values = self.workspace.path(&format!("out/helm/{name}/values.yaml"));
        let manifests = self.workspace.path(&format!("out/kubernetes/main/runners/{name}.yaml"));
        let objects = documents(&fs_err::read_to_string(manifests).unwrap());
        let account = objects.iter().find(|object| object["kind"] == "ServiceAccount").unwrap();
        let text = |place: &str| account.pointer(place).and_then(Value::as_str).unwrap().to_owned();
        let (namespace, account) = (text("/metadata/namespace"), text("/metadata/name"));
        let access = self.node().service_account_access(&namespace, &account).unwrap();
        let executor = Executor::new(&self.parts, &values, access).unwrap();
        assert_eq!(executor.account(), account);
        let role = objects.iter().find(|object| object["kind"] == "ClusterRole").unwrap().clone();
        Runner { bed: self, executor, namespace, account, role }
    }

    /// What a project includes in its `.gitlab-ci.yml`.
    pub fn include(&self, project: &str) -> Include {
        let path = self.workspace.path(&format!("out/gitlab-ci/{project}.yml"));
        let text = fs_err::read_to_string(path).unwrap();
        Include { content: serde_yaml::from_str(&text).unwrap() }
    }

    /// The names of what runners have made and not removed: pods, and Secrets of credentials.
    pub fn left(&self, namespace: &str) -> Vec<String> {
        let names = self.node().kubectl(&["get", "pods,secrets", "-n", namespace, "-o", "name"]).unwrap();
        names.lines().filter(|name| name.contains("/runner-")).map(str::to_owned).collect()
    }

    /// Waits until nothing is left; what a pod owns goes some time after it.
    #[track_caller]
    pub fn nothing_is_left(&self, namespace: &str) {
        wait("nothing of a job is left", || self.left(namespace).is_empty());
    }
}

/// What GitLab would read from a rendered include.
pub struct Include {
    content: Value,
}

impl Include {
    /// The variables of a job that extends nothing.
    pub fn plain(&self) -> Vec<(String, String)> {
        pairs(self.content.get("variables"))
    }

    /// The variables of a job that extends a hidden one: its own beat the global ones.
    pub fn extending(&self, hidden: &str) -> Vec<(String, String)> {
        let hidden = self.content.get(hidden).unwrap();
        [self.plain(), pairs(hidden.get("variables"))].concat()
    }
}

fn pairs(variables: Option<&Value>) -> Vec<(String, String)> {
    let Some(variables) = variables else { return Vec::new() };
    let pairs = variables.as_object().unwrap().iter();
    pairs.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// The documents of a file.
fn documents(text: &str) -> Vec<Value> {
    use serde::Deserialize as _;
    serde_yaml::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap()).collect()
}

/// What the server says to a pod.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Yes,
    Warning,
    /// By a policy.
    No,
}

/// A runner of the workspace.
pub struct Runner<'a> {
    bed: &'a Bed,
    executor: Executor,
    namespace: String,
    account: String,
    /// The rendered ClusterRole of its manager.
    pub role: Value,
}

impl Runner<'_> {
    /// The name by which its manager comes to the API server.
    pub fn user(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.account)
    }

    pub fn run(&self, job: &Job) -> Outcome {
        self.executor.run(job, &Knobs::node(Image::Helper.reference())).unwrap()
    }

    /// Waits until the server knows of what was applied: each part of it notices on its own.
    pub fn wait_for(&self, namespace: &str, account: &str, project: &str, wanted: Answer) {
        let node = self.bed.node();
        let kubeconfig = node.service_account_kubeconfig(&self.namespace, &self.account).unwrap();
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "probe", "namespace": namespace, "labels": { PROJECT: project } },
            "spec": { "serviceAccountName": account, "containers": [{ "name": "c", "image": "i" }] },
        });
        let kubeconfig = format!("--kubeconfig={kubeconfig}");
        let arguments = ["create", "--dry-run=server", "--validate=false", "-f", "-", &kubeconfig];
        wait(&format!("{wanted:?}: a pod of {project}, as {account} in {namespace}"), || {
            let output = node.kubectl_output(&arguments, &pod.to_string()).unwrap();
            let words = String::from_utf8(output.stderr).unwrap();
            match wanted {
                Answer::Yes => output.status.success() && words.is_empty(),
                Answer::Warning => output.status.success() && words.contains("may not run jobs"),
                Answer::No => !output.status.success() && words.contains("may not run jobs"),
            }
        });
    }

    /// What its manager has asked of the API server so far: verb, resource, namespace and the code of the answer.
    pub fn asked(&self) -> Vec<Asked> {
        let requests = self.bed.node().audit().unwrap();
        let user = self.user();
        let own = requests
            .iter()
            .skip(self.bed.before)
            .filter(|request| request["user"]["username"] == user.as_str());
        own.map(Asked::new).filter(|asked| !asked.is_probe).collect()
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub verb: String,
    /// With its subresource, such as `pods/exec`.
    pub resource: String,
    pub namespace: String,
    pub code: u64,
    /// Whether it is one of [`Runner::wait_for`].
    is_probe: bool,
}

impl Asked {
    fn new(request: &Value) -> Self {
        let text =
            |place: &str| request.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
        let resource = match text("/objectRef/subresource") {
            none if none.is_empty() => text("/objectRef/resource"),
            subresource => format!("{}/{subresource}", text("/objectRef/resource")),
        };
        Self {
            verb: text("/verb"),
            resource,
            namespace: text("/objectRef/namespace"),
            code: request["responseStatus"]["code"].as_u64().unwrap_or_default(),
            is_probe: text("/requestURI").contains("dryRun=All") || text("/userAgent").starts_with("kubectl"),
        }
    }
}

/// Waits until something holds.
#[track_caller]
pub fn wait(what: &str, holds: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < patience, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Runs jobs at once, and returns their ends in the same order.
pub fn at_once(jobs: Vec<(&Runner<'_>, Job)>) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let running: Vec<_> =
            jobs.into_iter().map(|(runner, job)| scope.spawn(move || runner.run(&job))).collect();
        running.into_iter().map(|running| running.join().unwrap()).collect()
    })
}
