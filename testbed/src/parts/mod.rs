//! Building the parts, and where they are kept.

mod program;
mod recipe;

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

pub use program::Part;
use recipe::Recipe;

use crate::command::progress;

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
            Some(assets) if part.program().is_asset => asset(assets, part)?,
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
pub(crate) fn lock(cache: &Utf8Path) -> Result<File> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
