//! Is a rule well-formed, and does it name things that exist?
//!
//! Some of this Kubernetes refuses itself (`ValidatePolicyRule` in
//! `pkg/apis/rbac/validation/validation.go`); the rest it stores without a word, and the grant is
//! dead, or wider than it looks. Whether a rule is *wise* is not asked here.

mod ground;
mod groups_and_resources;
mod names;
mod shape;
mod unknown_resource;
mod urls;
mod verbs;

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::rule::PolicyRule;

/// One of the lists of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `apiGroups`
    ApiGroups,
    /// `resources`
    Resources,
    /// `verbs`
    Verbs,
    /// `resourceNames`
    ResourceNames,
    /// `nonResourceURLs`
    NonResourceUrls,
}

impl Field {
    /// The name that the list has in YAML.
    pub fn yaml_name(self) -> &'static str {
        match self {
            Self::ApiGroups => "apiGroups",
            Self::Resources => "resources",
            Self::Verbs => "verbs",
            Self::ResourceNames => "resourceNames",
            Self::NonResourceUrls => "nonResourceURLs",
        }
    }
}

/// Whether a problem makes a rule wrong or only useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is rendered.
    Error,
    /// The rule stands, and somebody should look at it.
    Warning,
}

/// Something wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// What kind of problem this is, in kebab-case; one of [`IDS`].
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The list in which it is.
    pub field: Field,
    /// The entry of the list; `None` if it is the list as a whole, or its absence.
    pub index: Option<usize>,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// The ids of all problems that [`check_rule`] reports.
pub const IDS: [&str; 16] = [
    "api-group-unknown",
    "api-group-without-effect",
    "api-groups-missing",
    "duplicate-entry",
    "resource-matches-nothing",
    "resource-name-empty",
    "resource-name-wildcard",
    "resource-off-by-default",
    "resource-retired",
    "resource-unknown",
    "resources-and-urls-mixed",
    "resources-missing",
    "url-malformed",
    "verb-unknown",
    "verb-without-effect",
    "verbs-missing",
];

/// Where a help says that a resource may be declared; who knows the place writes it instead.
pub const AMONG_CUSTOM_RESOURCES: &str = "among the custom resources";

/// Checks one rule, and reports everything that is wrong with it.
///
/// Everything that Kubernetes' own roles say passes without an error.
pub fn check_rule(rule: &PolicyRule, catalogue: &Catalogue) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    shape::check(rule, &mut problems);
    groups_and_resources::check(rule, catalogue, &mut problems);
    verbs::check(rule, catalogue, &mut problems);
    names::check(rule, &mut problems);
    for (index, url) in rule.non_resource_urls.iter().enumerate() {
        urls::check(index, url, &mut problems);
    }
    for (field, list) in [
        (Field::ApiGroups, &rule.api_groups),
        (Field::Resources, &rule.resources),
        (Field::Verbs, &rule.verbs),
        (Field::ResourceNames, &rule.resource_names),
        (Field::NonResourceUrls, &rule.non_resource_urls),
    ] {
        check_duplicates(field, list, &mut problems);
    }
    problems.sort_by_key(|problem| (problem.field, problem.index));
    problems
}

fn error(
    id: &'static str,
    field: Field,
    index: impl Into<Option<usize>>,
    message: impl Into<String>,
    help: impl Into<Option<String>>,
) -> RuleProblem {
    let (index, message, help) = (index.into(), message.into(), help.into());
    RuleProblem { id, severity: Severity::Error, field, index, message, help }
}

fn warning(
    id: &'static str,
    field: Field,
    index: impl Into<Option<usize>>,
    message: impl Into<String>,
    help: impl Into<Option<String>>,
) -> RuleProblem {
    RuleProblem { severity: Severity::Warning, ..error(id, field, index, message, help) }
}

fn check_duplicates(field: Field, list: &[String], problems: &mut Vec<RuleProblem>) {
    let mut seen = BTreeSet::new();
    for (index, entry) in list.iter().enumerate() {
        if !seen.insert(entry) {
            problems.push(warning(
                "duplicate-entry",
                field,
                index,
                format!("`{}` is listed twice", entry.escape_debug()),
                "remove one of the two".to_owned(),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::CustomResource;

    fn list(words: &str) -> Vec<String> {
        let words = words.split_terminator('|');
        words.map(|word| if word == "core" { String::new() } else { word.to_owned() }).collect()
    }

    fn rule(groups: &str, resources: &str, verbs: &str) -> PolicyRule {
        PolicyRule {
            api_groups: list(groups),
            resources: list(resources),
            verbs: list(verbs),
            ..PolicyRule::default()
        }
    }

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::for_version("1.37").unwrap();
        catalogue
            .add(CustomResource {
                group: "kpack.io".to_owned(),
                name: "images".to_owned(),
                namespaced: true,
                verbs: vec!["promote".to_owned()],
                ..CustomResource::default()
            })
            .unwrap();
        catalogue
    }

    /// Each problem as `severity id field[index]: message; help`.
    #[track_caller]
    fn check(rule: &PolicyRule, expected: &[&str]) {
        let found: Vec<String> = check_rule(rule, &catalogue())
            .iter()
            .map(|problem| {
                assert!(IDS.contains(&problem.id), "{}", problem.id);
                let severity = match problem.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                let index = problem.index.map(|index| format!("[{index}]")).unwrap_or_default();
                format!(
                    "{severity} {} {}{index}: {}; {}",
                    problem.id,
                    problem.field.yaml_name(),
                    problem.message,
                    problem.help.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(found, expected, "{rule:?}");
    }

    #[test]
    fn good_rules() {
        for (groups, resources, verbs) in [
            ("core", "pods|pods/log", "get|list|watch"),
            ("apps|core", "deployments|pods", "get"),
            ("*", "*", "*"),
            ("*", "*/scale", "get"),
            ("*", "deployments", "get"),
            ("apps", "*/finalizers", "update"),
            ("core", "*", "get"),
            ("kpack.io", "images|images/status", "get|promote"),
            ("*", "*", "promote"),
            ("core", "serviceaccounts", "impersonate"),
            ("authentication.k8s.io", "userextras/scopes", "impersonate"),
            ("certificates.k8s.io", "signers", "approve"),
            ("custom.metrics.k8s.io", "pods/http_requests", "get"),
            ("core", "vault", "request-serviceaccounts-token-audience"),
        ] {
            check(&rule(groups, resources, verbs), &[]);
        }
    }

    #[test]
    fn shape() {
        check(
            &PolicyRule::default(),
            &[
                "error api-groups-missing apiGroups: the rule has no API groups; add `apiGroups`: \
                 `[\"\"]` is the core group, which has pods, configmaps and secrets",
                "error resources-missing resources: the rule has no resources; add `resources`, \
                 such as `[pods]`",
                "error verbs-missing verbs: the rule has no verbs; add `verbs`, such as \
                 `[get, list]`",
            ],
        );
        check(
            &rule("", "pods", "get|list"),
            &["error api-groups-missing apiGroups: the rule has no API groups; add `apiGroups`: \
               `[\"\"]` is the core group, which has pods, configmaps and secrets"],
        );
        check(
            &PolicyRule { non_resource_urls: list("/healthz"), ..rule("core", "pods", "get") },
            &["error resources-and-urls-mixed nonResourceURLs: the rule names resources and \
               `nonResourceURLs`, and Kubernetes refuses both in one; make two rules of it"],
        );
    }

    #[test]
    fn unknown_resources() {
        for (groups, resources, expected) in [
            (
                "core",
                "deployments",
                "error resource-unknown resources[0]: there is no resource `deployments` in the \
                 core group; it is in group `apps`: list `apps` under `apiGroups`",
            ),
            (
                "core",
                "pods|deployment",
                "error resource-unknown resources[1]: there is no resource `deployment` in the \
                 core group; write `deployments`, and list `apps` under `apiGroups`",
            ),
            (
                "apps|batch",
                "job",
                "error resource-unknown resources[0]: there is no resource `job` in any of these \
                 groups; write `jobs`",
            ),
            (
                "apps",
                "pods",
                "error resource-unknown resources[0]: there is no resource `pods` in group `apps`; \
                 it is in the core group: list `\"\"` under `apiGroups`",
            ),
            (
                "*",
                "secret",
                "error resource-unknown resources[0]: there is no resource `secret` in any group; \
                 write `secrets`",
            ),
            (
                "core",
                "qqqqqqqq",
                "error resource-unknown resources[0]: there is no resource `qqqqqqqq` in the core \
                 group; if the cluster has it, declare it among the custom resources",
            ),
            (
                "core",
                "resourcequotas/qqqqqqqq",
                "error resource-unknown resources[0]: there is no resource \
                 `resourcequotas/qqqqqqqq` in the core group; `resourcequotas` has \
                 `resourcequotas/status`",
            ),
            (
                "*",
                "*/scael",
                "error resource-unknown resources[0]: there is no resource `*/scael` in any group; \
                 write `*/scale`",
            ),
            (
                "core",
                "pods, services",
                "error resource-unknown resources[0]: `pods, services` is not the name of a \
                 resource; write each resource as an entry of its own: `pods`, `services`",
            ),
            (
                "core",
                "pods/",
                "error resource-unknown resources[0]: `pods/` is not the name of a resource; write \
                 `pods`",
            ),
            (
                "core",
                "pods/*",
                "warning resource-matches-nothing resources[0]: `pods/*` matches nothing: `*` is \
                 no wildcard after the `/`; name the subresources that are needed, such as \
                 `pods/status`",
            ),
            (
                "policy",
                "podsecuritypolicies",
                "warning resource-retired resources[0]: `podsecuritypolicies` was removed in \
                 Kubernetes 1.25; Pod Security admission replaced it: the grant does nothing; \
                 remove it, unless the role serves such an old cluster as well",
            ),
        ] {
            check(&rule(groups, resources, "get"), &[expected]);
        }
    }

    #[test]
    fn resources_that_are_listed_already() {
        let one = |groups: &str, resources: &str| {
            let problems = check_rule(&rule(groups, resources, "get"), &catalogue());
            problems.into_iter().filter_map(|problem| problem.help).collect::<Vec<_>>().join("|")
        };
        for (groups, resources, help) in [
            ("core", "pods|pod", "remove it: `pods` is listed already"),
            ("core", "pods|podss", "remove it, or write what is meant: `pods` is listed already"),
            ("kpack.io", "images|image", "remove it: `images` is listed already"),
            ("kpack.io", "imagez", "declare `imagez` among the custom resources; or did you mean `images`?"),
            ("kpack.io", "images|imagez", "declare `imagez` among the custom resources"),
            (
                "kpack.io",
                "imagez/status",
                "declare `imagez` among the custom resources; or did you mean `images/status`?",
            ),
            ("kpack.io", "qqqqqqqq", "declare `qqqqqqqq` among the custom resources"),
            (
                "kpack.io",
                "deploymnts",
                "declare `deploymnts` among the custom resources; or did you mean `deployments` in group `apps`?",
            ),
        ] {
            assert_eq!(one(groups, resources), help, "{groups}: {resources}");
        }
    }

    #[test]
    fn what_is_meant_is_looked_up_for_the_first_names_of_many() {
        // Which letters are large tells the names apart.
        let name = |number: u32| {
            let large = |place: usize| number >> place & 1 == 1;
            let letter = |(place, letter): (usize, char)| {
                if large(place) { letter.to_ascii_uppercase() } else { letter }
            };
            "deploymnts".chars().enumerate().map(letter).collect::<String>()
        };
        let mut rule = rule("apps", "", "get");
        rule.resources = (0..150).map(name).collect();
        let mut help = check_rule(&rule, &catalogue())
            .into_iter()
            .filter(|problem| problem.id == "resource-unknown")
            .filter_map(|problem| problem.help);
        assert!(help.by_ref().take(100).all(|help| help == "write `deployments`"));
        let rest: Vec<String> = help.collect();
        assert_eq!(rest.len(), 50);
        assert!(
            rest.iter().all(|help| help == "if the cluster has it, declare it among the custom resources")
        );
    }

    #[test]
    fn a_name_that_is_repeated_means_the_same_each_time() {
        let mut rule = rule("apps", "", "get");
        rule.resources = (0..150).map(|_| "deploymnts".to_owned()).collect();
        let problems = check_rule(&rule, &catalogue());
        let unknown = problems.iter().filter(|problem| problem.id == "resource-unknown");
        let found: Vec<_> = unknown.map(|problem| (problem.index, problem.help.as_deref())).collect();
        let expected: Vec<_> = (0..150).map(|index| (Some(index), Some("write `deployments`"))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn groups() {
        for (groups, resources, expected) in [
            (
                "app",
                "deployments",
                "error api-group-unknown apiGroups[0]: there is no API group `app`; write `apps`",
            ),
            (
                "v1",
                "pods",
                "error api-group-unknown apiGroups[0]: there is no API group `v1`; write `\"\"`, \
                 which is the core group",
            ),
            (
                "tekton.dev",
                "tasks",
                "error api-group-unknown apiGroups[0]: there is no API group `tekton.dev`; if the \
                 cluster has it, declare its resources among the custom resources",
            ),
            (
                "apps|batch",
                "deployments",
                "warning api-group-without-effect apiGroups[1]: group `batch` has none of the \
                 rule's resources: listing it does nothing; remove the group",
            ),
            (
                "extensions|apps",
                "deployments",
                "warning api-group-without-effect apiGroups[0]: the group `extensions` is gone: \
                 listing it does nothing; remove the group",
            ),
        ] {
            check(&rule(groups, resources, "get"), &[expected]);
        }
        // Custom resources have such groups, and newer versions others.
        let old = Catalogue::for_version("1.30").unwrap();
        for (group, resource, message, help) in [
            (
                "resource.k8s.io",
                "resourceclaims",
                "Kubernetes 1.30 serves `resourceclaims` only where it is switched on",
                "remove it, or declare it among the custom resources if the cluster has it",
            ),
            (
                "resource.k8s.io",
                "deviceclasses",
                "there is no resource `deviceclasses` in group `resource.k8s.io` before Kubernetes 1.34",
                "remove it",
            ),
            (
                "storag.k8s.io",
                "storageclasses",
                "there is no API group `storag.k8s.io`",
                "write `storage.k8s.io`, or declare its resources among the custom resources if there is such a group",
            ),
        ] {
            let problems = check_rule(&rule(group, resource, "get"), &old);
            let found: Vec<_> =
                problems.iter().map(|problem| (problem.message.as_str(), problem.help.as_deref())).collect();
            assert_eq!(found, [(message, Some(help))]);
        }
        // Two mistakes are two problems, though one hides behind the other.
        let ids: Vec<&str> = check_rule(&rule("app", "deployment", "get"), &catalogue())
            .iter()
            .map(|problem| problem.id)
            .collect();
        assert_eq!(ids, ["api-group-unknown", "resource-unknown"]);
    }

    #[test]
    fn verbs() {
        for (resources, verb, expected) in [
            ("pods", "read", "error verb-unknown verbs[0]: there is no verb `read`; write `get`"),
            ("pods", "GET", "error verb-unknown verbs[0]: there is no verb `GET`; write `get`"),
            ("pods", "post", "error verb-unknown verbs[0]: there is no verb `post`; write `create`"),
            (
                "pods",
                "get,list",
                "error verb-unknown verbs[0]: there is no verb `get,list`; write each verb as an \
                 entry of its own: `get`, `list`",
            ),
            (
                "pods",
                "qqqq",
                "error verb-unknown verbs[0]: there is no verb `qqqq`; the verbs are get, list, \
                 watch, create, update, patch, delete, deletecollection",
            ),
            (
                "pods",
                "promote",
                "error verb-unknown verbs[0]: there is no verb `promote`; the verbs are get, list, \
                 watch, create, update, patch, delete, deletecollection",
            ),
            (
                "pods",
                "escalate",
                "warning verb-without-effect verbs[0]: `escalate` does nothing on these \
                 resources; remove it: it allows writing a role with permissions that one does not \
                 have, on `roles.rbac.authorization.k8s.io`, \
                 `clusterroles.rbac.authorization.k8s.io`",
            ),
        ] {
            check(&rule("core", resources, verb), &[expected]);
        }
    }

    #[test]
    fn urls() {
        let rule = |urls: &str, verbs: &str| PolicyRule {
            non_resource_urls: list(urls),
            verbs: list(verbs),
            ..PolicyRule::default()
        };
        check(&rule("*|/|/healthz|/apis/*|/.well-known/x|/healthz*", "get|post|head|*"), &[]);
        for (url, help) in [
            ("healthz", "write `/healthz`"),
            ("https://host/healthz", "write the path alone: `/healthz`"),
            ("/a b", "write the path alone, without blanks, `?` and `#`"),
            ("/a?b", "write the path alone, without blanks, `?` and `#`"),
            ("/a/*/b", "a `*` can stand at the end only, such as in `/apis/*`"),
            ("/a**", "a `*` can stand at the end only, such as in `/apis/*`"),
        ] {
            check(
                &rule(url, "get"),
                &[&format!(
                    "error url-malformed nonResourceURLs[0]: `{url}` is not the path of an \
                     address; {help}"
                )],
            );
        }
        check(
            &rule("/healthz", "list"),
            &["warning verb-without-effect verbs[0]: `list` does nothing on `nonResourceURLs`; for \
               addresses write `get`"],
        );
        check(
            &rule("/healthz", "fetsch"),
            &["error verb-unknown verbs[0]: there is no verb `fetsch`; the verbs are get, post, \
               put, delete, patch, head, options"],
        );
    }

    #[test]
    fn names_and_duplicates() {
        let with_names = |names: &[&str], resources: &str| PolicyRule {
            resource_names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..rule("core|certificates.k8s.io", resources, "get")
        };
        check(
            &with_names(&["a", "", "app-*"], "pods|certificatesigningrequests"),
            &[
                "warning resource-name-empty resourceNames[1]: the name is empty, which allows \
                 requests that name no object, such as a list of all; remove the entry, or write \
                 the name of an object",
                "warning resource-name-wildcard resourceNames[2]: `app-*` names no object: `*` is \
                 no wildcard in `resourceNames`; write each name in full; without `resourceNames` \
                 all are meant",
            ],
        );
        check(
            &rule("core", "pods|pods", "get"),
            &["warning duplicate-entry resources[1]: `pods` is listed twice; remove one of the two"],
        );
    }
}
