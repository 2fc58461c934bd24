//! The policy `takeover`: an account of jobs is not only had by making a pod with it.
//!
//! A ServiceAccount with rights that are common enough in a namespace (`pods/exec`, `secrets`, `patch` on pods) takes
//! any other account there: it goes into the other's running pod, changes its image, lets a container join it, asks for
//! a token, or has one written into a Secret. Where two projects share a namespace, that is another project's
//! account. So none of this is for a ServiceAccount, whoever's it is; the runner's manager needs the way into the pods.
//!
//! One ServiceAccount asks for tokens all the same: the workspace's own apply account, which verifies what the accounts
//! may do. It comes no further than that: its own policy says for which accounts, and that it touches no pod.
//!
//! Others go on as before: the kubelet, which asks for the tokens of pods, is a node; the controller that fills token
//! Secrets is `system:kube-controller-manager`; controllers change a pod's metadata and status, and not its `spec`.
//! And managers of other runners, which go into pods of such names too, live in other namespaces. An account of this
//! runner's jobs goes into no job's pod anywhere: whether the other runner's policies know it is not asked.
//!
//! The manager finds a job's pod by its name alone (`executors/kubernetes/exec.go`). So whoever may not go into it makes none of such a name:
//! whoever deleted the job's own would be given its script and its variables, and answer in its place.
//!
//! Two objects of a namespace say to all its pods where the API server is, and are believed: a Service `kubernetes` there
//! comes before the cluster's own (`getServiceEnvVarMap` in `pkg/kubelet/kubelet_pods.go`), and the ConfigMap
//! `kube-root-ca.crt` is mounted beside the token. Whoever writes both is sent the token of every pod, so in namespaces of
//! jobs that is for the cluster's own accounts.
//!
//! With a table of 8,000 projects a ServiceAccount's Secret takes 0.2 ms longer, and a token or a change of a pod 0.4 ms
//! (measured).

use serde_json::json;

use super::{
    ACCOUNT, Policy, Runner, TEXT_OF_PROJECT, USER, literal, policy, project_of_name, rule, table, user,
};

const TOKEN_SECRET: &str = "kubernetes.io/service-account-token";
const TOKEN_OF: &str = "kubernetes.io/service-account.name";

pub(super) fn takeover(runner: &Runner<'_>) -> Policy {
    let any = runner.triples.iter().any(|triple| triple.project.is_none());
    let in_table = |pair: &str| {
        let key = format!("'accounts.' + string(size({pair}) % {})", table::ACCOUNT_TEXTS);
        format!("({key} in params.data && params.data[{key}].contains(' ' + {pair} + ' '))")
    };
    let annotations = "dyn(object).metadata.annotations";
    let of_secret = format!(
        "has(dyn(object).type) && dyn(object).type == '{TOKEN_SECRET}' && has({annotations}) && \
         '{TOKEN_OF}' in {annotations} ? {annotations}['{TOKEN_OF}'] : ''"
    );
    let project = if any { literal(table::ANY) } else { project_of_name() };
    let variables = json!([
        {
            // Whose token is asked for, or whose pod changed; none if it is neither.
            "name": "account",
            "expression": format!(
                "request.operation == 'CONNECT' || {ADDRESS} || {MADE} ? '' : \
                 request.resource.resource == 'serviceaccounts' ? request.name : \
                 request.resource.resource == 'secrets' ? ({of_secret}) : \
                 dyn(object).spec == dyn(oldObject).spec ? '' : ({ACCOUNT})"
            ),
        },
        { "name": "pair", "expression": "request.namespace + '/' + variables.account" },
        { "name": "who", "expression": format!("{USER}.substring(size('{PREFIX}')).replace(':', '/')") },
        { "name": "parts", "expression": "request.name.split('-')" },
        { "name": "project", "expression": project },
        { "name": "text", "expression": TEXT_OF_PROJECT },
        {
            // A pod of a job, whichever runner's, or one that would take its place.
            "name": "entered",
            "expression": format!(
                "(request.operation == 'CONNECT' || {MADE}) && request.name.matches('{JOB_POD}')"
            ),
        },
        {
            // One that this runner runs in this namespace, by the name that its manager gave it.
            "name": "own",
            "expression": "!has(params.data) || variables.project == '' || variables.text in params.data && \
                           params.data[variables.text].contains(' ' + variables.project + ':' + request.namespace + '/')",
        },
        {
            "name": "served",
            "expression": "has(params.data) && params.data.exists(key, key.startsWith('accounts.') && \
                           params.data[key].contains(' ' + request.namespace + '/'))",
        },
    ]);
    let validations = json!([
        {
            "expression": format!("variables.account == '' || has(params.data) && !{}", in_table("variables.pair")),
            "message": "nobody takes an account of CI jobs",
            "messageExpression": format!(
                "{USER} + ' may not take account ' + variables.account + ' in namespace ' + request.namespace + \
                 ' by ' + (request.resource.resource == 'pods' ? 'changing its pod' : 'a token') + {}",
                for_jobs(runner),
            ),
            "reason": "Forbidden",
        },
        {
            "expression": format!(
                "!variables.entered || has(params.data) && !{} && \
                 !(variables.own && {USER}.startsWith('{PREFIX}' + request.namespace + ':'))",
                in_table("variables.who"),
            ),
            "message": "nobody enters a pod of CI jobs, or takes its place",
            "messageExpression": format!(
                "{USER} + (request.operation == 'CONNECT' ? ' may not enter pod ' : ' may not make pod ') + request.name + ' in namespace ' + request.namespace + \
                 (variables.own ? {} : {})",
                for_jobs(runner),
                literal(&format!(": no account of runner {} enters a job, or takes its place", runner.name)),
            ),
            "reason": "Forbidden",
        },
        {
            "expression": format!("!({ADDRESS}) || {USER}.startsWith('{PREFIX}kube-system:') || !variables.served"),
            "message": "nobody tells CI jobs where the API server is",
            "messageExpression": format!(
                "{USER} + ' may not tell the pods of namespace ' + request.namespace + \
                 ' where the API server is, by ' + request.resource.resource + '/' + request.name + {}",
                for_jobs(runner),
            ),
            "reason": "Forbidden",
        },
    ]);
    let mut address = ["services", "configmaps"].map(|resource| rule(&[resource], &["CREATE", "UPDATE"]));
    for (rule, name) in address.iter_mut().zip(["kubernetes", "kube-root-ca.crt"]) {
        rule["resourceNames"] = json!([name]);
    }
    let [service, authority] = address;
    let rules = json!([
        rule(&["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], &["CONNECT"]),
        rule(&["pods"], &["CREATE", "UPDATE"]),
        rule(&["pods/ephemeralcontainers"], &["UPDATE"]),
        rule(&["secrets"], &["CREATE", "UPDATE"]),
        rule(&["serviceaccounts/token"], &["CREATE"]),
        service,
        authority,
    ]);
    let verifier = runner.verifier.as_ref().map(|name| {
        let name = literal(name);
        format!(" && !({USER} == {name} && request.resource.resource == 'serviceaccounts')")
    });
    let conditions = json!([{
        "name": "by-another-account",
        "expression": format!(
            "{USER}.startsWith('{PREFIX}') && {USER} != {}{}",
            user(runner),
            verifier.unwrap_or_default(),
        ),
    }]);
    let mut policy =
        policy(runner, "takeover", &rules, Some("NotIn"), &conditions, Some(variables), &validations);
    // Without the table no kubelet would get a token, and what runs would stop: too much for a mistake that `table`
    // keeps people from making.
    if let Some(action) = policy.binding.pointer_mut("/paramRef/parameterNotFoundAction") {
        *action = json!("Allow");
    }
    policy
}

/// What the rules name of these: the Service `kubernetes`, and the ConfigMap `kube-root-ca.crt`.
const ADDRESS: &str = "request.resource.resource in ['configmaps', 'services']";

const MADE: &str = "request.resource.resource == 'pods' && request.operation == 'CREATE'";

const PREFIX: &str = "system:serviceaccount:";

/// The names of the runner's pods, `ProjectUniqueName` in its common/build.go. Long ones are cut after the project's
/// id: whose they are is not read then, and nobody enters them.
const JOB_POD: &str = "^runner-.*-project-[0-9]";

fn for_jobs(runner: &Runner<'_>) -> String {
    literal(&format!(": it is for the jobs of runner {} alone", runner.name))
}
