//! The same projects in three workspaces, which differ in their runners' isolation only; and a server for each.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};
use testbed::{ApiServer, Executor, Options, Part, Parts, build};

use crate::attack::Impersonation;

use crate::support::pods::{Watcher, wait};
use crate::support::{Workspace, runner};

/// How a runner keeps its projects apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Overwrite,
    Admission,
    Dedicated,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Overwrite, Mode::Admission, Mode::Dedicated];

    pub fn name(self) -> &'static str {
        match self {
            Mode::Overwrite => "overwrite",
            Mode::Admission => "admission",
            Mode::Dedicated => "dedicated",
        }
    }

    /// The runner of an account.
    fn runner(self, account: &str) -> &str {
        if self == Mode::Dedicated { account } else { "shared" }
    }
}

/// A project: its id in GitLab, and what its file declares.
#[derive(Debug)]
pub struct Project {
    pub name: &'static str,
    pub id: u64,
    pub namespace: &'static str,
    pub accounts: &'static [&'static str],
}

/// The last four have no file, and `gone` has none any more.
const PROJECTS: [Project; 9] = [
    Project { name: "alpha", id: 42, namespace: "alpha", accounts: &["build", "deploy"] },
    Project { name: "beta", id: 43, namespace: "beta", accounts: &["build", "deploy"] },
    Project { name: "gamma", id: 44, namespace: "alpha", accounts: &["gamma", "modest"] },
    Project { name: "moved", id: 45, namespace: "moved", accounts: &["mover"] },
    Project { name: "gone", id: 46, namespace: "gone", accounts: &["former"] },
    Project { name: "squatter", id: 47, namespace: "", accounts: &[] },
    Project { name: "stranger", id: 48, namespace: "", accounts: &[] },
    Project { name: "tail", id: 143, namespace: "", accounts: &[] },
    Project { name: "end", id: 3, namespace: "", accounts: &[] },
];

impl Project {
    pub fn named(name: &str) -> &'static Project {
        PROJECTS.iter().find(|project| project.name == name).unwrap()
    }

    /// Its path in GitLab. The squatter took the old one of `moved`.
    pub fn path(&self) -> String {
        format!("team/{}", if self.name == "squatter" { "moved" } else { self.name })
    }

    /// Whether its files, as they are now, let it run jobs so.
    pub fn may_be(&self, namespace: &str, account: &str) -> bool {
        self.name != "gone" && self.namespace == namespace && self.accounts.contains(&account)
    }
}

/// What a careless role gives in a namespace.
fn careless() -> Value {
    let rule =
        |resources: Value, verbs: Value| json!({ "apiGroups": [""], "resources": resources, "verbs": verbs });
    json!([
        rule(json!(["pods"]), json!(["create", "get", "list", "patch", "update", "watch"])),
        rule(json!(["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"]), json!(["create", "get"])),
        rule(json!(["pods/ephemeralcontainers"]), json!(["get", "patch", "update"])),
        rule(json!(["secrets"]), json!(["create", "get", "list", "patch", "update"])),
        rule(json!(["serviceaccounts/token"]), json!(["create"])),
    ])
}

fn write_project(workspace: &Workspace, mode: Mode, project: &Project, more: &Impersonation) {
    let accounts = project.accounts.iter().enumerate().map(|(index, account)| {
        let runner = format!("{}-{account}", project.name);
        let mut declared = json!({ "name": account, "runner": mode.runner(&runner), "default": index == 0 });
        if *account == "gamma" {
            declared["rules"] = careless();
            if more.split {
                workspace.write("roles/more.yaml", &role("more", more.rule.as_ref()));
                declared["roles"] = json!([{ "clusterRole": "more", "scope": "split" }]);
            } else {
                declared["rules"].as_array_mut().unwrap().extend(more.rule.clone());
            }
        }
        declared
    });
    let accounts: Vec<Value> = accounts.collect();
    let first = format!("{}-{}", project.name, project.accounts[0]);
    // A namespace that projects share is nobody's to create.
    let namespace = json!({ "name": project.namespace, "create": project.namespace != "alpha" });
    workspace.write(
        &format!("projects/{}.yaml", project.name),
        &json!({
            "project": project.path(), "id": project.id, "runner": mode.runner(&first),
            "namespace": namespace, "serviceAccounts": accounts,
        }),
    );
}

fn role(name: &str, rule: Option<&Value>) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": { "name": name }, "rules": [rule],
    })
}

fn write_runner(workspace: &Workspace, mode: Mode, name: &str) {
    let mut written = runner();
    written["isolation"] = json!(mode.name());
    written["release"] = json!(format!("manager-{name}"));
    written["namespace"] = json!({ "name": format!("runner-{name}"), "create": true });
    workspace.write(&format!("runners/{name}.yaml"), &written);
}

fn workspace(mode: Mode) -> Workspace {
    let workspace = Workspace::new(&json!([]));
    for project in PROJECTS.iter().filter(|project| !project.accounts.is_empty()) {
        write_project(&workspace, mode, project, &Impersonation::default());
        for account in project.accounts {
            write_runner(&workspace, mode, mode.runner(&format!("{}-{account}", project.name)));
        }
    }
    workspace
}

/// A server with the rendered objects of a mode, and what its runners are.
pub struct World {
    pub mode: Mode,
    // Dropped first: it asks the server.
    pub watcher: Watcher,
    pub server: ApiServer,
    workspace: Workspace,
    parts: Parts,
    /// The runner of a deleted project, as it was installed.
    gone: Option<Executor>,
}

impl World {
    pub fn new(mode: Mode) -> World {
        let wanted = [&Part::SERVER[..], &[Part::JobRunner]].concat();
        let parts = build(&Options::from_env().unwrap().with_parts(&wanted)).unwrap();
        let server = ApiServer::start_with(&parts).unwrap();
        let watcher = Watcher::start(&server);
        server.create_namespace("alpha").unwrap();
        let mut world = World { mode, watcher, server, workspace: workspace(mode), parts, gone: None };
        world.apply();
        if mode == Mode::Dedicated {
            world.gone = Some(world.executor_of("gone-former"));
        }
        world.delete_gone();
        world.apply();
        world.finish_cluster();
        world.wait_for_policies();
        world
    }

    /// Another thread that starts a program holds for a moment what is open here: the lock of a render before, too.
    fn render(&self) -> Result<(), String> {
        wait("the last render's lock is free", || {
            let rendered = self.workspace.try_render();
            let locked = rendered.as_ref().is_err_and(|error| error.contains("another render is writing"));
            (!locked).then_some(rendered)
        })
    }

    fn apply(&self) {
        self.render().unwrap_or_else(|error| panic!("the workspace does not render:\n{error}"));
        let folder = self.workspace.path("out/kubernetes/main");
        self.server.kubectl(&["apply", "-R", "-f", folder.as_str()]).unwrap();
    }

    /// A project's file goes, and with it what is rendered; and from the cluster, as pruning takes it.
    fn delete_gone(&self) {
        let file = |path: &str| self.workspace.path(path);
        let mut objects = vec![file("out/kubernetes/main/projects/team/gone.yaml")];
        fs_err::remove_file(file("projects/gone.yaml")).unwrap();
        if self.mode == Mode::Dedicated {
            objects.push(file("out/kubernetes/main/runners/gone-former.yaml"));
            fs_err::remove_file(file("runners/gone-former.yaml")).unwrap();
        }
        for object in objects {
            self.server.kubectl(&["delete", "--wait=false", "-f", object.as_str()]).unwrap();
        }
    }

    /// What a whole cluster has beside: namespaces' own accounts, a namespace of nobody's, a tenant's own account.
    fn finish_cluster(&self) {
        self.server.create_namespace("other").unwrap();
        let text = self.server.kubectl(&["get", "namespaces", "-o", "name"]).unwrap();
        for namespace in text.lines().filter_map(|line| line.strip_prefix("namespace/")) {
            if namespace != "gone" {
                self.server.kubectl(&["create", "serviceaccount", "default", "-n", namespace]).unwrap();
            }
        }
        self.server.kubectl(&["create", "serviceaccount", "app", "-n", "alpha"]).unwrap();
        self.server.kubectl_with_input(&["create", "-f", "-"], &token_secret("app").to_string()).unwrap();
    }

    /// The server notices new policies, bindings and tables in the order in which they were made. So when it has
    /// noticed one that was made last, it has noticed all.
    fn wait_for_policies(&self) {
        let name = "last.test.tegata.dev";
        let table = json!({ "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": "default" }, "data": { "name": "canary" } });
        let policy = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": { "name": name },
            "spec": {
                "paramKind": { "apiVersion": "v1", "kind": "ConfigMap" },
                "matchConstraints": { "resourceRules": [{
                    "apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["configmaps"],
                }] },
                "validations": [{ "expression": "object.metadata.name != params.data.name", "message": "noticed" }],
            },
        });
        let binding = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": { "name": name },
            "spec": {
                "policyName": name, "validationActions": ["Deny"],
                "paramRef": { "name": name, "namespace": "default", "parameterNotFoundAction": "Deny" },
            },
        });
        for object in [table, policy, binding] {
            self.server.kubectl_with_input(&["create", "-f", "-"], &object.to_string()).unwrap();
        }
        let question = ["create", "configmap", "canary", "-n", "default", "--dry-run=server"];
        wait("the policies are noticed", || {
            let output = self.server.kubectl_output(&question, "").unwrap();
            String::from_utf8_lossy(&output.stderr).contains("noticed").then_some(())
        });
    }

    /// The runner that gets the jobs of a project.
    pub fn executor(&self, project: &Project) -> Executor {
        match (&self.gone, project.name) {
            (Some(gone), "gone") => gone.clone(),
            // Nobody gave them a runner, so they come to a neighbour's.
            (_, "squatter") => self.executor(Project::named("moved")),
            (_, "stranger" | "tail" | "end") => self.executor(Project::named("beta")),
            _ => self.executor_of(self.mode.runner(&format!("{}-{}", project.name, project.accounts[0]))),
        }
    }

    fn executor_of(&self, runner: &str) -> Executor {
        let values = self.workspace.path(&format!("out/helm/{runner}/values.yaml"));
        let access = self
            .server
            .service_account_access(&format!("runner-{runner}"), &format!("manager-{runner}"))
            .unwrap();
        Executor::new(&self.parts, &values, access).unwrap()
    }

    /// Namespace and name of the account of the manager that runs alpha's jobs.
    pub fn manager(&self) -> (String, String) {
        let runner = self.mode.runner("alpha-build");
        (format!("runner-{runner}"), format!("manager-{runner}"))
    }

    /// Gives gamma one more right; the error is what tegata says.
    pub fn give_gamma(&self, more: &Impersonation) -> Result<(), String> {
        let gamma = Project::named("gamma");
        write_project(&self.workspace, self.mode, gamma, more);
        let rendered = self.render();
        if rendered.is_ok() {
            self.apply();
        }
        rendered
    }

    /// kubectl as an account of gamma's, or as the administrator.
    pub fn kubectl_as(&self, account: &str) -> Command {
        let mut command = self.server.kubectl_command();
        match account {
            "controller" => {
                command.arg("--as=system:serviceaccount:kube-system:replicaset-controller");
            }
            account => {
                let path = self.server.service_account_kubeconfig("alpha", account).unwrap();
                command.arg(format!("--kubeconfig={path}"));
            }
        }
        command
    }

    /// Secrets that a manager made and that no pod owns: with the pod, garbage collection takes a Secret.
    pub fn orphaned_secrets(&self) -> BTreeSet<String> {
        let text = self.server.kubectl(&["get", "secrets", "--all-namespaces", "-o", "json"]).unwrap();
        let list: Value = serde_json::from_str(&text).unwrap();
        let secrets = list["items"].as_array().unwrap().iter().map(|secret| &secret["metadata"]);
        secrets
            .filter(|metadata| metadata["name"].as_str().unwrap().starts_with("runner-"))
            .filter(|metadata| metadata["ownerReferences"].is_null())
            .map(ToString::to_string)
            .collect()
    }
}

/// A Secret that the cluster fills with a token of an account.
pub fn token_secret(account: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": format!("{account}-token"), "namespace": "alpha",
            "annotations": { "kubernetes.io/service-account.name": account },
        },
    })
}
