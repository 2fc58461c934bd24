//! Files below a folder, opened from there.
//!
//! The system looks up each part of a path, for each of thousands of files: those above the folder need it once. And what
//! was a file when the folder was listed may be something else when it is opened.

use std::fs::File;
use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};

use system::Handle;

/// A folder whose files are opened.
#[derive(Debug)]
pub struct Folder {
    path: Utf8PathBuf,
    /// None where the folder can't be opened: the system says why when it is asked for a file.
    handle: Option<Handle>,
}

/// The files below a folder, one after the other. The folder that holds the last one is kept open, since most often the
/// next one is in it, too.
#[derive(Debug)]
pub struct InTurn<'f> {
    folder: &'f Folder,
    /// The path of the folder that is kept open, below `folder`.
    near: Utf8PathBuf,
    handle: Option<Handle>,
}

impl Folder {
    /// The folder at that path.
    pub fn at(path: &Utf8Path) -> Folder {
        Folder { path: path.to_owned(), handle: system::folder(None, path) }
    }

    /// Its files, one after the other.
    pub fn in_turn(&self) -> InTurn<'_> {
        InTurn { folder: self, near: Utf8PathBuf::new(), handle: None }
    }

    fn open_as(&self, file: &Utf8Path, what_for: Use) -> io::Result<File> {
        match &self.handle {
            Some(folder) => system::file(Some(folder), file, what_for),
            None => system::file(None, &self.path.join(file), what_for),
        }
    }
}

impl InTurn<'_> {
    /// Opens a file to be read, and waits for nobody: what has become a pipe meanwhile has nothing to say, and would keep
    /// all others from `out/`.
    pub fn open(&mut self, file: &Utf8Path) -> io::Result<File> {
        self.open_as(file, Use::Read)
    }

    /// Makes a file anew.
    pub fn create(&mut self, file: &Utf8Path) -> io::Result<File> {
        self.open_as(file, Use::Create)
    }

    /// What a file holds.
    pub fn read(&mut self, file: &Utf8Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(file)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open_as(&mut self, file: &Utf8Path, what_for: Use) -> io::Result<File> {
        let Some((parent, name)) = file.as_str().rsplit_once('/') else {
            return self.folder.open_as(file, what_for);
        };
        let parent = Utf8Path::new(parent);
        if self.handle.is_none() || self.near.as_str() != parent.as_str() {
            self.handle = self.folder.handle.as_ref().and_then(|folder| system::folder(Some(folder), parent));
            parent.clone_into(&mut self.near);
        }
        match &self.handle {
            Some(near) => system::file(Some(near), Utf8Path::new(name), what_for),
            // Whatever is wrong with it.
            None => self.folder.open_as(file, what_for),
        }
    }
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug)]
enum Use {
    Read,
    Create,
}

/// By the system's own calls, which open what lies in an open folder.
#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;

    use camino::Utf8Path;
    use rustix::fs::{CWD, Mode, OFlags, openat};

    use super::Use;

    pub type Handle = rustix::fd::OwnedFd;

    /// A folder, from another or from where the process runs.
    pub fn folder(from: Option<&Handle>, path: &Utf8Path) -> Option<Handle> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
        open(from, path, flags, Mode::empty()).ok()
    }

    /// A file, from a folder or from where the process runs.
    pub fn file(from: Option<&Handle>, path: &Utf8Path, what_for: Use) -> io::Result<File> {
        let flags = match what_for {
            Use::Read => OFlags::RDONLY | OFlags::NONBLOCK,
            Use::Create => OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC,
        };
        // As the standard library asks for it; the user's mask takes away what is too much.
        let mode = Mode::from_raw_mode(0o666);
        Ok(open(from, path, flags | OFlags::CLOEXEC, mode)?.into())
    }

    fn open(
        from: Option<&Handle>,
        path: &Utf8Path,
        flags: OFlags,
        mode: Mode,
    ) -> Result<Handle, rustix::io::Errno> {
        match from {
            Some(folder) => openat(folder, path.as_std_path(), flags, mode),
            None => openat(CWD, path.as_std_path(), flags, mode),
        }
    }
}

/// By whole paths.
#[cfg(not(unix))]
mod system {
    use std::fs::File;
    use std::io;

    use camino::Utf8Path;

    use super::Use;

    /// There is none.
    #[derive(Debug)]
    pub enum Handle {}

    pub fn folder(_from: Option<&Handle>, _path: &Utf8Path) -> Option<Handle> {
        None
    }

    pub fn file(_from: Option<&Handle>, path: &Utf8Path, what_for: Use) -> io::Result<File> {
        match what_for {
            Use::Read => File::open(path),
            Use::Create => File::create(path),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_pipe_that_nobody_writes_to_keeps_nobody_waiting() {
        let place = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(place.path()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(path.join("pipe")).status().unwrap();
        assert!(made.success());
        assert!(Folder::at(path).in_turn().read(Utf8Path::new("pipe")).unwrap().is_empty());
    }

    #[test]
    fn files_are_made_and_read_from_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(place.path()).unwrap();
        let folder = Folder::at(path);
        let mut files = folder.in_turn();
        let (top, file, other) = (Utf8Path::new("top"), Utf8Path::new("a/b"), Utf8Path::new("a/c"));
        assert_eq!(files.create(file).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::create_dir(path.join("a")).unwrap();
        for (file, text) in [(file, "one"), (top, "two"), (other, "three")] {
            files.create(file).unwrap().write_all(text.as_bytes()).unwrap();
            assert_eq!(files.read(file).unwrap(), text.as_bytes());
        }
        assert_eq!(std::fs::read_to_string(path.join(other)).unwrap(), "three");
        let missing = Folder::at(&path.join("no"));
        assert_eq!(missing.in_turn().read(file).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
