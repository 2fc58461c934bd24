//! A parser of GitLab CI: `gitlab-ci-local`, which merges and validates a `.gitlab-ci.yml` with all that it includes.
//!
//! It comes from npm, with a Node of its own (it needs 22 or newer), and is installed once into the cache.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{last_lines, progress, stdout_of};
use crate::fnv::Fnv;
use crate::parts::{Options, lock};

/// What `npm ci` reads, and the script that prints the schema.
const FILES: [&str; 4] = [".npmrc", "package.json", "package-lock.json", "schema.mjs"];

/// The parser, installed.
#[derive(Debug)]
pub struct CiParser {
    folder: Utf8PathBuf,
}

impl CiParser {
    /// Installs it, if that has not been done yet.
    ///
    /// Several processes may call it at once: one installs, the others wait.
    pub fn install() -> Result<Self> {
        let source = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("ci-parser");
        let mut hash = Fnv::new();
        for text in [std::env::consts::OS, std::env::consts::ARCH] {
            hash.field(text.as_bytes());
        }
        for file in FILES {
            hash.field(file.as_bytes());
            hash.field(&fs::read(source.join(file))?);
        }
        let cache = Options::from_env()?.cache;
        let folder = cache.join(format!("ci-parser-{}", hash.hex()));
        if !folder.exists() {
            let _lock = lock(&cache)?;
            // Another process may have installed it while this one waited for the lock.
            if !folder.exists() {
                npm_ci(&source, &folder)?;
            }
        }
        Ok(Self { folder })
    }

    /// The pipeline of a repository's `.gitlab-ci.yml` with everything that it includes and extends, validated
    /// against GitLab's schema. Hidden jobs are no longer in it.
    pub fn preview(&self, checkout: &Checkout) -> Result<Value> {
        let mut command = self.node(&checkout.root())?;
        command.arg(self.folder.join("node_modules/gitlab-ci-local/dist/index.js")).arg("--preview");
        command.env("HOME", checkout.home());
        let text = run(&mut command)?;
        serde_yaml::from_str(&text).with_context(|| format!("gitlab-ci-local printed no YAML:\n{text}"))
    }

    /// GitLab's JSON Schema of `.gitlab-ci.yml`, as the parser ships it.
    pub fn schema(&self) -> Result<Value> {
        let mut command = self.node(&self.folder)?;
        let text = run(command.arg(self.folder.join("schema.mjs")))?;
        serde_json::from_str(&text).context("the script that prints the schema printed no JSON")
    }

    /// Node in a folder, without what the person's own environment says.
    fn node(&self, folder: &Utf8Path) -> Result<Command> {
        let program = self.folder.join("node_modules/.bin/node");
        if !program.exists() {
            bail!(
                "npm has installed no Node for {} on {}: add the package with one to {}",
                std::env::consts::OS,
                std::env::consts::ARCH,
                "testbed/ci-parser/package.json"
            );
        }
        let mut command = Command::new(program);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.current_dir(folder).stdin(Stdio::null());
        Ok(command)
    }
}

fn npm_ci(source: &Utf8Path, folder: &Utf8Path) -> Result<()> {
    progress("installing gitlab-ci-local with npm (some seconds)");
    // Renamed when whole: an installation that is killed must not leave half a parser under the final name.
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir_all(&unfinished)?;
    for file in FILES {
        fs::copy(source.join(file), unfinished.join(file))?;
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&unfinished);
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("cannot install gitlab-ci-local: npm is not on PATH. Install Node.js with npm")
        }
        Err(error) => return Err(error).context("cannot run npm"),
    };
    if !output.status.success() {
        bail!(
            "`npm ci` in {unfinished} failed ({}):\n{}",
            output.status,
            last_lines(&String::from_utf8_lossy(&output.stderr), 30)
        );
    }
    Ok(fs::rename(&unfinished, folder)?)
}

fn run(command: &mut Command) -> Result<String> {
    let output =
        command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    stdout_of(command, output)
}

/// A repository as the parser wants it: its files in git's index, and a remote named `origin`. Removed with the value.
#[derive(Debug)]
pub struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// Makes one of the project `path`, with these files.
    pub fn new(path: &str, files: &[(&str, &str)]) -> Result<Self> {
        let checkout = Self { folder: tempfile::tempdir().context("cannot make a temporary folder")? };
        fs::create_dir(checkout.home())?;
        for (name, text) in files {
            let file = checkout.root().join(name);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(file, text)?;
        }
        let remote = format!("https://gitlab.example.com/{path}.git");
        for arguments in [&["init", "--quiet"][..], &["remote", "add", "origin", &remote], &["add", "--all"]]
        {
            checkout.git(arguments)?;
        }
        Ok(checkout)
    }

    fn root(&self) -> Utf8PathBuf {
        self.path("repository")
    }

    /// Beside the repository, so that no settings of the person's count.
    fn home(&self) -> Utf8PathBuf {
        self.path("home")
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8PathBuf::from(self.folder.path().join(name).to_string_lossy().into_owned())
    }

    fn git(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.root()).env("HOME", self.home()).stdin(Stdio::null());
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "XDG_CONFIG_HOME"] {
            command.env_remove(variable);
        }
        run(&mut command).map(drop)
    }
}
