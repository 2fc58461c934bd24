//! The attacks, as `attacks.yaml` has them.

use serde::Deserialize;
use serde_json::Value;

/// A row of the table: a heading, or an attack of one of the three kinds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub title: Option<String>,
    pub what: Option<String>,
    pub job: Option<AsJob>,
    pub call: Option<Call>,
    pub impersonate: Option<Impersonation>,
}

/// A job that GitLab gives to the runner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsJob {
    pub by: String,
    /// The project whose runner gets it, if it is not the job's own.
    pub runner: Option<String>,
    /// The project's path, if it is another one by now.
    pub path: Option<String>,
    /// `namespace/account`: the two variables.
    pub ask: Option<String>,
    /// More variables, after those.
    #[serde(default)]
    pub variables: Vec<(String, String)>,
}

/// A call of the API by a job's account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    #[serde(rename = "as")]
    pub by: String,
    /// The arguments of kubectl.
    pub run: Vec<String>,
    #[serde(default)]
    pub input: Input,
    /// What it would get is its own account, which is no escape.
    #[serde(default)]
    pub itself: bool,
}

/// What kubectl reads: nothing, or one of these.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    pub pod: Option<Pod>,
    /// A token Secret for this account.
    pub token_secret: Option<String>,
}

/// A pod that a job's account makes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pod {
    pub account: String,
    pub namespace: Option<String>,
    /// In the manager's namespace, with the manager's account.
    pub manager: bool,
    /// With what is on a job's pod.
    pub forged: bool,
    /// By the field that `serviceAccountName` replaced.
    pub older: bool,
}

/// An account that says it is another one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impersonation {
    /// The right that it has: in its namespace, unless it is of a role that is split.
    pub rule: Option<Value>,
    /// The right stands in a role, which the account has with `scope: split`.
    #[serde(default)]
    pub split: bool,
    /// What it does before.
    pub first: Option<Vec<String>>,
}

/// All rows.
pub fn rows() -> Vec<Row> {
    serde_yaml::from_str(include_str!("attacks.yaml")).unwrap()
}
