//! Folders: removed, copied, counted.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::process;

/// Removes a folder, if it is there.
pub fn remove(folder: &Utf8Path) -> Result<()> {
    match fs_err::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// How long the system works on after what was written is on disk.
const REST: Duration = Duration::from_secs(1);

/// Waits until what was written is on disk, so that no run pays for the one before it.
pub fn settle() {
    // Where there is no `sync`, the figures are a little less even: nothing else depends on it.
    let _ = Command::new("sync").status();
    std::thread::sleep(REST);
}

/// What kind of file system a folder is on, where `stat` can say it.
pub fn file_system(folder: &Utf8Path) -> Option<String> {
    let output = Command::new("stat").args(["-f", "-c", "%T"]).arg(folder).output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !name.is_empty()).then_some(name)
}

/// The folder whose files are kept in memory, where the system has one.
pub fn memory() -> Option<Utf8PathBuf> {
    let folder = Utf8PathBuf::from("/dev/shm");
    (file_system(&folder).as_deref() == Some("tmpfs")).then_some(folder)
}

/// Reads every file of a folder once.
fn warm(folder: &Utf8Path) -> Result<()> {
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            fs_err::read(entry.path())?;
        }
    }
    Ok(())
}

/// Reads every file of a folder, and waits until the system has taken note of it.
pub fn rest(folder: &Utf8Path) -> Result<()> {
    warm(folder)?;
    settle();
    Ok(())
}

/// How long `cp -r` takes.
pub fn time_copy(from: &Utf8Path, to: &Utf8Path) -> Result<Duration> {
    process::time(Command::new("cp").arg("-r").arg(from).arg(to))
}

/// The number of files in a folder, and their bytes.
pub fn count(folder: &Utf8Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            files += 1;
            bytes += entry.metadata()?.len();
        }
    }
    Ok((files, bytes))
}
