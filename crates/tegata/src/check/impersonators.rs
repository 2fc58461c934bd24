//! No account can say that it is an account of another project, or give itself the right to. The API server takes
//! the other's name before its admission policies look (`WithImpersonation` in
//! `apiserver/pkg/endpoints/filters/impersonation`), so that none of them sees who really asks: unlike pods, tokens and
//! their like, this can be kept out here only.
//!
//! Accounts of one project may: a project's jobs choose among them anyway. And a runner with `isolation: overwrite`
//! promises its projects nothing.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tegata_rbac::{PolicyRule, split};

use super::{Look, Rule, has, is_of_a_control_plane, known_rules};
use crate::declared::{self, Scope};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::{Account, Resolved, has_policies, names};
use crate::source::Span;

pub const RULE: Rule =
    Rule { title: "no account becomes one of another project by saying so", ids: &["impersonator"], check };

/// Kubernetes' own roles that may, or that may give themselves the right to
/// (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).
const IMPERSONATORS: [&str; 5] = [
    "admin",
    "cluster-admin",
    "edit",
    "system:aggregate-to-edit",
    "system:controller:clusterrole-aggregation-controller",
];

/// Accounts whose runner keeps its projects apart, by cluster and namespace: the project and the name of each.
type Protected<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a str, &'a str)>>;

/// An account of another project: the project and the name.
type Victim<'a> = (&'a str, &'a str);

/// How an account becomes another one, and which.
type Found<'a> = (&'static str, Victim<'a>);

/// What one account reaches by a rule.
struct Reach<'a, 'b> {
    loaded: &'b Loaded,
    resolved: &'b Resolved<'a>,
    /// Made when the first rule asks for it: in most workspaces none does.
    protected: &'b OnceLock<Protected<'a>>,
    project: &'b str,
    cluster: &'b str,
    /// The namespace, or everywhere.
    namespace: Option<&'b str>,
}

fn check<'a>(loaded: &'a Loaded, resolved: &'a Resolved<'a>, _: &mut Vec<Diagnostic>) -> Look<'a> {
    let protected = OnceLock::new();
    Box::new(move |project, found| {
        for account in &project.accounts {
            let own = Reach {
                loaded,
                resolved,
                protected: &protected,
                project: &project.declared.path.value,
                cluster: account.cluster,
                namespace: Some(&account.namespace.name.value),
            };
            check_account(account, &own, found);
        }
    })
}

fn protected<'a>(resolved: &Resolved<'a>) -> Protected<'a> {
    let mut protected = Protected::new();
    for project in &resolved.projects {
        for account in &project.accounts {
            let runner = resolved.runners.get(account.runner.name.as_str());
            if runner.is_some_and(has_policies) {
                let place = (account.cluster, account.namespace.name.value.as_str());
                let it = (project.declared.path.value.as_str(), account.declared.name.value.as_str());
                protected.entry(place).or_default().push(it);
            }
        }
    }
    protected
}

fn check_account(account: &Account<'_>, own: &Reach<'_, '_>, diagnostics: &mut Vec<Diagnostic>) {
    report(&account.declared.rules, |rule| own.by(rule), account.declared.name.span, diagnostics);
    for binding in &account.roles {
        let declared = binding.declared;
        let everywhere = Reach { namespace: None, ..*own };
        let reach = if declared.scope.value == Scope::Cluster { &everywhere } else { own };
        let rules = known_rules(own.loaded, binding);
        if declared.scope.value == Scope::Split {
            let found = |rule: &PolicyRule| everywhere.by_cluster_scoped_part(rule).or_else(|| own.by(rule));
            report(rules, found, declared.span, diagnostics);
        } else {
            report(rules, |rule| reach.by(rule), declared.span, diagnostics);
        }
        let name = &declared.cluster_role;
        if declared.existing
            && IMPERSONATORS.contains(&name.value.as_str())
            && let Some(victim) = reach.victim(&[])
        {
            diagnostics.push(finding(name.span, "become", victim, declared.span));
        }
    }
}

fn report<'a, 'r>(
    rules: impl IntoIterator<Item = &'r declared::Rule>,
    found: impl Fn(&PolicyRule) -> Option<Found<'a>>,
    bound: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for rule in rules {
        if let Some((how, victim)) = found(&rule.rule) {
            diagnostics.push(finding(rule.span, how, victim, bound));
        }
    }
}

impl<'a> Reach<'a, '_> {
    /// An account of another project; with names, one of them.
    fn victim(&self, names: &[String]) -> Option<Victim<'a>> {
        let is_it = |(project, name): &Victim<'_>| {
            *project != self.project && (names.is_empty() || names.iter().any(|known| known == name))
        };
        let protected = self.protected.get_or_init(|| protected(self.resolved));
        match self.namespace {
            Some(namespace) => protected.get(&(self.cluster, namespace))?.iter().copied().find(is_it),
            // Of each name there may be one in any namespace: a manager, the apply account, a controller in
            // `kube-system`.
            None => {
                let places = protected.iter().filter(|((cluster, _), _)| *cluster == self.cluster);
                places.flat_map(|(_, accounts)| accounts).copied().find(|it| it.0 != self.project)
            }
        }
    }

    /// Whom a rule lets one become, and how.
    fn by(&self, rule: &PolicyRule) -> Option<Found<'a>> {
        self.by_rule(rule, &mut Vec::new())
    }

    /// The same of the part that `scope: split` grants everywhere.
    fn by_cluster_scoped_part(&self, rule: &PolicyRule) -> Option<Found<'a>> {
        // Most rules do nothing of the kind, and are not cut.
        self.by(rule)?;
        let catalogue = &self.resolved.clusters.get(self.cluster)?.catalogue;
        // A rule that can't be split has been reported, and nothing is rendered.
        let part = split::cluster_scoped_part(std::slice::from_ref(rule), catalogue).ok()?;
        part.iter().find_map(|rule| self.by(rule))
    }

    /// As [`Reach::by`]; `seen` are the roles that were looked into.
    fn by_rule(&self, rule: &PolicyRule, seen: &mut Vec<String>) -> Option<Found<'a>> {
        if let Some(victim) = impersonated(rule).and_then(|names| self.victim(names)) {
            return Some(("become", victim));
        }
        let names = rule.resource_names.as_slice();
        let granted = if gives(rule, "escalate") || gives(rule, "bind") && names.is_empty() {
            self.victim(&[])
        } else if gives(rule, "bind") && has(&rule.resources, "clusterroles") {
            names.iter().find_map(|name| self.by_role(name, seen))
        } else {
            None
        };
        granted.map(|victim| ("give itself the right to become", victim))
    }

    /// Whom one can become who may bind this ClusterRole. What others wrote nobody knows here.
    fn by_role(&self, name: &str, seen: &mut Vec<String>) -> Option<Victim<'a>> {
        let takes_any =
            self.namespace.is_none() && (is_of_a_control_plane(name) || name.starts_with(names::PREFIX));
        if takes_any || IMPERSONATORS.contains(&name) {
            return self.victim(&[]);
        }
        if seen.iter().any(|known| known == name) {
            return None;
        }
        seen.push(name.to_owned());
        let role = self.loaded.roles.get(name)?;
        role.rules.iter().find_map(|rule| self.by_rule(&rule.rule, seen)).map(|(_, victim)| victim)
    }
}

/// The accounts, or all, that a rule lets one impersonate: by `impersonate`, and since Kubernetes 1.36 by
/// `impersonate:<mode>`.
///
/// Whoever may be a user, a group or a node is no ServiceAccount any more, and only those are held by the policies: a name
/// makes it no better.
fn impersonated(rule: &PolicyRule) -> Option<&[String]> {
    let constrained = |verb: &String| verb.starts_with("impersonate:");
    if !has(&rule.verbs, "impersonate") && !rule.verbs.iter().any(constrained) {
        return None;
    }
    let legacy = has(&rule.api_groups, "");
    let newer = has(&rule.api_groups, "authentication.k8s.io");
    let may = |resource| has(&rule.resources, resource);
    if (legacy || newer) && (may("groups") || may("users")) || newer && may("nodes") {
        return Some(&[]);
    }
    ((legacy || newer) && may("serviceaccounts")).then_some(&rule.resource_names)
}

/// `bind` or `escalate` on roles.
fn gives(rule: &PolicyRule, verb: &str) -> bool {
    has(&rule.api_groups, "rbac.authorization.k8s.io")
        && ["clusterroles", "roles"].iter().any(|resource| has(&rule.resources, resource))
        && has(&rule.verbs, verb)
}

fn finding(span: Span, how: &str, (project, name): Victim<'_>, bound: Span) -> Diagnostic {
    let message =
        format!("an account could {how} `{name}` of {project}, and no admission policy would see it");
    Diagnostic::error("impersonator", span, message)
        .help("leave it out, name the project's own accounts with `resourceNames`, or bind it with `scope: namespace` in a namespace of the project alone")
        .related(bound, "the account has it here")
}
