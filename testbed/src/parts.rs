//! Building the parts, and where they are kept.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::command::{last_lines, progress};

/// A program that the tests run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The store behind the API server.
    Etcd,
    /// The Kubernetes API server.
    KubeApiserver,
    /// The Kubernetes command line.
    Kubectl,
    /// Our own small Go program: Go's regexps, and kubectl's way of reading YAML.
    Readers,
}

impl Part {
    /// All of them, in the order in which they are built.
    pub const ALL: [Part; 4] = [Part::Readers, Part::Etcd, Part::KubeApiserver, Part::Kubectl];

    /// What [`ApiServer`](crate::ApiServer) needs.
    pub const SERVER: [Part; 3] = [Part::Etcd, Part::KubeApiserver, Part::Kubectl];

    /// The name of the program's file.
    pub fn name(self) -> &'static str {
        match self {
            Part::Etcd => "etcd",
            Part::KubeApiserver => "kube-apiserver",
            Part::Kubectl => "kubectl",
            Part::Readers => "readers",
        }
    }

    /// The folder of the Go module that it is built from, in this package.
    fn module(self) -> &'static str {
        match self {
            Part::Etcd => "etcd",
            Part::KubeApiserver | Part::Kubectl => "kube",
            Part::Readers => "readers",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Part::Etcd | Part::Readers => ".",
            Part::KubeApiserver => "k8s.io/kubernetes/cmd/kube-apiserver",
            Part::Kubectl => "k8s.io/kubernetes/cmd/kubectl",
        }
    }

    /// Whether a folder named by `KUBEBUILDER_ASSETS` has it.
    fn is_asset(self) -> bool {
        self != Part::Readers
    }

    /// How long people wait on two cores when nothing is in Go's cache yet.
    fn patience(self) -> &'static str {
        match self {
            Part::KubeApiserver => "some 5 minutes the first time",
            Part::Kubectl | Part::Etcd => "half a minute the first time",
            Part::Readers => "some seconds the first time",
        }
    }
}

/// What to build, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that keeps what was built. `cargo clean` may take it.
    pub cache: Utf8PathBuf,
    /// A folder with `etcd`, `kube-apiserver` and `kubectl`, which then are not built.
    pub assets: Option<Utf8PathBuf>,
    /// The programs that are wanted.
    pub parts: Vec<Part>,
}

impl Options {
    /// All parts, in `target/testbed` of this repository or where `TEGATA_TESTBED` says, with the programs that
    /// `KUBEBUILDER_ASSETS` has.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            cache: match folder_from_env("TEGATA_TESTBED")? {
                Some(folder) => folder,
                None => repository().join("target/testbed"),
            },
            assets: folder_from_env("KUBEBUILDER_ASSETS")?,
            parts: Part::ALL.to_vec(),
        })
    }

    /// The same for some parts only.
    pub fn with_parts(mut self, parts: &[Part]) -> Self {
        self.parts = parts.to_vec();
        self
    }
}

/// An empty value counts as none, as with every variable that a CI job may "unset" only so.
fn folder_from_env(variable: &str) -> Result<Option<Utf8PathBuf>> {
    let Some(value) = std::env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let folder = Utf8PathBuf::try_from(std::path::PathBuf::from(value))
        .with_context(|| format!("{variable} is not UTF-8"))?;
    // Programs are started from other folders than this one.
    let folder = camino::absolute_utf8(&folder).with_context(|| format!("{variable} is {folder}"))?;
    Ok(Some(folder))
}

/// The root of this repository.
pub fn repository() -> Utf8PathBuf {
    let package = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Where each program is.
#[derive(Clone, Debug)]
pub struct Parts {
    paths: BTreeMap<Part, Utf8PathBuf>,
}

impl Parts {
    /// The program's absolute path; an error if it was not among [`Options::parts`].
    pub fn path(&self, part: Part) -> Result<&Utf8Path> {
        match self.paths.get(&part) {
            Some(path) => Ok(path),
            None => bail!("{} is needed here, but the options to build did not name it", part.name()),
        }
    }
}

/// Builds what is not there yet. A second call only looks the files up.
///
/// Several processes may call it at once: one builds, the others wait.
pub fn build(options: &Options) -> Result<Parts> {
    let mut paths = BTreeMap::new();
    let mut missing = Vec::new();
    for &part in &options.parts {
        let path = match &options.assets {
            Some(assets) if part.is_asset() => asset(assets, part)?,
            _ => {
                let recipe = Recipe::read(part)?;
                let path = recipe.output(&options.cache);
                if !path.exists() {
                    missing.push((recipe, path.clone()));
                }
                path
            }
        };
        paths.insert(part, path);
    }
    if !missing.is_empty() {
        let _lock = lock(&options.cache)?;
        for (recipe, path) in &missing {
            // Another process may have built it while this one waited for the lock.
            if !path.exists() {
                recipe.build(path)?;
            }
        }
    }
    Ok(Parts { paths })
}

fn asset(assets: &Utf8Path, part: Part) -> Result<Utf8PathBuf> {
    let path = assets.join(part.name());
    if !path.is_file() {
        bail!(
            "KUBEBUILDER_ASSETS is {assets}, which has no {}: put it there, or unset the variable to have it built",
            part.name()
        );
    }
    Ok(path)
}

/// Held by the one process that builds; the system releases it even when that process is killed.
fn lock(cache: &Utf8Path) -> Result<File> {
    fs::create_dir_all(cache)?;
    let path = cache.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot create {path}"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            progress("another process is building; waiting for it");
            file.lock().with_context(|| format!("cannot lock {path}"))?;
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("cannot lock {path}")),
    }
    Ok(file)
}

/// All that decides what comes out of a build.
struct Recipe {
    part: Part,
    module: Utf8PathBuf,
    version: Option<String>,
    arguments: Vec<String>,
    key: String,
}

impl Recipe {
    fn read(part: Part) -> Result<Self> {
        let module = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(part.module());
        let go_mod = fs::read_to_string(module.join("go.mod"))?;
        let mut ldflags = String::from("-s -w");
        let mut version = None;
        if part.module() == "kube" {
            let tag = required_version(&go_mod, "k8s.io/kubernetes").with_context(|| {
                format!("{module}/go.mod does not require k8s.io/kubernetes at a release")
            })?;
            ldflags.push_str(&version_flags(tag)?);
            version = Some(tag.to_owned());
        }
        let arguments = ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", &ldflags];
        let arguments: Vec<String> = arguments.map(String::from).to_vec();

        let mut hash = Fnv::new();
        for text in [std::env::consts::OS, std::env::consts::ARCH, &arguments.join("\n")] {
            hash.field(text.as_bytes());
        }
        for file in inputs(&module)? {
            hash.field(file.file_name().unwrap_or_default().as_bytes());
            hash.field(&fs::read(&file)?);
        }
        Ok(Self { part, module, version, arguments, key: hash.hex() })
    }

    fn output(&self, cache: &Utf8Path) -> Utf8PathBuf {
        let name = self.part.name();
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        cache.join(format!("{}-{}", self.part.module(), self.key)).join(file)
    }

    fn build(&self, output: &Utf8Path) -> Result<()> {
        let name = self.part.name();
        let version = self.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        progress(&format!("building {name}{version} with Go ({})", self.part.patience()));
        let start = Instant::now();
        if let Some(folder) = output.parent() {
            fs::create_dir_all(folder)?;
        }
        // Renamed when whole: a build that is killed must not leave half a program under the final name.
        let unfinished = output.with_extension("unfinished");
        let result = Command::new("go")
            .args(&self.arguments)
            .args(["-o", unfinished.as_str(), self.part.package()])
            .current_dir(&self.module)
            // No C compiler is needed then, and the programs run on any system of their kind.
            .env("CGO_ENABLED", "0")
            // Neither a workspace around the repository nor a wish to cross-compile is meant for these programs.
            .env("GOWORK", "off")
            .env_remove("GOOS")
            .env_remove("GOARCH")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output();
        let output_of_go = match result {
            Ok(output_of_go) => output_of_go,
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "cannot build {name}: Go is not on PATH. Install Go 1.26 or newer{}",
                if self.part.is_asset() {
                    ", or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl"
                } else {
                    ""
                }
            ),
            Err(error) => return Err(error).context("cannot run go"),
        };
        if !output_of_go.status.success() {
            bail!(
                "`go {} {}` in {} failed ({}):\n{}",
                self.arguments.join(" "),
                self.part.package(),
                self.module,
                output_of_go.status,
                last_lines(&String::from_utf8_lossy(&output_of_go.stderr), 30)
            );
        }
        fs::rename(&unfinished, output)?;
        progress(&format!("built {name} in {:.0} s", start.elapsed().as_secs_f64()));
        Ok(())
    }
}

/// The module's files that a build reads, sorted.
fn inputs(module: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut files = Vec::new();
    for entry in module.read_dir_utf8().with_context(|| format!("cannot list {module}"))? {
        let path = entry.with_context(|| format!("cannot list {module}"))?.into_path();
        if matches!(path.extension(), Some("mod" | "sum" | "go")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The version in a line `module v1.2.3` of a go.mod, with or without the word `require` before it.
fn required_version<'a>(go_mod: &'a str, module: &str) -> Option<&'a str> {
    go_mod.lines().find_map(|line| {
        let line = line.trim_start();
        let mut words = line.strip_prefix("require ").unwrap_or(line).split_whitespace();
        (words.next() == Some(module)).then(|| words.next()).flatten()
    })
}

/// Without these the programs call themselves v0.0.0, and discovery, `kubectl version` and skew checks go wrong.
fn version_flags(tag: &str) -> Result<String> {
    let mut numbers = tag.trim_start_matches('v').split('.');
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
        bail!("{tag} is not a version of Kubernetes such as v1.37.2");
    };
    let package = "k8s.io/component-base/version";
    Ok(format!(" -X {package}.gitVersion={tag} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"))
}

/// FNV-1a: the same on every machine and in every release of Rust, which the standard library's hasher isn't.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a field with its length, so that text can't wander from one field to the next unseen.
    fn field(&mut self, bytes: &[u8]) {
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn hex(&self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_version(go_mod: &str, expected: Option<&str>) {
        assert_eq!(required_version(go_mod, "k8s.io/kubernetes"), expected);
    }

    #[test]
    fn the_version_is_read_from_go_mod() {
        check_version("require (\n\tk8s.io/kubernetes v1.37.2 // indirect\n)", Some("v1.37.2"));
        check_version("require k8s.io/kubernetes v1.37.2", Some("v1.37.2"));
        check_version("tool (\n\tk8s.io/kubernetes/cmd/kubectl\n)\nrequire k8s.io/api v0.37.2", None);
    }

    #[test]
    fn every_recipe_can_be_read_and_keeps_its_key() -> Result<()> {
        for part in Part::ALL {
            assert_eq!(Recipe::read(part)?.key, Recipe::read(part)?.key);
        }
        assert_ne!(Recipe::read(Part::Etcd)?.key, Recipe::read(Part::Readers)?.key);
        Ok(())
    }

    #[test]
    fn a_part_that_was_not_asked_for_is_an_error() {
        let parts = Parts { paths: BTreeMap::new() };
        let error = parts.path(Part::Kubectl).unwrap_err().to_string();
        assert!(error.contains("kubectl"), "{error}");
    }

    #[test]
    fn an_assets_folder_without_a_program_is_an_error_that_says_so() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let folder = Utf8Path::from_path(folder.path()).context("not UTF-8")?;
        let options =
            Options { cache: folder.to_owned(), assets: Some(folder.to_owned()), parts: vec![Part::Etcd] };
        let error = build(&options).unwrap_err().to_string();
        assert!(error.contains("KUBEBUILDER_ASSETS") && error.contains("etcd"), "{error}");
        Ok(())
    }
}
