//! What Kubernetes itself writes into its roles is right by definition.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

use tegata_rbac::{Catalogue, PolicyRule, RuleProblem, Severity, check_rule};

/// A rule of a role, and the minor versions of Kubernetes that have it.
struct OwnRule {
    minors: Vec<String>,
    role: &'static str,
    rule: PolicyRule,
}

fn own_rules() -> Vec<OwnRule> {
    let list = |column: &str| -> Vec<String> {
        if column == "-" {
            return Vec::new();
        }
        column.split(',').map(|word| word.trim_matches('"').to_owned()).collect()
    };
    include_str!("data/kubernetes-roles.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let rule = PolicyRule {
                api_groups: list(columns[2]),
                resources: list(columns[3]),
                verbs: list(columns[4]),
                resource_names: list(columns[5]),
                non_resource_urls: list(columns[6]),
            };
            OwnRule { minors: list(columns[0]), role: columns[1], rule }
        })
        .collect()
}

/// Checks every rule against the catalogue of every version that has it.
fn check_all(accept: impl Fn(&OwnRule, &RuleProblem) -> bool) {
    let rules = own_rules();
    let mut refused = Vec::new();
    for minor in 30..=37 {
        let catalogue = Catalogue::for_version(&format!("1.{minor}"));
        assert!(catalogue.as_ref().is_ok_and(Catalogue::exact), "1.{minor}");
        let of_version = rules.iter().filter(|own| own.minors.contains(&minor.to_string()));
        assert!(of_version.clone().count() > 250, "1.{minor}");
        for (own, catalogue) in of_version.zip(catalogue.iter().cycle()) {
            let problems = check_rule(&own.rule, catalogue);
            refused.extend(problems.into_iter().filter(|problem| !accept(own, problem)).map(|problem| {
                format!("1.{minor} {}: {:?}: {}: {}", own.role, own.rule, problem.id, problem.message)
            }));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn pass_without_errors() {
    check_all(|_, problem| problem.severity == Severity::Warning);
}

#[test]
fn give_warnings_only_for_what_is_gone_or_off() {
    check_all(|own, problem| match problem.id {
        "resource-retired" | "resource-off-by-default" => true,
        "api-group-without-effect" => own.rule.api_groups.iter().any(|group| group == "extensions"),
        _ => problem.severity == Severity::Error,
    });
}
