//! How bad it is that somebody has a role somewhere.
//!
//! Here stands what can be said without an analysis of rules: whoever may do everything, whatever everybody may do,
//! what `default` accounts have, and roles that don't exist. **The full analysis of roles belongs here:** it takes the
//! same [`Question`] and gives more [`Verdict`]s; nothing else of the audit has to know.

use tegata_rbac::PolicyRule;
use tegata_rbac::overlap::covers;

use crate::finding::Severity;
use crate::object::ObjectId;
use crate::standing::{ACCOUNT_USER, ACCOUNTS_GROUP, Subject, baseline};

/// Somebody, a role, and where.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who has it.
    pub subject: &'a Subject,
    /// The namespace; none for everywhere.
    pub namespace: Option<&'a str>,
    /// The role.
    pub role: &'a ObjectId,
    /// What it allows; none if there is no such role, or it could not be read.
    pub rules: Option<&'a [PolicyRule]>,
    /// Whether roles of this kind could be read.
    pub roles_are_known: bool,
}

/// How bad it is, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How bad.
    pub severity: Severity,
    /// Names the rule.
    pub id: &'static str,
    /// What it means, as the rest of a sentence.
    pub means: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// The worst that can be said.
pub fn judge(question: &Question<'_>) -> Option<Verdict> {
    let verdicts = [everything, everybody, default_account, accounts_of_namespace, no_role];
    verdicts.into_iter().filter_map(|verdict| verdict(question)).min_by_key(|verdict| verdict.severity)
}

/// The role that allows everything is known by its name too, should it not be readable.
const CLUSTER_ADMIN: &str = "cluster-admin";

/// With these verbs on all there is, the others can be had.
const ENOUGH: [&str; 6] = ["create", "delete", "get", "list", "patch", "update"];

fn everything(question: &Question<'_>) -> Option<Verdict> {
    let all = PolicyRule {
        api_groups: vec!["*".to_owned()],
        resources: vec!["*".to_owned()],
        verbs: ENOUGH.map(str::to_owned).to_vec(),
        ..PolicyRule::default()
    };
    let is_all = match question.rules {
        Some(rules) => covers(rules, std::slice::from_ref(&all)),
        None => question.role.name == CLUSTER_ADMIN && !question.roles_are_known,
    };
    is_all.then_some(match question.namespace {
        None => Verdict {
            severity: Severity::Critical,
            id: "everything-everywhere",
            means: "may do everything, everywhere",
            help: "bind it to a role that has what is needed, in the namespace where it is needed, then delete this binding",
        },
        Some(_) => Verdict {
            severity: Severity::Error,
            id: "everything-in-namespace",
            means: "may do everything in this namespace, its Secrets and the accounts of its pods included",
            help: "bind it to a role that has what is needed, then delete this binding",
        },
    })
}

/// Who everybody is.
fn is_everybody(subject: &Subject) -> bool {
    let name = subject.name.as_str();
    match subject.kind.as_str() {
        "Group" => {
            matches!(name, "system:authenticated" | "system:unauthenticated" | "system:serviceaccounts")
        }
        "User" => name == "system:anonymous",
        _ => false,
    }
}

fn everybody(question: &Question<'_>) -> Option<Verdict> {
    let usual = question.rules.is_some_and(|rules| covers(baseline(), rules));
    (is_everybody(question.subject) && !usual).then_some(Verdict {
        severity: Severity::Error,
        id: "for-everybody",
        means: "is everybody, and has more than Kubernetes gives to everybody",
        help: "bind those who need it by their names, then delete this binding",
    })
}

fn default_account(question: &Question<'_>) -> Option<Verdict> {
    let subject = question.subject;
    let is_default = match subject.kind.as_str() {
        "ServiceAccount" => subject.name == "default",
        "User" => subject.name.starts_with(ACCOUNT_USER) && subject.name.ends_with(":default"),
        _ => false,
    };
    is_default.then_some(Verdict {
        severity: Severity::Error,
        id: "default-account",
        means: "is the account of every pod of its namespace that names none",
        help: "make an account for those who need it, bind that one, then delete this binding",
    })
}

fn accounts_of_namespace(question: &Question<'_>) -> Option<Verdict> {
    let subject = question.subject;
    let is_group = subject.kind == "Group" && subject.name.starts_with(ACCOUNTS_GROUP);
    is_group.then_some(Verdict {
        severity: Severity::Warning,
        id: "all-accounts-of-a-namespace",
        means: "is every account of its namespace, that of pods that name none among them",
        help: "bind those who need it by their names, then delete this binding",
    })
}

fn no_role(question: &Question<'_>) -> Option<Verdict> {
    (question.rules.is_none() && question.roles_are_known).then_some(Verdict {
        severity: Severity::Warning,
        id: "no-such-role",
        means: "is bound to a role that does not exist: whoever makes one of that name gives it",
        help: "delete the binding, or make the role",
    })
}
