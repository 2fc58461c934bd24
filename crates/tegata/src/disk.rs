//! Files below a folder, opened from there.
//!
//! The system looks up each part of a path, for each of thousands of files: those above the folder need it once. And what
//! was a file when the folder was listed may be something else when it is opened.

use std::fs::File;
use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};

/// A folder whose files are opened.
#[derive(Debug)]
pub struct Folder {
    path: Utf8PathBuf,
    /// None where the folder can't be opened: the system says why when it is asked for a file.
    #[cfg(unix)]
    handle: Option<rustix::fd::OwnedFd>,
}

#[cfg(unix)]
impl Folder {
    /// The folder at that path.
    pub fn at(path: &Utf8Path) -> Folder {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
        let handle = rustix::fs::open(path.as_std_path(), flags, Mode::empty()).ok();
        Folder { path: path.to_owned(), handle }
    }

    /// Opens a file to be read, and waits for nobody: what has become a pipe meanwhile has nothing to say, and would keep
    /// all others from `out/`.
    pub fn open(&self, file: &Utf8Path) -> io::Result<File> {
        use rustix::fs::OFlags;
        self.open_as(file, OFlags::RDONLY | OFlags::NONBLOCK)
    }

    /// Makes a file anew.
    pub fn create(&self, file: &Utf8Path) -> io::Result<File> {
        use rustix::fs::OFlags;
        self.open_as(file, OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC)
    }

    fn open_as(&self, file: &Utf8Path, flags: rustix::fs::OFlags) -> io::Result<File> {
        use rustix::fs::{CWD, Mode, OFlags, openat};
        let flags = flags | OFlags::CLOEXEC;
        // As the standard library asks for it; the user's mask takes away what is too much.
        let mode = Mode::from_raw_mode(0o666);
        let opened = match &self.handle {
            Some(folder) => openat(folder, file.as_std_path(), flags, mode),
            None => openat(CWD, self.path.join(file).as_std_path(), flags, mode),
        };
        Ok(opened?.into())
    }
}

#[cfg(not(unix))]
impl Folder {
    /// The folder at that path.
    pub fn at(path: &Utf8Path) -> Folder {
        Folder { path: path.to_owned() }
    }

    /// Opens a file to be read.
    pub fn open(&self, file: &Utf8Path) -> io::Result<File> {
        File::open(self.path.join(file))
    }

    /// Makes a file anew.
    pub fn create(&self, file: &Utf8Path) -> io::Result<File> {
        File::create(self.path.join(file))
    }
}

impl Folder {
    /// What a file holds.
    pub fn read(&self, file: &Utf8Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(file)?.read_to_end(&mut bytes)?;
        Ok(bytes)
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
        assert!(Folder::at(path).read(Utf8Path::new("pipe")).unwrap().is_empty());
    }

    #[test]
    fn files_are_made_and_read_from_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(place.path()).unwrap();
        let (file, folder) = (Utf8Path::new("a/b"), Folder::at(path));
        assert_eq!(folder.create(file).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::create_dir(path.join("a")).unwrap();
        folder.create(file).unwrap().write_all(b"text").unwrap();
        assert_eq!(folder.read(file).unwrap(), b"text");
        assert_eq!(Folder::at(&path.join("no")).read(file).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
