//! Which names the files of a folder can have, since others refer to them by these.

use tegata_rbac::{NameError, names};

use super::Folder;

/// Why a name can't be that of a file of a folder.
pub struct Unfit {
    /// What is wrong, to be read after the name; nothing where it could be one, and makes a bad file.
    pub problem: Option<String>,
    /// What is allowed, to be read after "write".
    pub rule: &'static str,
}

/// What makes a file's name none for what it describes.
pub fn problem(folder: Folder, name: &str) -> Option<NameError> {
    let result = match folder {
        Folder::Roles => names::path_segment(name),
        Folder::Clusters | Folder::Runners => names::dns_label(name),
    };
    result.err()
}

/// What keeps a name from being that of a new file.
pub fn unfit(folder: Folder, name: &str) -> Option<Unfit> {
    if let Some(error) = problem(folder, name) {
        return Some(Unfit { problem: Some(error.message().to_owned()), rule: error.rule() });
    }
    let is_strange = folder == Folder::Roles && (name.starts_with('.') || !name.chars().all(fits));
    is_strange.then_some(Unfit {
        problem: None,
        rule: "a name of letters, digits, `-`, `_`, `.` and `:`, a dot not first",
    })
}

/// Whether a character of a role's name makes a good file's name.
pub fn fits(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.:".contains(character)
}
