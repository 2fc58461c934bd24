//! GitLab Runner's own Kubernetes executor, run with a configuration that tegata rendered.
//!
//! What is rendered is a template for the chart. [`Executor`] completes it as the chart and a deployment do (address,
//! token, name, the manager's own account), and with a few keys of tests that decide about waiting and images, and
//! nothing about who may be what. A key that is there already is never replaced.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;
use toml::Table;

use crate::gitlab::{GitLab, Job, Told};
use crate::parts::{Part, Parts};
use crate::process::{Process, end_of};

/// No job of a test takes that long.
const PATIENCE: Duration = Duration::from_secs(300);

/// Where a manager finds the API server, and as whom it comes.
#[derive(Clone, Debug)]
pub struct Access {
    /// The server's address, `https://HOST:PORT`.
    pub url: String,
    /// The certificates to trust, in PEM.
    pub authority: String,
    /// The token of an account.
    pub token: String,
}

/// What is up to a test: how long is waited, and from where images come.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// For how many seconds the runner waits for a pod to start.
    pub poll_timeout: u32,
    /// The image of the helper container, where there is a node to run it.
    pub helper_image: Option<String>,
    /// When images are pulled, where there is a node to pull them.
    pub pull_policy: Option<String>,
}

impl Knobs {
    /// For a server without nodes: pods stay Pending, and a job fails after two seconds of waiting.
    pub const PENDING: Knobs = Knobs { poll_timeout: 2, helper_image: None, pull_policy: None };

    /// For a node whose images are there already.
    pub fn node(helper_image: &str) -> Self {
        Self {
            poll_timeout: 60,
            helper_image: Some(helper_image.to_owned()),
            pull_policy: Some("if-not-present".to_owned()),
        }
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code of the runner; none if a signal ended it.
    pub exit: Option<i32>,
    /// What GitLab was told.
    pub told: Told,
    /// The runner's own log.
    pub log: String,
}

/// A runner, ready to take jobs.
#[derive(Clone, Debug)]
pub struct Executor {
    program: Utf8PathBuf,
    config: Table,
    name: String,
    account: String,
    access: Access,
}

impl Executor {
    /// A runner with the configuration in rendered Helm values, `out/helm/<runner>/values.yaml`.
    pub fn new(parts: &Parts, values: &Utf8Path, access: Access) -> Result<Self> {
        let text = fs::read_to_string(values)?;
        let values: Value = serde_yaml::from_str(&text).with_context(|| format!("{values} is no YAML"))?;
        let text = |place: &str| {
            let found = values.pointer(place).and_then(Value::as_str);
            found.map(str::to_owned).with_context(|| format!("the values have no text at {place}"))
        };
        let config: Table = text("/runners/config")?.parse().context("runners.config is no TOML")?;
        Ok(Self {
            program: parts.path(Part::JobRunner)?.to_owned(),
            config,
            name: text("/runners/name")?,
            account: text("/serviceAccount/name")?,
            access,
        })
    }

    /// The ServiceAccount that the values give the manager. [`Access::token`] must be its token.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Runs one job to its end.
    pub fn run(&self, job: &Job, knobs: &Knobs) -> Result<Outcome> {
        let folder = tempfile::Builder::new()
            .prefix("tegata-runner-")
            .tempdir()
            .context("cannot create a folder for temporary files")?;
        let folder =
            Utf8Path::from_path(folder.path()).context("the folder for temporary files is not UTF-8")?;
        let authority = folder.join("ca.crt");
        fs::write(&authority, &self.access.authority)?;
        let gitlab = GitLab::start(job)?;
        let path = folder.join("config.toml");
        let config = self.complete(gitlab.url(), &authority, knobs)?;
        write_private(&path, &toml::to_string(&config).context("the configuration has no form in TOML")?)?;

        let log = folder.join("log");
        let mut process = Process::start_with(&self.program, &[path.into_string()], &log, |command| {
            // The runner reads KUBERNETES_NAMESPACE and its like, and a proxy is not meant for loopback.
            command.env_clear().current_dir(folder).env("HOME", folder).env("PATH", "/usr/bin:/bin");
        })?;
        let status = process.wait(PATIENCE)?;
        let log = match fs::read_to_string(&log) {
            Ok(text) => text,
            Err(_) => end_of(&log),
        };
        Ok(Outcome { exit: status.code(), told: gitlab.told(), log })
    }

    /// The configuration as a deployment completes it.
    fn complete(&self, gitlab: &str, authority: &Utf8Path, knobs: &Knobs) -> Result<Table> {
        let mut config = self.config.clone();
        add(&mut config, "concurrent", 1)?;
        let runners = config.get_mut("runners").and_then(toml::Value::as_array_mut);
        let [toml::Value::Table(runner)] = runners.context("there is no [[runners]]")?.as_mut_slice() else {
            bail!("there is not exactly one [[runners]]");
        };
        add(runner, "name", self.name.as_str())?;
        add(runner, "url", gitlab)?;
        add(runner, "token", "glrt-testbedtestbedtestb")?;
        let kubernetes = runner.get_mut("kubernetes").and_then(toml::Value::as_table_mut);
        let kubernetes = kubernetes.context("there is no [runners.kubernetes]")?;
        add(kubernetes, "host", self.access.url.as_str())?;
        add(kubernetes, "ca_file", authority.as_str())?;
        add(kubernetes, "bearer_token", self.access.token.as_str())?;
        add(kubernetes, "poll_timeout", i64::from(knobs.poll_timeout))?;
        add(kubernetes, "poll_interval", 1)?;
        add(kubernetes, "pod_termination_grace_period_seconds", 0)?;
        if let Some(image) = &knobs.helper_image {
            add(kubernetes, "helper_image", image.as_str())?;
        }
        if let Some(policy) = &knobs.pull_policy {
            add(kubernetes, "pull_policy", toml::Value::Array(vec![policy.as_str().into()]))?;
        }
        Ok(config)
    }
}

fn add(table: &mut Table, key: &str, value: impl Into<toml::Value>) -> Result<()> {
    if table.contains_key(key) {
        bail!("the rendered configuration has `{key}` already: a test must not replace what is tested");
    }
    table.insert(key.to_owned(), value.into());
    Ok(())
}

/// Tokens stand in it.
fn write_private(path: &Utf8Path, text: &str) -> Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot create {path}"))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executor(config: &str) -> Executor {
        let access = Access { url: "https://host".into(), authority: String::new(), token: "secret".into() };
        Executor {
            program: "job-runner".into(),
            config: config.parse().unwrap_or_default(),
            name: "shared".into(),
            account: "manager".into(),
            access,
        }
    }

    #[test]
    fn what_was_rendered_stays() -> Result<()> {
        let config = "[[runners]]\n[runners.kubernetes]\nnamespace_overwrite_allowed = 'a'\n";
        let table = executor(config).complete("http://gitlab", "ca".into(), &Knobs::PENDING)?;
        let text = table.to_string();
        assert!(text.contains("namespace_overwrite_allowed = \"a\""), "{text}");
        assert!(text.contains("bearer_token = \"secret\""), "{text}");
        Ok(())
    }

    #[test]
    fn nothing_that_was_rendered_is_replaced() {
        let config = "[[runners]]\n[runners.kubernetes]\nbearer_token = 'x'\n";
        let error = executor(config).complete("http://gitlab", "ca".into(), &Knobs::PENDING).unwrap_err();
        assert!(error.to_string().contains("`bearer_token` already"), "{error}");
    }
}
