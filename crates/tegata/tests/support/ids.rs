//! The ids of all findings of a render.

use std::collections::BTreeSet;

use tegata_runner::{keys, values};

/// Those of the generator itself; each rule of [`tegata::check`] lists its own.
const GENERATOR: &[&str] = &[
    "account-of-another-runner",
    "ambiguous-role",
    "apply-account-namespace",
    "apply-account-needs-server-side",
    "apply-account-too-large",
    "custom-resource",
    "dedicated-runner",
    "duplicate-account",
    "duplicate-id",
    "duplicate-key",
    "duplicate-namespace",
    "duplicate-object",
    "duplicate-path",
    "duplicate-project",
    "duplicate-release",
    "duplicate-server",
    "empty-file",
    "empty-value",
    "hidden-character",
    "invalid-name",
    "invalid-value",
    "manager-namespace",
    "misnamed-folder",
    "misplaced-file",
    "misplaced-folder",
    "missing-field",
    "missing-id",
    "more-findings",
    "nearest-catalogue",
    "no-account",
    "not-enforced",
    "not-a-file",
    "not-a-folder",
    "not-utf-8",
    "others-namespace",
    "path-too-long",
    "quarantine-namespace",
    "reserved-name",
    "several-documents",
    "shared-account",
    "split-impossible",
    "symlink",
    "table-needs-server-side",
    "table-too-large",
    "template-error",
    "template-grants",
    "too-deep",
    "too-large",
    "two-defaults",
    "two-gitlabs",
    "typographic-quotes",
    "unknown-cluster",
    "unknown-field",
    "unknown-role",
    "unknown-runner",
    "unquoted",
    "unreadable",
    "unused-acceptance",
    "unused-admission",
    "unused-template",
    "validation-actions",
    "write-failed",
    "wrong-ending",
    "wrong-type",
    "yaml-alias",
    "yaml-key",
    "yaml-merge-key",
    "yaml-syntax",
    "yaml-tab",
    "yaml-tag",
];

/// Those of the runner's keys and of the chart's values.
const RUNNER: &[&str] = &[
    keys::BOUNDARY,
    keys::KIND,
    keys::MANAGED,
    keys::MAXIMUM,
    keys::PATTERN,
    keys::TEMPLATE,
    keys::TEXT,
    keys::UNKNOWN,
    values::BOUNDARY,
    values::INEFFECTIVE,
    values::MANAGED,
    values::REMOVED,
    values::TEXT,
    values::TOKEN,
    values::UNKNOWN,
];

/// Those that no input leads to, as far as anybody knows: each guards what another part has checked.
pub const WITHOUT_CASE: &[&str] = &["runner-configuration"];

/// All ids that have a case.
pub fn all() -> BTreeSet<String> {
    let rules = tegata::check::rules().flat_map(|rule| rule.ids);
    rules.chain(GENERATOR).chain(RUNNER).map(|id| (*id).to_owned()).collect()
}
