//! Attacks by jobs: what the runner's executor makes of them.

use serde_json::Value;
use testbed::{Job, Knobs, Outcome};

use crate::attack::AsJob;
use crate::world::{Project, World};

/// What came of an attack, in the words of the table.
pub type Cell = String;

/// Runs a job of this number. The pods it made are looked at later, by [`judge`].
pub fn run(world: &World, id: u32, attack: &AsJob) -> Outcome {
    let by = Project::named(&attack.by);
    let runner = attack.runner.as_deref().map_or(by, Project::named);
    let (namespace, account) = world.manager();
    let fill = |text: &str| {
        let text = text.replace("{manager}", "{manager-namespace}/{manager-account}");
        let text = text.replace("{manager-namespace}", &namespace).replace("{manager-account}", &account);
        if text.contains("{token}") {
            let token = world.server.service_account_token("alpha", "build").unwrap();
            return text.replace("{token}", &token);
        }
        text
    };
    let mut job = Job::new(by.id, attack.path.as_deref().unwrap_or(&by.path())).id(id).credentials();
    if let Some(ask) = &attack.ask {
        let ask = fill(ask);
        let (namespace, account) = ask.rsplit_once('/').unwrap();
        job = job
            .variable("KUBERNETES_NAMESPACE_OVERWRITE", namespace)
            .variable("KUBERNETES_SERVICE_ACCOUNT_OVERWRITE", account);
    }
    for (key, value) in &attack.variables {
        job = job.variable(key, &fill(value));
    }
    world.executor(runner).run(&job, &Knobs::PENDING).unwrap()
}

/// What refuses a job, by what the log's end says. The first that fits counts.
const REFUSALS: [(&str, &str); 5] = [
    ("does not match", "refused by the runner's regexp"),
    ("ValidatingAdmissionPolicy '", "refused by the policy"),
    (" is forbidden: User \"", "refused by RBAC"),
    ("error looking up service account", "refused: there is no such account"),
    ("Unauthorized", "refused: the manager's account is gone"),
];

/// The cell of an attack, by the pods that were made and by the log.
pub fn judge(world: &World, id: u32, attack: &AsJob, outcome: &Outcome) -> Cell {
    let by = Project::named(&attack.by);
    let pods = world.watcher.pods_of_job(id);
    let told = &outcome.told;
    assert_eq!((told.state.as_str(), outcome.exit), ("failed", Some(1)), "{outcome:#?}");
    let Some(pod) = pods.first() else {
        let refusal = REFUSALS.iter().find(|(words, _)| told.trace.contains(words));
        let (words, cell) = refusal.unwrap_or_else(|| panic!("why was {attack:?} refused? {outcome:#?}"));
        let end = told.trace.lines().last().unwrap();
        assert!(end.contains("Job failed") && end.contains(words), "{end}");
        let by_policy = words.starts_with("Validating");
        assert!(!by_policy || end.contains(&format!("project {} may not ", by.id)), "{end}");
        return (*cell).to_owned();
    };
    // A pod was made. Nothing runs it here, and the runner waits in vain.
    assert!(told.trace.contains("timed out waiting for pod to start"), "{outcome:#?}");
    let (namespace, account) = (&pod["metadata"]["namespace"], &pod["spec"]["serviceAccountName"]);
    let (namespace, account) = (namespace.as_str().unwrap(), account.as_str().unwrap());
    if !by.may_be(namespace, account) {
        return format!("**ESCAPES**: `{namespace}:{account}`");
    }
    if pod["metadata"]["labels"]["project.runner.gitlab.com/id"].as_str() != Some(&by.id.to_string()) {
        return "**ESCAPES**: with another project's id".to_owned();
    }
    assert_eq!(pods.len(), 1, "{pods:#?}");
    match forged(pod).as_slice() {
        [] => format!("runs as its own `{namespace}:{account}`"),
        fields => format!("runs as its own `{namespace}:{account}`, with forged {}", fields.join(", ")),
    }
}

/// Where a job's word (`evil`) stands on its pod.
fn forged(pod: &Value) -> Vec<&'static str> {
    let places = [
        ("labels", "/metadata/labels"),
        ("annotations", "/metadata/annotations"),
        ("node selector", "/spec/nodeSelector"),
        ("tolerations", "/spec/tolerations"),
    ];
    let has = |place: &str| pod.pointer(place).is_some_and(|value| value.to_string().contains("evil"));
    places.into_iter().filter(|(_, place)| has(place)).map(|(name, _)| name).collect()
}
