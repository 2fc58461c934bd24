//! Helm, and the chart of GitLab Runner that it renders.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use crate::command::stdout_of;
use crate::parts::{Options, Part, build};

/// The variable that names the chart.
const VARIABLE: &str = "TEGATA_CHART";
/// The version whose keys `crates/runner` knows.
const VERSION: &str = "0.86.0";

/// The chart `gitlab-runner`, unpacked, and Helm. The folder is removed with the value.
#[derive(Debug)]
pub struct Chart {
    helm: Utf8PathBuf,
    folder: TempDir,
}

impl Chart {
    /// The chart that `TEGATA_CHART` names. Builds Helm if need be.
    pub fn from_env() -> Result<Self> {
        let archive = match std::env::var(VARIABLE) {
            Ok(path) if !path.is_empty() => Utf8PathBuf::from(path),
            _ => bail!("{VARIABLE} is not set. {}", how_to_get_it()),
        };
        let archive = camino::absolute_utf8(&archive).with_context(|| format!("{VARIABLE} is {archive}"))?;
        if !archive.is_file() {
            bail!("{VARIABLE} is {archive}, which is no file. {}", how_to_get_it());
        }
        let parts = build(&Options::from_env()?.with_parts(&[Part::Helm]))?;
        let helm = parts.path(Part::Helm)?.to_owned();
        let chart = Self { helm, folder: tempfile::tempdir().context("cannot make a temporary folder")? };
        let mut tar = Command::new("tar");
        tar.args(["-xzf", archive.as_str(), "-C", chart.path("").as_str()]);
        run(&mut tar)?;
        let about = fs::read_to_string(chart.root().join("Chart.yaml"))?;
        if !about.lines().any(|line| line == format!("version: {VERSION}")) {
            bail!("{VARIABLE} is {archive}, which has another version. {}", how_to_get_it());
        }
        Ok(chart)
    }

    /// `helm template` of a release with these files of values, the last one winning: all objects as YAML.
    pub fn template<P: AsRef<Utf8Path>>(
        &self,
        release: &str,
        namespace: &str,
        values: &[P],
    ) -> Result<String> {
        let mut command = Command::new(&self.helm);
        command.args(["template", release, self.root().as_str(), "--namespace", namespace]);
        for file in values {
            command.args(["--values", file.as_ref().as_str()]);
        }
        run(&mut command)
    }

    /// The chart's own `values.yaml`.
    pub fn values(&self) -> Utf8PathBuf {
        self.root().join("values.yaml")
    }

    /// The texts of its templates, one after the other.
    pub fn templates(&self) -> Result<String> {
        let folder = self.root().join("templates");
        let mut texts = String::new();
        for entry in folder.read_dir_utf8().with_context(|| format!("cannot list {folder}"))? {
            let path = entry.with_context(|| format!("cannot list {folder}"))?.into_path();
            texts.push_str(&fs::read_to_string(path)?);
        }
        Ok(texts)
    }

    fn root(&self) -> Utf8PathBuf {
        self.path("gitlab-runner")
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8PathBuf::from(self.folder.path().join(name).to_string_lossy().into_owned())
    }
}

fn how_to_get_it() -> String {
    format!(
        "Get version {VERSION} of the chart gitlab-runner from GitLab's chart repository \
         (helm pull gitlab/gitlab-runner --version {VERSION}), and set {VARIABLE} to the path of its .tgz"
    )
}

/// Without what the person's own Helm is set to.
fn run(command: &mut Command) -> Result<String> {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HELM_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).env_remove("KUBECONFIG");
    let output =
        command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    stdout_of(command, output)
}
