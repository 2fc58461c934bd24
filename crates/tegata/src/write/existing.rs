//! What lies in `out/` now.

use std::collections::HashSet;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::WriteError;
use crate::resolve::output::OWNED;

/// What lies in tegata's folders below `out/`, by path from there. Paths are texts: as such they are compared at once,
/// and not part by part.
#[derive(Debug, Default)]
pub struct Existing {
    /// Regular files.
    pub files: HashSet<String>,
    /// Whatever else is no folder: symbolic links, pipes. They are stale, wherever they lead.
    pub strange: HashSet<String>,
}

/// Lists what lies in tegata's folders. Links are not followed: nothing outside of `out/` is read or written.
pub fn existing(out: &Utf8Path) -> Result<Existing, WriteError> {
    match out.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Existing::default()),
        Err(error) => return Err(WriteError::io(Utf8Path::new(""), "read the folder", &error)),
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            return Err(WriteError {
                path: Utf8PathBuf::new(),
                message: "out is not a folder, but a file or a symbolic link".to_owned(),
                help: "remove it: tegata writes nothing outside of the workspace",
            });
        }
    }
    let mut existing = Existing::default();
    for folder in OWNED {
        let top = out.join(folder);
        if top.symlink_metadata().is_err() {
            continue;
        }
        for entry in WalkDir::new(&top).follow_root_links(false) {
            let entry = entry.map_err(|error| WriteError {
                path: Utf8PathBuf::from(folder),
                message: format!("can't list the folder: {error}"),
                help: "check its permissions",
            })?;
            let Some(path) = Utf8Path::from_path(entry.path()).and_then(|path| path.strip_prefix(out).ok())
            else {
                return Err(WriteError {
                    path: Utf8PathBuf::from(folder),
                    message: format!("the name of {} is not UTF-8", entry.path().display()),
                    help: "remove it: tegata did not write it",
                });
            };
            if entry.file_type().is_file() {
                existing.files.insert(path.as_str().to_owned());
            } else if !entry.file_type().is_dir() {
                existing.strange.insert(path.as_str().to_owned());
            }
        }
    }
    Ok(existing)
}
