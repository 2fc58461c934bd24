//! How a program is built from its Go module.

use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::program::Part;
use crate::command::{last_lines, progress};
use crate::fnv::Fnv;

/// All that decides what comes out of a build.
pub(super) struct Recipe {
    part: Part,
    module: Utf8PathBuf,
    version: Option<String>,
    arguments: Vec<String>,
    pub(super) key: String,
}

impl Recipe {
    pub(super) fn read(part: Part) -> Result<Self> {
        let module = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(part.program().module);
        let go_mod = fs::read_to_string(module.join("go.mod"))?;
        let mut ldflags = String::from("-s -w");
        let mut version = None;
        if part.program().module == "kube" {
            let tag = required_version(&go_mod, "k8s.io/kubernetes").with_context(|| {
                format!("{module}/go.mod does not require k8s.io/kubernetes at a release")
            })?;
            ldflags.push_str(&version_flags(tag)?);
            version = Some(tag.to_owned());
        }
        let tags = part.program().tags.join(",");
        let arguments =
            ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-tags", &tags, "-ldflags", &ldflags];
        let arguments: Vec<String> = arguments.map(String::from).to_vec();

        let mut hash = Fnv::new();
        for text in [std::env::consts::OS, std::env::consts::ARCH, &arguments.join("\n")] {
            hash.field(text.as_bytes());
        }
        for file in inputs(&module)? {
            hash.field(file.strip_prefix(&module).unwrap_or(&file).as_str().as_bytes());
            hash.field(&fs::read(&file)?);
        }
        Ok(Self { part, module, version, arguments, key: hash.hex() })
    }

    pub(super) fn output(&self, cache: &Utf8Path) -> Utf8PathBuf {
        let name = self.part.name();
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        cache.join(format!("{}-{}", self.part.program().module, self.key)).join(file)
    }

    pub(super) fn build(&self, output: &Utf8Path) -> Result<()> {
        let name = self.part.name();
        let version = self.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        progress(&format!("building {name}{version} with Go ({})", self.part.program().patience));
        let start = Instant::now();
        if let Some(folder) = output.parent() {
            fs::create_dir_all(folder)?;
        }
        // Renamed when whole: a build that is killed must not leave half a program under the final name.
        let unfinished = output.with_extension("unfinished");
        let result = Command::new("go")
            .args(&self.arguments)
            .args(["-o", unfinished.as_str(), self.part.program().package])
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
                if self.part.program().is_asset {
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
                self.part.program().package,
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

/// The files of a module that a build reads, sorted: its own, and those of stand-ins for other modules below it.
fn inputs(module: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut files = Vec::new();
    for entry in module.read_dir_utf8().with_context(|| format!("cannot list {module}"))? {
        let path = entry.with_context(|| format!("cannot list {module}"))?.into_path();
        if path.is_dir() {
            files.extend(inputs(&path)?);
        } else if matches!(path.extension(), Some("mod" | "sum" | "go")) {
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
}
