//! What RBAC gives the apply account: what diff, apply, prune and verify ask the API server for, and nothing else.
//!
//! Names bound everything that takes one. That goes further than for most clients, since apply writes by server-side
//! apply alone, whose requests name their object even if it doesn't exist yet:
//!
//! - `create` with `resourceNames` allows exactly these objects to be made by a patch (`createAuthorizerAttributes` in
//!   `apiserver/pkg/endpoints/handlers/patch.go` has the name), and none by a POST, which has no name.
//! - `escalate` with `resourceNames` does so too: the check takes the name from the request and not from the object
//!   (`RoleEscalationAuthorized` in `pkg/registry/rbac/escalation_check.go`), so it holds for changes, and for
//!   creations by a patch.
//! - `bind` is checked for the name of the role that is referred to (`BindingAuthorized`, same file).
//!
//! Names bound neither lists nor deletions here: a list is of a kind and of all namespaces, and what is pruned is what
//! the workspace no longer names. The policy sees to deletions. It sees no admission policies, so these are deleted by
//! name alone; and who has the list of a kind reads nothing more by `get`.

use tegata_rbac::PolicyRule;

use super::contents::Contents;
use crate::resolve::object::{CommentedRule, RBAC_GROUP};

const ADMISSION_GROUP: &str = "admissionregistration.k8s.io";
const CORE: [&str; 4] = ["configmaps", "namespaces", "resourcequotas", "serviceaccounts"];
const POLICIES: [&str; 2] = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
const ROLES: [&str; 2] = ["clusterroles", "roles"];
const BINDINGS: [&str; 2] = ["clusterrolebindings", "rolebindings"];

/// The rules of the account's ClusterRole.
pub fn rules(contents: &Contents) -> Vec<CommentedRule> {
    let all_of_rbac = [BINDINGS[0], ROLES[0], BINDINGS[1], ROLES[1]];
    let mut rules = Vec::new();
    let everywhere =
        [("", CORE.as_slice()), (ADMISSION_GROUP, POLICIES.as_slice()), (RBAC_GROUP, all_of_rbac.as_slice())];
    for (group, resources) in everywhere {
        rules.push(rule(group, resources, &["get", "list"], Vec::new(), "diff compares"));
    }
    for (group, resources) in [("", CORE.as_slice()), (RBAC_GROUP, all_of_rbac.as_slice())] {
        let reason = "prune deletes what is no longer rendered; the policy says whose";
        rules.push(rule(group, resources, &["delete"], Vec::new(), reason));
    }
    let writes = ["create", "patch"];
    for resource in CORE {
        rules.push(rule("", &[resource], &writes, contents.names(resource), "apply"));
    }
    for resource in POLICIES {
        let verbs = ["create", "delete", "patch"];
        let reason = "apply and prune; no policy sees these";
        rules.push(rule(ADMISSION_GROUP, &[resource], &verbs, contents.names(resource), reason));
    }
    for resource in ROLES {
        let verbs = ["create", "escalate", "patch"];
        let reason = "apply; the policy says which rules";
        rules.push(rule(RBAC_GROUP, &[resource], &verbs, contents.names(resource), reason));
    }
    for resource in BINDINGS {
        rules.push(rule(RBAC_GROUP, &[resource], &writes, contents.names(resource), "apply"));
    }
    for resource in ROLES {
        let reason = "the roles that bindings refer to; the policy says for whom";
        rules.push(rule(RBAC_GROUP, &[resource], &["bind"], contents.bound(resource), reason));
    }
    let reason = "verify asks as each account";
    let names = contents.names("serviceaccounts");
    rules.push(rule("", &["serviceaccounts/token"], &["create"], names, reason));
    // A rule whose names are none would be one for all names.
    rules.retain(|rule| !rule.rule.resource_names.is_empty() || is_unnamed(&rule.rule));
    rules
}

/// Whether a rule is meant for all names.
fn is_unnamed(rule: &PolicyRule) -> bool {
    rule.verbs == ["get", "list"] || rule.verbs == ["delete"]
}

fn rule(group: &str, resources: &[&str], verbs: &[&str], names: Vec<String>, reason: &str) -> CommentedRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    CommentedRule {
        rule: PolicyRule {
            api_groups: owned(&[group]),
            resources: owned(resources),
            verbs: owned(verbs),
            resource_names: names,
            non_resource_urls: Vec::new(),
        },
        reason: Some(reason.to_owned()),
    }
}
