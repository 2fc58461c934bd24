//! Who is bound to what, and what of it was given to our accounts by somebody else.

use std::collections::BTreeSet;

use tegata_rbac::overlap::covers;

use super::Workspace;
use super::judge::{Question, Verdict, judge};
use crate::finding::{Finding, Severity};
use crate::kinds::Kind;
use crate::object::ObjectId;
use crate::standing::{ACCOUNT_USER, ACCOUNTS_GROUP, Account, Binding, Standing, Subject, baseline};

/// That somebody has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub subject: Subject,
    /// The namespace in which it holds; none for everywhere.
    pub namespace: Option<String>,
    /// The role.
    pub role: ObjectId,
    /// The binding by which.
    pub binding: ObjectId,
    /// How bad it is.
    pub verdict: Option<Verdict>,
}

impl Grant {
    /// Whom it is about: the namespace of an account, or the kind of anybody else.
    pub fn of_whom(&self) -> &str {
        if self.subject.kind == "ServiceAccount" { &self.subject.namespace } else { &self.subject.kind }
    }

    /// `cluster-wide`, or the namespace.
    pub fn scope(&self) -> String {
        self.namespace
            .as_ref()
            .map_or_else(|| "cluster-wide".to_owned(), |namespace| format!("in {namespace}"))
    }

    /// The role as `Kind/name`.
    pub fn role(&self) -> String {
        format!("{}/{}", self.role.kind, self.role.name)
    }

    /// How bad it is; nothing is said of what is ordinary.
    pub fn severity(&self) -> Option<Severity> {
        self.verdict.map(|verdict| verdict.severity)
    }

    pub(super) fn finding(&self) -> Option<Finding> {
        let verdict = self.verdict?;
        let who = format!("{} {} {} {}", self.of_whom(), self.subject.name, self.scope(), self.role());
        let message = format!("{who}: {}", verdict.means);
        let finding = Finding::new(verdict.severity, verdict.id, message, verdict.help);
        Some(finding.about(self.binding.argument()))
    }
}

/// Who is bound to what, the worst first, and how many bindings are left out, since they are as Kubernetes made them.
pub fn grants(standing: &Standing) -> (Vec<Grant>, usize) {
    let mut grants = Vec::new();
    let mut own = 0;
    let known = |kind| standing.roles.keys().any(|role| role.kind == kind);
    let (roles, cluster_roles) = (known(Kind::Role), known(Kind::ClusterRole));
    for binding in &standing.bindings {
        for subject in &binding.subjects {
            let verdict = judge(&Question {
                subject,
                namespace: binding.id.namespace.as_deref(),
                role: &binding.role,
                rules: standing.rules(&binding.role),
                roles_are_known: if binding.role.kind == Kind::Role { roles } else { cluster_roles },
            });
            if is_of_kubernetes(binding, subject, verdict) {
                own += 1;
                continue;
            }
            grants.push(Grant {
                subject: subject.clone(),
                namespace: binding.id.namespace.clone(),
                role: binding.role.clone(),
                binding: binding.id.clone(),
                verdict,
            });
        }
    }
    let rank = |grant: &Grant| grant.severity().map_or(u8::MAX, |severity| severity as u8);
    grants.sort_by(|a, b| {
        let key = |grant: &Grant| (rank(grant), grant.namespace.is_some());
        key(a).cmp(&key(b)).then_with(|| (&a.subject, &a.binding).cmp(&(&b.subject, &b.binding)))
    });
    (grants, own)
}

/// Whether a binding is one that the server makes at its start (`bootstrappolicy/policy.go`), for whom the server makes
/// it: its label can be had by anybody, so another role, and whoever is not of the system, is shown all the same.
fn is_of_kubernetes(binding: &Binding, subject: &Subject, verdict: Option<Verdict>) -> bool {
    let (name, role) = (binding.id.name.as_str(), binding.role.name.as_str());
    let named = (name.starts_with("system:") || name == "cluster-admin")
        && (name == role || name.strip_prefix("system::") == Some(role));
    let of_system = match subject.kind.as_str() {
        "ServiceAccount" => subject.namespace == "kube-system",
        // Accounts have such names too, and the server binds none of them by it.
        _ => {
            let begins = |with| subject.name.starts_with(with);
            begins("system:") && !begins(ACCOUNT_USER) && !begins(ACCOUNTS_GROUP)
        }
    };
    let masters = subject.kind == "Group" && subject.name == "system:masters";
    binding.is_default && named && of_system && (masters || verdict.is_none())
}

/// What our accounts have by bindings that are not ours. Ours are those of `out/`; without a workspace, what says that
/// tegata made it.
pub(super) fn foreign(
    standing: &Standing,
    managed: &[Account],
    workspace: Option<Workspace<'_>>,
) -> Vec<Finding> {
    let declared: Option<BTreeSet<&ObjectId>> =
        workspace.map(|workspace| workspace.desired.objects.iter().map(|object| &object.id).collect());
    let accounts: Vec<Account> = match &declared {
        Some(objects) => objects
            .iter()
            .filter(|id| id.kind == Kind::ServiceAccount)
            .map(|id| Account::new(id.namespace.clone().unwrap_or_default(), id.name.as_str()))
            .collect(),
        None => managed.to_vec(),
    };
    let is_ours = |binding: &Binding| match &declared {
        Some(objects) => objects.contains(&binding.id),
        None => binding.is_managed,
    };
    let mut findings = Vec::new();
    for binding in &standing.bindings {
        let usual = standing.rules(&binding.role).is_some_and(|rules| covers(baseline(), rules));
        if usual || is_ours(binding) {
            continue;
        }
        let reached: Vec<&Account> = accounts.iter().filter(|account| binding.names(account)).collect();
        if !reached.is_empty() {
            findings.push(foreign_grant(binding, &reached));
        }
    }
    findings
}

fn foreign_grant(binding: &Binding, reached: &[&Account]) -> Finding {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = reached.iter().take(SHOWN).map(ToString::to_string).collect();
    if reached.len() > SHOWN {
        names.push(format!("{} more", reached.len() - SHOWN));
    }
    let message =
        format!("{} gives {} to {}, and is not tegata's", binding.id, binding.role, names.join(", "));
    let help = "delete it, or declare in the project what the account is to have";
    Finding::new(Severity::Error, "foreign-grant", message, help).about(binding.id.argument())
}
