//! The admission policies of a runner, as values: who may be what, decided by the API server.
//!
//! A regexp belongs to a runner and not to a project, and its two halves go together freely, so it keeps no
//! project apart from another. A `ValidatingAdmissionPolicy` does: it sees the pod, with the label
//! `project.runner.gitlab.com/id`, which the runner sets from the job's payload and no job can forge
//! (`executors/kubernetes`, runner 17.9 and later), and it sees who asks.
//!
//! | policy | matches | demands |
//! |---|---|---|
//! | `jobs` | pods and Secrets that the manager makes | a declared (project, namespace, account) |
//! | `accounts` | pods that anybody else makes | none of the accounts of jobs |
//! | `elsewhere` | pods and Secrets that the manager makes in the namespaces of the cluster itself | nothing passes |
//! | `table` | deletions of the table | that the policies go first |
//! | `takeover` | what other ServiceAccounts do to pods, tokens, token Secrets, and to what says where the API server is | none of it for accounts, pods and namespaces of jobs |
//!
//! The API server looks for a policy's parameters **before** its match conditions (`policy_dispatcher.go` in
//! `apiserver/pkg/admission/plugin/policy/generic`): without the table, `jobs` and `accounts` refuse every pod
//! that they match, whoever makes it. So they leave out the namespaces that the cluster and the manager need to
//! come back, where `elsewhere` stands without a table; and `table` keeps the table from being deleted first, be
//! it with its namespace. `takeover` refuses nothing without the table: it matches what kubelets and everybody's
//! controllers do all the time.
//!
//! Namespaces are told apart by the label `kubernetes.io/metadata.name`, which the API server sets and nobody can
//! change, and by a short list: the server parses a selector anew for every request, whatever it is about, and a
//! list of 8,000 served namespaces cost each of them 28 ms (measured). No selector looks at anything that a tenant
//! can write, and match conditions look at who asks, and for which kind, alone.
//!
//! `spec.serviceAccountName` can't be changed after a pod was made; what a pod runs can, which `takeover` sees.

mod table;
mod takeover;

use serde_json::{Value, json};

pub use table::{MAX_TABLE_BYTES, Triple, table, table_bytes};

/// The label with the project's id, which the runner sets itself.
pub const PROJECT_LABEL: &str = "project.runner.gitlab.com/id";

/// What happens to what a policy refuses (`validationActions` of a binding).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The request is refused.
    Deny,
    /// The one who asks is warned.
    Warn,
    /// The audit log says so.
    Audit,
}

impl Action {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Action::Deny => "Deny",
            Action::Warn => "Warn",
            Action::Audit => "Audit",
        }
    }
}

/// A runner, for its policies.
#[derive(Debug, Clone)]
pub struct Runner<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// The manager's namespace, in which the table lies.
    pub namespace: &'a str,
    /// The manager's ServiceAccount.
    pub account: &'a str,
    /// The name of the table.
    pub table: String,
    /// Who may be what, sorted. With a triple that names no project, the runner serves that one alone.
    pub triples: Vec<Triple<'a>>,
    /// What happens to what is refused.
    pub actions: Vec<Action>,
    /// The user that verifies what the accounts may do, and so may ask for their tokens.
    pub verifier: Option<String>,
}

/// A policy and its binding.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// `accounts`, `elsewhere`, `jobs`, `table` or `takeover`.
    pub part: &'static str,
    /// The `spec` of the `ValidatingAdmissionPolicy`.
    pub spec: Value,
    /// The `spec` of its `ValidatingAdmissionPolicyBinding`, but for `policyName`.
    pub binding: Value,
}

/// The policies of a runner. One that serves nobody has no table, and gets `elsewhere` for all namespaces.
#[must_use]
pub fn policies(runner: &Runner<'_>) -> Vec<Policy> {
    if runner.triples.is_empty() {
        return vec![elsewhere(runner)];
    }
    vec![accounts(runner), elsewhere(runner), jobs(runner), kept_table(runner), takeover::takeover(runner)]
}

fn jobs(runner: &Runner<'_>) -> Policy {
    let any = runner.triples.iter().any(|triple| triple.project.is_none());
    let label = format!(
        "has(dyn(object).metadata.labels) && '{PROJECT_LABEL}' in dyn(object).metadata.labels ? \
         dyn(object).metadata.labels['{PROJECT_LABEL}'] : ''"
    );
    let project = if any {
        literal(table::ANY)
    } else {
        format!("request.resource.resource == 'pods' ? ({label}) : ({})", project_of_name())
    };
    let who = match any {
        true => "'no project'",
        false => "(variables.project == '' ? 'a project without an id' : 'project ' + variables.project)",
    };
    let for_runner = literal(&format!(" (declared for runner {} by tegata)", runner.name));
    let variables = json!([
        { "name": "parts", "expression": "object.metadata.name.split('-')" },
        { "name": "project", "expression": project },
        { "name": "account", "expression": ACCOUNT },
        { "name": "text", "expression": TEXT_OF_PROJECT },
        {
            "name": "declared",
            "expression": "has(params.data) && variables.text in params.data ? params.data[variables.text] : ''",
        },
        {
            "name": "place",
            "expression": "' ' + variables.project + ':' + request.namespace + '/'",
        },
    ]);
    let validations = json!([
        {
            "expression": "request.resource.resource != 'pods' || \
                           variables.declared.contains(variables.place + variables.account + ' ')",
            "message": "this project may not run as this account in this namespace",
            "messageExpression": format!(
                "{who} + ' may not run jobs as account ' + variables.account + ' in namespace ' + \
                 request.namespace + {for_runner}"
            ),
            "reason": "Forbidden",
        },
        {
            "expression": "request.resource.resource != 'secrets' || variables.declared.contains(variables.place)",
            "message": "this project may not keep a Secret in this namespace",
            "messageExpression": format!(
                "{who} + ' may not keep the Secret ' + object.metadata.name + ' in namespace ' + \
                 request.namespace + {for_runner}"
            ),
            "reason": "Forbidden",
        },
    ]);
    let rules = json!([rule(&["pods"], &["CREATE"]), rule(&["secrets"], &["CREATE", "UPDATE"])]);
    let condition =
        json!([{ "name": "by-the-manager", "expression": format!("{USER} == {}", user(runner)) }]);
    policy(runner, "jobs", &rules, Some("NotIn"), &condition, Some(variables), &validations)
}

fn accounts(runner: &Runner<'_>) -> Policy {
    let variables = json!([
        { "name": "account", "expression": ACCOUNT },
        { "name": "pair", "expression": "request.namespace + '/' + variables.account" },
        {
            "name": "text",
            "expression": format!("'accounts.' + string(size(variables.pair) % {})", table::ACCOUNT_TEXTS),
        },
    ]);
    let validations = json!([{
        "expression": "has(params.data) && (!(variables.text in params.data) || \
                       !params.data[variables.text].contains(' ' + variables.pair + ' '))",
        "message": "only the runner's manager makes pods with an account of CI jobs",
        "messageExpression": format!(
            "request.userInfo.username + ' may not make pods with account ' + variables.account + \
             ' in namespace ' + request.namespace + {}",
            literal(&format!(": it is for the jobs of runner {} alone", runner.name)),
        ),
        "reason": "Forbidden",
    }]);
    let rules = json!([rule(&["pods"], &["CREATE"])]);
    let condition = json!([{ "name": "by-another", "expression": format!("{USER} != {}", user(runner)) }]);
    policy(runner, "accounts", &rules, Some("NotIn"), &condition, Some(variables), &validations)
}

fn elsewhere(runner: &Runner<'_>) -> Policy {
    let validations = json!([{
        "expression": "false",
        "message": format!("the runner {} serves no project in this namespace", runner.name),
        "messageExpression": format!(
            "{} + request.namespace",
            literal(&format!("the runner {} serves no project in namespace ", runner.name))
        ),
        "reason": "Forbidden",
    }]);
    let rules = json!([rule(&["pods"], &["CREATE"]), rule(&["secrets"], &["CREATE", "UPDATE"])]);
    let condition =
        json!([{ "name": "by-the-manager", "expression": format!("{USER} == {}", user(runner)) }]);
    let operator = (!runner.triples.is_empty()).then_some("In");
    policy(runner, "elsewhere", &rules, operator, &condition, None, &validations)
}

/// Keeps the table while the policies need it.
fn kept_table(runner: &Runner<'_>) -> Policy {
    let validations = json!([{
        "expression": format!("oldObject.metadata.name != {}", literal(&runner.table)),
        "message": format!(
            "without this table the admission policies of runner {} refuse every pod: delete its \
             ValidatingAdmissionPolicyBindings first",
            runner.name
        ),
        "reason": "Forbidden",
    }]);
    let spec = json!({
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "namespaceSelector": { "matchExpressions": [{
                "key": NAMESPACE_LABEL, "operator": "In", "values": [runner.namespace],
            }] },
            "resourceRules": [rule(&["configmaps"], &["DELETE"])],
        },
        "validations": validations,
    });
    Policy { part: "table", spec, binding: json!({ "validationActions": ["Deny"] }) }
}

/// The namespaces that go on without the table, unless the runner serves one of them.
fn namespaces_of_the_cluster<'a>(runner: &Runner<'a>) -> Vec<&'a str> {
    let mut names = vec!["kube-node-lease", "kube-public", "kube-system", runner.namespace];
    names.retain(|name| runner.triples.iter().all(|triple| triple.namespace != *name));
    names.sort_unstable();
    names.dedup();
    names
}

const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";
const USER: &str = "request.userInfo.username";
const ACCOUNT: &str = "has(dyn(object).spec) && has(dyn(object).spec.serviceAccountName) ? dyn(object).spec.serviceAccountName : ''";

/// The key of the table that has the project.
const TEXT_OF_PROJECT: &str = "'projects.' + variables.project.substring(size(variables.project) > 2 ? size(variables.project) - 2 : 0)";

/// The project's id in a name that the runner gives, whose parts are `variables.parts`.
///
/// `runner-<token>-project-<id>-concurrent-<n>-<random>`: a token may hold `-`, what follows it does not, so the name
/// is read from its end (`ProjectUniqueName` in the runner's common/build.go).
fn project_of_name() -> String {
    let parts = "variables.parts";
    format!(
        "size({parts}) >= 7 && {parts}[0] == 'runner' && {parts}[size({parts}) - 5] == 'project' && \
         {parts}[size({parts}) - 3] == 'concurrent' && {parts}[size({parts}) - 2].matches('^[0-9]+$') ? \
         {parts}[size({parts}) - 4] : ''"
    )
}

fn user(runner: &Runner<'_>) -> String {
    literal(&format!("system:serviceaccount:{}:{}", runner.namespace, runner.account))
}

/// A text as CEL writes it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// With the scope that the server would add: `kubectl apply` compares these lists as a whole, and would otherwise
/// say each time that it changed them.
fn rule(resources: &[&str], operations: &[&str]) -> Value {
    json!({
        "apiGroups": [""], "apiVersions": ["*"], "operations": operations, "resources": resources, "scope": "*",
    })
}

fn policy(
    runner: &Runner<'_>,
    part: &'static str,
    rules: &Value,
    operator: Option<&str>,
    conditions: &Value,
    variables: Option<Value>,
    validations: &Value,
) -> Policy {
    let mut constraints = json!({ "matchPolicy": "Equivalent" });
    if let (Some(operator), Some(map)) = (operator, constraints.as_object_mut()) {
        let values = namespaces_of_the_cluster(runner);
        let selector = json!({ "matchExpressions": [{
            "key": NAMESPACE_LABEL,
            "operator": operator,
            "values": values,
        }] });
        map.insert("namespaceSelector".to_owned(), selector);
    }
    if let Some(map) = constraints.as_object_mut() {
        map.insert("resourceRules".to_owned(), rules.clone());
    }
    let mut spec =
        json!({ "failurePolicy": "Fail", "matchConstraints": constraints, "matchConditions": conditions });
    let mut binding = json!({
        "validationActions": runner.actions.iter().map(|action| action.word()).collect::<Vec<_>>(),
    });
    if let (Some(variables), Some(spec), Some(binding)) =
        (variables, spec.as_object_mut(), binding.as_object_mut())
    {
        spec.insert("paramKind".to_owned(), json!({ "apiVersion": "v1", "kind": "ConfigMap" }));
        spec.insert("variables".to_owned(), variables);
        let reference = json!({
            "name": runner.table, "namespace": runner.namespace, "parameterNotFoundAction": "Deny",
        });
        binding.insert("paramRef".to_owned(), reference);
    }
    if let Some(spec) = spec.as_object_mut() {
        spec.insert("validations".to_owned(), validations.clone());
    }
    Policy { part, spec, binding }
}

#[cfg(test)]
mod tests;
