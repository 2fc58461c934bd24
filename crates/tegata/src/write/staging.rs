//! New files on their way into place.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Change, FileChange, MARK, WriteError};
use crate::disk::{Folder, InTurn};

const JOURNAL: &str = "journal";
const NEW_JOURNAL: &str = "journal.new";

/// The right to write to a folder, which one render has at a time. Taken before the folder is listed: what another
/// render writes in between would be missing in the list, and stay.
#[derive(Debug)]
pub struct Claim {
    /// `None` where there is no folder yet.
    lock: Option<File>,
}

impl Claim {
    /// Claims `out`. What is no folder is not opened: [`super::existing`] reports it.
    pub fn to(out: &Utf8Path) -> Result<Claim, WriteError> {
        let is_folder = out.symlink_metadata().is_ok_and(|there| there.is_dir());
        let lock = if is_folder { Some(locked(out)?) } else { None };
        Ok(Claim { lock })
    }
}

/// The folder, locked. Where the file system knows no locks, renders have to take turns by themselves.
fn locked(out: &Utf8Path) -> Result<File, WriteError> {
    let folder =
        File::open(out).map_err(|error| WriteError::io(Utf8Path::new(""), "open the folder", &error))?;
    match folder.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Err(another_render()),
        _ => Ok(folder),
    }
}

fn another_render() -> WriteError {
    WriteError {
        path: Utf8PathBuf::new(),
        message: "another render is writing to this folder".to_owned(),
        help: "wait for it to end, then run `cargo xtask render` again",
    }
}

/// A write that is under way. No other can be at the same time.
#[derive(Debug)]
pub struct Staging {
    out: Utf8PathBuf,
    folder: Folder,
    /// The name of a folder of this process's own: what an earlier one staged is not mixed with it.
    name: String,
    /// Held until the end; the system releases it when the process dies.
    _lock: File,
    made_out: bool,
}

impl Staging {
    /// Begins a write to `out`, which was claimed before anybody looked into it; what an earlier write left behind is
    /// cleared away when this one is finished.
    pub fn begin(out: &Utf8Path, claim: Claim) -> Result<Staging, WriteError> {
        let made_out = match fs::create_dir(out) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => return Err(WriteError::io(Utf8Path::new(""), "make the folder", &error)),
        };
        let lock = match (claim.lock, made_out) {
            (Some(lock), false) => lock,
            (None, true) => locked(out)?,
            // Another render has made the folder since.
            (None, false) => return Err(another_render()),
            // Somebody has removed the folder since: what was listed is gone.
            (Some(_), true) => {
                let _ = fs::remove_dir(out);
                return Err(another_render());
            }
        };
        let staging = Staging {
            out: out.to_owned(),
            folder: Folder::at(out),
            name: format!("new-{}", std::process::id()),
            _lock: lock,
            made_out,
        };
        staging
            .clear_way()
            .map_err(|error| WriteError::io(Utf8Path::new(MARK), "clear the folder", &error))?;
        Ok(staging)
    }

    /// Whatever lies where this write will put its own files goes: a link there would lead it out of the workspace.
    fn clear_way(&self) -> std::io::Result<()> {
        if self.mark().symlink_metadata().is_ok_and(|there| !there.is_dir()) {
            fs::remove_file(self.mark())?;
        }
        for path in [self.staged(), self.mark().join(JOURNAL), self.mark().join(NEW_JOURNAL)] {
            if path.file_name() != Some(JOURNAL)
                || path.symlink_metadata().is_ok_and(|there| !there.is_file())
            {
                remove_tree(&path)?;
            }
        }
        Ok(())
    }

    fn mark(&self) -> Utf8PathBuf {
        self.out.join(MARK)
    }

    fn staged(&self) -> Utf8PathBuf {
        self.mark().join(&self.name)
    }

    /// Puts new texts beside their places, one after the other.
    pub fn in_turn(&self) -> Stager<'_> {
        Stager { staging: self, files: self.folder.in_turn() }
    }

    /// Gives up: `out` is as it was.
    pub fn abandon(self, was_unfinished: bool) -> Result<(), WriteError> {
        let failed = |error: std::io::Error| WriteError::io(Utf8Path::new(MARK), "clear the folder", &error);
        remove_tree(&self.staged()).map_err(failed)?;
        if !was_unfinished {
            remove_tree(&self.mark()).map_err(failed)?;
        }
        if self.made_out {
            fs::remove_dir(&self.out).map_err(failed)?;
        }
        Ok(())
    }

    /// Puts everything into place: first goes what is stale, then comes what is staged.
    pub fn commit(self, changes: &[FileChange]) -> Result<(), WriteError> {
        if !changes.is_empty() {
            self.write_journal(changes)?;
        }
        let stale = changes.iter().filter(|change| change.change == Change::Removed);
        for path in stale.filter_map(|change| below_out(&change.path)) {
            self.remove(path)?;
        }
        let staged = self.staged();
        if staged.is_dir() {
            move_into(&staged, &self.out).map_err(|(path, error)| {
                WriteError::io(
                    path.strip_prefix(&self.out).unwrap_or(&path),
                    "put the file into place",
                    &error,
                )
            })?;
        }
        // The mark goes last.
        remove_tree(&self.mark())
            .map_err(|error| WriteError::io(Utf8Path::new(MARK), "clear the folder", &error))
    }

    /// Says what is about to happen. From here on, only a finished write removes the mark.
    fn write_journal(&self, changes: &[FileChange]) -> Result<(), WriteError> {
        let failed = |error: std::io::Error| WriteError::io(Utf8Path::new(MARK), "write the journal", &error);
        fs::create_dir_all(self.mark()).map_err(failed)?;
        let mut text =
            String::from("A write is under way, or was broken off. `cargo xtask render` finishes it.\n");
        for change in changes {
            text.push_str(change.change.word());
            text.push(' ');
            text.push_str(change.path.as_str());
            text.push('\n');
        }
        let unfinished = self.mark().join(NEW_JOURNAL);
        let mut file = File::create(&unfinished).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        fs::rename(&unfinished, self.mark().join(JOURNAL)).map_err(failed)
    }

    /// Removes a file, and the folders that it leaves empty.
    fn remove(&self, path: &Utf8Path) -> Result<(), WriteError> {
        match fs::remove_file(self.out.join(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(WriteError::io(path, "remove the file", &error));
            }
            _ => {}
        }
        let folders = path.ancestors().skip(1).take_while(|folder| !folder.as_str().is_empty());
        for folder in folders {
            if fs::remove_dir(self.out.join(folder)).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Puts new texts beside their places, one after the other.
#[derive(Debug)]
pub struct Stager<'s> {
    staging: &'s Staging,
    files: InTurn<'s>,
}

impl Stager<'_> {
    /// Puts a new text beside its place.
    pub fn stage(&mut self, path: &Utf8Path, text: &str) -> Result<(), WriteError> {
        let staged = Utf8PathBuf::from([MARK, "/", &self.staging.name, "/", path.as_str()].concat());
        let failed = |error: std::io::Error| WriteError::io(path, "write the file", &error);
        let file = match self.files.create(&staged) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if let Some(folder) = self.staging.out.join(&staged).parent() {
                    fs::create_dir_all(folder).map_err(failed)?;
                }
                self.files.create(&staged)
            }
            result => result,
        };
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
    }
}

fn below_out(path: &Utf8Path) -> Option<&Utf8Path> {
    path.strip_prefix(crate::resolve::output::OUT).ok()
}

/// Moves what is in one folder into another: a folder that is missing there as a whole, the rest file by file.
fn move_into(from: &Utf8Path, to: &Utf8Path) -> Result<(), (Utf8PathBuf, std::io::Error)> {
    for entry in from.read_dir_utf8().map_err(|error| (from.to_owned(), error))? {
        let entry = entry.map_err(|error| (from.to_owned(), error))?;
        let target = to.join(entry.file_name());
        let is_folder = entry.file_type().map_err(|error| (target.clone(), error))?.is_dir();
        if is_folder && target.symlink_metadata().is_ok_and(|there| there.is_dir()) {
            move_into(entry.path(), &target)?;
        } else {
            if !is_folder && target.symlink_metadata().is_ok_and(|there| there.is_dir()) {
                // Its files were stale, and are gone.
                remove_empty(&target).map_err(|error| (target.clone(), error))?;
            }
            fs::rename(entry.path(), &target).map_err(|error| (target.clone(), error))?;
        }
    }
    Ok(())
}

/// Removes a folder in which there are folders only.
fn remove_empty(folder: &Utf8Path) -> std::io::Result<()> {
    for entry in folder.read_dir_utf8()? {
        remove_empty(entry?.path())?;
    }
    fs::remove_dir(folder)
}

fn remove_tree(path: &Utf8Path) -> std::io::Result<()> {
    let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
    if metadata.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let out = Utf8Path::from_path(folder.path()).unwrap().join("out");
        (folder, out)
    }

    #[test]
    fn one_claims_at_a_time() {
        let (_folder, out) = scratch();
        fs::create_dir(&out).unwrap();
        let first = Claim::to(&out).unwrap();
        assert_eq!(Claim::to(&out).unwrap_err().message, another_render().message);
        let staging = Staging::begin(&out, first).unwrap();
        assert!(Claim::to(&out).is_err());
        staging.abandon(false).unwrap();
        Claim::to(&out).unwrap();
    }

    #[test]
    fn a_folder_that_came_or_went_since_is_another_renders() {
        let (_folder, out) = scratch();
        let claim = Claim::to(&out).unwrap();
        assert!(!out.exists());
        fs::create_dir(&out).unwrap();
        assert_eq!(Staging::begin(&out, claim).unwrap_err().message, another_render().message);
        let claim = Claim::to(&out).unwrap();
        fs::remove_dir(&out).unwrap();
        assert_eq!(Staging::begin(&out, claim).unwrap_err().message, another_render().message);
        assert!(!out.exists());
    }

    #[test]
    fn a_folder_that_was_made_for_nothing_goes() {
        let (_folder, out) = scratch();
        let staging = Staging::begin(&out, Claim::to(&out).unwrap()).unwrap();
        assert!(out.is_dir());
        staging.abandon(false).unwrap();
        assert!(!out.exists());
    }
}
