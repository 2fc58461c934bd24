//! Verbs: what a request can ask for.

use crate::suggest::closest;

/// The verbs of requests for resources ("Request Verbs" in Kubernetes' authorization overview;
/// `apiserver/pkg/endpoints/request/requestinfo.go`).
pub const REQUEST_VERBS: [&str; 8] =
    ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// The verbs of requests for addresses that are no resource: HTTP's methods in lower case
/// (`kubectl create clusterrole --non-resource-url` knows the same).
pub const URL_VERBS: [&str; 7] = ["get", "post", "put", "delete", "patch", "head", "options"];

/// The modes of constrained impersonation
/// (`apiserver/pkg/endpoints/filters/impersonation/mode.go`, Kubernetes 1.36).
pub const IMPERSONATION_MODES: [&str; 4] =
    ["associated-node", "arbitrary-node", "serviceaccount", "user-info"];

/// A verb that no plain request carries: a component asks for it on top of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialVerb {
    /// The verb.
    pub verb: &'static str,
    /// The resources (group, plural) on which somebody asks for it.
    pub resources: &'static [(&'static str, &'static str)],
    /// What it allows, as the end of a sentence.
    pub allows: &'static str,
}

const RBAC: &str = "rbac.authorization.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
const CLAIM_DRIVER: &[(&str, &str)] = &[("resource.k8s.io", "resourceclaims/driver")];

/// The special verbs, each with the resources it means something for.
pub const SPECIAL_VERBS: &[SpecialVerb] = &[
    // registry/rbac/escalation_check.go
    SpecialVerb {
        verb: "bind",
        resources: &[(RBAC, "roles"), (RBAC, "clusterroles")],
        allows: "binding a role whose permissions one does not have",
    },
    SpecialVerb {
        verb: "escalate",
        resources: &[(RBAC, "roles"), (RBAC, "clusterroles")],
        allows: "writing a role with permissions that one does not have",
    },
    // endpoints/filters/impersonation/impersonation.go
    SpecialVerb {
        verb: "impersonate",
        resources: &[
            ("", "users"),
            ("", "groups"),
            ("", "serviceaccounts"),
            (AUTHENTICATION, "uids"),
            (AUTHENTICATION, "userextras"),
        ],
        allows: "acting as somebody else",
    },
    // certauthorization.go; ctbattest/admission.go; serviceaccount/storage/token.go
    SpecialVerb {
        verb: "approve",
        resources: &[(CERTIFICATES, "signers")],
        allows: "approving certificates of a signer",
    },
    SpecialVerb {
        verb: "sign",
        resources: &[(CERTIFICATES, "signers")],
        allows: "signing certificates as a signer",
    },
    SpecialVerb {
        verb: "attest",
        resources: &[(CERTIFICATES, "signers"), (AUTHENTICATION, "attestationadmissionreviewapigroups")],
        allows: "vouching for a signer's trust anchors",
    },
    // kubectl/pkg/cmd/create/create_role.go, for clusters that still have pod security policies
    SpecialVerb {
        verb: "use",
        resources: &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")],
        allows: "running pods under a pod security policy",
    },
    // requestinfo.go, `specialVerbs`: the address form /proxy/... of early Kubernetes
    SpecialVerb {
        verb: "proxy",
        resources: &[("", "nodes"), ("", "pods"), ("", "services")],
        allows: "the proxy addresses of early Kubernetes",
    },
    // registry/resource/utils.go, feature DRAResourceClaimGranularStatusAuthorization
    SpecialVerb {
        verb: "associated-node:update",
        resources: CLAIM_DRIVER,
        allows: "reporting devices of the own node",
    },
    SpecialVerb {
        verb: "associated-node:patch",
        resources: CLAIM_DRIVER,
        allows: "reporting devices of the own node",
    },
    SpecialVerb {
        verb: "arbitrary-node:update",
        resources: CLAIM_DRIVER,
        allows: "reporting devices of any node",
    },
    SpecialVerb {
        verb: "arbitrary-node:patch",
        resources: CLAIM_DRIVER,
        allows: "reporting devices of any node",
    },
];

/// A verb that is asked for on every resource: deleting an object that can't be read any more
/// (`endpoints/handlers/delete.go`).
const UNSAFE_DELETE: &str = "unsafe-delete-ignore-read-errors";

/// Verbs whose "resource" is free text, an audience or a signer
/// (`plugin/pkg/admission/noderestriction/admission.go`).
const FREE_RESOURCE_VERBS: [&str; 2] =
    ["request-serviceaccounts-token-audience", "request-serviceaccounts-podcertificate-signer"];

/// Whether some version of Kubernetes asks for this verb on resources or addresses. `*` is known.
pub fn is_known(verb: &str) -> bool {
    verb == "*" || REQUEST_VERBS.contains(&verb) || URL_VERBS.contains(&verb) || is_special(verb)
}

/// Whether this verb can be asked for on a resource: `post` and `put` can't.
pub fn is_known_for_resources(verb: &str) -> bool {
    verb == "*" || REQUEST_VERBS.contains(&verb) || is_special(verb)
}

fn is_special(verb: &str) -> bool {
    SPECIAL_VERBS.iter().any(|special| special.verb == verb)
        || verb == UNSAFE_DELETE
        || FREE_RESOURCE_VERBS.contains(&verb)
        || is_constrained_impersonation(verb)
}

/// `impersonate:<mode>` and `impersonate-on:<mode>:<verb>`.
fn is_constrained_impersonation(verb: &str) -> bool {
    if let Some(mode) = verb.strip_prefix("impersonate:") {
        return IMPERSONATION_MODES.contains(&mode);
    }
    verb.strip_prefix("impersonate-on:").and_then(|rest| rest.split_once(':')).is_some_and(|(mode, verb)| {
        IMPERSONATION_MODES.contains(&mode) && (REQUEST_VERBS.contains(&verb) || URL_VERBS.contains(&verb))
    })
}

/// Whether somebody asks for this verb on this resource. Only special verbs are particular; an
/// unknown verb means nothing anywhere.
pub fn means_something(verb: &str, group: &str, resource: &str) -> bool {
    if let Some(special) = SPECIAL_VERBS.iter().find(|special| special.verb == verb) {
        let (plural, _) = resource.split_once('/').unwrap_or((resource, ""));
        return special
            .resources
            .iter()
            .any(|&(known_group, known)| known_group == group && (known == resource || known == plural));
    }
    if let Some(mode) = verb.strip_prefix("impersonate:") {
        let allowed: &[&str] = match mode {
            "associated-node" | "arbitrary-node" => &["nodes"],
            "serviceaccount" => &["serviceaccounts"],
            "user-info" => &["users", "groups", "uids", "userextras"],
            _ => &[],
        };
        let (plural, _) = resource.split_once('/').unwrap_or((resource, ""));
        return group == AUTHENTICATION && allowed.contains(&plural);
    }
    is_known_for_resources(verb)
}

/// Whether the "resource" of a rule with this verb is free text rather than a resource.
pub(crate) fn has_free_resource(verb: &str) -> bool {
    FREE_RESOURCE_VERBS.contains(&verb)
}

/// What is meant by a word for a subresource, such as `exec`: a verb on a resource of a group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OnSubresource {
    pub verb: &'static str,
    pub group: String,
    /// With the subresource: `pods/exec`.
    pub resource: String,
}

/// What somebody means who writes `exec` for a verb, on a resource of this group. The verb alone would be another
/// right: `create` on `deployments` runs nothing in their pods.
pub(crate) fn of_subresource(word: &str, group: &str, resource: &str) -> Option<OnSubresource> {
    let (verb, subresource) = match word.trim().to_lowercase().as_str() {
        "exec" => ("create", "exec"),
        "attach" => ("create", "attach"),
        "portforward" | "port-forward" => ("create", "portforward"),
        "log" | "logs" => ("get", "log"),
        "evict" => ("create", "eviction"),
        "scale" => ("patch", "scale"),
        _ => return None,
    };
    // All but `scale` are subresources of pods.
    let (group, plural) = match subresource {
        "scale" => (group, resource.split('/').next().filter(|plural| !matches!(*plural, "" | "*"))?),
        _ => ("", "pods"),
    };
    Some(OnSubresource { verb, group: group.to_owned(), resource: format!("{plural}/{subresource}") })
}

/// The verb that was probably meant: a synonym, another spelling, or a slip.
pub fn suggest(verb: &str) -> Option<&'static str> {
    let lower = verb.trim().to_lowercase();
    let synonym = match lower.as_str() {
        "read" | "view" | "show" | "describe" | "fetch" | "head" => Some("get"),
        "write" | "edit" | "put" | "modify" | "change" | "replace" | "set" => Some("update"),
        "apply" | "annotate" | "label" => Some("patch"),
        "add" | "post" | "new" | "insert" | "make" | "run" => Some("create"),
        "remove" | "rm" | "del" | "destroy" | "drop" => Some("delete"),
        "ls" | "find" | "search" => Some("list"),
        "follow" | "stream" => Some("watch"),
        "all" | "any" | "everything" | "**" => Some("*"),
        _ => None,
    };
    synonym.or_else(|| {
        let specials = SPECIAL_VERBS.iter().map(|special| special.verb);
        closest(&lower, REQUEST_VERBS.into_iter().chain(specials))
    })
}

/// The verb of an address that was probably meant.
pub(crate) fn suggest_for_url(verb: &str) -> Option<&'static str> {
    match verb.trim().to_lowercase().as_str() {
        "list" | "watch" | "read" | "view" => Some("get"),
        "create" => Some("post"),
        "update" => Some("put"),
        "deletecollection" => Some("delete"),
        lower => closest(lower, URL_VERBS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_subresources() {
        let of = |word, group, resource| {
            let meant = of_subresource(word, group, resource)?;
            Some(format!("{} {} {}", meant.verb, meant.group, meant.resource))
        };
        assert_eq!(of("exec", "apps", "deployments").as_deref(), Some("create  pods/exec"));
        assert_eq!(
            of("Scale", "apps", "deployments/status").as_deref(),
            Some("patch apps deployments/scale")
        );
        assert_eq!(of("logs", "", "").as_deref(), Some("get  pods/log"));
        assert_eq!(of("scale", "*", "*"), None);
        assert_eq!(of("get", "", "pods"), None);
    }

    #[test]
    fn known_verbs() {
        for verb in [
            "*",
            "get",
            "deletecollection",
            "post",
            "bind",
            "use",
            "attest",
            "impersonate:user-info",
            "impersonate-on:serviceaccount:list",
            "associated-node:update",
            "unsafe-delete-ignore-read-errors",
        ] {
            assert!(is_known(verb), "{verb}");
        }
        for verb in [
            "",
            "read",
            "GET",
            "get ",
            "impersonate:",
            "impersonate:everybody",
            "impersonate-on:user-info",
            "impersonate-on:user-info:",
            "impersonate-on:user-info:fly",
            "**",
        ] {
            assert!(!is_known(verb), "{verb}");
        }
        assert!(!is_known_for_resources("post"));
    }

    #[test]
    fn special_verbs_mean_something_for_few_resources() {
        for (verb, group, resource, expected) in [
            ("escalate", "rbac.authorization.k8s.io", "clusterroles", true),
            ("escalate", "rbac.authorization.k8s.io", "rolebindings", false),
            ("bind", "", "pods", false),
            ("impersonate", "", "serviceaccounts", true),
            ("impersonate", "authentication.k8s.io", "userextras/scopes", true),
            ("impersonate", "authentication.k8s.io", "users", false),
            ("impersonate:user-info", "authentication.k8s.io", "users", true),
            ("impersonate:user-info", "", "users", false),
            ("impersonate:serviceaccount", "authentication.k8s.io", "serviceaccounts", true),
            ("impersonate-on:user-info:list", "", "pods", true),
            ("approve", "certificates.k8s.io", "signers", true),
            ("get", "", "pods", true),
            ("fly", "", "pods", false),
        ] {
            assert_eq!(means_something(verb, group, resource), expected, "{verb} {group} {resource}");
        }
    }

    #[test]
    fn suggestions() {
        for (verb, expected) in [
            ("read", Some("get")),
            ("lists", Some("list")),
            ("GET", Some("get")),
            ("write", Some("update")),
            ("edit", Some("update")),
            ("remove", Some("delete")),
            ("all", Some("*")),
            ("deletecolection", Some("deletecollection")),
            ("excalate", Some("escalate")),
            ("qqqq", None),
            ("", None),
        ] {
            assert_eq!(suggest(verb), expected, "{verb}");
        }
        assert_eq!(suggest_for_url("list"), Some("get"));
        assert_eq!(suggest_for_url("gett"), Some("get"));
        assert_eq!(suggest_for_url("bind"), None);
    }
}
