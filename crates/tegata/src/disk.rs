//! Files that are there when a folder is listed, and may be something else when they are opened.

use std::fs::File;
use std::io::{self, Read};

use camino::Utf8Path;

/// Opens a file to be read, and waits for nobody: what has become a pipe meanwhile has nothing to say, and would keep all
/// others from `out/`.
#[cfg(unix)]
pub fn open(path: &Utf8Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(rustix::fs::open(path.as_str(), flags, Mode::empty())?.into())
}

/// Opens a file to be read.
#[cfg(not(unix))]
pub fn open(path: &Utf8Path) -> io::Result<File> {
    File::open(path)
}

/// What a file holds, which is opened so.
pub fn read(path: &Utf8Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_nobody_writes_to_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(read(&path).unwrap().is_empty());
    }
}
