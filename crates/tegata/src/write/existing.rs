//! What lies in `out/` now.

use std::cmp::Ordering;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use walkdir::WalkDir;

use super::WriteError;
use crate::resolve::output::OWNED;

/// What lies in tegata's folders below `out/`, by path from there. Paths are texts: as such they are compared at once,
/// and not part by part.
#[derive(Debug, Default)]
pub struct Existing {
    /// Regular files, sorted.
    pub files: Vec<String>,
    /// Whatever else is no folder: symbolic links, pipes. They are stale, wherever they lead.
    pub strange: Vec<String>,
}

impl Existing {
    /// Where in `files` each of these paths stands; they are sorted, too.
    pub fn places<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Vec<Option<usize>> {
        let mut at = 0;
        paths
            .map(|path| {
                // Mostly the file is there, and next: one look tells.
                loop {
                    match self.files.get(at)?.as_str().cmp(path) {
                        Ordering::Less => at += 1,
                        Ordering::Equal => {
                            at += 1;
                            return Some(at - 1);
                        }
                        Ordering::Greater => return None,
                    }
                }
            })
            .collect()
    }

    /// The files that none of these places leads to.
    pub fn elsewhere<'e>(&'e self, places: &'e [Option<usize>]) -> impl Iterator<Item = &'e String> {
        let mut taken = places.iter().flatten().peekable();
        self.files.iter().enumerate().filter_map(move |(at, file)| {
            match taken.next_if(|place| **place == at) {
                Some(_) => None,
                None => Some(file),
            }
        })
    }
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
                existing.files.push(path.as_str().to_owned());
            } else if !entry.file_type().is_dir() {
                existing.strange.push(path.as_str().to_owned());
            }
        }
    }
    existing.files.par_sort_unstable();
    Ok(existing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[&str], paths: &[&str], places: &[Option<usize>], elsewhere: &[&str]) {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        let existing = Existing { files, strange: Vec::new() };
        let found = existing.places(paths.iter().copied());
        assert_eq!(found, places);
        assert_eq!(existing.elsewhere(&found).collect::<Vec<_>>(), elsewhere);
    }

    #[test]
    fn places_and_what_is_elsewhere() {
        check(&["a", "b", "c"], &["a", "b", "c"], &[Some(0), Some(1), Some(2)], &[]);
        check(&["a", "c", "e"], &["b", "c", "d"], &[None, Some(1), None], &["a", "e"]);
        check(&[], &["a"], &[None], &[]);
        check(&["a"], &[], &[], &["a"]);
    }
}
