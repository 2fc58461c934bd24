//! Do the names of objects mean what they seem to?

use super::{Field, RuleProblem, warning};
use crate::rule::PolicyRule;

pub(super) fn check(rule: &PolicyRule, problems: &mut Vec<RuleProblem>) {
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
