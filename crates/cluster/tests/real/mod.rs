//! A workspace, a real API server, and the commands as people run them.
#![allow(dead_code, reason = "every test uses a part of it")]

#[path = "../../../../testbed/tests/support/mod.rs"]
pub mod workspace;

use std::process::{Command, Output, Stdio};

use camino::Utf8Path;
use serde_json::{Value, json};
use testbed::ApiServer;

pub use workspace::Workspace;

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub errors: String,
}

impl Answer {
    pub fn of(output: Output) -> Answer {
        Answer {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Ends the test unless the command ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Answer {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.errors);
        self
    }

    /// Ends the test unless this was printed.
    #[track_caller]
    pub fn says(self, text: &str) -> Answer {
        assert!(
            self.out.contains(text) || self.errors.contains(text),
            "{text}\n---\n{}\n{}",
            self.out,
            self.errors
        );
        self
    }

    /// Ends the test if this was printed.
    #[track_caller]
    pub fn says_nothing_of(self, text: &str) -> Answer {
        assert!(!self.out.contains(text) && !self.errors.contains(text), "{}\n{}", self.out, self.errors);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Runs a command on a workspace, as the user of a kubeconfig.
pub fn run(workspace: &Workspace, kubeconfig: &Utf8Path, arguments: &[&str]) -> Answer {
    let arguments = [arguments, &["--kubeconfig", kubeconfig.as_str()]].concat();
    run_with(workspace, &[], &arguments)
}

/// Runs a command on a workspace with these variables in its environment, and no others.
pub fn run_with(workspace: &Workspace, environment: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-cluster"))
        .args(arguments)
        .args(["-C", workspace.root().as_str()])
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Answer::of(output)
}

/// A server for one test.
pub struct Cluster {
    pub server: ApiServer,
}

impl Cluster {
    pub fn start() -> Cluster {
        Cluster { server: ApiServer::start().unwrap() }
    }

    /// Runs a command as administrator.
    pub fn run(&self, workspace: &Workspace, arguments: &[&str]) -> Answer {
        run(workspace, self.server.kubeconfig(), arguments)
    }

    /// Applies without a question, and ends the test unless it went well.
    #[track_caller]
    pub fn apply(&self, workspace: &Workspace) -> Answer {
        self.run(workspace, &["apply", "--yes"]).ends(0)
    }

    pub fn kubectl(&self, arguments: &[&str]) -> String {
        self.server.kubectl(arguments).unwrap()
    }

    /// Whether an object is there.
    pub fn has(&self, arguments: &[&str]) -> bool {
        let get = [&["get", "--ignore-not-found", "-o", "name"], arguments].concat();
        !self.kubectl(&get).trim().is_empty()
    }

    /// All objects of the kinds that tegata renders, as the server has them, by kind and name.
    pub fn objects(&self, selector: &str) -> Vec<Value> {
        let kinds = "namespaces,resourcequotas,configmaps,validatingadmissionpolicies,validatingadmissionpolicybindings,\
                     serviceaccounts,roles,clusterroles,rolebindings,clusterrolebindings";
        let list = self.kubectl(&["get", kinds, "-A", "-o", "json", "-l", selector]);
        let list: Value = serde_json::from_str(&list).unwrap();
        let mut objects = list["items"].as_array().unwrap().clone();
        let key = |object: &Value| {
            format!("{}/{}/{}", object["kind"], object["metadata"]["namespace"], object["metadata"]["name"])
        };
        objects.sort_by_key(key);
        objects
    }

    /// The name and version of each: what changes if anything does.
    pub fn versions(&self) -> Vec<String> {
        let objects = self.objects("app.kubernetes.io/managed-by=tegata");
        // A quota's version is counted up by the server.
        let objects = objects.iter().filter(|object| object["kind"] != "ResourceQuota");
        objects.map(|object| format!("{}", object["metadata"])).collect()
    }
}

/// The example, rendered.
pub fn example() -> Workspace {
    let workspace = Workspace::example();
    workspace.render();
    workspace
}

/// Takes the runner with the admission policies of its own out of the example, and its project.
pub fn drop_payments(workspace: &Workspace) {
    for file in ["projects/ledger.yaml", "runners/payments.yaml"] {
        std::fs::remove_file(workspace.path(file)).unwrap();
    }
    workspace.render();
}

/// A workspace of this name with one project: the account `build` of the namespace, which may do this with pods.
pub fn small(name: &str, namespace: &str, verbs: &[&str]) -> Workspace {
    let workspace = Workspace::new(&json!([]));
    workspace.write("tegata.yaml", &json!({ "version": 1, "workspace": name }));
    let mut runner = workspace::runner();
    runner["namespace"] = json!({ "name": format!("{name}-runner"), "create": true });
    runner["jobs"]["namespace"] = format!("{name}-quarantine").into();
    workspace.write(&format!("runners/{name}.yaml"), &runner);
    write_project(&workspace, name, namespace, verbs);
    workspace.render();
    workspace
}

/// Writes the project of a small workspace, or another one of it.
pub fn write_project(workspace: &Workspace, runner: &str, namespace: &str, verbs: &[&str]) {
    workspace.write(
        &format!("projects/{namespace}.yaml"),
        &json!({
            "project": format!("shop/{namespace}"),
            "runner": runner,
            "namespace": { "name": namespace, "create": true },
            "serviceAccounts": [{
                "name": "build",
                "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": verbs }],
            }],
        }),
    );
}

/// The server's own copies of policies and roles lag behind for a moment.
#[track_caller]
pub fn eventually(what: &dyn Fn() -> bool) {
    assert!((0..200).any(|_| what() || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        false
    }));
}
