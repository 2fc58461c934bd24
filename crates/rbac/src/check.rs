//! Is a rule well-formed, and does it name things that exist?
//!
//! Some of this Kubernetes refuses itself (`ValidatePolicyRule` in
//! `pkg/apis/rbac/validation/validation.go`); the rest it stores without a word, and the grant is
//! dead, or wider than it looks. Whether a rule is *wise* is not asked here.

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::resource_suggestion::group_in_words;
use crate::rule::PolicyRule;
use crate::suggest::closest;
use crate::verbs;

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

/// Checks one rule, and reports everything that is wrong with it.
///
/// Everything that Kubernetes' own roles say passes without an error.
pub fn check_rule(rule: &PolicyRule, catalogue: &Catalogue) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    check_shape(rule, &mut problems);
    check_groups_and_resources(rule, catalogue, &mut problems);
    check_verbs(rule, catalogue, &mut problems);
    check_names(rule, &mut problems);
    for (index, url) in rule.non_resource_urls.iter().enumerate() {
        check_url(index, url, &mut problems);
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

/// What the API server refuses (`ValidatePolicyRule`).
fn check_shape(rule: &PolicyRule, problems: &mut Vec<RuleProblem>) {
    if rule.verbs.is_empty() {
        problems.push(error(
            "verbs-missing",
            Field::Verbs,
            None,
            "the rule has no verbs",
            "add `verbs`, such as `[get, list]`".to_owned(),
        ));
    }
    if !rule.non_resource_urls.is_empty() {
        let other =
            !(rule.api_groups.is_empty() && rule.resources.is_empty() && rule.resource_names.is_empty());
        if other {
            problems.push(error(
                "resources-and-urls-mixed",
                Field::NonResourceUrls,
                None,
                "the rule names resources and `nonResourceURLs`, and Kubernetes refuses both in one",
                "make two rules of it".to_owned(),
            ));
        }
        return;
    }
    if rule.resources.is_empty() {
        problems.push(error(
            "resources-missing",
            Field::Resources,
            None,
            "the rule has no resources",
            "add `resources`, such as `[pods]`".to_owned(),
        ));
    }
    if rule.api_groups.is_empty() {
        problems.push(error(
            "api-groups-missing",
            Field::ApiGroups,
            None,
            "the rule has no API groups",
            "add `apiGroups`: `[\"\"]` is the core group, which has pods, configmaps and secrets".to_owned(),
        ));
    }
}

/// What is known about an entry of `resources`.
enum Standing {
    /// It exists in at least one of the groups.
    Exists,
    /// It exists where somebody switched it on.
    Off,
    /// It stands for several, or for free text.
    Open,
    /// Kubernetes had it once.
    Retired(&'static str),
    /// Nothing of this name in these groups.
    Unknown,
}

fn check_groups_and_resources(rule: &PolicyRule, catalogue: &Catalogue, problems: &mut Vec<RuleProblem>) {
    // An unknown group is one mistake: its resources are looked up in the group that was meant,
    // and pass if nobody knows which that is.
    let mut groups: Vec<&str> = Vec::new();
    let mut guessed = false;
    for (index, group) in rule.api_groups.iter().enumerate() {
        if is_known_group(group, catalogue) {
            groups.push(group);
            continue;
        }
        let meant = catalogue.suggest_group(group);
        match meant {
            Some(meant) => groups.push(meant),
            None => guessed = true,
        }
        problems.push(unknown_group(index, group, meant));
    }

    let free_text = !rule.verbs.is_empty() && rule.verbs.iter().all(|verb| verbs::has_free_resource(verb));
    let mut all_exist = true;
    let mut all_plain = true;
    for (index, resource) in rule.resources.iter().enumerate() {
        if let Some(problem) = malformed_resource(index, resource) {
            all_exist = false;
            problems.push(problem);
            continue;
        }
        match standing(resource, &groups, catalogue) {
            Standing::Exists => {}
            Standing::Off => problems.push(warning(
                "resource-off-by-default",
                Field::Resources,
                index,
                format!(
                    "Kubernetes {} serves `{resource}` only where it is switched on",
                    catalogue.version()
                ),
                "remove it, or declare it as a custom resource if the cluster has it".to_owned(),
            )),
            Standing::Open => all_plain = false,
            Standing::Retired(fate) => {
                all_exist = false;
                problems.push(warning(
                    "resource-retired",
                    Field::Resources,
                    index,
                    format!("`{}` {fate}: the grant does nothing", resource.escape_debug()),
                    "remove it, unless the role serves such an old cluster as well".to_owned(),
                ));
            }
            Standing::Unknown => {
                all_exist = false;
                if !(free_text || guessed || groups.is_empty()) {
                    problems.push(unknown_resource(index, resource, &groups, catalogue));
                }
            }
        }
    }

    if all_exist && all_plain && !rule.resources.is_empty() {
        for (index, group) in rule.api_groups.iter().enumerate() {
            check_group_is_of_use(index, group, rule, catalogue, problems);
        }
    }
}

fn is_known_group(group: &str, catalogue: &Catalogue) -> bool {
    group == "*"
        || catalogue.has_group(group)
        || catalogue.is_open_group(group)
        || catalogue.is_retired_group(group)
}

fn unknown_group(index: usize, group: &str, meant: Option<&str>) -> RuleProblem {
    let help = match meant {
        Some("") => "write `\"\"`, which is the core group".to_owned(),
        // The groups of custom resources have dots, so this may well be one.
        Some(meant) if group.contains('.') && !group.contains('/') => {
            format!("write `{meant}`, or declare its resources as custom resources if there is such a group")
        }
        Some(meant) => format!("write `{meant}`"),
        None => "if the cluster has it, declare its resources as custom resources".to_owned(),
    };
    let message = format!("there is no API group `{}`", group.escape_debug());
    error("api-group-unknown", Field::ApiGroups, index, message, help)
}

/// Entries that can't name a resource, whatever the groups.
fn malformed_resource(index: usize, resource: &str) -> Option<RuleProblem> {
    let shown = resource.escape_debug();
    let message = format!("`{shown}` is not the name of a resource");
    let unknown =
        |help: String| Some(error("resource-unknown", Field::Resources, index, message.clone(), help));
    if resource.is_empty() {
        return unknown("write the plural of a resource, such as `pods`".to_owned());
    }
    if resource.contains([',', ' ']) {
        let words = resource.split([',', ' ']).filter(|word| !word.is_empty());
        let list: Vec<String> = words.map(|word| format!("`{}`", word.escape_debug())).collect();
        return unknown(format!("write each resource as an entry of its own: {}", list.join(", ")));
    }
    let (plural, subresource) = resource.split_once('/')?;
    match (plural, subresource) {
        ("", _) => unknown("write the resource before the `/`, such as `pods/log`".to_owned()),
        (_, "") => unknown(format!("write `{}`", plural.escape_debug())),
        ("*", "*") => Some(warning(
            "resource-matches-nothing",
            Field::Resources,
            index,
            "`*/*` matches nothing",
            "`*` alone is every resource with its subresources; name those that are needed".to_owned(),
        )),
        (_, "*") => Some(warning(
            "resource-matches-nothing",
            Field::Resources,
            index,
            format!("`{shown}` matches nothing: `*` is no wildcard after the `/`"),
            format!("name the subresources that are needed, such as `{}/status`", plural.escape_debug()),
        )),
        _ => None,
    }
}

fn standing(resource: &str, groups: &[&str], catalogue: &Catalogue) -> Standing {
    if resource == "*" || groups.iter().any(|group| catalogue.is_open_group(group)) {
        return Standing::Open;
    }
    if let Some(subresource) = resource.strip_prefix("*/") {
        let exists = subresource == "finalizers"
            || catalogue.iter().any(|info| {
                info.parts().1 == Some(subresource)
                    && groups.iter().any(|group| *group == "*" || *group == info.group)
            });
        return if exists { Standing::Open } else { Standing::Unknown };
    }
    let mut found = groups
        .iter()
        .flat_map(|&group| if group == "*" { catalogue.by_plural(resource) } else { vec![group] })
        .filter_map(|group| catalogue.find(group, resource))
        .peekable();
    if found.peek().is_some() {
        return if found.all(|info| info.off_by_default) { Standing::Off } else { Standing::Exists };
    }
    match groups.iter().find_map(|group| catalogue.retired(group, resource)) {
        Some(fate) => Standing::Retired(fate),
        None => Standing::Unknown,
    }
}

fn unknown_resource(index: usize, resource: &str, groups: &[&str], catalogue: &Catalogue) -> RuleProblem {
    let group = groups.first().copied().unwrap_or_default();
    let place = match groups {
        ["*"] => "in any group".to_owned(),
        [group] => format!("in {}", group_in_words(group)),
        _ => "in any of these groups".to_owned(),
    };
    let message = format!("there is no resource `{}` {place}", resource.escape_debug());

    if let Some(subresource) = resource.strip_prefix("*/") {
        let known = catalogue.iter().filter_map(|info| info.parts().1).chain(["finalizers"]);
        let help = closest(subresource, known).map(|known| format!("write `*/{known}`"));
        return error("resource-unknown", Field::Resources, index, message, help);
    }
    if let Some(version) = groups.iter().find_map(|group| catalogue.newer(group, resource)) {
        return error(
            "resource-unknown",
            Field::Resources,
            index,
            format!("{message} before Kubernetes {version}"),
            "remove it".to_owned(),
        );
    }
    // A suggestion in one of the rule's own groups is the better one.
    let suggestions = || groups.iter().filter_map(|group| catalogue.suggest_resource(group, resource));
    let own = suggestions().find(|meant| groups.contains(&meant.group.as_str()));
    let help = match own.or_else(|| suggestions().next()) {
        Some(meant) if groups.contains(&meant.group.as_str()) || groups == ["*"] => {
            format!("write `{}`", meant.resource)
        }
        Some(meant) => {
            let quoted = if meant.group.is_empty() { "\"\"" } else { meant.group.as_str() };
            if meant.resource == resource {
                format!("it is in {}: list `{quoted}` under `apiGroups`", group_in_words(&meant.group))
            } else {
                format!("write `{}`, and list `{quoted}` under `apiGroups`", meant.resource)
            }
        }
        None => match resource.split_once('/') {
            Some((plural, _)) if catalogue.find(group, plural).is_some() => {
                subresource_help(catalogue, group, plural)
            }
            _ => "if the cluster has it, declare it as a custom resource".to_owned(),
        },
    };
    error("resource-unknown", Field::Resources, index, message, help)
}

fn subresource_help(catalogue: &Catalogue, group: &str, plural: &str) -> String {
    let known: Vec<String> = catalogue
        .subresources_of(group, plural)
        .into_iter()
        .map(|subresource| format!("`{plural}/{subresource}`"))
        .collect();
    if known.is_empty() {
        format!("`{plural}` has no subresources")
    } else {
        format!("`{plural}` has {}", known.join(", "))
    }
}

/// Every resource exists somewhere: is this group one of the places?
fn check_group_is_of_use(
    index: usize,
    group: &str,
    rule: &PolicyRule,
    catalogue: &Catalogue,
    problems: &mut Vec<RuleProblem>,
) {
    if group == "*" || !is_known_group(group, catalogue) {
        return;
    }
    if rule.resources.iter().any(|resource| catalogue.find(group, resource).is_some()) {
        return;
    }
    let message = if catalogue.is_retired_group(group) {
        format!("the group `{group}` is gone: listing it does nothing")
    } else {
        format!("{} has none of the rule's resources: listing it does nothing", group_in_words(group))
    };
    problems.push(warning(
        "api-group-without-effect",
        Field::ApiGroups,
        index,
        message,
        "remove the group".to_owned(),
    ));
}

fn check_verbs(rule: &PolicyRule, catalogue: &Catalogue, problems: &mut Vec<RuleProblem>) {
    let for_urls = rule.resources.is_empty() && !rule.non_resource_urls.is_empty();
    for (index, verb) in rule.verbs.iter().enumerate() {
        if verb == "*" {
            continue;
        }
        if for_urls {
            check_url_verb(index, verb, problems);
        } else if !is_custom_verb(verb, rule, catalogue) {
            check_resource_verb(index, verb, rule, catalogue, problems);
        }
    }
}

/// Whether one of the rule's resources was declared with this verb.
fn is_custom_verb(verb: &str, rule: &PolicyRule, catalogue: &Catalogue) -> bool {
    let declared = |group: &str, resource: &str| {
        let any = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        catalogue.iter().any(|info| {
            info.custom && any(group, info.group) && any(resource, info.resource) && info.verbs.contains(verb)
        })
    };
    rule.api_groups.iter().any(|group| rule.resources.iter().any(|resource| declared(group, resource)))
}

fn check_resource_verb(
    index: usize,
    verb: &str,
    rule: &PolicyRule,
    catalogue: &Catalogue,
    problems: &mut Vec<RuleProblem>,
) {
    if !verbs::is_known_for_resources(verb) {
        problems.push(unknown_verb(index, verb, verbs::suggest(verb), &verbs::REQUEST_VERBS));
        return;
    }
    // Whether somebody asks for a special verb is known for Kubernetes' own resources only.
    let mut pairs =
        rule.api_groups.iter().flat_map(|group| rule.resources.iter().map(move |resource| (group, resource)));
    let may_mean_something = pairs.any(|(group, resource)| {
        group == "*"
            || resource.starts_with('*')
            || verbs::means_something(verb, group, resource)
            || catalogue.find(group, resource).is_none_or(|info| info.custom)
    });
    if !may_mean_something && !rule.resources.is_empty() {
        let meant = verbs::SPECIAL_VERBS.iter().find(|special| special.verb == verb);
        let help = meant.map(|special| {
            let on: Vec<String> = special
                .resources
                .iter()
                .map(|(group, resource)| format!("`{}`", crate::resource_suggestion::dotted(group, resource)))
                .collect();
            format!("remove it: it allows {}, on {}", special.allows, on.join(", "))
        });
        problems.push(warning(
            "verb-without-effect",
            Field::Verbs,
            index,
            format!("`{verb}` does nothing on these resources"),
            help.unwrap_or_else(|| "remove it".to_owned()),
        ));
    }
}

fn check_url_verb(index: usize, verb: &str, problems: &mut Vec<RuleProblem>) {
    if verbs::URL_VERBS.contains(&verb) {
        return;
    }
    let meant = verbs::suggest_for_url(verb);
    if verbs::is_known(verb) {
        let help = match meant {
            Some(meant) => format!("for addresses write `{meant}`"),
            None => "remove it".to_owned(),
        };
        let message = format!("`{verb}` does nothing on `nonResourceURLs`");
        problems.push(warning("verb-without-effect", Field::Verbs, index, message, help));
    } else {
        problems.push(unknown_verb(index, verb, meant, &verbs::URL_VERBS));
    }
}

fn unknown_verb(index: usize, verb: &str, meant: Option<&str>, known: &[&str]) -> RuleProblem {
    let help = if verb.contains([',', ' ']) {
        let words = verb.split([',', ' ']).filter(|word| !word.is_empty());
        let list: Vec<String> = words.map(|word| format!("`{}`", word.escape_debug())).collect();
        format!("write each verb as an entry of its own: {}", list.join(", "))
    } else {
        match meant {
            Some(meant) => format!("write `{meant}`"),
            None => format!("the verbs are {}", known.join(", ")),
        }
    };
    let message = format!("there is no verb `{}`", verb.escape_debug());
    error("verb-unknown", Field::Verbs, index, message, help)
}

fn check_names(rule: &PolicyRule, problems: &mut Vec<RuleProblem>) {
    // Names of signers and of those who are impersonated have wildcards of their own
    // (`certauthorization.go`, `impersonation/mode.go`).
    let has_wildcards = |resource: &String| {
        let plural = resource.split('/').next().unwrap_or_default();
        matches!(plural, "signers" | "users" | "groups" | "userextras" | "uids" | "*")
    };
    let wildcards = rule.resources.iter().any(has_wildcards);
    for (index, name) in rule.resource_names.iter().enumerate() {
        if name.is_empty() {
            problems.push(warning(
                "resource-name-empty",
                Field::ResourceNames,
                index,
                "the name is empty, which allows requests that name no object, such as a list of all",
                "remove the entry, or write the name of an object".to_owned(),
            ));
        } else if name.contains('*') && !wildcards {
            problems.push(warning(
                "resource-name-wildcard",
                Field::ResourceNames,
                index,
                format!("`{}` names no object: `*` is no wildcard in `resourceNames`", name.escape_debug()),
                "write each name in full; without `resourceNames` all are meant".to_owned(),
            ));
        }
    }
}

/// `NonResourceURLMatches` in `pkg/apis/rbac/v1/evaluation_helpers.go`: equal, or a prefix before
/// a `*` at the end.
fn check_url(index: usize, url: &str, problems: &mut Vec<RuleProblem>) {
    let malformed = |help: String| {
        let message = format!("`{}` is not the path of an address", url.escape_debug());
        error("url-malformed", Field::NonResourceUrls, index, message, help)
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#');
    if url == "*" {
        return;
    }
    if url.is_empty() {
        problems.push(malformed("write a path, such as `/healthz`".to_owned()));
    } else if let Some((_, rest)) = url.split_once("://") {
        let path = rest.split_once('/').map(|(_, path)| path).unwrap_or_default();
        problems.push(malformed(format!("write the path alone: `/{}`", path.escape_debug())));
    } else if !url.starts_with('/') {
        problems.push(malformed(format!("write `/{}`", url.escape_debug())));
    } else if url.contains(odd) {
        problems.push(malformed("write the path alone, without blanks, `?` and `#`".to_owned()));
    } else if url.strip_suffix('*').unwrap_or(url).contains('*') {
        problems.push(malformed("a `*` can stand at the end only, such as in `/apis/*`".to_owned()));
    }
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
                 group; if the cluster has it, declare it as a custom resource",
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
                 cluster has it, declare its resources as custom resources",
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
                "remove it, or declare it as a custom resource if the cluster has it",
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
                "write `storage.k8s.io`, or declare its resources as custom resources if there is such a group",
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
