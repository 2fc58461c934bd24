//! Looks up what the files refer to.

mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use tegata_rbac::check::Field;
use tegata_rbac::{AddProblem, Catalogue, PolicyRule, Severity, check_rule, role_names, split};
use tegata_runner::policy::Triple;

use super::{Account, Binding, Cluster, Project, Resolved, Role, names};
use crate::declared::{self, Isolation, RoleUse, Scope};
use crate::diagnostic::Diagnostic;
use crate::load::{Folder, Loaded};
use crate::shape::text::shown;
use crate::source::Located;
pub use unknown::unknown;

/// The clusters with their catalogues.
pub fn clusters<'a>(loaded: &'a Loaded, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<&'a str, Cluster<'a>> {
    let mut clusters = BTreeMap::new();
    for (name, declared) in &loaded.clusters {
        // The form has refused every version that there is no catalogue for.
        let Ok(mut catalogue) = Catalogue::for_version(&declared.kubernetes.value) else { continue };
        if !catalogue.exact() {
            diagnostics.push(
                Diagnostic::error(
                    "nearest-catalogue",
                    declared.kubernetes.span,
                    format!(
                        "the resources of Kubernetes {} are not known; those of {} are used",
                        shown(&declared.kubernetes.value),
                        catalogue.version()
                    ),
                )
                .help("a resource that came or went between the two versions may be misjudged")
                .warning(),
            );
        }
        let mut first = BTreeMap::new();
        for custom in &declared.custom_resources {
            let added = catalogue.add(tegata_rbac::CustomResource {
                group: custom.group.clone(),
                name: custom.name.value.clone(),
                namespaced: custom.namespaced,
                creates_pods: custom.creates_pods,
                subresources: custom.subresources.clone(),
                verbs: custom.verbs.clone(),
            });
            let other = first.get(&(&custom.group, &custom.name.value)).copied();
            if let Err(problem) = added {
                let diagnostic = Diagnostic::error("custom-resource", custom.name.span, problem.to_string())
                    .maybe_help(problem.remedy());
                diagnostics.push(match other {
                    Some(other) if problem == (AddProblem::Duplicate { declared: true }) => {
                        diagnostic.related(other, "first here")
                    }
                    _ => diagnostic,
                });
            }
            first.entry((&custom.group, &custom.name.value)).or_insert(custom.name.span);
        }
        clusters.insert(name.as_str(), Cluster { declared, catalogue });
    }
    clusters
}

/// What the broken files of projects refer to.
pub fn of_broken(loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) {
    for references in &loaded.references {
        for runner in &references.runners {
            unknown_runner(loaded, runner, diagnostics);
        }
        for role in references.roles.iter().filter(|role| !loaded.roles.contains_key(&role.value)) {
            unknown_role(loaded, role, diagnostics);
        }
    }
}

/// A project with everything that it refers to; accounts whose runner does not exist are left out.
pub fn project<'a>(
    loaded: &'a Loaded,
    resolved: &mut Resolved<'a>,
    declared: &'a declared::Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Project<'a> {
    if declared.accounts.is_empty() {
        diagnostics.push(
            Diagnostic::error("no-account", declared.path.span, "the project has no account")
                .help("write serviceAccounts: [{name: build}]"),
        );
    }
    let used =
        declared.accounts.iter().any(|account| account.runner.is_none()) || declared.accounts.is_empty();
    if used && !resolved.runners.contains_key(declared.runner.value.as_str()) {
        unknown_runner(loaded, &declared.runner, diagnostics);
    }
    default_account(declared, diagnostics);
    let mut accounts = Vec::with_capacity(declared.accounts.len());
    for account in &declared.accounts {
        let name = account.runner.as_deref().unwrap_or(&declared.runner);
        let Some(runner) = resolved.runners.get_mut(name.value.as_str()) else {
            if account.runner.is_some() {
                unknown_runner(loaded, name, diagnostics);
            }
            for role in account.roles.iter().filter(|role| !role.existing) {
                known_role(loaded, role, diagnostics);
            }
            resolved.unplaced.push(account);
            continue;
        };
        let runner_declared = runner.declared;
        let namespace = account.namespace.as_deref().unwrap_or(&declared.namespace);
        let project = declared.id.as_ref().map(|id| id.value);
        let triple = Triple { project, namespace: &namespace.name.value, account: &account.name.value };
        runner.serve(declared, triple);
        let cluster = runner_declared.cluster.value.as_str();
        let roles = account
            .roles
            .iter()
            .filter_map(|role| binding(loaded, resolved, cluster, role, diagnostics))
            .collect();
        accounts.push(Account {
            declared: account,
            namespace,
            runner: runner_declared,
            cluster,
            default: account.default.as_ref().map_or(declared.accounts.len() == 1, |default| default.value),
            roles,
        });
    }
    check_id(declared, &accounts, diagnostics);
    Project { declared, accounts }
}

/// Where admission policies tell projects apart, they do it by GitLab's id.
fn check_id(declared: &declared::Project, accounts: &[Account<'_>], diagnostics: &mut Vec<Diagnostic>) {
    if declared.id.is_some() {
        return;
    }
    let served_by = |isolation| accounts.iter().find(|account| account.runner.isolation.value == isolation);
    let span = declared.path.span;
    let help = "write GitLab's project id, from the project's page, as in `id: 1234`";
    if let Some(account) = served_by(Isolation::Admission) {
        let runner = &account.runner.name;
        let message = format!("the project needs `id`: its runner `{runner}` tells projects apart by it");
        diagnostics.push(Diagnostic::error("missing-id", span, message).help(help));
    } else if let Some(account) = served_by(Isolation::Dedicated) {
        let message = format!(
            "without `id` the admission policies of the runner `{}` admit whatever project reaches it",
            account.runner.name
        );
        diagnostics.push(Diagnostic::error("missing-id", span, message).help(help).warning());
    }
}

fn unknown_runner(loaded: &Loaded, name: &Located<String>, diagnostics: &mut Vec<Diagnostic>) {
    // A runner whose own cluster is unknown has been reported there.
    if !loaded.runners.contains_key(&name.value) {
        let known = loaded.runners.keys().map(String::as_str).collect();
        unknown(loaded, Folder::Runners, "runner", name, known, diagnostics);
    }
}

fn default_account(project: &declared::Project, diagnostics: &mut Vec<Diagnostic>) {
    let mut defaults = project
        .accounts
        .iter()
        .filter_map(|account| account.default.as_ref())
        .filter(|default| default.value);
    if let (Some(first), Some(second)) = (defaults.next(), defaults.next()) {
        diagnostics.push(
            Diagnostic::error("two-defaults", second.span, "a second account is the default")
                .help("keep `default: true` for the account that jobs get when they ask for none")
                .related(first.span, "the first one"),
        );
    }
}

/// A role of an account, looked up and taken note of.
fn binding<'a>(
    loaded: &'a Loaded,
    resolved: &mut Resolved<'a>,
    cluster: &'a str,
    declared: &'a RoleUse,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Binding<'a>> {
    let name = &declared.cluster_role;
    if declared.existing {
        return existing(loaded, declared, diagnostics);
    }
    let role = known_role(loaded, declared, diagnostics)?;
    let catalogue = &resolved.clusters.get(cluster)?.catalogue;
    let entry = resolved.roles.entry((cluster, name.value.as_str())).or_insert_with(|| Role {
        declared: role,
        whole: false,
        cluster_scoped: None,
    });
    // The RoleBinding of `split` refers to the whole role too: there, its cluster-scoped rules do nothing.
    entry.whole = true;
    if declared.scope.value == Scope::Split && entry.cluster_scoped.is_none() {
        let rules: Vec<_> = role.rules.iter().map(|rule| rule.rule.clone()).collect();
        entry.cluster_scoped =
            Some(split::cluster_scoped_part(&rules, catalogue).unwrap_or_else(|problems| {
                indivisible(role, declared, problems, catalogue, diagnostics);
                Vec::new()
            }));
    }
    let has_cluster_scoped = entry.cluster_scoped.as_ref().is_some_and(|rules| !rules.is_empty());
    Some(Binding { declared, role: Some(role), has_cluster_scoped })
}

/// Reports why a role can't be split, unless the check of its rules says the same.
fn indivisible(
    role: &declared::Role,
    binding: &RoleUse,
    problems: Vec<split::SplitProblem>,
    catalogue: &Catalogue,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // A rule may have thousands of problems: it is checked once.
    let mut reported: BTreeMap<usize, Reported> = BTreeMap::new();
    for problem in problems {
        let rule = role.rules.get(problem.rule);
        let is_reported = rule.is_some_and(|rule| {
            let of_rule =
                reported.entry(problem.rule).or_insert_with(|| Reported::new(&rule.rule, catalogue));
            of_rule.covers(&rule.rule, &problem)
        });
        if is_reported {
            continue;
        }
        let place = rule.map_or(binding.cluster_role.span, |rule| rule.place(problem.field, problem.index));
        diagnostics.push(
            Diagnostic::error("split-impossible", place, problem.message)
                .help(problem.help)
                .related(binding.scope.span, "split here"),
        );
    }
}

/// The errors that the check of a rule reports.
struct Reported {
    places: BTreeSet<(Field, usize)>,
    /// Whether a group does not exist, or there is none.
    no_group: bool,
}

impl Reported {
    fn new(rule: &PolicyRule, catalogue: &Catalogue) -> Self {
        let mut reported = Self { places: BTreeSet::new(), no_group: false };
        for wrong in check_rule(rule, catalogue) {
            if wrong.severity == Severity::Error {
                reported.places.extend(wrong.index.map(|index| (wrong.field, index)));
                reported.no_group |= matches!(wrong.id, "api-group-unknown" | "api-groups-missing");
            }
        }
        reported
    }

    /// Whether the mistake that the rule can't be split for is among them: what does not exist, and all resources of
    /// a group that does not exist.
    fn covers(&self, rule: &PolicyRule, problem: &split::SplitProblem) -> bool {
        let resource = rule.resources.get(problem.index).filter(|_| problem.field == Field::Resources);
        let is_named = resource.is_some_and(|resource| !resource.contains('*'));
        self.places.contains(&(problem.field, problem.index)) || (self.no_group && is_named)
    }
}

/// The role of `roles/` that an account refers to.
fn known_role<'a>(
    loaded: &'a Loaded,
    declared: &RoleUse,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'a declared::Role> {
    let name = &declared.cluster_role;
    let role = loaded.roles.get(&name.value);
    if role.is_none() {
        unknown_role(loaded, name, diagnostics);
    }
    role
}

fn unknown_role(loaded: &Loaded, name: &Located<String>, diagnostics: &mut Vec<Diagnostic>) {
    if role_names::reserved_cluster_role(&name.value).is_some() {
        diagnostics.push(
            Diagnostic::error(
                "unknown-role",
                name.span,
                format!(
                    "there is no role `{}` in roles/; Kubernetes has one of that name",
                    shown(&name.value)
                ),
            )
            .help("add `existing: true` if that one is meant"),
        );
    } else {
        let known = loaded.roles.keys().map(String::as_str).collect();
        unknown(loaded, Folder::Roles, "role", name, known, diagnostics);
    }
}

fn existing<'a>(
    loaded: &Loaded,
    declared: &'a RoleUse,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Binding<'a>> {
    let name = &declared.cluster_role;
    if name.value.starts_with(names::PREFIX) {
        let message = format!("`{}` is a role that tegata makes, for its own accounts", shown(&name.value));
        diagnostics.push(
            Diagnostic::error("reserved-role", name.span, message)
                .help("write a role of your own in roles/, with the rules that the account needs"),
        );
        return None;
    }
    if let Some(role) = loaded.roles.get(&name.value) {
        diagnostics.push(
            Diagnostic::error(
                "ambiguous-role",
                name.span,
                format!("`{}` is said to exist in the cluster, and stands in roles/ too", shown(&name.value)),
            )
            .help("drop `existing: true`, or rename the role in roles/")
            .related(role.name.span, "in roles/"),
        );
        return None;
    }
    if declared.scope.value == Scope::Split {
        diagnostics.push(
            Diagnostic::error(
                "split-impossible",
                declared.scope.span,
                "a role that exists in the cluster can't be split: its rules are not known here",
            )
            .help(format!(
                "put the role into roles/ (kubectl get clusterrole {} -o yaml) under a name of your own",
                shown(&name.value)
            )),
        );
        return None;
    }
    Some(Binding { declared, role: None, has_cluster_scoped: false })
}
