//! Whatever comes in: no panic, problems with a place, and messages that fit a line.

use proptest::prelude::*;
use tegata_rbac::check::IDS;
use tegata_rbac::{
    Catalogue, Field, Permission, PolicyRule, UnknownVersion, check_rule, cluster_scoped_part, names,
    namespaced_part,
};

/// Words that look right, words that nearly do, and anything.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "(\\*|pods?|nodes|deployments|extensions|apps|app|resource.k8s.io)?(/(\\*|log|logs|scale|finalizers))?",
        2 => "[a-zA-Z*/., :?-]{0,12}",
        1 => any::<String>(),
    ]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(word(), 0..4)
}

fn rule() -> impl Strategy<Value = PolicyRule> {
    (words(), words(), words(), words(), words()).prop_map(
        |(api_groups, resources, verbs, resource_names, non_resource_urls)| PolicyRule {
            api_groups,
            resources,
            verbs,
            resource_names,
            non_resource_urls,
        },
    )
}

fn list(rule: &PolicyRule, field: Field) -> &[String] {
    match field {
        Field::ApiGroups => &rule.api_groups,
        Field::Resources => &rule.resources,
        Field::Verbs => &rule.verbs,
        Field::ResourceNames => &rule.resource_names,
        Field::NonResourceUrls => &rule.non_resource_urls,
    }
}

fn fits_a_line(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_control)
}

proptest! {
    #[test]
    fn rules(rule in rule(), minor in 30..40) {
        let catalogue = Catalogue::for_version(&format!("1.{minor}"));
        let catalogue = catalogue.map_err(|error| TestCaseError::fail(error.message()))?;
        for problem in check_rule(&rule, &catalogue) {
            prop_assert!(IDS.contains(&problem.id), "{}", problem.id);
            prop_assert!(problem.index.is_none_or(|index| index < list(&rule, problem.field).len()));
            prop_assert!(fits_a_line(&problem.message), "{problem:?}");
            prop_assert!(problem.help.as_deref().is_none_or(fits_a_line), "{problem:?}");
        }
        let rules = [rule];
        for part in [cluster_scoped_part(&rules, &catalogue), namespaced_part(&rules, &catalogue)] {
            for problem in part.err().into_iter().flatten() {
                prop_assert!(rules.get(problem.rule).is_some_and(|rule| problem.index < list(rule, problem.field).len()));
                prop_assert!(fits_a_line(&problem.message) && fits_a_line(&problem.help), "{problem:?}");
            }
        }
    }

    #[test]
    fn phrases(verb in word(), target in word(), rest in words()) {
        let phrase = format!("{verb} {target} {}", rest.join(" "));
        let catalogue = Catalogue::for_version("1.37");
        let catalogue = catalogue.map_err(|error| TestCaseError::fail(error.message()))?;
        if let Err(problem) = Permission::parse(&phrase, &catalogue) {
            prop_assert!(phrase.get(problem.range.clone()).is_some(), "{problem:?}");
            prop_assert!(fits_a_line(&problem.message) && fits_a_line(&problem.help), "{problem:?}");
        }
    }

    #[test]
    fn versions(version in prop_oneof![any::<String>(), "v?1\\.[0-9]{0,6}(\\.[0-9])?"]) {
        let error: Option<UnknownVersion> = Catalogue::for_version(&version).err();
        if let Some(error) = error {
            prop_assert!(fits_a_line(&error.message()), "{error:?}");
            prop_assert!(error.remedy().as_deref().is_some_and(fits_a_line), "{error:?}");
        }
    }

    #[test]
    fn suggested_names_pass(name in prop_oneof![any::<String>(), "[-a-zA-Z0-9_./% ]{0,80}", "[a.-]{200,300}"]) {
        for check in [
            names::dns_label,
            names::dns_subdomain,
            names::path_segment,
            names::label_key,
            names::label_value,
            names::annotation_key,
        ] {
            let Err(error) = check(&name) else { continue };
            prop_assert!(fits_a_line(error.message()), "{error:?}");
            prop_assert!(error.remedy().as_deref().is_some_and(fits_a_line), "{error:?}");
            if let Some(suggestion) = error.suggestion() {
                prop_assert!(check(suggestion).is_ok(), "{error:?}");
            }
        }
    }
}
