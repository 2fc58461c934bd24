//! Phase 6, *write*: only what differs, each file whole, all of them or a mark that says otherwise.
//!
//! New text is staged in `out/.tegata/new/` while files are still rendered, so that nothing in place changes
//! before everything is known to be right, and memory holds one file at a time. Then the journal is written,
//! what is stale goes, what is staged moves into place, and `out/.tegata/` is removed. A process that is killed
//! leaves every file old or new, and `out/.tegata/`: that folder is the mark of an unfinished write.

mod existing;
mod staging;

pub use existing::{Existing, existing};
pub use staging::{Claim, Stager, Staging};

use camino::{Utf8Path, Utf8PathBuf};

/// The folder that exists while a write is under way.
pub const MARK: &str = ".tegata";

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Created,
    /// Its text differs.
    Changed,
    /// Nothing renders it any more.
    Removed,
}

impl Change {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Change::Created => "created",
            Change::Changed => "changed",
            Change::Removed => "removed",
        }
    }
}

/// A file that differs from what is rendered.
#[derive(Clone, Debug)]
pub struct FileChange {
    /// Its path from the workspace's root.
    pub path: Utf8PathBuf,
    /// What happens to it.
    pub change: Change,
    /// The difference as a unified diff, where it was asked for.
    pub diff: Option<String>,
}

/// A failure of the disk, with the path.
#[derive(Debug)]
pub struct WriteError {
    /// The path below `out/`, or `out/` itself.
    pub path: Utf8PathBuf,
    /// What failed.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl WriteError {
    fn io(path: &Utf8Path, doing: &str, error: &std::io::Error) -> WriteError {
        WriteError {
            path: path.to_owned(),
            message: format!("can't {doing}: {error}"),
            help: "check permissions and free space, then run `cargo xtask render` again",
        }
    }
}

/// Whether an earlier write did not come to its end.
pub fn is_unfinished(out: &Utf8Path) -> bool {
    out.join(MARK).symlink_metadata().is_ok()
}

/// The difference between two texts as a unified diff; a missing text is empty.
pub fn unified_diff(path: &Utf8Path, old: Option<&str>, new: Option<&str>) -> String {
    let name = |text: Option<&str>, prefix: &str| {
        text.map_or_else(|| "/dev/null".to_owned(), |_| format!("{prefix}/{path}"))
    };
    similar::TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default())
        .unified_diff()
        .context_radius(3)
        .header(&name(old, "a"), &name(new, "b"))
        .to_string()
}
