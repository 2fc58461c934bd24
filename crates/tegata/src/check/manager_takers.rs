//! No account becomes the manager of a runner that serves others, which goes into all its jobs, nor the account that applies
//! to the cluster. Their namespaces are left out by the policies, so that the cluster comes back without their tables,
//! and controllers make pods there; what reaches them can be kept out here only. Only a role that holds everywhere does,
//! since no project has an account there.

use tegata_rbac::{Catalogue, PolicyRule};

use super::{Look, Rule, has, is_named, is_of_a_control_plane, known_rules};
use crate::declared::Scope;
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::{Account, Binding, Cluster, Resolved, Runner, has_policies};
use crate::source::Span;

pub const RULE: Rule = Rule {
    title: "no account becomes the manager of a runner, or the account that applies",
    ids: &["manager-taker"],
    check,
};

const MAKE: &[&str] = &["create", "patch", "update"];
const CHANGE: &[&str] = &["patch", "update"];
const ENTER: &[&str] = &["create", "get"];

/// How somebody is taken.
struct Way {
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
    /// What can be done with it, before whom it is done to.
    what: &'static str,
    /// Whether something is made anew, which has whatever name a rule permits.
    makes: bool,
}

const fn way(
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
    what: &'static str,
) -> Way {
    Way { group, resources, verbs, what, makes: false }
}

const fn making(group: &'static str, resources: &'static [&'static str], what: &'static str) -> Way {
    Way { group, resources, verbs: MAKE, what, makes: true }
}

const WAYS: &[Way] = &[
    making("", &["pods", "replicationcontrollers"], "run a pod as"),
    making("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"], "run a pod as"),
    making("batch", &["cronjobs", "jobs"], "run a pod as"),
    way("", &["pods/attach", "pods/exec"], ENTER, "enter the pod of"),
    way("", &["pods/ephemeralcontainers"], CHANGE, "enter the pod of"),
    way("", &["serviceaccounts/token"], &["create"], "ask for a token of"),
    making("", &["secrets"], "make a Secret that is filled with a token of"),
    way("", &["secrets"], &["get", "list", "watch"], "read the Secrets of"),
];
/// The chart keeps a program that the manager starts in a ConfigMap. Rules without names are `policy_writers`'.
const CONFIGURATION: Way = way("", &["configmaps"], CHANGE, "write what is run by");

/// Somebody whom no account may become, and the names of what is theirs.
struct Target<'a> {
    who: String,
    /// Names that begin so: the release's, and the account's.
    prefixes: Vec<&'a str>,
    /// Other names.
    names: Vec<&'a str>,
    /// Whether pods of it run in the cluster, which could be changed or entered.
    runs: bool,
}

impl Target<'_> {
    fn owns(&self, name: &str) -> bool {
        self.prefixes.iter().any(|prefix| name.starts_with(prefix)) || self.names.contains(&name)
    }
}

fn check<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, _: &mut Vec<Diagnostic>) -> Look<'a> {
    Box::new(move |project, found| {
        let own = project.declared.path.value.as_str();
        for account in project.accounts.iter().filter(|account| bound_everywhere(account).next().is_some()) {
            let Some(cluster) = resolved.clusters.get(account.cluster) else { continue };
            // The runner of this project alone has no other's jobs.
            let runner = resolved.runners.values().find(|runner| {
                has_policies(runner)
                    && runner.declared.cluster.value == account.cluster
                    && runner.projects.iter().any(|served| served.path.value != own)
            });
            let targets: Vec<Target<'_>> =
                runner.map(manager).into_iter().chain(apply_account(cluster)).collect();
            check_account(loaded, account, &targets, &cluster.catalogue, found);
        }
    })
}

fn manager<'a>(runner: &Runner<'a>) -> Target<'a> {
    let declared = runner.declared;
    let renamed = declared.values.as_ref().and_then(|values| values.get("fullnameOverride")?.as_str());
    Target {
        who: format!("the manager of runner `{}`, which opens the jobs of all its projects", declared.name),
        // What the chart makes is named after the release, or after what takes its place.
        prefixes: std::iter::once(declared.release.as_str()).chain(renamed).collect(),
        names: vec![&declared.token_secret],
        runs: true,
    }
}

fn apply_account<'a>(cluster: &Cluster<'a>) -> Option<Target<'a>> {
    let account = cluster.declared.apply_account.as_ref()?;
    Some(Target {
        who: format!("the account that applies to cluster `{}`", cluster.declared.name),
        prefixes: vec![&account.name.value],
        names: Vec::new(),
        runs: false,
    })
}

/// The roles that an account has in every namespace.
fn bound_everywhere<'b, 'a>(account: &'b Account<'a>) -> impl Iterator<Item = &'b Binding<'a>> {
    account.roles.iter().filter(|role| role.declared.scope.value == Scope::Cluster)
}

fn check_account(
    loaded: &Loaded,
    account: &Account<'_>,
    targets: &[Target<'_>],
    catalogue: &Catalogue,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for everywhere in bound_everywhere(account) {
        let binding = everywhere.declared;
        for rule in known_rules(loaded, everywhere) {
            let taken =
                targets.iter().find_map(|target| Some((taken(&rule.rule, target, catalogue)?, target)));
            if let Some((what, target)) = taken {
                diagnostics.push(finding(rule.span, what, target, binding.span));
            }
        }
        let name = &binding.cluster_role;
        if let Some(target) =
            targets.first().filter(|_| binding.existing && is_of_a_control_plane(&name.value))
        {
            diagnostics.push(finding(name.span, "become", target, binding.span));
        }
    }
}

/// What a rule lets one do to somebody.
fn taken(rule: &PolicyRule, target: &Target<'_>, catalogue: &Catalogue) -> Option<&'static str> {
    let opened = WAYS.iter().find(|way| opens(rule, way, target)).map(|way| way.what);
    let configured = || (is_named(rule) && opens(rule, &CONFIGURATION, target)).then_some(CONFIGURATION.what);
    // What controllers make pods of.
    let custom = || catalogue.iter().filter(|resource| resource.custom && resource.creates_pods);
    let made = || {
        let it = custom().find(|it| has(&rule.api_groups, it.group) && has(&rule.resources, it.resource));
        it.filter(|_| does(rule, MAKE, true, target)).map(|_| "have a pod made that runs as")
    };
    opened.or_else(configured).or_else(made)
}

fn opens(rule: &PolicyRule, way: &Way, target: &Target<'_>) -> bool {
    let resource = |resource: &str| {
        let part = resource.split_once('/').map(|(_, part)| format!("*/{part}"));
        has(&rule.resources, resource) || part.is_some_and(|part| rule.resources.contains(&part))
    };
    let there = target.runs || !way.resources.iter().any(|resource| resource.starts_with("pods/"));
    there
        && has(&rule.api_groups, way.group)
        && way.resources.iter().any(|it| resource(it))
        && does(rule, way.verbs, way.makes, target)
}

/// Whether a rule permits one of the verbs on something that counts.
fn does(rule: &PolicyRule, verbs: &[&str], makes: bool, target: &Target<'_>) -> bool {
    let may = |verb: &str| has(&rule.verbs, verb);
    if !is_named(rule) {
        let enough = |verb: &str| target.runs || !makes || verb == "create";
        return verbs.iter().any(|verb| may(verb) && enough(verb));
    }
    // Server-side apply makes an object of a name by `patch`, and asks for `create` of that name.
    let anew = makes && may("create") && may("patch");
    let names_it = rule.resource_names.iter().any(|name| target.owns(name));
    // A rule with names matches no `create` but of a part of what has a name.
    let there = verbs.iter().any(|verb| may(verb) && !(makes && *verb == "create"));
    anew || names_it && there
}

fn finding(span: Span, what: &str, target: &Target<'_>, bound: Span) -> Diagnostic {
    let message = format!("an account could {what} {}", target.who);
    Diagnostic::error("manager-taker", span, message)
        .help("bind the role with `scope: namespace` or `scope: split`, or leave the rule out")
        .related(bound, "the account has it here, in every namespace")
}
