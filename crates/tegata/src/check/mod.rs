//! Phase 3, *check*: rules over the workspace as a whole.
//!
//! A rule is a file here, with its ids and what it is for, and a line in `RULES`. It reads what was resolved
//! and reports; it changes nothing.

mod bound_in_namespace;
mod default_account;
mod impersonators;
mod manager_takers;
mod namespaced_rules;
mod permissions;
mod policy_writers;
mod reserved_metadata;
mod role_files;
mod role_rules;
mod tokens;
mod unused;

use rayon::prelude::*;
use tegata_rbac::PolicyRule;
use tegata_rbac::check::AMONG_CUSTOM_RESOURCES;

use crate::declared;
use crate::diagnostic::{self, Diagnostic};
use crate::load::Loaded;
use crate::resolve::{Binding, Cluster, Project, Resolved};

/// A rule.
pub struct Rule {
    /// What it looks for, in one line.
    pub title: &'static str,
    /// The ids of what it reports.
    pub ids: &'static [&'static str],
    /// Looks at the workspace as a whole, and says how each project is looked at.
    pub check: for<'a> fn(&'a Loaded, &'a Resolved<'a>, &mut Vec<Diagnostic>) -> Look<'a>,
}

/// How a rule looks at a project. All rules look at one before any looks at the next: a hundred thousand projects are
/// too much to be read anew for each rule.
pub type Look<'a> = Box<dyn Fn(&Project<'_>, &mut Vec<Diagnostic>) + Sync + 'a>;

/// Rules that always look.
const RULES: &[Rule] = &[
    role_files::RULE,
    role_rules::RULE,
    namespaced_rules::RULE,
    bound_in_namespace::RULE,
    permissions::RULE,
    policy_writers::RULE,
    impersonators::RULE,
    manager_takers::RULE,
    reserved_metadata::RULE,
    tokens::RULE,
];

/// Rules that look only where nothing is wrong: with a mistake, accounts and references are not what they are going to be.
const RULES_OF_SOUND: &[Rule] = &[default_account::RULE, unused::RULE];

/// All rules.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(RULES_OF_SOUND)
}

/// Applies the rules that always look.
pub fn check<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) {
    apply(RULES, loaded, resolved, diagnostics);
}

/// Applies the rules that look only where nothing is wrong.
pub fn check_sound<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) {
    if !diagnostic::has_errors(diagnostics) {
        apply(RULES_OF_SOUND, loaded, resolved, diagnostics);
    }
}

fn apply<'a>(
    rules: &[Rule],
    loaded: &'a Loaded,
    resolved: &'a Resolved<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let looks: Vec<Look<'_>> = rules.iter().map(|rule| (rule.check)(loaded, resolved, diagnostics)).collect();
    diagnostics.par_extend(resolved.projects.par_iter().flat_map_iter(|project| {
        let mut found = Vec::new();
        for look in &looks {
            look(project, &mut found);
        }
        found
    }));
}

/// Of a rule that looks at the workspace as a whole only.
fn at_no_project<'a>() -> Look<'a> {
    Box::new(|_, _| {})
}

/// Of a rule that looks at accounts, each with its cluster. Those that belong to no project are looked at at once.
fn at_accounts<'a>(
    resolved: &'a Resolved<'a>,
    diagnostics: &mut Vec<Diagnostic>,
    look: impl Fn(&declared::Account, &Cluster<'_>, &mut Vec<Diagnostic>) + Sync + 'a,
) -> Look<'a> {
    for (account, cluster) in resolved.unplaced_accounts() {
        look(account, cluster, diagnostics);
    }
    Box::new(move |project, found| {
        for (account, cluster) in resolved.accounts_of(project) {
            look(account, cluster, found);
        }
    })
}

/// Whether a list of a PolicyRule names a group, a resource or a verb, or all of them.
fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|entry| entry == word || entry == "*")
}

/// Whether the names of a rule keep it from any object. The empty one stands for requests without a name.
fn is_named(rule: &PolicyRule) -> bool {
    !rule.resource_names.is_empty() && !rule.resource_names.iter().any(String::is_empty)
}

/// Kubernetes' roles whose rules are those of roles with the label `rbac.authorization.k8s.io/aggregate-to-<role>`. Each
/// flows into those after it (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`).
const AGGREGATES: [&str; 3] = ["view", "edit", "admin"];

/// The rules that a role of an account is known to have: those of its file, and those that roles of the workspace add to one
/// of Kubernetes' own.
fn known_rules<'a>(loaded: &'a Loaded, binding: &Binding<'a>) -> Vec<&'a declared::Rule> {
    if let Some(role) = binding.role {
        return role.rules.iter().collect();
    }
    let name = binding.declared.cluster_role.value.as_str();
    let Some(last) = AGGREGATES.iter().position(|known| *known == name) else { return Vec::new() };
    let flows = |label: &str, value: &str| {
        let target = label.strip_prefix("rbac.authorization.k8s.io/aggregate-to-");
        value == "true"
            && target.is_some_and(|target| AGGREGATES.iter().take(last + 1).any(|it| *it == target))
    };
    let added = loaded
        .roles
        .values()
        .filter(|role| role.labels.iter().any(|(label, value)| flows(&label.value, value)));
    added.flat_map(|role| &role.rules).collect()
}

/// Whether a role is for one of Kubernetes' own parts: who has it everywhere can take any account. Those left out read
/// what is public.
fn is_of_a_control_plane(role: &str) -> bool {
    const HARMLESS: [&str; 8] = [
        "system:aggregate-to-view",
        "system:basic-user",
        "system:discovery",
        "system:kube-dns",
        "system:monitoring",
        "system:node-problem-detector",
        "system:public-info-viewer",
        "system:service-account-issuer-discovery",
    ];
    role.starts_with("system:") && !HARMLESS.contains(&role)
}

/// A help that says where in the workspace a custom resource is declared.
fn with_place(help: &str, cluster: &str) -> String {
    help.replace(AMONG_CUSTOM_RESOURCES, &format!("in clusters/{cluster}.yaml under customResources"))
}
