//! From nodes that have the right form ([`crate::shape`]) to what they say.
//!
//! A form that was held against a node leaves nothing to report here: `None` means that it was not.

use camino::Utf8Path;
use tegata_rbac::PolicyRule;
use tegata_rbac::check::Field;
use tegata_runner::policy::Action;

use super::{
    Account, ApplyAccount, Cluster, CustomResource, Isolation, Namespace, Project, References, Role, RoleUse,
    Rule, Runner, Scope, Workspace,
};
use crate::source::{FileId, Located, Span};
use crate::yaml::Node;

/// Labels and annotations that the API server or kubectl writes by itself.
const SERVER_SIDE: [&str; 4] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "rbac.authorization.kubernetes.io/autoupdate",
    "kubernetes.io/bootstrapping",
    "deployment.kubernetes.io/revision",
];

fn flag(node: Option<&Node>) -> Option<bool> {
    node.and_then(Node::as_str).map(|word| word == "true")
}

fn number(node: &Node) -> Option<u64> {
    node.as_str()?.parse().ok()
}

/// The entries of a list, in a vector of their number: of 100,000 projects, room for more would be much.
fn all<T>(list: Option<&Node>, decode: impl FnMut(&Node) -> Option<T>) -> Vec<T> {
    let items = list.map(Node::items).unwrap_or_default();
    let mut all = Vec::with_capacity(items.len());
    all.extend(items.iter().filter_map(decode));
    all
}

fn texts(node: Option<&Node>) -> Vec<Located<String>> {
    all(node, Node::text)
}

fn strings(node: Option<&Node>) -> Vec<String> {
    all(node, |item| Some(item.text()?.value))
}

fn pairs(node: Option<&Node>) -> Vec<(Located<String>, String)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.value))).collect()
}

impl Workspace {
    /// Reads `tegata.yaml`.
    pub fn decode(node: &Node) -> Option<Workspace> {
        Some(Workspace { name: node.get("workspace")?.text()? })
    }
}

impl Cluster {
    /// Reads the cluster of that name.
    pub fn decode(name: &str, node: &Node) -> Option<Cluster> {
        let custom_resources = node.get("customResources").map(Node::items).unwrap_or_default();
        Some(Cluster {
            name: name.to_owned(),
            kubernetes: node.get("kubernetes")?.text()?,
            server: node.get("server").and_then(Node::text),
            custom_resources: custom_resources.iter().filter_map(CustomResource::decode).collect(),
            apply_account: node.get("applyAccount").and_then(ApplyAccount::decode),
        })
    }
}

impl ApplyAccount {
    fn decode(node: &Node) -> Option<ApplyAccount> {
        let name = node.get("name").and_then(Node::text);
        Some(ApplyAccount {
            namespace: Namespace::decode(node.get("namespace")?)?,
            name: name.unwrap_or_else(|| Located::new("tegata-apply".to_owned(), node.span)),
        })
    }
}

impl CustomResource {
    fn decode(node: &Node) -> Option<CustomResource> {
        Some(CustomResource {
            group: node.get("group")?.text()?.value,
            name: node.get("name")?.text()?,
            namespaced: flag(node.get("namespaced"))?,
            creates_pods: flag(node.get("createsPods")).unwrap_or(false),
            subresources: strings(node.get("subresources")),
            verbs: strings(node.get("verbs")),
        })
    }
}

impl Namespace {
    fn decode(node: &Node) -> Option<Namespace> {
        if let Some(name) = node.text() {
            return Some(Namespace { name, create: false, labels: Vec::new(), span: node.span });
        }
        Some(Namespace {
            name: node.get("name")?.text()?,
            create: flag(node.get("create")).unwrap_or(false),
            labels: pairs(node.get("labels")),
            span: node.span,
        })
    }
}

/// What the policies do; `span` where nothing is written.
fn validation_actions(node: Option<&Node>, span: Span) -> Located<Vec<Action>> {
    let Some(list) = node.and_then(|node| node.get("validationActions")) else {
        return Located::new(vec![Action::Deny], span);
    };
    let mut actions = Vec::new();
    for word in texts(Some(list)) {
        let known = [Action::Deny, Action::Warn, Action::Audit];
        actions.extend(known.into_iter().find(|action| action.word() == word.value));
    }
    Located::new(actions, list.span)
}

impl Runner {
    /// Reads the runner of that name.
    pub fn decode(name: &str, node: &Node) -> Option<Runner> {
        let isolation = node.get("isolation")?.text()?;
        let value = match isolation.value.as_str() {
            "admission" => Isolation::Admission,
            "overwrite" => Isolation::Overwrite,
            "dedicated" => Isolation::Dedicated,
            _ => return None,
        };
        let jobs = node.get("jobs")?;
        Some(Runner {
            name: name.to_owned(),
            span: node.span,
            cluster: node.get("cluster")?.text()?,
            release: node
                .get("release")
                .and_then(Node::text)
                .map_or_else(|| name.to_owned(), |text| text.value),
            namespace: Namespace::decode(node.get("namespace")?)?,
            gitlab_url: node.get("gitlabUrl")?.text()?.value,
            token_secret: node.get("tokenSecret")?.text()?.value,
            validation_actions: validation_actions(node.get("admission"), isolation.span),
            isolation: Located::new(value, isolation.span),
            concurrent: node
                .get("concurrent")
                .and_then(number)
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or(10),
            tags: strings(node.get("tags")),
            jobs_namespace: jobs.get("namespace")?.text()?,
            jobs_image: jobs.get("image")?.text()?.value,
            kubernetes: node.get("kubernetes").cloned(),
            values: node.get("values").cloned(),
        })
    }
}

impl Rule {
    fn decode(node: &Node) -> Rule {
        let list = |name: &str| texts(node.get(name));
        let lists = [
            (Field::ApiGroups, list("apiGroups")),
            (Field::Resources, list("resources")),
            (Field::Verbs, list("verbs")),
            (Field::ResourceNames, list("resourceNames")),
            (Field::NonResourceUrls, list("nonResourceURLs")),
        ];
        let places = lists
            .iter()
            .map(|(field, texts)| (*field, texts.iter().map(|text| text.span).collect()))
            .collect();
        let empty = lists
            .iter()
            .filter(|(_, texts)| texts.is_empty())
            .filter_map(|(field, _)| Some((*field, node.get(field.yaml_name())?.span)))
            .collect();
        let [api_groups, resources, verbs, resource_names, non_resource_urls] =
            lists.map(|(_, texts)| texts.into_iter().map(|text| text.value).collect());
        Rule {
            rule: PolicyRule { api_groups, resources, verbs, resource_names, non_resource_urls },
            span: node.span,
            places,
            empty,
        }
    }
}

fn rules(node: Option<&Node>) -> Vec<Rule> {
    all(node, |rule| Some(Rule::decode(rule)))
}

impl Role {
    /// Reads a ClusterRole.
    pub fn decode(node: &Node) -> Option<Role> {
        let metadata = node.get("metadata")?;
        let written = |name: &str| {
            let mut pairs = pairs(metadata.get(name));
            pairs.retain(|(key, _)| !SERVER_SIDE.contains(&key.value.as_str()));
            pairs
        };
        Some(Role {
            name: metadata.get("name")?.text()?,
            labels: written("labels"),
            annotations: written("annotations"),
            rules: rules(node.get("rules")),
            aggregation: node
                .entries()
                .iter()
                .find(|entry| entry.key.value == "aggregationRule" && !entry.value.is_null())
                .map(|entry| entry.key.span),
        })
    }
}

impl Project {
    /// Reads a project.
    pub fn decode(file: FileId, source: &Utf8Path, node: &Node) -> Option<Project> {
        let id = node.get("id").and_then(|id| Some(Located::new(number(id)?, id.span)));
        Some(Project {
            file,
            source: source.to_owned(),
            path: node.get("project")?.text()?,
            id,
            runner: node.get("runner")?.text()?,
            namespace: Namespace::decode(node.get("namespace")?)?,
            accounts: all(Some(node.get("serviceAccounts")?), Account::decode),
        })
    }
}

impl References {
    /// What a project's file refers to, as far as it can be told, and its sound accounts.
    pub fn of_project(node: &Node, is_sound: impl Fn(&Node) -> bool) -> References {
        let accounts = || node.get("serviceAccounts").map(Node::items).unwrap_or_default().iter();
        let roles = accounts().flat_map(|account| account.get("roles").map(Node::items).unwrap_or_default());
        // What is no name, as `true` is none without quotes, is missed by nobody.
        let text =
            |node: Option<&Node>| node.filter(|node| !node.is_null() && is_sound(node)).and_then(Node::text);
        References {
            runners: std::iter::once(node)
                .chain(accounts())
                .filter_map(|node| text(node.get("runner")))
                .collect(),
            roles: roles
                .filter(|role| flag(role.get("existing")) != Some(true))
                .filter_map(|role| text(role.get("clusterRole")))
                .collect(),
            accounts: accounts().filter(|account| is_sound(account)).filter_map(Account::decode).collect(),
        }
    }
}

impl Account {
    fn decode(node: &Node) -> Option<Account> {
        let default =
            node.get("default").and_then(|default| Some(Located::new(flag(Some(default))?, default.span)));
        Some(Account {
            name: node.get("name")?.text()?,
            default,
            namespace: node.get("namespace").and_then(Namespace::decode).map(Box::new),
            runner: node.get("runner").and_then(Node::text).map(Box::new),
            roles: all(node.get("roles"), RoleUse::decode),
            rules: rules(node.get("rules")),
            can: texts(node.get("can")),
            cannot: texts(node.get("cannot")),
            automount_token: flag(node.get("automountServiceAccountToken")).unwrap_or(true),
            annotations: pairs(node.get("annotations")),
            image_pull_secrets: strings(node.get("imagePullSecrets")),
        })
    }
}

impl RoleUse {
    fn decode(node: &Node) -> Option<RoleUse> {
        let cluster_role = node.get("clusterRole")?.text()?;
        let scope = match node.get("scope").and_then(Node::text) {
            None => Located::new(Scope::Namespace, cluster_role.span),
            Some(word) => Located::new(
                match word.value.as_str() {
                    "namespace" => Scope::Namespace,
                    "cluster" => Scope::Cluster,
                    "split" => Scope::Split,
                    _ => return None,
                },
                word.span,
            ),
        };
        Some(RoleUse {
            span: node.span,
            cluster_role,
            existing: flag(node.get("existing")).unwrap_or(false),
            scope,
            binding_name: node.get("bindingName").and_then(Node::text).map(Box::new),
        })
    }
}
