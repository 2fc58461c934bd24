//! Attacks by a job's account: what the API server makes of its calls.

use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::attack::{Call, Impersonation, Pod};
use crate::jobs::Cell;
use crate::world::{World, token_secret};

const ESCAPES: &str = "**ESCAPES**";

static PODS: AtomicU32 = AtomicU32::new(0);

/// Calls as the attack says, with a running job of alpha's as the victim.
pub fn call(world: &World, victim: &str, call: &Call) -> Cell {
    let (namespace, account) = world.manager();
    let path = format!("/api/v1/namespaces/alpha/pods/{victim}");
    let fill = |word: &String| {
        word.replace("{pod-path}", &path)
            .replace("{pod}", victim)
            .replace("{manager-namespace}", &namespace)
            .replace("{manager-account}", &account)
    };
    let arguments: Vec<String> = call.run.iter().map(fill).collect();
    let input = match (&call.input.pod, &call.input.token_secret) {
        (Some(pod), _) => self::pod(world, pod).to_string(),
        (None, Some(account)) => token_secret(account).to_string(),
        (None, None) => "{}".to_owned(),
    };
    let cell = judge(&run(world, &call.by, &arguments, &input), call);
    if call.itself && cell == ESCAPES { "runs as its own account".to_owned() } else { cell }
}

fn run(world: &World, by: &str, arguments: &[String], input: &str) -> Output {
    use std::io::Write;
    use std::process::Stdio;

    let mut command = world.kubectl_as(by);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut kubectl = command.spawn().unwrap();
    // Some calls read no input.
    let _ = kubectl.stdin.take().unwrap().write_all(input.as_bytes());
    kubectl.wait_with_output().unwrap()
}

fn judge(output: &Output, attack: &dyn std::fmt::Debug) -> Cell {
    let message = String::from_utf8_lossy(&output.stderr);
    // The server admitted the call and looked for the pod's node or address, which it has none of here.
    let reached = ["does not have a host assigned", "address not allowed"];
    if output.status.success() || reached.iter().any(|words| message.contains(words)) {
        return ESCAPES.to_owned();
    }
    let cell = if message.contains("ValidatingAdmissionPolicy '") {
        "refused by the policy"
    } else if message.contains(" is forbidden: User \"") {
        "refused by RBAC"
    } else {
        panic!("why was {attack:?} refused? {message}")
    };
    cell.to_owned()
}

fn pod(world: &World, pod: &Pod) -> Value {
    let number = PODS.fetch_add(1, Ordering::Relaxed);
    let (manager_namespace, manager_account) = world.manager();
    let mut namespace = pod.namespace.clone().unwrap_or_else(|| "alpha".to_owned());
    let mut account = pod.account.clone();
    if pod.manager {
        (namespace, account) = (manager_namespace, manager_account);
    }
    let mut object = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": format!("attack-{number}"), "namespace": namespace },
        "spec": { "containers": [{ "name": "build", "image": "x" }] },
    });
    let field = if pod.older { "serviceAccount" } else { "serviceAccountName" };
    object["spec"][field] = json!(account);
    if pod.forged {
        object["metadata"]["name"] =
            json!(format!("runner-abcdefghi-project-42-concurrent-{number}-x1y2z3w4"));
        object["metadata"]["labels"] = json!({
            "project.runner.gitlab.com/id": "42", "manager.runner.gitlab.com/name": "shared",
            "app.kubernetes.io/managed-by": "tegata",
        });
    }
    object
}

/// gamma says that it is `deploy`, an account of alpha's.
pub fn impersonate(world: &World, attack: &Impersonation) -> Cell {
    if let Err(error) = world.give_gamma(attack) {
        assert!(error.contains("error[impersonator]"), "{error}");
        return "does not render: `impersonator`".to_owned();
    }
    if let Some(first) = &attack.first {
        let output = run(world, "gamma", first, "");
        assert!(output.status.success(), "{output:?}");
    }
    let who = "system:serviceaccount:alpha:deploy";
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let arguments = ["create", "--raw", path, "-f", "-", "--as", who].map(str::to_owned);
    let question = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
    let output = run(world, "gamma", &arguments, &question.to_string());
    assert!(!output.status.success() || String::from_utf8_lossy(&output.stdout).contains(who), "{output:?}");
    let cell = judge(&output, attack);
    world.give_gamma(&Impersonation::default()).unwrap();
    cell
}
