//! Finds and reads the files of a workspace.

use std::fs::File;
use std::io::Read;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::{DirEntry, WalkDir};

use super::unread;
use crate::diagnostic::Diagnostic;
use crate::disk::InTurn;

/// The file that marks the root of a workspace.
pub const ROOT_FILE: &str = "tegata.yaml";
/// The folders that are read, and whether their sub-folders are.
pub(super) const FOLDERS: [(&str, bool); 5] =
    [("clusters", false), ("runners", false), ("roles", false), ("projects", true), ("templates", true)];
/// What to write into it.
pub const ROOT_LINES: &str = "write it, with the lines `version: 1` and `workspace: NAME`";
/// Larger than any file that makes sense.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;

/// The paths of all input files from the root, in their order.
pub fn paths(root: &Utf8Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<Utf8PathBuf> {
    let mut paths = Vec::new();
    match check_root_file(root) {
        Err(diagnostic) => diagnostics.push(*diagnostic),
        Ok(()) => paths.push(Utf8PathBuf::from(ROOT_FILE)),
    }
    for (folder, nested) in FOLDERS {
        list(root, folder, nested, &mut paths, diagnostics);
    }
    unread::beside(root, diagnostics);
    paths
}

/// A `tegata.yaml` that is there must be a file; that it is missing, [`read`] says.
fn check_root_file(root: &Utf8Path) -> Result<(), Box<Diagnostic>> {
    match root.join(ROOT_FILE).symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => check_link(root, Utf8Path::new(ROOT_FILE)),
        Ok(metadata) if !metadata.is_file() => Err(Box::new(not_a_file(Utf8Path::new(ROOT_FILE)))),
        _ => Ok(()),
    }
}

fn not_a_file(path: &Utf8Path) -> Diagnostic {
    Diagnostic::file_error("not-a-file", path, "neither a file nor a folder")
        .help("put a file there, or remove it")
}

fn list(
    root: &Utf8Path,
    folder: &str,
    nested: bool,
    paths: &mut Vec<Utf8PathBuf>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let top = root.join(folder);
    match top.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Ok(metadata) if metadata.is_dir() => {}
        _ => {
            diagnostics.push(
                Diagnostic::file_error("not-a-folder", folder, format!("{folder} is not a folder")).help(
                    format!("make it a folder inside the workspace: its files are read from {folder}/"),
                ),
            );
            return;
        }
    }
    // By their names: the paths of what lies in one folder differ in nothing else, and are there as they are.
    let by_path = |a: &DirEntry, b: &DirEntry| a.path().as_os_str().cmp(b.path().as_os_str());
    let walk = WalkDir::new(&top).min_depth(1).sort_by(by_path).into_iter();
    let visible = |entry: &DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    for entry in walk.filter_entry(visible) {
        let path = match entry {
            Ok(entry) => inside(root, folder, nested, &entry),
            Err(error) => {
                let reason =
                    error.io_error().map_or_else(|| "it contains itself".to_owned(), ToString::to_string);
                Err(Box::new(
                    Diagnostic::file_error("unreadable", folder, format!("can't list the folder: {reason}"))
                        .help("check its permissions, and those of its sub-folders"),
                ))
            }
        };
        match path {
            Ok(Some(path)) => paths.push(path),
            Ok(None) => {}
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
}

/// The path of an entry from the root, where it is a file to read.
fn inside(
    root: &Utf8Path,
    folder: &str,
    nested: bool,
    entry: &DirEntry,
) -> Result<Option<Utf8PathBuf>, Box<Diagnostic>> {
    let Some(path) = Utf8Path::from_path(entry.path()) else {
        return Err(Box::new(
            Diagnostic::file_error(
                "invalid-name",
                folder,
                format!("the name of `{}` is not UTF-8", entry.file_name().to_string_lossy()),
            )
            .help("rename it, with plain letters"),
        ));
    };
    let path = path.strip_prefix(root).unwrap_or(path).to_owned();
    let kind = entry.file_type();
    if kind.is_dir() {
        return if nested { Ok(None) } else { misplaced_folder(folder, path) };
    }
    if !nested && path.components().count() > 2 {
        return Ok(None);
    }
    if kind.is_symlink() {
        check_link(root, &path)?;
    } else if !kind.is_file() {
        // Before anybody opens it: a pipe would keep them waiting.
        return Err(Box::new(not_a_file(&path)));
    }
    if folder == "templates" {
        return Ok((!unread::is_leftover(&path)).then_some(path));
    }
    if unread::ends_right(&path) {
        return Ok(Some(path));
    }
    match unread::wrong_ending(root, folder, &path) {
        Some(diagnostic) => Err(Box::new(diagnostic)),
        None => Ok(None),
    }
}

fn misplaced_folder(folder: &str, path: Utf8PathBuf) -> Result<Option<Utf8PathBuf>, Box<Diagnostic>> {
    Err(Box::new(
        Diagnostic::file_error(
            "misplaced-folder",
            path,
            format!("{folder}/ has no sub-folders: a file's name is the name of what it describes"),
        )
        .help(format!("move its files to {folder}/ itself")),
    ))
}

/// A symbolic link must lead to a file inside the workspace.
fn check_link(root: &Utf8Path, path: &Utf8Path) -> Result<(), Box<Diagnostic>> {
    let target = root.join(path).canonicalize_utf8();
    let root = root.canonicalize_utf8();
    let (message, help) = match (&target, &root) {
        (Ok(target), Ok(root)) if target.starts_with(root) && target.is_file() => return Ok(()),
        (Ok(target), Ok(root)) if target.starts_with(root) && target.is_dir() => {
            ("the symbolic link leads to a folder", "put the files here themselves")
        }
        (Ok(target), Ok(root)) if target.starts_with(root) => (
            "the symbolic link leads to what is no file",
            "remove it, or make it lead to a file of the workspace",
        ),
        (Ok(_), Ok(_)) => (
            "the symbolic link leads out of the workspace",
            "put the file here itself: what is reviewed must be in the workspace",
        ),
        _ => ("the symbolic link leads nowhere", "remove it, or make it lead to a file of the workspace"),
    };
    Err(Box::new(Diagnostic::file_error("symlink", path, message).help(help)))
}

/// What to do where there is no `tegata.yaml`.
fn root_file_help(root: &Utf8Path) -> String {
    let near = "tegata.yml";
    if root.join(near).is_file() { format!("rename {near} to {ROOT_FILE}") } else { ROOT_LINES.to_owned() }
}

/// The text of an input file of the workspace at `root`, whose files are opened from `folder`.
pub fn read(root: &Utf8Path, folder: &mut InTurn<'_>, path: &Utf8Path) -> Result<String, Box<Diagnostic>> {
    let unreadable = |error: &std::io::Error| {
        if error.kind() == std::io::ErrorKind::NotFound && path == ROOT_FILE {
            return Box::new(
                Diagnostic::file_error(
                    "unreadable",
                    path,
                    format!("there is no {ROOT_FILE}, which marks the root of a workspace"),
                )
                .help(root_file_help(root)),
            );
        }
        Box::new(
            Diagnostic::file_error("unreadable", path, format!("can't read it: {error}"))
                .help("check that the file exists and that you may read it"),
        )
    };
    let file = folder.open(path).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(Box::new(not_a_file(path)));
    }
    let bytes = content(file, metadata.len()).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Box::new(
            Diagnostic::file_error("too-large", path, "larger than 1 MiB")
                .help("no file of a workspace needs that: split it"),
        ));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        if matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            return Box::new(
                Diagnostic::file_error("not-utf-8", path, "the file is in UTF-16").help("save it as UTF-8"),
            );
        }
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        Box::new(
            Diagnostic::file_error("not-utf-8", path, format!("line {line} is not UTF-8 (byte {})", at + 1))
                .help("save the file as UTF-8"),
        )
    })?;
    if text.starts_with('\u{feff}') {
        // Windows editors put a byte order mark there; it says nothing, and would count as a column.
        text.remove(0);
    }
    Ok(with_line_feeds(text))
}

/// What a file of that size holds; of one that is too large, a byte too many.
fn content(file: File, size: u64) -> std::io::Result<Vec<u8>> {
    // The end is where the system says that it is, and not looked for; but some files have no size.
    let most = if size == 0 { MAX_BYTES + 1 } else { size.min(MAX_BYTES + 1) };
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_BYTES + 1)).unwrap_or_default());
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every line ends with a line feed, whatever the editor or git wrote: a template's line ends would show up in
/// what is rendered. No line or column moves.
fn with_line_feeds(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The root of the workspace that a folder belongs to: the nearest one upwards with `tegata.yaml`.
pub fn find_root(from: &Utf8Path) -> Option<Utf8PathBuf> {
    from.ancestors().find(|folder| folder.join(ROOT_FILE).is_file()).map(Utf8Path::to_owned)
}
