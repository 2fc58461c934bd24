//! What the API server refuses.

use super::{Field, RuleProblem, error};
use crate::rule::PolicyRule;

/// `ValidatePolicyRule` in `pkg/apis/rbac/validation/validation.go`.
pub(super) fn check(rule: &PolicyRule, problems: &mut Vec<RuleProblem>) {
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
