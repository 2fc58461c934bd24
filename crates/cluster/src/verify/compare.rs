//! What an account may do, held against what was declared. Pure: what the server answered goes in, findings come out.

use std::collections::{BTreeMap, BTreeSet};

use tegata_cli::count;
use tegata_rbac::PolicyRule;
use tegata_rbac::overlap::{covers, single_permissions};

use super::model::Holder;
use crate::finding::{Finding, Severity};
use crate::object::ObjectId;
use crate::rules;
use crate::standing::{Binding, Standing, baseline};
use crate::words::{What, WithPlace, phrases};

/// What the server says that an account may do in a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Where it was asked.
    pub namespace: String,
    /// The rules.
    pub rules: Vec<PolicyRule>,
    /// Whether the server says that there may be more.
    pub incomplete: bool,
    /// What went wrong while it looked.
    pub error: String,
}

impl Answer {
    /// From the `status` of a SelfSubjectRulesReview.
    pub fn of(namespace: &str, status: &serde_json::Value) -> Answer {
        let list = |name: &str| status.get(name).and_then(serde_json::Value::as_array).into_iter().flatten();
        let rules = list("resourceRules").chain(list("nonResourceRules")).map(rules::rule);
        Answer {
            namespace: namespace.to_owned(),
            rules: rules.collect(),
            incomplete: status.get("incomplete").and_then(serde_json::Value::as_bool).unwrap_or_default(),
            error: status
                .get("evaluationError")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// What was declared, and what the cluster has.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    /// The roles and bindings of `out/`.
    pub declared: Standing,
    /// Those of the cluster.
    pub live: Standing,
    /// Resources of the whole cluster, which no RoleBinding gives.
    pub cluster_scoped: BTreeSet<(String, String)>,
}

/// What differs, of all that an account was asked about. How many permissions are as declared comes with it.
pub fn compare(holder: &Holder, sides: &Sides, answers: &[Answer]) -> Vec<Finding> {
    let mut more: BTreeMap<Option<&ObjectId>, BTreeSet<WithPlace>> = BTreeMap::new();
    let mut missing: BTreeMap<&ObjectId, BTreeSet<WithPlace>> = BTreeMap::new();
    for answer in answers {
        let declared: Vec<&Binding> = sides.declared.reaching(&holder.account, &answer.namespace).collect();
        let rules: Vec<PolicyRule> = declared.iter().flat_map(|binding| sides.given(binding)).collect();
        for single in beyond(&answer.rules, &[&rules, baseline()]) {
            for (cause, namespace) in sides.causes(holder, &answer.namespace, &single) {
                let what = What::Single(single.clone());
                more.entry(cause).or_default().insert(WithPlace { namespace, what });
            }
        }
        for binding in declared {
            let namespace = binding.id.namespace.clone();
            let lacks = |what| WithPlace { namespace: namespace.clone(), what };
            if sides.role(binding).is_none() {
                let role = What::Role(binding.role.to_string());
                missing.entry(&binding.id).or_default().insert(lacks(role));
            }
            for single in beyond(sides.rules(binding), &[&answer.rules]) {
                missing.entry(&binding.id).or_default().insert(lacks(What::Single(single)));
            }
        }
    }
    let more = more.into_iter().map(|(cause, what)| too_much(holder, sides, cause, &what));
    let missing = missing.into_iter().map(|(binding, what)| too_little(holder, sides, binding, &what));
    more.chain(missing).chain(in_doubt(holder, answers)).collect()
}

/// The single permissions of some rules that no others give.
fn beyond(rules: &[PolicyRule], others: &[&[PolicyRule]]) -> Vec<PolicyRule> {
    let singles = rules.iter().flat_map(single_permissions);
    singles.filter(|single| !others.iter().any(|rules| covers(rules, std::slice::from_ref(single)))).collect()
}

impl Sides {
    /// What a declared binding gives: its role stands in `out/`, or is said to exist in the cluster.
    fn role(&self, binding: &Binding) -> Option<&[PolicyRule]> {
        self.declared.rules(&binding.role).or_else(|| self.live.rules(&binding.role))
    }

    fn rules(&self, binding: &Binding) -> &[PolicyRule] {
        self.role(binding).unwrap_or_default()
    }

    /// What a declared binding gives in truth: what its role says to no effect hides nothing that another binding gives.
    fn given(&self, binding: &Binding) -> Vec<PolicyRule> {
        let rules = self.rules(binding);
        if binding.id.namespace.is_none() {
            return rules.to_vec();
        }
        let singles = rules.iter().flat_map(single_permissions);
        singles.filter(|single| self.is_of_namespaces(single)).collect()
    }

    /// The bindings through which an account has what it was not to have, with the place for which each gives it. What
    /// a RoleBinding can't give, it does not; what no binding gives comes from elsewhere.
    fn causes(
        &self,
        holder: &Holder,
        namespace: &str,
        single: &PolicyRule,
    ) -> Vec<(Option<&ObjectId>, Option<String>)> {
        let gives = |binding: &&Binding| {
            let rules = self.live.rules(&binding.role).unwrap_or_default();
            covers(rules, std::slice::from_ref(single))
        };
        let all: Vec<&Binding> = self.live.reaching(&holder.account, namespace).filter(gives).collect();
        if all.is_empty() {
            return vec![(None, Some(namespace.to_owned()))];
        }
        let works = |binding: &&&Binding| binding.id.namespace.is_none() || self.is_of_namespaces(single);
        let causes = all.iter().filter(works);
        causes.map(|binding| (Some(&binding.id), binding.id.namespace.clone())).collect()
    }

    fn is_of_namespaces(&self, single: &PolicyRule) -> bool {
        let word = |list: &[String]| list.first().cloned().unwrap_or_default();
        let plural = word(&single.resources).split('/').next().unwrap_or_default().to_owned();
        single.non_resource_urls.is_empty()
            && !self.cluster_scoped.contains(&(word(&single.api_groups), plural))
    }
}

/// In words, without what goes without saying.
fn listed(what: &BTreeSet<WithPlace>) -> String {
    let goes_without_saying =
        |one: &&WithPlace| what.iter().any(|other| other != *one && includes(other, one));
    let said: Vec<&WithPlace> = what.iter().filter(|one| !goes_without_saying(one)).collect();
    phrases(said).join("; ")
}

fn includes(wide: &WithPlace, one: &WithPlace) -> bool {
    let (What::Single(has), What::Single(wanted)) = (&wide.what, &one.what) else { return false };
    wide.namespace == one.namespace && covers(std::slice::from_ref(has), std::slice::from_ref(wanted))
}

fn too_much(holder: &Holder, sides: &Sides, cause: Option<&ObjectId>, what: &BTreeSet<WithPlace>) -> Finding {
    let account = &holder.account;
    let binding = cause.and_then(|id| sides.live.binding(id));
    let (through, help) = match binding {
        None => (
            "no binding that can be read".to_owned(),
            "look for another authorizer of the server, and for a binding that was made a moment ago"
                .to_owned(),
        ),
        Some(binding) => {
            let is_ours = sides.declared.binding(&binding.id).is_some();
            let through = format!("{} of {}{}", binding.id, binding.role, by_group(binding, holder));
            let help = if binding.is_default {
                format!("{} is Kubernetes' own, and somebody has added to it: take that out", binding.role)
            } else if is_ours {
                format!("{} has been changed: `cargo xtask diff` shows it, `apply` mends it", binding.role)
            } else {
                format!(
                    "delete {}, or declare in the project what the account is to have",
                    binding.id.argument()
                )
            };
            (through, help)
        }
    };
    let all = what.iter().any(|one| one.namespace.is_none() && is_everything(&one.what));
    let severity = if all { Severity::Critical } else { Severity::Error };
    let message = format!("{account} may do more than is declared, through {through}: {}", listed(what));
    let finding = Finding::new(severity, "more-than-declared", message, help).at(&holder.place);
    match binding {
        Some(binding) => finding.about(binding.id.argument()),
        None => finding,
    }
}

fn is_everything(what: &What) -> bool {
    let What::Single(rule) = what else { return false };
    [&rule.verbs, &rule.api_groups, &rule.resources].iter().all(|list| list.iter().any(|word| word == "*"))
}

/// The group by which a binding reaches an account that it doesn't name.
fn by_group(binding: &Binding, holder: &Holder) -> String {
    let mut subjects = binding.subjects.iter().filter(|subject| subject.is(&holder.account));
    match subjects.next() {
        Some(subject) if subject.kind == "Group" => format!(" for the group {}", subject.name),
        _ => String::new(),
    }
}

fn too_little(holder: &Holder, sides: &Sides, binding: &ObjectId, what: &BTreeSet<WithPlace>) -> Finding {
    let declared = sides.declared.binding(binding);
    let role = declared.map(|binding| &binding.role);
    let why = match (sides.live.binding(binding), role) {
        (None, _) => format!("{binding} is not in the cluster"),
        (Some(_), Some(role)) if sides.live.rules(role).is_none() => format!("{role} is not in the cluster"),
        (Some(live), Some(role)) if live.role != *role => format!("{binding} gives {} there", live.role),
        (Some(live), _) if !live.names(&holder.account) => {
            format!("{binding} does not name the account there")
        }
        (Some(_), Some(role)) => format!("{role} is another one there"),
        (Some(_), None) => format!("{binding} is another one there"),
    };
    let message = format!("{} may not do what is declared, since {why}: {}", holder.account, listed(what));
    let is_theirs = role.is_some_and(|role| sides.declared.rules(role).is_none());
    let help = match role {
        Some(role) if is_theirs && sides.live.rules(role).is_none() => {
            format!("{role} is said to exist: make it, or take it out of the project")
        }
        _ => "`cargo xtask diff` shows what is missing, and `apply` brings it".to_owned(),
    };
    Finding::new(Severity::Error, "less-than-declared", message, help)
        .at(&holder.place)
        .about(binding.argument())
}

/// Where the server itself says that its answer is not all.
fn in_doubt(holder: &Holder, answers: &[Answer]) -> Vec<Finding> {
    let doubts = answers.iter().filter(|answer| answer.incomplete || !answer.error.is_empty());
    let mut by_error: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for answer in doubts {
        by_error.entry(&answer.error).or_default().push(&answer.namespace);
    }
    by_error
        .into_iter()
        .map(|(error, namespaces)| {
            let place = match namespaces.as_slice() {
                [only] => format!("namespace {only}"),
                several => count(several.len(), "namespace"),
            };
            let error = if error.is_empty() { String::new() } else { format!(": {error}") };
            Finding::new(
                Severity::Warning,
                "incomplete-answer",
                format!(
                    "the server says that it can't name all that {} may do in {place}{error}",
                    holder.account
                ),
                "an authorizer besides RBAC decides too, or a role is missing: what is not named was not compared",
            )
            .at(&holder.place)
        })
        .collect()
}
