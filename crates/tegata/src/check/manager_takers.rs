//! No account becomes the manager of a runner that serves others: the manager goes into all its jobs. Its namespace is left
//! out by the policies, so that the cluster comes back without their tables, and controllers make its pods there; what
//! reaches it can be kept out here only. Only a role that holds everywhere does, since no project has an account there.

use tegata_rbac::PolicyRule;

use super::{Rule, has};
use crate::declared::Scope;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::{Account, Binding, Resolved, Runner, has_policies};
use crate::source::Span;

pub const RULE: Rule =
    Rule { title: "no account becomes the manager of a runner", ids: &["manager-taker"], check };

const MAKE: &[&str] = &["create", "patch", "update"];
const CHANGE: &[&str] = &["patch", "update"];
const ENTER: &[&str] = &["create", "get"];

/// A group, its resources, the verbs that count, and what comes of them.
type Way = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

const WAYS: &[Way] = &[
    ("", &["pods", "replicationcontrollers"], MAKE, "run a pod as"),
    ("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"], MAKE, "run a pod as"),
    ("batch", &["cronjobs", "jobs"], MAKE, "run a pod as"),
    ("", &["pods/attach", "pods/exec"], ENTER, "enter the pod of"),
    ("", &["pods/ephemeralcontainers"], CHANGE, "enter the pod of"),
    ("", &["serviceaccounts/token"], &["create"], "ask for a token of"),
    ("", &["secrets"], &["create", "patch", "update"], "have a Secret filled with a token of"),
    ("", &["secrets"], &["get", "list", "watch"], "read the token in GitLab of"),
];

fn check(loaded: &Loaded, resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for project in &resolved.projects {
        let own = project.declared.path.value.as_str();
        for account in project.accounts.iter().filter(|account| bound_everywhere(account).next().is_some()) {
            // The runner of this project alone has no other's jobs.
            let reached = resolved.runners.values().find(|runner| {
                has_policies(runner)
                    && runner.declared.cluster.value == account.cluster
                    && runner.projects.keys().any(|served| *served != own)
            });
            if let Some(runner) = reached {
                check_account(loaded, account, runner, diagnostics);
            }
        }
    }
}

/// The roles that an account has in every namespace.
fn bound_everywhere<'b, 'a>(account: &'b Account<'a>) -> impl Iterator<Item = &'b Binding<'a>> {
    account.roles.iter().filter(|role| role.declared.scope.value == Scope::Cluster)
}

fn check_account(
    loaded: &Loaded,
    account: &Account<'_>,
    runner: &Runner<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for binding in bound_everywhere(account) {
        let Some(role) = loaded.roles.get(&binding.declared.cluster_role.value) else { continue };
        for rule in &role.rules {
            if let Some((.., what)) = WAYS.iter().find(|way| opens(&rule.rule, way, runner)) {
                diagnostics.push(finding(rule.span, what, runner, binding.declared.span));
            }
        }
    }
}

fn opens(rule: &PolicyRule, (group, resources, verbs, _): &Way, runner: &Runner<'_>) -> bool {
    let resource = |resource: &str| {
        let part = resource.split_once('/').map(|(_, part)| format!("*/{part}"));
        has(&rule.resources, resource) || part.is_some_and(|part| rule.resources.contains(&part))
    };
    // Pods have names that nobody knows before. What else is the manager's is named after the release.
    let names = &rule.resource_names;
    let known = [&runner.declared.release, &runner.declared.token_secret];
    let named = names.is_empty() || names.iter().any(|name| known.contains(&name));
    // A rule with names matches no request that makes something, unless it is a part of what has a name.
    let makes = |verb: &str| verb == "create" && !resources.iter().any(|resource| resource.contains('/'));
    let verb = |verb: &str| has(&rule.verbs, verb) && (names.is_empty() || !makes(verb));
    named
        && has(&rule.api_groups, group)
        && resources.iter().any(|it| resource(it))
        && verbs.iter().any(|it| verb(it))
}

fn finding(span: Span, what: &str, runner: &Runner<'_>, bound: Span) -> Diagnostic {
    let message = format!(
        "an account could {what} the manager of runner `{}`, which opens the jobs of all its projects",
        runner.declared.name
    );
    Diagnostic::error("manager-taker", span, message)
        .help("bind the role with `scope: namespace` or `scope: split`, or leave the rule out")
        .related(bound, "the account has it here, in every namespace")
}
