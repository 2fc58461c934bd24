//! What an account may do on a real API server is what its role says, in the places that its scope says.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Workspace, test_runner};
use tegata_rbac::{Catalogue, CustomResource, PolicyRule, Scope};
use testbed::{ApiServer, Options, Part, build, go_yaml_json};

const VERBS: [&str; 9] =
    ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "escalate"];

/// The custom resources of the generated roles: names that exist in several groups, with either scope, are where a split
/// goes wrong.
const CUSTOM: [(&str, &str, bool); 7] = [
    ("a.example", "things", true),
    ("b.example", "things", false),
    ("c.example", "things", true),
    ("a.example", "others", false),
    ("b.example", "others", true),
    ("c.example", "nodes", true),
    ("c.example", "secrets", false),
];

fn catalogue(custom: impl IntoIterator<Item = (String, String, bool)>) -> Catalogue {
    let mut catalogue = Catalogue::for_version("1.37").unwrap();
    for (group, name, namespaced) in custom {
        catalogue.add(CustomResource { group, name, namespaced, ..Default::default() }).unwrap();
    }
    catalogue
}

fn custom_catalogue() -> Catalogue {
    catalogue(CUSTOM.map(|(group, name, namespaced)| (group.to_owned(), name.to_owned(), namespaced)))
}

/// What is asked of the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Resource { verb: String, group: String, resource: String, name: String },
    Url { verb: String, url: String },
}

impl Question {
    /// As the server's RBAC decides about rules, for rules as people write them (`rbac/v1/evaluation_helpers.go`).
    fn is_allowed_by(&self, rules: &[PolicyRule]) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|entry| entry == "*" || entry == word);
        rules.iter().any(|rule| match self {
            Self::Resource { verb, group, resource, name } => {
                let of_any = |entry: &String| {
                    entry.strip_prefix("*/").is_some_and(|wanted| {
                        resource.split_once('/').is_some_and(|(_, subresource)| subresource == wanted)
                    })
                };
                has(&rule.verbs, verb)
                    && has(&rule.api_groups, group)
                    && (has(&rule.resources, resource) || rule.resources.iter().any(of_any))
                    && (rule.resource_names.is_empty() || rule.resource_names.contains(name))
            }
            Self::Url { verb, url } => {
                has(&rule.verbs, verb)
                    && rule.non_resource_urls.iter().any(|known| match known.strip_suffix('*') {
                        Some(prefix) => url.starts_with(prefix),
                        None => known == url,
                    })
            }
        })
    }

    /// Whether a request for it has no namespace.
    fn is_cluster_scoped(&self, catalogue: &Catalogue) -> bool {
        match self {
            Self::Resource { group, resource, .. } => {
                catalogue.find(group, resource).unwrap().scope == Scope::Cluster
            }
            Self::Url { .. } => true,
        }
    }

    /// The question about an account, asked of a namespace or, where that is empty, of all of them.
    fn review(&self, (account_namespace, account): (&str, &str), namespace: &str) -> Value {
        let mut spec = json!({
            "user": format!("system:serviceaccount:{account_namespace}:{account}"),
            "groups": [
                "system:serviceaccounts",
                format!("system:serviceaccounts:{account_namespace}"),
                "system:authenticated",
            ],
        });
        match self {
            Self::Resource { verb, group, resource, name } => {
                let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
                spec["resourceAttributes"] = json!({
                    "verb": verb,
                    "group": group,
                    "resource": resource,
                    "subresource": subresource,
                    "name": name,
                    "namespace": namespace,
                });
            }
            Self::Url { verb, url } => spec["nonResourceAttributes"] = json!({ "verb": verb, "path": url }),
        }
        spec
    }
}

/// A server, and what it allows every account, whoever it is.
struct Judge {
    server: ApiServer,
    catalogue: Catalogue,
    everybody: BTreeSet<Question>,
}

impl Judge {
    fn new(catalogue: Catalogue) -> Self {
        let server = ApiServer::start().unwrap();
        let all: Vec<Question> = all_questions(&catalogue, &VERBS).chain(all_urls()).collect();
        let reviews: Vec<Value> =
            all.iter().map(|question| question.review(("nowhere", "nobody"), "")).collect();
        let answers = server.access_reviews(&reviews).unwrap();
        let everybody = all
            .into_iter()
            .zip(answers)
            .filter(|(_, allowed)| *allowed)
            .map(|(question, _)| question)
            .collect();
        Self { server, catalogue, everybody }
    }

    fn apply(&self, workspace: &Workspace) {
        self.server.kubectl(&["apply", "-R", "-f", workspace.path("out/kubernetes/main").as_str()]).unwrap();
    }

    /// Compares what accounts may with what a role says. An account is its scope, namespace and name.
    fn check(
        &self,
        rules: &[PolicyRule],
        accounts: &[(&str, String, &str)],
        questions: &[Question],
    ) -> Result<(), String> {
        let mut asked = Vec::new();
        for (scope, own, account) in accounts {
            for question in questions {
                for namespace in [own.as_str(), "elsewhere", ""] {
                    let here = match *scope {
                        "namespace" => namespace == own && !matches!(question, Question::Url { .. }),
                        "cluster" => true,
                        _ => {
                            question.is_cluster_scoped(&self.catalogue)
                                || (namespace == own && !matches!(question, Question::Url { .. }))
                        }
                    };
                    let expected = (here && question.is_allowed_by(rules)) || self.is_for_everybody(question);
                    asked.push((
                        scope,
                        namespace,
                        question,
                        expected,
                        question.review((own, account), namespace),
                    ));
                }
            }
        }
        let reviews: Vec<Value> = asked.iter().map(|(.., review)| review.clone()).collect();
        let answers = self.server.access_reviews(&reviews).unwrap();
        let wrong: Vec<String> = asked
            .iter()
            .zip(answers)
            .filter(|((_, _, _, expected, _), answer)| expected != answer)
            .map(|((scope, namespace, question, expected, _), answer)| {
                format!("scope {scope}, in `{namespace}`: {question:?} is {answer}, not {expected}")
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(format!("{} wrong:\n{}", wrong.len(), wrong.join("\n"))) }
    }

    /// Names don't matter to the roles that everybody has.
    fn is_for_everybody(&self, question: &Question) -> bool {
        let mut question = question.clone();
        if let Question::Resource { name, .. } = &mut question {
            name.clear();
        }
        self.everybody.contains(&question)
    }
}

fn resource_question(verb: &str, group: &str, resource: &str, name: &str) -> Question {
    Question::Resource {
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        name: name.to_owned(),
    }
}

/// Every resource of a catalogue with every verb.
fn all_questions<'a>(catalogue: &'a Catalogue, verbs: &'a [&str]) -> impl Iterator<Item = Question> + 'a {
    catalogue
        .iter()
        .flat_map(|info| verbs.iter().map(move |verb| resource_question(verb, info.group, info.resource, "")))
}

const URLS: [&str; 6] = ["/metrics", "/metrics/slis", "/logs", "/logs/kube", "/configz", "/"];

fn all_urls() -> impl Iterator<Item = Question> {
    URLS.iter().flat_map(|url| {
        ["get", "post"].map(|verb| Question::Url { verb: verb.to_owned(), url: (*url).to_owned() })
    })
}

/// The questions about a role: all verbs and names of each resource that its rules name, and of every third other resource
/// one verb; `turn` decides which.
fn questions_about(rules: &[PolicyRule], catalogue: &Catalogue, turn: usize) -> Vec<Question> {
    let names: BTreeSet<&str> =
        rules.iter().flat_map(|rule| &rule.resource_names).map(String::as_str).chain(["", "other"]).collect();
    let mut questions: Vec<Question> = all_urls().collect();
    for (index, info) in catalogue.iter().enumerate() {
        let named = rules.iter().any(|rule| {
            rule.resources.iter().any(|resource| resource == info.resource)
                && rule.api_groups.iter().any(|group| group == info.group || group == "*")
        });
        if named {
            for verb in VERBS {
                for name in &names {
                    questions.push(resource_question(verb, info.group, info.resource, name));
                }
            }
        } else if (index + turn).is_multiple_of(3) {
            questions.push(resource_question(
                VERBS[(index + turn / 3) % VERBS.len()],
                info.group,
                info.resource,
                "",
            ));
        }
    }
    questions
}

fn as_json(rules: &[PolicyRule]) -> Value {
    let rules = rules.iter().map(|rule| {
        if rule.non_resource_urls.is_empty() {
            json!({
                "apiGroups": rule.api_groups,
                "resources": rule.resources,
                "resourceNames": rule.resource_names,
                "verbs": rule.verbs,
            })
        } else {
            json!({ "nonResourceURLs": rule.non_resource_urls, "verbs": rule.verbs })
        }
    });
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": "role" },
        "rules": rules.collect::<Vec<_>>(),
    })
}

fn from_json(role: &Value) -> Vec<PolicyRule> {
    let list = |rule: &Value, key: &str| -> Vec<String> {
        let items = rule[key].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let rules = role["rules"].as_array().unwrap().iter().map(|rule| PolicyRule {
        api_groups: list(rule, "apiGroups"),
        resources: list(rule, "resources"),
        verbs: list(rule, "verbs"),
        resource_names: list(rule, "resourceNames"),
        non_resource_urls: list(rule, "nonResourceURLs"),
    });
    rules.collect()
}

#[test]
fn the_role_of_the_example() {
    let parts = build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap();
    let example = Workspace::example();
    let paths = ["roles/build-service-user-role.yaml", "clusters/main.yaml"].map(|path| example.path(path));
    let read = go_yaml_json(&parts, &paths).unwrap().concat();
    let rules = from_json(&read[0]);
    let custom = read[1]["customResources"].as_array().unwrap().iter().map(|resource| {
        let text = |key: &str| resource[key].as_str().unwrap().to_owned();
        (text("group"), text("name"), resource["namespaced"].as_bool().unwrap())
    });
    let judge = Judge::new(catalogue(custom));
    let questions: BTreeSet<Question> = all_questions(&judge.catalogue, &VERBS)
        .chain(all_urls())
        .chain(questions_about(&rules, &judge.catalogue, 0))
        .collect();
    let questions: Vec<Question> = questions.into_iter().collect();
    // A server's objects stay, so every scope has a namespace of its own.
    for scope in ["namespace", "cluster", "split"] {
        let example = Workspace::example();
        let namespace = format!("cicd-{scope}");
        example.edit("projects/cicd.yaml", "name: cicd,", &format!("name: {namespace},"));
        example.edit("projects/cicd.yaml", "scope: split", &format!("scope: {scope}"));
        example.without_policies();
        example.edit(
            "projects/cicd.yaml",
            "bindingName: kp-account-binding",
            &format!("bindingName: {namespace}"),
        );
        if scope == "namespace" {
            // What needs the whole cluster isn't declared then.
            example.edit("projects/cicd.yaml", ", list clusterbuilders.kpack.io]", "]");
        }
        example.render();
        judge.apply(&example);
        judge.check(&rules, &[(scope, namespace, "kp-account")], &questions).unwrap();
    }
}

fn some(
    words: &[&str],
    sizes: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = Vec<String>> + use<> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    prop::sample::subsequence(words, sizes)
}

/// Rules of resources that exist. Each names some resources, and the groups of all of them.
fn rule() -> impl Strategy<Value = PolicyRule> {
    let known: Vec<(String, String)> = custom_catalogue()
        .iter()
        .filter(|info| !info.off_by_default)
        .map(|info| (info.group.to_owned(), info.resource.to_owned()))
        .collect();
    let custom: Vec<(String, String)> =
        CUSTOM.iter().map(|(group, name, _)| ((*group).to_owned(), (*name).to_owned())).collect();
    let resources = prop_oneof![
        2 => prop::collection::vec(prop::sample::select(known), 1..5),
        2 => prop::collection::vec(prop::sample::select(custom), 1..5),
    ];
    let verbs = prop_oneof![4 => some(&VERBS[..8], 1..=4), 1 => Just(vec!["*".to_owned()])];
    let names = prop_oneof![3 => Just(Vec::new()), 1 => some(&["one", "two", "null"], 1..=2)];
    let of_resources = (resources, verbs, names).prop_map(|(resources, verbs, resource_names)| {
        let (groups, resources): (BTreeSet<String>, BTreeSet<String>) = resources.into_iter().unzip();
        PolicyRule {
            api_groups: groups.into_iter().collect(),
            resources: resources.into_iter().collect(),
            verbs,
            resource_names,
            non_resource_urls: Vec::new(),
        }
    });
    let of_urls = some(&["/metrics", "/metrics/*", "/logs*", "/configz"], 1..=2).prop_map(|urls| {
        PolicyRule { verbs: vec!["get".to_owned()], non_resource_urls: urls, ..PolicyRule::default() }
    });
    prop_oneof![8 => of_resources, 1 => of_urls]
}

/// The same with the wildcards that Kubernetes knows.
fn wild_rule() -> impl Strategy<Value = PolicyRule> {
    (rule(), 0..3usize)
        .prop_filter("about resources", |(rule, _)| rule.non_resource_urls.is_empty())
        .prop_map(|(mut rule, what)| {
            match what {
                0 => rule.resources = vec!["*".to_owned()],
                1 => rule.api_groups = vec!["*".to_owned()],
                _ => {
                    rule.api_groups = vec![String::new(), "apps".to_owned()];
                    rule.resources = vec!["*/status".to_owned(), "*/scale".to_owned()];
                }
            }
            rule
        })
}

/// Renders a role for an account of each scope, applies it, and compares.
fn try_role(
    judge: &Judge,
    number: usize,
    rules: &[PolicyRule],
    scopes: &[&'static str],
) -> Result<(), String> {
    let custom = CUSTOM
        .map(|(group, name, namespaced)| json!({ "group": group, "name": name, "namespaced": namespaced }));
    let workspace = Workspace::new(&json!(custom));
    workspace.write_runner();
    let name = format!("role-{number}");
    let mut role = as_json(rules);
    role["metadata"]["name"] = json!(name);
    workspace.write(&format!("roles/{name}.yaml"), &role);
    let accounts: Vec<(&str, String, &str)> =
        scopes.iter().map(|scope| (*scope, format!("n{number}-{scope}"), *scope)).collect();
    let declared: Vec<Value> = accounts
        .iter()
        .map(|(scope, namespace, account)| {
            json!({
                "name": account,
                "default": *account == scopes[0],
                "namespace": { "name": namespace, "create": true },
                "roles": [{ "clusterRole": name, "scope": scope }],
            })
        })
        .collect();
    workspace.write(
        "projects/project.yaml",
        &json!({
            "project": "group/project",
            "runner": "shared",
            "namespace": "unused",
            "serviceAccounts": declared,
        }),
    );
    workspace.try_render()?;
    judge.apply(&workspace);
    judge.check(rules, &accounts, &questions_about(rules, &judge.catalogue, number))
}

#[test]
fn generated_roles() {
    let judge = Judge::new(custom_catalogue());
    let number = AtomicUsize::new(0);
    test_runner(24)
        .run(&prop::collection::vec(rule(), 1..4), |rules| {
            let number = number.fetch_add(1, Ordering::Relaxed);
            try_role(&judge, number, &rules, &["namespace", "cluster", "split"]).map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn generated_roles_with_wildcards() {
    let judge = Judge::new(custom_catalogue());
    let number = AtomicUsize::new(0);
    test_runner(8)
        .run(&(wild_rule(), rule()), |(wild, rule)| {
            let rules = [wild, rule];
            let number = number.fetch_add(1, Ordering::Relaxed);
            // Nobody can say which part of `*` is cluster-scoped, so it isn't split.
            let error = try_role(&judge, number, &rules, &["split"]).unwrap_err();
            prop_assert!(error.contains("can't be split"), "{}", error);
            try_role(&judge, number, &rules, &["namespace", "cluster"]).map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The rules that this file decides by are the server's: of its own roles they say the same.
#[test]
fn what_a_rule_allows_is_decided_here_as_on_the_server() {
    let judge = Judge::new(custom_catalogue());
    let server = &judge.server;
    let questions: Vec<Question> = all_questions(&judge.catalogue, &VERBS[..3]).chain(all_urls()).collect();
    let mut roles = BTreeMap::new();
    for name in [
        "cluster-admin",
        "system:node",
        "system:aggregate-to-edit",
        "system:kube-scheduler",
        "system:monitoring",
    ] {
        let text = server.kubectl(&["get", "clusterrole", name, "-o", "json"]).unwrap();
        roles.insert(name, from_json(&serde_json::from_str(&text).unwrap()));
    }
    for (number, (name, rules)) in roles.into_iter().enumerate() {
        let namespace = format!("n{number}");
        server.create_namespace(&namespace).unwrap();
        let account = format!("--serviceaccount={namespace}:account");
        server
            .kubectl(&["create", "clusterrolebinding", &namespace, "--clusterrole", name, &account])
            .unwrap();
        judge.check(&rules, &[("cluster", namespace, "account")], &questions).unwrap();
    }
}
