//! The text of the chart's `runners.config`.
//!
//! The chart writes it into a ConfigMap as `config.template.toml`, and `gitlab-runner register` merges
//! it into the manager's `config.toml` (`templates/configmap.yaml` of the chart, and "Register with a
//! configuration template" in the runner's documentation). Three rules come from there:
//!
//! - exactly one `[[runners]]`;
//! - `namespace` is always written, or the release's own namespace is used;
//! - no `{{` anywhere: the chart runs Helm's `tpl` over the text.
//!
//! The text is made from a value by the `toml` library, and [`from_toml`] reads it back to the same one.

mod text;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

pub use text::{from_toml, to_toml};

use crate::flags;
use crate::keys::{When, kubernetes_key};
use crate::problem::dotted;

/// How a runner keeps its projects apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// The two patterns, and an admission policy that knows which project may have which account.
    Admission,
    /// The two patterns only: any project of the runner may take any declared account.
    Overwrite,
    /// A runner of one project, with a fixed namespace and account and no overwrite at all.
    Dedicated,
}

impl Isolation {
    /// All of them, the strongest on a shared runner first.
    pub const ALL: [Self; 3] = [Self::Admission, Self::Overwrite, Self::Dedicated];

    /// The word for it in a runner's file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Overwrite => "overwrite",
            Self::Dedicated => "dedicated",
        }
    }

    /// The isolation of this word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|isolation| isolation.name() == name)
    }
}

/// What goes into `runners.config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerConfig {
    /// The namespace of jobs that ask for none. Quarantine on a shared runner, the project's own on a
    /// dedicated one.
    pub namespace: String,
    /// The image of jobs that name none.
    pub image: String,
    /// How the runner keeps its projects apart.
    pub isolation: Isolation,
    /// The pattern of [`crate::overwrite::exact_pattern`] over the declared namespaces.
    pub namespace_overwrite_allowed: Option<String>,
    /// The pattern of [`crate::overwrite::exact_pattern`] over the declared accounts.
    pub service_account_overwrite_allowed: Option<String>,
    /// The account of every job, on a dedicated runner only: elsewhere the default is worth nothing.
    pub service_account: Option<String>,
    /// Further keys for `[runners.kubernetes]`, which [`crate::keys::check_kubernetes`] has passed.
    pub extra_kubernetes: Map<String, Value>,
    /// Further feature flags. The pinned ones of [`flags::pinned`] can't be among them.
    pub extra_flags: BTreeMap<String, bool>,
}

impl RunnerConfig {
    /// A configuration without anything but what every one has.
    #[must_use]
    pub fn new(namespace: impl Into<String>, image: impl Into<String>, isolation: Isolation) -> Self {
        Self {
            namespace: namespace.into(),
            image: image.into(),
            isolation,
            namespace_overwrite_allowed: None,
            service_account_overwrite_allowed: None,
            service_account: None,
            extra_kubernetes: Map::new(),
            extra_flags: BTreeMap::new(),
        }
    }

    /// The flags that no job may switch.
    #[must_use]
    pub fn pinned_flags(&self) -> BTreeMap<&'static str, bool> {
        flags::pinned(
            self.extra_kubernetes
                .get("pod_spec")
                .and_then(Value::as_array)
                .is_some_and(|patches| !patches.is_empty()),
        )
    }
}

/// Why no text can be made, or a text can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The keys below `[runners.kubernetes]` or `runners` that lead to the value; empty where there is
    /// no such place.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl ConfigError {
    fn new(path: &[String], message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.to_vec(), message: message.into(), help: Some(help.into()) }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", dotted(&self.path), self.message)
        }
    }
}

impl std::error::Error for ConfigError {}

/// The configuration as a JSON document, `{"runners": [{...}]}`: what [`from_toml`] must read back.
///
/// # Errors
/// When the parts contradict one another, or a further key is one that tegata writes itself.
pub fn to_value(config: &RunnerConfig) -> Result<Map<String, Value>, ConfigError> {
    check_isolation(config)?;
    let mut kubernetes = Map::new();
    let mut set = |key: &str, value: Value| kubernetes.insert(key.to_owned(), value);
    set("namespace", config.namespace.as_str().into());
    set("image", config.image.as_str().into());
    if let Some(account) = &config.service_account {
        set("service_account", account.as_str().into());
    }
    set("bearer_token_overwrite_allowed", false.into());
    if let Some(pattern) = &config.namespace_overwrite_allowed {
        set("namespace_overwrite_allowed", pattern.as_str().into());
    }
    if let Some(pattern) = &config.service_account_overwrite_allowed {
        set("service_account_overwrite_allowed", pattern.as_str().into());
    }
    for (key, value) in &config.extra_kubernetes {
        if let Some(boundary) = kubernetes_key(key).and_then(|key| key.boundary)
            && boundary.when == When::Managed
        {
            let path = [key.clone()];
            return Err(ConfigError::new(&path, boundary.reason, boundary.help));
        }
        set(key, value.clone());
    }

    let mut feature_flags = Map::new();
    let pinned = config.pinned_flags();
    for (flag, on) in &pinned {
        feature_flags.insert((*flag).to_owned(), (*on).into());
    }
    for (flag, on) in &config.extra_flags {
        if pinned.contains_key(flag.as_str()) {
            return Err(ConfigError::new(
                &["feature_flags".to_owned(), flag.clone()],
                "tegata pins this feature flag itself, because a job could loosen the boundary with it",
                "leave it out",
            ));
        }
        feature_flags.insert(flag.clone(), (*on).into());
    }

    let mut runner = Map::new();
    runner.insert("executor".to_owned(), "kubernetes".into());
    runner.insert("feature_flags".to_owned(), feature_flags.into());
    runner.insert("kubernetes".to_owned(), kubernetes.into());
    let mut document = Map::new();
    document.insert("runners".to_owned(), vec![Value::Object(runner)].into());
    Ok(document)
}

fn check_isolation(config: &RunnerConfig) -> Result<(), ConfigError> {
    let patterns =
        config.namespace_overwrite_allowed.is_some() || config.service_account_overwrite_allowed.is_some();
    match config.isolation {
        Isolation::Dedicated if patterns => Err(ConfigError::new(
            &[],
            "a dedicated runner's jobs can't ask for another namespace or account, so it has no pattern",
            "leave the patterns out, or write `isolation: admission` in the runner's file",
        )),
        Isolation::Admission | Isolation::Overwrite if config.service_account.is_some() => {
            Err(ConfigError::new(
                &[],
                "on a shared runner every job that asks for no account would get this default one",
                "leave `service_account` out, or write `isolation: dedicated` in the runner's file",
            ))
        }
        _ if config.namespace.is_empty() => Err(ConfigError::new(
            &["namespace".to_owned()],
            "without a namespace the jobs run in the manager's own",
            "write `jobs.namespace` in the runner's file",
        )),
        _ => Ok(()),
    }
}
