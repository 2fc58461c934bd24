//! No project runs as another's account: the attacks on the rendered policies of the example, on a real API server.
//!
//! The attackers are the accounts themselves, with tokens that the server signed. They have more rights than
//! tegata renders (pods and Secrets everywhere), so that whatever is refused is refused by the policies.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::ApiServer;

const OUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../out/kubernetes/main");
const SHARED: &str = "jobs.shared.example.tegata.dev";
const TABLE: &str = "table.shared.example.tegata.dev";
const ID: &str = "project.runner.gitlab.com/id";

/// What refuses another runner's account: its own policy or the other runner's, whichever the server asks first.
const ONE_OF_TWO: &str = "example.tegata.dev' denied request";

/// Somebody who asks the server.
struct Actor {
    argument: String,
}

struct Bed {
    server: ApiServer,
}

impl Bed {
    /// A server with the example applied in one pass, as a person does.
    fn start() -> Bed {
        let server = ApiServer::start().unwrap();
        server.kubectl(&["apply", "-R", "-f", OUT]).unwrap();
        let bed = Bed { server };
        for namespace in ["cicd", "storefront", "ledger", "ci-quarantine", "kube-system", "other"] {
            if namespace == "other" {
                bed.server.create_namespace(namespace).unwrap();
            }
            bed.server.kubectl(&["create", "serviceaccount", "default", "-n", namespace]).unwrap();
        }
        bed.server.kubectl(&["create", "serviceaccount", "app", "-n", "cicd"]).unwrap();
        let wide = ["create", "clusterrole", "wide", "--verb=create,update,get", "--resource=pods,secrets"];
        bed.server.kubectl(&wide).unwrap();
        let accounts = [
            "gitlab-runner:gitlab-runner",
            "gitlab-runner-payments:gitlab-runner-payments",
            "cicd:kp-account",
        ];
        for account in accounts {
            let name = account.replace(':', "-");
            let subject = format!("--serviceaccount={account}");
            bed.server
                .kubectl(&["create", "clusterrolebinding", &name, "--clusterrole=wide", &subject])
                .unwrap();
        }
        let runners = ["gitlab-runner", "gitlab-runner-payments"];
        for namespace in runners {
            bed.server.kubectl(&["create", "serviceaccount", "default", "-n", namespace]).unwrap();
        }
        // The server takes a moment to notice new policies, and each of them on its own.
        bed.wait_refused(&bed.manager(), &pod("cicd", "default", &json!({ ID: "2" })));
        bed.wait_refused(&bed.manager(), &pod("gitlab-runner", "default", &json!({})));
        bed.wait_refused(&bed.dedicated(), &pod("ledger", "default", &json!({})));
        bed.wait_refused(&bed.dedicated(), &pod("kube-system", "default", &json!({})));
        bed.wait_refused(&bed.impersonated("admin"), &pod("cicd", "kp-account", &json!({})));
        bed.wait_refused(&bed.impersonated("admin"), &pod("ledger", "release", &json!({})));
        bed
    }

    fn account(&self, namespace: &str, name: &str) -> Actor {
        Actor {
            argument: format!(
                "--kubeconfig={}",
                self.server.service_account_kubeconfig(namespace, name).unwrap()
            ),
        }
    }

    fn manager(&self) -> Actor {
        self.account("gitlab-runner", "gitlab-runner")
    }

    fn dedicated(&self) -> Actor {
        self.account("gitlab-runner-payments", "gitlab-runner-payments")
    }

    fn impersonated(&self, user: &str) -> Actor {
        // Whoever has no account of its own: an administrator and the cluster's controllers.
        if user == "admin" {
            return Actor { argument: "--v=0".into() };
        }
        Actor { argument: format!("--as={user}") }
    }

    /// What the server answers: `Err` with the refusal.
    fn ask(&self, actor: &Actor, object: &Value) -> Result<String, String> {
        let arguments = ["create", "--dry-run=server", "--validate=false", "-f", "-", &actor.argument];
        let output = self.server.kubectl_output(&arguments, &object.to_string()).unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        if output.status.success() { Ok(message) } else { Err(message) }
    }

    fn wait_refused(&self, actor: &Actor, object: &Value) {
        self.wait(|| self.ask(actor, object).is_err());
    }

    fn wait(&self, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !holds() {
            assert!(Instant::now() < deadline, "the server didn't notice a change within 30 seconds");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    #[track_caller]
    fn admits(&self, actor: &Actor, object: &Value) {
        assert_eq!(self.ask(actor, object), Ok(String::new()));
    }

    #[track_caller]
    fn refuses(&self, actor: &Actor, object: &Value, message: &str) {
        let answer = self.ask(actor, object);
        assert!(answer.as_ref().is_err_and(|text| text.contains(message)), "{object}: {answer:?}");
    }
}

fn pod(namespace: &str, account: &str, labels: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "job", "namespace": namespace, "labels": labels },
        "spec": { "serviceAccountName": account, "containers": [{ "name": "build", "image": "ubuntu:24.04" }] },
    })
}

fn secret(namespace: &str, name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": namespace } })
}

#[test]
fn no_project_runs_as_another() {
    let bed = Bed::start();
    let manager = bed.manager();
    let id = |id: &str| json!({ ID: id });

    bed.admits(&manager, &pod("cicd", "kp-account", &id("2")));
    bed.admits(&manager, &pod("storefront", "build", &id("17")));
    bed.admits(&manager, &pod("storefront", "deploy", &id("17")));

    let may_not = |project: &str, account: &str, namespace: &str| {
        format!(
            "{project} may not run jobs as account {account} in namespace {namespace} (declared for runner shared"
        )
    };
    let attacks = [
        // Both foreign; a neighbour's account; the namespace's own.
        ("storefront", "build", id("2"), "project 2"),
        ("cicd", "kp-account", id("17"), "project 17"),
        ("cicd", "app", id("2"), "project 2"),
        ("cicd", "default", id("2"), "project 2"),
        // No id, and ids that nobody has.
        ("cicd", "kp-account", json!({}), "a project without an id"),
        ("cicd", "kp-account", id(""), "a project without an id"),
        ("cicd", "kp-account", id("99"), "project 99"),
        ("cicd", "kp-account", id("1"), "project 1"),
        ("cicd", "kp-account", id("22"), "project 22"),
        ("cicd", "kp-account", id("02"), "project 02"),
        ("storefront", "build", id("1"), "project 1"),
        ("storefront", "build", id("177"), "project 177"),
        // What a job can write on its pod.
        (
            "cicd",
            "kp-account",
            json!({ ID: "17", "project.runner.gitlab.com/namespace-id": "2", "pod": "x",
                    "app.kubernetes.io/managed-by": "tegata" }),
            "project 17",
        ),
    ];
    for (namespace, account, labels, who) in attacks {
        let object = pod(namespace, account, &labels);
        bed.refuses(&manager, &object, &may_not(who, account, namespace));
        let mut forged = object;
        forged["metadata"]["annotations"] = json!({ ID: "2", "tegata.dev/project": "platform/cicd" });
        bed.refuses(&manager, &forged, SHARED);
    }
    // A foreign namespace, and the cluster's own. What stands before the policies there may be what refuses.
    let name = "runner-abcdefghi-project-2-concurrent-0-x1y2z3w4";
    for namespace in ["storefront", "ledger", "ci-quarantine", "other", "default"] {
        let message = format!("project 2 may not keep the Secret {name} in namespace {namespace}");
        bed.refuses(&manager, &secret(namespace, name), &message);
    }
    bed.refuses(&manager, &pod("ci-quarantine", "default", &id("2")), "violates PodSecurity");
    bed.refuses(&manager, &pod("other", "default", &id("2")), &may_not("project 2", "default", "other"));
    let nowhere = "the runner shared serves no project in namespace ";
    for namespace in ["kube-system", "gitlab-runner"] {
        bed.refuses(&manager, &pod(namespace, "default", &id("2")), &format!("{nowhere}{namespace}"));
        bed.refuses(&manager, &secret(namespace, name), &format!("{nowhere}{namespace}"));
    }
}

#[test]
fn secrets_of_the_manager_stay_with_their_project() {
    let bed = Bed::start();
    let manager = bed.manager();
    // A token may hold `-`, and look like what follows it.
    for token in ["abcdefghi", "-project-", "a-b--c-9-", "project-1", ""] {
        let name = |id: &str| format!("runner-{token}-project-{id}-concurrent-0-x1y2z3w4");
        bed.admits(&manager, &secret("cicd", &name("2")));
        bed.admits(&manager, &secret("storefront", &name("17")));
        let message = |id: &str| format!("project {id} may not keep the Secret {}", name(id));
        bed.refuses(&manager, &secret("cicd", &name("17")), &message("17"));
        bed.refuses(&manager, &secret("storefront", &name("2")), &message("2"));
        bed.refuses(&manager, &secret("cicd", &name("22")), &message("22"));
    }
    for name in [
        "credentials",
        "runner-abcdefghi-project-2-concurrent-0",
        "runner-abcdefghi-project-2-concurrent-x-x1y2z3w4",
        "runner-abcdefghi-2-concurrent-0-x1y2z3w4",
        "x-abcdefghi-project-2-concurrent-0-x1y2z3w4",
        "runner-a-project-2-concurrent-0-y-project-9-concurrent-0-x1y2z3w4",
    ] {
        bed.refuses(&manager, &secret("cicd", name), &format!("may not keep the Secret {name}"));
    }
    // Others' Secrets are none of the policy's business.
    bed.admits(&bed.impersonated("admin"), &secret("cicd", "credentials"));
}

#[test]
fn nobody_else_makes_pods_with_an_account_of_jobs() {
    let bed = Bed::start();
    let labels = json!({ ID: "2", "manager.runner.gitlab.com/name": "shared" });
    let job = bed.account("cicd", "kp-account");
    let message = |user: &str, account: &str| format!("{user} may not make pods with account {account}");
    let me = "system:serviceaccount:cicd:kp-account";
    bed.refuses(&job, &pod("cicd", "kp-account", &labels), &message(me, "kp-account"));
    bed.refuses(&job, &pod("storefront", "deploy", &labels), &message(me, "deploy"));
    bed.refuses(&job, &pod("ledger", "release", &labels), &message(me, "release"));
    // A Deployment of a tenant's: the controller makes its pods.
    for controller in
        ["replicaset-controller", "job-controller", "daemon-set-controller", "statefulset-controller"]
    {
        let user = format!("system:serviceaccount:kube-system:{controller}");
        let actor = bed.impersonated(&user);
        bed.refuses(&actor, &pod("storefront", "deploy", &json!({})), &message(&user, "deploy"));
        bed.admits(&actor, &pod("cicd", "app", &json!({})));
        bed.admits(&actor, &pod("other", "default", &json!({})));
    }
    // One runner's manager is no other's.
    bed.refuses(&bed.manager(), &pod("ledger", "release", &json!({ ID: "23" })), ONE_OF_TWO);
}

#[test]
fn nobody_else_takes_an_account_of_jobs_by_another_way() {
    let bed = Bed::start();
    let name = "runner-abcdefghi-project-2-concurrent-0-x1y2z3w4";
    let named = |mut pod: Value, name: &str| {
        pod["metadata"]["name"] = json!(name);
        pod.to_string()
    };
    let job = named(pod("cicd", "kp-account", &json!({ ID: "2" })), name);
    bed.server.kubectl_with_input(&["create", "-f", "-", &bed.manager().argument], &job).unwrap();
    let others = named(pod("cicd", "app", &json!({})), "app");
    bed.server.kubectl_with_input(&["create", "-f", "-"], &others).unwrap();
    bed.server.kubectl(&["create", "serviceaccount", "tool", "-n", "other"]).unwrap();
    for (binding, subject) in [
        ("app", "--serviceaccount=cicd:app"),
        ("tool", "--serviceaccount=other:tool"),
        ("job", "--serviceaccount=storefront:deploy"),
        ("node", "--user=system:node:n1"),
    ] {
        let arguments = ["create", "clusterrolebinding", binding, "--clusterrole=cluster-admin", subject];
        bed.server.kubectl(&arguments).unwrap();
    }

    let answer = |actor: &Actor, arguments: &[&str], input: &str| {
        let output = bed.server.kubectl_output(&[arguments, &[&actor.argument]].concat(), input).unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        // Admitted: what is missing then is the pod's node.
        let admitted = output.status.success() || message.contains("does not have a host assigned");
        if admitted { Ok(()) } else { Err(message) }
    };
    let exec = |actor: &Actor, pod: &str| {
        let path = format!("/api/v1/namespaces/cicd/pods/{pod}/exec?command=id&stdout=true");
        answer(actor, &["create", "--raw", &path, "-f", "-"], "{}")
    };
    let token = |actor: &Actor, account: &str| answer(actor, &["create", "token", "-n", "cicd", account], "");
    let change = |actor: &Actor, pod: &str| {
        let image = format!("build=other:{}", actor.argument.len());
        answer(actor, &["set", "image", "-n", "cicd", &format!("pod/{pod}"), &image, "--dry-run=server"], "")
    };
    let label = |actor: &Actor, pod: &str| {
        answer(actor, &["label", "--overwrite", "-n", "cicd", "pod", pod, "a=b", "--dry-run=server"], "")
    };
    let secret = |actor: &Actor, account: &str| {
        let object = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {
                "name": "t", "namespace": "cicd", "annotations": { "kubernetes.io/service-account.name": account },
            },
        });
        answer(actor, &["create", "--dry-run=server", "-f", "-"], &object.to_string())
    };
    let takes = |answer: Result<(), String>| {
        let message = answer.unwrap_err();
        // Whose job a pod with a cut name is nobody can tell: either runner's policy refuses it.
        let refused =
            ["shared", "payments"].map(|runner| format!("it is for the jobs of runner {runner} alone"));
        assert!(refused.iter().any(|words| message.contains(words)), "{message}");
    };

    // A tenant's account, one of another project's jobs, and one that makes itself at home in the whole cluster.
    let strangers =
        [bed.account("cicd", "app"), bed.account("storefront", "deploy"), bed.account("other", "tool")];
    // The server notices rights and policies after a moment.
    for actor in strangers.iter().chain([&bed.impersonated("system:node:n1")]) {
        bed.wait(|| token(actor, "app").is_ok());
    }
    bed.wait(|| token(&strangers[0], "kp-account").is_err());
    for actor in &strangers {
        takes(token(actor, "kp-account"));
        takes(secret(actor, "kp-account"));
        takes(change(actor, name));
        assert_eq!(token(actor, "app"), Ok(()));
        assert_eq!(secret(actor, "app"), Ok(()));
        assert_eq!(change(actor, "app"), Ok(()));
        assert_eq!(label(actor, name), Ok(()));
        assert_eq!(exec(actor, "app"), Ok(()));
    }
    takes(exec(&strangers[0], name));
    takes(exec(&strangers[1], name));
    // The runner cuts long names.
    for cut in ["runner-abcdefghi-project-2-concurr-x1y2z3w4", "runner-abcdefghi-project-2-x1y2z3w4"] {
        let job = named(pod("cicd", "kp-account", &json!({ ID: "2" })), cut);
        bed.server.kubectl_with_input(&["create", "-f", "-", &bed.manager().argument], &job).unwrap();
        takes(exec(&strangers[0], cut));
    }
    // A pod of their own in its place: the manager would go on with that one.
    let ask = |actor: &Actor, name: &str| {
        let object = named(pod("cicd", "app", &json!({})), name);
        answer(actor, &["create", "--dry-run=server", "-f", "-"], &object)
    };
    let place = "runner-abcdefghi-project-2-concurrent-0-xxxxxxxx";
    for actor in &strangers {
        assert_eq!(ask(actor, "web"), Ok(()));
    }
    takes(ask(&strangers[0], place));
    takes(ask(&strangers[1], place));
    assert_eq!(ask(&strangers[0], &place.replace("-2-", "-99-")), Ok(()));
    // A manager of somebody else's runners, which has pods of such names too, lives outside of their namespace.
    assert_eq!(exec(&strangers[2], name), Ok(()));

    // The kubelet asks for the tokens of its pods; the controller that collects garbage changes their metadata.
    assert_eq!(token(&bed.impersonated("system:node:n1"), "kp-account"), Ok(()));
    let collector = bed.impersonated("system:serviceaccount:kube-system:generic-garbage-collector");
    assert_eq!(label(&collector, name), Ok(()));
    takes(change(&collector, name));
    // People, and the manager itself.
    let admin = bed.impersonated("admin");
    assert_eq!((exec(&admin, name), token(&admin, "kp-account")), (Ok(()), Ok(())));
    let rights = ["create", "clusterrole", "enter", "--verb=create", "--resource=pods/exec"];
    bed.server.kubectl(&rights).unwrap();
    let subject = "--serviceaccount=gitlab-runner:gitlab-runner";
    bed.server.kubectl(&["create", "clusterrolebinding", "enter", "--clusterrole=enter", subject]).unwrap();
    bed.wait(|| exec(&bed.manager(), name).is_ok());
}

#[test]
fn an_account_of_one_runner_s_jobs_enters_no_job_of_another() {
    let bed = Bed::start();
    let name = "runner-abcdefghi-project-2-concurrent-0-x1y2z3w4";
    let mut job = pod("cicd", "kp-account", &json!({ ID: "2" }));
    job["metadata"]["name"] = json!(name);
    bed.server.kubectl_with_input(&["create", "-f", "-", &bed.manager().argument], &job.to_string()).unwrap();
    let rights = ["create", "clusterrole", "enter", "--verb=create", "--resource=pods/exec"];
    bed.server.kubectl(&rights).unwrap();
    for (binding, subject) in [("release", "ledger:release"), ("manager", "gitlab-runner:gitlab-runner")] {
        let subject = format!("--serviceaccount={subject}");
        let arguments = ["create", "clusterrolebinding", binding, "--clusterrole=enter", &subject];
        bed.server.kubectl(&arguments).unwrap();
    }
    let exec = |actor: &Actor| {
        let path = format!("/api/v1/namespaces/cicd/pods/{name}/exec?command=id&stdout=true");
        let arguments = ["create", "--raw", &path, "-f", "-", &actor.argument];
        String::from_utf8(bed.server.kubectl_output(&arguments, "{}").unwrap().stderr).unwrap()
    };
    let admitted = "does not have a host assigned";
    // `release` is an account of the runner `payments`, and its table is what knows it.
    let release = bed.account("ledger", "release");
    bed.wait(|| !exec(&release).contains(admitted));
    let answer = exec(&release);
    assert!(answer.contains("no account of runner payments enters a job"), "{answer}");
    let answer = exec(&bed.manager());
    assert!(answer.contains(admitted), "{answer}");
}

#[test]
fn nobody_tells_jobs_where_the_api_server_is() {
    let bed = Bed::start();
    let author = ("kube-system", "root-ca-cert-publisher");
    bed.server.kubectl(&["create", "serviceaccount", author.1, "-n", author.0]).unwrap();
    for (binding, subject) in [
        ("app", "--serviceaccount=cicd:app".to_owned()),
        ("publisher", format!("--serviceaccount={}:{}", author.0, author.1)),
    ] {
        let arguments = ["create", "clusterrolebinding", binding, "--clusterrole=cluster-admin", &subject];
        bed.server.kubectl(&arguments).unwrap();
    }
    let service = |namespace: &str, name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": namespace },
            "spec": { "ports": [{ "port": 443 }] },
        })
    };
    let authority = |namespace: &str, name: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": namespace },
            "data": { "ca.crt": "another" },
        })
    };
    let app = bed.account("cicd", "app");
    let message = "may not tell the pods of namespace cicd where the API server is";
    bed.wait_refused(&app, &service("cicd", "kubernetes"));
    bed.refuses(&app, &service("cicd", "kubernetes"), message);
    bed.refuses(&app, &authority("cicd", "kube-root-ca.crt"), message);
    // It changes what is there, as it would be the next thing to try.
    bed.server
        .kubectl_with_input(&["create", "-f", "-"], &authority("cicd", "kube-root-ca.crt").to_string())
        .unwrap();
    let patch = r#"{"immutable": true, "data": {"ca.crt": "mine"}}"#;
    let arguments =
        ["patch", "configmap", "kube-root-ca.crt", "-n", "cicd", "--type=merge", "-p", patch, &app.argument];
    let output = bed.server.kubectl_output(&arguments, "").unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains(message));

    bed.admits(&app, &service("cicd", "web"));
    bed.admits(&app, &authority("cicd", "settings"));
    // Where no jobs run that is nobody's business here.
    bed.admits(&app, &service("other", "kubernetes"));
    bed.server.kubectl(&["delete", "configmap", "kube-root-ca.crt", "-n", "cicd"]).unwrap();
    bed.admits(&bed.account(author.0, author.1), &authority("cicd", "kube-root-ca.crt"));
}

#[test]
fn a_dedicated_runner_has_a_second_lock() {
    let bed = Bed::start();
    let manager = bed.dedicated();
    bed.admits(&manager, &pod("ledger", "release", &json!({ ID: "23" })));
    bed.refuses(
        &manager,
        &pod("ledger", "release", &json!({ ID: "2" })),
        "project 2 may not run jobs as account release",
    );
    bed.refuses(
        &manager,
        &pod("ledger", "default", &json!({ ID: "23" })),
        "project 23 may not run jobs as account default",
    );
    bed.refuses(&manager, &pod("cicd", "kp-account", &json!({ ID: "2" })), ONE_OF_TWO);
}

#[test]
fn the_table_stays_while_the_policies_need_it() {
    let bed = Bed::start();
    let delete = |what: &[&str]| {
        let output =
            bed.server.kubectl_output(&[&["delete", "--dry-run=server"], what].concat(), "").unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let message = "delete its ValidatingAdmissionPolicyBindings first";
    bed.wait(|| delete(&["configmap", TABLE, "-n", "gitlab-runner"]).contains(message));
    let all = delete(&["configmaps", "--all", "-n", "gitlab-runner"]);
    assert!(all.contains(message), "{all}");
}

#[test]
fn without_its_table_a_policy_refuses_and_the_cluster_s_own_pods_go_on() {
    let bed = Bed::start();
    bed.server
        .kubectl(&["delete", "validatingadmissionpolicybinding", "table.shared.example.tegata.dev"])
        .unwrap();
    bed.wait(|| {
        let deleted = ["delete", "configmap", TABLE, "-n", "gitlab-runner"];
        bed.server.kubectl_output(&deleted, "").unwrap().status.success()
    });
    let object = pod("cicd", "kp-account", &json!({ ID: "2" }));
    bed.wait_refused(&bed.manager(), &object);
    bed.refuses(&bed.manager(), &object, "no params found");
    bed.refuses(&bed.impersonated("admin"), &pod("cicd", "app", &json!({})), "no params found");
    for namespace in ["kube-system", "gitlab-runner"] {
        bed.admits(&bed.impersonated("admin"), &pod(namespace, "default", &json!({})));
    }
    // What runs goes on: kubelets get tokens for their pods, whichever account those have.
    for account in ["app", "kp-account"] {
        bed.server.service_account_token("cicd", account).unwrap();
    }
    bed.refuses(&bed.manager(), &pod("kube-system", "default", &json!({})), "serves no project");
}

#[test]
fn a_rollout_warns_and_admits() {
    let bed = Bed::start();
    let patch = r#"{"spec": {"validationActions": ["Warn", "Audit"]}}"#;
    bed.server
        .kubectl(&["patch", "validatingadmissionpolicybinding", SHARED, "--type=merge", "-p", patch])
        .unwrap();
    let object = pod("cicd", "kp-account", &json!({ ID: "17" }));
    bed.wait(|| bed.ask(&bed.manager(), &object).is_ok());
    let warning = bed.ask(&bed.manager(), &object).unwrap();
    assert!(
        warning.contains("Warning:") && warning.contains("project 17 may not run jobs as account"),
        "{warning}"
    );
}

#[test]
fn accounts_of_jobs_and_managers_write_none_of_it() {
    let bed = Bed::start();
    let objects = [
        ("validatingadmissionpolicies", SHARED),
        ("validatingadmissionpolicybindings", SHARED),
        ("configmaps", "table.shared.example.tegata.dev"),
        ("resourcequotas", "no-pods"),
        ("namespaces", "ci-quarantine"),
    ];
    let actors = [
        bed.manager(),
        bed.dedicated(),
        bed.account("cicd", "kp-account"),
        bed.account("storefront", "deploy"),
    ];
    for actor in actors {
        for (kind, name) in objects {
            for verb in ["create", "update", "patch", "delete"] {
                let namespace = if kind == "resourcequotas" { "ci-quarantine" } else { "gitlab-runner" };
                let target = if verb == "create" { kind.to_owned() } else { format!("{kind}/{name}") };
                let question = ["auth", "can-i", verb, &target, "-n", namespace, &actor.argument];
                let output = bed.server.kubectl_output(&question, "").unwrap();
                assert!(!output.status.success(), "{verb} {kind}");
            }
        }
    }
    // And the quarantine takes no pod from anybody.
    let refused =
        bed.ask(&bed.impersonated("admin"), &pod("ci-quarantine", "default", &json!({}))).unwrap_err();
    assert!(
        refused.contains("violates PodSecurity")
            || refused.contains("exceeded quota")
            || refused.contains("no-pods"),
        "{refused}"
    );
}
